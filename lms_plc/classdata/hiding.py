"""Which groups are hidden, so that nobody can work out what is said of a few. Pure functions; this is the guarantee.

**What is small.** A group with fewer pupils than the threshold (10, or what was chosen above it), an empty one
included. In a table of levels also a group in which all, or all but one or two, stand at one level: who knows the group
would know it of nearly everybody in it.

**What is hidden.** Always a whole row: how many pupils and every value. If only one row is small, or the hidden ones
together are fewer than the threshold, the next smallest group is hidden too. Hidden rows look all the same: whether one
was small, nearly of one level, or only covers another is stored nowhere.

**The total** of all pupils is shown only where nothing is hidden. So how many pupils a hidden row has is in no
equation, of this table or of another: who knows these rules and everything shown must still think any number from 1 to
the threshold less one possible for each hidden row (an empty group may be ruled out).

**Other tables of the same day or question** (``before``): a group that one of them hides is hidden here, too, as long
as that one stands: who knows the total of a school from elsewhere would need just the group that covers the small one.
Once it is withdrawn, a number that was typed wrong can be put right.

**Values.** The total of a measure and the totals of levels are never made from hidden rows: pages show those of the
groups shown, which say nothing of the others. So a value of a hidden row is in no equation at all. A percentage that
stands for all or none of a shown group, or for all but one or two, is shown as “x or more” or “x or less”
(``coded``); ``tables`` refuses percentages that add up to 100, which would give it away.

**Groups that share pupils** would be an equation. In one table a row that adds up others is left out (``overlaps``),
and one that is named like a part of another is refused. Between two tables of one day or question, a group that has a
few pupils more or less, or that is named like a part of another with only a few left, is asked about, and so are other
groups that may have the same pupils (``may_be_the_same``): whoever keeps the table says that they are others.

**What it does not know.** That two names mean the same pupils (“8a and 8b” in one table, “the eighth” in the next)
where the numbers do not say so. The scale of an average: where all have the highest mark, it shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lms_plc.classdata.tables import LEVELS, Table, Use

THRESHOLD = 10
"""It can be raised for a table, never lowered."""

NEARLY = 2
"""So many pupils apart from the others are still nearly all."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What another table showed of the same day or question: its groups, and how many pupils they have; None where it
    hid that. ``stands`` is False for one that was withdrawn."""

    groups: tuple[str, ...]
    pupils: tuple[int | None, ...]
    stands: bool = True


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
    standing = [zip(one.groups, one.pupils, strict=True) for one in before if one.stands]
    known = {folded(group) for groups in standing for group, pupils in groups if pupils is None}
    hidden = {
        index
        for index, (group, pupils, row) in enumerate(zip(table.groups, table.pupils, table.values, strict=True))
        if pupils < threshold or folded(group) in known or (table.shape == LEVELS and _nearly_one_level(row))
    }
    hidden = _covered(table.pupils, hidden, threshold)
    pupils = [None if index in hidden else n for index, n in enumerate(table.pupils)]
    return Covered(
        frozenset(hidden),
        None if hidden else sum(table.pupils),
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


def may_be_the_same(table: Table, threshold: int, other: Earlier) -> bool:
    """Whether another table may be of the same pupils, so that something of a few could be taken from the two: the same
    groups with a few more or less, parts of them that leave a few, or other names. Of the very same groups with the
    same pupils nothing more can be had."""
    here = dict(zip(map(folded, table.groups), table.pupils, strict=True))
    there = dict(zip(map(folded, other.groups), other.pupils, strict=True))
    known = {group: n for group, n in there.items() if n is not None}
    if any(0 < abs(here[group] - n) < threshold for group, n in known.items() if group in here):
        return True
    if _leaves_a_few(here, known, threshold) or _leaves_a_few(known, here, threshold):
        return True
    if here.keys() == there.keys():
        return False
    return len(known) < len(there) or abs(sum(known.values()) - sum(here.values())) < threshold


def _leaves_a_few(wholes: Mapping[str, int], parts: Mapping[str, int], threshold: int) -> bool:
    """Whether a group without those that are named like its parts, each of them or all, is a few."""
    for whole, n in wholes.items():
        some = [parts[part] for part in parts if is_named_as_part(part, whole)]
        if some and any(0 < n - one < threshold for one in [*some, sum(some)]):
            return True
    return False


def is_named_as_part(part: str, whole: str) -> bool:
    """“8a girls” of “8a”, and of “girls”: all the words of the whole are among its own, and it has more."""
    return {*folded(whole).split()} < {*folded(part).split()}


def _covered(pupils: Sequence[int], hidden: set[int], threshold: int) -> set[int]:
    """With as many of the next smallest groups as it takes."""
    hidden = set(hidden)
    others = sorted(set(range(len(pupils))) - hidden, key=lambda index: (pupils[index], index))
    while hidden and others and (len(hidden) < 2 or sum(pupils[index] for index in hidden) < threshold):
        hidden.add(others.pop(0))
    return hidden
