"""When might a new community meet first?"""

from collections.abc import Collection
from datetime import date, timedelta

from lms_plc.series.recurrence import Break, holiday_on

IN = timedelta(weeks=2)
"""Time enough for everybody to hear of it."""
WEEKS_TRIED = 20
MONDAY, SATURDAY = 0, 5


def first_day(today: date, breaks: Collection[Break]) -> date:
    """The same weekday in two weeks, on a school day, and behind the holidays if it falls into them."""
    day = today + IN
    if day.weekday() >= SATURDAY:
        day += timedelta(days=7 - day.weekday())
    for _ in range(WEEKS_TRIED):
        if holiday_on(day, list(breaks)) is None:
            break
        day += timedelta(weeks=1)
    return day
