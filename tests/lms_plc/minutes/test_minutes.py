"""Are minutes written, read and approved by those who were there, without loss?"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.actionitems.models import ActionItem
from lms_plc.attendance.models import Attendance
from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, Why, hearings
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.things import keeper_of, shown
from lms_plc.meetings.actions import FOUND as MEETINGS
from lms_plc.meetings.models import Meeting, Paperwork
from lms_plc.minutes.actions import FOUND as DECISIONS
from lms_plc.minutes.models import Decision, MinutesAnswer, MinutesVersion
from lms_plc.people.models import PersonSchool, School

FORM = {"title": "Wednesday", "day": "2026-11-25", "starts": "14:00", "ends": "15:15", "place": "Room 3"}
KEY = "k" * 24


def plan(circle: Any, who: Any, **more: str) -> str:
    answer = who.post(f"{circle.home}/meetings/new", {**FORM, **more})
    assert answer.status_code == 303, answer.text
    return re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)


@pytest.fixture
def held(circle: Any, clock: Any) -> str:
    """A meeting that is over; whoever was there is here again."""
    where = plan(circle, circle.member)
    clock.move(days=3, hours=5, minutes=30)
    circle.member.launch("2")
    circle.facilitator.launch("1")
    return where


@pytest.fixture
def written(circle: Any, held: str) -> str:
    write(circle.member, held, "We agreed to *visit*.")
    return held


def write(who: Any, where: str, body: str, version: int = 0, **more: str) -> Any:
    answer = who.post(f"{where}/minutes/write", {"body": body, "based_on": str(version), **more})
    assert answer.status_code == 303, answer.text
    return answer


def say(who: Any, where: str, version: int, **more: str) -> Any:
    return who.post(f"{where}/minutes/answer", {"answer": "right", "version": str(version), **more})


def state_of(stored: Any) -> tuple[str, int]:
    row = stored(select(Meeting.state, Meeting.minutes_version))[0]
    return row.state, row.minutes_version


def attend(circle: Any, house: Any, stored: Any, *subjects: str) -> None:
    meeting_id = stored(select(Meeting.id))[0].id
    with house.database.write() as session:
        for subject in subjects:
            person = circle.person(subject)
            session.add(
                Attendance(
                    meeting_id=meeting_id,
                    person_id=person,
                    status="present",
                    minutes=None,
                    method="list",
                    confirmed_by_id=person,
                    at=house.clock(),
                )
            )


def test_two_who_write_minutes_do_not_undo_each_other(
    circle: Any, said: Any, stored: Any, house: Any, written: str
) -> None:
    late = circle.facilitator.post(f"{written}/minutes/write", {"body": "Mine came later", "based_on": "0"})
    assert late.status_code == 409
    assert "Mine came later</textarea>" in late.text
    assert "We agreed to <em>visit</em>." in late.text
    too_long = {"body": "x" * 60_001, "based_on": "1"}
    assert circle.facilitator.post(f"{written}/minutes/write", too_long).status_code == 422
    assert "We agreed to visit." in said(circle.facilitator.get(f"{written}/minutes"))
    assert "We agreed to visit." in said(circle.facilitator.get(written)), "the beginning stands with the meeting"
    assert state_of(stored) == ("minutes_draft", 1)
    assert [row.form for row in stored(select(Paperwork.form))] == ["minutes"]
    with house.database.read() as connection:
        assert [entry.text for entry in MEETINGS.some(connection, None)] == ["We agreed to visit."]


def test_members_read_them_and_find_them_right(circle: Any, said: Any, stored: Any, events: Any, written: str) -> None:
    assert "Are they right?" in said(circle.facilitator.get(circle.home))
    assert "0 of the 1 needed" in said(circle.member.get(f"{written}/minutes"))
    say(circle.member, written, 1)
    page = said(circle.member.get(f"{written}/minutes"))
    assert "You found them right" in page
    assert "Somebody besides who wrote them has to read them." in page
    assert state_of(stored) == ("minutes_draft", 1)
    assert events("minutes.approved") == []
    for _ in range(2):
        assert say(circle.facilitator, written, 1).status_code == 303
    assert state_of(stored) == ("minutes_approved", 1)
    approved = events("minutes.approved")
    assert [event.facts for event in approved] == [{"version": 1, "right": 2, "asked": 2}]
    assert "These minutes are approved" in said(circle.member.get(f"{written}/minutes"))
    assert "Are they right?" not in said(circle.facilitator.get(circle.home))
    assert "Approved by the members" in said(circle.member.get(f"{written}/minutes/print"))


def test_what_is_not_right_holds_them_up_until_it_is_mended(
    circle: Any, said: Any, stored: Any, events: Any, written: str
) -> None:
    assert say(circle.facilitator, written, 1, answer="wrong").status_code == 422
    refused = say(circle.facilitator, written, 7, answer="wrong", text="It was Friday.")
    assert refused.status_code == 409
    assert "It was Friday.</textarea>" in refused.text
    say(circle.facilitator, written, 1, answer="wrong", text="It was Friday.")
    say(circle.member, written, 1)
    page = said(circle.member.get(f"{written}/minutes"))
    assert "It was Friday.Person 1" in page
    assert state_of(stored) == ("minutes_draft", 1)
    write(circle.member, written, "We agreed to visit on Friday.", 1)
    assert "It was Friday.Person 1" not in said(circle.member.get(f"{written}/minutes"))
    for who in (circle.member, circle.facilitator):
        say(who, written, 2)
    assert state_of(stored) == ("minutes_approved", 2)
    say(circle.facilitator, written, 2, answer="wrong", text="After all not.")
    assert state_of(stored) == ("minutes_draft", 2)
    say(circle.facilitator, written, 2)
    assert state_of(stored) == ("minutes_approved", 2)
    write(circle.facilitator, written, "Once more", 2)
    assert state_of(stored) == ("minutes_draft", 3)
    assert len(events("minutes.drafted")) == 1
    assert [event.facts["version"] for event in events("minutes.written")] == [2, 3]


def test_who_was_there_is_asked(circle: Any, said: Any, stored: Any, house: Any, written: str) -> None:
    third = circle.joined("3")
    attend(circle, house, stored, "2", "3")
    assert "Are they right?" not in said(circle.facilitator.get(circle.home)), "who was not there is not asked at home"
    assert "2 people were there" in said(circle.facilitator.get(f"{written}/minutes"))
    say(circle.facilitator, written, 1)
    assert state_of(stored)[0] == "minutes_draft"
    say(third, written, 1)
    assert state_of(stored)[0] == "minutes_approved"


def test_everybody_hears_once_and_the_scribe_of_what_is_not_right(
    circle: Any, events: Any, house: Any, written: str
) -> None:
    say(circle.facilitator, written, 1, answer="wrong", text="No.")
    write(circle.member, written, "Mended", 1)
    heard = [
        Heard(one.id, one.at, one.verb, one.site_id, one.community_id, one.actor_id, thing, one.facts)
        for one in events("minutes.drafted", "minutes.written", "minutes.objected")
        for thing in [Reference(one.thing_kind, one.thing_id)]
    ]
    first, second = circle.person("1"), circle.person("2")
    with house.database.read() as connection:
        told = [(one.person_id, one.why) for one in hearings(connection, heard)]
        assert told == [(first, Why.ASKED), (second, Why.REPLY)]
        who = Actor(first, circle.site_id, "", house.clock())
        assert shown(connection, who, [heard[0].thing])[heard[0].thing].title == "Minutes: Wednesday"


def test_a_decision_is_written_down_withdrawn_and_told_to_the_school(
    circle: Any, said: Any, stored: Any, house: Any, written: str, events: Any
) -> None:
    assert circle.member.post(f"{written}/decisions", {"decision": " "}).status_code == 422
    for _ in range(2):
        assert circle.member.post(f"{written}/decisions", {"decision": "We stop homework"}).status_code == 303
    assert len(events("decision.recorded")) == 1
    decision = stored(select(Decision.id))[0].id
    assert "We stop homework" in said(circle.facilitator.get(written))
    with house.database.read() as connection:
        assert [entry.text for entry in DECISIONS.some(connection, None)] == ["We stop homework"]
        who = Actor(circle.person("1"), circle.site_id, "", house.clock())
        thing = Reference("decision", decision)
        assert shown(connection, who, [thing])[thing].title == "We stop homework"
    for mark in ("yes", "yes", "what?"):
        assert circle.facilitator.post(f"/decisions/{decision}/for-school", {"for_school": mark}).status_code == 303
    assert len(events("decision.marked")) == 1
    with house.database.write() as session:
        session.add(School(id=(school_id := new_id()), site_id=circle.site_id, name="Ours", folded="ours"))
        session.flush()
        session.add(PersonSchool(person_id=circle.person("2"), school_id=school_id, place=0))
    page = circle.member.get(f"{written}/minutes").text
    way = re.search(r'href="/s/[^/]+([^"]+from=[^"]+)"', page)
    assert way is not None
    assert "We stop homework" in said(circle.member.get(way[1].replace("&amp;", "&")))
    for _ in range(2):
        assert circle.member.post(f"/decisions/{decision}/withdraw").status_code == 303
    assert len(events("decision.withdrawn")) == 1
    assert "We stop homework withdrawn" in said(circle.member.get(f"{written}/minutes"))
    assert "We stop homework" not in said(circle.member.get(f"{written}/minutes/print"))
    with house.database.read() as connection:
        assert DECISIONS.some(connection, None) == []


def test_what_was_approved_is_read_anew_when_a_decision_comes_or_goes(circle: Any, stored: Any, written: str) -> None:
    circle.member.post(f"{written}/decisions", {"decision": "A"})
    assert state_of(stored) == ("minutes_draft", 1), "nobody had read it yet"
    for who in (circle.member, circle.facilitator):
        say(who, written, 1)
    decision = stored(select(Decision.id))[0].id
    circle.member.post(f"/decisions/{decision}/withdraw")
    assert state_of(stored) == ("minutes_draft", 2)
    assert say(circle.facilitator, written, 1).status_code == 409


def test_an_action_is_agreed_from_the_minutes(circle: Any, said: Any, stored: Any, written: str) -> None:
    owner = str(circle.person("1"))
    form = {"action": "Ask the director", "owner": owner, "due": "2026-12-01", "form_key": KEY}
    for wrong in ({"action": ""}, {"due": "soon"}, {"due": "0001-01-01"}, {"owner": "me"}):
        assert circle.member.post(f"{written}/actions", {**form, **wrong}).status_code == 422
    for _ in range(2):
        assert circle.member.post(f"{written}/actions", form).status_code == 303
    open_one = {**form, "action": "Buy paper", "owner": "", "due": "", "form_key": "o" * 24}
    assert circle.member.post(f"{written}/actions", open_one).status_code == 303
    assert len(stored(select(ActionItem.id))) == 2
    page = said(circle.member.get(f"{written}/minutes"))
    assert "Ask the director · Person 1 · by Dec 1, 2026" in page
    assert "Buy paper" in page


def test_a_reader_has_their_own_language_first_and_the_original_beside_it(
    circle: Any, said: Any, stored: Any, written: str
) -> None:
    reader = circle.joined("3", launch_presentation={"locale": "mk"})
    for language in ("xx", "en"):
        assert reader.get(f"{written}/minutes/in/{language}").status_code == 404
    there = f"{written}/minutes/in/mk"
    assert "We agreed to visit." in said(reader.get(there))
    assert reader.post(there, {"body": " ", "based_on": "0", "of_version": "1"}).status_code == 422
    form = {"body": "Се договоривме за *посета*.", "based_on": "0", "of_version": "1"}
    assert reader.post(there, form).status_code == 303
    page = reader.get(f"{written}/minutes").text
    assert page.index("<em>посета</em>") < page.index("<em>visit</em>")
    assert 'lang="mk"' in page
    assert "<em>visit</em>" in circle.member.get(f"{written}/minutes").text
    assert "<em>посета</em>" not in circle.member.get(f"{written}/minutes").text
    assert "<em>посета</em>" in circle.member.get(f"{written}/minutes?language=mk").text
    assert "The original has changed since." not in said(circle.member.get(f"{written}/minutes?language=mk"))
    write(circle.facilitator, written, "We agreed to visit on Friday.", 1)
    page = circle.member.get(f"{written}/minutes?language=mk")
    assert "The original has changed since." in said(page)
    assert "on Friday" in "".join(re.findall(r"<ins>.*?</ins>", page.text))
    late = reader.post(there, {**form, "body": "Мојата", "based_on": "1"})
    assert late.status_code == 409
    assert "Мојата</textarea>" in late.text
    assert "<em>посета</em>" in late.text
    for based_on in ("0", "7"):
        assert reader.post(there, {**form, "based_on": based_on, "of_version": "2"}).status_code == 409
    mended = {**form, "body": "Во петок", "based_on": "1", "of_version": "2"}
    assert reader.post(there, mended).status_code == 303
    assert [tuple(row) for row in stored(select(MinutesVersion.of_version, MinutesVersion.version))] == [(2, 2)]


def test_minutes_are_prepared_before_a_meeting_and_kept_of_one_that_was_called_off(
    circle: Any, said: Any, stored: Any
) -> None:
    where = plan(circle, circle.member)
    write(circle.member, where, "To begin with")
    assert state_of(stored) == ("planned", 1)
    assert say(circle.facilitator, where, 1).status_code == 409
    assert circle.member.post(f"{where}/state", {"state": "cancelled"}).status_code == 303
    write(circle.member, where, "It did not come to it", 1)
    assert state_of(stored) == ("cancelled", 2)
    assert "It did not come to it" in said(circle.member.get(f"{where}/minutes"))


def test_the_first_look_brings_what_came_of_the_agenda(circle: Any, said: Any, stored: Any, clock: Any) -> None:
    where = plan(circle, circle.member)
    raised = circle.member.post(f"{circle.home}/board/new", {"title": "Printer", "body": "", "form_key": KEY})
    issue = urlsplit(raised.location).path.rpartition("/")[2]
    thing = {"thing_kind": "issue", "thing_id": issue, "form_key": "a" * 24}
    circle.member.post(f"{circle.home}/agenda", thing)
    clock.move(days=3, hours=6)
    circle.member.launch("2")
    page = circle.member.get(f"{where}/minutes")
    assert "Still open from the agenda" in said(page)
    settle = re.search(r"/agenda-items/[^/]+/settle", page.text)
    assert settle is not None
    circle.member.post(settle[0], {"outcome": "solved", "text": "A new one comes."})
    assert "Still open from the agenda" not in said(circle.member.get(f"{where}/minutes"))
    assert "- Printer: A new one comes.</textarea>" in circle.member.get(f"{where}/minutes/write").text


def test_the_title_of_what_was_hidden_stands_in_no_minutes(circle: Any, said: Any, house: Any) -> None:
    where = plan(circle, circle.facilitator)
    form = {"title": "A name to hurt", "body": "", "form_key": KEY}
    issue = urlsplit(circle.facilitator.post(f"{circle.home}/board/new", form).location).path.rpartition("/")[2]
    circle.facilitator.post(f"{circle.home}/agenda", {"thing_kind": "issue", "thing_id": issue, "form_key": KEY})
    keeper = keeper_of("issue")
    assert keeper is not None
    with house.database.write() as session:
        keeper.hide(session, UUID(issue), house.clock())
    for page in (f"{where}/minutes", f"{where}/minutes/write"):
        assert "A name to hurt" not in circle.member.get(page).text
    assert "Something that cannot be seen any more" in said(circle.member.get(f"{where}/minutes/write"))


@pytest.mark.parametrize("many", [1, 9])
def test_minutes_cost_the_same_however_much_is_in_them(
    circle: Any, statements: list[str], written: str, many: int
) -> None:
    for number in range(many):
        circle.member.post(f"{written}/decisions", {"decision": f"D{number}"})
        form = {"action": f"A{number}", "owner": str(circle.person("1")), "form_key": f"{number:024}"}
        circle.member.post(f"{written}/actions", form)
    for page, most in ((f"{written}/minutes", 6), (f"{written}/minutes/print", 6)):
        statements.clear()
        circle.member.get(page)
        assert len(statements) == most


def test_nobody_outside_learns_of_decisions(circle: Any, house: Any, stored: Any, written: str) -> None:
    circle.member.post(f"{written}/decisions", {"decision": "Ours"})
    decision = stored(select(Decision.id))[0].id
    stranger = circle.joined("8", course="8")
    for path in (f"/decisions/{decision}/withdraw", f"/decisions/{UUID(int=1)}/for-school"):
        assert stranger.post(path, {"for_school": "yes"}).status_code == 404
    with house.database.read() as connection:
        outsider = Actor(circle.person("8"), circle.site_id, "", house.clock())
        things = [Reference("decision", decision), Reference("minutes", stored(select(Meeting.id))[0].id)]
        assert shown(connection, outsider, things) == {}


def test_who_read_what_stands_nowhere_but_in_their_answer(
    circle: Any, stored: Callable[..., Any], events: Any, written: str
) -> None:
    before = len(events())
    say(circle.facilitator, written, 1, text="ignored")
    assert [row.text for row in stored(select(MinutesAnswer.text))] == [""]
    told = [event.verb for event in events()[before:]]
    assert told == ["meeting.state_changed", "minutes.approved"]
