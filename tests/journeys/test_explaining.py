"""An operator asks why a teacher is in a community, asks the LMS too, and joins two accounts of one person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import delete, select

from lms_plc.admin import seats
from lms_plc.communities.memberships import Because, bring_in
from lms_plc.communities.models import Membership
from lms_plc.people.models import Identity, KeptApart, Person
from lms_plc.people.registry import meet

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def to_the_desk(page: Page, school: Any) -> None:
    with school.house.database.write() as session:
        secret = seats.offer(session, school.house.clock(), timedelta(minutes=15))
    page.goto(f"{school.tool}/admin/enter/{secret}")
    page.get_by_role("button", name="Go to the desk").click()
    expect(page.get_by_role("button", name="Leave the desk")).to_be_visible()


@pytest.fixture
def two(school: Any) -> Any:
    """Two members of the community in Veles with one name, whom only this test knows."""
    with school.house.database.write() as session:
        at = school.house.clock()
        met = meet(session, school.site_id, {"90001": "Марија Петровска", "90002": "Марија Петровска"}, at)
        bring_in(session, school.site_id, school.communities[school.veles], list(met.values()), Because(at, "cli"))
    yield met
    with school.house.database.write() as session:
        persons = list(met.values())
        for model in (Membership, Identity):
            session.execute(delete(model).where(model.person_id.in_(persons)))
        session.execute(delete(KeptApart).where(KeptApart.person_id.in_(persons)))
        session.execute(delete(Person).where(Person.id.in_(persons)))


def test_why_somebody_is_here_is_asked_and_answered_by_the_lms_too(
    browser: Callable[..., BrowserContext], school: Any
) -> None:
    page = browser().new_page()
    to_the_desk(page, school)
    page.goto(f"{school.tool}/admin/explain/{school.site_id}")
    page.get_by_label("Person").fill("стојаноска")
    page.get_by_label("Course or community").fill("VELES-ZPU")
    page.get_by_role("button", name="Find out").click()
    expect(page.get_by_text("is in this community: the roster of")).to_be_visible()
    assert "%D1%81" not in page.url, "no name in the address"
    page.get_by_role("button", name="Ask the platform what it says now").click()
    expect(page.get_by_text("That is what is stored.")).to_be_visible()
    page.get_by_text("Ask about somebody else").click()
    page.get_by_label("Person").fill("а")
    page.get_by_label("Course or community").fill("VELES-ZPU")
    page.get_by_label("Ask the learning platform").check()
    page.get_by_role("button", name="Find out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who or what is meant?")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Find out").click()
    expect(page.get_by_role("heading", name="says now")).to_be_visible()


def test_two_accounts_of_one_person_become_one(
    browser: Callable[..., BrowserContext], school: Any, two: dict[str, Any]
) -> None:
    page = browser().new_page()
    to_the_desk(page, school)
    page.goto(f"{school.tool}/admin/twins")
    page.get_by_role("link", name="Compare and join").filter(has_text="Марија Петровска").click()
    expect(page.get_by_text("This cannot be undone")).to_be_visible()
    page.get_by_role("button", name="Join them for good").click()
    expect(page.get_by_role("status").get_by_text("They are one person now.")).to_be_visible()
    with school.house.database.read() as connection:
        who = connection.execute(select(Identity.person_id).where(Identity.subject.in_(two)).distinct()).scalars().all()
    assert len(who) == 1


def test_every_page_of_it_is_readable_for_everybody(
    browser: Callable[..., BrowserContext], flaws: Any, school: Any, two: dict[str, Any]
) -> None:
    page = browser(viewport={"width": 320, "height": 800}).new_page()
    to_the_desk(page, school)

    def look() -> None:
        page.get_by_role("heading", level=1).wait_for()
        assert (page.url, flaws(page)) == (page.url, [])
        assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, 320)

    explain = f"{school.tool}/admin/explain/{school.site_id}"
    place = school.communities[school.veles]
    page.goto(explain)
    look()
    page.get_by_label("Person").fill("а")
    page.get_by_label("Course or community").fill("nothing of that name")
    page.get_by_role("button", name="Find out").click()
    page.get_by_role("alert").wait_for()
    look()
    page.get_by_label("Course or community").fill("VELES-ZPU")
    page.get_by_role("button", name="Find out").click()
    look()
    page.goto(f"{explain}?person={school.macedonian.id}&place={place}")
    page.get_by_role("button", name="Ask the platform what it says now").click()
    page.get_by_text("That is what is stored.").wait_for()
    look()
    page.goto(f"{explain}?person=90001&place={place}")
    look()
    page.goto(f"{school.tool}/admin/twins")
    look()
    page.get_by_role("link", name="Compare and join").filter(has_text="Марија Петровска").click()
    page.get_by_text("This cannot be undone").wait_for()
    look()
