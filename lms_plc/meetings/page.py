"""The page of a meeting, made of the parts of several rooms: what stands above meetings says here what it adds.

As on a community's first page (``communities.home``) rooms give selects of lines; all of them are one statement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Select, Uuid, bindparam, literal, select, union_all

from lms_plc.communities.lines import Line
from lms_plc.core.database import Moment, Prepared, fetch
from lms_plc.core.policy import Actor
from lms_plc.meetings.queries import MeetingSeen

MEETING: BindParameter[UUID] = bindparam("meeting", type_=Uuid())
ME: BindParameter[UUID] = bindparam("me", type_=Uuid())
AT: Any = bindparam("at", type_=Moment())
"""What the selects of a part are given: the meeting, who looks, and when."""

Found = Mapping[str, Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Part:
    """``template`` is included where the part stands; empty for a part that has nothing to show today."""

    template: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


Contributor = Callable[[Actor, MeetingSeen, Found], Part]


@dataclass(frozen=True, slots=True)
class _Asking:
    order: int
    selects: Mapping[str, Select[Any]]
    then: Contributor


_askings: list[_Asking] = []


def contributes_to_meeting(order: int, selects: Mapping[str, Select[Any]]) -> Callable[[Contributor], Contributor]:
    """Registers a part: ``selects`` are made of ``communities.lines.line(…)`` and of MEETING, ME and AT, each with a
    bound. Parts below 50 stand above the agenda, the others below it."""

    def register(contributor: Contributor) -> Contributor:
        _askings.append(_Asking(order, selects, contributor))
        _askings.sort(key=lambda asking: asking.order)
        _together.cache_clear()
        return contributor

    return register


def parts(connection: Connection, actor: Actor, meeting: MeetingSeen) -> list[tuple[int, Part]]:
    """(order, part) of every room that has something to show: one statement."""
    if not _askings:
        return []
    found: list[dict[str, list[Line]]] = [{} for _ in _askings]
    given = {"meeting": meeting.id, "me": actor.person_id, "at": actor.at}
    for place, word, *columns in fetch(connection, _together(), given):
        found[place].setdefault(word, []).append(Line(*columns))
    made = [
        (asking.order, asking.then(actor, meeting, {word: lines.get(word, ()) for word in asking.selects}))
        for asking, lines in zip(_askings, found, strict=True)
    ]
    return [(order, part) for order, part in made if part.template]


@cache
def _together() -> Prepared:
    everything = [(place, *one) for place, asking in enumerate(_askings) for one in asking.selects.items()]
    return Prepared(lambda _: union_all(*(_marked(*one) for one in everything)))


def _marked(place: int, word: str, lines: Select[Any]) -> Select[Any]:
    some = lines.subquery()
    return select(literal(place).label("place"), literal(word).label("word"), *some.c)
