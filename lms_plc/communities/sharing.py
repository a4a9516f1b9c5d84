"""Where can something private become a part of a community? Rooms that can begin with somebody's text say so here.

What is handed over is a copy of the words somebody chose, and nothing of where they come from.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference
from lms_plc.core.exports import tells_of
from lms_plc.core.policy import Actor


@dataclass(frozen=True, slots=True)
class Given:
    """What its author chose to share, as they want others to read it. The same ``form_key`` is the same copy."""

    title: str
    text: str
    form_key: str


@dataclass(frozen=True, slots=True)
class Way:
    """``label`` is a message id, ``permission`` what one needs in the community. ``share`` answers what it made;
    ``withdraw`` takes that back for its author, also when they are no longer in the community. ``names`` is what
    letters may have spoken of it as, things of these ``kinds``."""

    name: str
    label: str
    permission: str
    share: Callable[[Session, Actor, CommunitySeen, Given], Reference]
    withdraw: Callable[[Session, Actor, UUID], None]
    kinds: Collection[str]
    names: Callable[[Connection, UUID], Sequence[Reference]]


_ways: dict[str, tuple[int, Way]] = {}


def shares_to(order: int, way: Way) -> None:
    _ways[way.name] = (order, way)
    tells_of(*way.kinds)


def ways() -> Sequence[Way]:
    return tuple(way for _, way in sorted(_ways.values(), key=lambda entry: entry[0]))


def way_called(name: str) -> Way | None:
    return _ways[name][1] if name in _ways else None
