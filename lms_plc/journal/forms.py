"""What may come in to a notebook."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lms_plc.core.text import LONGEST
from lms_plc.web.i18n import N_


class Prompt(StrEnum):
    """A question to begin with, for whoever does not know how."""

    WORKED = "worked"
    SURPRISED = "surprised"
    STUDENT = "student"
    HARD = "hard"
    DIFFERENTLY = "differently"
    ASK = "ask"


PROMPTS = {
    Prompt.WORKED: N_("What went well, and what did I do that helped it?"),
    Prompt.SURPRISED: N_("What surprised me today?"),
    Prompt.STUDENT: N_("Which pupil do I keep thinking about, and why?"),
    Prompt.HARD: N_("What was hard, and what made it so?"),
    Prompt.DIFFERENTLY: N_("What would I do differently, and how will I notice that it is better?"),
    Prompt.ASK: N_("What would I like to ask somebody who has done this before?"),
}


def _empty_is_none(value: object) -> object:
    return value or None


Day = Annotated[date, Field(ge=date(1950, 1, 1), le=date(2200, 1, 1))]
FormKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]


class EntryForm(BaseModel):
    """``day`` is the one it is about; empty means today."""

    model_config = ConfigDict(str_strip_whitespace=True)

    text: str = Field(min_length=1, max_length=LONGEST)
    prompt: Annotated[Prompt | None, BeforeValidator(_empty_is_none)] = None
    day: Annotated[Day | None, BeforeValidator(_empty_is_none)] = None
    community_id: Annotated[UUID | None, BeforeValidator(_empty_is_none)] = None
    form_key: FormKey


class ShareForm(BaseModel):
    """``text`` is what others will read, as its author left it; nothing else of the entry goes along."""

    model_config = ConfigDict(str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=LONGEST)
    community_id: UUID
    way: str = Field(max_length=30)
    form_key: FormKey
