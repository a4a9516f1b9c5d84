"""What may come in as a message."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from lms_plc.core.text import LONGEST
from lms_plc.web.form_fields import FormKey, TypedForm, several

LARGEST_GROUP = 8
"""People in one talk, who began it included: as many as can sit round one table."""


class MessageForm(TypedForm):
    body: str = Field(min_length=1, max_length=LONGEST)
    form_key: FormKey


class TalkForm(MessageForm):
    """``to`` are the ids of people, parted by spaces."""

    to: Annotated[list[UUID], BeforeValidator(several)] = Field(min_length=1, max_length=LARGEST_GROUP - 1)


class MuteForm(BaseModel):
    muted: bool
