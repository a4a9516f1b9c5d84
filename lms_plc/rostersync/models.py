"""What is stored about syncs: the rules of a site, every run, what it has pulled while it is under way, and every
change it planned."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class SyncRule(Row):
    """How something an LMS knows becomes communities. The rules of a site are read in the order of ``number``.

    ``about``: courses, groups, groupings or cohorts. ``category`` (with those below it) and ``named`` say of which
    courses, for cohorts ``named`` says which; ``parts_named`` says which groups or groupings of these courses. Both
    are patterns (``*`` and ``?``) for ids, short names, titles and numbers; none means all. ``makes``: ``each`` a
    community of its own, ``one`` for all of them together, or ``none``: left out of syncs. All together they become
    ``community_id``, which may be of another site, or else a community called ``name`` with the rule's own id.
    """

    __tablename__ = "plc_sync_rule"
    __table_args__ = (Index("ix_plc_sync_rule_site_id_number", "site_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    number: Mapped[int]
    about: Mapped[str] = mapped_column(String(10))
    category: Mapped[str | None] = mapped_column(String(255))
    named: Mapped[list[str]] = mapped_column(JSON, default=list)
    parts_named: Mapped[list[str]] = mapped_column(JSON, default=list)
    makes: Mapped[str] = mapped_column(String(10))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    name: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]


class SyncRun(Row):
    """One look at a site's rosters, and what came of it.

    ``mode``: plan, apply or undo. ``state``: listing → pulling → planning → planned (a plan only) · held (the brake)
    · applying → done; failed. A plan that was shown or held goes on to applying once it is approved. A run is over once
    ``finished_at`` is set. One that failed without being over keeps what it pulled, and the next call with the same
    mode and options goes on from there. ``alive_at`` is the last moment it did something. ``message`` is the one
    sentence an admin reads. ``counts`` are changes by kind.

    ``asked_by`` and ``approved_by`` are where it was asked for and by whom, as far as that is known: ``schedule``,
    ``launch``, ``cli: root``, ``desk``. ``revision`` is the site's when the run began; ``undoes_id`` the run whose
    endings an undo took back.
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
    mode: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(120))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime]
    alive_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    approved_by: Mapped[str | None] = mapped_column(String(120))
    approved_at: Mapped[datetime | None]
    undoes_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_sync_run.id"))
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    message: Mapped[str | None] = mapped_column(Text)


class SyncCourse(Row):
    """A roster that a run under way covers, as the LMS listed it; deleted when the run ends.

    ``course`` is the LMS's id of a course, or of a part of the LMS with people of its own: ``group:…``,
    ``grouping:…``, ``cohort:…``. ``state``: waiting → pulled → planned. ``presence``: visible, or hidden or gone, and
    then nothing is pulled. ``community_id`` is where its people shall be members: a community there is, or the id of
    one to be founded (``founds`` is its name); None for one that stays placed as it is. ``together``: a rule brings
    others there too. ``parent`` is the course of a
    group, and ``members`` are the ids of the people of a group or cohort.
    """

    __tablename__ = "plc_sync_course"
    __table_args__ = (
        Index("ix_plc_sync_course_run_id_state_number", "run_id", "state", "number"),
        Index("ix_plc_sync_course_run_id_community_id", "run_id", "community_id"),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("plc_sync_run.id"), primary_key=True)
    course: Mapped[str] = mapped_column(String(255), primary_key=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    short_name: Mapped[str | None] = mapped_column(String(255))
    presence: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    community_id: Mapped[UUID | None]
    founds: Mapped[str | None] = mapped_column(String(200))
    together: Mapped[bool] = mapped_column(default=False)
    parent: Mapped[str | None] = mapped_column(String(255))
    members: Mapped[list[str] | None] = mapped_column(JSON)


class SyncLook(Row):
    """When a course's roster was last read whole: ``at`` is when that look at the site began."""

    __tablename__ = "plc_sync_look"

    course_id: Mapped[UUID] = mapped_column(ForeignKey("plc_course.id"), primary_key=True)
    at: Mapped[datetime]


class SyncPage(Row):
    """A page of a roster pulled by a run under way: its checkpoint, deleted when the run ends.

    ``rows`` are ``[subject, name, roles, suspended, sourced id, post type]``. ``next`` says where to go on, None after
    the last page.
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

    ``name`` is the person's name as the LMS gave it and ``known_as`` what else it said of them (``sourced_id``,
    ``post_type``), kept only until the change is applied, or until the next run of the site begins: the log of changes
    speaks of subjects, and a person's name lives with the person. ``community_id`` may be of a community that this
    very plan founds. ``left_out``: an admin took the tick away.
    """

    __tablename__ = "plc_sync_change"
    __table_args__ = (
        Index("ix_plc_sync_change_run_id_course", "run_id", "course"),
        Index("ix_plc_sync_change_subject_run_id", "subject", "run_id"),
        Index(
            "ix_plc_sync_change_named",
            "run_id",
            sqlite_where=text("name IS NOT NULL OR known_as IS NOT NULL"),
            postgresql_where=text("name IS NOT NULL OR known_as IS NOT NULL"),
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
    community_id: Mapped[UUID | None]
    subject: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(String(300))
    known_as: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    left_out: Mapped[bool] = mapped_column(default=False)
    applied_at: Mapped[datetime | None]
