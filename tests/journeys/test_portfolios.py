"""A portfolio: put together from what there is, read by somebody who was asked, given back, approved; never marked."""

import secrets
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lms_plc.communities.models import Membership
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.evidence.actions import keep_node
from lms_plc.inquiry.models import Inquiry
from lms_plc.people.models import Identity

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

SCREENS = pytest.mark.parametrize(
    "screen",
    [{"viewport": {"width": 360, "height": 740}}, {"color_scheme": "dark"}],
    ids=["360", "1280-dark"],
)


def kept_a_concern(school, project: UUID, account: int) -> None:
    with school.house.database.write() as session:
        person = session.execute(select(Identity.person_id).where(Identity.subject == str(account))).scalar_one()
        community = session.execute(select(Inquiry.community_id).where(Inquiry.id == project)).scalar_one()
        assert session.execute(select(Membership.id).where(Membership.person_id == person)).first()
        who = Actor(person, school.site_id, "", school.house.clock())
        keep_node(
            session,
            who,
            community_id=community,
            site_id=school.site_id,
            kind="Concern",
            text="Half of the class never asks a question.",
            author_id=person,
            origin=Reference("inquiry", project),
            form_key=secrets.token_urlsafe(18),
        )


@SCREENS
def test_a_teacher_puts_a_portfolio_together_and_a_colleague_approves_it(
    browser, come_in, own_window, flaws, school, screen
):
    window = own_window(come_in(browser(**screen).new_page(), school.student))
    home = window.url.split("?")[0].rstrip("/")

    def look(page: Page) -> None:
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        assert (page.url, flaws(page)) == (page.url, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]

    window.goto(f"{home}/projects/new?cycle=tldw")
    title = f"Who asks in my class {len(screen)} {secrets.token_hex(2)}"
    window.locator("#f-title").fill(title)
    window.locator("main form button[type=submit]").last.click()
    project = window.url.partition("/projects/")[2][:36]
    seat = window.url.partition("/projects/")[0]
    window.goto(f"{seat}/projects/{project}/open")
    window.locator("main form button[type=submit]").last.click()
    kept_a_concern(school, UUID(project), school.student.id)

    window.goto(f"{seat}/projects/{project}")
    window.locator("form[action$='/portfolio'] button").click()
    expect(window.get_by_role("heading", level=1)).to_have_text(title)
    address = window.url
    look(window)
    window.get_by_role("link", name="Choose something").click()
    look(window)
    window.get_by_role("link", name="Half of the class never asks").click()
    expect(window.locator("#f-stage")).to_have_value("concerns")
    look(window)
    window.get_by_label("What does it show?").fill("How it began: twelve lessons, three voices.")
    window.get_by_label("What does it not show?").fill("Whether the quiet ones had questions.")
    window.get_by_role("button", name="Put it in").click()
    window.get_by_role("link", name="Foreword").click()
    look(window)
    window.get_by_label("Foreword").fill("I wanted more of them to ask.")
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_text("Nobody outside the project has read it yet")).to_be_visible()
    window.get_by_role("link", name="Ask somebody to read it").click()
    look(window)
    window.get_by_label("Find somebody by name").fill(school.mentor.name[:3])
    window.get_by_role("button", name="Find").click()
    window.locator("fieldset label", has_text=school.mentor.name).click()
    window.get_by_role("button", name="Ask them").click()
    window.get_by_role("button", name="It is ready to be read").click()
    expect(window.get_by_text("with its readers")).to_be_visible()
    look(window)

    reader = own_window(come_in(browser(**screen).new_page(), school.mentor))
    own_seat = reader.url.partition("/communities")[0]
    reader.goto(own_seat + address.partition(seat)[2])
    expect(reader.get_by_text("Whether the quiet ones had questions.")).to_be_visible()
    look(reader)

    def says(learned: str, verdict: str, advice: str = "") -> None:
        reader.get_by_label("What I learned").fill(learned)
        reader.get_by_label("Advice", exact=True).fill(advice)
        reader.get_by_label(verdict).check()
        reader.get_by_role("button", name="Send").click()

    says("That three voices can fill a room.", "I give it back with advice", "Tell what did not work.")
    expect(reader.get_by_text("gave it back with advice")).to_be_visible()
    window.goto(address)
    expect(window.get_by_text("Tell what did not work.")).to_be_visible()
    window.get_by_role("button", name="It is ready to be read").click()
    reader.goto(reader.url.partition("#")[0])
    says("That three voices can fill a room.", "I approve it")
    window.goto(address)
    expect(window.get_by_text("has approved it")).to_be_visible()
    look(window)
    window.goto(f"{address}/print")
    look(window)
    assert "points" not in window.locator("main").inner_text()
