"""Does a community stand in the LMS as a cohort or group, and is nobody taken out who was not put in by us?"""

from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.writeback.models import WriteLine, WrittenMember, WrittenThing
from lms_plc.writeback.problems import PlanIsHeld

School = Any
"""A site whose Moodle can be written to; see conftest.py."""


def test_a_community_becomes_a_hidden_cohort_with_its_active_members(school: School) -> None:
    circle = school.community("5", "Maths circle", 11, 12, 13)
    school.leave(circle, 13, pausing=True)
    school.switch("cohorts")
    plan_id = school.plan()
    assert school.told(plan_id) == [("make", None), ("add", "11"), ("add", "12")]
    assert school.seen(plan_id).state == "planned"
    assert not school.moodle.calls, "a plan asks no LMS"

    school.approve(plan_id)
    assert not school.moodle.calls, "approving writes nothing"
    assert school.carry_out(plan_id).counts == {"done": 3}
    cohort = school.cohort(circle)
    assert (cohort["name"], cohort["visible"], cohort["people"]) == ("Maths circle", False, [11, 12])
    assert school.told(school.plan()) == [], "a second look finds nothing to write"


def test_with_its_switch_off_nothing_of_a_kind_is_planned_applied_or_removed(school: School, house: Any) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    school.push()
    school.leave(circle, 11)
    plan_id = school.plan()
    assert school.told(plan_id) == [("take_out", "11")]
    school.approve(plan_id)
    school.switch("groups")
    came = school.carry_out(plan_id)
    assert came.counts == {"skipped": 1}
    assert school.problems(plan_id) == ["Writing this kind was switched off."]
    assert school.cohort(circle)["people"] == [11]
    assert all(line.kind == "groups" for line in school.lines(school.plan()))


def test_whoever_leaves_the_community_is_taken_out_and_whoever_comes_is_put_in(school: School) -> None:
    circle = school.community("5", "Maths circle", 11, 12)
    school.switch("cohorts")
    school.push()
    school.leave(circle, 11)
    school.join(circle, "5", 14)
    plan_id = school.plan()
    assert school.told(plan_id) == [("add", "14"), ("take_out", "11")]
    school.approve(plan_id)
    school.carry_out(plan_id)
    assert school.cohort(circle)["people"] == [12, 14]


def test_a_member_somebody_else_put_into_the_cohort_is_never_taken_out(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    school.push()
    cohort_id = school.cohort(circle)["id"]
    school.moodle.members["cohort", cohort_id] |= {12, 99}
    school.join(circle, "5", 12)
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"skipped": 1}
    assert school.problems(plan_id) == ["They were in it already, and not by this tool."]
    school.leave(circle, 11, 12)
    plan_id = school.plan()
    assert school.told(plan_id) == [("take_out", "11")]
    school.approve(plan_id)
    school.carry_out(plan_id)
    assert school.cohort(circle)["people"] == [12, 99]


def test_a_renamed_community_renames_its_cohort_and_its_group(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts", "groups")
    school.push()
    school.rename(circle, "Numbers & circle")
    plan_id = school.plan()
    assert school.told(plan_id) == [("change", None), ("change", None)]
    school.approve(plan_id)
    school.carry_out(plan_id)
    assert school.cohort(circle)["name"] == school.group(circle)["name"] == "Numbers & circle"
    assert len(school.moodle.cohorts) == len(school.moodle.groups) == 1
    assert school.cohort(circle)["visible"] is False

    school.moodle.cohorts[school.cohort(circle)["id"]]["visible"] = True
    school.rename(circle, "Maths")
    school.push()
    assert school.cohort(circle)["visible"] is True, "what somebody made of it stays"
    school.rename(circle, "Maths again")
    school.moodle.cohorts.clear()
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 1, "failed": 1}
    assert "no longer has" in school.problems(plan_id)[0]


def test_a_cohort_that_stood_there_under_our_number_is_taken_up_and_never_deleted(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.moodle.cohorts[7] = {"id": 7, "name": "Old", "idnumber": f"plc-{circle}", "visible": True}
    school.switch("cohorts")
    school.push()
    assert school.cohort(circle)["people"] == [11]
    assert len(school.moodle.cohorts) == 1
    school.withdraw("cohorts")
    assert school.cohort(circle)["people"] == []


def test_what_a_rule_made_of_a_cohort_or_group_is_not_written_back_as_one(school: School) -> None:
    school.community("cohort:4", "Cohort of the LMS", 11)
    school.community("group:9", "Group of the LMS", 12)
    school.switch("cohorts", "groups")
    assert [(line.kind, line.community_name) for line in school.lines(school.plan()) if line.verb == "make"] == [
        ("cohorts", "Group of the LMS")
    ]


def test_a_group_holds_only_members_enrolled_in_its_course(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.join(circle, "5", 12, state="suspended")
    school.join(circle, "5", 13)
    school.moodle.enrolled[5].discard(13)
    school.switch("groups")
    plan_id = school.plan()
    assert school.told(plan_id) == [("make", None), ("add", "11"), ("add", "13")]
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 2, "failed": 1}
    assert "not enrolled in the course" in school.problems(plan_id)[0]
    assert school.group(circle)["people"] == [11]


def test_a_group_of_the_same_name_that_is_not_ours_is_left_alone_and_said(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.moodle.groups[7] = {"id": 7, "courseid": 5, "name": "Maths circle", "idnumber": ""}
    school.switch("groups")
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"failed": 1, "skipped": 1}
    assert "Rename one of the two" in school.problems(plan_id)[0]
    assert ("group", 7) not in school.moodle.members

    school.rename(circle, "Numbers circle")
    assert school.push().counts == {"done": 2}
    school.rename(circle, "Maths circle")
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"failed": 1}


def test_somebody_the_lms_does_not_know_fails_alone_and_costs_nobody_else(school: School) -> None:
    circle = school.community("5", "Maths circle", 11, 12)
    school.moodle.unknown = {12}
    school.switch("cohorts")
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 2, "failed": 1}
    assert school.cohort(circle)["people"] == [11]
    assert school.told(school.plan()) == [("add", "12")], "it is tried again with the next plan"


def test_somebody_deleted_in_the_lms_does_not_keep_the_others_in(school: School) -> None:
    circle = school.community("5", "Maths circle", 11, 12, 13)
    school.switch("cohorts")
    school.push()
    school.moodle.unknown = {12}
    school.leave(circle, 11, 12)
    assert school.push().counts == {"done": 2}
    assert 11 not in school.cohort(circle)["people"]


def test_a_cohort_deleted_by_hand_is_said_and_made_anew_by_the_next_plan(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    school.push()
    del school.moodle.cohorts[school.cohort(circle)["id"]]
    school.join(circle, "5", 12)
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"failed": 1}
    assert "no longer has" in school.problems(plan_id)[0]
    assert school.push().counts == {"done": 3}
    assert school.cohort(circle)["people"] == [11, 12]


def test_a_community_that_is_placed_nowhere_takes_its_cohort_along(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts", "groups")
    school.push()
    school.displace(circle)
    plan_id = school.plan()
    assert school.told(plan_id) == [("take_out", "11"), ("remove", None)] * 2
    school.approve(plan_id)
    school.carry_out(plan_id)
    assert not school.moodle.cohorts
    assert not school.moodle.groups


@pytest.mark.parametrize(
    ("people", "going"), [(40, 20), (10, 5), (5, 4), (300, 30)], ids=["twenty", "half", "fewer than five", "a tenth"]
)
def test_as_many_as_a_sync_may_let_rest_are_taken_out_of_a_cohort_unasked(
    school: School, people: int, going: int
) -> None:
    circle = school.community("5", "Maths circle", *range(1001, 1001 + people))
    school.switch("cohorts")
    school.push()
    school.leave(circle, *range(1001, 1001 + going))
    assert school.push().counts == {"done": going}


@pytest.mark.parametrize(("people", "going"), [(41, 21), (9, 5)], ids=["over a tenth", "over half"])
def test_more_than_a_sync_may_let_rest_are_held_and_one_line_fewer_is_let_through(
    school: School, people: int, going: int
) -> None:
    circle = school.community("5", "Maths circle", *range(1001, 1001 + people))
    school.switch("cohorts")
    school.push()
    school.leave(circle, *range(1001, 1001 + going))
    plan_id = school.plan()
    assert school.seen(plan_id).state == "held"
    told = f"{going} of {people} people would be taken out of “Maths circle”"
    assert told in (school.seen(plan_id).message or "")
    with pytest.raises(PlanIsHeld, match=told):
        school.approve(plan_id)
    first = school.lines(plan_id)[0].number
    school.approve(plan_id, left_out=[first])
    assert school.carry_out(plan_id).counts == {"done": going - 1, "left_out": 1}


def test_a_small_number_of_cohorts_is_not_removed_as_a_whole_without_a_look(school: School) -> None:
    circles = [school.community(str(100 + n), f"Circle {n}", 11) for n in range(6)]
    school.switch("cohorts")
    school.push()
    for circle in circles[:5]:
        school.displace(circle)
    seen = school.seen(school.plan())
    assert seen.state == "held"
    assert "5 of 6 things of the kind “cohorts” would be removed" in (seen.message or "")


def test_whoever_looked_may_take_out_as_many_as_the_plan_says(school: School) -> None:
    circle = school.community("5", "Maths circle", *range(1001, 1031))
    school.switch("cohorts")
    school.push()
    school.leave(circle, *range(1001, 1026))
    plan_id = school.plan()
    school.approve(plan_id, allow_removals=True)
    assert school.carry_out(plan_id).counts == {"done": 25}
    assert len(school.cohort(circle)["people"]) == 5


def test_more_than_twenty_cohorts_are_not_removed_without_a_look(school: School) -> None:
    circles = [school.community(str(100 + n), f"Circle {n}", 11) for n in range(22)]
    school.switch("cohorts")
    school.push()
    for circle in circles:
        school.displace(circle)
    seen = school.seen(school.plan())
    assert seen.state == "held"
    assert "22 of 22 things of the kind “cohorts” would be removed" in (seen.message or "")


def test_withdrawing_takes_back_what_we_made_and_then_the_switch_goes_off(school: School, events: Any) -> None:
    circle = school.community("5", "Maths circle", 11, 12)
    school.switch("cohorts", "groups")
    school.push()
    came = school.withdraw("cohorts")
    assert (came.state, came.counts, came.purpose) == ("done", {"done": 3}, "withdraw")
    assert not school.moodle.cohorts
    assert school.group(circle)["people"] == [11, 12], "the other kind stays"
    assert school.switches() == ["groups"]
    assert [event.facts for event in events("site.writes_changed")] == [{"writes": ["groups"]}]


def test_a_cohort_that_others_use_too_is_left_to_them(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    school.push()
    school.moodle.members["cohort", school.cohort(circle)["id"]].add(99)
    plan_id = school.withdrawal("cohorts")
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 2}
    assert school.cohort(circle)["people"] == [99]
    assert "Other people are in it" in school.problems(plan_id)[0]


def test_who_would_join_a_cohort_whose_making_is_left_out_is_left_out_too(school: School) -> None:
    school.community("5", "Maths circle", 11, 12)
    school.community("6", "Reading circle", 13)
    school.switch("cohorts")
    plan_id = school.plan()
    school.approve(plan_id, left_out=[1])
    assert school.carry_out(plan_id).counts == {"done": 2, "left_out": 3}
    assert [one["name"] for one in school.moodle.cohorts.values()] == ["Reading circle"]


def test_a_missing_function_fails_its_lines_with_the_place_to_click_and_asks_once(school: School) -> None:
    for n in range(3):
        school.community(str(5 + n), f"Circle {n}", 11)
    school.moodle.not_in_service = {"core_cohort_create_cohorts"}
    school.switch("cohorts")
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"failed": 3, "skipped": 3}
    assert "External services > Functions" in school.problems(plan_id)[0]
    assert school.moodle.calls.count("core_cohort_create_cohorts") == 1
    school.moodle.not_in_service = set()
    assert school.push().counts == {"done": 6}


def test_a_missing_right_says_which_one(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    school.push()
    school.rename(circle, "Numbers")
    school.moodle.refused = {"core_cohort_update_cohorts": "nopermissions"}
    plan_id = school.plan()
    school.approve(plan_id)
    school.carry_out(plan_id)
    assert "moodle/cohort:manage" in school.problems(plan_id)[0]


def test_no_name_and_no_word_of_anybody_stays_with_what_was_written(school: School, stored: Any) -> None:
    school.community("5", "Maths circle", 11)
    school.switch("cohorts", "messages")
    school.push()
    assert all(row.given is None for row in stored(select(WriteLine.given)))
    kept = repr(stored(select(WriteLine.__table__)) + stored(select(WrittenThing.__table__)))
    assert "Person 11" not in kept
    assert [row.state for row in stored(select(WrittenMember.state))] == ["ours"]


def test_each_batch_is_one_event_with_counts(school: School, events: Any) -> None:
    school.community("5", "Maths circle", 11, 12)
    school.switch("cohorts")
    school.push()
    assert [(event.via, event.facts) for event in events("push.cohorts")] == [
        ("push", {"verb": "make", "done": 1}),
        ("push", {"verb": "add", "done": 2}),
    ]
    assert [event.facts for event in events("push.approved")] == [{"purpose": "push", "lines": 3}]


def test_who_approved_is_kept_with_the_plan_and_in_no_event(school: School, events: Any) -> None:
    school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    plan_id = school.plan()
    school.approve(plan_id, by="cli: ana.operator")
    school.carry_out(plan_id)
    assert school.seen(plan_id).approved_by == "cli: ana.operator"
    assert events("push.approved")
    assert "ana.operator" not in repr(events())


def test_a_community_without_anybody_the_lms_knows_makes_no_cohort(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.leave(circle, 11)
    school.switch("cohorts")
    assert school.told(school.plan()) == []


def test_a_cohort_deleted_by_hand_is_no_hindrance_to_taking_it_back(school: School) -> None:
    school.community("5", "Maths circle", 11, 12)
    school.switch("cohorts", "groups")
    school.push()
    school.moodle.cohorts.clear()
    school.moodle.groups.clear()
    assert school.withdraw("cohorts").counts == {"done": 3}
    assert school.withdraw("groups").counts == {"done": 3}
    assert school.switches() == []


def test_a_crowd_that_could_not_be_made_is_forgotten_when_its_community_goes(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    school.moodle.refused = {"core_cohort_create_cohorts": "nopermissions"}
    assert school.push().counts == {"failed": 1, "skipped": 1}
    school.displace(circle)
    school.moodle.refused = {}
    assert school.push().counts == {"done": 1}
    assert school.told(school.plan()) == []


def test_a_cohort_lost_in_the_middle_of_a_plan_fails_what_is_left_of_it(school: School) -> None:
    circle = school.community("5", "Maths circle", 11)
    school.switch("cohorts")
    school.push()
    school.join(circle, "5", *range(1000, 1250))
    school.leave(circle, 11)
    school.moodle.cohorts.clear()
    assert school.push().counts == {"failed": 200, "skipped": 51}


def test_whoever_is_taken_out_leaves_a_cohort_whose_removal_waits_for_the_others(school: School) -> None:
    circle = school.community("5", "Maths circle", 11, 12)
    school.switch("cohorts")
    school.push()
    plan_id = school.withdrawal("cohorts")
    school.approve(plan_id, left_out=[2])
    school.carry_out(plan_id)
    assert school.cohort(circle)["people"] == [12]
    assert school.problems(plan_id) == ["People of ours are still in it."]


def test_a_crowd_of_another_number_than_moodles_ids_is_not_written(school: School) -> None:
    circle = school.community("course-one", "Maths circle", 11)
    school.switch("groups")
    assert school.told(school.plan()) == []
    school.switch("cohorts")
    assert school.told(school.plan()) == [("make", None), ("add", "11")]
    assert circle
