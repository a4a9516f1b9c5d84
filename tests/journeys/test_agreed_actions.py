"""What was agreed in one meeting comes onto the next, is moved twice, late, and done; only who does it is told so."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from lms_plc.actionitems.models import ActionItem

from .test_every_page import looked_at as looked_at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def plan_meeting(page, title, day):
    page.get_by_role("link", name="Meetings", exact=True).click()
    page.get_by_role("link", name="Plan a meeting").first.click()
    page.get_by_label("What is it called?").fill(title)
    page.get_by_label("Day", exact=False).first.fill(str(day))
    page.get_by_label("From").fill("14:00")
    page.get_by_label("Until").fill("15:15")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("heading", name="Agenda").wait_for()


@pytest.mark.parametrize("width", [360, 1280])
def test_an_action_is_agreed_carried_moved_twice_late_for_its_owner_alone_and_done(
    browser, come_in, own_window, school, flaws, width
):
    text, today = f"Bring three notebooks at {width}", school.clock().date()
    mine = own_window(come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.student))
    home = mine.url

    def look():
        assert (mine.url, flaws(mine)) == (mine.url, [])
        assert mine.evaluate("document.documentElement.scrollWidth") <= width

    plan_meeting(mine, f"First at {width}", today + timedelta(days=20))
    first = mine.url
    plan_meeting(mine, f"Second at {width}", today + timedelta(days=34))
    second = mine.url
    mine.goto(first)
    mine.get_by_role("link", name="Agree on something to do").click()
    look()
    mine.get_by_label("What is to be done?").fill(text)
    mine.get_by_label("Who does it?").select_option(label=school.student.name)
    mine.get_by_label("By when?").fill(str(today + timedelta(days=21)))
    mine.get_by_role("button", name="Agreed").click()

    mine.goto(second)
    carried = mine.locator("section[aria-labelledby=carried] li", has_text=text)
    expect(carried).to_contain_text(school.student.name)
    for days in (35, 36):
        carried.get_by_text("Another date, or not after all").click()
        carried.get_by_label("Until when now?").fill(str(today + timedelta(days=days)))
        carried.get_by_role("button", name="Another date").click()
        mine.wait_for_load_state()
    expect(carried).to_contain_text("put off 2 times")
    look()

    with school.house.database.write() as session:
        session.execute(update(ActionItem).where(ActionItem.text == text).values(due=today - timedelta(days=2)))
    mine.goto(home)
    expect(mine.get_by_text(f"“{text}” was meant for", exact=False)).to_be_visible()
    look()
    mine.get_by_role("link", name="Agreed", exact=True).click()
    expect(mine.locator("li", has_text=text)).to_contain_text("Another date?")
    look()
    theirs = own_window(come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.teacher))
    theirs.goto(theirs.url.partition("/communities/")[0] + "/meetings/" + second.partition("/meetings/")[2])
    row = theirs.locator("section[aria-labelledby=carried] li", has_text=text)
    expect(row).to_contain_text(school.student.name)
    for words in ("put off", "meant for", "Another date"):
        expect(row).not_to_contain_text(words)

    mine.locator("li", has_text=text).get_by_role("link", name=text, exact=True).click()
    look()
    mine.get_by_label("What came of it?").fill("Two were enough.")
    mine.get_by_role("button", name="Done").click()
    expect(mine.get_by_text("Two were enough.").first).to_be_visible()
    mine.get_by_role("link", name="All agreed actions").click()
    expect(mine.locator("li", has_text=text)).to_contain_text("Two were enough.")
    look()


def test_every_page_of_agreed_actions_is_readable_for_everybody(browser, come_in, own_window, school, flaws):
    context = browser(viewport={"width": 360, "height": 800})
    page = own_window(come_in(context.new_page(), school.teacher))
    home = page.url

    def look():
        page.get_by_role("heading", level=1).wait_for()
        assert (page.url, flaws(page)) == (page.url, [])
        assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, 360)

    for room in ("/actions", "/actions/new", "/thoughts"):
        page.goto(home + room)
        look()
    page.goto(home + "/actions/new")
    page.locator("main form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Agreed").click()
    page.get_by_role("alert").wait_for()
    look()
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 5
    page.get_by_label("What is to be done?").fill(long)
    page.get_by_role("button", name="Agreed").click()
    look()
    page.get_by_role("link", name="Donau", exact=False).click()
    page.get_by_role("button", name="I do it").click()
    for words in ("Another date", "Somebody else does it", "Not after all"):
        page.locator("summary", has_text=words).click()
    look()
    page.get_by_label("Why not?").fill("Nobody can pronounce it.")
    page.locator("details", has_text="Why not?").get_by_role("button").click()
    look()
    page.get_by_role("link", name="Agreed", exact=True).click()
    look()
