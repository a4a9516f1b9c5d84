"""A teacher chooses what stands in the course, students open it, a facilitator confirms who is done, and the grade book
of the LMS shows it; a copied course gets its own community."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect
from sqlalchemy import select

from lms_plc.communities.models import Community, PlacedLink, Placement
from lms_plc.placing.telling import links_waiting, tell_completions
from lms_plc.sites.models import Course
from lms_plc.sites.notices import ask_for_notices

from .conftest import PHONE, School, Someone, tool_frame
from .test_blocked_cookies import forbidden
from .test_platform_storage import arrived, at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

TOOL = "Learning communities"


@pytest.fixture
def choosing(sign_in: Callable[..., None], school: School) -> Callable[..., Frame]:
    """``choosing(page, person, course)``: by the LMS's own button to the tool's picker, in its frame."""

    def go(page: Page, person: Someone, course: int) -> Frame:
        sign_in(page, person, course)
        page.get_by_role("link", name=f"Add from {TOOL}").click()
        frame = tool_frame(page)
        frame.wait_for_url(f"{school.tool}/s/*/choices/**")
        return frame

    return go


def place(
    page: Page, frame: Frame, *, title: str = "", parts: tuple[str, ...] = ("Home",), counts: bool = False
) -> None:
    for part in frame.get_by_role("group", name="What shall open?").get_by_role("checkbox").all():
        part.set_checked(part.evaluate("box => box.labels[0].textContent.trim()") in parts)
    frame.get_by_label("Title in the course").fill(title)
    frame.get_by_label("It counts: done or not done").set_checked(counts)
    frame.get_by_role("button", name="Place it in the course").click()
    page.wait_for_url("**/as/*/course/*")


def test_two_parts_placed_at_once_open_where_they_say(
    browser: Callable[..., BrowserContext],
    choosing: Callable[..., Frame],
    sign_in: Callable[..., None],
    school: School,
    flaws,
) -> None:
    page = browser().new_page()
    frame = choosing(page, school.teacher, school.veles)
    expect(frame.get_by_role("heading", level=1)).to_have_text("What shall stand in the course?")
    assert flaws(frame) == []
    place(page, frame, parts=("Conversations", "Agreements"))
    links = page.get_by_role("link").filter(has_text=re.compile(r"^\s*(Conversations|Agreements) – "))
    expect(links).to_have_count(2)
    student = browser(**PHONE).new_page()
    sign_in(student, school.student, school.veles)
    student.get_by_role("link", name="Agreements – ").click()
    # a phone gets the tool in the whole window
    student.wait_for_url(f"{school.tool}/s/*/communities/{school.communities[school.veles]}/charter")
    expect(student.get_by_role("heading", level=1)).to_have_text("Our agreements")


def test_a_form_sent_wrong_keeps_what_was_typed_and_a_cancelled_choice_places_nothing(
    browser, choosing, school: School
) -> None:
    page = browser().new_page()
    frame = choosing(page, school.teacher, school.veles)
    for part in frame.get_by_role("group", name="What shall open?").get_by_role("checkbox").all():
        part.uncheck()
    frame.get_by_label("Title in the course").fill("Our Tuesdays")
    frame.get_by_role("button", name="Place it in the course").click()
    expect(frame.get_by_role("alert")).to_be_visible()
    expect(frame.get_by_label("Title in the course")).to_have_value("Our Tuesdays")
    frame.get_by_role("button", name="Cancel").click()
    page.wait_for_url("**/as/*/course/*")
    expect(page.get_by_role("link", name="Our Tuesdays")).to_have_count(0)


def test_what_counts_is_confirmed_by_a_facilitator_and_reaches_the_grade_book(
    browser, choosing, sign_in, school: School, flaws
) -> None:
    page = browser().new_page()
    frame = choosing(page, school.mentor, school.veles)
    place(page, frame, title="Lead one, as it is", counts=True)
    student = browser().new_page()
    sign_in(student, school.student, school.veles)
    student.get_by_role("link", name="Lead one, as it is").click()
    tool_frame(student).wait_for_url(f"{school.tool}/s/*/communities/*")
    page.get_by_role("link", name="Lead one, as it is").click()
    frame = tool_frame(page)
    frame.get_by_role("link", name="Lead one, as it is").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Who is done")
    assert flaws(frame) == []
    frame.get_by_role("button", name=re.compile(f"^Confirm: done.*{re.escape(school.student.name)}")).click()
    expect(frame.get_by_text("The learning platform will be told soon.")).to_be_visible()
    for link_id in links_waiting(school.house):
        assert tell_completions(school.house, link_id) == 1
    sign_in(page, school.mentor, school.veles)
    page.get_by_role("link", name="Grades").click()
    review = page.get_by_role("link", name=f"Review: {school.student.name}, Lead one, as it is")
    review.click()
    frame = tool_frame(page)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Who is done")
    expect(frame.get_by_text("The learning platform knows.")).to_be_visible()
    expect(frame.get_by_role("listitem").filter(has_text="done")).to_have_count(1)


def test_a_copied_course_opens_its_own_community_through_the_copied_link(
    browser, choosing, sign_in, school: School
) -> None:
    page = browser().new_page()
    place(page, choosing(page, school.teacher, school.veles), title="Copied with the course")
    copy = school.practice.copy_course(school.veles, with_people=True).id
    sign_in(page, school.teacher, copy)
    page.get_by_role("link", name="Copied with the course").click()
    frame = tool_frame(page)
    frame.wait_for_url(f"{school.tool}/s/*/communities/*")
    own = frame.url.rpartition("/")[2].partition("?")[0]
    assert own != str(school.communities[school.veles])
    with school.house.database.read() as connection:
        twin_of = connection.execute(select(Community.twin_of_id).where(Community.id == UUID(own))).scalar_one()
        assert twin_of == school.communities[school.veles]
        assert connection.execute(select(PlacedLink.course_id)).first() is not None


def test_choosing_works_without_cookies_where_the_lms_keeps_something_for_the_tool(
    profile, sign_in, school: School
) -> None:
    school.practice.turn("storage", on=True)
    try:
        page = profile(forbidden(school.tool, school.lms)).new_page()
        sign_in(page, school.teacher, school.veles)
        page.get_by_role("link", name=f"Add from {TOOL}").click()
        frame = arrived(tool_frame(page), at(f"{school.tool}/s/*.*/choices/**"))
        place(page, frame, title="Chosen without a cookie")
        expect(page.get_by_role("link", name="Chosen without a cookie")).to_be_visible()
    finally:
        school.practice.turn("storage", on=False)


def test_a_platform_that_tells_of_copies_has_the_community_made_before_anybody_opens_it(
    browser, come_in, school: School
) -> None:
    school.practice.turn("notices", on=True)
    try:
        come_in(browser().new_page(), school.serbian, school.novi_sad)
        ask_for_notices(school.house, str(school.platform_id()))
        copy = school.practice.copy_course(school.novi_sad)
        with school.house.database.read() as connection:
            twin_of = connection.execute(
                select(Community.twin_of_id)
                .join(Placement, Placement.community_id == Community.id)
                .join(Course, Course.id == Placement.course_id)
                .where(Course.lms_id == str(copy.id))
            ).scalar_one()
        assert twin_of == school.communities[school.novi_sad]
    finally:
        school.practice.turn("notices", on=False)
