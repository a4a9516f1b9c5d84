"""The roster the tool may read (Names and Role Provisioning Services 2.0), with Moodle 4.5's manners.

Moodle tells nobody what changed; with the switch ``differences`` on, the last page links to that.
"""

from html import escape
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from lms_plc.practice_lms.claims import MEMBERSHIP, basic_outcome
from lms_plc.practice_lms.differences import Mark, changed_places, status_of
from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.plain_text import plain
from lms_plc.practice_lms.records import Activity
from lms_plc.practice_lms.school_year import Course, Enrolment
from lms_plc.practice_lms.scopes import GROUP_SCOPE
from lms_plc.practice_lms.service_addresses import memberships_url
from lms_plc.practice_lms.service_answers import ServiceError, answer, known_course, number
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

Row = tuple[Person, Enrolment | None]


def _known_link(state: State, course: Course, tool: Tool) -> Activity | None:
    link_id = request.args.get("rlid")
    if not link_id:
        return None
    for activity in state.activities(course.id):
        if activity.link_id == link_id and activity.tool_id == tool.id:
            return activity
    raise ServiceError(404, f"Not Found: LTI link {link_id} doesn't exist")


def _identity(tool: Tool, person: Person) -> dict[str, Any]:
    """HTML-escaped names, unlike those of a launch."""
    told: dict[str, Any] = {"user_id": str(person.id), "lis_person_sourcedid": person.idnumber}
    if tool.names:
        told |= {
            "name": escape(person.fullname, quote=False),
            "given_name": escape(person.firstname, quote=False),
            "family_name": escape(person.lastname, quote=False),
        }
    return told | ({"email": person.email} if tool.emails else {})


def _member(
    state: State, settings: Settings, tool: Tool, course: Course, row: Row, link: Activity | None
) -> dict[str, Any]:
    """Short role names, unlike those of a launch; who is gone has the role of a learner."""
    person, place = row
    edits = place is not None and not {"manager", "editingteacher"}.isdisjoint(place.roles)
    member: dict[str, Any] = {
        "status": status_of(place, state.now()),
        "roles": ["Instructor" if edits else "Learner"],
    }
    if link:
        member["message"] = [
            {
                "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest",
                "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": basic_outcome(
                    settings, link, tool, person
                ),
            }
        ]
    if state.is_on("groups") and GROUP_SCOPE in tool.scopes and request.args.get("groups") == "true":
        groups = [g for g in state.course_groups(course.id) if person.id in g.members]
        member["group_enrollments"] = [{"group_id": str(group.id)} for group in groups]
    return member | _identity(tool, person) | ({"ext_user_username": person.username} if tool.names else {})


def _rows(state: State, course: Course, since: Mark | None) -> list[Row]:
    """Who takes part now, or with ``since`` whoever's part has changed; by last name."""
    places: list[tuple[int, Enrolment | None]]
    if since:
        places = changed_places(state, course.id, since)
    else:
        now = state.now()
        places = [(place.user_id, place) for place in state.roster(course.id) if place.active(now)]
    rows = [(person, place) for user_id, place in places if (person := state.person(user_id))]
    return sorted(rows, key=lambda row: (row[0].lastname.casefold(), row[0].firstname.casefold(), row[0].id))


def memberships(state: State, settings: Settings, tool: Tool, course_id: str, type_id: str) -> Response:
    """``from`` needs ``limit``; the next link forgets ``role``."""
    if type_id != tool.deployment_id:
        raise ServiceError(401, "Unauthorized")
    course = known_course(state, course_id)
    asked = request.args
    link = _known_link(state, course, tool)
    differences = state.is_on("differences")
    since = Mark.read(asked.get("since")) if differences else None
    members = [_member(state, settings, tool, course, row, link) for row in _rows(state, course, since)]
    role = asked.get("role", "").removeprefix(MEMBERSHIP)
    if role in ("Instructor", "Learner"):
        members = [member for member in members if member["roles"] == [role]]
    limit = number(asked.get("limit"))
    start = number(asked.get("from")) if limit else 0
    page = members[start : start + limit] if limit else members
    url = memberships_url(settings, course, tool)
    mark = (Mark.read(asked.get("mark")) or Mark.of(state)) if differences else None
    more = None
    if limit and start + limit < len(members):
        carried = {"rlid": link and link.link_id, "since": since, "mark": mark}
        rest = {name: str(value) for name, value in carried.items() if value}
        more = f'<{url}?{urlencode({"limit": limit, "from": start + limit, **rest})}>; rel="next"'
    elif mark:
        more = f'<{url}?since={mark}>; rel="differences"'
    container = {
        "id": url,
        "context": {"id": str(course.id), "label": course.shortname, "title": plain(course.fullname)},
        "members": page,
    }
    return answer(container, MEMBERS_TYPE, link=more)
