"""Two colleagues of different communities who know each other now, and where they talk.

The room of messages says how a talk begins (``opens_talks``); whoever connects two people needs not know that room.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import Session, aliased

from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor
from lms_plc.people.models import PeerConnection

Opener = Callable[[Session, UUID, UUID, str, Actor], UUID]
"""(session, who wrote the first words, to whom, the words, who acts) → the id of the talk they stand in now; without
an event: it is part of what was done."""

_openers: list[Opener] = []


def opens_talks(opener: Opener) -> Opener:
    _openers[:] = [opener]
    return opener


def connect(session: Session, actor: Actor, other_id: UUID, note: str) -> UUID:
    """``actor`` answers the hello of ``other_id``; ``note``, their first words, begins the talk whose id this gives."""
    session.execute(
        upsert(session, PeerConnection)
        .values(person_id=other_id, other_id=actor.person_id, at=actor.at)
        .on_conflict_do_nothing(index_elements=["person_id", "other_id"])
    )
    [opener] = _openers
    return opener(session, other_id, actor.person_id, note, actor)


def are_connected(one: Any, other: Any) -> ColumnElement[bool]:
    """For a select: whether these two (ids or columns) are, whoever said hello."""
    both = aliased(PeerConnection)
    return exists().where(
        or_(
            and_(both.person_id == one, both.other_id == other),
            and_(both.person_id == other, both.other_id == one),
        )
    )
