"""A table of totals as bars, drawn on the server: numbers as places and lengths, texts as texts."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms_plc.classdata.hiding import bounds
from lms_plc.classdata.queries import Row, Shape
from lms_plc.classdata.tables import Use
from lms_plc.web.i18n import format_number, gettext

WIDTH = 320
ROW = 44
ROOM = 96
"""Kept free behind the longest bar for what it says."""

NAME = 38
"""Characters of a group's name above its bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """``length`` is None where the group is hidden."""

    name: str
    label: str
    top: int
    length: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    height: int
    bars: Sequence[Bar]


def charts(shape: Shape, rows: Sequence[Row]) -> list[Chart]:
    """One for each measure or level: the groups under each other, in the order of the table."""
    return [_chart(shape, rows, place, name, use) for place, (name, use) in enumerate(shape.columns)]


def said(value: float | None, use: Use, pupils: int | None) -> str:
    """A value in words: what stands for all or none of a group is not told apart."""
    if pupils is None:
        return gettext("hidden")
    if value is None:
        return "–"
    if use is not Use.PERCENT:
        return format_number(value)
    low, high = bounds(pupils)
    if value <= low:
        return gettext("%(number)s %% or less", number=format_number(low))
    if value >= high:
        return gettext("%(number)s %% or more", number=format_number(high))
    return gettext("%(number)s %%", number=format_number(value))


def of_shown(shape: Shape, rows: Sequence[Row]) -> list[str]:
    """What the groups that are shown have together: an average by pupils, or a sum of a level. Percentages that are
    told only as “or more” have none."""
    shown = [row for row in rows if row.pupils]
    found: list[str] = []
    for place, (_, use) in enumerate(shape.columns):
        known = [(row.values[place], row.pupils or 0) for row in shown if row.values[place] is not None]
        if use is Use.LEVEL:
            found.append(format_number(sum(value or 0 for value, _ in known)))
        elif not known or (use is Use.PERCENT and any(not _is_told_apart(value, n) for value, n in known)):
            found.append("–")
        else:
            mean = sum((value or 0) * n for value, n in known) / sum(n for _, n in known)
            rounded = float(round(mean)) if use is Use.PERCENT else round(mean, 1)
            found.append(said(rounded, use, sum(n for _, n in known)))
    return found


def _is_told_apart(value: float | None, pupils: int) -> bool:
    low, high = bounds(pupils)
    return value is not None and low < value < high


def _chart(shape: Shape, rows: Sequence[Row], place: int, name: str, use: Use) -> Chart:
    lengths = [_share(row, place, use) for row in rows]
    longest = 100.0 if use is not Use.MEAN else max([one for one in lengths if one is not None], default=1.0) or 1.0
    bars = []
    for index, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        drawn = None if row.is_hidden else max(0.0, (length or 0.0) / longest) * (WIDTH - ROOM)
        group = row.group if len(row.group) <= NAME else f"{row.group[: NAME - 1]}…"
        bars.append(Bar(group, said(row.values[place], use, row.pupils), index * ROW, drawn and round(drawn, 1)))
    return Chart(name, len(rows) * ROW, bars)


def _share(row: Row, place: int, use: Use) -> float | None:
    """Levels are drawn as parts of the group: groups of different size can be laid side by side."""
    value = row.values[place]
    if value is None or use is not Use.LEVEL:
        return value
    return 100 * value / row.pupils if row.pupils else None
