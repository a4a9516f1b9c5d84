"""Is a job asked for exactly when its transaction says so?"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import text

from lms_plc import jobs
from lms_plc.core.database import Database

State = Callable[[], jobs.State]
Working = Callable[[], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def known_jobs(registry: dict[str, jobs.Job]) -> list[dict[str, jobs.Scalar]]:
    """Two jobs that only note their ids: one of a site, of which there may be one, and a plain one."""
    noted: list[dict[str, jobs.Scalar]] = []
    jobs.job("note", queue=jobs.Queue("notes"))(lambda steps, **ids: noted.append(ids))
    jobs.job("note-site", one_per=("site_id",))(lambda steps, **ids: noted.append(ids))
    return noted


def test_a_committed_transaction_leaves_one_job(database: Database, state: State) -> None:
    with database.write() as session:
        assert jobs.enqueue(session, "note", number=1)
    assert state().waiting == 1


def test_a_rolled_back_transaction_leaves_no_job(database: Database, state: State) -> None:
    with database.write() as session:
        assert jobs.enqueue(session, "note", number=1)
        session.rollback()
    assert state().waiting == 0
    with database.write() as session:
        jobs.enqueue(session, "note", number=1)
    assert state().waiting == 1


def test_a_connection_can_enqueue_as_well_as_a_session(database: Database, state: State) -> None:
    with database.engine.execution_options(plc_write=True).begin() as connection:
        assert jobs.enqueue(connection, "note", number=1)
    assert state().waiting == 1


def test_a_job_gets_the_ids_it_was_enqueued_with(
    database: Database, working: Working, known_jobs: list[object], until: Callable[..., float]
) -> None:
    ids = {"text": "ж", "number": 7, "share": 0.5, "yes": True, "nothing": None, "name": "taken"}
    with database.write() as session:
        jobs.enqueue(session, "note", **ids)
    with working():
        until(lambda: known_jobs)
    assert known_jobs == [ids]


def test_a_second_job_of_the_same_site_is_not_enqueued_while_the_first_waits(database: Database, state: State) -> None:
    with database.write() as session:
        assert jobs.enqueue(session, "note-site", site_id="a")
        assert not jobs.enqueue(session, "note-site", site_id="a")
    with database.write() as session:
        assert not jobs.enqueue(session, "note-site", site_id="a")
        assert jobs.enqueue(session, "note-site", site_id="b")
    assert state().waiting == 2


def test_a_refused_duplicate_costs_the_callers_transaction_nothing(
    database: Database, state: State, trace: Callable[[], list[tuple[str, str, str]]]
) -> None:
    with database.write() as session:
        jobs.enqueue(session, "note-site", site_id="a")
    with database.write() as session:
        session.execute(text("INSERT INTO plc_trace VALUES ('before', '', '')"))
        assert not jobs.enqueue(session, "note-site", site_id="a")
        session.execute(text("INSERT INTO plc_trace VALUES ('after', '', '')"))
        assert jobs.enqueue(session, "note", number=1)
    assert [job for job, _, _ in trace()] == ["after", "before"]
    assert state().waiting == 2


def test_a_finished_job_makes_room_for_the_next_of_its_site(
    database: Database, working: Working, idle: Callable[[], bool], until: Callable[..., float]
) -> None:
    with database.write() as session:
        jobs.enqueue(session, "note-site", site_id="a")
    with working():
        until(idle)
    with database.write() as session:
        assert jobs.enqueue(session, "note-site", site_id="a")


def test_two_transactions_at_once_enqueue_one_job_of_a_site(database: Database, state: State) -> None:
    together = threading.Barrier(8)
    answers: list[bool] = []

    def ask() -> None:
        together.wait()
        with database.write() as session:
            answers.append(jobs.enqueue(session, "note-site", site_id="a"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 7 + [True]
    assert state().waiting == 1


def test_enqueueing_starts_no_engine_in_a_web_process(database: Database, state: State) -> None:
    before = threading.enumerate()
    with database.write() as session:
        jobs.enqueue(session, "note", number=1)
    assert state() == jobs.State(waiting=1, running=0, failed=0, workers=0)
    assert threading.enumerate() == before


def test_an_unknown_job_is_refused_before_anything_is_written(database: Database, state: State) -> None:
    with database.write() as session:
        with pytest.raises(jobs.UnknownJob, match="no job 'never-heard-of' is registered here"):
            jobs.enqueue(session, "never-heard-of")
        assert jobs.enqueue(session, "note")
    assert state().waiting == 1


@pytest.mark.parametrize("value", [["a"], {"a": 1}, b"a", object()], ids=["list", "dict", "bytes", "object"])
def test_an_id_that_is_no_scalar_is_refused_without_showing_it(database: Database, value: object) -> None:
    with database.write() as session:
        with pytest.raises(TypeError) as refused:
            jobs.enqueue(session, "note", things=value)
        assert str(refused.value) == "the id 'things' of job 'note' is no JSON scalar"


def test_an_id_that_tells_jobs_apart_may_not_be_missing(database: Database) -> None:
    with database.write() as session, pytest.raises(KeyError, match="site_id"):
        jobs.enqueue(session, "note-site", other="a")


def test_no_two_jobs_share_a_name() -> None:
    with pytest.raises(ValueError, match="there is a job 'note' already"):
        jobs.job("note")(lambda steps: None)


def test_a_queue_has_one_size(registry: dict[str, jobs.Job]) -> None:
    with pytest.raises(ValueError, match="the queue 'notes' has two different sizes"):
        jobs.job("other", queue=jobs.Queue("notes", at_once=9))(lambda steps: None)
    jobs.job("other", queue=jobs.Queue("notes"))(lambda steps: None)
    assert "other" in registry


def test_preparing_twice_changes_nothing(database: Database, state: State) -> None:
    with database.write() as session:
        jobs.enqueue(session, "note")
    jobs.prepare(database)
    assert state().waiting == 1


def test_a_worker_refuses_a_database_that_was_not_prepared(bare_database: Database) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(jobs.NotPrepared, match="lms-plc db upgrade"):
        jobs.run_worker(bare_database, stop=stop)
    jobs.prepare(bare_database)
    jobs.run_worker(bare_database, stop=stop)


def test_job_tables_keep_away_from_ours(database: Database) -> None:
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if database.is_sqlite
        else "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    with database.read() as connection:
        found = set(connection.execute(text(names)).scalars())
    if database.is_sqlite:  # one file, one room: only the prefix tells them apart
        found = {name for name in found if name.startswith("plc_")}
    assert found == {"plc_trace"}


class TestAnnounced:
    """A job that only workers can do, and any process may ask for."""

    def test_it_waits_for_a_worker_that_knows_how(
        self,
        database: Database,
        state: State,
        working: Working,
        known_jobs: list[object],
        idle: Callable[[], bool],
        until: Callable[..., float],
    ) -> None:
        done: list[str] = []
        jobs.announce("elsewhere", one_per=("site_id",))
        with database.write() as session:
            assert jobs.enqueue(session, "elsewhere", site_id="a")
            assert not jobs.enqueue(session, "elsewhere", site_id="a")
            assert jobs.enqueue(session, "note", number=1)
        with working():
            until(lambda: known_jobs)
        assert done == []
        jobs.job("elsewhere", one_per=("site_id",))(lambda steps, site_id: done.append(site_id))
        with working():
            until(idle)
        assert done == ["a"]
        assert state().failed == 0

    def test_it_is_registered_as_it_was_announced_or_not_at_all(self) -> None:
        jobs.announce("elsewhere", queue=jobs.Queue("notes"), one_per=("site_id",))
        for otherwise in ({"one_per": ()}, {"one_per": ("site_id",)}, {"queue": jobs.Queue("notes")}):
            with pytest.raises(ValueError, match="there is a job 'elsewhere' already"):
                jobs.job("elsewhere", **otherwise)(lambda steps: None)  # type: ignore[arg-type]
        jobs.job("elsewhere", queue=jobs.Queue("notes"), one_per=("site_id",))(lambda steps, **ids: None)
        with pytest.raises(ValueError, match="there is a job 'elsewhere' already"):
            jobs.job("elsewhere", queue=jobs.Queue("notes"), one_per=("site_id",))(lambda steps, **ids: None)

    def test_it_is_announced_once_and_fits_its_queue(self) -> None:
        for name in ("note", "elsewhere"):
            if name == "elsewhere":
                jobs.announce(name)
            with pytest.raises(ValueError, match=f"there is a job '{name}' already"):
                jobs.announce(name)
        with pytest.raises(ValueError, match="the queue 'notes' has two different sizes"):
            jobs.announce("third", queue=jobs.Queue("notes", at_once=9))

    def test_a_schedule_may_name_it(self) -> None:
        jobs.announce("elsewhere", one_per=())
        jobs.schedule("elsewhere", every=timedelta(hours=1))
        assert jobs._timetable == {"elsewhere": timedelta(hours=1)}
