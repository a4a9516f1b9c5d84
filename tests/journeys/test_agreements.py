"""Agreeing: a goal stands when nobody says "not yet" any more, and how a community began is asked when it begins."""

import pytest
from playwright.sync_api import Frame, expect

from .test_every_page import looked_at as looked_at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def propose_goal(frame: Frame, words: str) -> None:
    frame.get_by_role("link", name="Agreements", exact=True).click()
    frame.get_by_role("link", name="Propose a goal").click()
    frame.get_by_label("Your proposal").fill(words)
    frame.get_by_role("button", name="Propose it").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("A goal")


def answer(frame: Frame, stand: str, words: str = "") -> None:
    frame.get_by_role("radio", name=stand, exact=True).check()
    frame.get_by_label("Your worry, or what has to change first").fill(words)
    frame.get_by_role("button", name="nswer").first.click()
    frame.get_by_role("heading", name="What was said to it").wait_for()


def begun(browser, come_in, school) -> Frame:
    """In Zenica, where three are: its teacher opens the community and says how it began."""
    teacher = come_in(browser(viewport={"width": 360, "height": 740}).new_page(), school.teacher, school.zenica)
    if teacher.get_by_role("button", name="Open the community").count():
        teacher.get_by_text("Say how it begins").click()
        teacher.get_by_role("radio", name="From our own need").check()
        teacher.get_by_label("By whom?").fill("Two of us")
        teacher.get_by_role("button", name="Open the community").click()
        teacher.get_by_role("link", name="Agreements", exact=True).wait_for()
    else:  # another journey has opened it, and not said so
        teacher.get_by_role("link", name="Agreements", exact=True).click()
        teacher.get_by_role("link", name="Say how we began").or_(teacher.get_by_text("Two of us")).wait_for()
        if teacher.get_by_role("link", name="Say how we began").count():
            teacher.get_by_role("link", name="Say how we began").click()
            teacher.get_by_role("radio", name="From our own need").check()
            teacher.get_by_label("By whom?").fill("Two of us")
            teacher.get_by_role("button", name="Save").click()
    return teacher


def test_s2_5_how_a_community_was_founded_is_asked_when_it_is_opened_and_shown(browser, come_in, school):
    """S2-5: by mandate, by project or from own need, and by whom."""
    teacher = begun(browser, come_in, school)
    teacher.get_by_role("link", name="Agreements", exact=True).click()
    expect(teacher.get_by_text("From our own need")).to_be_visible()
    expect(teacher.get_by_text("Two of us")).to_be_visible()


def test_s2_2_a_goal_is_adopted_when_no_not_yet_is_open(browser, come_in, school):
    """S2-2: yes, yes with a worry, not yet."""
    teacher = begun(browser, come_in, school)
    propose_goal(teacher, "We visit each other once a month")
    propose_goal(teacher, "We try exit tickets in two classes")
    expect(teacher.get_by_text("Nobody holds it back")).to_have_count(0)
    student = come_in(browser().new_page(), school.student, school.zenica)
    student.get_by_role("link", name="Agreements", exact=True).click()
    student.get_by_role("link", name="Read and answer").last.click()
    answer(student, "Not yet", "Who takes my class meanwhile?")
    teacher.get_by_role("link", name="Back to our agreements").click()
    teacher.get_by_role("link", name="Read and answer").last.click()
    answer(teacher, "Yes")
    expect(teacher.get_by_text("One says “not yet”")).to_be_visible()
    expect(teacher.get_by_role("button", name="Adopt it")).to_have_count(0)
    answer(student, "Yes, with a worry", "If somebody takes my class.")
    student.get_by_role("button", name="Adopt it").click()
    student.get_by_role("link", name="Back to our agreements").click()
    goals = student.locator("#goals + ul")
    expect(goals).to_contain_text("We visit each other once a month")
    expect(goals).to_contain_text("If somebody takes my class.")
    expect(goals).not_to_contain_text("exit tickets")


def test_every_page_of_the_agreements_is_readable_for_everybody(looked_at, come_in, own_window, school):
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.student))
    home = page.url
    for room in ("/charter", "/charter/edit", "/charter/history", "/propose", "/proposals", "/founding"):
        page.goto(home + room)
        look(page)
    page.goto(home + "/propose")
    page.get_by_label("Your proposal").fill("Everybody sees one lesson of a colleague before winter comes")
    page.get_by_role("button", name="Propose it").click()
    look(page)
    page.get_by_role("radio", name="Yes, with a worry").check()
    page.locator("main form").last.evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("alert").wait_for()
    look(page)
    page.get_by_label("Your worry, or what has to change first").fill("Time")
    page.get_by_role("button", name="Answer").click()
    look(page)
    page.get_by_role("link", name="Back to our agreements").click()
    look(page)
