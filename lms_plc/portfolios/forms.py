"""What may come in about portfolios: words, and never points."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from lms_plc.cycles.content import STAGE_ID
from lms_plc.portfolios.queries import MOST_READERS
from lms_plc.web.form_fields import TypedForm, several

WORDS = 4000
BASED_ON = Field(default="", max_length=40)
"""What a form was written on: ``portfolios.queries.written_there``, empty where nothing was there."""


class Verdict(StrEnum):
    """What a reader says in the end."""

    READ = "read"
    RETURNED = "returned"
    CERTIFIED = "certified"


class ItemForm(TypedForm):
    stage: str = Field(pattern=STAGE_ID)
    shows: str = Field(min_length=1, max_length=2000)
    does_not_show: str = Field(default="", max_length=2000)
    based_on: str = BASED_ON


class ForewordForm(TypedForm):
    foreword: str = Field(default="", max_length=8000)
    based_on: str = BASED_ON


class ReadersForm(TypedForm):
    """``people``: ids, with a blank between."""

    people: Annotated[list[UUID], BeforeValidator(several), Field(min_length=1, max_length=MOST_READERS)]


class ReviewForm(TypedForm):
    """``learned`` is always asked; advice is needed where something is given back."""

    learned: str = Field(min_length=1, max_length=WORDS)
    question: str = Field(default="", max_length=WORDS)
    advice: str = Field(default="", max_length=WORDS)
    verdict: Verdict


class WithdrawalForm(TypedForm):
    why: str = Field(min_length=1, max_length=500)
