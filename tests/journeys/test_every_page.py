"""Pages in the states people bring them into, on the narrowest phone: nothing axe finds, nothing off the screen. Every
page as it is by itself is looked at by the sweep."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from lms_plc.admin import seats

from .conftest import tool_frame

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

NARROW = 320

LONG = """Here is who asked, @Елена Стојаноска:

| Class | Before | With a minute of silence |
|---|---|---|
| 6a | 4 | 11 |

> They write first

- then they ask 🙋

Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft
https://example.org/a/very/long/address/that/goes/on/and/on/and/on/for/ever/and/ever
"""
ARABIC = "جرّبت ذلك في صفي اليوم. طلب مني ثلاثة طلاب هادئين وقتاً أطول."

Look = Callable[[Page | Frame], None]


@pytest.fixture
def looked_at(browser: Callable[..., BrowserContext], flaws: Any) -> tuple[BrowserContext, Look]:
    """A narrow browser, and what to do on each page of it."""
    context = browser(viewport={"width": NARROW, "height": 800})

    def look(page: Page | Frame) -> None:
        page.get_by_role("heading", level=1).wait_for()
        assert (page.url, flaws(page)) == (page.url, [])
        if isinstance(page, Page):
            assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, NARROW)

    return context, look


def test_every_page_of_a_community_is_readable_for_everybody(looked_at, come_in, own_window, school):
    context, look = looked_at
    frame = come_in(context.new_page(), school.student)
    look(frame)
    page = own_window(frame)
    expect(frame.get_by_role("heading", level=1)).to_have_text("A window of its own")
    look(frame)
    look(page)
    home = page.url
    for room in ("/members", "/charter", "/charter/edit", "/topics", "/topics/new"):
        page.goto(home + room)
        look(page)
    page.locator("main form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Post").click()
    page.get_by_role("alert").wait_for()
    look(page)
    page.get_by_label("What is it about?").fill("Everything that can stand in a post, and a title that goes on")
    page.get_by_label("Your words").fill(LONG)
    page.get_by_role("button", name="Post").click()
    first = page.locator(".post").first
    first.get_by_role("button", name="Thank you").click()
    first.get_by_role("link", name="Answer").click()
    page.get_by_label("Your words").fill(ARABIC)
    page.get_by_role("button", name="Post").click()
    second = page.locator(".post").nth(1)
    second.locator("summary").click()
    look(page)
    topic = page.url.partition("#")[0]
    second.get_by_role("link", name="Change").click()
    look(page)
    page.get_by_label("Your words").fill(ARABIC + " 🌻")
    page.get_by_role("button", name="Save").click()
    second.get_by_role("link", name="changed").click()
    look(page)
    page.goto(topic)
    second.locator("summary").click()
    second.get_by_role("link", name="Take back").click()
    look(page)
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".trace")).to_be_visible()
    look(page)
    page.goto(home.partition("/communities/")[0] + "/?all=1")
    look(page)
    page.goto(home + "/nothing")
    look(page)


def test_every_page_outside_a_community_is_readable_for_everybody(looked_at, come_in, school):
    context, look = looked_at
    page = context.new_page()
    for address in ("/lti/launch", "/lti/register", "/lti/login?iss=https://nobody.example", "/s/nobody22/"):
        page.goto(school.tool + address)
        look(page)
    for person, title in (
        (school.teacher, "Open a learning community here"),
        (school.student, "Nobody has opened this yet"),
        (school.admin, "The technical side"),
    ):
        frame = come_in(context.new_page(), person, school.talgar)
        expect(frame.get_by_role("heading", level=1)).to_have_text(title)
        look(frame)
    frame.goto(frame.url.replace("/technical", "/outside"))
    expect(frame.get_by_role("heading", level=1)).to_have_text("You have no part in this course")
    look(frame)


def test_every_page_around_placing_is_readable_for_everybody(looked_at, sign_in, school):
    context, look = looked_at
    page = context.new_page()
    sign_in(page, school.mentor, school.veles)
    page.get_by_role("link", name="Add from Learning communities").click()
    frame = tool_frame(page)
    frame.get_by_role("heading", name="What shall stand in the course?").wait_for()
    look(frame)
    frame.get_by_label("It counts: done or not done").check()
    frame.get_by_label("Title in the course").fill("Tell about your project")
    frame.locator("input[name=parts]:checked").uncheck()
    frame.get_by_role("button", name="Place it in the course").click()
    frame.get_by_role("alert").wait_for()
    look(frame)
    frame.get_by_label("Agreements").check()
    frame.get_by_role("button", name="Place it in the course").click()
    page.wait_for_url("**/as/*/course/*")
    page.get_by_role("link", name="Tell about your project").first.click()
    frame = tool_frame(page)
    frame.get_by_role("link", name="Home").click()
    frame.get_by_role("link", name="Tell about your project").first.click()
    frame.get_by_role("heading", name="Who is done").wait_for()
    look(frame)
    kept = frame.url.rpartition("/placed/")[0] + "/kept"
    frame.goto(kept)
    frame.get_by_role("heading", name="What is kept about you").wait_for()
    look(frame)


def test_every_page_of_the_desk_is_readable_for_everybody(looked_at, school):
    context, look = looked_at
    page = context.new_page()
    with school.house.database.write() as session:
        secret = seats.offer(session, school.house.clock(), timedelta(minutes=15))
    page.goto(f"{school.tool}/admin/enter/{secret}")
    look(page)
    page.get_by_role("button", name="Go to the desk").click()
    look(page)
    page.get_by_role("link", name="Registration with client ID").click()
    look(page)
    for address in ("/admin/connect", "/admin/connect/by-hand", "/admin/guide/moodle", "/admin/guide/brightspace"):
        page.goto(school.tool + address)
        look(page)
    page.goto(f"{school.tool}/admin/connect")
    page.get_by_role("button", name="Make a registration link").click()
    look(page)
    page.goto(f"{school.tool}/lti/register")
    look(page)
