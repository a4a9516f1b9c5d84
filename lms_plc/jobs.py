"""How does work outlive the request, and the process, that asked for it?

A job is a function of steps. It is asked for inside the caller's own transaction (`enqueue`) or by the clock
(`schedule`), and done by any worker that shares the database (`run_worker`). Each finished step is recorded;
after a crash, of the process or of the machine, another worker goes on at the first step that is not::

    @job("sync-site", queue=Queue("sync", at_once=2), one_per=("site_id",))
    def sync_site(steps: Steps, site_id: str) -> None:
        for page in range(steps.run("count the pages", pages_of, site_id)):
            steps.commit(f"store page {page}", store_page, site_id, page)

    enqueue(session, "sync-site", site_id=str(site.id))

What is promised:

- A job enqueued in a transaction exists if and only if that transaction committed.
- A recorded step never runs again. `Steps.commit` records in the step's own transaction, so its writes happen
  exactly once. `Steps.run` records just after the step: a worker killed in between leaves a step that is done
  and not recorded, and it runs again. What it does elsewhere (a mail, a call to the LMS) must bear that.
- A dead worker is noticed without comparing clocks. Every worker raises a number of its own every `BEAT`
  seconds; one whose number stood still for `MISSED` looks of another is taken for dead, and its jobs go back
  to their queues. One that was only slow, and is taken for dead by mistake, can no longer record a step.
- A worker told to stop finishes the steps it is in, and another one goes on with their jobs at once.

The job engine is DBOS, and only this file knows it. Its tables, and the three of this file, live in the
schema ``jobs`` on PostgreSQL and beside our ``plc_`` tables in the SQLite file. Web processes write to its
queues and never start it.

Steps are matched by their order and name. A job that is to take other steps in a release gets a new name, and
the old function stays until its last job is done; otherwise jobs caught in the middle fail. A job whose name a
worker does not know, as in the middle of an upgrade, lies still until that worker stops and another takes it.
"""

import json
import logging
import signal
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions
from dbos import error as engine_errors
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Executable,
    Integer,
    MetaData,
    Result,
    String,
    Table,
    Text,
    delete,
    exists,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.orm import Session

from lms_plc.core.database import Database, upsert

Scalar: TypeAlias = str | int | float | bool | None
Transaction: TypeAlias = Session | Connection

BEAT = 2.0
"""Seconds between two signs of life of a worker, two looks at the others, and two looks at the clock."""

MISSED = 4
"""So many looks in a row must find a worker's number unchanged before it is taken for dead.

With `BEAT`: what a killed worker did goes on elsewhere after 12 seconds at most. Looks are counted, not
seconds, because a long write by anyone else holds up looks and signs of life alike.
"""

STARTS = 50
"""A job that takes its worker down with it is given up after so many starts, and counted as failed."""

RETENTION = timedelta(days=7)
"""So long a finished job, its steps and its failure stay to be looked at."""

_APPLICATION = "lms-plc"
# The engine leaves jobs of another version alone. Ours must survive an upgrade, so the version never changes.
_VERSION = "1"
_SCHEMA = "jobs"
_STOPPED = -1
_WAITING = ("ENQUEUED", "DELAYED")
_RUNNING = ("PENDING",)
_FAILED = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_FINISHED = ("SUCCESS", "CANCELLED", *_FAILED)

_log = logging.getLogger(__name__)

# Without a handler of its own the engine would attach one to stderr and stop passing lines on.
logging.getLogger("dbos").addHandler(logging.NullHandler())
logging.getLogger("dbos").setLevel(logging.WARNING)

_tables = MetaData(schema=_SCHEMA)
_workers = Table(
    "job_workers",
    _tables,
    Column("executor", String(36), primary_key=True),
    Column("beat", BigInteger, nullable=False),
)
_slots = Table(
    "job_schedules",
    _tables,
    Column("job", String(255), primary_key=True),
    Column("slot", BigInteger, nullable=False),
)
_checkpoints = Table(
    "job_checkpoints",
    _tables,
    Column("job_id", String(255), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("result", Text),
)
_engine_jobs = Table(
    "workflow_status",
    MetaData(schema=_SCHEMA),  # apart: the engine makes this one itself
    Column("workflow_uuid", Text),
    Column("status", Text),
    Column("executor_id", Text),
    Column("completed_at", BigInteger),
)


class UnknownJob(LookupError):
    """No job of that name is registered in this process: the module that defines it was not imported."""


class NotPrepared(RuntimeError):
    """The database has no job tables yet; `prepare` makes them."""


class StepFailed(Exception):
    """A step raised. The same after a crash as at first, so a job may catch it and go another way.

    ``step`` is the step's name, ``error`` the name of the exception's class. The exception's text stays
    behind: it may hold what a log and a database must not.
    """

    def __init__(self, step: str, error: str) -> None:
        super().__init__(f"step {step!r} failed with {error}")
        self.step = step
        self.error = error


class JobFailed(Exception):
    """What the job engine keeps of a job that raised: its name and the name of the exception's class."""


class _HandedBack(BaseException):
    """This process must not go on with the job; another will. No Exception, so that no job catches it."""


@dataclass(frozen=True)
class Queue:
    """Jobs that wait for each other. ``at_once`` of them run at the same time in one worker."""

    name: str
    at_once: int = 1


ORDINARY = Queue("ordinary", at_once=4)


@dataclass(frozen=True)
class Job:
    """A registered job; made by `job`, or by `announce` in a process that only asks for it (``do`` is None)."""

    name: str
    do: Callable[..., None] | None
    queue: Queue
    one_per: Sequence[str] | None

    def key(self, ids: Mapping[str, Scalar]) -> str | None:
        """What no two waiting or running jobs may share; None if they may be as many as were asked for."""
        if self.one_per is None:
            return None
        return json.dumps([self.name, *(ids[name] for name in self.one_per)])


@dataclass(frozen=True)
class State:
    """How many jobs wait, run, and failed within `RETENTION`; how many workers live or are not yet missed.

    Jobs whose worker is gone count as running until another worker takes them over.
    """

    waiting: int
    running: int
    failed: int
    workers: int


_jobs: dict[str, Job] = {}
_timetable: dict[str, timedelta] = {}


def job(
    name: str, *, queue: Queue = ORDINARY, one_per: Sequence[str] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers ``(steps: Steps, **ids) -> None`` as the job ``name``. The function itself stays as it is.

    ``one_per`` names the ids of which only one job may wait or run at a time; ``()`` means one job at all.
    Raises ValueError if the name is taken, or if the queue is known with another ``at_once``.
    """

    def register(do: Callable[..., None]) -> Callable[..., None]:
        announced = _jobs.get(name)
        if announced is not None and announced != Job(name, None, queue, one_per):
            raise ValueError(f"there is a job {name!r} already")
        _put(Job(name, do, queue, one_per))
        return do

    return register


def announce(name: str, *, queue: Queue = ORDINARY, one_per: Sequence[str] | None = None) -> None:
    """Lets this process ask for the job ``name``, which workers register by `job` with the same queue and ids.

    For jobs that need more than a database (a seal, a way to the LMS), which their worker gives them. Raises as `job`.
    """
    if name in _jobs:
        raise ValueError(f"there is a job {name!r} already")
    _put(Job(name, None, queue, one_per))


def _put(new: Job) -> None:
    if any(other.queue.name == new.queue.name and other.queue != new.queue for other in _jobs.values()):
        raise ValueError(f"the queue {new.queue.name!r} has two different sizes")
    _jobs[new.name] = new


def schedule(name: str, *, every: timedelta) -> None:
    """Has the job ``name``, which takes no ids, enqueued once an interval, however many workers there are.

    Intervals count from 1970-01-01T00:00Z. One job makes up for all that passed while no worker ran.
    Raises UnknownJob; ValueError for less than a second.
    """
    _known(name)
    if every < timedelta(seconds=1):
        raise ValueError("a schedule has intervals of a second or more")
    _timetable[name] = every


def enqueue(transaction: Transaction, name: str, /, **ids: Scalar) -> bool:
    """Asks for a job inside the caller's transaction: after commit it is there, after rollback it never was.

    True if asked for; False if, by ``one_per``, such a job waits or runs already. One that runs may have read
    its rows before this transaction commits, so what must not be missed needs a sweep on a `schedule` too.
    Raises UnknownJob; TypeError for an id that is no JSON scalar; KeyError if one of ``one_per`` is missing.
    """
    return _ask_for(transaction, name, ids, {})


def enqueue_later(transaction: Transaction, wait: timedelta, name: str, /, **ids: Scalar) -> bool:
    """As `enqueue`, and no worker begins with the job before ``wait`` is over; until then it counts as waiting.

    Raises as `enqueue`; ValueError for a wait below zero.
    """
    if wait < timedelta(0):
        raise ValueError("a job cannot wait for less than nothing")
    return _ask_for(transaction, name, ids, {"delay_seconds": wait.total_seconds()})


def _ask_for(transaction: Transaction, name: str, ids: Mapping[str, Scalar], when: Mapping[str, Any]) -> bool:
    asked = _known(name)
    for id_name, value in ids.items():
        if not isinstance(value, Scalar):
            raise TypeError(f"the id {id_name!r} of job {name!r} is no JSON scalar")
    options: EnqueueOptions = {"workflow_name": name, "queue_name": asked.queue.name, **when}  # type: ignore[typeddict-item]
    if (key := asked.key(ids)) is not None:
        options["deduplication_id"] = key
    bind = transaction.get_bind() if isinstance(transaction, Session) else transaction
    client = _client(system_database_engine=bind.engine)
    try:
        # PostgreSQL gives up a whole transaction for one refused row; the savepoint keeps the caller's work.
        with transaction.begin_nested():
            client.enqueue_in_transaction(transaction, options, **ids)
    except engine_errors.DBOSQueueDeduplicatedError:
        return False
    return True


def prepare(database: Database) -> None:
    """Makes or migrates the job tables; harmless when they are there. Needs the right to create tables."""
    database.engine.connect().close()  # our own connection turns WAL on; the engine keeps the mode it finds
    DBOS.migrate(database.url, schema=_SCHEMA)
    engine = database.engine.execution_options(plc_write=True, **_translated(database.is_sqlite))
    with engine.begin() as connection:
        _tables.create_all(connection)


def state(connection: Connection) -> State:
    """The jobs of this database, counted, for people to look at."""
    by_status = select(_engine_jobs.c.status, func.count()).group_by(_engine_jobs.c.status)
    counts: Counter[str] = Counter()
    for status, count in _run(connection, by_status):
        counts[status] = count
    waiting, running, failed = (
        sum(counts[status] for status in statuses) for statuses in (_WAITING, _RUNNING, _FAILED)
    )
    living = select(func.count()).select_from(_workers).where(_workers.c.beat != _STOPPED)
    return State(waiting, running, failed, _run(connection, living).scalar_one())


def living_workers(database: Database, *, beat: float = BEAT) -> int:
    """How many workers give a sign of life while we watch, for one and a half beats of ``beat`` seconds.

    `State.workers` also counts one that was killed and that nobody has missed yet.
    """

    def beats() -> dict[str, int]:
        with database.read() as connection:
            living = select(_workers.c.executor, _workers.c.beat).where(_workers.c.beat != _STOPPED)
            return {row.executor: row.beat for row in _run(connection, living)}

    before = beats()
    time.sleep(1.5 * beat)
    return sum(before.get(executor) != beat for executor, beat in beats().items())


def run_worker(database: Database, *, stop: threading.Event | None = None, beat: float = BEAT) -> None:
    """Does jobs until ``stop`` is set, or, without one, until SIGTERM or SIGINT (main thread only).

    Returns when the steps then running are done; a supervisor that cannot wait may kill it, nothing is lost.
    One worker a process. ``beat`` in seconds is for tests. Raises NotPrepared.
    """
    with database.read() as connection:
        if not inspect(connection).has_table(_workers.name, schema=None if database.is_sqlite else _SCHEMA):
            raise NotPrepared("the database has no job tables; run `lms-plc db upgrade` first")
    if stop is not None:
        _Worker(database, beat).run(stop)
        return
    with _told_by_signal() as told:
        _Worker(database, beat).run(told)


@dataclass
class Steps:
    """What a job works through, one step after another. ``job_id`` names the job in logs."""

    job_id: str
    database: Database
    _stopping: threading.Event = field(repr=False)
    _taken: int = field(default=0, repr=False)

    def run(self, name: str, do: Callable[..., Any], *args: Any) -> Any:
        """Does ``do(*args)`` unless it is recorded as done; gives its result, small JSON kept with the job.

        Runs again if the worker is killed after ``do`` and before the record; `commit` does not.
        Raises StepFailed, now and after every later crash, if ``do`` raised or its result is no JSON;
        RuntimeError from inside another step or from another thread, where nothing could be recorded.
        """
        if DBOS.workflow_id != self.job_id or DBOS.step_id is not None:
            raise RuntimeError("steps are taken one after another, by the job itself")
        self._taken += 1
        if self._stopping.is_set():
            raise _HandedBack
        try:
            outcome = DBOS.run_step({"name": name}, self._outcome, name, do, args)
        except engine_errors.DBOSWorkflowConflictIDError:
            raise _HandedBack from None  # taken for dead; the job has another worker now
        if "error" in outcome:
            raise StepFailed(name, outcome["error"])
        return outcome["result"]

    def commit(self, name: str, do: Callable[..., Any], *args: Any) -> Any:
        """Does ``do(session, *args)`` in one transaction with its own record: exactly once, or not at all.

        Gives its result and raises as `run` does. ``do`` writes through ``session`` only and does not commit.
        """
        return self.run(name, self._once, self._taken + 1, do, args)

    def _once(self, step: int, do: Callable[..., Any], args: Sequence[Any]) -> Any:
        here = (_checkpoints.c.job_id == self.job_id) & (_checkpoints.c.step == step)
        with self.database.write() as session:
            # First the mark: a second worker in this step waits here until the first committed or is gone.
            mark = upsert(session, _checkpoints).values(job_id=self.job_id, step=step)
            if not _wrote(session, mark.on_conflict_do_nothing().returning(_checkpoints.c.step)):
                return json.loads(_run(session, select(_checkpoints.c.result).where(here)).scalar_one())
            result = do(session, *args)
            _run(session, update(_checkpoints).where(here).values(result=json.dumps(result)))
        return result

    def _outcome(self, name: str, do: Callable[..., Any], args: Sequence[Any]) -> dict[str, Any]:
        try:
            # Through JSON the first time too, so that a job sees the same result before and after a crash.
            return {"result": json.loads(json.dumps(do(*args)))}
        except Exception as error:  # noqa: BLE001 - whatever a step raises is its outcome
            _log.warning("step %r of job %s failed: %s", name, self.job_id, _where(error))
            return {"error": type(error).__name__}


class _Worker:
    """One process at work: its jobs, its sign of life, its eye on the others and on the clock."""

    def __init__(self, database: Database, beat: float) -> None:
        self.database = database
        self.beat = beat
        self.poll = beat / 2
        # Two living workers of one name would repeat each other's steps, so nobody gets to choose it.
        self.executor = str(uuid4())
        self.stopping = threading.Event()
        self.watch = Watch()
        self._at_work = 0
        self._changed = threading.Condition()

    def run(self, told: threading.Event) -> None:
        self._register_queues()
        config: DBOSConfig = {
            "name": _APPLICATION,
            "application_version": _VERSION,
            "executor_id": self.executor,
            "system_database_url": self.database.url,
            "dbos_system_schema": _SCHEMA,
            "serializer": DBOSPortableJSONSerializer(),
            "run_migrations": False,
            "sys_db_pool_size": 10,
            "notification_listener_polling_interval_sec": self.poll,  # none are sent; stopping waits for it
            "log_level": "WARNING",
        }
        DBOS(config=config)
        try:
            for registered in filter(lambda known: known.do is not None, _jobs.values()):
                DBOS.workflow(name=registered.name, max_recovery_attempts=STARTS)(self._doing(registered))
            self._look()
            DBOS.launch()
            with _quiet_engine():
                self._work_until(told)
        finally:
            DBOS.destroy(destroy_registry=True)
            self._sign_off()

    def _register_queues(self) -> None:
        client = _client(system_database_url=self.database.url)
        try:
            for queue in {registered.queue for registered in _jobs.values()}:
                client.register_queue(queue.name, worker_concurrency=queue.at_once, polling_interval_sec=self.poll)
        finally:
            client.destroy()

    def _work_until(self, told: threading.Event) -> None:
        finished = threading.Event()
        heart = threading.Thread(target=self._beat_until, args=(finished,), name="job-heart", daemon=True)
        heart.start()
        _log.info("worker %s started", self.executor)
        told.wait()
        self.stopping.set()
        with self._changed:
            # The heart beats on: a step that takes its time must not be begun a second time elsewhere.
            self._changed.wait_for(lambda: self._at_work == 0)
        finished.set()
        heart.join()
        _log.info("worker %s stopped", self.executor)

    def _doing(self, registered: Job) -> Callable[..., None]:
        def do(**ids: Scalar) -> None:
            with self._counted():
                if self.stopping.is_set():
                    raise _HandedBack
                job_id = DBOS.workflow_id
                assert job_id is not None
                assert registered.do is not None
                try:
                    registered.do(Steps(job_id, self.database, self.stopping), **ids)
                except Exception as error:  # noqa: BLE001 - whatever a job raises is its outcome
                    _log.error("job %s %s failed: %s", registered.name, job_id, _where(error))
                    raise JobFailed(f"{registered.name}: {type(error).__name__}") from None

        return do

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._at_work += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def _beat_until(self, finished: threading.Event) -> None:
        while not finished.wait(self.beat):
            try:
                dead = self._look()
                if dead:
                    DBOS._recover_pending_workflows(dead)
                    self._forget(dead)
                    _log.warning("took over the jobs of %d workers that are gone", len(dead))
            except Exception as error:  # noqa: BLE001 - a database out of reach for a while must not stop the heart
                _log.error("worker %s could not sign its life: %s", self.executor, _where(error))

    def _look(self) -> list[str]:
        """Signs our life, enqueues what the clock asks for, and gives the workers that are dead."""
        with self.database.write() as session:
            sign = upsert(session, _workers).values(executor=self.executor, beat=1)
            again = {"beat": _workers.c.beat + 1}
            _run(session, sign.on_conflict_do_update(index_elements=["executor"], set_=again))
            at_work = select(_engine_jobs.c.executor_id).where(_engine_jobs.c.status.in_(_RUNNING)).distinct()
            beats: dict[str, int | None] = dict.fromkeys(_run(session, at_work).scalars())
            for executor, beat in _run(session, select(_workers.c.executor, _workers.c.beat)):
                beats[executor] = beat
            if not self.stopping.is_set():
                _enqueue_due(session, datetime.now(UTC))
        del beats[self.executor]
        return self.watch.dead(beats)

    def _forget(self, executors: Sequence[str]) -> None:
        with self.database.write() as session:
            _run(session, delete(_workers).where(_workers.c.executor.in_(executors)))

    def _sign_off(self) -> None:
        # No deletion: the mark tells the others, without a wait, that our jobs are theirs now.
        with self.database.write() as session:
            _run(session, update(_workers).where(_workers.c.executor == self.executor).values(beat=_STOPPED))


class Watch:
    """One worker's eye on the others: who has stood still for too many looks?"""

    def __init__(self, missed: int = MISSED) -> None:
        self._missed = missed
        self._seen: dict[str, tuple[int | None, int]] = {}

    def dead(self, beats: Mapping[str, int | None]) -> list[str]:
        """``beats``: every other worker's number now, or None for one that has jobs and no number.

        Gives those to be taken for dead, each once; one that is still there is then watched anew.
        """
        looks: dict[str, tuple[int | None, int]] = {}
        for worker, beat in beats.items():
            before, still = self._seen.get(worker, (beat, -1))
            looks[worker] = (beat, still + 1 if before == beat else 0)
        dead = [name for name, (beat, still) in looks.items() if beat == _STOPPED or still >= self._missed]
        self._seen = {worker: look for worker, look in looks.items() if worker not in dead}
        return dead


def _enqueue_due(session: Session, now: datetime) -> None:
    for name, every in _timetable.items():
        slot = int(now.timestamp() // every.total_seconds())
        take = upsert(session, _slots).values(job=name, slot=slot)
        later = {"index_elements": ["job"], "set_": {"slot": slot}, "where": _slots.c.slot < slot}
        if _wrote(session, take.on_conflict_do_update(**later).returning(_slots.c.slot)):
            enqueue(session, name)


def _known(name: str) -> Job:
    try:
        return _jobs[name]
    except KeyError:
        raise UnknownJob(f"no job {name!r} is registered here") from None


def _client(**where: Any) -> DBOSClient:
    return DBOSClient(
        **where,
        dbos_system_schema=_SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
        application_name=_APPLICATION,
        lazy=True,
    )


def _translated(is_sqlite: bool) -> dict[str, Any]:
    return {"schema_translate_map": {_SCHEMA: None}} if is_sqlite else {}


def _run(transaction: Transaction, statement: Executable) -> Result[*tuple[Any, ...]]:
    bind = transaction.get_bind() if isinstance(transaction, Session) else transaction
    return transaction.execute(statement, execution_options=_translated(bind.dialect.name == "sqlite"))


def _wrote(transaction: Transaction, returning: Executable) -> bool:
    # The row count of an INSERT is not to be trusted: on PostgreSQL it is -1.
    return _run(transaction, returning).first() is not None


def _where(error: Exception) -> str:
    """The class of an exception and the lines it went through, without its text, which may hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join([type(error).__name__, *(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))])


@contextmanager
def _quiet_engine() -> Iterator[None]:
    """Keeps the engine from logging a second time, with a traceback, what a job's failure already logged."""

    def wanted(record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], JobFailed))

    engine_log = logging.getLogger("dbos")
    engine_log.addFilter(wanted)
    try:
        yield
    finally:
        engine_log.removeFilter(wanted)


@contextmanager
def _told_by_signal() -> Iterator[threading.Event]:
    told = threading.Event()

    def tell(*_: object) -> None:
        # From another thread: this one may be inside told.wait() with the very lock that set() needs.
        threading.Thread(target=told.set).start()

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@job("forget-finished-jobs", one_per=())
def _forget_finished_jobs(steps: Steps) -> None:
    before = int((time.time() - RETENTION.total_seconds()) * 1000)
    steps.run("delete", _delete_finished, steps.database, before)


def _delete_finished(database: Database, before: int) -> int:
    """Deletes jobs finished before ``before`` (ms since 1970) and the checkpoints of jobs no longer there."""
    old = _engine_jobs.c.status.in_(_FINISHED) & (_engine_jobs.c.completed_at < before)
    some = select(_engine_jobs.c.workflow_uuid).where(old).limit(500)
    deleted = 0
    client = _client(system_database_url=database.url)
    try:
        while ids := _finished(database, some):
            client.delete_workflows(ids)
            deleted += len(ids)
    finally:
        client.destroy()
    with database.write() as session:
        job_is_there = exists().where(_engine_jobs.c.workflow_uuid == _checkpoints.c.job_id)
        _run(session, delete(_checkpoints).where(~job_is_there))
    return deleted


def _finished(database: Database, some: Executable) -> list[str]:
    with database.read() as connection:
        return list(_run(connection, some).scalars())


schedule("forget-finished-jobs", every=timedelta(hours=1))
