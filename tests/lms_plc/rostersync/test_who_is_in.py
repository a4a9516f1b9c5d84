"""What a roster makes of memberships, enrolments and names."""

from datetime import timedelta

import pytest

from lms_plc.communities.memberships import Because, end
from lms_plc.core.policy import Role
from lms_plc.rostersync.changes import Kind


def test_a_first_sync_founds_communities_and_brings_in_people_who_never_launched(world):
    world.source.put("1", ann="active editingteacher", ben="active")
    world.source.put("2", ben="active", cem="active")
    came = world.sync()
    assert came.state == "done"
    assert came.counts == {"found_community": 2, "join": 4}
    assert world.members("1") == {"ann": "active", "ben": "active"}
    assert world.members("2") == {"ben": "active", "cem": "active"}
    assert world.names() == {s: f"Name of {s}" for s in ("ann", "ben", "cem")}
    assert world.enrolments("1")["ann"] == ("active", ("editingteacher",), True)
    assert world.events()["membership.started", "ben"] == 2


def test_a_newcomer_joins_and_the_others_stay_untouched(world):
    world.source.put("1", ann="active")
    world.sync()
    world.source.put("1", ann="active", ben="active")
    assert world.changes(world.sync()) == [(Kind.JOIN, "ben")]
    assert world.members("1") == {"ann": "active", "ben": "active"}


def test_a_suspended_enrolment_pauses_a_membership_and_its_return_resumes_it(world):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    world.source.put("1", ann="active", ben="suspended")
    assert world.changes(world.sync()) == [(Kind.PAUSE, "ben")]
    assert world.members("1") == {"ann": "active", "ben": "paused"}
    assert world.enrolments("1")["ben"][0] == "suspended"
    world.source.put("1", ann="active", ben="active")
    assert world.changes(world.sync()) == [(Kind.RESUME, "ben")]
    assert world.members("1")["ben"] == "active"
    assert world.events()["membership.paused", "ben"] == 1
    assert world.events()["membership.resumed", "ben"] == 1


def test_somebody_no_longer_enrolled_leaves_and_comes_back_when_enrolled_again(world):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    world.source.put("1", ann="active")
    assert world.changes(world.sync()) == [(Kind.END, "ben")]
    assert world.members("1") == {"ann": "active", "ben": "left"}
    assert world.enrolments("1")["ben"] == ("gone", (), True)
    world.source.put("1", ann="active", ben="active")
    assert world.changes(world.sync()) == [(Kind.RESUME, "ben")]
    assert world.members("1") == {"ann": "active", "ben": "active"}


def test_a_paused_membership_ends_when_the_enrolment_goes(world):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    world.source.put("1", ann="active", ben="suspended")
    world.sync()
    world.source.put("1", ann="active")
    assert world.changes(world.sync()) == [(Kind.END, "ben")]
    assert world.members("1")["ben"] == "left"


def test_a_suspended_person_who_was_never_a_member_is_noted_and_joins_once_active(world):
    world.source.put("1", ann="suspended")
    assert world.changes(world.sync()) == [(Kind.FOUND_COMMUNITY, None), (Kind.CHANGE_ENROLMENT, "ann")]
    assert world.members("1") == {}
    world.source.put("1", ann="active")
    assert world.changes(world.sync()) == [(Kind.JOIN, "ann")]


def test_somebody_who_left_on_their_own_is_not_fetched_back(world):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    with world.database.write() as session:
        person = world.person("ben")
        because = Because(at=world.now, via="page", actor_id=person, reason="own_wish")
        end(session, world.site_id, world.community_of("1"), [person], because)
    assert world.changes(world.sync()) == []
    assert world.members("1") == {"ann": "active", "ben": "left"}


def test_other_roles_in_the_lms_are_noted_and_give_no_role_here(world):
    world.source.put("1", ann="active student")
    world.sync()
    world.source.put("1", ann="active student editingteacher")
    assert world.changes(world.sync()) == [(Kind.CHANGE_ROLES, "ann")]
    assert world.enrolments("1")["ann"] == ("active", ("editingteacher", "student"), True)
    assert world.events()["role.assigned", "ann"] == 0


def test_the_lms_decides_names_and_each_person_is_renamed_once(world):
    for course in ("1", "2"):
        world.source.put(course, ann="active")
    world.sync()
    for course in ("1", "2"):
        world.source.rosters[course].clear()
        world.source.enrol(course, "ann", name="Ann Other")
    assert world.changes(world.sync()) == [(Kind.RENAME_PERSON, "ann")]
    assert world.names() == {"ann": "Ann Other"}


def test_an_empty_or_endless_name_is_no_reason_for_a_change_every_time(world):
    world.source.put("1")
    world.source.enrol("1", "ann", name="A" * 400)
    world.source.enrol("1", "ben", name="")
    world.sync()
    assert world.names() == {"ann": "A" * 300, "ben": "#ben"}
    assert world.changes(world.sync()) == []


def test_a_renamed_course_takes_its_community_along_unless_that_has_a_name_of_its_own(world):
    world.source.put("1", ann="active")
    world.source.put("2", ann="active")
    world.sync()
    world.rename_community(world.community_of("2"), "The early birds")
    world.source.put_course("1", title="Maths", short_name="C1")
    world.source.put_course("2", title="Physics", short_name="C2")
    came = world.sync()
    assert world.changes(came) == [(Kind.RENAME_COURSE, None), (Kind.RENAME_COURSE, None)]
    assert set(world.communities()) == {"Maths", "The early birds"}
    assert world.events()["community.renamed", ""] == 1
    assert world.changes(world.sync()) == []


def test_a_new_short_name_alone_renames_no_community(world):
    world.source.put("1", ann="active")
    world.sync()
    world.source.put_course("1", short_name="MATHS-26")
    assert world.changes(world.sync()) == [(Kind.RENAME_COURSE, None)]
    assert world.events()["community.renamed", ""] == 0
    assert world.changes(world.sync()) == []


class TestSomebodyWhoJoinedByLaunch:
    def test_and_is_in_the_roster_is_vouched_for_and_then_ends_with_it(self, world):
        community_id = world.place("1")
        world.launch("1", community_id, "ann")
        world.source.put("1", ann="active student")
        assert world.changes(world.sync()) == [(Kind.CHANGE_ENROLMENT, "ann")]
        assert world.enrolments("1")["ann"] == ("active", ("student",), True)
        assert world.events()["membership.started", "ann"] == 0
        world.source.put("1")
        assert world.changes(world.sync()) == [(Kind.END, "ann")]
        assert world.members("1") == {"ann": "left"}

    def test_and_is_in_no_roster_is_never_ended(self, world):
        community_id = world.place("1")
        world.launch("1", community_id, "admin")
        world.source.put("1", ann="active")
        assert world.changes(world.sync()) == [(Kind.JOIN, "ann")]
        assert world.members("1") == {"admin": "active", "ann": "active"}

    def test_and_is_suspended_in_the_roster_is_paused(self, world):
        community_id = world.place("1")
        world.launch("1", community_id, "ann")
        world.source.put("1", ann="suspended")
        assert world.changes(world.sync()) == [(Kind.PAUSE, "ann")]
        assert world.members("1") == {"ann": "paused"}


class TestALeader:
    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.MENTOR])
    def test_who_is_absent_is_reported_and_kept(self, world, role):
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.lead(world.community_of("1"), "ann", role)
        world.source.put("1")
        came = world.sync()
        assert world.changes(came) == [
            (Kind.KEPT_LEADER, "ann"),
            (Kind.END, "ben"),
            (Kind.CHANGE_ENROLMENT, "ann"),
        ]
        assert world.members("1") == {"ann": "active", "ben": "left"}
        assert came.changed == 2

    def test_leaves_once_the_role_has_run_out(self, world):
        world.source.put("1", ann="active")
        world.sync()
        world.lead(world.community_of("1"), "ann", until=world.now + timedelta(days=1))
        world.source.put("1")
        assert (Kind.KEPT_LEADER, "ann") in world.changes(world.sync())
        world.now += timedelta(days=2)
        assert world.changes(world.sync()) == [(Kind.END, "ann")]
        assert world.members("1") == {"ann": "left"}

    def test_appointed_between_plan_and_apply_is_kept(self, world):
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.source.put("1")
        begun = world.planned_run()
        world.lead(world.community_of("1"), "ann")
        world.carry_out(begun)
        assert world.members("1") == {"ann": "active", "ben": "left"}

    def test_with_another_role_leaves_like_everybody(self, world):
        world.source.put("1", ann="active")
        world.sync()
        world.lead(world.community_of("1"), "ann", Role.TEACHER_LEADER)
        world.source.put("1")
        assert world.changes(world.sync()) == [(Kind.END, "ann")]

    def test_who_is_suspended_in_the_lms_is_paused(self, world):
        world.source.put("1", ann="active")
        world.sync()
        world.lead(world.community_of("1"), "ann")
        world.source.put("1", ann="suspended")
        assert world.changes(world.sync()) == [(Kind.PAUSE, "ann")]


class TestTwoCoursesOfOneCommunity:
    @pytest.fixture
    def shared(self, world):
        community_id = world.place("1")
        world.place("2", community_id)
        return community_id

    def test_somebody_stays_while_any_of_them_has_them(self, world, shared):
        world.source.put("1", ann="active", ben="active")
        world.source.put("2", ann="active", cem="active")
        came = world.sync()
        assert world.members(shared) == dict.fromkeys(("ann", "ben", "cem"), "active")
        assert came.counts == {"join": 3, "change_enrolment": 1}
        world.source.put("1", ben="active")
        assert world.changes(world.sync()) == [(Kind.CHANGE_ENROLMENT, "ann")]
        assert world.members(shared)["ann"] == "active"
        world.source.put("2", cem="active")
        assert world.changes(world.sync()) == [(Kind.END, "ann")]
        assert world.members(shared) == {"ann": "left", "ben": "active", "cem": "active"}

    def test_active_in_one_outweighs_suspended_in_the_other(self, world, shared):
        world.source.put("1", ann="suspended")
        world.source.put("2", ann="active")
        world.sync()
        assert world.members(shared) == {"ann": "active"}
        world.source.put("2", ann="suspended")
        assert (Kind.PAUSE, "ann") in world.changes(world.sync())

    def test_a_sync_of_one_course_leaves_the_people_of_the_other(self, world, shared):
        world.source.put("1", ann="active", ben="active")
        world.source.put("2", cem="active")
        world.sync()
        world.source.put("1", ann="active")
        world.source.put("2")
        assert world.changes(world.sync("C1")) == [(Kind.END, "ben")]
        assert world.members(shared) == {"ann": "active", "ben": "left", "cem": "active"}

    def test_a_course_that_vanished_or_is_hidden_ends_nobody_and_is_reported(self, world, shared):
        world.source.put("1", ann="active")
        world.source.put("2", ben="active")
        world.sync()
        world.source.put_course("2", visible=False)
        assert world.changes(world.sync()) == [(Kind.COURSE_GONE, None)]
        del world.source.courses_by_id["2"]
        came = world.sync()
        assert world.changes(came) == [(Kind.COURSE_GONE, None)]
        assert came.changed == 0
        assert world.members(shared) == {"ann": "active", "ben": "active"}

    def test_a_course_with_two_communities_feeds_both(self, world, shared):
        other = world.place("3")
        world.place("1", other, link_id="deep")
        world.source.put("1", ann="active")
        world.source.put("2")
        world.source.put("3", ben="active")
        assert world.sync().counts == {"join": 3}
        assert world.members(shared) == {"ann": "active"}
        assert world.members(other) == {"ann": "active", "ben": "active"}
        assert world.changes(world.sync()) == []


def test_a_course_that_is_gone_keeps_its_members_and_the_others_go_on(world):
    world.source.put("1", ann="active")
    world.source.put("2", ben="active")
    world.sync()
    del world.source.courses_by_id["1"]
    world.source.put("2", ben="active", cem="active")
    assert set(world.changes(world.sync())) == {(Kind.COURSE_GONE, None), (Kind.JOIN, "cem")}
    assert world.members("1") == {"ann": "active"}


def test_the_same_subject_at_another_site_is_another_person(new_world):
    here, there = new_world(), new_world()
    for world in (here, there):
        world.source.put("1", ann="active")
        world.sync()
    there.source.put("1")
    there.sync()
    assert (here.members("1"), there.members("1")) == ({"ann": "active"}, {"ann": "left"})
    assert here.person("ann") != there.person("ann")


def test_somebody_given_twice_by_shifting_pages_counts_as_the_later_row_says(world):
    world.source.put("1", ann="active")
    world.source.enrol("1", "ann", suspended=True)
    world.sync()
    assert world.members("1") == {}
    world.source.put("1", ann="suspended")
    world.source.enrol("1", "ann", roles=("student",))
    world.sync()
    assert world.members("1") == {"ann": "active"}
    assert world.enrolments("1")["ann"] == ("active", ("student",), True)
