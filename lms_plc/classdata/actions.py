"""What members can do with class results: keep a table of totals, talk about it, decide, withdraw it.

A table comes here as it was brought, and only what ``hiding.cover`` leaves of it is written.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.classdata.hiding import THRESHOLD, Covered, cover
from lms_plc.classdata.knowing import LOOKED
from lms_plc.classdata.models import DataCell, DataConversation, DataSet, GradePull
from lms_plc.classdata.queries import KIND, TALK, SetSeen, Shape, TalkSeen, load_set, shown_alike, unsettled
from lms_plc.classdata.tables import Table, Use
from lms_plc.communities.agendas import Settler, settles
from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.core import accesses, search
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import hide_row, row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.things import keeps
from lms_plc.evidence.actions import keep_node
from lms_plc.web.i18n import N_, gettext

HIDDEN = "hidden"

OUTCOMES = (("decided", N_("We decided something")), ("looked", N_("We looked at it, and leave it there")))


def add_data_set(
    session: Session,
    actor: Actor,
    *,
    community_id: UUID,
    site_id: UUID,
    table: Table,
    question: str,
    source: str,
    day: date,
    came: str,
    form_key: str,
    threshold: int = THRESHOLD,
) -> UUID:
    """Keeps what may be shown of a table, and nothing else of it. The same form sent twice is one. ``came`` is
    ``paste``, ``file`` or ``lms``. Raises ValueError for a threshold below THRESHOLD."""
    if threshold < THRESHOLD:
        raise ValueError("it can be raised, never lowered")
    one_at_a_time(session, community_id)
    before = shown_alike(session.connection(), community_id, question, day)
    covered = cover(table, threshold, [one.earlier for one in before])
    columns = [(one.name, one.use) for one in table.columns]
    data_set_id, is_new = once(
        session,
        DataSet,
        ("author_id", "form_key"),
        community_id=community_id,
        author_id=actor.person_id,
        question=question,
        source=source,
        day=day,
        shape=Shape(table.groups, columns, covered.total, covered.hidden).written(),
        threshold=threshold,
        came=came,
        told_to_school=False,
        form_key=form_key,
        created_at=actor.at,
    )
    if not is_new:
        return data_set_id
    session.execute(insert(DataCell), _cells(data_set_id, covered, columns))
    _record(session, actor, "data_set.added", Reference(KIND, data_set_id), site_id, community_id, {"came": came})
    FOUND.find(session, data_set_id)
    return data_set_id


def one_at_a_time(session: Session, community_id: UUID) -> None:
    """Two tables at once would each be compared as if the other were not there."""
    session.execute(select(Community.id).where(Community.id == community_id).with_for_update())


def _cells(data_set_id: UUID, covered: Covered, columns: Sequence[tuple[str, Use]]) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    for row, (pupils, values) in enumerate(zip(covered.pupils, covered.values, strict=True)):
        said = HIDDEN if row in covered.hidden else None
        place = {"data_set_id": data_set_id, "row": row, "suppressed": said}
        cells.append({**place, "column": 0, "n": pupils, "value": None})
        for column, (value, (_, use)) in enumerate(zip(values, columns, strict=True), start=1):
            counts = use is Use.LEVEL and value is not None
            n, measure = (int(value or 0), None) if counts else (None, None if value is None else round(value, 2))
            cells.append({**place, "column": column, "n": n, "value": measure})
    return cells


def tell_school(session: Session, actor: Actor, seen: SetSeen, *, told: bool) -> bool:
    """Its author lets colleagues of other communities here see the table, or not any more. False when it is so."""
    changed = session.execute(
        update(DataSet)
        .where(DataSet.id == seen.id, DataSet.told_to_school.is_not(told), DataSet.hidden_at.is_(None))
        .values(told_to_school=told)
        .returning(DataSet.id)
    ).one_or_none()
    if changed is not None:
        verb = "data_set.told" if told else "data_set.untold"
        _record(session, actor, verb, seen.reference, seen.site_id, seen.community_id)
        FOUND.find(session, seen.id)
    return changed is not None


def withdraw(session: Session, actor: Actor, seen: SetSeen) -> bool:
    """It is not shown any more. False when it is so already."""
    gone = hide_row(session, DataSet, seen.id, actor.at)
    search.forget(session, seen.reference)
    if gone:
        _record(session, actor, "data_set.withdrawn", seen.reference, seen.site_id, seen.community_id)
    return gone


def begin_talk(session: Session, actor: Actor, seen: SetSeen, form_key: str) -> UUID:
    """Begins the conversation about a data set; there is one, and whoever asks again is brought to it."""
    session.execute(select(DataSet.id).where(DataSet.id == seen.id).with_for_update())
    there = select(DataConversation.id).where(DataConversation.data_set_id == seen.id)
    known = session.execute(there.order_by(DataConversation.id).limit(1)).scalar_one_or_none()
    if known is not None:
        return known
    talk_id = new_id()
    session.execute(
        insert(DataConversation).values(
            id=talk_id,
            data_set_id=seen.id,
            community_id=seen.community_id,
            begun_by_id=actor.person_id,
            begun_at=actor.at,
            decision="",
            form_key=form_key,
        )
    )
    facts = {"data_set_id": str(seen.id)}
    _record(session, actor, "data_conversation.begun", Reference(TALK, talk_id), seen.site_id, seen.community_id, facts)
    return talk_id


def say(session: Session, actor: Actor, seen: SetSeen, kind: str, text: str, form_key: str) -> UUID:
    """Keeps a guess, a fact, a doubt or a reason, said of this data set. It uncovers the numbers, also once it is taken
    away."""
    look(session, actor, seen)
    return keep_node(
        session,
        actor,
        community_id=seen.community_id,
        site_id=seen.site_id,
        kind=kind,
        text=text,
        author_id=actor.person_id,
        origin=seen.reference,
        form_key=form_key,
    )


def look(session: Session, actor: Actor, seen: SetSeen) -> None:
    """From now on they know the numbers, and guess no more. No event: that they looked is told to nobody."""
    accesses.note(session, actor, Reference(LOOKED, seen.id))


def uncover(session: Session, actor: Actor, talk: TalkSeen) -> bool:
    """Everybody sees the numbers from now on. False when they do already."""
    values = {"opened_at": actor.at, "opened_by_id": actor.person_id}
    opened = _change(session, talk.id, DataConversation.opened_at.is_(None), **values)
    if opened:
        _tell(session, actor, "data_conversation.opened", talk)
    return opened


def meet(session: Session, actor: Actor, talk: TalkSeen, meeting: Reference) -> bool:
    """It is talked about in this meeting."""
    other = DataConversation.meeting_id.is_distinct_from(meeting.id)
    met = _change(session, talk.id, other, meeting_id=meeting.id)
    if met:
        _tell(session, actor, "data_conversation.planned", talk, {"meeting_id": str(meeting.id)})
    return met


def decide(session: Session, actor: Actor, talk: TalkSeen, decision: str) -> bool:
    """What follows from it; said anew, it takes the place of what was said. False where it says the same."""
    decided = _decide(session, actor, talk.id, decision)
    if decided:
        _tell(session, actor, "data_conversation.decided", talk)
    return decided


def _decide(session: Session, actor: Actor, talk_id: UUID, decision: str) -> bool:
    values = {"decision": decision, "decided_at": actor.at, "decided_by_id": actor.person_id}
    return _change(session, talk_id, DataConversation.decision.is_distinct_from(decision), **values)


def _settle(session: Session, actor: Actor, data_set_id: UUID, outcome: str, note: str, meeting: Reference) -> None:
    """Asked by the minutes of a meeting, which has seen to it that the actor may know of the data set."""
    loaded = load_set(session.connection(), actor, data_set_id)
    if loaded is None or data_set_id not in unsettled(session.connection(), [data_set_id]):
        return
    seen: SetSeen = loaded.thing
    talk_id = begin_talk(session, actor, seen, new_id().hex)
    _change(session, talk_id, meeting_id=meeting.id)
    if _decide(session, actor, talk_id, note or gettext(dict(OUTCOMES)[outcome])):
        facts = {"meeting_id": str(meeting.id), "outcome": outcome}
        about = Reference(TALK, talk_id)
        _record(session, actor, "data_conversation.decided", about, seen.site_id, seen.community_id, facts)


settles(KIND, Settler(OUTCOMES, unsettled, _settle))


def _change(session: Session, talk_id: UUID, *also: Any, **values: Any) -> bool:
    changed = session.execute(
        update(DataConversation)
        .where(DataConversation.id == talk_id, *also)
        .values(**values)
        .returning(DataConversation.id),
        execution_options={"synchronize_session": False},
    )
    return changed.one_or_none() is not None


def _tell(session: Session, actor: Actor, verb: str, talk: TalkSeen, facts: dict[str, Any] | None = None) -> None:
    _record(session, actor, verb, talk.reference, talk.site_id, talk.community_id, facts)


def _record(
    session: Session,
    actor: Actor,
    verb: str,
    about: Reference,
    site_id: UUID,
    community_id: UUID,
    facts: dict[str, Any] | None = None,
) -> None:
    record_by(session, actor, verb, about, site_id=site_id, community_id=community_id, facts=facts)


def _remove(session: Session, data_set_id: UUID, at: datetime) -> None:
    """What was thought about it stays its authors'."""
    session.execute(update(GradePull).where(GradePull.data_set_id == data_set_id).values(data_set_id=None))
    session.execute(delete(DataConversation).where(DataConversation.data_set_id == data_set_id))
    session.execute(delete(DataCell).where(DataCell.data_set_id == data_set_id))
    session.execute(delete(DataSet).where(DataSet.id == data_set_id))
    accesses.forget(session, Reference(LOOKED, data_set_id))
    search.forget(session, Reference(KIND, data_set_id))


def _findable() -> Any:
    return (
        select(
            DataSet.id,
            Community.site_id,
            DataSet.community_id,
            DataSet.author_id,
            DataSet.question,
            DataSet.source,
            DataSet.told_to_school,
            DataSet.created_at,
        )
        .join(Community, Community.id == DataSet.community_id)
        .where(DataSet.hidden_at.is_(None))
    )


def _entry(row: Any) -> search.Entry:
    audience = Audience.PLATFORM if row.told_to_school else Audience.COMMUNITY
    place = (row.site_id, row.community_id, row.author_id, audience.value)
    return search.Entry(Reference(KIND, row.id), *place, row.question, row.source, row.created_at)


FOUND = search.findable(KIND, DataSet.id, _findable, _entry)
keeps(KIND, row_keeper(DataSet, _remove, found=FOUND))
