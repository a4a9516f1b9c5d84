"""What do the tests of jobs share? A fresh database, a registry, workers as threads and as processes."""

import multiprocessing
import runpy
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import text

from lms_plc import jobs
from lms_plc.core.database import Database

QUICK = 0.1
"""Seconds a beat: a killed worker is missed after half a second, not after eight."""

SHIFT = str(Path(__file__).with_name("shift.py"))

PROCESSES = multiprocessing.get_context("forkserver")
"""Worker processes are forked from one that has imported all they need: the tests start forty of them."""

PROCESSES.set_forkserver_preload(["lms_plc.jobs"])


@pytest.fixture
def bare_database(database_url: str) -> Iterator[Database]:
    """A database nobody has prepared."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def database(bare_database: Database) -> Database:
    """A database with job tables, and one of ours in which steps leave a trace."""
    jobs.prepare(bare_database)
    with bare_database.write() as session:
        session.execute(text("CREATE TABLE plc_trace (job TEXT, step TEXT, worker TEXT)"))
    return bare_database


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, jobs.Job]:
    """The registered jobs, for one test to add to; none of them on a schedule."""
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    monkeypatch.setattr(jobs, "_timetable", {})
    return jobs._jobs


@pytest.fixture
def working(database: Database) -> Callable[[], AbstractContextManager[None]]:
    """``with working():`` a worker inside this process, stopped and gone when the block ends."""

    @contextmanager
    def work() -> Iterator[None]:
        stop = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            worker = thread.submit(jobs.run_worker, database, stop=stop, beat=QUICK)
            try:
                yield
            finally:
                stop.set()
                worker.result()

    return work


@pytest.fixture
def shift(database: Database, tmp_path: Path) -> Iterator[Callable[..., BaseProcess]]:
    """Starts a process doing the jobs of shift.py, logging to ``tmp_path / "log"``; none is left behind."""
    with ExitStack() as started:

        def start(**settings: object) -> BaseProcess:
            told = {"url": database.url, "beat": QUICK, "log": str(tmp_path / "log"), **settings}
            process = PROCESSES.Process(target=runpy.run_path, args=(SHIFT, {"TOLD": told}, "__main__"))
            process.start()
            started.callback(process.join)
            started.callback(process.kill)
            return process

        yield start


@pytest.fixture
def trace(database: Database) -> Callable[[], list[tuple[str, str, str]]]:
    """What the steps left behind: (job, step, worker), in the order of these."""

    def read() -> list[tuple[str, str, str]]:
        with database.read() as connection:
            rows = connection.execute(text("SELECT job, step, worker FROM plc_trace"))
            return sorted((row.job, row.step, row.worker) for row in rows)

    return read


@pytest.fixture
def state(database: Database) -> Callable[[], jobs.State]:
    def read() -> jobs.State:
        with database.read() as connection:
            return jobs.state(connection)

    return read


@pytest.fixture
def idle(state: Callable[[], jobs.State]) -> Callable[[], bool]:
    """Whether no job waits or runs."""

    def look() -> bool:
        now = state()
        return now.waiting == now.running == 0

    return look


@pytest.fixture
def until() -> Callable[[Callable[[], object]], float]:
    """Waits until something is so, and gives the seconds it took; fails when that is more than 30."""

    def wait(happened: Callable[[], object]) -> float:
        began = time.monotonic()
        while not happened():
            assert time.monotonic() - began < 30, "it did not happen in time"
            time.sleep(0.02)
        return time.monotonic() - began

    return wait
