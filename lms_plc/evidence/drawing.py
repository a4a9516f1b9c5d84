"""Where does each thing of a chain stand in its drawing, and what is missing between them? Pure functions: from things
and links to boxes and lines.

Columns go from reflection to outcome. Within its column a thing stands near what it is linked to.
"""

import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

BOX_WIDTH, BOX_HEIGHT = 168, 78
BETWEEN_COLUMNS, BETWEEN_ROWS = 40, 18
MARGIN, HEAD = 8, 30
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

PLACES = frozenset({"inquiry", "meeting", "minutes", "data_conversation", "topic"})
"""What other things happen in: it holds a chain together wherever it passes through."""


def station_of(kind: str) -> Station:
    return STATIONS.get(kind, Station.THOUGHT)


@dataclass(frozen=True, slots=True)
class Gap:
    """``is_there``: there are things of this station, but nothing leads to them."""

    station: Station
    is_there: bool


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


def gaps(kinds: Mapping[Any, str], edges: Collection[tuple[Any, Any]]) -> list[Gap]:
    """What a chain from a reflection to an outcome lacks, station by station."""
    near: dict[Any, set[Any]] = {}
    for one, other in edges:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    at = {key: station_of(kind) for key, kind in kinds.items()}
    found: list[Gap] = []
    known: set[Any] = set()
    last: Station | None = None
    for station in CHAIN:
        there = {key for key, one in at.items() if one is station}
        if not there:
            found.append(Gap(station, is_there=False))
            continue
        reached = there if last is None else there & _led_to(known, near, at, kinds, last)
        if not reached:
            found.append(Gap(station, is_there=True))
        known, last = reached or there, station
    return found


def _led_to(
    begun: Collection[Any],
    near: Mapping[Any, Collection[Any]],
    at: Mapping[Any, Station],
    kinds: Mapping[Any, str],
    last: Station,
) -> set[Any]:
    """What one comes to from these without going back: over later things, and over what they happened in. Evidence may
    hang on the outcome, and the outcome on the change."""
    seen, waiting = set(begun), list(begun)
    while waiting:
        for other in near.get(waiting.pop(), ()):
            if other not in seen and (last <= at[other] <= Station.OUTCOME or kinds[other] in PLACES):
                seen.add(other)
                waiting.append(other)
    return seen


def lay_out(stations: Mapping[Any, Station], edges: Sequence[tuple[Any, Any]]) -> Drawing:
    """Columns from left to right; no box covers another."""
    columns: list[tuple[Station, list[Any]]] = []
    for station in Station:
        keys = [key for key, one in stations.items() if one is station]
        for start in range(0, len(keys), A_COLUMN):
            columns.append((station, keys[start : start + A_COLUMN]))
    _put_near(columns, edges)
    rows = max((len(keys) for _, keys in columns), default=0)
    step_x, step_y = BOX_WIDTH + BETWEEN_COLUMNS, BOX_HEIGHT + BETWEEN_ROWS
    boxes: dict[Any, Box] = {}
    heads: dict[Station, Head] = {}
    for number, (station, keys) in enumerate(columns):
        x = MARGIN + number * step_x
        heads.setdefault(station, Head(station, x))
        above = (rows - len(keys)) * step_y // 2
        for row, key in enumerate(keys):
            boxes[key] = Box(key, x, MARGIN + HEAD + above + row * step_y)
    lines = [Line(one, other, _path(boxes[one], boxes[other])) for one, other in edges]
    return Drawing(
        2 * MARGIN + max(0, len(columns) * step_x - BETWEEN_COLUMNS),
        2 * MARGIN + HEAD + max(0, rows * step_y - BETWEEN_ROWS),
        list(heads.values()),
        list(boxes.values()),
        lines,
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


def _path(one: Box, other: Box) -> str:
    """From side to side; what stands below each other is joined by a bow on the right."""
    if one.x > other.x:
        one, other = other, one
    y1, y2 = one.y + BOX_HEIGHT // 2, other.y + BOX_HEIGHT // 2
    x1 = one.x + BOX_WIDTH
    if one.x == other.x:
        bow = x1 + BETWEEN_COLUMNS // 2
        return f"M{x1} {y1}C{bow} {y1} {bow} {y2} {x1} {y2}"
    half = BETWEEN_COLUMNS * 3 // 4
    return f"M{x1} {y1}C{x1 + half} {y1} {other.x - half} {y2} {other.x} {y2}"


def in_lines(text: str) -> list[tuple[int, str]]:
    """A title as it fits into its box: how far down each line stands, and its words."""
    lines = textwrap.wrap(" ".join(text.split()), LETTERS, max_lines=LINES, placeholder=" …")
    return [(FIRST_LINE + number * LINE, line) for number, line in enumerate(lines)]
