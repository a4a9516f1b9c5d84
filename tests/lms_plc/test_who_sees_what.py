"""Who may see what? One table: a thing, the audience its author chose or the state it is in, and everybody who might
look. Every cell is asked three ways: on the thing's own page, in lists of other rooms, and by searching.

Everything is made once, each thing with a word in it that stands nowhere else. Whoever may read it finds the word.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import responses
from flask import url_for
from sqlalchemy import update

from lms_plc.admin import seats
from lms_plc.app import create_app
from lms_plc.communities.audiences import Audience, name_people
from lms_plc.core.activity import Reference
from lms_plc.core.database import Row
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role
from lms_plc.core.things import kinds, shown
from lms_plc.evidence.actions import keep_evidence, keep_node, state_claim
from lms_plc.house import open_house
from lms_plc.inquiry.forms import Reads
from lms_plc.journal.forms import RELEASED_TO
from lms_plc.people.models import Person, PersonSchool, School
from lms_plc.people.registry import meet
from lms_plc.practicechanges.actions import keep_change
from lms_plc.sites.actions import Registration, add_platform
from lti.testing import PlatformInMemory
from tests.conftest import BACKENDS, LMS, LaunchingLms, MovingClock, Visitor, settings_for
from tests.lms_plc.conftest import ADMINISTRATOR, INSTRUCTOR, Circle, new_key
from tests.lms_plc.test_access import TOOL, WATCHER, another_lms

pytestmark = pytest.mark.xdist_group("who_sees_what")

WORD = "zebrafink"
"""With a number behind it, it stands in one thing and nowhere else."""

AUTHOR, WORKER, NAMED = "its author", "who works on it with them", "named by its author"
MEMBER, FACILITATOR = "a member", "who facilitates"
MENTOR, FORMER = "a mentor", "a mentor whose days are over"
NEIGHBOUR, ELSEWHERE = "a colleague of another community here", "a colleague of another learning platform"
HEAD = "the head of its author's school, in no community"
ADMIN = "an administrator of the learning platform"
DESK, NOBODY = "the operator at the desk", "nobody signed in"
SUBJECTS = {
    **{FACILITATOR: "1", AUTHOR: "2", NAMED: "3", MEMBER: "4", MENTOR: "5", FORMER: "6", WORKER: "7"},
    **{NEIGHBOUR: "8", ADMIN: "9", ELSEWHERE: "10", HEAD: "11"},
}
WITHOUT_A_SEAT = (DESK, NOBODY)
EVERYBODY = (*SUBJECTS, *WITHOUT_A_SEAT)

LEADS = {AUTHOR, FACILITATOR, MENTOR}
INSIDE = {*LEADS, WORKER, NAMED, MEMBER}
HERE = {*INSIDE, NEIGHBOUR}
SEATED = {*HERE, FORMER, ADMIN, ELSEWHERE, HEAD}

READ_BY: dict[str, set[str]] = {
    Audience.ONLY_ME.value: {AUTHOR},
    Audience.NAMED_PEOPLE.value: {AUTHOR, NAMED},
    Audience.FACILITATOR.value: LEADS,
    Audience.COMMUNITY.value: INSIDE,
    Audience.PLATFORM.value: HERE,
    Audience.WORLD.value: SEATED,
}
ANY = tuple(READ_BY)
AUDIENCES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("practice change", "thought", "evidence", "claim", "story", "practice card"), ANY),
    "part of a notebook": tuple(one.value for one in RELEASED_TO),
}
"""Things whose author chooses who reads them, and what there is to choose."""

OF_PROJECT = {AUTHOR, WORKER, NAMED}
TABLE: dict[tuple[str, str], set[str]] = {
    **{(thing, audience): READ_BY[audience] for thing, chosen in AUDIENCES.items() for audience in chosen},
    ("evidence", "nobody has looked yet"): {AUTHOR},
    ("part of a notebook", "taken back"): {AUTHOR},
    ("notebook page", ""): {AUTHOR},
    ("project", "private draft"): {AUTHOR},
    ("project", "private, with people"): OF_PROJECT,
    ("project", "open"): INSIDE,
    ("project", "title told to its school"): {*INSIDE, HEAD},
    ("stage of a project", "concern"): {AUTHOR},
    ("stage of a project", Reads.NAMED_PEOPLE.value): OF_PROJECT,
    ("stage of a project", Reads.COMMUNITY.value): INSIDE,
    ("portfolio", ""): {AUTHOR, NAMED},
    ("feedback", ""): {AUTHOR, NAMED},
    ("visit", "before the talk"): {AUTHOR, NAMED},
    ("visit", "talked over"): {AUTHOR, NAMED},
    ("visit", "opened by its host"): INSIDE,
    ("notes of a visit", "before the talk"): {NAMED},
    ("notes of a visit", "talked over"): {AUTHOR, NAMED},
    ("notes of a visit", "opened by its host"): {AUTHOR, NAMED},
    ("meeting", ""): INSIDE,
    ("agenda", ""): INSIDE,
    ("minutes", ""): INSIDE,
    ("decision", ""): INSIDE,
    ("who was there", "names"): LEADS,
    ("who was there", "a number"): INSIDE,
    ("class results", ""): INSIDE,
    ("class results", "told to colleagues"): HERE,
    ("talk about class results", ""): INSIDE,
    ("something new", ""): INSIDE,
    ("conversation", ""): INSIDE,
}
"""(thing, audience or state) → who reads it. The author is the host of a visit; who is named visits, was asked, or is
the critical friend; of meetings the author is who planned them, and so leads them."""

FOUND_BY_NOBODY = {
    *((thing, Audience.ONLY_ME.value) for thing in ("practice change", "thought", "evidence", "claim")),
    *(("project", state) for state in ("private draft", "private, with people")),
    ("evidence", "nobody has looked yet"),
}
"""In no search, not even their own. What is in the library for its author alone is found by its author alone."""

SEARCHED = {
    *("practice change", "thought", "evidence", "claim", "story", "practice card", "project", "meeting", "minutes"),
    *("decision", "class results", "something new", "conversation"),
}
"""Whoever may read one of these finds it by its words."""

KNOWN_ONLY_TO = {("project", "title told to its school"): INSIDE}
"""Others read its title on the school's page and at its own address; no other list and no search tells them of it."""

CELLS = list(product(TABLE, EVERYBODY))

BEARING = {
    "practice_change": ["practice change"],
    "knowledge_node": ["thought", "evidence", "claim"],
    "library_item": ["story", "practice card"],
    "journal_part": ["part of a notebook"],
    "inquiry_stage": ["stage of a project"],
}
"""Kinds of rows with an audience → how they are called here."""

TOLD_ELSEWHERE = {"file", "person"}
"""A file is read by whoever reads what it hangs on; a profile has no author beside the person it is about."""

OF_OTHERS = {"search_entry", "library_version", "cycle", "protocol"}
"""Rows that repeat the audience of a thing."""


@dataclass(frozen=True)
class Made:
    """``reference`` is None for what is part of a thing's page, and no thing of its own."""

    path: str
    word: str
    reference: Reference | None = None


@dataclass
class World:
    circle: Circle
    app: Any
    people: dict[str, Visitor]
    desk: Any
    ids: dict[str, UUID]
    made: dict[tuple[str, str], Made] = field(default_factory=dict)
    found: dict[str, set[str]] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        return Actor(self.ids[who], self.people[who].lms.site_id, "", self.circle.house.clock())

    def found_by(self, who: str) -> set[str]:
        """All words somebody finds, page after page."""
        if who not in self.found:
            path, words = f"/search?q={WORD}", set[str]()
            while path:
                page = self.people[who].get(path).text
                bare = re.sub(r"<[^>]*>", "", page)
                words |= set(re.findall(rf"{WORD}\d+x", bare))
                more = re.search(r"after=([01]-\d+)", page)
                path = f"/search?q={WORD}&after={more[1]}" if more else ""
            self.found[who] = words
        return self.found[who]


@pytest.fixture(scope="module", params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("prepared_sqlite"), folder / "plc.db")
        with _filled(f"sqlite:///{folder / 'plc.db'}", folder) as made:
            yield made
        return
    spares = request.getfixturevalue("spares")
    name, uses = spares.take()
    with _filled(request.getfixturevalue("postgresql_server").format(name), folder) as made:
        yield made
    spares.give_back(name, uses)


@contextmanager
def _filled(url: str, folder: Path) -> Iterator[World]:
    clock = MovingClock()
    house = open_house(settings_for(url, folder), clock=clock)
    app = create_app(house.settings, clock=clock)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as edge:
        world = _peopled(house, app, clock, edge)
    for row in TABLE:
        world.made[row] = _make(world, *row, f"{WORD}{len(world.made)}x")
    yield world
    app.extensions["plc"].database.dispose()
    house.database.dispose()


def _peopled(house: Any, app: Any, clock: MovingClock, edge: Any) -> World:
    platform = PlatformInMemory(issuer=LMS, client_id="plc-client", tool_url=TOOL, clock=clock)
    known = platform.registration
    addresses = (known.issuer, known.client_id, known.auth_url, known.token_url, known.jwks_url)
    with house.database.write() as session:
        registration = Registration(*addresses, deployment_id="1")
        site_id = add_platform(session, "moodle", registration, clock(), allow_http=False)
    edge.get(known.jwks_url, json=platform.fetch(known.jwks_url))
    ours, theirs = LaunchingLms(platform, house, site_id), another_lms(house, clock, edge)
    how: dict[str, dict[str, Any]] = {
        **{FACILITATOR: {"roles": [INSTRUCTOR]}, AUTHOR: {}, WORKER: {}, NAMED: {}, MEMBER: {}},
        **{MENTOR: {"roles": [WATCHER]}, FORMER: {"roles": [WATCHER]}},
        ADMIN: {"roles": [ADMINISTRATOR, INSTRUCTOR]},
        **dict.fromkeys((NEIGHBOUR, ELSEWHERE, HEAD), {"roles": [INSTRUCTOR]}),
    }
    opens = {FACILITATOR: "Maths circle", NEIGHBOUR: "Next door", ELSEWHERE: "Far away"}
    courses = {NEIGHBOUR: "9", HEAD: "10"}
    people: dict[str, Visitor] = {}
    community = None
    for who, claims in how.items():
        visitor = people[who] = Visitor(theirs if who == ELSEWHERE else ours, app.test_client())
        led = visitor.launch(SUBJECTS[who], courses.get(who, "5"), **claims).location
        if who in opens:
            home = visitor.post(led, {"name": opens[who]}).location
            community = community or UUID(re.findall(r"/communities/([0-9a-f-]{36})", home)[0])
    assert community is not None
    nobody = Visitor(ours, app.test_client())
    circle = Circle(community, site_id, people[FACILITATOR], people[AUTHOR], house, lambda: nobody)
    circle.give_role(SUBJECTS[MENTOR], Role.MENTOR, until=clock() + timedelta(days=1))
    circle.give_role(SUBJECTS[FORMER], Role.MENTOR, until=clock() + timedelta(minutes=1))
    clock.move(minutes=2)
    with house.database.write() as session:
        ids = {
            who: meet(session, one.lms.site_id, {SUBJECTS[who]: f"Person {SUBJECTS[who]}"}, clock())[SUBJECTS[who]]
            for who, one in people.items()
        }
        school = School(id=new_id(), site_id=site_id, name="Goce Delčev", folded="goce delčev")
        session.add(school)
        session.flush()
        session.add_all(PersonSchool(person_id=ids[who], school_id=school.id, place=0) for who in (AUTHOR, HEAD))
    return World(circle, app, {**people, NOBODY: nobody}, _at_the_desk(house, app, clock), ids)


def _at_the_desk(house: Any, app: Any, clock: MovingClock) -> Any:
    with house.database.write() as session:
        secret = seats.offer(session, clock(), timedelta(minutes=15))
    desk = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get(f"/admin/enter/{secret}", base_url=TOOL).text)
    own = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
    form = {"csrf_token": token[1]} if token else {}
    desk.post(f"/admin/enter/{secret}", data=form, base_url=TOOL, headers=own)
    assert desk.get("/admin/", base_url=TOOL).status_code == 200, "they are at the desk"
    return desk


def _sent(world: World, path: str, form: dict[str, Any] | None = None, who: str = AUTHOR) -> str:
    """Sends a form; answers where it led, behind the seat."""
    answer = world.people[who].post(path, {"form_key": new_key(), **(form or {})})
    assert answer.status_code == 303, (path, answer.status_code, re.findall(r'class="error".*', answer.text))
    return re.sub(r"^(https?://[^/]+)?/s/[^/]+", "", str(answer.location)).partition("#")[0].partition("?")[0]


def _id(path: str) -> UUID:
    return UUID(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", path)[-1])


def _make(world: World, thing: str, audience: str, word: str) -> Made:
    if thing in ("practice change", "thought", "evidence", "claim"):
        return _kept(world, thing, audience, word)
    made: Made = MAKERS[thing](world, audience, word)
    return made


def _of(world: World, kind: str, thing_id: UUID, word: str) -> Made:
    """A thing at its own address."""
    reference = Reference(kind, thing_id)
    with world.circle.house.database.read() as connection:
        seen = shown(connection, world.actor(AUTHOR), [reference])[reference]
    with world.app.test_request_context(base_url=TOOL):
        path = url_for(seen.endpoint, seat="abcdefgh", **seen.values).removeprefix(TOOL)
    return Made(path.removeprefix("/s/abcdefgh"), word, reference)


def _kept(world: World, thing: str, audience: str, word: str) -> Made:
    who, sort = world.actor(AUTHOR), "note"
    if audience == "nobody has looked yet":
        audience, sort = Audience.COMMUNITY.value, "photo"
    place = {
        "community_id": world.circle.id,
        "site_id": world.circle.site_id,
        "origin": Reference("community", world.circle.id),
        "form_key": new_key(),
        "audience": audience,
        "seal": world.circle.house.seal,
    }
    with world.circle.house.database.write() as session:
        if thing == "practice change":
            found = Reference("practice_change", keep_change(session, who, **place, what=word))
        elif thing == "thought":
            node = keep_node(session, who, **place, kind="Hunch", text=word, author_id=who.person_id)
            found = Reference("knowledge_node", node)
        elif thing == "evidence":
            found = Reference("knowledge_node", keep_evidence(session, who, **place, sort=sort, text=word, shows="S"))
        else:
            found = Reference("knowledge_node", state_claim(session, who, **place, level="practice", text=word))
        if audience == Audience.NAMED_PEOPLE:
            name_people(session, found.kind, found.id, [world.actor(NAMED).person_id])
    return _of(world, found.kind, found.id, word)


def _named(world: World, audience: str) -> dict[str, str]:
    return {"people": str(world.actor(NAMED).person_id)} if audience == Audience.NAMED_PEOPLE else {}


def _on_the_shelf(world: World, room: str, audience: str, form: dict[str, str], word: str) -> Made:
    given = {"title": word, "audience": audience, "language": "en", **form, **_named(world, audience)}
    return _of(world, "library_item", _id(_sent(world, f"{world.circle.home}/{room}/new", given)), word)


def _story(world: World, audience: str, word: str) -> Made:
    return _on_the_shelf(world, "stories", audience, {"page": "P", "story_kind": "flop"}, word)


def _practice(world: World, audience: str, word: str) -> Made:
    return _on_the_shelf(world, "practices", audience, {"what": "W", "how": "H", "licence": "cc-by"}, word)


def _page(world: World, _: str, word: str) -> Made:
    return _of(world, "journal_entry", _id(_sent(world, "/journal/new", {"text": word})), word)


def _part(world: World, audience: str, word: str) -> Made:
    entry = _sent(world, "/journal/new", {"text": "E"})
    chosen = Audience.COMMUNITY.value if audience == "taken back" else audience
    form = {"text": word, "audience": chosen, "community_id": str(world.circle.id), **_named(world, chosen)}
    part = _id(_sent(world, f"/journal/{_id(entry)}/release", form))
    made = Made(f"/journal/parts/{part}", word, Reference("journal_part", part))
    if audience == "taken back":
        _sent(world, f"{made.path}/withdraw")
        return Made(made.path, word)
    return made


def _project(world: World, state: str, word: str) -> Made:
    inquiry = _begun(world, word)
    if state == "private, with people":
        _bring_in(world, inquiry)
    if state in ("open", "title told to its school"):
        _sent(world, f"{inquiry}/open")
    if state == "title told to its school":
        _sent(world, f"{inquiry}/school", {"told": "yes"})
    return Made(inquiry, word, Reference("inquiry", _id(inquiry)))


def _stage(world: World, reads: str, word: str) -> Made:
    inquiry = _begun(world, "P")
    _bring_in(world, inquiry)
    stage = {"concern": "concerns", "named_people": "plan", "community": "consult"}[reads]
    if stage != "concerns":
        _sent(world, f"{inquiry}/stages/{stage}/enter")
    _sent(world, f"{inquiry}/stages/{stage}/notes", {"text": word, "prompt": "0"})
    _sent(world, f"{inquiry}/open", {"shown": ["1-consult"]})
    return Made(f"{inquiry}/stages/{stage}", word)


def _begun(world: World, title: str) -> str:
    path = _sent(world, f"{world.circle.home}/projects/new", {"title": title, "cycle": "tldw"})
    return path.partition("/stages/")[0]


def _bring_in(world: World, inquiry: str) -> None:
    for who, part in ((WORKER, "co_worker"), (NAMED, "critical_friend")):
        _sent(world, f"{inquiry}/people", {"person_id": str(world.actor(who).person_id), "part": part})
        _sent(world, f"{inquiry}/answer", {"yes": "yes"}, who)


def _portfolio(world: World, _: str, word: str) -> Made:
    inquiry = _begun(world, "P")
    _sent(world, f"{inquiry}/open")
    portfolio = _sent(world, f"{inquiry}/portfolio")
    _sent(world, f"{portfolio}/foreword", {"foreword": word})
    _sent(world, f"{portfolio}/readers", {"people": [str(world.actor(NAMED).person_id)]})
    return _of(world, "portfolio", _id(portfolio), word)


def _feedback(world: World, _: str, word: str) -> Made:
    form = {"question": word, "people": str(world.actor(NAMED).person_id)}
    return _of(world, "feedback_request", _id(_sent(world, f"{world.circle.home}/feedback/new", form)), word)


def _visit(world: World, state: str, word: str) -> Made:
    return _of(world, "visit", _id(_visited(world, state, word, "N")), word)


def _visit_notes(world: World, state: str, word: str) -> Made:
    return Made(f"{_visited(world, state, 'F', word)}/talk", word)


def _visited(world: World, state: str, focus: str, note: str) -> str:
    people = {"host_id": str(world.actor(AUTHOR).person_id), "people": str(world.actor(NAMED).person_id)}
    form = {"kind": "peer_observation", "focus": focus, **people}
    visit = _sent(world, f"{world.circle.home}/visits/new", form)
    _sent(world, f"{visit}/notes", {"sort": "seen", "text": note}, NAMED)
    if state != "before the talk":
        _sent(world, f"{visit}/talk", who=NAMED)
    if state == "opened by its host":
        _sent(world, f"{visit}/learned", {"learned": "L"})
        _sent(world, f"{visit}/share", {"shared": "yes"})
    return visit


def _planned(world: World, title: str) -> str:
    form = {"title": title, "day": "2026-11-25", "starts": "14:00", "ends": "15:15"}
    return _sent(world, f"{world.circle.home}/meetings/new", form)


def _meeting(world: World, _: str, word: str) -> Made:
    return _of(world, "meeting", _id(_planned(world, word)), word)


def _agenda(world: World, _: str, word: str) -> Made:
    meeting = _planned(world, "M")
    _sent(world, f"{meeting}/agenda", {"title": word, "kind": "learning", "minutes": "10"})
    return Made(meeting, word)


def _minutes(world: World, _: str, word: str) -> Made:
    meeting = _planned(world, "M")
    _sent(world, f"{meeting}/minutes/write", {"body": word, "based_on": "0"})
    return Made(f"{meeting}/minutes", word, Reference("minutes", _id(meeting)))


def _decision(world: World, _: str, word: str) -> Made:
    meeting = _planned(world, "M")
    _sent(world, f"{meeting}/decisions", {"decision": word})
    return Made(f"{meeting}/minutes", word)


def _attendance(world: World, what: str, word: str) -> Made:
    """Who was there gets a name nobody else here has."""
    path = f"{_planned(world, 'M')}/attendance"
    somebody = world.actor(MEMBER if what == "names" else WORKER).person_id
    with world.circle.house.database.write() as session:
        session.execute(update(Person).where(Person.id == somebody).values(display_name=word.title()))
    page = world.people[FACILITATOR].get(path).text
    form = dict.fromkeys(re.findall(r'name="(saw-[0-9a-f]+)"', page), "") | {f"s-{somebody.hex}": "present"}
    _sent(world, path, form, FACILITATOR)
    return Made(path, f"<legend><bdi>{word.title()}</bdi></legend>" if what == "names" else "1 was present")


def _class_results(world: World, state: str, word: str) -> Made:
    table = _table(world, word)
    if state == "told to colleagues":
        _sent(world, f"{table}/tell", {"told": "yes"})
    return _of(world, "data_set", _id(table), word)


def _table(world: World, question: str) -> str:
    table = "Class\tPupils\tReads well\n6a\t21\t12\n6b\t22\t14"
    form = {"question": question, "source": "S", "day": "2026-01-07", "table": table, "sure": "yes"}
    return _sent(world, f"{world.circle.home}/class-results", form)


def _talk(world: World, _: str, word: str) -> Made:
    talk = _sent(world, f"{_table(world, 'Q')}/conversation")
    _sent(world, f"{talk}/look")
    _sent(world, f"{talk}/decision", {"decision": word})
    return _of(world, "data_conversation", _id(talk), word)


def _something_new(world: World, _: str, word: str) -> Made:
    path = _sent(world, f"{world.circle.home}/new-things/new", {"title": word, "text": "T"})
    return _of(world, "innovation", _id(path), word)


def _conversation(world: World, _: str, word: str) -> Made:
    return _of(world, "topic", world.circle.start(world.people[AUTHOR], title=word), word)


MAKERS: dict[str, Callable[[World, str, str], Made]] = {
    **{"story": _story, "practice card": _practice, "notebook page": _page, "part of a notebook": _part},
    **{"project": _project, "stage of a project": _stage, "portfolio": _portfolio, "feedback": _feedback},
    **{"visit": _visit, "notes of a visit": _visit_notes, "meeting": _meeting, "agenda": _agenda},
    **{"minutes": _minutes, "decision": _decision, "who was there": _attendance},
    **{"class results": _class_results, "talk about class results": _talk},
    **{"something new": _something_new, "conversation": _conversation},
}


@pytest.mark.parametrize(("row", "who"), CELLS, ids=lambda part: "-".join(part) if isinstance(part, tuple) else part)
def test_whoever_looks_sees_what_the_table_says(world: World, row: tuple[str, str], who: str) -> None:
    made, reads = world.made[row], who in TABLE[row]
    knows = who in KNOWN_ONLY_TO.get(row, TABLE[row])
    if who in WITHOUT_A_SEAT:
        client = world.desk if who == DESK else world.people[NOBODY].client
        answer = client.get(f"/s/abcdefgh{made.path}", base_url=TOOL)
        assert (answer.status_code, made.word in answer.text) == (401, False)
        return
    answer = world.people[who].get(made.path)
    assert (made.word in answer.text) == reads, "on its own page"
    assert answer.status_code == 200 if reads else answer.status_code in (200, 403, 404)
    if made.reference is not None:
        assert answer.status_code == (200 if reads else 404)
        with world.circle.house.database.read() as connection:
            assert bool(shown(connection, world.actor(who), [made.reference])) == knows, "in lists of other rooms"
    finds = knows and row[0] in SEARCHED and row not in FOUND_BY_NOBODY
    assert (made.word in world.found_by(who)) == finds, "by searching"


def test_every_cell_is_asked() -> None:
    assert len(set(CELLS)) == len(CELLS) == len(TABLE) * len(EVERYBODY)
    assert set().union(*TABLE.values()) == set(SUBJECTS), "and there is something to read for everybody with a seat"
    assert {thing for thing, _ in TABLE} == {*AUDIENCES, *MAKERS}
    for thing, chosen in AUDIENCES.items():
        assert {audience for one, audience in TABLE if one == thing} >= set(chosen)


def test_every_kind_with_an_audience_stands_in_the_table_or_is_named_as_told_elsewhere(world: World) -> None:
    bearing = {
        table.name.removeprefix("plc_").replace("released_part", "journal_part")
        for table in Row.metadata.tables.values()
        if "audience" in table.c
    }
    assert bearing - TOLD_ELSEWHERE - OF_OTHERS == set(BEARING)
    named = {thing for thing, _ in TABLE}
    assert {thing for things in BEARING.values() for thing in things} <= named
    referred = {made.reference.kind for made in world.made.values() if made.reference}
    assert referred <= set(kinds())
