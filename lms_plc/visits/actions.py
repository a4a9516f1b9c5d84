"""What host and visitors can do. Each verb changes a visit only from a state it fits, and says whether it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import hide_row, show_row
from lms_plc.core.policy import Actor
from lms_plc.core.things import Keeper, keeper_of, keeps
from lms_plc.evidence.actions import keep_node
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.queries import kept_as
from lms_plc.visits.forms import NoteForm, PlanForm, ProposeForm, Sort
from lms_plc.visits.models import ObservationNote, Visit, VisitPerson
from lms_plc.visits.queries import (
    AGREED,
    CANCELLED,
    DEBRIEFED,
    DECLINED,
    KIND,
    NOTE,
    PLANNED,
    PROPOSED,
    REPORTED,
    RUNNING,
    TALKED_OVER,
    TO_NOTE,
    TO_PLAN,
    NoteSeen,
    VisitSeen,
    learned_there,
)


def propose(
    session: Session,
    actor: Actor,
    community: CommunitySeen,
    form: ProposeForm,
    people: Sequence[UUID],
    origin: Reference | None,
) -> UUID:
    """``people`` are all visitors, looked up before. Whoever opens their own lesson has agreed by that. The same form
    sent twice is one visit."""
    is_own = form.host_id == actor.person_id
    visit_id, is_new = once(
        session,
        Visit,
        ("proposed_by_id", "form_key"),
        community_id=community.id,
        kind=form.kind.value,
        proposed_by_id=actor.person_id,
        host_id=form.host_id,
        focus=form.focus,
        place="",
        state=AGREED if is_own else PROPOSED,
        learned="",
        origin_kind=origin.kind if origin else None,
        origin_id=origin.id if origin else None,
        form_key=form.form_key,
        created_at=actor.at,
        changed_at=actor.at,
        agreed_at=actor.at if is_own else None,
    )
    if not is_new:
        return visit_id
    rows = [{"visit_id": visit_id, "person_id": one, "joined_at": actor.at} for one in people]
    session.execute(insert(VisitPerson), rows)
    asked = people if is_own else [form.host_id]
    invited = [] if is_own else [one for one in people if one != actor.person_id]
    facts = {"to": [str(one) for one in asked], "invited": [str(one) for one in invited], "kind": form.kind.value}
    _record(session, actor, "proposed", visit_id, community.site_id, community.id, facts)
    return visit_id


def agree(session: Session, actor: Actor, seen: VisitSeen, focus: str) -> bool:
    """The host says yes, and what to look at."""
    return _change(session, actor, seen, (PROPOSED,), "agreed", state=AGREED, focus=focus, agreed_at=actor.at)


def set_focus(session: Session, actor: Actor, seen: VisitSeen, focus: str) -> bool:
    return _change(session, actor, seen, TO_NOTE, "focus_set", focus=focus)


def decline(session: Session, actor: Actor, seen: VisitSeen) -> bool:
    """Not now; nobody asks why."""
    return _change(session, actor, seen, (PROPOSED,), "declined", state=DECLINED)


def plan(session: Session, actor: Actor, seen: VisitSeen, form: PlanForm, zone: ZoneInfo) -> bool:
    starts_at = datetime.combine(form.day, form.starts, zone).astimezone(UTC)
    place = form.place
    return _change(
        session,
        actor,
        seen,
        TO_PLAN,
        "planned",
        state=PLANNED,
        starts_at=starts_at,
        minutes=form.minutes,
        place=place,
    )


def cancel(session: Session, actor: Actor, seen: VisitSeen) -> bool:
    """The host can end it as long as nothing was talked over, and what was noted goes with it; a visitor only before
    anything was noted."""
    states = (PROPOSED, *TO_NOTE) if seen.is_host else (PROPOSED, *TO_PLAN)
    if not _change(session, actor, seen, states, "cancelled", state=CANCELLED):
        return False
    session.execute(delete(ObservationNote).where(ObservationNote.visit_id == seen.id))
    return True


def bring(session: Session, actor: Actor, seen: VisitSeen, person_id: UUID) -> bool:
    """One more visitor, as long as nobody is in the lesson yet; the host, who reads the list, hears of it."""
    if not _stands(session, seen.id, (PROPOSED, *TO_PLAN)) or person_id == seen.host_id:
        return False
    brought = session.execute(
        upsert(session, VisitPerson)
        .values(visit_id=seen.id, person_id=person_id, joined_at=actor.at)
        .on_conflict_do_nothing()
        .returning(VisitPerson.person_id)
    ).one_or_none()
    if brought is not None:
        facts = {"to": [str(person_id), str(seen.host_id)]}
        _record(session, actor, "visitor_brought", seen.id, seen.site_id, seen.community_id, facts)
    return brought is not None


def step_back(session: Session, actor: Actor, seen: VisitSeen) -> bool:
    """A visitor does not come after all; without any visitor it is no visit. Not once notes are there."""
    if not _stands(session, seen.id, (PROPOSED, *TO_PLAN)):
        return False
    gone = session.execute(
        delete(VisitPerson)
        .where(VisitPerson.visit_id == seen.id, VisitPerson.person_id == actor.person_id)
        .returning(VisitPerson.person_id)
    ).one_or_none()
    if gone is None:
        return False
    facts = {"to": [str(seen.host_id)]}
    _record(session, actor, "visitor_stepped_back", seen.id, seen.site_id, seen.community_id, facts)
    left = exists().where(VisitPerson.visit_id == seen.id)
    session.execute(update(Visit).where(Visit.id == seen.id, ~left).values(state=CANCELLED, changed_at=actor.at))
    return True


def note(session: Session, actor: Actor, seen: VisitSeen, form: NoteForm) -> bool:
    """A visitor writes down what was seen or heard, or a guess; with the first note the visit is under way. The same
    form sent twice is one note. No event tells of single notes: nobody counts them."""
    if not _stands(session, seen.id, TO_NOTE):
        return False
    session.execute(
        upsert(session, ObservationNote)
        .values(
            id=new_id(),
            visit_id=seen.id,
            author_id=actor.person_id,
            sort=form.sort.value,
            text=form.text,
            place=form.place,
            noted_at=actor.at,
            form_key=form.form_key,
        )
        .on_conflict_do_nothing(index_elements=["author_id", "form_key"])
    )
    _change(session, actor, seen, TO_PLAN, "began", state=RUNNING)
    return True


def take_out(session: Session, actor: Actor, seen: VisitSeen, note_id: UUID) -> bool:
    """One's own note, as long as only the visitors have it."""
    if not _stands(session, seen.id, TO_NOTE):
        return False
    gone = session.execute(
        delete(ObservationNote)
        .where(
            ObservationNote.id == note_id,
            ObservationNote.visit_id == seen.id,
            ObservationNote.author_id == actor.person_id,
        )
        .returning(ObservationNote.id)
    )
    return gone.one_or_none() is not None


def _hide(session: Session, note_id: UUID, at: datetime) -> None:
    """With the thought that was kept of it."""
    written = _written(session, note_id)
    if written is None or written.hidden_at is not None:
        return
    hide_row(session, ObservationNote, note_id, at)
    if written.thought is not None:
        _thoughts().hide(session, written.thought, at)


def _restore(session: Session, note_id: UUID, at: datetime) -> None:
    """With the thought that was kept of it, if that was hidden with it and not for itself."""
    written = _written(session, note_id)
    if written is None:
        return
    show_row(session, ObservationNote, note_id)
    if written.thought is not None and written.thought_hidden_at == written.hidden_at:
        _thoughts().restore(session, written.thought, at)


def _remove(session: Session, note_id: UUID, at: datetime) -> None:
    written = _written(session, note_id)
    session.execute(delete(ObservationNote).where(ObservationNote.id == note_id))
    if written is not None and written.thought is not None:
        _thoughts().remove(session, written.thought, at)


@dataclass(frozen=True, slots=True)
class _Written:
    """A note as it is decided about; ``thought`` is what was kept of it."""

    hidden_at: datetime | None
    thought: UUID | None
    thought_hidden_at: datetime | None


def _written(session: Session, note_id: UUID) -> _Written | None:
    row = session.execute(
        select(ObservationNote.author_id, ObservationNote.hidden_at).where(ObservationNote.id == note_id)
    ).one_or_none()
    if row is None:
        return None
    return _Written(
        row.hidden_at, *(kept_as(session.connection(), row.author_id, _thought_key(note_id)) or (None, None))
    )


def _thoughts() -> Keeper:
    keeper = keeper_of(NODE)
    assert keeper is not None, "evidence keeps its nodes"
    return keeper


def _thought_key(note_id: UUID) -> str:
    """By what the thought that was kept of a note is known."""
    return f"visit-{note_id.hex}"


def _words(connection: Connection, note_id: UUID) -> str | None:
    return connection.execute(select(ObservationNote.text).where(ObservationNote.id == note_id)).scalar_one_or_none()


keeps(NOTE, Keeper(_hide, _restore, _remove, _words))


def debrief(session: Session, actor: Actor, seen: VisitSeen) -> bool:
    """The talk begins: from now on the host reads the notes too."""
    return _change(session, actor, seen, TO_NOTE, "debriefed", state=DEBRIEFED, debriefed_at=actor.at)


def report(session: Session, actor: Actor, seen: VisitSeen, learned: str, *, based_on: str = "") -> bool:
    """What host and visitors take along, in one text for all of them; ``based_on`` is what it was written on, as
    `learned_there` says. False where somebody wrote meanwhile."""
    if not _stands(session, seen.id, TALKED_OVER):
        return False
    there = session.execute(select(Visit.learned).where(Visit.id == seen.id)).scalar_one()
    if there == learned:
        return True  # the same form sent twice
    if learned_there(there) != based_on:
        return False
    return _change(session, actor, seen, TALKED_OVER, "reported", state=REPORTED, learned=learned)


def share(session: Session, actor: Actor, seen: VisitSeen, *, shared: bool) -> bool:
    """The host lets the community read what came of it, or no longer."""
    if shared == (seen.shared_at is not None):
        return False
    verb = "shared" if shared else "taken_back"
    return _change(session, actor, seen, (REPORTED,), verb, shared_at=actor.at if shared else None)


def keep(session: Session, actor: Actor, seen: VisitSeen, kept: NoteSeen, people: Sequence[UUID]) -> UUID:
    """Keeps a note as a thought of who wrote it, for host and visitors; a guess stays a guess. Twice is once, and who
    reads it then is its writer's to say."""
    return keep_node(
        session,
        actor,
        community_id=seen.community_id,
        site_id=seen.site_id,
        kind="Hunch" if kept.sort == Sort.GUESS else "ObservationNote",
        text=kept.text,
        author_id=kept.author_id,
        origin=seen.reference,
        form_key=_thought_key(kept.id),
        audience=Audience.NAMED_PEOPLE.value,
        people=[one for one in people if one != kept.author_id],
    )


def _change(session: Session, actor: Actor, seen: VisitSeen, states: Sequence[str], verb: str, **values: Any) -> bool:
    changed = session.execute(
        update(Visit)
        .where(Visit.id == seen.id, Visit.state.in_(states))
        .values(**values, changed_at=actor.at)
        .returning(Visit.id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if changed is None:
        return False
    people = session.execute(select(VisitPerson.person_id).where(VisitPerson.visit_id == seen.id)).scalars()
    told = [str(one) for one in dict.fromkeys((seen.host_id, *people)) if one != actor.person_id]
    _record(session, actor, verb, seen.id, seen.site_id, seen.community_id, {"to": told})
    return True


def _stands(session: Session, visit_id: UUID, states: Sequence[str]) -> bool:
    """As it stands in this transaction; whoever changes it meanwhile waits for us."""
    state = session.execute(select(Visit.state).where(Visit.id == visit_id).with_for_update()).scalar_one()
    return state in states


def _record(
    session: Session,
    actor: Actor,
    what: str,
    visit_id: UUID,
    site_id: UUID,
    community_id: UUID,
    facts: Mapping[str, Any],
) -> None:
    record_by(
        session,
        actor,
        f"visit.{what}",
        Reference(KIND, visit_id),
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )
