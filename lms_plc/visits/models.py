"""What is stored of visits to a lesson."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Visit(Row):
    """Colleagues in somebody's lesson, by agreement: ``peer_observation``, ``research_lesson`` or ``learning_walk``.

    States: ``proposed``, ``agreed_by_host``, ``planned``, ``running``, ``debriefed``, ``reported``; ``declined`` and
    ``cancelled`` end it before. ``focus`` is what the host asks to be looked at. ``agreed_at`` is when the host said
    yes; ``shared_at``: the host lets the community read what came of it. ``origin_*`` is what it belongs to: an
    inquiry, for example.
    """

    __tablename__ = "plc_visit"
    __table_args__ = (
        Index("ix_plc_visit_community_id_id", "community_id", "id"),
        Index("ix_plc_visit_host_id", "host_id"),
        Index("ix_plc_visit_origin_kind_origin_id", "origin_kind", "origin_id"),
        UniqueConstraint("proposed_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    proposed_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    focus: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime | None]
    minutes: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(15))
    learned: Mapped[str] = mapped_column(Text)
    origin_kind: Mapped[str | None] = mapped_column(String(30))
    origin_id: Mapped[UUID | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    debriefed_at: Mapped[datetime | None]
    shared_at: Mapped[datetime | None]


class VisitPerson(Row):
    """One of the visitors."""

    __tablename__ = "plc_visit_person"
    __table_args__ = (Index("ix_plc_visit_person_person_id", "person_id"),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("plc_visit.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    joined_at: Mapped[datetime]


class ObservationNote(Row):
    """``seen``, ``heard`` or ``guess``: a guess is marked as one. The visitors' until the talk afterwards; then the
    host's too. ``place`` is a place in the room, never a person. ``hidden_at``: nobody but who wrote it reads it, until
    those who were asked for help have decided."""

    __tablename__ = "plc_observation_note"
    __table_args__ = (
        Index("ix_plc_observation_note_visit_id_id", "visit_id", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("plc_visit.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    sort: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(100))
    noted_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
    form_key: Mapped[str] = mapped_column(String(64))
