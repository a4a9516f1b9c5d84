"""S0-9: an issue is raised, put on the next agenda in two clicks and closed from the minutes; the board tells of it."""

import pytest
from playwright.sync_api import expect

from .test_every_page import looked_at as looked_at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize("width", [360, 1280])
def test_s0_9_an_issue_goes_to_the_next_agenda_and_is_closed_from_the_minutes(browser, come_in, school, width):
    title = f"The printer jams at {width}"
    frame = come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.student)
    frame.get_by_role("link", name="Meetings", exact=True).click()
    frame.get_by_role("link", name="Plan a meeting").first.click()
    frame.get_by_label("What is it called?").fill(f"Meeting at {width}")
    frame.get_by_label("Day").fill(school.house.today().isoformat())
    frame.get_by_label("From").fill("00:00")
    frame.get_by_label("Until").fill("23:59")
    frame.get_by_role("button", name="Plan it").click()
    frame.get_by_role("heading", name="Agenda").wait_for()
    frame.get_by_role("link", name="Issues", exact=True).click()
    frame.get_by_role("link", name="Raise an issue").click()
    frame.get_by_label("What is in the way?").fill(title)
    frame.get_by_role("button", name="Put it on the board").click()
    frame.get_by_role("button", name="I take it on").click()
    frame.get_by_role("link", name="Back to the board").click()
    frame.get_by_role("link", name=title).click()  # one
    frame.get_by_role("button", name="Put it on the next agenda").click()  # two
    expect(frame.locator("#agenda ~ ol li", has_text=title)).to_be_visible()
    frame.get_by_text("More", exact=True).click()
    frame.get_by_role("button", name="Begin without a protocol").click()
    frame.get_by_role("button", name="The meeting is over").click()
    frame.get_by_role("link", name="Write the minutes").click()
    frame.get_by_role("textbox", name="Minutes").fill("We ask for a new one.")
    frame.get_by_role("button", name="Save").click()
    frame.get_by_role("heading", name="Still open from the agenda").wait_for()
    frame.locator("li", has_text=title).get_by_role("link", name="Close it").click()
    frame.get_by_role("radio", name="Solved").check()
    frame.get_by_label("A word on it").fill("A new one comes on Friday.")
    frame.get_by_role("button", name="Close it").click()
    frame.get_by_role("link", name="Issues", exact=True).click()
    row = frame.locator(".rows li", has_text=title)
    expect(row).to_contain_text("solved")
    expect(row).to_contain_text(f"taken on by {school.student.name}")
    row.get_by_role("link").click()
    expect(frame.get_by_text(f"{school.student.name}: solved, in the meeting")).to_be_visible()
    expect(frame.get_by_text("A new one comes on Friday.")).to_be_visible()


def test_every_page_of_issues_and_meetings_is_readable_for_everybody(looked_at, come_in, own_window, school):
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.student))
    home = page.url
    for room in ("/board", "/board?show=mine", "/board/new", "/meetings", "/meetings/new"):
        page.goto(home + room)
        look(page)
    page.locator("main form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("alert").wait_for()
    look(page)
    day = f"{school.clock().year + 1}-01-15"
    for label, words in (("Day", day), ("From", "14:00"), ("Until", "15:15"), ("Place", "Room 3")):
        page.get_by_label(label).fill(words)
    page.get_by_role("button", name="Plan it").click()
    meeting = page.url
    page.goto(home + "/board/new")
    page.get_by_label("What is in the way?").fill("Nobody knows who has the key of the computer room")
    page.get_by_label("More about it").fill("Since *September*.")
    page.get_by_role("button", name="Put it on the board").click()
    look(page)
    page.get_by_role("button", name="Put it on the next agenda").click()
    page.get_by_text("Put something on the agenda").click()
    look(page)
    page.get_by_role("link", name="Close it").first.click()
    look(page)
    page.goto(meeting.partition("#")[0] + "/minutes")
    look(page)
    page.goto(home + "/board")
    look(page)
