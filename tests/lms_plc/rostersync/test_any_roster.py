"""Whatever the rosters, the communities end where the rules say."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PEOPLE = st.sampled_from([f"p{n}" for n in range(7)])
ROSTER = st.dictionaries(PEOPLE, st.sampled_from(["active", "suspended", "active student"]), max_size=7)
ROSTERS = st.fixed_dictionaries({"1": ROSTER, "2": ROSTER, "3": ROSTER})

quick = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Each example has a site of its own, so that they may share the database."""


def arrange(world, rosters):
    for course, people in rosters.items():
        world.source.put(course, **people)


def rule(before, *rosters):
    """What a membership is after a sync of a community with these courses, given what it was before."""
    after = {}
    for subject in sorted(set(before) | {subject for roster in rosters for subject in roster}):
        states = {roster[subject].split()[0] for roster in rosters if subject in roster}
        if "active" in states:
            after[subject] = "active"
        elif subject in before:
            resting = "left" if before[subject] == "left" else "paused"
            after[subject] = resting if states else "left"
    return after


@quick
@given(first=ROSTERS, second=ROSTERS, third=ROSTERS)
def test_after_any_change_of_rosters_memberships_follow_the_last_one(new_world, first, second, third):
    world = new_world()
    shared = world.place("1")
    world.place("2", shared)
    world.place("3")
    members = {shared: {}, world.community_of("3"): {}}
    for rosters in (first, second, third):
        arrange(world, rosters)
        assert world.sync(allow_removals=True).state == "done"
        for community_id, courses in ((shared, ("1", "2")), (world.community_of("3"), ("3",))):
            members[community_id] = rule(members[community_id], *(rosters[course] for course in courses))
            assert world.members(community_id) == members[community_id]
    assert world.changes(world.sync(allow_removals=True)) == []


@quick
@given(
    first=ROSTERS,
    second=ROSTERS,
    page=st.integers(1, 6),
    how=st.sampled_from(["fails_at", "breaks_off_at"]),
)
def test_a_pull_cut_anywhere_changes_nobody_and_resumed_ends_the_same(new_world, first, second, page, how):
    cut, whole = new_world(), new_world()
    for world in (cut, whole):
        world.source.page_size = 2
        arrange(world, first)
        assert world.sync(allow_removals=True).state == "done"
        arrange(world, second)
    before = cut.state()
    cut.source.pages_given = 0
    setattr(cut.source, how, page)
    outcome = cut.sync(allow_removals=True)
    if outcome.state == "failed":
        assert cut.state() == before
        outcome = cut.sync(allow_removals=True)
    else:
        assert cut.source.pages_given < page
    assert outcome.state == "done"
    whole.sync(allow_removals=True)
    assert cut.state() == whole.state()


@pytest.mark.parametrize("size", [1, 199, 200, 201, 1001])
def test_any_number_of_changes_is_applied_whole(world, size):
    community_id = world.place("1")
    world.source.page_size = 500
    world.source.put("1", **{f"p{n}": "active" for n in range(size)})
    assert world.sync().counts == {"join": size}
    assert len(world.members(community_id)) == size
