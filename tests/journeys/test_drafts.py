"""Nothing that was typed is lost: not by leaving, not offline, not when the seat has ended."""

from datetime import timedelta

import pytest
from playwright.sync_api import Frame, Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def begin(frame: Frame | Page) -> None:
    frame.get_by_role("link", name="Conversations", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Conversations")
    frame.get_by_role("link", name="Start a conversation").click()


def test_a_text_left_behind_waits_at_another_device_and_is_gone_once_posted(browser, come_in, school):
    frame = come_in(browser().new_page(), school.teacher)
    begin(frame)
    frame.get_by_label("What is it about?").fill("Half a thought")
    frame.get_by_label("Your words").fill("They asked why, and I")
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    frame.get_by_role("link", name="Home").click()

    elsewhere = come_in(browser().new_page(), school.teacher)
    expect(elsewhere.locator("[aria-labelledby=next]")).to_contain_text("You began to write: “Half a thought”")
    draft = elsewhere.locator("[aria-labelledby=next] li", has_text="Half a thought")
    draft.get_by_role("link", name="Go on writing").click()
    expect(elsewhere.get_by_label("What is it about?")).to_have_value("Half a thought")
    expect(elsewhere.get_by_label("Your words")).to_have_value("They asked why, and I")
    elsewhere.get_by_label("Your words").fill("They asked why, and I had no answer.")
    elsewhere.get_by_role("button", name="Post").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Half a thought")
    begin(elsewhere)
    expect(elsewhere.get_by_label("Your words")).to_have_value("")


def test_a_text_typed_offline_is_kept_on_the_device_and_gone_once_posted(browser, come_in, own_window, school):
    page = own_window(come_in(browser().new_page(), school.mentor))
    begin(page)
    page.route("**/drafts", lambda route: route.abort("internetdisconnected"))
    page.get_by_label("Your words").fill("Written in the bus.")
    expect(page.get_by_text("Saved on this device", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Your words")).to_have_value("Written in the bus.")
    expect(page.get_by_text("Your unsent text is back")).to_be_visible()
    page.unroute("**/drafts")
    page.get_by_label("What is it about?").fill("The bus")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The bus")
    page.wait_for_function("!Object.keys(localStorage).some(key => key.startsWith('plc-draft'))")
    begin(page)
    expect(page.get_by_label("Your words")).to_have_value("")


def test_a_frame_whose_storage_the_browser_locks_promises_no_copy_on_the_device(browser, come_in, school):
    frame = come_in(browser().new_page(), school.mentor)
    begin(frame)
    frame.get_by_label("Your words").fill("Only the server can keep this.")
    locked = "(() => { try { localStorage; return false } catch { return true } })()"
    assert frame.evaluate(locked) is True
    said = frame.locator(".draft:not([data-files-of])")
    expect(said).to_have_text("Saved")
    frame.goto(frame.url)
    expect(frame.get_by_label("Your words")).to_have_value("Only the server can keep this.")
    frame.get_by_label("Your words").fill("")
    expect(said).to_have_text("Saved")


def test_a_form_sent_after_the_seat_has_ended_keeps_its_text_for_copying(browser, come_in, school):
    page = browser().new_page()
    frame = come_in(page, school.student)
    begin(frame)
    frame.get_by_label("What is it about?").fill("A long afternoon")
    frame.get_by_label("Your words").fill("I wrote this for hours.")
    school.clock.ahead = timedelta(hours=13)
    frame.get_by_role("button", name="Post").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Please come in through your course")
    expect(frame.get_by_label("What you wrote")).to_have_value("A long afternoon\n\nI wrote this for hours.")
    school.clock.ahead = timedelta()
    frame = come_in(page, school.student)
    expect(frame.get_by_role("link", name="A long afternoon")).to_have_count(0)
