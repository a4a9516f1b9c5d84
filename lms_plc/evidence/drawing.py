"""Where does each thing of a chain stand in its drawing, and what is missing between them? Pure functions: from things
and links to boxes and lines.

Columns go from reflection to outcome. Within its column a thing stands near what it is linked to.
"""

import textwrap
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from lms_plc.evidence.tracing import CAME_FROM

BOX_WIDTH, BOX_HEIGHT = 168, 78
BETWEEN_COLUMNS, BETWEEN_ROWS = 40, 18
STEP_X, STEP_Y = BOX_WIDTH + BETWEEN_COLUMNS, BOX_HEIGHT + BETWEEN_ROWS
MARGIN, HEAD = 8, 30
LANES = (0, 4, -4, 7, -7)
"""How far from the middle between two rows a line runs, so that not all run on each other."""
COMES, GOES = BOX_HEIGHT // 2 - 8, BOX_HEIGHT // 2 + 8
"""How far down its side a line comes to a box, and how far down one leaves it: so neither seems to go on as another."""
A_COLUMN = 12
"""Boxes that stand below each other; what is more stands beside them."""

LETTERS, LINES = 19, 3
FIRST_LINE, LINE = 34, 17
"""Where the words of a title stand in its box."""


class Station(IntEnum):
    """Where in a chain a thing stands."""

    REFLECTION = 0
    THOUGHT = 1
    CHANGE = 2
    SEEN = 3
    OUTCOME = 4
    AFTER = 5


CHAIN = (Station.REFLECTION, Station.CHANGE, Station.SEEN, Station.OUTCOME)
"""What a whole chain goes through."""

STATIONS: Mapping[str, Station] = {
    "journal_entry": Station.REFLECTION,
    "journal_part": Station.REFLECTION,
    "AdaptationIntent": Station.CHANGE,
    "practice_change": Station.CHANGE,
    "action_item": Station.CHANGE,
    "innovation": Station.CHANGE,
    "Evidence": Station.SEEN,
    "ObservationNote": Station.SEEN,
    "Finding": Station.SEEN,
    "data_set": Station.SEEN,
    "visit": Station.SEEN,
    "OutcomeClaim": Station.OUTCOME,
    **dict.fromkeys(
        ("Caveat", "library_item", "school_item", "contribution", "section", "portfolio"),
        Station.AFTER,
    ),
}
"""Kind of a thing, or of a thought → its station; everything else was thought, said or decided on the way."""

LEADS = frozenset({"prompted", "led_to", "tried_in", "resulted_in", "shown_by"})
"""Types of links that lead on; what was adapted leads on to what was made of it. That a thing is questioned by another,
told or cited somewhere, leads nowhere."""


def station_of(kind: str) -> Station:
    return STATIONS.get(kind, Station.THOUGHT)


@dataclass(frozen=True, slots=True)
class Gap:
    """``is_there``: there are things of this station (``of``), but nothing leads to them. ``before`` are those of the
    station before it from which something should lead on; both are nearest first."""

    station: Station
    is_there: bool
    of: Sequence[Any] = field(default=(), compare=False)
    before: Sequence[Any] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Box:
    key: Any
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    from_: Any
    to: Any
    path: str


@dataclass(frozen=True, slots=True)
class Head:
    station: Station
    x: int


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    heads: Sequence[Head]
    boxes: Sequence[Box]
    lines: Sequence[Line]


def gaps(kinds: Mapping[Any, str], edges: Collection[tuple[Any, str, Any]], through: Any = None) -> list[Gap]:
    """What a chain from a reflection to an outcome lacks, station by station; of a change or an outcome that one asks
    for (``through``), what a chain through it lacks.

    A chain is a path of typed links, each in its direction: from a reflection to a change, from the change to what
    shows it, and from there to the outcome; what shows an outcome may hang on the change by the outcome. As far as the
    change it may lead over thoughts and projects, and over where a thing was begun. After it, it leads over changes,
    evidence and outcomes alone: that they were said in the same project, meeting or talk does not link them.
    """
    at = {key: station_of(kind) for key, kind in kinds.items()}
    there: dict[Station, list[Any]] = {station: [] for station in CHAIN}
    for key, station in at.items():
        if station in there:
            there[station].append(key)
    begin = 0
    if through is not None and at[through] in there:
        begin, there[at[through]] = CHAIN.index(at[through]), [through]
    found = _lacking(CHAIN[begin:], there, edges, at, is_back=False)
    if begin:
        found += _lacking(CHAIN[begin::-1], there, edges, at, is_back=True)
    return sorted(found, key=lambda gap: gap.station)


def _lacking(
    way: Sequence[Station],
    there: Mapping[Station, Sequence[Any]],
    edges: Collection[tuple[Any, str, Any]],
    at: Mapping[Any, Station],
    *,
    is_back: bool,
) -> list[Gap]:
    """As ``gaps``, from one end of the way to the other."""
    found: list[Gap] = []
    known: Sequence[Any] = ()
    last: Station | None = None
    for station in way:
        reached = there[station]
        if reached and last is not None:
            near = _led_to(known, edges, at, sorted((last, station)), is_back=is_back)
            reached = [key for key in reached if key in near]
        if not there[station]:
            found.append(Gap(station, is_there=False, before=() if is_back else known))
            continue
        if not reached and last is not None:
            of, before = (known, there[station]) if is_back else (there[station], known)
            found.append(Gap(max(last, station), is_there=True, of=of, before=before))
        known, last = reached or there[station], station
    return found


def _led_to(
    begun: Collection[Any],
    edges: Collection[tuple[Any, str, Any]],
    at: Mapping[Any, Station],
    between: Sequence[Station],
    *,
    is_back: bool,
) -> set[Any]:
    """What these lead to, or ``is_back``: what leads to them; over nothing that stands before the earlier of the two
    stations it goes ``between``, and to a change not over an outcome."""
    least, most = between[0], Station.SEEN if between[1] is Station.CHANGE else Station.OUTCOME
    near: dict[Any, set[Any]] = {}
    for one, type_, other in edges:
        if type_ not in LEADS and type_ != "adapted_from" and not (type_ == CAME_FROM and least < Station.CHANGE):
            continue
        is_turned = (type_ == "adapted_from") is not is_back
        near.setdefault(other if is_turned else one, set()).add(one if is_turned else other)
        if type_ == "shown_by" and min(at[one], at[other]) >= Station.SEEN:  # evidence and outcome hang on each other
            near.setdefault(one if is_turned else other, set()).add(other if is_turned else one)
    seen, waiting = set(begun), list(begun)
    while waiting:
        for other in near.get(waiting.pop(), ()):
            if other not in seen and least <= at[other] <= most:
                seen.add(other)
                waiting.append(other)
    return seen


def lay_out(stations: Mapping[Any, Station], edges: Sequence[tuple[Any, Any]]) -> Drawing:
    """Columns from left to right; no box covers another, and no line runs behind one."""
    columns: list[tuple[Station, list[Any]]] = []
    for station in Station:
        keys = [key for key, one in stations.items() if one is station]
        for start in range(0, len(keys), A_COLUMN):
            columns.append((station, keys[start : start + A_COLUMN]))
    _put_near(columns, edges)
    rows = max((len(keys) for _, keys in columns), default=0)
    boxes: dict[Any, Box] = {}
    heads: dict[Station, Head] = {}
    free: list[list[int]] = []
    for number, (station, keys) in enumerate(columns):
        x = MARGIN + number * STEP_X
        heads.setdefault(station, Head(station, x))
        top = MARGIN + HEAD + (rows - len(keys)) * STEP_Y // 2
        for row, key in enumerate(keys):
            boxes[key] = Box(key, x, top + row * STEP_Y)
        free.append([top + row * STEP_Y - BETWEEN_ROWS // 2 for row in range(len(keys) + 1)])
    ends = {key for _, keys in columns[-1:] for key in keys}
    used: Counter[tuple[int, int, int]] = Counter()
    bows = any(one in ends and other in ends for one, other in edges)  # beyond the right edge of the last column
    return Drawing(
        2 * MARGIN + max(0, len(columns) * STEP_X - (0 if bows else BETWEEN_COLUMNS)),
        2 * MARGIN + HEAD + rows * STEP_Y,
        list(heads.values()),
        list(boxes.values()),
        [Line(one, other, _path(boxes[one], boxes[other], free, used)) for one, other in edges],
    )


def _put_near(columns: Sequence[tuple[Station, list[Any]]], edges: Sequence[tuple[Any, Any]]) -> None:
    """Each thing at the height of what it is linked to, once from the left and once from the right."""
    near: dict[Any, list[Any]] = {}
    for one, other in edges:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    height = {key: row - len(keys) / 2 for _, keys in columns for row, key in enumerate(keys)}
    for _, keys in (*columns, *reversed(columns)):
        wanted = {
            key: sum(height[other] for other in near[key]) / len(near[key]) if key in near else height[key]
            for key in keys
        }
        keys.sort(key=wanted.__getitem__)
        height.update((key, row - len(keys) / 2) for row, key in enumerate(keys))


def _path(one: Box, other: Box, free: Sequence[Sequence[int]], used: Counter[tuple[int, int, int]]) -> str:
    """From side to side, in the direction of the link, and through each column between them where that is ``free``, in
    the lane that is ``used`` least; what stands below each other is joined by a bow on the right, the wider the
    farther."""
    goes, comes = one.y + GOES, other.y + COMES
    if one.x == other.x:
        x = one.x + BOX_WIDTH
        bow = x + min(BETWEEN_COLUMNS, BETWEEN_COLUMNS // 2 + abs(comes - goes) // STEP_Y * 4)
        return f"M{x} {goes}C{bow} {goes} {bow} {comes} {x} {comes}"
    to_right = one.x < other.x
    (left, y), (right, end) = ((one, goes), (other, comes)) if to_right else ((other, comes), (one, goes))
    first, last = left.x // STEP_X, right.x // STEP_X
    levels: list[tuple[int, int]] = []
    for column in range(first + 1, last):
        aim, before = y + (end - y) * (column - first) // (last - first), levels[-1][1] if levels else y
        at = min(free[column], key=lambda level: abs(level - aim) - (STEP_Y // 2 if level == before else 0))
        levels.append((column, at))
    lane = min(LANES, key=lambda lane: sum(used[*place, lane] for place in levels))
    points = [(left.x + BOX_WIDTH, y)]
    for column, level in levels:
        used[column, level, lane] += 1
        x = MARGIN + column * STEP_X
        points += [(x, level + lane), (x + BOX_WIDTH, level + lane)]
    points.append((right.x, end))
    return _through(points if to_right else points[::-1])


def _through(points: Sequence[tuple[int, int]]) -> str:
    (x, y), *more = points
    path = [f"M{x} {y}"]
    for number, (to_x, to_y) in enumerate(more):
        half = (to_x - x) * 3 // 4
        if to_y != y:
            path.append(f"C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}")
        elif number + 1 == len(more) or more[number + 1][1] != y:
            path.append(f"H{to_x}")
        x, y = to_x, to_y
    return "".join(path)


def in_lines(text: str) -> list[tuple[int, str]]:
    """A title as it fits into its box: how far down each line stands, and its words."""
    lines = textwrap.wrap(" ".join(text.split()), LETTERS, max_lines=LINES, placeholder=" …")
    return [(FIRST_LINE + number * LINE, line) for number, line in enumerate(lines)]
