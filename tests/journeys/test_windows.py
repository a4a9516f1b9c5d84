"""The frame and the way out of it: a window of one's own, somebody else's address, the height told to the LMS."""

from time import monotonic

import pytest
from playwright.sync_api import expect

from .conftest import PATIENCE

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

LISTENING = "window.told = []; addEventListener('message', ({ data, origin }) => window.told.push([data, origin]))"
HEIGHT = "Math.ceil(document.body.getBoundingClientRect().height)"


def test_a_page_in_the_frame_opens_in_a_window_of_its_own_as_the_same_person(browser, come_in, own_window, school):
    frame = come_in(browser().new_page(), school.teacher)
    frame.get_by_role("link", name="Members", exact=True).click()
    frame.get_by_role("heading", name="Members", level=1).wait_for()
    window = own_window(frame)
    expect(window.get_by_role("heading", level=1)).to_have_text("Members")
    expect(window.locator(".me strong")).to_have_text(school.teacher.name)
    expect(window.get_by_role("button", name="Open in a new window")).to_have_count(0)
    frame.get_by_role("link", name="Stay here").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Members")
    window.reload()
    expect(window.locator(".me strong")).to_have_text(school.teacher.name)


def test_somebody_elses_address_leads_to_ones_own_page(browser, come_in, own_window, school):
    theirs = own_window(come_in(browser().new_page(), school.teacher))
    mine = own_window(come_in(browser().new_page(), school.student))
    assert theirs.url != mine.url
    seat = mine.url
    mine.goto(f"{theirs.url}/members")
    assert mine.url == f"{seat}/members"
    expect(mine.locator(".me strong")).to_have_text(school.student.name)
    stranger = browser().new_page()
    answer = stranger.goto(theirs.url)
    assert answer is not None
    assert answer.status == 401
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Please come in through your course")


def test_the_frame_tells_the_lms_how_tall_it_is(browser, come_in, school):
    page = browser().new_page()
    page.add_init_script(LISTENING)
    frame = come_in(page, school.student)
    until = monotonic() + PATIENCE / 1000
    while not (told := page.evaluate("told")) or told[-1][0]["height"] != frame.evaluate(HEIGHT):
        assert monotonic() < until, told
        page.wait_for_timeout(50)
    said, origin = told[-1]
    assert said["subject"] == "lti.frameResize"
    assert origin == school.tool


def test_a_page_of_another_origin_may_not_frame_the_community_and_hears_nothing(browser, come_in, school, stranger):
    context = browser()
    inside = come_in(context.new_page(), school.student)
    page = context.new_page()
    page.add_init_script(LISTENING)
    address = stranger(f"<!doctype html><title>another site</title><iframe src='{inside.url}'></iframe>")
    with page.expect_response(inside.url) as answered:
        page.goto(address)
    assert answered.value.status == 200
    assert f"frame-ancestors 'self' {school.lms}" in answered.value.headers["content-security-policy"]
    until = monotonic() + PATIENCE / 1000
    while not page.frames[1].url.startswith("chrome-error:") and monotonic() < until:
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)
    assert page.frames[1].url.startswith("chrome-error:")
    assert page.evaluate("told") == []
