"""What may come in about class results."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lms_plc.classdata.hiding import THRESHOLD
from lms_plc.classdata.tables import LONGEST_TEXT
from lms_plc.web.form_fields import Day, FormKey, TypedForm

LARGEST_THRESHOLD = 1000
WORDS = 2000
"""Characters of one guess, fact, doubt or reason."""


def _empty_is_usual(value: object) -> object:
    return THRESHOLD if value in ("", None) else value


class AboutForm(TypedForm):
    """What a table is about; the table itself is beside it."""

    question: str = Field(min_length=1, max_length=300)
    source: str = Field(default="", max_length=200)
    day: Day
    threshold: Annotated[int, BeforeValidator(_empty_is_usual)] = Field(
        default=THRESHOLD, ge=THRESHOLD, le=LARGEST_THRESHOLD
    )
    table: str = Field(default="", max_length=LONGEST_TEXT)
    came: Literal["paste", "file"] = "paste"


class KeepForm(AboutForm):
    """``sure``: it was asked whether the same pupils stand in another table. ``is_count``: no heading said how many
    pupils there are, and it was asked whether the numbers count them."""

    sure: bool = False
    is_count: bool = False
    form_key: FormKey


class BeginForm(TypedForm):
    form_key: FormKey


class LookForm(TypedForm):
    """``in_talk``: they stood in the conversation, and are brought back there."""

    in_talk: bool = False


class ThoughtForm(TypedForm):
    kind: Literal["Prediction", "Finding", "Caveat", "Hunch"]
    text: str = Field(min_length=1, max_length=WORDS)
    form_key: FormKey


class DecisionForm(TypedForm):
    decision: str = Field(min_length=1, max_length=WORDS)


class TellForm(TypedForm):
    told: bool
