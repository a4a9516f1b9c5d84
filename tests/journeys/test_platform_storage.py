"""An LMS whose page keeps something for the tool (LTI Platform Storage): without any cookie the frame still opens, and
nobody but the browser of the login gets in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, TimeoutError, expect

from .conftest import PATIENCE, School, tool_frame
from .test_blocked_cookies import cookies_of_launches, forbidden

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


SOON = 10_000  # milliseconds


def arrived(frame: Frame, seen: Callable[[Frame, int], object]) -> Frame:
    """The frame, when ``seen(frame, patience)`` says it is where it should be. On a busy machine Chromium has, a few
    times in a hundred, the answer to a frame's own navigation and never shows it: then the page is loaded once more, as
    a person would."""
    try:
        seen(frame, SOON)
        return frame
    except (TimeoutError, AssertionError):
        page = frame.page
        page.reload()
        again = tool_frame(page)
        seen(again, PATIENCE)
        return again


def at(pattern: str) -> Callable[[Frame, int], object]:
    return lambda frame, patience: frame.wait_for_url(pattern, timeout=patience)


@pytest.fixture
def storage(school: School) -> Iterator[None]:
    school.practice.turn("storage", on=True)
    yield
    school.practice.turn("storage", on=False)


@pytest.fixture
def without_cookies(profile: Callable[..., Any], school: School, storage: None) -> Any:
    return profile(forbidden(school.tool, school.lms))


def test_the_frame_opens_without_cookies_and_every_page_of_it_works(
    without_cookies: Any, open_activity: Callable[..., Frame], school: School, flaws: Any
) -> None:
    launches = cookies_of_launches(without_cookies)
    page = without_cookies.new_page()
    inside = at(f"{school.tool}/s/*.*/communities/{school.communities[school.veles]}")
    frame = arrived(open_activity(page, school.student), inside)
    assert launches
    assert not any(launches)
    expect(frame.locator(".me strong")).to_have_text(school.student.name)
    assert flaws(frame) == []
    frame.get_by_role("link", name="Conversations", exact=True).click()
    frame.get_by_role("link", name="Start a conversation").click()
    frame.get_by_label("What is it about?").fill("Without a cookie")
    frame.get_by_label("Your words").fill("And still it is me.")
    frame.get_by_role("button", name="Post").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Without a cookie")


def test_its_address_opens_nothing_when_somebody_else_types_it(
    without_cookies: Any, open_activity: Callable[..., Frame], school: School, browser: Callable[..., Any]
) -> None:
    inside = at(f"{school.tool}/s/*.*/communities/*")
    frame = arrived(open_activity(without_cookies.new_page(), school.student), inside)
    for context in (without_cookies, browser()):
        typed = context.new_page()
        typed.goto(frame.url)
        expect(typed.get_by_role("heading", level=1)).to_have_text("Please come in through your course")


def test_with_cookies_the_platform_is_asked_to_keep_something_once_and_the_frame_opens(
    storage: None, open_activity: Callable[..., Frame], browser: Callable[..., Any], school: School
) -> None:
    frame = arrived(open_activity(browser().new_page(), school.student), at(f"{school.tool}/s/**"))
    assert "." not in frame.url.removeprefix(f"{school.tool}/s/").partition("/")[0]
    expect(frame.locator(".me strong")).to_have_text(school.student.name)


def test_a_platform_that_promises_storage_and_does_not_answer_costs_two_seconds_and_a_click(
    without_cookies: Any, open_activity: Callable[..., Frame], school: School
) -> None:
    page: Page = without_cookies.new_page()
    # the page around the frame hears nothing
    page.add_init_script(
        "if (window === window.top) window.addEventListener('message', (e) => e.stopImmediatePropagation(), true)"
    )
    heading = "One more step"
    frame = arrived(
        open_activity(page, school.student),
        lambda one, patience: expect(one.get_by_role("heading", level=1)).to_have_text(heading, timeout=patience),
    )
    with without_cookies.expect_page() as opened:
        frame.get_by_role("button", name="Continue").click()
    opened.value.wait_for_url(f"{school.tool}/s/*/communities/*")


def test_two_people_in_one_browser_without_cookies_stay_two(
    without_cookies: Any, open_activity: Callable[..., Frame], school: School
) -> None:
    frames = [open_activity(without_cookies.new_page(), who) for who in (school.student, school.teacher)]
    for opened, who in zip(frames, (school.student, school.teacher), strict=True):
        frame = arrived(opened, at(f"{school.tool}/s/*.*/communities/*"))
        frame.get_by_role("link", name="Members").first.click()
        expect(frame.locator(".me strong")).to_have_text(who.name)
