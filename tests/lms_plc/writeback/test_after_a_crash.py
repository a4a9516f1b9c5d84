"""Is nothing lost and nothing written twice, wherever the process dies?"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.writeback.apply import apply_next
from lms_plc.writeback.models import WrittenMember, WrittenThing
from lms_plc.writeback.opening import open_writable
from lms_plc.writeback.problems import PlanIsOver

School = Any
KilledAt = Callable[[int, str, Callable[[], Any]], bool]

EVERYTHING = ("cohorts", "groups", "calendar", "messages")


def build(school: School) -> tuple[Any, Any]:
    maths = school.community("5", "Maths circle", 11, 12)
    reading = school.community("6", "Reading circle", 13)
    school.meeting(maths, "5")
    school.meeting(reading, "6")
    school.switch(*EVERYTHING)
    return maths, reading


def is_whole(school: School, maths: Any, reading: Any) -> None:
    assert len(school.moodle.cohorts) == len(school.moodle.groups) == len(school.moodle.events) == 2
    assert school.cohort(maths)["people"] == school.group(maths)["people"] == [11, 12]
    assert school.cohort(reading)["people"] == school.group(reading)["people"] == [13]
    users = [user for user, _ in school.moodle.messages]
    assert len(users) == len(set(users)), "nobody has two"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 12))
def test_a_push_killed_at_any_call_is_taken_up_and_writes_nothing_twice(
    school: School, killed_at: KilledAt, stored: Any, number: int, when: str
) -> None:
    maths, reading = build(school)
    plan_id = school.plan()
    school.approve(plan_id)
    assert killed_at(number, when, lambda: school.carry_out(plan_id)), "the call is there"
    came = school.carry_out(plan_id)
    assert came.state == "done"
    is_whole(school, maths, reading)
    in_doubt = number == 11
    assert came.counts == ({"done": 12, "unsure": 3} if in_doubt else {"done": 15})
    assert {row.state for row in stored(select(WrittenMember.state))} == {"ours"}
    assert all(row.made for row in stored(select(WrittenThing).where(WrittenThing.kind != "messages")))
    assert school.told(school.plan()) == []


def test_there_are_no_more_calls_than_are_killed_above(school: School) -> None:
    build(school)
    school.push()
    assert len(school.moodle.changes()) == 11


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 11))
def test_changes_and_removals_killed_at_any_call_are_taken_up(
    school: School, killed_at: KilledAt, number: int, when: str
) -> None:
    maths, reading = build(school)
    school.push()
    school.rename(maths, "Numbers")
    school.leave(maths, 11)
    school.meeting(maths, "5", version="2")
    school.meetings.pop(0)
    school.displace(reading)
    plan_id = school.plan()
    school.approve(plan_id)
    assert killed_at(number, when, lambda: school.carry_out(plan_id)), "the call is there"
    assert school.carry_out(plan_id).state == "done"
    assert school.cohort(maths)["people"] == school.group(maths)["people"] == [12]
    assert [one["name"] for one in school.moodle.cohorts.values()] == ["Numbers"]
    assert [one["name"] for one in school.moodle.groups.values()] == ["Numbers"]
    assert [one["name"] for one in school.moodle.events.values()] == ["Meeting 2 <b>&</b>"]
    assert school.told(school.plan()) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 12))
def test_a_push_that_is_never_taken_up_is_finished_by_the_next_plan(
    school: School, killed_at: KilledAt, clock: Any, number: int, when: str
) -> None:
    maths, reading = build(school)
    plan_id = school.plan()
    school.approve(plan_id)
    assert killed_at(number, when, lambda: school.carry_out(plan_id))
    clock.move(hours=1)
    newer = school.plan()
    assert school.seen(plan_id).state == "overtaken"
    school.approve(newer)
    assert school.carry_out(newer).state == "done"
    is_whole(school, maths, reading)
    assert school.told(school.plan()) == []
    school.withdraw("cohorts")
    school.withdraw("groups")
    assert not school.moodle.cohorts, "all of it is known to be ours"
    assert not school.moodle.groups


def test_a_message_under_way_when_the_process_died_is_for_a_person_to_look_at(
    school: School, killed_at: KilledAt, stored: Any
) -> None:
    school.community("5", "Maths circle", 11)
    school.switch("messages")
    plan_id = school.plan()
    school.approve(plan_id)
    assert killed_at(1, "after", lambda: school.carry_out(plan_id))
    came = school.carry_out(plan_id)
    assert (came.state, came.counts) == ("done", {"unsure": 1})
    assert "Look into the LMS" in school.problems(plan_id)[0]
    assert len(school.moodle.messages) == 1
    assert [row.state for row in stored(select(WrittenThing.state))] == ["unsure"]
    assert school.told(school.plan()) == []


def test_a_person_somebody_else_put_in_before_the_crash_stays_theirs(
    school: School, killed_at: KilledAt, stored: Any
) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    school.push()
    school.moodle.members["cohort", school.cohort(circle)["id"]].add(12)
    school.join(circle, "5", 12, 13)
    plan_id = school.plan()
    school.approve(plan_id)
    assert killed_at(1, "after", lambda: school.carry_out(plan_id))
    school.carry_out(plan_id)
    states = {row.subject: row.state for row in stored(select(WrittenMember.subject, WrittenMember.state))}
    assert states == {"11": "ours", "12": "theirs", "13": "ours"}


def test_a_second_worker_in_the_same_plan_sends_nothing_twice(
    school: School, monkeypatch: pytest.MonkeyPatch, stored: Any
) -> None:
    school.community("5", "Maths circle", 11, 12)
    school.switch("messages")
    plan_id = school.plan()
    school.approve(plan_id)
    send = school.moodle.message_send_instant_messages
    others: list[Any] = []

    def meanwhile(form: Any) -> Any:
        if not others:
            others.append(plan_id)
            school.carry_out(plan_id)
        return send(form)

    monkeypatch.setattr(school.moodle, "message_send_instant_messages", meanwhile)
    came = school.carry_out(plan_id)
    assert sorted(user for user, _ in school.moodle.messages) == [11, 12]
    assert came.state == "done"
    assert [row.state for row in stored(select(WrittenThing.state))] == ["there", "there"], "whoever sent knows best"


def test_a_second_worker_that_marked_messages_first_leaves_the_other_none_to_send(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.community("5", "Maths circle", 11, 12)
    school.switch("messages")
    plan_id = school.plan()
    school.approve(plan_id)
    look = school.moodle.user_get_users_by_field
    others: list[Any] = []

    def meanwhile(form: Any) -> Any:
        if not others:
            others.append(plan_id)
            school.carry_out(plan_id)
        return look(form)

    monkeypatch.setattr(school.moodle, "user_get_users_by_field", meanwhile)
    with pytest.raises(PlanIsOver):
        raise_if_over(school, plan_id)
    assert sorted(user for user, _ in school.moodle.messages) == [11, 12]
    assert school.seen(plan_id).counts == {"done": 2}


def raise_if_over(school: School, plan_id: Any) -> None:
    with open_writable(school.house, school.site_id) as lms:
        while apply_next(school.house.database, plan_id, lms, school.house.clock):
            pass
