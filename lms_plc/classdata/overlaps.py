"""Rows of one table that share pupils: a small group could be worked out from the larger ones. Pure functions."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from lms_plc.classdata.hiding import is_named_as_part
from lms_plc.classdata.tables import Refused, Table, Use
from lms_plc.web.i18n import N_

MOST_WAYS = 64
"""To add up rows before or after another: with and without those known as sums."""


def apart(table: Table) -> tuple[Table, tuple[str, ...]]:
    """The table without rows that add up others, and their names. Raises Refused for a group that is named like a part
    of another and is no larger: the rest of that one could be worked out."""
    sums: set[int] = set()
    while (found := _next_sum(table, sums)) is not None:
        sums.add(found)
    rows = [row for row in range(len(table.groups)) if row not in sums]
    for whole in rows:
        for part in rows:
            is_smaller = table.pupils[part] <= table.pupils[whole]
            if is_smaller and is_named_as_part(table.groups[part], table.groups[whole]):
                raise Refused(
                    N_(
                        "“%(part)s” seems to be a part of “%(whole)s”: how the others in it did could be worked out."
                        " Take one of the two out. If they have no pupil in common, give them names that say so."
                    ),
                    part=table.groups[part],
                    whole=table.groups[whole],
                )
    left_out = tuple(table.groups[row] for row in sorted(sums))
    return Table(
        tuple(table.groups[row] for row in rows),
        tuple(table.pupils[row] for row in rows),
        table.columns,
        tuple(table.values[row] for row in rows),
    ), left_out


def _next_sum(table: Table, sums: AbstractSet[int]) -> int | None:
    """The largest row that adds up others and is not known to."""
    left = sorted(set(range(len(table.groups))) - sums, key=lambda row: -table.pupils[row])
    return next((row for row in left if _adds_up(table, sums, row)), None)


def _adds_up(table: Table, sums: AbstractSet[int], row: int) -> bool:
    """Whether a row is the sum of those right before it, or right after: of their pupils, and in every measure. Rows
    known as sums may be among them or not: a class that happens to fit its neighbours is one of its year."""
    target = table.pupils[row]
    for others in (range(row - 1, -1, -1), range(row + 1, len(table.groups))):
        ways: list[tuple[int, tuple[int, ...]]] = [(0, ())]
        for other in others:
            without = ways if other in sums else []
            having = [(together + table.pupils[other], (*some, other)) for together, some in ways]
            ways = [*without, *(way for way in having if way[0] <= target)][:MOST_WAYS]
            if any(0 < together == target and len(some) > 1 and _agrees(table, row, some) for together, some in ways):
                return True
            if not ways:
                break
    return False


def _agrees(table: Table, row: int, some: Sequence[int]) -> bool:
    """Whether what a row says fits what the others say together, as far as numbers were rounded."""
    for place, column in enumerate(table.columns):
        said, parts = table.values[row][place], [table.values[one][place] for one in some]
        given = [part for part in parts if part is not None]
        if said is None or len(given) < len(parts):
            continue
        if column.use is Use.LEVEL:
            if said != sum(given):
                return False
            continue
        weighted = sum(part * table.pupils[one] for part, one in zip(given, some, strict=True))
        step = 10.0 ** -max(_decimals(one) for one in (said, *given))
        if abs(said - weighted / table.pupils[row]) > step * 1.01:
            return False
    return True


def _decimals(number: float) -> int:
    return len(f"{number:.4f}".rstrip("0").partition(".")[2])
