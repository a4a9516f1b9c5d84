"""What may come in when somebody asks for help, and when somebody decides."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Step(StrEnum):
    """What can happen in a case. Talking comes first; hiding can be undone, removing cannot."""

    REPORTED = "reported"
    TALKED = "talked"
    ANSWERED = "answered"
    HIDDEN = "hidden"
    SETTLED = "settled"
    RESTORED = "restored"
    REMOVED = "removed"
    APPEALED = "appealed"
    UPHELD = "upheld"
    FINISHED = "finished"


def _empty_is_none(value: object) -> object:
    return value or None


LONGEST = 4000
Words = Annotated[str, Field(min_length=1, max_length=LONGEST)]
NormId = Annotated[UUID | None, BeforeValidator(_empty_is_none)]


class ReportForm(BaseModel):
    """``known_to`` is who may know the name: those who lead, or nobody; the author never does. ``community_id`` says
    whom to ask about a thing that is of no community."""

    model_config = ConfigDict(str_strip_whitespace=True)

    text: Words
    norm_id: NormId = None
    known_to: Annotated[str, Field(pattern="^(leaders|nobody)$")] = "leaders"
    community_id: NormId = None

    @property
    def unnamed(self) -> bool:
        return self.known_to == "nobody"


class DecisionForm(BaseModel):
    """``text`` is for the author, who reads it as it stands."""

    model_config = ConfigDict(str_strip_whitespace=True)

    step: Step
    text: Words
    norm_id: NormId = None


class AnswerForm(BaseModel):
    """The author's own words: an answer, or an objection (``appeal``)."""

    model_config = ConfigDict(str_strip_whitespace=True)

    text: Words
    appeal: Annotated[bool, BeforeValidator(lambda value: value == "yes")] = False
