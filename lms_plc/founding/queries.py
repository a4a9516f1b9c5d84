"""What is looked up when a community is opened. Each function is one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, String, and_, cast, func, or_, select

from lms_plc.communities.home import HERE, line
from lms_plc.communities.models import Community, Membership
from lms_plc.communities.standing import is_inside
from lms_plc.core.policy import Actor
from lms_plc.people.models import Person, PersonSchool, School
from lms_plc.series.models import SchoolHoliday
from lms_plc.series.recurrence import Break
from lms_plc.sites.models import Enrolment
from lms_plc.sites.queries import teaches

PEOPLE = 300
BREAKS = 50


@dataclass(frozen=True, slots=True)
class InCourse:
    """Somebody of the course; ``leads``: they teach it, as the LMS says."""

    id: UUID
    name: str
    leads: bool


def others_in_course(connection: Connection, actor: Actor, course_id: UUID) -> list[InCourse]:
    """Whom the LMS lists in a course beside the actor, as far as they are known here, by name."""
    rows: Sequence[Any] = connection.execute(
        select(Person.id, Person.display_name, Enrolment.launch_roles, Enrolment.lms_roles, Enrolment.from_sync)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course_id, Enrolment.state == "active", Person.id != actor.person_id)
        .order_by(Person.display_name, Person.id)
        .limit(PEOPLE)
    ).all()
    return [InCourse(row.id, row.display_name, _leads(row)) for row in rows]


def _leads(row: Any) -> bool:
    return teaches(row.launch_roles or (), row.from_sync) or "editingteacher" in (row.lms_roles or ())


def school_of(connection: Connection, person_id: UUID) -> str | None:
    """The school somebody named first in their profile."""
    return connection.execute(
        select(School.name)
        .join(PersonSchool, PersonSchool.school_id == School.id)
        .where(PersonSchool.person_id == person_id)
        .order_by(PersonSchool.place)
        .limit(1)
    ).scalar_one_or_none()


def breaks_known_to(connection: Connection, actor: Actor, since: date) -> list[Break]:
    """Holidays that communities of this person wrote down: a school has one calendar."""
    rows = connection.execute(
        select(SchoolHoliday.name, SchoolHoliday.first_day, SchoolHoliday.last_day)
        .where(
            SchoolHoliday.last_day >= since,
            is_inside(actor.person_id, SchoolHoliday.community_id, actor.at),
        )
        .order_by(SchoolHoliday.first_day)
        .limit(BREAKS)
    )
    return [Break(*row) for row in rows]


def size_of(connection: Connection, community_id: UUID) -> tuple[str | None, int | None]:
    """(its school's name, its seats)"""
    row = connection.execute(
        select(School.name, Community.seats)
        .select_from(Community)
        .outerjoin(School, School.id == Community.school_id)
        .where(Community.id == community_id)
    ).one()
    return row[0], row[1]


def size_on_home() -> Select[Any]:
    """As a line, where something was said of it: the school, the seats, and how many there are (as text)."""
    members = (
        select(func.count())
        .where(and_(Membership.community_id == HERE.community_id, Membership.state == "active"))
        .scalar_subquery()
    )
    return (
        select(*line(title=School.name, number=Community.seats, text=cast(members, String)))
        .select_from(Community)
        .outerjoin(School, School.id == Community.school_id)
        .where(Community.id == HERE.community_id, or_(Community.seats.is_not(None), Community.school_id.is_not(None)))
    )
