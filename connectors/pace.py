"""How large should a page be, and how many may be on their way at once, so that a site answers in good time?

Nobody knows a site's strength beforehand, and it changes with the hour. So the answers are timed. A page that comes
fast lets the next be larger, one that comes late or never makes it smaller. A second connection is tried where a course
is long, then a third and a fourth; what stays is what brought more rows a second. Being told off ends that for a while.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from connectors.errors import ConnectorError

T = TypeVar("T")

FIRST_ROWS = 500
LEAST_ROWS = 100
MOST_ROWS = 2000

SHORT_SECONDS = 1.0
LONG_SECONDS = 4.0
"""A page should take between these. Shorter, and the cost of asking shows; longer, and proxies lose patience."""

MOST_LANES = 4

TRIAL_PAGES = 4
"""So many pages tell how fast a number of connections is, and no fewer than two on each of them."""

GAIN = 1.1
"""So much faster must one connection more be, to be worth its burden on the site."""

REST_PAGES = 50
"""So many pages go by before another number of connections is tried again."""

_TOO_MUCH = ("silent", "slow", "too_big", "half", "http_408")
"""Errors that a smaller question may not meet, beside those of the server itself (5xx)."""


class Pace:
    """The pace of one site: `rows` of the next page and `lanes` to ask on. Safe between threads."""

    def __init__(
        self,
        first: int = FIRST_ROWS,
        least: int = LEAST_ROWS,
        most: int = MOST_ROWS,
        most_lanes: int = MOST_LANES,
        *,
        least_lanes: int = 1,
        refusals: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Rows of a page and connections to begin with, and their bounds.

        `refusals` says how often the site asked us to slow down so far.
        """
        self._lock = threading.Lock()
        self._clock = clock
        self._refusals = refusals
        self._refusals_known = refusals()
        self._least = least
        self._most = most
        self._least_lanes = least_lanes
        self._most_lanes = most_lanes
        self.rows = first
        self.lanes = least_lanes
        self._on_the_way = 0
        self._busy_since = 0.0
        self._rest = 0
        self._before: tuple[int, float] | None = None
        self._begin_trial()

    @classmethod
    def steady(cls, rows: int, lanes: int = 1) -> "Pace":
        """A pace that never changes."""
        return cls(rows, rows, rows, lanes, least_lanes=lanes)

    def ask(self, rows: int, question: Callable[[], Sequence[T]]) -> Sequence[T]:
        """What `question` gives, timed. It asks for `rows` rows. Raises what the question raises."""
        began = self._set_out()
        try:
            answer = question()
        except ConnectorError as error:
            self._failed(error, rows)
            raise
        finally:
            seconds = self._come_back(began)
        self._arrived(rows, len(answer), seconds)
        return answer

    def kept(self, rows: int) -> None:
        """So many rows of a whole page were of use. What was asked in vain counts as time alone."""
        with self._lock:
            if self._refusals() != self._refusals_known:
                self._slow_down()
            self._trial_pages += 1
            self._trial_rows += rows
            if self._rest:
                self._rest -= 1
                self._begin_trial()
            elif self._trial_pages >= max(TRIAL_PAGES, 2 * self.lanes):
                self._judge_trial()

    def begin(self) -> None:
        """A long course begins, so that a trial knows nothing of short ones."""
        with self._lock:
            self._begin_trial()

    def smaller(self, error: ConnectorError, rows: int) -> int | None:
        """How many rows to ask for instead of so many after this error; None where that would not help."""
        return self.rows if _is_too_much(error) and self.rows < rows else None

    def _set_out(self) -> float:
        with self._lock:
            now = self._clock()
            if not self._on_the_way:
                self._busy_since = now
            self._on_the_way += 1
            return now

    def _come_back(self, began: float) -> float:
        """The seconds that it took."""
        with self._lock:
            now = self._clock()
            self._on_the_way -= 1
            if not self._on_the_way:
                self._trial_seconds += now - self._busy_since
            return now - began

    def _arrived(self, asked: int, came: int, seconds: float) -> None:
        # A page that is mostly empty tells nothing of a full one.
        if 2 * came < asked:
            return
        with self._lock:
            if seconds > LONG_SECONDS:
                self._resize(min(self.rows, int(asked * LONG_SECONDS / seconds)))
            elif seconds < SHORT_SECONDS:
                # A short page says nothing of one more than twice as long.
                self._resize(max(self.rows, min(2 * asked, self._most)))

    def _failed(self, error: ConnectorError, rows: int) -> None:
        with self._lock:
            self._slow_down()
            if _is_too_much(error):
                # What failed once is not tried again; half of it is, and what lies between as it goes well.
                self._most = max(self._least, min(self._most, rows * 3 // 4))
                self._resize(min(self.rows, rows // 2))

    def _resize(self, rows: int) -> None:
        rows = max(self._least, min(rows, self._most))
        if rows != self.rows:
            self.rows = rows
            # Pages of another size cannot be compared.
            self._before = None
            self._begin_trial()

    def _slow_down(self) -> None:
        self._refusals_known = self._refusals()
        self.lanes = self._least_lanes
        self._settle()

    def _begin_trial(self) -> None:
        self._trial_pages = self._trial_rows = 0
        self._trial_seconds = 0.0
        self._busy_since = self._clock()

    def _judge_trial(self) -> None:
        seconds = self._trial_seconds + (self._clock() - self._busy_since if self._on_the_way else 0.0)
        speed = self._trial_rows / max(seconds, 1e-6)
        if self._before is not None and speed < GAIN * self._before[1]:
            self.lanes = self._before[0]
            self._settle()
        elif self.lanes < self._most_lanes:
            self._before = (self.lanes, speed)
            self.lanes += 1
            self._begin_trial()
        else:
            self._settle()

    def _settle(self) -> None:
        self._before = None
        self._rest = REST_PAGES
        self._begin_trial()


def _is_too_much(error: ConnectorError) -> bool:
    """Whether a smaller question may be answered. Not if the site says when to come back: then it is the time."""
    code = error.code or ""
    return error.wait_seconds is None and (code in _TOO_MUCH or code.startswith("http_5"))
