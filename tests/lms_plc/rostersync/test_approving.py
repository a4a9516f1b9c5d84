"""A plan that was shown or held is applied later, as far as an admin wants it, or refused when it is old."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from lms_plc.communities.memberships import Because, end
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.checkpoint import AnotherSyncRuns
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.run import apply_approved
from lms_plc.rostersync.steps import begin_run
from lms_plc.rostersync.undo import NothingToUndo, undo_sync
from lms_plc.rostersync.waiting import PlanIsOld, approve


def people(*numbers):
    return {f"p{n}": "active" for n in numbers}


def run_row(world, came):
    with world.database.read() as connection:
        return connection.execute(
            select(SyncRun.mode, SyncRun.state, SyncRun.approved_by, SyncRun.approved_at).where(
                SyncRun.id == came.run_id
            )
        ).one()


@pytest.fixture
def held(world):
    """A run that the brake holds: of ten members, nine have been missing for a day, and somebody is new."""
    world.source.put("1", **people(*range(10)))
    world.sync()
    world.source.put("1", **people(0))
    world.sync()
    world.wait(days=1)
    world.source.enrol("1", "newcomer")
    came = world.sync()
    assert (came.state, came.counts) == ("held", {"join": 1, "rest": 9})
    return came


class TestAPlan:
    def test_that_was_shown_is_applied_as_it_was_shown(self, world):
        world.source.put("1", **people(0, 1))
        came = world.plan()
        assert world.communities() == {}
        world.source.put("1", **people(0, 1, 2))
        world.source.asked.clear()
        done = world.approve(came)
        assert (done.state, done.counts) == ("done", {"found_community": 1, "join": 2})
        assert world.source.asked == []
        assert world.members("1") == people(0, 1)
        row = run_row(world, came)
        assert (row.mode, row.state, row.approved_by) == ("apply", "done", "desk")
        assert row.approved_at is not None

    def test_keeps_the_names_it_needs_until_then(self, world):
        world.source.put("1", ann="active")
        came = world.plan()
        world.sync("nowhere")
        world.approve(came)
        assert world.names() == {"ann": "Name of ann"}

    def test_without_some_of_its_lines_leaves_those_undone_until_the_next_one(self, world):
        world.source.put("1", ann="active", ben="active", cem="active")
        world.sync()
        world.source.put("1", ann="suspended", ben="active student", dea="active", eva="active")
        came = world.plan()
        without = {
            world.number(came, Kind.PAUSE, "ann"),
            world.number(came, Kind.JOIN, "dea"),
            world.number(came, Kind.MISSING, "cem"),
        }
        done = world.approve(came, without=without)
        assert done.counts == {"change_roles": 1, "join": 1}
        assert world.members("1") == dict.fromkeys(("ann", "ben", "cem", "eva"), "active")
        assert set(world.enrolments("1")) == {"ann", "ben", "cem", "eva"}
        assert "dea" not in world.names()
        assert world.missing_since("1", "cem") is None
        assert sorted(world.changes(world.sync())) == [
            (Kind.JOIN, "dea"),
            (Kind.MISSING, "cem"),
            (Kind.PAUSE, "ann"),
        ]

    def test_without_a_founding_is_without_everything_in_that_community(self, world):
        world.source.put("1", ann="active", ben="suspended")
        world.source.put("2", ann="active", cem="active")
        came = world.plan()
        done = world.approve(came, without={world.number(came, Kind.FOUND_COMMUNITY, course="1")})
        assert done.counts == {"found_community": 1, "join": 2}
        assert set(world.communities()) == {"Course 2"}
        assert set(world.names()) == {"ann", "cem"}

    def test_without_the_founding_of_what_many_share_brings_nobody_anywhere(self, world):
        world.source.put("1", ann="active")
        world.source.put("2", ben="active")
        world.rule("courses", "one", name="The staff room")
        came = world.plan()
        done = world.approve(came, without={world.number(came, Kind.FOUND_COMMUNITY)})
        assert (done.state, done.counts) == ("done", {})
        assert (world.communities(), world.names()) == ({}, {})

    def test_without_bringing_a_course_here_leaves_its_people_out(self, world):
        world.source.put("1", ann="active")
        world.rule("courses", "one", name="The staff room")
        world.sync()
        world.source.put("2", ann="active", ben="active", cem="suspended")
        came = world.plan()
        done = world.approve(came, without={world.number(came, Kind.PLACE_COURSE)})
        assert (done.state, done.changed) == ("done", 0)
        assert world.members("1") == {"ann": "active"}
        assert set(world.names()) == {"ann"}
        assert Kind.PLACE_COURSE in dict(world.changes(world.sync()))
        assert world.members("1") == {"ann": "active", "ben": "active"}

    def test_without_a_new_name_leaves_the_old_one(self, world):
        world.source.put("1", ann="active")
        world.sync()
        world.source.put("1")
        world.source.enrol("1", "ann", name="Ann Other")
        world.source.put("2")
        world.source.enrol("2", "ann", name="Ann Other")
        came = world.plan(all_courses=True)
        world.approve(came, without={world.number(came, Kind.RENAME_PERSON, "ann")})
        assert world.members("2") == {"ann": "active"}
        assert world.names() == {"ann": "Name of ann"}

    def test_of_a_day_ago_is_refused_and_one_of_this_day_is_not(self, world):
        world.source.put("1", ann="active")
        came = world.plan()
        started = world.run_of(came).started_at
        world.wait_until(started + timedelta(days=1, seconds=1))
        with pytest.raises(PlanIsOld, match="more than a day old"):
            world.approve(came)
        assert world.communities() == {}
        world.wait_until(started + timedelta(days=1))
        assert world.approve(came).state == "done"

    def test_made_before_another_sync_changed_something_is_refused(self, world):
        world.source.put("1", ann="active")
        came = world.plan()
        world.source.put("1", ann="active", ben="active")
        world.sync()
        with pytest.raises(PlanIsOld, match="Something has changed"):
            world.approve(came)
        assert world.members("1") == {"ann": "active", "ben": "active"}

    def test_is_made_old_by_another_that_was_approved(self, world):
        world.source.put("1", ann="active")
        first, second = world.plan(), world.plan()
        world.approve(second)
        with pytest.raises(PlanIsOld, match="Something has changed"):
            world.approve(first)

    def test_is_refused_while_a_sync_is_at_work(self, world):
        world.source.put("1", ann="active")
        came = world.plan()
        begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
        with pytest.raises(AnotherSyncRuns) as refusal:
            world.approve(came)
        assert refusal.value.run_id == begun.run_id

    def test_of_one_site_is_not_touched_by_syncs_of_another(self, world, new_world):
        world.source.put("1", ann="active")
        came = world.plan()
        other = new_world()
        other.source.put("1", ann="active")
        other.sync()
        assert world.approve(came).state == "done"

    def test_is_approved_once(self, world):
        world.source.put("1", ann="active")
        came = world.plan()
        world.approve(came)
        with pytest.raises(PlanIsOld, match="no plan that waits"):
            world.approve(came)
        assert world.events()["membership.started", "ann"] == 1

    def test_that_failed_or_was_applied_at_once_is_none_to_approve(self, world):
        world.source.put("1", ann="active")
        for came in (world.sync("nowhere"), world.sync()):
            with pytest.raises(PlanIsOld, match="no plan that waits"):
                world.approve(came)

    def test_with_the_number_of_no_line_is_applied_whole(self, world):
        world.source.put("1", ann="active")
        assert world.approve(world.plan(), without={999_999}).counts == {"found_community": 1, "join": 1}


class TestAHeldRun:
    def test_is_refused_without_a_word_about_removals_and_names_the_numbers(self, world, held):
        with pytest.raises(PlanIsOld, match="9 of 10 members would lose their access"):
            world.approve(held)
        assert set(world.members("1").values()) == {"active"}
        assert run_row(world, held).state == "held"

    def test_is_applied_when_removals_are_allowed(self, world, held):
        done = world.approve(held, allow_removals=True)
        assert (done.run_id, done.state, done.counts) == (held.run_id, "done", {"join": 1, "rest": 9})
        assert sorted(world.members("1").values()) == ["active"] * 2 + ["paused"] * 9
        assert done.message is None

    def test_needs_no_word_about_removals_once_enough_of_them_are_left_out(self, world, held):
        without = {world.number(held, Kind.REST, f"p{n}") for n in range(1, 6)}
        done = world.approve(held, without=without)
        assert (done.state, done.counts) == ("done", {"join": 1, "rest": 4})
        assert world.changes(world.plan()) == [(Kind.REST, f"p{n}") for n in range(1, 6)]

    def test_is_overtaken_by_the_next_one_that_is_held(self, world, held):
        newer = world.sync()
        assert newer.state == "held"
        with pytest.raises(PlanIsOld, match="looked at the rosters again"):
            world.approve(held, allow_removals=True)
        assert world.approve(newer, allow_removals=True).counts == {"join": 1, "rest": 9}

    def test_is_overtaken_by_one_that_was_applied(self, world, held):
        world.source.put("1", **people(*range(10)))
        assert world.sync().state == "done"
        with pytest.raises(PlanIsOld):
            world.approve(held, allow_removals=True)
        assert set(world.members("1").values()) == {"active"}

    def test_approved_without_removals_can_be_approved_again(self, world, held):
        with pytest.raises(PlanIsOld):
            world.approve(held, without=set())
        assert world.approve(held, allow_removals=True).state == "done"


class PowerCut(BaseException):
    pass


class TestAnApprovedRunThatCrashes:
    @pytest.fixture
    def crashed(self, world):
        """Four batches of changes, of which some were applied when the power went."""
        world.source.page_size = 300
        world.source.put("1", **people(*range(620)))
        came = world.plan()
        self.without = world.number(came, Kind.JOIN, "p7")
        batches = 0

        def cut(*arguments):
            nonlocal batches
            batches += arguments[2].startswith("INSERT INTO plc_enrolment")
            if batches == 3:
                raise PowerCut

        approve(world.database, came.run_id, world.clock, by="desk", left_out=[self.without])
        event.listen(world.database.engine, "before_cursor_execute", cut)
        try:
            with pytest.raises(PowerCut):
                apply_approved(world.database, came.run_id, world.clock)
        finally:
            event.remove(world.database.engine, "before_cursor_execute", cut)
        assert 0 < len(world.members("1")) < 619
        return came

    def test_goes_on_where_it_stopped_and_leaves_out_what_was_left_out(self, world, crashed):
        done = apply_approved(world.database, crashed.run_id, world.clock)
        assert (done.state, done.counts) == ("done", {"found_community": 1, "join": 619})
        assert world.members("1") == people(*(n for n in range(620) if n != 7))
        assert set(world.events().values()) == {1}

    def test_is_gone_on_with_by_the_next_sync(self, world, crashed):
        done = world.sync()
        assert (done.run_id, done.state, done.resumed) == (crashed.run_id, "done", True)
        assert len(world.members("1")) == 619
        assert world.changes(world.sync()) == [(Kind.JOIN, "p7")]

    def test_is_not_approved_a_second_time(self, world, crashed):
        with pytest.raises((PlanIsOld, AnotherSyncRuns)):
            world.approve(crashed)
        world.wait(minutes=20)
        with pytest.raises(PlanIsOld, match="no plan that waits"):
            world.approve(crashed)

    def test_is_looked_at_anew_once_it_is_too_old_to_go_on_with(self, world, crashed):
        world.wait(hours=7)
        done = world.sync()
        assert (done.state, done.resumed) == ("done", False)
        assert world.members("1") == people(*range(620))
        assert set(world.events().values()) == {1}

    def test_keeps_no_name_of_anybody_once_it_is_applied(self, world, crashed):
        apply_approved(world.database, crashed.run_id, world.clock)
        world.sync()
        with world.database.read() as connection:
            named = select(SyncChange.number).where(SyncChange.name.is_not(None)).limit(1)
            assert connection.execute(named).first() is None


class TestAnOlderPlan:
    def test_of_more_courses_than_the_sync_looked_at_that_changed_nothing_still_holds(self, world):
        world.source.put("1", ann="active")
        world.sync()
        world.source.put("2", ben="active")
        came = world.plan(all_courses=True)
        assert world.sync().changed == 0
        assert world.approve(came).counts == {"found_community": 1, "join": 1}

    def test_that_is_held_keeps_its_lines_while_another_is_only_shown(self, world, held):
        world.plan()
        came = world.approve(held, allow_removals=True)
        assert came.counts == {"join": 1, "rest": 9}
        assert world.members("1") == {"p0": "active", "newcomer": "active"} | {f"p{n}": "paused" for n in range(1, 10)}

    def test_is_refused_once_a_sync_has_looked_again_though_it_changed_nothing(self, world):
        world.source.put("1", **people(0, 1))
        world.sync()
        world.source.put("1", **people(0))
        came = world.plan()
        world.source.put("1", **people(0, 1))
        assert world.sync().counts == {}
        with pytest.raises(PlanIsOld, match="looked at the rosters again"):
            world.approve(came)

    def test_is_not_refused_for_a_look_at_another_course(self, world):
        world.source.put("1", **people(0))
        world.source.put("2", **people(0))
        world.sync()
        world.source.put("1", **people(0, 1))
        came = world.plan()
        assert world.sync("2").counts == {}
        assert world.approve(came).counts == {"join": 1}


class TestAnUndo:
    def test_of_an_end_gives_two_looks_and_a_day_again(self, world):
        world.source.put("1", **people(0, 1))
        world.sync()
        world.source.put("1", **people(0))
        world.sync()
        world.wait(days=1)
        assert world.sync(allow_removals=True).counts == {"rest": 1}
        world.wait(days=31)
        ended = world.sync(allow_removals=True)
        assert ended.counts == {"end": 1}

        undone = undo_sync(world.database, ended.run_id, world.clock)
        assert (undone.mode, undone.counts) == ("undo", {"resume": 1})
        assert world.members("1") == people(0, 1)
        with pytest.raises(NothingToUndo, match="away for another reason"):
            undo_sync(world.database, ended.run_id, world.clock)
        assert world.sync(allow_removals=True).counts == {"missing": 1}
        assert world.members("1") == people(0, 1)

    def test_leaves_out_who_has_left_on_their_own_since(self, world, held):
        came = world.approve(held, allow_removals=True)
        with world.database.write() as session:
            because = Because(at=world.now, via="page", reason="own_wish")
            end(session, world.site_id, world.community_of("1"), [world.person("p3")], because)
        undo_sync(world.database, came.run_id, world.clock)
        assert world.members("1")["p3"] == "left"
        assert world.members("1")["p4"] == "active"

    def test_of_a_run_that_let_nobody_go_is_refused(self, world):
        world.source.put("1", **people(0))
        came = world.sync()
        with pytest.raises(NothingToUndo):
            undo_sync(world.database, came.run_id, world.clock)

    def test_waits_for_a_sync_under_way(self, world, held):
        came = world.approve(held, allow_removals=True)
        world.source.enrol("1", "another")
        world.planned_run()
        with pytest.raises(AnotherSyncRuns):
            undo_sync(world.database, came.run_id, world.clock)


def test_an_approved_run_whose_worker_died_is_gone_on_with_though_its_look_is_old(world):
    world.source.put("1", **people(*range(5)))
    came = world.plan()
    world.wait(hours=20)
    approve(world.database, came.run_id, world.clock, by="desk")
    world.wait(minutes=20)
    assert world.sync().run_id == came.run_id
    assert world.members("1") == people(*range(5))
