"""What stands on a community's first page, and on the line of its rooms? Rooms above this one add their parts here;
this room imports none of them.

A part is a small card with its own template; a step is one line of "what needs you". Rooms do not ask the database
themselves: each gives selects of lines, all of the same columns, and the page sends them as one prepared statement. So
the first page costs the same however many rooms there are. Parts stand in the order of their numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, literal, select, union_all

from lms_plc.communities.lines import HERE, Line, line
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.database import Prepared, fetch
from lms_plc.core.ids import first_id
from lms_plc.core.policy import Actor

__all__ = [
    "HERE",
    "FirstStep",
    "Found",
    "Line",
    "News",
    "Part",
    "Room",
    "Step",
    "Way",
    "contributes_to_home",
    "line",
    "news",
    "open_room",
    "open_way",
    "parts",
    "rooms",
    "tells_news",
    "ways",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing worth doing next: a sentence, and the button that does it."""

    text: str
    label: str
    url: str
    weight: int
    """Lower is more pressing."""


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One thing a newcomer does in their first two minutes, and whether they have."""

    label: str
    url: str
    done: bool


@dataclass(frozen=True, slots=True)
class Part:
    """``template`` is empty for a part that has only steps to add."""

    template: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Step] = ()
    first_steps: Sequence[FirstStep] = ()


Found = Mapping[str, Sequence[Line]]
"""Lines by the word of their select."""

Contributor = Callable[[Actor, CommunitySeen, Found], Part]


@dataclass(frozen=True, slots=True)
class _Asking:
    order: int
    selects: Mapping[str, Select[Any]]
    wanted: Callable[[Actor, CommunitySeen], bool]
    then: Contributor


_askings: list[_Asking] = []


def contributes_to_home(
    order: int, selects: Mapping[str, Select[Any]], *, when: Callable[[Actor, CommunitySeen], bool] | None = None
) -> Callable[[Contributor], Contributor]:
    """Registers a part: ``selects`` are made of ``line(…)`` and ``HERE``, each with a bound; the lines found come in
    the order of their select. ``when`` says for whom nothing is asked and no part made."""

    def register(contributor: Contributor) -> Contributor:
        _askings.append(_Asking(order, selects, when or _always, contributor))
        _askings.sort(key=lambda asking: asking.order)
        _together.cache_clear()
        return contributor

    return register


def _always(_: Actor, __: CommunitySeen) -> bool:
    return True


def parts(
    connection: Connection,
    actor: Actor,
    community: CommunitySeen,
    own: Mapping[str, Select[Any]],
    *,
    today: datetime,
    since: datetime,
) -> tuple[list[Part], Found]:
    """The parts of every room, and the lines the page itself asks for: one statement. ``today`` is when the day
    began."""
    asked = tuple(place for place, asking in enumerate(_askings) if asking.wanted(actor, community))
    statement = _together(asked, tuple(own.items()))
    given = {
        "me": actor.person_id,
        "here": community.id,
        "site": community.site_id,
        "at": actor.at,
        "today": today,
        "since": first_id(since),
    }
    found: dict[int, dict[str, list[Line]]] = {place: {} for place in (-1, *asked)}
    for place, word, *columns in fetch(connection, statement, given):
        found[place].setdefault(word, []).append(Line(*columns))
    made = [_askings[place].then(actor, community, _complete(_askings[place].selects, found[place])) for place in asked]
    return made, _complete(own, found[-1])


def _complete(selects: Mapping[str, Select[Any]], lines: Found) -> Found:
    return {word: lines.get(word, ()) for word in selects}


@cache
def _together(asked: tuple[int, ...], own: tuple[tuple[str, Select[Any]], ...]) -> Prepared:
    """One statement of all selects; there are as many as there are sorts of people who look."""
    everything = [(-1, word, lines) for word, lines in own]
    everything += [(place, word, lines) for place in asked for word, lines in _askings[place].selects.items()]
    return Prepared(lambda _: union_all(*(_marked(*one) for one in everything)))


def _marked(place: int, word: str, lines: Select[Any]) -> Select[Any]:
    some = lines.subquery()
    return select(literal(place).label("place"), literal(word).label("word"), *some.c)


@dataclass(frozen=True, slots=True)
class News:
    """How one kind of event is told of: ``told`` makes the words for a number of them, ``endpoint`` is where to see."""

    verb: str
    told: Callable[[int], str]
    endpoint: str


_news: dict[str, News] = {}


def tells_news(verb: str, endpoint: str, told: Callable[[int], str]) -> None:
    """Says how events of a verb are summed up for somebody who comes back; the endpoint takes the community's id."""
    _news[verb] = News(verb, told, endpoint)


def news() -> Mapping[str, News]:
    return _news


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


@dataclass(frozen=True, slots=True)
class Way:
    """An address that leads to what is wanted at this moment; ``label`` and ``hint`` are message ids. With a ``kind``
    it leads to one thing of that kind, whose id it takes as ``thing``."""

    endpoint: str
    label: str
    hint: str
    kind: str | None = None


_ways: list[Way] = []


def open_way(endpoint: str, label: str, hint: str, *, kind: str | None = None) -> None:
    """Adds what can be placed in a course beside the rooms, and has no tab. The endpoint takes the community's id."""
    _ways.append(Way(endpoint, label, hint, kind))


def ways() -> Sequence[Way]:
    return tuple(_ways)
