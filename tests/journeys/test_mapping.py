"""An operator checks the connection, writes rules and looks at what they make before they count; on a phone too."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import delete, update

from lms_plc.admin import seats
from lms_plc.rostersync.models import SyncRule
from lms_plc.sites.models import Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def untouched(school: Any) -> Iterator[None]:
    """Other journeys go on with the school as it was."""
    yield
    with school.house.database.write() as session:
        session.execute(delete(SyncRule))
        session.execute(update(Site).values(covers="placed", syncs="apply", sync_every=None, register=None, writes=[]))


@pytest.fixture
def to_the_desk(school: Any, untouched: None) -> Callable[[BrowserContext], Page]:
    def go(context: BrowserContext) -> Page:
        with school.house.database.write() as session:
            secret = seats.offer(session, school.house.clock(), timedelta(minutes=15))
        page = context.new_page()
        page.goto(f"{school.tool}/admin/enter/{secret}")
        page.get_by_role("button", name="Go to the desk").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Learning platforms")
        return page

    return go


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_rule_is_looked_at_stored_moved_and_removed(
    browser: Any, to_the_desk: Callable[[BrowserContext], Page], script: bool
) -> None:
    page = to_the_desk(browser(java_script_enabled=script))
    page.get_by_role("link", name="Rules – practice").click()
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Only those of these names").fill("VELES-*\nBITOLA*")
    page.get_by_role("button", name="Look what it would make").click()
    expect(page.get_by_text("Every course called VELES-*, BITOLA* becomes a community of its own.")).to_be_visible()
    page.get_by_text("Which communities?").click()
    expect(page.get_by_text("Заедница за професионално учење – Велес", exact=True)).to_be_visible()
    expect(page.get_by_label("Only those of these names")).to_have_value("VELES-*\nBITOLA*")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_role("status")).to_contain_text("The rule is stored.")

    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Cohorts", exact=True).check()
    page.get_by_label("All together become one new community").check()
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what the community of all together is called.")
    page.get_by_label("Name of the new community").fill("Everybody's circle")
    page.get_by_role("button", name="Add the rule").click()

    rules = page.get_by_role("list", name="Rules").locator("> li")
    expect(rules.nth(1)).to_contain_text("“Everybody's circle”")
    rules.nth(1).get_by_role("button", name="Up").click()
    expect(rules.nth(0)).to_contain_text("“Everybody's circle”")
    page.get_by_role("link", name="Look what the rules make").click()
    expect(rules.nth(0)).to_contain_text("3 cohorts. People in them: 34.")
    expect(rules.nth(1)).to_contain_text("This rule makes these")
    rules.nth(0).get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    expect(rules).to_have_count(1)


def test_a_connection_is_checked_and_takes_only_a_token_that_works(
    browser: Any, to_the_desk: Callable[[BrowserContext], Page], school: Any
) -> None:
    page = to_the_desk(browser())
    page.get_by_role("link", name="Connection – practice").click()
    page.get_by_role("link", name="Check it now").click()
    expect(page.get_by_role("heading", name="Rights a roster needs")).to_be_visible()
    expect(page.locator("li", has_text="moodle/course:enrolreview").first).to_contain_text("✓ all right")
    expect(page.get_by_text("✗ wrong")).to_have_count(0)
    page.get_by_label("Token").fill("nonsense")
    page.get_by_role("button", name="Try it and keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("This token was not kept")
    assert "nonsense" not in page.content()
    page.get_by_label("Token").fill(school.practice.web_service_token)
    page.get_by_role("button", name="Try it and keep it").click()
    expect(page.get_by_role("status")).to_contain_text("The new token works and is kept.")
    assert school.practice.web_service_token not in page.content()


def test_the_pages_are_readable_for_everybody(
    browser: Any, to_the_desk: Callable[[BrowserContext], Page], school: Any, flaws: Any
) -> None:
    page = to_the_desk(browser(viewport={"width": 320, "height": 800}))

    def see() -> None:
        for summary in page.locator("main summary").all():
            summary.click()
        assert (page.url, flaws(page)) == (page.url, [])
        assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, 320)

    see()
    at = f"{school.tool}/admin"
    for names, makes in (("*", "each"), ("VELES-*", "none"), ("An-endless-" + "name" * 40, "each")):
        page.goto(f"{at}/mapping/{school.site_id}/new")
        page.get_by_label("Only those of these names").fill(names)
        page.locator(f"input[name=makes][value={makes}]").check()
        page.get_by_role("button", name="Add the rule").click()
    for path in (
        f"mapping/{school.site_id}",
        f"mapping/{school.site_id}?look=yes",
        f"connection/{school.site_id}",
        f"connection/{school.site_id}?look=yes",
        f"switches/{school.site_id}",
    ):
        page.goto(f"{at}/{path}")
        see()
    page.goto(f"{at}/mapping/{school.site_id}/new")
    see()
    page.get_by_role("button", name="Show the categories").click()
    see()
    page.get_by_role("button", name="Look what it would make").click()
    see()
    page.get_by_label("All come into a community there is").check()
    page.get_by_role("button", name="Add the rule").click()
    page.get_by_role("alert").wait_for()
    see()
    page.goto(f"{at}/mapping/{school.site_id}")
    page.get_by_role("link", name="Remove").first.click()
    see()
    page.goto(f"{at}/switches/{school.site_id}")
    page.get_by_label("Every so many minutes").fill("1")
    page.get_by_label("Communities as cohorts").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    see()


def test_a_keyboard_alone_is_enough_to_add_a_rule(
    browser: Any, to_the_desk: Callable[[BrowserContext], Page], school: Any
) -> None:
    page = to_the_desk(browser())
    page.goto(f"{school.tool}/admin/mapping/{school.site_id}/new")
    page.get_by_label("Courses", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Groups of courses")).to_be_checked()
    page.get_by_label("Only courses in this category").focus()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator(".topic-title")).to_have_text(
        "Every group of the courses in category 7 becomes a community of its own."
    )
