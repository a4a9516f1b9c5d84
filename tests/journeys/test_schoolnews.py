"""Telling the school: a colleague from another community hears what is meant for all, and nothing else."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from lms_plc.core.ids import new_id
from lms_plc.people.models import Identity, PersonSchool, School
from lms_plc.schoolnews.models import SchoolItem, SchoolItemSchool

from .test_conversations import start_topic
from .test_notifications import friday_morning, letters, looked_at, the_worker_passes

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

assert letters
assert looked_at


@pytest.fixture
def colleagues(school: Any) -> Any:
    """The student teaches at the school in Veles, and so does somebody of the community in Novi Sad."""
    school_id = new_id()
    with school.house.database.write() as session:
        session.add(School(id=school_id, site_id=school.site_id, name="OU Blaže Koneski", folded="ou blaze koneski"))
        session.flush()
        for person in (school.student, school.serbian):
            person_id = session.execute(
                select(Identity.person_id).where(Identity.subject == str(person.id))
            ).scalar_one()
            session.execute(delete(PersonSchool).where(PersonSchool.person_id == person_id))
            session.add(PersonSchool(person_id=person_id, school_id=school_id, place=0))
    yield
    with school.house.database.write() as session:
        for model in (SchoolItemSchool, SchoolItem):
            session.execute(delete(model))
        session.execute(delete(PersonSchool).where(PersonSchool.school_id == school_id))
        session.execute(delete(School).where(School.id == school_id))


def tell(page: Page, title: str) -> None:
    page.get_by_role("link", name="School news").first.click()
    page.get_by_role("main").get_by_role("link", name="From “").first.click()
    page.get_by_label("In one line").fill(title)
    page.get_by_label("A few words").fill(f"{title}: everybody is welcome.")
    expect(page.get_by_label("OU Blaže Koneski")).to_be_checked()
    page.get_by_role("button", name="Tell the school").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_s0_8_a_colleague_of_the_school_gets_three_items_and_nothing_else(
    browser, come_in, own_window, school, letters, colleagues, looked_at
):
    house, server = letters
    the_worker_passes(house)
    reader = come_in(browser().new_page(), school.serbian, school.novi_sad)
    frame = come_in(browser().new_page(), school.student)
    start_topic(frame, "Only among ourselves", "Nobody else should read this.")
    page = own_window(frame)
    items = ("Open lesson on Tuesday", "A shelf for spare chalk", "We look for a choir")
    for item in items:
        tell(page, item)

    reader.locator("nav.mine a[href$='/school']").click()
    for item in items:
        expect(reader.get_by_role("main")).to_contain_text(item)
    expect(reader.get_by_role("main")).not_to_contain_text("Only among ourselves")

    school.clock.ahead = friday_morning(school.clock()) - school.clock()
    the_worker_passes(house)
    [letter] = [one for _, to, one in server.letters if to[0].startswith(school.serbian.username)]
    text = letter.get_body(("plain",)).get_content()
    assert [item in text for item in items] == [True] * 3
    assert "Only among ourselves" not in text


def test_the_pages_of_the_school_news_are_readable_for_everybody(
    browser, come_in, own_window, school, colleagues, looked_at
):
    page = own_window(come_in(browser().new_page(), school.student))
    home = page.url
    tell(page, "Open lesson on Tuesday")
    item = page.url
    looked_at(page, item, item.partition("/school/")[0] + "/school", f"{home}/school", f"{home}/school/new")
    page.goto(item)
    page.get_by_text("Take it back").first.click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What we tell the school")
