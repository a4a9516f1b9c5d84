"""What may come in when two colleagues are to meet."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

LONGEST_HELLO = 1000


class HelloForm(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    note: str = Field(min_length=1, max_length=LONGEST_HELLO)


class OfferForm(BaseModel):
    answer: Literal["yes", "not_now"]
