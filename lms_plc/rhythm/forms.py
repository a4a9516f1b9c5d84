"""What may come in about who leads next."""

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel


class Answer(StrEnum):
    YES = "yes"
    NOT_NOW = "not_now"
    ASK_AGAIN = "ask_again"


class TurnForm(BaseModel):
    """``meeting_id`` is the meeting somebody says yes to, or was asked on the page of."""

    answer: Answer
    meeting_id: UUID | None = None
