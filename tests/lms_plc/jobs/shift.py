"""What does a worker as a process of its own do? Jobs that leave traces; ``TOLD`` says how."""

import logging
import os
import sys
import time
import warnings
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.core.database import Database

PACE = 0.04
"""Seconds between steps, so that there is time to kill their worker."""


def leave_trace(session: Session, job: str, step: str) -> str:
    row = {"job": job, "step": step, "worker": str(os.getpid())}
    session.execute(text("INSERT INTO plc_trace VALUES (:job, :step, :worker)"), row)
    time.sleep(PACE / 10)  # still in the transaction, so that some are killed in there
    return step


def leave_trace_elsewhere(database: Database, job: str, step: str) -> str:
    with database.write() as session:
        return leave_trace(session, job, step)


def die_between_step_and_record(database: Database, job: str, step: str) -> None:
    leave_trace_elsewhere(database, job, step)
    if len(step_rows(database, job, step)) == 1:
        os.kill(os.getpid(), 9)


def step_rows(database: Database, job: str, step: str) -> list[object]:
    with database.read() as connection:
        rows = connection.execute(text("SELECT 1 FROM plc_trace WHERE job = :job AND step = :step"), locals())
        return list(rows)


@jobs.job("many-commits", one_per=("name",))
def many_commits(steps: jobs.Steps, name: str, count: int) -> None:
    for number in range(count):
        time.sleep(PACE)
        step = f"{number:02}"
        if steps.commit(step, leave_trace, name, step) != step:
            raise AssertionError("a step came back with the result of another")


@jobs.job("dies-once", one_per=("name",))
def dies_once(steps: jobs.Steps, name: str) -> None:
    steps.run("before", leave_trace_elsewhere, steps.database, name, "before")
    steps.run("deadly", die_between_step_and_record, steps.database, name, "deadly")
    steps.run("after", leave_trace_elsewhere, steps.database, name, "after")


@jobs.job("tick", one_per=())
def tick(steps: jobs.Steps) -> None:
    steps.commit("tick", leave_trace, "tick", str(time.time()))


def note_network(event: str, args: tuple[object, ...]) -> None:
    address = args[1] if event in ("socket.connect", "socket.bind") else None
    if event == "socket.getaddrinfo" or isinstance(address, tuple):
        print(f"NETWORK {event} {args!r}")


def main(told: dict[str, Any]) -> None:
    warnings.simplefilter("error")
    with open(told["log"], "a", buffering=1) as log:
        sys.stdout = sys.stderr = log
        logging.basicConfig(level=logging.INFO, stream=log)
        sys.addaudithook(note_network)
        if told.get("heartless"):
            jobs._Worker._beat_until = lambda worker, finished: None  # type: ignore[method-assign]
        if told.get("tick"):
            jobs.schedule("tick", every=timedelta(seconds=1))
        database = Database(told["url"])
        jobs.run_worker(database, beat=told["beat"])
        database.dispose()
        print("CLEAN END")


if __name__ == "__main__":
    main(globals()["TOLD"])
