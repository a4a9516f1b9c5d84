"""What may come in when something is placed in a course, and when somebody is confirmed to be done."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lms_plc.web.form_fields import several

OWN, NEW = "own", "new"


class DoneBy(StrEnum):
    """What makes somebody done: somebody's word, an approved portfolio, hours of meetings."""

    HAND = "hand"
    PORTFOLIO = "portfolio"
    HOURS = "hours"


def _or_none(value: object) -> object:
    return None if value == "" else value


Hours = Annotated[Annotated[int, Field(ge=1, le=500)] | None, BeforeValidator(_or_none)]


class DoneByForm(BaseModel):
    """``done_hours`` is asked for where hours count, and says nothing elsewhere."""

    done_by: DoneBy = DoneBy.HAND
    done_hours: Hours = None

    @property
    def lacks_hours(self) -> bool:
        return self.done_by is DoneBy.HOURS and self.done_hours is None

    @property
    def hours(self) -> int | None:
        return self.done_hours if self.done_by is DoneBy.HOURS else None


class ChoiceForm(DoneByForm):
    """``which`` is ``own`` (the course's community; each copy of the course its own), ``new``, or a community's id.
    ``parts`` are endpoints of its rooms and ways in; behind a colon the id of the one thing that is shown there."""

    model_config = ConfigDict(str_strip_whitespace=True)

    which: str = Field(pattern=r"^(own|new|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")
    name: str = Field(default="", max_length=200)
    parts: Annotated[list[str], BeforeValidator(several)] = Field(min_length=1, max_length=20)
    title: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=1000)
    counts: bool = False

    @property
    def community_id(self) -> UUID | None:
        return None if self.which in (OWN, NEW) else UUID(self.which)


class CompletionForm(BaseModel):
    person_id: UUID
    done: bool
