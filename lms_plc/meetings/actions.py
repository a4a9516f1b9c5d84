"""What members can do about meetings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.agendas import Settler
from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core import search
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, render
from lms_plc.core.things import Thing
from lms_plc.meetings.forms import ItemForm, ItemKind, MeetingForm, MinutesForm, SettlingForm
from lms_plc.meetings.models import AgendaItem, Meeting
from lms_plc.meetings.queries import ItemLoaded, MeetingSeen, meetings_of, next_meeting
from lms_plc.meetings.states import State

FOUND_AT_ONCE = 200
MINUTES_FOR_A_THING = 10


class MinutesMovedOn(Exception):
    """Somebody else wrote minutes meanwhile; nothing was overwritten."""


def plan_meeting(session: Session, actor: Actor, community: CommunitySeen, form: MeetingForm, zone: ZoneInfo) -> UUID:
    """Plans a meeting; what waited for one comes onto its agenda. The same form sent twice is one meeting."""
    meeting_id, form_key = new_id(), form.form_key or new_id().hex
    stored = session.execute(
        upsert(session, Meeting)
        .values(
            id=meeting_id,
            community_id=community.id,
            planned_by_id=actor.person_id,
            **_when_and_where(form, zone),
            state=State.PLANNED.value,
            revision=0,
            minutes="",
            minutes_html="",
            minutes_renderer=RENDERER,
            minutes_version=0,
            form_key=form_key,
            created_at=actor.at,
            changed_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["planned_by_id", "form_key"])
        .returning(Meeting.id)
    ).one_or_none()
    if stored is None:
        return session.execute(
            select(Meeting.id).where(Meeting.planned_by_id == actor.person_id, Meeting.form_key == form_key)
        ).scalar_one()
    session.execute(
        update(AgendaItem)
        .where(AgendaItem.community_id == community.id, AgendaItem.meeting_id.is_(None))
        .values(meeting_id=meeting_id)
    )
    _find(session, meeting_id)
    _tell(session, "meeting.planned", actor, meeting_id, community.site_id, community.id, {})
    return meeting_id


def change_meeting(session: Session, actor: Actor, meeting: MeetingSeen, form: MeetingForm, zone: ZoneInfo) -> None:
    """Another time, place or title."""
    _change(session, actor, meeting, _when_and_where(form, zone))
    _find(session, meeting.id)
    _tell(session, "meeting.changed", actor, meeting.id, meeting.site_id, meeting.community_id, {})


def say_state(session: Session, actor: Actor, meeting: MeetingSeen, state: State) -> None:
    """Whether it was held, was not, is cancelled, or is planned after all."""
    if meeting.state == state.value:
        return
    _change(session, actor, meeting, {"state": state.value})
    facts = {"state": state.value}
    _tell(session, "meeting.state_changed", actor, meeting.id, meeting.site_id, meeting.community_id, facts)


def propose_item(session: Session, actor: Actor, meeting: MeetingSeen, form: ItemForm) -> None:
    """One more thing to speak about. The same form sent twice is one item."""
    place = (meeting.community_id, meeting.id, meeting.site_id)
    _add_item(session, actor, *place, form.title, form.kind, form.minutes, None, form.form_key)


def put_on_agenda(session: Session, actor: Actor, community: CommunitySeen, thing: Thing, form_key: str) -> UUID | None:
    """Brings a thing onto the agenda of the next meeting, and answers which that is; None when none is planned: it
    waits for one. A thing that is on an agenda to come, or waits for one, stays there."""
    session.execute(select(Community.id).where(Community.id == community.id).with_for_update())
    standing = meetings_of(session.connection(), [thing.reference])
    if thing.reference in standing:
        meeting = standing[thing.reference]
        return meeting.id if meeting else None
    coming = next_meeting(session.connection(), community.id, actor.at)
    meeting_id = coming.id if coming else None
    place = (community.id, meeting_id, community.site_id)
    kind = ItemKind.ORGANISING
    _add_item(session, actor, *place, thing.title[:200], kind, MINUTES_FOR_A_THING, thing.reference, form_key)
    return meeting_id


def remove_item(session: Session, actor: Actor, site_id: UUID, item: ItemLoaded) -> None:
    """It is not spoken about after all; the thing it pointed at stays as it is."""
    gone = session.execute(delete(AgendaItem).where(AgendaItem.id == item.id).returning(AgendaItem.id)).one_or_none()
    if gone is not None:
        about = Reference("meeting", item.meeting_id) if item.meeting_id else Reference("agenda_item", item.id)
        _record(session, "agenda.item_removed", actor, about, site_id, item.community_id, {"item_id": str(item.id)})


def write_minutes(session: Session, actor: Actor, meeting: MeetingSeen, form: MinutesForm) -> None:
    """Writes down what was said; a meeting that has begun was held then. Raises MinutesMovedOn."""
    held = meeting.state == State.PLANNED.value and meeting.starts_at <= actor.at
    changed = {"state": State.HELD.value, "revision": Meeting.revision + 1, "changed_at": actor.at} if held else {}
    written = session.execute(
        update(Meeting)
        .where(Meeting.id == meeting.id, Meeting.minutes_version == form.based_on)
        .values(
            minutes=form.body,
            minutes_html=render(form.body).html,
            minutes_renderer=RENDERER,
            minutes_version=form.based_on + 1,
            minutes_by_id=actor.person_id,
            minutes_at=actor.at,
            **changed,
        )
        .returning(Meeting.id)
    ).one_or_none()
    if written is None:
        raise MinutesMovedOn
    _find(session, meeting.id)
    facts = {"version": form.based_on + 1, "held": held}
    _tell(session, "minutes.written", actor, meeting.id, meeting.site_id, meeting.community_id, facts)


def settle_item(session: Session, actor: Actor, item: ItemLoaded, settler: Settler, form: SettlingForm) -> None:
    """Closes the thing an item is about, in the meeting that item belongs to. The thing's own room tells of it."""
    assert item.thing is not None
    assert item.meeting_id is not None
    meeting = Reference("meeting", item.meeting_id)
    settler.settle(session, actor, item.thing.id, form.outcome, form.text, meeting)


@search.reindexes("meeting")
def meetings_to_find(connection: Connection, after: UUID | None) -> Sequence[search.Entry]:
    some = _findable().order_by(Meeting.id).limit(FOUND_AT_ONCE)
    return [_entry(row) for row in connection.execute(some if after is None else some.where(Meeting.id > after))]


def _find(session: Session, meeting_id: UUID) -> None:
    for row in session.execute(_findable().where(Meeting.id == meeting_id)):
        search.put(session, _entry(row))


def _findable() -> Any:
    return select(
        Meeting.id,
        Community.site_id,
        Meeting.community_id,
        Meeting.title,
        Meeting.minutes_html,
        Meeting.created_at,
    ).join(Community, Community.id == Meeting.community_id)


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference("meeting", row.id),
        row.site_id,
        row.community_id,
        None,
        Audience.COMMUNITY.value,
        row.title,
        search.plain(row.minutes_html),
        row.created_at,
    )


def _when_and_where(form: MeetingForm, zone: ZoneInfo) -> dict[str, Any]:
    def moment(at: time) -> datetime:
        return datetime.combine(form.day, at, zone).astimezone(UTC)

    return {
        "title": form.title,
        "starts_at": moment(form.starts),
        "ends_at": moment(form.ends),
        "place": form.place,
        "link": form.link,
    }


def _change(session: Session, actor: Actor, meeting: MeetingSeen, values: Mapping[str, Any]) -> None:
    session.execute(
        update(Meeting)
        .where(Meeting.id == meeting.id)
        .values(**values, revision=Meeting.revision + 1, changed_at=actor.at)
    )


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
    here = AgendaItem.meeting_id == meeting_id if meeting_id else AgendaItem.meeting_id.is_(None)
    last = select(func.coalesce(func.max(AgendaItem.position), 0)).where(AgendaItem.community_id == community_id, here)
    stored = session.execute(
        upsert(session, AgendaItem)
        .values(
            id=(item_id := new_id()),
            community_id=community_id,
            meeting_id=meeting_id,
            title=title,
            kind=kind.value,
            minutes=minutes,
            thing_kind=thing.kind if thing else None,
            thing_id=thing.id if thing else None,
            proposer_id=actor.person_id,
            position=session.execute(last).scalar_one() + 1,
            form_key=form_key,
            created_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["proposer_id", "form_key"])
        .returning(AgendaItem.id)
    ).one_or_none()
    if stored is not None:
        facts = {"item_id": str(item_id), "kind": kind.value, "thing_kind": thing.kind if thing else None}
        about = Reference("meeting", meeting_id) if meeting_id else Reference("agenda_item", item_id)
        _record(session, "agenda.item_added", actor, about, site_id, community_id, facts)


def _tell(
    session: Session,
    verb: str,
    actor: Actor,
    meeting_id: UUID,
    site_id: UUID,
    community_id: UUID,
    facts: Mapping[str, Any],
) -> None:
    _record(session, verb, actor, Reference("meeting", meeting_id), site_id, community_id, facts)


def _record(
    session: Session,
    verb: str,
    actor: Actor,
    thing: Reference,
    site_id: UUID,
    community_id: UUID,
    facts: Mapping[str, Any],
) -> None:
    record(
        session,
        verb,
        thing,
        at=actor.at,
        actor_id=actor.person_id,
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )
