"""Meetings by protocol as people go through them: one clock, no note lost, and something that comes of it."""

import os
import re
import time
from datetime import time as dtime
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import select

from lms_plc.communities.models import Membership
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, load
from lms_plc.meetings.actions import plan_meeting as plan
from lms_plc.meetings.forms import MeetingForm
from lms_plc.people.models import Identity
from lms_plc.protocols.queries import protocol_for
from lms_plc.running import actions
from lms_plc.running.models import RunNote

from .conftest import School, Someone
from .test_every_page import looked_at as looked_at

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def plan_meeting(frame: Frame | Page, school: School, title: str) -> str:
    """Answers its address."""
    frame.get_by_role("link", name="Meetings", exact=True).click()
    frame.get_by_role("link", name="Plan a meeting").first.click()
    return plan_it(frame, school, title)


def plan_it(frame: Frame | Page, school: School, title: str) -> str:
    """Fills in the form of a meeting; answers its address."""
    frame.get_by_label("What is it called?").fill(title)
    frame.get_by_label("Day").first.fill(school.house.today().isoformat())
    frame.get_by_label("From").first.fill("08:00")
    frame.get_by_label("Until").first.fill("23:50")
    frame.get_by_role("button", name="Plan it").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(title)
    return frame.url.partition("?")[0].partition("#")[0]


def begin_run(frame: Frame | Page, protocol: str) -> str:
    """From a meeting's page; answers the address of the run."""
    frame.goto(f"{frame.url.partition('#')[0].partition('?')[0]}/run")
    frame.get_by_role("radio", name=protocol).check()
    frame.get_by_role("button", name="Begin", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(protocol)
    return frame.url.partition("#")[0]


def write(frame: Frame | Page, text: str) -> None:
    frame.get_by_label("Your words").fill(text)
    frame.locator("#write").get_by_role("button", name="Write it down").click()


def next_step(frame: Frame | Page, title: str) -> None:
    frame.get_by_role("button", name="Next step").click()
    expect(frame.locator("#now")).to_contain_text(title)


def here(address: str, frame: Frame | Page) -> str:
    """The same page for who sits here."""
    return re.sub(r"/s/[^/]+", re.search(r"/s/[^/]+", frame.url)[0], address)  # type: ignore[index]


def test_a_run_on_one_page_looks_right_in_every_width_and_light(looked_at, browser, come_in, own_window, school):
    context, look = looked_at
    page = own_window(come_in(context.new_page(), school.student))
    plan_meeting(page, school, "A look at a run")
    page.goto(f"{page.url}/run")
    look(page)
    page.goto(page.url.removesuffix("/run"))
    begin_run(page, "Five-beat working session")
    look(page)
    shoot(page, "ready")
    page.get_by_role("button", name="Start").click()
    look(page)
    shoot(page, "first")
    for title in ("Open up", "Boil down"):
        next_step(page, title)
    write(page, "They ask more when nobody answers at once")
    expect(page.locator("#notes-2")).to_contain_text("nobody answers")
    page.get_by_text("More", exact=True).click()
    look(page)
    shoot(page, "capture")
    page.get_by_role("link", name="Change").click()
    look(page)
    page.get_by_role("button", name="Save").click()
    next_step(page, "Make")
    next_step(page, "Look back and hand on")
    look(page)
    shoot(page, "last")
    page.get_by_role("button", name="End the meeting").click()
    page.get_by_role("heading", level=1, name="A look at a run").wait_for()
    page.get_by_role("link", name="What was written").click()
    look(page)
    shoot(page, "ended")


def shoot(page: Page, name: str) -> None:
    """Where somebody wants to look at it: PLC_TEST_PICTURES names a folder."""
    folder = os.environ.get("PLC_TEST_PICTURES")
    if not folder:
        return
    before = page.viewport_size
    for width in (360, 600, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=f"{folder}/{name}-dark.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)  # type: ignore[arg-type]


PHONE = {"viewport": {"width": 360, "height": 740}}
RECORDING = {
    "name": "flop.ogg",
    "mimeType": "audio/ogg",
    "buffer": b"OggS\0\2" + bytes(22) + b"\1\x13OpusHead\1\1" + bytes(200),
}


def test_s3_6_a_flop_told_by_voice_is_talked_through_and_leaves_one_redesign_and_a_date(browser, come_in, school):
    """S3-6: who reads it is asked first; seven steps of 35 minutes; one action with its day."""
    teller = come_in(browser(**PHONE).new_page(), school.student)
    teller.get_by_role("link", name="Library", exact=True).first.click()
    teller.get_by_role("link", name="Add something").first.click()
    teller.get_by_role("link", name="It flopped", exact=True).click()
    teller.get_by_role("radio", name="My community").check()
    teller.get_by_role("button", name="Go on").click()
    teller.get_by_label("A title").fill("The lesson that fell apart")
    teller.get_by_label("What happened?").fill("I told it aloud.")
    teller.get_by_label("Or tell it aloud").set_input_files(RECORDING)
    teller.get_by_role("button", name="Save").click()
    expect(teller.get_by_role("heading", level=1)).to_have_text("The lesson that fell apart")
    expect(teller.get_by_role("link", name="flop.ogg")).to_be_visible()

    plan_meeting(teller, school, "What fell apart")
    run = begin_run(teller, "Useful flop")
    expect(
        teller.get_by_text("No record with the teller’s name").or_(teller.get_by_text("No record with the teller"))
    ).to_be_visible()
    colleague = come_in(browser(**PHONE).new_page(), school.teacher)
    colleague.goto(here(run, colleague))
    teller.get_by_role("button", name="Start").click()
    next_step(teller, "Hoped and happened")
    write(teller, "I was proud of it, and that made it worse")
    expect(teller.locator("#said")).to_have_text("In your own notebook")
    next_step(teller, "Clear up")
    next_step(teller, "Five places to look")
    expect(colleague.locator("#now")).to_contain_text("Five places to look")
    write(colleague, "The task had three questions at once")
    expect(teller.locator("#notes-3")).to_contain_text("three questions at once")
    next_step(teller, "Two redesigns")
    next_step(teller, "Teller chooses")
    teller.get_by_label("Your words").fill("One question at a time, on cards")
    day = school.clock() + timedelta(days=12)
    teller.get_by_label("Who does it?").select_option(label=school.student.name)
    teller.get_by_label("Until when?").fill(f"{day:%Y-%m-%d}")
    teller.locator("#write").get_by_role("button", name="Write it down").click()
    expect(teller.locator("#notes-5")).to_contain_text("One question at a time")
    next_step(teller, "Close")
    teller.get_by_label("Very much").check()
    teller.get_by_role("button", name="Answer").click()
    expect(teller.get_by_text("nobody sees which answer is yours")).to_be_visible()
    teller.get_by_role("button", name="End the meeting", exact=True).click()
    expect(teller.get_by_role("heading", level=1)).to_have_text("What fell apart")
    expect(teller.get_by_text("One question at a time, on cards").first).to_be_visible()
    teller.get_by_role("link", name="Agreed", exact=True).first.click()
    expect(teller.get_by_text("One question at a time, on cards").first).to_be_visible()
    expect(colleague.get_by_text("proud of it")).to_have_count(0)


FIRST_OF_VELES = 85
NUMBERS = "[...document.querySelectorAll('#notes-1 .as-typed')].map(one => one.textContent.trim())"
CLOCK = "document.getElementById('clock').textContent.split(':').reduce((all, one) => 60 * all + +one, 0)"
SEVEN_MINUTES_AHEAD = "const now = Date.now; Date.now = () => now() + 420000"


class Counted:
    """How much the server's own threads work for pages, while it is asked."""

    def __init__(self, school: School) -> None:
        self.spent, self.requests, self._app = 0.0, 0, school.app.wsgi_app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        began = time.thread_time()
        answer = self._app(environ, start_response)
        self.spent += time.thread_time() - began
        self.requests += 1
        return answer


APART = 400
"""Milliseconds between two notes whose order is looked at: a device knows the server's clock as well as its last answer
came and went alike fast."""


def sit_down_at(frames: list[Frame], run: str) -> None:
    for frame in frames:
        frame.goto(here(run, frame))
        expect(frame.locator("#stage .clock")).to_be_visible()


def put_down(frame: Frame, text: str) -> None:
    frame.locator("#f-text").fill(text)
    frame.locator("#write button.primary").click()


def clocks_of(frames: list[Frame]) -> list[int]:
    """What each shows, as if all had been looked at in one moment."""
    shown = []
    for frame in frames:
        began = time.monotonic()
        seconds = frame.evaluate(CLOCK)
        shown.append(round(seconds + (began + time.monotonic()) / 2, 1))
    return shown


def in_step(frames: list[Frame]) -> None:
    """The clocks agree as well as they can be seen to: in whole seconds, shown twice a second, by a busy machine."""
    until = time.monotonic() + 20
    while max(clocks := clocks_of(frames)) - min(clocks) > 2:
        assert time.monotonic() < until, clocks
        frames[0].page.wait_for_timeout(250)


def test_twelve_write_at_once_two_lose_the_connection_and_nothing_is_lost(browser, come_in, school, monkeypatch):
    """Twelve browsers; one of them has a clock that is seven minutes wrong, and one loads the page again."""
    people = twelve_of(school)
    contexts = [browser() for _ in people]
    contexts[4].add_init_script(SEVEN_MINUTES_AHEAD)
    frames = [come_in(context.new_page(), person) for context, person in zip(contexts, people, strict=True)]
    with school.house.database.write() as session:
        query = select(Identity.person_id).where(Identity.subject == str(people[0].id))
        leads = session.execute(query).scalar_one()
    run = run_led_by(school, leads)
    sit_down_at(frames, run)
    counted = Counted(school)
    monkeypatch.setattr(school.app, "wsgi_app", counted)
    began = time.monotonic()

    for number, frame in enumerate(frames):
        put_down(frame, f"first of {number:02d}")
        frame.page.wait_for_timeout(APART)
    for frame in frames:
        expect(frame.locator("#notes-1 li")).to_have_count(12)
    in_step(frames)

    gone = (3, 7)
    for number in gone:
        contexts[number].set_offline(True)
    for part in ("a", "b"):
        for number in gone:
            put_down(frames[number], f"offline {number:02d} {part}")
            frames[number].page.wait_for_timeout(APART)
            expect(frames[number].locator("#kept")).to_contain_text(f"offline {number:02d} {part}")
    expect(frames[3].locator("#offline")).to_be_visible()
    for number in (0, 5, 9):
        put_down(frames[number], f"second of {number:02d}")
        frames[number].page.wait_for_timeout(APART)
    expect(frames[1].locator("#notes-1 li")).to_have_count(15)
    frames[5].goto(frames[5].url)
    frames[0].locator("#stage button[value=next]").click()
    expect(frames[1].locator("#notes-2")).to_be_attached()
    for number in gone:
        contexts[number].set_offline(False)
        frames[number].evaluate("dispatchEvent(new Event('online'))")  # one that came too early is followed by a wait
    for frame in frames:
        expect(frame.locator("#notes-1 li")).to_have_count(19)
    for number in gone:
        expect(frames[number].locator("#kept")).to_be_empty()
        expect(frames[number].locator("#offline")).to_be_hidden()
    orders = [frame.evaluate(NUMBERS) for frame in frames]
    assert all(order == orders[0] for order in orders)
    assert orders[0][:12] == [f"first of {number:02d}" for number in range(12)]
    assert orders[0][12:16] == [f"offline {number:02d} {part}" for part in ("a", "b") for number in gone]
    assert orders[0][16:] == [f"second of {number:02d}" for number in (0, 5, 9)]
    with school.house.database.read() as connection:
        written = connection.execute(
            select(RunNote.text).where(RunNote.text.regexp_match("^(first of|second of|offline) [0-9]"))
        )
        assert sorted(row.text for row in written) == sorted(orders[0])
    in_step(frames)
    took = time.monotonic() - began
    share = counted.spent / took
    print(f"{counted.requests} requests in {took:.0f} s: {100 * share:.1f} % of one core")
    assert share < 0.1


def twelve_of(school: School) -> list[Someone]:
    """Teachers of Veles who are active there, and who else is in its course."""
    with school.house.database.read() as connection:
        members = select(Membership.person_id).where(
            Membership.community_id == school.communities[school.veles], Membership.state == "active"
        )
        query = select(Identity.subject).where(Identity.person_id.in_(members), Identity.site_id == school.site_id)
        subjects = {int(subject) for subject in connection.execute(query).scalars()}
    teachers = range(FIRST_OF_VELES, FIRST_OF_VELES + 13)
    found = [Someone(one, f"veles{one - FIRST_OF_VELES + 1:02d}", "") for one in teachers if one in subjects]
    return [*found, school.student, school.teacher, school.mentor][:12]


def run_led_by(school: School, person_id: Any) -> str:
    """A run that is under way in its second step; answers its address behind the seat of somebody."""
    at = school.clock()
    actor = Actor(person_id, school.site_id, "", at)
    community = school.communities[school.veles]
    with school.house.database.write() as session:
        seen = load(session.connection(), actor, "community", community, "meeting.plan")
        form = MeetingForm(title="Twelve", day=at.date(), starts=dtime(8), ends=dtime(23, 50))
        meeting_id = plan(session, actor, seen, form, ZoneInfo("Europe/Skopje"))
        meeting = load(session.connection(), actor, "meeting", meeting_id, "run.begin")
        protocol = protocol_for(session.connection(), community, "five_beat_session")
        run_id = actions.begin(session, actor, meeting, protocol, new_id().hex)
        run = load(session.connection(), actor, "run", run_id, "run.steer")
        actions.start(session, actor, run)
        actions.next_step(session, actor, run, 0)
    return f"{school.tool}/s/nobody/runs/{run_id}"
