"""The library: a card taken on by another school, a sheet adapted by a colleague, an aha that grows, and a lunchroom
where nothing is counted."""

import re
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

NARROW = {"viewport": {"width": 360, "height": 740}}
SIZES = pytest.mark.parametrize("screen", [NARROW, {}], ids=["360", "1280"])


def to_the_library(frame: Frame) -> None:
    frame.get_by_role("link", name="Library", exact=True).first.click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Library")


def add(frame: Frame, what: str) -> None:
    to_the_library(frame)
    frame.get_by_role("link", name="Add something").first.click()
    frame.get_by_role("link", name=what, exact=True).click()


def write_card(frame: Frame, title: str, what: str) -> None:
    add(frame, "Write a practice card")
    frame.get_by_label("What do you call this practice?").fill(title)
    frame.get_by_label("What is it?").fill(what)
    frame.get_by_label("How do you do it?").fill("1. Ask\n2. Wait a minute\n3. Listen")
    folded(frame, "For whom was it?")
    frame.get_by_label("Kind of school").fill("village school")


def save(frame: Frame, title: str) -> None:
    frame.get_by_role("button", name="Save").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(title)


def folded(frame: Frame, summary: str) -> Any:
    one = frame.locator("details", has_text=summary)
    one.locator("summary").click()
    return one


@SIZES
def test_s0_10_a_card_is_adapted_by_another_community_and_names_its_origin_and_what_was_changed(
    browser, come_in, school, screen
):
    title = f"A minute of silence {len(screen)}"
    writes = come_in(browser(**screen).new_page(), school.student)
    write_card(writes, title, "I wait a minute before the talk begins.")
    writes.get_by_label("All communities here").check()
    save(writes, title)

    # she reads Serbian, so it is the places of the pages that lead her
    adapts = come_in(browser(**screen).new_page(), school.serbian, school.novi_sad)
    adapts.locator(".tabs a[href$='/library']").click()
    adapts.locator(".filters a[href$='where=all']").first.click()
    adapts.get_by_role("link", name=title).click()
    adapts.locator("a[href$='/adapt']").click()
    expect(adapts.locator("#f-what")).to_have_value("I wait a minute before the talk begins.")
    adapts.locator("#f-title").fill(f"{title} with us")
    adapts.locator("#f-what").fill("I wait half a minute before the talk begins.")
    adapts.locator("main button.primary").click()
    expect(adapts.get_by_role("heading", level=1)).to_have_text(f"{title} with us")
    origin = adapts.locator(".origin")
    expect(origin).to_contain_text(school.student.name)
    origin.locator("summary").click()
    expect(origin.locator("ins").first).to_contain_text("with us")
    expect(origin.locator("ins").last).to_contain_text("half")
    origin.get_by_role("link", name=title).click()
    expect(adapts.get_by_role("heading", level=1)).to_have_text(title)

    writes.goto(writes.url.partition("?")[0])
    expect(writes.get_by_role("heading", name="Tried by")).to_be_visible()
    folded(writes, "Opened by")
    expect(writes.get_by_text(school.serbian.name).first).to_be_visible()


@SIZES
def test_s3_3_a_task_sheet_is_adapted_by_a_colleague_and_both_versions_stay_linked(browser, come_in, school, screen):
    title = f"Fractions with paper {len(screen)}"
    writes = come_in(browser(**screen).new_page(), school.student)
    add(writes, "Add a resource")
    writes.get_by_label("What is it called?").fill(title)
    writes.get_by_label("What is it, and how do you use it?").fill("Fold it twice, then colour a quarter.")
    folded(writes, "Add photos or files")
    sheet = {"name": "sheet.txt", "mimeType": "text/plain", "buffer": b"Fold along the line"}
    writes.get_by_label("Photos or files", exact=True).set_input_files(sheet)
    save(writes, title)
    expect(writes.get_by_role("link", name="sheet.txt")).to_be_visible()

    adapts = come_in(browser(**screen).new_page(), school.teacher)
    to_the_library(adapts)
    adapts.get_by_role("link", name=title).click()
    adapts.get_by_role("link", name="Adapt").click()
    adapts.get_by_label("What is it called?").fill(f"{title}, folded three times")
    adapts.get_by_label("What is it, and how do you use it?").fill("Fold it three times, then colour an eighth.")
    save(adapts, f"{title}, folded three times")
    expect(adapts.get_by_role("link", name="sheet.txt")).to_be_visible()
    adapts.locator(".origin").get_by_role("link", name=title).click()
    adapted = adapts.locator("section", has=adapts.get_by_role("heading", name="Adapted by"))
    expect(adapted.get_by_role("link", name=f"{title}, folded three times")).to_be_visible()
    adapts.get_by_label("What happened, in one line?").fill("They asked for more paper.")
    adapts.get_by_role("button", name="I tried it").click()
    expect(adapts.locator("#tried")).to_contain_text(f"{school.teacher.name}: They asked for more paper.")


@SIZES
def test_s3_9_the_lunchroom_has_stories_by_time_and_language_and_counts_nothing(browser, come_in, school, screen):
    frame = come_in(browser(**screen).new_page(), school.student)
    for title, language in ((f"Rain {len(screen)}", "English"), (f"Снег {len(screen)}", "Македонски")):
        add(frame, "It worked")
        frame.get_by_label("A title").fill(title)
        frame.get_by_label("What happened?").fill("We went out all the same.")
        folded(frame, "So that others find it")
        frame.get_by_label("Language it is written in").select_option(language)
        save(frame, title)
    to_the_library(frame)
    frame.get_by_role("link", name="Lunchroom").first.click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Lunchroom")
    titles = frame.locator("article h2")
    expect(titles.nth(0)).to_have_text(f"Снег {len(screen)}")
    expect(titles.nth(1)).to_have_text(f"Rain {len(screen)}")
    stories = frame.locator("article")
    for story in stories.all():
        expect(story.locator(".count, .reactions, .reaction, button")).to_have_count(0)
        assert not re.search(r"\b\d+ (likes?|views?|times|people|readers?|points?)\b", story.inner_text())
    expect(frame.get_by_role("main")).not_to_contain_text(
        re.compile("leaderboard|top |most read|popular", re.IGNORECASE)
    )
    frame.get_by_label("Language").select_option("Македонски")
    frame.get_by_role("button", name="Show").click()
    expect(titles.nth(0)).to_have_text(f"Снег {len(screen)}")
    expect(frame.get_by_text(f"Rain {len(screen)}")).to_have_count(0)


@SIZES
def test_s3_10_an_aha_grows_into_a_story_in_one_click_and_both_stay_linked(browser, come_in, school, screen):
    aha = f"They ask when I stop answering {len(screen)}"
    frame = come_in(browser(**screen).new_page(), school.student)
    frame.goto(f"{frame.url.partition('?')[0]}/topics/new")
    frame.get_by_label("What is it about?").fill(aha)
    frame.get_by_label("Your words").fill(aha)
    frame.get_by_label("Aha!").check()
    frame.get_by_role("button", name="Post").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(aha)
    frame.get_by_role("link", name="Make a story of it").click()
    expect(frame.get_by_label("A title")).to_have_value(aha)
    expect(frame.get_by_label("What happened?")).to_have_value(re.compile(re.escape(aha)))
    frame.get_by_label("A title").fill(f"When I stopped {len(screen)}")
    frame.get_by_label("What happened?").press_sequentially("x")
    save(frame, f"When I stopped {len(screen)}")
    frame.get_by_role("link", name=aha).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(aha)
    frame.get_by_role("link", name=f"When I stopped {len(screen)}").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(f"When I stopped {len(screen)}")


def test_a_flop_is_asked_first_who_may_read_it(browser, come_in, school):
    frame = come_in(browser(**NARROW).new_page(), school.student)
    add(frame, "It flopped")
    expect(frame.get_by_role("heading", level=1)).to_have_text("First: who may read it?")
    frame.get_by_label("Only me").check()
    frame.get_by_role("button", name="Go on").click()
    expect(frame.get_by_label("Only me")).to_be_checked()
    frame.get_by_label("A title").fill("The day nothing worked")
    frame.get_by_label("What happened?").fill("I had planned it so well.")
    save(frame, "The day nothing worked")
    other = come_in(browser().new_page(), school.mentor)
    to_the_library(other)
    expect(other.get_by_text("The day nothing worked")).to_have_count(0)
    item = frame.url.partition("?")[0].rpartition("/")[2]
    other.goto(f"{other.url.partition('/communities/')[0]}/library/{item}")
    expect(other.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def test_every_page_of_the_library_is_readable_for_everybody(browser, come_in, own_window, flaws, school):
    context = browser(viewport={"width": 320, "height": 800})
    page = own_window(come_in(context.new_page(), school.student))
    home = page.url.partition("?")[0]
    title = "Card"

    def look(at: Page = page) -> None:
        at.get_by_role("heading", level=1).wait_for()
        assert (at.url, flaws(at)) == (at.url, [])
        assert (at.url, at.evaluate("document.documentElement.scrollWidth")) == (at.url, 320)

    for room in (
        "library",
        "library?where=all&tag=x",
        "library/new",
        "stories",
        "stories/new",
        "stories/new?kind=flop",
    ):
        page.goto(f"{home}/{room}")
        look()
    page.get_by_label("Only me").check()
    page.get_by_role("button", name="Go on").click()
    look()
    page.goto(f"{home}/practices/new")
    page.locator("main form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    look()
    page.get_by_label("What do you call this practice?").fill(title)
    page.get_by_label("What is it?").fill("I wait.")
    page.get_by_label("How do you do it?").fill("1. Ask\n2. Wait\n\nhttps://example.org/" + "a/very/long/address/" * 8)
    page.locator("summary", has_text="So that others").click()
    page.get_by_label("Words to find it by").fill("patience, talk")
    page.locator("summary", has_text="If everybody").click()
    page.get_by_label("Everybody", exact=True).check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Change").click()
    look()
    page.get_by_label("What is it?").fill("I wait for a minute.")
    page.get_by_role("button", name="Save").click()
    item = page.url.partition("?")[0]
    page.get_by_role("link", name="Adapt").click()
    look()
    page.goto(item)
    page.get_by_role("button", name="I tried it").click()
    look()
    for address in ("", "/history", "/delete"):
        page.goto(item + address)
        look()
    page.goto(home)
    look()
    page.goto(f"{home}/library")
    look()
    page.goto(f"{school.tool}/open/library/{item.rpartition('/')[2]}")
    look()
