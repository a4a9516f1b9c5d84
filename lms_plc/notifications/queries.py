"""What can be read of what somebody should hear of. Each function is one statement unless it says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, select

from lms_plc.core.activity import Event, Reference
from lms_plc.core.hearing import Why
from lms_plc.core.paging import Page, cut
from lms_plc.notifications.models import MailAddress, MailChoice, MailPace, Notification
from lms_plc.people.models import Person
from lms_plc.sites.models import Site

LINES_A_PAGE = 20
LOOKED_AT = 20
"""So many events of one line are looked at, the newest ones."""


@dataclass(frozen=True, slots=True)
class Line:
    """All that happened about one thing. ``id`` is a notification of it, ``thing`` what opens: of what is unread the
    first. ``why`` is the strongest reason, ``kind`` what it is about, and ``names`` are of whoever gave it, the latest
    first; ``changed`` is what was changed, each once."""

    id: UUID
    why: Why
    kind: str
    thing: Reference
    about: Reference
    names: tuple[str, ...]
    changed: tuple[str, ...]
    community_id: UUID | None
    at: datetime
    unread: bool
    event_id: UUID
    notifications: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody wants to be reached; as it stands here for who has chosen nothing."""

    channel: str = "mail"
    pace: str = "weekly"
    quiet_from: int = 20
    quiet_until: int = 7
    quiet_weekends: bool = True
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody is reached. ``pending`` is an address they have not confirmed yet; ``by_lms`` whether their
    learning platform takes messages from here."""

    email: str | None
    email_source: str | None
    pending: str | None
    by_lms: bool


def _rows(person_id: UUID) -> Select[Any]:
    """The notifications of a person, ``place`` counted from the newest about each thing."""
    place = func.row_number().over(partition_by=Notification.about_id, order_by=Notification.event_id.desc())
    return select(Notification, place.label("place")).where(Notification.person_id == person_id)


def _with_names(ranked: Any) -> Select[Any]:
    return (
        select(ranked, Person.display_name.label("name"), Event.facts)
        .outerjoin(Person, Person.id == ranked.c.actor_id)
        .join(Event, Event.id == ranked.c.event_id)
        .where(ranked.c.place <= LOOKED_AT)
        .order_by(ranked.c.event_id.desc())
    )


def lines(
    connection: Connection, person_id: UUID, *, before: UUID | None = None, size: int = LINES_A_PAGE
) -> Page[Line]:
    """The inbox, what happened last first; ``before`` is the last event of the line the page before ended with."""
    ranked = _rows(person_id).subquery()
    newest = select(ranked.c.about_id, ranked.c.event_id).where(ranked.c.place == 1)
    if before is not None:
        newest = newest.where(ranked.c.event_id < before)
    some = newest.order_by(ranked.c.event_id.desc()).limit(size + 1).subquery()
    rows = connection.execute(_with_names(ranked).where(ranked.c.about_id.in_(select(some.c.about_id)))).all()
    return cut(grouped(rows), size, lambda line: line.event_id)


def unsent(connection: Connection, person_id: UUID) -> list[Line]:
    """What waits unread, and no letter has told of."""
    waiting = _rows(person_id).where(Notification.read_at.is_(None), Notification.mailed_at.is_(None)).subquery()
    return grouped(connection.execute(_with_names(waiting).limit(500)).all())


def grouped(rows: Sequence[Any]) -> list[Line]:
    """Lines of rows that come the newest first."""
    by_thing: dict[UUID, list[Any]] = {}
    for row in rows:
        by_thing.setdefault(row.about_id, []).append(row)
    return [_line(some) for some in by_thing.values()]


def _line(rows: Sequence[Any]) -> Line:
    new = [row for row in rows if row.read_at is None]
    told = new or rows
    first = new[-1] if new else rows[0]
    why = min((Why(row.why) for row in told), key=list(Why).index)
    because = [row for row in told if row.why == why]
    changed = [one for row in reversed(told) for one in row.facts.get("changed") or () if isinstance(one, str)]
    return Line(
        id=first.id,
        why=why,
        kind=because[0].thing_kind,
        thing=Reference(first.thing_kind, first.thing_id),
        about=Reference(first.about_kind, first.about_id),
        names=tuple(dict.fromkeys(row.name for row in because if row.name)),
        changed=tuple(dict.fromkeys(changed)),
        community_id=rows[0].community_id,
        at=rows[0].at,
        unread=bool(new),
        event_id=rows[0].event_id,
        notifications=tuple(row.id for row in told),
    )


def notification(connection: Connection, person_id: UUID, notification_id: UUID) -> Any:
    """One of this person's own, or None."""
    return connection.execute(
        select(Notification.thing_kind, Notification.thing_id, Notification.about_kind, Notification.about_id).where(
            Notification.id == notification_id, Notification.person_id == person_id
        )
    ).one_or_none()


def choice_of(connection: Connection, person_id: UUID) -> Choice:
    row: Any = connection.execute(
        select(
            MailChoice.channel,
            MailChoice.pace,
            MailChoice.quiet_from,
            MailChoice.quiet_until,
            MailChoice.quiet_weekends,
            MailChoice.problem,
        ).where(MailChoice.person_id == person_id)
    ).one_or_none()
    return Choice(*row) if row else Choice()


def paces_of(connection: Connection, person_id: UUID) -> dict[UUID, str]:
    """Community → how often; those that are not here: weekly."""
    rows = connection.execute(
        select(MailPace.community_id, MailPace.pace).where(MailPace.person_id == person_id).limit(500)
    )
    return {row.community_id: row.pace for row in rows}


def reach_of(connection: Connection, person_id: UUID, site_id: UUID) -> Reach:
    row = connection.execute(
        select(Person.email, Person.email_source, MailAddress.address, Site.writes)
        .outerjoin(MailAddress, MailAddress.person_id == Person.id)
        .join(Site, Site.id == site_id)
        .where(Person.id == person_id)
    ).one()
    return Reach(row.email, row.email_source, row.address, "messages" in (row.writes or ()))
