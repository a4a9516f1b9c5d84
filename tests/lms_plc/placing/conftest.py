"""What do tests of placed activities share? A choice, and a grade book with the manners of Moodle's."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import UUID

import pytest
import responses
import stamina
from sqlalchemy import select

from lms_plc.communities.models import PlacedLink
from lti.claims import ASSIGNMENT_AND_GRADE, LTI

LMS = "https://moodle.example.org"
SERVICE = f"{LMS}/mod/lti/services.php"
SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
HOME = "communities.community_home"
ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Sent:
    """What an answer to the LMS says: where its form goes, and the form's fields."""

    action: str
    fields: dict[str, str]


@pytest.fixture
def sent() -> Callable[[Any], Sent]:
    """``sent(page)``: the form on the page that leads back to the LMS."""

    def read(page: Any) -> Sent:
        assert page.status_code == 200, page.text
        found = re.search(r'<form method="post" action="([^"]+)" data-send>', page.text)
        assert found is not None, page.text
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
        return Sent(unescape(found[1]), {name: unescape(value) for name, value in fields if name == "JWT"})

    return read


@pytest.fixture
def choosing() -> Callable[..., str]:
    """``choosing(visitor, subject)``: begins a choice; the path of its page, behind the seat."""

    def begin(visitor: Any, subject: str, course: str = "5", **how: Any) -> str:
        answer = visitor.choose(subject, course, **how)
        assert answer.status_code == 303, answer.text
        path = urlsplit(answer.location).path
        assert re.fullmatch(r"/s/[a-z0-9]+/choices/[0-9a-f-]{36}", path), path
        return "/" + path.split("/", 3)[3]

    return begin


@pytest.fixture
def place(choosing: Any, stored: Any) -> Callable[..., UUID]:
    """``place(visitor, subject, …)``: chooses as the page's form would; the id of the (last) link."""

    def chosen(visitor: Any, subject: str, course: str = "5", **form: Any) -> UUID:
        path = choosing(visitor, subject, course)
        answer = visitor.post(path, {"which": "own", "parts": HOME, **form})
        assert answer.status_code == 200, answer.text
        return UUID(str(stored(select(PlacedLink.id).order_by(PlacedLink.id.desc()))[0].id))

    return chosen


def opening(link_id: object, **more: Any) -> dict[str, Any]:
    """Claims of a launch of something placed."""
    return {LTI + "target_link_uri": f"https://plc.example.org/placed/{link_id}", **more}


@pytest.fixture
def opens() -> Callable[..., dict[str, Any]]:
    return opening


@dataclass
class GradeBook:
    """A Moodle's grade book at the edge of the network: exact media types, 409 for an earlier score, 400 or ``[]`` for
    whoever is not graded."""

    columns: list[dict[str, Any]] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: int = 0
    ungraded: set[str] = field(default_factory=set)
    not_now: list[Reply] = field(default_factory=list)
    """Answers given in the place of the next ones."""

    def token(self, request: Any) -> Reply:
        self.tokens += 1
        scope = dict(parse_qsl(request.body.decode() if isinstance(request.body, bytes) else request.body))["scope"]
        said = {"access_token": f"token-{self.tokens}", "token_type": "Bearer", "expires_in": 3600, "scope": scope}
        return _json(200, said)

    def answer(self, request: Any) -> Reply:
        path = urlsplit(request.url).path.removeprefix("/mod/lti/services.php")
        self.asked.append((request.method, path))
        if self.not_now:
            return self.not_now.pop(0)
        if path.endswith("/scores"):
            return self._score(request, path)
        if request.method == "GET":
            assert request.headers["Accept"] == ITEMS
            return _json(200, self._listed(parse_qs(urlsplit(request.url).query)), ITEMS)
        assert request.headers["Content-Type"] == ITEM
        return _json(201, self.add(**json.loads(request.body)), ITEM)

    def add(self, **column: Any) -> dict[str, Any]:
        """A column more, as Moodle tells it."""
        made = {"id": f"{SERVICE}/5/lineitems/{len(self.columns) + 1}/lineitem?type_id=1", **column}
        self.columns.append(made)
        return made

    def of(self, subject: str) -> list[dict[str, Any]]:
        """The scores of one person that were taken, in their order."""
        return [score for score in self.scores if score["userId"] == subject]

    def _listed(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        wanted = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        return [
            column
            for column in self.columns
            if all(column.get(wanted[name]) == values[0] for name, values in query.items() if name in wanted)
        ]

    def _score(self, request: Any, path: str) -> Reply:
        assert request.headers["Content-Type"] == SCORE
        assert b"\n" not in request.body
        score = json.loads(request.body) | {"column": path.split("/")[3]}
        if score["userId"] in self.ungraded:
            return _json(400, {"status": 400, "reason": "Bad Request"})
        before = [
            datetime.fromisoformat(one["timestamp"])
            for one in self.of(score["userId"])
            if one["column"] == score["column"]
        ]
        if before and datetime.fromisoformat(score["timestamp"]) <= max(before):
            return _json(409, {"status": 409, "reason": "Conflict"})
        self.scores.append(score)
        return 200, {}, b""


def _json(status: int, said: object, media_type: str = "application/json") -> Reply:
    return status, {"Content-Type": f"{media_type}; charset=utf-8"}, json.dumps(said).encode()


@pytest.fixture
def book(edge: responses.RequestsMock, lms: Any) -> GradeBook:
    stub = GradeBook()
    edge.add_callback(responses.POST, f"{LMS}/mod/lti/token.php", stub.token)
    for method in (responses.GET, responses.POST):
        edge.add_callback(method, re.compile(re.escape(SERVICE) + "/.*"), stub.answer)
    return stub


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Calls are tried once: how they are tried again is told beside them."""
    stamina.set_testing(True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def grades() -> Callable[..., dict[str, Any]]:
    """``grades(lineitem=…)``: the claim by which a launch offers the grade book of course 5."""

    def claim(*, scopes: Sequence[str] = ("lineitem", "score"), **endpoint: Any) -> dict[str, Any]:
        offered = {"scope": [SCOPE + name for name in scopes], "lineitems": f"{SERVICE}/5/lineitems?type_id=1"}
        said = {name: value for name, value in (offered | endpoint).items() if value is not None}
        return {ASSIGNMENT_AND_GRADE + "endpoint": said}

    return claim
