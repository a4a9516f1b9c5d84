"""Listening to the event log: from events to lines in people's inboxes, each once.

Ids of events are made before their transactions commit, so one that was slow to commit stands behind events already
heard: a stretch of the log is read again each time, and the unique (person, event) keeps every line one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, distinct, func, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community
from lms_plc.core import things
from lms_plc.core.activity import Event, Reference
from lms_plc.core.database import table_of, upsert
from lms_plc.core.hearing import Heard, Hearing, hearings, verbs
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.discussions.models import ReadMark, TopicFollow
from lms_plc.house import House
from lms_plc.notifications.models import Notification, NotificationCursor
from lms_plc.people.models import Block, Identity, Person

AT_ONCE = 200
"""Events looked at together."""

AGAIN = timedelta(minutes=5)
"""So long a transaction may take, and what it recorded is still heard."""

FIRST_LOOK = timedelta(days=1)
"""How far back a new installation, or one that was without this until now, is listened to."""

KEPT_READ = timedelta(days=90)
_MILLISECONDS_FROM = 80
"""The bit of a UUIDv7 (RFC 9562 §5.7) where its time begins."""

_CURSOR = "events"
_events = table_of(Event)


def listen(house: House) -> int:
    """Hears all that happened since the last time; how many new lines came of it."""
    with house.database.read() as connection:
        heard_to = connection.execute(
            select(NotificationCursor.event_id).where(NotificationCursor.name == _CURSOR)
        ).scalar_one_or_none()
    after = earlier(heard_to, AGAIN) if heard_to else earlier(new_id(), FIRST_LOOK)
    new = 0
    while True:
        with house.database.read() as connection:
            events = _events_after(connection, after)
            wanted = _worth_telling(connection, house, events)
        if not events:
            return new
        after = events[-1].id
        with house.database.write() as session:
            new += _write(session, events, wanted)
            _remember(session, after)


def notice_what_was_read(house: House) -> None:
    """What somebody has read where it was said needs no line that waits for them."""
    with house.database.write() as session:
        read = update(Notification).where(
            Notification.read_at.is_(None),
            Notification.thing_kind == "post",
            Notification.about_kind == "topic",
            select(ReadMark.person_id)
            .where(
                ReadMark.person_id == Notification.person_id,
                ReadMark.topic_id == Notification.about_id,
                ReadMark.last_post_id >= Notification.thing_id,
            )
            .exists(),
        )
        persons = session.execute(
            read.values(read_at=house.clock()).returning(Notification.person_id),
            execution_options={"synchronize_session": False},
        )
        recount(session, set(persons.scalars()))


def forget_old(house: House) -> None:
    with house.database.write() as session:
        session.execute(delete(Notification).where(Notification.read_at < house.clock() - KEPT_READ))


def recount(session: Session, persons: Collection[UUID]) -> None:
    """Keeps ``Person.unread`` right: how many lines wait, each however much happened about its thing."""
    waiting = (
        select(func.count(distinct(Notification.about_id)))
        .where(Notification.person_id == Person.id, Notification.read_at.is_(None))
        .scalar_subquery()
    )
    for some in _some(sorted(persons)):
        table = table_of(Person)
        session.execute(table.update().where(table.c.id.in_(some)).values(unread=waiting))


def earlier(event_id: UUID, by: timedelta) -> UUID:
    """An id as it would have been made that much earlier, before all others of its moment."""
    milliseconds = (event_id.int >> _MILLISECONDS_FROM) - int(by.total_seconds() * 1000)
    return UUID(int=max(0, milliseconds) << _MILLISECONDS_FROM)


def _events_after(connection: Connection, after: UUID) -> list[Heard]:
    rows = connection.execute(
        select(
            _events.c.id,
            _events.c.at,
            _events.c.verb,
            _events.c.site_id,
            _events.c.community_id,
            _events.c.actor_id,
            _events.c.thing_kind,
            _events.c.thing_id,
            _events.c.facts,
        )
        .where(_events.c.id > after)
        .order_by(_events.c.id)
        .limit(AT_ONCE)
    )
    return [Heard(*row[:6], Reference(row.thing_kind, row.thing_id), row.facts) for row in rows]


@dataclass(frozen=True, slots=True)
class _Wanted:
    hearing: Hearing
    event: Heard


def _worth_telling(connection: Connection, house: House, events: Sequence[Heard]) -> list[_Wanted]:
    """What is new to somebody, of a thing they may see now, done by nobody they blocked, about nothing they muted."""
    known_verbs = verbs()
    by_id = {event.id: event for event in events}
    found = hearings(connection, [event for event in events if event.verb in known_verbs])
    found = [one for one in found if {one.thing.kind, one.about.kind} <= things.kinds().keys()]
    if not found:
        return []
    known = {
        (row.event_id, row.person_id)
        for row in connection.execute(
            select(Notification.event_id, Notification.person_id).where(
                Notification.event_id.in_({one.event_id for one in found})
            )
        )
    }
    fresh = [_Wanted(one, by_id[one.event_id]) for one in found if (one.event_id, one.person_id) not in known]
    fresh = _without_blocked(connection, fresh)
    fresh = _without_muted(connection, fresh)
    return _visible(connection, house, fresh)


def _without_blocked(connection: Connection, wanted: list[_Wanted]) -> list[_Wanted]:
    """Whichever of the two blocked the other."""
    persons = {one.hearing.person_id for one in wanted}
    actors = {one.event.actor_id for one in wanted if one.event.actor_id}
    both = persons | actors
    if not actors:
        return wanted
    rows = connection.execute(
        select(Block.person_id, Block.blocked_id).where(Block.person_id.in_(both), Block.blocked_id.in_(both))
    )
    apart = {frozenset((row.person_id, row.blocked_id)) for row in rows}
    return [one for one in wanted if frozenset((one.hearing.person_id, one.event.actor_id)) not in apart]


def _without_muted(connection: Connection, wanted: list[_Wanted]) -> list[_Wanted]:
    topics = {one.hearing.about.id for one in wanted if one.hearing.about.kind == "topic"}
    if not topics:
        return wanted
    rows = connection.execute(
        select(TopicFollow.topic_id, TopicFollow.person_id).where(
            TopicFollow.topic_id.in_(topics), TopicFollow.level == "muted"
        )
    )
    muted = {(row.topic_id, row.person_id) for row in rows}
    return [one for one in wanted if (one.hearing.about.id, one.hearing.person_id) not in muted]


def _visible(connection: Connection, house: House, wanted: list[_Wanted]) -> list[_Wanted]:
    sites = sites_of(connection, {one.hearing.person_id for one in wanted})
    standing: dict[tuple[UUID, UUID], list[_Wanted]] = defaultdict(list)
    for one in wanted:
        theirs = sites.get(one.hearing.person_id)
        if theirs:
            site_id = one.event.site_id if one.event.site_id in theirs else theirs[0]
            standing[one.hearing.person_id, site_id].append(one)
    seen: list[_Wanted] = []
    for (person_id, site_id), some in standing.items():
        who = Actor(person_id, site_id, "", house.clock())
        shown = things.shown(connection, who, [it for one in some for it in (one.hearing.thing, one.hearing.about)])
        seen += [one for one in some if one.hearing.thing in shown and one.hearing.about in shown]
    return seen


def sites_of(connection: Connection, persons: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Person → the learning platforms that know them, the first one first."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for some in _some(sorted(persons)):
        rows = connection.execute(
            select(Identity.person_id, Identity.site_id).where(Identity.person_id.in_(some)).order_by(Identity.id)
        )
        for row in rows:
            found[row.person_id].append(row.site_id)
    return found


def community_names(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = connection.execute(select(Community.id, Community.name).where(Community.id.in_(ids))) if ids else ()
    return {row.id: row.name for row in rows}


def _write(session: Session, events: Sequence[Heard], wanted: Sequence[_Wanted]) -> int:
    touched = {event.thing.id for event in events if event.verb == "person.joined"}
    new = 0
    if wanted:
        table = table_of(Notification)
        rows = [_row(one) for one in wanted]
        insert = upsert(session, table).on_conflict_do_nothing(index_elements=["person_id", "event_id"])
        told = session.execute(insert.returning(table.c.person_id), rows).scalars().all()
        new, touched = len(told), touched | set(told)
    recount(session, touched)
    return new


def _row(one: _Wanted) -> dict[str, Any]:
    hearing, event = one.hearing, one.event
    return {
        "id": new_id(),
        "person_id": hearing.person_id,
        "event_id": hearing.event_id,
        "why": hearing.why.value,
        "thing_kind": hearing.thing.kind,
        "thing_id": hearing.thing.id,
        "about_kind": hearing.about.kind,
        "about_id": hearing.about.id,
        "community_id": event.community_id,
        "actor_id": event.actor_id,
        "at": event.at,
    }


def _remember(session: Session, event_id: UUID) -> None:
    cursor = upsert(session, NotificationCursor).values(name=_CURSOR, event_id=event_id)
    session.execute(
        cursor.on_conflict_do_update(
            index_elements=["name"],
            set_={"event_id": cursor.excluded.event_id},
            where=NotificationCursor.event_id < cursor.excluded.event_id,
        )
    )


def _some(ids: Sequence[UUID], size: int = 500) -> Iterable[Sequence[UUID]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
