"""What the rhythm of a community is read from. Each function is one statement, with a bound on every list."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, String, and_, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from lms_plc.actionitems.models import ActionItem
from lms_plc.attendance.models import Attendance
from lms_plc.communities.lines import Line, line
from lms_plc.communities.models import Membership, RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.core.activity import Event
from lms_plc.core.database import one_of
from lms_plc.core.ids import first_id
from lms_plc.core.policy import Role
from lms_plc.meetings.models import AgendaItem, Meeting, MeetingRole, Paperwork
from lms_plc.meetings.queries import FACILITATOR
from lms_plc.meetings.states import COMING, TOOK_PLACE, State
from lms_plc.people.models import Person
from lms_plc.rhythm.figures import HELD_BEFORE_TURNS, Holiday, Member, Met
from lms_plc.rhythm.models import RoleWish
from lms_plc.running.models import ProtocolRun, RunNote
from lms_plc.series.models import SchoolHoliday

MEETINGS = 200
"""The latest of a school year; who meets every school day sees them all."""
TWELVE = 12
PAPERS = 6
ACTIONS = 500
MEMBERS = 200
ROLES = 60
LATELY = timedelta(days=60)
"""Who did something in so long is active."""
LOOKED_THROUGH = 2000
MONTH = timedelta(days=30)
OVER = (*TOOK_PLACE, State.NOT_HELD, State.CANCELLED)
MEETING_ROLES = (FACILITATOR, "scribe", "timekeeper")


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody took a part in a meeting."""

    meeting_id: UUID
    person: str
    name: str
    role: str
    by_mentor: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """The next meeting, and who leads it, if that is said."""

    id: UUID
    title: str
    at: datetime
    leader: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """``minutes`` is by kind of agenda item; ``paperwork`` seconds a meeting of the last ones, ``month`` those of all
    forms in thirty days; ``actions`` as ``figures.in_time`` takes them; ``brought`` what each person brought to
    meetings; ``held`` how often they have met, as far as it is counted."""

    minutes: Mapping[str, int]
    paperwork: Sequence[int]
    month: int
    actions: Sequence[tuple[date, str, date | None]]
    holidays: Sequence[Holiday]
    brought: Mapping[UUID, int]
    taken: Sequence[Taken]
    coming: Coming | None
    held: int
    members: int


def meetings_over(
    connection: Connection, community_id: UUID, at: datetime, zone: tzinfo, since: datetime | None
) -> list[Met]:
    """Those that have been or were to be since a moment, or the last twelve, the earliest first."""
    query = (
        select(Meeting.id, Meeting.title, Meeting.starts_at, Meeting.moved_from, Meeting.state, Meeting.in_working_time)
        .where(Meeting.community_id == community_id, Meeting.ends_at <= at)
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
        .limit(MEETINGS)
    )
    query = query.where(Meeting.state.in_(OVER)).limit(TWELVE) if since is None else query.where(_since(since))
    rows: Sequence[Any] = connection.execute(query).all()
    return [
        Met(
            row.id,
            row.title,
            row.starts_at.astimezone(zone).date(),
            (row.moved_from or row.starts_at).astimezone(zone).date(),
            row.state,
            row.in_working_time,
        )
        for row in reversed(rows)
    ]


def _since(since: datetime) -> Any:
    return Meeting.starts_at >= since


def facts(connection: Connection, community_id: UUID, at: datetime, zone: tzinfo, since: datetime) -> Facts:
    """Everything else the page tells, over the same stretch of time."""
    asked = {
        "minutes": _minutes(community_id, at, since),
        "paperwork": _paperwork(community_id, at, since),
        "month": _paperwork_of_a_month(community_id, at),
        "actions": _actions(community_id, at, since),
        "holidays": _holidays(community_id, at, since),
        "proposed": _proposed(community_id, at, since),
        "noted": _noted(community_id, at, since),
        "led": _led(community_id, at, since),
        "taken": _taken(community_id, at, since),
        "coming": _coming(community_id, at),
        "held": _held(community_id, HELD_BEFORE_TURNS),
        "members": select(*line(number=func.count())).where(
            Membership.community_id == community_id, Membership.state == "active"
        ),
    }
    found: dict[str, list[Line]] = {word: [] for word in asked}
    parts = [_marked(word, some) for word, some in asked.items()]
    for word, *columns in connection.execute(union_all(*parts)):
        found[word].append(Line(*columns))
    brought: Counter[UUID] = Counter()
    for one in (*found["proposed"], *found["noted"], *found["led"]):
        if one.id is not None:
            brought[one.id] += one.number or 0
    return Facts(
        minutes={one.kind or "": one.number or 0 for one in found["minutes"]},
        paperwork=[one.number or 0 for one in found["paperwork"]],
        month=sum(one.number or 0 for one in found["month"]),
        actions=[(_day(one.text), one.kind or "", _wall_day(one.at, zone)) for one in found["actions"]],
        holidays=[Holiday(one.title or "", _day(one.text), _day(one.kind)) for one in found["holidays"]],
        brought=brought,
        taken=[_read_taken(one) for one in found["taken"]],
        coming=next((_read_coming(one) for one in found["coming"]), None),
        held=sum(one.number or 0 for one in found["held"]),
        members=sum(one.number or 0 for one in found["members"]),
    )


def members(connection: Connection, community_id: UUID, at: datetime) -> list[Member]:
    """Whoever might lead: mentors are there to let go of it. Who never led comes first, then whose turn is longest ago;
    the longest here before others."""
    led_on = _led_on()
    rows: Sequence[Any] = connection.execute(
        select(
            Membership.person_id.label("id"),
            Person.display_name.label("name"),
            led_on.label("led_on"),
            _wishes_not().label("wishes_not"),
            _is_active(community_id, at).label("is_active"),
        )
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.community_id == community_id, Membership.state == "active", ~_mentors(at))
        .order_by(led_on.asc().nulls_first(), Membership.id)
        .limit(MEMBERS)
    ).all()
    return [Member(row.id, row.name, row.led_on, bool(row.wishes_not), bool(row.is_active)) for row in rows]


def to_be_asked(meeting_id: Any, person_id: Any, at: Any) -> Select[Any]:
    """One line if this meeting has nobody to lead it, and this member never led one: for a select of others."""
    here = select(Meeting.community_id).where(Meeting.id == meeting_id).scalar_subquery()
    given = aliased(MeetingRole)
    nobody = ~exists().where(given.meeting_id == meeting_id, given.role == FACILITATOR)
    often = select(func.count()).select_from(_took_place(here, HELD_BEFORE_TURNS).subquery()).scalar_subquery()
    return (
        select(*line(id=Membership.person_id))
        .where(
            Membership.community_id == here,
            Membership.person_id == person_id,
            Membership.state == "active",
            ~_mentors(at),
            ~_wishes_not(),
            nobody,
            _led_on().is_(None),
            often >= HELD_BEFORE_TURNS,
        )
        .limit(1)
    )


def _led_on() -> Any:
    """When a member led a meeting of theirs last."""
    led = aliased(Meeting)
    return (
        select(func.max(led.starts_at))
        .join(MeetingRole, MeetingRole.meeting_id == led.id)
        .where(
            led.community_id == Membership.community_id,
            one_of(led.state, TOOK_PLACE),
            MeetingRole.role == FACILITATOR,
            MeetingRole.person_id == Membership.person_id,
        )
        .correlate(Membership)
        .scalar_subquery()
    )


def _mentors(at: Any) -> Any:
    return exists().where(
        RoleAssignment.community_id == Membership.community_id,
        RoleAssignment.person_id == Membership.person_id,
        RoleAssignment.role == Role.MENTOR.value,
        in_force(at),
    )


def _wishes_not() -> Any:
    return exists().where(RoleWish.community_id == Membership.community_id, RoleWish.person_id == Membership.person_id)


def _is_active(community_id: UUID, at: datetime) -> Any:
    """Whoever did something lately, or was at a meeting."""
    lately = (
        select(Event.actor_id)
        .where(Event.community_id == community_id, Event.id >= first_id(at - LATELY))
        .order_by(Event.id.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    was_there = (
        select(Attendance.person_id)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .where(
            Meeting.community_id == community_id,
            Meeting.starts_at >= at - LATELY,
            Attendance.status.in_(("present", "late")),
        )
    )
    return or_(Membership.person_id.in_(select(lately.c.actor_id)), Membership.person_id.in_(was_there))


def _took_place(community_id: Any, size: int) -> Select[Any]:
    one = aliased(Meeting)
    return (
        select(one.id)
        .where(one.community_id == community_id, one_of(one.state, TOOK_PLACE))
        .order_by(one.starts_at.desc(), one.id.desc())
        .limit(size)
    )


def _held(community_id: UUID, size: int) -> Select[Any]:
    some = _took_place(community_id, size).subquery()
    return select(*line(number=func.count())).select_from(some)


def _within(community_id: UUID, at: datetime, since: datetime) -> Any:
    """Of a join with meetings: those of this stretch that took place."""
    return and_(
        Meeting.community_id == community_id,
        Meeting.starts_at >= since,
        Meeting.starts_at <= at,
        Meeting.state.in_(TOOK_PLACE),
    )


def _minutes(community_id: UUID, at: datetime, since: datetime) -> Select[Any]:
    return (
        select(*line(kind=AgendaItem.kind, number=func.sum(AgendaItem.minutes)))
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.community_id == community_id, _within(community_id, at, since))
        .group_by(AgendaItem.kind)
    )


def _paperwork(community_id: UUID, at: datetime, since: datetime) -> Select[Any]:
    return (
        select(*line(at=Meeting.starts_at, number=func.coalesce(func.sum(Paperwork.seconds), 0)))
        .outerjoin(Paperwork, Paperwork.meeting_id == Meeting.id)
        .where(_within(community_id, at, since))
        .group_by(Meeting.id, Meeting.starts_at)
        .order_by(Meeting.starts_at.desc())
        .limit(PAPERS)
    )


def _paperwork_of_a_month(community_id: UUID, at: datetime) -> Select[Any]:
    return (
        select(*line(number=func.coalesce(func.sum(Paperwork.seconds), 0)))
        .join(Meeting, Meeting.id == Paperwork.meeting_id)
        .where(Meeting.community_id == community_id, Meeting.starts_at >= at - MONTH, Meeting.starts_at <= at)
    )


def _actions(community_id: UUID, at: datetime, since: datetime) -> Select[Any]:
    return (
        select(*line(text=cast(ActionItem.due, String), kind=ActionItem.state, at=ActionItem.closed_at))
        .where(
            ActionItem.community_id == community_id,
            ActionItem.due >= since.date(),
            ActionItem.due <= at.date(),
        )
        .order_by(ActionItem.due.desc(), ActionItem.id)
        .limit(ACTIONS)
    )


def _holidays(community_id: UUID, at: datetime, since: datetime) -> Select[Any]:
    first, last = cast(SchoolHoliday.first_day, String), cast(SchoolHoliday.last_day, String)
    return (
        select(*line(title=SchoolHoliday.name, text=first, kind=last))
        .where(
            SchoolHoliday.community_id == community_id,
            SchoolHoliday.last_day >= since.date(),
            SchoolHoliday.first_day <= at.date(),
        )
        .order_by(SchoolHoliday.first_day, SchoolHoliday.id)
        .limit(100)
    )


def _proposed(community_id: UUID, at: datetime, since: datetime) -> Select[Any]:
    return (
        select(*line(id=AgendaItem.proposer_id, number=func.count()))
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.community_id == community_id, _within(community_id, at, since))
        .group_by(AgendaItem.proposer_id)
    )


def _noted(community_id: UUID, at: datetime, since: datetime) -> Select[Any]:
    return (
        select(*line(id=RunNote.author_id, number=func.count()))
        .join(ProtocolRun, ProtocolRun.id == RunNote.run_id)
        .join(Meeting, Meeting.id == ProtocolRun.meeting_id)
        .where(_within(community_id, at, since), RunNote.removed_at.is_(None))
        .group_by(RunNote.author_id)
    )


def _led(community_id: UUID, at: datetime, since: datetime) -> Select[Any]:
    return (
        select(*line(id=MeetingRole.person_id, number=func.count()))
        .join(Meeting, Meeting.id == MeetingRole.meeting_id)
        .where(_within(community_id, at, since), MeetingRole.role == FACILITATOR)
        .group_by(MeetingRole.person_id)
    )


def _taken(community_id: UUID, at: datetime, since: datetime) -> Select[Any]:
    """Who took which part in the last twelve meetings; who they are stands in the title."""
    return (
        select(
            *line(
                id=MeetingRole.meeting_id,
                title=cast(MeetingRole.person_id, String),
                name=Person.display_name,
                kind=MeetingRole.role,
                text=MeetingRole.capacity,
            )
        )
        .join(Person, Person.id == MeetingRole.person_id)
        .where(
            MeetingRole.meeting_id.in_(_took_place(community_id, TWELVE)),
            MeetingRole.role.in_(MEETING_ROLES),
        )
        .order_by(MeetingRole.at)
        .limit(ROLES)
    )


def _coming(community_id: UUID, at: datetime) -> Select[Any]:
    leader = (
        select(func.min(Person.display_name))
        .join(MeetingRole, MeetingRole.person_id == Person.id)
        .where(MeetingRole.meeting_id == Meeting.id, MeetingRole.role == FACILITATOR)
        .correlate(Meeting)
        .scalar_subquery()
    )
    return (
        select(*line(id=Meeting.id, title=Meeting.title, at=Meeting.starts_at, name=leader))
        .where(Meeting.community_id == community_id, Meeting.state.in_(COMING), Meeting.ends_at >= at)
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    )


def _marked(word: str, lines: Select[Any]) -> Select[Any]:
    some = lines.subquery()
    return select(literal(word).label("word"), *some.c)


def _day(text: str | None) -> date:
    return date.fromisoformat((text or "")[:10])


def _wall_day(at: datetime | None, zone: tzinfo) -> date | None:
    return at.astimezone(zone).date() if at else None


def _read_taken(one: Line) -> Taken:
    assert one.id is not None
    return Taken(one.id, one.title or "", one.name or "", one.kind or "", one.text == "mentor")


def _read_coming(one: Line) -> Coming:
    assert one.id is not None
    assert one.at is not None
    return Coming(one.id, one.title or "", one.at, one.name)
