"""What a launch says: the claims of an id_token as Moodle 4.5 writes them, and which LTI roles a person gets.

Shapes follow recorded launches of Moodle 4.5; the tests compare them key by key.
"""

import hashlib
import json
import re
import secrets
from html import unescape
from typing import Any

from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.settings import CLIENT_ID, DEPLOYMENT_ID, Settings
from lms_plc.practice_lms.site import ACTIVITY, MOODLE_VERSION, SITE_NAME, SITE_SHORT_NAME
from lms_plc.practice_lms.state import OpenLaunch, State

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION_ADMIN = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
SYSTEM_ADMIN = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"
AGS_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GRADE_SCOPES = [f"{AGS_SCOPE}{name}" for name in ("lineitem", "lineitem.readonly", "result.readonly", "score")]


IN_FRAME, WHOLE_WINDOW, NEW_WINDOW = 3, 5, 4
_TARGETS = {IN_FRAME: "iframe", WHOLE_WINDOW: "frame", NEW_WINDOW: "window"}
"""Moodle's launch containers → ``document_target``."""

ID_TOKEN_LIFE = 60

CUSTOM_PARAMETERS = {
    "context_id_history": "$Context.id.history",
    "link_id_history": "$ResourceLink.id.history",
    "group_ids": "$Moodle.Person.userGroupIds",
}
"""What the admin typed. Moodle 4.5 has no history of links and sends that line as it was typed."""


def plain(markup: str) -> str:
    """A title or summary as a launch gives it: tags gone, entities read."""
    return unescape(re.sub(r"<[^>]*>", "", markup)).strip()


def launch_roles(state: State, course: Course, person: Person) -> list[str]:
    """An assisting teacher is Instructor here and Learner in the roster service: that is Moodle's way."""
    if person.site_admin:
        return [INSTITUTION_ADMIN, f"{MEMBERSHIP}Instructor", SYSTEM_ADMIN]
    place = state.enrolment(course.id, person.id)
    teaches = place is not None and not {"manager", "editingteacher", "teacher"}.isdisjoint(place.roles)
    return [f"{MEMBERSHIP}{'Instructor' if teaches else 'Learner'}"]


def basic_outcome(settings: Settings, course: Course, person: Person) -> dict[str, str]:
    data = {
        "instanceid": course.link_id,
        "userid": str(person.id),
        "typeid": DEPLOYMENT_ID,
        "launchid": secrets.randbelow(2**31),
    }
    text = json.dumps(data, separators=(",", ":"))
    sourced_id = {"data": data, "hash": hashlib.sha256(text.encode()).hexdigest()}
    return {
        "lis_result_sourcedid": json.dumps(sourced_id, separators=(",", ":")),
        "lis_outcome_service_url": f"{settings.base_url}/mod/lti/service.php",
    }


def memberships_url(settings: Settings, course: Course) -> str:
    section = f"{settings.base_url}/mod/lti/services.php/CourseSection/{course.id}"
    return f"{section}/bindings/{DEPLOYMENT_ID}/memberships"


def line_items_url(settings: Settings, course: Course) -> str:
    return f"{settings.base_url}/mod/lti/services.php/{course.id}/lineitems?type_id={DEPLOYMENT_ID}"


def line_item_url(settings: Settings, course: Course, item_id: int) -> str:
    base = f"{settings.base_url}/mod/lti/services.php/{course.id}/lineitems"
    return f"{base}/{item_id}/lineitem?type_id={DEPLOYMENT_ID}"


def _custom(state: State, settings: Settings, course: Course, person: Person) -> dict[str, str]:
    groups = (str(g.id) for g in state.course_groups(course.id) if person.id in g.members)
    known = {
        "$Context.id.history": ",".join(map(str, state.history(course))),
        "$Moodle.Person.userGroupIds": ",".join(groups),
    }
    services = f"{settings.base_url}/mod/lti/services.php"
    return {
        **{name: known.get(value, value) for name, value in CUSTOM_PARAMETERS.items()},
        "context_memberships_url": memberships_url(settings, course),
        "system_setting_url": f"{services}/tool/{DEPLOYMENT_ID}/custom",
        "context_setting_url": f"{services}/CourseSection/{course.id}/bindings/tool/{DEPLOYMENT_ID}/custom",
        "link_setting_url": f"{services}/links/{{link_id}}/custom",
    }


def _grade_endpoint(state: State, settings: Settings, course: Course) -> dict[str, Any]:
    """Without ``lineitem`` when more than one column hangs on the link."""
    endpoint: dict[str, Any] = {"scope": GRADE_SCOPES, "lineitems": line_items_url(settings, course)}
    own = [item for item in state.line_items(course.id) if item.link_id == course.link_id]
    if len(own) == 1:
        endpoint["lineitem"] = line_item_url(settings, course, own[0].id)
    return endpoint


def launch_claims(
    state: State, settings: Settings, course: Course, person: Person, launch: OpenLaunch, nonce: str
) -> dict[str, Any]:
    """The payload of an id_token for a resource link launch (LTI 1.3 core, section 5)."""
    now = int(state.now())
    return {
        "nonce": nonce,
        "iat": now,
        "exp": now + ID_TOKEN_LIFE,
        "iss": settings.base_url,
        "aud": CLIENT_ID,
        f"{LTI}deployment_id": DEPLOYMENT_ID,
        f"{LTI}target_link_uri": settings.launch_url,
        "sub": str(person.id),
        f"{LTI}lis": {"person_sourcedid": person.idnumber, "course_section_sourcedid": course.idnumber},
        f"{LTI}roles": launch_roles(state, course, person),
        f"{LTI}context": {
            "id": str(course.id),
            "label": course.shortname,
            "title": plain(course.fullname),
            "type": ["CourseSection"],
        },
        f"{LTI}message_type": "LtiResourceLinkRequest",
        f"{LTI}resource_link": {
            "title": ACTIVITY,
            "description": "Open the community of this course.\r\n\r\nOnly its members read along.",
            "id": course.link_id,
        },
        "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": basic_outcome(settings, course, person),
        "given_name": person.firstname,
        "family_name": person.lastname,
        "name": person.fullname,
        f"{LTI}ext": {"user_username": person.username, "lms": "moodle-2"},
        "email": person.email,
        f"{LTI}launch_presentation": {
            "locale": person.lang,
            "document_target": _TARGETS[launch.container],
            "return_url": (
                f"{settings.base_url}/mod/lti/return.php?course={course.id}&launch_container={launch.container}"
                f"&instanceid={course.link_id}&sesskey={secrets.token_urlsafe(8)[:10]}"
            ),
        },
        f"{LTI}tool_platform": {
            "product_family_code": "moodle",
            "version": MOODLE_VERSION,
            "guid": hashlib.md5(settings.base_url.encode(), usedforsecurity=False).hexdigest(),
            "name": SITE_SHORT_NAME,
            "description": SITE_NAME,
        },
        f"{LTI}version": "1.3.0",
        f"{LTI}custom": _custom(state, settings, course, person),
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": _grade_endpoint(state, settings, course),
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": memberships_url(settings, course),
            "service_versions": ["1.0", "2.0"],
        },
    }
