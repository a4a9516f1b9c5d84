"""Which pages belong to a person and not to a community? The line at the top of every page shows the way to them.

Rooms above this one add their entries here; this room imports none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """``label`` is a message id. ``counts``: the number of what waits unread in the inbox stands beside it."""

    order: int
    endpoint: str
    label: str
    counts: bool = False


_entries: list[Entry] = []


def open_entry(order: int, endpoint: str, label: str, *, counts: bool = False) -> None:
    """Adds a way to a page of one's own; the endpoint takes nothing but the seat."""
    _entries.append(Entry(order, endpoint, label, counts))
    _entries.sort(key=lambda entry: entry.order)


def entries() -> Sequence[Entry]:
    return tuple(_entries)


_quiet: list[Entry] = []


def open_quiet_entry(order: int, endpoint: str, label: str) -> None:
    """Adds a way at the foot of every page, for what is seldom needed and has to be found then."""
    _quiet.append(Entry(order, endpoint, label))
    _quiet.sort(key=lambda entry: entry.order)


def quiet_entries() -> Sequence[Entry]:
    return tuple(_quiet)
