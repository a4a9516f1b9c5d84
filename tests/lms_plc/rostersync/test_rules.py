"""How the rules of a site make communities of its courses, groups, groupings and cohorts."""

import pytest

from lms_plc.core.ids import new_id
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.plan import NOT_VISIBLE, REASONS
from lms_plc.rostersync.rules import Rule, cohorts_wanted, laid_over


def rule(about="courses", makes="each", **more):
    return Rule(new_id(), about, makes, **more)


class TestWhatARuleIsAbout:
    """Rules laid over a source, as a preview does it: no database is asked."""

    @pytest.fixture
    def source(self, lms):
        source = lms
        source.put_course("1", title="Mathematik [7b] Ärzte", short_name="MA-7b", id_number="2026/MA", category="maths")
        source.put_course("2", title="Physics", short_name="PH-7", category="physics")
        source.put_course("3", title="History", short_name="HI", category="arts")
        source.put_course("4", title="Secret", short_name="SE", category="arts", visible=False)
        source.put_category("schools")
        source.put_category("science", "schools")
        source.put_category("maths", "science")
        source.put_category("physics", "science")
        source.put_category("arts", "schools")
        return source

    def wanted(self, source, *rules):
        return [one.id for one in laid_over(source, source.courses(), rules, lambda course: False)]

    @pytest.mark.parametrize(
        ("pattern", "found"),
        [
            ("1", ["1"]),
            ("ma-7B", ["1"]),
            ("*-7*", ["1", "2"]),
            ("??-7", ["2"]),
            ("mathematik*", ["1"]),
            ("*[7b]*", ["1"]),
            ("*[7]*", []),
            ("*[78]b*", []),
            ("*ÄRZTE", ["1"]),
            ("2026/*", ["1"]),
            ("PH", []),
            ("*", ["1", "2", "3"]),
            ("!*", []),
        ],
    )
    def test_star_and_question_mark_mean_something_and_nothing_else_does(self, source, pattern, found):
        assert self.wanted(source, rule(named=(pattern,))) == found

    def test_any_of_several_patterns_is_enough(self, source):
        assert self.wanted(source, rule(named=("HI", "PH-*"))) == ["2", "3"]

    @pytest.mark.parametrize(
        ("category", "found"),
        [
            ("schools", ["1", "2", "3"]),
            ("science", ["1", "2"]),
            ("maths", ["1"]),
            ("arts", ["3"]),
            ("elsewhere", []),
        ],
    )
    def test_a_category_means_everything_below_it(self, source, category, found):
        assert self.wanted(source, rule(category=category)) == found

    def test_categories_in_a_circle_are_walked_once(self, source):
        source.put_category("schools", "maths")
        assert self.wanted(source, rule(category="maths")) == ["1", "2", "3"]

    def test_a_category_below_one_that_is_out_of_sight_is_found_by_its_name_alone(self, source):
        source.put_category("maths", "hidden")
        assert self.wanted(source, rule(category="hidden")) == ["1"]
        assert self.wanted(source, rule(category="science")) == ["2"]

    def test_category_and_pattern_must_both_fit(self, source):
        assert self.wanted(source, rule(category="science", named=("PH-7", "HI"))) == ["2"]

    def test_the_first_rule_that_fits_a_course_settles_it(self, source):
        rules = rule(makes="none", named=("PH-7",)), rule(category="science")
        assert self.wanted(source, *rules) == ["1"]
        assert self.wanted(source, *reversed(rules)) == ["1", "2"]

    def test_a_hidden_course_is_wanted_only_where_it_is_wanted_otherwise(self, source):
        found = laid_over(source, source.courses(), [rule(makes="one", name="Arts")], lambda course: course.id == "4")
        hidden = [one for one in found if not one.visible]
        assert [(one.id, one.community_id) for one in hidden] == [("4", None)]

    def test_groups_come_behind_their_course_and_a_rule_can_choose_among_them(self, source):
        source.put_group("1", "11", "ann", name="Tutors [a]")
        source.put_group("1", "12", "ben", name="Students")
        source.put_group("2", "21", "cem", name="tutors [A]")
        named = rule("groups", parts_named=("tutors [a]",))
        found = list(laid_over(source, source.courses(), [named, rule(named=("PH-7",))], lambda course: False))
        assert [one.id for one in found] == ["1", "group:11", "2", "group:21"]
        assert [one.for_its_parts for one in found] == [True, False, False, False]
        assert (found[1].title, found[1].parent, found[1].members) == (
            "Mathematik [7b] Ärzte: Tutors [a]",
            "1",
            ("ann",),
        )

    def test_groups_of_hidden_courses_make_nothing(self, source):
        source.put_group("4", "41", "ann")
        assert self.wanted(source, rule("groups")) == []

    def test_a_grouping_is_everybody_in_its_groups_once(self, source):
        for group, *members in (("11", "ann", "ben"), ("12", "ben", "cem"), ("13", "dea")):
            source.put_group("1", group, *members)
        source.put_grouping("1", "5", "11", "12", "nowhere")
        _, found = laid_over(source, source.courses(), [rule("groupings")], lambda course: False)
        assert (found.id, found.members) == ("grouping:5", ("ann", "ben", "cem"))

    def test_cohorts_are_chosen_by_id_name_or_number(self, source):
        for cohort, number in (("1", "K-1"), ("2", "K-2"), ("3", None)):
            source.put_cohort(cohort, "ann", id_number=number)
        rules = [rule("cohorts", "none", named=("k-2",)), rule("cohorts", named=("K-?", "cohort 3"))]
        assert [one.id for one in cohorts_wanted(source, rules)] == ["cohort:1", "cohort:3"]
        assert list(cohorts_wanted(source, [rule("courses")])) == []

    def test_a_preview_says_how_many_communities_of_which_names(self, source):
        found = list(laid_over(source, source.courses(), [rule(makes="one", name="Staff")], lambda course: False))
        assert {(one.community_id, one.founds) for one in found} == {(found[0].rule.id, "Staff")}
        found = list(laid_over(source, source.courses(), [rule()], lambda course: False))
        assert [(one.community_id, one.founds) for one in found][1:] == [(None, "Physics"), (None, "History")]


class TestEachCourse:
    def test_that_a_rule_wants_becomes_a_community_and_no_other(self, world):
        world.source.put_course("2", category="maths")
        world.source.put_category("maths")
        for course in ("1", "2"):
            world.source.put(course, ann="active")
        world.rule("courses", "each", category="maths")
        assert world.sync().counts == {"found_community": 1, "join": 1}
        assert set(world.communities()) == {"Course 2"}
        world.source.put_course("3", category="maths")
        assert world.changes(world.sync()) == [(Kind.FOUND_COMMUNITY, None)]

    def test_that_has_a_community_keeps_it_without_any_rule(self, world):
        world.place("1")
        world.source.put("1", ann="active")
        world.source.put("2", ben="active")
        world.rule("courses", "each", named=("C2",))
        assert world.sync().counts == {"found_community": 1, "join": 2}
        assert world.members("1") == {"ann": "active"}

    def test_that_no_rule_wants_any_more_is_synced_on_because_it_has_a_community(self, world):
        world.source.put("1", ann="active")
        world.rule("courses", "each")
        world.sync()
        world.remove_rules()
        world.source.put("1", ann="active", ben="active")
        assert world.changes(world.sync()) == [(Kind.JOIN, "ben")]

    def test_whose_id_was_fixed_with_the_list_is_founded_with_it_by_any_worker(self, world):
        world.source.put("1", ann="active")
        world.rule("courses", "each")
        run_id = world.planned_run()
        planned = world.planned_communities(run_id)
        world.carry_out(run_id)
        assert planned == {world.community_of("1")}


class TestARuleThatLeavesOut:
    def test_a_course_founds_nothing_for_it(self, world):
        world.source.put("1", ann="active")
        world.source.put("2", ben="active")
        world.rule("courses", "none", named=("C1",))
        world.rule("courses", "each")
        assert world.sync().counts == {"found_community": 1, "join": 1}
        assert set(world.communities()) == {"Course 2"}

    def test_a_course_with_a_community_leaves_that_as_it_is(self, world):
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.rule("courses", "none")
        world.source.put("1", ann="active", cem="active")
        assert world.changes(world.sync_twice()) == []
        assert world.members("1") == {"ann": "active", "ben": "active"}

    def test_a_course_with_a_community_leaves_that_as_it_is_also_when_its_groups_are_wanted(self, world):
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.rule("courses", "none")
        world.rule("groups", "each")
        world.source.put_course("1", title="Renamed")
        world.source.put("1", ann="active", cem="active")
        world.source.put_group("1", "7", "cem")
        assert sorted(world.changes(world.sync())) == [(Kind.FOUND_COMMUNITY, None), (Kind.JOIN, "cem")]
        world.wait(days=1)
        assert world.changes(world.sync()) == []
        assert world.members("1") == {"ann": "active", "ben": "active"}
        assert world.members("group:7") == {"cem": "active"}


class TestAllTogether:
    def test_two_courses_are_one_community_with_a_name_of_its_own(self, world):
        world.source.put("1", ann="active", ben="active")
        world.source.put("2", ben="active", cem="active")
        community_id = world.rule("courses", "one", name="The staff room")
        came = world.sync()
        assert came.counts == {"found_community": 1, "place_course": 1, "join": 3, "change_enrolment": 1}
        assert world.communities() == {"The staff room": community_id}
        assert world.members(community_id) == dict.fromkeys(("ann", "ben", "cem"), "active")
        assert world.events()["community.founded", ""] == world.events()["community.placed", ""] == 1
        assert world.changes(world.sync()) == []

    def test_somebody_who_changes_from_one_to_the_other_never_leaves(self, world):
        world.source.put("1", ann="active", ben="active")
        world.source.put("2", cem="active")
        community_id = world.rule("courses", "one", name="The staff room")
        world.sync()
        world.source.put("1", ann="active")
        world.source.put("2", ben="active", cem="active")
        world.sync_twice()
        assert set(world.members(community_id).values()) == {"active"}
        assert ("membership.paused", "ben") not in world.events()

    def test_a_course_that_comes_later_is_brought_into_it(self, world):
        world.source.put("1", ann="active")
        community_id = world.rule("courses", "one", name="The staff room")
        world.sync()
        world.source.put("2", ben="active")
        came = world.sync()
        assert world.changes(came) == [(Kind.PLACE_COURSE, None), (Kind.JOIN, "ben")]
        assert world.reasons(came)[Kind.PLACE_COURSE] == REASONS[Kind.PLACE_COURSE]
        assert world.members(community_id) == {"ann": "active", "ben": "active"}

    def test_a_course_that_opens_its_own_community_goes_on_opening_it_and_feeds_both(self, world):
        own = world.place("1")
        world.source.put("1", ann="active")
        world.source.put("2", ben="active")
        community_id = world.rule("courses", "one", name="The staff room")
        assert world.sync().counts == {"found_community": 1, "place_course": 1, "join": 3}
        assert world.opens("1") == own
        assert world.opens("2") == community_id
        assert (world.members(own), world.members(community_id)) == (
            {"ann": "active"},
            dict.fromkeys(("ann", "ben"), "active"),
        )
        assert world.changes(world.sync()) == []
        world.source.put("1", cem="active")
        assert sorted(world.changes(world.sync_twice())) == [(Kind.REST, "ann"), (Kind.REST, "ann")]
        assert world.members(own) == {"ann": "paused", "cem": "active"}

    def test_the_first_of_them_may_be_one_that_opens_its_own_already(self, world):
        own = world.place("1")
        world.source.put("1", ann="active")
        community_id = world.rule("courses", "one", name="The staff room")
        assert world.sync().counts == {"found_community": 1, "join": 2}
        assert world.opens("1") == own
        assert world.members(community_id) == {"ann": "active"}

    def test_a_launch_that_opens_a_community_between_plan_and_apply_changes_nothing_about_it(self, world):
        world.source.put("1", ann="active")
        community_id = world.rule("courses", "one", name="The staff room")
        begun = world.planned_run()
        own = world.place("1")
        world.carry_out(begun)
        assert world.opens("1") == own
        assert world.members(community_id) == {"ann": "active"}

    def test_in_a_community_there_is_already_it_keeps_its_name_and_its_people(self, world):
        community_id = world.place("1")
        world.rename_community(community_id, "The early birds")
        world.source.put("1", ann="active")
        world.source.put("2", ben="active")
        world.rule("courses", "one", community_id=community_id, named=("C2",), name="Unheard")
        assert world.sync().counts == {"place_course": 1, "join": 2}
        assert world.communities() == {"The early birds": community_id}
        assert world.members(community_id) == {"ann": "active", "ben": "active"}

    def test_over_two_sites_each_brings_and_lets_go_its_own_people_only(self, new_world):
        here, there = new_world(), new_world()
        here.source.put("1", ann="active", ben="active")
        here.sync()
        community_id = here.community_of("1")
        there.rule("courses", "one", community_id=community_id)
        there.source.put("1", ann="active", cem="active")
        assert there.sync().counts == {"place_course": 1, "join": 2}
        assert there.opens("1") == community_id
        assert here.members(community_id) == {"ann": "active", "ben": "active"}
        assert there.members(community_id) == {"ann": "active", "cem": "active"}
        here.source.put("1", ann="active")
        there.source.put("1", cem="active")
        for world, absent in ((here, "ben"), (there, "ann")):
            world.now = max(here.now, there.now)
            assert world.changes(world.sync_twice()) == [(Kind.REST, absent)]
        assert here.members(community_id) == {"ann": "active", "ben": "paused"}
        assert there.members(community_id) == {"ann": "paused", "cem": "active"}

    def test_over_two_sites_somebody_known_to_both_stays_while_either_has_them(self, new_world):
        here, there = new_world(), new_world()
        for world in (here, there):
            world.count_people_by("national")
            world.source.put("1", x="active")
            world.source.enrol("1", "ann", number="4711")
        here.sync()
        there.rule("courses", "one", community_id=here.community_of("1"))
        there.sync()
        assert here.person("ann") == there.person("ann")
        here.source.put("1", x="active")
        assert here.changes(here.sync_twice()) == [(Kind.CHANGE_ENROLMENT, "ann")]
        assert here.members("1")["ann"] == "active"
        there.now = here.now
        there.source.put("1", x="active")
        there.sync_twice()
        assert here.members("1")["ann"] == "paused"


class TestPartsOfAnLms:
    def test_each_group_is_a_community_of_those_of_its_course_who_are_in_it(self, world):
        world.source.put("1", ann="active", ben="active", cem="suspended")
        world.source.put_group("1", "7", "ann", "cem", "nobody")
        world.source.put_group("1", "8", "ben")
        world.rule("groups", "each")
        came = world.sync()
        assert came.counts == {"found_community": 2, "join": 2, "change_enrolment": 1}
        assert set(world.communities()) == {"Course 1: Group 7", "Course 1: Group 8"}
        assert (world.members("group:7"), world.members("group:8")) == ({"ann": "active"}, {"ben": "active"})
        assert world.enrolments("group:7")["cem"][0] == "suspended"
        assert world.changes(world.sync()) == []

    def test_a_course_and_each_of_its_groups_may_both_be_communities(self, world):
        world.source.put("1", ann="active", ben="active")
        world.source.put_group("1", "7", "ann")
        world.rule("courses", "each")
        world.rule("groups", "each")
        assert world.sync().counts == {"found_community": 2, "join": 3}
        assert world.members("1") == {"ann": "active", "ben": "active"}

    def test_somebody_moved_between_groups_joins_the_one_at_once_and_rests_in_the_other_a_day_later(self, world):
        world.source.put("1", ann="active", ben="active", cem="active")
        world.source.put_group("1", "7", "ann", "cem")
        world.source.put_group("1", "8", "ben")
        world.rule("groups", "each")
        world.sync()
        world.source.put_group("1", "7", "cem")
        world.source.put_group("1", "8", "ann", "ben")
        assert sorted(world.changes(world.sync())) == [(Kind.JOIN, "ann"), (Kind.MISSING, "ann")]
        world.wait(days=1)
        assert world.changes(world.sync()) == [(Kind.REST, "ann")]
        assert world.members("group:7") == {"ann": "paused", "cem": "active"}
        assert world.members("group:8") == {"ann": "active", "ben": "active"}

    def test_a_group_that_vanished_or_lost_everybody_lets_nobody_go(self, world):
        world.source.put("1", ann="active", ben="active")
        world.source.put_group("1", "7", "ann")
        world.source.put_group("1", "8", "ben")
        world.rule("groups", "each")
        world.sync()
        del world.source.groups_by_id["7"]
        world.source.put_group("1", "8")
        came = world.sync_twice()
        assert world.changes(came) == [(Kind.COURSE_GONE, None)] * 2
        world.wait(days=31)
        assert world.sync().changed == 0
        assert (world.members("group:7"), world.members("group:8")) == ({"ann": "active"}, {"ben": "active"})

    def test_a_group_of_a_course_cut_off_in_mid_roster_lets_nobody_go(self, world):
        world.source.put("1", **{f"p{n}": "active" for n in range(9)})
        world.source.put_group("1", "7", *(f"p{n}" for n in range(9)))
        world.rule("groups", "each")
        world.sync()
        world.source.put_group("1", "7", "p0")
        world.sync()
        world.wait(days=1)
        world.source.pages_given, world.source.breaks_off_at = 0, 2
        assert world.sync(allow_removals=True).state == "failed"
        assert set(world.members("group:7").values()) == {"active"}
        assert world.sync(allow_removals=True).counts == {"rest": 8}

    def test_a_grouping_is_a_community_and_a_group_that_leaves_it_takes_its_people_along(self, world):
        world.source.put("1", ann="active", ben="active")
        world.source.put_group("1", "7", "ann")
        world.source.put_group("1", "8", "ben")
        world.source.put_grouping("1", "5", "7", "8")
        world.rule("groupings", "each")
        assert world.sync().counts == {"found_community": 1, "join": 2}
        world.source.put_grouping("1", "5", "7")
        assert world.changes(world.sync_twice()) == [(Kind.REST, "ben")]

    def test_groups_of_many_courses_can_be_one_community(self, world):
        for course, person in (("1", "ann"), ("2", "ben")):
            world.source.put(course, **{person: "active", "x": "active"})
            world.source.put_group(course, f"{course}1", person, name="Tutors")
            world.source.put_group(course, f"{course}2", "x", name="Others")
        community_id = world.rule("groups", "one", parts_named=("tutors",), name="All tutors")
        world.sync()
        assert world.members(community_id) == {"ann": "active", "ben": "active"}

    def test_a_cohort_is_a_community_of_people_whose_names_come_from_wherever_they_are_known(self, world):
        world.source.put("1", ann="active")
        world.source.put_cohort("9", "ann", "unseen")
        world.rule("courses", "none")
        world.rule("cohorts", "each")
        assert world.sync().counts == {"found_community": 1, "join": 2}
        assert world.names() == {"ann": "Name of ann", "unseen": "#unseen"}
        world.source.put_cohort("9", "ann")
        assert world.changes(world.sync_twice()) == [(Kind.REST, "unseen")]
        assert world.members("cohort:9") == {"ann": "active", "unseen": "paused"}

    def test_a_cohort_and_a_course_together_hold_whoever_is_in_either(self, world):
        community_id = world.place("1")
        world.source.put("1", ann="active", ben="active")
        world.source.put_cohort("9", "ann", "cem")
        world.rule("cohorts", "one", community_id=community_id)
        world.sync()
        assert world.members(community_id) == dict.fromkeys(("ann", "ben", "cem"), "active")
        world.source.put("1", ben="active")
        assert world.changes(world.sync_twice()) == [(Kind.CHANGE_ENROLMENT, "ann")]
        world.source.put_cohort("9", "cem")
        assert world.changes(world.sync_twice()) == [(Kind.REST, "ann")]

    def test_parts_that_no_rule_asks_for_any_more_are_reported_and_keep_their_members(self, world):
        world.source.put("1", ann="active")
        world.source.put_group("1", "7", "ann")
        world.source.put_cohort("9", "ben")
        world.rule("groups", "each")
        world.rule("cohorts", "each")
        world.sync()
        world.remove_rules()
        came = world.sync_twice()
        assert world.changes(came) == [(Kind.COURSE_GONE, None)] * 2
        assert world.reasons(came)[Kind.COURSE_GONE] == NOT_VISIBLE["unruled"]
        assert (world.members("group:7"), world.members("cohort:9")) == ({"ann": "active"}, {"ben": "active"})

    def test_a_renamed_group_takes_its_community_along(self, world):
        world.source.put("1", ann="active")
        world.source.put_group("1", "7", "ann")
        world.rule("groups", "each")
        world.sync()
        world.source.put_group("1", "7", "ann", name="Tutors")
        assert world.changes(world.sync()) == [(Kind.RENAME_COURSE, None)]
        assert set(world.communities()) == {"Course 1: Tutors"}

    def test_a_title_of_endless_length_is_kept_short_and_changes_nothing_every_time(self, world):
        world.source.put_course("1", title="T" * 600, short_name="s" * 300)
        world.source.put("1", ann="active")
        world.source.put_group("1", "7", "ann", name="G" * 600)
        world.rule("courses", "each")
        world.rule("groups", "each")
        assert world.sync().state == "done"
        assert world.changes(world.sync()) == []


@pytest.mark.parametrize(
    ("id_number", "ours"),
    [("plc-01a203a0-8fa7-713b-827b-5d3b62b3fc56", True), ("plc-math", False), ("PLC", False), (None, False)],
)
def test_what_this_tool_wrote_into_the_lms_founds_nothing_here(world, id_number, ours):
    world.rule("cohorts", "each")
    world.source.put_cohort("1", "ann", id_number=id_number)
    assert (world.sync().counts == {}) is ours
