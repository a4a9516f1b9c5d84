"""Every vector through every field, read by a real browser: nothing runs, nothing is asked of anybody else, and the
policy of the pages has nothing to forbid."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, Response
from sqlalchemy import select, update

from lms_plc.notifications import listening, rounds
from lms_plc.notifications.models import Digest
from lms_plc.people.models import Identity, Person
from tests.scribbling import ALL, LINES, File, Scribbler, Sent
from tests.vectors import MARK

from .conftest import School, open_school

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

LISTEN = f"""
if (!Object.getOwnPropertyDescriptor(window, "{MARK}"))
    Object.defineProperty(window, "{MARK}", {{ set() {{ console.error("it ran") }} }});
document.addEventListener("securitypolicyviolation", fault => console.error("forbidden: " + fault.blockedURI));
"""
SEND = """async ({address, form, files}) => {
    const body = new FormData(), token = document.querySelector("[name=csrf_token]").value;
    for (const [name, value] of [["csrf_token", token], ...form]) body.append(name, value);
    for (const [name, content] of files)
        body.append("files", new File([Uint8Array.from(atob(content), letter => letter.charCodeAt(0))], name));
    const answer = await fetch(address, {method: "POST", body: files.length ? body : new URLSearchParams(body)});
    return [answer.status, answer.url, answer.status == 204 ? "" : await answer.text()];
}"""
TOUCH = """() => {
    for (const one of document.querySelectorAll("details")) one.open = true;
    for (const one of document.querySelectorAll("main *")) {
        (one instanceof SVGElement ? SVGElement : HTMLElement).prototype.focus.call(one);  // a field may be named focus
        for (const kind of ["mouseover", "mouseenter", "pointerenter", "pointerover", "wheel", "toggle"])
            one.dispatchEvent(new Event(kind, {bubbles: kind != "toggle"}));
    }
}"""
OF_THE_MEMBER = ("stage concerns", "private project", "end of a round", "links")
"""What nobody else opens, whoever leads the community."""

FLAWS = """() => [...document.querySelectorAll("*")].filter(one =>
    [...one.attributes].some(({name, value}) => /^(on|srcset|ping|srcdoc)/.test(name)
        || /^(id|name|class|style|for)$/.test(name) && value.includes("__xss")
        || /^(href|src|action|formaction|xlink:href)$/.test(name)
            && /^[\\0- ]*(javascript|vbscript|data|blob|file):/i.test(value))
    || one.matches("script:not([src]), iframe, object, embed, base, style, .prose :is(img, svg, form, input, [style])")
).map(one => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def _school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of its own: the others' journeys read what stands on buttons."""
    with open_school(tmp_path_factory.mktemp("scribbled")) as opened:
        opened.practice.enrol(opened.zenica, opened.mentor.id, "student")
        yield opened


@dataclass
class Watch:
    """What a browser did that it was not asked for."""

    tool: str
    own: frozenset[str]
    heard: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(LISTEN)
        context.on("dialog", lambda dialog: (self.heard.append(dialog.message), dialog.dismiss()))
        context.on("console", lambda line: self.heard.append(line.text) if line.type == "error" else None)
        context.on("request", lambda request: self._asked(request.url))
        context.on("response", self._answered)

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme not in ("file", "data", "about") and urlsplit(url).netloc not in self.own:
            self.heard.append(url)

    def _answered(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if not response.url.startswith(self.tool) or path.startswith("/static/") or 300 <= response.status < 400:
            return
        given = response.headers
        if given.get("content-type") == "application/json" and given.get("x-content-type-options") == "nosniff":
            return  # no browser makes a page of it
        policy = given.get("content-security-policy", "")
        if "unsafe" in policy or not policy.startswith("default-src 'none'"):
            self.heard.append(f"{path}: {policy}")


@dataclass
class ByBrowser:
    """Sends what a form would send, out of a page of the tool."""

    page: Page
    number: str

    @property
    def seat(self) -> str:
        found = re.match(r".*?/s/[^/]+", self.page.url)
        assert found is not None
        return found[0]

    def look(self, path: str) -> str:
        text: str = self.page.evaluate("async address => (await fetch(address)).text()", self.seat + path)
        return text

    def send(self, path: str, form: Mapping[str, str | Sequence[str]], files: Sequence[File] = ()) -> Sent:
        pairs = [(name, one) for name, value in form.items() for one in ([value] if isinstance(value, str) else value)]
        given = [(name, base64.b64encode(content).decode()) for name, content in files]
        asked = {"address": self.seat + path, "form": pairs, "files": given}
        status, url, text = self.page.evaluate(SEND, asked)
        led = urlsplit(url)
        return Sent(status, re.sub(r"^/s/[^/]+", "", led.path) + (f"?{led.query}" if led.query else ""), text)


@pytest.fixture
def watched(browser: Callable[..., BrowserContext], school: School) -> Watch:
    return Watch(school.tool, frozenset(urlsplit(one).netloc for one in (school.tool, school.lms)))


@pytest.fixture
def scribbled(browser: Any, watched: Watch, come_in: Any, own_window: Any, school: School) -> Scribbler:
    hands: list[ByBrowser] = []
    with school.house.database.read() as connection:
        ids = {row.subject: str(row.person_id) for row in connection.execute(select(Identity.__table__))}  # type: ignore[attr-defined]
    for person in (school.teacher, school.student, school.mentor):
        context = browser()
        watched.over(context)
        frame = come_in(context.new_page(), person, school.zenica)
        if person is school.teacher:
            frame.get_by_label("Name of the community").fill(LINES[2])
            frame.locator("main button.primary").click()
            frame.wait_for_url("**/communities/*")
        hands.append(ByBrowser(own_window(frame), ids[str(person.id)]))
    for hand, name in zip(hands, (LINES[3], LINES[20], LINES[40]), strict=True):
        with school.house.database.write() as session:
            session.execute(update(Person).where(Person.id == UUID(hand.number)).values(display_name=name))
    home = re.sub(r".*/s/[^/]+", "", urlsplit(hands[0].page.url).path)
    scribbler = Scribbler(home, *hands)
    scribbler.write_everywhere(LINES[::4])
    return scribbler


def test_nothing_of_theirs_runs_in_a_browser(
    scribbled: Scribbler, watched: Watch, school: School, browser: Any, tmp_path: Path
) -> None:
    home = scribbled.home
    rooms = ("", "/members", "/charter", "/charter/history", "/charter/edit", "/proposals", "/topics", "/topics/new")
    more = ("/board", "/meetings", "/library", "/stories", "/school", "/actions", "/thoughts", "/protocols", "/rhythm")
    rooms_of_work = ("/projects", "/changes", "/new-things", "/class-results", "/visits", "/feedback", "/cycles")
    lists = ("/", "/inbox", "/me", "/kept", "/peers", "/journal", "/messages", "/school", "/care", "/search?q=script")
    listening.listen(school.house)
    for hand in (scribbled.leads, scribbled.member):
        assert isinstance(hand, ByBrowser)
        elsewhere = re.compile("journal|/care/|/decisions/|/now$|/split$|^/(notes|talks|evidence-plan)/")
        own = set[str]() if hand is scribbled.member else {scribbled.made[one] for one in OF_THE_MEMBER}
        made = [path for path in scribbled.made.values() if path not in own and not elsewhere.search(path)]
        deeper = [f"{scribbled.made[one]}/history" for one in ("post", "item")] + [f"{scribbled.made['topic']}/print"]
        deeper += [f"{scribbled.made['sheet']}/{one}" for one in ("minutes", "minutes/print", "sheet")]
        for path in (*lists, *(home + room for room in (*rooms, *more, *rooms_of_work)), *made, *deeper):
            open_and_touch(hand.page, hand.seat + path)
            assert (path, watched.heard) == (path, [])
    project = scribbled.made["project"]
    of_it = (project + scribbled.made[one] for one in ("project note", "talk about it", "plan to check"))
    for path in (scribbled.made["entry"], *of_it, f"{project}/people", f"/graph/inquiry/{project.rpartition('/')[2]}"):
        open_and_touch(scribbled.member.page, scribbled.member.seat + path)  # type: ignore[attr-defined]
    odd_links_lead_nowhere(scribbled)
    a_look_before_sending(scribbled)
    what_is_saved(scribbled)
    a_letter_in_a_mail_program(scribbled, watched, school, browser, tmp_path)
    assert watched.heard == []


def open_and_touch(page: Page, url: str) -> None:
    answer = page.goto(url)
    assert answer is not None
    assert answer.status in (200, 304), url
    page.evaluate(TOUCH)
    assert (url, page.evaluate(FLAWS)) == (url, [])


def odd_links_lead_nowhere(scribbled: Scribbler) -> None:
    """Those that look as if they led into a script are pressed; they are pages of ours that are not there."""
    page: Page = scribbled.leads.page  # type: ignore[attr-defined]
    page.goto(scribbled.leads.seat + scribbled.made["topic"])  # type: ignore[attr-defined]
    schemes = page.evaluate("[...new Set([...document.querySelectorAll('a[href]')].map(one => one.protocol))]")
    assert set(schemes) <= {"http:", "https:", "mailto:"}
    count = page.evaluate("document.querySelectorAll('.prose a[href*=script i]').length")
    assert count > 0
    for number in range(min(count, 6)):
        page.goto(scribbled.leads.seat + scribbled.made["topic"])  # type: ignore[attr-defined]
        url = page.evaluate(
            """number => {
                const one = document.querySelectorAll(".prose a[href*=script i]")[number];
                if (one.host !== location.host) return "";
                one.removeAttribute("target");
                return one.href;
            }""",
            number,
        )
        if url:
            assert url.startswith(f"{urlsplit(page.url).scheme}://{urlsplit(page.url).netloc}/")


def a_look_before_sending(scribbled: Scribbler) -> None:
    """The preview is put into the page by our script."""
    page: Page = scribbled.leads.page  # type: ignore[attr-defined]
    page.goto(scribbled.leads.seat + scribbled.home + "/topics/new")  # type: ignore[attr-defined]
    page.get_by_label("Your words").fill(ALL)
    page.get_by_role("group", name="Formatting").get_by_role("button", name="Preview").click()
    page.locator(".preview p").first.wait_for()
    page.evaluate(TOUCH)
    assert page.evaluate(FLAWS) == []


def what_is_saved(scribbled: Scribbler) -> None:
    page: Page = scribbled.leads.page  # type: ignore[attr-defined]
    page.goto(scribbled.leads.seat + scribbled.made["topic"])  # type: ignore[attr-defined]
    with page.expect_download() as saved:
        page.locator(".attached a:not(:has(img))").first.click()
    assert saved.value.suggested_filename.endswith(".txt")
    picture = page.locator(".attached img").first.get_attribute("src")
    policy = page.evaluate("async address => (await fetch(address)).headers.get('content-security-policy')", picture)
    assert policy == "default-src 'none'; sandbox"


def a_letter_in_a_mail_program(
    scribbled: Scribbler, watched: Watch, school: School, browser: Any, tmp_path: Path
) -> None:
    """A page without any policy at all."""
    settings = school.house.settings.model_copy(update={"smtp_url": "smtp://localhost:1", "mail_from": "a@b.org"})
    house = replace(school.house, settings=settings)
    rounds.go_round(house)
    with house.database.write() as session:
        session.execute(update(Person).values(email="a@example.org", email_source="lms"))
    scribbled.conversations(LINES[::10])
    listening.listen(house)
    school.clock.ahead = timedelta(days=8)
    rounds.go_round(house)
    with house.database.read() as connection:
        letters = connection.execute(select(Digest.html)).scalars().all()
    assert letters
    page = browser().new_page()
    watched.over(page.context)
    for number, html in enumerate(letters[:5]):
        assert MARK in html
        (tmp_path / f"{number}.html").write_text(html)
        page.goto((tmp_path / f"{number}.html").as_uri())
        page.evaluate(TOUCH)
