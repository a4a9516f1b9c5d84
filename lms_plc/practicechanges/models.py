"""What is stored of changes in practice."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row

NOT_ASKED_AFTER = "asked_at IS NULL OR asked_at <= changed_at"
"""What changed since its author was asked after it, or was never asked after."""


class PracticeChange(Row):
    """A thing somebody now does differently: ``trying``, ``adapted``, ``adopted`` or ``dropped``, with a reason.

    ``origin_kind`` and ``origin_id`` point at where it was decided: an inquiry, a meeting, a practice card. ``sign`` is
    what to watch; ``about`` says whether it changes teaching or how the school works. ``asked_at``: its author was
    asked again, 60 days later.
    """

    __tablename__ = "plc_practice_change"
    __table_args__ = (
        Index("ix_plc_practice_change_community_id_id", "community_id", "id"),
        Index("ix_plc_practice_change_origin_kind_origin_id_id", "origin_kind", "origin_id", "id"),
        Index(
            "ix_plc_practice_change_not_asked_after",
            "state",
            "changed_at",
            sqlite_where=text(NOT_ASKED_AFTER),
            postgresql_where=text(NOT_ASKED_AFTER),
        ),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    what: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(200))
    sign: Mapped[str] = mapped_column(String(500))
    about: Mapped[str] = mapped_column(String(10))  # teaching, school
    why: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    audience: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bool]
    first_try: Mapped[date | None]
    origin_kind: Mapped[str] = mapped_column(String(30))
    origin_id: Mapped[UUID]
    round: Mapped[int]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]


class PracticeTry(Row):
    """One dated try-out: who tried it, and what happened."""

    __tablename__ = "plc_practice_try"
    __table_args__ = (
        Index("ix_plc_practice_try_practice_change_id_id", "practice_change_id", "id"),
        UniqueConstraint("person_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    practice_change_id: Mapped[UUID] = mapped_column(ForeignKey("plc_practice_change.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    day: Mapped[date]
    happened: Mapped[str] = mapped_column(Text)
    form_key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class PracticeTurn(Row):
    """What became of a change at one moment, and why."""

    __tablename__ = "plc_practice_turn"
    __table_args__ = (Index("ix_plc_practice_turn_practice_change_id_id", "practice_change_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    practice_change_id: Mapped[UUID] = mapped_column(ForeignKey("plc_practice_change.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    state: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
