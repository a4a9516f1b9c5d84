"""What can be read of series and of the school calendar. Each function is one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, exists, func, or_, select, union, union_all

from lms_plc.communities.models import Community, Membership, RoleAssignment
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.database import Row, one_of
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.things import Thing, shows
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.states import COMING
from lms_plc.series.models import CalendarFeed, MeetingSeries, SchoolHoliday
from lms_plc.series.recurrence import Break, Rhythm
from lms_plc.web.i18n import N_

SERIES, HOLIDAYS, MEETINGS, FEED = 50, 200, 120, 500
"""So many are read at once: series and breaks of a community, coming meetings of a series, meetings of a calendar."""

FEED_BEHIND, FEED_AHEAD = timedelta(days=60), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class SeriesSeen:
    id: UUID
    community_id: UUID
    site_id: UUID
    planned_by_id: UUID
    title: str
    rule: str
    first_day: date
    starts: time
    minutes: int
    zone: str
    mode: str
    place: str
    link: str
    in_working_time: bool
    laid_until: date | None
    ended_at: datetime | None
    roles: frozenset[Role] = frozenset()

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.rule, self.first_day, self.starts, self.minutes, self.zone)


@dataclass(frozen=True, slots=True)
class HolidaySeen:
    id: UUID
    community_id: UUID
    site_id: UUID
    name: str
    first_day: date
    last_day: date
    roles: frozenset[Role] = frozenset()

    @property
    def as_break(self) -> Break:
        return Break(self.name, self.first_day, self.last_day)


@dataclass(frozen=True, slots=True)
class InSeries:
    """A meeting as its series needs it."""

    id: UUID
    community_id: UUID
    series_id: UUID | None
    occurrence: date | None
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


@dataclass(frozen=True, slots=True)
class Entered:
    """A meeting as a calendar elsewhere has it."""

    id: UUID
    community: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    link: str
    state: str
    revision: int
    changed_at: datetime


def _series() -> Select[Any]:
    columns: Sequence[Any] = (
        MeetingSeries.id,
        MeetingSeries.community_id,
        Community.site_id,
        MeetingSeries.planned_by_id,
        MeetingSeries.title,
        MeetingSeries.rule,
        MeetingSeries.first_day,
        MeetingSeries.starts,
        MeetingSeries.minutes,
        MeetingSeries.zone,
        MeetingSeries.mode,
        MeetingSeries.place,
        MeetingSeries.link,
        MeetingSeries.in_working_time,
        MeetingSeries.laid_until,
        MeetingSeries.ended_at,
    )
    return select(*columns).join(Community, Community.id == MeetingSeries.community_id)


@loads("meeting_series", known_by="community.read")
def load_series(connection: Connection, actor: Actor, series_id: UUID) -> Loaded | None:
    query = _series().add_columns(*roles_of(actor.person_id, MeetingSeries.community_id, actor.at))
    row = connection.execute(query.where(MeetingSeries.id == series_id)).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = read_roles(membership_state, assigned_roles)
    return Loaded(SeriesSeen(*(*values, roles)), roles)


@loads("school_holiday", known_by="community.read")
def load_holiday(connection: Connection, actor: Actor, holiday_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            SchoolHoliday.id,
            SchoolHoliday.community_id,
            Community.site_id,
            SchoolHoliday.name,
            SchoolHoliday.first_day,
            SchoolHoliday.last_day,
            *roles_of(actor.person_id, SchoolHoliday.community_id, actor.at),
        )
        .join(Community, Community.id == SchoolHoliday.community_id)
        .where(SchoolHoliday.id == holiday_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = read_roles(membership_state, assigned_roles)
    return Loaded(HolidaySeen(*(*values, roles)), roles)


def series_of(connection: Connection, community_id: UUID) -> list[SeriesSeen]:
    """Those that go on, the oldest first."""
    query = _series().where(MeetingSeries.community_id == community_id, MeetingSeries.ended_at.is_(None))
    return [SeriesSeen(*row) for row in connection.execute(query.order_by(MeetingSeries.id).limit(SERIES))]


def series_that_go_on(connection: Connection, after: UUID | None, size: int) -> list[SeriesSeen]:
    """Of all communities, some at a time; held: one that is ended or changed meanwhile is not laid as it was."""
    going = _series().where(MeetingSeries.ended_at.is_(None)).order_by(MeetingSeries.id).limit(size)
    query = going.with_for_update(of=MeetingSeries)
    rows = connection.execute(query if after is None else query.where(MeetingSeries.id > after))
    return [SeriesSeen(*row) for row in rows]


def holidays_of(connection: Connection, community_id: UUID, since: date) -> list[HolidaySeen]:
    """Breaks that are not over by then, in their order."""
    rows = connection.execute(
        select(
            SchoolHoliday.id,
            SchoolHoliday.community_id,
            Community.site_id,
            SchoolHoliday.name,
            SchoolHoliday.first_day,
            SchoolHoliday.last_day,
        )
        .join(Community, Community.id == SchoolHoliday.community_id)
        .where(SchoolHoliday.community_id == community_id, SchoolHoliday.last_day >= since)
        .order_by(SchoolHoliday.first_day, SchoolHoliday.id)
        .limit(HOLIDAYS)
    )
    return [HolidaySeen(*row) for row in rows]


def breaks_of(connection: Connection, communities: Collection[UUID], since: date) -> Mapping[UUID, list[Break]]:
    """Breaks of several communities that are not over by then."""
    rows: Any = connection.execute(
        select(SchoolHoliday.community_id, SchoolHoliday.name, SchoolHoliday.first_day, SchoolHoliday.last_day)
        .where(SchoolHoliday.community_id.in_(communities), SchoolHoliday.last_day >= since)
        .order_by(SchoolHoliday.first_day, SchoolHoliday.id)
        .limit(HOLIDAYS * max(1, len(communities)))
    )
    found: dict[UUID, list[Break]] = {community_id: [] for community_id in communities}
    for community_id, *values in rows:
        found[community_id].append(Break(*values))
    return found


def communities_with_holidays(
    connection: Connection, actor: Actor, but: UUID, since: date
) -> list[tuple[UUID, str, int]]:
    """(id, name, number of breaks to come) of other communities this person is in."""
    rows = connection.execute(
        select(Community.id, Community.name, func.count())
        .join(SchoolHoliday, SchoolHoliday.community_id == Community.id)
        .where(
            Community.id != but,
            SchoolHoliday.last_day >= since,
            is_inside(actor.person_id, Community.id, actor.at),
        )
        .group_by(Community.id, Community.name)
        .order_by(Community.name, Community.id)
        .limit(SERIES)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def in_series(connection: Connection, series_id: UUID, at: datetime, since: date | None) -> list[InSeries]:
    """Meetings of a series from now on, whatever has become of them; with ``since`` also those it meant for that day or
    a later one, when they have begun."""
    ahead = Meeting.starts_at > at
    query = _in_series().where(
        Meeting.series_id == series_id, ahead if since is None else or_(ahead, Meeting.occurrence >= since)
    )
    rows = connection.execute(query.order_by(Meeting.starts_at, Meeting.id).limit(MEETINGS))
    return [InSeries(*row) for row in rows]


def to_come(connection: Connection, community_id: UUID, at: datetime) -> list[InSeries]:
    """Meetings of a community that have not begun and will, of a series or not."""
    query = _in_series().where(
        Meeting.community_id == community_id,
        Meeting.starts_at > at,
        one_of(Meeting.state, (state.value for state in COMING)),
    )
    rows = connection.execute(query.order_by(Meeting.starts_at, Meeting.id).limit(HOLIDAYS))
    return [InSeries(*row) for row in rows]


def _in_series() -> Select[Any]:
    columns: Sequence[Any] = (
        Meeting.id,
        Meeting.community_id,
        Meeting.series_id,
        Meeting.occurrence,
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
    )
    return select(*columns)


def with_something_on_them(connection: Connection, meetings: Collection[UUID]) -> set[UUID]:
    """Which of these have an agenda, a role given, somebody who was there …: a row of any room that hangs on them."""
    if not meetings:
        return set()
    asked = [select(table.c[name]).where(table.c[name].in_(meetings)) for table, name in _hanging_on_meetings()]
    return set(connection.execute(union_all(*asked)).scalars())


@cache
def _hanging_on_meetings() -> Sequence[tuple[Table, str]]:
    own = Meeting.__table__.c.id
    return [
        (table, column.name)
        for table in Row.metadata.sorted_tables
        for column in table.columns
        if any(key.column is own for key in column.foreign_keys)
    ]


def calendar_of(connection: Connection, person_id: UUID, at: datetime) -> list[Entered]:
    """Meetings of all communities this person is in now, the recent ones and those to come; cancelled ones too."""
    # named first, so that an index leads to their meetings; whether they are still in is asked all the same
    mine = union(
        select(Membership.community_id).where(Membership.person_id == person_id),
        select(RoleAssignment.community_id).where(RoleAssignment.person_id == person_id),
    )
    rows = connection.execute(
        _entered()
        .where(
            Meeting.community_id.in_(mine),
            Meeting.starts_at > at - FEED_BEHIND,
            Meeting.starts_at < at + FEED_AHEAD,
            is_inside(person_id, Meeting.community_id, at),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(FEED)
    )
    return [Entered(*row) for row in rows]


def for_letters(connection: Connection, person_id: UUID, meetings: Collection[UUID], at: datetime) -> list[Entered]:
    """Those of these meetings that this person may see now; none for whose calendar fetches them itself: there they
    would stand twice."""
    query = _entered().where(
        Meeting.id.in_(meetings),
        is_inside(person_id, Meeting.community_id, at),
        ~exists().where(CalendarFeed.person_id == person_id),
    )
    return [Entered(*row) for row in connection.execute(query.order_by(Meeting.starts_at, Meeting.id))]


def _entered() -> Select[Any]:
    columns: Sequence[Any] = (
        Meeting.id,
        Community.name,
        Meeting.title,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.zone,
        Meeting.place,
        Meeting.link,
        Meeting.state,
        Meeting.revision,
        Meeting.changed_at,
    )
    return select(*columns).join(Community, Community.id == Meeting.community_id)


@shows("meeting_series", N_("Series of meetings"))
def show_series(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """``at`` is when it was changed last."""
    rows = connection.execute(
        select(MeetingSeries.id, MeetingSeries.title, MeetingSeries.community_id, MeetingSeries.changed_at).where(
            MeetingSeries.id.in_(ids), is_inside(actor.person_id, MeetingSeries.community_id, actor.at)
        )
    )
    return {
        row.id: Thing(
            reference=Reference("meeting_series", row.id),
            title=row.title,
            excerpt="",
            author_id=None,
            author="",
            community_id=row.community_id,
            at=row.changed_at,
            endpoint="series.show",
            values={"series_id": row.id},
        )
        for row in rows
    }
