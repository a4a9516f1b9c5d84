"""What the web services tell of courses, the same course in two shapes."""

from collections.abc import Callable
from typing import Any

from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.site import SITE_NAME, SITE_SHORT_NAME
from lms_plc.practice_lms.webservices.answers import WebServiceError, invalid_parameter
from lms_plc.practice_lms.webservices.arguments import whole_number
from lms_plc.practice_lms.webservices.call import SITE_HOME, Call


def _course(call: Call, course: Course) -> dict[str, Any]:
    return {
        "id": course.id,
        "shortname": call.name(course.shortname),
        "categoryid": course.category.id,
        "fullname": call.name(course.fullname),
        "displayname": call.name(course.fullname),
        "summary": course.summary,
        "summaryformat": 1,
        "format": "topics",
        "startdate": course.started,
        "enddate": 0,
        "showactivitydates": True,
        "showcompletionconditions": True,
    }


def _site_home(call: Call) -> dict[str, Any]:
    return {
        "id": SITE_HOME,
        "shortname": SITE_SHORT_NAME,
        "categoryid": 0,
        "fullname": call.name(SITE_NAME),
        "displayname": call.name(SITE_NAME),
        "summary": "",
        "summaryformat": 0,
        "format": "site",
        "startdate": 0,
        "enddate": 0,
        "showactivitydates": False,
        "showcompletionconditions": True,
    }


def get_courses(call: Call) -> list[dict[str, Any]]:
    """All with site home, or those of ``options[ids]``; unknown ids are left out."""
    options = call.arguments.get("options", {})
    if not isinstance(options, dict) or set(options) - {"ids"}:
        raise invalid_parameter()
    ids = options.get("ids", {})
    if not isinstance(ids, dict):
        raise invalid_parameter()
    wanted = {whole_number(one) for one in ids.values()}
    courses = [_course(call, course) for course in call.state.courses.values()]
    return [course for course in [_site_home(call), *courses] if not wanted or course["id"] in wanted]


def _course_by_field(call: Call, course: Course) -> dict[str, Any]:
    leaders = [
        call.state.person(place.user_id)
        for place in call.state.roster(course.id)
        if "editingteacher" in place.roles and place.active(call.state.now())
    ]
    short = _course(call, course)
    return {
        "id": course.id,
        "fullname": short["fullname"],
        "displayname": short["displayname"],
        "shortname": short["shortname"],
        "courseimage": f"{call.settings.base_url}/pluginfile.php/{course.id}/course/generated/course.svg",
        "categoryid": course.category.id,
        "categoryname": call.name(course.category.name),
        "sortorder": course.category.id * 10_000 + course.id,
        "summary": course.summary,
        "summaryformat": 1,
        "summaryfiles": [],
        "overviewfiles": [],
        "showactivitydates": True,
        "showcompletionconditions": True,
        "contacts": [{"id": person.id, "fullname": person.fullname} for person in leaders if person],
        "enrollmentmethods": ["manual"],
        "format": "topics",
        "showgrades": 1,
        "newsitems": 0,
        "startdate": course.started,
        "enddate": 0,
        "maxbytes": 0,
        "showreports": 0,
        "visible": int(course.visible),
        "groupmode": 0,
        "groupmodeforce": 0,
        "defaultgroupingid": 0,
        "enablecompletion": 1,
        "completionnotify": 0,
        "lang": "",
        "theme": "",
        "marker": 0,
        "filters": [{"filter": "displayh5p", "localstate": 0, "inheritedstate": 1}],
        "courseformatoptions": [{"name": "hiddensections", "value": 1}],
    }


_COURSE_FIELDS: dict[str, Callable[[Course], str]] = {
    "id": lambda course: str(course.id),
    "ids": lambda course: str(course.id),
    "shortname": lambda course: course.shortname,
    "idnumber": lambda course: course.idnumber,
    "category": lambda course: str(course.category.id),
}


def get_courses_by_field(call: Call) -> dict[str, Any]:
    """One unknown number among ``ids`` loses the whole call, as on Moodle."""
    field = call.text("field") if "field" in call.arguments else ""
    if not field:
        found = list(call.state.courses.values())
    elif field not in _COURSE_FIELDS:
        raise invalid_parameter()
    else:
        value = call.text("value")
        wanted = value.split(",") if field == "ids" else [value]
        if field in ("id", "ids", "category"):
            wanted = [str(whole_number(one)) for one in wanted]
        found = [course for course in call.state.courses.values() if _COURSE_FIELDS[field](course) in wanted]
        if field == "ids" and len(found) < len(set(wanted)):
            raise WebServiceError("Error", "", "Attempt to read property on a course that is not there")
    return {"courses": [_course_by_field(call, course) for course in found], "warnings": []}
