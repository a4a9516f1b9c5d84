"""What is stored of the library: one table of items, whatever their shape, and each item's versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.accesses import Access as Access  # its table is made with ours
from lms_plc.core.database import Row


class Item(Row):
    """A resource, a practice card or a story. What its shape asks for stands in ``texts`` (``shapes.SHAPES``), rendered
    in ``html``; what lists are filtered by has columns.

    ``origin_*`` is what it was made of: another item in one of its versions, or an aha. ``reach`` is the widest
    audience an adaptation may have: its original's when it was made.
    """

    __tablename__ = "plc_library_item"
    __table_args__ = (
        Index("ix_plc_library_item_community_id_id", "community_id", "id"),
        Index("ix_plc_library_item_audience_id", "audience", "id"),
        Index("ix_plc_library_item_origin_kind_origin_id", "origin_kind", "origin_id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    shape: Mapped[str] = mapped_column(String(10))
    story_kind: Mapped[str | None] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    html: Mapped[dict[str, str]] = mapped_column(JSON)
    renderer: Mapped[int]
    subject: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(20))
    licence: Mapped[str | None] = mapped_column(String(20))
    tags: Mapped[list[str]] = mapped_column(JSON)
    version: Mapped[int]
    audience: Mapped[str] = mapped_column(String(20))
    reach: Mapped[str | None] = mapped_column(String(20))
    show_name: Mapped[bool]
    findable: Mapped[bool]
    origin_kind: Mapped[str | None] = mapped_column(String(30))
    origin_id: Mapped[UUID | None]
    origin_version: Mapped[int | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class ItemVersion(Row):
    """How an item read in one version, the one it has now included. ``audience`` is who could read it then: words
    written for oneself do not show when the item is opened to others later."""

    __tablename__ = "plc_library_version"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("plc_library_item.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    audience: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class Tag(Row):
    """A word an item can be found by, as it is typed in a filter."""

    __tablename__ = "plc_library_tag"
    __table_args__ = (Index("ix_plc_library_tag_tag_item_id", "tag", "item_id"),)

    item_id: Mapped[UUID] = mapped_column(ForeignKey("plc_library_item.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)


class Tried(Row):
    """Somebody tried it, and says in a line what happened, if they like."""

    __tablename__ = "plc_library_tried"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("plc_library_item.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    words: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
