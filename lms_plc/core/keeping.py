"""How a thing that is one row is hidden and shown again: ``hidden_at`` says since when; meanwhile search forgets it.

Who still knows of it says ``communities.standing``, or the room where its author chose the readers.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms_plc.core import search
from lms_plc.core.activity import Reference
from lms_plc.core.things import Decided, Keeper, Words


def row_keeper(
    table: Any, remove: Decided, words: Words | None = None, *, found: search.Findable | None = None
) -> Keeper:
    """A keeper of the things of this table; ``found`` where they can be searched for."""

    def hide(session: Session, thing_id: UUID, at: datetime) -> None:
        hide_row(session, table, thing_id, at)
        if found is not None:
            search.forget(session, Reference(found.kind, thing_id))

    def restore(session: Session, thing_id: UUID, at: datetime) -> None:
        show_row(session, table, thing_id)
        if found is not None:
            found.find(session, thing_id)

    return Keeper(hide, restore, remove, words)


def hide_row(session: Session, table: Any, thing_id: UUID, at: datetime) -> bool:
    """False for one that is hidden: it is so since the first time."""
    hidden = update(table).where(table.id == thing_id, table.hidden_at.is_(None)).values(hidden_at=at)
    return session.execute(hidden.returning(table.id)).one_or_none() is not None


def show_row(session: Session, table: Any, thing_id: UUID) -> None:
    session.execute(update(table).where(table.id == thing_id).values(hidden_at=None))
