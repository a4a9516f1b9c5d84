"""A Moodle that is nothing but fast: a school behind the few web services a sync asks, in the shapes of Moodle 4.5.

It stands behind a server in a process of its own (`web_services`), or in the place of the line to an LMS, so that
nothing is measured but what is done with its answers (`AtHand`). What it says of a person is put together once.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import SecretStr

from connectors.transport import Reply
from tests.bench.school import School

T = TypeVar("T")

TOKEN = "a token for measuring"

GROUPS = 10
"""Groups in every course."""


class Moodle:
    """Answers to the web service functions of one school."""

    def __init__(self, school: School) -> None:
        self._school = school
        self._people: dict[tuple[int, frozenset[str]], bytes] = {}
        self._functions: Mapping[str, Callable[[Mapping[str, str]], bytes]] = {
            "core_webservice_get_site_info": self._site_info,
            "core_course_get_courses_by_field": self._courses,
            "core_course_get_categories": lambda _: _written([{"id": 1, "name": "School", "parent": 0, "depth": 1}]),
            "core_enrol_get_enrolled_users": self._enrolled,
            "core_group_get_course_groups": self._groups,
            "core_group_get_group_members": self._group_members,
            "core_group_get_course_groupings": lambda _: b"[]",
            "core_cohort_get_cohorts": lambda _: b"[]",
        }

    def answer(self, form: Mapping[str, str]) -> bytes:
        """The reply to a form with its arguments flattened as PHP reads them."""
        if form.get("wstoken") != TOKEN:
            return _fault("invalidtoken")
        function = self._functions.get(form.get("wsfunction", ""))
        return function(form) if function else _fault("accessexception")

    def _site_info(self, _: Mapping[str, str]) -> bytes:
        functions = [{"name": name, "version": "2024100700"} for name in self._functions]
        info = {"sitename": "School", "siteurl": "http://localhost", "userid": 3, "release": "4.5.1 (Build: 20241202)"}
        return _written({**info, "functions": functions})

    def _courses(self, form: Mapping[str, str]) -> bytes:
        asked = form.get("value") if form.get("field") == "id" else None
        numbers = [n for n in self._school.course_numbers if asked is None or str(n) == asked]
        return _written({"courses": [_course(number) for number in numbers], "warnings": []})

    def _enrolled(self, form: Mapping[str, str]) -> bytes:
        course = int(form["courseid"])
        asked = {form[k]: form[k.replace("[name]", "[value]")] for k in form if k.endswith("[name]")}
        people = self._school.members(course)
        if "1" in (asked.get("onlyactive"), asked.get("onlysuspended")):
            suspended = asked.get("onlysuspended") == "1"
            people = [person for person in people if self._school.is_suspended(course, person) is suspended]
        first, number = int(asked.get("limitfrom", 0)), int(asked.get("limitnumber", 0))
        fields = frozenset(asked.get("userfields", "roles").split(","))
        some = people[first : first + number] if number else people[first:]
        return b"[" + b",".join([self._person(person, fields) for person in some]) + b"]"

    def _person(self, person: int, fields: frozenset[str]) -> bytes:
        known = self._people.get((person, fields))
        if known is None:
            known = self._people[person, fields] = _written(_person(self._school, person, fields))
        return known

    def _groups(self, form: Mapping[str, str]) -> bytes:
        course = int(form["courseid"])
        numbers = range(course * GROUPS, (course + 1) * GROUPS)
        return _written([{"id": n, "courseid": course, "name": f"Group {n}", "description": ""} for n in numbers])

    def _group_members(self, form: Mapping[str, str]) -> bytes:
        groups = [int(form[name]) for name in form if name.startswith("groupids[")]
        return _written(
            [{"groupid": g, "userids": self._school.members(g // GROUPS)[g % GROUPS :: GROUPS]} for g in groups]
        )


def web_services() -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """The school of BENCH_SCHOOL (courses, people, people in each) as a WSGI application."""
    courses, people, each = map(int, os.environ["BENCH_SCHOOL"].split(","))
    moodle = Moodle(School(courses, people, each))

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        said = [environ.get("QUERY_STRING", ""), body.decode()]
        answer = moodle.answer({name: value for part in said for name, value in parse_qsl(part)})
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]

    return application


class AtHand:
    """Stands in the place of a `Transport`: the Moodle is in this process, and there is no line to it.

    What was asked once is answered from memory: a second walk costs only what is done with the answers.
    """

    refusals = 0

    def __init__(self, moodle: Moodle) -> None:
        self._moodle = moodle
        self.answers: dict[str, bytes] = {}

    def check_address(self, _: str) -> None:
        """Any will do."""

    def post(self, _: str, form: SecretStr, read: Callable[[Reply], T]) -> T:
        asked = form.get_secret_value()
        if asked not in self.answers:
            self.answers[asked] = self._moodle.answer(dict(parse_qsl(asked)))
        return read(Reply(200, self.answers[asked]))


def _course(number: int) -> dict[str, object]:
    return {
        "id": number,
        "fullname": f"Course {number}",
        "displayname": f"Course {number}",
        "shortname": f"C{number}",
        "idnumber": "",
        "categoryid": 1,
        "categoryname": "School",
        "sortorder": 10000 + number,
        "summary": "",
        "summaryformat": 1,
        "format": "topics",
        "showgrades": 1,
        "startdate": 1756684800,
        "enddate": 0,
        "visible": 1,
    }


def _person(school: School, person: int, fields: frozenset[str]) -> dict[str, object]:
    """Id and full name come always, as in Moodle."""
    said: dict[str, object] = {"id": person, "fullname": school.name(person)}
    if "idnumber" in fields:
        said["idnumber"] = f"N{person}"
    for picture in fields & {"profileimageurl", "profileimageurlsmall"}:
        said[picture] = "http://localhost/theme/image.php/boost/core/1756684800/u/f1"
    if "roles" in fields:
        role = school.role(person)
        number = 3 if role == "editingteacher" else 5
        said["roles"] = [{"roleid": number, "name": "", "shortname": role, "sortorder": 0}]
    return said


def _fault(code: str) -> bytes:
    return _written({"exception": "core\\exception\\moodle_exception", "errorcode": code, "message": code})


def _written(value: object) -> bytes:
    """JSON as PHP writes it: letters beyond ASCII and slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()
