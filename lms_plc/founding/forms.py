"""What may come in when a community is opened, and when it changes its size."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from lms_plc.series.recurrence import Every
from lms_plc.sites.forms import FoundingForm
from lms_plc.web.form_fields import FormKey, MaybeId, TypedForm, WallTime, empty_is_none

MINUTES = 75
"""So long the founding meeting is planned: the minutes of its protocol."""
MOST_SEATS = 500


Seats = Annotated[Annotated[int, Field(ge=2, le=MOST_SEATS)] | None, BeforeValidator(empty_is_none)]
_Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 11, 30))]
Day = Annotated[_Day | None, BeforeValidator(empty_is_none)]
"""A month before the last day there is a meeting on: the rhythm begins after it."""


class OpeningForm(FoundingForm):
    """Beside name and beginning: ``second`` is who leads it too. Without a ``day`` no meeting is planned, and without
    ``every`` it is left to that meeting when they meet again."""

    school: str = Field(default="", max_length=200)
    second: MaybeId = None
    seats: Seats = None
    day: Day = None
    starts: WallTime = time(14)
    in_working_time: bool = False
    every: Annotated[Every | None, BeforeValidator(empty_is_none)] = None
    form_key: FormKey | None = None

    @field_validator("starts")
    @classmethod
    def _ends_the_same_day(cls, at: time, info: ValidationInfo) -> time:
        if _later(at) <= at:
            raise PydanticCustomError("too_late", "it would end another day")
        return at

    @property
    def ends(self) -> time:
        return _later(self.starts)


class SizeForm(TypedForm):
    school: str = Field(default="", max_length=200)
    seats: Seats = None


def _later(at: time) -> time:
    return (datetime.combine(date(2000, 1, 1), at) + timedelta(minutes=MINUTES)).time()
