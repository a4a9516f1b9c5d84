"""Talking: what one writes, the other reads; what one takes back leaves a trace."""

import pytest
from playwright.sync_api import Frame, Locator, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def start_topic(frame: Frame, title: str, words: str) -> None:
    frame.get_by_role("link", name="Conversations", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Conversations")
    frame.get_by_role("link", name="Start a conversation").click()
    frame.get_by_label("What is it about?").fill(title)
    frame.get_by_label("Your words").fill(words)
    frame.get_by_role("button", name="Post").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(title)


def answer(frame: Frame, words: str) -> None:
    frame.get_by_label("Your words").fill(words)
    frame.get_by_role("button", name="Post").click()
    expect(post(frame, words)).to_be_visible()


def post(frame: Frame, words: str) -> Locator:
    return frame.locator(".post", has_text=words)


def reload(frame: Frame) -> None:
    """A fragment in the address would make going there a scroll."""
    frame.goto(frame.url.partition("#")[0])


def more(one: Locator, what: str) -> None:
    one.locator("summary").click()
    one.get_by_role("link", name=what).click()


def test_a_post_is_written_answered_liked_changed_and_taken_back(browser, come_in, school):
    frame = come_in(browser().new_page(), school.student)
    start_topic(frame, "One minute of silence", "I wait a **minute** before the talk begins.")
    first = post(frame, "before the talk begins")
    expect(first.locator("strong")).to_have_text("minute")

    first.get_by_role("link", name="Answer").click()
    expect(frame.get_by_role("heading", name=f"Your answer to {school.student.name}")).to_be_visible()
    answer(frame, "And they wrote more than I thought.")
    second = post(frame, "more than I thought")
    expect(second).to_contain_text(f"in answer to {school.student.name}")

    first.get_by_role("button", name="Thank you").click()
    expect(first.locator(".reacted")).to_have_text(f"♥ Thank you: {school.student.name}")
    expect(first.get_by_role("button", name="Thank you")).to_have_attribute("aria-pressed", "true")
    first.get_by_role("button", name="Thank you").click()
    expect(first.get_by_role("button", name="Thank you")).to_have_attribute("aria-pressed", "false")
    expect(first.locator(".reacted")).to_have_count(0)

    more(second, "Change")
    frame.get_by_label("Your words").fill("And they wrote a whole page.")
    frame.get_by_role("button", name="Save").click()
    changed = post(frame, "a whole page")
    changed.get_by_role("link", name="changed").click()
    expect(frame.get_by_role("heading", name="How this post read before")).to_be_visible()
    expect(frame.get_by_text("more than I thought")).to_be_visible()
    frame.get_by_role("link", name="Back to the conversation").click()

    more(changed, "Take back")
    expect(frame.get_by_text("cannot be brought back")).to_be_visible()
    frame.get_by_role("button", name="Take back").click()
    expect(frame.get_by_text(f"{school.student.name} took this post back.")).to_be_visible()
    expect(frame.get_by_text("a whole page")).to_have_count(0)


def test_two_people_in_two_tabs_of_one_browser_talk_and_each_stays_who_they_are(browser, come_in, school):
    context = browser()
    left = context.new_page()
    asks = come_in(left, school.student)
    start_topic(asks, "Who opens the door on Thursday?", "I would like to sit in the back row.")
    right = context.new_page()
    answers = come_in(right, school.teacher)
    answers.get_by_role("link", name="Who opens the door on Thursday?", exact=True).click()
    expect(post(answers, "back row")).to_contain_text("new")
    answer(answers, "Come to mine, second lesson.")

    left.bring_to_front()
    reload(asks)
    expect(post(asks, "second lesson")).to_contain_text(school.teacher.name)
    expect(asks.locator(".me strong")).to_have_text(school.student.name)
    answer(asks, "I bring the coffee.")
    expect(post(asks, "bring the coffee").locator("header")).to_contain_text(school.student.name)
    left.reload()
    expect(left.frame_locator("#contentframe").locator(".me strong")).to_have_text(school.student.name)
    right.bring_to_front()
    reload(answers)
    expect(answers.locator(".me strong")).to_have_text(school.teacher.name)
    expect(post(answers, "bring the coffee").locator("header")).to_contain_text(school.student.name)


def test_a_mentor_can_take_a_post_away_but_not_change_its_words(browser, come_in, school):
    writes = come_in(browser().new_page(), school.student)
    start_topic(writes, "Posted into the wrong room", "This was meant for somebody else.")
    leads = come_in(browser().new_page(), school.mentor)
    leads.get_by_role("link", name="Posted into the wrong room", exact=True).click()
    one = post(leads, "meant for somebody else")
    one.locator("summary").click()
    expect(one.get_by_role("link", name="Change")).to_have_count(0)
    one.get_by_role("link", name="Take away").click()
    leads.get_by_role("button", name="Take").click()
    expect(leads.get_by_text("taken away by somebody who leads the community")).to_be_visible()
    other = come_in(browser().new_page(), school.teacher)
    other.goto(leads.url.replace(leads.url.split("/")[4], other.url.split("/")[4]))
    expect(other.locator(".post")).to_have_count(1)
    expect(other.locator(".post summary")).to_have_count(0)


def test_what_is_missing_is_said_first_and_leads_to_its_field(browser, come_in, school):
    frame = come_in(browser().new_page(), school.student)
    frame.goto(f"{frame.url}/topics/new")
    frame.get_by_label("What is it about?").fill("   ")
    frame.get_by_label("Your words").fill("Kept while I look for a title.")
    frame.get_by_role("button", name="Post").click()
    said = frame.get_by_role("alert")
    expect(said).to_be_focused()
    expect(said).to_contain_text("1 thing needs your attention")
    said.get_by_role("link", name="What is it about? – Please fill this in.").click()
    expect(frame.get_by_label("What is it about?")).to_be_focused()
    expect(frame.get_by_label("Your words")).to_have_value("Kept while I look for a title.")
