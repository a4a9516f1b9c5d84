"""How does a table of people give a roster?

A row is one person in one course or community. People are told apart by their id alone: an e-mail address may be shared
by two persons, so it is neither asked for nor kept. Every row that cannot be used is listed with its line and the
reason, all at once; the others are given. But a walk over a table with bad rows does not end, it raises: somebody whose
row is bad is not absent. `leave_out_bad_rows` says that a person has seen the list and wants it so. For a second try,
`rows` gives the whole table back, the good rows and those to be mended told apart.
"""

import sqlite3
import unicodedata
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.csv_files.headings import COLUMN_OF, folded, is_russian, is_suspended, post_type_of
from connectors.csv_files.tables import Row, read_table
from connectors.errors import N_, BadAnswer, Unavailable
from connectors.roster import Category, Cohort, Course, Group, Grouping, Person, Site
from connectors.scratch import PAGE_SIZE, Scratch, unknown_course
from connectors.source import Page, Probe
from connectors.transport import Transport

LONGEST_CELL = 1000
"""Characters of an id, a name or a title."""

REASONS: dict[str, str] = {
    "quotes": N_("A quotation mark is opened or closed in the wrong place."),
    "line_break": N_("A line breaks inside of a cell; perhaps a quotation mark is missing."),
    "cells": N_("The row has more cells than there are headings."),
    "no_id": N_("There is no id."),
    "no_name": N_("There is no name."),
    "no_course": N_("There is no course or community."),
    "post": N_("The post is none of: teacher, support service, leader, teacher educator, official, other."),
    "status": N_("The status is neither active nor suspended."),
    "formula": N_("A cell begins like a formula."),
    "control": N_("A cell holds characters that cannot be shown."),
    "too_long": N_("A cell is longer than 1000 characters."),
    "other_name": N_("Somebody with another name already has this id."),
    "other_post": N_("The same person already has another post."),
    "other_number": N_("The same person already has another ID number."),
}
"""Why a row cannot be used → the sentence for it (a message id)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was left out: its lines, counted from 1, and a key of `REASONS`. Never what stands in it."""

    line: int
    last_line: int
    reason: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as it stands: its line, its cells, and a key of `REASONS` if it cannot be used.

    The cells hold names, so they stay out of the repr; there are none where a row cannot be told apart.
    """

    line: int
    cells: tuple[str, ...] = field(repr=False)
    reason: str | None


def open_csv(url: str, token: str, transport: Transport) -> "CsvSource":
    """A source for a `file:` address, with `?encoding=windows-1251` where the file is not in Unicode.

    Raises `Unavailable` for another address.
    """
    parts = urlsplit(url)
    encodings = parse_qs(parts.query).get("encoding", [None])
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not parts.path:
        raise Unavailable(
            N_("This is not the address of a file."),
            N_("Enter file:// and the whole path of the table, as in file:///home/me/people.csv."),
            code="bad_address",
        )
    return CsvSource(Path(unquote(parts.path)), encodings[0])


class CsvSource:
    """A `RosterSource` over one table. The file is read once, when first asked."""

    def __init__(
        self, path: Path, encoding: str | None = None, *, leave_out_bad_rows: bool = False, page_size: int = PAGE_SIZE
    ) -> None:
        self._path = path
        self._encoding = encoding
        self._leave_out = leave_out_bad_rows
        self._page_size = page_size
        self._loaded: _Import | None = None

    def __repr__(self) -> str:
        return f"CsvSource({self._path.name!r})"

    def site(self) -> Site:
        """See `RosterSource`; the name is the file's."""
        self._read()
        return Site(url=f"file:{self._path.name}", name=self._path.name, release="CSV", user_id="")

    def courses(self) -> Iterator[Course]:
        """See `RosterSource`. Raises `BadAnswer` after the last one if rows are bad."""
        loaded = self._read()
        yield from loaded.scratch.courses()
        if (flaw := self._flaw(loaded)) is not None:
            raise flaw

    def course(self, course_id: str) -> Course | None:
        """See `RosterSource`."""
        return self._read().scratch.course(course_id)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        """See `RosterSource`. Raises `BadAnswer` in place of the end if rows are bad."""
        loaded = self._read()
        flaw = self._flaw(loaded)
        if loaded.scratch.course(course_id) is None:
            raise flaw or unknown_course()
        yield from loaded.scratch.pages(course_id, start, self._page_size, flaw)

    def groups(self, course_id: str) -> Iterator[Group]:
        """See `RosterSource`."""
        loaded = self._read()
        if loaded.scratch.course(course_id) is None:
            raise self._flaw(loaded) or unknown_course()
        yield from loaded.scratch.groups(course_id)
        if (flaw := self._flaw(loaded)) is not None:
            raise flaw

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        """See `RosterSource`; a table has none."""
        loaded = self._read()
        if loaded.scratch.course(course_id) is None:
            raise self._flaw(loaded) or unknown_course()
        yield from ()

    def cohorts(self) -> Iterator[Cohort]:
        """See `RosterSource`; a table has none."""
        return iter(())

    def categories(self) -> Iterator[Category]:
        """See `RosterSource`; a table has none."""
        return iter(())

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        """See `RosterSource`. Somebody of whom every row is bad is unknown."""
        return self._read().scratch.people(ids)

    def probe(self) -> Probe:
        """See `RosterSource`."""
        flaw = self._flaw(self._read())
        return Probe(self.site(), (), () if flaw is None else (flaw,), ())

    def problems(self) -> Iterator[Problem]:
        """Every row that cannot be used, in the order of lines."""
        loaded = self._read()
        for row in loaded.problems.execute("SELECT line, last_line, reason FROM problem ORDER BY line"):
            yield Problem(*row)

    def rows(self) -> Iterator[TableRow]:
        """The table as it stands, headings first, read anew: to be written into a file of good rows and one to mend.

        Raises `BadAnswer` for what is no such table.
        """
        return self._rows(_Import())

    def without_bad_rows(self) -> "CsvSource":
        """The same table, of which somebody has seen the bad rows and leaves them out."""
        return CsvSource(self._path, self._encoding, leave_out_bad_rows=True, page_size=self._page_size)

    def _read(self) -> "_Import":
        if self._loaded is None:
            loaded = _Import()
            for _ in self._rows(loaded):
                pass
            self._loaded = loaded
        return self._loaded

    def _rows(self, into: "_Import") -> Iterator[TableRow]:
        missing = False
        try:
            with self._path.open("rb") as file:
                yield from into.read(file, self._encoding)
        except OSError:
            missing = True
        # Outside of the except block: the system's error holds the whole path.
        if missing:
            raise Unavailable(
                N_("The file cannot be opened."), N_("Check its path and who may read it."), code="no_file"
            )

    def _flaw(self, loaded: "_Import") -> BadAnswer | None:
        count, first = loaded.problems.execute("SELECT count(*), min(line) FROM problem").fetchone()
        if not count or self._leave_out:
            return None
        return BadAnswer(
            N_("%(count)s rows of the table cannot be used, the first in line %(line)s."),
            N_("Mend these rows, or leave them out knowingly."),
            code="bad_rows",
            params={"count": str(count), "line": str(first)},
        )


class _BadRow(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Import:
    """One reading of a file: what was good, and which lines were not."""

    def __init__(self) -> None:
        self.scratch = Scratch()
        self.problems = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self.problems.close)
        self.problems.execute("CREATE TABLE problem (line INTEGER, last_line INTEGER, reason TEXT)")

    def read(self, file: BinaryIO, encoding: str | None) -> Iterator[TableRow]:
        table = read_table(file, lambda heading: folded(heading) in COLUMN_OF, encoding)
        places = _places(table.headings)
        russian = is_russian(table.headings)
        yield TableRow(table.line, tuple(table.headings), None)
        for row in table.rows:
            reason = None
            try:
                self._take(row, places, len(table.headings), russian)
            except _BadRow as bad:
                reason = bad.reason
                self.problems.execute("INSERT INTO problem VALUES (?, ?, ?)", (row.line, row.last_line, reason))
            yield TableRow(row.line, tuple(row.cells or ()), reason)

    def _take(self, row: Row, places: dict[str, int], width: int, russian: bool) -> None:
        if row.cells is None:
            raise _BadRow("quotes")
        if row.last_line > row.line:
            raise _BadRow("line_break")
        if any(cell.strip() for cell in row.cells[width:]):
            raise _BadRow("cells")
        cells = row.cells
        cell = {name: _text(cells[at]) if at < len(cells) else "" for name, at in places.items()}
        name = cell.get("name") or " ".join(filter(None, (cell.get("first"), cell.get("last"))))
        for value, reason in ((cell["id"], "no_id"), (name, "no_name"), (cell["course"], "no_course")):
            if not value:
                raise _BadRow(reason)
        post = cell.get("post", "")
        post_type = post_type_of(post, russian) if post else None
        if post and post_type is None:
            raise _BadRow("post")
        suspended = is_suspended(cell.get("status", ""))
        if suspended is None:
            raise _BadRow("status")
        person = self._known(Person(cell["id"], name, post_type, cell.get("id_number") or None))
        self.scratch.add_person(person)
        course_id = cell["course"]
        self.scratch.add_course(Course(course_id, course_id, cell.get("title") or course_id, visible=True))
        role = cell.get("role", "")
        self.scratch.add_enrolment(
            "\x1f".join((course_id, person.id, role, str(int(suspended)))),
            course_id,
            person.id,
            role,
            suspended=suspended,
        )
        if group := cell.get("group"):
            self.scratch.add_member(course_id, group, person.id)

    def _known(self, person: Person) -> Person:
        """The person as first written, with a post and an ID number if any row says one."""
        known = self.scratch.person(person.id)
        if known is None:
            return person
        if folded(known.name) != folded(person.name):
            raise _BadRow("other_name")
        if known.post_type and person.post_type and known.post_type != person.post_type:
            raise _BadRow("other_post")
        if known.id_number and person.id_number and known.id_number != person.id_number:
            raise _BadRow("other_number")
        return Person(known.id, known.name, known.post_type or person.post_type, known.id_number or person.id_number)


def _places(headings: list[str]) -> dict[str, int]:
    """Column → its place. Raises `BadAnswer` if one is missing or there twice."""
    places: dict[str, int] = {}
    for at, heading in enumerate(headings):
        column = COLUMN_OF.get(folded(heading))
        if column in places:
            raise BadAnswer(
                N_("Two columns of the table mean the same: %(column)s."),
                N_("Take one of them out, or give it another heading."),
                code="twice",
                params={"column": column},
            )
        if column is not None:
            places[column] = at
    missing = [column for column in ("id", "course") if column not in places]
    if not places.keys() & {"name", "first", "last"}:
        missing.insert(1 if "id" in missing else 0, "name")
    if missing:
        raise BadAnswer(
            N_("The table lacks these columns: %(columns)s."),
            N_("Name the columns in the first row: id, name, course; and if you like post, role, group and status."),
            code="columns",
            params={"columns": ", ".join(missing)},
        )
    return places


def _text(cell: str) -> str:
    """A cell without its edges. Raises _BadRow for what could do harm where it is shown or exported again."""
    if not cell:
        return ""
    if len(cell) > LONGEST_CELL:
        raise _BadRow("too_long")
    text = cell.strip()
    if not text.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
        raise _BadRow("control")
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if text[:1] in "=@＝＠" or (text[:1] in "+-＋－" and not text[1:].isdigit()):
        raise _BadRow("formula")
    return text
