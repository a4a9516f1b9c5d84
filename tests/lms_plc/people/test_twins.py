"""Is nothing lost when two persons become one, whatever room's rows they had, and nobody joined by accident?"""

import itertools
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Time,
    UniqueConstraint,
    Uuid,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Session

from lms_plc.attendance.models import Attendance
from lms_plc.communities.models import Membership
from lms_plc.core.activity import Event
from lms_plc.core.database import Moment
from lms_plc.core.ids import new_id
from lms_plc.core.policy import NotThere
from lms_plc.discussions.models import Draft, Reaction, ReadMark
from lms_plc.feedback.models import FeedbackAnswer
from lms_plc.migrations import METADATA
from lms_plc.minutes.models import MinutesAnswer
from lms_plc.moderation.models import ModerationCase
from lms_plc.people import twins
from lms_plc.people.kept import LABELS, columns
from lms_plc.people.models import Block, Identity, KeptApart, Person, Seat
from lms_plc.placing.models import Completion
from lms_plc.sites.models import Enrolment
from tests.conftest import NOW

WORDS = {
    "plc_membership": {"state": "active"},
    "plc_enrolment": {"state": "active"},
    "plc_completion": {"state": "told"},
    "plc_inquiry_person": {"state": "active", "part": "lead"},
}
POINTING = [(table.name, name) for table, name in columns()]


class Town:
    """Two persons to be joined, neighbours on both sides of their ids, and rows for whichever table."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.low, self.low_2, self.keep, self.other, self.high, self.high_2 = (new_id() for _ in range(6))
        for person in (self.low, self.low_2, self.keep, self.other, self.high, self.high_2):
            session.execute(insert(Person.__table__).values(id=person, display_name=f"Person {person}", created_at=NOW))
        self.number = itertools.count(1)
        self.parents: dict[tuple[str, int], dict[str, Any]] = {}

    def row(self, table: Table, n: int, **given: Any) -> dict[str, Any]:
        """A row of the table that hangs on the ``n``-th rows of the tables it needs."""
        values = dict(given)
        for column in table.columns:
            if column.name in values or (column.default is not None and column.name != "state") or column.nullable:
                continue
            values[column.name] = self.value(table, column, n)
        self.session.execute(insert(table).values(values))
        return values

    def value(self, table: Table, column: Column[Any], n: int) -> Any:
        for key in column.foreign_keys:
            target = key.column.table
            if target is Person.__table__ or _is_one_of_one(table, column):
                return self.row(target, n)[key.column.name]
            return self.parent(target, n)[key.column.name]
        if column.name in WORDS.get(table.name, {}):
            return WORDS[table.name][column.name]
        kind = column.type
        if isinstance(kind, Uuid):
            return new_id()
        if isinstance(kind, Moment | DateTime):
            return NOW
        if isinstance(kind, String):
            return f"{next(self.number):04}"
        if isinstance(kind, BigInteger):  # a number by which a row is known
            return next(self.number)
        days = {Date: NOW.date(), Time: NOW.time()}
        return {Integer: 1, Boolean: False, JSON: {}, LargeBinary: b"sealed", **days}[type(kind)]

    def parent(self, table: Table, n: int) -> dict[str, Any]:
        if (table.name, n) not in self.parents:
            self.parents[table.name, n] = self.row(table, n)
        return self.parents[table.name, n]

    def beside(self, table: Table, name: str) -> list[str]:
        sets = (one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint))
        return next((sorted(c.name for c in one.columns if c.name != name) for one in sets if name in one.columns), [])

    def alone(self, table: Table, name: str) -> bool:
        """Whether a person has one row of the table, for no thing besides themselves."""
        return [] in twins._unique_beside(table, name)

    def three_rows(self, table: Table, name: str) -> None:
        """One of ``keep``; one of ``other`` for the same thing; one of ``other`` for another thing, if there can be."""
        same = {column: self.shared(table, table.c[column], 1) for column in self.beside(table, name)}
        different = {column: self.shared(table, table.c[column], 2) for column in self.beside(table, name)}
        self.row(table, 1, **same, **{name: self.keep})
        self.row(table, 2, **same, **{name: self.other})
        if not self.alone(table, name):
            self.row(table, 3, **different, **{name: self.other})

    def shared(self, table: Table, column: Column[Any], n: int) -> Any:
        if table is KeptApart.__table__:
            sides = {"other_id": (self.high, self.high_2), "person_id": (self.low, self.low_2)}
            return sides[column.name][n - 1]
        return self.value(table, column, n)


def _is_one_of_one(table: Table, column: Column[Any]) -> bool:
    """Whether what this column points at can have no second such row."""
    alone = [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
    return [column] in alone


def rows(session: Session, table: Table) -> list[dict[str, Any]]:
    """All of them, but for what the log says of the keys of this tool, made before anybody came."""
    session.flush()
    found = [dict(row._mapping) for row in session.execute(select(table))]
    return [row for row in found if row.get("verb") != "keys.changed"]


@pytest.mark.parametrize(("table_name", "name"), POINTING, ids=lambda one: one)
def test_no_row_is_lost_in_any_column_that_points_at_a_person(house: Any, table_name: str, name: str) -> None:
    table = METADATA.tables[table_name]
    with house.database.write() as session:
        town = Town(session)
        town.three_rows(table, name)
        before = rows(session, table)
        twins.join(session, town.keep, town.other, NOW, via="cli")
        after = [row for row in rows(session, table) if row.get("verb") != "person.joined"]
        beside = town.beside(table, name)
        if table is Seat.__table__:
            assert [row[name] for row in after] == [town.keep], "the other's sittings end"
            return
        assert {row[name] for row in after} <= {town.keep, town.low, town.low_2, town.high, town.high_2}
        if town.alone(table, name):
            assert len(after) == 1
            return
        both_stay = not beside or table_name in twins._BOTH_STAY
        assert len(after) == (3 if both_stay else 2)
        if beside and not both_stay and table_name != "plc_kept_apart":
            things = {tuple(row[column] for column in beside) for row in before}
            assert {tuple(row[column] for column in beside) for row in after} == things
            [moved] = [row for row in before if tuple(row[c] for c in beside) == _of_two(before, beside, town, name)]
            assert {**moved, name: town.keep} in after, "what only the other had is as it was"


def _of_two(before: list[dict[str, Any]], beside: list[str], town: Town, name: str) -> tuple[Any, ...]:
    mine = {tuple(row[column] for column in beside) for row in before if row[name] == town.keep}
    [different] = {tuple(row[column] for column in beside) for row in before if row[name] == town.other} - mine
    return different


def test_nothing_points_at_somebody_who_is_not_there_when_all_had_rows_at_once(house: Any) -> None:
    with house.database.write() as session:
        town = Town(session)
        for table, name in columns():
            town.three_rows(table, name)
        counts = {table.name: len(rows(session, table)) for table, _ in columns()}
        twins.join(session, town.keep, town.other, NOW, via="cli")
        pointing = {
            f"{table.name}.{name}": session.execute(
                select(func.count()).select_from(table).where(table.c[name] == town.other)
            ).scalar_one()
            for table, name in columns()
        }
        assert pointing == dict.fromkeys(pointing, 0)
        assert session.execute(select(Person.id).where(Person.id == town.other)).one_or_none() is None
        now = {table.name: len(rows(session, table)) for table, _ in columns()}
        one_of_two = Counter(
            table.name
            for table, name in columns()
            if table.name in twins._ONE_STAYS and twins._unique_beside(table, name)
        )
        for name in counts.keys() - {"plc_seat", "plc_kept_apart", "plc_event"}:
            assert now[name] == counts[name] - one_of_two[name], name
        assert (now["plc_seat"], now["plc_kept_apart"]) == (counts["plc_seat"] - 2, counts["plc_kept_apart"] - 2)
        assert now["plc_event"] == counts["plc_event"] + 1, "one event"
        if house.database.is_sqlite:
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []


def test_every_table_where_only_one_row_can_stay_has_its_rule() -> None:
    unique = {
        table.name
        for table, name in columns()
        if twins._unique_beside(table, name) and table.name not in ("plc_seat", "plc_kept_apart")
    }
    assert unique == {*twins._ONE_STAYS, *twins._BOTH_STAY}


def test_what_moves_is_said_in_words_for_every_column() -> None:
    assert twins.MOVES.keys() == LABELS.keys()
    assert len(set(twins.MOVES.values())) == len(twins.MOVES)


@pytest.fixture
def town(house: Any) -> Any:
    """Opened in a transaction that the test writes in."""
    with house.database.write() as session:
        yield Town(session)


def joined(town: Town, model: Any, mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """What is left of two rows for the same thing."""
    table = model.__table__
    beside = {column: town.shared(table, table.c[column], 1) for column in town.beside(table, "person_id")}
    town.row(table, 1, **beside, **{"person_id": town.keep, **mine})
    town.row(table, 1, **beside, **{"person_id": town.other, **theirs})
    twins.join(town.session, town.keep, town.other, NOW, via="cli")
    [left] = rows(town.session, table)
    return left


EARLIER, LATER = NOW - timedelta(days=2), NOW + timedelta(days=2)


class TestOfTwoInOneMeeting:
    @pytest.mark.parametrize(
        ("mine", "theirs", "status"),
        [("absent", "present", "present"), ("late", "excused", "late"), ("excused", "absent", "excused")],
    )
    def test_whoever_was_there_by_either_was_there(self, town: Town, mine: str, theirs: str, status: str) -> None:
        left = joined(town, Attendance, {"status": mine, "at": LATER}, {"status": theirs, "at": EARLIER})
        assert left["status"] == status

    def test_what_was_said_last_of_the_minutes_stands(self, town: Town) -> None:
        mine, theirs = {"answer": "right", "at": EARLIER}, {"answer": "wrong", "at": LATER}
        assert joined(town, MinutesAnswer, mine, theirs)["answer"] == "wrong"


class TestOfTwoMemberships:
    @pytest.mark.parametrize(
        ("mine", "theirs", "state"),
        [("active", "paused", "active"), ("left", "active", "active"), ("left", "paused", "paused")],
    )
    def test_the_better_state_counts(self, town: Town, mine: str, theirs: str, state: str) -> None:
        left = joined(town, Membership, {"state": mine}, {"state": theirs, "joined_at": EARLIER})
        assert (left["state"], left["joined_at"]) == (state, EARLIER)

    def test_why_and_since_when_go_with_the_state(self, town: Town) -> None:
        left = joined(
            town,
            Membership,
            {"state": "left", "left_at": NOW, "source": "launch"},
            {"state": "paused", "paused_at": EARLIER, "reason": "enrolment_gone", "source": "sync"},
        )
        assert (left["paused_at"], left["left_at"], left["reason"], left["source"]) == (
            *(EARLIER, None),
            *("enrolment_gone", "sync"),
        )

    def test_whoever_left_on_their_own_by_either_is_not_fetched_back(self, town: Town) -> None:
        left = joined(
            town,
            Membership,
            {"state": "left", "left_at": NOW, "reason": "enrolment_gone"},
            {"state": "left", "left_at": EARLIER, "reason": None},
        )
        assert (left["reason"], left["left_at"]) == (None, EARLIER)

    def test_the_log_of_both_is_the_log_of_the_one_that_stays(self, town: Town) -> None:
        mine, theirs = new_id(), new_id()
        for membership, person in ((mine, town.keep), (theirs, town.other)):
            town.row(
                *(Event.__table__, 1),
                **{"thing_kind": "membership", "thing_id": membership, "facts": {"person_id": str(person)}},
            )
        left = joined(town, Membership, {"id": mine}, {"id": theirs})
        told = [row for row in rows(town.session, Event.__table__) if row["thing_kind"] == "membership"]  # type: ignore[arg-type]
        assert {row["thing_id"] for row in told} == {left["id"]}
        assert {row["facts"]["person_id"] for row in told} == {str(town.keep)}


class TestOfTwoEnrolments:
    def test_the_better_word_counts_and_a_roster_vouches_for_both(self, town: Town) -> None:
        left = joined(
            town,
            Enrolment,
            {"state": "gone", "from_sync": True, "lms_roles": []},
            {"state": "active", "launch_roles": [{"name": "Learner"}]},
        )
        assert (left["state"], left["from_sync"], left["launch_roles"]) == ("active", True, [{"name": "Learner"}])

    def test_an_absence_of_one_of_them_is_none(self, town: Town) -> None:
        missing = {"from_sync": True, "missing_since": EARLIER}
        assert joined(town, Enrolment, missing, {"from_sync": True})["missing_since"] is None

    def test_an_absence_of_both_counts_from_the_later_one(self, town: Town) -> None:
        left = joined(town, Enrolment, {"missing_since": EARLIER}, {"missing_since": NOW})
        assert left["missing_since"] == NOW


class TestOfTwoOfOtherThings:
    def test_done_by_either_is_done_and_what_was_told_only_grows(self, town: Town) -> None:
        left = joined(town, Completion, {"done": False, "told_at": LATER}, {"done": True, "told_at": EARLIER})
        assert (left["done"], left["told_at"]) == (True, LATER)

    def test_the_further_mark_counts(self, town: Town) -> None:
        post, later = new_id(), new_id()
        assert joined(town, ReadMark, {"last_post_id": post}, {"last_post_id": later})["last_post_id"] == later

    def test_no_word_of_a_draft_is_lost(self, town: Town) -> None:
        left = joined(
            town,
            Draft,
            {"body": "Mine", "title": "", "changed_at": EARLIER},
            {"body": "Theirs", "title": "T", "changed_at": NOW},
        )
        assert (left["body"], left["title"], left["changed_at"]) == ("Theirs\n\nMine", "T", NOW)

    def test_the_same_reaction_counts_once(self, town: Town) -> None:
        assert joined(town, Reaction, {}, {})["person_id"] == town.keep


class TestTheOneThatStays:
    def known(self, town: Town, person: UUID, **more: Any) -> None:
        town.row(Identity.__table__, 1, person_id=person, **more)  # type: ignore[arg-type]

    def named(self, town: Town) -> str:
        query = select(Person.display_name).where(Person.id == town.keep)
        return town.session.execute(query).scalar_one()

    def test_is_called_as_the_lms_says_that_knew_them_first(self, town: Town) -> None:
        self.known(town, town.other)
        self.known(town, town.keep)
        twins.join(town.session, town.keep, town.other, NOW, via="cli")
        assert self.named(town) == f"Person {town.other}"

    def test_has_the_name_of_the_other_where_the_first_had_only_a_number(self, town: Town) -> None:
        self.known(town, town.keep, subject="7")
        self.known(town, town.other)
        town.session.execute(Person.__table__.update().where(Person.id == town.keep).values(display_name="#7"))  # type: ignore[attr-defined]
        twins.join(town.session, town.keep, town.other, NOW, via="cli")
        assert self.named(town) == f"Person {town.other}"

    def test_has_both_accounts_and_one_event_says_so(self, town: Town) -> None:
        self.known(town, town.keep, subject="1")
        self.known(town, town.other, subject="2")
        twins.join(town.session, town.keep, town.other, NOW, via="desk")
        accounts = [(row["subject"], row["person_id"]) for row in rows(town.session, Identity.__table__)]  # type: ignore[arg-type]
        assert sorted(accounts) == [("1", town.keep), ("2", town.keep)]
        [event] = rows(town.session, Event.__table__)  # type: ignore[arg-type]
        assert (event["verb"], event["thing_id"], event["via"]) == ("person.joined", town.keep, "desk")
        assert event["facts"] == {"other_id": str(town.other)}


class TestBetweenTheTwo:
    def test_nobody_is_to_themselves_what_one_was_to_the_other(self, town: Town) -> None:
        for person, other in ((town.keep, town.other), (town.other, town.keep), (town.other, town.high)):
            town.row(Block.__table__, 1, person_id=person, blocked_id=other)  # type: ignore[arg-type]
        twins.join(town.session, town.keep, town.other, NOW, via="cli")
        left = [(row["person_id"], row["blocked_id"]) for row in rows(town.session, Block.__table__)]  # type: ignore[arg-type]
        assert left == [(town.keep, town.high)]


class TestKeepingApart:
    def test_is_noted_once_whichever_comes_first(self, town: Town) -> None:
        assert twins.keep_apart(town.session, town.other, town.keep, NOW, via="desk")
        assert not twins.keep_apart(town.session, town.keep, town.other, LATER, via="desk")
        [note] = rows(town.session, KeptApart.__table__)  # type: ignore[arg-type]
        assert (note["person_id"], note["other_id"], note["at"]) == (town.keep, town.other, NOW)
        assert [row["verb"] for row in rows(town.session, Event.__table__)] == ["person.kept_apart"]  # type: ignore[arg-type]

    def test_two_who_were_kept_apart_can_be_joined_all_the_same(self, town: Town) -> None:
        twins.keep_apart(town.session, town.other, town.keep, NOW, via="desk")
        twins.join(town.session, town.keep, town.other, NOW, via="desk")
        assert rows(town.session, KeptApart.__table__) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("verb", [twins.join, twins.keep_apart])
def test_one_person_is_no_pair_and_nobody_is_joined_with_nobody(town: Town, verb: Any) -> None:
    with pytest.raises(ValueError, match="no pair"):
        verb(town.session, town.keep, town.keep, NOW, via="cli")
    with pytest.raises(NotThere):
        verb(town.session, town.keep, new_id(), NOW, via="cli")


def test_what_would_move_is_counted_before(house: Any) -> None:
    with house.database.write() as session:
        town = Town(session)
        for table, name in columns():
            town.three_rows(table, name)
        other = town.other
    with house.database.read() as connection:
        told = {one.label: one.count for one in twins.moves(connection, other)}
    alone = {twins.MOVES[f"{table.name}.{name}"] for table, name in columns() if town.alone(table, name)}
    assert told == {label: 1 if label in alone else 2 for label in twins.MOVES.values()}


def test_what_was_hidden_of_one_stays_hidden_and_its_case_decides_about_the_row_that_is_left(town: Town) -> None:
    table, case = FeedbackAnswer.__table__, ModerationCase.__table__
    request = town.shared(table, table.c.request_id, 1)
    words = {"saw": "Chaos.", "asks": "", "idea": ""}
    mine = town.row(table, 1, request_id=request, person_id=town.keep, **words, hidden_at=None)
    theirs = town.row(table, 1, request_id=request, person_id=town.other, **words, hidden_at=EARLIER)
    town.row(case, 1, thing_kind="feedback_answer", thing_id=theirs["id"], author_id=town.other)
    twins.join(town.session, town.keep, town.other, NOW, via="cli")
    [left] = rows(town.session, table)
    assert (left["id"], left["hidden_at"]) == (mine["id"], EARLIER)
    assert [row["thing_id"] for row in rows(town.session, case)] == [mine["id"]]
