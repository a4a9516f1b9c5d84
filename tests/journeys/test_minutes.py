"""Minutes on a phone: written by one, found wrong and then right by another; read in one's own language."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from .test_every_page import ARABIC, LONG
from .test_every_page import looked_at as looked_at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

PHONE = {"width": 360, "height": 740}


def held_yesterday(frame: Frame | Page, school: Any, title: str) -> None:
    frame.get_by_role("link", name="Meetings", exact=True).click()
    frame.get_by_role("link", name="Plan a meeting").first.click()
    frame.get_by_label("What is it called?").fill(title)
    frame.get_by_label("Day").fill(f"{school.clock() - timedelta(days=1):%Y-%m-%d}")
    frame.get_by_label("From").fill("14:00")
    frame.get_by_label("Until").fill("15:15")
    frame.get_by_role("button", name="Plan it").click()
    frame.get_by_role("button", name="Yes, it was held").click()


def were_there(frame: Frame | Page, *names: str) -> None:
    frame.get_by_role("link", name="Attendance list").click()
    for name in names:
        frame.get_by_role("group", name=name).get_by_role("radio", name="here").check()
    frame.get_by_role("button", name="Save", exact=True).click()
    frame.get_by_role("link", name="Back to the meeting").click()


def write(frame: Frame | Page, words: str) -> None:
    frame.get_by_role("textbox", name="Minutes").fill(words)
    frame.get_by_role("button", name="Save").click()
    frame.get_by_role("heading", name="What was said").wait_for()


def test_minutes_are_written_by_one_mended_and_approved_by_two(
    browser: Callable[..., Any], come_in: Any, own_window: Any, school: Any
) -> None:
    writer = own_window(come_in(browser(viewport=PHONE).new_page(), school.student))
    held_yesterday(writer, school, "What we found")
    were_there(writer, school.student.name, school.teacher.name)
    writer.get_by_role("link", name="Write the minutes").first.click()
    write(writer, "We looked at **three** tasks on Friday.\n\n- they ask more\n- we wait longer")
    writer.get_by_text("Write down a decision").click()
    writer.get_by_label("What was decided?").fill("Nobody calls on anybody before a minute is over")
    writer.get_by_role("button", name="Write it down").first.click()
    writer.get_by_role("button", name="The school may know").click()
    expect(writer.get_by_role("link", name="Tell the school")).to_be_visible()
    writer.get_by_text("Write down an action").click()
    writer.get_by_label("What is to be done?").fill("Try it in 6a")
    writer.get_by_label("Who does it?").select_option(label=school.teacher.name)
    writer.get_by_role("button", name="Write it down").last.click()
    writer.get_by_role("button", name="I have read them: right").click()
    expect(writer.get_by_text("Somebody besides who wrote them has to read them.")).to_be_visible()

    reader = own_window(come_in(browser(viewport=PHONE).new_page(), school.teacher))
    reader.get_by_role("link", name="Minutes to read").click()
    expect(reader.get_by_text("2 people were there")).to_be_visible()
    reader.get_by_text("Something is not right").click()
    reader.get_by_label("What is not right?").fill("It was on Saturday.")
    reader.get_by_role("button", name="Say so").click()

    writer.reload()
    expect(writer.get_by_text("It was on Saturday.")).to_be_visible()
    writer.get_by_role("link", name="Mend the minutes").click()
    write(writer, "We looked at **three** tasks on Saturday.\n\n- they ask more\n- we wait longer")
    writer.get_by_role("button", name="I have read them: right").click()

    reader.reload()
    reader.get_by_role("button", name="I have read them: right").click()
    expect(reader.get_by_role("heading", name="These minutes are approved")).to_be_visible()
    writer.get_by_role("link", name="To the meeting").click()
    expect(writer.get_by_text("held, minutes agreed")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_minutes_are_written_in_a_second_language_with_the_original_beside_it(
    browser: Callable[..., Any], come_in: Any, own_window: Any, school: Any, width: int
) -> None:
    writer = own_window(come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.student))
    held_yesterday(writer, school, f"In two languages at {width}")
    writer.get_by_role("link", name="Write the minutes").first.click()
    write(writer, "We agreed to visit each other.")
    writer.get_by_text("Write them in another language").click()
    writer.get_by_role("link", name="Македонски").click()
    writer.wait_for_load_state()
    original = writer.get_by_role("heading", name="The original: English").bounding_box()
    area = writer.get_by_role("textbox", name="Minutes in Македонски")
    box = area.bounding_box()
    assert original is not None
    assert box is not None
    assert (box["x"] > original["x"] + 200) is (width == 1280), "beside it where there is room, else below"
    area.fill("Се договоривме да се посетуваме.")
    writer.get_by_role("button", name="Save").click()
    page = writer.url.partition("?")[0]
    writer.goto(f"{page}/write")
    write(writer, "We agreed to visit each other twice.")

    reader = come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.macedonian)
    seat = reader.url.partition("/communities/")[0]
    reader.goto(seat + page[page.index("/meetings/") :])
    expect(reader.get_by_text("Се договоривме да се посетуваме.")).to_be_visible()
    expect(reader.get_by_text("We agreed to visit each other twice.")).to_be_hidden()
    reader.locator("summary", has_text="English").click()
    expect(reader.get_by_text("We agreed to visit each other twice.")).to_be_visible()
    reader.locator("summary").first.click()
    expect(reader.locator("ins", has_text="twice")).to_be_visible()


def test_every_page_of_minutes_is_readable_for_everybody(
    looked_at: Any, come_in: Any, own_window: Any, school: Any
) -> None:
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.student))
    held_yesterday(page, school, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
    page.get_by_role("link", name="Write the minutes").first.click()
    look(page)
    write(page, LONG)
    page.get_by_text("Write down a decision").click()
    page.get_by_label("What was decided?").fill(ARABIC)
    page.get_by_role("button", name="Write it down").first.click()
    page.get_by_role("button", name="The school may know").click()
    page.get_by_text("Write down an action").click()
    page.get_by_text("Write down a decision").click()
    page.get_by_text("Something is not right").click()
    look(page)
    page.get_by_label("What is not right?").fill(ARABIC)
    page.get_by_role("button", name="Say so").click()
    page.get_by_text("Write them in another language").click()
    look(page)
    minutes = page.url.partition("#")[0]
    for path in ("/print", "/in/mk", "/write"):
        page.goto(minutes + path)
        look(page)
