"""What do tests of the communities share? A community with people in it, and a look at what was stored."""

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import UUID

import pytest
import responses
from sqlalchemy import Executable, select

from lms_plc import cli
from lms_plc.communities.memberships import Because, assign_role
from lms_plc.communities.models import Community
from lms_plc.config import Settings
from lms_plc.core.activity import Event
from lms_plc.core.policy import Role
from lms_plc.house import House, open_house
from lms_plc.people.models import Identity
from tests.post_office import PostOffice, open_post_office

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"

RECORDINGS = Path(__file__).parents[1] / "recordings" / "moodle" / "ws"

Visitor = Any
"""Somebody at a browser of their own; see the fixture ``visitor``."""


@pytest.fixture
def stored(house: House) -> Callable[[Executable], Sequence[Any]]:
    """``stored(select(…))``: the rows as any other process sees them."""

    def rows(query: Executable) -> Sequence[Any]:
        with house.database.read() as connection:
            return connection.execute(query).all()

    return rows


@pytest.fixture
def events(stored: Callable[[Executable], Sequence[Any]]) -> Callable[..., Sequence[Any]]:
    """``events("post.written")``: the events of these verbs, or all, in their order."""

    def told(*verbs: str) -> Sequence[Any]:
        query = select(Event.__table__).order_by(Event.id)
        return stored(query.where(Event.verb.in_(verbs)) if verbs else query)

    return told


@pytest.fixture
def said() -> Callable[[Any], str]:
    """``said(page)``: the words of a page, as somebody reads them."""
    return lambda page: " ".join(unescape(re.sub(r"<[^>]*>", "", page.text)).split())


@dataclass
class Circle:
    """A community of course 5 with a facilitator (subject 1) and a member (subject 2)."""

    id: UUID
    site_id: UUID
    facilitator: Visitor
    member: Visitor
    house: House
    visitor: Callable[[], Visitor]

    @property
    def home(self) -> str:
        return f"/communities/{self.id}"

    def joined(self, subject: str, **claims: object) -> Visitor:
        """Somebody else who launches into the community's course."""
        somebody = self.visitor()
        somebody.launch(subject, **claims)
        return somebody

    def start(self, who: Visitor, title: str = "Exit tickets", body: str = "How do you do it?", **more: str) -> UUID:
        """Starts a topic as the page's form would; answers its id."""
        form = {"title": title, "body": body, "purpose": "question", "form_key": new_key(), **more}
        answer = who.post(f"{self.home}/topics/new", form)
        assert answer.status_code == 303, answer.text
        return UUID(urlsplit(answer.location).path.rpartition("/")[2])

    def say(self, who: Visitor, topic_id: UUID, body: str = "I ask one question.", **more: str) -> UUID:
        """Says something in a topic; answers the post's id."""
        answer = who.post(f"/topics/{topic_id}", {"body": body, "form_key": new_key(), **more})
        assert answer.status_code == 303, answer.text
        return UUID(parse_qs(urlsplit(answer.location).query)["from"][0])

    def person(self, subject: str) -> UUID:
        with self.house.database.read() as connection:
            return connection.execute(
                select(Identity.person_id).where(Identity.site_id == self.site_id, Identity.subject == subject)
            ).scalar_one()

    def give_role(self, subject: str, role: Role, *, until: datetime | None = None) -> None:
        person_id = self.person(subject)
        with self.house.database.write() as session:
            because = Because(self.house.clock(), "cli")
            assign_role(session, self.site_id, self.id, person_id, role, because, until=until)


def new_key() -> str:
    return secrets.token_urlsafe(18)


@pytest.fixture
def circle(house: House, lms: Any, visitor: Callable[[], Visitor]) -> Circle:
    facilitator, member = visitor(), visitor()
    found = facilitator.launch("1", roles=[INSTRUCTOR]).location
    facilitator.post(found, {"name": "Maths circle"})
    member.launch("2")
    with house.database.read() as connection:
        row = connection.execute(select(Community.id, Community.site_id)).one()
    return Circle(row.id, row.site_id, facilitator, member, house, visitor)


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    """Opens mail servers on this machine, which keep what they take."""
    with open_post_office(tmp_path) as opened:
        yield opened


@pytest.fixture
def first_post(circle: Circle) -> Callable[[UUID], UUID]:
    """``first_post(topic_id)``: the id of the post a topic begins with, as its page shows it."""

    def of(topic_id: UUID) -> UUID:
        found = re.search(r'id="p-([0-9a-f-]{36})"', circle.facilitator.get(f"/topics/{topic_id}").text)
        assert found is not None
        return UUID(found[1])

    return of


@dataclass(frozen=True)
class Typed:
    """What came of a command."""

    code: int
    out: str
    err: str


@pytest.fixture
def installed(prepared_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation set up by the environment alone, in an empty folder."""
    for name in [name for name in os.environ if name.startswith("PLC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLC_BASE_URL", "https://plc.example.org")
    monkeypatch.setenv("PLC_SECRET_KEY", "a key for tests, long enough to be one")
    monkeypatch.setenv("PLC_DATABASE_URL", prepared_url)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Typed]]:
    """``typed("sites", "list")``: what ``lms-plc sites list`` says, and with which exit code."""
    opened: list[House] = []

    def remembering(settings: Settings, **options: Any) -> House:
        opened.append(open_house(settings, **options))
        return opened[-1]

    monkeypatch.setattr(cli, "open_house", remembering)

    def run(*words: str) -> Typed:
        monkeypatch.setattr(sys, "argv", ["lms-plc", *words])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Typed(code, said.out, said.err)

    yield run
    for house in opened:
        house.database.dispose()


@dataclass
class StubbedMoodle:
    """A Moodle at the edge of the network that answers with recordings."""

    edge: responses.RequestsMock
    tokens: list[str] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)

    def recorded(self, function: str, case: str) -> None:
        self.answers[function] = (RECORDINGS / function / f"{case}.json").read_bytes()

    def reply(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        form = dict(parse_qsl(request.body, keep_blank_values=True))
        self.tokens.append(form["wstoken"])
        return 200, {"Content-Type": "application/json"}, self.answers[form["wsfunction"]]


@pytest.fixture
def moodle(edge: responses.RequestsMock) -> StubbedMoodle:
    """At https://moodle.example.org, where the account may read everything and there is no course yet."""
    stub = StubbedMoodle(edge)
    edge.add_callback(responses.POST, "https://moodle.example.org/webservice/rest/server.php", stub.reply)
    stub.recorded("core_webservice_get_site_info", "ok")
    stub.answers["core_course_get_courses_by_field"] = b'{"courses": [], "warnings": []}'
    stub.answers["core_cohort_get_cohorts"] = b"[]"
    return stub
