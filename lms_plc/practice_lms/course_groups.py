"""The groups of a course for the tool (Course Groups Service 1.0); Moodle 4.5 has no such service."""

from typing import Any

from flask import Response, request

from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.service_addresses import group_sets_url, groups_url
from lms_plc.practice_lms.service_answers import ServiceError, answer, known_course, number
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
SETS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json"


def _course(state: State, tool: Tool, course_id: str, type_id: str) -> Course:
    if type_id != tool.deployment_id:
        raise ServiceError(401, "Unauthorized")
    return known_course(state, course_id)


def _set_id(course: Course) -> str:
    return f"{course.id}-1"


def _paged(url: str, name: str, entries: list[dict[str, Any]], media_type: str) -> Response:
    limit = number(request.args.get("limit"))
    start = number(request.args.get("from")) if limit else 0
    page = entries[start : start + limit] if limit else entries
    link = None
    if limit and start + limit < len(entries):
        link = f'<{url}{"&" if "?" in url else "?"}limit={limit}&from={start + limit}>; rel="next"'
    return answer({"id": url, name: page}, media_type, link=link)


def groups(state: State, settings: Settings, tool: Tool, course_id: str, type_id: str) -> Response:
    """All groups by name, or with ``user_id`` those of one person."""
    course = _course(state, tool, course_id, type_id)
    wanted = request.args.get("user_id")
    found = [
        {"id": str(group.id), "name": group.name, "tag": group.idnumber, "set_id": _set_id(course)}
        for group in state.course_groups(course.id)
        if wanted is None or wanted in map(str, group.members)
    ]
    url = groups_url(settings, course, tool)
    return _paged(f"{url}?user_id={number(wanted)}" if wanted else url, "groups", found, GROUPS_TYPE)


def sets(state: State, settings: Settings, tool: Tool, course_id: str, type_id: str) -> Response:
    """All groups of a course stand in one set; a course without groups has none."""
    course = _course(state, tool, course_id, type_id)
    found = [{"id": _set_id(course), "name": "Subjects"}] if state.course_groups(course.id) else []
    return _paged(group_sets_url(settings, course, tool), "sets", found, SETS_TYPE)
