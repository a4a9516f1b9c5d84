"""What is stored of meetings."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
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


class Meeting(Row):
    """When and where a community meets, and what was written down of it. ``state`` is one of ``meetings.states``.

    ``minutes_version`` grows with each writing, so that two who write at once do not undo each other. ``revision``
    grows with each change of time, place or state: calendars elsewhere go by it. ``occurrence`` is the day its series
    meant it for, ``moved_from`` when it was to begin before it was moved. ``protocol`` is what they mean to talk by: a
    shipped protocol's id or that of a community's copy. ``points_asked_at``: when members were asked for points of the
    agenda; ``asked_at``: when somebody was asked whether it was held. ``reason``: why it is cancelled or was not held,
    if they said so.
    """

    __tablename__ = "plc_meeting"
    __table_args__ = (
        Index("ix_plc_meeting_community_id_starts_at_id", "community_id", "starts_at", "id"),
        Index("ix_plc_meeting_changed_at", "changed_at"),
        Index("ix_plc_meeting_state_ends_at", "state", "ends_at"),
        UniqueConstraint("planned_by_id", "form_key"),
        UniqueConstraint("series_id", "occurrence"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    planned_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_meeting_series.id"))
    occurrence: Mapped[date | None]
    kind: Mapped[str] = mapped_column(String(10), server_default="community")
    title: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(60), server_default="")
    mode: Mapped[str] = mapped_column(String(10), server_default="in_person")
    place: Mapped[str] = mapped_column(String(200))
    link: Mapped[str] = mapped_column(String(500))
    in_working_time: Mapped[bool] = mapped_column(server_default=false())
    protocol: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300), server_default="")
    moved_from: Mapped[datetime | None]
    points_asked_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    attendance_code: Mapped[str | None] = mapped_column(String(10))
    revision: Mapped[int]
    minutes: Mapped[str] = mapped_column(Text)
    minutes_html: Mapped[str] = mapped_column(Text)
    minutes_renderer: Mapped[int]
    minutes_version: Mapped[int]
    minutes_language: Mapped[str | None] = mapped_column(String(20))
    minutes_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    minutes_at: Mapped[datetime | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class MeetingRole(Row):
    """Who takes which part in a meeting: facilitator, scribe, timekeeper, or a role of its protocol (presenter …).

    For a facilitator ``capacity`` says as what they led, set when it was held: mentor, school (one of the members), or
    co (a mentor and a member together).
    """

    __tablename__ = "plc_meeting_role"
    __table_args__ = (Index("ix_plc_meeting_role_person_id", "person_id"),)

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    capacity: Mapped[str | None] = mapped_column(String(10))
    given_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]


class RoleWish(Row):
    """That somebody would rather not be proposed for leading now. Nobody else sees it."""

    __tablename__ = "plc_role_wish"

    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    at: Mapped[datetime]


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


class Paperwork(Row):
    """How long the forms of a meeting took everybody together, in seconds; whose they were is not kept."""

    __tablename__ = "plc_paperwork"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(20), primary_key=True)
    seconds: Mapped[int]
    saves: Mapped[int]


class CalendarFeed(Row):
    """The address under which a person's calendar fetches their meetings: whoever has it reads them, so only its digest
    is kept, and a new one ends the old."""

    __tablename__ = "plc_calendar_feed"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class AgendaItem(Row):
    """One thing to speak about. Without a meeting it waits for the next one that is planned. ``thing_kind`` and
    ``thing_id`` point at what it is about, if that is a thing of another room. ``outcome`` is what came of it."""

    __tablename__ = "plc_agenda_item"
    __table_args__ = (
        Index("ix_plc_agenda_item_community_id_meeting_id_id", "community_id", "meeting_id", "id"),
        Index("ix_plc_agenda_item_thing_kind_thing_id", "thing_kind", "thing_id"),
        UniqueConstraint("proposer_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_meeting.id"))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    minutes: Mapped[int]
    thing_kind: Mapped[str | None] = mapped_column(String(30))
    thing_id: Mapped[UUID | None]
    proposer_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    position: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text, server_default="")
    dealt_at: Mapped[datetime | None]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
