"""What is stored of the evidence graph: what was thought, and what led to what."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class KnowledgeNode(Row):
    """One thought, kept: a concern, a dilemma, a question, a hunch, a finding … (``evidence.kinds``).

    ``origin_kind`` and ``origin_id`` point at where it was said. ``audience`` is who reads it.
    """

    __tablename__ = "plc_knowledge_node"
    __table_args__ = (
        Index("ix_plc_knowledge_node_community_id_id", "community_id", "id"),
        Index("ix_plc_knowledge_node_origin_kind_origin_id_id", "origin_kind", "origin_id", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    kind: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    audience: Mapped[str] = mapped_column(String(20))
    origin_kind: Mapped[str] = mapped_column(String(30))
    origin_id: Mapped[UUID]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]


class EvidenceLink(Row):
    """That one thing led to another: prompted, led_to, tried_in, shown_by, questioned_by, resulted_in, adapted_from,
    told_in, cited_in. Either end may be a thing of any room."""

    __tablename__ = "plc_evidence_link"
    __table_args__ = (Index("ix_plc_evidence_link_to_kind_to_id", "to_kind", "to_id"),)

    from_kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    from_id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(20), primary_key=True)
    to_kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    to_id: Mapped[UUID] = mapped_column(primary_key=True)
    linked_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]
