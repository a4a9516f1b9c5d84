"""What can a roster source give, and how is one opened?

Everything is streamed, and a stream either ends complete or raises: absence from a roster means something
only when the whole roster was read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, cast

from connectors.errors import ConnectorError, NotAllowed
from connectors.roster import Category, Cohort, Course, Enrolment, Group, Grouping, Person, Site
from connectors.transport import Transport


@dataclass(frozen=True, slots=True)
class Page:
    """Some enrolments of a course, and where to go on.

    `next` is an opaque text to hand back as `start`, also in another process on another day; None says that
    the course has now been read completely.
    """

    rows: tuple[Enrolment, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A web service function that the token may not call; `why_needed` and `todo` are message ids."""

    function: str
    why_needed: str
    todo: str


@dataclass(frozen=True, slots=True)
class Probe:
    """What a look at the site found.

    Functions missing, rights refused when tried, and advice as message ids.
    """

    site: Site
    missing: tuple[Missing, ...]
    refused: tuple[ConnectorError, ...]
    advice: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether a roster can be read completely."""
        return not self.missing and not self.refused


class RosterSource(Protocol):
    """An LMS, seen as courses, enrolments, groups and cohorts. Every method may raise a `ConnectorError`.

    Where an LMS knows no such thing as groupings, cohorts or categories, there are none.
    """

    def site(self) -> Site:
        """The installation and the account that reads it; the cheapest call, fit for a ping."""
        ...

    def courses(self) -> Iterator[Course]:
        """Every course the account sees, hidden ones marked, without the site's front page."""
        ...

    def course(self, course_id: str) -> Course | None:
        """One course, or None when it is gone or out of sight."""
        ...

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        """Everybody enrolled in a course, active and suspended, one row a person.

        The page with `next=None` comes only after everybody has been given. After a crash, hand the last
        `next` back as `start`; a resumed walk may give somebody again, and the later row is the truer one.

        Raises ValueError for a `start` that is none of ours.
        """
        ...

    def groups(self, course_id: str) -> Iterator[Group]:
        """The groups of a course with their members."""
        ...

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        """The groupings of a course with their groups."""
        ...

    def cohorts(self) -> Iterator[Cohort]:
        """The cohorts of the site with their members."""
        ...

    def categories(self) -> Iterator[Category]:
        """The categories that courses are sorted into, as far as they are in sight."""
        ...

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        """Who these are, each once, in any order; whoever is unknown or out of sight is left out."""
        ...

    def probe(self) -> Probe:
        """Whether everything above would work, and if not, what an administrator has to click."""
        ...


SOURCES = {
    "moodle": "connectors.moodle.source:open_moodle",
    "canvas": "connectors.canvas.source:open_canvas",
    "oneroster": "connectors.oneroster.rest:open_oneroster",
    "oneroster-csv": "connectors.oneroster.bundle:open_bundle",
    "csv": "connectors.csv_files.source:open_csv",
}
"""Kind of LMS → the function `(url, token, transport) -> RosterSource` that opens it. Ours; packages may add theirs."""

ENTRY_POINTS = "lms_plc.roster_sources"
"""The group of entry points in which an installed package names its openers, kind = module:function."""


class BrokenSource(ValueError):
    """An installed connector that cannot be loaded; says the kind, the package and the class of the error."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A kind of LMS that can be read, the package that brings it, and what is wrong with it, if anything is."""

    kind: str
    package: str
    problem: str | None


def installed_sources() -> tuple[Installed, ...]:
    """Every connector, ours and those of other packages, each loaded once to see whether it works.

    One that is broken says so here and takes none of the others along.
    """
    found = [Installed(kind, "lms-plc", _problem(partial(_load, target))) for kind, target in SOURCES.items()]
    for entry in _foreign_entries():
        problem = f"{entry.name} is already taken" if entry.name in SOURCES else _problem(entry.load)
        found.append(Installed(entry.name, _package(entry), problem))
    return tuple(found)


def open_source(kind: str, url: str, token: str, transport: Transport) -> RosterSource:
    """Open the LMS at `url`, the address its people type; nothing is called yet.

    Raises ValueError for a kind of LMS we cannot read, `BrokenSource` for one whose package does not load, and
    `Unavailable` for an address we would not call.
    """
    return cast(RosterSource, _opener(kind)(url, token, transport))


def _opener(kind: str) -> Any:
    if kind in SOURCES:
        return _load(SOURCES[kind])
    foreign = _foreign_entries()
    entries = [entry for entry in foreign if entry.name == kind]
    if not entries:
        kinds = [*SOURCES, *sorted({entry.name for entry in foreign} - SOURCES.keys())]
        raise ValueError(f"no connector for {kind!r}; there is one for: {', '.join(kinds)}")
    packages = sorted({_package(entry) for entry in entries})
    if len(packages) > 1:
        raise BrokenSource(f"two packages bring a connector {kind!r}: {', '.join(packages)}")
    opener: list[Any] = []
    problem = _problem(lambda: opener.append(entries[0].load()))
    if problem is not None:
        raise BrokenSource(f"the connector {kind!r} of {packages[0]} cannot be loaded: {problem}")
    return opener[0]


def _load(target: str) -> Any:
    module, opener = target.split(":")
    return getattr(import_module(module), opener)


def _foreign_entries() -> list[EntryPoint]:
    """The entry points of others. Ours stand in the group too, for whoever looks there."""
    return [entry for entry in entry_points(group=ENTRY_POINTS) if SOURCES.get(entry.name) != entry.value]


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "?"


def _problem(load: Callable[[], Any]) -> str | None:
    """The class of what went wrong; a stranger's module may raise anything, and its words may hold anything."""
    try:
        load()
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return None


def probe_by_reading(source: RosterSource) -> Probe:
    """A probe for sources that cannot be asked what they allow: their first course is read, if there is one."""
    site = source.site()
    refused: list[ConnectorError] = []
    try:
        first = next(iter(source.courses()), None)
        if first is not None:
            next(iter(source.enrolment_pages(first.id)))
    except NotAllowed as error:
        refused.append(error)
    return Probe(site, (), tuple(refused), ())
