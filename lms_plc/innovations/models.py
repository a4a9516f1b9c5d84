"""What is stored of something new that a community looks at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Innovation(Row):
    """Something new, on its way: ``discuss``, ``test``, ``translate``, then ``judged`` with a verdict: ``keep``,
    ``adapt`` or ``not_for_us``, each with its because, each as good as the others."""

    __tablename__ = "plc_innovation"
    __table_args__ = (
        Index("ix_plc_innovation_community_id_state_id", "community_id", "state", "id"),
        UniqueConstraint("raised_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    raised_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    verdict: Mapped[str | None] = mapped_column(String(10))
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]


class InnovationNote(Row):
    """What was said in one of its states; a card moves on with a note (``became``), a verdict with its because."""

    __tablename__ = "plc_innovation_note"
    __table_args__ = (
        Index("ix_plc_innovation_note_innovation_id_id", "innovation_id", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    innovation_id: Mapped[UUID] = mapped_column(ForeignKey("plc_innovation.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    state: Mapped[str] = mapped_column(String(10))
    became: Mapped[str | None] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    form_key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
