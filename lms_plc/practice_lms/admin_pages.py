"""What the admin does: who is in a course, names, copies of courses, the values the tool needs, faults.

Forms need no token of their own: the session cookie is SameSite=Lax, so no other site can post them.
"""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms_plc.practice_lms.faults import KINDS, Fault
from lms_plc.practice_lms.made_up import make_up_grades
from lms_plc.practice_lms.notices import announce_copy
from lms_plc.practice_lms.pages import signed_in
from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.school_year import ROLE_IDS, Course
from lms_plc.practice_lms.settings import registration
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.switches import SWITCHES
from lms_plc.practice_lms.webservices.functions import FUNCTIONS, SITE_INFO

blueprint = Blueprint("admin", __name__, url_prefix="/as/<int:user_id>/admin")

_PAGE = 50
_SERVICES = ("token", "memberships", "grades", "groups", "notices", "certs", "registration", *FUNCTIONS)


def admin(user_id: int) -> Person:
    """The admin of the address; anybody else is refused."""
    person = signed_in(user_id)
    if not person.site_admin:
        abort(403, "Only the admin of this site may do that.")
    return person


def _course(state: State, course_id: int) -> Course:
    course = state.courses.get(course_id)
    if course is None:
        abort(404, "There is no such course.")
    return course


def _participants_url(user_id: int, course_id: int, start: int) -> str:
    return f"{url_for('.participants', user_id=user_id, course_id=course_id)}?from={start}"


@blueprint.get("/")
def overview(user_id: int) -> str:
    state, settings = here()
    return render_template(
        "admin.html",
        person=admin(user_id),
        courses=[(course, len(state.roster(course.id))) for course in state.courses.values()],
        state=state,
        registration=registration(settings),
        settings=settings,
        functions=[name for name in FUNCTIONS if name != SITE_INFO],
        cohorts=list(state.cohorts.values()),
        services=_SERVICES,
        kinds=KINDS,
        switches=SWITCHES,
    )


@blueprint.get("/course/<int:course_id>")
def participants(user_id: int, course_id: int) -> str:
    state, _ = here()
    person, course = admin(user_id), _course(state, course_id)
    roster = state.roster(course.id)
    start = max(0, request.args.get("from", 0, type=int))
    now = state.now()
    shown = [
        (who, place, place.active(now))
        for place in roster[start : start + _PAGE]
        if (who := state.person(place.user_id))
    ]
    inside = {place.user_id for place in roster}
    place_here = {"user_id": user_id, "course_id": course_id}
    return render_template(
        "admin_course.html",
        person=person,
        course=course,
        shown=shown,
        total=len(roster),
        start=start,
        next_page=_participants_url(user_id, course_id, start + _PAGE) if start + _PAGE < len(roster) else None,
        here=place_here,
        outside=[who for who in state.people() if who.id not in inside],
        roles=list(ROLE_IDS),
        groups=state.course_groups(course.id),
        groupings=[
            (grouping, [state.groups[number].name for number in grouping.groups])
            for grouping in state.course_groupings(course.id)
        ],
        history=state.history(course),
    )


_VERBS: dict[str, Callable[[State, int, int], None]] = {
    "enrol": lambda state, course, who: state.enrol(course, who, request.form.get("role", "student")),
    "unenrol": lambda state, course, who: state.unenrol(course, who),
    "suspend": lambda state, course, who: state.suspend(course, who),
    "reactivate": lambda state, course, who: state.reactivate(course, who),
    "rename": lambda state, _, who: state.rename(
        who, request.form.get("firstname", ""), request.form.get("lastname", "")
    ),
}


@blueprint.post("/course/<int:course_id>/<any(enrol, unenrol, suspend, reactivate, rename):verb>")
def change(user_id: int, course_id: int, verb: str) -> Response:
    state, _ = here()
    admin(user_id)
    _course(state, course_id)
    try:
        _VERBS[verb](state, course_id, request.form.get("person", 0, type=int))
    except (KeyError, ValueError):
        abort(400, "That cannot be done: look at the person, the role and the length of the name.")
    start = request.form.get("from", 0, type=int)
    return redirect(_participants_url(user_id, course_id, start), 303)


@blueprint.post("/course/<int:course_id>/copy")
def copy(user_id: int, course_id: int) -> Response:
    """Copies a course with its activities, and tells the tools that asked for such notices."""
    state, settings = here()
    admin(user_id)
    course = _course(state, course_id)
    made = state.copy_course(course.id, with_people="with_people" in request.form)
    announce_copy(state, settings, made)
    return redirect(url_for(".participants", user_id=user_id, course_id=made.id), 303)


@blueprint.post("/course/<int:course_id>/grades")
def grades(user_id: int, course_id: int) -> Response:
    """A column more in the grade book, with made-up points for everybody who learns there."""
    state, _ = here()
    admin(user_id)
    make_up_grades(state, _course(state, course_id).id)
    return redirect(url_for(".participants", user_id=user_id, course_id=course_id), 303)


@blueprint.post("/faults")
def set_faults(user_id: int) -> Response:
    """Add one fault, or clear all."""
    state, _ = here()
    admin(user_id)
    if "clear" in request.form:
        state.faults.set(())
        return redirect(url_for(".overview", user_id=user_id), 303)
    try:
        fault = Fault(
            on=request.form.get("on", "*"),
            kind=request.form.get("kind", ""),  # type: ignore[arg-type]
            nth=int(request.form.get("nth", "1")),
            seconds=float(request.form.get("seconds", "30")),
        )
    except ValueError:
        abort(400, "A fault needs a known kind, a call to count to, and at most 600 seconds.")
    state.faults.set([*state.faults, fault])
    return redirect(url_for(".overview", user_id=user_id), 303)


@blueprint.post("/switches")
def set_switches(user_id: int) -> Response:
    """What is ticked is on, what is not is off."""
    state, _ = here()
    admin(user_id)
    for name in SWITCHES:
        if state.is_on(name) != (name in request.form):
            state.turn(name, on=name in request.form)
    return redirect(url_for(".overview", user_id=user_id), 303)


@blueprint.post("/functions")
def set_functions(user_id: int) -> Response:
    """The connector's token may call what is ticked, and its introduction always."""
    state, _ = here()
    admin(user_id)
    for name in FUNCTIONS:
        if name != SITE_INFO and state.may_call(name) != (name in request.form):
            state.allow_function(name, allowed=name in request.form)
    return redirect(url_for(".overview", user_id=user_id), 303)
