"""What is stored of protocol runs."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class ProtocolRun(Row):
    """One protocol, run once in a meeting: ready, running, paused, then ended (or left, when it was broken off).

    ``content`` is the protocol as it was when the run began: a copy that is changed later changes no run. ``step`` is
    the one that is open, counted from 0. ``number`` grows by one with every change, under the row's lock: who has seen
    everything up to a number asks for what came after.
    """

    __tablename__ = "plc_protocol_run"
    __table_args__ = (
        Index("ix_plc_protocol_run_meeting_id_id", "meeting_id", "id"),
        Index("ix_plc_protocol_run_community_id_state", "community_id", "state"),
        UniqueConstraint("begun_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"))
    protocol: Mapped[str] = mapped_column(String(60))
    protocol_version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    step: Mapped[int]
    number: Mapped[int]
    paused_at: Mapped[datetime | None]
    begun_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class RunStep(Row):
    """One step of a run: waiting, open, done or skipped. Seconds; ``paused`` are those that did not count."""

    __tablename__ = "plc_run_step"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("plc_protocol_run.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    planned: Mapped[int]
    extended: Mapped[int]
    paused: Mapped[int]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300))


class RunNote(Row):
    """What one member wrote down during a step. Its id is made where it was written, so that sending it twice is once.

    ``kind`` is one of ``running.captures``; ``owner_id`` and ``due`` belong to agreed actions. ``written_at`` is the
    writer's moment by the server's clock, ``number`` the run's number when it came or was changed last.
    """

    __tablename__ = "plc_run_note"
    __table_args__ = (
        Index("ix_plc_run_note_run_id_number", "run_id", "number"),
        Index("ix_plc_run_note_run_id_step_written_at_id", "run_id", "step", "written_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("plc_protocol_run.id"))
    step: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    due: Mapped[date | None]
    written_at: Mapped[datetime]
    received_at: Mapped[datetime]
    number: Mapped[int]
    removed_at: Mapped[datetime | None]
    became_kind: Mapped[str | None] = mapped_column(String(30))
    became_id: Mapped[UUID | None]


class MeetingPulse(Row):
    """Whether a meeting was worth somebody's time (1 to 5), and one word. Whose it is
    is not kept, nor when it came."""

    __tablename__ = "plc_meeting_pulse"
    __table_args__ = (
        Index("ix_plc_meeting_pulse_meeting_id", "meeting_id"),
        {"sqlite_with_rowid": False},  # rows lie in the order of their random ids, not in that of their coming
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"))
    worth: Mapped[int]
    word: Mapped[str] = mapped_column(String(40))


class PulseGiven(Row):
    """That a person has answered, so that they are not asked twice."""

    __tablename__ = "plc_pulse_given"
    __table_args__ = ({"sqlite_with_rowid": False},)

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
