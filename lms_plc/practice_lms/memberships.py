"""The roster the tool may read (Names and Role Provisioning Services 2.0), with Moodle 4.5's manners."""

from html import escape
from typing import Any

from flask import Response, request

from lms_plc.practice_lms.claims import MEMBERSHIP, basic_outcome, memberships_url, plain
from lms_plc.practice_lms.school_year import Course, Enrolment
from lms_plc.practice_lms.service_answers import ServiceError, answer, known_course, number
from lms_plc.practice_lms.settings import DEPLOYMENT_ID, Settings
from lms_plc.practice_lms.state import State

MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def _member(state: State, settings: Settings, course: Course, place: Enrolment, with_message: bool) -> dict[str, Any]:
    """Short role names and HTML-escaped people names, unlike those of a launch."""
    person = state.person(place.user_id)
    assert person is not None
    edits = not {"manager", "editingteacher"}.isdisjoint(place.roles)
    member: dict[str, Any] = {"status": "Active", "roles": ["Instructor" if edits else "Learner"]}
    if with_message:
        member["message"] = [
            {
                "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest",
                "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": basic_outcome(settings, course, person),
            }
        ]
    return member | {
        "user_id": str(person.id),
        "lis_person_sourcedid": person.idnumber,
        "name": escape(person.fullname, quote=False),
        "given_name": escape(person.firstname, quote=False),
        "family_name": escape(person.lastname, quote=False),
        "email": person.email,
        "ext_user_username": person.username,
    }


def memberships(state: State, settings: Settings, course_id: str, type_id: str) -> Response:
    """Who takes part now, by last name. ``from`` needs ``limit``; the next link forgets ``role``."""
    if type_id != DEPLOYMENT_ID:
        raise ServiceError(401, "Unauthorized")
    course = known_course(state, course_id)
    link_id = request.args.get("rlid")
    if link_id and link_id != course.link_id:
        raise ServiceError(404, f"Not Found: LTI link {link_id} doesn't exist")
    now = state.now()
    places = [place for place in state.roster(course.id) if place.active(now)]

    def by_name(place: Enrolment) -> tuple[str, str, int]:
        person = state.person(place.user_id)
        assert person is not None
        return person.lastname.casefold(), person.firstname.casefold(), person.id

    places.sort(key=by_name)
    members = [_member(state, settings, course, place, bool(link_id)) for place in places]
    role = request.args.get("role", "").removeprefix(MEMBERSHIP)
    if role in ("Instructor", "Learner"):
        members = [member for member in members if member["roles"] == [role]]
    limit = number(request.args.get("limit"))
    start = number(request.args.get("from")) if limit else 0
    page = members[start : start + limit] if limit else members
    link = None
    if limit and start + limit < len(members):
        rest = f"&rlid={link_id}" if link_id else ""
        link = f'<{memberships_url(settings, course)}?limit={limit}&from={start + limit}{rest}>; rel="next"'
    container = {
        "id": memberships_url(settings, course),
        "context": {"id": str(course.id), "label": course.shortname, "title": plain(course.fullname)},
        "members": page,
    }
    return answer(container, MEMBERS_TYPE, link=link)
