"""What is stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class SchoolItem(Row):
    """A few words a community tells its school. They stand for themselves: nothing else of the community is shown by
    them. ``thing`` is what the author made and wants to point at; only who may see it finds the way there."""

    __tablename__ = "plc_school_item"
    __table_args__ = (
        UniqueConstraint("author_id", "form_key"),
        Index("ix_plc_school_item_community_id_id", "community_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    renderer: Mapped[int]
    thing_kind: Mapped[str | None] = mapped_column(String(30))
    thing_id: Mapped[UUID | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]


class SchoolItemSchool(Row):
    """A school that is told."""

    __tablename__ = "plc_school_item_school"
    __table_args__ = (Index("ix_plc_school_item_school_school_id_item_id", "school_id", "item_id"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("plc_school_item.id"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("plc_school.id"), primary_key=True)
