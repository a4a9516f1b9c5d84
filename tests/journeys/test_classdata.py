"""Class results: a pasted table hides its small group, guesses come before numbers, and the talk gets its meeting."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

SCREENS = pytest.mark.parametrize(
    "screen",
    [{"viewport": {"width": 360, "height": 740}}, {"color_scheme": "dark"}],
    ids=["360", "1280-dark"],
)
STEPS = ("Guess first", "Only facts", "Doubt the table", "Reasons", "Choose one to test", "Check date", "How did we do")
SAID = {
    "Guess first": "We think that all of them can",
    "Only facts": "One class of three is shown",
    "Doubt the table": "Nobody asked who was ill that day",
    "Reasons": "We never counted backwards",
}
PASTED = "Class\tPupils\tAverage\tPassed %\n{0}a\t28\t7,4\t82\n{0}b\t12\t6,1\t50\n{0}c\t4\t5\t25\n"


def keep(page):
    """Other tables of today have as many pupils: whoever asks for it is told that these are others."""
    if page.get_by_label("These are other pupils").count():
        page.get_by_label("These are other pupils").check()
    page.get_by_role("button", name="Keep this table").click()


@SCREENS
def test_s3_4_of_groups_of_28_12_and_4_two_are_hidden_and_the_conversation_starts(
    browser, come_in, own_window, flaws, school, screen
):
    brings = own_window(come_in(browser(**screen).new_page(), school.student))
    sees = own_window(come_in(browser(**screen).new_page(), school.teacher))
    home, grade = brings.url.split("?")[0].rstrip("/"), f"{len(screen.get('viewport', ''))}"
    question = f"Who can take a text apart in {grade}?"

    def look(page):
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        assert (page.url, flaws(page)) == (page.url, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]

    brings.goto(f"{home}/class-results")
    look(brings)
    brings.get_by_role("link", name="Bring class results").first.click()
    brings.get_by_label("What should the table help with?").fill(question)
    brings.get_by_label("The table", exact=True).fill("Name\tPoints\nAna Kovac\t7\nIvo Maric\t5")
    brings.get_by_role("button", name="Look at it").click()
    expect(brings.get_by_text("looks as if it said who the pupils are").first).to_be_visible()
    look(brings)
    brings.get_by_label("The table", exact=True).fill(PASTED.format(grade))
    brings.get_by_role("button", name="Look at it").click()
    expect(brings.get_by_label("Passed %")).to_have_value("percent")
    look(brings)
    keep(brings)

    expect(brings.get_by_role("heading", level=1)).to_have_text(question)
    rows = brings.locator(".totals-table tr")
    expect(rows.filter(has_text=f"{grade}a")).to_contain_text("28")
    for name in "bc":
        expect(rows.filter(has_text=f"{grade}{name}").get_by_text("hidden")).to_have_count(3)
    expect(brings.get_by_text("So is how many pupils there are altogether.")).to_be_visible()
    expect(brings.get_by_text("12", exact=True)).to_have_count(0)
    look(brings)
    brings.get_by_role("button", name="Begin the conversation").click()
    talk = brings.url.partition("?")[0].rpartition("/")[2]
    expect(brings.get_by_role("button", name="Now look")).to_be_visible()
    look(brings)

    there = sees.url.split("/communities/")[0]
    sees.goto(f"{there}/class-conversations/{talk}")
    expect(sees.get_by_text("7.4")).to_have_count(0)
    look(sees)
    sees.get_by_label("What do you expect to see, and why?").fill("b is behind: they had no teacher for a month.")
    sees.get_by_role("button", name="Say it").click()
    expect(sees.get_by_text("7.4").first).to_be_visible()
    brings.get_by_role("button", name="Now look").click()
    expect(brings.get_by_text("no teacher for a month")).to_be_visible()
    brings.get_by_label("One thing the table shows").fill("Four in five of the shown class passed.")
    brings.locator("form", has=brings.get_by_label("One thing the table shows")).get_by_role("button").click()
    expect(brings.get_by_text("Four in five")).to_be_visible()
    brings.get_by_label("Which reason do we test, and how?").fill("Two weeks of silent reading.")
    brings.get_by_role("button", name="We decide this").click()
    expect(brings.get_by_role("link", name="Agree who does what")).to_be_visible()
    look(brings)

    sees.goto(f"{there}/class-conversations/{talk}")
    sees.goto(f"{home.replace(home.split('/communities/')[0], there)}/class-results")
    sees.get_by_role("link", name=question, exact=True).click()
    look(sees)


def test_s3_4_what_is_said_by_the_protocol_in_the_next_meeting_stands_in_the_conversation(
    browser, come_in, own_window, flaws, school
):
    window = own_window(come_in(browser().new_page(), school.student))
    home = window.url.split("?")[0].rstrip("/")
    window.goto(f"{home}/meetings/new")
    window.get_by_label("What is it called?").fill("Who can count on?")
    window.get_by_label("Day").first.fill(school.house.today().isoformat())
    window.get_by_label("From").first.fill("08:00")
    window.get_by_label("Until").first.fill("23:50")
    window.get_by_role("button", name="Plan it").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Who can count on?")
    window.goto(f"{home}/class-results/new")
    window.get_by_label("What should the table help with?").fill("Who counts on, and who counts anew?")
    window.get_by_label("The table", exact=True).fill("Class\tPupils\tAverage\n1x\t28\t7\n1y\t12\t6\n1z\t4\t5")
    window.get_by_role("button", name="Look at it").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("What is in this table?")
    keep(window)
    window.get_by_role("button", name="Begin the conversation").click()
    talk = window.url.partition("?")[0]
    window.get_by_role("button", name="Talk about it in the next meeting").click()
    window.wait_for_url("**/meetings/**")
    expect(window.get_by_text("Who counts on, and who counts anew?").first).to_be_visible()
    window.get_by_role("link", name="Facts before reasons").first.wait_for()
    meeting = window.url.partition("?")[0].partition("#")[0]
    window.goto(f"{meeting}/run")
    expect(window.get_by_role("heading", level=2, name="Facts before reasons")).to_be_visible()
    window.get_by_role("button", name="Begin with this").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Facts before reasons")
    window.get_by_role("button", name="Start").click()
    expect(window.locator("#now")).to_contain_text("Question and privacy check")
    for step in STEPS:
        window.get_by_role("button", name="Next step").click()
        expect(window.locator("#now")).to_contain_text(step)
        if step in SAID:
            window.get_by_label("Your words").fill(SAID[step])
            window.locator("#write").get_by_role("button", name="Write it down").click()
            expect(window.get_by_text(SAID[step])).to_be_visible()
    window.get_by_role("button", name="End the meeting", exact=True).click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Who can count on?")
    colleague = own_window(come_in(browser(viewport={"width": 360, "height": 740}).new_page(), school.teacher))
    colleague.goto(re.sub(r"/s/[^/]+", re.search(r"/s/[^/]+", colleague.url)[0], talk))
    expect(colleague.get_by_role("link", name="Who can count on?").first).to_be_visible()
    expect(colleague.get_by_text(SAID["Only facts"])).to_have_count(0)
    window.goto(talk)
    for words in SAID.values():
        expect(window.get_by_text(words)).to_be_visible()
    expect(window.get_by_text("Nobody guessed")).to_have_count(0)
    window.get_by_role("button", name="Now look").click()
    colleague.reload()
    for words in SAID.values():
        expect(colleague.get_by_text(words)).to_be_visible()
    assert flaws(colleague) == []
    assert colleague.evaluate("document.documentElement.scrollWidth") <= 360
