"""What has left the tool: a letter that was sent, a page that was printed.

What was withdrawn is gone here; of what left before, its author can only be told that it did. Nothing is kept of what
nobody is told of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, String, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms_plc.core.activity import Reference
from lms_plc.core.database import Row, upsert


class Left(StrEnum):
    """How something left."""

    LETTER = "letter"
    PRINT = "print"
    LMS = "lms"


class Export(Row):
    """That a thing left in a way, how often until now and when last; not to whom."""

    __tablename__ = "plc_export"

    thing_kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    thing_id: Mapped[UUID] = mapped_column(primary_key=True)
    way: Mapped[str] = mapped_column(String(10), primary_key=True)
    times: Mapped[int]
    last_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class LeftSeen:
    way: Left
    times: int
    last_at: datetime


_told: set[str] = set()


def tells_of(*kinds: str) -> None:
    """Whoever withdraws a thing of one of these kinds is told how it has left."""
    _told.update(kinds)


def note_export(session: Session, things: Iterable[Reference], way: Left, at: datetime) -> None:
    """These things leave now, in this way. No event: it is for their authors only."""
    told = sorted({(one.kind, one.id) for one in things if one.kind in _told})  # two letters lock them in one order
    if not told:
        return
    rows = [{"thing_kind": kind, "thing_id": one, "way": way.value, "times": 1, "last_at": at} for kind, one in told]
    session.execute(
        upsert(session, Export)
        .values(rows)
        .on_conflict_do_update(
            index_elements=["thing_kind", "thing_id", "way"], set_={"times": Export.times + 1, "last_at": at}
        )
    )


def exports_of(connection: Connection, *names: Reference) -> list[LeftSeen]:
    """How a thing has left until now, in one statement; ``names`` is all that letters may have spoken of it as."""
    rows = connection.execute(
        select(Export.way, func.max(Export.times).label("times"), func.max(Export.last_at).label("last_at"))
        .where(tuple_(Export.thing_kind, Export.thing_id).in_([(one.kind, one.id) for one in names]))
        .group_by(Export.way)
        .order_by(Export.way)
    )
    return [LeftSeen(Left(row.way), row.times, row.last_at) for row in rows]
