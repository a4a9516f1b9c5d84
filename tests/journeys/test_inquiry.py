"""Any teacher leads a project of her own, from a concern nobody else can open to what stays of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import select

from lms_plc.admin import seats
from lms_plc.communities.memberships import Because, assign_role, end_roles
from lms_plc.communities.models import RoleAssignment
from lms_plc.core.policy import Role
from lms_plc.people.models import Identity

from .conftest import School, Someone
from .test_every_page import looked_at as looked_at
from .test_runs import PHONE, here, next_step, plan_it, shoot
from .test_runs import write as write_down

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

STAGES = {
    "What matters and what troubles me": 2,
    "My development priority": 1,
    "Talking it through": 2,
    "Action plan": 2,
    "Leading the work": 2,
    "Portfolio": 3,
    "Sharing the story": 2,
    "What stays": 2,
}
"""The stages of the long way, and how many things each is left by."""

SECRET = "I raise my voice when I am tired. I want to wait instead."


def begin(frame: Frame | Page, title: str, way: str = "Teacher-led development work") -> str:
    """Answers the project's address."""
    frame.get_by_role("link", name="Projects", exact=True).first.click()
    frame.get_by_role("link", name="Begin a project").first.click()
    frame.get_by_label("What is it about?").fill(title)
    frame.get_by_role("radio", name=way).check()
    frame.get_by_role("button", name="Begin", exact=True).click()
    frame.get_by_role("heading", name="To think about").wait_for()
    return frame.url.partition("/stages/")[0]


def write(frame: Frame | Page, text: str) -> None:
    """Answers the first prompt of a stage."""
    frame.get_by_label("My words").first.fill(text)
    frame.get_by_role("button", name="Keep it").first.click()
    expect(frame.get_by_text(text)).to_be_visible()


def go_on(frame: Frame | Page) -> None:
    frame.get_by_role("button", name=re.compile("^(Done; go on to|This stage is done)")).click()


def test_s1_5_a_teacher_goes_through_all_eight_stages_and_each_says_what_is_missing(browser, come_in, school):
    """S1-5: started as a teacher, without anybody's approval; every stage lists what is still missing."""
    frame = come_in(browser(**PHONE).new_page(), school.student)
    project = begin(frame, "Quiet pupils ask")
    for name, exits in STAGES.items():
        expect(frame.get_by_role("heading", level=1)).to_have_text(name)
        expect(frame.get_by_role("heading", name="Time to go on when")).to_be_visible()
        expect(frame.locator(".exits li", has_text="still missing")).to_have_count(exits)
        write(frame, f"{name}: I wait before I call on anybody. They write first.")
        if name == "What matters and what troubles me":
            expect(frame.locator(".exits li", has_text="so it is")).to_have_count(1)
        if name == "My development priority":
            frame.get_by_role("button", name="It is so").click()
            expect(frame.get_by_text("still missing")).to_have_count(0)
        if name == "Talking it through":
            for who in ("The head", "Parents of 6b"):
                frame.get_by_text("Write down a talk", exact=True).click() if who != "The head" else None
                frame.get_by_label("With whom?").fill(who)
                frame.get_by_label("They decide on time, money or rooms").check()
                frame.get_by_label("When did you talk?").fill("2026-11-20")
                frame.get_by_label("What did you change because of it?").fill("Only one class at first")
                frame.get_by_role("button", name="Write it down").click()
                expect(frame.get_by_text(who, exact=True)).to_be_visible()
            expect(frame.get_by_text("still missing")).to_have_count(0)
        go_on(frame)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Quiet pupils ask")
    expect(frame.locator(".way li", has_text="done")).to_have_count(8)
    frame.get_by_role("link", name="What stays", exact=True).first.click()
    frame.goto(f"{project}/end")
    frame.get_by_role("radio", name="We keep it", exact=True).check()
    frame.get_by_label("What have you learned?").fill("Silence is not empty.")
    frame.get_by_label("Who takes the next step?").fill("Ana")
    frame.get_by_role("button", name="Conclude it").click()
    expect(frame.get_by_text("Silence is not empty.")).to_be_visible()
    expect(frame.get_by_text("concluded").first).to_be_visible()


@pytest.fixture
def facilitator(school: School) -> Iterator[Someone]:
    """Somebody who leads the community of Veles as long as this test runs."""
    somebody, community = school.teacher, school.communities[school.veles]
    with school.house.database.write() as session:
        query = select(Identity.person_id).where(Identity.subject == str(somebody.id))
        person = session.execute(query).scalar_one()
        because = Because(school.clock(), "cli")
        assign_role(session, school.site_id, community, person, Role.FACILITATOR, because)
    yield somebody
    with school.house.database.write() as session:
        end_roles(session, school.site_id, community, person, Because(school.clock(), "cli"))


def at_the_desk(page: Page, school: School) -> list[str]:
    """The operator, by the command line; answers the pages the desk leads to."""
    with school.house.database.write() as session:
        secret = seats.offer(session, school.house.clock(), timedelta(minutes=15))
    page.goto(f"{school.tool}/admin/enter/{secret}")
    page.get_by_role("button", name="Go to the desk").click()
    expect(page.get_by_role("button", name="Leave the desk")).to_be_visible()
    found = page.locator("a[href^='/admin/']").evaluate_all("all => all.map(one => one.href)")
    return list(dict.fromkeys(found))


def test_s1_8_the_concern_stage_opens_as_only_me_and_no_role_opens_it(browser, come_in, school, facilitator):
    """S1-8: a mentor, a facilitator, an administrator of the LMS and the operator's desk find it on no page."""
    mine = come_in(browser().new_page(), school.student)
    title = "Mine alone for now"
    project = begin(mine, title)
    expect(mine.get_by_text("Who reads this stage: Only who began the project.")).to_be_visible()
    expect(mine.get_by_text("Nobody else can open it, also no administrator")).to_be_visible()
    write(mine, SECRET)
    for somebody in (school.mentor, facilitator, school.admin):
        other = come_in(browser().new_page(), somebody)
        if somebody != school.admin:
            expect(other.get_by_role("link", name="Projects", exact=True).first).to_be_visible()
        for page in ("", "/stages/concerns", "/rounds", "/people", "/edit", "/end", "/open"):
            other.goto(here(f"{project}{page}", other))
            expect(other.get_by_role("heading", level=1)).to_have_text("There is nothing here")
            expect(other.get_by_text("it belongs to a community you are not in")).to_be_visible()
            assert SECRET not in other.content()
    desk = browser().new_page()
    pages = at_the_desk(desk, school)
    assert len(pages) > 3
    for page in pages:
        answer = desk.goto(page)
        assert answer is not None
        assert answer.status == 200, page
        for word in (SECRET, title):
            assert word not in desk.content(), page
    answer = desk.goto(f"{project}/stages/concerns")
    assert answer is not None
    assert answer.status == 401, "the desk is no seat"
    assert SECRET not in desk.content()

    mine.goto(f"{project}/open")
    expect(mine.get_by_text("This stays yours alone")).to_be_visible()
    expect(mine.locator("input:checked")).to_have_count(0)
    mine.get_by_role("button", name="Open it to my community").click()
    for somebody in (school.mentor, facilitator):
        colleague = come_in(browser().new_page(), somebody)
        colleague.goto(here(project, colleague))
        expect(colleague.locator(".way li").first).to_contain_text("private")
        expect(colleague.get_by_text(SECRET)).to_have_count(0)
        colleague.goto(here(f"{project}/stages/concerns", colleague))
        expect(colleague.get_by_role("heading", level=1)).to_have_text("There is nothing here")
        assert SECRET not in colleague.content()


def test_s1_7_without_a_mentor_a_teacher_leads_a_project_asks_in_runs_a_protocol_and_tells_its_story(
    browser, come_in, school
):
    """S1-7: nobody is a mentor there, and she is neither facilitator nor admin."""
    colleague = come_in(browser().new_page(), school.teacher, school.zenica)
    if colleague.get_by_role("button", name="Open the community").count():
        colleague.get_by_role("button", name="Open the community").click()
        colleague.get_by_role("link", name="Meetings", exact=True).wait_for()
    with school.house.database.read() as connection:
        zenica = UUID(re.findall(r"/communities/([0-9a-f-]{36})", colleague.url)[0])
        assigned = connection.execute(select(RoleAssignment.role).where(RoleAssignment.community_id == zenica))
        assert Role.MENTOR.value not in assigned.scalars().all()

    lead = come_in(browser(**PHONE).new_page(), school.student, school.zenica)
    title = "Who waits, hears more"
    project = begin(lead, title)
    lead.goto(project)
    lead.get_by_role("link", name="Open it to your community").click()
    lead.get_by_role("button", name="Open it to my community").click()
    expect(lead.get_by_role("heading", level=1)).to_have_text(title)
    lead.get_by_role("link", name="Ask somebody in").click()
    lead.get_by_label("Whom?").select_option(label=school.teacher.name)
    lead.get_by_role("radio", name="Works on it with us").check()
    lead.get_by_role("button", name="Ask", exact=True).click()
    expect(lead.get_by_text("asked: works on it")).to_be_visible()

    colleague.get_by_role("link", name="Projects", exact=True).first.click()
    colleague.get_by_role("link", name=title).first.click()
    colleague.get_by_role("button", name="Yes, gladly").click()
    expect(colleague.get_by_role("button", name="Yes, gladly")).to_have_count(0)
    lead.goto(project)
    expect(lead.locator(".rows li", has_text=school.teacher.name)).to_contain_text("works on it")

    lead.get_by_role("link", name=re.compile("^Go on:")).click()
    go_on(lead)
    expect(lead.get_by_role("heading", level=1)).to_have_text("My development priority")
    lead.get_by_role("link", name="Dilemma consultation").click()
    lead.get_by_role("link", name="Plan a meeting with it").click()
    meeting = plan_it(lead, school, "Who helps me think?")
    lead.goto(f"{meeting}/run")
    lead.get_by_role("button", name="Begin with this").click()
    expect(lead.get_by_role("heading", level=1)).to_have_text("Dilemma consultation")
    colleague.get_by_role("link", name="Meetings", exact=True).click()
    colleague.get_by_role("link", name="Who helps me think?").first.click()
    colleague.get_by_role("link", name=re.compile("^Go (in|to the meeting)$")).first.click()
    lead.locator("dt", has_text="Presenter").locator("+ dd").get_by_role("button", name="I’ll do it").click()
    lead.get_by_role("button", name="Start").click()
    for step in ("The dilemma", "Facts", "Widening questions"):
        next_step(lead, step)
    expect(colleague.locator("#now")).to_contain_text("Widening questions")
    write_down(colleague, "What would they say if you asked them?")
    expect(lead.locator("#notes-3")).to_contain_text("if you asked them?")
    lead.get_by_text("More", exact=True).click()
    lead.get_by_role("button", name="End the meeting here").click()
    lead.wait_for_url(f"**{meeting.partition('/s/')[2].partition('/')[2]}*")
    expect(lead.get_by_text("What would they say if you asked them?").first).to_be_visible()

    lead.goto(f"{project}/stages/share")
    lead.get_by_role("button", name="Begin this stage").click()
    lead.get_by_role("link", name="Tell the story").first.click()
    lead.get_by_role("link", name="It worked", exact=True).click()
    lead.get_by_label("A title").fill("I asked them")
    lead.get_by_label("What happened?").fill("They had known it all along.")
    lead.get_by_label("All communities here").check()
    lead.get_by_role("button", name="Save").click()
    expect(lead.get_by_role("heading", level=1)).to_have_text("I asked them")
    lead.goto(project)
    lead.get_by_role("link", name="I asked them").click()
    expect(lead.get_by_text("They had known it all along.")).to_be_visible()
    elsewhere = come_in(browser().new_page(), school.macedonian)
    elsewhere.goto(here(lead.url, elsewhere))
    expect(elsewhere.get_by_text("They had known it all along.")).to_be_visible()


CLIPPED = """() => [...document.querySelectorAll("main *")].filter(one =>
    getComputedStyle(one).overflowY === "hidden" && one.scrollHeight > one.clientHeight + 1 && !one.matches(".unseen")
).map(one => one.innerText.slice(0, 60))"""
"""What of a page is cut off below: words in it are there for ``to_be_visible``, and for nobody who reads."""


def test_what_is_written_in_a_stage_is_read_to_its_end_on_a_phone(browser, come_in, own_window, school):
    context = browser(viewport={"width": 360, "height": 740})
    page = own_window(come_in(context.new_page(), school.student))
    project = begin(page, "Words to their end", "Reflect, improve, repeat")
    text = "\n\n".join(f"{number}. They wait, and look at each other, and one of them begins." for number in range(9))
    write(page, text)
    assert page.evaluate(CLIPPED) == []
    shoot(page, "project-words")
    expect(page.locator("#prompt-0").get_by_role("link", name="Change")).to_be_visible()

    other = context.new_page()
    other.goto(page.url)
    go_on(other)
    page.get_by_text("Just write a note", exact=True).click()
    page.get_by_label("My note").fill(text)
    page.locator("form", has=page.get_by_label("My note")).get_by_role("button").click()
    expect(page.get_by_text("What you wrote is below, ready to be copied.")).to_be_visible()
    assert page.get_by_text("8. They wait").count() == 2
    assert page.evaluate(CLIPPED) == []

    page.goto(f"{project}/round")
    page.get_by_role("radio", name="Again, with a change").check()
    page.get_by_label("What will change, or what was learned?").fill(text)
    page.get_by_role("button", name="So be it").click()
    for path in ("", "/stages/notice", "/rounds"):
        page.goto(f"{project}{path}")
        expect(page.get_by_text("What you do differently this time:")).to_be_visible()
        assert page.evaluate(CLIPPED) == [], path
        shoot(page, f"project-round{path.replace('/', '-')}")
    page.goto(f"{project}/open")
    shoot(page, "project-open-rounds")
    page.goto(project)
    page.get_by_role("link", name="What was written in round 1").click()
    expect(page.get_by_role("heading", name="Round 1")).to_be_in_viewport()


def test_what_is_missing_is_one_press_away_from_the_line_that_says_so(browser, come_in, school):
    frame = come_in(browser(**PHONE).new_page(), school.student)
    project = begin(frame, "What is missing leads on", "Reflect, improve, repeat")
    go_on(frame)
    hunches = frame.locator(".exits").get_by_role("link", name="At least two hunches")
    for words in ("They fear to be wrong.", "Nobody has time to think."):
        hunches.click()
        frame.get_by_label("In a sentence or two").fill(words)
        frame.locator("form[action$='/thoughts']").get_by_role("button").click()
        expect(frame.get_by_text(words)).to_be_visible()
    expect(hunches).to_have_count(0)
    frame.goto(f"{project}/stages/improve")
    frame.get_by_role("button", name="Begin this stage").click()
    frame.locator(".exits").get_by_role("link").click()
    expect(frame.locator(f"main a[href='{urlsplit(project).path}']").first).to_be_visible()


def test_every_page_of_projects_is_readable_for_everybody(looked_at, come_in, own_window, school):
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.student))
    home = page.url
    page.goto(f"{home}/projects")
    look(page)
    page.goto(f"{home}/projects/new")
    look(page)
    page.goto(home)
    project = begin(page, "Нобелова награда за Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte")
    look(page)
    shoot(page, "project-stage")
    write(page, "We wait. They write.")
    look(page)
    page.goto(project)
    look(page)
    shoot(page, "project")
    page.goto(f"{project}/open")
    look(page)
    shoot(page, "project-open")
    page.get_by_role("button", name="Open it to my community").click()
    for stage in ("consult", "plan", "lead", "embed"):
        page.goto(f"{project}/stages/{stage}")
        page.get_by_role("button", name="Begin this stage").click()
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        look(page)
        shoot(page, f"project-{stage}")
    for path in ("/people", "/rounds", "/end", "/edit"):
        page.goto(f"{project}{path}")
        look(page)
    shoot(page, "project-people")
    page.goto(f"{project}/stages/consult")
    page.get_by_label("With whom?").fill(" ")
    page.locator("form[action$='/talks']").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_role("alert").wait_for()
    look(page)
    page.goto(f"{home}/projects")
    look(page)
    shoot(page, "projects")
