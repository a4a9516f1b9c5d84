"""What may come in about feedback: words, and never a number."""

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from lms_plc.web.form_fields import FormKey, MaybeDay, MaybeId, TypedForm, several

AT_ONCE = 5
"""So many are asked at once: a question to everybody is a conversation."""

WORDS = 4000
"""Characters of each of the three things a colleague may say."""


class AskForm(TypedForm):
    question: str = Field(min_length=1, max_length=500)
    text: str = Field(default="", max_length=20_000)
    people: Annotated[list[UUID], BeforeValidator(several), Field(min_length=1, max_length=AT_ONCE)] = []
    due: MaybeDay = None
    from_kind: str = Field(default="", max_length=30)
    from_id: MaybeId = None
    form_key: FormKey


class AnswerForm(TypedForm):
    """One of the three is enough."""

    saw: str = Field(default="", max_length=WORDS)
    asks: str = Field(default="", max_length=WORDS)
    idea: str = Field(default="", max_length=WORDS)

    @property
    def says_something(self) -> bool:
        return bool(self.saw or self.asks or self.idea)
