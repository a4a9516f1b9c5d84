"""A statement that goes straight to the driver does what it would do on SQLAlchemy's way, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text, update

from lms_plc.core.database import Database, Prepared, Send
from lms_plc.core.ids import new_id
from lms_plc.people.models import Person
from lms_plc.sites.models import Course

NOW = datetime(2026, 7, 21, 10, tzinfo=UTC)
PERSON = ("id", "display_name", "created_at")

MEET = Prepared(
    lambda insert: insert(Person).on_conflict_do_nothing(index_elements=["id"]).returning(Person.id), given=PERSON
)
MAKE = Prepared(lambda insert: insert(Person), given=PERSON)
FIND = Prepared(
    lambda _: (
        select(Person.id, Person.locale, Person.created_at, (Person.display_name == "Ana").label("is_ana"))
        .where(Person.id == bindparam("person"))
        .limit(1)
    )
)
RENAME = Prepared(
    lambda _: update(Person).where(Person.id == bindparam("person")).values(display_name=bindparam("name"))
)


@pytest.fixture
def database(house: Any) -> Database:
    return house.database  # type: ignore[no-any-return]


def somebody(name: str = "Ana", **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "display_name": name, "created_at": NOW, **more}


def make_twice(send: Send, given: dict[str, Any]) -> None:
    send(MAKE, given)
    send(MAKE, given)


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(Person.display_name).order_by(Person.id)).scalars())


def test_ids_moments_and_truths_come_back_as_they_went(database: Database) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    ana = somebody(created_at=elsewhere)
    assert database.send(MAKE, ana) is None
    found = database.send(FIND, {"person": ana["id"]})
    assert found == (ana["id"], None, NOW, True)
    assert found.created_at.tzinfo is UTC
    assert database.send(FIND, {"person": new_id()}) is None


def test_a_moment_without_a_time_zone_is_refused_here_too(database: Database) -> None:
    with pytest.raises(ValueError, match="time zone"):
        database.send(MAKE, somebody(created_at=NOW.replace(tzinfo=None)))
    assert names(database) == []


def test_a_conflict_gives_no_row_and_an_error_leaves_nothing_behind(database: Database) -> None:
    ana = somebody()
    assert database.send(MEET, ana) == (ana["id"],)
    assert database.send(MEET, ana) is None
    with pytest.raises(Exception, match=r"(?i)unique"):
        database.send(MAKE, ana)
    database.send(RENAME, {"person": ana["id"], "name": "Ana B"})
    assert names(database) == ["Ana B"]


def test_what_is_sent_together_is_kept_or_taken_back_together(database: Database) -> None:
    with database.together() as send:
        send(MAKE, somebody("Ana"))
        send(MAKE, somebody("Ben"))
    assert names(database) == ["Ana", "Ben"]
    eva = somebody("Eva")
    with pytest.raises(Exception, match=r"(?i)unique"), database.together() as send:
        make_twice(send, eva)
    assert names(database) == ["Ana", "Ben"]


def test_inside_a_session_it_belongs_to_the_sessions_transaction(database: Database) -> None:
    ana = somebody()
    with database.write() as session:
        send = database.sending_in(session)
        send(MAKE, ana)
        assert send(FIND, {"person": ana["id"]}).is_ana
        assert database.send(FIND, {"person": ana["id"]}) is None  # nobody else sees it yet
        session.rollback()
    assert names(database) == []


def test_eight_threads_send_at_once_and_nothing_is_lost(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: database.send(MAKE, somebody()), range(400)))
    assert len(names(database)) == 400


def test_it_is_heard_by_whoever_counts(database: Database) -> None:
    heard: list[str] = []
    database.hear = heard.append
    database.send(MAKE, somebody())
    with database.together() as send:
        send(MEET, somebody())
    with database.write() as session:
        database.sending_in(session)(FIND, {"person": new_id()})
    assert [sql.split()[0] for sql in heard] == ["INSERT", "INSERT", "SELECT"]


def test_a_connection_that_broke_meanwhile_is_replaced(database: Database) -> None:
    if not database.is_sqlite:
        with database.alone() as connection:
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.read() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
    database.send(MAKE, somebody())
    database.dispose()
    database.send(MAKE, somebody("Ben"))
    assert names(database) == ["Ana", "Ben"]


def test_what_only_sqlalchemy_fills_in_is_refused_when_it_is_built(database: Database) -> None:
    listed = Prepared(lambda _: select(Person.id).where(Person.id.in_(bindparam("ids", expanding=True))))
    with pytest.raises(ValueError, match="by name"):
        database.send(listed, {"ids": [new_id()]})
    with_default = Prepared(lambda insert: insert(Course), given=("id", "site_id", "lms_id", "title", "created_at"))
    with pytest.raises(ValueError, match="by name"):
        database.send(with_default, {})
