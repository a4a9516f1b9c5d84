"""Can anybody work out a hidden number, or nearly? Three attackers try, none of which knows how the hider thinks.

The first has exact linear algebra and whole numbers, and tries what is shown of 10,000 tables, rows that add up others
among them. The second knows the rules themselves: it hides every possible table and looks which of them would have been
shown the same way. The third has several tables of the same pupils.
"""

import itertools
import random
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import pytest

from lms_plc.classdata.hiding import Covered, Earlier, bounds, coded, cover, may_be_the_same
from lms_plc.classdata.overlaps import apart
from lms_plc.classdata.tables import Column, Refused, Table, Use

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
        totals += shown.total is not None
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


def test_no_small_group_of_a_table_with_subtotals_can_be_worked_out() -> None:
    """Classes, the years they make, and the school, in any of the usual orders. Who knows which rows add up which has
    an equation for each sum that is shown."""
    dice = random.Random(20261122)
    hidden = 0
    for _ in range(TABLES // 5):
        years = [
            [dice.choice((dice.randint(1, 9), dice.randint(10, 30))) for _ in range(dice.randint(2, 4))]
            for _ in range(dice.randint(1, 4))
        ]
        table, sums = with_subtotals(dice, years)
        rest, left_out = apart(table)
        assert {table.groups[row] for row in sums} <= {*left_out}, table
        shown = cover(rest)
        hidden += bool(shown.hidden)
        seen = dict(zip(rest.groups, shown.pupils, strict=True))
        unknown = [name for name in table.groups if name not in seen or seen[name] is None]
        known = [
            (
                dict.fromkeys((table.groups[row], *(table.groups[one] for one in parts)), 1) | {table.groups[row]: -1},
                0,
            )
            for row, parts in sums.items()
        ]
        known += [({name: 1}, n) for name, n in seen.items() if n is not None]
        small = {
            name
            for name, n in zip(table.groups, table.pupils, strict=True)
            if n < 10 and table.groups.index(name) not in sums
        }
        assert not small & {*solved([*seen, *left_out], known)} & {*unknown}, table
    assert hidden > 800


def with_subtotals(dice: random.Random, years: list[list[int]]) -> tuple[Table, dict[int, list[int]]]:
    """A table of classes with a row for each year, before or after its classes, and now and then one for the school;
    which rows are the sum of which others. Averages are rounded as a school would."""
    before, digits = dice.random() < 0.5, dice.choice((0, 1, 2))
    rows: list[tuple[str, int, float]] = []
    sums: dict[int, list[int]] = {}
    for year, sizes in enumerate(years, start=5):
        classes = [(f"{year}{letter}", n, dice.uniform(1, 100)) for letter, n in zip("abcd", sizes, strict=False)]
        together = sum(n for _, n, _ in classes)
        whole = (f"Year {year}", together, sum(n * mean for _, n, mean in classes) / together)
        start = len(rows)
        rows += [whole, *classes] if before else [*classes, whole]
        place = start if before else len(rows) - 1
        sums[place] = [row for row in range(start, len(rows)) if row != place]
    if len(years) > 1 and not before:
        classes = [row for row in range(len(rows)) if row not in sums]
        together = sum(rows[row][1] for row in classes)
        sums[len(rows)] = classes
        rows.append(("School", together, sum(rows[row][1] * rows[row][2] for row in classes) / together))
    values = tuple((round(mean, digits),) for _, _, mean in rows)
    groups, pupils = tuple(name for name, _, _ in rows), tuple(n for _, n, _ in rows)
    return Table(groups, pupils, (Column("points", Use.MEAN),), values), sums


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
            gone = [index for index, n in enumerate(pupils) if n is None]
            for index in gone:
                possible = {table[index] for table in tables}
                assert set(range(1, threshold)) <= possible, (pupils, total, possible)
                looked_at += 1
    assert looked_at > 1000


def test_of_28_12_and_4_the_four_is_hidden_and_the_twelve_with_it() -> None:
    shown = cover(means(28, 12, 4))
    assert shown == Covered(frozenset({1, 2}), None, (28, None, None), ((0.0,), (None,), (None,)))


@pytest.mark.parametrize(
    ("pupils", "hidden", "total"),
    [
        ((28, 25, 11), set(), 64),
        ((28,), set(), 28),
        ((4,), {0}, None),
        ((4, 3), {0, 1}, None),
        ((4, 3, 28), {0, 1, 2}, None),  # together still a small group
        ((6, 7, 28), {0, 1}, None),
        ((9, 28, 28), {0, 1}, None),
        ((3, 4, 12, 30), {0, 1, 2}, None),
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
    return Earlier(table.groups, cover(table, threshold).pupils)


def named(**pupils: int) -> Table:
    """``named(eight_a=28)``: a table of these groups; ``_`` in a name is a blank."""
    groups = tuple(name.replace("_", " ") for name in pupils)
    values = tuple((1.0,) for _ in groups)
    return Table(groups, tuple(pupils.values()), (Column("points", Use.MEAN),), values)


@pytest.mark.parametrize(
    ("before", "now", "is_asked"),
    [
        (named(a=28, b=25), named(a=28, b=25), False),
        (named(a=27), named(a=28), True),  # the new pupil
        (named(a=28), named(a=27, b=30), True),
        (named(a=27), named(a=50), False),
        (named(a=28, b=25), named(girls_a=20, girls_b=15), True),  # the eight boys of a
        (named(a=28, b=30), named(girls_a=14, girls_b=16), False),
        (named(girls_a=20, girls_b=15), named(a=28, b=25), True),
        (named(a=30), named(a_one=12, a_two=12), True),  # six are in neither
        (named(a=28, b=25), named(year=53), True),
        (named(a=28, b=25), named(year=60), True),
        (named(a=28, b=25), named(year=90), False),
        (named(a=28, b=12, c=4), named(year=44), True),
        (named(a=28, b=12, c=4), named(a=28, b=12, c=4), False),
        (named(a=2, b=7, c=3), named(a=27, b=27, c=23), False),  # a typo that is put right
    ],
)
def test_another_table_that_leaves_a_few_is_asked_about(before: Table, now: Table, is_asked: bool) -> None:
    assert may_be_the_same(now, 10, earlier(before)) is is_asked


def test_what_was_hidden_in_one_table_is_not_hidden_for_good() -> None:
    typo, right = earlier(named(a=2, b=7, c=3, d=30)), named(a=27, b=27, c=23, d=30)
    assert cover(right, before=[typo]).hidden == {0, 1, 2}
    assert cover(right, before=[replace(typo, stands=False)]).hidden == frozenset()


def test_the_same_pupils_in_many_tables_stay_unknown() -> None:
    """Tables with some groups in common: all that they show, taken together, leaves no small group alone."""
    dice = random.Random(7)
    for _ in range(1500):
        names = "abcdefgh"
        pupils = {name: dice.choice((dice.randint(0, 9), dice.randint(10, 30))) for name in names}
        shown: list[tuple[Table, Covered]] = []
        for _ in range(3):
            some = sorted(dice.sample(names, dice.randint(1, 6)))
            table = means(*(pupils[one] for one in some), names="".join(some))
            shown.append((table, cover(table)))
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


def test_rows_that_add_up_others_are_left_out() -> None:
    columns = (Column("grade", Use.MEAN),)
    groups = ("8a", "8b", "8c", "Grade 8", "9a", "9b", "Grade 9")
    values = ((3.9,), (3.5,), (2.25,), (3.64,), (4.0,), (3.0,), (3.73,))
    table, left_out = apart(Table(groups, (28, 12, 4, 44, 30, 11, 41), columns, values))
    assert left_out == ("Grade 8", "Grade 9")
    assert cover(table).hidden == {2, 4}
    others = ((3.9,), (3.5,), (2.25,), (1.0,), (4.0,), (3.0,), (5.0,))
    assert apart(Table(groups, (28, 12, 4, 44, 30, 11, 41), columns, others))[1] == ()  # it only happens to fit
    counted = levels((10, 10, 8), (4, 4, 4), (14, 14, 12))
    assert apart(counted)[1] == ("c",)


def test_a_part_beside_its_whole_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        apart(named(two_a=28, girls_two_a=20, boys_two_a=7, two_b=15))
    assert refused.value.values == {"part": "girls two a", "whole": "two a"}
    with pytest.raises(Refused):
        apart(named(a_girls=12, a_boys=13, b_girls=11, b_boys=14, girls=23, boys=27))
    assert apart(named(two_a=28, two_b=15, three=40))[1] == ()


def test_a_threshold_that_hides_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="a person"):
        cover(means(28, 12), 1)
