"""Every component in a real browser: readable for everybody, and gaining from the script what it promises."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.journey

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
NOTE = "What shall we look at?"
KEY = "plc-draft:person-1-meeting-1-note"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as engines:
        chromium = engines.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser profile; a fault in the page's own script fails the test."""
    profile = browser.new_context(viewport={"width": 600, "height": 800}, timezone_id="UTC")
    page = profile.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    yield page
    profile.close()
    assert [fault for fault in faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []


def stored(page: Page) -> dict | None:
    return json.loads(page.evaluate("key => localStorage.getItem(key)", KEY) or "null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 600, 1280])
def test_no_accessibility_rule_is_broken_and_nothing_runs_off_the_page(page: Page, address, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}/gallery")
    page.locator("details summary").click()
    found = Axe().run(page, options=RULES).response
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_axe_sees_a_fault_where_there_is_one(page: Page, address):
    page.goto(f"{address}/gallery")
    page.evaluate("document.querySelector('label').remove()")
    found = Axe().run(page, options=RULES).response
    assert [fault["id"] for fault in found["violations"]] == ["label"]


def test_a_right_to_left_page_is_turned_round_and_stays_on_the_screen(page: Page, address):
    page.goto(f"{address}/gallery?lang=ar")
    assert page.evaluate("document.documentElement.scrollWidth") == 600
    heading = page.locator("h1").bounding_box()
    assert heading is not None
    assert heading["x"] + heading["width"] > 500


def test_what_is_pressed_is_large_enough_for_a_finger(page: Page, address):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{address}/gallery")
    heights = page.locator("a.button, button.button, input[type=text], select").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) > 8
    assert min(heights) >= 44


def test_the_keyboard_reaches_the_skip_link_first_and_focus_is_seen(page: Page, address):
    page.goto(f"{address}/plain")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert skip.evaluate("one => getComputedStyle(one).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_faults_are_met_first_and_lead_to_their_field(page: Page, address):
    page.goto(f"{address}/gallery")
    expect(page.locator(".summary")).to_be_focused()
    page.get_by_role("link", name="Say where you will meet.").click()
    expect(page.get_by_label("Place")).to_be_focused()


def test_a_draft_is_kept_here_at_once_and_at_the_server_soon(page: Page, address, drafts):
    page.goto(f"{address}/gallery")
    page.get_by_label("Place").fill("Room 7")
    page.get_by_label(NOTE).fill("Неколку прашања")
    expect(page.get_by_text("Saved on this device", exact=True)).to_be_visible()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    (sent,) = drafts
    assert sent["csrf_token"] == "token"
    assert (sent["key"], sent["text"]) == ("person-1-meeting-1-note", "Неколку прашања")
    assert sent["place"] == "Room 7"
    assert "note" not in sent
    assert stored(page)["saved"] is True


def test_text_typed_offline_comes_back_with_the_page(page: Page, address):
    page.goto(f"{address}/gallery")
    page.route("**/drafts", lambda route: route.abort("internetdisconnected"))
    page.get_by_label(NOTE).fill("written in the village")
    expect(page.get_by_text("Saved on this device", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label(NOTE)).to_have_value("written in the village")
    expect(page.get_by_text("Your unsent text is back")).to_be_visible()


def test_a_draft_is_kept_until_the_server_says_that_it_is_a_post(page: Page, address):
    page.goto(f"{address}/gallery")
    page.get_by_label(NOTE).fill("my question")
    page.get_by_label("Place").fill("Room 7")
    page.get_by_role("button", name="Save the meeting").click()
    page.wait_for_load_state()
    assert stored(page)["text"] == "my question"
    page.goto(f"{address}/gallery?draft_done=person-1-meeting-1-note")
    expect(page.get_by_label(NOTE)).to_have_value("")
    assert stored(page) is None


def test_an_old_draft_leaves_the_device(page: Page, address):
    page.goto(f"{address}/plain")
    months_ago = json.dumps({"text": "old", "base": "", "at": 1_600_000_000_000, "saved": False})
    page.evaluate("([key, draft]) => localStorage.setItem(key, draft)", [KEY, months_ago])
    page.goto(f"{address}/gallery")
    expect(page.get_by_label(NOTE)).to_have_value("")
    assert stored(page) is None


def test_a_browser_that_forbids_storage_still_has_a_working_page(page: Page, address, drafts):
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })")
    page.goto(f"{address}/gallery")
    page.get_by_label(NOTE).fill("kept by the server alone")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert drafts[0]["text"] == "kept by the server alone"


def test_control_and_enter_send_the_form_once(page: Page, address):
    page.goto(f"{address}/gallery")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    # an answer without a page leaves the browser where it is
    page.route("**/gallery", lambda route: route.fulfill(status=204))
    page.get_by_label("Place").fill("Room 7")
    page.get_by_label(NOTE).fill("now")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Save the meeting")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Save the meeting").click(force=True)
    assert posts == [f"{address}/gallery"]


FRAME = """
<!doctype html><title>lms</title>
<script>addEventListener("message", ({ data }) => (window.told = [...(window.told ?? []), data]));</script>
<iframe width="600" height="300" src="{source}"></iframe>
"""


def put_in_a_frame(page: Page, address: str, source: str) -> None:
    body = FRAME.replace("{source}", source)
    page.route(f"{address}/lms", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{address}/lms")
    page.frame_locator("iframe").locator("h1").wait_for()


def test_a_framed_page_tells_its_height_and_offers_a_tab_of_its_own(page: Page, address):
    put_in_a_frame(page, address, f"{address}/gallery?frame_origin={address}")
    page.wait_for_function("window.told?.length > 0")
    told = page.evaluate("window.told[0]")
    assert told["subject"] == "lti.frameResize"
    assert told["height"] > 1000
    assert told["message_id"]
    expect(page.frame_locator("iframe").get_by_role("button", name="Open in a new window")).to_be_visible()


@pytest.mark.parametrize("query", ["", "?frame_origin=*"])
def test_a_page_says_nothing_to_a_frame_it_does_not_know(page: Page, address, query):
    put_in_a_frame(page, address, f"{address}/gallery{query}")
    page.wait_for_timeout(400)
    assert page.evaluate("window.told") is None


def test_a_page_of_its_own_offers_no_other_tab(page: Page, address):
    page.goto(f"{address}/gallery")
    expect(page.get_by_role("button", name="Open in a new window")).to_be_hidden()


def test_paper_shows_the_text_and_not_the_controls(page: Page, address):
    page.goto(f"{address}/gallery")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Who is here")).to_be_visible()
    expect(page.get_by_text("Save the meeting")).to_be_hidden()
    expect(page.locator(".tabs")).to_be_hidden()


def test_without_a_script_the_page_says_and_sends_the_same(browser: Browser, address):
    profile = browser.new_context(java_script_enabled=False)
    page = profile.new_page()
    page.goto(f"{address}/gallery")
    expect(page.get_by_role("button", name="Open in a new window")).to_be_visible()
    page.get_by_label("Place").fill("Room 7")
    page.get_by_label(NOTE).fill("plain")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Keep as a draft").click()
    assert "as=draft" in (sent.value.post_data or "")
    profile.close()
