"""What keeps a plan from being made or applied, and what does a worker do with one that is?"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from lms_plc import jobs
from lms_plc.house import House
from lms_plc.sites.models import Site
from lms_plc.writeback import job, queries
from lms_plc.writeback.apply import apply_next
from lms_plc.writeback.lines import WORDS, Kind
from lms_plc.writeback.models import WriteLine
from lms_plc.writeback.opening import is_writable, open_writable
from lms_plc.writeback.plan import approve, forget_texts, make_plan, plan_withdrawal, tick
from lms_plc.writeback.problems import AnotherPushRuns, CannotWrite, PlanIsOld, PlanIsOver

School = Any


@pytest.fixture
def circle(school: School) -> Any:
    return school.community("5", "Maths circle", 11, 12)


def set_site(house: House, site_id: Any, **values: Any) -> None:
    with house.database.write() as session:
        session.execute(update(Site).where(Site.id == site_id).values(**values))


def test_with_everything_off_no_plan_is_made_and_the_admin_is_told_what_to_switch_on(
    school: School, circle: Any
) -> None:
    with pytest.raises(CannotWrite, match="Switch on at the desk"):
        school.plan()


@pytest.mark.parametrize("connector", ["canvas", "csv", "nrps"])
def test_only_a_moodle_can_be_written_to_and_the_others_say_so(
    school: School, circle: Any, house: House, connector: str
) -> None:
    school.switch("cohorts")
    set_site(house, school.site_id, connector=connector)
    with pytest.raises(CannotWrite, match=f"Only a Moodle .* is connected by {connector}"):
        school.plan()
    with pytest.raises(CannotWrite, match="Only a Moodle"), open_writable(house, school.site_id):
        pass
    with house.database.read() as connection:
        assert not is_writable(connection, school.site_id)


def test_a_site_without_web_services_or_token_says_how_to_connect_it(school: School, circle: Any, house: House) -> None:
    set_site(house, school.site_id, ws_token=None)
    with pytest.raises(CannotWrite, match="token of moodle is missing"), open_writable(house, school.site_id):
        pass
    set_site(house, school.site_id, connector=None)
    with pytest.raises(CannotWrite, match="no web services connected"):
        school.plan()


def test_a_plan_older_than_a_day_is_refused(school: School, circle: Any, clock: Any) -> None:
    school.switch("cohorts")
    plan_id = school.plan()
    clock.move(hours=25)
    with pytest.raises(PlanIsOld, match="more than a day old"):
        school.approve(plan_id)
    assert not school.moodle.calls


def test_a_plan_whose_basis_has_changed_is_refused(school: School, circle: Any) -> None:
    school.switch("cohorts")
    plan_id = school.plan()
    school.join(circle, "5", 13)
    with pytest.raises(PlanIsOld, match="Something has changed"):
        school.approve(plan_id)
    plan_id = school.plan()
    school.switch("cohorts", "groups")
    with pytest.raises(PlanIsOld, match="Something has changed"):
        school.approve(plan_id)


def test_a_plan_overtaken_by_a_newer_one_is_refused(school: School, circle: Any) -> None:
    school.switch("cohorts")
    older, newer = school.plan(), school.plan()
    with pytest.raises(PlanIsOld, match="overtaken"):
        school.approve(older)
    school.approve(newer)
    school.carry_out(newer)
    with pytest.raises(PlanIsOld, match="done"):
        school.approve(newer)
    with school.house.database.read() as connection:
        assert [one.id for one in queries.plans(connection, school.site_id)] == [newer, older]
        assert [one.id for one in queries.plans(connection, school.site_id, before=newer)] == [older]


def test_while_one_plan_is_written_no_other_is_made_or_approved(school: School, circle: Any, clock: Any) -> None:
    school.switch("cohorts")
    plan_id = school.plan()
    school.approve(plan_id)
    with pytest.raises(AnotherPushRuns, match="Another plan is being written"):
        school.plan()
    with pytest.raises(AnotherPushRuns):
        school.approve(plan_id)
    clock.move(minutes=20)
    school.plan()
    assert school.seen(plan_id).state == "overtaken"


def test_nothing_is_written_for_a_plan_nobody_approved(school: School, circle: Any, house: House) -> None:
    school.switch("cohorts")
    plan_id = school.plan()
    with open_writable(house, school.site_id) as lms, pytest.raises(PlanIsOver):
        apply_next(house.database, plan_id, lms, house.clock)
    school.carry_out(plan_id)
    assert not school.moodle.calls


def test_lines_whose_tick_is_taken_away_are_not_written(school: School, circle: Any, house: House) -> None:
    school.switch("cohorts")
    plan_id = school.plan()
    tick(house.database, plan_id, shown=[1, 2, 3], ticked=[1, 3])
    assert school.seen(plan_id).counts == {"left_out": 1, "waiting": 2}
    school.approve(plan_id)
    tick(house.database, plan_id, shown=[1, 2, 3], ticked=[1, 2, 3])
    assert school.carry_out(plan_id).counts == {"done": 2, "left_out": 1}
    assert school.cohort(circle)["people"] == [12]


def test_withdrawing_a_kind_that_is_off_says_what_to_do(school: School, circle: Any) -> None:
    school.switch("cohorts")
    school.push()
    school.switch("groups")
    with pytest.raises(CannotWrite, match="is switched off for moodle, so nothing of that kind is touched"):
        school.withdrawal("cohorts")
    assert school.cohort(circle)["people"] == [11, 12]


def test_a_withdrawal_that_leaves_something_keeps_the_switch_on(school: School, circle: Any) -> None:
    school.switch("cohorts")
    school.push()
    plan_id = school.withdrawal("cohorts")
    school.approve(plan_id, left_out=[1])
    assert school.carry_out(plan_id).counts == {"done": 1, "left_out": 1, "skipped": 1}
    assert school.switches() == ["cohorts"]
    assert school.withdraw("cohorts").counts == {"done": 2}
    assert (school.switches(), school.moodle.cohorts) == ([], {})


def test_the_words_of_a_plan_nobody_applies_are_forgotten_after_a_day(
    school: School, circle: Any, house: House, clock: Any, stored: Any
) -> None:
    school.switch("messages")
    school.plan()
    assert forget_texts(house.database, house.clock) == 0
    clock.move(hours=25)
    assert forget_texts(house.database, house.clock) == 2
    assert all(row.given is None for row in stored(select(WriteLine.given)))


def test_a_worker_writes_an_approved_plan_batch_by_batch(school: School, circle: Any, house: House) -> None:
    school.switch("cohorts")
    plan_id = school.plan()
    with house.database.write() as session:
        job.let_push(session, plan_id, house.clock(), by="desk", left_out=None, allow_removals=False)
    with house.database.read() as connection:
        assert jobs.state(connection).waiting == 1
    batches = 0
    while job.push_next(house, plan_id):
        batches += 1
    assert batches == 2
    assert school.seen(plan_id).state == "done"
    assert not job.push_next(house, plan_id), "a plan that is over is left alone"


def test_a_refused_approval_asks_no_worker(school: School, circle: Any, house: House, clock: Any) -> None:
    school.switch("cohorts")
    plan_id = school.plan()
    clock.move(hours=25)
    with pytest.raises(PlanIsOld), house.database.write() as session:
        job.let_push(session, plan_id, house.clock(), by="desk", left_out=None, allow_removals=False)
    with house.database.read() as connection:
        assert jobs.state(connection).waiting == 0


def test_a_site_that_was_disconnected_stops_the_plan(school: School, circle: Any, house: House) -> None:
    school.switch("cohorts")
    plan_id = school.plan()
    school.approve(plan_id)
    set_site(house, school.site_id, connector=None)
    assert not job.push_next(house, plan_id)
    assert (school.seen(plan_id).state, "no web services" in (school.seen(plan_id).message or "")) == ("stopped", True)


def test_a_token_that_is_refused_stops_the_plan(school: School, circle: Any) -> None:
    school.switch("cohorts")
    school.moodle.refused = {"core_cohort_get_cohorts": "invalidtoken"}
    came = school.push()
    assert came.state == "stopped"
    assert "does not know this token" in (came.message or "")
    assert came.counts == {"trying": 1, "waiting": 2}
    school.moodle.refused = {}
    school.approve(came.id)
    assert school.carry_out(came.id).counts == {"done": 3}


def test_a_stopped_plan_goes_on_for_a_day_only(school: School, circle: Any, clock: Any) -> None:
    school.switch("cohorts")
    school.moodle.refused = {"core_cohort_get_cohorts": "sitemaintenance"}
    came = school.push()
    clock.move(hours=25)
    with pytest.raises(PlanIsOld, match="more than a day"):
        school.approve(came.id)


def test_the_check_says_which_functions_are_missing_and_where_to_click(school: School, house: House) -> None:
    school.moodle.not_in_service = {"core_cohort_delete_cohorts", "core_message_send_instant_messages"}
    with open_writable(house, school.site_id) as lms:
        found = {one.function: one for one in lms.probe([kind.value for kind in Kind])}
    assert {name for name, one in found.items() if one.missing} == school.moodle.not_in_service
    assert all("External services" in (one.todo or "") for one in found.values() if one.missing)
    assert "moodle/cohort:manage" in found["core_cohort_delete_cohorts"].params["capabilities"]
    assert not school.moodle.changes() or set(school.moodle.changes()) <= {"core_message_send_instant_messages"}


def test_every_kind_of_line_has_its_word() -> None:
    assert {kind for kind, _ in WORDS} == set(Kind)


def test_names_and_words_stand_in_no_repr_of_a_line(school: School, circle: Any) -> None:
    school.switch("cohorts")
    lines = school.lines(school.plan())
    assert "Person 11" in [line.name for line in lines]
    assert "Person 11" not in repr(lines)


def test_a_plan_costs_the_same_statements_however_many_people_there_are(
    school: School, circle: Any, house: House
) -> None:
    from sqlalchemy import event

    def statements() -> int:
        counted: list[str] = []

        def hear(_c: Any, _u: Any, statement: str, *_: Any) -> None:
            counted.append(statement)

        event.listen(house.database.engine, "before_cursor_execute", hear)
        try:
            plan_id = make_plan(house.database, school.site_id, house.clock, asked_by="test")
            approve(house.database, plan_id, house.clock, by="test", left_out=[1])
        finally:
            event.remove(house.database.engine, "before_cursor_execute", hear)
        school.carry_out(plan_id)
        return len([one for one in counted if not one.startswith(("PRAGMA", "BEGIN"))])

    school.switch("cohorts", "messages")
    few = statements()
    school.join(circle, "5", *range(1000, 1060))
    assert statements() <= few + 3
    with pytest.raises(CannotWrite):
        plan_withdrawal(house.database, school.site_id, Kind.MESSAGES, house.clock, asked_by="test")


def test_a_worker_takes_an_approved_plan_and_writes_it(
    school: School, circle: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    monkeypatch.setattr(jobs, "_timetable", {})
    job.register(house)
    assert jobs._timetable == {"forget-written-words": timedelta(hours=6)}
    school.switch("cohorts")
    plan_id = school.plan()
    with house.database.write() as session:
        job.let_push(session, plan_id, house.clock(), by="desk", left_out=None, allow_removals=False)
        assert not job.ask_to_push(session, plan_id), "it is asked for already"
    stop = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        works = thread.submit(jobs.run_worker, house.database, stop=stop, beat=0.2)
        try:
            until = time.monotonic() + 30
            while school.seen(plan_id).state == "applying" and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            stop.set()
            works.result()
    assert school.seen(plan_id).counts == {"done": 3}
    assert school.cohort(circle)["people"] == [11, 12]
    with house.database.read() as connection:
        assert jobs.state(connection).failed == 0
