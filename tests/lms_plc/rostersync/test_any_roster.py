"""Whatever the rosters and however long in between, the communities end where the rules say."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms_plc.core.policy import Role

NAMES = [f"p{n}" for n in range(6)]
LEADER = "p0"
ROSTER = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(["active", "suspended", "active student"]), max_size=len(NAMES)
)
ROSTERS = st.fixed_dictionaries({"1": ROSTER, "2": ROSTER, "3": ROSTER})
WAIT = st.sampled_from([0, 1, 11, 13, 23, 24, 25, 24 * 29, 24 * 31])
"""Hours. Between two looks pass some seconds more, so that none is exactly a day after another."""
STEPS = st.lists(st.tuples(WAIT, ROSTERS, st.booleans()), min_size=2, max_size=5)

quick = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Each example has a site of its own, so that they may share the database."""


def arrange(world, rosters):
    for course, people in rosters.items():
        world.source.put(course, **people)


class Looks:
    """What an outsider remembers of the looks at one community's rosters: when each began, and whom each lacked.

    ``lacked`` is, by course and person, when the first of the looks was over that lacked them in a row, or None after
    one that had them; who was never in a roster is not in it.
    """

    def __init__(self, courses):
        self.courses = courses
        self.lacked = {}
        self.rosters = {}

    def note(self, began, over, rosters, *, empty_counts):
        self.began, self.rosters = began, {}
        for course in self.courses:
            roster = rosters[course]
            self.rosters[course] = roster
            known = {person for where, person in self.lacked if where == course}
            if not roster and known and not empty_counts:
                continue
            for person in roster:
                self.lacked[course, person] = None
            for person in known - set(roster):
                self.lacked[course, person] = self.lacked[course, person] or over

    def may_lose_access(self, person):
        """Suspended wherever enrolled, or missed for a day wherever ever enrolled."""
        said = {roster[person].split()[0] for roster in self.rosters.values() if person in roster}
        if said:
            return said == {"suspended"}
        since = [lacked for (_, who), lacked in self.lacked.items() if who == person]
        return all(lacked is not None and self.began - lacked >= timedelta(hours=24) for lacked in since)

    def is_absent(self, person):
        return not any(person in roster for roster in self.rosters.values())


@quick
@given(steps=STEPS)
def test_nobody_loses_access_before_two_looks_a_day_apart_and_a_leader_never_for_absence(new_world, steps):
    world = new_world()
    shared = world.place("1")
    world.place("2", shared)
    world.place("3")
    world.source.put("1", **dict.fromkeys(NAMES, "active"))
    world.source.put("2")
    world.source.put("3", **dict.fromkeys(NAMES, "active"))
    looks = {shared: Looks(("1", "2")), world.community_of("3"): Looks(("3",))}
    first = {"1": dict.fromkeys(NAMES, "active"), "2": {}, "3": dict.fromkeys(NAMES, "active")}
    for hours, rosters, allow_removals in [(0, first, False), *steps]:
        world.wait(hours=hours)
        arrange(world, rosters)
        before = {community: world.members(community) for community in looks}
        came = world.sync(allow_removals=allow_removals)
        applied = came.state == "done"
        assert applied or (came.state == "held" and not allow_removals)
        for community, look in looks.items():
            after = world.members(community)
            if not applied:
                assert after == before[community]
                continue
            look.note(world.run_of(came).started_at, world.now, rosters, empty_counts=allow_removals)
            for person, state in before[community].items():
                if state == "active" and after[person] != "active":
                    assert look.may_lose_access(person), (person, after[person])
                    assert not (person == LEADER and look.is_absent(person))
                if state == "active" and after[person] == "left":
                    raise AssertionError(f"{person} left without a rest")
            present = {p for c in look.courses for p, said in rosters[c].items() if said.startswith("active")}
            assert {person for person in present if after[person] != "active"} == set()
            world.lead(community, LEADER, Role.FACILITATOR)
        again = world.sync(allow_removals=allow_removals)
        assert (again.state, again.changed) == (("done", 0) if applied else ("held", came.changed))


@quick
@given(
    first=ROSTERS,
    second=ROSTERS,
    hours=WAIT,
    page=st.integers(1, 6),
    how=st.sampled_from(["fails_at", "breaks_off_at"]),
)
def test_a_pull_cut_anywhere_changes_nobody_and_resumed_ends_the_same(new_world, first, second, hours, page, how):
    cut, whole = new_world(), new_world()
    for world in (cut, whole):
        world.source.page_size = 2
        arrange(world, first)
        assert world.sync(allow_removals=True).state == "done"
        arrange(world, second)
        assert world.sync(allow_removals=True).state == "done"
        world.wait(hours=hours)
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
