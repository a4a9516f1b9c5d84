"""S3-1: members plan a meeting and say what its time is for; its page shows, at every moment, what is next."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from .test_every_page import looked_at as looked_at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def named(button, of):
    """A button's name with the words that only a screen reader says."""
    return re.compile(f"^{re.escape(button)} ?: {re.escape(of)}$")


def plan(page, title, day):
    page.get_by_label("What is it called?").fill(title)
    page.get_by_label("Day").fill(f"{day:%Y-%m-%d}")
    page.get_by_label("From").fill("14:00")
    page.get_by_label("Until").fill("15:15")
    page.get_by_label("It is within our working time").check()
    page.get_by_label("Place").fill("Room 3")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("heading", level=1, name=title).wait_for()


def propose(page, title, kind, minutes):
    form = page.locator("details", has_text="Put something on the agenda")
    if not form.get_by_label("What is it about?").is_visible():
        form.locator("summary").click()
    form.get_by_label("What is it about?").fill(title)
    form.get_by_role("radio", name=kind).check()
    form.get_by_label("How many minutes?").fill(str(minutes))
    form.get_by_role("button", name="Put it on the agenda").click()
    expect(page.locator("ol.rows li", has_text=title)).to_be_visible()


def go_to(page, title):
    """From wherever one is; what is further ahead is folded away."""
    page.get_by_role("link", name="Meetings", exact=True).click()
    page.get_by_role("heading", level=1, name="Meetings").wait_for()
    link = page.get_by_role("link", name=title)
    if not link.is_visible():
        page.get_by_text("Later", exact=True).click()
    link.click()


@pytest.mark.parametrize("width", [360, 1280])
def test_s3_1_a_meeting_is_for_learning_and_its_page_shows_the_minutes_of_each(browser, come_in, school, width):
    title, day = f"Questions at {width}", school.clock() + timedelta(days=3 + width % 7)
    frame = come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.student)
    frame.get_by_role("link", name="Meetings", exact=True).click()
    frame.get_by_role("link", name="Plan a meeting").first.click()
    plan(frame, title, day)
    expect(frame.get_by_role("button", name=re.compile("Ask everybody for points|Confirm the meeting"))).to_be_visible()
    propose(frame, "What do their questions tell us?", "Learning", 40)
    propose(frame, "Who visits whom", "Organising", 10)
    propose(frame, "New timetable", "Notice", 5)
    shares = frame.locator("dl.shares")
    for words in ("Learning 40 minutes", "Organising 10 minutes", "Notice 5 minutes"):
        expect(shares).to_contain_text(re.compile(words.replace(" ", r"\s*")))
    frame.get_by_role("button", name=named("Earlier", "New timetable")).click()
    expect(frame.locator("ol.rows li").nth(1)).to_contain_text("New timetable")
    frame.get_by_role("button", name=named("I’ll do it", "Timekeeper")).click()
    expect(frame.get_by_role("button", name=named("Not me after all", "Timekeeper"))).to_be_visible()
    frame.get_by_role("button", name="Confirm the meeting").click()
    expect(frame.get_by_text("confirmed", exact=True)).to_be_visible()

    another = come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.mentor)
    go_to(another, title)
    expect(another.locator("dl.shares")).to_contain_text("40 minutes")
    another.get_by_role("button", name=named("I’ll do it", "Scribe")).click()
    expect(another.get_by_role("button", name=named("Not me after all", "Scribe"))).to_be_visible()

    go_to(frame, title)
    expect(frame.get_by_text(school.mentor.name)).to_be_visible()
    frame.get_by_text("More", exact=True).last.click()
    frame.get_by_role("button", name="Begin without a protocol").click()
    expect(frame.get_by_text("under way", exact=True)).to_be_visible()
    frame.get_by_role("button", name=named("Dealt with", "New timetable")).click()
    expect(frame.locator("ol.rows li", has_text="New timetable")).to_contain_text("dealt with")
    frame.get_by_role("link", name=named("What came of it?", "What do their questions tell us?")).click()
    frame.get_by_label("In a line or two").fill("They ask more when they write first.")
    frame.get_by_label("This is dealt with").check()
    frame.get_by_role("button", name="Keep it").click()
    frame.get_by_role("button", name="The meeting is over").click()
    expect(frame.get_by_role("link", name="Write the minutes").first).to_be_visible()
    expect(frame.get_by_text("1 point was not dealt with.")).to_be_visible()
    frame.get_by_role("button", name="Take them to the next meeting").click()
    frame.get_by_role("link", name="Who visits whom").click()
    frame.get_by_role("button", name="Take it off").click()
    expect(frame.get_by_role("button", name="Take it off")).to_have_count(0)
    expect(frame.get_by_role("link", name="Who visits whom")).to_have_count(0)


def test_every_page_of_a_meeting_is_readable_for_everybody(looked_at, come_in, own_window, school):
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.student))
    home = page.url
    page.goto(home + "/meetings/new")
    look(page)
    plan(page, "A meeting with everything in it", school.clock() + timedelta(days=2))
    look(page)
    propose(page, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk in 6a", "Learning", 10)
    propose(page, "New timetable", "Notice", 70)
    page.get_by_role("button", name=named("I’ll do it", "Scribe")).click()
    page.get_by_text("More", exact=True).last.click()
    look(page)
    meeting = page.url.partition("#")[0]
    page.emulate_media(color_scheme="dark")
    page.goto(meeting)
    look(page)
    page.get_by_role("link", name="Ask somebody to take a part").click()
    look(page)
    page.goto(meeting)
    page.get_by_role("link", name=named("Change", "New timetable")).click()
    look(page)
    page.emulate_media(color_scheme="light")
    page.goto(meeting)
    page.get_by_text("More", exact=True).last.click()
    page.get_by_label("Why is it cancelled?").fill("Half of us are ill")
    page.get_by_role("button", name="Cancel the meeting").click()
    page.get_by_text("Half of us are ill").wait_for()
    look(page)
    page.goto(home + "/meetings")
    look(page)
