"""What stands on a community's first page, and on the line of its rooms? Rooms above this one add their parts here;
this room imports none of them.

A part is a small card with its own template; a step is one line of "what to do next". Both are asked in the order of
their numbers, each may use at most the statements its room promised (the page's total is pinned in the tests).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """One thing worth doing next: a sentence, and the button that does it."""

    text: str
    label: str
    url: str
    weight: int
    """Lower is more pressing."""


@dataclass(frozen=True, slots=True)
class Part:
    """``template`` is empty for a part that has only steps to add."""

    template: str
    given: Mapping[str, Any]
    steps: Sequence[Step] = field(default=())


Contributor = Callable[[Connection, Actor, CommunitySeen], Part]
_contributors: list[tuple[int, Contributor]] = []


def contributes_to_home(order: int) -> Callable[[Contributor], Contributor]:
    def register(contributor: Contributor) -> Contributor:
        _contributors.append((order, contributor))
        _contributors.sort(key=lambda entry: entry[0])
        return contributor

    return register


def parts(connection: Connection, actor: Actor, community: CommunitySeen) -> list[Part]:
    return [contributor(connection, actor, community) for _, contributor in _contributors]


@dataclass(frozen=True, slots=True)
class Room:
    """A tab on every page of a community; ``label`` is a message id."""

    order: int
    endpoint: str
    label: str


_rooms: list[Room] = []


def open_room(order: int, endpoint: str, label: str) -> None:
    """Adds a tab. The endpoint takes the community's id."""
    _rooms.append(Room(order, endpoint, label))
    _rooms.sort(key=lambda room: room.order)


def rooms() -> Sequence[Room]:
    return tuple(_rooms)
