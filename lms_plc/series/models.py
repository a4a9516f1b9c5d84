"""What is stored of series and calendars."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class MeetingSeries(Row):
    """A rhythm: "every second Wednesday". Its meetings are laid ahead, up to ``laid_until``, and leave holidays out.

    ``rule`` is a recurrence rule without a beginning (RFC 5545 §3.3.10); ``first_day``, ``starts`` and ``zone`` are
    what the clock on the wall shows there, whatever daylight saving does.
    """

    __tablename__ = "plc_meeting_series"
    __table_args__ = (
        Index("ix_plc_meeting_series_community_id_id", "community_id", "id"),
        UniqueConstraint("planned_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    planned_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    title: Mapped[str] = mapped_column(String(200))
    rule: Mapped[str] = mapped_column(String(200))
    first_day: Mapped[date]
    starts: Mapped[time]
    minutes: Mapped[int]
    zone: Mapped[str] = mapped_column(String(60))
    mode: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(200))
    link: Mapped[str] = mapped_column(String(500))
    in_working_time: Mapped[bool]
    laid_until: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class SchoolHoliday(Row):
    """Days without school, first and last included: series leave them out, and gaps are counted without them."""

    __tablename__ = "plc_school_holiday"
    __table_args__ = (Index("ix_plc_school_holiday_community_id_first_day", "community_id", "first_day"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    name: Mapped[str] = mapped_column(String(200))
    first_day: Mapped[date]
    last_day: Mapped[date]
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    created_at: Mapped[datetime]


class CalendarFeed(Row):
    """The address under which a person's calendar fetches their meetings: whoever has it reads them, so only its digest
    is kept, and a new one ends the old."""

    __tablename__ = "plc_calendar_feed"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
