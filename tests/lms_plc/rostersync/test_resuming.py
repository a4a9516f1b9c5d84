"""A run that failed keeps what it has pulled, changes nothing, and is gone on with; others are kept apart."""

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError

from connectors.errors import ConnectorError
from lms_plc.people.models import Identity, Person
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.checkpoint import AnotherSyncRuns, RunIsOver
from lms_plc.rostersync.models import SyncChange, SyncCourse, SyncPage
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.pull import pull_course
from lms_plc.rostersync.steps import StillPulling, apply_next, begin_run, finish, make_plan, pull_next


def ten(*, but=()):
    return {f"p{n}": "active" for n in range(10) if n not in but}


def count(world, table):
    with world.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.parametrize(
    ("page", "goes_on_at"),
    [
        (1, [("1", None), ("2", None)]),
        (2, [("1", "3"), ("2", None)]),
        (4, [("1", "9"), ("2", None)]),
        (5, [("2", None)]),
        (7, [("2", "6")]),
    ],
)
def test_a_failed_pull_changes_nothing_and_goes_on_at_the_page_that_failed(world, page, goes_on_at, writes):
    world.source.put("1", **ten())
    world.source.put("2", **ten())
    world.source.fails_at = page
    with writes() as written:
        came = world.sync()
    assert (came.state, came.message) == ("failed", "The site does not answer. Try again later. [slow]")
    assert all(table.startswith("plc_sync_") for table in written)
    assert count(world, SyncPage) == page - 1
    world.source.asked.clear()
    again = world.sync()
    assert (again.state, again.run_id, again.resumed) == ("done", came.run_id, True)
    assert again.message is None
    assert world.source.asked == goes_on_at
    assert world.members("1") == world.members("2") == dict.fromkeys(ten(), "active")
    assert count(world, SyncPage) == count(world, SyncCourse) == 0


def test_a_listing_that_fails_is_made_again(world):
    world.source.put("1", ann="active")
    world.source.listing_fails = True
    assert world.sync().state == "failed"
    world.source.listing_fails = False
    assert world.sync().counts == {"found_community": 1, "join": 1}


def test_a_pull_that_breaks_off_removes_nobody(world):
    world.source.put("1", **ten())
    world.sync()
    world.source.put("1", **ten(but=(0,)))
    world.sync()
    world.wait(days=1)
    world.source.pages_given, world.source.breaks_off_at = 0, 2
    came = world.sync()
    assert came.state == "failed"
    assert "broke off" in came.message
    assert world.members("1") == dict.fromkeys(ten(), "active")
    assert world.changes(world.sync()) == [(Kind.REST, "p0")]


def test_a_thousand_cuts_in_a_pull_remove_nobody(world):
    """A thousand over both databases: everywhere in a walk, fresh or gone on with, by silence or by a short
    answer, while half of the people have been missing for two days."""
    chance, everybody = random.Random(1), {f"p{n}": "active" for n in range(16)}
    for course in ("1", "2"):
        world.source.put(course, **everybody)
    world.source.page_size = 2
    world.sync()
    for course in ("1", "2"):
        world.source.put(course, **{f"p{n}": "active" for n in range(0, 16, 2)})
    assert world.sync().counts == {"missing": 16}
    world.wait(days=2)
    members, left = {course: world.members(course) for course in ("1", "2")}, 8
    assert set(members["1"].values()) == {"active"}
    for _ in range(850 if world.database.is_sqlite else 150):
        if left == 1 or chance.random() < 0.3:
            world.wait(hours=7)
            left = 8
        page = chance.randint(1, left)
        world.source.pages_given, world.source.fails_at, world.source.breaks_off_at = 0, None, None
        setattr(world.source, chance.choice(("fails_at", "breaks_off_at")), page)
        assert world.sync(allow_removals=True).state == "failed"
        left -= page - 1
    assert {course: world.members(course) for course in ("1", "2")} == members
    world.source.fails_at = world.source.breaks_off_at = None
    assert world.sync(allow_removals=True).counts == {"rest": 16}


def test_a_walk_in_a_circle_is_ended(world):
    world.source.put("1", **ten())
    pages = world.source.enrolment_pages

    def in_a_circle(course_id, start=None):
        for page in pages(course_id, start):
            yield type(page)(page.rows, "3")

    world.source.enrolment_pages = in_a_circle
    came = world.sync()
    assert came.state == "failed"
    assert "incomplete" in came.message


def test_a_run_of_other_options_or_mode_is_another_run(world):
    world.source.put("1", **ten())
    world.source.fails_at = 3
    failed = world.sync()
    planned = world.plan()
    assert (planned.state, planned.resumed) == ("planned", False)
    other = world.sync(allow_removals=True)
    assert (other.state, other.resumed) == ("done", False)
    later = world.sync()
    assert later.run_id != failed.run_id  # its look at the LMS was overtaken by the one that was applied
    assert later.changed == 0


def test_a_failed_run_is_gone_on_with_for_six_hours_and_then_made_anew(world):
    world.source.put("1", **ten())
    world.source.fails_at = 3
    failed = world.sync()
    world.now += timedelta(hours=6, minutes=1)
    again = world.sync()
    assert (again.state, again.resumed) == ("done", False)
    assert again.run_id != failed.run_id
    assert count(world, SyncPage) == 0
    assert world.run_of(failed).finished_at is not None


def test_only_one_sync_applies_at_a_site_at_a_time(world, new_world):
    world.source.put("1", ann="active")
    begun = world.planned_run()
    with pytest.raises(AnotherSyncRuns) as refusal:
        world.sync(allow_removals=True)
    assert refusal.value.run_id == begun
    assert world.plan().state == "planned"
    assert new_world().sync(allow_removals=True).state == "done"
    assert world.carry_out(begun).state == "done"
    assert world.sync(allow_removals=True).state == "done"


def test_a_crashed_sync_is_taken_over_after_a_while_and_can_do_nothing_any_more(world):
    world.source.put("1", ann="active")
    crashed = world.planned_run()
    world.now += timedelta(minutes=16)
    assert world.sync(allow_removals=True).state == "done"
    assert world.members("1") == {"ann": "active"}
    with pytest.raises(RunIsOver):
        apply_next(world.database, crashed, world.clock)
    with pytest.raises(RunIsOver):
        pull_next(world.database, crashed, world.source, world.clock)
    assert finish(world.database, crashed, world.clock).state == "failed"


def test_a_failed_run_that_is_gone_on_with_counts_as_at_work_again(world):
    world.source.put("1", **ten())
    world.source.fails_at = 3
    failed = world.sync()
    begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    with pytest.raises(AnotherSyncRuns) as refusal:
        world.sync(allow_removals=True)
    assert refusal.value.run_id == failed.run_id


def test_a_run_of_many_hours_that_is_still_at_work_is_not_started_anew(world):
    world.source.put("1", ann="active")
    world.source.put("2", ann="active")
    begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    world.now += timedelta(hours=7)
    pull_next(world.database, begun.run_id, world.source, world.clock)
    again = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    assert again.run_id == begun.run_id
    world.now += timedelta(minutes=16)
    assert world.sync().run_id != begun.run_id


def test_a_sync_leaves_a_plan_under_way_alone(world):
    world.source.put("1", ann="active")
    begun = begin_run(world.database, world.site_id, "plan", Options(), clock=world.clock)
    assert world.sync().state == "done"
    came = world.plan()
    assert (came.run_id, came.resumed, came.state) == (begun.run_id, True, "planned")


def test_every_step_can_be_called_again(world):
    world.source.put("1", **ten())
    begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    again = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    assert (again.run_id, begun.resumed, again.resumed) == (begun.run_id, False, True)
    while pull_next(world.database, begun.run_id, world.source, world.clock):
        pass
    assert not pull_next(world.database, begun.run_id, world.source, world.clock)
    for _ in range(2):
        make_plan(world.database, begun.run_id, world.clock)
    assert world.judge(begun.run_id) == world.judge(begun.run_id) == "applying"
    assert apply_next(world.database, begun.run_id, world.clock) == 11
    assert apply_next(world.database, begun.run_id, world.clock) == 0
    came = finish(world.database, begun.run_id, world.clock)
    assert came == finish(world.database, begun.run_id, world.clock)
    assert came.counts == {"found_community": 1, "join": 10}
    assert set(world.events().values()) == {1}


def test_nothing_is_planned_before_every_roster_is_complete(world):
    for course in "12":
        world.source.put(course, **ten())
    begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    for _ in ("unlisted", "listed", "one of two pulled"):
        with pytest.raises(StillPulling):
            make_plan(world.database, begun.run_id, world.clock)
        pull_next(world.database, begun.run_id, world.source, world.clock)
    make_plan(world.database, begun.run_id, world.clock)
    assert count(world, SyncChange) == 22


def test_two_workers_in_one_run_do_nothing_twice(world):
    for course in "123":
        world.source.put(course, **{f"{course}{subject}": state for subject, state in ten().items()})
    came = in_threads(world.sync, world.sync)
    assert {outcome.state for outcome in came} == {"done"}
    assert world.events().pop(("community.founded", "")) == 3
    joined = world.events()
    assert [joined["membership.started", f"{c}p{n}"] for c in "123" for n in range(10)] == [1] * 30


def test_a_slow_worker_leaves_the_course_to_the_one_that_was_faster(world):
    world.source.put("1", **ten())
    begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    pull_next(world.database, begun.run_id, world.source, world.clock)

    def overtake():
        world.source.before_page = lambda: None
        while pull_next(world.database, begun.run_id, world.source, world.clock):
            pass

    world.source.before_page = overtake
    assert not pull_next(world.database, begun.run_id, world.source, world.clock)
    assert count(world, SyncPage) == 4
    assert world.sync().counts == {"found_community": 1, "join": 10}


def test_a_course_left_to_a_faster_worker_who_is_still_at_it_is_not_taken_for_done(world):
    world.source.put("1", **ten())
    begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    pull_next(world.database, begun.run_id, world.source, world.clock)

    def overtake():
        world.source.before_page = lambda: None
        other = replace(world.source, fails_at=world.source.pages_given + 2)
        with pytest.raises(ConnectorError):
            pull_next(world.database, begun.run_id, other, world.clock)

    world.source.before_page = overtake
    assert pull_next(world.database, begun.run_id, world.source, world.clock)
    assert count(world, SyncPage) == 1


def test_courses_listed_by_two_workers_are_listed_once(world):
    world.source.put("1", ann="active")
    begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    slow, quick = world.source, replace(world.source)

    def courses():
        listed = list(quick.courses())
        assert pull_next(world.database, begun.run_id, quick, world.clock)
        return iter(listed)

    slow.courses = courses
    assert pull_next(world.database, begun.run_id, slow, world.clock)
    assert count(world, SyncCourse) == 1
    assert world.sync().counts == {"found_community": 1, "join": 1}


def test_a_course_that_another_worker_has_completed_is_not_pulled_again(world):
    world.source.put("1", **ten())
    begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    while pull_next(world.database, begun.run_id, world.source, world.clock):
        pass
    world.source.asked.clear()
    pull_course(world.database, begun.run_id, "1", world.source, world.clock, lambda rows: None)
    assert world.source.asked == []
    assert count(world, SyncPage) == 4


def test_a_worker_that_fails_after_another_has_pulled_everything_stops_nobody(world):
    world.source.put("1", **ten())
    begun = begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock)
    pull_next(world.database, begun.run_id, world.source, world.clock)

    def overtake():
        world.source.before_page = lambda: None
        other = replace(world.source, fails_at=None)
        assert not pull_next(world.database, begun.run_id, other, world.clock)

    world.source.before_page, world.source.fails_at = overtake, 1
    with pytest.raises(ConnectorError):
        pull_next(world.database, begun.run_id, world.source, world.clock)
    came = world.sync()
    assert (came.run_id, came.state, came.message) == (begun.run_id, "done", None)


def test_launch_and_sync_meeting_the_same_people_at_once_make_one_person_each(world):
    community_id = world.place("1")
    people = {f"p{n}": "active" for n in range(40)}
    world.source.put("1", **people)

    def launch():
        for subject in reversed(people):
            world.launch_again("1", community_id, subject)

    in_threads(world.sync, launch)
    world.sync()
    assert world.members("1") == people
    with world.database.read() as connection:
        identities = connection.execute(
            select(func.count()).select_from(Identity).where(Identity.site_id == world.site_id)
        ).scalar_one()
        nobody = connection.execute(
            select(func.count()).select_from(Person).where(Person.id.not_in(select(Identity.person_id)))
        ).scalar_one()
    assert (identities, nobody) == (40, 0)
    started = world.events("sync") + world.events("launch")
    assert all(started["membership.started", subject] == 1 for subject in people)


def test_a_launch_that_makes_the_membership_first_is_no_mishap(world):
    for course in ("1", "2"):
        world.source.put(course, ann="active")
    world.sync("1")
    community_id = world.place("2")
    run_id = world.planned_run()

    launched = []

    def launch(*arguments):
        if arguments[2].startswith("INSERT INTO plc_membership") and not launched:
            launched.append("ann")
            world.launch("2", community_id, "ann")

    if world.database.is_sqlite:  # a writer has that database to itself: the launch can only come before
        world.launch("2", community_id, "ann")
    else:
        event.listen(world.database.engine, "before_cursor_execute", launch)
    try:
        assert world.carry_out(run_id).state == "done"
    finally:
        if not world.database.is_sqlite:
            event.remove(world.database.engine, "before_cursor_execute", launch)
    assert world.members("2") == {"ann": "active"}
    assert world.enrolments("2")["ann"][2]
    assert world.events("launch")["membership.started", "ann"] == 1
    assert world.events("sync")["membership.started", "ann"] == 1  # of the first course


def test_an_error_that_stays_surfaces_and_the_next_sync_goes_on(world):
    world.source.put("1", ann="active")
    run_id = world.planned_run()

    def refuse(*arguments):
        if arguments[2].startswith("INSERT INTO plc_membership"):
            raise IntegrityError(arguments[2], None, Exception())

    event.listen(world.database.engine, "before_cursor_execute", refuse)
    try:
        with pytest.raises(IntegrityError):
            world.carry_out(run_id)
    finally:
        event.remove(world.database.engine, "before_cursor_execute", refuse)
    assert world.communities() == {}
    assert world.sync().run_id == run_id
    assert world.members("1") == {"ann": "active"}


def test_an_unchanged_roster_writes_nothing_but_the_runs_own_bookkeeping(world, writes):
    world.source.put("1", ann="active student", ben="suspended", cem="active")
    world.source.put("2", ann="active", dea="active")
    world.place("1")
    world.launch("1", world.community_of("1"), "admin")
    world.sync(all_courses=True)
    world.source.put("2", ann="active")
    world.sync(all_courses=True)
    world.wait(days=1)
    world.sync(all_courses=True)
    before = world.state()
    with writes() as written:
        came = world.sync(all_courses=True)
    assert (came.state, came.counts, world.changes(came)) == ("done", {}, [])
    assert world.state() == before
    assert set(written) == {"plc_sync_run", "plc_sync_course", "plc_sync_page", "plc_sync_look"} | (
        set(written) & {"plc_sync_change"}
    )


def test_what_is_only_reported_every_time_is_written_nowhere_but_in_the_plan(world, writes):
    world.source.put("1", ann="active student", ben="active", cem="active")
    world.source.put("2", ann="active", dea="active")
    world.source.put("3", eva="active")
    world.source.put("4", fin="active")
    world.source.put_group("1", "7", "ann", "cem")
    world.source.put_cohort("9", "ann", "gil")
    for about in ("courses", "groups", "cohorts"):
        world.rule(about)
    world.count_people_by("national")
    world.source.enrol("1", "hal", number="4711", post="teacher")
    world.sync()
    world.lead(world.community_of("1"), "ben")
    world.source.rosters["1"] = [one for one in world.source.rosters["1"] if one.person.id != "ben"]
    world.source.put("2", ann="active")
    world.source.put_course("3", visible=False)
    world.source.put("4")
    world.sync_twice()
    world.source.put("2", ann="active", ivo="suspended")
    world.source.enrol("2", "jan")
    world.sync()
    world.source.put("2", ann="active", ivo="suspended")
    world.sync()
    before = world.state()
    with writes() as written:
        came = world.sync()
    assert came.changed == 0
    assert set(came.counts) == {"kept_leader", "course_gone", "still_missing"}
    assert world.state() == before
    assert all(table.startswith("plc_sync_") or table == "plc_sync_look" for table in written), written


def test_a_plan_touches_no_community(world, writes):
    world.source.put("1", ann="active")
    world.sync()
    world.source.put("1", ben="active")
    with writes() as written:
        came = world.plan()
    assert came.counts == {"missing": 1, "join": 1}
    assert all(table.startswith("plc_sync_") or table == "plc_sync_look" for table in written)
    assert world.members("1") == {"ann": "active"}


def test_names_go_from_a_plan_after_the_day_it_may_be_approved_and_from_a_sync_at_once(world):
    world.source.put("1", ann="active")
    named = select(func.count()).select_from(SyncChange).where(SyncChange.name.is_not(None))

    def names():
        with world.database.read() as connection:
            return connection.execute(named).scalar_one()

    world.plan()
    assert names() == 1
    world.sync()
    assert names() == 1  # of the plan
    world.wait(hours=25)
    world.sync()
    assert names() == 0


def test_progress_tells_phases_and_courses_and_no_person(world):
    world.source.put("1", **ten())
    told = []
    world.sync_telling(lambda *line: told.append(line))
    assert list(dict.fromkeys(phase for phase, *_ in told)) == ["list", "pull", "plan", "apply"]
    assert ("pull", 1, 1, "Course 1") in told
    assert ("apply", 11, 11, "") in told
    assert "Name of" not in str(told)


def in_threads(*works):
    """Runs these at once; returns what they returned, or raises what one of them raised."""
    gate, results, errors = threading.Barrier(len(works)), [], []

    def run(work):
        gate.wait()
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results
