"""What may come in about minutes."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from lms_plc.web.form_fields import FormKey, MaybeId, TypedForm, empty_is_none
from lms_plc.web.languages import LOCALES

LONGEST_MINUTES = 60_000
"""Characters: what a long meeting wrote down, all of it."""
LONGEST_DECISION = 1000
LONGEST_ACTION = 500

_VERSION = Field(ge=0, lt=2**31 - 1)


class Answered(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"


def _offered(language: str) -> str:
    if language not in LOCALES:
        raise PydanticCustomError("no_language", "not offered")
    return language


class MinutesForm(TypedForm):
    """``based_on`` is the writing the writer saw; without a language it stays what it is."""

    body: str = Field(max_length=LONGEST_MINUTES)
    based_on: int = _VERSION
    language: Annotated[str | None, BeforeValidator(empty_is_none)] = None

    @field_validator("language")
    @classmethod
    def _is_offered(cls, language: str | None) -> str | None:
        return None if language is None else _offered(language)


class AnswerForm(TypedForm):
    """``version`` is the one that was read. Who says that something is not right says what."""

    version: int = _VERSION
    answer: Answered
    text: str = Field(default="", max_length=1000, validate_default=True)

    @field_validator("text")
    @classmethod
    def _says_what(cls, text: str, info: ValidationInfo) -> str:
        if info.data.get("answer") is Answered.WRONG and not text:
            raise PydanticCustomError("missing", "what is not right?")
        return text


class DecisionForm(TypedForm):
    decision: str = Field(min_length=1, max_length=LONGEST_DECISION)


class MarkForm(BaseModel):
    for_school: bool


class ActionForm(TypedForm):
    """Owner and date may stay open: nobody yet, no date."""

    action: str = Field(min_length=1, max_length=LONGEST_ACTION)
    owner: MaybeId = None
    due: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    form_key: FormKey

    @field_validator("due")
    @classmethod
    def _of_our_time(cls, due: date | None) -> date | None:
        if due is not None and not 2000 <= due.year <= 2199:
            raise PydanticCustomError("no_day", "not a day of ours")
        return due


class VersionForm(TypedForm):
    """The minutes in another language. ``based_on`` is the writing of it the writer saw (0: there was none),
    ``of_version`` the original they had beside it."""

    body: str = Field(min_length=1, max_length=LONGEST_MINUTES)
    based_on: int = _VERSION
    of_version: int = _VERSION
