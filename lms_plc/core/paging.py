"""Lists paged by key: a page knows the key to go on from, never a number of rows to skip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items in order, and the key after which the next page begins (None: that was all)."""

    items: Sequence[Item]
    next_key: UUID | None


def key_from(args: Mapping[str, str], name: str) -> UUID | None:
    """A page's key from an address; nonsense means the first page."""
    try:
        return UUID(args[name]) if name in args else None
    except ValueError:
        return None


def cut(rows: Sequence[Item], size: int, key: Callable[[Item], UUID]) -> Page[Item]:
    """Makes a page of ``size`` from a result asked for one row more than that."""
    if len(rows) <= size:
        return Page(rows, None)
    return Page(rows[:size], key(rows[size - 1]))
