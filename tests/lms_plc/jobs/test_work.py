"""What does a job see of its steps, and what is left when one fails?"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.core.database import Database

Do = Callable[..., None]
Trace = Callable[[], list[tuple[str, str, str]]]
SECRET = "Ana Petrova"


@pytest.fixture
def done(
    database: Database,
    registry: dict[str, jobs.Job],
    working: Callable[[], AbstractContextManager[None]],
    idle: Callable[[], bool],
    until: Callable[..., float],
) -> Callable[..., jobs.State]:
    """Enqueues each function as a job of its own, has them all done, and gives the state after."""

    def do(*work: Do, **ids: jobs.Scalar) -> jobs.State:
        with database.write() as session:
            for one in work:
                name = f"job-{uuid4()}"
                jobs.job(name)(one)
                jobs.enqueue(session, name, **ids)
        with working():
            until(idle)
        with database.read() as connection:
            return jobs.state(connection)

    return do


def write(session: Session, job: str) -> str:
    session.execute(text("INSERT INTO plc_trace VALUES (:job, '', '')"), {"job": job})
    return job


def test_a_job_sees_the_result_of_a_step_as_json_gives_it_back(done: Callable[..., jobs.State]) -> None:
    seen: list[object] = []

    def work(steps: jobs.Steps) -> None:
        seen.append(steps.run("tuple", lambda: (1, ("ж", None), {"share": 0.5})))
        seen.append(steps.run("argument", lambda given: given + 1, 41))
        seen.append(steps.run("nothing", lambda: None))

    assert done(work).failed == 0
    assert seen == [[1, ["ж", None], {"share": 0.5}], 42, None]


def test_a_committed_step_is_there_and_gives_its_result(done: Callable[..., jobs.State], trace: Trace) -> None:
    seen: list[object] = []

    def work(steps: jobs.Steps) -> None:
        seen.extend([steps.commit("one", write, "one"), steps.commit("two", write, "two")])

    assert done(work).failed == 0
    assert seen == ["one", "two"]
    assert [job for job, _, _ in trace()] == ["one", "two"]


def test_a_commit_that_raises_leaves_nothing_and_may_be_caught(done: Callable[..., jobs.State], trace: Trace) -> None:
    caught: list[tuple[str, str]] = []

    def write_and_fail(session: Session) -> None:
        write(session, "lost")
        raise PermissionError(SECRET)

    def work(steps: jobs.Steps) -> None:
        try:
            steps.commit("fails", write_and_fail)
        except jobs.StepFailed as failure:
            caught.append((failure.step, failure.error))
        steps.commit("other way", write, "kept")

    assert done(work).failed == 0
    assert caught == [("fails", "PermissionError")]
    assert [job for job, _, _ in trace()] == ["kept"]


def test_a_result_that_is_no_json_fails_its_step(done: Callable[..., jobs.State]) -> None:
    caught: list[str] = []

    def work(steps: jobs.Steps) -> None:
        try:
            steps.run("object", object)
        except jobs.StepFailed as failure:
            caught.append(str(failure))

    assert done(work).failed == 0
    assert caught == ["step 'object' failed with TypeError"]


@pytest.mark.parametrize("in_a_step", [True, False], ids=["in a step", "in the job"])
def test_a_failed_job_is_counted_and_its_words_stay_out_of_log_and_database(
    done: Callable[..., jobs.State], database: Database, caplog: pytest.LogCaptureFixture, in_a_step: bool
) -> None:
    def fail() -> None:
        raise ValueError(SECRET)

    def work(steps: jobs.Steps) -> None:
        steps.run("fails", fail) if in_a_step else fail()

    with caplog.at_level(logging.DEBUG):
        assert done(work).failed == 1
    assert "ValueError < fail" in caplog.text
    # the engine's own threads may complain of a database that goes away under them; of the job there is one line
    assert len([message for message in caplog.messages if message.startswith("job job-")]) == 1
    assert SECRET not in caplog.text
    schema = "" if database.is_sqlite else "jobs."
    with database.read() as connection:
        kept = connection.execute(text(f"SELECT error FROM {schema}workflow_output")).scalars().all()
        steps = connection.execute(text(f"SELECT output FROM {schema}operation_outputs")).scalars().all()
    assert [error for error in kept if error and ("StepFailed" if in_a_step else "ValueError") in error]
    assert SECRET not in repr([kept, steps])


def test_steps_inside_a_step_or_on_another_thread_are_refused(done: Callable[..., jobs.State]) -> None:
    refusals: list[str] = []

    def refused(steps: jobs.Steps) -> None:
        with pytest.raises(RuntimeError) as refusal:
            steps.run("inner", lambda: None)
        refusals.append(str(refusal.value))

    def work(steps: jobs.Steps) -> None:
        steps.run("outer", refused, steps)
        thread = threading.Thread(target=refused, args=(steps,))
        thread.start()
        thread.join()
        steps.run("plain", lambda: None)

    assert done(work).failed == 0
    assert refusals == ["steps are taken one after another, by the job itself"] * 2


def test_a_queue_runs_no_more_jobs_at_once_than_it_says(
    database: Database,
    registry: dict[str, jobs.Job],
    working: Callable[[], AbstractContextManager[None]],
    idle: Callable[[], bool],
    until: Callable[..., float],
) -> None:
    at_once, most = 0, 0
    lock = threading.Lock()

    @jobs.job("crowd", queue=jobs.Queue("narrow", at_once=2))
    def crowd(steps: jobs.Steps, number: int) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.15)
        with lock:
            at_once -= 1

    with database.write() as session:
        for number in range(6):
            jobs.enqueue(session, "crowd", number=number)
    with working():
        until(idle)
    assert most == 2


def test_a_schedule_asks_once_an_interval_and_makes_up_for_missed_ones_with_one_job(
    database: Database, registry: dict[str, jobs.Job], state: Callable[[], jobs.State]
) -> None:
    jobs.job("sweep")(lambda steps: None)
    jobs.schedule("sweep", every=timedelta(minutes=90))
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    asked = []
    for minutes in (0, 1, 89, 90, 91, 600, 601, 300):
        with database.write() as session:
            jobs._enqueue_due(session, midnight + timedelta(minutes=minutes))
        asked.append(state().waiting)
    assert asked == [1, 1, 1, 2, 2, 3, 3, 3]


def test_a_schedule_needs_a_known_job_and_a_second(registry: dict[str, jobs.Job]) -> None:
    jobs.job("sweep")(lambda steps: None)
    with pytest.raises(jobs.UnknownJob):
        jobs.schedule("swep", every=timedelta(hours=1))
    with pytest.raises(ValueError, match="a second or more"):
        jobs.schedule("sweep", every=timedelta(milliseconds=999))
    jobs.schedule("sweep", every=timedelta(seconds=1))
    assert jobs._timetable == {"sweep": timedelta(seconds=1)}


def test_finished_jobs_are_forgotten_after_their_retention_and_waiting_ones_are_not(
    done: Callable[..., jobs.State], database: Database
) -> None:
    def fail(steps: jobs.Steps) -> None:
        raise ValueError

    done(lambda steps: steps.commit("one", write, "one"), fail)
    jobs.job("later")(lambda steps: None)
    with database.write() as session:
        jobs.enqueue(session, "later")
    schema = "" if database.is_sqlite else "jobs."

    def rows(table: str) -> int:
        with database.read() as connection:
            return connection.execute(text(f"SELECT count(*) FROM {schema}{table}")).scalar_one()

    now = int(time.time() * 1000)
    assert jobs._delete_finished(database, now - 60_000) == 0
    assert (rows("workflow_status"), rows("job_checkpoints")) == (3, 1)
    assert jobs._delete_finished(database, now + 60_000) == 2
    assert (rows("workflow_status"), rows("job_checkpoints"), rows("operation_outputs")) == (1, 0, 0)


def test_forgetting_is_itself_a_scheduled_job() -> None:
    assert jobs._timetable["forget-finished-jobs"] == timedelta(hours=1)


def test_the_job_that_forgets_runs(done: Callable[..., jobs.State], database: Database) -> None:
    with database.write() as session:
        assert jobs.enqueue(session, "forget-finished-jobs")
    assert done(lambda steps: None) == jobs.State(waiting=0, running=0, failed=0, workers=0)


def test_a_heart_that_misses_a_beat_goes_on(
    database: Database,
    registry: dict[str, jobs.Job],
    working: Callable[[], AbstractContextManager[None]],
    state: Callable[[], jobs.State],
    until: Callable[..., float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    look, calls = jobs._Worker._look, 0

    def stumbling(worker: jobs._Worker) -> list[str]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionError(SECRET)
        return look(worker)

    monkeypatch.setattr(jobs._Worker, "_look", stumbling)
    with working():
        until(lambda: calls > 3)
        assert state().workers == 1
    assert "could not sign its life: ConnectionError < stumbling" in caplog.text
    assert SECRET not in caplog.text


def take_away(database: Database, job_id: str) -> None:
    """What another worker's takeover does to a job, and a crash to the records of its steps."""
    schema = "" if database.is_sqlite else "jobs."
    with database.write() as session:
        lost = f"UPDATE {schema}workflow_status SET owner_xid = 'another' WHERE workflow_uuid = :job"
        session.execute(text(lost), {"job": job_id})
        session.execute(text(f"DELETE FROM {schema}operation_outputs WHERE workflow_uuid = :job"), {"job": job_id})


def test_a_worker_that_lost_its_job_stops_and_the_next_one_repeats_no_commit(
    database: Database,
    registry: dict[str, jobs.Job],
    working: Callable[[], AbstractContextManager[None]],
    state: Callable[[], jobs.State],
    idle: Callable[[], bool],
    until: Callable[..., float],
    trace: Trace,
) -> None:
    lost, seen = threading.Event(), []

    def lose_once(database: Database, job_id: str) -> None:
        if not lost.is_set():
            take_away(database, job_id)
            lost.set()

    @jobs.job("contested")
    def contested(steps: jobs.Steps) -> None:
        result = steps.commit("commit", write, "once")
        try:
            steps.run("lose", lose_once, steps.database, steps.job_id)
        except Exception:  # noqa: BLE001 - no job can hold on to what is not its own any more
            seen.append("held on")
        seen.append(result)

    with database.write() as session:
        jobs.enqueue(session, "contested")
    with working():
        until(lost.is_set)
    assert seen == []
    assert state() == jobs.State(waiting=0, running=1, failed=0, workers=0)
    with working():
        until(idle)
    assert seen == ["once"]
    assert [job for job, _, _ in trace()] == ["once"]
    assert state().failed == 0


def test_a_worker_told_to_stop_leaves_the_rest_of_its_job_to_the_next(
    database: Database,
    registry: dict[str, jobs.Job],
    working: Callable[[], AbstractContextManager[None]],
    state: Callable[[], jobs.State],
    idle: Callable[[], bool],
    until: Callable[..., float],
) -> None:
    begun, seen = threading.Event(), []

    def step(name: str) -> None:
        begun.set()
        time.sleep(0.5)
        seen.append(name)

    @jobs.job("long")
    def long(steps: jobs.Steps) -> None:
        for name in ("first", "second", "third"):
            steps.run(name, step, name)

    with database.write() as session:
        jobs.enqueue(session, "long")
    with working():
        until(begun.is_set)
    assert seen == ["first"]
    assert state() == jobs.State(waiting=0, running=1, failed=0, workers=0)
    with working():
        until(idle)
    assert seen == ["first", "second", "third"]


def test_a_job_the_worker_does_not_know_is_done_by_the_next_that_does(
    database: Database,
    registry: dict[str, jobs.Job],
    working: Callable[[], AbstractContextManager[None]],
    state: Callable[[], jobs.State],
    idle: Callable[[], bool],
    until: Callable[..., float],
) -> None:
    seen: list[str] = []
    jobs.job("of-the-next-release")(lambda steps: seen.append("done"))
    with database.write() as session:
        jobs.enqueue(session, "of-the-next-release")
    known = registry.pop("of-the-next-release")
    with working():
        until(lambda: state().running == 1)
    registry["of-the-next-release"] = known
    with working():
        until(idle)
    assert seen == ["done"]


def test_a_worker_at_work_is_seen_alive_and_one_that_was_killed_is_not(working, database, state):
    with working():
        seen = [jobs.living_workers(database, beat=0.4) for _ in range(3)]
    assert seen[-1] == 1
    assert jobs.living_workers(database, beat=0.2) == 0
    with database.write() as session:
        jobs._run(session, jobs._workers.insert().values(executor="killed", beat=7))
    assert state().workers == 1, "nobody has missed it yet"
    assert jobs.living_workers(database, beat=0.2) == 0
