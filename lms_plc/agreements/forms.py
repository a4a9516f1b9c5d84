"""What may come in about what a community promised itself."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from lms_plc.communities.consent import Stand
from lms_plc.core.text import LONGEST
from lms_plc.web.form_fields import FormKey, TypedForm, empty_is_none

SHORT = 2000
"""Characters of one promise, one goal, one worry."""

ShortText = Annotated[str, Field(max_length=SHORT)]


class CharterForm(TypedForm):
    """``based_on`` is the version the writer saw, so that two people writing at once do not undo each other.
    ``charter`` is the purpose, ``text`` what somebody says to a proposal of new words."""

    charter: str = Field(max_length=LONGEST)
    definition: ShortText = ""
    rhythm: ShortText = ""
    leaves_room: ShortText = ""
    photos: ShortText = ""
    languages: ShortText = ""
    text: ShortText = ""
    based_on: int = Field(ge=0, lt=2**31 - 1)
    form_key: FormKey | None = None


class Proposed(StrEnum):
    """What a member may put to the others in their own words."""

    GOAL = "goal"
    NORM = "norm"
    DECISION = "decision"


class ProposalForm(TypedForm):
    kind: Proposed
    text: str = Field(min_length=1, max_length=SHORT)
    answer_by: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    form_key: FormKey


class AnswerForm(TypedForm):
    """Yes needs no words; a worry and a "not yet" are of use to the others only with them."""

    stand: Stand
    text: ShortText = Field(default="", validate_default=True)

    @field_validator("text")
    @classmethod
    def _says_why(cls, text: str, info: ValidationInfo) -> str:
        if not text and info.data.get("stand") not in (None, Stand.YES):
            raise PydanticCustomError("missing", "a worry without words")
        return text


class Outcome(StrEnum):
    REACHED = "reached"
    SET_ASIDE = "set_aside"


class GoalForm(TypedForm):
    state: Outcome
    text: ShortText = ""
