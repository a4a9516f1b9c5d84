"""How an LTI service of the practice LMS answers, well and badly, and the few values every service reads."""

import json
from typing import Any

from flask import Response

from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.state import State


class ServiceError(Exception):
    """An answer other than the wanted one; ``reason`` goes into the status line, as Moodle does it."""

    def __init__(self, status: int, reason: str, *, empty_list: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.empty_list = empty_list


def answer(body: Any, media_type: str, status: str = "200 OK", link: str | None = None) -> Response:
    text = body if isinstance(body, str) else json.dumps(body)
    response = Response(text, status, content_type=f"{media_type}; charset=utf-8")
    if link:
        response.headers["Link"] = link
    return response


def number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def known_course(state: State, course_id: str) -> Course:
    course = state.courses.get(int(course_id))
    if course is None:
        raise ServiceError(404, f"Not Found: Course {course_id} doesn't exist")
    return course
