"""A photo from a phone and a document: chosen, sent, looked at. The buttons above a text, and how it will look."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Frame, Page, expect

from lms_plc.app import create_app
from tests.lms_plc.files.conftest import give_page_with_files

from . import conftest
from .conftest import School, open_school

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

PDF = b"%PDF-1.7\n1 0 obj"
LARGE = 1_500_000 * 1.05


@pytest.fixture(scope="module")
def _school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of our own, with a page that takes files and does nothing else."""

    def with_a_board(*given: Any, **named: Any) -> Flask:
        made = create_app(*given, **named)
        give_page_with_files(made)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conftest, "create_app", with_a_board)
        with open_school(tmp_path_factory.mktemp("school")) as opened:
            yield opened


@pytest.fixture
def open_board(come_in: Any, own_window: Any, school: School) -> Callable[..., Page]:
    """``open_board(context)``: the page, in a window of its own."""

    def go(context: Any) -> Page:
        page = own_window(come_in(context.new_page(), school.student))
        page.goto(f"{page.url}/with-files")
        return page

    return go


def photo(quality: int = 60) -> bytes:
    """Noise, so that it stays as large as a photo of a blackboard."""
    out = BytesIO()
    grain = Image.effect_noise((3000, 2200), 60)
    Image.merge("RGB", (grain, grain.rotate(180), grain)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def choose(page: Page | Frame, *files: tuple[str, str, bytes]) -> None:
    if not page.get_by_label("Photos or files").is_visible():
        page.get_by_text("Add photos or files").click()
    page.get_by_label("Photos or files").set_input_files(
        [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    )


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
def test_a_photo_and_a_document_are_attached_and_looked_at(browser, open_board, flaws, scheme, width):
    page = open_board(browser(color_scheme=scheme, viewport={"width": width, "height": 800}))

    def look() -> None:
        assert flaws(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width

    original = photo()
    assert len(original) > LARGE
    choose(page, ("Board.jpg", "image/jpeg", original), ("Plan 5а.pdf", "application/pdf", PDF))
    page.wait_for_function(
        "size => document.querySelector('[name=files]').files[0].size < size", arg=len(original) * 0.8
    )
    expect(page.locator("[data-files-of]")).to_have_text("")
    page.get_by_label("What is in the picture?").fill("The board after the lesson")
    look()
    page.get_by_role("button", name="Post").click()
    # without words the form is rejected, and keeps its files
    expect(page.get_by_label("Leave out Board.jpg")).to_be_visible()
    look()
    page.get_by_label("Your words").fill("See what they wrote")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("link", name="Plan 5а.pdf")).to_be_visible()
    look()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Plan 5а.pdf").click()
    assert saved.value.suggested_filename == "Plan 5а.pdf"
    small = page.get_by_role("img", name="The board after the lesson")
    assert small.evaluate("image => image.decode().then(() => image.naturalWidth)") == 480
    small.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The board after the lesson")
    whole = page.get_by_role("img", name="The board after the lesson")
    assert whole.evaluate("image => image.decode().then(() => image.naturalWidth)") == 2048
    look()
    page.go_back()
    for name in ("Board.jpg", "Plan 5а.pdf"):
        page.get_by_label(f"Leave out {name}").check()
    page.get_by_label("Your words").fill("They are somewhere else now")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("list", name="Attached")).to_have_count(0)


def test_what_is_too_large_is_said_before_it_travels(browser, open_board):
    page = open_board(browser())
    choose(page, ("film.mp4", "video/mp4", bytes(11 * 1024 * 1024)))
    said = "“film.mp4” is too large. Please choose a smaller one."
    expect(page.locator("[data-files-of]")).to_have_text(said)
    assert page.get_by_label("Photos or files").evaluate("input => input.validationMessage") == said
    choose(page, ("a.pdf", "application/pdf", PDF))
    expect(page.locator("[data-files-of]")).to_have_text("")


def test_the_buttons_write_markdown_and_the_preview_shows_it(browser, open_board, flaws):
    page = open_board(browser(viewport={"width": 360, "height": 740}))
    area = page.get_by_label("Your words")

    def value() -> str:
        return area.evaluate("area => area.value")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    area.fill("minute")
    area.press("Control+A")
    press("Bold")
    assert value() == "**minute**"
    area.press("Control+i")
    assert value() == "***minute***"
    press("Bold")
    area.press("Control+I")
    assert value() == "minute"
    area.press("Control+Z")
    assert value() == "*minute*"
    area.fill("Plan:\none\ntwo")
    area.evaluate("area => area.setSelectionRange(7, 11)")
    press("List")
    assert value() == "Plan:\n\n- one\n- two"
    press("Quotation")
    assert value() == "Plan:\n\n> - one\n> - two"
    press("Quotation")
    press("List")
    assert value() == "Plan:\n\none\ntwo"
    area.fill("")
    press("Link")
    assert value() == "[text of the link](https://)"
    area.fill("here")
    area.press("Control+A")
    press("Link")
    area.press_sequentially("https://example.org")
    assert value() == "[here](https://example.org)"
    area.press("Control+A")
    area.fill("https://example.org/a")
    area.press("Control+A")
    press("Link")
    area.press_sequentially("a plan")
    assert value() == "[a plan](https://example.org/a)"

    area.fill("My **plan** <script>alert(1)</script>")
    press("Preview")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.locator("strong")).to_have_text("plan")
    expect(area).to_be_hidden()
    assert flaws(page) == []
    press("Go on writing")
    expect(area).to_be_focused()
    expect(preview).to_be_hidden()
    area.fill("")
    press("Preview")
    expect(preview).to_have_text("There is nothing to show yet.")
    page.context.set_offline(True)
    press("Go on writing")
    press("Preview")
    expect(preview).to_contain_text("There is no connection")
    expect(area).to_be_visible()


def test_without_script_the_preview_is_a_button_of_the_form(browser, open_activity, school):
    page = open_activity(browser(java_script_enabled=False).new_page(), school.student)
    for label in ("Open the tool", "Continue to the tool"):
        page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_url(f"{school.tool}/s/**")
    page.goto(f"{page.url}/with-files")
    expect(page.get_by_role("group", name="Formatting")).to_have_count(0)
    page.get_by_label("Your words").fill("My **plan**")
    choose(page, ("a.pdf", "application/pdf", PDF))
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").locator("strong")).to_have_text("plan")
    expect(page.get_by_label("Your words")).to_have_value("My **plan**")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("link", name="a.pdf")).to_be_visible()
