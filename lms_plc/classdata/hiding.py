"""Which groups are hidden, so that nobody can work out what is said of a few. Pure functions; this is the guarantee.

**What is small.** A group with fewer pupils than the threshold (10, or what was chosen above it), an empty one
included. In a table of levels also a group in which all, or all but one or two, stand at one level: who knows the group
would know it of nearly everybody in it.

**What is hidden.** Always a whole row: how many pupils and every value. If only one row is small, or the hidden ones
together are fewer than the threshold, the next smallest group is hidden too. Hidden rows look all the same: whether one
was small, nearly of one level, or only covers another is stored nowhere.

**The total** of all pupils is shown only where the hidden rows together have at least the threshold, there are at least
two of them, and anybody who knows these rules and everything shown must still think each hidden row possible with any
number from 0 to the threshold less one. With t hidden rows of together S pupils and m pupils in the smallest shown one
that is so where S < m, or S <= (threshold - 1) * (t - 1), or nothing is shown:

- a row may have v pupils, one other all of the rest, S - v < m, and then it was the next smallest and covers the first;
- or, in the second case, the rest is shared among rows that are all small.

Where the total is not shown, any number from 1 to the threshold less one is possible for each hidden row (an empty
group may be ruled out).

**Values.** The total of a measure and the totals of levels are never made from hidden rows: pages show those of the
groups shown, which say nothing of the others. So a value of a hidden row is in no equation at all. A percentage that
stands for all or none of a shown group, or for all but one or two, is shown as “x or more” or “x or less”
(``coded``); ``tables`` refuses percentages that add up to 100, which would give it away.

**Earlier tables of the same community** (``before``): a group that was hidden there is hidden here, and the total is
not shown if a hidden group stands, or stood, in another table, unless that one had the very same groups and hid the
same. So one cannot be taken from the other.

**What it does not know.** That two names mean the same pupils (“8a and 8b” in one table, “8a” in the next): the page
asks before such a table is kept. The scale of an average: where all have the highest mark, it shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms_plc.classdata.tables import LEVELS, Table, Use

THRESHOLD = 10
"""It can be raised for a table, never lowered."""

NEARLY = 2
"""So many pupils apart from the others are still nearly all."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What another table of the community showed: its groups, which of them it hid, and whether it had a total."""

    groups: tuple[str, ...]
    hidden: frozenset[str]
    has_total: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """What may be stored and shown. ``pupils`` and ``values`` are None where they are hidden."""

    hidden: frozenset[int]
    total: int | None
    pupils: tuple[int | None, ...]
    values: tuple[tuple[float | None, ...], ...]


def cover(table: Table, threshold: int = THRESHOLD, before: Iterable[Earlier] = ()) -> Covered:
    """The table without what would say something of a few. Raises ValueError for a threshold below 2."""
    if threshold < 2:
        raise ValueError("a group of one is a person")
    related = [one for one in before if set(map(folded, table.groups)) & set(map(folded, one.groups))]
    known = {folded(group) for one in related for group in one.hidden}
    hidden = {
        index
        for index, (group, pupils, row) in enumerate(zip(table.groups, table.pupils, table.values, strict=True))
        if pupils < threshold or folded(group) in known or (table.shape == LEVELS and _nearly_one_level(row))
    }
    hidden = _covered(table.pupils, hidden, threshold)
    may_total = _total_is_safe(table.pupils, hidden, threshold) and _stands_alone(table.groups, hidden, related)
    pupils = [None if index in hidden else n for index, n in enumerate(table.pupils)]
    return Covered(
        frozenset(hidden),
        sum(table.pupils) if may_total else None,
        tuple(pupils),
        tuple(
            tuple(
                None if n is None or value is None else coded(value, n) if column.use is Use.PERCENT else value
                for column, value in zip(table.columns, row, strict=True)
            )
            for n, row in zip(pupils, table.values, strict=True)
        ),
    )


def folded(group: str) -> str:
    return " ".join(group.casefold().split())


def bounds(pupils: int) -> tuple[float, float]:
    """Below and above which a percentage of so many pupils is not told apart."""
    low = -(-100 * NEARLY // pupils)
    return float(low), float(100 - low)


def coded(percent: float, pupils: int) -> float:
    """A percentage in whole numbers, no nearer to none or all than ``bounds``."""
    low, high = bounds(pupils)
    return min(max(float(round(percent)), low), high)


def _nearly_one_level(row: Sequence[float | None]) -> bool:
    counts = [one or 0 for one in row]
    return sum(counts) - max(counts, default=0) <= NEARLY


def may_be_the_same(table: Table, threshold: int, other: Earlier, together: int | None) -> bool:
    """Whether another table, of so many pupils ``together`` as far as it says, may be of the same pupils under other
    names: one could be taken from the other. Of the very same groups nothing more can be had."""
    if set(map(folded, other.groups)) == set(map(folded, table.groups)):
        return False
    return together is None or abs(together - sum(table.pupils)) < threshold


def _covered(pupils: Sequence[int], hidden: set[int], threshold: int) -> set[int]:
    """With as many of the next smallest groups as it takes."""
    hidden = set(hidden)
    others = sorted(set(range(len(pupils))) - hidden, key=lambda index: (pupils[index], index))
    while hidden and others and (len(hidden) < 2 or sum(pupils[index] for index in hidden) < threshold):
        hidden.add(others.pop(0))
    return hidden


def _total_is_safe(pupils: Sequence[int], hidden: set[int], threshold: int) -> bool:
    if not hidden:
        return True
    together = sum(pupils[index] for index in hidden)
    if len(hidden) < 2 or together < threshold:
        return False
    shown = [n for index, n in enumerate(pupils) if index not in hidden]
    return not shown or together < min(shown) or together <= (threshold - 1) * (len(hidden) - 1)


def _stands_alone(groups: Sequence[str], hidden: set[int], related: Sequence[Earlier]) -> bool:
    """Whether no other table can be taken from this one."""
    here = {folded(one) for one in groups}
    hidden_here = {folded(groups[index]) for index in hidden}
    for one in related:
        there, hidden_there = {folded(each) for each in one.groups}, {folded(each) for each in one.hidden}
        if not (hidden_here & there) and not (hidden_there & here):
            continue
        if (here, hidden_here) != (there, hidden_there) or not one.has_total:
            return False
    return True
