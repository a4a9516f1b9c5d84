"""Does each thing have a place of its own in the drawing, and is what is missing found?"""

import random
import re
from itertools import combinations
from operator import mul
from typing import Any

import pytest

from lms_plc.evidence import drawing
from lms_plc.evidence.drawing import BOX_HEIGHT, BOX_WIDTH, Gap, Station, gaps, in_lines, lay_out

WHOLE = {"j": "journal_entry", "c": "Concern", "p": "practice_change", "e": "Evidence", "o": "OutcomeClaim"}
CHAIN = [("j", "prompted", "c"), ("c", "led_to", "p"), ("p", "shown_by", "e"), ("o", "shown_by", "e")]
REFLECTED = CHAIN[:2]
UNSHOWN = Gap(Station.SEEN, is_there=True)
UNHUNG = Gap(Station.OUTCOME, is_there=True)


@pytest.mark.parametrize("seed", range(20))
def test_no_box_covers_another_and_everything_lies_on_the_sheet(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a drawing is no secret
    many = chance.choice((0, 1, 7, 60, 500))
    stations = {number: chance.choice(list(Station)) for number in range(many)}
    edges = [(chance.randrange(many), chance.randrange(many)) for _ in range(2 * many)]
    drawn = lay_out(stations, edges)
    assert {box.key for box in drawn.boxes} == set(stations)
    assert len(drawn.lines) == len(edges)
    places = sorted((box.x, box.y) for box in drawn.boxes)
    for (x1, y1), (x2, y2) in combinations(places, 2):
        if x2 - x1 >= BOX_WIDTH:
            continue
        assert x1 == x2
        assert y2 - y1 >= BOX_HEIGHT
    assert all(x >= 0 and x + BOX_WIDTH <= drawn.width for x, _ in places)
    assert all(y >= 0 and y + BOX_HEIGHT <= drawn.height for _, y in places)
    left_to_right = sorted(drawn.boxes, key=lambda box: box.x)
    assert [stations[box.key] for box in left_to_right] == sorted(stations.values())
    assert lay_out(stations, edges) == drawn


def test_what_is_linked_stands_beside_each_other() -> None:
    stations = dict.fromkeys("abc", Station.CHANGE) | dict.fromkeys("xyz", Station.SEEN)
    drawn = lay_out(stations, [("a", "z"), ("b", "y"), ("c", "x")])
    at = {box.key: box.y for box in drawn.boxes}
    assert [at["a"], at["b"], at["c"]] == [at["z"], at["y"], at["x"]]


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ("", []),
        ("c", [Gap(Station.CHANGE, is_there=True)]),
        ("j", [Gap(Station.REFLECTION, is_there=False)]),
        ("p", [Gap(Station.CHANGE, is_there=False), Gap(Station.SEEN, is_there=True)]),
        ("e", [Gap(Station.SEEN, is_there=False), Gap(Station.OUTCOME, is_there=True)]),
        ("o", [Gap(Station.OUTCOME, is_there=False)]),
    ],
)
def test_what_a_chain_lacks_is_named(without: str, missing: list[Gap]) -> None:
    kinds = {key: kind for key, kind in WHOLE.items() if key != without}
    assert gaps(kinds, [edge for edge in CHAIN if without not in edge]) == missing


@pytest.mark.parametrize("place", ["inquiry", "meeting", "minutes", "data_conversation", "topic"])
@pytest.mark.parametrize("through", [None, "o", "p"])
def test_a_place_that_things_share_links_them_to_nothing(place: str, through: str | None) -> None:
    said_there = [("i", "came_from", "e"), ("i", "resulted_in", "o"), ("p", "tried_in", "i")]
    found = gaps({**WHOLE, "i": place}, [*REFLECTED, *said_there], through)
    assert found == [UNSHOWN, UNHUNG]
    shared = [("i", type_, key) for key in WHOLE for type_ in ("came_from", "led_to")]
    shared += [("j", "questioned_by", "i"), ("j", "resulted_in", "o"), ("o", "came_from", "p")]
    unreflected = Gap(Station.CHANGE, is_there=True)
    assert gaps({**WHOLE, "i": place}, shared, through) == [unreflected, UNSHOWN, UNHUNG]


def test_what_is_missing_names_the_things_that_could_be_linked() -> None:
    found = gaps({**WHOLE, "q": "OutcomeClaim"}, [*CHAIN[:3], ("p", "resulted_in", "o")])
    assert [(gap, gap.of, gap.before) for gap in found] == [(UNHUNG, ["o", "q"], ["e"])]
    found = gaps({**WHOLE, "f": "Finding"}, [*REFLECTED, *CHAIN[3:]], "o")
    assert [(gap, gap.of, gap.before) for gap in found] == [(UNSHOWN, ["e"], ["p"])]


@pytest.mark.parametrize(
    "edges",
    [
        [("j", "prompted", "i"), ("i", "led_to", "p"), *CHAIN[2:]],
        [("j", "prompted", "c"), ("c", "came_from", "i"), ("i", "led_to", "p"), *CHAIN[2:]],
        [("j", "prompted", "p"), ("p", "resulted_in", "o"), ("o", "shown_by", "e")],
        [*REFLECTED, ("n", "adapted_from", "p"), ("n", "shown_by", "e"), ("o", "shown_by", "e")],
    ],
)
def test_a_chain_may_lead_over_a_project_to_a_change_and_over_the_outcome_to_what_shows_it(edges: Any) -> None:
    kinds = {**WHOLE, "i": "inquiry", "n": "practice_change"}
    for through in (None, "i", "o"):
        assert gaps(kinds, edges, through) == []
        turned = [(to, type_, from_) for from_, type_, to in edges]
        assert gaps(kinds, turned, through) != [], "each link leads in one direction"


@pytest.mark.parametrize("type_", ["questioned_by", "told_in", "cited_in", "came_from"])
def test_not_every_link_shows_something(type_: str) -> None:
    assert gaps(WHOLE, [*CHAIN[:3], ("o", type_, "e"), ("e", type_, "o")]) == [UNHUNG]


def test_of_a_change_or_an_outcome_the_chain_that_is_asked_for_goes_through_it() -> None:
    kinds = {**WHOLE, "o2": "OutcomeClaim", "p2": "practice_change"}
    edges = [*CHAIN, ("j", "prompted", "p2"), ("p", "resulted_in", "o2")]
    assert gaps(kinds, edges) == gaps(kinds, edges, "o") == gaps(kinds, edges, "p") == gaps(kinds, edges, "j") == []
    assert gaps(kinds, edges, "o2") == [UNHUNG]
    assert gaps(kinds, edges, "p2") == [UNSHOWN]
    assert gaps({"o": "OutcomeClaim"}, [], "o") == [
        Gap(station, is_there=False) for station in drawing.CHAIN if station is not Station.OUTCOME
    ]


@pytest.mark.parametrize("seed", range(10))
def test_no_line_runs_behind_a_box_and_each_ends_at_its_things(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a drawing is no secret
    many = chance.choice((6, 30, 80))
    stations = {number: chance.choice(list(Station)) for number in range(many)}
    pairs = [(chance.randrange(many), chance.randrange(many)) for _ in range(2 * many)]
    drawn = lay_out(stations, [(one, other) for one, other in pairs if one != other])
    at = {box.key: box for box in drawn.boxes}
    for line in drawn.lines:
        points = walked(line.path)
        ends = ((line.from_, points[0], drawing.GOES), (line.to, points[-1], drawing.COMES))
        for key, (x, y), down in ends:
            assert y == at[key].y + down
            assert x in (at[key].x, at[key].x + BOX_WIDTH)
        for x, y in points:
            assert 0 <= x <= drawn.width
            assert 0 <= y <= drawn.height
            behind = [box for box in drawn.boxes if covers(box, x, y)]
            assert behind == [], (line, x, y)


def covers(box: drawing.Box, x: float, y: float) -> bool:
    return box.x < x < box.x + BOX_WIDTH and box.y < y < box.y + BOX_HEIGHT


def walked(path: str) -> list[tuple[float, float]]:
    """Points of a line of moves, bows and level stretches, close to each other."""
    found: list[tuple[float, float]] = []
    for sign, said in re.findall(r"([MCH])([-\d ]+)", path):
        numbers = [float(one) for one in said.split()]
        if sign == "M":
            found.append((numbers[0], numbers[1]))
            continue
        x, y = found[-1]
        x1, y1, x2, y2, x3, y3 = numbers if sign == "C" else (x, y, numbers[0], y, numbers[0], y)
        for step in range(1, 41):
            t = step / 40
            parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            xs, ys = (x, x1, x2, x3), (y, y1, y2, y3)
            found.append((sum(map(mul, parts, xs)), sum(map(mul, parts, ys))))
    return found


def test_a_title_fits_into_its_box() -> None:
    assert in_lines("") == []
    long = in_lines("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk and many more words of a title, all of it")
    assert len(long) == drawing.LINES
    assert all(len(words) <= drawing.LETTERS for _, words in long)
    assert [down for down, _ in long] == sorted({down for down, _ in long})
    assert long[-1][0] < drawing.BOX_HEIGHT
