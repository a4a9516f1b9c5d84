"""The pages of attendance: the list and the large code for who holds a meeting, one field for everybody else."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.attendance import actions as attending
from lms_plc.attendance import guests
from lms_plc.attendance import on_meeting as attendance_part
from lms_plc.attendance import queries as attendance_queries
from lms_plc.attendance.forms import CodeForm, GuestsForm, as_seen, read_list
from lms_plc.attendance.on_meeting import STATUSES
from lms_plc.attendance.queries import Attender
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, allows, load
from lms_plc.house import house
from lms_plc.meetings import paperwork
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import read_form
from lms_plc.web.i18n import gettext

__all__ = ["attendance", "attendance_part", "paperwork"]

attendance = Blueprint("attendance", __name__, url_prefix="/s/<seat>", template_folder="templates")

FORM = "attendance"


@attendance.app_template_global()
def shown_at() -> int:
    """When a form was shown, for those whose minutes are counted."""
    return int(house().clock().timestamp())


@attendance.get("/meetings/<uuid:meeting_id>/attendance")
def show(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        meeting = _meeting(connection, who, meeting_id, "community.read")
        return _page(connection, who, meeting, notice=_said())


@attendance.post("/meetings/<uuid:meeting_id>/attendance")
def tick(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, given = actor(), read_form(GuestsForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        meeting = _meeting(connection, who, meeting_id, "meeting.mark_attendance")
        there = attendance_queries.attenders(connection, meeting, who.at)
        ticked = read_list(request.form, there)
        if ticked.errors or given.form is None:
            errors = [*ticked.errors, *given.errors]
            return _page(connection, who, meeting, given=request.form, errors=errors, there=there), 422
        attending.mark(session, who, meeting, ticked.marks, attending.Method.LIST)
        names = guests.digests(house().settings.secret_key.get_secret_value(), meeting.site_id, given.form.names)
        attending.write_guests(session, who, meeting, names, anew=bool(given.form.anew))
        paperwork.count_paperwork(session, meeting.id, FORM, paperwork.took(request.form))
    return _back(meeting_id, said="list")


@attendance.post("/meetings/<uuid:meeting_id>/attendance/code")
def type_code(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(CodeForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        meeting = _meeting(connection, who, meeting_id, "meeting.attend")
        status = attending.type_code(session, who, meeting, answer.form.code) if answer.form else None
        if status is None:
            return _page(connection, who, meeting, given=request.form, errors=answer.errors or _refused()), 422
    return _back(meeting_id, said="code")


@attendance.post("/meetings/<uuid:meeting_id>/attendance/new-code")
def make_code(meeting_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        meeting = _meeting(session.connection(), who, meeting_id, "meeting.mark_attendance")
        attending.make_code(session, who, meeting)
    return _back(meeting_id)


@attendance.post("/meetings/<uuid:meeting_id>/attendance/own")
def say_own(meeting_id: UUID) -> Response:
    """That one cannot come, or can after all; beforehand."""
    who = actor()
    with house().database.write() as session:
        meeting = _meeting(session.connection(), who, meeting_id, "meeting.attend")
        if request.form.get("comes") == "yes":
            attending.come_after_all(session, who, meeting)
        else:
            attending.excuse(session, who, meeting)
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id), 303)


def _meeting(connection: Connection, who: Actor, meeting_id: UUID, permission: str) -> MeetingSeen:
    meeting: MeetingSeen = load(connection, who, "meeting", meeting_id, permission)
    return meeting


def _back(meeting_id: UUID, said: str | None = None) -> Response:
    return redirect(url_for("attendance.show", meeting_id=meeting_id, said=said), 303)


def _said() -> dict[str, str] | None:
    words = {"list": gettext("Saved."), "code": gettext("Welcome. You are written down.")}
    text = words.get(request.args.get("said", ""))
    return {"text": text} if text else None


def _refused() -> list[dict[str, str]]:
    """One sentence for every reason: who guesses learns nothing."""
    message = gettext(
        "This code does not work here now. Look at it once more; after five tries, wait five minutes or have yourself"
        " ticked on the list."
    )
    return [{"field": "code", "message": message}]


def _page(
    connection: Connection,
    who: Actor,
    meeting: MeetingSeen,
    *,
    given: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    there: Sequence[Attender] | None = None,
    notice: dict[str, str] | None = None,
) -> str:
    community = load_here(connection, who, meeting.community_id, "community.read")
    found = attendance_queries.counted(connection, meeting.id, who.person_id)
    numbers = {"present": found.present, "guests": found.guests, "own": found.own, "own_method": found.own_method}
    stands = attendance_part.standing(who, meeting, **numbers)  # type: ignore[arg-type]
    may_mark = allows(meeting.roles, "meeting.mark_attendance")
    if may_mark and there is None:
        there = attendance_queries.attenders(connection, meeting, who.at)
    return render_template(
        "attendance/attendance.html",
        page_title=gettext("Attendance"),
        community=frame(community, "meetings.meeting_list"),
        given=stands,
        meeting=meeting,
        rows=[_row(one, given or {}) for one in there or ()] if may_mark else [],
        shows_list=may_mark,
        shows_minutes="minutes" in request.args or any(one.minutes for one in there or ()),
        statuses=[(value, gettext(word)) for value, word in STATUSES.items()],
        typed=given or {},
        code_error=next((error["message"] for error in errors if error["field"] == "code"), None),
        error_of={error["field"]: error["message"] for error in errors},
        errors=list(errors),
        labels={f"m-{one.id.hex}": one.name for one in there or ()},
        notice=notice,
    )


def _row(one: Attender, given: Mapping[str, str]) -> dict[str, Any]:
    key = one.id.hex
    minutes = one.minutes if one.minutes is not None else ""
    return {
        "key": key,
        "name": one.name,
        "status": given.get(f"s-{key}") or one.status,
        "minutes": given.get(f"m-{key}", minutes),
        "saw": given.get(f"saw-{key}") or as_seen(one),
    }
