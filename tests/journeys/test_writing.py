"""An operator looks what would be written into the LMS, leaves somebody out, applies the rest, and takes it back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from lms_plc.admin import seats
from lms_plc.sites.models import Site
from lms_plc.writeback.job import push_next
from lms_plc.writeback.opening import open_writable

from .conftest import PHONE, School, open_school

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def own_school(tmp_path: Any) -> Iterator[School]:
    """A school of this journey alone."""
    with open_school(tmp_path) as opened:
        with opened.house.database.write() as session:
            session.execute(
                update(Site).where(Site.id == opened.site_id).values(writes=["cohorts", "groups", "messages"])
            )
        yield opened


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("options", [{}, {**PHONE, "color_scheme": "dark"}])
def test_an_operator_sees_what_would_be_written_decides_and_takes_it_back(
    own_school: School,
    browser: Callable[..., BrowserContext],
    flaws: Callable[..., list[tuple[str, str]]],
    options: dict[str, Any],
) -> None:
    def look() -> None:
        assert (page.url, flaws(page), fits(page)) == (page.url, [], True)

    page = browser(**options).new_page()
    with own_school.house.database.write() as session:
        secret = seats.offer(session, own_school.house.clock(), timedelta(minutes=15), "Vera")
    page.goto(f"{own_school.tool}/admin/enter/{secret}")
    page.get_by_role("button", name="Go to the desk").click()
    page.goto(f"{own_school.tool}/admin/writing/{own_school.site_id}")
    look()
    page.get_by_role("button", name="Look what would be written").click()
    expect(page.get_by_role("heading", level=1, name="Plan of writing")).to_be_visible()
    look()
    boxes = page.get_by_role("checkbox")
    community_name = page.locator("label", has_text="make cohort").first.locator("bdi").first.inner_text()
    boxes_of_cohort = page.locator("label", has_text="add to cohort").filter(has_text=community_name).count()
    boxes.nth(1).uncheck()
    page.get_by_role("button", name="Write what is ticked").click()
    expect(page.get_by_text("A worker writes what is ticked.")).to_be_visible()
    page.goto(f"{page.url}&still=1")  # told once, the page loads itself anew no more
    look()
    plan_id = UUID(page.url.partition("?")[0].rpartition("/")[2])
    written(own_school, plan_id)
    page.goto(page.url.partition("?")[0])
    expect(page.get_by_text("left out: 1")).to_be_visible()
    expect(page.get_by_text("failed")).to_have_count(0)
    look()
    community = own_school.communities[own_school.veles]
    with open_writable(own_school.house, own_school.site_id) as lms:
        cohort = lms.cohorts().find(f"plc-{community}")
        assert cohort is not None
        assert len(lms.cohorts().members(cohort)) == boxes_of_cohort - 1
    page.goto(f"{own_school.tool}/admin/writing/{own_school.site_id}")
    page.get_by_text("Take back what this tool made").click()
    look()
    page.get_by_role("button", name="Look what would be taken back").click()
    expect(page.get_by_text("remove cohort").first).to_be_visible()
    page.get_by_role("button", name="Write what is ticked").click()
    expect(page.get_by_text("A worker writes what is ticked.")).to_be_visible()
    written(own_school, UUID(page.url.partition("?")[0].rpartition("/")[2]))
    with open_writable(own_school.house, own_school.site_id) as lms:
        assert lms.cohorts().find(f"plc-{community}") is None
    page.goto(f"{own_school.tool}/admin/writing/{own_school.site_id}/check")
    expect(page.get_by_text("can be called").first).to_be_visible()
    look()


def written(school: School, plan_id: UUID) -> None:
    """What a worker does."""
    while push_next(school.house, plan_id):
        pass
