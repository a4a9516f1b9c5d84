"""What a message says: the claims of an id_token as Moodle 4.5 writes them, and which LTI roles a person gets.

Shapes follow recorded messages of Moodle 4.5; the tests compare them key by key.
"""

import hashlib
import json
import secrets
from typing import Any

from lms_plc.practice_lms.beyond_moodle import beyond_claims
from lms_plc.practice_lms.custom_parameters import custom_parameters
from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.plain_text import plain
from lms_plc.practice_lms.records import Activity, OpenLaunch
from lms_plc.practice_lms.rights import teaches
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.scopes import GRADE_SCOPES, NRPS_SCOPE
from lms_plc.practice_lms.service_addresses import line_item_url, line_items_url, memberships_url, setting_urls
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.site import MOODLE_VERSION, SITE_NAME, SITE_SHORT_NAME
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION_ADMIN = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
SYSTEM_ADMIN = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
DATA_PRIVACY = "LtiDataPrivacyLaunchRequest"

IN_FRAME, WHOLE_WINDOW, NEW_WINDOW = 3, 5, 4
_TARGETS = {IN_FRAME: "iframe", WHOLE_WINDOW: "frame", NEW_WINDOW: "window"}
"""Moodle's launch containers → ``document_target``."""

ID_TOKEN_LIFE = 60


def _roles(state: State, course: Course | None, person: Person) -> list[str]:
    """An assisting teacher is Instructor here and Learner in the roster service: that is Moodle's way."""
    if person.site_admin:
        return [INSTITUTION_ADMIN, f"{MEMBERSHIP}Instructor", SYSTEM_ADMIN]
    if course is None:
        return []
    return [f"{MEMBERSHIP}{'Instructor' if teaches(state, person, course) else 'Learner'}"]


def basic_outcome(settings: Settings, activity: Activity, tool: Tool, person: Person) -> dict[str, str]:
    data = {
        "instanceid": activity.link_id,
        "userid": str(person.id),
        "typeid": tool.deployment_id,
        "launchid": secrets.randbelow(2**31),
    }
    text = json.dumps(data, separators=(",", ":"))
    sourced_id = {"data": data, "hash": hashlib.sha256(text.encode()).hexdigest()}
    return {
        "lis_result_sourcedid": json.dumps(sourced_id, separators=(",", ":")),
        "lis_outcome_service_url": f"{settings.base_url}/mod/lti/service.php",
    }


def _about_the_course(course: Course | None, person: Person) -> dict[str, Any]:
    lis = {"person_sourcedid": person.idnumber}
    return {f"{LTI}lis": lis | ({"course_section_sourcedid": course.idnumber} if course else {})}


def _context(course: Course | None) -> dict[str, Any]:
    if course is None:
        return {}
    return {
        f"{LTI}context": {
            "id": str(course.id),
            "label": course.shortname,
            "title": plain(course.fullname),
            "type": ["CourseSection"],
        }
    }


def _link(settings: Settings, activity: Activity | None, tool: Tool, person: Person) -> dict[str, Any]:
    if activity is None:
        return {}
    return {
        f"{LTI}resource_link": {"title": activity.title, "description": activity.text, "id": activity.link_id},
        "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": basic_outcome(settings, activity, tool, person),
    }


def _person(tool: Tool, person: Person) -> dict[str, Any]:
    """What the tool may know of somebody; without names there is no user name either."""
    named = {"given_name": person.firstname, "family_name": person.lastname, "name": person.fullname}
    ext = {"user_username": person.username, "lms": "moodle-2"} if tool.names else {"lms": "moodle-2"}
    return (named if tool.names else {}) | {f"{LTI}ext": ext} | ({"email": person.email} if tool.emails else {})


def _presentation(settings: Settings, launch: OpenLaunch, activity: Activity | None, lang: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"locale": lang}
    if activity:
        shown["document_target"] = _TARGETS[launch.container]
        shown["return_url"] = (
            f"{settings.base_url}/mod/lti/return.php?course={activity.course_id}&launch_container={launch.container}"
            f"&instanceid={activity.link_id}&sesskey={secrets.token_urlsafe(8)[:10]}"
        )
    return {f"{LTI}launch_presentation": shown}


def _custom(
    state: State,
    settings: Settings,
    tool: Tool,
    person: Person,
    course: Course | None,
    activity: Activity | None,
    launch: OpenLaunch,
) -> dict[str, Any]:
    review = activity.review_custom if activity and launch.message == SUBMISSION_REVIEW else {}
    custom = custom_parameters(state, tool, person, course, activity, review)
    if course:
        urls = setting_urls(settings, course, tool)
        if NRPS_SCOPE in tool.scopes:
            urls = {"context_memberships_url": memberships_url(settings, course, tool)} | urls
        if activity is None:
            del urls["link_setting_url"]
        custom |= urls
    return {f"{LTI}custom": custom}


def _services(
    state: State, settings: Settings, tool: Tool, course: Course | None, activity: Activity | None
) -> dict[str, Any]:
    """The grade book without ``lineitem`` when more than one column hangs on the link, as Moodle does it."""
    found: dict[str, Any] = {}
    if course is None:
        return found
    if grades := [scope for scope in GRADE_SCOPES if scope in tool.scopes]:
        endpoint: dict[str, Any] = {"scope": grades, "lineitems": line_items_url(settings, course, tool)}
        own = [item for item in state.line_items(course.id) if activity and item.link_id == activity.link_id]
        if len(own) == 1:
            endpoint["lineitem"] = line_item_url(settings, course, tool, own[0].id)
        found["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"] = endpoint
    if NRPS_SCOPE in tool.scopes:
        found["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] = {
            "context_memberships_url": memberships_url(settings, course, tool),
            "service_versions": ["1.0", "2.0"],
        }
    return found


def message_claims(
    state: State,
    settings: Settings,
    tool: Tool,
    person: Person,
    launch: OpenLaunch,
    nonce: str,
    more: dict[str, Any],
) -> dict[str, Any]:
    """The payload of an id_token (LTI 1.3 core, section 5); ``more`` are the claims only this message has.

    Raises KeyError when the course or activity of the message is gone.
    """
    now = int(state.now())
    course = state.courses[launch.course_id] if launch.course_id else None
    activity = state.activity(launch.cmid) if launch.cmid else None
    if launch.cmid and activity is None:
        raise KeyError("unknown activity")
    for_user = {f"{LTI}for_user": {"user_id": str(launch.for_user)}} if launch.for_user else {}
    return {
        "nonce": nonce,
        "iat": now,
        "exp": now + ID_TOKEN_LIFE,
        "iss": settings.base_url,
        "aud": tool.client_id,
        f"{LTI}deployment_id": tool.deployment_id,
        f"{LTI}target_link_uri": launch.target,
        "sub": str(person.id),
        **_about_the_course(course, person),
        f"{LTI}roles": _roles(state, course, person),
        **_context(course),
        **for_user,
        f"{LTI}message_type": launch.message,
        **_link(settings, activity, tool, person),
        **_person(tool, person),
        **_presentation(settings, launch, activity, person.lang),
        f"{LTI}tool_platform": {
            "product_family_code": "moodle",
            "version": MOODLE_VERSION,
            "guid": hashlib.md5(settings.base_url.encode(), usedforsecurity=False).hexdigest(),
            "name": SITE_SHORT_NAME,
            "description": SITE_NAME,
        },
        f"{LTI}version": "1.3.0",
        **_custom(state, settings, tool, person, course, activity, launch),
        **_services(state, settings, tool, course, activity),
        **beyond_claims(state, settings, tool, course),
        **more,
    }
