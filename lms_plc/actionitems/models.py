"""What is stored of agreed actions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class ActionItem(Row):
    """Something somebody said they would do: open, then done or dropped.

    ``origin_kind`` and ``origin_id`` point at where it was agreed, a meeting for example. ``moved`` counts how often
    its date was put off; that is for its owner and whoever facilitates, and for nobody else. ``reminded_at``: when
    its owner was asked after a date that had passed, once, whatever comes later.
    """

    __tablename__ = "plc_action_item"
    __table_args__ = (
        Index("ix_plc_action_item_community_id_state_due_id", "community_id", "state", "due", "id"),
        Index("ix_plc_action_item_owner_id_state_due", "owner_id", "state", "due"),
        Index("ix_plc_action_item_origin_kind_origin_id_id", "origin_kind", "origin_id", "id"),
        UniqueConstraint("recorded_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    text: Mapped[str] = mapped_column(String(500))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    due: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10))
    moved: Mapped[int]
    origin_kind: Mapped[str] = mapped_column(String(30))
    origin_id: Mapped[UUID]
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]


class ActionItemUpdate(Row):
    """What became of an action at one moment: done, moved to another date, dropped with a reason, open again, taken on
    by somebody, or handed to another.

    ``said_kind`` and ``said_id`` point at where that was said, if it was said in a meeting.
    """

    __tablename__ = "plc_action_item_update"
    __table_args__ = (Index("ix_plc_action_item_update_action_item_id_id", "action_item_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    action_item_id: Mapped[UUID] = mapped_column(ForeignKey("plc_action_item.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    became: Mapped[str] = mapped_column(String(10))
    due_before: Mapped[date | None]
    due_after: Mapped[date | None]
    text: Mapped[str] = mapped_column(Text)
    said_kind: Mapped[str | None] = mapped_column(String(30))
    said_id: Mapped[UUID | None]
    at: Mapped[datetime]
