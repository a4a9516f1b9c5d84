"""What may come in."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from lms_plc.core.mail import as_address
from lms_plc.web.form_fields import TypedForm


class Channel(StrEnum):
    MAIL = "mail"
    LMS = "lms"
    NONE = "none"


class Pace(StrEnum):
    WEEKLY = "weekly"
    DAILY = "daily"
    IMMEDIATE = "immediate"
    NONE = "none"


def _ticked(value: object) -> bool:
    return value == "yes"


def _an_address(value: str) -> str:
    address = as_address(value)
    if address is None:
        raise ValueError("is no e-mail address")
    return address


Hour = Annotated[int, Field(ge=0, le=23)]


class SettingsForm(BaseModel):
    model_config = ConfigDict(use_enum_values=True)

    channel: Channel
    pace: Pace = Pace.WEEKLY
    quiet_from: Hour = 20
    quiet_until: Hour = 7
    quiet_weekends: Annotated[bool, BeforeValidator(_ticked)] = False


class PaceForm(BaseModel):
    """One community's; its field is called by the community's id."""

    model_config = ConfigDict(use_enum_values=True)

    pace: Pace


class AddressForm(TypedForm):
    address: Annotated[str, Field(min_length=1, max_length=254), AfterValidator(_an_address)]


class LessForm(BaseModel):
    """What somebody wants by a letter's link; a mail program's own button sends no choice and means ``none``."""

    choice: Annotated[str, Field(pattern="^(none|weekly)$")] = "none"
