"""Opening a community from a course, in one page that is filled in already; and its size afterwards."""

from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import BaseModel
from werkzeug.wrappers import Response

from lms_plc.communities import home
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.communities.wording import founding_choices
from lms_plc.core.policy import Actor, allows, load
from lms_plc.founding import actions, queries
from lms_plc.founding.days import first_day
from lms_plc.founding.forms import MINUTES, OpeningForm, SizeForm
from lms_plc.founding.queries import InCourse
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.series.recurrence import Every
from lms_plc.sites.queries import CourseSeen
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

Form = TypeVar("Form", bound=BaseModel)

founding = Blueprint("founding", __name__, url_prefix="/s/<seat>", template_folder="templates")

SEATS = "10"
"""As many as can all speak in one meeting."""
AGAIN = (
    ("", N_("We decide that in the founding meeting")),
    (Every.WEEK.value, N_("Every week, the same day and time")),
    (Every.TWO_WEEKS.value, N_("Every second week, the same day and time")),
)


@founding.get("/courses/<uuid:course_id>/found")
def found(course_id: UUID) -> str | Response:
    who = actor()
    with house().database.read() as connection:
        course: CourseSeen = load(connection, who, "course", course_id, "course.see")
        if course.community_id is not None:
            return _to_community(course.community_id)
        if not allows(course.roles, "community.found"):
            return redirect(url_for("sites.waiting", course_id=course.id))
        people = queries.others_in_course(connection, who, course_id)
        today = who.at.astimezone(_zone()).date()
        given = {
            "name": course.title[:200],
            "school": queries.school_of(connection, who.person_id) or "",
            "second": next((str(one.id) for one in people if one.leads), ""),
            "seats": SEATS,
            "day": first_day(today, queries.breaks_known_to(connection, who, today)).isoformat(),
            "starts": "14:00",
        }
    return _opening_page(course, people, Answer(None, [], given))


@founding.post("/courses/<uuid:course_id>/found")
def open_community(course_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read_opening()
    with house().database.write() as session:
        connection = session.connection()
        course: CourseSeen = load(connection, who, "course", course_id, "community.found")
        people = queries.others_in_course(connection, who, course_id)
        answer = _checked(who, answer, people)
        if answer.form is None:
            return _opening_page(course, people, answer), 422
        return _to_community(actions.open_community(session, who, course, answer.form, _zone()))


@founding.get("/communities/<uuid:community_id>/size")
def size_form(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.set_size")
        school, seats = queries.size_of(connection, community_id)
    return _size_page(community, Answer(None, [], {"school": school or "", "seats": str(seats or "")}))


@founding.post("/communities/<uuid:community_id>/size")
def set_size(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _in_words(read_form(SizeForm, request.form))
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "community.set_size")
        if answer.form is None:
            return _size_page(community, answer), 422
        actions.set_size(session, who, community, answer.form)
    return _to_community(community_id)


@home.contributes_to_home(95, {"size": queries.size_on_home()})
def size_on_home(_: Actor, community: CommunitySeen, found: home.Found) -> home.Part:
    """Its school and its seats, for everybody; that it has grown beyond them, for whoever can make room."""
    if not found["size"]:
        return home.Part()
    line = found["size"][0]
    members, seats = int(line.text or 0), line.number
    may_change = allows(community.roles, "community.set_size")
    given = {"school": line.title, "seats": seats, "members": members, "may_change": may_change}
    if not (may_change and seats and members > seats):
        return home.Part("founding/on_home.html", given)
    step = home.Step(
        text=gettext(
            "You meant to be %(seats)s, and are %(members)s now. Talk about it: make room, or become two?",
            seats=seats,
            members=members,
        ),
        label=gettext("Make room"),
        url=url_for("founding.size_form", community_id=community.id),
        weight=70,
    )
    return home.Part("founding/on_home.html", given, (step,))


def _zone() -> ZoneInfo:
    return ZoneInfo(house().settings.timezone)


def _to_community(community_id: UUID) -> Response:
    return redirect(url_for("communities.community_home", community_id=community_id), 303)


def _read_opening() -> Answer[OpeningForm]:
    return _in_words(read_form(OpeningForm, request.form))


def _in_words(answer: Answer[Form]) -> Answer[Form]:
    words = {
        "day": gettext("Please give a day, as in 2026-11-22."),
        "starts": gettext("Please give a time, as in 14:30."),
        "seats": gettext("Please give a number from 2 to 500, or leave it empty."),
        "second": gettext("Please choose somebody of this course, or nobody."),
    }
    return answer.worded(words)


def _checked(who: Actor, answer: Answer[OpeningForm], people: list[InCourse]) -> Answer[OpeningForm]:
    """What the form alone cannot know: who is in the course, and what day it is."""
    form, wrong = answer.form, []
    if form is None:
        return answer
    if form.second is not None and form.second not in {one.id for one in people}:
        message = gettext("Please choose somebody of this course, or nobody.")
        wrong.append({"field": "second", "message": message})
    if form.day is not None and form.day < who.at.astimezone(_zone()).date():
        wrong.append({"field": "day", "message": gettext("This day is over. Please choose one to come.")})
    return Answer(None, wrong, answer.given) if wrong else answer


def _opening_page(course: CourseSeen, people: list[InCourse], answer: Answer[OpeningForm]) -> str:
    return render_template(
        "founding/open.html",
        page_title=gettext("Open a learning community here"),
        course=course,
        people=[("", gettext("Nobody yet; I ask somebody later"))] + [(str(one.id), one.name) for one in people],
        again=[(value, gettext(label)) for value, label in AGAIN],
        minutes=MINUTES,
        answer=answer,
        errors=answer.errors,
        founding_kinds=founding_choices(),
        tells_beginning=any(answer.given.get(name) for name in ("founded_by", "by_whom", "first_purpose")),
        form_key=answer.form_key,
    )


def _size_page(community: CommunitySeen, answer: Answer[SizeForm]) -> str:
    return render_template(
        "founding/size.html",
        page_title=gettext("School and seats"),
        community=frame(community, "communities.member_list"),
        seen=community,
        answer=answer,
        errors=answer.errors,
    )
