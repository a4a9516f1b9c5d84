"""How fast may one site be asked, by its own words?

A site says in three ways that we are too fast: it refuses (429, and Canvas by 403 too), it names a time in Retry-After,
and before either it counts down an allowance (X-Rate-Limit-Remaining, with X-Request-Cost for what the last question
took of it). All threads of a line share one moment before which nothing is sent. After a refusal without a time there
is a gap between any two questions; it doubles with every refusal and halves with every answer, so a line that was told
off once is soon as fast as before.
"""

import math
import threading
from collections.abc import Callable, Mapping

LOW_WATER = 100.0
"""An allowance below this makes us pause. Canvas gives 700 and refuses at 0."""

FLOW = 10.0
"""How much of an allowance comes back in a second, as Canvas has it."""

LONGEST_SECONDS = 3600.0
"""A site that asks for more than this has its clock wrong, and is asked again after it."""


class Rate:
    """The moment before which a site is not asked again. Safe between threads."""

    def __init__(self, first_gap: float, longest_gap: float, clock: Callable[[], float]) -> None:
        """Both gaps in seconds."""
        self._first_gap = first_gap
        self._longest_gap = longest_gap
        self._clock = clock
        self._lock = threading.Lock()
        self._not_before = -math.inf
        self._gap = 0.0
        self.refusals = 0
        """How often the site asked us to come back later."""

    def turn(self) -> float:
        """Take the next turn; the seconds to wait for it."""
        with self._lock:
            now = self._clock()
            at = max(now, self._not_before)
            if self._gap:
                self._not_before = at + self._gap
            return at - now

    def refused(self, wait_seconds: float | None, *, too_fast: bool) -> None:
        """The site asked us to come back later, after so many seconds if it said how many."""
        with self._lock:
            self.refusals += 1
            if too_fast:
                self._gap = min(max(2 * self._gap, self._first_gap), self._longest_gap)
            self._wait(self._gap if wait_seconds is None else min(wait_seconds, LONGEST_SECONDS))

    def answered(self) -> None:
        """The site answered, and so may be asked a little faster."""
        with self._lock:
            self._gap = self._gap / 2 if self._gap > self._first_gap else 0.0

    def note_allowance(self, headers: Mapping[str, str]) -> None:
        """Pause when little is left: as long as the last question took to come back, and longer the less there is."""
        left, cost = _number(headers.get("X-Rate-Limit-Remaining")), _number(headers.get("X-Request-Cost"))
        if left is not None and left < LOW_WATER:
            with self._lock:
                self._wait(min(((cost or 0.0) + (LOW_WATER - left) / FLOW) / FLOW, self._longest_gap))

    def _wait(self, seconds: float) -> None:
        self._not_before = max(self._not_before, self._clock() + seconds)


def _number(text: str | None) -> float | None:
    """What a header says, None for nothing or for no amount."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None
