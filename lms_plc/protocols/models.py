"""What is stored of protocols: only what communities adapted. Shipped ones are content, not rows."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.communities.models import AdaptedCopy, CopyVersion
from lms_plc.core.database import Row


class Protocol(AdaptedCopy, Row):
    """A community's own copy of a protocol; ``content`` is a ``protocols.content.Content``."""

    __tablename__ = "plc_protocol"
    __table_args__ = (
        Index("ix_plc_protocol_community_id_id", "community_id", "id"),
        UniqueConstraint("adapted_by_id", "form_key"),
    )


class ProtocolVersion(CopyVersion, Row):
    """A copy as it stood before it was changed."""

    __tablename__ = "plc_protocol_version"

    protocol_id: Mapped[UUID] = mapped_column(ForeignKey("plc_protocol.id"), primary_key=True)
