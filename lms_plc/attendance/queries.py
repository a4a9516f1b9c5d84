"""What can be read of attendance. Names are for whoever leads the meeting or the community; for others, a number and
their own line. Each function is one statement."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, and_, exists, func, select, union

from lms_plc.attendance.actions import WAS_THERE
from lms_plc.attendance.models import Attendance, MeetingGuest
from lms_plc.communities.models import Membership, RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.core.database import one_of
from lms_plc.core.policy import Role
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.people.models import Person

MOST = 400
"""Names on one list; larger communities than that do not meet in one room."""


@dataclass(frozen=True, slots=True)
class Attender:
    """Somebody who may have been there, and what is written down of them."""

    id: UUID
    name: str
    status: str | None
    minutes: int | None
    method: str | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many were there, and what is written down of the one who asks."""

    present: int
    guests: int
    own: str | None
    own_method: str | None


def attenders(connection: Connection, meeting: MeetingSeen, at: datetime) -> list[Attender]:
    """The members, their mentors, and who is written down already; by name."""
    members = select(Membership.person_id).where(
        Membership.community_id == meeting.community_id, Membership.state == "active"
    )
    rests = exists().where(
        Membership.community_id == meeting.community_id,
        Membership.person_id == RoleAssignment.person_id,
        Membership.state != "active",
    )
    mentors = select(RoleAssignment.person_id).where(
        RoleAssignment.community_id == meeting.community_id,
        RoleAssignment.role == Role.MENTOR.value,
        in_force(at),
        ~rests,
    )
    written = select(Attendance.person_id).where(Attendance.meeting_id == meeting.id)
    rows = connection.execute(
        select(Person.id, Person.display_name, Attendance.status, Attendance.minutes, Attendance.method)
        .outerjoin(Attendance, and_(Attendance.person_id == Person.id, Attendance.meeting_id == meeting.id))
        .where(Person.id.in_(union(members, mentors, written)))
        .order_by(Person.display_name, Person.id)
        .limit(MOST)
    )
    return [Attender(*row) for row in rows]


def counted(connection: Connection, meeting_id: UUID, person_id: UUID) -> Counted:
    there = one_of(Attendance.status, [status.value for status in WAS_THERE])
    own = select(Attendance.status).where(Attendance.meeting_id == meeting_id, Attendance.person_id == person_id)
    how = select(Attendance.method).where(Attendance.meeting_id == meeting_id, Attendance.person_id == person_id)
    row = connection.execute(
        select(
            select(func.count()).where(Attendance.meeting_id == meeting_id, there).scalar_subquery(),
            select(func.count()).where(MeetingGuest.meeting_id == meeting_id).scalar_subquery(),
            own.scalar_subquery(),
            how.scalar_subquery(),
        )
    ).one()
    return Counted(*row)
