"""What is noted of things, people and lines, before and after the LMS is asked? Rows only, inside the caller's
transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session

from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.writeback.lines import OPEN
from lms_plc.writeback.models import WriteLine, WrittenMember, WrittenThing


def thing_of(session: Session, site_id: UUID, key: str) -> WrittenThing | None:
    """What we know of a thing, by its key."""
    return session.execute(
        select(WrittenThing).where(WrittenThing.site_id == site_id, WrittenThing.key == key)
    ).scalar_one_or_none()


def begin_thing(session: Session, site_id: UUID, line: WriteLine, at: datetime, person_id: UUID | None = None) -> bool:
    """Notes that a thing is about to be made; False if that stands there already."""
    row = upsert(session, WrittenThing).values(
        id=new_id(),
        site_id=site_id,
        key=line.key,
        kind=line.kind,
        community_id=line.community_id,
        person_id=person_id,
        course=line.course,
        made=False,
        state="trying",
        version=(line.given or {}).get("version") if person_id is not None else None,
        at=at,
    )
    begun = row.on_conflict_do_nothing(index_elements=["site_id", "key"]).returning(WrittenThing.id)
    return session.execute(begun).scalar_one_or_none() is not None


def begin_member(session: Session, thing_id: UUID, subject: str, person_id: UUID, state: str, at: datetime) -> None:
    """Notes that somebody is about to be put in, or was in before; what stands there already stays."""
    row = upsert(session, WrittenMember).values(
        thing_id=thing_id, subject=subject, person_id=person_id, state=state, at=at
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["thing_id", "subject"]))


def set_thing(session: Session, site_id: UUID, key: str, **values: Any) -> None:
    """Notes what has become of a thing."""
    session.execute(
        update(WrittenThing).where(WrittenThing.site_id == site_id, WrittenThing.key == key).values(**values)
    )


def forget_thing(session: Session, thing_id: UUID) -> None:
    """A thing and its people are ours no longer."""
    session.execute(delete(WrittenMember).where(WrittenMember.thing_id == thing_id))
    session.execute(delete(WrittenThing).where(WrittenThing.id == thing_id))


def forget_keys(session: Session, site_id: UUID, keys: Sequence[str]) -> None:
    """Things that were not made after all, and have no people."""
    session.execute(delete(WrittenThing).where(WrittenThing.site_id == site_id, WrittenThing.key.in_(keys)))


def mark_lines(session: Session, plan_id: UUID, numbers: Sequence[int], state: str = "trying") -> None:
    """Notes that lines are under way, or waiting again."""
    session.execute(
        update(WriteLine)
        .where(WriteLine.plan_id == plan_id, WriteLine.number.in_(numbers))
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def end_lines(
    session: Session, plan_id: UUID, state: str, problem: str, at: datetime, which: ColumnElement[bool]
) -> list[str]:
    """Ends open lines without doing them; the keys of what they were about."""
    ended = session.execute(
        update(WriteLine)
        .where(WriteLine.plan_id == plan_id, WriteLine.state.in_(OPEN), WriteLine.left_out.is_(False), which)
        .values(state=state, problem=problem, ended_at=at, given=None)
        .returning(WriteLine.key)
        .execution_options(synchronize_session=False)
    )
    return list(ended.scalars())


def open_lines(plan_id: UUID) -> Select[WriteLine]:
    """The lines of a plan that are still to be done, in their order."""
    return (
        select(WriteLine)
        .where(WriteLine.plan_id == plan_id, WriteLine.state.in_(OPEN), WriteLine.left_out.is_(False))
        .order_by(WriteLine.number)
    )
