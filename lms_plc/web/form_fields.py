"""What forms of many rooms have in common, and fields of theirs."""

import secrets
from datetime import date, time
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class TypedForm(BaseModel):
    """Blanks around what was typed say nothing."""

    model_config = ConfigDict(str_strip_whitespace=True)


def empty_is_none(value: object) -> object:
    return value or None


def several(typed: object) -> object:
    """What can be chosen more than once, as ``with_lists`` brings it: with a blank between."""
    return typed.split() if isinstance(typed, str) else typed


def new_form_key() -> str:
    return secrets.token_urlsafe(18)


def written_there(*words: str) -> str:
    """By what a form knows again which words it was written on; nothing for none."""
    return sha256("\0".join(words).encode()).hexdigest()[:16] if any(words) else ""


def _on_the_wall(at: time) -> time:
    return at.replace(second=0, microsecond=0, tzinfo=None)


FormKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
"""Made when the form was rendered; the same form sent twice is one thing."""

MaybeId = Annotated[UUID | None, BeforeValidator(empty_is_none)]
WallTime = Annotated[time, AfterValidator(_on_the_wall)]
"""As a clock on the wall shows it, without a zone."""

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
MaybeDay = Annotated[Day | None, BeforeValidator(empty_is_none)]
