"""What does a journey travel through? A practice LMS and the tool, on ports of this machine, and a real Chromium.

The LMS is at ``127.0.0.1`` and the tool at ``localhost``: two sites to a browser, so the tool's frame is as foreign as
it is in a school. They are connected the way an admin connects them. Most people here read English, because the
journeys look for what stands on the buttons.
"""

import json
import os
import shutil
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary, WeakSet

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Frame,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)
from playwright.sync_api import Request as Asked
from playwright.sync_api import Response as Answer
from sqlalchemy import select
from werkzeug import Request, Response
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lms_plc.app import create_app
from lms_plc.communities.memberships import Because, assign_role
from lms_plc.communities.models import Placement
from lms_plc.config import Settings
from lms_plc.core.policy import Role
from lms_plc.house import House, open_house
from lms_plc.people.models import Identity
from lms_plc.practice_lms import Practice
from lms_plc.preparation import prepare
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.run import apply_sync
from lms_plc.sites.actions import Registration, add_platform, connect_site
from lms_plc.sites.models import Course, Platform
from lms_plc.sites.sources import open_roster

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36",
}
PATIENCE = 30_000
"""Milliseconds a page may take; a machine busy with other tests is slow."""

VELES, NOVI_SAD, ZENICA, TALGAR = 5, 6, 7, 9
"""Courses of the practice LMS. Of the last two no roster is read, so a community is the teacher's to open; nobody ever
opens one in Talgar."""
SYNCED = (VELES, NOVI_SAD)


@dataclass(frozen=True, slots=True)
class Someone:
    """An account of the practice LMS."""

    id: int
    username: str
    name: str


ADMIN = Someone(2, "admin", "Admin User")
STUDENT = Someone(8, "visitor1", "Aoife O'Mahony & Co")
MENTOR = Someone(10, "visitor3", unicodedata.normalize("NFD", "Zoë Brânză"))
TEACHER = Someone(11, "visitor4", "ليلى الحدّاد")
MACEDONIAN = Someone(85, "veles01", "Елена Стојаноска")
SERBIAN = Someone(72, "novisad01", "Dušica Jovanović")


class ShiftedClock:
    """The tool's clock: the machine's, and ahead of it as far as a test moved it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Requests are what the journeys make; nobody reads their list."""


@dataclass
class School:
    """Everything a journey needs to know of the two servers; made once."""

    practice: Practice
    house: House
    clock: ShiftedClock
    lms: str
    tool: str
    site_id: UUID
    communities: dict[int, UUID]
    app: Flask
    admin: Someone = ADMIN
    student: Someone = STUDENT
    mentor: Someone = MENTOR
    teacher: Someone = TEACHER
    macedonian: Someone = MACEDONIAN
    serbian: Someone = SERBIAN
    veles: int = VELES
    novi_sad: int = NOVI_SAD
    zenica: int = ZENICA
    talgar: int = TALGAR

    def platform_id(self) -> UUID:
        with self.house.database.read() as connection:
            return connection.execute(select(Platform.id)).scalar_one()


@contextmanager
def _served(server: BaseWSGIServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _server(host: str) -> tuple[BaseWSGIServer, int]:
    """A server on a free port; its application is given when both addresses are known."""
    server = make_server(host, 0, Flask("not yet"), threaded=True, request_handler=_Silent)
    return server, server.server_port


@dataclass
class Strangers:
    """An LMS and a tool that do not know each other yet."""

    practice: Practice
    house: House
    lms: str
    tool: str
    app: Flask


@contextmanager
def open_strangers(folder: Path, clock: ShiftedClock, *, preset_tool: bool) -> Iterator[Strangers]:
    """The practice LMS and the tool on an SQLite file, both served; ``preset_tool``: the LMS has been told of it."""
    (lms_server, lms_port), (tool_server, tool_port) = _server("127.0.0.1"), _server("127.0.0.1")
    lms, tool = f"http://127.0.0.1:{lms_port}", f"http://localhost:{tool_port}"
    settings = Settings(  # type: ignore[call-arg]
        _env_file=None,
        base_url=tool,
        secret_key="a key for journeys, long enough to be one",  # type: ignore[arg-type]
        data_dir=folder,
        allow_private_hosts=True,
        timezone="Europe/Skopje",
    )
    practice = Practice(folder / "practice-lms", lms, tool, preset_tool=preset_tool)
    for person, role in ((MENTOR, "editingteacher"), (TEACHER, "editingteacher"), (STUDENT, "student")):
        practice.enrol(VELES, person.id, role)
    house = open_house(settings, clock=clock)
    prepare(house)
    app = create_app(settings, clock=clock)
    lms_server.app, tool_server.app = practice.app, app
    try:
        with _served(lms_server), _served(tool_server):
            yield Strangers(practice, house, lms, tool, app)
    finally:
        house.database.dispose()
        app.extensions["plc"].database.dispose()


@contextmanager
def open_school(folder: Path) -> Iterator[School]:
    """Both, connected: registered by hand, rosters read, a mentor appointed."""
    clock = ShiftedClock()
    with open_strangers(folder, clock, preset_tool=True) as opened:
        practice, house = opened.practice, opened.house
        site_id = _connect(house, practice)
        communities = _communities(house, site_id)
        yield School(practice, house, clock, opened.lms, opened.tool, site_id, communities, opened.app)


def _connect(house: House, practice: Practice) -> UUID:
    at, lms = house.clock(), practice.settings.base_url
    with house.database.write() as session:
        site_id = add_platform(session, "practice", Registration(**practice.registration), at, allow_http=True)
        connect_site(
            session,
            name="practice",
            url=lms,
            connector="moodle",
            token=practice.web_service_token,
            seal=house.seal,
            title="Practice",
            release="4.5",
            ws_user=3,
            at=at,
        )
    with open_roster(house, site_id) as source:
        outcome = apply_sync(house.database, site_id, source, Options(courses=tuple(map(str, SYNCED))), house.clock)
    assert outcome.state == "done", outcome
    for course in (ZENICA, TALGAR):
        practice.enrol(course, TEACHER.id, "editingteacher")
        practice.enrol(course, STUDENT.id, "student")
    with house.database.write() as session:
        mentor = session.execute(select(Identity.person_id).where(Identity.subject == str(MENTOR.id))).scalar_one()
        community = _communities(house, site_id)[VELES]
        assign_role(session, site_id, community, mentor, Role.MENTOR, Because(at, "cli"), until=at + timedelta(days=90))
    return site_id


def _communities(house: House, site_id: UUID) -> dict[int, UUID]:
    """LMS course id → community."""
    with house.database.read() as connection:
        rows = connection.execute(
            select(Course.lms_id, Placement.community_id)
            .join(Placement, Placement.course_id == Course.id)
            .where(Course.site_id == site_id)
        )
        return {int(course): community for course, community in rows}


@pytest.fixture(scope="session")
def _school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with open_school(tmp_path_factory.mktemp("school")) as opened:
        yield opened


@pytest.fixture
def school(_school: School) -> Iterator[School]:
    """The school, its clock right again after each test."""
    yield _school
    _school.clock.ahead = timedelta()


@pytest.fixture
def strangers(tmp_path: Path) -> Iterator[Strangers]:
    """An LMS that has never heard of the tool, and the tool."""
    with open_strangers(tmp_path, ShiftedClock(), preset_tool=False) as opened:
        yield opened


@pytest.fixture
def stranger() -> Iterator[Callable[[str], str]]:
    """``stranger(html)``: the address of a page of somebody else's, at another port of the LMS's host: the same site to
    the cookie jar, another origin to everything else."""
    pages: list[str] = []
    server, port = _server("127.0.0.1")

    @Request.application
    def answer(_: Request) -> Response:
        return Response(pages[-1], mimetype="text/html")

    server.app = answer

    def show(html: str) -> str:
        pages.append(html)
        return f"http://127.0.0.1:{port}/"

    with _served(server):
        yield show


def chromium_program() -> str:
    """The machine's own Chromium; a machine without one fails the journeys and says what to run."""
    found = os.environ.get("PLC_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.fail("Chromium is missing; run: apt-get install chromium", pytrace=False)
    return found


@pytest.fixture(scope="module")
def engines() -> Iterator[Playwright]:
    """Per file, because it keeps an event loop running that other tests would stumble over."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def chromium(engines: Playwright) -> Iterator[Browser]:
    started = engines.chromium.launch(executable_path=chromium_program(), args=list(ARGUMENTS))
    yield started
    started.close()


_click, _tick, _go = Locator.click, Locator.set_checked, Frame.goto
_without_script: WeakSet[BrowserContext] = WeakSet()
_on_their_way: WeakKeyDictionary[Frame, Asked] = WeakKeyDictionary()
LISTEN = """element => {
    const page = element.ownerDocument
    page.heard = false
    page.addEventListener('pointerdown', () => { page.heard = true }, {capture: true, once: true})
}"""
NOT_HEARD = "element => element.ownerDocument.heard === false"
SENT = "() => new Promise(done => setTimeout(done))"
NOT_TICKED = "did not change its state"
ANOTHER_CAME = ("interrupted by another navigation", "net::ERR_ABORTED")


def press(place: Locator, **how: Any) -> None:
    """A click that arrives, and whose page is there when it returns. Into a frame of another site, whose picture the
    browser has not put together yet, now and then one gets lost on the way, and Playwright takes it for done; whoever
    sits there would press again. And what a press inside a frame leads to Playwright does not wait for."""
    scripted = place.page.context not in _without_script
    if how.get("trial"):
        _click(place, **how)
        return
    element = place.element_handle(timeout=how.get("timeout"))
    while scripted:
        try:
            element.evaluate(LISTEN)
            break
        except Error:  # its page went meanwhile; the next one may have it too
            element = place.element_handle(timeout=how.get("timeout"))
    frame = element.owner_frame()
    before = _on_their_way.get(frame) if frame else None
    _click(place, **how)
    if scripted:
        with suppress(Error):  # the page has gone: it arrived
            if element.evaluate(NOT_HEARD):
                _click(place, **how)
    if frame and not how.get("no_wait_after"):
        with suppress(Error):  # the window was closed, or went on
            if scripted:
                frame.evaluate(SENT)  # a form goes off in a task of its own
            else:
                frame.page.wait_for_timeout(50)
            _let_come(frame, before)


def _let_come(frame: Frame, before: Asked | None = None) -> None:
    """Wait for the page that is on its way into the frame, if there is one asked for since ``before``, until it can be
    read."""
    until = monotonic() + PATIENCE / 1000
    while _on_their_way.get(frame) not in (None, before) and not frame.is_detached() and monotonic() < until:
        frame.page.wait_for_timeout(20)
    frame.wait_for_load_state("domcontentloaded")


def tick(place: Locator, checked: bool, **how: Any) -> None:
    """As a press: where it gets lost, Playwright notices here, and does not try again."""
    try:
        _tick(place, checked, **how)
    except Error as met:
        if NOT_TICKED not in met.message:
            raise
        _tick(place, checked, **how)


def go_to(frame: Frame, address: str, **how: Any) -> Any:
    """Type an address only after the page that a press asked for is there: the two would race, and the loser of a
    form's answer is whatever the form was to keep."""
    with suppress(Error):
        _let_come(frame)
    try:
        return _go(frame, address, **how)
    except Error as met:
        if not any(words in met.message for words in ANOTHER_CAME):
            raise
        frame.wait_for_load_state()
        return _go(frame, address, **how)


Locator.click = press  # type: ignore[method-assign]
Locator.set_checked = tick  # type: ignore[method-assign]
Locator.check = lambda place, **how: tick(place, True, **how)  # type: ignore[method-assign]
Locator.uncheck = lambda place, **how: tick(place, False, **how)  # type: ignore[method-assign]
Frame.goto = go_to  # type: ignore[method-assign]
Page.goto = lambda page, address, **how: go_to(page.main_frame, address, **how)  # type: ignore[method-assign]

PRESSED = "pressed"
SAY_WHAT_IS_PRESSED = (
    f"addEventListener('click', press => console.debug('{PRESSED}', location.pathname.slice(-50), "
    "press.target.outerHTML.slice(0, 100)), true)"
)


@dataclass
class Faults:
    """What went wrong inside pages without anybody seeing it: an error of a script, something the policy forbade."""

    heard: list[str] = field(default_factory=list)
    trail: deque[str] = field(default_factory=lambda: deque(maxlen=60))
    """What was pressed, asked for, answered and shown last: pytest prints it of a journey that failed."""

    def listen(self, context: BrowserContext) -> BrowserContext:
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda fault: self.heard.append(str(fault.error)))
        context.on("console", lambda line: self._note(line.text))
        context.add_init_script(SAY_WHAT_IS_PRESSED)
        context.on("request", self._ask)
        context.on("response", self._hear)
        context.on("requestfailed", self._give_up)
        context.on("page", lambda page: page.on("framenavigated", self._show))
        for page in context.pages:
            page.on("framenavigated", self._show)
        return context

    def _show(self, frame: Frame) -> None:
        _on_their_way.pop(frame, None)
        self._add("shows", frame.url)

    def _ask(self, asked: Asked) -> None:
        self._pass(asked, f"asks {asked.method}")
        if asked.is_navigation_request():
            with suppress(Error):  # a window that is only opening has no frame yet
                _on_their_way[asked.frame] = asked

    def _hear(self, answer: Answer) -> None:
        self._pass(answer.request, f"is told {answer.status}")
        if answer.status == HTTPStatus.NO_CONTENT or "content-disposition" in answer.headers:
            self._forget(answer.request)

    def _give_up(self, asked: Asked) -> None:
        self._pass(asked, f"gives up ({asked.failure})")
        self._forget(asked)

    @staticmethod
    def _forget(asked: Asked) -> None:
        """It comes as no page."""
        for frame, waited_for in list(_on_their_way.items()):
            if waited_for is asked:
                del _on_their_way[frame]

    def _note(self, line: str) -> None:
        if line.startswith(PRESSED):
            self._add(line, "")
        # one page that may not frame us is told so, as it should be
        if "Content Security Policy" in line and "frame-ancestors" not in line:
            self.heard.append(line)

    def _pass(self, asked: Asked, said: str) -> None:
        if asked.is_navigation_request():
            self._add(said, asked.url)

    def _add(self, said: str, address: str) -> None:
        self.trail.append(f"{monotonic():.2f} {said} {address[-90:]}")


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """``browser(**options)``: a browser of its own, with a cookie jar of its own, closed after the test."""
    faults = Faults()
    with ExitStack() as opened:

        def new(**options: Any) -> BrowserContext:
            given = {"viewport": {"width": 1280, "height": 900}, "locale": "en", **options}
            context = faults.listen(chromium.new_context(**given))
            if not given.get("java_script_enabled", True):
                _without_script.add(context)
            opened.callback(context.close)
            return context

        yield new
    print(f"{monotonic():.2f} ended", *faults.trail, sep="\n")
    assert faults.heard == []


@pytest.fixture
def phone() -> dict[str, Any]:
    """Options that make ``browser`` a small phone."""
    return PHONE


@pytest.fixture
def profile(engines: Playwright, tmp_path: Path) -> Iterator[Callable[..., BrowserContext]]:
    """``profile(preferences)``: a browser started on a profile with these settings, as a person would have set them."""
    faults = Faults()
    with ExitStack() as opened:

        def new(preferences: dict[str, Any], *arguments: str) -> BrowserContext:
            folder = tmp_path / f"profile-{len(list(tmp_path.iterdir()))}"
            (folder / "Default").mkdir(parents=True)
            (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
            context = engines.chromium.launch_persistent_context(
                folder,
                executable_path=chromium_program(),
                args=[*ARGUMENTS, *arguments],
                viewport={"width": 1280, "height": 900},
                locale="en",
            )
            opened.callback(context.close)
            return faults.listen(context)

        yield new
    print(f"{monotonic():.2f} ended", *faults.trail, sep="\n")


def walk_to_course(school: School, page: Page, person: Someone, course: int) -> None:
    page.goto(f"{school.lms}/?q={person.username}")
    page.get_by_role("button").and_(page.locator(f"[value='{person.id}']")).click()
    page.locator(f"a[href$='/course/{course}']").click()


def walk_in(school: School, page: Page, person: Someone, course: int) -> Frame:
    walk_to_course(school, page, person, course)
    page.get_by_role("link", name="Our learning community").click()
    frame = tool_frame(page)
    frame.wait_for_url(f"{school.tool}/s/**")
    return frame


@pytest.fixture
def sign_in(school: School) -> Callable[[Page, Someone, int], None]:
    """``sign_in(page, person, course)``: on the LMS's own pages, as far as the page of the course."""

    def go(page: Page, person: Someone, course: int = VELES) -> None:
        walk_to_course(school, page, person, course)

    return go


@pytest.fixture
def open_activity(sign_in: Callable[[Page, Someone, int], None]) -> Callable[..., Frame]:
    """``open_activity(page, person, course)``: through the LMS to the activity; answers the frame the tool is in."""

    def go(page: Page, person: Someone, course: int = VELES) -> Frame:
        sign_in(page, person, course)
        page.get_by_role("link", name="Our learning community").click()
        return tool_frame(page)

    return go


def tool_frame(page: Page) -> Frame:
    frame = page.locator("#contentframe").element_handle().content_frame()
    assert frame is not None
    return frame


@pytest.fixture
def come_in(school: School) -> Callable[..., Frame]:
    """``come_in(page, person, course)``: as ``open_activity``, and waits until the person is inside."""

    def go(page: Page, person: Someone, course: int = VELES) -> Frame:
        return walk_in(school, page, person, course)

    return go


@pytest.fixture
def own_window() -> Callable[[Frame], Page]:
    """``own_window(frame)``: the page of the frame in a window of its own, by the buttons that lead there."""

    def go(frame: Frame) -> Page:
        frame.get_by_role("button", name="Open in a new window").click()
        with frame.page.context.expect_page() as opened:
            frame.get_by_role("button", name="Continue").click()
        window = opened.value
        window.wait_for_load_state()
        return window

    return go


AXE = Axe().axe_script
RUN = """options => axe.run(options).then(({violations}) => violations.flatMap(fault => fault.nodes
    .filter(node => fault.id !== 'heading-order' || !document.querySelector(node.target[0])?.closest('.prose'))
    .map(node => [fault.id, node.html.slice(0, 200)])))"""
"""Of people's own headings only the order inside their text is ours: they begin at ``h3`` wherever it is shown."""

CONTRAST = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@pytest.fixture
def flaws() -> Callable[[Page | Frame], list[tuple[str, str]]]:
    """``flaws(page)``: (rule, element) of everything axe finds wrong, and of what is hard to read in the dark."""

    def look(page: Page | Frame) -> list[tuple[str, str]]:
        window = page.page if isinstance(page, Frame) else page
        page.wait_for_load_state()
        page.evaluate(AXE)
        found = page.evaluate(RUN, RULES)
        window.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += page.evaluate(RUN, CONTRAST)
        window.emulate_media(color_scheme="light")
        return [(rule, element) for rule, element in found]

    return look
