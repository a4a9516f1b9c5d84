"""What attendance adds to a meeting's page: the code for who holds it, one field for who is there, a number for all."""

from typing import Any

from sqlalchemy import Select, func, select

from lms_plc.attendance.actions import WAS_THERE, Method, Status
from lms_plc.attendance.models import Attendance, MeetingGuest
from lms_plc.communities.lines import line
from lms_plc.core.database import one_of
from lms_plc.core.policy import Actor, allows
from lms_plc.meetings import codes
from lms_plc.meetings.page import ME, MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING, TOOK_PLACE, State
from lms_plc.web.i18n import N_

STATUSES = {
    Status.PRESENT.value: N_("here"),
    Status.LATE.value: N_("late"),
    Status.EXCUSED.value: N_("excused"),
    Status.ABSENT.value: N_("absent"),
}
OWN_LINES = {
    Status.PRESENT.value: N_("You are written down as present."),
    Status.LATE.value: N_("You are written down as present, from a little later on."),
    Status.EXCUSED.value: N_("You are excused."),
    Status.ABSENT.value: N_("You are written down as absent. If that is wrong, tell whoever holds the meeting."),
}


def _own() -> Select[Any]:
    own = (Attendance.meeting_id == MEETING, Attendance.person_id == ME)
    return select(*line(kind=Attendance.status, name=Attendance.method)).where(*own)


def _present() -> Select[Any]:
    there = one_of(Attendance.status, [status.value for status in WAS_THERE])
    return select(*line(number=func.count())).where(Attendance.meeting_id == MEETING, there)


def _guests() -> Select[Any]:
    return select(*line(number=func.count())).where(MeetingGuest.meeting_id == MEETING)


@contributes_to_meeting(30, {"own": _own(), "present": _present(), "guests": _guests()})
def attendance_of_a_meeting(actor: Actor, meeting: MeetingSeen, found: Found) -> Part:
    own = found["own"][0] if found["own"] else None
    given = standing(
        actor,
        meeting,
        present=found["present"][0].number or 0,
        guests=found["guests"][0].number or 0,
        own=own.kind if own else None,
        own_method=own.name if own else None,
    )
    shows_something = given["present"] or given["guests"] or given["own"] or given["may_mark"] or given["takes_code"]
    return Part("attendance/on_meeting.html", given) if shows_something or given["may_excuse"] else Part()


def standing(
    actor: Actor, meeting: MeetingSeen, *, present: int, guests: int, own: str | None, own_method: str | None
) -> dict[str, Any]:
    """What both pages that speak of attendance show somebody."""
    may_attend, may_mark = allows(meeting.roles, "meeting.attend"), allows(meeting.roles, "meeting.mark_attendance")
    is_open, code = codes.is_open(meeting, actor.at), meeting.attendance_code
    comes = State(meeting.state) in COMING and actor.at < meeting.ends_at
    return {
        "meeting": meeting,
        "present": present,
        "guests": guests,
        "own": own,
        "own_line": OWN_LINES.get(own or ""),
        "may_mark": may_mark and (is_open or State(meeting.state) not in (State.CANCELLED, State.NOT_HELD)),
        "code": codes.as_shown(code) if code and may_mark and is_open else None,
        "makes_code": may_mark and is_open,
        "shows_code": State(meeting.state) not in TOOK_PLACE,
        "takes_code": bool(code) and may_attend and not may_mark and is_open and own not in WAS_THERE,
        "may_excuse": may_attend and comes and own is None,
        "may_come": may_attend and comes and own_method == Method.OWN.value,
    }
