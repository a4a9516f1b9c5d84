"""From a reflection to what has changed: a concluded project is drawn, and what is missing is shown as gaps (S3-13)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from .conftest import VELES
from .test_every_page import looked_at as looked_at
from .test_journal import path_of
from .test_runs import shoot

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def concluded(page: Any, title: str) -> str:
    """A project that began with a page of a notebook and is concluded, by buttons that are offered there: a reflection,
    a concern, a change; and nothing that shows it. Answers its address."""
    page.goto(path_of(page, "/journal/new"))
    page.get_by_label("Your words").fill("Nobody asked anything today.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Make a concern of it").click()
    page.get_by_label("What do you worry about?").fill("The same four pupils ask all the questions")
    if page.locator("input[name=community_id][type=radio]").count():
        page.get_by_label("Велес").check()
    page.get_by_role("button", name="Keep this concern").click()
    page.get_by_role("link", name="Begin a project with it").click()
    page.get_by_label("What is it about?").fill(title)
    page.get_by_role("radio", name=re.compile("^Reflect, improve, repeat")).check()
    page.get_by_role("button", name="Begin", exact=True).click()
    page.get_by_role("heading", name="To think about").wait_for()
    project = re.findall(r"/projects/([0-9a-f-]{36})", page.url)[0]
    page.goto(path_of(page, f"/projects/{project}"))
    page.get_by_role("link", name="Open it to your community").click()
    page.get_by_role("button", name="Open it to my community").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_text("What can grow from it", exact=True).click()
    page.get_by_role("link", name="What I do differently").click()
    page.get_by_label("What do you do differently?").fill("I wait a whole minute before I call on anybody")
    page.get_by_role("button", name="I do it").click()
    page.get_by_role("heading", level=1, name="I wait a whole minute").wait_for()
    page.goto(path_of(page, f"/projects/{project}"))
    page.get_by_text("Change, rest or end it", exact=True).click()
    page.get_by_role("link", name="Conclude or leave it").click()
    page.get_by_role("radio", name="We keep it", exact=True).check()
    page.get_by_label("What have you learned?").fill("Waiting helps.")
    page.get_by_role("button", name="Conclude it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return str(project)


@pytest.mark.parametrize("width", [360, 1280])
def test_s3_13_a_concluded_project_is_drawn_and_what_is_missing_is_a_gap(width, browser, come_in, school, own_window):
    options = {"viewport": {"width": width, "height": 800}}
    page = own_window(come_in(browser(**options).new_page(), school.student))
    project = concluded(page, f"Who asks, and who waits {width}")
    page.get_by_role("link", name="What led to what").click()
    expect(page.get_by_role("heading", name="What is missing")).to_be_visible()
    expect(page.locator(".chain-box.ghost")).to_have_count(2)
    expect(page.get_by_text("Nothing is kept yet that shows it.")).to_be_visible()
    expect(page.get_by_text("No reflection yet")).to_have_count(0)
    expect(page.locator(".chain-list")).to_have_count(4)
    drawn = page.url
    shoot(page, f"chain-{width}-gaps")

    page.locator(".chain-list").last.get_by_role("link", name="I wait a whole minute before").last.click()
    page.get_by_role("link", name="Keep what shows it").click()
    page.get_by_label("What is it?").select_option("What I saw or heard")
    page.get_by_label("In a few words").fill("A tally: 4 questions in May, 11 in June")
    page.get_by_label("What does it show?").fill("More pupils ask than before")
    page.get_by_label("What does it not show?").fill("Whether the questions are better")
    page.get_by_role("radio", name="My community").check()
    shoot(page, f"evidence-{width}-form")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Say what has changed").click()
    page.get_by_role("radio", name="In what pupils do or can").check()
    page.locator("#f-text").fill("Eleven pupils ask where four did")
    page.get_by_role("textbox", name="Before").fill("4 of 23")
    page.get_by_role("textbox", name="Now").fill("11 of 23")
    page.get_by_label("Of how many?").fill("23")
    page.get_by_role("radio", name="Numbers before and after").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is shown by")).to_be_visible()
    shoot(page, f"outcome-{width}")

    page.goto(drawn)
    expect(page.get_by_text("The whole chain is there")).to_be_visible()
    expect(page.locator(".chain-box.ghost")).to_have_count(0)
    expect(page.locator("html")).to_have_js_property("scrollWidth", width)
    shoot(page, f"chain-{width}-whole")

    other = own_window(come_in(browser(**options).new_page(), school.teacher))
    other.goto(path_of(other, f"/graph/inquiry/{project}"))
    expect(other.get_by_text("The whole chain is there")).to_be_visible()
    expect(other.locator(".chain-box.shut")).to_have_count(2)
    for closed in ("Nobody asked anything", "The same four pupils"):
        expect(other.locator("main")).not_to_contain_text(closed)


def test_every_page_of_evidence_is_readable_for_everybody(looked_at, browser, come_in, own_window, school):
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.student))
    project = concluded(page, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau")
    home = path_of(page, f"/communities/{school.communities[VELES]}")
    page.goto(path_of(page, f"/graph/inquiry/{project}"))
    look(page)
    page.get_by_role("link", name="Link it to something").click()
    look(page)
    page.goto(f"{home}/evidence/new?from_kind=inquiry&from={project}")
    look(page)
    page.locator("main form").evaluate("form => (form.noValidate = true)")
    page.get_by_label("What is it?").select_option("A photo")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    look(page)
    page.get_by_label("In a few words").fill("x" * 90 + " the board after the lesson")
    page.get_by_role("radio", name="Yes: a face").check()
    page.get_by_role("radio", name="Not yet").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("only you see it").first).to_be_visible()
    look(page)
    shoot(page, "evidence-320-blocked")
    page.get_by_role("link", name="Take it away").click()
    look(page)
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Change", exact=True).click()
    look(page)
    page.goto(f"{home}/outcomes/new?from_kind=inquiry&from={project}")
    look(page)
    page.get_by_role("radio", name="In me").check()
    page.locator("#f-text").fill("I wait")
    page.get_by_role("radio", name="Two of us saw it").check()
    page.get_by_role("button", name="Save").click()
    look(page)
    outcome = page.url.rpartition("/thoughts/")[2]
    other = own_window(come_in(browser(viewport={"width": 360, "height": 740}).new_page(), school.teacher))
    other.goto(path_of(other, f"/thoughts/{outcome}"))
    other.get_by_text("Ask a question").click()
    shoot(other, "outcome-360-asking")
    other.get_by_label("Your question").fill("Was it the weather?")
    other.get_by_role("button", name="Ask", exact=True).click()
    expect(other.get_by_text("Was it the weather?")).to_be_visible()
    page.reload()
    look(page)
