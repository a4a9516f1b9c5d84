"""What may come in about a community."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from lms_plc.web.form_fields import TypedForm, empty_is_none, several


class FoundedBy(StrEnum):
    """Out of what a community began."""

    OWN_NEED = "own_need"
    PROJECT = "project"
    MANDATE = "mandate"


MOST_NAMED = 200
"""People an author can name for one thing, and names offered for choosing them."""

NamedPeople = Annotated[list[UUID], BeforeValidator(several), Field(max_length=MOST_NAMED)]


class FoundingForm(TypedForm):
    """How a community began; everything may be left out and said later."""

    founded_by: Annotated[FoundedBy | None, BeforeValidator(empty_is_none)] = None
    by_whom: str = Field(default="", max_length=200)
    founded_on: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    first_purpose: str = Field(default="", max_length=2000)

    @property
    def says_something(self) -> bool:
        return bool(self.founded_by or self.by_whom or self.founded_on or self.first_purpose)
