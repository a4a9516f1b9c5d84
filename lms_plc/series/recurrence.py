"""Which days does a rhythm mean, and at what moments does it meet there?

Days come out of the rule by the calendar alone. What the clock on the wall shows becomes a moment only afterwards, day
by day, so that daylight saving moves no meeting: a time the clock jumps over counts as before the jump, one it shows
twice is the first of the two (RFC 5545 §3.3.5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

LOOKED_THROUGH = 400
"""Days of a rule that are looked at for one answer: whoever has holidays for ever is not waited for."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Every(StrEnum):
    """How often; of a month it is the first, second … of its weekdays."""

    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    LAST = "last"


_BEGINS = {Every.WEEK: "FREQ=WEEKLY;BYDAY=", Every.TWO_WEEKS: "FREQ=WEEKLY;INTERVAL=2;BYDAY="}
_PLACES = {Every.FIRST: 1, Every.SECOND: 2, Every.THIRD: 3, Every.FOURTH: 4, Every.LAST: -1}


@dataclass(frozen=True, slots=True)
class Rule:
    """What people say of a rhythm. ``weekday``: Monday is 0. ``until`` is the last day it may fall on, ``times`` how
    many days it has, holidays among them; at most one of the two."""

    every: Every
    weekday: int
    until: date | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """Days without school, first and last included."""

    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A rule with its clock: ``starts`` is what the wall shows in ``zone``, ``rule`` as it is stored."""

    rule: str
    first_day: date
    starts: time
    minutes: int
    zone: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A day the rule means; ``holiday`` is the name of the break it falls into, and nobody meets then."""

    day: date
    starts_at: datetime
    ends_at: datetime
    holiday: str | None = None


def written(rule: Rule) -> str:
    """As it is stored (RFC 5545 §3.3.10), without a beginning."""
    day = _WEEKDAYS[rule.weekday]
    text = _BEGINS[rule.every] + day if rule.every in _BEGINS else f"FREQ=MONTHLY;BYDAY={_PLACES[rule.every]}{day}"
    text += f";UNTIL={rule.until:%Y%m%d}" if rule.until else ""
    return text + (f";COUNT={rule.times}" if rule.times else "")


def read(text: str) -> Rule:
    """A stored rule as people say it. Raises ValueError for one that ``written`` did not write."""
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    day = parts.get("BYDAY", "")
    if day[-2:] not in _WEEKDAYS:
        raise ValueError("a rule without a weekday")
    if parts.get("FREQ") == "MONTHLY":
        every = {place: every for every, place in _PLACES.items()}[int(day[:-2])]
    else:
        every = Every.TWO_WEEKS if parts.get("INTERVAL") == "2" else Every.WEEK
    until = date.fromisoformat(parts["UNTIL"]) if "UNTIL" in parts else None
    return Rule(every, _WEEKDAYS.index(day[-2:]), until, int(parts["COUNT"]) if "COUNT" in parts else None)


def first_from(rule: Rule, day: date) -> date | None:
    """The first day the rule means from this one on; from there "every second week" is counted. None: there is none."""
    text = written(Rule(rule.every if rule.every in _PLACES else Every.WEEK, rule.weekday, rule.until))
    return next(days(text, day), None)


def same_weeks(rule: Rule, before: Rhythm, day: date) -> date | None:
    """The first day from this one on that a rhythm had before, if the new one is of the same days; else None."""
    old = read(before.rule)
    if (old.every, old.weekday) != (rule.every, rule.weekday):
        return None
    return next(days(written(Rule(rule.every, rule.weekday)), before.first_day, day - timedelta(days=1)), None)


def days(rule: str, first_day: date, after: date | None = None) -> Iterator[date]:
    """The days a rule means, in their order and without end, if the rule has none."""
    every = rrulestr(rule, dtstart=datetime.combine(first_day, time.min))
    for moment in every if after is None else every.xafter(datetime.combine(after, time.min)):
        yield moment.date()


def last_day(rule: str, first_day: date) -> date | None:
    """The last day of a rule that has one."""
    said = read(rule)
    if said.until is None and said.times is None:
        return None
    *_, last = (None, *days(rule, first_day))
    return last


def ahead(rhythm: Rhythm, breaks: Sequence[Break], after: date, free: int) -> list[Occurrence]:
    """The days after this one, until ``free`` of them fall into no break; those that do are among them, named."""
    found: list[Occurrence] = []
    for day in islice(days(rhythm.rule, rhythm.first_day, after), LOOKED_THROUGH):
        found.append(occurrence(rhythm, day, breaks))
        free -= found[-1].holiday is None
        if free <= 0:
            break
    return found


def to_come(rhythm: Rhythm, breaks: Sequence[Break], at: datetime, free: int) -> list[Occurrence]:
    """As ``ahead``, of those that have not begun at that moment."""
    found = ahead(rhythm, breaks, day_there(at, rhythm.zone) - timedelta(days=1), free + 1)
    rest = [one for one in found if one.starts_at > at]
    while sum(one.holiday is None for one in rest) > free:
        rest.pop()
    return rest


def occurrence(rhythm: Rhythm, day: date, breaks: Sequence[Break] = ()) -> Occurrence:
    starts_at = moment(day, rhythm.starts, rhythm.zone)
    return Occurrence(day, starts_at, starts_at + timedelta(minutes=rhythm.minutes), holiday_on(day, breaks))


def moment(day: date, at: time, zone: str) -> datetime:
    """What the clock on the wall shows there, as a moment in UTC."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def day_there(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def holiday_on(day: date, breaks: Sequence[Break]) -> str | None:
    return next((one.name for one in breaks if one.first_day <= day <= one.last_day), None)
