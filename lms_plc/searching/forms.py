"""What may come in to a search."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lms_plc.web.form_fields import MaybeId, TypedForm, empty_is_none

LONGEST_QUESTION = 200


class SearchForm(TypedForm):
    """``written_by`` is (part of) a name, ``mine`` only what I wrote; both days count."""

    q: str = Field(default="", max_length=LONGEST_QUESTION)
    community: MaybeId = None
    kind: str = Field(default="", max_length=30)
    written_by: str = Field(default="", max_length=100)
    mine: Annotated[Literal["yes"] | None, BeforeValidator(empty_is_none)] = None
    since: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    until: Annotated[date | None, BeforeValidator(empty_is_none)] = None

    @property
    def narrows(self) -> bool:
        return bool(self.community or self.kind or self.written_by or self.mine or self.since or self.until)
