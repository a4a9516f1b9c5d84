"""A change leads back to its meeting and forward to its claim; something new is judged; what happened in class is told
in a minute, and becomes a short loop."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from .test_agreed_actions import plan_meeting
from .test_every_page import looked_at as looked_at
from .test_runs import shoot

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def walk(browser, come_in, own_window, school, flaws):
    """``walk(who, width)``: somebody's page, and a look at it that finds no flaw."""

    def begun(who, width, **more):
        page = own_window(come_in(browser(viewport={"width": width, "height": 800}, **more).new_page(), who))

        def look():
            page.get_by_role("heading", level=1).wait_for()
            assert (page.url, flaws(page)) == (page.url, [])
            assert page.evaluate("document.documentElement.scrollWidth") <= width

        return page, look

    return begun


@pytest.mark.parametrize("width", [360, 1280])
def test_s0_14_a_change_leads_back_to_the_meeting_and_forward_to_the_claim(walk, school, width):
    what, today = f"The question first, at {width}", school.clock().date()
    page, look = walk(school.student, width)
    plan_meeting(page, f"Before the change at {width}", today + timedelta(days=21))
    meeting = page.url
    page.get_by_role("link", name="Agree on something to do").click()
    page.get_by_label("What is to be done?").fill(f"Try it at {width}")
    page.get_by_role("button", name="Agreed").click()
    page.get_by_role("link", name=f"Try it at {width}").first.click()
    page.get_by_role("link", name="What I do differently").click()
    look()
    page.get_by_label("What do you do differently?").fill(what)
    page.get_by_label("Where?").fill("Grade 6")
    page.get_by_label("By what will you see that it helps?").fill("More hands")
    page.get_by_role("button", name="I do it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(what)
    change = page.url
    page.get_by_label("What happened?").fill("Quiet first, then many hands.")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("link", name="Say what has changed").click()
    page.get_by_label("Pupils", exact=False).first.check()
    page.get_by_label("What has changed?").fill(f"More of them ask, at {width}")
    page.get_by_label("How many", exact=False).first.fill("24")
    page.locator("[name=strength]").first.check()
    page.get_by_role("button", name="Save").click()
    page.goto(change)
    look()
    claim = page.get_by_role("link", name=f"More of them ask, at {width}")
    expect(claim).to_be_visible()
    back = page.locator(".way-back a")
    expect(back.nth(0)).to_have_text(f"Try it at {width}")
    expect(back.nth(1)).to_have_text(f"Before the change at {width}")
    claim.click()
    page.get_by_role("link", name=what).first.click()
    page.locator(".way-back a").nth(1).click()
    assert page.url == meeting
    page.goto(change)
    page.get_by_text("Say what became of it").click()
    page.get_by_label("It stays").check()
    page.get_by_label("Why?").fill("It costs nothing.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It costs nothing.")).to_be_visible()
    page.get_by_role("link", name="What we do differently").last.click()
    expect(page.locator("li", has_text=what)).to_contain_text("it stays")
    look()


@pytest.mark.parametrize(("width", "verdict"), [(360, "Not for us, because…"), (1280, "We keep it")])
def test_s2_3_a_card_moves_through_three_states_with_a_note_each_and_gets_its_verdict(walk, school, width, verdict):
    page, look = walk(school.teacher, width)
    page.goto(page.url + "/new-things")
    page.get_by_role("link", name="Bring something up").click()
    page.get_by_label("What is it called?").fill(f"Exit tickets at {width}")
    page.get_by_role("button", name="Bring it up").click()
    look()
    page.locator("main form", has_text="Only keep this note").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="Now we test it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look()
    for text, button in (
        ("Ten minutes is much", "Now we test it"),
        ("Six of us tried", "Now we translate it"),
        ("At the door of grade 6", "Only keep this note"),
    ):
        page.locator("textarea[name=text]").fill(text)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_text(text)).to_be_visible()
    look()
    page.get_by_label(verdict).check()
    page.get_by_role("textbox", name="Because…").fill("We have tried it.")
    page.get_by_role("button", name="That is what we make of it").click()
    expect(page.get_by_text("We have tried it.").first).to_be_visible()
    look()
    page.get_by_role("link", name="Something new").last.click()
    expect(page.locator("li", has_text=f"Exit tickets at {width}")).to_contain_text(verdict.partition(",")[0])
    look()


def test_s3_5_a_flop_and_a_success_are_told_and_the_flop_asks_first_who_may_read_it(walk, school):
    page, look = walk(school.student, 360)
    home = page.url
    page.get_by_role("link", name="Something else happened? A flop, a success").click()
    look()
    page.get_by_role("link", name="Tell of a flop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("First: who may read it?")
    page.get_by_label("My community").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("A title").fill("The group work")
    page.get_by_label("What happened?").fill("Nobody knew what to do.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="What next?")).to_be_visible()
    expect(page.get_by_role("button", name="Talk by this protocol at the next meeting")).to_be_visible()
    expect(page.get_by_role("link", name="Begin a short loop")).to_be_visible()
    look()
    page.goto(home + "/happened")
    page.get_by_role("link", name="Tell of a success").click()
    page.get_by_label("A title").fill("The quiet hour")
    page.get_by_label("What happened?").fill("They read for an hour.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="What next?")).to_be_visible()


def test_s3_10_an_aha_grows_into_a_story_in_one_click_and_says_where_it_began(walk, school):
    page, look = walk(school.student, 360)
    page.goto(page.url + "/happened")
    page.get_by_label("In one line").fill("They asked better questions than I did")
    page.get_by_role("button", name="Share an aha").click()
    aha = page.url
    page.get_by_role("link", name="Make a story of it").click()
    expect(page.get_by_label("A title")).to_have_value("They asked better questions than I did")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="They asked better questions than I did").first.click()
    assert page.url.partition("?")[0].partition("#")[0] == aha.partition("?")[0].partition("#")[0]


def test_s3_7_and_s3_8_a_short_loop_is_completed_and_repeated(walk, school, browser, come_in, own_window):
    page, look = walk(school.student, 360)
    home = page.url
    page.goto(home + "/stories/new?kind=flop&audience=community")
    page.get_by_label("A title").fill("They copied the board")
    page.get_by_label("What happened?").fill("Nobody looked at the text.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Begin a short loop").click()
    expect(page.get_by_label("Reflect, improve, repeat", exact=False)).to_be_checked()
    page.get_by_label("What is it about?").fill("Copying the board")
    page.get_by_role("button", name="Begin").click()
    inquiry = page.url.partition("/stages/")[0]

    def write(text):
        page.locator("textarea[name=text]").first.fill(text)
        page.get_by_role("button", name="Keep it").first.click()
        expect(page.get_by_text(text)).to_be_visible()

    def go_on():
        page.get_by_role("button", name="Done; go on to", exact=False).click()
        page.get_by_role("button", name="Begin this stage").or_(page.get_by_role("heading", level=1)).first.wait_for()

    write("They copied what I wrote.")
    look()
    go_on()
    write("Two reasons come to mind.")
    replied = page.locator(".exits li", has_text="one other person has replied")
    replied.get_by_role("button", name="It is so").click()
    expect(replied).to_contain_text("· so it is")
    go_on()
    for number in (1, 2):
        page.goto(f"{inquiry}/stages/improve")
        if number == 2:
            break
        page.get_by_role("link", name="Keep a change").click()
        page.get_by_label("What do you do differently?").fill("I ask before I write")
        page.get_by_label("By what will you see that it helps?").fill("They look up")
        page.get_by_label("When do you try it first?").fill(str(school.clock().date()))
        page.get_by_role("button", name="I do it").click()
    expect(page.get_by_role("link", name="I ask before I write")).to_be_visible()
    go_on()
    page.goto(f"{inquiry}/stages/compare")
    changed, only = "Before: Nearly all copied → Now: Half of them did", "An impression only"
    for text, n in (("Fewer copied", "24"), ("It felt calmer", "")):
        page.get_by_role("link", name="Say what has changed").first.click()
        page.locator("[name=level]").first.check()
        page.get_by_label("What has changed?").fill(text)
        page.locator("[name=before]").fill("Nearly all copied")
        page.locator("[name=after]").fill("Half of them did")
        page.locator("[name=n]").fill(n)
        page.locator("[name=strength]").first.check()
        page.get_by_role("button", name="Save").click()
        expect(page.locator("dl.facts div", has_text="Of how many").locator("dd")).to_have_text(n or only)
        page.goto(f"{inquiry}/stages/compare")
    lines = [
        ("Fewer copied", f"{changed} · Of how many: 24"),
        ("It felt calmer", f"{changed} · {only}"),
    ]
    for text, line in lines:
        expect(page.locator(".rows li", has_text=text).locator("p").nth(1)).to_have_text(line)
    expect(page.locator(".exits li")).to_contain_text("so it is")
    look()
    shoot(page, "project-compare")
    go_on()
    page.goto(f"{inquiry}/stages/repeat")
    page.get_by_role("link", name="Again, tell others, or leave it?").click()
    page.locator("input[name=decision][value=again]").check()
    page.locator("textarea[name=changes]").fill("I write nothing for five minutes")
    page.get_by_role("button", name="So be it").click()
    page.goto(inquiry)
    expect(page.get_by_text("round 2", exact=False).first).to_be_visible()
    look()
    page.goto(inquiry + "/rounds")
    for words in ("Round 1", "Round 2", "I write nothing for five minutes", "I ask before I write", "Fewer copied"):
        expect(page.get_by_text(words).first).to_be_visible()
    for text, line in lines:
        expect(page.locator(".rows li", has_text=text)).to_contain_text(line)
    look()


def test_every_page_of_changes_is_readable_for_everybody(walk, school):
    page, look = walk(school.teacher, 360, color_scheme="dark")
    home = page.url
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3
    for room in ("/changes", "/changes/new", "/new-things", "/new-things/new", "/happened"):
        page.goto(home + room)
        look()
    page.goto(home + "/changes/new")
    page.locator("main form").evaluate("form => (form.noValidate = true)")
    page.get_by_role("button", name="I do it").click()
    page.get_by_role("alert").wait_for()
    look()
    page.get_by_label("What do you do differently?").fill(long)
    page.get_by_label("Only me").check()
    page.get_by_role("button", name="I do it").click()
    look()
    page.get_by_text("Say what became of it").click()
    look()
    page.get_by_role("link", name="Change the words").click()
    look()
    page.goto(home + "/changes?show=mine")
    look()
