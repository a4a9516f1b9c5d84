"""What do the grades of a course come to, group by group? Totals, and never a person.

A grade is added up where it is read and forgotten there: no name, no account and no single grade comes out of here. How
few people a total may be of is not decided here; whoever keeps or shows one hides the small ones first.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

LEVELS = (0, 25, 50, 75)
"""Where each level begins, in percent of what could be reached; the last one ends with 100."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One column of a grade book over one group of a course, or over everybody in it (`group_id` None).

    `item` is the column's title, empty for the total of the course; `item_id` is what the LMS knows the column by,
    whatever its title. `n` is how many have a grade that they may see
    themselves, `ungraded` how many have none; `mean` is in percent of the range of the column, None where nobody has a
    grade; `levels` counts the graded by `LEVELS`. `shares_with` are those of the groups asked for before that somebody
    of this group is in too: totals of such groups, one taken from the other, come down to a few people.
    """

    course_id: str
    item_id: str
    item: str
    group_id: str | None
    n: int
    ungraded: int
    mean: float | None
    levels: tuple[int, ...]
    shares_with: frozenset[str] = frozenset()


@runtime_checkable
class OutcomeSource(Protocol):
    """An LMS whose grade books can be added up. A `RosterSource` may be one; most are not."""

    def outcomes(self, course_id: str, group_ids: Sequence[str] = ()) -> Iterator[Outcome]:
        """Every column of a course's grade book, group by group in the order given, each course total first; over
        everybody in the course where no group is named.

        Nothing for a group in which nobody learns. Raises a `ConnectorError`.
        """
        ...


class Adding:
    """A column as it is added up. Takes grades one by one and keeps none of them."""

    def __init__(self) -> None:
        self._n = self._ungraded = 0
        self._sum = 0.0
        self._levels = [0] * len(LEVELS)

    def add(self, grade: float | None, least: float, most: float) -> None:
        """One person's grade between `least` and `most`; None, or a range without an extent, is no grade."""
        if grade is None or most <= least:
            self._ungraded += 1
            return
        percent = min(max((grade - least) * 100 / (most - least), 0.0), 100.0)
        self._n += 1
        self._sum += percent
        self._levels[bisect_right(LEVELS, percent) - 1] += 1

    def total(
        self,
        course_id: str,
        item_id: str,
        item: str,
        group_id: str | None,
        shares_with: frozenset[str] = frozenset(),
    ) -> Outcome:
        """What it came to."""
        mean = self._sum / self._n if self._n else None
        levels = tuple(self._levels)
        return Outcome(course_id, item_id, item, group_id, self._n, self._ungraded, mean, levels, shares_with)
