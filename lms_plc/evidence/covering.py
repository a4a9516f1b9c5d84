"""What of the thoughts is not shown yet, and what is not changed any more: a room above that has people guess before
they know says so here, and every list, page, search and drawing of thoughts keeps to it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, false, null, or_

from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.evidence.models import KnowledgeNode

GUESS = "Prediction"

Asked = Callable[[Actor], Any]


@dataclass(frozen=True, slots=True)
class Cover:
    """How thoughts that began at a thing of this ``kind`` are covered. ``title`` makes a scalar select of the thing's
    title, of the row of ``KnowledgeNode`` around it: nothing where this actor may read the thought. ``said`` is a
    message id with ``%(title)s``: what stands in its place. ``endpoint`` is the thing's page, which takes ``key``."""

    kind: str
    title: Asked
    said: str
    endpoint: str
    key: str


_covers: dict[str, Cover] = {}
_lasting: list[ColumnElement[bool]] = []


def covers(cover: Cover) -> None:
    """Registers what keeps thoughts covered for whoever has not come to them yet."""
    _covers[cover.kind] = cover


def cover_of(kind: str) -> Cover | None:
    return _covers.get(kind)


def guesses_stay(things: Iterable[Reference]) -> bool:
    """Whether somebody who guesses where these are spoken of sees by it what they guessed about."""
    return any(cover_of(one.kind) is not None for one in things)


def covered_by(actor: Actor) -> ColumnElement[Any]:
    """As a column: the title of what a thought is covered for; nothing for one that is open to this actor. One's own
    always is."""
    others = KnowledgeNode.author_id != actor.person_id
    cases = [(and_(others, KnowledgeNode.origin_kind == one.kind), one.title(actor)) for one in _covers.values()]
    return case(*cases, else_=null()) if cases else cast(null(), String())


def lasts(condition: ColumnElement[bool]) -> None:
    """Registers of which thoughts the words stay as they were said; they may still be taken away."""
    _lasting.append(condition)


def stays_as_said() -> ColumnElement[bool]:
    return or_(false(), *_lasting)
