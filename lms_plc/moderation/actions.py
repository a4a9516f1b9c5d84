"""What can be done when somebody was hurt. Each verb locks the case, so two who lead never decide past each other.

The events say which case and which step, never whose name stands behind a report and never a word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.models import RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.things import Keeper, Thing, keeper_of
from lms_plc.moderation.forms import Step
from lms_plc.moderation.models import CaseStep, ModerationCase, Report
from lms_plc.moderation.queries import AGAIN, LEADING, CaseSeen

OPEN = frozenset({Step.REPORTED, Step.TALKED})
FROM: Mapping[Step, frozenset[Step]] = {
    Step.TALKED: frozenset({Step.REPORTED, Step.TALKED, Step.HIDDEN}),
    Step.SETTLED: OPEN,
    Step.HIDDEN: OPEN,
    Step.RESTORED: frozenset({Step.HIDDEN, Step.REMOVED, Step.APPEALED}),
    Step.REMOVED: OPEN | {Step.HIDDEN},
    Step.UPHELD: frozenset({Step.APPEALED}),
    Step.APPEALED: frozenset({Step.HIDDEN, Step.REMOVED}),
}
"""Step → the states it can be taken from. Removing without hiding first is for danger."""


class MovedOn(Exception):
    """Somebody else decided meanwhile; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is asked for or decided, and which promise of the community it is about."""

    text: str
    norm: str | None = None


def report(
    session: Session,
    actor: Actor,
    thing: Thing,
    words: str,
    place: tuple[UUID, UUID],
    reason: Reason,
    *,
    unnamed: bool,
) -> UUID:
    """Asks who leads for help with a thing; ``place`` is the community that helps, and its site. Once a person and
    thing: a second time answers the case of the first, unless that was settled. Then it begins anew, and what the
    person said before stays above what they say now."""
    case_id, community_id = _case(session, actor.at, thing, words, place[0])
    begun_anew = session.execute(
        update(ModerationCase)
        .where(ModerationCase.id == case_id, ModerationCase.state.in_([state.value for state in AGAIN]))
        .values(state=Step.REPORTED.value, before_appeal=None, final_at=None, as_seen=words, decided_by_id=None)
        .returning(ModerationCase.id)
    ).one_or_none()
    asked = upsert(session, Report).values(
        id=new_id(),
        case_id=case_id,
        person_id=actor.person_id,
        norm=reason.norm,
        text=reason.text,
        unnamed=unnamed,
        at=actor.at,
    )
    one = ["case_id", "person_id"]
    noted = session.execute(
        (
            asked.on_conflict_do_update(
                index_elements=one,
                set_={
                    "norm": reason.norm,
                    "text": Report.text + "\n\n" + reason.text,
                    "unnamed": unnamed,
                    "at": actor.at,
                },
            )
            if begun_anew is not None
            else asked.on_conflict_do_nothing(index_elements=one)
        ).returning(Report.id)
    ).one_or_none()
    if noted is None:
        return case_id
    about = (case_id, community_id, place[1])
    # the log must be no way round: whoever reads it finds no reporter
    _tell(session, Step.REPORTED, about, actor.at, None, leaders(session.connection(), community_id, actor.at))
    return case_id


def decide(session: Session, actor: Actor, case: CaseSeen, step: Step, reason: Reason) -> None:
    """One who leads talks to the author, hides, shows again, removes, or answers an objection. Raises MovedOn."""
    state = _lock(session, case, step)
    keeper = _keeper(case)
    final = state == Step.APPEALED
    now: dict[str, Any] = {"state": step.value}
    match step:
        case Step.TALKED:
            now = {"state": state.value} if state == Step.HIDDEN else now
        case Step.SETTLED:
            now |= {"as_seen": ""}
        case Step.HIDDEN:
            keeper.hide(session, case.thing.id, actor.at)
        case Step.REMOVED:
            # only hidden as yet: the author may object, and then it can still be shown again
            keeper.hide(session, case.thing.id, actor.at)
        case Step.RESTORED:
            keeper.restore(session, case.thing.id, actor.at)
            now |= {"as_seen": ""}
        case Step.UPHELD:
            now = {"state": case.before_appeal}
            if case.before_appeal == Step.REMOVED:
                keeper.remove(session, case.thing.id, actor.at)
                now |= {"gone_at": actor.at, "as_seen": "", "title": ""}
    if step != Step.TALKED:
        now |= {"decided_at": actor.at, "decided_by_id": actor.person_id}
    if step != Step.SETTLED or case.told_at:
        now["told_at"] = case.told_at or actor.at
    if final:
        now["final_at"] = actor.at
    session.execute(update(ModerationCase).where(ModerationCase.id == case.id).values(now))
    _note(session, case.id, actor, step, reason)
    to = [case.author_id] if case.author_id and now.get("told_at") else []
    _tell(session, step, _about(case), actor.at, actor.person_id, to)


def answer(session: Session, actor: Actor, case: CaseSeen, text: str) -> None:
    """The author says how they see it."""
    _note(session, case.id, actor, Step.ANSWERED, Reason(text))
    _tell(session, Step.ANSWERED, _about(case), actor.at, actor.person_id, _judges(session, case, actor.at))


def appeal(session: Session, actor: Actor, case: CaseSeen, text: str) -> None:
    """The author objects, once; somebody else who leads answers, if there is anybody. Raises MovedOn."""
    state = _lock(session, case, Step.APPEALED)
    if case.final_at is not None or case.gone_at is not None:
        raise MovedOn
    session.execute(
        update(ModerationCase)
        .where(ModerationCase.id == case.id)
        .values(state=Step.APPEALED.value, before_appeal=state.value)
    )
    _note(session, case.id, actor, Step.APPEALED, Reason(text))
    _tell(session, Step.APPEALED, _about(case), actor.at, actor.person_id, _judges(session, case, actor.at))


def finish(session: Session, case_id: UUID, at: datetime) -> None:
    """Nobody objected in time: what was removed is gone for good, and so is our copy of it."""
    row = session.execute(
        select(
            ModerationCase.thing_kind,
            ModerationCase.thing_id,
            ModerationCase.community_id,
            ModerationCase.state,
            ModerationCase.gone_at,
        )
        .where(ModerationCase.id == case_id)
        .with_for_update()
    ).one()
    keeper = keeper_of(row.thing_kind)
    if row.state != Step.REMOVED.value or row.gone_at is not None or keeper is None:
        return
    keeper.remove(session, row.thing_id, at)
    session.execute(update(ModerationCase).where(ModerationCase.id == case_id).values(gone_at=at, as_seen="", title=""))
    session.add(CaseStep(id=new_id(), case_id=case_id, person_id=None, step=Step.FINISHED.value, text="", at=at))
    _tell(session, Step.FINISHED, (case_id, row.community_id, None), at, None, [], via="moderation")


def leaders(connection: Connection, community_id: UUID, at: datetime, *but: UUID | None) -> list[UUID]:
    """Ids of who leads a community, without these if anybody else does."""
    ids = connection.execute(
        select(RoleAssignment.person_id)
        .where(
            RoleAssignment.community_id == community_id,
            RoleAssignment.role.in_([role.value for role in LEADING]),
            in_force(at),
        )
        .distinct()
        .limit(50)
    ).scalars()
    known = sorted(ids)
    return [one for one in known if one not in but] or known


def _case(session: Session, at: datetime, thing: Thing, words: str, community_id: UUID) -> tuple[UUID, UUID]:
    """The one case of a thing, and the community that helps: that of whoever asked first."""
    reference = thing.reference
    session.execute(
        upsert(session, ModerationCase)
        .values(
            id=new_id(),
            community_id=community_id,
            thing_kind=reference.kind,
            thing_id=reference.id,
            author_id=thing.author_id,
            private=thing.community_id is None,
            title=thing.title[:300],
            as_seen=words,
            state=Step.REPORTED.value,
            opened_at=at,
        )
        .on_conflict_do_nothing(index_elements=["thing_kind", "thing_id"])
    )
    row = session.execute(
        select(ModerationCase.id, ModerationCase.community_id).where(
            ModerationCase.thing_kind == reference.kind, ModerationCase.thing_id == reference.id
        )
    ).one()
    return row.id, row.community_id


def _lock(session: Session, case: CaseSeen, step: Step) -> Step:
    """The state as it is now, kept so until we are done."""
    state = Step(
        session.execute(select(ModerationCase.state).where(ModerationCase.id == case.id).with_for_update()).scalar_one()
    )
    if state != case.state or state not in FROM[step] or (step != Step.TALKED and case.gone_at is not None):
        raise MovedOn
    return state


def _keeper(case: CaseSeen) -> Keeper:
    keeper = keeper_of(case.thing.kind)
    assert keeper is not None, "a case is opened only about what can be kept"
    return keeper


def _judges(session: Session, case: CaseSeen, at: datetime) -> list[UUID]:
    return leaders(session.connection(), case.community_id, at, case.author_id, case.decided_by_id)


def _about(case: CaseSeen) -> tuple[UUID, UUID, UUID]:
    return case.id, case.community_id, case.site_id


def _note(session: Session, case_id: UUID, actor: Actor, step: Step, reason: Reason) -> None:
    session.add(
        CaseStep(
            id=new_id(),
            case_id=case_id,
            person_id=actor.person_id,
            step=step.value,
            norm=reason.norm,
            text=reason.text,
            at=actor.at,
        )
    )


def _tell(
    session: Session,
    step: Step,
    about: tuple[UUID, UUID, UUID | None],
    at: datetime,
    actor_id: UUID | None,
    to: Sequence[UUID],
    *,
    via: str = "page",
) -> None:
    """``to`` are those who should hear of it."""
    case_id, community_id, site_id = about
    record(
        session,
        f"case.{step.value}",
        Reference("case", case_id),
        at=at,
        actor_id=actor_id,
        via=via,
        site_id=site_id,
        community_id=community_id,
        facts={"step": step.value, "to": [str(one) for one in to]},
    )
