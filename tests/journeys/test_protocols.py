"""Conversation protocols: a teacher finds the one that helps, takes it into a meeting, and makes it the group's own."""

import re
from typing import Any

import pytest
from playwright.sync_api import Frame, expect

from lms_plc.cycles.content import shipped as cycles
from lms_plc.cycles.queries import TEACHER_LED
from lms_plc.protocols.content import shipped

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

NARROW = {"viewport": {"width": 360, "height": 740}}
SIZES = pytest.mark.parametrize("screen", [NARROW, {}], ids=["360", "1280"])


def to_the_protocols(frame: Frame) -> None:
    frame.get_by_role("link", name="Meetings", exact=True).click()
    frame.get_by_role("link", name="Conversation protocols").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Conversation protocols")


def open_protocol(frame: Frame, name: str) -> None:
    frame.locator(".rows").get_by_role("link", name=name, exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(name)


@SIZES
def test_s1_5_a_teacher_without_a_mentor_finds_the_conversation_for_each_step_of_a_project(
    browser, come_in, school, screen
):
    frame = come_in(browser(**screen).new_page(), school.student)
    for step in cycles()[TEACHER_LED].content.stages:
        for key in step.protocols:
            to_the_protocols(frame)
            open_protocol(frame, shipped()[key].content.name)
            expect(frame.get_by_text("Fits these steps of a development project")).to_contain_text(step.name)
    to_the_protocols(frame)
    frame.locator("summary", has_text="Which one fits?").click()
    frame.get_by_label("What is it for?").select_option(label="action plans are drafted")
    frame.get_by_label("How many minutes?").fill("60")
    frame.get_by_role("button", name="Show").click()
    open_protocol(frame, "Plan and people")
    frame.get_by_role("link", name="Plan a meeting with it").click()
    title = f"Our plans {len(screen)}"
    frame.get_by_label("What is it called?").fill(title)
    frame.locator("#f-day").fill("2031-03-04")
    frame.locator("#f-starts").fill("14:00")
    frame.locator("#f-ends").fill("15:15")
    frame.get_by_role("button", name="Plan it").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(title)
    frame.get_by_role("link", name="Plan and people").first.click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Plan and people")


@SIZES
def test_a_protocol_is_adapted_without_a_script_and_shows_what_was_changed(
    browser, come_in, own_window, flaws, school, screen
):
    context = browser(**screen)
    window = own_window(come_in(context.new_page(), school.student))
    address, state = window.url, context.storage_state()
    plain = browser(**screen, java_script_enabled=False, storage_state=state)
    page = plain.new_page()
    page.goto(address)
    to_the_protocols(page.main_frame)
    open_protocol(page.main_frame, "Useful flop")
    page.get_by_role("link", name="Adapt it").click()
    name = f"Our flops {len(screen)}"
    page.get_by_label("What it is called").first.fill(name)

    def step(words: str) -> Any:
        return page.locator("details.card", has_text=words)

    step("Clear up").locator("summary").click()
    step("Clear up").get_by_role("button", name="Take it out").click()
    expect(page.get_by_role("heading", name="Steps: 31 minutes")).to_be_visible()
    step("Close").locator("summary").click()
    step("Close").get_by_role("button", name="Add a step after this one").click()
    new = page.locator("#step-7")
    expect(new).to_have_attribute("open", "")
    new.get_by_label("What it is called").fill("Cake")
    new.get_by_label("Minutes").fill("0")
    new.get_by_label("Who speaks").fill("everyone")
    new.get_by_label("What to do").fill("Eat it together.")
    new.get_by_role("button", name="Up").click()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Step 6, How many minutes")
    page.locator("#step-6").get_by_label("Minutes").fill("9")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.locator("summary", has_text="What was changed").click()
    expect(page.get_by_text("Eat it together.").first).to_be_visible()
    expect(page.get_by_text("Adapted from Useful flop, version 1")).to_be_visible()

    seat, key = page.url.partition("/communities")[0], page.url.rpartition("/")[2]
    home = page.url.partition("/protocols")[0]
    found = f"{home}/protocols?minutes=40&when=a+member+is+stuck"
    edit = f"{seat}/protocols/{key}/edit"
    for path in (page.url, f"{page.url}/print", edit, f"{seat}/protocols/{key}/history", f"{home}/protocols", found):
        window.goto(path)
        window.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert (path, flaws(window)) == (path, [])
        assert window.evaluate("document.documentElement.scrollWidth") <= window.viewport_size["width"]

    window.goto(edit)
    page.goto(edit)
    window.get_by_label("What it is for").fill("To laugh about it.")
    window.get_by_role("button", name="Save").first.click()
    page.get_by_label("What it is for").fill("To learn from it.")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("heading", name="What is different")).to_be_visible()
    expect(page.locator(".apart")).to_contain_text("To laugh about it.")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("To learn from it.").first).to_be_visible()


def test_every_shipped_protocol_is_one_sheet_of_paper(browser, come_in, own_window, school):
    window = own_window(come_in(browser().new_page(), school.student))
    home = window.url.split("?")[0].rstrip("/")
    for key in shipped():
        window.goto(f"{home}/protocols/{key}/print")
        paper = window.pdf(format="A4", prefer_css_page_size=True)
        assert (key, len(re.findall(rb"/Type /Page\b", paper))) == (key, 1)
