"""When a plan is held."""

import pytest


def arrange(world, size, *, course="1"):
    world.source.put(course, **{f"p{n}": "active" for n in range(size)})


@pytest.mark.parametrize(
    ("size", "leaving", "state"),
    [
        (4, 4, "done"),  # fewer than 5, whatever the share
        (20, 4, "done"),
        (25, 5, "done"),  # 20 % exactly
        (24, 5, "held"),
        (5, 5, "held"),
        (30, 6, "done"),
        (29, 6, "held"),
        (26, 5, "done"),
    ],
)
def test_more_than_a_fifth_and_at_least_five_leaving_are_held(world, size, leaving, state):
    arrange(world, size)
    world.sync()
    arrange(world, size - leaving)
    came = world.sync()
    assert came.state == state
    left = [s for s, membership in world.members("1").items() if membership == "left"]
    assert len(left) == (leaving if state == "done" else 0)


def test_a_held_run_names_the_community_and_the_numbers_and_applies_nothing(world, writes):
    arrange(world, 24)
    world.sync()
    arrange(world, 19)
    world.source.enrol("1", "newcomer")
    before = world.state()
    with writes() as written:
        came = world.sync()
    assert came.state == "held"
    assert "Course 1" in came.message
    assert "5 of 24" in came.message
    assert came.counts == {"end": 5, "join": 1}
    assert world.state() == before
    assert all(table.startswith("plc_sync_") for table in written)


def test_allowing_removals_lets_a_held_plan_through(world):
    arrange(world, 24)
    world.sync()
    arrange(world, 4)
    assert world.sync().state == "held"
    came = world.sync(allow_removals=True)
    assert (came.state, came.counts) == ("done", {"end": 20})


def test_a_plan_says_what_would_hold_it(world):
    arrange(world, 24)
    world.sync()
    arrange(world, 4)
    came = world.plan()
    assert came.state == "planned"
    assert "20 of 24" in came.message


def test_many_communities_are_counted_instead_of_all_named(world):
    for course in range(1, 9):
        world.source.put(str(course), **{f"p{n}": "active" for n in range(5)})
    world.sync()
    for course in range(1, 9):
        world.source.put(str(course))
    message = world.sync().message
    assert message.count("5 of 5") == 5
    assert "3 more communities" in message


def test_pauses_are_reversible_and_never_held(world):
    arrange(world, 10)
    world.sync()
    world.source.put("1", **{f"p{n}": "suspended" for n in range(10)})
    assert world.sync().counts == {"pause": 10}


def test_endings_of_paused_memberships_do_not_count(world):
    world.source.put("1", **{f"p{n}": "active" for n in range(10)})
    world.sync()
    world.source.put("1", **{f"p{n}": "suspended" if n < 6 else "active" for n in range(10)})
    world.sync()
    world.source.put("1", **{f"p{n}": "active" for n in range(6, 10)})
    assert world.sync().counts == {"end": 6}


@pytest.mark.parametrize(("courses", "state"), [(50, "done"), (51, "held")])
def test_a_first_sync_founds_at_most_fifty_communities_unasked(world, courses, state):
    for course in range(courses):
        world.source.put(str(course))
    came = world.sync()
    assert came.state == state
    assert len(world.communities()) == (courses if state == "done" else 0)
    if state == "held":
        assert "51 new communities" in came.message
        assert "all courses" in came.message


def test_asking_for_all_courses_founds_as_many_as_there_are(world):
    for course in range(51):
        world.source.put(str(course))
    assert world.sync(all_courses=True).counts == {"found_community": 51}


def test_courses_chosen_by_name_are_chosen_however_many(world):
    for course in range(51):
        world.source.put(str(course))
    assert world.sync(*(f"C{n}" for n in range(51))).counts == {"found_community": 51}
