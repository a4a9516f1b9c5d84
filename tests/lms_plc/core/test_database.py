"""Does either database keep its promises: moments with a zone, queued writers, whole transactions, one look?"""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from lms_plc.core import database as core_database
from lms_plc.core.database import Database
from lms_plc.core.ids import new_id, new_reference
from lms_plc.people.models import Identity, Person
from lms_plc.sites.models import Site
from tests.conftest import AS_SHIPPED

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def database(house: Any) -> Database:
    return house.database  # type: ignore[no-any-return]


def add_person(database: Database, name: str, at: datetime = NOW) -> Any:
    with database.write() as session:
        session.execute(insert(Person).values(id=(person := new_id()), display_name=name, created_at=at))
    return person


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(Person.display_name).order_by(Person.id)).scalars())


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 22, 9, 0)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(StatementError, match="needs a time zone"):
        add_person(database, "Ana", naive)
    assert names(database) == []


def test_a_moment_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    add_person(database, "Ana", datetime(2026, 11, 22, 11, 30, tzinfo=timezone(timedelta(hours=5))))
    with database.read() as connection:
        came = connection.execute(select(Person.created_at)).scalar_one()
        assert connection.execute(select(Identity.first_launched_at)).scalar_one_or_none() is None
    assert came == datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    assert came.tzinfo is UTC


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    def fail(session: Any) -> None:
        session.execute(insert(Person).values(id=new_id(), display_name="Ana", created_at=NOW))
        session.execute(insert(Person).values(id=new_id(), display_name="Bo", created_at=NOW))
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError), database.write() as session:
        fail(session)
    assert names(database) == []
    add_person(database, "Cem")
    assert names(database) == ["Cem"]


def test_a_row_of_nobody_is_refused(database: Database) -> None:
    stray = insert(Identity).values(id=new_id(), site_id=new_id(), subject="1", person_id=new_id(), first_seen_at=NOW)
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(stray)
    person = add_person(database, "Ana")
    with database.write() as session:
        session.add(Site(id=(site := new_id()), name="s", url="https://s.example.org", created_at=NOW))
        session.flush()
        session.execute(stray.values(site_id=site, person_id=person))
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(delete(Person))


def test_an_error_does_not_quote_what_was_stored(database: Database) -> None:
    with pytest.raises(IntegrityError) as refused, database.write() as session:
        session.execute(
            insert(Identity).values(
                id=new_id(), site_id=new_id(), subject="canary", person_id=new_id(), first_seen_at=NOW
            )
        )
    assert "canary" not in str(refused.value)


def test_a_page_sees_one_moment(database: Database) -> None:
    add_person(database, "Ana")
    with database.read() as connection:
        before = connection.execute(select(func.count()).select_from(Person)).scalar_one()
        add_person(database, "Bo")
        after = connection.execute(select(func.count()).select_from(Person)).scalar_one()
    assert (before, after) == (1, 1)
    assert len(names(database)) == 2


def test_nothing_is_written_through_a_look(database: Database) -> None:
    if database.is_sqlite:
        with database.read() as connection:
            connection.execute(insert(Person).values(id=new_id(), display_name="Ana", created_at=NOW))
    else:
        with pytest.raises(Exception, match="read-only"), database.read() as connection:
            connection.execute(insert(Person).values(id=new_id(), display_name="Ana", created_at=NOW))
    assert names(database) == []


def test_a_statement_alone_is_as_atomic_and_as_visible(database: Database) -> None:
    row = insert(Person).values(id=new_id(), display_name="Ana", created_at=NOW)
    with database.alone() as connection:
        connection.execute(row)
    assert names(database) == ["Ana"]
    with pytest.raises(IntegrityError), database.alone() as connection:
        connection.execute(row)
    assert names(database) == ["Ana"]


def count_up(url: str, times: int) -> None:
    """Reads, thinks, writes: the transaction that SQLite's default BEGIN cannot queue."""
    database = Database(url)
    for _ in range(times):
        with database.write() as session:
            name = session.execute(select(Person.display_name).with_for_update()).scalar_one()
            session.execute(update(Person).values(display_name=str(int(name) + 1)))
    database.dispose()


def test_four_processes_that_read_and_then_write_wait_for_each_other(database: Database) -> None:
    add_person(database, "0")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=count_up, args=(database.url, 15)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert names(database) == ["60"]


def test_eight_threads_wait_for_each_other_too(database: Database) -> None:
    add_person(database, "0")

    def once(_: int) -> None:
        with database.write() as session:
            name = session.execute(select(Person.display_name).with_for_update()).scalar_one()
            session.execute(update(Person).values(display_name=str(int(name) + 1)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(once, range(40)))
    assert names(database) == ["40"]


def test_an_acknowledged_post_survives_a_power_cut(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, how in AS_SHIPPED.items():
        monkeypatch.setattr(core_database, name, how)
    if not database.is_sqlite:
        with database.write() as session:
            assert session.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        return
    with database.alone() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 1
    with database.write() as session:
        assert session.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_a_postgres_url_of_any_spelling_gets_our_driver() -> None:
    for url in ("postgresql://u:p@db.example.org/plc", "postgresql+psycopg://u:p@db.example.org/plc"):
        database = Database(url)
        assert database.url == "postgresql+psycopg://u:p@db.example.org/plc"
        assert not database.is_sqlite


def test_ids_are_ordered_in_time_and_references_can_be_read_out() -> None:
    ids = [new_id() for _ in range(2000)]
    assert ids == sorted(set(ids))
    references = {new_reference() for _ in range(200)}
    assert len(references) == 200
    assert not set("".join(references)) & set("01IO")
