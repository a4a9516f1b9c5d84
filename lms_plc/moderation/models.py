"""What is stored when somebody was hurt: the case, who asked for help, and what was decided by whom and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class ModerationCase(Row):
    """All that was said and decided about one thing.

    ``title`` and ``as_seen`` are how it read to whoever reported it; ``private`` things (direct messages) are shown to
    who leads in these words only. ``told_at`` is since when the author knows. ``gone_at`` is when it was taken away for
    good, ``final_at`` when an objection was answered.
    """

    __tablename__ = "plc_moderation_case"
    __table_args__ = (
        UniqueConstraint("thing_kind", "thing_id"),
        Index("ix_plc_moderation_case_community_id_id", "community_id", "id"),
        Index("ix_plc_moderation_case_author_id_id", "author_id", "id"),
        Index("ix_plc_moderation_case_state_decided_at", "state", "decided_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    thing_kind: Mapped[str] = mapped_column(String(30))
    thing_id: Mapped[UUID]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    private: Mapped[bool]
    title: Mapped[str] = mapped_column(String(300))
    as_seen: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    before_appeal: Mapped[str | None] = mapped_column(String(12))
    opened_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    final_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]


class Report(Row):
    """Somebody's asking for help with a thing. ``unnamed``: also to who leads. The author never learns who it was."""

    __tablename__ = "plc_report"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id"),
        Index("ix_plc_report_person_id_id", "person_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("plc_moderation_case.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    norm: Mapped[str | None] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    unnamed: Mapped[bool]
    at: Mapped[datetime]


class CaseStep(Row):
    """One thing decided or said in a case, by whom and in which words: the author reads them all."""

    __tablename__ = "plc_case_step"
    __table_args__ = (Index("ix_plc_case_step_case_id_id", "case_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("plc_moderation_case.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    step: Mapped[str] = mapped_column(String(12))
    norm: Mapped[str | None] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
