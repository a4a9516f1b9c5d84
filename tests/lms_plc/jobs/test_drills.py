"""What is left when a worker is killed, doubled, slow, or told to stop?"""

import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import text

from lms_plc import jobs
from lms_plc.core.database import Database

pytestmark = pytest.mark.drill

Shift = Callable[..., BaseProcess]
Trace = Callable[[], list[tuple[str, str, str]]]
Until = Callable[[Callable[[], object]], float]
TWENTY = [f"{number:02}" for number in range(20)]


@pytest.fixture(autouse=True)
def jobs_of_the_shift(registry: dict[str, jobs.Job]) -> None:
    """This process enqueues what shift.py does."""
    for name in ("many-commits", "dies-once"):
        jobs.job(name, one_per=("name",))(lambda steps, **ids: None)


def ask(database: Database, name: str, *, count: int = 20) -> None:
    with database.write() as session:
        assert jobs.enqueue(session, "many-commits", name=name, count=count)


def test_a_job_whose_workers_are_killed_again_and_again_does_every_step_once(
    database: Database, shift: Shift, trace: Trace, until: Until, idle: Callable[[], bool]
) -> None:
    ask(database, "a")
    for _ in range(3):
        worker, before = shift(), len(trace())
        until(lambda: len(trace()) >= before + 3)  # noqa: B023 - called at once
        worker.kill()
        worker.join()
    left = trace()
    assert len(left) < 20
    shift()
    until(idle)
    assert [step for _, step, _ in trace()] == TWENTY
    assert len({worker for _, _, worker in trace()}) == 4
    assert trace()[: len(left)] == left


def test_a_running_worker_goes_on_with_the_jobs_of_a_killed_one(
    database: Database, shift: Shift, trace: Trace, until: Until, idle: Callable[[], bool]
) -> None:
    first, second = shift(), shift()
    names = ["a", "b", "c", "d", "e", "f"]
    for name in names:
        ask(database, name)
    until(lambda: {worker for _, _, worker in trace()} == {str(first.pid), str(second.pid)})
    first.kill()
    until(idle)
    assert [(job, step) for job, step, _ in trace()] == [(name, step) for name in names for step in TWENTY]


def test_a_step_killed_before_its_record_runs_again_and_the_recorded_one_before_it_does_not(
    database: Database, shift: Shift, trace: Trace, until: Until, idle: Callable[[], bool]
) -> None:
    with database.write() as session:
        jobs.enqueue(session, "dies-once", name="a")
    dead = shift()
    dead.join()
    assert dead.exitcode == -signal.SIGKILL
    shift()
    until(idle)
    assert [step for _, step, _ in trace()] == ["after", "before", "deadly", "deadly"]


def test_a_stalled_worker_that_wakes_up_repeats_no_committed_step(
    database: Database, shift: Shift, trace: Trace, until: Until, idle: Callable[[], bool]
) -> None:
    stalled = shift()
    ask(database, "a")
    until(lambda: len(trace()) >= 3)
    os.kill(stalled.pid, signal.SIGSTOP)
    shift()
    time.sleep(1.5)
    os.kill(stalled.pid, signal.SIGCONT)
    until(idle)
    assert [step for _, step, _ in trace()] == TWENTY


def test_two_workers_at_once_do_each_job_once(
    database: Database, shift: Shift, trace: Trace, until: Until, idle: Callable[[], bool]
) -> None:
    # slow enough that a busy machine takes neither of them for dead
    shift(beat=1.0), shift(beat=1.0)
    names = [f"{number:02}" for number in range(5)]
    for name in names:
        ask(database, name)
    until(idle)
    assert [(job, step) for job, step, _ in trace()] == [(name, step) for name in names for step in TWENTY]
    workers_of_a_job = {name: {worker for job, _, worker in trace() if job == name} for name in names}
    assert all(len(workers) == 1 for workers in workers_of_a_job.values())


def test_a_schedule_fires_once_an_interval_over_two_workers(
    database: Database, shift: Shift, trace: Trace, until: Until
) -> None:
    began = time.time()
    shift(tick=True), shift(tick=True)
    until(lambda: len(trace()) >= 3)
    intervals = int(time.time()) - int(began) + 1
    assert 3 <= len(trace()) <= intervals


def test_a_worker_told_to_stop_ends_its_step_and_another_goes_on_at_once(
    database: Database, shift: Shift, trace: Trace, until: Until, idle: Callable[[], bool]
) -> None:
    ask(database, "a")
    worker = shift()
    until(lambda: len(trace()) >= 3)
    os.kill(worker.pid, signal.SIGTERM)
    worker.join(5)
    assert worker.exitcode == 0
    done = trace()
    assert 3 <= len(done) < 20
    shift()
    until(lambda: len(trace()) > len(done))
    until(idle)
    assert [step for _, step, _ in trace()] == TWENTY


def test_a_worker_ends_cleanly_says_little_and_opens_no_connection(
    database: Database, shift: Shift, tmp_path: Path, until: Until, idle: Callable[[], bool]
) -> None:
    ask(database, "a")
    worker = shift()
    until(idle)
    os.kill(worker.pid, signal.SIGINT)
    worker.join(5)
    assert worker.exitcode == 0
    said = (tmp_path / "log").read_text().splitlines()
    assert [line.partition(" ")[0] for line in said] == ["INFO:lms_plc.jobs:worker"] * 2 + ["CLEAN"]


def test_web_writers_and_a_worker_share_the_database_without_a_lock_error(
    database: Database, shift: Shift, trace: Trace, tmp_path: Path, until: Until, idle: Callable[[], bool]
) -> None:
    worker = shift()
    failures: list[Exception] = []
    enough = time.monotonic() + 2

    def write(writer: int) -> None:
        number = 0
        while time.monotonic() < enough:
            number += 1
            try:
                with database.write() as session:
                    row = {"job": f"web {writer}", "step": str(number)}
                    session.execute(text("INSERT INTO plc_trace VALUES (:job, :step, '')"), row)
                    if number % 40 == 0:
                        jobs.enqueue(session, "many-commits", name=f"{writer}", count=20)
            except Exception as failure:  # noqa: BLE001 - any failure is what we look for
                failures.append(failure)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    until(lambda: len([1 for job, _, _ in trace() if job in ("0", "1")]) >= 20)
    worker.kill()
    log = (tmp_path / "log").read_text()
    assert "locked" not in log
    assert "WARNING" not in log
    assert "ERROR" not in log


def test_a_worker_that_is_taken_for_dead_loses_its_job_to_the_other(
    database: Database,
    shift: Shift,
    trace: Trace,
    until: Until,
    idle: Callable[[], bool],
) -> None:
    """The heart is held, not the hands: the worker goes on with its step while another takes the job over."""
    silent = shift(heartless=True)
    ask(database, "a", count=60)
    until(lambda: len(trace()) >= 2)
    other = shift()
    until(idle)
    assert [step for _, step, _ in trace()] == [f"{number:02}" for number in range(60)]
    assert {worker for _, _, worker in trace()} == {str(silent.pid), str(other.pid)}
