"""Hearing of it: what is said is told by a letter, once a week, and waits in the inbox meanwhile."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import delete, update

from lms_plc.house import House
from lms_plc.notifications import job, listening, rounds, sending
from lms_plc.notifications.models import (
    Digest,
    DigestMark,
    DigestRound,
    MailAddress,
    MailChoice,
    MailPace,
    Notification,
)
from lms_plc.people.models import Person
from tests.post_office import MailServer, open_post_office

from .test_conversations import answer, start_topic

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

assert job.ROOMS
ZONE = ZoneInfo("Europe/Skopje")


@pytest.fixture
def letters(school, tmp_path) -> Iterator[tuple[House, MailServer]]:
    """The worker's side of the school's house, with a real mail server; what it wrote is forgotten afterwards."""
    with open_post_office(tmp_path) as office:
        server = office.open()
        settings = school.house.settings.model_copy(update={"smtp_url": server.url, "mail_from": "plc@example.org"})
        listening.listen(school.house)
        forget(school)
        yield replace(school.house, settings=settings), server
    forget(school)


def forget(school) -> None:
    """What earlier journeys said is no news of this one."""
    with school.house.database.write() as session:
        for model in (Notification, Digest, DigestMark, DigestRound, MailAddress, MailChoice, MailPace):
            session.execute(delete(model))
        session.execute(update(Person).values(unread=0))


def friday_morning(now: datetime) -> datetime:
    """The next one, in the zone of the installation."""
    local = now.astimezone(ZONE)
    days = (4 - local.weekday()) % 7 or 7
    return (local + timedelta(days=days)).replace(hour=7, minute=31, second=0, microsecond=0)


def the_worker_passes(house: House) -> None:
    listening.listen(house)
    rounds.tell_at_once(house)
    rounds.go_round(house)
    sending.send_waiting(house)


@pytest.fixture
def looked_at(browser: Callable[..., BrowserContext], flaws: Any) -> Callable[..., None]:
    """``looked_at(page, *addresses)``: each of them on the narrowest phone."""

    def look(page: Any, *addresses: str) -> None:
        page.set_viewport_size({"width": 320, "height": 800})
        for address in addresses:
            page.goto(address)
            page.get_by_role("heading", level=1).wait_for()
            assert (address, flaws(page)) == (address, [])
            assert (address, page.evaluate("document.documentElement.scrollWidth")) == (address, 320)

    return look


def test_s3_2_members_get_an_insight_in_the_weekly_letter_and_not_as_a_letter_of_its_own(
    browser, come_in, school, letters
):
    house, server = letters
    the_worker_passes(house)
    reader = come_in(browser().new_page(), school.student)
    expect(reader.get_by_role("navigation", name="My own pages")).to_contain_text("Inbox")
    writer = come_in(browser().new_page(), school.teacher)
    start_topic(writer, "A minute of silence", "Before we talk, they write for a minute.")
    start_topic(writer, "And coloured chalk", "For the board.")
    the_worker_passes(house)
    assert server.letters == [], "nothing comes by itself"

    school.clock.ahead = friday_morning(school.clock()) - school.clock()
    the_worker_passes(house)
    the_worker_passes(house)
    mine = [letter for _, receivers, letter in server.letters if receivers[0].startswith(school.student.username)]
    assert len(mine) == 1
    text = mine[0].get_body(("plain",)).get_content()
    for said in ("A minute of silence", "And coloured chalk", school.teacher.name):
        assert said in text
    link = re.search(rf"{school.tool}/to/topic/\S+", text)
    assert link is not None

    stranger = browser().new_page()
    stranger.goto(link[0])
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Please open it from your course")


def test_what_waits_is_found_opened_and_chosen(browser, come_in, own_window, school, letters, looked_at):
    house, _ = letters
    asks = come_in(browser().new_page(), school.student)
    start_topic(asks, "Who has coloured chalk?", "Red would be best.")
    answers = come_in(browser().new_page(), school.teacher)
    answers.get_by_role("link", name="Conversations", exact=True).click()
    answers.get_by_role("link", name="Who has coloured chalk?", exact=True).click()
    answer(answers, "Second drawer.")
    the_worker_passes(house)

    context = browser()
    page = own_window(come_in(context.new_page(), school.student))
    mine = page.get_by_role("navigation", name="My own pages")
    expect(mine.get_by_role("link", name="Inbox")).to_contain_text(re.compile(r"\d"))
    waiting = mine.get_by_role("link", name="Inbox").inner_text()
    mine.get_by_role("link", name="Inbox").click()
    inbox = page.url
    line = page.get_by_role("listitem").filter(has_text="answered in “Who has coloured chalk?”")
    expect(line).to_contain_text("Second drawer.")
    settings = inbox + "/settings"
    looked_at(page, inbox, settings)
    page.goto(inbox)
    line.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who has coloured chalk?")
    expect(mine.get_by_role("link", name="Inbox")).not_to_have_text(waiting)

    page.goto(settings)
    page.get_by_label("Our learning community in Veles", exact=False).or_(
        page.locator("select[name^='pace-']").first
    ).first.select_option("daily")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.locator("select[name^='pace-']").first).to_have_value("daily")
    page.get_by_label("Another address").fill("no address")
    page.locator("form").filter(has_text="Another address").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Use this address").click()
    expect(page.get_by_role("alert")).to_contain_text("ana@example.org")


def test_the_pages_behind_a_letter_are_readable_for_everybody(browser, come_in, school, letters, looked_at):
    house, server = letters
    the_worker_passes(house)
    writer = come_in(browser().new_page(), school.teacher)
    start_topic(writer, "Bring a mirror tomorrow", "For the lesson about light.")
    come_in(browser().new_page(), school.student)
    school.clock.ahead = friday_morning(school.clock()) - school.clock()
    the_worker_passes(house)
    letter = next(one for _, to, one in server.letters if to[0].startswith(school.student.username))
    less = letter["List-Unsubscribe"].strip("<>")
    page = browser().new_page()
    looked_at(page, less, f"{school.tool}/mail/settings")
    page.goto(less)
    page.get_by_role("button", name="No more mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Done")
    page.get_by_role("button", name="Once a week, please").click()
    expect(page.get_by_text("one letter a week at most")).to_be_visible()

    # the letter itself, as a mail program shows it
    page = browser().new_page()
    page.set_content(letter.get_body(("html",)).get_content())
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    expect(page.get_by_role("link", name="Bring a mirror tomorrow")).to_be_visible()
