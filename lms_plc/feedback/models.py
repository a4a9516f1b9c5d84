"""What is stored of asking a colleague for feedback. There is no field for a grade, and there will be none."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class FeedbackRequest(Row):
    """A question to one or a few colleagues, about a text of one's own or a thing of any room. Only they read it."""

    __tablename__ = "plc_feedback_request"
    __table_args__ = (
        Index("ix_plc_feedback_request_author_id_id", "author_id", "id"),
        Index("ix_plc_feedback_request_thing_kind_thing_id", "thing_kind", "thing_id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    question: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text)
    thing_kind: Mapped[str | None] = mapped_column(String(30))
    thing_id: Mapped[UUID | None]
    due: Mapped[date | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class FeedbackAsked(Row):
    """Somebody who was asked; ``declined_at``: not this time, and no reason is asked for."""

    __tablename__ = "plc_feedback_asked"
    __table_args__ = (Index("ix_plc_feedback_asked_person_id_request_id", "person_id", "request_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("plc_feedback_request.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    asked_at: Mapped[datetime]
    declined_at: Mapped[datetime | None]


class FeedbackAnswer(Row):
    """What a colleague saw, what they would ask, what they might try. ``hidden_at``: who asked reads it no more, until
    those who were asked for help have decided."""

    __tablename__ = "plc_feedback_answer"
    __table_args__ = (UniqueConstraint("request_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("plc_feedback_request.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    saw: Mapped[str] = mapped_column(Text)
    asks: Mapped[str] = mapped_column(Text)
    idea: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    changed_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
