"""What members can do with what they promised themselves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lms_plc.agreements.forms import CharterForm, GoalForm, Proposed
from lms_plc.agreements.models import CharterVersion, Goal, Norm
from lms_plc.agreements.queries import GoalLoaded, NormLoaded
from lms_plc.communities.consent import Proposal, RoundSeen, adopts, open_round
from lms_plc.communities.founding import travels_with_charter
from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, render
from lms_plc.web.i18n import N_

BESIDE_THE_PURPOSE = ("definition", "rhythm", "leaves_room", "photos", "languages")
"""Parts of a charter that are kept with its versions only."""


class CharterMovedOn(Exception):
    """Somebody else changed the charter meanwhile; nothing was overwritten."""


def write_charter(
    session: Session, actor: Actor, community: CommunitySeen, form: CharterForm, round_id: UUID | None = None
) -> None:
    """Writes down what the community promised itself; how it read before stays. Raises CharterMovedOn."""
    written = session.execute(
        update(Community)
        .where(Community.id == community.id, Community.charter_version == form.based_on)
        .values(
            charter=form.charter,
            charter_html=render(form.charter).html,
            charter_renderer=RENDERER,
            charter_version=form.based_on + 1,
            charter_changed_at=actor.at,
        )
        .returning(Community.id)
    ).one_or_none()
    if written is None:
        raise CharterMovedOn
    _keep_what_stood(session, community)
    _keep_version(session, community.id, form.based_on + 1, _words(form), actor.at, actor.person_id, round_id)
    _tell(session, "charter.written", Reference("community", community.id), actor, community, _version(form))


def propose_charter(session: Session, actor: Actor, community: CommunitySeen, form: CharterForm) -> UUID:
    """Puts new words for the charter to the community. Raises CharterMovedOn."""
    if form.based_on != community.charter_version:
        raise CharterMovedOn
    changes = {**_words(form), "based_on": form.based_on}
    proposal = Proposal("charter", form.text, community.id, changes)
    return open_round(session, actor, community, proposal, form.form_key or new_id().hex)


@adopts("charter", N_("New words for our agreements"))
def adopt_charter(session: Session, actor: Actor, community: CommunitySeen, agreed: RoundSeen) -> None:
    words = {**agreed.changes, "charter": agreed.changes["purpose"]}
    write_charter(session, actor, community, CharterForm(**words), agreed.id)


def add_norm(
    session: Session, actor: Actor, community: CommunitySeen, text: str, agreed: RoundSeen | None = None
) -> UUID:
    """A promise to each other, one more."""
    norm_id = new_id()
    session.execute(
        insert(Norm).values(
            id=norm_id,
            community_id=community.id,
            text=text,
            added_by=agreed.opened_by if agreed else actor.person_id,
            added_at=actor.at,
            round_id=agreed.id if agreed else None,
        )
    )
    _tell(session, "norm.added", Reference("norm", norm_id), actor, community, {})
    return norm_id


@adopts(Proposed.NORM.value, N_("A promise to each other"))
def adopt_norm(session: Session, actor: Actor, community: CommunitySeen, agreed: RoundSeen) -> None:
    add_norm(session, actor, community, agreed.proposal, agreed)


def review_norm(session: Session, actor: Actor, community: CommunitySeen, norm: NormLoaded) -> None:
    """The community looked at it again, and it still holds."""
    session.execute(update(Norm).where(Norm.id == norm.id).values(reviewed_at=actor.at, reviewed_by=actor.person_id))
    _tell(session, "norm.reviewed", Reference("norm", norm.id), actor, community, {})


def end_norm(session: Session, actor: Actor, community: CommunitySeen, norm_id: UUID) -> None:
    """It holds no more. Where it was cited it can still be read."""
    ended = session.execute(
        update(Norm)
        .where(Norm.id == norm_id, Norm.community_id == community.id, Norm.ended_at.is_(None))
        .values(ended_at=actor.at)
        .returning(Norm.id)
    ).one_or_none()
    if ended is not None:
        _tell(session, "norm.ended", Reference("norm", norm_id), actor, community, {})


@adopts("norm_end", N_("End a promise"))
def adopt_norm_end(session: Session, actor: Actor, community: CommunitySeen, agreed: RoundSeen) -> None:
    assert agreed.subject_id is not None
    end_norm(session, actor, community, agreed.subject_id)


@adopts(Proposed.GOAL.value, N_("A goal"))
def adopt_goal(session: Session, actor: Actor, community: CommunitySeen, agreed: RoundSeen) -> None:
    goal_id = new_id()
    session.execute(
        insert(Goal).values(
            id=goal_id,
            community_id=community.id,
            round_id=agreed.id,
            text=agreed.proposal,
            state="agreed",
            note="",
            agreed_at=actor.at,
        )
    )
    _tell(session, "goal.agreed", Reference("goal", goal_id), actor, community, {"round_id": str(agreed.id)})


@adopts(Proposed.DECISION.value, N_("A decision"))
def adopt_decision(session: Session, actor: Actor, community: CommunitySeen, agreed: RoundSeen) -> None:
    """Nothing follows by itself: the round is what is kept of it."""


def close_goal(session: Session, actor: Actor, community: CommunitySeen, goal: GoalLoaded, form: GoalForm) -> None:
    """Says what became of a goal; said a second time, the later word counts."""
    session.execute(
        update(Goal)
        .where(Goal.id == goal.id)
        .values(state=form.state.value, note=form.text, closed_by=actor.person_id, closed_at=actor.at)
    )
    _tell(session, "goal.closed", Reference("goal", goal.id), actor, community, {"state": form.state.value})


@travels_with_charter
def copy_to_twin(session: Session, original_id: UUID, twin_id: UUID, at: datetime) -> None:
    """The other parts of the charter and the promises in force; who made them is the original's affair."""
    latest = session.execute(
        select(CharterVersion.__table__)
        .where(CharterVersion.community_id == original_id)
        .order_by(CharterVersion.version.desc())
        .limit(1)
    ).one_or_none()
    if latest is not None:
        words = {name: getattr(latest, name) for name in ("purpose", *BESIDE_THE_PURPOSE)}
        _keep_version(session, twin_id, 1, words, at, None, None)
    norms = session.execute(
        select(Norm.text).where(Norm.community_id == original_id, Norm.ended_at.is_(None)).order_by(Norm.id)
    ).scalars()
    for text in norms.all():
        session.execute(insert(Norm).values(id=new_id(), community_id=twin_id, text=text, added_at=at))


def _keep_what_stood(session: Session, community: CommunitySeen) -> None:
    """A charter from before versions were kept becomes the first of them."""
    stood = select(CharterVersion.id).where(CharterVersion.community_id == community.id).limit(1)
    if community.charter_version and session.execute(stood).one_or_none() is None:
        words = {"purpose": community.charter or "", **dict.fromkeys(BESIDE_THE_PURPOSE, "")}
        at = community.charter_changed_at or community.created_at
        _keep_version(session, community.id, community.charter_version, words, at, None, None)


def _keep_version(
    session: Session,
    community_id: UUID,
    version: int,
    words: Mapping[str, str],
    at: datetime,
    written_by: UUID | None,
    round_id: UUID | None,
) -> None:
    session.execute(
        insert(CharterVersion).values(
            id=new_id(),
            community_id=community_id,
            version=version,
            written_by=written_by,
            round_id=round_id,
            at=at,
            **words,
        )
    )


def _words(form: CharterForm) -> dict[str, str]:
    return {"purpose": form.charter, **{name: getattr(form, name) for name in BESIDE_THE_PURPOSE}}


def _version(form: CharterForm) -> dict[str, Any]:
    return {"version": form.based_on + 1}


def _tell(
    session: Session, verb: str, thing: Reference, actor: Actor, community: CommunitySeen, facts: Mapping[str, Any]
) -> None:
    record_by(session, actor, verb, thing, site_id=community.site_id, community_id=community.id, facts=facts)
