"""What may come in."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _several(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _empty_is_none(value: object) -> object:
    return value or None


class ItemForm(BaseModel):
    """``schools`` are ids; ``kind`` and ``thing`` name what it points at, if anything."""

    model_config = ConfigDict(str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=2000)
    schools: Annotated[list[UUID], BeforeValidator(_several), Field(min_length=1, max_length=30)]
    kind: Annotated[Annotated[str, Field(max_length=30)] | None, BeforeValidator(_empty_is_none)] = None
    thing: Annotated[UUID | None, BeforeValidator(_empty_is_none)] = None
    form_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
