"""A notebook of one's own, and the one paragraph of it that others read (S0-7)."""

import io
import wave

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

SECRET = "I raised my voice on Tuesday and nobody needs to know."
SHARED = "Waiting a whole minute changed who speaks."


def path_of(frame: Frame | Page, path: str) -> str:
    """An address of the one who sits here; it begins after the seat."""
    parts = frame.url.split("/")
    return "/".join(parts[:5]) + path


def a_part_is_released_to_one_colleague(frame, other, school, page: str) -> None:
    """Only they read it, and no longer than its author wants."""
    frame.get_by_role("link", name="Let somebody read it").click()
    frame.get_by_label("The rest is mine.").check()
    if frame.locator("input[name=community_id][type=radio]").count():
        frame.get_by_label("Велес").check()
    frame.get_by_role("button", name="Go on with these").click()
    expect(frame.get_by_label("What they will read")).to_have_value("The rest is mine.")
    frame.get_by_label(school.teacher.name, exact=True).check()
    frame.get_by_role("button", name="Let them read this").click()
    expect(frame.get_by_text("Nobody else has opened it yet.")).to_be_visible()
    part = "/journal/parts/" + frame.url.rpartition("/")[2]
    other.goto(path_of(other, part))
    expect(other.locator(".prose")).to_have_text("The rest is mine.")
    assert SECRET not in other.locator("main").inner_text()
    frame.get_by_role("link", name="Withdraw it").click()
    expect(frame.get_by_text("1 person has read it already")).to_be_visible()
    frame.get_by_role("button", name="Withdraw it").click()
    expect(frame.get_by_text("withdrawn on")).to_be_visible()
    other.goto(path_of(other, part))
    expect(other.get_by_role("heading", level=1)).to_have_text("There is nothing here")


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

    a_part_is_released_to_one_colleague(frame, other, school, page)

    frame.get_by_role("link", name="Withdraw it").click()
    expect(frame.get_by_text("cannot be fetched back")).to_be_visible()
    frame.get_by_role("button", name="Withdraw it").click()
    expect(frame.get_by_text("withdrawn on")).to_have_count(2)
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
    page.goto(path_of(page, "/journal/download"))
    look()
    for path in ("/release", "/release?chosen=1", "/release?own=1", "/concern", "/link"):
        page.goto(entry + path)
        look()
    page.goto(entry + "/release?part=1")
    if page.locator("input[name=community_id][type=radio]").count():
        page.locator("input[name=community_id]").first.check()
        page.get_by_role("button", name="Go on with these").click()
    page.get_by_label("My community").check()
    page.get_by_role("button", name="Let them read this").click()
    look()
    page.get_by_role("link", name="Withdraw it").click()
    look()


def test_a_page_may_be_said_and_played_by_its_author(browser, come_in, own_window, flaws, school):
    """With a recording, as a phone hands it over: the page is readable, and the browser plays what it is given."""
    page = own_window(come_in(browser(viewport={"width": 360, "height": 800}).new_page(), school.mentor))
    page.goto(path_of(page, "/journal/new"))
    page.get_by_label("Or say it").set_input_files(
        {"name": "note.wav", "mimeType": "audio/wav", "buffer": silence(seconds=1)}
    )
    page.get_by_label("How the day felt").select_option("tired")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("How the day felt: Tired")).to_be_visible()
    assert flaws(page) == []
    played = page.evaluate(
        "new Promise(done => { const a = document.querySelector('audio');"
        " a.onloadedmetadata = () => done(a.duration); a.onerror = () => done(-1); a.load(); a.preload = 'auto'; })"
    )
    assert round(played) == 1
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def silence(seconds: int) -> bytes:
    """A recording in the form every browser plays."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000 * seconds)
    return made.getvalue()
