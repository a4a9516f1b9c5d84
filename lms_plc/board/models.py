"""What is stored of the issue board."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Issue(Row):
    """Something that is in the way: open, taken on by somebody, then solved or set aside, and perhaps open again.

    ``settled_in_id`` is the meeting whose minutes closed it, if one did.
    """

    __tablename__ = "plc_issue"
    __table_args__ = (
        Index("ix_plc_issue_community_id_state_id", "community_id", "state", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    renderer: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    note: Mapped[str] = mapped_column(Text)
    settled_in_id: Mapped[UUID | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]


class IssueStep(Row):
    """What happened to an issue, by whom and when: the words said with it stand here, for the log has none."""

    __tablename__ = "plc_issue_step"
    __table_args__ = (Index("ix_plc_issue_step_issue_id_id", "issue_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    issue_id: Mapped[UUID] = mapped_column(ForeignKey("plc_issue.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    step: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)
    meeting_id: Mapped[UUID | None]
    at: Mapped[datetime]
