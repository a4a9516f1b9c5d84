"""Without a script, without a mouse, without a large screen: everything still works."""

import pytest
from playwright.sync_api import Frame, Page, expect

from .test_inquiry import begin
from .test_inquiry import write as write_in_stage
from .test_runs import begin_run, next_step, plan_meeting, write

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def test_without_script_one_comes_in_writes_likes_changes_and_takes_back(browser, open_activity, school):
    frame = open_activity(browser(java_script_enabled=False).new_page(), school.student)
    # the LMS's own pages send themselves on by script; without it they have a button each
    for label in ("Open the tool", "Continue to the tool"):
        frame.get_by_role("button", name=label, exact=True).click()
    frame.wait_for_url(f"{school.tool}/s/**")
    frame.get_by_role("link", name="Conversations", exact=True).click()
    frame.get_by_role("heading", name="Conversations", level=1).wait_for()
    frame.get_by_role("link", name="Start a conversation").click()
    frame.get_by_label("What is it about?").fill("Plain pages")
    frame.get_by_label("Your words").fill("Half a sentence")
    frame.get_by_role("button", name="Keep as a draft").click()
    expect(frame.locator("[aria-labelledby=next]")).to_contain_text("You began to write: “Plain pages”")
    frame.get_by_role("link", name="Go on writing").click()
    frame.get_by_label("Your words").fill("Half a sentence, and the rest.")
    frame.get_by_role("button", name="Post").click()
    post = frame.locator(".post", has_text="and the rest")
    post.get_by_role("button", name="Tried it").click()
    expect(post.locator(".reacted")).to_contain_text(school.student.name)
    post.locator("summary").click()
    post.get_by_role("link", name="Change").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Change your post")
    frame.get_by_label("Your words").fill("All of it.")
    frame.get_by_role("button", name="Save").click()
    changed = frame.locator(".post", has_text="All of it.")
    expect(changed).to_contain_text("changed")
    changed.locator("summary").click()
    changed.get_by_role("link", name="Take back").click()
    frame.get_by_role("button", name="Take back").click()
    expect(frame.get_by_text("took this post back")).to_be_visible()


def tab_to(page: Page, frame: Frame, wanted: str) -> None:
    """Presses Tab until an element called so is in focus."""
    name = """() => {
        const one = document.activeElement;
        return one === document.body ? "" : (one.labels?.[0]?.innerText ?? one.innerText).trim();
    }"""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted in frame.evaluate(name):
            return
    pytest.fail(f"no Tab leads to {wanted}")


def test_a_post_is_written_by_keyboard_alone(browser, come_in, school):
    page = browser().new_page()
    frame = come_in(page, school.teacher)
    tab_to(page, frame, "Conversations")
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Conversations")
    tab_to(page, frame, "Start a conversation")
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Start a conversation")
    tab_to(page, frame, "What is it about?")
    page.keyboard.type("Hands on the keys")
    page.keyboard.press("Tab")
    page.keyboard.type("No mouse was here.")
    tab_to(page, frame, "Question")
    page.keyboard.press("ArrowDown")
    tab_to(page, frame, "Post")
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Hands on the keys")
    expect(frame.get_by_text("Insight")).to_be_visible()
    tab_to(page, frame, "More about this post")
    page.keyboard.press("Enter")
    tab_to(page, frame, "Change")


def test_on_a_phone_the_tool_has_the_whole_window_and_everything_is_in_reach(browser, sign_in, school, phone):
    page = browser(**phone).new_page()
    sign_in(page, school.student)
    page.get_by_role("link", name="Our learning community").tap()
    page.wait_for_url(f"{school.tool}/s/**")
    expect(page.get_by_role("button", name="Open in a new window")).to_have_count(0)
    page.get_by_role("link", name="Conversations", exact=True).tap()
    page.get_by_role("heading", name="Conversations", level=1).wait_for()
    page.get_by_role("link", name="Start a conversation").tap()
    page.get_by_label("What is it about?").fill("On the way home")
    page.get_by_label("Your words").fill("Typed with a thumb.")
    page.get_by_role("button", name="Post").tap()
    post = page.locator(".post", has_text="Typed with a thumb")
    post.get_by_role("button", name="Want to try").tap()
    expect(post.locator(".reacted")).to_contain_text(school.student.name)
    post.locator("summary").tap()
    expect(post.get_by_role("link", name="Take back")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_script_a_meeting_is_run_step_by_step(browser, open_activity, school):
    """The page is looked at again by hand; what is written stands there, and the minutes are made of it."""
    frame = open_activity(browser(java_script_enabled=False).new_page(), school.teacher)
    for label in ("Open the tool", "Continue to the tool"):
        frame.get_by_role("button", name=label, exact=True).click()
    frame.wait_for_url(f"{school.tool}/s/**")
    plan_meeting(frame, school, "Without a script")
    begin_run(frame, "Five-beat working session")
    frame.get_by_role("button", name="Start").click()
    next_step(frame, "Open up")
    write(frame, "It goes by hand.")
    expect(frame.locator("#notes-1")).to_contain_text("It goes by hand.")
    frame.get_by_text("More", exact=True).click()
    frame.get_by_label("Leave this step out, because …").fill("We are few")
    frame.get_by_role("button", name="Leave it out").click()
    expect(frame.locator("#now")).to_contain_text("Boil down")
    with frame.expect_navigation():
        frame.get_by_role("button", name="1 more minute").click()
    with frame.expect_navigation():
        frame.get_by_role("link", name="Look again").click()
    frame.get_by_text("More", exact=True).click()
    frame.get_by_role("button", name="End the meeting here").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Without a script")
    expect(frame.locator("section", has=frame.locator("#minutes"))).to_contain_text("It goes by hand.")


def test_without_script_one_writes_in_a_stage_and_pastes_a_table(browser, open_activity, school):
    """What one writes stands there, the table is looked at before it is kept, and what went wrong is said."""
    frame = open_activity(browser(java_script_enabled=False).new_page(), school.student)
    for label in ("Open the tool", "Continue to the tool"):
        frame.get_by_role("button", name=label, exact=True).click()
    frame.wait_for_url(f"{school.tool}/s/**")
    begin(frame, "Chalk and nothing else")
    write_in_stage(frame, "They ask when I wait.")
    frame.get_by_text("Write more", exact=True).click()
    frame.get_by_label("My words").first.fill("And when I sit down.")
    frame.get_by_role("button", name="Keep it").first.click()
    expect(frame.get_by_text("And when I sit down.")).to_be_visible()
    frame.get_by_role("button", name="Done; go on to").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("My development priority")

    frame.get_by_role("link", name="Projects", exact=True).first.click()
    frame.get_by_role("link", name="Class results").first.click()
    frame.get_by_role("link", name="Bring class results").first.click()
    frame.get_by_label("What should the table help with?").fill("Who reads on, and who stops?")
    frame.get_by_label("The table", exact=True).fill("Class\tPupils\tAverage\n4x\t28\t7.4\n4y\t4\t5\n4z\t31\t6.6")
    frame.get_by_role("button", name="Look at it").click()
    expect(frame.get_by_role("heading", name="This is what will be kept")).to_be_visible()
    rows = frame.locator(".totals-table tr")
    expect(rows.filter(has_text="4y")).to_contain_text("hidden")
    expect(rows.filter(has_text="4z")).to_have_count(1)
    frame.get_by_label("Average").select_option("leave")
    with frame.expect_navigation():
        frame.get_by_role("button", name="Look again").click()
    expect(frame.get_by_label("Average")).to_have_value("leave")
