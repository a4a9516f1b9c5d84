"""What members can do about an agenda: propose, change, put in order, take off, say what came of it, carry over."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.agendas import Settler, settler_of
from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.things import Thing
from lms_plc.meetings.actions import move_on, tell
from lms_plc.meetings.forms import ItemForm, ItemKind, OutcomeForm, SettlingForm, WordsForm
from lms_plc.meetings.models import AgendaItem, Meeting
from lms_plc.meetings.queries import ITEMS, ItemLoaded, MeetingSeen, coming, meetings_of
from lms_plc.meetings.states import State

MINUTES_FOR_A_THING = 10


def propose_item(session: Session, actor: Actor, meeting: MeetingSeen, form: ItemForm) -> None:
    """One more thing to speak about; the first one opens the agenda. The same form sent twice is one item."""
    place = (meeting.community_id, meeting.id, meeting.site_id)
    _add_item(session, actor, *place, form.title, form.kind, form.minutes, None, form.form_key)


def put_on_agenda(session: Session, actor: Actor, community: CommunitySeen, thing: Thing, form_key: str) -> UUID | None:
    """Brings a thing onto the agenda of the next meeting, and answers which that is; None when none is planned: it
    waits for one. A thing that is on an agenda to come, or waits for one, stays there."""
    _one_at_a_time(session, community.id)
    standing = meetings_of(session.connection(), [thing.reference])
    if thing.reference in standing:
        meeting = standing[thing.reference]
        return meeting.id if meeting else None
    following = coming(session.connection(), community.id, actor.at)
    meeting_id = following.id if following else None
    place = (community.id, meeting_id, community.site_id)
    kind = ItemKind.ORGANISING
    _add_item(session, actor, *place, thing.title[:200], kind, MINUTES_FOR_A_THING, thing.reference, form_key)
    return meeting_id


def change_item(session: Session, actor: Actor, item: ItemLoaded, form: WordsForm) -> None:
    """Other words, another kind, or more or less time. What points at a thing keeps the thing's own words."""
    values = {"kind": form.kind.value, "minutes": form.minutes}
    if item.thing is None:
        values["title"] = form.title
    changed = sorted(name for name, value in values.items() if value != getattr(item, name))
    if changed:
        session.execute(update(AgendaItem).where(AgendaItem.id == item.id).values(**values))
        _tell_item(session, "agenda.item_changed", actor, item, {"changed": changed})


def move_item(session: Session, actor: Actor, item: ItemLoaded, step: int) -> None:
    """One place up (-1) or down (1); at either end it stays."""
    _one_at_a_time(session, item.community_id)
    order = _order(session, item.community_id, item.meeting_id)
    if item.id not in order:
        return
    here = order.index(item.id)
    there = here + step
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, item_id in enumerate(order, start=1):
        session.execute(
            update(AgendaItem)
            .where(AgendaItem.id == item_id, AgendaItem.position != position)
            .values(position=position)
        )
    _tell_item(session, "agenda.item_changed", actor, item, {"changed": ["position"]})


def say_outcome(session: Session, actor: Actor, item: ItemLoaded, form: OutcomeForm) -> None:
    """What came of it, and whether that deals with it."""
    values: dict[str, Any] = {"outcome": form.outcome}
    if form.dealt_with != (item.dealt_at is not None):
        values["dealt_at"] = actor.at if form.dealt_with else None
    elif form.outcome == item.outcome:
        return
    session.execute(update(AgendaItem).where(AgendaItem.id == item.id).values(**values))
    if values.get("dealt_at"):
        _tell_item(session, "agenda.item_closed", actor, item, {})
    else:
        _tell_item(session, "agenda.item_changed", actor, item, {"changed": sorted(values)})


def remove_item(session: Session, actor: Actor, item: ItemLoaded) -> None:
    """It is not spoken about after all; the thing it pointed at stays as it is."""
    gone = session.execute(delete(AgendaItem).where(AgendaItem.id == item.id).returning(AgendaItem.id)).one_or_none()
    if gone is not None:
        _tell_item(session, "agenda.item_removed", actor, item, {})


def settle_item(session: Session, actor: Actor, item: ItemLoaded, settler: Settler, form: SettlingForm) -> None:
    """Closes the thing an item is about, in the meeting that item belongs to: it is dealt with. The thing's own room
    tells of it."""
    assert item.thing is not None
    assert item.meeting_id is not None
    settler.settle(session, actor, item.thing.id, form.outcome, form.text, Reference("meeting", item.meeting_id))
    outcome = item.outcome or form.text
    session.execute(update(AgendaItem).where(AgendaItem.id == item.id).values(outcome=outcome, dealt_at=actor.at))


def carry_over(session: Session, actor: Actor, meeting: MeetingSeen) -> UUID | None:
    """What a meeting did not come to is put on the agenda of the next one, which is answered; None: it waits for one.
    Things that are closed by now are left where they are."""
    _one_at_a_time(session, meeting.community_id)
    left = session.execute(
        select(AgendaItem.id, AgendaItem.thing_kind, AgendaItem.thing_id)
        .where(AgendaItem.meeting_id == meeting.id, AgendaItem.dealt_at.is_(None))
        .order_by(AgendaItem.position, AgendaItem.id)
        .limit(ITEMS)
    ).all()
    closed = _closed(session, [Reference(row.thing_kind, row.thing_id) for row in left if row.thing_kind])
    ids = [row.id for row in left if row.thing_kind is None or Reference(row.thing_kind, row.thing_id) not in closed]
    following = coming(session.connection(), meeting.community_id, actor.at)
    meeting_id = following.id if following else None
    if not ids or meeting_id == meeting.id:
        return meeting_id
    behind = _last(session, meeting.community_id, meeting_id)
    for position, item_id in enumerate(ids, start=behind + 1):
        session.execute(
            update(AgendaItem).where(AgendaItem.id == item_id).values(meeting_id=meeting_id, position=position)
        )
    facts = {"items": len(ids), "to": str(meeting_id) if meeting_id else None}
    place = (Reference("meeting", meeting.id), meeting.site_id, meeting.community_id)
    tell(session, "agenda.carried_over", actor, *place, facts)
    return meeting_id


def _closed(session: Session, things: Sequence[Reference]) -> set[Reference]:
    """Those of the things that have been settled."""
    closed = set()
    for kind in {thing.kind for thing in things}:
        settler, ids = settler_of(kind), [thing.id for thing in things if thing.kind == kind]
        if settler is not None:
            closed |= {Reference(kind, one) for one in set(ids) - settler.unsettled(session.connection(), ids)}
    return closed


def _one_at_a_time(session: Session, community_id: UUID) -> None:
    session.execute(select(Community.id).where(Community.id == community_id).with_for_update())


def _here(community_id: UUID, meeting_id: UUID | None) -> Any:
    of_meeting = AgendaItem.meeting_id == meeting_id if meeting_id else AgendaItem.meeting_id.is_(None)
    return (AgendaItem.community_id == community_id) & of_meeting


def _order(session: Session, community_id: UUID, meeting_id: UUID | None) -> list[UUID]:
    rows = session.execute(
        select(AgendaItem.id)
        .where(_here(community_id, meeting_id))
        .order_by(AgendaItem.position, AgendaItem.id)
        .limit(ITEMS)
    )
    return list(rows.scalars())


def _last(session: Session, community_id: UUID, meeting_id: UUID | None) -> int:
    last = select(func.coalesce(func.max(AgendaItem.position), 0)).where(_here(community_id, meeting_id))
    return session.execute(last).scalar_one()


def _add_item(
    session: Session,
    actor: Actor,
    community_id: UUID,
    meeting_id: UUID | None,
    site_id: UUID,
    title: str,
    kind: ItemKind,
    minutes: int,
    thing: Reference | None,
    form_key: str,
) -> None:
    item_id = new_id()
    stored = session.execute(
        upsert(session, AgendaItem)
        .values(
            id=item_id,
            community_id=community_id,
            meeting_id=meeting_id,
            title=title,
            kind=kind.value,
            minutes=minutes,
            thing_kind=thing.kind if thing else None,
            thing_id=thing.id if thing else None,
            proposer_id=actor.person_id,
            position=_last(session, community_id, meeting_id) + 1,
            form_key=form_key,
            created_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["proposer_id", "form_key"])
        .returning(AgendaItem.id)
    ).one_or_none()
    if stored is None:
        return
    facts = {"item_id": str(item_id), "kind": kind.value, "thing_kind": thing.kind if thing else None}
    about = Reference("meeting", meeting_id) if meeting_id else Reference("agenda_item", item_id)
    tell(session, "agenda.item_added", actor, about, site_id, community_id, facts)
    if meeting_id is not None and _is_planned(session, meeting_id):
        move_on(session, (meeting_id, site_id, community_id), State.AGENDA_OPEN, actor.at, actor.person_id)


def _is_planned(session: Session, meeting_id: UUID) -> bool:
    state = session.execute(select(Meeting.state).where(Meeting.id == meeting_id)).scalar_one()
    return state == State.PLANNED.value


def _tell_item(session: Session, verb: str, actor: Actor, item: ItemLoaded, facts: Mapping[str, Any]) -> None:
    about = Reference("meeting", item.meeting_id) if item.meeting_id else Reference("agenda_item", item.id)
    tell(session, verb, actor, about, item.site_id, item.community_id, {"item_id": str(item.id), **facts})
