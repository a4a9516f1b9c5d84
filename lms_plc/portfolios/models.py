"""What is stored of portfolios: which items were chosen, with what note, who was asked to read, what they said."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Portfolio(Row):
    """The portfolio of one inquiry: ``collecting``, ``submitted``, ``in_review``, ``returned`` or ``certified``, which
    pages call approved. Nobody reads it but who leads the inquiry, and whom they ask: its words are sealed, those of
    items too. ``author_id`` is the lead who began it."""

    __tablename__ = "plc_portfolio"
    __table_args__ = (UniqueConstraint("inquiry_id"), Index("ix_plc_portfolio_author_id", "author_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inquiry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_inquiry.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    foreword: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    certified_at: Mapped[datetime | None]
    certified_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))


class PortfolioLead(Row):
    """Who led the inquiry when its portfolio was approved."""

    __tablename__ = "plc_portfolio_lead"
    __table_args__ = (Index("ix_plc_portfolio_lead_person_id", "person_id"),)

    portfolio_id: Mapped[UUID] = mapped_column(ForeignKey("plc_portfolio.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)


class PortfolioItem(Row):
    """A chosen thing of any room: what it shows, and what it does not."""

    __tablename__ = "plc_portfolio_item"

    portfolio_id: Mapped[UUID] = mapped_column(ForeignKey("plc_portfolio.id"), primary_key=True)
    thing_kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    thing_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    shows: Mapped[str] = mapped_column(Text)
    does_not_show: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class PortfolioReview(Row):
    """Somebody was asked to read it, and what they answered: ``read``, ``returned`` with advice, ``certified``, or
    ``withdrawn``: approved by mistake, with the reason below what they advised."""

    __tablename__ = "plc_portfolio_review"
    __table_args__ = (
        UniqueConstraint("portfolio_id", "reader_id"),
        Index("ix_plc_portfolio_review_reader_id", "reader_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    portfolio_id: Mapped[UUID] = mapped_column(ForeignKey("plc_portfolio.id"))
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    asked_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    learned: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    advice: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str | None] = mapped_column(String(10))
    answered_at: Mapped[datetime | None]
