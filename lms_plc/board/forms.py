"""What may come in to the issue board."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from lms_plc.core.text import LONGEST
from lms_plc.web.form_fields import FormKey, TypedForm

NOTE = 2000
"""Characters said with what became of an issue."""


class Outcome(StrEnum):
    SOLVED = "solved"
    SET_ASIDE = "set_aside"


class IssueForm(TypedForm):
    title: str = Field(min_length=1, max_length=200)
    body: str = Field(default="", max_length=LONGEST)
    form_key: FormKey


class ChangeForm(TypedForm):
    title: str = Field(min_length=1, max_length=200)
    body: str = Field(default="", max_length=LONGEST)


class ClosingForm(TypedForm):
    """A note is what the others learn from it; without one, that it is done is all they know."""

    outcome: Outcome
    text: Annotated[str, Field(max_length=NOTE)] = ""
