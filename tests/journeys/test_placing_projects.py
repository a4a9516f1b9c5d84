"""A project and class results stand in the course and open right there; an approved portfolio, and hours of meetings,
reach the grade book as done."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import select

from lms_plc.attendance import actions as attendance
from lms_plc.attendance.actions import Mark, Method, Status
from lms_plc.classdata.job import pull_grades
from lms_plc.classdata.models import GradePull
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, load
from lms_plc.core.things import keeper_of
from lms_plc.cycles.queries import choices, cycle_for
from lms_plc.inquiry.actions import open_inquiry, open_to_community
from lms_plc.inquiry.forms import BeginForm
from lms_plc.meetings.actions import close, plan_meeting
from lms_plc.meetings.forms import MeetingForm
from lms_plc.people.models import Identity
from lms_plc.placing.settling import settle_all
from lms_plc.placing.telling import links_waiting, tell_completions
from lms_plc.portfolios import actions as portfolios
from lms_plc.practice_lms.made_up import make_up_grades

from .conftest import PHONE, School, Someone, tool_frame

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

TOOL = "Learning communities"
LINK = "Review: {}, Lead a project of your own"


def actor_of(school: School, someone: Someone) -> Actor:
    with school.house.database.read() as connection:
        person_id = connection.execute(
            select(Identity.person_id).where(Identity.site_id == school.site_id, Identity.subject == str(someone.id))
        ).scalar_one()
    return Actor(person_id, school.site_id, someone.name, school.house.clock())


@pytest.fixture
def project(school: School) -> Callable[[Someone, str], UUID]:
    """``project(person, title)``: a project of theirs in Veles that the community knows of."""

    def begin(someone: Someone, title: str) -> UUID:
        who, house = actor_of(school, someone), school.house
        with house.database.write() as session:
            connection = session.connection()
            community = load(connection, who, "community", school.communities[school.veles], "inquiry.open")
            cycle = cycle_for(connection, community.id, choices(connection, community.id)[0].key)
            assert cycle is not None
            form = BeginForm(title=title, cycle=cycle.key, form_key=new_id().hex)
            inquiry_id = open_inquiry(session, who, house.seal, community, form, cycle)
            seen = load(connection, who, "inquiry", inquiry_id, "inquiry.lead")
            open_to_community(session, who, house.seal, seen, ())
        return inquiry_id

    return begin


@pytest.fixture
def handed_in(school: School, project: Any) -> Callable[[Someone, Someone, str], UUID]:
    """``handed_in(author, reader, title)``: the portfolio of a project, for the reader to say what they think."""

    def hand_in(author: Someone, reader: Someone, title: str) -> UUID:
        inquiry_id, who, house = project(author, title), actor_of(school, author), school.house
        with house.database.write() as session:
            connection = session.connection()
            inquiry = load(connection, who, "inquiry", inquiry_id, "inquiry.lead")
            portfolio_id = portfolios.begin(session, who, inquiry)
            seen = load(connection, who, "portfolio", portfolio_id, "portfolio.edit")
            portfolios.submit(session, who, seen, ())
            seen = load(connection, who, "portfolio", portfolio_id, "portfolio.edit")
            portfolios.ask_readers(session, who, seen, [actor_of(school, reader).person_id])
        return portfolio_id

    return hand_in


@pytest.fixture
def met(school: School) -> Callable[[Someone, Someone], None]:
    """``met(leads, comes)``: yesterday the community met for two hours and a half; who led it ticked the list."""

    def meet(leads: Someone, comes: Someone) -> None:
        who, house = actor_of(school, leads), school.house
        yesterday = (house.clock() - timedelta(days=1)).date()
        form = MeetingForm(title="Tuesdays", day=yesterday, starts=time(14), ends=time(16, 30))
        there = Mark(actor_of(school, comes).person_id, Status.PRESENT)
        with house.database.write() as session:
            connection = session.connection()
            community = load(connection, who, "community", school.communities[school.veles], "meeting.plan")
            meeting_id = plan_meeting(session, who, community, form, ZoneInfo("UTC"))
            meeting = load(connection, who, "meeting", meeting_id, "meeting.mark_attendance")
            close(session, who, meeting)
            attendance.mark(session, who, meeting, [there], Method.LIST)

    return meet


@pytest.fixture
def opened(browser: Any, sign_in: Callable[..., None]) -> Callable[..., Page]:
    """``opened(person, course, name)``: by an activity of the course, on a phone, which shows the tool by itself."""

    def go(person: Someone, course: int, name: str) -> Page:
        page: Page = browser(**PHONE).new_page()
        sign_in(page, person, course)
        page.get_by_role("link", name=name).click()
        page.wait_for_url("**/s/**")
        page.get_by_role("heading", level=1).wait_for()
        return page

    return go


@pytest.fixture
def picking(browser: Any, sign_in: Callable[..., None], school: School) -> Callable[..., tuple[Page, Frame]]:
    """``picking(person, course)``: the tool's picker in the LMS, with nothing chosen."""

    def go(person: Someone, course: int) -> tuple[Page, Frame]:
        page: Page = browser().new_page()
        sign_in(page, person, course)
        page.get_by_role("link", name=f"Add from {TOOL}").click()
        picker = tool_frame(page)
        picker.wait_for_url(f"{school.tool}/s/*/choices/**")
        picker.get_by_role("checkbox", name="Home", exact=True).uncheck()
        return page, picker

    return go


def place(page: Page, picker: Frame) -> None:
    picker.get_by_role("button", name="Place it in the course").click()
    page.wait_for_url("**/as/*/course/*")


def test_s1_7_a_project_stands_in_the_course_and_opens_right_there(
    picking: Any, opened: Any, school: School, project: Any, flaws: Any
) -> None:
    inquiry_id = project(school.student, "Five seconds of silence")
    page, picker = picking(school.teacher, school.veles)
    assert flaws(picker) == []
    picker.get_by_role("checkbox", name="A project: Five seconds of silence").check()
    place(page, picker)
    colleague = opened(school.mentor, school.veles, "Five seconds of silence – ")
    colleague.wait_for_url(f"**/projects/{inquiry_id}")
    expect(colleague.get_by_role("heading", level=1)).to_contain_text("Five seconds of silence")
    assert colleague.evaluate("document.documentElement.scrollWidth") == 360
    with school.house.database.write() as session:
        keeper = keeper_of("inquiry")
        assert keeper is not None
        keeper.hide(session, inquiry_id, school.house.clock())
    late = opened(school.teacher, school.veles, "Five seconds of silence – ")
    late.wait_for_url("**/projects?not_open=inquiry")
    expect(late.get_by_text("This project is not open to you, or not yet.")).to_be_visible()


def test_an_approved_portfolio_or_hours_of_meetings_are_done_in_the_grade_book(
    picking: Any, opened: Any, sign_in: Any, school: School, handed_in: Any, met: Any, flaws: Any
) -> None:
    def tell() -> None:
        settle_all(school.house)
        for link_id in links_waiting(school.house):
            tell_completions(school.house, link_id)

    def review() -> Frame:
        page.get_by_role("link", name=LINK.format(school.student.name)).click()
        frame: Frame = tool_frame(page)
        expect(frame.get_by_role("heading", level=1)).to_have_text("Who is done")
        return frame

    page, picker = picking(school.mentor, school.veles)
    picker.get_by_role("checkbox", name="Home", exact=True).check()
    picker.get_by_label("Title in the course").fill("Lead a project of your own")
    picker.get_by_label("It counts: done or not done").check()
    picker.get_by_role("radio", name="An approved portfolio").check()
    place(page, picker)
    portfolio_id = handed_in(school.student, school.mentor, "Exit tickets")
    opened(school.student, school.veles, "Lead a project of your own")
    reader = opened(school.mentor, school.veles, "Lead a project of your own")
    reader.goto(re.sub(r"/communities/.*", f"/portfolios/{portfolio_id}", reader.url))
    reader.locator("textarea[name=learned]").fill("To wait, and to count the hands")
    reader.locator("input[name=verdict][value=certified]").check()
    reader.get_by_role("button", name="Send").click()
    reader.wait_for_url("**#review-h")
    tell()
    sign_in(page, school.mentor, school.veles)
    page.get_by_role("link", name="Grades").click()
    grades = page.url
    grade = page.get_by_role("cell").filter(has=page.get_by_role("link", name=LINK.format(school.student.name)))
    expect(grade).to_have_text(re.compile(r"^\s*1\s"))
    frame = review()
    expect(frame.get_by_text("Done is whose portfolio in this community has been approved.")).to_be_visible()
    expect(frame.get_by_text("The learning platform knows.")).to_be_visible()
    assert flaws(frame) == []
    frame.get_by_role("link", name="Change what counts").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("What makes somebody done?")
    assert flaws(frame) == []
    frame.get_by_role("radio", name="Hours of meetings").check()
    frame.get_by_role("button", name="Keep it").click()
    expect(frame.get_by_role("alert")).to_be_visible()
    frame.get_by_label("How many hours?").fill("20")
    frame.get_by_role("button", name="Keep it").click()
    expect(frame.get_by_text(re.compile(r"You have \d of 20 hours confirmed\."))).to_be_visible()
    tell()
    page.goto(grades)
    expect(grade).to_have_text(re.compile("^\\s*–"))
    met(school.mentor, school.student)
    frame = review()
    frame.get_by_role("link", name="Change what counts").click()
    frame.get_by_label("How many hours?").fill("2")
    frame.get_by_role("button", name="Keep it").click()
    expect(frame.get_by_text("Done is who has 2 confirmed hours of meetings.")).to_be_visible()
    tell()
    page.goto(grades)
    expect(grade).to_have_text(re.compile(r"^\s*1\s"))
    expect(review().get_by_text("The learning platform knows.")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_teacher_brings_totals_from_the_grade_book(
    browser: Any, come_in: Any, own_window: Any, school: School, flaws: Any, width: int
) -> None:
    make_up_grades(school.practice.state, school.veles, f"Exit ticket {width}")
    window = browser(viewport={"width": width, "height": 740})
    page: Page = own_window(come_in(window.new_page(), school.teacher, school.veles))
    page.goto(re.sub(r"(/communities/[0-9a-f-]{36}).*", r"\1/class-results/grade-book", page.url))
    expect(page.get_by_role("heading", level=1)).to_have_text("Totals from the grade book")
    assert flaws(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_label("What do you want to know?").fill("Did they understand?")
    page.get_by_label("Which column of the grade book?").fill(f"exit ticket {width}")
    page.get_by_role("button", name="Get the totals").click()
    expect(page.get_by_text("are being fetched")).to_be_visible()
    assert flaws(page) == []
    with school.house.database.read() as connection:
        waiting = connection.execute(select(GradePull.id).where(GradePull.state == "waiting")).scalars().all()
    assert [pull_grades(school.house, str(pull_id)) for pull_id in waiting] != [None]
    page.get_by_role("link", name="Look again").click()
    page.wait_for_url("**/class-results/*")
    expect(page.get_by_text("Did they understand?").first).to_be_visible()
