"""Who has opened a thing, told to its author and to nobody else: whoever chooses readers may see that they came.

One row a person and thing, touched at most once a day: it says that somebody was here and when they were here last,
not how often. Class results have rows of their own kind here, of who knows the numbers: these are told to nobody.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, ScalarSelect, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms_plc.core.activity import Reference
from lms_plc.core.database import Row, upsert
from lms_plc.core.policy import Actor

NOTED_AGAIN_AFTER = timedelta(days=1)


class Access(Row):
    """Somebody other than its author has opened a thing."""

    __tablename__ = "plc_access"
    __table_args__ = (Index("ix_plc_access_person_id", "person_id"),)

    thing_kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    thing_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


def noted_at(actor: Actor, kind: str, thing_id: Any) -> ScalarSelect[datetime]:
    """When this actor's last opening was noted, as a column of the select that loads the thing."""
    return (
        select(Access.last_at)
        .where(Access.thing_kind == kind, Access.thing_id == thing_id, Access.person_id == actor.person_id)
        .scalar_subquery()
    )


def is_due(actor: Actor, noted: datetime | None) -> bool:
    return noted is None or actor.at - noted >= NOTED_AGAIN_AFTER


def note(session: Session, actor: Actor, thing: Reference) -> None:
    """Somebody opened it. No event: who has read what is their own business and the author's."""
    access = upsert(session, Access).values(
        thing_kind=thing.kind, thing_id=thing.id, person_id=actor.person_id, first_at=actor.at, last_at=actor.at
    )
    session.execute(
        access.on_conflict_do_update(
            index_elements=["thing_kind", "thing_id", "person_id"], set_={"last_at": access.excluded.last_at}
        )
    )


def forget(session: Session, thing: Reference) -> None:
    """The thing is gone, and with it who had opened it."""
    session.execute(delete(Access).where(Access.thing_kind == thing.kind, Access.thing_id == thing.id))
