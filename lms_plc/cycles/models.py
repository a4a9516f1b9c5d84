"""What is stored of cycles: only what communities adapted. Shipped ones are content, not rows."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.communities.models import AdaptedCopy, CopyVersion
from lms_plc.core.database import Row


class CycleTemplate(AdaptedCopy, Row):
    """A community's own copy of a cycle; ``content`` is a ``cycles.content.Content``."""

    __tablename__ = "plc_cycle_template"
    __table_args__ = (
        Index("ix_plc_cycle_template_community_id_id", "community_id", "id"),
        UniqueConstraint("adapted_by_id", "form_key"),
    )


class CycleVersion(CopyVersion, Row):
    """A copy as it stood before it was changed."""

    __tablename__ = "plc_cycle_version"

    cycle_id: Mapped[UUID] = mapped_column(ForeignKey("plc_cycle_template.id"), primary_key=True)
