"""What do meetings say of a community's rhythm? Rows in, figures out: nothing here asks the database or the clock.

None of it is a figure of a person. Where few people are, evenness says nothing and is not given.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Any
from uuid import UUID

from lms_plc.meetings.states import TOOK_PLACE, State

MOVED_AT_MOST = timedelta(days=7)
"""A meeting that was moved by so much, and held, was held as planned."""
LATE_AT_MOST = timedelta(days=14)
"""An action done so long after its date was done in time."""
YEAR_BEGINS = (8, 1)
"""The month and day from which a school year is counted: before the earliest first school day."""
FEWEST_VOICES = 5
FEWEST_HELD = 3
HELD_BEFORE_TURNS = 6
"""After so many meetings it is asked who has not led yet."""


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting that was to be. ``day`` is the day it was on, or was to be on; ``meant_for`` the one it was first
    planned for."""

    id: UUID
    title: str
    day: date
    meant_for: date
    state: str
    in_working_time: bool

    @property
    def took_place(self) -> bool:
        return self.state in TOOK_PLACE

    @property
    def as_planned(self) -> bool:
        return self.took_place and abs(self.day - self.meant_for) <= MOVED_AT_MOST

    @property
    def fell_out(self) -> bool:
        return self.state in (State.CANCELLED, State.NOT_HELD)


@dataclass(frozen=True, slots=True)
class Holiday:
    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``."""

    part: int
    whole: int

    @property
    def percent(self) -> int:
        return round(100 * self.part / self.whole)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without a meeting; ``days`` are those with school. ``goes_on``: it reaches until today."""

    days: int
    first_day: date
    last_day: date
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One sign of the strip: a meeting, or a holiday between meetings."""

    kind: str  # held, not_held, cancelled, unsaid, holiday
    day: date
    until: date | None = None
    title: str = ""
    id: UUID | None = None


class Balance(StrEnum):
    """How evenly voices are spread, in three steps and no number."""

    MANY = "many"
    SOME = "some"
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who might lead. ``led_on`` is when they did last; ``wishes_not`` is for their own eyes only."""

    id: UUID
    name: str
    led_on: Any
    wishes_not: bool
    is_active: bool


def year_began(today: date) -> date:
    """The first day of the school year that ``today`` is in."""
    this = date(today.year, *YEAR_BEGINS)
    return this if today >= this else date(today.year - 1, *YEAR_BEGINS)


def kept(meetings: Iterable[Met]) -> Share | None:
    """Held as planned, out of all that were held, cancelled or simply were not; None before there was any."""
    over = [meeting for meeting in meetings if meeting.took_place or meeting.fell_out]
    return Share(sum(meeting.as_planned for meeting in over), len(over)) if over else None


def longest_gap(meetings: Iterable[Met], holidays: Collection[Holiday], today: date) -> Gap | None:
    """The longest stretch without a meeting that was held, in days with school. It may begin with one that was planned
    first and fell out, and it may go on today; None before the first was held."""
    meetings = list(meetings)
    held = sorted(meeting.day for meeting in meetings if meeting.took_place)
    if not held:
        return None
    planned = min(meeting.day for meeting in meetings if meeting.took_place or meeting.fell_out)
    days = sorted({planned, *held, max(today, held[-1])})
    gaps = [
        Gap(_school_days(first, last, holidays), first, last, last == today and last not in held)
        for first, last in pairwise(days)
    ]
    return max(gaps, key=lambda gap: gap.days, default=None)


def inside_working_time(meetings: Iterable[Met]) -> Share | None:
    held = [meeting for meeting in meetings if meeting.took_place]
    return Share(sum(meeting.in_working_time for meeting in held), len(held)) if held else None


def learning(minutes: Mapping[str, int]) -> Share | None:
    """Minutes of learning out of all that stood on agendas."""
    whole = sum(minutes.values())
    return Share(minutes.get("learning", 0), whole) if whole else None


def in_time(actions: Iterable[tuple[date, str, date | None]], today: date) -> Share | None:
    """Actions done by their date or soon after, out of those whose time is up; each (its date, its state, the day it
    was closed). One that was dropped, with its reason, counts for nothing."""
    good = judged = 0
    for due, state, closed in actions:
        done = state == "done" and closed is not None and closed <= due + LATE_AT_MOST
        if state == "dropped" or not (done or state == "done" or due + LATE_AT_MOST < today):
            continue
        good, judged = good + done, judged + 1
    return Share(good, judged) if judged else None


def usual_minutes(seconds: Sequence[int]) -> int | None:
    """The median, in whole minutes; what took any time took one."""
    if not seconds:
        return None
    usual = median(seconds)
    return max(1, round(usual / 60)) if usual else 0


def balance(contributions: Mapping[UUID, int], active: Collection[UUID]) -> Balance | None:
    """Shannon's evenness of what active members brought, in words. None where they, or what they brought, are few."""
    counts = [contributions[person] for person in active if contributions.get(person)]
    if len(active) < FEWEST_VOICES or sum(counts) < len(active):
        return None
    evenness = entropy(counts) / math.log(len(active))
    return Balance.MANY if evenness >= 0.8 else Balance.SOME if evenness >= 0.55 else Balance.FEW


def entropy(counts: Iterable[int]) -> float:
    counts = [count for count in counts if count > 0]
    whole = sum(counts)
    return -sum(count / whole * math.log(count / whole) for count in counts)


def share_of(person: UUID, contributions: Mapping[UUID, int]) -> Share | None:
    """Somebody's own share, for themselves."""
    whole = sum(contributions.values())
    return Share(contributions.get(person, 0), whole) if whole else None


def who_shares_leading(led: Mapping[Any, int], held: int) -> float | None:
    """How many people really share it: one who always leads counts as one, two by turns as two. Mentors are left out by
    whoever asks."""
    whole = sum(led.values())
    if held < FEWEST_HELD or not whole:
        return None
    return 1 / sum((count / whole) ** 2 for count in led.values())


def not_led_yet(members: Iterable[Member]) -> list[Member]:
    """Active members whose turn has never come, and who have nothing against being asked."""
    return [member for member in members if member.is_active and not member.wishes_not and member.led_on is None]


def whose_turn(members: Iterable[Member]) -> Member | None:
    """Who might be asked for the next meeting: whoever never led, the longest here first; else whose turn is longest
    ago. ``members`` come in that order."""
    return next((member for member in members if member.is_active and not member.wishes_not), None)


def strip(meetings: Iterable[Met], holidays: Iterable[Holiday]) -> list[Mark]:
    """Meetings and holidays in the order of their days; holidays before the first or behind the last are left out."""
    marks = [Mark(_kind(meeting), meeting.day, None, meeting.title, meeting.id) for meeting in meetings]
    days = [mark.day for mark in marks]
    between = [one for one in holidays if days and min(days) <= one.last_day and one.first_day <= max(days)]
    marks += [Mark("holiday", one.first_day, one.last_day, one.name) for one in between]
    return sorted(marks, key=lambda mark: mark.day)


def _kind(meeting: Met) -> str:
    return "held" if meeting.took_place else meeting.state if meeting.fell_out else "unsaid"


def _school_days(after: date, until: date, holidays: Collection[Holiday]) -> int:
    """Days behind ``after`` up to ``until`` that are in no holiday; weekends count, as they do in every week."""
    free: set[date] = set()
    for holiday in holidays:
        first, last = max(holiday.first_day, after + timedelta(days=1)), min(holiday.last_day, until)
        free.update(first + timedelta(days=day) for day in range((last - first).days + 1))
    return (until - after).days - len(free)
