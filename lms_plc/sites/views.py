"""Pages for whoever arrived where no community is open to them (yet)."""

from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from lms_plc.communities import home
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.house import house
from lms_plc.people.guards import actor, current_seat
from lms_plc.sites import queries
from lms_plc.sites.actions import come_back, take_up_facilitation
from lms_plc.sites.queries import CourseSeen
from lms_plc.sites.stores import StoredTickets
from lms_plc.web.i18n import gettext
from lti.browser import new_ticket

sites = Blueprint("sites", __name__, url_prefix="/s/<seat>", template_folder="templates")


@sites.post("/courses/<uuid:course_id>/take-up")
def take_up(course_id: UUID) -> Response:
    """The community of a course has nobody who facilitates it, and somebody who leads the course says yes to it."""
    who = actor()
    with house().database.write() as session:
        course: CourseSeen = load(session.connection(), who, "course", course_id, "community.take_up")
        community_id = take_up_facilitation(session, who, course)
    if community_id is None:
        return redirect(url_for("founding.found", course_id=course_id), 303)
    return _to_community(community_id)


@home.contributes_to_home(5, {"courses": queries.courses_here()}, when=lambda _, community: not community.led)
def offer_facilitation(_: Actor, __: CommunitySeen, found: home.Found) -> home.Part:
    """For whoever leads the course of a community that nobody facilitates."""
    course_id = queries.course_led(found["courses"])
    return home.Part("sites/take_up.html", {"course_id": course_id}) if course_id else home.Part()


@sites.get("/courses/<uuid:course_id>/waiting")
def waiting(course_id: UUID) -> str | Response:
    course = _course(course_id)
    if course.community_id is not None:
        return _to_community(course.community_id)
    return render_template("sites/waiting.html", page_title=gettext("Nobody has opened this yet"), course=course)


@sites.get("/courses/<uuid:course_id>/communities/<uuid:community_id>/left")
def left(course_id: UUID, community_id: UUID) -> str | Response:
    """For somebody who left by themselves and opened the activity again: nothing brings them back but their word."""
    with house().database.read() as connection:
        course, name, state = _left(connection, actor(), course_id, community_id)
    if state == "active":
        return _to_community(community_id)
    return render_template(
        "sites/left.html",
        page_title=gettext("You left this community"),
        course=course,
        community_id=community_id,
        name=name,
    )


@sites.post("/courses/<uuid:course_id>/communities/<uuid:community_id>/left")
def come_back_in(course_id: UUID, community_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        _, _, state = _left(session.connection(), who, course_id, community_id)
        if state == "left":
            come_back(session, who, community_id)
    return _to_community(community_id)


@sites.get("/courses/<uuid:course_id>/outside")
def outside(course_id: UUID) -> str:
    return render_template(
        "sites/outside.html", page_title=gettext("You have no part in this course"), course=_course(course_id)
    )


@sites.get("/courses/<uuid:course_id>/technical")
def technical(course_id: UUID) -> str:
    with house().database.read() as connection:
        side = queries.technical_side(connection, actor(), course_id)
    if side is None or house().settings.lms_administrators == "nothing":
        raise NotThere("course")
    return render_template("sites/technical.html", page_title=gettext("The technical side"), side=side)


@sites.post("/new-window")
def new_window() -> str:
    """From inside the LMS's frame to a window of one's own. Its cookies are not the frame's, so it needs a ticket."""
    seat, asked = current_seat(), request.form.get("page", "")
    page = asked if _is_a_page(asked) else "/"
    passage = {
        "person": str(seat.person_id),
        "site": str(seat.site_id),
        "to": "page",
        "page": page,
        "frame_origin": seat.frame_origin or "",
    }
    secret, ticket = new_ticket(passage, house().clock())
    StoredTickets(house().database).put(ticket)
    return render_template(
        "sites/new_window.html",
        page_title=gettext("A window of its own"),
        name=seat.name,
        course=None,
        ticket=secret,
        back=url_for("communities.mine").rstrip("/") + page,
        new_window_url=None,
    )


def _course(course_id: UUID) -> CourseSeen:
    with house().database.read() as connection:
        course: CourseSeen = load(connection, actor(), "course", course_id, "course.see")
    return course


def _left(connection: Connection, who: Actor, course_id: UUID, community_id: UUID) -> tuple[CourseSeen, str, str]:
    course: CourseSeen = load(connection, who, "course", course_id, "course.see")
    found = queries.left_from_here(connection, who, course.id, community_id)
    if found is None:
        raise NotThere("community")
    return course, *found


def _to_community(community_id: UUID) -> Response:
    return redirect(url_for("communities.community_home", community_id=community_id), 303)


def _is_a_page(path: str) -> bool:
    """Whether a path (after the seat) leads to a page of ours that can be opened."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(f"/s/x{path}", method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return path.startswith("/") and path.isascii() and path.isprintable() and bool(endpoint)
