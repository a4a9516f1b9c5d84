"""A community is opened by a wizard, keeps its rhythm, and sees who might lead next."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, load
from lms_plc.meetings import actions as meeting_actions
from lms_plc.meetings import queries as meeting_queries
from lms_plc.meetings.models import Meeting, MeetingRole
from lms_plc.people.models import Identity

from .conftest import School, Someone
from .test_every_page import looked_at as looked_at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

ZONE = ZoneInfo("Europe/Skopje")
WEDNESDAY = 2


@pytest.fixture
def new_course(school: School) -> int:
    """A course that has no community, in which two teach and one takes part."""
    course = school.practice.copy_course(school.talgar).id
    for person, role in ((school.teacher, "editingteacher"), (school.mentor, "editingteacher")):
        school.practice.enrol(course, person.id, role)
    school.practice.enrol(course, school.student.id, "student")
    return course


@pytest.fixture
def inside(browser: Any, come_in: Any, own_window: Any) -> Callable[..., Page]:
    """``inside(person, course, width)``: in a window of one's own, at a browser of one's own."""

    def go(person: Someone, course: int, width: int = 1280) -> Page:
        page: Page = own_window(come_in(browser(viewport={"width": width, "height": 800}).new_page(), person, course))
        return page

    return go


def open_community(page: Page, **fields: str) -> str:
    """Presses the button below what stands there; the address of the new community, behind the seat."""
    for label, words in fields.items():
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_role("button", name="Open the community").click()
    page.get_by_role("link", name="Meetings", exact=True).wait_for()
    return "/communities/" + page.url.partition("/communities/")[2].partition("?")[0]


def at(page: Page, path: str) -> str:
    return "/".join(page.url.split("/")[:5]) + path


@pytest.mark.parametrize("width", [360, 1280])
def test_s1_6_a_wizard_asks_for_school_facilitators_and_seats_and_plans_the_charter_meeting(
    inside, school: School, new_course: int, flaws, width: int
) -> None:
    inside(school.mentor, new_course)  # whoever has been here can be named
    page = inside(school.teacher, new_course, width)
    assert flaws(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    expect(page.get_by_label("Who leads it with you?").locator("option:checked")).to_have_text(school.mentor.name)
    expect(page.get_by_label("How many do you mean to be?")).to_have_value("10")
    home = open_community(page, School="OOU Goce Delčev")
    expect(page.get_by_text("2 of 10 seats taken")).to_be_visible()
    expect(page.locator(".people li", has_text="Facilitator")).to_have_count(2)
    page.get_by_role("link", name="Our founding meeting").click()
    expect(page.get_by_text("Founding meeting").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("2:00")
    expect(page.locator("main")).to_contain_text("75 minutes")
    with school.house.database.read() as connection:
        planned = connection.execute(
            select(Meeting.kind, Meeting.protocol, Meeting.starts_at).where(
                Meeting.community_id == UUID(home.rpartition("/")[2])
            )
        ).one()
    assert (planned.kind, planned.protocol) == ("founding", "founding_charter")
    assert timedelta(days=13) < planned.starts_at - school.clock() < timedelta(days=17)
    page.goto(at(page, home))
    page.get_by_role("link", name=re.compile("Change.*school and seats")).click()
    page.get_by_label("How many do you mean to be?").fill("12")
    assert flaws(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 of 12 seats taken")).to_be_visible()


def test_s0_13_every_second_wednesday_one_skipped_and_the_page_says_how_regular_it_was(
    inside, school: School, new_course: int, flaws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(school.practice.state, "now", lambda: school.clock().timestamp())
    page = inside(school.teacher, new_course)
    home = open_community(page, Day="")
    today = school.clock().astimezone(ZONE).date()
    wednesday = today + timedelta(days=(WEDNESDAY - today.weekday()) % 7 or 7)
    page.goto(at(page, f"{home}/series/new"))
    page.get_by_label("How often?").select_option("two_weeks")
    page.get_by_label("On which day?").select_option(str(WEDNESDAY))
    page.get_by_label("Beginning").fill(wednesday.isoformat())
    page.get_by_label("At what time?").fill("14:00")
    page.get_by_label("In our working time").check()
    page.get_by_role("button", name="Plan them").click()
    page.get_by_role("button", name="Skip this one").nth(1).click()

    page.get_by_text("cancelled").wait_for()

    school.clock.ahead += datetime.combine(wednesday, time(14, 1), ZONE) - school.clock()
    hold_next(school, UUID(home.rpartition("/")[2]), school.teacher)
    school.clock.ahead += timedelta(days=15)
    page = inside(school.teacher, new_course, 360)
    page.get_by_role("link", name="Meetings", exact=True).click()
    page.get_by_role("link", name="Our rhythm").click()
    expect(page.get_by_text("1 of 2 held")).to_be_visible()
    figures = page.locator(".figures")
    expect(figures.locator("div", has_text="Longest gap")).to_contain_text("15 days")
    expect(figures.locator("div", has_text="Inside working time")).to_contain_text("1 of 1")
    expect(page.locator(".strip li.held")).to_have_count(1)
    expect(page.locator(".strip li.cancelled")).to_have_count(1)
    assert flaws(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def hold_next(school: School, community_id: UUID, by: Someone) -> None:
    """The meeting whose time it is begins, and is held."""
    with school.house.database.write() as session:
        connection = session.connection()
        person = connection.execute(select(Identity.person_id).where(Identity.subject == str(by.id))).scalar_one()
        who = Actor(person, school.site_id, by.name, school.clock())
        coming = meeting_queries.coming(connection, community_id, who.at)
        assert coming is not None
        meeting: Any = load(connection, who, "meeting", coming.id, "meeting.change")
        meeting_actions.begin(session, who, meeting)
        meeting_actions.close(session, who, meeting)


def led_six_times(school: School, community_id: UUID, by: Someone) -> None:
    """Six meetings in twelve weeks, as if time had passed."""
    now = school.clock()
    with school.house.database.write() as session:
        person = session.execute(select(Identity.person_id).where(Identity.subject == str(by.id))).scalar_one()
        for number in range(1, 7):
            starts, meeting_id = now - timedelta(weeks=2 * number), new_id()
            told = {"minutes": "", "minutes_html": "", "minutes_renderer": 0, "minutes_version": 0}
            times = {"starts_at": starts, "ends_at": starts + timedelta(hours=1), "created_at": starts}
            session.add(
                Meeting(
                    id=meeting_id,
                    community_id=community_id,
                    planned_by_id=person,
                    title="We look at exit tickets",
                    place="",
                    link="",
                    state="held",
                    revision=0,
                    form_key=new_id().hex,
                    changed_at=starts,
                    **told,
                    **times,
                )
            )
            session.flush()
            session.add(
                MeetingRole(
                    meeting_id=meeting_id,
                    role="facilitator",
                    person_id=person,
                    capacity="school",
                    given_by_id=person,
                    at=starts,
                )
            )


def test_s3_14_after_six_meetings_it_is_asked_who_would_lead_and_nobody_is_set(
    inside, school: School, new_course: int, flaws
) -> None:
    teacher = inside(school.teacher, new_course)
    home = open_community(teacher)
    student, other = inside(school.student, new_course, 360), inside(school.mentor, new_course, 360)
    led_six_times(school, UUID(home.rpartition("/")[2]), school.teacher)

    teacher.goto(at(teacher, f"{home}/rhythm"))
    expect(teacher.get_by_text(f"You could ask {school.student.name}")).to_be_visible()
    expect(teacher.get_by_text("These have not led a meeting yet.")).to_be_visible()
    expect(teacher.locator("#turns ~ .tags")).to_contain_text(school.mentor.name)
    expect(teacher.get_by_role("heading", name="Would you lead the next one?")).to_have_count(0)

    student.goto(at(student, f"{home}/rhythm"))
    assert flaws(student) == []
    assert student.evaluate("document.documentElement.scrollWidth") == 360
    student.get_by_role("button", name="Not now").click()
    expect(student.get_by_text("You said “not now”")).to_be_visible()
    assert flaws(student) == []
    teacher.reload()
    expect(teacher.get_by_text(f"You could ask {school.mentor.name}")).to_be_visible()
    expect(teacher.locator("main")).not_to_contain_text(school.student.name)

    other.goto(at(other, f"{home}/rhythm"))
    other.get_by_role("button", name="Yes, I will").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Our founding meeting")
    expect(other.get_by_role("button", name=re.compile("Not me after all.*Facilitator"))).to_be_visible()
    teacher.reload()
    expect(teacher.get_by_text(f"{school.mentor.name} leads the next one")).to_be_visible()
