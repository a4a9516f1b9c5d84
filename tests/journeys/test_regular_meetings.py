"""S0-13: a teacher says "every second Wednesday" once, sees the dates before anything is saved, and skips one."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from .test_every_page import looked_at as looked_at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

BREAK = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//School//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:{first:%Y%m%d}
DTEND;VALUE=DATE:{behind:%Y%m%d}
SUMMARY:Spring break
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize(("width", "weekday"), [(360, "Wednesday"), (1280, "Thursday")])
def test_s0_13_regular_meetings_are_said_once_looked_at_and_one_is_skipped(browser, come_in, school, width, weekday):
    title = f"We meet at {width}"
    frame = come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.student)
    frame.get_by_role("link", name="Meetings", exact=True).click()
    frame.get_by_role("link", name="Regular meetings").click()
    frame.get_by_role("link", name="Plan regular meetings").click()
    frame.get_by_label("What is it called?").fill(title)
    frame.get_by_label("How often?").select_option("Every second week")
    frame.get_by_label("On which day?").select_option(weekday)
    frame.get_by_label("At what time?").fill("14:00")
    frame.get_by_role("button", name="Look at the dates first").click()
    dates = frame.locator("#dates")
    expect(dates).to_contain_text(f"every second {weekday}")
    expect(dates.get_by_role("listitem")).to_have_count(8)
    frame.get_by_role("button", name="Plan them").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(title)
    rows = frame.locator(".rows > li")
    expect(rows).to_have_count(8)
    rows.nth(2).get_by_role("button", name="Skip this one").click()
    expect(rows.nth(2)).to_contain_text("cancelled")
    expect(rows).to_have_count(8)


def test_every_page_of_regular_meetings_is_readable(looked_at, come_in, own_window, school, tmp_path: Path):
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.student))
    home = page.url
    for room in ("/series", "/series/new", "/holidays"):
        page.goto(home + room)
        look(page)
    first = date.today() + timedelta(days=20)  # noqa: DTZ011 - far enough whatever the zone
    file = tmp_path / "school.ics"
    file.write_text(BREAK.format(first=first, behind=first + timedelta(days=7)))
    page.get_by_label("A calendar file of your school or ministry").set_input_files(file)
    page.get_by_role("button", name="Read it").click()
    look(page)
    page.get_by_role("button", name="Add these").click()
    page.get_by_text("1 break is new.").wait_for()
    look(page)
    page.locator("main form").last.evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Read it").click()
    page.get_by_role("alert").wait_for()
    look(page)
    page.goto(f"{home}/series/new")
    page.get_by_label("At what time?").fill("15:00")
    page.get_by_label("How often?").select_option("Every week")
    page.get_by_role("button", name="Look at the dates first").click()
    expect(page.locator("#dates")).to_contain_text("left out: Spring break")
    look(page)
    page.get_by_role("button", name="Plan them").click()
    look(page)
    page.locator(".rows a").first.click()
    look(page)
    page.get_by_role("link", name="One of our regular meetings").click()
    page.get_by_role("link", name="Change").click()
    page.get_by_text("An end, or another time zone").click()
    look(page)
    page.get_by_role("link", name="Cancel").click()
    page.get_by_text("End these regular meetings").click()
    look(page)
    page.get_by_role("link", name="My calendar").click()
    look(page)
    page.get_by_role("button", name="Make my address").click()
    address = page.get_by_label("Address of your calendar").input_value()
    look(page)
    answer = page.request.get(address)
    assert len(Calendar.from_ical(answer.body()).walk("VEVENT")) >= 8
