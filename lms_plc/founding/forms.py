"""What may come in when a community is opened, and when it changes its size."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from lms_plc.communities.forms import FORM_KEY
from lms_plc.series.recurrence import Every
from lms_plc.sites.forms import FoundingForm

MINUTES = 75
"""So long the founding meeting is planned: the minutes of its protocol."""
MOST_SEATS = 500


def _nothing(given: Any) -> Any:
    return None if given == "" else given


Seats = Annotated[Annotated[int, Field(ge=2, le=MOST_SEATS)] | None, BeforeValidator(_nothing)]
Day = Annotated[Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 11, 30))] | None, BeforeValidator(_nothing)]
"""A month before the last day there is a meeting on: the rhythm begins after it."""


class OpeningForm(FoundingForm):
    """Beside name and beginning: ``second`` is who leads it too. Without a ``day`` no meeting is planned, and without
    ``every`` it is left to that meeting when they meet again."""

    school: str = Field(default="", max_length=200)
    second: Annotated[UUID | None, BeforeValidator(_nothing)] = None
    seats: Seats = None
    day: Day = None
    starts: time = time(14)
    in_working_time: bool = False
    every: Annotated[Every | None, BeforeValidator(_nothing)] = None
    form_key: Annotated[str, Field(pattern=FORM_KEY)] | None = None

    @field_validator("starts")
    @classmethod
    def _on_the_wall(cls, at: time) -> time:
        return at.replace(second=0, microsecond=0, tzinfo=None)

    @field_validator("starts")
    @classmethod
    def _ends_the_same_day(cls, at: time, info: ValidationInfo) -> time:
        if _later(at) <= at:
            raise PydanticCustomError("too_late", "it would end another day")
        return at

    @property
    def ends(self) -> time:
        return _later(self.starts)


class SizeForm(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    school: str = Field(default="", max_length=200)
    seats: Seats = None


def _later(at: time) -> time:
    return (datetime.combine(date(2000, 1, 1), at) + timedelta(minutes=MINUTES)).time()
