"""Does each thing have a place of its own in the drawing, and is what is missing found?"""

import random
from itertools import combinations

import pytest

from lms_plc.evidence import drawing
from lms_plc.evidence.drawing import BOX_HEIGHT, BOX_WIDTH, Gap, Station, gaps, in_lines, lay_out

WHOLE = {"j": "journal_entry", "c": "Concern", "p": "practice_change", "e": "Evidence", "o": "OutcomeClaim"}
CHAIN = [("j", "c"), ("c", "p"), ("p", "e"), ("o", "e")]


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


def test_a_project_holds_together_what_happened_in_it() -> None:
    kinds = {key: kind for key, kind in WHOLE.items() if key != "c"} | {"i": "inquiry"}
    assert gaps(kinds, [("i", key) for key in kinds if key != "i"]) == []
    assert gaps({"o": "OutcomeClaim"}, []) == [
        Gap(station, is_there=False) for station in drawing.CHAIN if station is not Station.OUTCOME
    ]


def test_a_title_fits_into_its_box() -> None:
    assert in_lines("") == []
    long = in_lines("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk and many more words of a title, all of it")
    assert len(long) == drawing.LINES
    assert all(len(words) <= drawing.LETTERS for _, words in long)
    assert [down for down, _ in long] == sorted({down for down, _ in long})
    assert long[-1][0] < drawing.BOX_HEIGHT
