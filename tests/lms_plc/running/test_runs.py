"""Does a protocol run keep one clock for everybody, and every note once?"""

import re
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, Role
from lms_plc.core.things import shown
from lms_plc.journal.models import JournalEntry
from lms_plc.meetings.models import Meeting, MeetingRole
from lms_plc.people.models import Person
from lms_plc.protocols.content import shipped
from lms_plc.protocols.forms import filled
from lms_plc.running import endings
from lms_plc.running.actions import become_thing
from lms_plc.running.captures import CAPTURES
from lms_plc.running.models import MeetingPulse, ProtocolRun, PulseGiven, RunNote, RunStep
from lms_plc.running.queries import notes_of, runs_of
from lms_plc.web.i18n import gettext, speaking

from .conftest import path_of

FIVE = "five_beat_session"


def test_a_run_is_begun_explained_and_started(circle: Any, meeting: str, said: Any, events: Any, stored: Any) -> None:
    assert "Begin the meeting" in said(circle.member.get(meeting))
    assert "How do we want to talk?" in said(circle.member.get(f"{meeting}/run"))
    form = {"protocol": "useful_flop", "form_key": secrets.token_urlsafe(18)}
    where = path_of(circle.member.post(f"{meeting}/run", form))
    assert path_of(circle.member.post(f"{meeting}/run", form)) == where
    assert path_of(circle.facilitator.post(f"{meeting}/run", {**form, "protocol": FIVE})) == where
    assert path_of(circle.facilitator.get(f"{meeting}/run")) == where
    page = said(circle.member.get(where))
    for words in ("Useful flop", "Before we begin", "No record with the teller", "Five places to look", "Start"):
        assert words in page
    assert stored(select(Meeting.state))[0][0] == "running"
    assert "Go in" in said(circle.facilitator.get(meeting))
    assert circle.member.post(f"{where}/steer", {"what": "start"}).status_code == 303
    page = said(circle.facilitator.get(where))
    for words in (
        "Step 1 of 7",
        "Thanks and rule",
        "02:00 left",
        "Now speaks: Facilitator",
        "Then: Hoped and happened",
    ):
        assert words in page
    assert "step 1 of 7" in said(circle.facilitator.get(meeting))
    assert [event.verb for event in events() if event.verb.startswith("run.")] == ["run.begun", "run.started"]


@pytest.mark.parametrize("locale", ["ru", "tr"])
def test_the_clock_does_not_say_that_a_member_has_left(run_of: Any, circle: Any, house: Any, locale: str) -> None:
    run = run_of()
    with house.database.write() as session:
        session.execute(update(Person).values(locale=locale))
    page = circle.member.get(run.at).text
    clock = page[page.index('<p class="clock">') :].partition("</p>")[0]
    with speaking(locale):
        of_a_membership = gettext("left")
    assert of_a_membership != "left"
    assert f">{of_a_membership}<" not in clock


def test_what_cannot_be_begun_is_said(circle: Any, meeting: str, said: Any) -> None:
    wrong = circle.member.post(f"{meeting}/run", {"protocol": "nothing", "form_key": "k" * 24})
    assert wrong.status_code == 422
    assert "Please choose one of these." in said(wrong)
    assert circle.member.post(f"{meeting}/run", {"protocol": ""}).status_code == 422
    circle.member.post(f"{meeting}/state", {"state": "cancelled"})
    assert path_of(circle.member.post(f"{meeting}/run", {"protocol": FIVE, "form_key": "k" * 24})) == meeting


def test_of_two_who_press_next_at_once_one_is_heard(circle: Any, run_of: Any, stored: Any, clock: Any) -> None:
    run = run_of()
    for who in (circle.member, circle.facilitator, circle.member):
        assert run.steer(who, "next", 0).status_code == 303
    assert run.now(circle.member)["shown"] == "running.1.0"
    run.steer(circle.member, "extend", 1, minutes=5, had=0)
    run.steer(circle.facilitator, "extend", 1, minutes=5, had=0)
    assert stored(select(RunStep.extended).where(RunStep.step == 1))[0][0] == 300
    clock.move(minutes=20)
    run.steer(circle.member, "extend", 1, minutes=1, had=300)
    assert run.now(circle.member)["left"] == 60
    clock.move(hours=11)
    run.steer(circle.member, "extend", 1, minutes=1, had=run.now(circle.member)["shown"].rpartition(".")[2])
    assert run.now(circle.member)["left"] == 60
    run.steer(circle.member, "back", 1)
    assert run.now(circle.member)["shown"] == "running.0.0"
    assert run.now(circle.member)["left"] == 120


def test_the_clock_stands_while_it_is_paused(circle: Any, run_of: Any, clock: Any, said: Any) -> None:
    run = run_of()
    clock.move(seconds=30)
    run.steer(circle.member, "pause")
    clock.move(minutes=10)
    paused = run.now(circle.facilitator)
    assert (paused["left"], paused["ends"]) == (90, "")
    assert "paused" in said(circle.facilitator.get(run.at))
    run.steer(circle.member, "go_on")
    clock.move(seconds=100)
    going = run.now(circle.facilitator)
    assert going["left"] == -10
    assert going["ends"] == going["at"] - 10_000
    assert "00:10 left over the time" in said(circle.facilitator.get(run.at))


def test_only_who_leads_steers_and_anybody_may_take_the_lead(circle: Any, run_of: Any, said: Any) -> None:
    run, other = run_of(), circle.joined("7")
    assert run.steer(other, "next").status_code == 403
    assert "Next step" not in said(other.get(run.at))
    form = {"role": "facilitator", "person_id": circle.person("7")}
    assert other.post(f"{run.at}/roles", form).status_code == 303
    assert run.steer(other, "next").status_code == 303
    assert run.now(other)["shown"] == "running.1.0"
    assert run.steer(circle.member, "next", 1).status_code == 403
    assert other.post(f"{run.at}/roles", {**form, "role": "king"}).status_code == 303
    assert other.post(f"{run.at}/roles", {**form, "role": "teller", "person_id": uuid4()}).status_code == 404
    circle.member.post(f"{run.at}/roles", {"role": "teller", "person_id": circle.person("2")})
    assert "Now speaks: Teller (" in said(other.get(run.at))


def test_a_part_with_a_name_of_the_communitys_own_is_read_and_not_given(circle: Any, meeting: str, stored: Any) -> None:
    form = {**filled(shipped()["useful_flop"].content), "role-1-name": "Our clock", "form_key": "c" * 24}
    copy = path_of(circle.member.post(f"{circle.home}/protocols/useful_flop/adapt", form | {"modes": ["online"]}))
    begun = {"protocol": copy.rpartition("/")[2], "form_key": "k" * 24}
    run = path_of(circle.member.post(f"{meeting}/run", begun))
    assert "Our clock" in circle.member.get(run).text
    part = {"role": "Our clock", "person_id": circle.person("2")}
    assert circle.member.post(f"{run}/roles", part).status_code == 303
    assert stored(select(MeetingRole.role)) == []


@pytest.mark.parametrize("over", ["ended", "held"])
def test_nobody_takes_the_lead_of_what_is_over_and_sees_who_was_there(
    circle: Any, run_of: Any, stored: Any, clock: Any, over: str
) -> None:
    """Also where a run was forgotten in a meeting that was said to be held."""
    run, other = run_of(), circle.joined("7")
    if over == "ended":
        run.steer(circle.member, "end")
    else:
        circle.member.post(f"{run.meeting}/state", {"state": "held"})
        clock.move(hours=4)
    led = stored(select(MeetingRole.person_id))
    other.post(f"{run.at}/roles", {"role": "facilitator", "person_id": circle.person("7")})
    assert stored(select(MeetingRole.person_id)) == led
    assert "Person 1" not in other.get(f"{run.meeting}/attendance").text


def test_whoever_begins_steers_while_nobody_was_named(circle: Any, meeting: str) -> None:
    other = circle.joined("7")
    where = path_of(other.post(f"{meeting}/run", {"protocol": FIVE, "form_key": "k" * 24}))
    assert other.post(f"{where}/steer", {"what": "start"}).status_code == 303
    assert other.get(f"{where}/now").json["shown"] == "running.0.0"


def test_a_step_is_left_out_for_a_reason(circle: Any, run_of: Any, said: Any, stored: Any) -> None:
    run = run_of()
    refused = run.steer(circle.member, "leave_out", 0, reason=" ")
    assert refused.status_code == 422
    assert "Please fill this in." in said(refused)
    run.steer(circle.member, "leave_out", 0, reason="We know the rule")
    assert stored(select(RunStep.state, RunStep.reason).where(RunStep.step == 0))[0] == ("skipped", "We know the rule")
    assert "left out: We know the rule" in said(circle.facilitator.get(run.at))


def test_a_note_sent_twice_is_one_and_late_ones_find_their_place(
    circle: Any, run_of: Any, clock: Any, stored: Any, said: Any
) -> None:
    run = run_of(FIVE)
    run.steer(circle.member, "next")
    began = clock()
    clock.move(minutes=3)
    second = run.write(circle.member, "I waited a minute", 1)
    number = run.now(circle.member)["number"]
    at = int((began + timedelta(minutes=1)).timestamp() * 1000)
    note = run.write(circle.facilitator, "It was loud before", 1, at=at)
    run.write(circle.facilitator, "It was loud before", 1, at=at, id=note)
    news = run.now(circle.member, number)
    assert list(news["notes"]) == ["notes-1"]
    assert news["notes"]["notes-1"].index("loud before") < news["notes"]["notes-1"].index("waited")
    assert run.now(circle.member, news["number"]).keys() == {"at"}
    assert stored(select(func.count()).select_from(RunNote))[0][0] == 2
    run.write(circle.member, "From the future, and from 1970", 1, at=10**13 - 1)
    run.write(circle.member, "From the past", 1, at=5)
    moments = [row[0] for row in stored(select(RunNote.written_at))]
    assert max(moments) == clock()
    assert min(moments) == began
    assert second in circle.member.get(run.at).text


def test_other_words_in_a_form_somebody_went_back_to_are_another_note(circle: Any, run_of: Any, stored: Any) -> None:
    run = run_of(FIVE)
    note = run.write(circle.member, "The first thing")
    for _ in range(2):
        run.write(circle.member, "And a second one", id=note)
        run.write(circle.facilitator, "Mine, under an id that was taken", id=note)
    texts = sorted(row.text for row in stored(select(RunNote.text)))
    assert texts == ["And a second one", "Mine, under an id that was taken", "The first thing"]
    for words in ("What I think of it", "What I think of it", "And what I will not say"):
        run.write(circle.member, words, kind="JournalEntry", id=note)
    assert len(stored(select(JournalEntry.id))) == 2


def test_own_notes_are_changed_and_taken_back(circle: Any, run_of: Any, said: Any, stored: Any, events: Any) -> None:
    run = run_of()
    note = run.write(circle.member, "A hunch", 3, "Hunch")
    number = run.now(circle.member)["number"]
    assert circle.facilitator.get(f"/run-notes/{note}/edit").status_code == 403
    assert "A hunch" in circle.member.get(f"/run-notes/{note}/edit").text
    assert circle.member.post(f"/run-notes/{note}/edit", {"text": ""}).status_code == 422
    assert circle.member.post(f"/run-notes/{note}/edit", {"text": "A better hunch"}).status_code == 303
    assert "A better hunch" in run.now(circle.facilitator, number)["notes"]["notes-3"]
    number = run.now(circle.member)["number"]
    assert circle.member.post(f"/run-notes/{note}/remove").status_code == 303
    assert run.now(circle.facilitator, number)["notes"] == {"notes-3": ""}
    assert circle.member.get(f"/run-notes/{note}/edit").status_code == 404
    run.write(circle.member, "A hunch", 3, "Hunch", id=note)
    assert "A hunch" not in said(circle.member.get(run.at))
    assert stored(select(RunNote.text))[0][0] == ""
    assert len(events("run.note_written")) == 1


def test_a_note_nobody_can_take_is_said_or_left_to_the_script(circle: Any, run_of: Any, said: Any) -> None:
    run = run_of()
    form = {"id": str(uuid4()), "step": 0, "kind": "AgendaNote", "text": "  "}
    assert circle.member.post(f"{run.at}/notes", form).status_code == 422
    assert circle.member.post(f"{run.at}/notes", {**form, "text": "x", "kind": "MeetingPulse"}).status_code == 422
    kept = circle.member.post(f"{run.at}/notes", {**form, "text": "x" * 2001})
    assert kept.status_code == 422
    assert "x" * 2001 in kept.text
    by_script = {**form, "text": "by a script", "at": "1795000000000"}
    fetched = {"headers": {"Sec-Fetch-Mode": "cors"}}
    assert circle.member.post(f"{run.at}/notes", by_script, **fetched).status_code == 204
    assert circle.member.post(f"{run.at}/notes", {**by_script, "text": ""}, **fetched).status_code == 422
    assert circle.member.post(f"{run.at}/notes", {**form, "text": "x", "step": 99}).status_code == 404
    for step in ("²", "-1", "9" * 5000):
        assert circle.member.post(f"{run.at}/notes", {**form, "text": "x", "step": step}).status_code == 422
    tick = {**form, "id": str(uuid4()), "kind": "ConsentCheck", "text": ""}
    assert circle.member.post(f"{run.at}/notes", tick).status_code == 303
    assert "Checked: nobody can be recognised" in said(circle.member.get(run.at))


def test_in_silence_everybody_reads_only_their_own(circle: Any, run_of: Any, said: Any, house: Any) -> None:
    run = run_of("success_unpacked")
    for step in range(5):
        run.steer(circle.member, "next", step)
    run.write(circle.facilitator, "I could use the cards", 5, "AdaptationIntent")
    assert "cards" not in said(circle.member.get(run.at))
    with house.database.read() as connection:
        assert not any(step.notes for step in notes_of(connection, UUID(run.meeting.rpartition("/")[2])))
    assert "appears when this step is over" in said(circle.member.get(run.at))
    assert run.now(circle.member)["notes"] == {"notes-5": ""}
    assert "cards" in run.now(circle.facilitator)["notes"]["notes-5"]
    run.steer(circle.member, "next", 5)
    assert "cards" in said(circle.member.get(run.at))


def test_what_is_for_the_notebook_stays_out_of_the_run(circle: Any, run_of: Any, said: Any, stored: Any) -> None:
    run = run_of()
    run.steer(circle.member, "next")
    assert "For my own notebook" in said(circle.member.get(run.at))
    note = run.write(circle.member, "I was afraid of the silence", 1, "JournalEntry")
    run.write(circle.member, "I was afraid of the silence", 1, "JournalEntry", id=note)
    assert stored(select(func.count()).select_from(RunNote))[0][0] == 0
    assert stored(select(JournalEntry.community_id))[0][0] == circle.id
    assert len(stored(select(JournalEntry.id))) == 1
    assert "afraid" not in said(circle.member.get(run.at))
    assert "afraid" in said(circle.member.get("/journal"))


def test_actions_have_an_owner_and_a_date(circle: Any, run_of: Any, said: Any, stored: Any) -> None:
    run = run_of()
    for step in range(5):
        run.steer(circle.member, "next", step)
    page = said(circle.member.get(run.at))
    assert "Who does it?" in page
    more = {"owner_id": circle.person("1"), "due": "2026-12-09"}
    note = run.write(circle.member, "Try the two questions", 5, "ActionItem", **more)
    assert "by Dec 9, 2026" in said(circle.member.get(run.at))
    run.write(circle.member, "Nobody’s", 5, "ActionItem", owner_id=uuid4())
    assert {row[0] for row in stored(select(RunNote.owner_id))} == {circle.person("1"), None}
    assert "2026-12-09" in circle.member.get(f"/run-notes/{note}/edit").text
    changed = {"text": "Try one question", "owner_id": "", "due": ""}
    assert circle.member.post(f"/run-notes/{note}/edit", changed).status_code == 303
    assert stored(select(RunNote.owner_id, RunNote.due).where(RunNote.text == "Try one question"))[0] == (None, None)


def test_the_end_leaves_out_the_rest_closes_the_meeting_and_tells_whoever_listens(
    circle: Any, run_of: Any, meeting: str, said: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(endings, "_endings", [])
    endings.when_a_run_ends(lambda _, actor, run, steps: heard.append((actor, run, steps)))
    run = run_of()
    run.write(circle.member, "The moment it turned", 0)
    ended = run.steer(circle.member, "end", 0)
    assert path_of(ended) == meeting
    assert run.steer(circle.member, "end", 0).status_code == 303
    [(_, seen, steps)] = heard
    assert (seen.state, len(steps)) == ("ended", 7)
    assert [note.text for note in steps[0].notes] == ["The moment it turned"]
    assert (steps[0].state, steps[1].state, steps[1].reason) == ("done", "skipped", "ended before it")
    assert stored(select(ProtocolRun.state))[0][0] == "ended"
    page = said(circle.facilitator.get(run.at))
    assert "This meeting has ended" in page
    before = stored(select(MeetingRole.person_id))
    circle.facilitator.post(f"{run.at}/roles", {"role": "facilitator", "person_id": circle.person("1")})
    assert stored(select(MeetingRole.person_id)) == before
    assert run.now(circle.member)["live"] == ""
    run.write(circle.facilitator, "Written on the train, sent at home", 0)
    assert "Written on the train" in said(circle.member.get(run.at))


def test_one_that_was_broken_off_keeps_its_notes_and_is_taken_up_again(
    circle: Any, run_of: Any, said: Any, clock: Any
) -> None:
    first = run_of()
    first.write(circle.member, "As far as we came")
    clock.move(seconds=20)
    first.steer(circle.member, "break_off")
    assert "This was broken off" in said(circle.facilitator.get(first.at))
    second = run_of(FIVE)
    assert second.at != first.at
    first.steer(circle.member, "take_up")
    assert first.now(circle.member)["live"] == ""
    second.steer(circle.member, "break_off")
    clock.move(minutes=5)
    first.steer(circle.member, "take_up")
    first.steer(circle.member, "go_on")
    assert first.now(circle.member)["left"] == 100
    assert "As far as we came" in said(circle.facilitator.get(first.at))


def test_the_pulse_is_nobodys_and_shown_from_five_on(
    circle: Any, run_of: Any, said: Any, stored: Any, events: Any
) -> None:
    run = run_of()
    for step in range(6):
        run.steer(circle.member, "next", step)
    people = [circle.member, circle.facilitator, *(circle.joined(str(number)) for number in (7, 8, 9))]
    assert "Was it worth your time?" in said(people[0].get(run.at))
    for number, who in enumerate(people):
        assert "of 5 or more" not in said(who.get(run.at))
        assert who.post(f"{run.at}/pulse", {"worth": number + 1, "word": f"word{number}"}).status_code == 303
    assert people[0].post(f"{run.at}/pulse", {"worth": 5}).status_code == 303
    page = said(people[2].get(run.at))
    assert "Half of you answered 3 of 5 or more." in page
    assert "word4" in page
    assert len(stored(select(MeetingPulse.id))) == len(stored(select(PulseGiven.person_id))) == 5
    assert {event.actor_id for event in events("pulse.given")} == {None}
    assert people[0].post(f"{run.at}/pulse", {"worth": 9}).status_code == 422


def test_open_actions_are_closed_where_they_are_spoken_of(circle: Any, run_of: Any, said: Any) -> None:
    first = run_of()
    mine = {"owner_id": circle.person("2"), "due": "2026-11-24"}
    texts = ("Ask the librarian", "Print the cards", "Ring the bell")
    for text in texts:
        first.write(circle.member, text, 0, "ActionItem", **mine)
    first.steer(circle.member, "end")
    again = circle.member.post(
        f"{circle.home}/meetings/new", {"title": "Next", "day": "2026-12-02", "starts": "14:00", "ends": "15:00"}
    )
    where = path_of(circle.member.post(f"{path_of(again)}/run", {"protocol": FIVE, "form_key": "z" * 24}))
    circle.member.post(f"{where}/steer", {"what": "start"})
    page = circle.member.get(where)
    assert "Ask the librarian" in said(page)
    found = re.findall(rf'<p dir="auto">([^<]+)</p>.*?({where}/actions/[0-9a-f-]+)', page.text, re.DOTALL)
    first_url, second_url, third_url = (dict(found)[text] for text in texts)
    assert circle.member.post(first_url, {"became": "done"}).status_code == 303
    refused = circle.member.post(second_url, {"became": "moved"})
    assert refused.status_code == 422
    assert "Please fill this in." in said(refused)
    assert circle.member.post(second_url, {"became": "moved", "due": "2026-12-20"}).status_code == 303
    assert circle.member.post(third_url, {"became": "dropped"}).status_code == 422
    assert circle.member.post(third_url, {"became": "dropped", "text": "The bell is broken"}).status_code == 303
    page = said(circle.member.get(where))
    assert "by Dec 20, 2026" in page
    assert "Ring the bell" not in page


def test_the_page_and_its_question_cost_few_statements(circle: Any, run_of: Any, statements: Any) -> None:
    run = run_of(FIVE)
    number = run.now(circle.member)["number"]
    for step in range(4):
        run.steer(circle.member, "next", step)
        run.write(circle.member, f"note {step}", step)
    spent = []
    for path in (f"{run.at}/now?since={number}", f"{run.at}/now?since={number + 8}", run.at):
        statements.clear()
        assert circle.member.get(path).status_code == 200
        spent.append(len([one for one in statements if not one.startswith(("BEGIN", "SET"))]))
    assert spent[0] == 3
    assert spent[1] == 2
    assert spent[2] <= 9


def test_that_nothing_is_new_takes_few_bytes(circle: Any, run_of: Any) -> None:
    """With the status line, the date and the server's name that the server adds."""
    run = run_of()
    number = run.now(circle.member)["number"]
    answer = circle.member.get(f"{run.at}/now?since={number}")
    sent = sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) + len(answer.data)
    assert sent + 90 <= 250
    assert answer.headers["Cache-Control"] == "no-store"
    for since in ("-5", "99999999999999999999", "soon", ""):
        assert circle.member.get(f"{run.at}/now?since={since}").status_code == 200


def test_what_is_made_elsewhere_has_a_way_there(circle: Any, run_of: Any, app: Any, said: Any) -> None:
    assert {one.endpoint for one in CAPTURES.values() if one.endpoint} <= app.view_functions.keys()
    run = run_of("founding_charter")
    for step in range(3):
        run.steer(circle.member, "next", step)
    page = circle.member.get(run.at)
    assert "Plan a series of meetings" in said(page)
    assert f"{circle.home}/series/new" in page.text


def test_notes_become_things(circle: Any, run_of: Any, house: Any, stored: Any) -> None:
    run = run_of()
    note = UUID(run.write(circle.member, "We begin at two", 0, "Decision"))
    with house.database.write() as session:
        become_thing(session, note, Reference("decision", note))
    who = Actor(circle.person("2"), circle.site_id, "", house.clock())
    with house.database.read() as connection:
        [*_, listed] = runs_of(connection, UUID(run.meeting.rpartition("/")[2]))
        [first, *_] = notes_of(connection, UUID(run.meeting.rpartition("/")[2]))
        things = shown(connection, who, [Reference("run", run.id), Reference("run_note", note)])
    assert (listed.id, listed.step, listed.steps, listed.is_live) == (run.id, 0, 7, True)
    assert (first.notes[0].became, first.protocol_name) == (Reference("decision", note), "Useful flop")
    assert {thing.title for thing in things.values()} == {"Useful flop", "We begin at two"}
    assert "/edit" in circle.member.get(run.at).text


def test_nobody_outside_sees_or_writes_anything(circle: Any, run_of: Any, visitor: Any) -> None:
    run = run_of()
    note = run.write(circle.member, "Among us")
    stranger = visitor()
    stranger.launch("99", "6")
    for path in (run.at, f"{run.at}/now", f"{run.meeting}/run", f"/run-notes/{note}/edit"):
        assert stranger.get(path).status_code == 404
    for path, form in (
        (f"{run.at}/notes", {}),
        (f"{run.at}/steer", {"what": "next"}),
        (f"{run.at}/pulse", {}),
        (f"{run.at}/roles", {}),
    ):
        assert stranger.post(path, form).status_code == 404
    circle.give_role("99", Role.MENTOR)
    assert stranger.get(run.at).status_code == 200
    assert run.steer(stranger, "next").status_code == 303
