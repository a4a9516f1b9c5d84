"""What is stored of direct messages: threads, who is in them, and what was said there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class MessageThread(Row):
    """A talk of two people or a few. ``pair`` names the two of a talk one to one, so that there is only one of them;
    in a group it is empty. ``last_message_id`` orders the list."""

    __tablename__ = "plc_message_thread"
    __table_args__ = (UniqueConstraint("pair"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pair: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    last_message_id: Mapped[UUID]


class Participant(Row):
    """Somebody in a thread: how far they have read, whether they want to hear of it, and whether they have left."""

    __tablename__ = "plc_message_participant"
    __table_args__ = (Index("ix_plc_message_participant_person_id_left_at", "person_id", "left_at"),)

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("plc_message_thread.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    read_to: Mapped[UUID | None]
    muted_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class Message(Row):
    """One thing said among them. A hidden one waits for a word of whoever cares for it; a removed one lost its text."""

    __tablename__ = "plc_message"
    __table_args__ = (
        Index("ix_plc_message_thread_id_id", "thread_id", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("plc_message_thread.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    renderer: Mapped[int]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
