"""Which days off does a calendar file of a school or a ministry name? Only those are taken; the rest is forgotten.

Looked for are whole days: "no lesson on Tuesday from two" is no holiday. Files are bounded before they are read.
"""

import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar

from lms_plc.series.forms import LONGEST_BREAK
from lms_plc.series.recurrence import Break

LARGEST = 1024 * 1024
"""Bytes of a file; all holidays of a country for ten years have a tenth of that."""

MOST_EVENTS, MOST_REPEATED, MOST_BREAKS = 3000, 100, 150
REPEATED_SINCE = timedelta(days=25_000)
"""A day that has come back every year for longer is written as one of this century."""

BEFORE, BEHIND = timedelta(days=60), timedelta(days=800)
"""So far before and behind today a break may lie to be of use."""

_ONE_DAY = timedelta(days=1)
_OF_DAYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"} | {
    f"BY{part}" for part in ("MONTH", "MONTHDAY", "DAY", "WEEKNO", "YEARDAY", "SETPOS")
}
"""Parts of a rule that mean days; hours of a whole day mean nothing, and are many."""
_CYCLE, _YEARS_OF_CYCLE = timedelta(days=146_097), 400
"""After so long the calendar is the same again, weekdays and all."""


class NoCalendar(Exception):
    """It cannot be read as a calendar."""


class TooLarge(Exception):
    """Nobody's school calendar has that much in it."""


def breaks_in(content: bytes, today: date) -> list[Break]:
    """The whole-day events near today, each once, in their order. Raises NoCalendar, TooLarge."""
    if len(content) > LARGEST or content.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise TooLarge
    if b"BEGIN:VCALENDAR" not in content[:4096].upper():
        raise NoCalendar
    try:
        calendars = Calendar.from_ical(content.decode("utf-8-sig", "replace"), multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        if sum("RRULE" in event for event in events) > MOST_REPEATED:
            raise TooLarge
        found = {one for event in events for one in _breaks(event, today - BEFORE, today + BEHIND)}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError):
        raise NoCalendar from None
    return sorted(found, key=lambda one: (one.first_day, one.last_day, one.name))[:MOST_BREAKS]


def _breaks(event: Any, earliest: date, latest: date) -> Iterator[Break]:
    first = getattr(event.get("DTSTART"), "dt", None)
    if not isinstance(first, date) or isinstance(first, datetime) or str(event.get("STATUS", "")) == "CANCELLED":
        return
    length = _length(event, first)
    if not _ONE_DAY <= length < LONGEST_BREAK:
        return
    name = _name(str(event.get("SUMMARY", "")))
    for day in _days(event, first, latest):
        if day + length > earliest and day <= latest:
            yield Break(name, day, day + length - _ONE_DAY)


def _length(event: Any, first: date) -> timedelta:
    """The end is the first day that is none any more (RFC 5545 §3.6.1)."""
    end, lasts = getattr(event.get("DTEND"), "dt", None), getattr(event.get("DURATION"), "dt", None)
    if isinstance(end, date):
        return (end.date() if isinstance(end, datetime) else end) - first or _ONE_DAY
    return lasts if isinstance(lasts, timedelta) else _ONE_DAY


def _days(event: Any, first: date, latest: date) -> Iterator[date]:
    rule = event.get("RRULE")
    if rule is None or isinstance(rule, list):
        yield first
        return
    if rule.get("FREQ") != ["YEARLY"] or min(rule.get("INTERVAL", [1])) < 1 or latest - first > REPEATED_SINCE:
        return
    if not {name.upper() for name in rule} <= _OF_DAYS:
        return
    # a day that never comes is looked for until the last year there is, so we begin close to it
    later = _CYCLE * ((date.max.year - latest.year) // _YEARS_OF_CYCLE)
    begins = datetime.combine(first + later, time.min)
    for moment in islice(rrulestr(_until(rule, latest, later), dtstart=begins), MOST_EVENTS):
        yield moment.date() - later


def _until(rule: Any, latest: date, later: timedelta) -> str:
    """The rule as days have it, without a zone, and with an end; ``later`` by so much."""
    ends = [end.date() if isinstance(end, datetime) else end for end in rule.get("UNTIL", [])]
    rest = type(rule)({name: value for name, value in rule.items() if name != "UNTIL"})
    return f"{rest.to_ical().decode()};UNTIL={min([*ends, latest]) + later:%Y%m%d}"


def _name(summary: str) -> str:
    line = "".join(letter for letter in " ".join(summary.split()) if unicodedata.category(letter) != "Cc")
    return line[:200]
