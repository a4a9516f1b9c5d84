"""Two strangers become acquainted: an operator makes a link, the LMS's administrator pastes it, a teacher clicks."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from lms_plc.admin import seats

from .conftest import ADMIN, PHONE, TEACHER, VELES, Strangers, tool_frame

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def to_the_desk(page: Page, strangers: Strangers) -> None:
    """By the one-time address that ``lms-plc admin open`` prints."""
    with strangers.house.database.write() as session:
        secret = seats.offer(session, strangers.house.clock(), timedelta(minutes=15))
    page.goto(f"{strangers.tool}/admin/enter/{secret}")
    page.get_by_role("button", name="Go to the desk").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def registration_link(page: Page) -> str:
    page.get_by_role("link", name="Connect a learning platform").first.click()
    page.get_by_label("What to call the platform here").fill("Practice school")
    page.get_by_role("button", name="Make a registration link").click()
    return page.get_by_label("Registration link").input_value()


def paste(page: Page, strangers: Strangers, link: str) -> Frame:
    """In the LMS, as its administrator: the tool's page in the LMS's own frame."""
    page.goto(f"{strangers.lms}/?q={ADMIN.username}")
    page.get_by_role("button").and_(page.locator(f"[value='{ADMIN.id}']")).click()
    page.goto(f"{strangers.lms}/as/{ADMIN.id}/admin/tools/")
    page.get_by_label("Tool URL").fill(link)
    page.get_by_role("button", name="Add LTI Advantage").click()
    return tool_frame(page)


def test_one_pasted_link_connects_both_sides_and_the_first_teacher_comes_in(
    strangers: Strangers, browser: Callable[..., BrowserContext], flaws: Callable[..., list[tuple[str, str]]]
) -> None:
    desk = browser().new_page()
    to_the_desk(desk, strangers)
    assert flaws(desk) == []
    link = registration_link(desk)
    assert flaws(desk) == []

    lms = browser().new_page()
    frame = paste(lms, strangers, link)
    expect(frame.get_by_text("the names of people who open a learning community")).to_be_visible()
    assert flaws(frame) == []
    frame.get_by_role("button", name="Connect").click()
    expect(frame.get_by_text("You can close this window.")).to_be_visible()
    frame.get_by_role("button", name="Close this page").click()
    lms.get_by_role("button", name=re.compile("^Activate: ")).click()
    lms.goto(f"{strangers.lms}/as/{ADMIN.id}/course/{VELES}")
    lms.get_by_role("button", name="Add Learning communities").click()

    teacher = browser().new_page()
    teacher.goto(f"{strangers.lms}/?q={TEACHER.username}")
    teacher.get_by_role("button").and_(teacher.locator(f"[value='{TEACHER.id}']")).click()
    teacher.locator(f"a[href$='/course/{VELES}']").click()
    teacher.get_by_role("link", name=re.compile("^Learning communities")).click()
    inside = tool_frame(teacher)
    inside.wait_for_url(f"{strangers.tool}/s/*/courses/*/found")
    inside.get_by_role("button", name="Open the community").click()
    inside.wait_for_url(f"{strangers.tool}/s/*/communities/*")

    desk.goto(f"{strangers.tool}/admin/")
    expect(desk.get_by_text("works since")).to_be_visible()
    desk.get_by_role("link", name="Registration with client ID").click()
    expect(desk.get_by_role("heading", level=1)).to_be_visible()
    assert flaws(desk) == []
    assert TEACHER.name not in desk.content()


def test_a_link_works_once_and_says_so(strangers: Strangers, browser: Callable[..., BrowserContext]) -> None:
    desk = browser().new_page()
    to_the_desk(desk, strangers)
    link = registration_link(desk)
    lms = browser().new_page()
    paste(lms, strangers, link).get_by_role("button", name="Connect").click()
    expect(tool_frame(lms).get_by_text("You can close this window.")).to_be_visible()
    lms.goto(f"{strangers.tool}{link.removeprefix(strangers.tool)}?openid_configuration={strangers.lms}/x")
    expect(lms.get_by_role("heading", level=1)).to_be_visible()
    expect(lms.get_by_role("button", name="Connect")).to_have_count(0)


def test_the_desk_is_usable_on_a_phone_and_opens_to_nobody_else(
    strangers: Strangers, browser: Callable[..., BrowserContext], flaws: Callable[..., list[tuple[str, str]]]
) -> None:
    phone = browser(**PHONE).new_page()
    to_the_desk(phone, strangers)
    link = registration_link(phone)
    assert link.startswith(f"{strangers.tool}/lti/register/")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert flaws(phone) == []
    other = browser().new_page()
    other.goto(f"{strangers.tool}/admin/")
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    assert link not in other.content()
    assert "lms-plc admin open" in other.content()
