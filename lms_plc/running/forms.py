"""What may come in to a protocol run."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from lms_plc.running.captures import CAPTURES, PLAIN, WRITTEN, Way
from lms_plc.web.form_fields import FormKey, MaybeDay, MaybeId, TypedForm, empty_is_none

LONGEST_NOTE = 2000


class Steering(StrEnum):
    START = "start"
    NEXT = "next"
    LEAVE_OUT = "leave_out"
    BACK = "back"
    EXTEND = "extend"
    PAUSE = "pause"
    GO_ON = "go_on"
    END = "end"
    BREAK_OFF = "break_off"
    TAKE_UP = "take_up"


class Became(StrEnum):
    DONE = "done"
    MOVED = "moved"
    DROPPED = "dropped"


def _is_written(kind: str) -> str:
    if kind not in CAPTURES or CAPTURES[kind].way not in WRITTEN:
        raise PydanticCustomError("enum", "nothing that is written down")
    return kind


_Milliseconds = Annotated[int, Field(ge=0, le=10**13)]
Kind = Annotated[str, AfterValidator(_is_written)]


class BeginForm(TypedForm):
    """``protocol`` is a shipped one's id or that of a copy."""

    protocol: str = Field(min_length=1, max_length=60)
    form_key: FormKey


class RoleForm(TypedForm):
    role: str = Field(min_length=1, max_length=40)
    person_id: UUID


class SteeringForm(TypedForm):
    """``saw`` is the step the button stood at, ``had`` how many seconds that step had been given besides: of two who
    press at once, one is heard. ``reason`` is why a step is left out."""

    what: Steering
    saw: int = Field(default=0, ge=0, le=1000)
    had: int = Field(default=0, ge=0, le=2**31 - 1)
    minutes: int = Field(default=1, ge=1, le=30)
    reason: str = Field(default="", max_length=300, validate_default=True)

    @field_validator("reason")
    @classmethod
    def _says_why(cls, reason: str, info: ValidationInfo) -> str:
        if info.data.get("what") is Steering.LEAVE_OUT and not reason:
            raise PydanticCustomError("missing", "no reason")
        return reason


class NoteForm(TypedForm):
    """``id`` was made where it was written; ``at`` is the writer's moment there, in milliseconds since 1970 by the
    server's clock, if a script ran. A tick needs no words."""

    id: UUID
    step: int = Field(ge=0, le=1000)
    kind: Kind = PLAIN
    text: str = Field(default="", max_length=LONGEST_NOTE, validate_default=True)
    owner_id: MaybeId = None
    due: MaybeDay = None
    at: Annotated[_Milliseconds | None, BeforeValidator(empty_is_none)] = None

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str, info: ValidationInfo) -> str:
        if not text and CAPTURES[info.data.get("kind", PLAIN)].way is not Way.CHECK:
            raise PydanticCustomError("string_too_short", "no words")
        return text

    @property
    def written_at(self) -> datetime | None:
        return None if self.at is None else datetime.fromtimestamp(self.at / 1000, UTC)


class ChangeForm(TypedForm):
    text: str = Field(min_length=1, max_length=LONGEST_NOTE)
    owner_id: MaybeId = None
    due: MaybeDay = None


class PulseForm(TypedForm):
    worth: int = Field(ge=1, le=5)
    word: str = Field(default="", max_length=40)


class UpdateForm(TypedForm):
    """What became of an action: moved needs a day, dropped a word why."""

    became: Became
    text: str = Field(default="", max_length=500, validate_default=True)
    due: Annotated[MaybeDay, Field(validate_default=True)] = None

    @field_validator("text")
    @classmethod
    def _says_why(cls, text: str, info: ValidationInfo) -> str:
        if info.data.get("became") is Became.DROPPED and not text:
            raise PydanticCustomError("missing", "no reason")
        return text

    @field_validator("due")
    @classmethod
    def _says_when(cls, due: date | None, info: ValidationInfo) -> date | None:
        if info.data.get("became") is Became.MOVED and due is None:
            raise PydanticCustomError("missing", "no day")
        return due
