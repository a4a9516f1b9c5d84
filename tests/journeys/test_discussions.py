"""Conversations in full: an aha by phone, a question answered, a conversation steered; and each page looked at."""

import pytest
from playwright.sync_api import Frame, Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def start(page: Page | Frame, home: str, title: str, words: str, purpose: str = "Question") -> None:
    page.goto(f"{home}/topics/new")
    page.get_by_label("What is it about?").fill(title)
    page.get_by_label("Your words").fill(words)
    page.get_by_label(purpose, exact=True).check()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def answer(page: Page | Frame, words: str) -> None:
    page.get_by_label("Your words").fill(words)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post", has_text=words.splitlines()[-1])).to_be_visible()


def test_an_insight_is_posted_by_phone_in_three_taps(browser, sign_in, school, phone):
    """S3-2, the writing half; it comes with the weekly digest, not as a mail of its own."""
    frame = browser(**phone).new_page()
    sign_in(frame, school.student)
    frame.get_by_role("link", name="Our learning community").tap()
    frame.wait_for_url(f"{school.tool}/s/**")
    line = frame.get_by_label("An aha of today, in one line")
    line.tap()
    line.fill("They asked better questions than I did")
    frame.get_by_role("button", name="Share", exact=True).tap()
    expect(frame.get_by_role("heading", level=1)).to_have_text("They asked better questions than I did")
    expect(frame.locator(".topic-state .badge").first).to_have_text("Aha!")


def test_without_script_a_post_is_quoted_and_marked_as_the_answer(browser, come_in, own_window, school):
    asks = come_in(browser().new_page(), school.student)
    home = asks.url.partition("?")[0]
    start(asks, home, "How do quiet ones get a word?", "Mine never speak.")
    topic = asks.url.partition("?")[0].partition("#")[0]
    helps = come_in(browser().new_page(), school.teacher)
    seat = helps.url.split("/")[4]
    helps.goto(topic.replace(topic.split("/")[4], seat))
    first = helps.locator(".post").first
    first.locator("summary").click()
    first.get_by_role("link", name="Quote").click()
    quoted = helps.get_by_label("Your words").input_value()
    assert quoted.endswith("wrote:**\n>\n> Mine never speak.\n\n")
    answer(helps, quoted + "I wait a minute.")
    expect(helps.locator(".post blockquote")).to_contain_text("Mine never speak.")
    asks.goto(topic)
    asks.locator(".post", has_text="I wait a minute.").get_by_role("button", name="This answered it").click()
    expect(asks.locator(".notice-good")).to_contain_text(f"Answered by {school.teacher.name}")
    asks.goto(f"{home}/topics?show=open")
    expect(asks.get_by_role("link", name="How do quiet ones get a word?", exact=True)).to_have_count(0)


def test_every_page_of_steering_is_readable_for_everybody(browser, come_in, own_window, school, flaws):
    page = own_window(come_in(browser(viewport={"width": 320, "height": 800}).new_page(), school.mentor))
    home = page.url

    def look() -> None:
        page.get_by_role("heading", level=1).wait_for()
        assert (page.url, flaws(page)) == (page.url, [])
        assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, 320)

    page.goto(f"{home}/topics")
    page.locator("form").evaluate_all("forms => forms.forEach(form => (form.noValidate = true))")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("alert").wait_for()
    look()
    start(page, home, "Steered", "Where does it go?")
    topic = page.url.partition("?")[0].partition("#")[0]
    answer(page, "To its place.")
    answer(page, "And further.")
    page.locator(".topic-state summary").click()
    page.locator(".post").nth(1).locator("summary").click()
    look()
    page.locator(".post").nth(1).get_by_role("link", name="Split off from here").click()
    look()
    page.get_by_label("What is it about?").fill("Split")
    page.get_by_role("button", name="Split it off").click()
    expect(page.locator(".post")).to_have_count(2)
    split = page.url
    for step in ("pin", "move", "merge", "close"):
        page.goto(f"{topic}/{step}")
        look()
    page.get_by_role("button", name="Close it").click()
    expect(page.locator(".notice-warn")).to_contain_text("closed this conversation")
    look()
    page.goto(f"{topic}/pin")
    page.get_by_role("button", name="Pin it").click()
    page.goto(f"{home}/topics")
    expect(page.locator(".rows .topic-title").first).to_contain_text("pinned")
    look()
    page.goto(f"{home}/topics?show=open")
    look()
    page.goto(f"{split}/merge")
    page.get_by_label("Into which conversation?").select_option(label="Steered")
    page.get_by_role("button", name="Merge them").click()
    expect(page.locator(".post")).to_have_count(3)
    page.goto(f"{topic}/print")
    look()
    page.emulate_media(media="print")
    expect(page.locator(".on-screen")).to_be_hidden()
    page.goto(f"{topic}/pin")
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Let it go").click()
