"""A whole day without a mouse: Tab, Enter, Space and arrows are enough, and it is always to be seen where one is."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from .test_library import save, write_card

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

FOCUSED = """() => {
    const one = document.activeElement;
    if (one === document.body || one === null) return ["", true];
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const name = one.labels?.[0]?.innerText ?? one.getAttribute("aria-label") ?? one.innerText ?? "";
    const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return [name.trim(), marked && box.width > 0 && box.bottom > 0 && box.top < innerHeight];
}"""
MOST = 120
"""Stops until something is found, at worst."""


@dataclass
class Keys:
    """Goes from stop to stop as somebody does who looks where the frame is."""

    page: Page

    def to(self, wanted: str, key: str = "Tab") -> None:
        passed = []
        for _ in range(MOST):
            self.page.keyboard.press(key)
            name, is_seen = self.page.evaluate(FOCUSED)
            assert is_seen, f"focus is not to be seen at {name!r} of {self.page.url}"
            if wanted in name.split("\n") or name.startswith(f"{wanted} "):
                return
            passed.append(name)
        pytest.fail(f"no {key} leads to {wanted}, only to {passed}")

    def press(self, wanted: str, title: str = "", key: str = "Enter") -> None:
        """Something that leads to another page, or to this one anew."""
        self.to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        if title:
            expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def room(self, name: str) -> None:
        self.press(name)
        expect(self.page.locator("nav [aria-current=page]")).to_contain_text(name)

    def choose(self, wanted: str) -> None:
        """One of several: Tab comes to the first of them, arrows go on."""
        while self.page.evaluate("document.activeElement.type") != "radio":
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        if not self.page.evaluate(FOCUSED)[0].startswith(wanted):
            self.to(wanted, "ArrowDown")

    def mark(self, person: str, wanted: str) -> None:
        """One of the choices that stand beside a name."""
        for _ in range(MOST):
            if self.page.evaluate("document.activeElement.closest('fieldset')?.innerText ?? ''").startswith(person):
                return self.choose(wanted)
            self.page.keyboard.press("Tab")
        pytest.fail(f"no Tab leads to {person}")

    def unfold(self, wanted: str) -> None:
        self.to(wanted)
        self.page.keyboard.press("Space")

    def write(self, field: str, words: str) -> None:
        self.to(field)
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(words)


def plan_meeting(page: Page, home: str, year: int) -> None:
    page.goto(f"{home}/meetings/new")
    for label, words in (("Day", f"{year}-02-03"), ("From", "14:00"), ("Until", "15:00")):
        page.get_by_label(label).fill(words)
    page.get_by_label("What is it called?").fill("Before spring")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Before spring")


def test_a_whole_day_passes_by_keyboard_alone(browser, come_in, own_window, school):
    other = own_window(come_in(browser().new_page(), school.teacher))
    home = other.url.partition("?")[0]
    plan_meeting(other, home, school.clock().year + 1)
    other.goto(home)
    write_card(other, "Silence for a minute", "I wait before the talk begins.")
    save(other, "Silence for a minute")

    page = own_window(come_in(browser().new_page(), school.student))
    keys = Keys(page)
    page.goto(page.url)
    keys.press("Skip to the content")
    expect(page.locator("#main")).to_be_focused()
    keys.write("An aha of today, in one line", "My keys are enough")
    keys.press("Share", "My keys are enough")
    keys.press("Thank you", key="Space")
    expect(page.locator(".reacted")).to_contain_text(school.student.name)
    keys.to("More about this post")
    page.keyboard.press("Space")
    keys.press("Quote", "My keys are enough")
    keys.write("Your words", "And yours?")
    keys.press("Post")
    expect(page.locator(".post blockquote")).to_contain_text("My keys are enough")

    keys.room("Agreements")
    keys.press("Propose a goal")
    keys.write("Your proposal", "Every task goes by keyboard")
    keys.press("Propose it", "A goal")
    keys.to("Yes")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    keys.write("Your worry, or what has to change first", "If it stays so.")
    keys.press("Answer")
    expect(page.get_by_text("If it stays so.").first).to_be_visible()

    keys.room("Issues")
    keys.press("Raise an issue")
    keys.write("What is in the way?", "The mouse has no battery")
    keys.press("Put it on the board", "The mouse has no battery")
    keys.press("Put it on the next agenda")
    expect(page.locator("#agenda ~ ol")).to_contain_text("The mouse has no battery")

    keys.room("Library")
    keys.press("Silence for a minute", "Silence for a minute")
    keys.press("Adapt")
    keys.write("What is it?", " By keyboard.")
    keys.press("Save", "Silence for a minute")
    expect(page.locator(".origin")).to_contain_text(school.teacher.name)

    keys.room("Search")
    keys.write("Words to look for", "battery")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keys.press("The mouse has no battery", "The mouse has no battery")

    keys.room("Members")
    keys.press(school.teacher.name, school.teacher.name)
    keys.press("Write a message")
    keys.write("Your message", "Do you have a battery?")
    keys.press("Send", school.teacher.name)
    expect(page.locator(".post").last).to_contain_text("Do you have a battery?")

    keys.to("Inbox", "Shift+Tab")
    keys.press("Leave this computer", "You have left")


def test_a_meeting_passes_by_keyboard_alone(browser, come_in, own_window, school):
    """From planning it to the minutes everybody agreed to: not one click."""
    page = own_window(come_in(browser().new_page(), school.student))
    keys = Keys(page)
    title = "Our meeting without a mouse"
    keys.room("Meetings")
    keys.press("Plan a meeting")
    keys.write("What is it called?", " without a mouse")
    keys.to("Day")
    page.keyboard.type(f"0203{school.clock().year + 1}")
    keys.to("From")
    page.keyboard.type("0200PM")
    keys.to("Until")
    page.keyboard.type("0300PM")
    keys.press("Plan it", title)
    if not page.get_by_label("What is it about?").is_visible():
        keys.unfold("Put something on the agenda")
    keys.write("What is it about?", "Do keys click too loud?")
    keys.press("Put it on the agenda", title)
    expect(page.locator("#agenda ~ ol").first).to_contain_text("Do keys click too loud?")

    keys.unfold("More")
    keys.press("Begin the meeting now")
    keys.choose("Five-beat working session")
    keys.press("Begin", "Five-beat working session")
    keys.press("Start")
    keys.write("Your words", "Nobody looked for a mouse")
    keys.to("Write it down")
    page.keyboard.press("Enter")
    expect(page.locator("#notes-0")).to_contain_text("Nobody looked for a mouse")
    while page.get_by_role("button", name="Next step").count():
        keys.press("Next step")
    keys.press("End the meeting", title)
    expect(page.locator("#minutes")).to_be_visible()
    keys.press("Attendance list")
    for person in sorted((school.student.name, school.teacher.name)):
        keys.mark(person, "here")
    keys.press("Save")
    keys.press("Back to the meeting", title)
    keys.press("Read them and say whether they are right")
    expect(page.get_by_text("Nobody looked for a mouse").first).to_be_visible()
    keys.press("I have read them: right")

    other = own_window(come_in(browser().new_page(), school.teacher))
    other.goto(other.url.partition("/s/")[0] + "/s/" + other.url.split("/")[4] + "/" + page.url.split("/", 5)[5])
    keys_of_another = Keys(other)
    keys_of_another.press("I have read them: right")
    expect(other.get_by_role("heading", name="These minutes are approved")).to_be_visible()


def test_a_stage_of_a_project_passes_by_keyboard_alone(browser, come_in, own_window, school):
    """Begun, thought about, said what is missing, opened to the community, and on to the next stage."""
    page = own_window(come_in(browser().new_page(), school.student))
    keys = Keys(page)
    keys.room("Projects")
    keys.press("Begin a project")
    keys.write("What is it about?", "Keys that wait")
    keys.choose("Teacher-led development work")
    keys.press("Begin", "What matters and what troubles me")
    keys.write("My words", "I wait. Then they ask.")
    keys.press("Keep it")
    expect(page.get_by_text("I wait. Then they ask.")).to_be_visible()
    keys.unfold("Just write a note")
    keys.write("My note", "Nobody took a mouse to it.")
    keys.press("Keep it")
    expect(page.get_by_text("Nobody took a mouse to it.")).to_be_visible()
    expect(page.locator(".exits li", has_text="so it is")).to_have_count(1)
    keys.press("Done; go on to: My development priority", "My development priority")
    keys.press("It is so", key="Space")
    expect(page.locator(".exits li", has_text="so it is")).to_have_count(1)
    keys.press("Keys that wait", "Keys that wait")
    keys.press("Open it to your community")
    keys.press("Open it to my community", "Keys that wait")
