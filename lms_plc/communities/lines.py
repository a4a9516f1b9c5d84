"""Lines of a first page: what every room asks for there has the same columns, so that one statement brings them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Integer, String, Uuid, bindparam, cast, literal, null

from lms_plc.core.database import Moment


@dataclass(frozen=True, slots=True)
class Line:
    """A row of what a room asked for; what each column holds is the room's own affair."""

    id: UUID | None
    title: str | None
    text: str | None
    name: str | None
    kind: str | None
    at: datetime | None
    number: int | None


_TYPES: Mapping[str, Any] = {
    "id": Uuid(),
    "title": String(),
    "text": String(),
    "name": String(),
    "kind": String(),
    "at": Moment(),
    "number": Integer(),
}


@dataclass(frozen=True, slots=True)
class Here:
    """What the selects of a first page are given: who looks, at which community of which site, when, when that day
    began, and the first id that can have been made since they were last here. To a select it is what an ``Actor`` is to
    a request."""

    person_id: BindParameter[UUID]
    community_id: BindParameter[UUID]
    site_id: BindParameter[UUID]
    at: BindParameter[datetime]
    today: BindParameter[datetime]
    since: BindParameter[UUID]


HERE = Here(
    person_id=bindparam("me", type_=Uuid()),
    community_id=bindparam("here", type_=Uuid()),
    site_id=bindparam("site", type_=Uuid()),
    at=bindparam("at", type_=Moment()),
    today=bindparam("today", type_=Moment()),
    since=bindparam("since", type_=Uuid()),
)
"""Selects are built once, when a room opens, and are given these each time."""


def line(**columns: Any) -> list[ColumnElement[Any]]:
    """The columns of a select of lines, in their order; those not named are null."""
    unknown = columns.keys() - _TYPES.keys()
    if unknown:
        raise TypeError(f"a line has no {', '.join(sorted(unknown))}")
    return [
        cast(null(), kind).label(name) if name not in columns else _labelled(columns[name], name)
        for name, kind in _TYPES.items()
    ]


def _labelled(column: Any, name: str) -> ColumnElement[Any]:
    if isinstance(column, str | int):
        column = literal(column)
    labelled: ColumnElement[Any] = column.label(name)
    return labelled
