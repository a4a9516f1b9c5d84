"""How does a thing of one room come onto the agenda of another, and how does what was decided there reach it?

Whoever holds meetings says where things stand (``holds_agendas``); a room whose things can be settled in a meeting says
how (``settles``). Neither imports the other.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import Thing, one_shown

Finder = Callable[[Connection, Sequence[Reference]], Mapping[Reference, Reference | None]]
"""Thing → the meeting it stands on the agenda of, the latest one; None while it waits for a meeting to be planned."""

_finders: list[Finder] = []


def holds_agendas(finder: Finder) -> Finder:
    _finders.append(finder)
    return finder


def agendas_of(connection: Connection, things: Sequence[Reference]) -> dict[Reference, Reference | None]:
    """Things that are on an agenda; those that never were are left out."""
    found: dict[Reference, Reference | None] = {}
    for finder in _finders:
        found.update(finder(connection, things))
    return found


def its_meeting(connection: Connection, actor: Actor, thing: Reference) -> tuple[Thing | None, bool]:
    """The meeting it stands on the agenda of, as far as the actor may see it, and whether it waits for one."""
    agendas = agendas_of(connection, [thing])
    meeting = agendas.get(thing)
    return one_shown(connection, actor, meeting), thing in agendas and meeting is None


@dataclass(frozen=True, slots=True)
class Settler:
    """``outcomes`` are (value, message id) each. ``unsettled`` answers those of the things that are still open;
    ``settle`` closes one with its outcome, a note and the meeting it was settled in, as its own verb with its own
    event, and does nothing to one that is closed already."""

    outcomes: Sequence[tuple[str, str]]
    unsettled: Callable[[Connection, Sequence[UUID]], AbstractSet[UUID]]
    settle: Callable[[Session, Actor, UUID, str, str, Reference], None]


_settlers: dict[str, Settler] = {}


def settles(kind: str, settler: Settler) -> None:
    _settlers[kind] = settler


def settler_of(kind: str | None) -> Settler | None:
    return _settlers.get(kind) if kind else None
