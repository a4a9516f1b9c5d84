"""What may come in when two colleagues are to meet."""

from typing import Literal

from pydantic import BaseModel, Field

from lms_plc.web.form_fields import TypedForm

LONGEST_HELLO = 1000


class HelloForm(TypedForm):
    note: str = Field(min_length=1, max_length=LONGEST_HELLO)


class OfferForm(BaseModel):
    answer: Literal["yes", "not_now"]
