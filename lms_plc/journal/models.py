"""What is stored of a notebook. Its words are sealed: whoever reads the database, or a backup, reads none of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class JournalEntry(Row):
    """A page of somebody's notebook. There is no column for readers: nobody but its author is one."""

    __tablename__ = "plc_journal_entry"
    __table_args__ = (
        Index("ix_plc_journal_entry_person_id_id", "person_id", "id"),
        UniqueConstraint("person_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    prompt: Mapped[str | None] = mapped_column(String(30))
    day: Mapped[date]
    sealed: Mapped[str] = mapped_column(Text)
    sealed_mood: Mapped[str | None] = mapped_column(Text)
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class SharedPart(Row):
    """Where a part of an entry was copied to, and since when it is no longer there. The copy itself is of that room."""

    __tablename__ = "plc_shared_part"
    __table_args__ = (
        Index("ix_plc_shared_part_entry_id", "entry_id"),
        UniqueConstraint("thing_kind", "thing_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_journal_entry.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    way: Mapped[str] = mapped_column(String(30))
    thing_kind: Mapped[str] = mapped_column(String(30))
    thing_id: Mapped[UUID]
    shared_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class JournalVoice(Row):
    """What was said into an entry instead of written; sealed like its words, and no file of the house."""

    __tablename__ = "plc_journal_voice"
    __table_args__ = (Index("ix_plc_journal_voice_entry_id", "entry_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_journal_entry.id"))
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class ReleasedPart(Row):
    """A part of an entry that its author lets others read, here and nowhere else; sealed like the entry.

    ``audience`` is who reads it (``communities.audiences``, kind ``journal_part``).
    """

    __tablename__ = "plc_released_part"
    __table_args__ = (
        Index("ix_plc_released_part_entry_id", "entry_id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_journal_entry.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    audience: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[str] = mapped_column(Text)
    form_key: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
