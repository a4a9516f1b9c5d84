"""What may come in."""

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from lms_plc.web.form_fields import FormKey, MaybeId, TypedForm, empty_is_none, several


class ItemForm(TypedForm):
    """``schools`` are ids; ``kind`` and ``thing`` name what it points at, if anything."""

    title: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=2000)
    schools: Annotated[list[UUID], BeforeValidator(several), Field(min_length=1, max_length=30)]
    kind: Annotated[Annotated[str, Field(max_length=30)] | None, BeforeValidator(empty_is_none)] = None
    thing: MaybeId = None
    form_key: FormKey
