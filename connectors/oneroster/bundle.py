"""How is a OneRoster bundle of tables read: a zip file in bulk (OneRoster CSV 1.1 and 1.2)?

The file comes from outside, so nothing of it is unpacked to disk, only the tables known by name are read, and what
they unfold to is counted while it is read, not believed beforehand.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from connectors.csv_files.tables import read_table
from connectors.errors import N_, BadAnswer, Unavailable
from connectors.roster import Category, Cohort, Course, Group, Grouping, Person, Site
from connectors.scratch import PAGE_SIZE, Scratch, unknown_course
from connectors.source import Page, Probe
from connectors.transport import Transport

MOST_BYTES = 1024 * 1024 * 1024
"""What all tables may unfold to together."""

MOST_FILES = 100

TABLES = ("users", "classes", "enrollments")
"""What a roster needs of a bundle, in the order of reading."""

ORGS = "orgs"
"""What a roster takes along where it is there: classes belong to schools, and schools to districts."""

_NEEDS = {
    "orgs": ("sourcedId", "name"),
    "users": ("sourcedId", "givenName", "familyName"),
    "classes": ("sourcedId", "title"),
    "enrollments": ("sourcedId", "classSourcedId", "userSourcedId", "role"),
}


def open_bundle(url: str, token: str, transport: Transport) -> "BundleSource":
    """A source for the zip file at a `file:` address. Raises `Unavailable` for another address."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not parts.path:
        raise Unavailable(
            N_("This is not the address of a file."),
            N_("Enter file:// and the whole path of the bundle, as in file:///home/me/oneroster.zip."),
            code="bad_address",
        )
    return BundleSource(Path(unquote(parts.path)))


class BundleSource:
    """A `RosterSource` over one bundle, which is read once, when first asked."""

    def __init__(
        self,
        path: Path,
        *,
        page_size: int = PAGE_SIZE,
        most_bytes: int = MOST_BYTES,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._path = path
        self._page_size = page_size
        self._most_bytes = most_bytes
        self._today = today
        self._loaded: tuple[Scratch, str] | None = None

    def __repr__(self) -> str:
        return f"BundleSource({self._path.name!r})"

    def site(self) -> Site:
        """See `RosterSource`; the name is the file's."""
        _, version = self._read()
        return Site(f"file:{self._path.name}", self._path.name, f"OneRoster {version}".strip(), "")

    def courses(self) -> Iterator[Course]:
        """See `RosterSource`: every class."""
        return self._read()[0].courses()

    def course(self, course_id: str) -> Course | None:
        """See `RosterSource`."""
        return self._read()[0].course(course_id)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        """See `RosterSource`."""
        scratch, _ = self._read()
        if scratch.course(course_id) is None:
            raise unknown_course()
        yield from scratch.pages(course_id, start, self._page_size)

    def groups(self, course_id: str) -> Iterator[Group]:
        """See `RosterSource`; OneRoster has none."""
        if self._read()[0].course(course_id) is None:
            raise unknown_course()
        yield from ()

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        """See `RosterSource`; OneRoster has none."""
        if self._read()[0].course(course_id) is None:
            raise unknown_course()
        yield from ()

    def cohorts(self) -> Iterator[Cohort]:
        """See `RosterSource`; OneRoster has none."""
        return iter(())

    def categories(self) -> Iterator[Category]:
        """See `RosterSource`: the organisations, if the bundle holds them in bulk."""
        return self._read()[0].categories()

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        """See `RosterSource`."""
        return self._read()[0].people(ids)

    def probe(self) -> Probe:
        """See `RosterSource`. A bundle that can be read is ready."""
        return Probe(self.site(), (), (), ())

    def _read(self) -> tuple[Scratch, str]:
        if self._loaded is None:
            problem: Exception
            try:
                self._loaded = self._load()
                return self._loaded
            except OSError:
                problem = Unavailable(
                    N_("The file cannot be opened."), N_("Check its path and who may read it."), code="no_file"
                )
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError):
                problem = _bad("no_zip", N_("The bundle is damaged, locked or no zip file."))
            # Outside of the except block: the errors of the system and of the zip file hold paths and names.
            raise problem
        return self._loaded

    def _load(self) -> tuple[Scratch, str]:
        with zipfile.ZipFile(self._path) as bundle:
            names = _members(bundle)
            budget = _Budget(self._most_bytes)
            tables, version = _check_manifest(bundle, names, budget)
            scratch = Scratch()
            take = {
                "orgs": _take_org,
                "users": _take_user,
                "classes": _take_class,
                "enrollments": lambda scratch, cells: _take_enrolment(scratch, cells, self._today()),
            }
            for table in tables:
                for cells in _rows(bundle, f"{table}.csv", names, budget):
                    take[table](scratch, cells)
        return scratch, version


def _members(bundle: zipfile.ZipFile) -> frozenset[str]:
    """The names in the bundle, if each could be a file in one folder."""
    infos = bundle.infolist()
    names = [info.filename for info in infos]
    # Read from the raw name: zipfile itself cuts at a NUL and turns the separators of other systems.
    odd = any(
        name != info.orig_filename or name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")
        for name, info in zip(names, infos, strict=True)
    )
    if odd or len(set(names)) < len(names):
        raise _bad("odd_names", N_("The bundle holds files with names that lead astray."))
    if len(infos) > MOST_FILES:
        raise _bad("too_many", N_("The bundle holds far more files than OneRoster knows."))
    return frozenset(names)


def _check_manifest(bundle: zipfile.ZipFile, names: frozenset[str], budget: "_Budget") -> tuple[tuple[str, ...], str]:
    """The tables to read and the version, as manifest.csv says them.

    Raises `BadAnswer` unless every table needed is there in bulk.
    """
    said = {}
    if "manifest.csv" in names:
        rows = _rows(bundle, "manifest.csv", names, budget, needs=("propertyName", "value"))
        said = {cells["propertyName"].lower(): cells["value"] for cells in rows}
    else:
        raise _bad("no_manifest", N_("The bundle has no manifest.csv at its top."))
    for table in TABLES:
        mode = said.get(f"file.{table}", "absent").lower()
        if mode == "delta":
            raise _bad("delta", N_("The bundle holds only what changed; whoever is not in it is not absent."))
        if mode != "bulk" or f"{table}.csv" not in names:
            raise _bad("no_table", N_("The bundle lacks the table %(table)s in bulk."), table=table)
    has_orgs = said.get("file.orgs", "absent").lower() == "bulk" and f"{ORGS}.csv" in names
    return (*((ORGS,) if has_orgs else ()), *TABLES), said.get("oneroster.version", "")


class _Budget:
    """Bytes that may still unfold."""

    def __init__(self, most: int) -> None:
        self.left = most

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise _bad("too_big", N_("The bundle unfolds to far more than a roster."))


class _Counted(io.RawIOBase):
    """A member of the bundle, read by pieces on the budget."""

    def __init__(self, member: IO[bytes], budget: _Budget) -> None:
        self._member = member
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._member.read(min(len(buffer), 64 * 1024))
        self._budget.spend(len(chunk))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _rows(
    bundle: zipfile.ZipFile,
    name: str,
    names: frozenset[str],
    budget: _Budget,
    needs: tuple[str, ...] | None = None,
) -> Iterator[Mapping[str, str]]:
    """The rows of a table by the names of their columns. One bad row makes the whole bundle bad."""
    columns = needs or _NEEDS[name.removesuffix(".csv")]
    wanted = {column.lower() for column in columns}
    with bundle.open(name) as member, io.BufferedReader(_Counted(member, budget)) as file:
        table = read_table(file, lambda heading: heading.strip().lower() in wanted)
        headings = [heading.strip() for heading in table.headings]
        if missing := [column for column in columns if column not in headings]:
            raise _bad("columns", N_("The table %(table)s lacks the column %(column)s."), table=name, column=missing[0])
        for row in table.rows:
            if row.cells is None or len(row.cells) != len(headings):
                raise _bad(
                    "bad_rows", N_("Line %(line)s of %(table)s is no whole row."), table=name, line=str(row.line)
                )
            cells = {heading: cell.strip() for heading, cell in zip(headings, row.cells, strict=True)}
            if empty := [column for column in columns[:1] if not cells[column]]:
                raise _bad(
                    "no_id",
                    N_("Line %(line)s of %(table)s has nothing in %(column)s."),
                    table=name,
                    line=str(row.line),
                    column=empty[0],
                )
            yield cells


def _gone(cells: Mapping[str, str]) -> bool:
    return cells.get("status", "").lower() in ("tobedeleted", "inactive")


def _take_org(scratch: Scratch, cells: Mapping[str, str]) -> None:
    if not _gone(cells):
        scratch.add_category(Category(cells["sourcedId"], cells["name"], cells.get("parentSourcedId") or None))


def _take_user(scratch: Scratch, cells: Mapping[str, str]) -> None:
    given = cells.get("preferredGivenName") or cells.get("preferredFirstName") or cells["givenName"]
    name = " ".join(filter(None, (given, cells.get("middleName"), cells["familyName"])))
    scratch.add_person(
        # The register's own name for the person, and what LTI calls the sourcedid of a person.
        Person(cells["sourcedId"], name, id_number=cells["sourcedId"]),
        suspended=cells.get("enabledUser", "").lower() == "false",
        gone=_gone(cells),
        modified=cells.get("dateLastModified", ""),
    )


def _take_class(scratch: Scratch, cells: Mapping[str, str]) -> None:
    if not _gone(cells):
        code = cells.get("classCode", "")
        scratch.add_course(
            Course(
                id=cells["sourcedId"],
                short_name=code,
                title=cells["title"],
                visible=True,
                id_number=code or None,
                category_id=cells.get("schoolSourcedId") or None,
            )
        )


def _take_enrolment(scratch: Scratch, cells: Mapping[str, str], today: date) -> None:
    begins, ends = _day(cells.get("beginDate", "")), _day(cells.get("endDate", ""))
    scratch.add_enrolment(
        cells["sourcedId"],
        cells["classSourcedId"],
        cells["userSourcedId"],
        cells["role"],
        suspended=(begins is not None and today < begins) or (ends is not None and today >= ends),
        gone=_gone(cells),
        modified=cells.get("dateLastModified", ""),
    )


def _day(text: str) -> date | None:
    """A day as ISO 8601 says it, '' for none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        pass
    raise _bad("bad_date", N_("A begin or end date in the enrolments is no date."))


def _bad(code: str, what: str, **params: str) -> BadAnswer:
    return BadAnswer(what, N_("Export a new bundle, whole (bulk) and as a zip file."), code=code, params=params)
