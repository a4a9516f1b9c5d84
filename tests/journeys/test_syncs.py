"""An operator looks what a sync would change, leaves somebody out, applies the rest, and takes a sync back."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lms_plc import jobs
from lms_plc.admin import seats
from lms_plc.rostersync import job

from .conftest import ADMIN, PHONE, SERBIAN, VELES, School, open_school

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

LEFT_OUT, LET_GO = ADMIN, SERBIAN
"""People who are not in the course at first."""

LONG = 90_000
"""Milliseconds until a page that refreshes by itself shows what a worker has done."""


@pytest.fixture
def own_school(tmp_path: Any) -> Iterator[School]:
    """A school of this journey alone: its rosters change."""
    with open_school(tmp_path) as opened:
        yield opened


@pytest.fixture
def worker(own_school: School, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker that reads rosters and applies plans, as ``lms-plc worker`` does."""
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    monkeypatch.setattr(jobs, "_timetable", {})
    job.register(own_school.house)
    monkeypatch.setattr(jobs, "_timetable", {})
    stop = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        works = thread.submit(jobs.run_worker, own_school.house.database, stop=stop, beat=0.2)
        try:
            yield
        finally:
            stop.set()
            works.result()


def to_the_syncs(page: Page, school: School) -> None:
    with school.house.database.write() as session:
        secret = seats.offer(session, school.house.clock(), timedelta(minutes=15), "Vera")
    page.goto(f"{school.tool}/admin/enter/{secret}")
    page.get_by_role("button", name="Go to the desk").click()
    page.get_by_role("link", name="Syncs").click()
    expect(page.get_by_role("heading", level=1, name="Syncs of practice")).to_be_visible()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark", "java_script_enabled": False}])
def test_an_operator_sees_what_will_happen_decides_and_takes_it_back(
    own_school: School,
    worker: None,
    browser: Callable[..., BrowserContext],
    flaws: Callable[..., list[tuple[str, str]]],
    options: dict[str, Any],
) -> None:
    scripted = options.get("java_script_enabled", True)

    def look() -> None:
        if scripted:
            assert (page.url, flaws(page), fits(page)) == (page.url, [], True)

    page = browser(**options).new_page()
    for somebody in (LEFT_OUT, LET_GO):
        own_school.practice.enrol(VELES, somebody.id, "student")

    to_the_syncs(page, own_school)
    look()
    page.get_by_role("button", name="Look what a sync would change").click()
    expect(page.get_by_text("2 join")).to_be_visible(timeout=LONG)
    look()
    page.get_by_role("checkbox", name=LEFT_OUT.name).uncheck()
    page.get_by_role("button", name="Keep these ticks").first.click()
    expect(page.get_by_text("Your ticks are kept.")).to_be_visible()
    expect(page.get_by_role("checkbox", name=LEFT_OUT.name)).not_to_be_checked()
    page.get_by_role("button", name="Apply the ticked changes").click()
    expect(page.get_by_text("1 joined")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("left out")).to_be_visible()
    expect(page.get_by_text("approved by Vera at the desk")).to_be_visible()
    look()

    own_school.practice.unenrol(VELES, LET_GO.id)
    page.get_by_role("link", name="Syncs of practice").click()
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("1 missing for the first time")).to_be_visible(timeout=LONG)
    own_school.clock.ahead = timedelta(hours=25)
    to_the_syncs(page, own_school)
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("1 lost access")).to_be_visible(timeout=LONG)
    look()
    page.get_by_role("link", name="Undo this sync").click()
    expect(page.get_by_text("let 1 member go")).to_be_visible()
    look()
    page.get_by_role("button", name="Undo this sync").click()
    expect(page.get_by_text("1 came back")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("It takes back another sync.")).to_be_visible()
    look()
