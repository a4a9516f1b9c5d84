"""The grade book of the tool (Assignment and Grade Services 2.0), with Moodle 4.5's manners."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from lms_plc.practice_lms.records import Grade, LineItem
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.service_addresses import line_item_url, line_items_url
from lms_plc.practice_lms.service_answers import ServiceError, answer, known_course, number
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"


def _line_item(settings: Settings, tool: Tool, course: Course, item: LineItem) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": line_item_url(settings, course, tool, item.id),
        "label": item.label,
        "scoreMaximum": item.maximum,
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    return described | ({"resourceLinkId": item.link_id, "ltiLinkId": item.link_id} if item.link_id else {})


def _find_item(state: State, tool: Tool, course: Course, item_id: str) -> LineItem:
    for item in state.line_items(course.id):
        if item.id == int(item_id) and item.tool_id == tool.id:
            return item
    raise ServiceError(404, f"Not Found: Grade item {item_id} doesn't exist")


def _sent_item() -> dict[str, Any]:
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict) or not sent.get("label") or not isinstance(sent.get("scoreMaximum"), int | float):
        raise ServiceError(400, "No label or Score Maximum")
    return sent


def line_items(state: State, settings: Settings, tool: Tool, course_id: str) -> Response:
    """The columns of this tool, filtered; the links between pages carry typographic quotes."""
    if request.headers.get("Accept") == "*/*":
        raise ServiceError(400, "No context or unsupported content type")
    course = known_course(state, course_id)
    asked = request.args
    wanted = {
        "tag": asked.get("tag"),
        "resource_id": asked.get("resource_id"),
        "link_id": asked.get("resource_link_id"),
    }
    items = [
        item
        for item in state.line_items(course.id)
        if item.tool_id == tool.id
        and all(value is None or getattr(item, name) == value for name, value in wanted.items())
    ]
    limit, start = number(asked.get("limit")), number(asked.get("from"))
    link = None
    if limit and start + limit < len(items):
        url = line_items_url(settings, course, tool)
        link = f"<{url}&amp;limit={limit}&amp;from={start + limit}>; rel=“next”".encode().decode("latin-1")
    page = items[start : start + limit] if limit else items
    return answer([_line_item(settings, tool, course, item) for item in page], LINE_ITEMS_TYPE, link=link)


def create_line_item(state: State, settings: Settings, tool: Tool, course_id: str) -> Response:
    """Makes a second equal column without a word; what was sent comes back, not what was stored."""
    course = known_course(state, course_id)
    sent = _sent_item()
    link_id = str(sent.get("resourceLinkId") or "")
    own = (activity.link_id for activity in state.activities(course.id) if activity.tool_id == tool.id)
    if link_id and link_id not in own:
        raise ServiceError(403, "Forbidden")
    item = state.add_line_item(
        course_id=course.id,
        label=str(sent["label"]),
        maximum=sent["scoreMaximum"],
        resource_id=str(sent.get("resourceId", "")),
        tag=str(sent.get("tag", "")),
        link_id=link_id,
        tool_id=tool.id,
    )
    return answer(sent | {"id": line_item_url(settings, course, tool, item.id)}, LINE_ITEM_TYPE, "201 Created")


def get_line_item(state: State, settings: Settings, tool: Tool, course_id: str, item_id: str) -> Response:
    course = known_course(state, course_id)
    return answer(_line_item(settings, tool, course, _find_item(state, tool, course, item_id)), LINE_ITEM_TYPE)


def put_line_item(state: State, settings: Settings, tool: Tool, course_id: str, item_id: str) -> Response:
    """What is not sent again is wiped."""
    course = known_course(state, course_id)
    item = _find_item(state, tool, course, item_id)
    sent = _sent_item()
    state.put_line_item(
        LineItem(
            item.id,
            course.id,
            str(sent["label"]),
            sent["scoreMaximum"],
            str(sent.get("resourceId", "")),
            str(sent.get("tag", "")),
            item.link_id,
            tool.id,
        )
    )
    return answer(sent | {"id": line_item_url(settings, course, tool, item.id)}, LINE_ITEM_TYPE)


def delete_line_item(state: State, settings: Settings, tool: Tool, course_id: str, item_id: str) -> Response:
    course = known_course(state, course_id)
    state.delete_line_item(_find_item(state, tool, course, item_id).id)
    return Response(status=204, content_type="text/html; charset=utf-8")


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def score(state: State, settings: Settings, tool: Tool, course_id: str, item_id: str) -> Response:
    """AGS 2.0, 3.4. Anything but a finished grade erases; over the maximum is capped, below 0 is 0."""
    course = known_course(state, course_id)
    item = _find_item(state, tool, course, item_id)
    body = request.get_data(as_text=True)
    refused = ServiceError(400, f"Incorrect score received{body}", empty_list=True)
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict):
        raise refused
    user_id = number(str(sent.get("userId", "")))
    place = state.enrolment(course.id, user_id)
    if place is None or "student" not in place.roles:
        raise refused
    try:
        at = _instant(sent["timestamp"])
    except (KeyError, TypeError, ValueError):
        raise refused from None
    before = next((grade for grade in state.grades(item.id) if grade.user_id == user_id), None)
    if before and at <= _instant(before.at):
        reason = f"Refusing score with an earlier timestamp for item {item.id} and user {user_id}"
        raise ServiceError(409, reason, empty_list=True)
    given, maximum = sent.get("scoreGiven"), sent.get("scoreMaximum")
    score = None
    if sent.get("gradingProgress") == "FullyGraded" and isinstance(given, int | float):
        scaled = given * item.maximum / maximum if maximum and isinstance(maximum, int | float) else given
        score = min(max(scaled, 0), item.maximum)
    comment = str(sent.get("comment", "")) if score is not None else ""
    state.put_grade(item.id, Grade(user_id, at.isoformat(), score, comment))
    return answer("", SCORE_TYPE)


def results(state: State, settings: Settings, tool: Tool, course_id: str, item_id: str) -> Response:
    course = known_course(state, course_id)
    item = _find_item(state, tool, course, item_id)
    url = line_item_url(settings, course, tool, item.id)
    results_url = url.replace("/lineitem?", "/lineitem/results?")
    wanted = request.args.get("user_id")
    results = []
    for grade in state.grades(item.id):
        if wanted and wanted != str(grade.user_id):
            continue
        result: dict[str, Any] = {
            "id": f"{results_url}&user_id={grade.user_id}",
            "userId": str(grade.user_id),
        }
        if grade.score is not None:
            result |= {"resultScore": grade.score, "resultMaximum": item.maximum}
            result |= {"comment": grade.comment} if grade.comment else {}
            result |= {"scoreOf": url, "timestamp": grade.at}
        results.append(result)
    return answer(results, RESULTS_TYPE)
