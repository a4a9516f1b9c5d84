"""What hangs on a thing, from other rooms? A request for feedback on an inquiry, a visit, a portfolio, a story.

Whoever shows the thing asks once and gets lines; whoever made what hangs there says here how it is found. Neither
imports the other, and it is one statement, however many rooms there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import BindParameter, Select, Uuid, bindparam, literal, select, union_all

from lms_plc.communities.lines import Line
from lms_plc.core.activity import Reference
from lms_plc.core.database import Moment, Prepared, fetch
from lms_plc.core.policy import Actor
from lms_plc.web.i18n import gettext

THING: BindParameter[UUID] = bindparam("thing", type_=Uuid())
ME: BindParameter[UUID] = bindparam("me", type_=Uuid())
AT: Any = bindparam("at", type_=Moment())


@dataclass(frozen=True, slots=True)
class Viewer:
    """To a select of this register it is what an ``Actor`` is to a request (``communities.audiences.may_read``)."""

    person_id: BindParameter[UUID]
    site_id: BindParameter[UUID]
    at: Any


ME_HERE = Viewer(ME, bindparam("site", type_=Uuid()), AT)

SCHOOLS_OF = "schools_of"
"""A kind to hang on what is told to the schools where somebody teaches; the thing is that person."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of what hangs on a ``kind`` of thing. ``label`` is a message id, ``address`` the page of a line."""

    kind: str
    word: str
    label: str
    lines: Select[Any]
    address: Callable[[Line], str]


@dataclass(frozen=True, slots=True)
class Hanging:
    """What of one sort hangs there; ``lines`` are (line, its address)."""

    word: str
    label: str
    lines: Sequence[tuple[Line, str]]


_sorts: list[Sort] = []


def hangs_on(kind: str, word: str, label: str, lines: Select[Any], address: Callable[[Line], str]) -> None:
    """Registers a sort. ``lines`` is made of ``communities.lines.line(…)``, THING, ME and AT (or ME_HERE), says who may
    see a line, and has a bound."""
    _sorts.append(Sort(kind, word, label, lines, address))
    _together.cache_clear()


def endpoint_of(endpoint: str, name: str) -> Callable[[Line], str]:
    """An address that takes the line's id by this name."""

    def address(line: Line) -> str:
        given: dict[str, Any] = {name: line.id}
        return url_for(endpoint, **given)

    return address


def hanging(connection: Any, actor: Actor, thing: Reference) -> list[Hanging]:
    """What hangs on the thing and the actor may see, sort by sort: one statement, none where no room has any."""
    sorts = [sort for sort in _sorts if sort.kind == thing.kind]
    if not sorts:
        return []
    found: dict[int, list[Line]] = {}
    given = {"thing": thing.id, "me": actor.person_id, "site": actor.site_id, "at": actor.at}
    for place, *columns in fetch(connection, _together(thing.kind), given):
        found.setdefault(place, []).append(Line(*columns))
    return [
        Hanging(sort.word, gettext(sort.label), [(line, sort.address(line)) for line in found[place]])
        for place, sort in enumerate(sorts)
        if place in found
    ]


@cache
def _together(kind: str) -> Prepared:
    sorts = [sort for sort in _sorts if sort.kind == kind]
    return Prepared(lambda _: union_all(*(_marked(place, sort.lines) for place, sort in enumerate(sorts))))


def _marked(place: int, lines: Select[Any]) -> Select[Any]:
    some = lines.subquery()
    return select(literal(place).label("place"), *some.c)
