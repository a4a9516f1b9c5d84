"""Every page there is, once, on the narrowest phone and on a desk, light and dark: nothing axe finds, nothing off the
screen, one title, no word in the console. A page to which nobody has told the way fails."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import url_for
from playwright.sync_api import Browser, BrowserContext, Page

from .conftest import AXE, PATIENCE, RULES, RUN, School, open_school
from .town import Town, fill

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

NARROW, WIDE = ({"width": width, "height": 800} for width in (320, 1280))
AGAIN = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
"""What may look well on one screen and not on another; everything else is the same page."""

WIDTH = "document.documentElement.scrollWidth"
UNFOLD = """() => { document.querySelectorAll('details').forEach(one => { one.open = true })
    return document.querySelectorAll('h1').length }"""
TOO_WIDE = """() => [...document.querySelectorAll('main *')].filter(one =>
    one.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map(one => one.outerHTML.slice(0, 150))"""

NO_PAGES = {
    *("web.static_file", "health.healthz", "metrics.figures", "lti.keys"),
    *("files.content", "files.small", "meetings.calendar", "feeds_open.feed", "syncs.plan_as_json"),
    *("library_open.file", "journal.voice"),
    *("opening.now", "opening.next_meeting", "opening.meeting", "opening.series"),
    *("syncs.confirm_undo", "running.now"),
    *("discussions.post", "notifications.to", "notifications.open_line", "messages.compose"),
}
"""Files and figures, and what leads to a page of its own; whom to write to is asked behind the
address, and what can be undone is only what a later sync did."""

STOPS = {"lti/login": 400, "lti/register": 403, "/s/nobody22/": 401, "/nothing": 404, "since=soon": 422}
"""Pages that tell somebody why it goes no further, by the end of their address."""

NOBODY = ("lti.", "placed.", "mailed.", "library_open.")
"""Open to whoever has the address; the people of the town go on from some of them to a page of their own."""

AS: Mapping[str, str] = {
    "journal.": "member",
    "inquiry.": "member",
    "portfolios.": "member",
    "evidence.change_form": "member",
    "evidence.remove_form": "member",
    "practicechanges.edit_form": "member",
    "placing.done_by_form": "third",
    "visits.notes": "member",
    "sites.waiting": "member",
    "sites.left": "gone",
    "sites.technical": "admin",
    "sites.outside": "admin",
}
"""Whose page it is, where it is not that of somebody who leads the community: of a room or of one page."""

WITH: Mapping[str, Mapping[str, str]] = {
    "discussions.edit_form": {"post_id": "own_post"},
    "journal.part": {"part_id": "released"},
    "journal.take_back_form": {"part_id": "released"},
    "schoolnews.item": {"item_id": "told"},
    "sheets.enter_form": {"meeting_id": "held"},
    "mailed.confirm_form": {"token": "confirm"},
    "peers.hello_form": {"person_id": "neighbour"},
    "twins.pair": {"person_id": "one"},
    "inquiry.check_form": {"plan_id": "plan_to_check"},
    "inquiry.opening": {"inquiry_id": "private_project"},
    "inquiry.round_end": {"inquiry_id": "private_project"},
    "sites.left": {"community_id": "left", "course_id": "left_course"},
    "series.take_over": {"other_id": "community_id"},
}
"""Another thing than elsewhere."""

ALSO: Mapping[str, tuple[str, ...]] = {
    "leads": (
        "/?all=1",
        "/communities/{community_id}?left=1",
        "/communities/{community_id}/members?words=zzz",
        "/communities/{community_id}/board?show=mine",
        "/communities/{community_id}/library?where=all&tag=x",
        "/communities/{community_id}/stories/new?kind=flop",
        "/communities/{community_id}/resources/new",
        "/communities/{community_id}/stories",
        "/rounds/{adopted_round}",
        "/library/{adapted}",
        "/library/{story}",
        "/messages/write?to={person_id}",
        "/search?q=minute",
        "/search?q=nothing+of+that+name",
        "/search?q=x&since=soon",
        "/peers?subject=art",
        "/people/{leads}",
        "/meetings/{held}",
        "/meetings/{held}/attendance?minutes=1",
        "/meetings/{held}/sheet",
        "/meetings/{held}/minutes",
        "/meetings/{held}/minutes?language=nl",
        "/meetings/{held}/minutes/in/nl",
        "/runs/{protocol_run_id}?step=0",
        "/nothing",
    ),
    "member": (
        "/communities/{community_id}",
        "/runs/{protocol_run_id}",
        "/care",
        "/me",
        "/inbox",
        "/peers",
        "/journal?q=minute",
        "/journal/new?prompt=ask",
        "/journal/{entry_id}/share?chosen=1",
        "/journal/{entry_id}/share?part=0",
        "/journal/{entry_id}/release?own=1",
        "/topics/{topic_id}",
        "/kept",
    ),
    "third": ("/care", "/care/{case_id}"),
    "novice": (
        *("/communities/{bare}" + room for room in ("", "/topics", "/board", "/meetings", "/library", "/stories")),
        *("/communities/{bare}" + room for room in ("/proposals", "/charter", "/charter/history", "/school")),
        *("/journal", "/messages", "/messages/new", "/inbox", "/peers", "/care", "/school", "/search?q=q", "/me"),
    ),
    "desk": (
        "/admin/mapping/{site_id}?look=yes",
        "/admin/connection/{site_id}?look=yes",
        "/admin/guide/brightspace",
        "/admin/explain/{site_id}?person=86&place={bare}",
    ),
    "nobody": ("/s/nobody22/",),
}
"""More of a page than its address says: empty, asked for something, seen by somebody else."""

PEOPLE = ("leads", "member", "third", "novice", "gone", "admin", "desk", "nobody")


@pytest.fixture(scope="module")
def _school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of our own: other journeys count what is in theirs."""
    with open_school(tmp_path_factory.mktemp("school")) as opened:
        yield opened


@pytest.fixture(scope="module")
def town(_school: School, chromium: Browser) -> Town:
    context = chromium.new_context(locale="en")
    context.set_default_timeout(PATIENCE)
    town = fill(_school, context.new_page())
    context.close()
    return town


@pytest.fixture(scope="module")
def addresses(town: Town) -> Mapping[str, list[str]]:
    """Whose pages → their addresses: of every rule there is, and those of ALSO."""
    found: dict[str, list[str]] = {who: [] for who in PEOPLE}
    with town.school.app.test_request_context(base_url=town.school.tool):
        for rule in town.school.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES:
                continue
            who = whose(rule.rule, rule.endpoint)
            told = {name: town.values[value] for name, value in WITH.get(rule.endpoint, {}).items()}
            seat = {"seat": town.people[who].word} if who in town.people else {}
            given = {**town.values, **told, **seat}
            needed = {name: value for name, value in given.items() if name in rule.arguments}
            found[who].append(url_for(rule.endpoint, **needed, _external=False))
    for who, paths in ALSO.items():
        start = f"/s/{town.people[who].word}" if who in town.people else ""
        found[who] += [start + path.format(**town.values) for path in paths]
    return found


def whose(rule: str, endpoint: str) -> str:
    if endpoint.startswith(NOBODY):
        return "nobody"
    if not rule.startswith("/s/"):
        return "desk"
    return AS.get(endpoint) or AS.get(endpoint.partition(".")[0] + ".") or "leads"


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_is_readable_for_everybody(
    who: str, town: Town, addresses: Mapping[str, list[str]], browser: Callable[..., BrowserContext]
) -> None:
    context = browser(viewport=NARROW, color_scheme="light", reduced_motion="reduce")
    if who != "nobody":
        context.add_cookies([{"name": n, "value": v, "url": town.school.tool} for n, v in town.cookies.items()])
    page, said = context.new_page(), list[str]()
    page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
    wrong: dict[str, Any] = {}
    for path in addresses[who]:
        answer = page.goto(town.school.tool + path)
        assert answer is not None
        found = look(page)
        if answer.status != expected(path):
            found["status"] = answer.status
        if said and answer.status == 200:
            found["console"] = said.copy()
        said.clear()
        if found:
            wrong[path] = found
    assert wrong == {}, "\n".join(f"{path}: {found}" for path, found in wrong.items())


def expected(path: str) -> int:
    if "/lti/register/" in path:
        return 400
    return next((status for end, status in STOPS.items() if path.endswith(end)), 200)


def look(page: Page) -> dict[str, Any]:
    """What is wrong with a page, by the look it was found in; everything on it is unfolded."""
    found: dict[str, Any] = {}
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    folded = page.evaluate(WIDTH)
    titles, unfolded = page.evaluate(UNFOLD), page.evaluate(WIDTH)
    if titles != 1:
        found["h1"] = titles
    if not folded == unfolded == NARROW["width"]:
        found["wide"] = (folded, unfolded, page.evaluate(TOO_WIDE))
    page.evaluate(AXE)
    note(found, "light-320", page, RULES)
    for scheme, size in (("dark", NARROW), ("dark", WIDE), ("light", WIDE)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        if page.evaluate(WIDTH) != size["width"]:
            found["wide"] = (page.evaluate(WIDTH), page.evaluate(TOO_WIDE))
        note(found, f"{scheme}-{size['width']}", page, AGAIN)
    return found


def note(found: dict[str, Any], name: str, page: Page, options: Any) -> None:
    faults = page.evaluate(RUN, options)
    if faults:
        found[name] = faults
