"""How heavy are the pages? On the way from the LMS's button to the community, and on every page after it, as a phone on
a slow line pays for them; and who has no script does not miss any of it."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect
from sqlalchemy import select

from lms_plc.notifications import listening
from lms_plc.people.models import Identity
from lms_plc.web import static_files
from tests.scribbling import drawn, key

from .conftest import School, open_school
from .test_xss import ByBrowser

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

FIRST_VISIT = 50_000
"""Bytes of a first view, headers and all, on the way from the LMS's button to the community."""

FIRST_REQUESTS = 6
PAGE = 8_000
"""Bytes of a page whose style and script the browser has already."""

SCRIPTS = 20_000
"""Bytes of all scripts of ours together, uncompressed."""

SYLLABLES = [first + then for first in "bdfgklmnprstvz" for then in ("a", "e", "i", "o", "u", "an", "er", "is")]


@pytest.fixture(scope="module")
def _school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of its own, in which much is said."""
    with open_school(tmp_path_factory.mktemp("weighed")) as opened:
        yield opened


class Scale:
    """Weighs what our tool sends to one page of a browser, on the wire."""

    def __init__(self, page: Page, tool: str) -> None:
        self.tool, self.weight, self.asked = tool, Counter[str](), Counter[str]()
        self._addresses: dict[str, str] = {}
        self.wire = wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.requestWillBeSent", self._asked)
        wire.on("Network.loadingFinished", self._finished)

    def take(self) -> dict[str, int]:
        """What has come since the last look: address → bytes."""
        ours = self.of_us(self.weight)
        self.weight.clear()
        return ours

    def of_us(self, counted: Counter[str]) -> dict[str, int]:
        """Pictures that a browser has for its own date fields come from nobody."""
        return {urlsplit(url).path: number for url, number in counted.items() if url.startswith(self.tool)}

    def _asked(self, said: dict[str, Any]) -> None:
        if hop := said.get("redirectResponse"):
            self.weight[hop["url"]] += int(hop["encodedDataLength"])
        self._addresses[said["requestId"]] = said["request"]["url"]
        self.asked[said["request"]["url"]] += 1

    def _finished(self, said: dict[str, Any]) -> None:
        # what had begun before it was on the scale is not known by its address
        self.weight[self._addresses.get(said["requestId"], "")] += int(said["encodedDataLength"])


def text(chance: random.Random, words: int = 60) -> str:
    """Words of one to three syllables from a language of five hundred, so that it packs as written text does."""
    language = ["".join(random.Random(number).choices(SYLLABLES, k=1 + number % 3)) for number in range(500)]
    common = [1 / (place + 1) for place in range(500)]
    return " ".join(chance.choices(language, common, k=words)).capitalize() + "."


@pytest.fixture
def talked(browser: Any, come_in: Any, own_window: Any, school: School) -> dict[str, str]:
    """A community that is busy: a full page of everything; name of a page → its address behind the seat."""
    chance = random.Random(7)
    with school.house.database.read() as connection:
        ids = {row.subject: str(row.person_id) for row in connection.execute(select(Identity.__table__))}  # type: ignore[attr-defined]
    people = [
        ByBrowser(own_window(come_in(browser().new_page(), one)), ids[str(one.id)])
        for one in (school.student, school.teacher, school.mentor)
    ]
    me = people[0]
    home = re.sub(r".*/s/[^/]+", "", urlsplit(me.page.url).path)
    shared = {"language": "en", "licence": "cc-by", "audience": "community", "tags": "fractions, paper"}
    for number in range(22):
        who = people[number % 3]
        form = {"title": text(chance, 8), "body": text(chance), "form_key": key()}
        topic = who.send(f"{home}/topics/new", {**form, "purpose": "question"}).path.partition("?")[0]
        who.send(f"{home}/board/new", {**form, "form_key": key()})
        about = {"title": text(chance, 6), "about": text(chance), "form_key": key()}
        item = who.send(f"{home}/resources/new", {**shared, **about}).path.partition("?")[0]
        me.send("/journal/new", {"text": text(chance), "form_key": key()})
    for number in range(19):
        said = people[number % 3].send(topic, {"body": text(chance), "form_key": key()})
        post = re.findall(r"from=([0-9a-f-]{36})", said.path)[0]
        people[(number + 1) % 3].send(f"/posts/{post}/reactions", {"reaction": "thank_you"})
    met = [meet(people, home, chance, school) for _ in range(2)]
    me.send(f"{met[0]['run']}/steer", {"what": "end", "saw": "1"})
    led = lead(people, home, chance)
    listening.listen(school.house)
    rooms = {name: f"{home}/{name}" for name in ("topics", "library", "members", "board", "charter", "meetings")}
    own = {name: f"/{name}" for name in ("inbox", "me", "journal", "messages", "peers")}
    more = {"a practice card": f"{home}/practices/new", "search": "/search?q=chalk", "profile": f"/people/{me.number}"}
    agreed = {"a meeting": met[1]["meeting"], "a run": met[1]["run"], "minutes": f"{met[0]['meeting']}/minutes"}
    return {"home": home, "topic": topic, "item": item, **rooms, **own, **more, **agreed, **led}


def lead(people: list[ByBrowser], home: str, chance: random.Random) -> dict[str, str]:
    """A project with a stage in which much is written, what came of it and what shows it; a table of ten classes."""
    me = people[0]
    begun = me.send(f"{home}/projects/new", {"title": text(chance, 8), "cycle": "tldw", "form_key": key()}).path
    project = begun.partition("/stages/")[0]
    me.send(f"{project}/open", {})
    stage = f"{project}/stages/plan"
    me.send(f"{stage}/enter", {})
    for number in range(6):
        me.send(f"{stage}/notes", {"text": text(chance), "prompt": str(number % 3), "form_key": key()})
        plan = {"what": text(chance, 8), "how": text(chance, 20), "protection": text(chance, 12)}
        me.send(f"{stage}/evidence-plan", {**plan, "form_key": key()})
    origin = {"from_kind": "inquiry", "from": project.rpartition("/")[2]}
    readers = {"audience": "community"}
    for _ in range(4):
        change = {"what": text(chance, 20), "place": "6b", "sign": text(chance, 10), **readers, "form_key": key()}
        made = me.send(f"{home}/changes/new", {**change, **origin}).path.partition("?")[0]
        of_it = {"from_kind": "practice_change", "from": made.rpartition("/")[2], **readers}
        shown = {"sort": "note", "text": text(chance, 20), "shows": text(chance, 8), "does_not_show": text(chance, 8)}
        me.send(f"{home}/evidence/new", {**shown, **of_it, "form_key": key()})
        stated = {"level": "pupils", "text": text(chance, 20), "before": "4", "after": "11", "n": "23"}
        me.send(f"{home}/outcomes/new", {**stated, "strength": "compared", **of_it, "form_key": key()})
    groups = (f"{number}a\t{20 + number}\t{5 + number / 7:.2f}\t{40 + 3 * number}" for number in range(10))
    table = "\n".join(["Class\tPupils\tAverage\tPassed %", *groups])
    about = {"question": text(chance, 8), "day": "2026-01-07", "table": table, "form_key": key()}
    data_set = me.send(f"{home}/class-results", about).path.partition("?")[0]
    graph = f"/graph/inquiry/{origin['from']}"
    return {"a project": project, "a stage": stage, "what led to what": graph, "class results": data_set}


def meet(people: list[ByBrowser], home: str, chance: random.Random, school: School) -> dict[str, str]:
    """Eight points, and a protocol in its second step to which everybody has written."""
    day = {"day": f"{school.clock():%Y-%m-%d}", "starts": "08:00", "ends": "23:50"}
    planned = people[0].send(f"{home}/meetings/new", {"title": text(chance, 6), "form_key": key(), **day})
    meeting = planned.path.partition("?")[0]
    for number in range(8):
        item = {"title": text(chance, 8), "kind": "learning", "minutes": "10", "form_key": key()}
        people[number % 3].send(f"{meeting}/agenda", item)
    begun = people[0].send(f"{meeting}/run", {"protocol": "five_beat_session", "form_key": key()})
    run = begun.path.partition("?")[0]
    people[0].send(f"{run}/steer", {"what": "start"})
    for number in range(15):
        note = {"id": str(uuid4()), "step": str(number // 8), "text": text(chance, 20)}
        people[number % 3].send(f"{run}/notes", note)
        if number == 7:
            people[0].send(f"{run}/steer", {"what": "next", "saw": "0"})
    return {"meeting": meeting, "run": run}


def test_the_first_view_is_light_and_asks_nobody_else(browser, sign_in, school, phone):
    context = browser(**phone)
    page = context.new_page()
    sign_in(page, school.student)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    scale = Scale(page, school.tool)
    page.get_by_role("link", name="Our learning community").tap()
    page.wait_for_url(f"{school.tool}/s/**")
    page.wait_for_load_state("networkidle")
    ours = scale.take()
    assert ours.keys() >= {"/lti/login", "/lti/launch", "/static/plc.css", "/static/plc.js"}
    assert sum(ours.values()) < FIRST_VISIT
    requests = [url for url in asked if url.startswith(school.tool)]
    assert len(requests) <= FIRST_REQUESTS, requests
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(school.lms).netloc, urlsplit(school.tool).netloc}


def test_every_later_page_is_a_few_kilobytes(talked: dict[str, str], browser, sign_in, school, phone):
    page = browser(**phone).new_page()
    sign_in(page, school.student)
    page.get_by_role("link", name="Our learning community").tap()
    page.wait_for_url(f"{school.tool}/s/**")
    seat = page.url.partition("/communities/")[0]
    for path in (
        f"{talked['home']}/topics/new",
        talked["topic"],
        talked["a run"],
        talked["a stage"],
    ):  # the browser has style and scripts now
        page.goto(seat + path, wait_until="networkidle")
    scale = Scale(page, school.tool)
    weights: dict[str, int] = {}
    for name, path in talked.items():
        page.goto(seat + path, wait_until="networkidle")
        weights[name] = sum(scale.take().values())
    assert min(weights.values()) > 500, "they were weighed"
    assert {name: size for name, size in weights.items() if size > PAGE} == {}
    page.goto(seat + talked["topic"])
    expect(page.locator(".post")).to_have_count(20)
    scale.take()
    scale.wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    first, asked = {}, {}
    for name in ("a meeting", "a run", "minutes", "a project", "a stage", "what led to what", "class results"):
        scale.asked.clear()
        page.goto(seat + talked[name], wait_until="networkidle")
        first[name], asked[name] = sum(scale.take().values()), sum(scale.of_us(scale.asked).values())
    assert min(first.values()) > PAGE, "with style and script"
    assert max(first.values()) < FIRST_VISIT, first
    assert asked.pop("a run") <= FIRST_REQUESTS + 1, "once it stands there it asks what is new"
    assert max(asked.values()) <= FIRST_REQUESTS, asked


def test_our_scripts_are_small():
    folder = static_files.Path(static_files.__file__).parent / "static"
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.js")}
    assert sizes.keys() >= {"plc.js", "editor.js", "lti.js", "desk.js"}
    assert sum(sizes.values()) <= SCRIPTS, sizes


@pytest.fixture
def plain(browser: Callable[..., BrowserContext], open_activity: Any, school: School) -> Callable[..., Frame]:
    """``plain(person, course)``: in the community, without script."""

    def go(person: Any, course: int = school.veles) -> Frame:
        frame = open_activity(browser(java_script_enabled=False).new_page(), person, course)
        for label in ("Open the tool", "Continue to the tool"):
            frame.get_by_role("button", name=label, exact=True).click()
        frame.wait_for_url(f"{school.tool}/s/**")
        return frame

    return go


def test_without_script_one_attaches_adapts_answers_a_proposal_and_raises_an_issue(plain, school):
    frame = plain(school.student)
    frame.get_by_role("link", name="Conversations", exact=True).click()
    frame.get_by_role("link", name="Start a conversation").click()
    frame.get_by_label("What is it about?").fill("Paper and pencil")
    frame.get_by_label("Your words").fill("It goes without.")
    frame.locator("details.files summary").click()
    board = {"name": "board.png", "mimeType": "image/png", "buffer": drawn()}
    frame.get_by_label("Photos or files", exact=True).set_input_files(board)
    frame.get_by_label("What is in the picture?").fill("The board")
    frame.get_by_role("button", name="Post").click()
    expect(frame.get_by_role("img", name="The board")).to_be_visible()
    frame.get_by_label("Your words").fill("And once more.")
    frame.get_by_role("button", name="Post").click()
    answer = frame.locator(".post", has_text="And once more.")
    answer.get_by_role("button", name="Want to try").click()
    expect(answer.locator(".reacted")).to_contain_text(school.student.name)

    frame.get_by_role("link", name="Issues", exact=True).click()
    frame.get_by_role("link", name="Raise an issue").first.click()
    frame.get_by_label("What is in the way?").fill("No chalk")
    frame.get_by_role("button", name="Put it on the board").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("No chalk")

    frame.get_by_role("link", name="Library", exact=True).first.click()
    frame.get_by_role("link", name="Add something").first.click()
    frame.get_by_role("link", name="Add a resource", exact=True).click()
    frame.get_by_label("What is it called?").fill("Folding")
    frame.get_by_label("What is it, and how do you use it?").fill("Fold it twice.")
    frame.get_by_role("button", name="Save").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Folding")

    other = plain(school.teacher)
    other.get_by_role("link", name="Library", exact=True).first.click()
    other.get_by_role("link", name="Folding").first.click()
    other.get_by_role("link", name="Adapt").click()
    other.get_by_label("What is it called?").fill("Folding thrice")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Folding thrice")
    expect(other.locator(".origin")).to_contain_text("Folding")
    other.get_by_role("link", name="Agreements", exact=True).click()
    other.get_by_role("link", name="Propose a goal").click()
    other.get_by_label("Your proposal").fill("We visit each other")
    other.get_by_role("button", name="Propose it").click()
    other.get_by_role("radio", name="Yes, with a worry", exact=True).check()
    other.get_by_label("Your worry, or what has to change first").fill("Who takes my class?")
    other.get_by_role("button", name="nswer").first.click()
    expect(other.get_by_text("Who takes my class?").first).to_be_visible()
