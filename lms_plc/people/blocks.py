"""Whose words does somebody not want to have? Asked by every room that brings one person's words to another.

The blocked one is not told, and sees no difference.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor
from lms_plc.people.models import Block

MOST = 1000
"""So many a person can have blocked; whoever needs more needs other help."""


def blocked_by(connection: Connection, person_id: UUID) -> frozenset[UUID]:
    """Everybody this person blocked."""
    query = select(Block.blocked_id).where(Block.person_id == person_id).limit(MOST)
    return frozenset(connection.execute(query).scalars())


def blockers_of(connection: Connection, person_id: UUID, among: list[UUID]) -> frozenset[UUID]:
    """Which of these blocked this person: nothing of theirs may reach them. For whoever tells, never for a page."""
    if not among:
        return frozenset()
    query = select(Block.person_id).where(Block.blocked_id == person_id, Block.person_id.in_(among))
    return frozenset(connection.execute(query).scalars())


def has_blocked(person_id: Any, blocked_id: Any) -> ColumnElement[bool]:
    """For a select: whether the first (an id or a column) blocked the second."""
    block = aliased(Block)
    return exists().where(block.person_id == person_id, block.blocked_id == blocked_id)


def are_apart(one: Any, other: Any) -> ColumnElement[bool]:
    """For a select: whether either of the two (ids or columns) blocked the other."""
    return or_(has_blocked(one, other), has_blocked(other, one))


def block(session: Session, actor: Actor, blocked_id: UUID) -> None:
    """Once is as good as twice. The event names nobody but who did it: the blocked one is not told."""
    if blocked_id == actor.person_id:
        raise ValueError("nobody blocks themselves")
    added = session.execute(
        upsert(session, Block)
        .values(person_id=actor.person_id, blocked_id=blocked_id, at=actor.at)
        .on_conflict_do_nothing(index_elements=["person_id", "blocked_id"])
        .returning(Block.blocked_id)
    ).one_or_none()
    if added is not None:
        _tell(session, "person.blocked", actor)


def unblock(session: Session, actor: Actor, blocked_id: UUID) -> None:
    gone = session.execute(
        delete(Block)
        .where(Block.person_id == actor.person_id, Block.blocked_id == blocked_id)
        .returning(Block.blocked_id)
    ).one_or_none()
    if gone is not None:
        _tell(session, "person.unblocked", actor)


def _tell(session: Session, verb: str, actor: Actor) -> None:
    me = Reference("person", actor.person_id)
    record_by(session, actor, verb, me, site_id=actor.site_id)
