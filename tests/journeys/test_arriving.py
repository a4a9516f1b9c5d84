"""Coming in through the LMS, in its cross-site frame: who comes where, in which language, and who is turned back."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from lms_plc.sites.actions import approve_deployment
from lms_plc.sites.models import Deployment
from lms_plc.sites.stores import REMEMBERED_FOR

from .conftest import open_school, walk_in

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize("who", ["teacher", "mentor", "student"])
def test_whoever_takes_part_in_the_course_comes_into_its_community(browser, come_in, school, who):
    person = getattr(school, who)
    frame = come_in(browser().new_page(), person)
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Велес")
    expect(frame.locator(".me")).to_contain_text("You are here as")
    expect(frame.locator(".me strong")).to_have_text(person.name)


def test_the_first_page_shows_who_is_here_what_was_said_and_what_to_do_next(browser, come_in, school):
    frame = come_in(browser().new_page(), school.student)
    here = frame.locator("section", has=frame.get_by_role("heading", name="Who is here"))
    expect(here.get_by_role("listitem").filter(has_text=school.mentor.name)).to_contain_text("Mentor")
    # he has an account and a place in the course, and has never opened the activity
    expect(here).to_contain_text("Горан Ќосев")
    frame.get_by_role("link", name="All of us").click()
    never_here = frame.get_by_role("listitem").filter(has_text="Горан Ќосев")
    expect(never_here).to_contain_text("has not been here yet")
    expect(frame.get_by_role("listitem").filter(has_text=school.student.name)).not_to_contain_text("has not been here")
    frame.get_by_role("link", name="Home").click()
    expect(frame.get_by_role("heading", name="Said lately")).to_be_visible()
    expect(frame.get_by_role("heading", name="What needs you")).to_be_visible()
    frame.locator("[aria-labelledby=next] .button").first.click()
    expect(frame.locator("main form textarea, .post").first).to_be_visible()


def test_an_administrator_from_outside_sees_the_technical_side_and_no_post(browser, come_in, school):
    page = browser().new_page()
    frame = come_in(page, school.admin)
    expect(frame.get_by_role("heading", level=1)).to_have_text("The technical side")
    expect(frame.get_by_text("connected on")).to_be_visible()
    community = f"/communities/{school.communities[school.veles]}"
    seat = frame.url.split("/courses/")[0]
    for room in ("", "/topics", "/members", "/charter"):
        answer = frame.goto(f"{seat}{community}{room}")
        assert answer is not None
        assert answer.status == 404
    inside = come_in(browser().new_page(), school.student)
    answer = inside.goto(f"{inside.url}/topics")
    assert answer is not None
    assert answer.status == 200


def test_a_course_without_a_community_is_opened_by_its_teacher_and_then_open_to_all(browser, tmp_path):
    """In a school of its own: in the others' it may be open by now."""
    context = browser()
    waits = context.new_page()
    with open_school(tmp_path) as school:
        frame = walk_in(school, waits, school.student, school.zenica)
        expect(frame.get_by_role("heading", level=1)).to_have_text("Nobody has opened this yet")
        founds = walk_in(school, context.new_page(), school.teacher, school.zenica)
        founds.get_by_label("Name of the community").fill("Nastavnici Zenice")
        founds.get_by_role("button", name="Open the community").click()
        expect(founds.get_by_role("heading", level=1)).to_have_text("Nastavnici Zenice")
        expect(founds.get_by_role("listitem").filter(has_text=school.teacher.name)).to_contain_text("Facilitator")
        frame = walk_in(school, waits, school.student, school.zenica)
        expect(frame.get_by_role("heading", level=1)).to_have_text("Nastavnici Zenice")


@pytest.mark.parametrize(("who", "course", "language"), [("macedonian", 5, "mk"), ("serbian", 6, "sr-Latn")])
def test_the_page_speaks_the_language_the_person_has_in_the_lms(browser, come_in, school, who, course, language):
    frame = come_in(browser(locale="nl").new_page(), getattr(school, who), course)
    expect(frame.locator("html")).to_have_attribute("lang", language)
    english = come_in(browser(locale="nl").new_page(), school.student)
    expect(english.locator("html")).to_have_attribute("lang", "en")


def test_a_new_deployment_waits_for_approval_says_so_and_then_opens(browser, open_activity, school):
    with school.house.database.write() as session:
        session.execute(delete(Deployment))
    school.clock.ahead += REMEMBERED_FOR  # an approval that was taken back is remembered for so long
    page = browser().new_page()
    try:
        frame = open_activity(page, school.student)
        expect(frame.get_by_text("has not been approved for your learning platform yet")).to_be_visible()
        expect(frame.locator("code")).to_have_text("deployment_waiting")
    finally:
        with school.house.database.write() as session:
            approve_deployment(session, school.platform_id(), "1", school.house.clock())
    page.reload()
    expect(page.frame_locator("#contentframe").locator(".me strong")).to_have_text(school.student.name)


def test_a_launch_sent_a_second_time_is_refused_as_used(browser, come_in, school):
    page = browser().new_page()
    sent: list[dict[str, str]] = []
    page.on("request", lambda one: sent.append(one.post_data_json) if one.url.endswith("/lti/launch") else None)
    come_in(page, school.student)
    again = """([address, fields]) => {
        const form = Object.assign(document.createElement("form"), { method: "post", action: address });
        for (const [name, value] of Object.entries(fields))
            form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
        document.body.append(form);
        form.submit();
    }"""
    page.evaluate(again, [f"{school.tool}/lti/launch", sent[0]])
    expect(page.locator("code")).to_have_text("state_unknown")
    expect(page.get_by_role("heading", level=1)).to_have_text("The activity could not be opened")


def test_a_launch_that_took_too_long_is_refused_as_expired(browser, open_activity, school):
    page = browser().new_page()

    def dawdle(route):
        school.clock.ahead = timedelta(hours=1)
        route.continue_()

    page.route(f"{school.tool}/lti/launch", dawdle)
    frame = open_activity(page, school.student)
    expect(frame.locator("code")).to_have_text("state_expired")
    page.unroute(f"{school.tool}/lti/launch")
    school.clock.ahead = timedelta()
    page.reload()
    expect(page.frame_locator("#contentframe").locator(".me strong")).to_have_text(school.student.name)
