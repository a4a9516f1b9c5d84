"""What is stored of attendance."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Attendance(Row):
    """Whether a person was at a meeting: present, late, excused or absent; the last word counts, events keep all.

    ``method``: code (typed by themselves), list (ticked), sheet (from paper), own (excused beforehand, by themselves).
    ``minutes`` where it was less than all.
    """

    __tablename__ = "plc_attendance"
    __table_args__ = (Index("ix_plc_attendance_person_id", "person_id"),)

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(10))
    minutes: Mapped[int | None]
    method: Mapped[str] = mapped_column(String(10))
    confirmed_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]


class MeetingGuest(Row):
    """A guest: only the digest of their name is kept, so that a name written twice is one guest."""

    __tablename__ = "plc_meeting_guest"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]
