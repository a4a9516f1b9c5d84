"""What a roster makes of memberships, enrolments and names."""

from datetime import timedelta

import pytest

from lms_plc.communities.memberships import Because, end, leave, pause
from lms_plc.core.policy import Role
from lms_plc.rostersync.changes import GONE, SUSPENDED, Kind
from lms_plc.rostersync.plan import NOT_VISIBLE

BOOKKEEPING = {"plc_sync_run", "plc_sync_course", "plc_sync_page", "plc_sync_change", "plc_sync_look"}


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


def test_somebody_no_longer_enrolled_rests_then_leaves_and_comes_back_when_enrolled_again(world):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    world.source.put("1", ann="active")
    assert world.changes(world.sync_twice()) == [(Kind.REST, "ben")]
    assert world.members("1") == {"ann": "active", "ben": "paused"}
    assert world.enrolments("1")["ben"] == ("gone", (), True)
    world.wait(days=30)
    assert world.changes(world.sync()) == [(Kind.END, "ben")]
    assert world.members("1") == {"ann": "active", "ben": "left"}
    world.source.put("1", ann="active", ben="active")
    assert world.changes(world.sync()) == [(Kind.RESUME, "ben")]
    assert world.members("1") == {"ann": "active", "ben": "active"}


def test_a_paused_membership_rests_for_want_of_an_enrolment_when_that_goes(world):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    world.source.put("1", ann="active", ben="suspended")
    world.sync()
    world.source.put("1", ann="active")
    assert world.changes(world.sync_twice()) == [(Kind.REST, "ben")]
    assert world.why("1", "ben") == ("paused", GONE)


def test_a_suspended_person_who_was_never_a_member_is_noted_and_joins_once_active(world):
    world.source.put("1", ann="suspended")
    assert world.changes(world.sync()) == [(Kind.FOUND_COMMUNITY, None), (Kind.CHANGE_ENROLMENT, "ann")]
    assert world.members("1") == {}
    world.source.put("1", ann="active")
    assert world.changes(world.sync()) == [(Kind.JOIN, "ann")]


@pytest.mark.parametrize("go", [end, leave])
def test_somebody_who_left_on_their_own_is_not_fetched_back(world, go):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    with world.database.write() as session:
        person = world.person("ben")
        because = Because(at=world.now, via="page", actor_id=person, reason="own_wish" if go is end else None)
        go(session, world.site_id, world.community_of("1"), [person] if go is end else person, because)
    assert world.changes(world.sync()) == []
    assert world.members("1") == {"ann": "active", "ben": "left"}


def test_somebody_paused_by_hand_stays_so_whatever_the_rosters_say(world):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    with world.database.write() as session:
        because = Because(at=world.now, via="page", reason="by_hand")
        pause(session, world.site_id, world.community_of("1"), [world.person("ben")], because)
    world.source.put("1", ann="active")
    assert world.changes(world.sync_twice()) == [(Kind.CHANGE_ENROLMENT, "ben")]
    world.wait(days=31)
    assert world.changes(world.sync()) == []
    world.source.put("1", ann="active", ben="active")
    world.sync()
    assert world.why("1", "ben") == ("paused", "by_hand")


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
    def test_and_is_in_the_roster_is_vouched_for_and_then_rests_with_it(self, world):
        community_id = world.place("1")
        world.launch("1", community_id, "ann")
        world.source.put("1", ann="active student")
        assert world.changes(world.sync()) == [(Kind.CHANGE_ENROLMENT, "ann")]
        assert world.enrolments("1")["ann"] == ("active", ("student",), True)
        assert world.events()["membership.started", "ann"] == 0
        world.source.put("1")
        assert world.changes(world.sync_twice(allow_removals=True)) == [(Kind.REST, "ann")]
        assert world.members("1") == {"ann": "paused"}

    def test_and_is_in_no_roster_is_never_let_go(self, world):
        community_id = world.place("1")
        world.launch("1", community_id, "admin")
        world.source.put("1", ann="active")
        assert world.changes(world.sync()) == [(Kind.JOIN, "ann")]
        world.wait(days=40)
        assert world.changes(world.sync()) == []
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
        world.source.put("1", ann="active", ben="active", cem="active")
        world.sync()
        world.lead(world.community_of("1"), "ann", role)
        world.source.put("1", cem="active")
        came = world.sync_twice()
        assert sorted(world.changes(came)) == [
            (Kind.CHANGE_ENROLMENT, "ann"),
            (Kind.KEPT_LEADER, "ann"),
            (Kind.REST, "ben"),
        ]
        assert world.members("1") == {"ann": "active", "ben": "paused", "cem": "active"}
        assert came.changed == 2
        world.wait(days=60)
        assert sorted(world.changes(world.sync())) == [(Kind.END, "ben"), (Kind.KEPT_LEADER, "ann")]
        assert world.members("1") == {"ann": "active", "ben": "left", "cem": "active"}

    def test_rests_once_the_role_has_run_out(self, world):
        world.source.put("1", ann="active", cem="active")
        world.sync()
        world.lead(world.community_of("1"), "ann", until=world.now + timedelta(days=3))
        world.source.put("1", cem="active")
        assert (Kind.KEPT_LEADER, "ann") in world.changes(world.sync_twice())
        world.wait(days=3)
        assert world.changes(world.sync()) == [(Kind.REST, "ann")]
        assert world.members("1")["ann"] == "paused"

    def test_appointed_between_plan_and_apply_is_kept(self, world):
        world.source.put("1", ann="active", ben="active", cem="active")
        world.sync()
        world.source.put("1", cem="active")
        world.sync()
        world.wait(days=1)
        begun = world.planned_run()
        world.lead(world.community_of("1"), "ann")
        world.carry_out(begun)
        assert world.members("1") == {"ann": "active", "ben": "paused", "cem": "active"}

    def test_appointed_while_resting_rests_on_and_is_never_ended(self, world):
        world.source.put("1", ann="active", cem="active")
        world.sync()
        world.source.put("1", cem="active")
        world.sync_twice()
        world.lead(world.community_of("1"), "ann")
        world.wait(days=31)
        came = world.sync()
        assert (world.changes(came), came.changed) == ([(Kind.KEPT_LEADER, "ann")], 0)
        assert world.why("1", "ann") == ("paused", GONE)
        world.source.put("1", ann="active", cem="active")
        assert world.changes(world.sync()) == [(Kind.RESUME, "ann")]

    def test_with_another_role_rests_like_everybody(self, world):
        world.source.put("1", ann="active", cem="active")
        world.sync()
        world.lead(world.community_of("1"), "ann", Role.TEACHER_LEADER)
        world.source.put("1", cem="active")
        assert world.changes(world.sync_twice()) == [(Kind.REST, "ann")]

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
        assert world.changes(world.sync_twice()) == [(Kind.CHANGE_ENROLMENT, "ann")]
        assert world.members(shared)["ann"] == "active"
        world.source.put("2", cem="active")
        assert world.changes(world.sync()) == [(Kind.MISSING, "ann")]
        assert world.members(shared)["ann"] == "active"
        world.wait(days=1)
        assert world.changes(world.sync()) == [(Kind.REST, "ann")]
        assert world.members(shared) == {"ann": "paused", "ben": "active", "cem": "active"}

    def test_somebody_in_neither_rests_only_when_both_have_lacked_them_for_a_day(self, world, shared):
        world.source.put("1", ann="active", ben="active")
        world.source.put("2", ann="active", cem="active")
        world.sync()
        world.source.put("1", ben="active")
        world.sync()
        world.wait(hours=20)
        world.source.put("2", cem="active")
        world.sync()
        world.wait(hours=20)
        assert sorted(world.changes(world.sync())) == [(Kind.CHANGE_ENROLMENT, "ann"), (Kind.STILL_MISSING, "ann")]
        assert world.members(shared)["ann"] == "active"
        world.wait(hours=4)
        assert world.changes(world.sync()) == [(Kind.REST, "ann")]

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
        assert world.changes(world.sync_twice("C1")) == [(Kind.REST, "ben")]
        assert world.members(shared) == {"ann": "active", "ben": "paused", "cem": "active"}

    def test_a_course_that_vanished_or_is_hidden_lets_nobody_go_and_is_reported(self, world, shared):
        world.source.put("1", ann="active")
        world.source.put("2", ben="active")
        world.sync()
        world.source.put_course("2", visible=False)
        assert world.changes(world.sync_twice()) == [(Kind.COURSE_GONE, None)]
        world.wait(days=31)
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
    came = world.sync()
    assert set(world.changes(came)) == {(Kind.COURSE_GONE, None), (Kind.JOIN, "cem")}
    assert world.reasons(came)[Kind.COURSE_GONE] == NOT_VISIBLE["gone"]
    world.wait(days=31)
    assert world.changes(world.sync()) == [(Kind.COURSE_GONE, None)]
    assert world.members("1") == {"ann": "active"}


def test_a_hidden_course_keeps_its_members_and_goes_on_once_it_is_shown_again(world):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    world.source.put_course("1", visible=False)
    world.source.rosters["1"].clear()
    came = world.sync_twice()
    assert world.changes(came) == [(Kind.COURSE_GONE, None)]
    assert world.reasons(came)[Kind.COURSE_GONE] == NOT_VISIBLE["hidden"]
    world.source.put_course("1")
    world.source.put("1", ann="active")
    assert world.changes(world.sync()) == [(Kind.MISSING, "ben")]
    assert world.members("1") == {"ann": "active", "ben": "active"}


def test_a_copied_course_takes_nobody_from_the_one_it_was_copied_from(world):
    world.source.put("1", ann="active", ben="active")
    assert world.sync(all_courses=True).state == "done"
    world.source.put_course("2", title="Course 1", short_name="C1 copy 1")
    came = world.sync()
    assert world.changes(came) == [(Kind.FOUND_COMMUNITY, None)]
    assert world.members("1") == {"ann": "active", "ben": "active"}
    assert world.members("2") == {}
    world.source.put("2", ben="active")
    assert world.changes(world.sync()) == [(Kind.JOIN, "ben")]


class TestACourseThatWasEmptied:
    def test_proves_nothing_however_often_it_is_looked_at(self, world):
        world.source.put("1", ann="active", ben="suspended")
        world.sync()
        world.source.put("1")
        for _ in range(3):
            came = world.sync()
            assert (world.changes(came), came.changed) == ([(Kind.COURSE_GONE, None)], 0)
            assert world.reasons(came)[Kind.COURSE_GONE] == NOT_VISIBLE["emptied"]
            world.wait(days=31)
        assert world.members("1") == {"ann": "active"}
        assert world.missing_since("1", "ann") is None

    def test_forgets_nothing_of_what_was_noted_before(self, world):
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.source.put("1", ann="active")
        world.sync()
        noted = world.missing_since("1", "ben")
        world.source.put("1")
        world.wait(days=2)
        world.sync()
        assert world.missing_since("1", "ben") == noted
        assert world.members("1") == {"ann": "active", "ben": "active"}

    def test_is_taken_at_its_word_where_removals_are_allowed_but_after_two_looks_as_ever(self, world):
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.source.put("1")
        assert sorted(world.changes(world.sync(allow_removals=True))) == [(Kind.MISSING, "ann"), (Kind.MISSING, "ben")]
        world.wait(days=1)
        assert world.changes(world.sync()) == [(Kind.COURSE_GONE, None)]
        assert sorted(world.changes(world.sync(allow_removals=True))) == [(Kind.REST, "ann"), (Kind.REST, "ben")]
        world.wait(days=30)
        assert sorted(world.changes(world.sync())) == [(Kind.END, "ann"), (Kind.END, "ben")]

    def test_that_never_had_anybody_is_just_empty(self, world):
        world.source.put("1")
        assert world.changes(world.sync()) == [(Kind.FOUND_COMMUNITY, None)]
        assert world.changes(world.sync()) == []

    def test_does_not_hide_what_the_other_course_of_its_community_says(self, world):
        shared = world.place("1")
        world.place("2", shared)
        world.source.put("1", ann="active", ben="active")
        world.source.put("2", cem="active")
        world.sync()
        world.source.put("1", ann="active")
        world.source.put("2")
        assert sorted(world.changes(world.sync_twice())) == [(Kind.COURSE_GONE, None), (Kind.REST, "ben")]
        assert world.members(shared) == {"ann": "active", "ben": "paused", "cem": "active"}


class TestAnAbsence:
    @pytest.fixture
    def without_ben(self, world):
        """Ben has been missed by one complete look; answers when that was noted."""
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.source.put("1", ann="active")
        assert world.changes(world.sync()) == [(Kind.MISSING, "ben")]
        assert world.members("1") == {"ann": "active", "ben": "active"}
        assert world.enrolments("1")["ben"] == ("active", (), True)
        return world.missing_since("1", "ben")

    def test_does_not_count_before_a_day_is_over_to_the_second(self, world, without_ben):
        world.wait_until(without_ben + timedelta(hours=24) - timedelta(seconds=1))
        came = world.sync()
        assert (world.changes(came), came.changed) == ([(Kind.STILL_MISSING, "ben")], 0)
        assert world.members("1")["ben"] == "active"
        assert world.missing_since("1", "ben") == without_ben

    def test_counts_when_a_look_that_began_a_day_later_finds_the_same(self, world, without_ben):
        world.wait_until(without_ben + timedelta(hours=24))
        assert world.changes(world.sync()) == [(Kind.REST, "ben")]
        assert world.why("1", "ben") == ("paused", GONE)
        assert world.events()["membership.paused", "ben"] == 1
        assert world.missing_since("1", "ben") is None

    def test_of_a_look_that_began_too_early_does_not_count_however_long_it_takes(self, world, without_ben):
        world.wait_until(without_ben + timedelta(hours=23, minutes=59))
        world.source.before_page = lambda: world.wait(minutes=10)
        assert world.changes(world.sync()) == [(Kind.STILL_MISSING, "ben")]

    def test_is_forgotten_when_somebody_was_back_in_between(self, world, without_ben):
        world.wait(hours=12)
        world.source.put("1", ann="active", ben="active")
        assert world.changes(world.sync()) == [(Kind.CHANGE_ENROLMENT, "ben")]
        assert world.missing_since("1", "ben") is None
        world.wait(hours=12)
        world.source.put("1", ann="active")
        assert world.changes(world.sync()) == [(Kind.MISSING, "ben")]
        assert world.missing_since("1", "ben") > without_ben
        assert world.members("1")["ben"] == "active"

    def test_that_turns_into_a_suspension_is_a_suspension(self, world, without_ben):
        world.source.put("1", ann="active", ben="suspended")
        assert world.changes(world.sync()) == [(Kind.PAUSE, "ben")]
        assert (world.why("1", "ben"), world.missing_since("1", "ben")) == (("paused", SUSPENDED), None)

    def test_is_noted_once_and_only_reported_by_every_look_of_the_same_day(self, world, without_ben, writes):
        for _ in range(3):
            world.wait(hours=5)
            with writes() as written:
                assert world.changes(world.sync()) == [(Kind.STILL_MISSING, "ben")]
            assert set(written) <= BOOKKEEPING
        assert world.missing_since("1", "ben") == without_ben

    def test_does_not_count_in_a_plan_that_changes_nothing(self, world):
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.source.put("1", ann="active")
        world.plan()
        world.wait(days=2)
        assert world.changes(world.sync()) == [(Kind.MISSING, "ben")]

    def test_noted_before_the_course_was_hidden_does_not_count_by_what_another_course_says(self, world, without_ben):
        world.place("2", world.community_of("1"))
        world.source.put("2", cem="active")
        world.source.put_course("1", visible=False)
        world.wait(days=2)
        assert world.changes(world.sync()) == [(Kind.COURSE_GONE, None), (Kind.JOIN, "cem")]
        assert world.members("2") == {"ann": "active", "ben": "active", "cem": "active"}

    def test_that_a_clock_set_back_puts_into_the_future_does_not_count(self, world, without_ben):
        world.wait(days=-3)
        assert world.changes(world.sync()) == [(Kind.STILL_MISSING, "ben")]

    def test_of_somebody_resting_ends_after_thirty_days_and_not_a_minute_earlier(self, world, without_ben):
        world.wait(days=1)
        world.sync()
        rests = world.now
        world.wait_until(rests + timedelta(days=30) - timedelta(minutes=1))
        assert world.changes(world.sync()) == []
        assert world.members("1")["ben"] == "paused"
        world.wait_until(rests + timedelta(days=30))
        came = world.sync()
        assert world.changes(came) == [(Kind.END, "ben")]
        assert world.why("1", "ben") == ("left", GONE)
        assert world.changes(world.sync()) == []

    def test_of_somebody_resting_who_is_suspended_meanwhile_is_counted_anew(self, world, without_ben):
        world.wait(days=1)
        world.sync()
        world.wait(days=20)
        world.source.put("1", ann="active", ben="suspended")
        assert world.changes(world.sync()) == [(Kind.PAUSE, "ben")]
        assert world.why("1", "ben") == ("paused", SUSPENDED)
        world.wait(days=20)
        assert world.changes(world.sync()) == []
        world.source.put("1", ann="active")
        assert world.changes(world.sync_twice()) == [(Kind.REST, "ben")]
        world.wait(days=29)
        assert world.changes(world.sync()) == []
        world.wait(days=1)
        assert world.changes(world.sync()) == [(Kind.END, "ben")]

    def test_of_somebody_resting_who_is_enrolled_again_is_over(self, world, without_ben):
        world.wait(days=1)
        world.sync()
        world.source.put("1", ann="active", ben="active")
        assert world.changes(world.sync()) == [(Kind.RESUME, "ben")]
        assert world.why("1", "ben") == ("active", None)
        world.source.put("1", ann="active")
        world.wait(days=40)
        assert world.changes(world.sync()) == [(Kind.MISSING, "ben")]

    def test_of_somebody_who_came_back_by_a_launch_since_the_plan_ends_nothing(self, world, without_ben):
        world.wait(days=1)
        world.sync()
        world.wait(days=30)
        begun = world.planned_run()
        world.launch_again("1", world.community_of("1"), "ben")
        world.carry_out(begun)
        assert world.why("1", "ben") == ("active", None)


def test_members_whose_course_lost_its_place_here_are_let_go_by_nobody(world):
    shared = world.place("1")
    world.place("2", shared)
    world.source.put("1", ann="active")
    world.source.put("2", ben="active")
    world.sync()
    world.displace("2")
    assert world.changes(world.sync_twice()) == []
    assert world.members(shared) == {"ann": "active", "ben": "active"}


def test_the_same_subject_at_another_site_is_another_person(new_world):
    here, there = new_world(), new_world()
    for world in (here, there):
        world.source.put("1", ann="active")
        world.sync()
    there.source.put("1")
    there.sync_twice(allow_removals=True)
    assert (here.members("1"), there.members("1")) == ({"ann": "active"}, {"ann": "paused"})
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
