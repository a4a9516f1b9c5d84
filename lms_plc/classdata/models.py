"""What is stored of class results: totals of groups, and never a pupil.

Small groups, and what would give them away, are hidden *before* anything is stored: there is no row, no backup and no
administrator from whom a hidden number could be had.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class DataSet(Row):
    """A table of totals: groups down, measures or levels across.

    ``shape`` names the groups and the columns, and has the total where it may be shown (``classdata.queries.Shape``);
    ``came`` how it came: ``paste``, ``file``, ``lms``. ``told_to_school``: its author lets colleagues of other
    communities here see it too.
    """

    __tablename__ = "plc_data_set"
    __table_args__ = (
        Index("ix_plc_data_set_community_id_id", "community_id", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    question: Mapped[str] = mapped_column(String(300))
    source: Mapped[str] = mapped_column(String(200))
    day: Mapped[date]
    shape: Mapped[dict[str, Any]] = mapped_column(JSON)
    threshold: Mapped[int]
    came: Mapped[str] = mapped_column(String(10))
    told_to_school: Mapped[bool]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]


class DataCell(Row):
    """One cell: ``column`` 0 is how many pupils the group has, the others are the measures or levels of the shape. A
    suppressed one has neither ``n`` nor ``value``. ``suppressed`` says that it is hidden, and not why: whether it was
    small, or covers one that is, would say too much (``classdata.hiding``)."""

    __tablename__ = "plc_data_cell"

    data_set_id: Mapped[UUID] = mapped_column(ForeignKey("plc_data_set.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    column: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int | None]
    value: Mapped[float | None]
    suppressed: Mapped[str | None] = mapped_column(String(10))


class DataConversation(Row):
    """Reading a data set together: predictions first, then facts, caveats, hunches, and a decision. ``opened_at`` is
    when the numbers were uncovered. ``meeting_id`` is where it is talked about, if it is."""

    __tablename__ = "plc_data_conversation"
    __table_args__ = (
        Index("ix_plc_data_conversation_data_set_id_id", "data_set_id", "id"),
        Index("ix_plc_data_conversation_community_id_id", "community_id", "id"),
        UniqueConstraint("begun_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    data_set_id: Mapped[UUID] = mapped_column(ForeignKey("plc_data_set.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    begun_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    begun_at: Mapped[datetime]
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_meeting.id"))
    opened_at: Mapped[datetime | None]
    opened_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    decision: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    form_key: Mapped[str] = mapped_column(String(64))


class GradePull(Row):
    """Somebody who teaches a course asked for its grade book's totals: ``waiting``, ``done`` or ``failed``, and why in
    ``problem``. ``item`` is the column they want, empty for the course's total, and ``item_id`` what the LMS knows the
    one by that came; ``shape`` whether as ``mean`` or as ``levels``; ``rows`` whether by ``groups`` or the whole
    ``course`` as one. What came is a data set; no pupil's grade is ever stored."""

    __tablename__ = "plc_grade_pull"
    __table_args__ = (
        Index("ix_plc_grade_pull_course_id_item_id", "course_id", "item_id"),
        Index("ix_plc_grade_pull_data_set_id", "data_set_id"),
        UniqueConstraint("asked_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    course_id: Mapped[UUID] = mapped_column(ForeignKey("plc_course.id"))
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    question: Mapped[str] = mapped_column(String(300))
    item: Mapped[str] = mapped_column(String(200), server_default="")
    item_id: Mapped[str | None] = mapped_column(String(255))
    shape: Mapped[str] = mapped_column(String(10), server_default="levels")
    rows: Mapped[str] = mapped_column(String(10), server_default="groups")
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str | None] = mapped_column(String(200))
    data_set_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_data_set.id"))
    form_key: Mapped[str] = mapped_column(String(64))
