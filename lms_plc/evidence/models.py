"""What is stored of the evidence graph: what was thought, and what led to what."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class KnowledgeNode(Row):
    """One thought, kept: a concern, a dilemma, a question, a hunch, a finding … (``evidence.kinds``).

    ``origin_kind`` and ``origin_id`` point at where it was said. ``audience`` is who reads it; what is for its author
    only, or for the people of a private project, is sealed (``sealed``), its words here and in the tables that hang on
    it.
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
    sealed: Mapped[bool] = mapped_column(server_default=false())


class EvidenceItem(Row):
    """What a node of kind Evidence is: a document, a photo, a voice note, a video, pupils' work, totals, a link, a
    note, a quote. ``state``: ``added``, then by a consent check ``usable`` or ``blocked``. A file hangs on the node
    (``files``)."""

    __tablename__ = "plc_evidence_item"

    node_id: Mapped[UUID] = mapped_column(ForeignKey("plc_knowledge_node.id"), primary_key=True)
    sort: Mapped[str] = mapped_column(String(12))
    taken_on: Mapped[date | None]
    link: Mapped[str] = mapped_column(String(500))
    shows: Mapped[str] = mapped_column(Text)
    does_not_show: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))


class ConsentCheck(Row):
    """Somebody looked whether a piece of evidence may be used: is anybody visible, are names gone, who allowed it.
    The last one counts."""

    __tablename__ = "plc_consent_check"
    __table_args__ = (Index("ix_plc_consent_check_node_id_id", "node_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    node_id: Mapped[UUID] = mapped_column(ForeignKey("plc_knowledge_node.id"))
    people_visible: Mapped[bool]
    names_removed: Mapped[bool]
    permission: Mapped[str] = mapped_column(String(300))
    usable: Mapped[bool]
    checked_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]


class OutcomeClaim(Row):
    """What a node of kind OutcomeClaim says: at which ``level`` (teacher, practice, pupils, school), before and after,
    of how many (None: an impression only), and how strongly (impression, observed_by_two, before_after_numbers,
    compared). ``state``: ``stated``, ``questioned``, ``reviewed``, ``standing`` or ``withdrawn``."""

    __tablename__ = "plc_outcome_claim"

    node_id: Mapped[UUID] = mapped_column(ForeignKey("plc_knowledge_node.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    n: Mapped[int | None]
    strength: Mapped[str] = mapped_column(String(25))
    state: Mapped[str] = mapped_column(String(12))
    reviewed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    reviewed_at: Mapped[datetime | None]


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
