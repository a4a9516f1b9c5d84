"""A notebook of one's own, and the one paragraph of it that others read (S0-7)."""

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

SECRET = "I raised my voice on Tuesday and nobody needs to know."
SHARED = "Waiting a whole minute changed who speaks."


def path_of(frame: Frame | Page, path: str) -> str:
    """An address of the one who sits here; it begins after the seat."""
    parts = frame.url.split("/")
    return "/".join(parts[:5]) + path


@pytest.mark.parametrize("width", [360, 1280])
def test_s0_7_a_private_note_of_which_one_paragraph_is_shared(width, browser, come_in, school):
    mine = browser(viewport={"width": width, "height": 800})
    frame = come_in(mine.new_page(), school.student)
    frame.get_by_role("link", name="My notebook").click()
    frame.get_by_role("link", name="Write", exact=True).or_(
        frame.get_by_role("link", name="Write the first")
    ).first.click()
    frame.get_by_label("A question to begin with").select_option("worked")
    frame.get_by_label("Your words").fill(f"{SECRET}\n\n{SHARED}\n\nThe rest is mine.")
    frame.get_by_role("button", name="Save").click()
    expect(frame.get_by_text("Only you can read this page.")).to_be_visible()
    page = frame.url.partition("?")[0]

    frame.get_by_role("link", name="Share a part").click()
    frame.get_by_label(SHARED).check()
    frame.get_by_role("button", name="Go on with these").click()
    words = frame.get_by_label("What others will read")
    expect(words).to_have_value(SHARED)
    words.fill(f"{SHARED} Truly.")
    frame.get_by_label("What is it about?").fill(f"A minute of silence {width}")
    if frame.locator("input[name=community_id][type=radio]").count():
        frame.get_by_label("Велес").check()
    frame.get_by_role("button", name="Share this").click()
    expect(frame.get_by_text("Shared in")).to_be_visible()

    other = come_in(browser(viewport={"width": width, "height": 800}).new_page(), school.teacher)
    other.get_by_role("link", name="Conversations", exact=True).click()
    other.get_by_role("link", name=f"A minute of silence {width}", exact=True).first.click()
    expect(other.locator(".post")).to_contain_text(f"{SHARED} Truly.")
    read = other.locator("main").inner_text()
    assert SECRET not in read
    assert "The rest is mine." not in read
    topic = other.url
    other.goto(path_of(other, page.partition("/s/")[2].partition("/")[2].join(["/", ""])))
    expect(other.get_by_role("heading", level=1)).to_have_text("There is nothing here")

    frame.get_by_role("link", name="Withdraw it").click()
    expect(frame.get_by_text("cannot be fetched back")).to_be_visible()
    frame.get_by_role("button", name="Withdraw it").click()
    expect(frame.get_by_text("withdrawn on")).to_be_visible()
    expect(frame.get_by_text(SECRET)).to_be_visible()
    other.goto(topic.partition("#")[0])
    expect(other.get_by_text("Truly.")).to_have_count(0)


def test_every_page_of_a_notebook_is_readable_for_everybody(browser, come_in, own_window, flaws, school):
    context: BrowserContext = browser(viewport={"width": 320, "height": 800})
    page = own_window(come_in(context.new_page(), school.mentor))

    def look() -> None:
        page.get_by_role("heading", level=1).wait_for()
        assert (page.url, flaws(page)) == (page.url, [])
        assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, 320)

    page.goto(path_of(page, "/journal"))
    look()
    page.goto(path_of(page, "/journal/new?prompt=ask"))
    look()
    page.get_by_label("Your words").fill(f"{SECRET}\n\n{SHARED}")
    page.get_by_role("button", name="Save").click()
    look()
    entry = page.url.partition("?")[0]
    for path in ("/edit", "/delete", "/share", "/share?chosen=1", "/share?part=0"):
        page.goto(entry + path)
        look()
    page.get_by_label("What is it about?").fill("A minute")
    page.locator("input[name=community_id]").first.check()
    page.get_by_role("button", name="Share this").click()
    look()
    page.get_by_role("link", name="Withdraw it").click()
    look()
    page.goto(path_of(page, "/journal?q=minute"))
    look()
