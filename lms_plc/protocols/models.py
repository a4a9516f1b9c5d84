"""What is stored of protocols: only what communities adapted. Shipped ones are content, not rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Protocol(Row):
    """A community's own copy of a protocol. ``content`` is a ``protocols.content.Content``; ``origin`` is the id of a
    shipped protocol or of another community's copy, at ``origin_version``, with ``origin_content`` as it was then."""

    __tablename__ = "plc_protocol"
    __table_args__ = (
        Index("ix_plc_protocol_community_id_id", "community_id", "id"),
        UniqueConstraint("adapted_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    origin: Mapped[str] = mapped_column(String(60))
    origin_version: Mapped[int]
    origin_content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int]
    retired_at: Mapped[datetime | None]
    adapted_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ProtocolVersion(Row):
    """A copy as it stood before it was changed."""

    __tablename__ = "plc_protocol_version"

    protocol_id: Mapped[UUID] = mapped_column(ForeignKey("plc_protocol.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]
