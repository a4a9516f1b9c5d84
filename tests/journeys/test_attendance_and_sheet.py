"""S1-9: a meeting with a poor connection. Attendance by a code and by a list; a sheet that is printed, filled in by
hand, and entered from its photo."""

import re
from datetime import timedelta, timezone

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def planned(come_in, own_window, school):
    """``planned(context, title)``: the page of a meeting that begins in ten minutes, planned by a plain member. It goes
    by the clock of where it is about noon now, so that it ends on the day it begins."""

    def go(context, title: str) -> Page:
        ahead = 12 - school.clock().hour
        there = school.clock().astimezone(timezone(timedelta(hours=ahead))) + timedelta(minutes=10)
        page = own_window(come_in(context.new_page(), school.student))
        page.get_by_role("link", name="Meetings", exact=True).click()
        page.get_by_role("link", name="Plan a meeting").first.click()
        page.get_by_label("What is it called?").fill(title)
        page.get_by_label("Day").fill(there.date().isoformat())
        page.get_by_label("From").fill(f"{there:%H:%M}")
        page.get_by_label("Until").fill(f"{there + timedelta(minutes=75):%H:%M}")
        page.get_by_label("How do we want to talk?").select_option("five_beat_session")
        page.get_by_text("Details").click()
        page.get_by_label("By the clock of").fill(f"Etc/GMT{-ahead:+d}")
        page.get_by_role("button", name="Plan it").click()
        page.get_by_role("heading", level=1, name=title).wait_for()
        return page

    return go


def seen_by(page: Page, other: Page) -> str:
    """The address of a page for somebody else."""
    return other.url.partition("/communities/")[0] + "/meetings/" + page.url.partition("/meetings/")[2]


@pytest.mark.parametrize("width", [360, 1280])
def test_s1_9_a_code_a_list_a_sheet_and_its_photo(browser, planned, come_in, own_window, school, flaws, width):
    context = browser(viewport={"width": width, "height": 800})
    page = planned(context, f"Meeting at {width}")
    meeting = page.url.partition("#")[0]

    def look() -> None:
        assert (page.url, flaws(page)) == (page.url, [])
        assert page.evaluate("document.documentElement.scrollWidth") == width

    look()
    page.get_by_role("link", name="Attendance list").click()
    page.get_by_role("button", name="Make a code").click()
    code = page.locator(".code.large").inner_text()
    look()

    other = own_window(come_in(browser().new_page(), school.teacher))
    other.goto(seen_by(page, other).partition("/attendance")[0])
    other.get_by_label("the code that is shown").fill(code)
    other.keyboard.press("Enter")
    other.wait_for_url("**/attendance?said=code")

    page.reload()
    row = page.get_by_role("group", name=school.teacher.name)
    expect(row.get_by_role("radio", name="here")).to_be_checked()
    page.get_by_role("group", name=school.mentor.name).get_by_role("radio", name="excused").check()
    page.get_by_label("Guests").fill("Ana\nBorče")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 was present, and 2 guests.")).to_be_visible()
    look()
    assert page.locator("[name=took]").first.evaluate("field => field.value") != ""  # the script counts

    page.goto(meeting)
    page.get_by_role("link", name="A sheet to print").click()
    look()
    page.emulate_media(media="print")
    photo = page.screenshot(type="jpeg", full_page=True)
    paper = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="screen")
    assert re.search(rb"/MediaBox \[0 0 59\d(\.\d+)? 84\d", paper)
    assert 1 <= len(re.findall(rb"/Type /Page\b", paper)) <= 3
    code = page.locator(".sheet-code strong").inner_text()

    school.clock.ahead += timedelta(hours=1, minutes=30)
    page.goto(meeting)
    page.get_by_role("link", name="Enter the sheet").click()
    expect(page.get_by_text(f"Sheet {code}")).to_be_visible()
    page.get_by_text("Add a photo of the sheet").click()
    page.get_by_label("Photos or files").set_input_files(
        [{"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": photo}]
    )
    page.get_by_label("What is in the picture?").fill("Our sheet")
    page.get_by_role("button", name="Save the photo").click()
    picture = page.get_by_role("img", name="Our sheet")
    expect(picture).to_be_visible()
    note = page.get_by_label("On your feet")
    left, right = picture.bounding_box(), note.bounding_box()
    assert left
    assert right
    beside = left["x"] + left["width"] <= right["x"]
    assert beside == (width >= 1280)
    look()
    note.fill("Exit tickets work better in pairs\nThe long ones do not")
    page.get_by_label("One decision a line").fill("We try it once more")
    line = page.get_by_role("group", name="Line 1")
    line.get_by_label("What").fill(f"Print the cards at {width}")
    line.get_by_label("Who").select_option(label=school.teacher.name)
    line.get_by_label("Until").fill("2031-03-01")
    page.get_by_role("group", name=school.mentor.name).get_by_role("radio", name="here").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/meetings/*#minutes")
    expect(page.get_by_text("2 were present, and 2 guests.")).to_be_visible()
    expect(page.get_by_text("We try it once more")).to_be_visible()
    expect(page.get_by_role("link", name=f"Print the cards at {width}")).to_be_visible()
    expect(page.get_by_text("Exit tickets work better in pairs")).to_be_visible()
    expect(page.get_by_role("link", name="Our sheet")).to_be_visible()
    look()
