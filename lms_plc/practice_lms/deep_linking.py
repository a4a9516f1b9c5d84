"""Adding content from a tool to a course (Deep Linking 2.0): the page with the tool's frame, and the way back."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from lms_plc.practice_lms.claims import DEEP_LINKING, IN_FRAME
from lms_plc.practice_lms.content_items import RefusedContent, activity_fields, column_fields, read_response
from lms_plc.practice_lms.pages import course_for, signed_in
from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.platform import NOT_ALLOWED, login_initiation
from lms_plc.practice_lms.records import Activity, OpenLaunch
from lms_plc.practice_lms.rights import edits
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.scopes import GRADE_SCOPES
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

blueprint = Blueprint("deep_linking", __name__)


def place_activity(
    state: State, course: Course, tool: Tool, fields: dict[str, Any], column: dict[str, Any]
) -> Activity:
    """An activity and, when the tool may keep grades, its column under the activity's title."""
    activity = state.add_activity(course.id, **fields)
    if not set(GRADE_SCOPES).isdisjoint(tool.scopes):
        state.add_line_item(
            course_id=course.id, label=activity.title, link_id=activity.link_id, tool_id=tool.id, **column
        )
    return activity


def _asked_for(user_id: int, course_id: int, tool_id: int) -> tuple[Person, Course, Tool]:
    state, _ = here()
    person = signed_in(user_id)
    course = course_for(state, person, course_id)
    tool = state.tool(tool_id)
    if tool is None or not tool.active:
        abort(404, "There is no such tool.")
    return person, course, tool


@blueprint.get("/as/<int:user_id>/course/<int:course_id>/add/<int:tool_id>")
def choose(user_id: int, course_id: int, tool_id: int) -> str:
    """The tool in a frame of the size of Moodle's window."""
    state, _ = here()
    person, course, tool = _asked_for(user_id, course_id, tool_id)
    if not edits(state, person, course) or not tool.deep_linking:
        abort(404, NOT_ALLOWED)
    return render_template("add_from.html", person=person, course=course, tool=tool, state=state)


@blueprint.post("/as/<int:user_id>/course/<int:course_id>/add/<int:tool_id>")
def add_plain(user_id: int, course_id: int, tool_id: int) -> Response:
    """An activity that opens the tool itself."""
    state, _ = here()
    person, course, tool = _asked_for(user_id, course_id, tool_id)
    if not edits(state, person, course):
        abort(404, NOT_ALLOWED)
    place_activity(state, course, tool, {"tool_id": tool.id, "title": tool.name}, column_fields({}))
    return redirect(url_for("pages.course_page", user_id=user_id, course_id=course.id), 303)


@blueprint.get("/as/<int:user_id>/mod/lti/contentitem.php")
def begin(user_id: int) -> str:
    """The form that carries the person to the tool's login address; rights are looked at when the tool comes back."""
    state, settings = here()
    course_id, tool_id = (request.args.get(name, 0, type=int) for name in ("course", "id"))
    person, course, tool = _asked_for(user_id, course_id, tool_id)
    launch = OpenLaunch(
        user_id=person.id,
        tool_id=tool.id,
        message=DEEP_LINKING,
        target=tool.deep_link_url or tool.launch_url,
        container=IN_FRAME,
        course_id=course.id,
    )
    fields = login_initiation(state, settings, tool, launch)
    return render_template("post_on.html", action=tool.login_url, fields=fields, label=f"Open {tool.name}")


@blueprint.post("/mod/lti/contentitem_return.php")
def returned() -> str:
    """Adds what was chosen. Without a session the page posts itself once more: see ``platform.auth``."""
    state, settings = here()
    token = request.form.get("JWT", "")
    people = session.get("people", [])
    if not people and "repost" not in request.form:
        again = {"JWT": token, "repost": "true"}
        return render_template("post_on.html", action=request.full_path, fields=again, label="Continue")
    key = request.args.get("sesskey", "")
    begun = state.pending.find_return(key)
    if begun is None or begun.user_id not in people:
        abort(404, "Your session has most likely timed out. Please go back to the course and choose again.")
    tool, course, person = state.tool(begun.tool_id), state.courses[begun.course_id], state.person(begun.user_id)
    if tool is None or not tool.active or person is None or not edits(state, person, course):
        abort(404, NOT_ALLOWED)
    try:
        items, said = read_response(state, settings, tool, token, begun.data)
    except RefusedContent as refused:
        abort(404, str(refused))
    if state.pending.end_return(key) is None:
        abort(404, "What was chosen has already been added.")
    made = [
        place_activity(state, course, tool, activity_fields(state, tool, item), column_fields(item)) for item in items
    ]
    return render_template("added.html", person=person, course=course, made=made, said=said)
