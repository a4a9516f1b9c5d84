"""What is stored of meetings."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


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


class Paperwork(Row):
    """How long the forms of a meeting took everybody together, in seconds; whose they were is not kept."""

    __tablename__ = "plc_paperwork"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(20), primary_key=True)
    seconds: Mapped[int]
    saves: Mapped[int]


class AgendaItem(Row):
    """One thing to speak about. Without a meeting it waits for the next one that is planned. ``thing_kind`` and
    ``thing_id`` point at what it is about, if that is a thing of another room. ``outcome`` is what came of it."""

    __tablename__ = "plc_agenda_item"
    __table_args__ = (
        Index("ix_plc_agenda_item_community_id_meeting_id_id", "community_id", "meeting_id", "id"),
        Index("ix_plc_agenda_item_meeting_id", "meeting_id"),
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
