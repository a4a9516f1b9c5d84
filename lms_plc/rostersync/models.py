"""What is stored about syncs: every run, what it has pulled while it is under way, and every change it
planned."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class SyncRun(Row):
    """One look at a site's rosters, and what came of it.

    ``state``: listing → pulling → planning → planned (a plan only) · held (the brake) · applying → done;
    failed. A run is over once ``finished_at`` is set. One that failed without being over keeps what it
    pulled, and the next call with the same mode and options goes on from there. ``alive_at`` is the last
    moment it did something. ``message`` is the one sentence an admin reads. ``counts`` are changes by kind.
    """

    __tablename__ = "plc_sync_run"
    __table_args__ = (
        Index("ix_plc_sync_run_site_id_id", "site_id", "id"),
        Index(
            "ix_plc_sync_run_unfinished",
            "site_id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    mode: Mapped[str] = mapped_column(String(10))  # plan, apply
    asked_by: Mapped[str] = mapped_column(String(20))  # cli, schedule, page
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime]
    alive_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    message: Mapped[str | None] = mapped_column(Text)


class SyncCourse(Row):
    """A course that a run under way covers, as the LMS listed it; deleted when the run ends.

    ``state``: waiting → pulled → planned. ``presence``: visible, or hidden or gone, and then nothing is
    pulled.
    """

    __tablename__ = "plc_sync_course"
    __table_args__ = (Index("ix_plc_sync_course_run_id_state_number", "run_id", "state", "number"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("plc_sync_run.id"), primary_key=True)
    course: Mapped[str] = mapped_column(String(255), primary_key=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    short_name: Mapped[str | None] = mapped_column(String(255))
    presence: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))


class SyncPage(Row):
    """A page of a roster pulled by a run under way: its checkpoint, deleted when the run ends.

    ``rows`` are ``[subject, name, roles, suspended]``. ``next`` says where to go on, None after the last
    page.
    """

    __tablename__ = "plc_sync_page"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("plc_sync_run.id"), primary_key=True)
    course: Mapped[str] = mapped_column(String(255), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[list[Any]] = mapped_column(JSON)
    next: Mapped[str | None] = mapped_column(Text)


class SyncChange(Row):
    """One planned change with its reason. ``applied_at`` is its checkpoint, set in the transaction of its
    rows.

    ``name`` is the person's name as the LMS gave it, kept only until the change is applied, or until the
    next run of the site begins: the log of changes speaks of subjects, and a person's name lives with the
    person.
    """

    __tablename__ = "plc_sync_change"
    __table_args__ = (
        Index("ix_plc_sync_change_run_id_course", "run_id", "course"),
        Index("ix_plc_sync_change_run_id_subject", "run_id", "subject"),
        Index(
            "ix_plc_sync_change_named",
            "run_id",
            sqlite_where=text("name IS NOT NULL"),
            postgresql_where=text("name IS NOT NULL"),
        ),
        Index(
            "ix_plc_sync_change_waiting",
            "run_id",
            "number",
            sqlite_where=text("applied_at IS NULL"),
            postgresql_where=text("applied_at IS NULL"),
        ),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("plc_sync_run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    course: Mapped[str] = mapped_column(String(255))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    subject: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(String(300))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    applied_at: Mapped[datetime | None]
