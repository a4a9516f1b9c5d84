"""How the web services enrol people by hand and take them out again, and where they say that somebody is."""

from typing import Any

from lms_plc.practice_lms.school_year import ROLE_IDS, Course
from lms_plc.practice_lms.webservices.answers import invalid_parameter, invalid_user, moodle_error
from lms_plc.practice_lms.webservices.call import Call

_ASSIGNABLE = {number: role for role, number in ROLE_IDS.items() if role != "manager"}
"""The roles that the connector's account may give."""


def get_users_courses(call: Call) -> list[dict[str, Any]]:
    """Where somebody is actively enrolled; nobody by this id is nowhere."""
    with_count = call.flag("returnusercount", True)
    user_id = call.number("userid")
    return [_users_course(call, course, with_count=with_count) for course in call.state.courses_of(user_id)]


def _users_course(call: Call, course: Course, *, with_count: bool) -> dict[str, Any]:
    count = {"enrolledusercount": len(call.state.roster(course.id))} if with_count else {}
    return {
        "id": course.id,
        "shortname": call.name(course.shortname),
        "fullname": call.name(course.fullname),
        "displayname": call.name(course.fullname),
        **count,
        "idnumber": course.idnumber,
        "visible": int(course.visible),
        "summary": course.summary,
        "summaryformat": 1,
        "format": "topics",
        "courseimage": f"{call.settings.base_url}/pluginfile.php/{course.id}/course/generated/course.svg",
        "showgrades": True,
        "lang": "",
        "enablecompletion": True,
        "completionhascriteria": False,
        "completionusertracked": True,
        "category": course.category.id,
        "progress": None,
        "completed": False,
        "startdate": course.started,
        "enddate": 0,
        "marker": 0,
        "lastaccess": None,
        "isfavourite": False,
        "hidden": False,
        "overviewfiles": [],
        "showactivitydates": True,
        "showcompletionconditions": True,
        "timemodified": course.started,
    }


def enrol_users(call: Call) -> None:
    """All or none. For who is enrolled already this is an order: it ends or begins a suspension and sets the dates."""
    items = call.records("enrolments", "roleid userid courseid", "timestart timeend suspend")
    with call.state.lock:
        changes = []
        for item in items:
            role_id, user_id, course_id = (item.number(name) for name in ("roleid", "userid", "courseid"))
            if course_id not in call.state.courses:
                raise invalid_parameter()
            if role_id not in _ASSIGNABLE:
                what = f"assign this role ({role_id}) to this user ({user_id}) in this course ({course_id})"
                raise moodle_error("wsusercannotassign", f"You don't have the permission to {what}.")
            if call.state.person(user_id) is None:
                raise invalid_user()
            changes.append(
                {
                    "course_id": course_id,
                    "user_id": user_id,
                    "role": _ASSIGNABLE[role_id],
                    "suspended": item.flag("suspend", False),
                    "starts": item.number("timestart", 0),
                    "ends": item.number("timeend", 0),
                }
            )
        call.state.change_all("enrol", changes)


def unenrol_users(call: Call) -> None:
    """All or none. Whoever is not enrolled stays out without a word."""
    items = call.records("enrolments", "userid courseid", "roleid")
    with call.state.lock:
        leaving = {}
        for item in items:
            course_id, user_id = item.number("courseid"), item.number("userid")
            if course_id not in call.state.courses:
                raise invalid_parameter()
            if call.state.person(user_id) is None:
                raise invalid_user()
            if call.state.enrolment(course_id, user_id):
                leaving[course_id, user_id] = {"course_id": course_id, "user_id": user_id}
        call.state.change_all("unenrol", leaving.values())
