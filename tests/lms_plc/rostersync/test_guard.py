"""When a plan is held."""

import pytest


def arrange(world, size, *, course="1"):
    world.source.put(course, **{f"p{n}": "active" for n in range(size)})


def leave(world, size, leaving, *, course="1"):
    """Everybody joins, and then so many are missing from two complete looks; what came of the second."""
    arrange(world, size, course=course)
    world.sync()
    arrange(world, size - leaving, course=course)
    world.sync()
    world.wait(days=1)
    return world.sync()


def many_elsewhere(world):
    """So many people in other courses that the site's own brake is far off."""
    world.source.page_size = 1000
    world.source.put("elsewhere", **{f"q{n}": "active" for n in range(380)})


@pytest.mark.parametrize(
    ("size", "leaving", "state"),
    [
        (5, 4, "done"),  # fewer than 5, whatever the share
        (10, 5, "done"),  # half exactly
        (9, 5, "held"),
        (39, 20, "held"),
        (40, 20, "done"),
        (210, 21, "done"),  # 10 % exactly
        (209, 21, "held"),
        (41, 21, "held"),
        (220, 22, "done"),
        (220, 23, "held"),
    ],
)
def test_of_a_community_more_than_20_and_a_tenth_or_5_and_more_than_half_are_held(world, size, leaving, state):
    many_elsewhere(world)
    came = leave(world, size, leaving)
    assert (came.state, came.counts["rest"]) == (state, leaving)
    resting = [s for s, membership in world.members("1").items() if membership == "paused"]
    assert len(resting) == (leaving if state == "done" else 0)


@pytest.mark.parametrize(
    ("size", "leaving", "state"),
    [(19, 5, "done"), (120, 6, "done"), (119, 6, "held"), (121, 6, "done"), (20, 6, "held")],
)
def test_of_a_site_more_than_5_and_a_twentieth_are_held(world, size, leaving, state):
    came = leave(world, size, leaving)
    assert came.state == state
    if state == "held":
        assert f"At this site, {leaving} of {size} memberships would rest." in came.message


def test_the_people_a_site_brings_into_the_community_of_another_count_as_its_own(world, new_world):
    other = new_world()
    arrange(other, 300, course="theirs")
    other.sync()
    community_id = other.community_of("theirs")
    world.rule("courses", "one", community_id=community_id)
    world.source.put("1", **{f"q{n}": "active" for n in range(120)})
    world.sync()
    world.source.put("1", **{f"q{n}": "active" for n in range(114)})
    assert world.sync_twice().counts == {"rest": 6}
    world.source.put("1", **{f"q{n}": "active" for n in range(106)})
    came = world.sync_twice()
    assert came.state == "held"
    assert "8 of 114 memberships" in came.message


def test_a_held_run_names_the_community_and_the_numbers_and_applies_nothing(world, writes):
    arrange(world, 9)
    world.sync()
    arrange(world, 4)
    world.sync()
    world.wait(days=1)
    world.source.enrol("1", "newcomer")
    before = world.state()
    with writes() as written:
        came = world.sync()
    assert came.state == "held"
    assert "In “Course 1”, 5 of 9 members would lose their access." in came.message
    assert f"lms-plc sync show {came.run_id}" in came.message
    assert came.counts == {"rest": 5, "join": 1}
    assert world.state() == before
    assert set(written) <= {"plc_sync_run", "plc_sync_course", "plc_sync_page", "plc_sync_change"} | {"plc_sync_look"}


def test_a_first_absence_is_never_held_because_it_takes_nothing_away(world):
    arrange(world, 100)
    world.sync()
    arrange(world, 1)
    came = world.sync()
    assert (came.state, came.counts) == ("done", {"missing": 99})
    assert set(world.members("1").values()) == {"active"}


def test_allowing_removals_lets_a_held_plan_through(world):
    assert leave(world, 24, 20).state == "held"
    came = world.sync(allow_removals=True)
    assert (came.state, came.counts) == ("done", {"rest": 20})


def test_a_plan_says_what_would_hold_it(world):
    assert leave(world, 24, 20).state == "held"
    came = world.plan()
    assert came.state == "planned"
    assert "20 of 24" in came.message


def test_many_communities_are_counted_instead_of_all_named(world):
    for course in range(1, 9):
        world.source.put(str(course), **{f"p{n}": "active" for n in range(6)})
    world.sync()
    for course in range(1, 9):
        world.source.put(str(course), p0="active")
    message = world.sync_twice().message
    assert message.count("5 of 6") == 5
    assert "3 more communities" in message
    assert "40 of 48" in message


def test_pauses_are_reversible_and_never_held(world):
    arrange(world, 10)
    world.sync()
    world.source.put("1", **{f"p{n}": "suspended" for n in range(10)})
    assert world.sync().counts == {"pause": 10}


def test_whoever_had_no_access_before_does_not_count(world):
    world.source.put("1", **{f"p{n}": "active" for n in range(10)})
    world.sync()
    world.source.put("1", **{f"p{n}": "suspended" if n < 6 else "active" for n in range(10)})
    world.sync()
    world.source.put("1", **{f"p{n}": "active" for n in range(6, 10)})
    assert world.sync_twice().counts == {"rest": 6}


def test_endings_after_thirty_days_of_rest_do_not_count(world):
    assert leave(world, 24, 20).state == "held"
    assert world.sync(allow_removals=True).counts == {"rest": 20}
    world.wait(days=30)
    assert world.sync().counts == {"end": 20}


def test_a_suspension_told_by_the_lms_does_not_make_the_others_more(world):
    many_elsewhere(world)
    arrange(world, 10)
    world.sync()
    arrange(world, 6)
    world.sync()
    world.wait(days=1)
    world.source.put("1", p0="active", **{f"p{n}": "suspended" for n in range(1, 6)})
    came = world.sync()
    assert (came.state, came.counts) == ("done", {"pause": 5, "rest": 4})


def test_rules_found_as_many_communities_as_they_make(world):
    for course in range(51):
        world.source.put(str(course))
    world.rule("courses", "each")
    assert world.sync().counts == {"found_community": 51}


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
