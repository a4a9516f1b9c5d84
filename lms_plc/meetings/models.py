"""What is stored of meetings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Meeting(Row):
    """When and where a community meets, and what was written down of it: planned, then held, not held or cancelled.

    ``minutes_version`` grows with each writing, so that two who write at once do not undo each other. ``revision``
    grows with each change of time, place or state: calendars elsewhere go by it.
    """

    __tablename__ = "plc_meeting"
    __table_args__ = (
        Index("ix_plc_meeting_community_id_starts_at_id", "community_id", "starts_at", "id"),
        Index("ix_plc_meeting_changed_at", "changed_at"),
        UniqueConstraint("planned_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    planned_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    title: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(200))
    link: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    minutes: Mapped[str] = mapped_column(Text)
    minutes_html: Mapped[str] = mapped_column(Text)
    minutes_renderer: Mapped[int]
    minutes_version: Mapped[int]
    minutes_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    minutes_at: Mapped[datetime | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class AgendaItem(Row):
    """One thing to speak about. Without a meeting it waits for the next one that is planned. ``thing_kind`` and
    ``thing_id`` point at what it is about, if that is a thing of another room."""

    __tablename__ = "plc_agenda_item"
    __table_args__ = (
        Index("ix_plc_agenda_item_community_id_meeting_id_id", "community_id", "meeting_id", "id"),
        Index("ix_plc_agenda_item_thing_kind_thing_id", "thing_kind", "thing_id"),
        UniqueConstraint("proposer_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_meeting.id"))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    minutes: Mapped[int]
    thing_kind: Mapped[str | None] = mapped_column(String(30))
    thing_id: Mapped[UUID | None]
    proposer_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    position: Mapped[int]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
