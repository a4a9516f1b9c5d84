"""What may come in about agreed actions."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from lms_plc.actionitems.actions import LONGEST
from lms_plc.web.form_fields import Day, FormKey, MaybeDay, MaybeId, TypedForm

WORDS = 1000
"""Characters said with what became of an action."""


class Place(StrEnum):
    """The page a button stood on, to which one comes back."""

    ACTION = ""
    LIST = "list"
    MINE = "mine"


class RecordForm(TypedForm):
    text: str = Field(min_length=1, max_length=LONGEST)
    owner_id: MaybeId = None
    due: MaybeDay = None
    from_kind: str = Field(default="", max_length=30)
    from_id: MaybeId = None
    form_key: FormKey


class SaidForm(TypedForm):
    """``said_kind`` and ``said_id``: the meeting from whose page it was sent."""

    said_kind: str = Field(default="", max_length=30)
    said_id: MaybeId = None
    then: Place = Place.ACTION


class DoneForm(SaidForm):
    """``told``, here and below: what the verb is told of it."""

    result: str = Field(default="", max_length=WORDS)

    @property
    def told(self) -> dict[str, Any]:
        return {"text": self.result}


class MoveForm(SaidForm):
    due: Day

    @property
    def told(self) -> dict[str, Any]:
        return {"due": self.due}


class DropForm(SaidForm):
    """Why is what the others learn from it."""

    reason: str = Field(min_length=1, max_length=WORDS)

    @property
    def told(self) -> dict[str, Any]:
        return {"text": self.reason}


class HandForm(SaidForm):
    person_id: UUID
