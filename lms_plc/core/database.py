"""One database, SQLite or PostgreSQL, seen the same from every room. Dialect differences live here and nowhere else.

Reads and writes are told apart when they begin: ``read()`` gives a connection, ``write()`` a session whose SQLite
transaction takes the write lock at once. A transaction that starts by reading and then wants to write cannot wait for
the lock in SQLite (SQLITE_BUSY_SNAPSHOT skips the busy handler), so the default BEGIN fails under load where
BEGIN IMMEDIATE queues.
"""

import sqlite3
import time
from collections import deque, namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    Table,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
    make_url,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from lms_plc.core.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name a migration can speak of, the same on both databases."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC. A naive one is a mistake of the caller and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Row(DeclarativeBase):
    """A stored thing. Tables are called ``plc_…``: the job engine shares the SQLite file with unprefixed ones."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Moment, UUID: Uuid, str: String}


class Database:
    """Where rows live.

    ``url`` is ``sqlite:////path/file.db`` or ``postgresql+psycopg://…``; everything else is the same.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed.render_as_string(hide_password=False)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url)
        ours = self.engine.execution_options(plc_database=self)
        self._readers = ours if self.is_sqlite else ours.execution_options(**_ONE_LOOK)
        self._writers = ours.execution_options(plc_write=True)
        self._brief_writers = ours.execution_options(plc_write=True, plc_brief=True)
        self._alone = _engine_of_single_statements(self.url, is_sqlite=self.is_sqlite)
        self._idle: deque[Any] = deque()
        for engine in self.engines:
            _count(engine)
        self.hear: Callable[[str], None] | None = None
        """Told of every prepared statement that is sent: they go past the engines."""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look; nothing can be written through it on PostgreSQL."""
        with self._readers.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, durably: bool = True) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back whole when it raises.

        Not ``durably`` is for what a launch repeats from the LMS: it does not wait for the disk, as ``alone``.
        Whatever is written durably afterwards takes it along, so nothing ever points at a row that was lost.
        """
        writers = self._writers if durably else self._brief_writers
        with Session(writers, expire_on_commit=False) as session, session.begin():
            if not durably:
                self._not_waiting(session.connection())
            yield session

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """For one statement that is a transaction by itself, on rows that live minutes (a login under way, a seat) or
        for one look: it neither begins nor commits anything, and does not wait for the disk.

        As atomic and as visible to others as ``write``; but a power cut may take back the last ones, and people then
        open their activity again. It costs a third of a launch not to allow that.
        """
        with self._alone.connect() as connection:
            yield connection

    def send(self, statement: "Prepared", given: Mapping[str, Any]) -> Any:
        """As ``alone``, for a prepared statement; its first row, or None."""
        if not self.is_sqlite:
            with self._straight() as connection:
                return self._sent(connection, statement, given)
        # what `_straight` does, written out: the generator would cost as much as a statement
        connection = self._taken()
        try:
            row = self._sent(connection, statement, given)
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return row

    @contextmanager
    def together(self) -> Iterator["Send"]:
        """One transaction of prepared statements, not durable as that of ``write(durably=False)``."""
        with self._straight() as connection:
            connection.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            try:
                yield lambda statement, given: self._sent(connection, statement, given)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def sending_in(self, session: Session) -> "Send":
        """Sends prepared statements inside the transaction of ``session``, behind what it has flushed."""
        connection = session.connection().connection.driver_connection
        return lambda statement, given: self._sent(connection, statement, given)

    def fetched(self, connection: Any, statement: "Prepared", given: Mapping[str, Any]) -> list[Any]:
        """Every row of a prepared statement, over the driver's ``connection``; see ``fetch``."""
        compiled = statement.compiled(self._alone.dialect)
        if self.hear is not None:
            self.hear(compiled.sql)
        if (watch := _watch.get()) is None:
            return compiled.fetch(connection, given)
        began = time.perf_counter()
        rows = compiled.fetch(connection, given)
        watch.add(time.perf_counter() - began)
        return rows

    def _sent(self, connection: Any, statement: "Prepared", given: Mapping[str, Any]) -> Any:
        compiled = statement.compiled(self._alone.dialect)
        if self.hear is not None:
            self.hear(compiled.sql)
        return compiled.send(connection, given)

    @contextmanager
    def _straight(self) -> Iterator[Any]:
        """A driver's connection in autocommit. What failed on one is not sent over it again."""
        if not self.is_sqlite:
            pooled = self._alone.raw_connection()
            try:
                yield pooled.driver_connection
            except BaseException:
                pooled.invalidate()
                raise
            finally:
                pooled.close()
            return
        # a file needs no pool that asks whether it is still there: that takes longer than the statement
        connection = self._taken()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def _taken(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:  # asked beforehand, another thread could have taken the last one since
            pass
        pooled = self._alone.raw_connection()
        connection = pooled.driver_connection
        pooled.detach()
        return connection

    def _not_waiting(self, connection: Connection) -> None:
        if not self.is_sqlite:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("SET LOCAL synchronous_commit TO off")

    @contextmanager
    def altering(self) -> Iterator[Connection]:
        """One transaction for a migration, one migration at a time.

        SQLite changes a table by building it anew and dropping the old one, which foreign keys would forbid or follow;
        they are off meanwhile, and looked over before the end.
        """
        with self._writers.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            if self.is_sqlite:
                driver.execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.begin():
                    if not self.is_sqlite:
                        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7411207)")
                    yield connection
                    if self.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                        raise ValueError(f"{len(broken)} rows would point at nothing, in {broken[0][0]} first")
            finally:
                if self.is_sqlite:
                    driver.execute("PRAGMA foreign_keys = ON")

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """All that statements go through, for whoever listens."""
        return self.engine, self._alone

    def learn_sizes(self, *models: type[Row]) -> None:
        """Has PostgreSQL look how large these tables have become. It finds out by itself only minutes after a table was
        filled, and until then it goes through the whole of it for a row that an index would give. SQLite does without.
        """
        if self.is_sqlite:
            return
        names = ", ".join(f'"{model.__tablename__}"' for model in models)
        with self._writers.begin() as connection:
            connection.exec_driver_sql(f"ANALYZE {names}")

    def dispose(self) -> None:
        for engine in self.engines:
            engine.dispose()
        while self._idle:
            self._idle.pop().close()


@dataclass(slots=True)
class Watch:
    """How many statements were sent while it was on, and how many seconds they took."""

    statements: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.statements += 1
        self.seconds += seconds


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def watched(watch: Watch) -> Callable[[], None]:
    """Counts what this thread asks the databases from now on, until the answer is called. What ``Database.send`` sends
    for a launch is not counted."""
    token = _watch.set(watch)
    return lambda: _watch.reset(token)


def _count(engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def begin(_: object, __: object, ___: object, ____: object, context: Any, _____: object) -> None:
        if _watch.get() is not None:
            context.plc_began = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def end(_: object, __: object, ___: object, ____: object, context: Any, _____: object) -> None:
        if (watch := _watch.get()) is not None and hasattr(context, "plc_began"):
            watch.add(time.perf_counter() - context.plc_began)


class Prepared:
    """A statement that every launch or page sends: compiled once a dialect, then handed to the driver as it is.

    ``build`` gets the dialect's INSERT, which knows ``on_conflict_…``. ``given`` names the columns an INSERT or UPDATE
    is given values for, where the statement itself does not say. A row comes back as a named tuple.
    """

    def __init__(self, build: Callable[[Callable[..., Any]], Any], *, given: tuple[str, ...] | None = None) -> None:
        self._build = build
        self._given = given
        self._compiled: dict[str, _Compiled] = {}

    def compiled(self, dialect: Dialect) -> "_Compiled":
        """Raises ValueError for what only SQLAlchemy's own execution does: Python defaults and lists for IN."""
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = _compile(self._build(INSERTS[dialect.name]), dialect, self._given)
        return known


Send = Callable[[Prepared, Mapping[str, Any]], Any]
"""Sends a prepared statement inside a transaction; its first row, or None."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as its driver takes it. ``order`` is None where parameters go by name; ``writers`` and ``readers``
    turn our values into the driver's and back, ``fixed`` are those the statement brings along."""

    sql: str
    order: tuple[str, ...] | None
    fixed: Mapping[str, Any]
    writers: Mapping[str, Callable[[Any], Any]]
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]
    row: Callable[[Any], Any] | None

    def send(self, connection: Any, given: Mapping[str, Any]) -> Any:
        cursor = self._execute(connection, given)
        if self.row is None:
            return None
        rows = cursor.fetchall()  # all of them: SQLite commits behind the last
        return self._read(rows[0]) if rows else None

    def fetch(self, connection: Any, given: Mapping[str, Any]) -> list[Any]:
        return [self._read(row) for row in self._execute(connection, given)]

    def _execute(self, connection: Any, given: Mapping[str, Any]) -> Any:
        values = {**self.fixed, **given}
        for name, write in self.writers.items():
            values[name] = write(values[name])
        return connection.execute(self.sql, values if self.order is None else [values[name] for name in self.order])

    def _read(self, found: Any) -> Any:
        assert self.row is not None
        row = list(found)
        for place, read in self.readers:
            row[place] = read(row[place])
        return self.row(row)


def _compile(statement: Any, dialect: Dialect, given: tuple[str, ...] | None) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=given)
    unsendable = compiled.insert_prefetch or compiled.update_prefetch
    if unsendable or any(bind.expanding for bind in compiled.binds.values()):
        raise ValueError("a prepared statement is given every value by name, one by one")
    writers, fixed = {}, {}
    for name, bind in compiled.binds.items():
        write = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if not bind.required:
            fixed[name] = bind.effective_value if write is None else write(bind.effective_value)
        elif write is not None:
            writers[name] = write
    columns = list(getattr(statement, "exported_columns", ()))
    readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    found: Any = namedtuple("Found", " ".join(column.key for column in columns))  # type: ignore[misc]
    return _Compiled(
        sql=compiled.string,
        order=tuple(compiled.positiontup) if compiled.positional else None,
        fixed=fixed,
        writers=writers,
        readers=tuple((place, read) for place, read in enumerate(readers) if read is not None),
        row=found._make if columns else None,
    )


def fetch(connection: Connection, statement: Prepared, given: Mapping[str, Any]) -> list[Any]:
    """Every row of a prepared statement, as named tuples, inside the look or transaction of ``connection``.

    Building a select and finding its compiled form takes SQLAlchemy several times as long as most selects take the
    database; pages that everybody opens all day send theirs this way.
    """
    database: Database = connection.get_execution_options()["plc_database"]
    return database.fetched(connection.connection.driver_connection, statement, given)


def one_of(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """``column IN values`` as a prepared statement can say it: values that are known when it is built."""
    return or_(*(column == value for value in values))


def upsert(session: Session | Connection, table: Any) -> Any:
    """An INSERT that knows ``on_conflict_do_update``/``on_conflict_do_nothing`` on either database."""
    return INSERTS[dialect_of(session)](table)


def once(session: Session, model: Any, key: Sequence[str], **values: Any) -> tuple[UUID, bool]:
    """Inserts a row, or finds the one that is there with the same values in the columns of ``key``, which are unique
    together: its id, which is made here if none is given, and whether it is new. At most two statements.

    It keeps the promise that the same form sent twice is one thing. Whoever learns that theirs is not new writes
    nothing else and tells nobody.
    """
    insert = upsert(session, model).values({"id": new_id(), **values}).on_conflict_do_nothing(index_elements=key)
    stored = session.execute(insert.returning(model.id)).scalar_one_or_none()
    if stored is not None:
        return stored, True
    same = [getattr(model, name) == values[name] for name in key]
    return session.execute(select(model.id).where(*same)).scalar_one(), False


def table_of(model: type[Row]) -> Table:
    """The table behind a model: many rows at once go into it several times as fast as through the model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def dialect_of(session: Session | Connection) -> str:
    """``sqlite`` or ``postgresql``."""
    bind = session.get_bind() if isinstance(session, Session) else session
    return bind.dialect.name


INSERTS: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""Dialect → its INSERT, for statements that are built once for each database."""


LONGEST_WAIT = 30
"""Seconds a writer queues for SQLite's one write lock."""

LASTING, BRIEF = "FULL", "NORMAL"
"""How SQLite waits for the disk: an acknowledged post survives a power cut; of what is brief, the last may be lost."""

_ONE_LOOK = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""What SQLite's deferred transaction does by itself: every statement of a page sees the same moment."""


def _postgresql_engine(url: str) -> Engine:
    # compiling a statement to machine code takes longer than any of ours runs
    options = {"options": "-c jit=off"}
    return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=options)


def _engine_of_single_statements(url: str, *, is_sqlite: bool) -> Engine:
    """Every statement commits by itself. Nothing is left open, so nothing needs to be rolled back behind it."""
    if not is_sqlite:
        options = {"options": "-c synchronous_commit=off"}
        return create_engine(
            url, pool_pre_ping=True, hide_parameters=True, isolation_level="AUTOCOMMIT", connect_args=options
        )
    engine = create_engine(
        url,
        connect_args={"timeout": LONGEST_WAIT},
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
    )

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _: object) -> None:
        _prepare(dbapi_connection)
        dbapi_connection.execute(f"PRAGMA synchronous = {BRIEF}")

    return engine


def _prepare(connection: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (f"busy_timeout = {1000 * LONGEST_WAIT}", "foreign_keys = ON", "cache_size = -16000"):
        connection.execute(f"PRAGMA {pragma}")
    _turn_to_wal(connection)


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """Does nothing to a file that is in WAL mode already; a new file's change alone does not wait for other writers."""
    until = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _sqlite_engine(url: str) -> Engine:
    # parameters are people's names and words: an error must not carry them into a log
    engine = create_engine(url, connect_args={"timeout": LONGEST_WAIT}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _: object) -> None:
        _prepare(dbapi_connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        driver = connection.connection.driver_connection
        assert driver is not None
        if not options.get("plc_write"):
            driver.execute("BEGIN")
            return
        driver.execute(f"PRAGMA synchronous = {BRIEF if options.get('plc_brief') else LASTING}")
        driver.execute("BEGIN IMMEDIATE")

    return engine
