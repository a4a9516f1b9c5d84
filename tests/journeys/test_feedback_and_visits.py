"""Colleagues look at each other's work and into each other's lessons. They give words, and nowhere a mark."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from .conftest import School
from .test_every_page import looked_at as looked_at
from .test_inquiry import begin
from .test_runs import shoot

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

JUDGING = re.compile(r"scor|rating|\brate|grade|\bmark|points?\b|level|stars?\b|percent|rubric|rank", re.IGNORECASE)
FIELDS = """page => [...document.querySelectorAll('main :is(input, select, textarea, button, meter, progress)')]
    .filter(one => one.type !== 'hidden')
    .map(one => [one.type || one.localName, one.name, [...(one.labels || [])].map(l => l.innerText).join(' ')])"""
SORT_OF_VISIT, LENGTH_OF_VISIT = "kind", "minutes"

QUESTION = "What would a shy pupil do with this page?"
OWN_TEXT = "Task 1. Guess first, alone.\nTask 2. Then say it to one other."
FOCUS = "Who speaks in group work, and who never does?"


def without_a_score(frame: Frame | Page) -> None:
    """No field of this page takes a number or a judgement: words, colleagues, a day, and a sort of visit."""
    frame.get_by_role("heading", level=1).wait_for()
    for kind, name, label in frame.evaluate(FIELDS):
        assert kind not in ("number", "range", "meter", "progress"), (frame.url, kind, name)
        assert not JUDGING.search(f"{name} {label}"), (frame.url, name, label)
        assert kind != "radio" or name == SORT_OF_VISIT, (frame.url, name)
        assert kind != "select-one" or name in (LENGTH_OF_VISIT, "host_id", "person_id"), (frame.url, name)
    assert frame.locator("[role=slider], [role=spinbutton], [role=meter]").count() == 0


def at_own_seat(frame: Frame | Page, address: str) -> str:
    """The same page, for whoever is in ``frame``."""
    seat = re.search(r"^.*?/s/[^/]+", frame.url)
    assert seat is not None
    return re.sub(r"^.*?/s/[^/]+", seat[0], address.partition("#")[0])


def go(frame: Frame | Page, address: str) -> None:
    frame.goto(at_own_seat(frame, address))
    without_a_score(frame)


def ask(frame: Frame | Page, question: str, name: str, text: str = "") -> str:
    """On the form; answers the question's address."""
    without_a_score(frame)
    frame.get_by_label("What do you want to know?").fill(question)
    if text:
        frame.get_by_label("What should they read?").fill(text)
    frame.get_by_role("checkbox", name=name).check()
    frame.get_by_role("button", name="Ask", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("My question")
    without_a_score(frame)
    return frame.url


def propose(frame: Frame | Page, whose: str, *others: str) -> str:
    """On the form; answers the visit's address."""
    without_a_score(frame)
    frame.get_by_label("Whose lesson?").select_option(label=whose)
    for name in others:
        frame.get_by_role("checkbox", name=name).check()
    frame.get_by_label("What should be looked at?").fill(FOCUS)
    frame.get_by_role("button", name="Propose it").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Visit to a lesson")
    without_a_score(frame)
    return frame.url


def note(frame: Frame | Page, sort: str, text: str, place: str = "") -> None:
    frame.get_by_label(re.compile("^Note")).fill(text)
    if place:
        frame.get_by_label("Where in the room?").fill(place)
    frame.get_by_role("button", name=sort, exact=True).click()
    expect(frame.locator(".observed").first).to_contain_text(text)
    without_a_score(frame)


@pytest.mark.parametrize("width", [360, 1280])
def test_s0_11_a_critical_friend_answers_in_words_about_a_project_and_about_a_text(
    browser: Callable[..., Any], come_in: Any, school: School, width: int
) -> None:
    """S0-11: asked from a project's page and from the room's; no field for a score in any page on the way."""
    size = {"viewport": {"width": width, "height": 800}}
    mine = come_in(browser(**size).new_page(), school.student)
    friend = come_in(browser(**size).new_page(), school.mentor)
    home = mine.url
    project = begin(mine, f"Shy pupils write first, {width}")
    mine.goto(f"{project}/open")
    mine.get_by_role("button", name="Open it to my community").click()
    mine.get_by_text("What can grow from it").click()
    mine.get_by_role("link", name="Ask for feedback").click()
    question = f"{QUESTION} ({width})"
    asked = ask(mine, question, school.mentor.name)
    expect(mine.get_by_text("Nobody has answered yet.")).to_be_visible()

    friend.goto(friend.url)
    waits = friend.get_by_role("listitem").filter(has_text=question)
    waits.get_by_role("link", name="Look at it").click()
    expect(friend.get_by_role("heading", name=question)).to_be_visible()
    without_a_score(friend)
    expect(friend.get_by_role("link", name=f"Shy pupils write first, {width}")).to_be_visible()
    friend.get_by_label("What I saw").fill("They have a minute of silence before anybody speaks.")
    friend.get_by_label("What I would ask").fill("Who still waits for the others?")
    friend.get_by_role("button", name="Send", exact=True).click()
    expect(friend.get_by_text("You may change it until")).to_be_visible()
    without_a_score(friend)

    mine.goto(asked)
    expect(mine.get_by_text("Who still waits for the others?")).to_be_visible()
    expect(mine.get_by_role("link", name="Try something because of it")).to_be_visible()
    without_a_score(mine)
    mine.get_by_role("button", name="Thank them and close").click()
    expect(mine.get_by_text("closed", exact=True)).to_be_visible()
    go(friend, asked)
    expect(friend.get_by_text("thanks you")).to_be_visible()
    expect(friend.get_by_text("Who still waits for the others?")).to_be_visible()

    go(mine, f"{home}/projects")
    mine.get_by_role("link", name="Feedback", exact=True).click()
    without_a_score(mine)
    mine.get_by_role("link", name="Ask for feedback").first.click()
    pasted = ask(mine, "Which task comes first?", school.mentor.name, OWN_TEXT)
    go(friend, pasted)
    expect(friend.get_by_text("Task 1. Guess first, alone.")).to_be_visible()
    friend.get_by_label("What you might try").fill("Let them draw it.")
    friend.get_by_role("button", name="Send", exact=True).click()
    expect(friend.get_by_text("You may change it until")).to_be_visible()
    mine.goto(pasted)
    expect(mine.get_by_text("Let them draw it.")).to_be_visible()
    other = come_in(browser(**size).new_page(), school.teacher)
    answer = other.page.request.get(at_own_seat(other, pasted))
    assert answer.status in (401, 404), "who was not asked reads nothing"
    assert "Let them draw it." not in answer.text()


@pytest.mark.parametrize("width", [360, 1280])
def test_s0_11_a_colleague_comes_into_a_lesson_and_nobody_gives_a_mark(
    browser: Callable[..., Any], come_in: Any, school: School, width: int
) -> None:
    """S0-11: proposed, agreed, noted as seen, heard and guessed, talked over, taken along, opened by the host."""
    size = {"viewport": {"width": width, "height": 800}}
    visitor = come_in(browser(**size).new_page(), school.student)
    host = come_in(browser(**size).new_page(), school.mentor)
    home = visitor.url
    go(visitor, f"{home}/projects")
    visitor.get_by_role("link", name="Visits", exact=True).click()
    without_a_score(visitor)
    visitor.get_by_role("link", name="Propose a visit").first.click()
    visit = propose(visitor, school.mentor.name)
    expect(visitor.get_by_text("the host has not answered yet")).to_be_visible()

    go(host, visit)
    host.get_by_role("button", name="Yes, come").click()
    expect(host.get_by_text("the host agrees")).to_be_visible()
    without_a_score(host)
    starts = school.clock() + timedelta(days=1)
    go(visitor, visit)
    visitor.get_by_label("Day").fill(f"{starts:%Y-%m-%d}")
    visitor.get_by_label("From").fill("09:40")
    visitor.get_by_label("Where?").fill("Room 12")
    visitor.get_by_role("button", name="Plan it").click()
    expect(visitor.get_by_text("planned", exact=True)).to_be_visible()
    without_a_score(visitor)

    visitor.get_by_role("link", name="In the lesson").click()
    without_a_score(visitor)
    note(visitor, "Seen", "Four hands go up, always the same four.", "by the window")
    note(visitor, "Heard", "“May I say it in Albanian?”")
    note(visitor, "My guess", "Could it be that they wait for the strong ones?")
    expect(visitor.get_by_label("Where in the room?")).to_have_value("by the window")
    go(host, f"{visit}/talk")
    expect(host.locator(".observed")).to_have_count(0)
    go(visitor, f"{visit}/talk")
    visitor.get_by_role("button", name="Begin the talk").click()
    expect(visitor.get_by_label("What we take along")).to_be_visible()
    expect(visitor.locator(".observed")).to_have_count(3)

    go(host, visit)
    host.get_by_role("link", name="The talk afterwards").click()
    expect(host.locator(".observed.is-guess")).to_have_count(1)
    without_a_score(host)
    expect(host.get_by_role("link", name="Talk by a protocol, in a meeting")).to_be_visible()
    host.get_by_label("What we take along").fill("Write first, then speak.")
    host.get_by_role("button", name="Save", exact=True).click()
    expect(host.get_by_role("heading", name="What we take along")).to_be_visible()
    without_a_score(host)
    colleague = come_in(browser(**size).new_page(), school.teacher)
    assert colleague.page.request.get(at_own_seat(colleague, visit)).status in (401, 404)
    host.get_by_role("button", name="Let the community read it").click()
    expect(host.get_by_role("button", name="Take it back")).to_be_visible()
    go(colleague, visit)
    expect(colleague.get_by_text("Write first, then speak.")).to_be_visible()
    expect(colleague.get_by_text("Four hands go up")).to_have_count(0)
    assert colleague.page.request.get(at_own_seat(colleague, f"{visit}/talk")).status in (401, 403, 404)


def test_every_page_of_feedback_and_visits_is_readable_for_everybody(
    looked_at: Any, browser: Any, come_in: Any, own_window: Any, school: School
) -> None:
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.teacher))
    other = come_in(browser().new_page(), school.mentor)
    home = page.url

    def seen(address: str, name: str = "") -> None:
        page.goto(address)
        look(page)
        if name:
            shoot(page, name)

    seen(f"{home}/feedback", "feedback-none")
    seen(f"{home}/feedback/new", "feedback-form")
    page.locator("main form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("alert").wait_for()
    look(page)
    shoot(page, "feedback-form-wrong")
    long = "Нобелова награда за Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte"
    page.goto(f"{home}/feedback/new")
    asked = ask(page, f"{long}?", school.mentor.name, OWN_TEXT)
    look(page)
    shoot(page, "feedback-asked")
    other.goto(at_own_seat(other, asked))
    other.get_by_label("What I saw").fill(f"{long}\n\nجرّبت ذلك في صفي اليوم")
    other.get_by_label("What you might try").fill("Let them draw it.")
    other.get_by_role("button", name="Send", exact=True).click()
    other.get_by_text("You may change it until").wait_for()
    seen(asked, "feedback-answered")
    page.get_by_role("button", name="Thank them and close").click()
    page.get_by_text("closed", exact=True).wait_for()
    seen(f"{home}/feedback", "feedback-list")

    other.goto(f"{at_own_seat(other, home)}/feedback/new")
    to_me = ask(other, "What is missing?", school.teacher.name)
    seen(at_own_seat(page, to_me), "feedback-to-answer")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("alert").wait_for()
    look(page)
    page.get_by_label("What I saw").fill("A table with no heads.")
    page.get_by_role("button", name="Send", exact=True).click()
    look(page)
    other.get_by_role("button", name="Thank them and close").click()
    other.get_by_text("closed", exact=True).wait_for()
    seen(at_own_seat(page, to_me), "feedback-thanked")

    seen(f"{home}/visits")
    seen(f"{home}/visits/new", "visit-form")
    page.locator("main form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Propose it").click()
    page.get_by_role("alert").wait_for()
    look(page)
    page.goto(f"{home}/visits/new")
    visit = propose(page, school.mentor.name)
    look(page)
    shoot(page, "visit-proposed")
    other.goto(f"{at_own_seat(other, home)}/visits/new")
    in_mine = propose(other, school.teacher.name)
    seen(at_own_seat(page, in_mine), "visit-to-agree")
    seen(home, "visit-home")
    other.goto(at_own_seat(other, visit))
    other.get_by_role("button", name="Yes, come").click()
    other.get_by_text("the host agrees").wait_for()
    page.goto(visit)
    page.get_by_label("Day").fill("2031-01-06")
    page.get_by_label("From").fill("09:40")
    page.get_by_label("Where?").fill(long)
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("link", name="In the lesson").wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    look(page)
    shoot(page, "visit-planned")
    seen(f"{visit}/sheet", "visit-sheet")
    seen(f"{visit}/notes", "visit-notes-none")
    note(page, "Seen", f"{long}. Four hands go up.", long)
    note(page, "Heard", "جرّبت ذلك في صفي اليوم")
    note(page, "My guess", "Could it be that they wait?")
    look(page)
    shoot(page, "visit-notes")
    seen(f"{visit}/talk", "visit-before-talk")
    page.get_by_role("button", name="Begin the talk").click()
    page.get_by_label("What we take along").wait_for()
    look(page)
    shoot(page, "visit-talk")
    page.get_by_label("What we take along").fill(f"{long}\nWrite first.")
    page.get_by_role("button", name="Save", exact=True).click()
    look(page)
    shoot(page, "visit-done")
    other.goto(at_own_seat(other, visit))
    other.get_by_role("button", name="Let the community read it").click()
    other.get_by_role("button", name="Take it back").wait_for()
    assert isinstance(other, Frame)
    look(other)
    seen(f"{home}/visits", "visits")
