"""What is stored until two colleagues of different communities know each other."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Hello(Row):
    """A short note of ``person_id`` to ``other_id``: once. It is accepted, or it rests, and nobody is refused."""

    __tablename__ = "plc_hello"
    __table_args__ = (
        UniqueConstraint("person_id", "other_id"),
        Index("ix_plc_hello_other_id_id", "other_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    rests_at: Mapped[datetime | None]


class PeerOffer(Row):
    """For somebody around whom it has been quiet: would they like to meet a colleague elsewhere? Only they see it.

    ``dismissed_at`` is when they answered, whatever they answered.
    """

    __tablename__ = "plc_peer_offer"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(30))
    offered_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
