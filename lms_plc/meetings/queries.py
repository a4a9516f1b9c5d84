"""What can be read of meetings. Each function is one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from lms_plc.communities.agendas import holds_agendas
from lms_plc.communities.models import Community
from lms_plc.communities.standing import Given, is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.database import one_of
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.meetings.models import AgendaItem, Meeting, MeetingRole
from lms_plc.meetings.states import COMING, OPEN, State
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

MEETINGS_A_PAGE = 20
UPCOMING = 30
ITEMS = 100
ROLES = 100
MEMBERS = 300
BEGINNING = 1500
FACILITATOR = "facilitator"


@dataclass(frozen=True, slots=True)
class MeetingListed:
    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    state: str
    items: int
    has_minutes: bool


@dataclass(frozen=True, slots=True)
class MeetingSeen:
    """A meeting for an actor. ``roles`` are theirs, HOLDING among them if they lead it."""

    id: UUID
    community_id: UUID
    site_id: UUID
    series_id: UUID | None
    planned_by_id: UUID
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    mode: str
    place: str
    link: str
    in_working_time: bool
    protocol: str | None
    state: str
    reason: str
    moved_from: datetime | None
    points_asked_at: datetime | None
    asked_at: datetime | None
    begun_at: datetime | None
    closed_at: datetime | None
    attendance_code: str | None
    revision: int
    changed_at: datetime
    minutes: str
    minutes_html: str
    minutes_renderer: int
    minutes_version: int
    minutes_language: str | None
    minutes_at: datetime | None
    scribe: str | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class ItemSeen:
    id: UUID
    meeting_id: UUID | None
    title: str
    kind: str
    minutes: int
    thing_kind: str | None
    thing_id: UUID | None
    proposer_id: UUID
    proposer: str
    outcome: str = ""
    dealt_at: datetime | None = None

    @property
    def thing(self) -> Reference | None:
        return Reference(self.thing_kind, self.thing_id) if self.thing_kind and self.thing_id else None


@dataclass(frozen=True, slots=True)
class ItemLoaded:
    """An item for an actor. ``roles`` are theirs: AUTHOR of what they proposed, HOLDING if they lead its meeting."""

    id: UUID
    community_id: UUID
    site_id: UUID
    meeting_id: UUID | None
    state: str | None
    title: str
    kind: str
    minutes: int
    outcome: str
    dealt_at: datetime | None
    thing: Reference | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class RoleTaken:
    """Who takes which part in a meeting; ``capacity`` as ``MeetingRole`` has it."""

    role: str
    person_id: UUID
    name: str
    capacity: str | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A meeting as a calendar elsewhere needs it. ``revision`` grows with each change."""

    id: UUID
    community_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    link: str
    state: str
    revision: int
    changed_at: datetime


@loads("meeting", known_by="community.read")
def load_meeting(connection: Connection, actor: Actor, meeting_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            Meeting.id,
            Meeting.community_id,
            Community.site_id,
            Meeting.series_id,
            Meeting.planned_by_id,
            Meeting.kind,
            Meeting.title,
            Meeting.starts_at,
            Meeting.ends_at,
            Meeting.zone,
            Meeting.mode,
            Meeting.place,
            Meeting.link,
            Meeting.in_working_time,
            Meeting.protocol,
            Meeting.state,
            Meeting.reason,
            Meeting.moved_from,
            Meeting.points_asked_at,
            Meeting.asked_at,
            Meeting.begun_at,
            Meeting.closed_at,
            Meeting.attendance_code,
            Meeting.revision,
            Meeting.changed_at,
            Meeting.minutes,
            Meeting.minutes_html,
            Meeting.minutes_renderer,
            Meeting.minutes_version,
            Meeting.minutes_language,
            Meeting.minutes_at,
            Person.display_name,
            holds(actor.person_id, Meeting.id, Meeting.planned_by_id),
            *roles_of(actor.person_id, Meeting.community_id, actor.at),
        )
        .join(Community, Community.id == Meeting.community_id)
        .outerjoin(Person, Person.id == Meeting.minutes_by_id)
        .where(Meeting.id == meeting_id)
    ).one_or_none()
    if row is None:
        return None
    *values, is_holding, membership_state, assigned_roles = row
    roles = read_roles(membership_state, assigned_roles)
    if roles and is_holding:
        roles |= {Role.HOLDING}
    return Loaded(MeetingSeen(*(*values, roles)), roles)


def holds(person_id: Given[UUID], meeting_id: Any, planned_by_id: Any) -> ColumnElement[bool]:
    """Whether the person leads that meeting: who was given its facilitation, or who planned it while nobody was."""
    given = aliased(MeetingRole)
    facilitates = exists().where(given.meeting_id == meeting_id, given.role == FACILITATOR)
    mine = exists().where(given.meeting_id == meeting_id, given.role == FACILITATOR, given.person_id == person_id)
    return or_(mine, and_(planned_by_id == person_id, ~facilitates))


@loads("agenda_item", known_by="community.read")
def load_item(connection: Connection, actor: Actor, item_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            AgendaItem.id,
            AgendaItem.community_id,
            Community.site_id,
            AgendaItem.meeting_id,
            Meeting.state,
            AgendaItem.title,
            AgendaItem.kind,
            AgendaItem.minutes,
            AgendaItem.outcome,
            AgendaItem.dealt_at,
            AgendaItem.thing_kind,
            AgendaItem.thing_id,
            AgendaItem.proposer_id,
            holds(actor.person_id, AgendaItem.meeting_id, Meeting.planned_by_id).label("is_holding"),
            *roles_of(actor.person_id, AgendaItem.community_id, actor.at),
        )
        .join(Community, Community.id == AgendaItem.community_id)
        .outerjoin(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.id == item_id)
    ).one_or_none()
    if row is None:
        return None
    roles = read_roles(row.membership_state, row.assigned_roles)
    if roles and row.proposer_id == actor.person_id:
        roles |= {Role.AUTHOR}
    if roles and row.is_holding:
        roles |= {Role.HOLDING}
    thing = Reference(row.thing_kind, row.thing_id) if row.thing_kind else None
    return Loaded(ItemLoaded(*(*row[:10], thing, roles)), roles)


def upcoming(connection: Connection, community_id: UUID, at: datetime) -> list[MeetingListed]:
    """What is to come or under way, the nearest first."""
    query = _listed().where(Meeting.community_id == community_id, is_ahead(at))
    rows = connection.execute(query.order_by(Meeting.starts_at, Meeting.id).limit(UPCOMING))
    return [MeetingListed(*row) for row in rows]


def past(
    connection: Connection, community_id: UUID, at: datetime, *, before: UUID | None = None, size: int = MEETINGS_A_PAGE
) -> Page[MeetingListed]:
    """What is over or will not be, the latest first."""
    query = (
        _listed()
        .where(Meeting.community_id == community_id, ~is_ahead(at))
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
        .limit(size + 1)
    )
    if before is not None:
        last = select(Meeting.starts_at).where(Meeting.id == before).scalar_subquery()
        query = query.where(or_(Meeting.starts_at < last, (Meeting.starts_at == last) & (Meeting.id < before)))
    return cut([MeetingListed(*row) for row in connection.execute(query)], size, lambda meeting: meeting.id)


def coming(connection: Connection, community_id: UUID, at: datetime) -> MeetingListed | None:
    """The one that is under way or comes next."""
    query = _listed().where(Meeting.community_id == community_id, is_ahead(at))
    row = connection.execute(query.order_by(Meeting.starts_at, Meeting.id).limit(1)).one_or_none()
    return MeetingListed(*row) if row else None


def is_ahead(at: Given[datetime]) -> ColumnElement[bool]:
    """Whether a meeting is to come and not over by the clock, or under way, however long it takes."""
    return or_(
        and_(one_of(Meeting.state, (state.value for state in sorted(COMING))), Meeting.ends_at >= at),
        Meeting.state == State.RUNNING.value,
    )


def agenda(connection: Connection, community_id: UUID, meeting_id: UUID | None) -> list[ItemSeen]:
    """What a meeting speaks about, in its order; for None what waits for a meeting to be planned."""
    rows = connection.execute(
        select(
            AgendaItem.id,
            AgendaItem.meeting_id,
            AgendaItem.title,
            AgendaItem.kind,
            AgendaItem.minutes,
            AgendaItem.thing_kind,
            AgendaItem.thing_id,
            AgendaItem.proposer_id,
            Person.display_name,
            AgendaItem.outcome,
            AgendaItem.dealt_at,
        )
        .join(Person, Person.id == AgendaItem.proposer_id)
        .where(
            AgendaItem.community_id == community_id,
            AgendaItem.meeting_id.is_(None) if meeting_id is None else AgendaItem.meeting_id == meeting_id,
        )
        .order_by(AgendaItem.position, AgendaItem.id)
        .limit(ITEMS)
    )
    return [ItemSeen(*row) for row in rows]


def roles_of_meeting(connection: Connection, meeting_id: UUID) -> list[RoleTaken]:
    """Who takes which part, in the order they took it."""
    rows = connection.execute(
        select(MeetingRole.role, MeetingRole.person_id, Person.display_name, MeetingRole.capacity)
        .join(Person, Person.id == MeetingRole.person_id)
        .where(MeetingRole.meeting_id == meeting_id)
        .order_by(MeetingRole.at, MeetingRole.role)
        .limit(ROLES)
    )
    return [RoleTaken(*row) for row in rows]


def of_site(
    connection: Connection, site_id: UUID, at: datetime, *, since: datetime | None = None, size: int = 2000
) -> list[Planned]:
    """Meetings of a site that are to come and not over; with ``since`` also those cancelled, and only what has changed
    after that moment."""
    query = (
        select(
            Meeting.id,
            Meeting.community_id,
            Meeting.title,
            Meeting.starts_at,
            Meeting.ends_at,
            Meeting.place,
            Meeting.link,
            Meeting.state,
            Meeting.revision,
            Meeting.changed_at,
        )
        .join(Community, Community.id == Meeting.community_id)
        .where(Community.site_id == site_id, Meeting.ends_at >= at)
        .order_by(Meeting.changed_at, Meeting.id)
        .limit(size)
    )
    which = Meeting.state.in_([state.value for state in OPEN]) if since is None else Meeting.changed_at > since
    rows: Sequence[Any] = connection.execute(query.where(which)).all()
    return [Planned(*row) for row in rows]


@holds_agendas
def meetings_of(connection: Connection, things: Sequence[Reference]) -> Mapping[Reference, Reference | None]:
    """Only what is to come: a thing that was spoken about may be put on the next agenda again."""
    pairs = [(thing.kind, thing.id) for thing in things]
    rows: Any = connection.execute(
        select(AgendaItem.thing_kind, AgendaItem.thing_id, AgendaItem.meeting_id)
        .outerjoin(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(
            tuple_(AgendaItem.thing_kind, AgendaItem.thing_id).in_(pairs),
            or_(AgendaItem.meeting_id.is_(None), Meeting.state.in_([state.value for state in OPEN])),
        )
        .order_by(AgendaItem.id)
    )
    return {
        Reference(row.thing_kind, row.thing_id): Reference("meeting", row.meeting_id) if row.meeting_id else None
        for row in rows.all()
    }


@shows("meeting", N_("Meeting"))
def show_meetings(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """``at`` is when it begins."""
    rows = connection.execute(
        select(
            Meeting.id,
            Meeting.title,
            func.substr(Meeting.minutes, 1, BEGINNING).label("minutes"),
            Meeting.community_id,
            Meeting.starts_at,
        ).where(Meeting.id.in_(ids), is_inside(actor.person_id, Meeting.community_id, actor.at))
    )
    return {
        row.id: Thing(
            reference=Reference("meeting", row.id),
            title=row.title,
            excerpt=excerpt(row.minutes),
            author_id=None,
            author="",
            community_id=row.community_id,
            at=row.starts_at,
            endpoint="meetings.meeting",
            values={"meeting_id": row.id},
        )
        for row in rows
    }


def _listed() -> Select[Any]:
    items = select(func.count()).where(AgendaItem.meeting_id == Meeting.id).scalar_subquery()
    return select(
        Meeting.id,
        Meeting.title,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.place,
        Meeting.state,
        items,
        Meeting.minutes_version > 0,
    )
