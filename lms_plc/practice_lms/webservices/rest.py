"""The one address of the web services: the token, the nine functions and their arguments, JSON or XML.

Every error is HTTP 200 with a code in the body; XML is the answer to whoever does not ask for JSON.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from lms_plc.practice_lms.people import CONNECTOR
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.site import MOODLE_RELEASE, MOODLE_VERSION, SITE_NAME
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.webservices import courses, groups, people
from lms_plc.practice_lms.webservices.answers import (
    WebServiceError,
    as_json,
    as_xml,
    error_as_json,
    error_as_xml,
    invalid_parameter,
    missing_record,
    moodle_error,
)
from lms_plc.practice_lms.webservices.call import SITE_HOME, Call
from lms_plc.practice_lms.webservices.php_form import form_tree
from lms_plc.practice_lms.webservices.shapes import (
    ACCOUNT_SHAPE,
    COHORT_MEMBERS_SHAPE,
    COHORT_SHAPE,
    COURSE_SHAPE,
    COURSES_SHAPE,
    ENROLLED_SHAPE,
    GROUP_MEMBERS_SHAPE,
    GROUP_SHAPE,
    SITE_SHAPE,
)

blueprint = Blueprint("webservices", __name__)

_PROTOCOL = ("wstoken", "wsfunction", "moodlewsrestformat", "moodlewssettingraw", "moodlewssettingfilter")
_FEATURES = {
    **{"usecomments": 1, "usetags": 1, "enablenotes": 1, "messaging": 1, "enableblogs": 1},
    **{"enablecompletion": 1, "enablebadges": 1, "messagingallusers": 0, "enablecustomreports": 1},
    **{"enableglobalsearch": 0, "mnet_dispatcher_mode": 0, "enablecompetencies": 1},
}


def _site_info(call: Call) -> dict[str, Any]:
    me = call.state.person(CONNECTOR)
    assert me is not None
    private = hashlib.sha256(f"files:{call.state.ws_token}".encode()).hexdigest()[:32]
    return {
        "sitename": call.name(SITE_NAME),
        "username": me.username,
        "firstname": me.firstname,
        "lastname": me.lastname,
        "fullname": me.fullname,
        "lang": me.lang,
        "userid": me.id,
        "siteurl": call.settings.base_url,
        "userpictureurl": call.picture(1),
        "functions": [{"name": name, "version": MOODLE_VERSION} for name in FUNCTIONS],
        "downloadfiles": 1,
        "uploadfiles": 1,
        "release": MOODLE_RELEASE,
        "version": MOODLE_VERSION,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": name, "value": value} for name, value in _FEATURES.items()],
        "usercanmanageownfiles": True,
        "userquota": 104_857_600,
        "usermaxuploadfilesize": 52_428_800,
        "userhomepage": 1,
        "userprivateaccesskey": private,
        "siteid": SITE_HOME,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": False,
        "theme": "boost",
        "limitconcurrentlogins": 0,
        "policyagreed": 0,
    }


@dataclass(frozen=True, slots=True)
class Function:
    """``takes`` are the names of its arguments; any other name is refused."""

    call: Callable[[Call], Any]
    takes: tuple[str, ...]
    shape: Any


FUNCTIONS: dict[str, Function] = {
    "core_cohort_get_cohort_members": Function(groups.get_cohort_members, ("cohortids",), [COHORT_MEMBERS_SHAPE]),
    "core_cohort_get_cohorts": Function(groups.get_cohorts, ("cohortids",), [COHORT_SHAPE]),
    "core_course_get_courses": Function(courses.get_courses, ("options",), [COURSE_SHAPE]),
    "core_course_get_courses_by_field": Function(
        courses.get_courses_by_field,
        ("field", "value"),
        COURSES_SHAPE,
    ),
    "core_enrol_get_enrolled_users": Function(people.get_enrolled_users, ("courseid", "options"), [ENROLLED_SHAPE]),
    "core_group_get_course_groups": Function(groups.get_course_groups, ("courseid",), [GROUP_SHAPE]),
    "core_group_get_group_members": Function(groups.get_group_members, ("groupids",), [GROUP_MEMBERS_SHAPE]),
    "core_user_get_users_by_field": Function(people.get_users_by_field, ("field", "values"), [ACCOUNT_SHAPE]),
    "core_webservice_get_site_info": Function(_site_info, (), SITE_SHAPE),
}
"""What the token may call, by name."""


def _run(state: State, settings: Settings, tree: dict[str, Any]) -> tuple[Any, Any]:
    """Answer and structure of a call. Raises WebServiceError."""
    if tree.get("wstoken") != state.ws_token:
        raise moodle_error("invalidtoken", "Invalid token - token not found")
    function = FUNCTIONS.get(str(tree.get("wsfunction")))
    if function is None:
        raise missing_record("external_functions")
    arguments = {name: value for name, value in tree.items() if name not in _PROTOCOL}
    if not set(arguments) <= set(function.takes):
        raise invalid_parameter()
    call = Call(state, settings, arguments, raw=tree.get("moodlewssettingraw") == "1")
    return function.call(call), function.shape


@blueprint.route("/webservice/rest/server.php", methods=["GET", "POST"])
def rest() -> Response:
    """Arguments come as form fields or in the query, never as JSON; an unknown format means XML."""
    state, settings = here()
    fields = [*request.args.items(multi=True), *request.form.items(multi=True)]
    tree = form_tree(fields)
    wants_json = tree.get("moodlewsrestformat") == "json"
    try:
        value, shape = _run(state, settings, tree)
        text = as_json(value) if wants_json else as_xml(value, shape)
    except WebServiceError as error:
        text = error_as_json(error) if wants_json else error_as_xml(error)
    content_type = "application/json" if wants_json else "application/xml; charset=utf-8"
    response = Response(text, content_type=content_type)
    response.headers["Cache-Control"] = "private, must-revalidate, pre-check=0, post-check=0, max-age=0"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
