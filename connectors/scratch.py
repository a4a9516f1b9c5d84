"""How is a roster sorted that comes in any order and may be larger than memory?

SQLite sorts it in a private file of its own, which has no name and is gone with the connection. Nothing is kept here:
a source fills it, walks through it once and drops it.
"""

import json
import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from connectors.errors import N_, BadAnswer, ConnectorError, NotFound
from connectors.roster import Category, Course, Enrolment, Group, Person
from connectors.source import Page

PAGE_SIZE = 500

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE person (
    id TEXT PRIMARY KEY, name TEXT, post_type TEXT, id_number TEXT, suspended INT, gone INT, modified TEXT
) WITHOUT ROWID;
CREATE TABLE course (
    id TEXT PRIMARY KEY, width INT, short_name TEXT, title TEXT, visible INT, id_number TEXT, category_id TEXT
) WITHOUT ROWID;
CREATE TABLE enrolment (
    id TEXT PRIMARY KEY, course_id TEXT, width INT, person_id TEXT, role TEXT, suspended INT, gone INT, modified TEXT
) WITHOUT ROWID;
CREATE TABLE category (id TEXT PRIMARY KEY, width INT, name TEXT, parent_id TEXT) WITHOUT ROWID;
CREATE INDEX enrolment_order ON enrolment (course_id, width, person_id);
CREATE TABLE member (course_id TEXT, name TEXT, width INT, person_id TEXT,
    PRIMARY KEY (course_id, name, width, person_id)) WITHOUT ROWID;
"""

_PAGE = """
SELECT e.width, e.person_id, p.id, p.name, p.post_type, p.id_number,
       min(e.suspended OR coalesce(p.suspended, 0)),
       json_group_array(DISTINCT e.role) FILTER (WHERE NOT e.suspended AND e.role <> ''),
       json_group_array(DISTINCT e.role) FILTER (WHERE e.role <> ''),
       min(e.suspended)
FROM enrolment e LEFT JOIN person p ON p.id = e.person_id
WHERE e.course_id = ? AND NOT e.gone AND NOT coalesce(p.gone, 0) AND (e.width, e.person_id) > (?, ?)
GROUP BY e.width, e.person_id ORDER BY e.width, e.person_id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a walk stands: `given` people came so far, the last with the id `after`; a fingerprint of all their ids."""

    given: int = 0
    fingerprint: int = 0
    after: str = ""

    @classmethod
    def read(cls, text: str) -> "Position":
        """The position that `text` says; raises ValueError if it says none."""
        given, _, rest = text.partition(":")
        fingerprint, colon, after = rest.partition(":")
        if not colon or not all(number.isascii() and number.isdigit() for number in (given, fingerprint)):
            raise ValueError("not a position of a walk through enrolments")
        return cls(int(given), int(fingerprint), after)

    def __str__(self) -> str:
        return f"{self.given}:{self.fingerprint}:{self.after}"


class Scratch:
    """Courses, people and enrolments on the way from a source to its pages.

    Ids are put in order by length, then by character: numbers count up, and every other kind of id has an order too.
    """

    def __init__(self) -> None:
        # The walk may be handed to another thread; SQLite serialises the calls itself.
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._rows.close)
        self._rows.executescript(_TABLES)
        # One transaction that never ends: nothing here has to outlive the connection.
        self._rows.execute("BEGIN")

    def __repr__(self) -> str:
        return "Scratch()"

    def close(self) -> None:
        """Drop everything."""
        self._rows.close()

    def forget(self) -> None:
        """Empty it, to be filled again."""
        for table in ("seen", "person", "course", "enrolment", "member", "category"):
            self._rows.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above

    def sees(self, record_id: str) -> bool:
        """Note the id of a record of the other side; True if it is new."""
        return self._rows.execute("INSERT OR IGNORE INTO seen VALUES (?)", (record_id,)).rowcount == 1

    def seen(self) -> tuple[int, int]:
        """How many different records came, and a fingerprint of their ids."""
        ids = (row[0] for row in self._rows.execute("SELECT id FROM seen"))
        count = self._rows.execute("SELECT count(*) FROM seen").fetchone()[0]
        return count, fingerprint(ids)

    def add_person(self, person: Person, *, suspended: bool = False, gone: bool = False, modified: str = "") -> None:
        """Add somebody, or replace what is known of them by something not older (`modified` sorts as text)."""
        self._rows.execute(
            "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
            " post_type = excluded.post_type, id_number = excluded.id_number, suspended = excluded.suspended,"
            " gone = excluded.gone, modified = excluded.modified WHERE excluded.modified >= modified",
            (person.id, person.name, person.post_type, person.id_number, suspended, gone, modified),
        )

    def person(self, person_id: str) -> Person | None:
        """Somebody added before, and not gone."""
        row = self._rows.execute(
            "SELECT id, name, post_type, id_number FROM person WHERE id = ? AND NOT gone", (person_id,)
        ).fetchone()
        return None if row is None else Person(*row)

    def people(self, ids: Iterable[str]) -> Iterator[Person]:
        """Those of these ids who were added before, each once."""
        return (person for person in map(self.person, dict.fromkeys(ids)) if person is not None)

    def add_course(self, course: Course) -> None:
        """Add a course; one with the same id stays as it was."""
        self._rows.execute(
            "INSERT OR IGNORE INTO course VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                course.id,
                len(course.id),
                course.short_name,
                course.title,
                course.visible,
                course.id_number,
                course.category_id,
            ),
        )

    def course(self, course_id: str) -> Course | None:
        """A course added before."""
        return next(self._courses("WHERE id = ?", course_id), None)

    def courses(self) -> Iterator[Course]:
        """Every course in the order of ids, read by pages of keys."""
        width, after = 0, ""
        while page := list(
            self._courses("WHERE (width, id) > (?, ?) ORDER BY width, id LIMIT ?", width, after, PAGE_SIZE)
        ):
            yield from page
            width, after = len(page[-1].id), page[-1].id

    def _courses(self, where: str, *values: object) -> Iterator[Course]:
        rows = self._rows.execute(
            f"SELECT id, short_name, title, visible, id_number, category_id FROM course {where}",  # noqa: S608
            values,
        )
        return (
            Course(one, short, title, bool(seen), number, category)
            for one, short, title, seen, number, category in rows.fetchall()
        )

    def add_category(self, category: Category) -> None:
        """Add a category; one with the same id stays as it was."""
        self._rows.execute(
            "INSERT OR IGNORE INTO category VALUES (?, ?, ?, ?)",
            (category.id, len(category.id), category.name, category.parent_id),
        )

    def categories(self) -> Iterator[Category]:
        """Every category in the order of ids."""
        rows = self._rows.execute("SELECT id, name, parent_id FROM category ORDER BY width, id")
        for row in rows:
            yield Category(*row)

    def add_enrolment(
        self,
        enrolment_id: str,
        course_id: str,
        person_id: str,
        role: str,
        *,
        suspended: bool,
        gone: bool = False,
        modified: str = "",
    ) -> None:
        """Add one enrolment, or replace one with the same id by one that is not older. '' is no role."""
        self._rows.execute(
            "INSERT INTO enrolment VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " course_id = excluded.course_id, width = excluded.width, person_id = excluded.person_id,"
            " role = excluded.role, suspended = excluded.suspended, gone = excluded.gone, modified = excluded.modified"
            " WHERE excluded.modified >= modified",
            (enrolment_id, course_id, len(person_id), person_id, role, suspended, gone, modified),
        )

    def nameless(self) -> Iterator[str]:
        """The ids of people enrolled but never added."""
        rows = self._rows.execute(
            "SELECT DISTINCT person_id FROM enrolment e WHERE NOT gone"
            " AND NOT EXISTS (SELECT 1 FROM person p WHERE p.id = e.person_id)"
        )
        return (row[0] for row in rows.fetchall())

    def add_member(self, course_id: str, group: str, person_id: str) -> None:
        """Put somebody into a group of a course."""
        self._rows.execute(
            "INSERT OR IGNORE INTO member VALUES (?, ?, ?, ?)", (course_id, group, len(person_id), person_id)
        )

    def groups(self, course_id: str) -> Iterator[Group]:
        """The groups of a course, by name."""
        names = self._rows.execute("SELECT DISTINCT name FROM member WHERE course_id = ? ORDER BY name", (course_id,))
        for (name,) in names.fetchall():
            members = self._rows.execute(
                "SELECT person_id FROM member WHERE course_id = ? AND name = ? ORDER BY width, person_id",
                (course_id, name),
            )
            yield Group(f"{course_id}/{name}", course_id, name, tuple(row[0] for row in members))

    def pages(
        self, course_id: str, start: str | None, size: int = PAGE_SIZE, flaw: ConnectorError | None = None
    ) -> Iterator[Page]:
        """The enrolments of a course, each person once; see `RosterSource.enrolment_pages`.

        A walk resumed after people before its position came or went begins anew, because whoever came would be missed.
        `flaw` is raised where the end would be: what is missing here is then no absence.

        Raises `BadAnswer` for somebody enrolled whom the source does not know.
        """
        at = Position() if start is None else Position.read(start)
        if (at.given, at.fingerprint) != self._until(course_id, at.after):
            at = Position()
        while True:
            rows = self._rows.execute(_PAGE, (course_id, len(at.after), at.after, size + 1)).fetchall()
            people = [_enrolment(course_id, row) for row in rows[:size]]
            at = Position(
                at.given + len(people),
                fingerprint((row.person.id for row in people), at.fingerprint),
                people[-1].person.id if people else at.after,
            )
            more = len(rows) > size
            if people or flaw is None:
                yield Page(tuple(people), str(at) if more or flaw else None)
            if not more:
                break
        if flaw is not None:
            raise flaw

    def _until(self, course_id: str, after: str) -> tuple[int, int]:
        rows = self._rows.execute(
            "SELECT DISTINCT e.width, e.person_id FROM enrolment e LEFT JOIN person p ON p.id = e.person_id"
            " WHERE e.course_id = ? AND NOT e.gone AND NOT coalesce(p.gone, 0)"
            " AND (e.width, e.person_id) <= (?, ?)",
            (course_id, len(after), after),
        )
        count = mark = 0
        for _, person_id in rows:
            count, mark = count + 1, fingerprint((person_id,), mark)
        return count, mark


def _enrolment(course_id: str, row: tuple) -> Enrolment:
    _, person_id, known, name, post_type, id_number, suspended, active_roles, roles, only_suspended = row
    if known is None:
        raise dangling()
    kept = roles if only_suspended else active_roles
    person = Person(person_id, name, post_type, id_number)
    return Enrolment(course_id, person, tuple(sorted(json.loads(kept))), bool(suspended))


def fingerprint(ids: Iterable[str], before: int = 0) -> int:
    """64 bits that depend on the set of ids and not on their order, so that pages can be added one by one."""
    marks = (int.from_bytes(blake2b(one.encode(), digest_size=8).digest()) for one in ids)
    return (before + sum(marks)) % 2**64


def unknown_course() -> NotFound:
    """There is no such course here."""
    return NotFound(
        N_("The course is not there, or no longer."), N_("The next reading leaves it out."), code="no_course"
    )


def dangling() -> BadAnswer:
    """Somebody is enrolled who is nowhere described."""
    return BadAnswer(
        N_("Somebody is enrolled whom the list of people does not know."),
        N_("Export or publish people and enrolments together, then try again."),
        code="dangling",
    )
