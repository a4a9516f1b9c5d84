"""What is there to see to before one leaves a community, and what stays one's own? Rooms above say it here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from lms_plc.core.policy import Actor


@dataclass(frozen=True, slots=True)
class Beforehand:
    """Something that would be left behind: ``words`` say what becomes of it, ``links`` are (label, address).
    ``stays_mine``: what one wrote in it one reads afterwards (``stays_ones_own``)."""

    title: str
    words: str
    links: Sequence[tuple[str, str]]
    stays_mine: bool = False


@dataclass(frozen=True, slots=True)
class StaysMine:
    """Something whoever wrote it reads wherever they are."""

    title: str
    url: str


Before = Callable[[Connection, Actor, UUID], Sequence[Beforehand]]
"""Takes the community's id; a statement."""

Afterwards = Callable[[Connection, Actor], Sequence[StaysMine]]
"""What somebody has in communities they are in no more; a statement."""

_before: list[Before] = []
_afterwards: list[Afterwards] = []


def asks_before_leaving(find: Before) -> Before:
    _before.append(find)
    return find


def stays_ones_own(find: Afterwards) -> Afterwards:
    _afterwards.append(find)
    return find


def beforehand(connection: Connection, actor: Actor, community_id: UUID) -> list[Beforehand]:
    return [one for find in _before for one in find(connection, actor, community_id)]


def still_mine(connection: Connection, actor: Actor) -> list[StaysMine]:
    return [one for find in _afterwards for one in find(connection, actor)]
