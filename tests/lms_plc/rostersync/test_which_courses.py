"""Which courses a run covers."""

import pytest

from lms_plc.rostersync.changes import Kind


def test_once_something_is_placed_only_placed_courses_are_covered(world):
    world.place("2")
    for course in ("1", "2", "3"):
        world.source.put(course, ann="active")
    world.sync()
    assert set(world.communities()) == {"Course 2"}
    assert world.source.asked == [("2", None)]


@pytest.mark.parametrize("name", ["1", "C1"])
def test_a_named_course_becomes_covered_by_its_id_or_short_name(world, name):
    world.place("2")
    for course in ("1", "2", "3"):
        world.source.put(course, ann="active")
    assert world.sync(name).counts == {"found_community": 1, "join": 1}
    assert world.source.asked == [("1", None)]
    world.sync()
    assert {course for course, _ in world.source.asked[1:]} == {"1", "2"}


def test_an_unknown_name_fails_the_run_and_says_which(world):
    world.source.put("1", ann="active")
    came = world.sync("C1", "Maths")
    assert (came.state, came.counts) == ("failed", {})
    assert "Maths" in came.message
    assert "C1" not in came.message
    assert world.communities() == {}
    assert world.sync("C1").state == "done"


def test_a_hidden_course_is_not_covered_even_when_named(world):
    world.source.put_course("1", visible=False)
    world.source.put("2", ann="active")
    assert world.sync("C1").state == "failed"
    assert world.sync().counts == {"found_community": 1, "join": 1}


def test_all_courses_is_remembered_for_later_runs(world):
    world.place("2")
    world.source.put("1", ann="active")
    world.source.put("2", ann="active")
    assert world.covers() == "placed"
    assert world.sync(all_courses=True).state == "done"
    assert world.covers() == "all"
    world.source.put("3", ann="active")
    assert (Kind.FOUND_COMMUNITY, None) in world.changes(world.sync())


def test_a_plan_of_all_courses_is_not_remembered(world):
    world.place("2")
    world.source.put("1", ann="active")
    assert world.plan(all_courses=True).counts["found_community"] == 1
    assert world.covers() == "placed"


def test_the_front_page_given_twice_by_a_listing_is_one_course(world):
    world.source.put("1", ann="active")
    twice = list(world.source.courses()) * 2
    world.source.courses = lambda: iter(twice)
    assert world.sync().counts == {"found_community": 1, "join": 1}


def test_a_site_without_courses_is_in_line_at_once(world):
    came = world.sync()
    assert (came.state, came.counts) == ("done", {})


def test_a_course_known_from_a_launch_without_community_gets_one(world):
    world.place("1")
    world.remove_placements()
    world.source.put("1", ann="active")
    assert world.sync().counts == {"found_community": 1, "join": 1}
    assert world.members("1") == {"ann": "active"}


def test_a_community_founded_between_plan_and_apply_is_used(world):
    world.source.put("1", ann="active")
    begun = world.planned_run()
    community_id = world.place("1")
    world.carry_out(begun)
    assert world.members(community_id) == {"ann": "active"}
    assert len(world.communities()) == 1


def test_a_group_of_an_endless_id_fails_the_run_and_says_so(world):
    world.source.put("1", ann="active")
    world.source.put_group("1", "g" * 250, "ann")
    world.rule("groups", "each")
    came = world.sync()
    assert (came.state, came.counts) == ("failed", {})
    assert "[bad_id]" in came.message
