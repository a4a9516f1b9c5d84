"""Does a meeting go from state to state as its table says, and tell of it once, whoever presses what and when?"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from lms_plc.core.policy import Role
from lms_plc.meetings import asking
from lms_plc.meetings.models import Meeting, MeetingRole
from lms_plc.meetings.moment import Step, next_step
from lms_plc.meetings.states import COMING, MOVES, TOOK_PLACE, State, may_become
from tests.lms_plc.meetings.conftest import FORM, id_of, plan

SAID = [State.CONFIRMED, State.RUNNING, State.HELD, State.NOT_HELD, State.CANCELLED, State.PLANNED]
"""What the buttons of the page can say, but for asking for points."""


def put_into(house: Any, where: str, state: State) -> None:
    with house.database.write() as session:
        session.execute(update(Meeting).where(Meeting.id == id_of(where)).values(state=state.value))


@pytest.mark.parametrize("now", State)
def test_a_button_does_what_the_table_allows_and_says_kindly_what_it_does_not(
    circle: Any, house: Any, clock: Any, state_of: Any, events: Any, said: Any, now: State
) -> None:
    where = plan(circle, circle.member)
    clock.move(days=4)
    circle.member.launch("2")
    for then in SAID:
        put_into(house, where, now)
        before = len(events())
        answer = circle.member.post(f"{where}/state", {"state": then.value, "reason": "Snow"})
        stays = now is then or (now in TOOK_PLACE and then in (State.RUNNING, State.HELD))
        if stays or may_become(now, then):
            assert answer.status_code == 303
            assert state_of(where) == (now if stays else then)
            assert len(events()) == before + (0 if stays else 1)
            assert stays or events()[-1].facts["from"] == now.value
        else:
            assert answer.status_code == 409
            assert "That does not fit any more" in said(answer)
            assert state_of(where) == now
            assert len(events()) == before


def test_every_state_is_reached_and_left() -> None:
    assert set(MOVES) == set(State)
    assert set().union(*MOVES.values()) == set(State)
    assert may_become(State.MINUTES_DRAFT, State.MINUTES_APPROVED)
    assert not may_become(State.CANCELLED, State.RUNNING)


def test_a_meeting_from_its_plan_to_its_end(
    circle: Any, clock: Any, events: Any, state_of: Any, stored: Any, said: Any
) -> None:
    where = plan(circle, circle.member)
    assert "Nothing is on the agenda yet." in said(circle.member.get(where))
    item = {"title": "Exit tickets", "kind": "learning", "minutes": "25", "form_key": "i" * 24}
    circle.facilitator.post(f"{where}/agenda", item)
    assert state_of(where) == "agenda_open"
    for _ in range(2):
        circle.member.post(f"{where}/state", {"state": "agenda_open"})
        circle.member.post(f"{where}/state", {"state": "confirmed"})
    too_early = circle.member.post(f"{where}/state", {"state": "held"})
    assert too_early.status_code == 409
    assert "has not begun yet" in said(too_early)
    clock.move(days=3, hours=4, minutes=45)
    circle.member.launch("2")
    assert "Begin the meeting" in said(circle.member.get(where))
    circle.member.post(f"{where}/state", {"state": "running"})
    assert "Go to the meeting" in said(circle.member.get(circle.home))
    assert "The meeting is over" in said(circle.member.get(where))
    circle.member.post(f"{where}/state", {"state": "held"})
    assert "Write the minutes" in said(circle.member.get(where))
    verbs = [event.verb for event in events() if event.verb.startswith("meeting.")]
    assert verbs == [
        "meeting.planned",
        "meeting.state_changed",
        "meeting.asked_for_points",
        "meeting.confirmed",
        "meeting.begun",
        "meeting.held",
    ]
    row = stored(select(Meeting.begun_at, Meeting.closed_at, Meeting.revision))[0]
    assert row == (clock(), clock(), 4)


def test_another_time_moves_it_and_another_place_does_not(
    circle: Any, events: Any, state_of: Any, stored: Any, said: Any
) -> None:
    where = plan(circle, circle.member)
    circle.member.post(f"{where}/edit", {**FORM, "place": "Library"})
    assert state_of(where) == "planned"
    circle.member.post(f"{where}/edit", {**FORM, "place": "Library", "day": "2026-12-02"})
    circle.member.post(f"{where}/edit", {**FORM, "place": "Library", "day": "2026-12-03"})
    circle.member.post(f"{where}/edit", {**FORM, "place": "Library", "day": "2026-12-03"})
    assert state_of(where) == "moved"
    assert "It was to be on Wednesday, November 25, 2026" in said(circle.facilitator.get(where))
    circle.member.post(f"{where}/state", {"state": "confirmed"})
    told = [(event.verb, event.facts.get("changed")) for event in events() if event.verb.startswith("meeting.")][1:]
    assert told == [
        ("meeting.changed", ["place"]),
        ("meeting.moved", ["ends_at", "starts_at"]),
        ("meeting.moved", ["ends_at", "starts_at"]),
        ("meeting.confirmed", ["confirmed"]),
    ]
    assert stored(select(Meeting.moved_from))[0].moved_from.day == 25
    circle.member.post(f"{where}/edit", {**FORM, "place": "Library"})
    assert stored(select(Meeting.moved_from))[0].moved_from is None, "back where it was meant to be"


def test_a_reason_stands_on_the_page_until_it_is_planned_after_all(circle: Any, said: Any, state_of: Any) -> None:
    where = plan(circle, circle.member)
    circle.facilitator.post(f"{where}/state", {"state": "cancelled", "reason": "Half of us are ill"})
    page = said(circle.member.get(where))
    assert "cancelled" in page
    assert "Half of us are ill" in page
    circle.member.post(f"{where}/state", {"state": "planned"})
    assert "Half of us are ill" not in said(circle.member.get(where))
    assert state_of(where) == "planned"
    assert circle.member.post(f"{where}/state", {"state": "nonsense"}).status_code == 303
    assert circle.member.post(f"{where}/state", {"state": "moved"}).status_code == 409


def test_whoever_holds_it_is_asked_once_whether_it_was_held_and_after_two_weeks_it_was_not(
    circle: Any, house: Any, clock: Any, events: Any, state_of: Any, said: Any, at_work: Any
) -> None:
    where = plan(circle, circle.member)
    clock.move(days=4)
    circle.member.launch("2")
    circle.facilitator.launch("1")
    assert "Was “Wednesday” held?" in said(circle.member.get(circle.home))
    assert "Was “Wednesday” held?" not in said(circle.facilitator.get(circle.home))
    assert "was it held?" in said(circle.member.get(f"{circle.home}/meetings"))
    assert "Did it take place?" in said(circle.member.get(where))
    at_work(asking.register)
    assert asking.ask_about_meetings(house) == 0
    [asked] = events("meeting.asked_about")
    assert asked.facts == {"to": [str(circle.person("2"))]}
    clock.move(days=13)
    assert asking.give_up_asking(house) == 0
    clock.move(days=2)
    assert asking.give_up_asking(house) == 1
    assert state_of(where) == "not_held"
    assert [(event.via, event.actor_id) for event in events("meeting.not_held")] == [("clock", None)]
    circle.member.launch("2")
    circle.member.post(f"{where}/state", {"state": "held"})
    assert state_of(where) == "held", "who knows better can still say so"


def test_a_meeting_nobody_closed_is_over_after_half_a_day(
    circle: Any, house: Any, clock: Any, stored: Any, state_of: Any
) -> None:
    where = plan(circle, circle.member)
    circle.facilitator.post(f"{where}/roles", {"role": "facilitator"})
    clock.move(days=3, hours=5)
    circle.member.launch("2")
    circle.member.post(f"{where}/state", {"state": "running"})
    assert asking.close_what_was_left_running(house) == 0
    clock.move(hours=14)
    assert asking.close_what_was_left_running(house) == 1
    assert state_of(where) == "held"
    assert stored(select(Meeting.closed_at == Meeting.ends_at))[0][0]
    assert stored(select(MeetingRole.person_id, MeetingRole.capacity)) == [(circle.person("1"), "school")]


@pytest.mark.parametrize(
    ("leads", "capacities"),
    [
        ([], {"2": "school"}),
        (["1"], {"1": "school"}),
        (["1", "2"], {"1": "school", "2": "school"}),
        (["3"], {"3": "mentor"}),
        (["2", "3"], {"2": "co", "3": "co"}),
    ],
    ids=["who planned it", "a member", "two members", "the mentor", "the mentor and a member"],
)
def test_as_what_somebody_led_is_kept_when_it_was_held(
    circle: Any, clock: Any, stored: Any, leads: list[str], capacities: dict[str, str]
) -> None:
    circle.joined("3")
    circle.give_role("3", Role.MENTOR)
    where = plan(circle, circle.member)
    for subject in leads:
        circle.member.post(f"{where}/roles", {"role": "facilitator", "person_id": str(circle.person(subject))})
    clock.move(days=4)
    circle.member.launch("2")
    circle.member.post(f"{where}/state", {"state": "held"})
    kept = {row.person_id: row.capacity for row in stored(select(MeetingRole.person_id, MeetingRole.capacity))}
    assert kept == {circle.person(subject): capacity for subject, capacity in capacities.items()}
    assert circle.member.post(f"{where}/roles", {"role": "facilitator"}).status_code == 409
    assert circle.member.post(f"{where}/roles/back", {"role": "facilitator"}).status_code == 409


@pytest.mark.parametrize(
    ("state", "hours", "has_points", "has_minutes", "step"),
    [
        ("planned", -48, False, False, Step.ASK),
        ("planned", -48, True, False, Step.CONFIRM),
        ("moved", -48, True, False, Step.CONFIRM),
        ("confirmed", -48, True, False, Step.NOTHING),
        ("confirmed", -0.25, True, False, Step.BEGIN),
        ("planned", 0.5, False, False, Step.BEGIN),
        ("agenda_open", 2, True, False, Step.SAY),
        ("running", 5, True, False, Step.CLOSE),
        ("held", 5, True, False, Step.WRITE),
        ("held", 5, True, True, Step.NOTHING),
        ("minutes_draft", 5, True, True, Step.READ),
        ("minutes_approved", 50, True, True, Step.NOTHING),
        ("cancelled", -5, True, False, Step.NOTHING),
    ],
)
def test_there_is_one_next_step_at_any_moment(
    clock: Any, state: str, hours: float, has_points: bool, has_minutes: bool, step: Step
) -> None:
    starts = clock()
    now = starts + timedelta(hours=hours)
    ends = starts + timedelta(hours=1)
    assert next_step(State(state), starts, ends, now, has_points=has_points, has_minutes=has_minutes) is step
    assert COMING.isdisjoint(TOOK_PLACE)
