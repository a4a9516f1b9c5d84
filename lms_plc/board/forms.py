"""What may come in to the issue board."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lms_plc.core.text import LONGEST
from lms_plc.web.form_fields import FormKey

NOTE = 2000
"""Characters said with what became of an issue."""


class Outcome(StrEnum):
    SOLVED = "solved"
    SET_ASIDE = "set_aside"


class IssueForm(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=200)
    body: str = Field(default="", max_length=LONGEST)
    form_key: FormKey


class ChangeForm(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=200)
    body: str = Field(default="", max_length=LONGEST)


class ClosingForm(BaseModel):
    """A note is what the others learn from it; without one, that it is done is all they know."""

    model_config = ConfigDict(str_strip_whitespace=True)

    outcome: Outcome
    text: Annotated[str, Field(max_length=NOTE)] = ""
