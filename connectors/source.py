"""What can a roster source give, and how is one opened?

Everything is streamed, and a stream either ends complete or raises: absence from a roster means something
only when the whole roster was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from connectors.errors import ConnectorError
from connectors.roster import Cohort, Course, Enrolment, Group, Site
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
    """An LMS, seen as courses, enrolments, groups and cohorts. Every method may raise a `ConnectorError`."""

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

    def cohorts(self) -> Iterator[Cohort]:
        """The cohorts of the site with their members."""
        ...

    def probe(self) -> Probe:
        """Whether everything above would work, and if not, what an administrator has to click."""
        ...


SOURCES = {"moodle": "connectors.moodle.source:open_moodle"}
"""Kind of LMS → the function `(url, token, transport) -> RosterSource` that opens it."""


def open_source(kind: str, url: str, token: str, transport: Transport) -> RosterSource:
    """Open the LMS at `url`, the address its people type; nothing is called yet.

    Raises ValueError for a kind of LMS we cannot read and `Unavailable` for an address we would not call.
    """
    if kind not in SOURCES:
        raise ValueError(f"no connector for {kind!r}; there is one for: {', '.join(sorted(SOURCES))}")
    module, opener = SOURCES[kind].split(":")
    return cast(RosterSource, getattr(import_module(module), opener)(url, token, transport))
