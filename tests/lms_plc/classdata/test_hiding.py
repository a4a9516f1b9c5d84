"""Can anybody work out a hidden number, or nearly? Three attackers try, none of which knows how the hider thinks.

The first has exact linear algebra and whole numbers, and tries what is shown of 10,000 tables. The second knows the
rules themselves: it hides every possible table and looks which of them would have been shown the same way. The third
has two tables of the same community.
"""

import itertools
import random
from collections import defaultdict
from fractions import Fraction

import pytest

from lms_plc.classdata.hiding import Covered, Earlier, bounds, coded, cover
from lms_plc.classdata.tables import Column, Table, Use

TABLES = 10_000


def means(*pupils: int, names: str = "abcdefghijklmnop") -> Table:
    values = tuple((float(index),) for index, _ in enumerate(pupils))
    return Table(tuple(names[: len(pupils)]), pupils, (Column("points", Use.MEAN),), values)


def levels(*rows: tuple[int, ...]) -> Table:
    columns = tuple(Column(str(place), Use.LEVEL) for place, _ in enumerate(rows[0]))
    groups = tuple("abcdefghijklmnop"[: len(rows)])
    return Table(groups, tuple(map(sum, rows)), columns, tuple(tuple(map(float, row)) for row in rows))


def at_random(dice: random.Random, threshold: int) -> Table:
    """Sizes of schools as they are, and as somebody would make them who wants to see something."""
    count = dice.randint(1, 9)
    kind = dice.choice(("mixed", "tiny", "edge", "classes", "same"))
    same = dice.randint(threshold - 2, 3 * threshold)
    sizes = {
        "mixed": lambda: dice.choice((0, 1, dice.randint(0, threshold), dice.randint(threshold, 40))),
        "tiny": lambda: dice.randint(0, 4),
        "edge": lambda: dice.choice((threshold - 1, threshold, threshold + 1, 1)),
        "classes": lambda: dice.randint(18, 32) if dice.random() < 0.8 else dice.randint(0, threshold - 1),
        "same": lambda: same if dice.random() < 0.8 else dice.randint(0, threshold - 1),
    }
    pupils = [sizes[kind]() for _ in range(count)]
    if dice.random() < 0.5:
        return means(*pupils)
    places = dice.randint(2, 5)
    rows = []
    for n in pupils:
        row = [0] * places
        favourite = dice.randrange(places) if dice.random() < 0.3 else None
        for _ in range(n):
            row[favourite if favourite is not None else dice.randrange(places)] += 1
        rows.append(tuple(row))
    return levels(*rows)


def equations(table: Table, shown: Covered) -> tuple[list[str], list[tuple[dict[str, int], int]]]:
    """What somebody can write down who sees the page: unknowns, and sums of them that are known."""
    unknown: list[str] = []
    known: list[tuple[dict[str, int], int]] = []
    for index, pupils in enumerate(shown.pupils):
        if pupils is None:
            unknown.append(f"n{index}")
            if table.shape == "levels":
                cells = [f"c{index}.{place}" for place in range(len(table.columns))]
                unknown += cells
                known.append(({f"n{index}": -1} | dict.fromkeys(cells, 1), 0))
    if shown.total is not None and unknown:
        sizes = {name: 1 for name in unknown if name.startswith("n")}
        known.append((sizes, shown.total - sum(n or 0 for n in shown.pupils)))
    return unknown, known


def solved(unknown: list[str], known: list[tuple[dict[str, int], int]]) -> dict[str, Fraction]:
    """Unknowns the equations leave one value for (Gauss and Jordan, exactly)."""
    rows = [[Fraction(sum_.get(name, 0)) for name in unknown] + [Fraction(value)] for sum_, value in known]
    done = 0
    for place in range(len(unknown)):
        pivot = next((row for row in rows[done:] if row[place]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(done, [one / pivot[place] for one in pivot])
        for index, row in enumerate(rows):
            if index != done and row[place]:
                rows[index] = [a - row[place] * b for a, b in zip(row, rows[done], strict=True)]
        done += 1
    found = {}
    for row in rows[:done]:
        named = [name for name, factor in zip(unknown, row, strict=False) if factor]
        if len(named) == 1:
            found[named[0]] = row[-1]
    return found


def intervals(unknown: list[str], known: list[tuple[dict[str, int], int]]) -> dict[str, tuple[int, float]]:
    """Whole numbers from none up that each unknown can be: narrowed by every equation until nothing moves."""
    low: dict[str, float] = dict.fromkeys(unknown, 0)
    high: dict[str, float] = dict.fromkeys(unknown, float("inf"))
    moved = True
    while moved:
        moved = False
        for sum_, value in known:
            for name, factor in sum_.items():
                others = [(other, by) for other, by in sum_.items() if other != name]
                least = sum(by * (low[one] if by > 0 else high[one]) for one, by in others)
                most = sum(by * (high[one] if by > 0 else low[one]) for one, by in others)
                ends = sorted(((value - most) / factor, (value - least) / factor))
                if ends[0] > low[name] or ends[1] < high[name]:
                    low[name], high[name] = max(low[name], ends[0]), min(high[name], ends[1])
                    moved = True
    return {name: (int(low[name]), high[name]) for name in unknown}


def test_no_hidden_number_of_ten_thousand_tables_can_be_worked_out_or_narrowed() -> None:
    dice = random.Random(20261122)
    tried = hidden = totals = 0
    for _ in range(TABLES):
        threshold = dice.choice((10, 10, 10, 12, 20))
        table = at_random(dice, threshold)
        shown = cover(table, threshold)
        tried += 1
        hidden += bool(shown.hidden)
        totals += bool(shown.hidden) and shown.total is not None
        small = {index for index, n in enumerate(table.pupils) if n < threshold}
        assert small <= shown.hidden
        for index, (n, row) in enumerate(zip(shown.pupils, shown.values, strict=True)):
            assert (n is None) == (index in shown.hidden)
            assert n == table.pupils[index] if n is not None else not any(one is not None for one in row)
        unknown, known = equations(table, shown)
        assert solved(unknown, known) == {}, table
        for name, (low, high) in intervals(unknown, known).items():
            assert low == 0, (table, name)
            assert high >= threshold - 1, (table, name)
        if not small and table.shape == "measures":
            assert not shown.hidden
            assert shown.total == sum(table.pupils)
    assert (tried, hidden > 4000, totals > 500) == (TABLES, True, True)


def test_knowing_the_rules_narrows_nothing_either() -> None:
    """Every table of up to four groups is hidden; those shown the same way are all it could be. The threshold is three
    here, so that all tables there are can be tried."""
    threshold, largest, looked_at = 3, 11, 0
    for count in (1, 2, 3, 4):
        same: dict[tuple[tuple[int | None, ...], int | None], list[tuple[int, ...]]] = defaultdict(list)
        for pupils in itertools.product(range(largest + 1), repeat=count):
            shown = cover(means(*pupils), threshold)
            same[(shown.pupils, shown.total)].append(pupils)
        for (pupils, total), tables in same.items():
            if total is not None and total - sum(n or 0 for n in pupils) > largest:
                continue  # a group may be larger than those tried
            gone = [index for index, n in enumerate(pupils) if n is None]
            for index in gone:
                possible = {table[index] for table in tables}
                least = 0 if total is not None else 1
                assert set(range(least, threshold)) <= possible, (pupils, total, possible)
                looked_at += 1
    assert looked_at > 1000


def test_of_28_12_and_4_the_four_is_hidden_and_the_twelve_with_it() -> None:
    shown = cover(means(28, 12, 4))
    assert shown == Covered(frozenset({1, 2}), 44, (28, None, None), ((0.0,), (None,), (None,)))


@pytest.mark.parametrize(
    ("pupils", "hidden", "total"),
    [
        ((28, 25, 11), set(), 64),
        ((28,), set(), 28),
        ((4,), {0}, None),
        ((4, 3), {0, 1}, None),  # together still a small group
        ((6, 7), {0, 1}, 13),
        ((9, 28, 28), {0, 1}, None),  # with the total, who knows the rules would know the nine
        ((3, 4, 12, 30), {0, 1, 2}, 49),
        ((0, 25, 40), {0, 1}, 65),
        ((0, 25, 40, 25), {0, 1}, None),
    ],
)
def test_what_is_hidden_with_a_small_group(pupils: tuple[int, ...], hidden: set[int], total: int | None) -> None:
    shown = cover(means(*pupils))
    assert (set(shown.hidden), shown.total) == (hidden, total)


def test_a_group_of_nearly_one_level_is_hidden_like_a_small_one() -> None:
    assert cover(levels((10, 10, 8), (6, 5, 4))).hidden == frozenset()
    assert cover(levels((10, 10, 8), (0, 2, 26), (6, 5, 4))).hidden == {1, 2}
    assert cover(levels((0, 0, 28))) == Covered(frozenset({0}), None, (None,), ((None, None, None),))


def test_percentages_do_not_tell_all_or_none_of_a_group() -> None:
    assert [coded(one, 28) for one in (0, 3.6, 50.4, 97, 100)] == [8, 8, 50, 92, 92]
    for n in range(10, 400):
        low, high = bounds(n)
        told_low = [count for count in range(n + 1) if coded(100 * count / n, n) == low]
        told_high = [count for count in range(n + 1) if coded(100 * count / n, n) == high]
        assert {0, 1, 2} <= set(told_low)
        assert {n, n - 1, n - 2} <= set(told_high)


def earlier(table: Table, threshold: int = 10) -> Earlier:
    shown = cover(table, threshold)
    return Earlier(table.groups, frozenset(table.groups[index] for index in shown.hidden), shown.total is not None)


def test_two_tables_of_a_community_cannot_be_taken_from_each_other() -> None:
    three, two = means(28, 12, 4), means(28, 12)
    again = cover(two, before=[earlier(three)])
    assert (set(again.hidden), again.total) == ({0, 1}, None)  # the four could be had from 44 less 40
    later = cover(three, before=[earlier(two)])
    assert (set(later.hidden), later.total) == ({1, 2}, None)
    assert cover(three, before=[earlier(three)]) == cover(three)
    assert cover(three, before=[earlier(means(28, 12, 4, names="xyz"))]) == cover(three)
    assert cover(means(28, 12, 11), before=[earlier(two)]).total == 51
    assert set(cover(means(30, 30, 15), before=[earlier(three)]).hidden) == {1, 2}


def test_the_same_pupils_in_two_tables_stay_unknown_over_many_pairs() -> None:
    """Two tables with some groups in both: all that both show, taken together, leaves no hidden number alone."""
    dice = random.Random(7)
    for _ in range(1500):
        names = "abcdefgh"
        pupils = {name: dice.choice((dice.randint(0, 9), dice.randint(10, 30))) for name in names}
        shown: list[tuple[Table, Covered]] = []
        for _ in range(3):
            some = sorted(dice.sample(names, dice.randint(1, 6)))
            table = means(*(pupils[one] for one in some), names="".join(some))
            before = [
                Earlier(t.groups, frozenset(t.groups[i] for i in c.hidden), c.total is not None) for t, c in shown
            ]
            shown.append((table, cover(table, before=before)))
        unknown = sorted(names)
        known: list[tuple[dict[str, int], int]] = []
        for table, one in shown:
            known += [({g: 1}, n) for g, n in zip(table.groups, one.pupils, strict=True) if n is not None]
            if one.total is not None:
                known.append((dict.fromkeys(table.groups, 1), one.total))
        for name, value in solved(unknown, known).items():
            assert value >= 10, (shown, name)
        for name, (low, high) in intervals(unknown, known).items():
            if pupils[name] < 10:
                assert (low, high >= 9) == (0, True), (shown, name)


def test_a_threshold_that_hides_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="a person"):
        cover(means(28, 12), 1)
