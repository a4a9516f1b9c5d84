"""What may come in about meetings."""

from datetime import time
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from lms_plc.meetings.states import State
from lms_plc.web.form_fields import Day, FormKey, TypedForm, WallTime

_ZONES = frozenset(available_timezones())


def _leads_somewhere(link: str) -> str:
    if link and not link.startswith(("https://", "http://")):
        raise PydanticCustomError("no_link", "not an address")
    return link


def _is_somewhere(zone: str) -> str:
    if zone and zone not in _ZONES:
        raise PydanticCustomError("no_zone", "no time zone")
    return zone


OnlineLink = Annotated[str, Field(max_length=500), AfterValidator(_leads_somewhere)]
"""Empty, or the address of an online meeting."""

Zone = Annotated[str, Field(max_length=40), AfterValidator(_is_somewhere)]
"""Empty for where this installation is, or a name of the time zone database."""


class ItemKind(StrEnum):
    """What an agenda item is for: learning is what a community meets for, the rest should stay short."""

    LEARNING = "learning"
    ORGANISING = "organising"
    NOTICE = "notice"


class MeetingKind(StrEnum):
    COMMUNITY = "community"
    MENTORING = "mentoring"
    FOUNDING = "founding"
    JOINT = "joint"


class Mode(StrEnum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    BOTH = "both"


class MeetingForm(TypedForm):
    """Day and times as they stand on the wall clock in ``zone``, or where this installation is. ``protocol`` is what
    they mean to talk by, a key of ``protocols.queries.choices``."""

    title: str = Field(min_length=1, max_length=200)
    kind: MeetingKind = MeetingKind.COMMUNITY
    day: Day
    starts: WallTime
    ends: WallTime
    place: str = Field(default="", max_length=200)
    link: OnlineLink = ""
    mode: Mode = Mode.IN_PERSON
    in_working_time: bool = False
    zone: Zone = ""
    protocol: str = Field(default="", max_length=40)
    form_key: FormKey | None = None

    @field_validator("ends")
    @classmethod
    def _after_it_began(cls, ends: time, info: ValidationInfo) -> time:
        starts = info.data.get("starts")
        if starts is not None and ends <= starts:
            raise PydanticCustomError("too_early", "it ends before it begins")
        return ends


class StateForm(TypedForm):
    state: State
    reason: str = Field(default="", max_length=300)


class RoleForm(BaseModel):
    """Without a person it is oneself."""

    role: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    person_id: UUID | None = None


class WordsForm(TypedForm):
    title: str = Field(min_length=1, max_length=200)
    kind: ItemKind = ItemKind.LEARNING
    minutes: int = Field(default=10, ge=1, le=480)


class ItemForm(WordsForm):
    form_key: FormKey


class StepForm(BaseModel):
    """Which way an item goes in the order."""

    step: Literal["up", "down"]


class OutcomeForm(TypedForm):
    outcome: str = Field(default="", max_length=2000)
    dealt_with: bool = False


class ThingForm(BaseModel):
    """A thing of another room that asks for the next agenda."""

    thing_kind: str = Field(max_length=30)
    thing_id: UUID
    form_key: FormKey


class SettlingForm(TypedForm):
    """``outcome`` is one of those the thing's own room knows."""

    outcome: str = Field(min_length=1, max_length=20)
    text: str = Field(default="", max_length=2000)
