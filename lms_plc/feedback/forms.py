"""What may come in about feedback: words, and never a number."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lms_plc.communities.forms import FORM_KEY, empty_is_none, people_in

AT_ONCE = 5
"""So many are asked at once: a question to everybody is a conversation."""

WORDS = 4000
"""Characters of each of the three things a colleague may say."""


Id = Annotated[UUID | None, BeforeValidator(empty_is_none)]


class _Form(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)


class AskForm(_Form):
    question: str = Field(min_length=1, max_length=500)
    text: str = Field(default="", max_length=20_000)
    people: Annotated[list[UUID], BeforeValidator(people_in), Field(min_length=1, max_length=AT_ONCE)] = []
    due: Annotated[
        Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))] | None, BeforeValidator(empty_is_none)
    ] = None
    from_kind: str = Field(default="", max_length=30)
    from_id: Id = None
    form_key: str = Field(pattern=FORM_KEY)


class AnswerForm(_Form):
    """One of the three is enough."""

    saw: str = Field(default="", max_length=WORDS)
    asks: str = Field(default="", max_length=WORDS)
    idea: str = Field(default="", max_length=WORDS)

    @property
    def says_something(self) -> bool:
        return bool(self.saw or self.asks or self.idea)
