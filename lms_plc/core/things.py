"""What is this thing, to this actor? One register of every kind of thing that can be pointed at.

Inbox, digest, search, school news and moderation speak of posts, cards and meetings without knowing their rooms: they
hold a ``Reference`` and ask here. A room answers only with what the actor may see at this moment, so nothing that has
been hidden, narrowed or taken back shows through in a list made earlier.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing as one line of a list. ``title`` and ``excerpt`` are plain text as people wrote it, ``endpoint`` and
    ``values`` its address (``anchor`` the place on the page), ``author`` empty where nobody in particular made it;
    ``day`` is the day it is meant for, where it has one; ``is_private``: only who made it, or a project's own people,
    know of it, and what begins with it is begun for oneself; ``is_covered``: its words are not for this actor yet, and
    its title says so. What is sealed has no words of its own in here; ``unsealing`` answers the same with them."""

    reference: Reference
    title: str
    excerpt: str
    author_id: UUID | None
    author: str
    community_id: UUID | None
    at: datetime
    endpoint: str
    values: Mapping[str, Any] = field(default_factory=dict)
    anchor: str | None = None
    day: date | None = None
    is_private: bool = False
    is_covered: bool = False
    unsealing: "Callable[[Seal], Thing] | None" = field(default=None, repr=False, compare=False)

    def opened(self, seal: Seal) -> "Thing":
        """With its words, for a page of the one it was ``shown`` to. No list, letter, inbox or search opens it."""
        return self.unsealing(seal) if self.unsealing else self


Shower = Callable[[Connection, Actor, Sequence[UUID]], Mapping[UUID, Thing]]
"""Answers those of the things that the actor may see, in one statement."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``label`` is a message id: what people call such a thing."""

    name: str
    label: str
    shower: Shower


_kinds: dict[str, Kind] = {}


def shows(kind: str, label: str) -> Callable[[Shower], Shower]:
    """Registers how a kind of thing is shown in lists of other rooms."""

    def register(shower: Shower) -> Shower:
        _kinds[kind] = Kind(kind, label, shower)
        return shower

    return register


def kinds() -> Mapping[str, Kind]:
    return _kinds


def shown(connection: Connection, actor: Actor, references: Iterable[Reference]) -> dict[Reference, Thing]:
    """Those of the things that this actor may see now: one statement a kind, whatever their number.

    Raises KeyError for a kind no room has registered: whoever points at a thing knows that it can be shown.
    """
    wanted: dict[str, list[UUID]] = {}
    for reference in dict.fromkeys(references):
        wanted.setdefault(reference.kind, []).append(reference.id)
    found: dict[Reference, Thing] = {}
    for kind, ids in wanted.items():
        for thing_id, thing in _kinds[kind].shower(connection, actor, ids).items():
            found[Reference(kind, thing_id)] = thing
    return found


def shown_open(
    connection: Connection, actor: Actor, seal: Seal, references: Iterable[Reference]
) -> dict[Reference, Thing]:
    """As ``shown``, and what is sealed has its words: for pages on which somebody reads how their own hangs together,
    and for nothing that is kept or sent."""
    found = shown(connection, actor, references)
    return {reference: thing.opened(seal) for reference, thing in found.items()}


def one_shown(connection: Connection, actor: Actor, reference: Reference | None) -> Thing | None:
    """The thing, if this actor may see it now; of a kind that nobody has shown here, nothing."""
    if reference is None or reference.kind not in _kinds:
        return None
    return shown(connection, actor, [reference]).get(reference)


def thing_named(connection: Connection, actor: Actor, given: Mapping[str, str], kind: str, id_: str) -> Thing | None:
    """As ``one_shown``, of the thing that these two fields of a form or an address name."""
    thing_id = key_from(given, id_)
    return one_shown(connection, actor, Reference(given.get(kind, ""), thing_id) if thing_id is not None else None)


Decided: TypeAlias = Callable[[Session, UUID, datetime], object]
Words: TypeAlias = Callable[[Connection, UUID], str | None]


@dataclass(frozen=True, slots=True)
class Keeper:
    """How a room hides a thing of its own, shows it again, or takes it away for good, without an event: whoever
    decides it (``moderation``) records why. Each takes the id and the moment; hiding twice is hiding once.

    ``words`` is its whole text as it stands, hidden or not, for who decides about it; None where an excerpt will do.
    ``keeping`` makes one for things that are a row.
    """

    hide: Decided
    restore: Decided
    remove: Decided
    words: Words | None = None


_keepers: dict[str, Keeper] = {}


def keeps(kind: str, keeper: Keeper) -> None:
    """Registers who hides and removes a kind of thing; only such kinds can be reported."""
    _keepers[kind] = keeper


def keeper_of(kind: str) -> Keeper | None:
    return _keepers.get(kind)
