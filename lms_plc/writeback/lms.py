"""What must an LMS be able to do so that something can be written into it? Everything else here knows no more of it.

Every method may raise a `ConnectorError`. Ids are the LMS's own, as text.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class NameIsTaken(Exception):
    """Something that is not ours has the name; the LMS takes no second one."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the calendar is told it. ``starts_at`` is Unix seconds; ``text`` is plain."""

    course: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    starts_at: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Capable:
    """A function of the LMS that writing of a kind needs. ``todo`` says where to click when it is ``missing``;
    ``why``, ``todo`` and ``rights`` are message ids, to be filled in with ``params``."""

    function: str
    why: str
    missing: bool
    todo: str | None
    rights: Sequence[str]
    params: Mapping[str, str]


class Crowds(Protocol):
    """The cohorts of the LMS, or the groups of one of its courses."""

    def find(self, number: str) -> str | None:
        """The id of the one with this number."""
        ...

    def make(self, name: str, number: str) -> str:
        """Makes one, for nobody to see who is not in it where that can be. Raises NameIsTaken."""
        ...

    def rename(self, crowd_id: str, name: str, number: str) -> None: ...

    def members(self, crowd_id: str) -> set[str]: ...

    def add(self, crowd_id: str, subjects: Sequence[str]) -> set[str]:
        """Puts people in; whoever is not in it afterwards."""
        ...

    def take_out(self, crowd_id: str, subjects: Sequence[str]) -> None:
        """Takes people out; whoever is not in it stays out of it."""
        ...

    def delete(self, crowd_id: str) -> None: ...


class WritableLms(Protocol):
    """An LMS into which something can be written."""

    def cohorts(self) -> Crowds: ...

    def groups(self, course: str) -> Crowds: ...

    def find_events(self, course: str, mark: str) -> dict[str, str]:
        """The events of a course that carry this mark: id → text."""
        ...

    def make_event(self, event: Told, mark: str) -> str:
        """Puts an event into a course's calendar; not to be repeated without a look."""
        ...

    def delete_event(self, event_id: str) -> None: ...

    def closed_accounts(self, subjects: Collection[str]) -> set[str]:
        """Those of these accounts that are suspended, deleted or out of sight."""
        ...

    def send(self, messages: Sequence[tuple[str, str]]) -> list[bool]:
        """Sends each (account, plain text) once; whether the LMS took it."""
        ...

    def probe(self, kinds: Collection[str]) -> list[Capable]:
        """What writing these kinds needs, and what of it is missing."""
        ...
