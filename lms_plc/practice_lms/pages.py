"""What people see: choose who you are, my courses, a course, the activity with the tool in its frame.

The person stands in the address (``/as/23/course/5``), and a signed cookie lists who is signed in in this
browser, so that two tabs can honestly be two people.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from lms_plc.practice_lms.claims import IN_FRAME, NEW_WINDOW, WHOLE_WINDOW
from lms_plc.practice_lms.people import ADMIN, MENTOR, Person
from lms_plc.practice_lms.platform import activity_launch, login_initiation
from lms_plc.practice_lms.records import Activity, Event, Message
from lms_plc.practice_lms.rights import edits, teaches
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.school_year import Course, Group, staff_ids
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

blueprint = Blueprint("pages", __name__)

_MOST_SIGNED_IN = 40
_MOST_FOUND = 60
_MOST_MESSAGES = 20
_PHONES = ("Mobi", "iPhone", "Android")
_FRAME_MAY = ("microphone", "camera", "geolocation", "midi", "encrypted-media", "autoplay")
"""What Moodle's frame allows the tool, and no more: no clipboard, no full screen."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    person_id: int
    why: str


SUGGESTIONS = (
    Suggestion(staff_ids("veles")[0], "leads the community of her school in Veles"),
    Suggestion(staff_ids("veles")[4], "teacher in Veles"),
    Suggestion(staff_ids("konya")[4], "teacher in Konya"),
    Suggestion(staff_ids("talgar")[4], "teacher in Talgar"),
    Suggestion(staff_ids("uzice")[4], "teacher in Užice"),
    Suggestion(staff_ids("zenica")[3], "school psychologist in Zenica"),
    Suggestion(MENTOR, "mentor of three communities"),
    Suggestion(staff_ids("skopje")[2], "student, future teacher"),
    Suggestion(ADMIN, "admin: changes courses and people"),
)


def signed_in(user_id: int) -> Person:
    """The person of the address; anyone not signed in in this browser is sent to choose first."""
    state, _ = here()
    person = state.person(user_id)
    if person is None or user_id not in session.get("people", []):
        abort(403, "Choose on the first page who you are; the address alone does not sign you in.")
    return person


def course_for(state: State, person: Person, course_id: int) -> Course:
    """A course somebody may open; ends on an error page for all others."""
    course = state.courses.get(course_id)
    if course is None:
        abort(404, "There is no such course.")
    if not person.site_admin and course not in state.courses_of(person.id):
        abort(403, "You take no part in this course at the moment.")
    return course


def _activity_for(state: State, person: Person) -> tuple[Activity, Tool, Course]:
    activity = state.activity(request.args.get("id", 0, type=int))
    if activity is None:
        abort(404, "There is no such activity.")
    course = course_for(state, person, activity.course_id)
    tool = state.tool(activity.tool_id)
    if tool is None or not tool.active:
        abort(404, "No tool is known for this activity.")
    return activity, tool, course


def _reviewed(state: State, person: Person, course: Course) -> int | None:
    """Whose work is to be reviewed, as Moodle's ``action=gradeReport`` says; None when an activity is just opened."""
    if request.args.get("action") != "gradeReport":
        return None
    if not teaches(state, person, course):
        abort(403, "Only those who teach in this course see the work of others.")
    user_id = request.args.get("user", 0, type=int)
    if state.enrolment(course.id, user_id) is None:
        abort(404, "There is no such person in this course.")
    return user_id


def _messages(state: State, person: Person) -> list[tuple[Message, Person | None, datetime]]:
    """The latest, each with who sent it and when."""
    latest = state.messages_to(person.id)[:_MOST_MESSAGES]
    return [(message, state.person(message.from_id), _moment(message.sent)) for message in latest]


def _events(state: State, person: Person, course: Course) -> list[tuple[Event, datetime, Group | None]]:
    """The dates of the course with their groups; those of a group only for who is in it, teaches or is the admin."""
    sees_all = person.site_admin or teaches(state, person, course)
    dates = [(event, state.group(event.group_id)) for event in state.calendar(course.id)]
    return [
        (event, _moment(event.starts), group)
        for event, group in dates
        if group is None or sees_all or person.id in group.members
    ]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _matches(person: Person, words: list[str]) -> bool:
    text = f"{person.fullname} {person.institution} {person.city} {person.username}".casefold()
    return all(word in text for word in words)


@blueprint.get("/")
def home() -> str:
    """Who are you today? Suggestions first; a search over names, schools and towns."""
    state, _ = here()
    asked = request.args.get("q", "").strip()[:100]
    found = [p for p in state.people() if _matches(p, asked.casefold().split())] if asked else []
    suggested = [(person, s.why) for s in SUGGESTIONS if (person := state.person(s.person_id))]
    here_now = [person for i in session.get("people", []) if (person := state.person(i))]
    return render_template(
        "home.html",
        asked=asked,
        found=found[:_MOST_FOUND],
        more=max(0, len(found) - _MOST_FOUND),
        suggested=suggested,
        here_now=here_now,
        everybody=len(state.people()),
    )


@blueprint.post("/signin")
def sign_in() -> Response:
    state, _ = here()
    person = state.person(request.form.get("person", 0, type=int))
    if person is None:
        abort(404, "There is no such person.")
    if person.suspended:
        abort(403, "This account is suspended and cannot sign in.")
    others = [i for i in session.get("people", []) if i != person.id]
    session["people"] = [*others, person.id][-_MOST_SIGNED_IN:]
    return redirect(url_for(".my_courses", user_id=person.id), 303)


@blueprint.post("/as/<int:user_id>/signout")
def sign_out(user_id: int) -> Response:
    session["people"] = [i for i in session.get("people", []) if i != user_id]
    return redirect(url_for(".home"), 303)


@blueprint.get("/as/<int:user_id>/")
def my_courses(user_id: int) -> str:
    state, _ = here()
    person = signed_in(user_id)
    courses = list(state.courses.values()) if person.site_admin else state.courses_of(person.id)
    return render_template("courses.html", person=person, courses=courses, messages=_messages(state, person))


@blueprint.get("/as/<int:user_id>/course/<int:course_id>")
def course_page(user_id: int, course_id: int) -> str:
    state, _ = here()
    person = signed_in(user_id)
    course = course_for(state, person, course_id)
    return render_template(
        "course.html",
        person=person,
        course=course,
        taking_part=sum(place.active(state.now()) for place in state.roster(course.id)),
        activities=state.activities(course.id),
        tools=[tool for tool in state.tools() if tool.active] if edits(state, person, course) else [],
        teaches=teaches(state, person, course),
        events=_events(state, person, course),
    )


@blueprint.get("/as/<int:user_id>/mod/lti/view.php")
def activity(user_id: int) -> Response | str:
    """The tool in a frame; on a phone it takes the whole window, as Moodle does it."""
    state, _ = here()
    person = signed_in(user_id)
    shown, tool, course = _activity_for(state, person)
    for_user = _reviewed(state, person, course)
    asked: dict[str, Any] = {"action": "gradeReport", "user": for_user} if for_user else {}
    if any(word in request.headers.get("User-Agent", "") for word in _PHONES):
        way = url_for(".launch", user_id=user_id, id=shown.cmid, container=WHOLE_WINDOW, **asked)
        return redirect(way, 303)
    return render_template(
        "activity.html",
        person=person,
        course=course,
        activity=shown,
        allow="; ".join(f"{what} {tool.origins[0]}" for what in _FRAME_MAY),
        tool=tool,
        asked=asked,
        reviewed=state.person(for_user) if for_user else None,
        state=state,
    )


@blueprint.get("/as/<int:user_id>/mod/lti/launch.php")
def launch(user_id: int) -> str:
    """The form that carries the person to the tool's login address."""
    state, settings = here()
    person = signed_in(user_id)
    opened, tool, course = _activity_for(state, person)
    container = request.args.get("container", IN_FRAME, type=int)
    if container not in (IN_FRAME, WHOLE_WINDOW, NEW_WINDOW):
        abort(404, "There is no such container.")
    begun = activity_launch(person.id, opened, tool, container, _reviewed(state, person, course))
    fields = login_initiation(state, settings, tool, begun)
    return render_template("post_on.html", action=tool.login_url, fields=fields, label="Open the tool")


@blueprint.get("/mod/lti/return.php")
def returned() -> str:
    """Where the tool sends people back to, perhaps with words for them."""
    return render_template("returned.html", error=request.args.get("lti_errormsg", "")[:500])
