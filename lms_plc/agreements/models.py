"""What is stored of what a community promised itself. Its purpose stands with the community; what it is founded on, and
the rounds in which it consents, are known to every room and stand in ``communities``."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class CharterVersion(Row):
    """The charter as it read from a moment on; the latest is the one in force. ``written_by`` is None for one that was
    written before versions were kept, or came along with a copied course."""

    __tablename__ = "plc_charter_version"
    __table_args__ = (UniqueConstraint("community_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    version: Mapped[int]
    purpose: Mapped[str] = mapped_column(Text)
    definition: Mapped[str] = mapped_column(Text)
    rhythm: Mapped[str] = mapped_column(Text)
    leaves_room: Mapped[str] = mapped_column(Text)
    photos: Mapped[str] = mapped_column(Text)
    languages: Mapped[str] = mapped_column(Text)
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_consent_round.id"))
    at: Mapped[datetime]


class Norm(Row):
    """One promise to each other. Its words never change, so that whoever cites it cites what it said: another
    wording is another norm, and this one ends."""

    __tablename__ = "plc_norm"
    __table_args__ = (Index("ix_plc_norm_community_id_id", "community_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    text: Mapped[str] = mapped_column(Text)
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    added_at: Mapped[datetime]
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_consent_round.id"))
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    reviewed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Goal(Row):
    """Something the community set out to do together: agreed, then reached or set aside, with a word on it."""

    __tablename__ = "plc_goal"
    __table_args__ = (Index("ix_plc_goal_community_id_id", "community_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("plc_consent_round.id"))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text)
    agreed_at: Mapped[datetime]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    closed_at: Mapped[datetime | None]
