"""What is stored about writing into an LMS: plans with their lines, and what we wrote there and may take back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class WritePlan(Row):
    """What could be written into a site's LMS at one moment, and what came of it.

    ``purpose``: ``push``, or ``withdraw``: take back what we made. ``state``: planned · held (the brake) → applying →
    done · stopped (the LMS did not answer; the rest can go on); overtaken by a newer one. ``basis`` is a digest of the
    lines: a plan is applied only while looking again gives the same. ``counts`` are lines by outcome, ``waiting``
    ones too while it is planned. ``delayed`` are invitations that another day will see.
    """

    __tablename__ = "plc_write_plan"
    __table_args__ = (Index("ix_plc_write_plan_site_id_id", "site_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    kinds: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(120))
    basis: Mapped[str] = mapped_column(String(64))
    delayed: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    alive_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(String(120))
    approved_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    message: Mapped[str | None] = mapped_column(Text)


class WriteLine(Row):
    """One thing to write, with its reason.

    ``kind`` is a switch of the site, ``verb`` what is done (see ``lines.Verb``), ``key`` the thing's name with us.
    ``subject`` is the LMS's id of the person it is about. ``given`` is what the LMS will be told: it may be words of
    people, so it goes as soon as the line is over. ``state``: waiting → trying → done · failed · skipped · unsure.
    ``problem`` says what came in the way and what to do.
    """

    __tablename__ = "plc_write_line"
    __table_args__ = (
        Index(
            "ix_plc_write_line_open",
            "plan_id",
            "number",
            sqlite_where=text("state IN ('waiting', 'trying')"),
            postgresql_where=text("state IN ('waiting', 'trying')"),
        ),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plc_write_plan.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    verb: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(200))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    course: Mapped[str | None] = mapped_column(String(255))
    subject: Mapped[str | None] = mapped_column(String(255))
    given: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str] = mapped_column(Text)
    left_out: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None]


class WrittenThing(Row):
    """A cohort, group, event or message of ours in an LMS. Its ``key`` is the offer's kind and id.

    ``state``: ``trying`` from before the first call on, so that a crash leaves a trace; ``there``; of messages also
    ``refused`` (by the LMS or the person's own settings) and ``unsure``. ``made`` is False for what stood there under
    our number already: that is never deleted. ``version`` is what the LMS was last told, ``until`` when an event is
    over.
    """

    __tablename__ = "plc_write_thing"
    __table_args__ = (
        UniqueConstraint("site_id", "key"),
        Index("ix_plc_write_thing_person_id", "person_id"),
        Index("ix_plc_write_thing_community_id", "community_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    course: Mapped[str | None] = mapped_column(String(255))
    lms_id: Mapped[str | None] = mapped_column(String(64))
    made: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[str | None] = mapped_column(Text)
    until: Mapped[datetime | None]
    at: Mapped[datetime]


class WrittenMember(Row):
    """Somebody in a cohort or group of ours. ``state``: ``trying``, ``ours`` (we put them in) or ``theirs`` (they were
    in it before, so we never take them out)."""

    __tablename__ = "plc_write_member"
    __table_args__ = (Index("ix_plc_write_member_person_id", "person_id"),)

    thing_id: Mapped[UUID] = mapped_column(ForeignKey("plc_write_thing.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    state: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
