"""What may come in about series of meetings and the school calendar."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from lms_plc.meetings.forms import Mode, OnlineLink, Zone
from lms_plc.series.recurrence import Every, Rhythm, Rule, first_from, same_weeks, written
from lms_plc.web.form_fields import Day, FormKey, MaybeDay, TypedForm, WallTime, empty_is_none

LONGEST_BREAK = timedelta(days=120)
"""A summer is shorter; what is longer is a school year."""


class SeriesForm(TypedForm):
    """A rhythm as people say it; day and time as they stand on the wall there. ``first`` is where it begins, or from
    when on a change holds."""

    title: str = Field(min_length=1, max_length=200)
    every: Every
    weekday: int = Field(ge=0, le=6)
    first: Day
    starts: WallTime
    minutes: int = Field(ge=5, le=600)
    until: MaybeDay = None
    times: Annotated[Annotated[int, Field(ge=1, le=200)] | None, BeforeValidator(empty_is_none)] = None
    mode: Mode = Mode.IN_PERSON
    place: str = Field(default="", max_length=200)
    link: OnlineLink = ""
    in_working_time: bool = False
    zone: Zone = ""
    form_key: FormKey

    @field_validator("until")
    @classmethod
    def _has_a_day(cls, until: date | None, info: ValidationInfo) -> date | None:
        said = info.data
        if until is None or not {"every", "weekday", "first"} <= said.keys():
            return until
        if first_from(Rule(said["every"], said["weekday"], until), said["first"]) is None:
            raise PydanticCustomError("too_early", "it ends before it begins")
        return until

    @field_validator("times")
    @classmethod
    def _one_end(cls, times: int | None, info: ValidationInfo) -> int | None:
        if times is not None and info.data.get("until") is not None:
            raise PydanticCustomError("two_ends", "a last day and a number")
        return times

    def rhythm(self, zone_here: str, before: Rhythm | None = None) -> Rhythm:
        """``zone_here`` where the form names none. ``before`` is what is changed: whoever gives it another hour means
        the same weeks, unless the day they name is itself such a day of another week."""
        rule = Rule(self.every, self.weekday, self.until, self.times)
        first = first_from(Rule(self.every, self.weekday), self.first) or self.first
        if before is not None and first != self.first:
            first = same_weeks(rule, before, self.first) or first
        return Rhythm(written(rule), first, self.starts, self.minutes, self.zone or zone_here)


class HolidayForm(TypedForm):
    """One break; without a last day it is one day."""

    name: str = Field(min_length=1, max_length=200)
    first_day: Day
    last_day: MaybeDay = None

    @field_validator("last_day")
    @classmethod
    def _after_the_first(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("first_day")
        if last is not None and first is not None and not first <= last < first + LONGEST_BREAK:
            raise PydanticCustomError("no_break", "it ends before it begins, or much later")
        return last
