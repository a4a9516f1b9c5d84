"""What is stored of what somebody should hear of. All of it follows from the event log; nothing is a first word."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Notification(Row):
    """One event that somebody should hear of, and ``why``. ``thing`` is what opens, ``about`` what lines are grouped
    by: three answers in one conversation are one line. Forgotten some months after it was read."""

    __tablename__ = "plc_notification"
    __table_args__ = (
        UniqueConstraint("person_id", "event_id"),
        Index("ix_plc_notification_person_id_read_at", "person_id", "read_at"),
        Index("ix_plc_notification_read_at", "read_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("plc_event.id"))
    why: Mapped[str] = mapped_column(String(20))
    thing_kind: Mapped[str] = mapped_column(String(30))
    thing_id: Mapped[UUID]
    about_kind: Mapped[str] = mapped_column(String(30))
    about_id: Mapped[UUID]
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class NotificationCursor(Row):
    """How far the event log was listened to; one row."""

    __tablename__ = "plc_notification_cursor"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    event_id: Mapped[UUID]


class MailChoice(Row):
    """How somebody wants to be reached. Without a row: by mail, once a week, quiet at night and on weekends.

    ``channel`` is ``mail``, ``lms`` (a message in the learning platform) or ``none``. ``pace`` is for what belongs to
    no community. ``quiet_from`` and ``quiet_until`` are hours of the installation's zone; the same hour twice means
    never. ``problem`` is why the last letter did not arrive.
    """

    __tablename__ = "plc_mail_choice"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    pace: Mapped[str] = mapped_column(String(10))
    quiet_from: Mapped[int]
    quiet_until: Mapped[int]
    quiet_weekends: Mapped[bool]
    problem: Mapped[str | None] = mapped_column(String(200))
    changed_at: Mapped[datetime]


class MailPace(Row):
    """How often somebody wants to hear from one community: ``immediate``, ``daily``, ``weekly`` (so without a row) or
    ``none``."""

    __tablename__ = "plc_mail_pace"
    __table_args__ = (Index("ix_plc_mail_pace_pace_person_id", "pace", "person_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"), primary_key=True)
    pace: Mapped[str] = mapped_column(String(10))


class MailAddress(Row):
    """An address somebody gave, until they press the link that was sent there."""

    __tablename__ = "plc_mail_address"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime]


class Digest(Row):
    """A letter: composed once, sent until it is taken, and then without its words.

    ``period`` is the occasion: the day of a digest, the first thing of a prompt one, ``confirm:…`` for an address to be
    confirmed (``address``; None for where the person is reached). ``channel`` as in ``MailChoice``. ``state``: composed
    → sent | refused | given_up. ``community_id`` is the first one it speaks of; ``meetings`` are those to come that it
    speaks of, put beside it for a calendar as they are when it is sent.
    """

    __tablename__ = "plc_digest"
    __table_args__ = (
        UniqueConstraint("person_id", "period"),
        Index("ix_plc_digest_state_next_try_at", "state", "next_try_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    period: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    address: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    meetings: Mapped[list[str] | None] = mapped_column(JSON)
    tries: Mapped[int]
    composed_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class DigestRound(Row):
    """The digests of one morning: for whom by ``paces``, and how far it has come (``after_id``, a person)."""

    __tablename__ = "plc_digest_round"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    paces: Mapped[str] = mapped_column(String(40))
    after_id: Mapped[UUID | None]
    done_at: Mapped[datetime | None]


class DigestMark(Row):
    """Up to which moment somebody was told of a place: a community's id, or ``school``."""

    __tablename__ = "plc_digest_mark"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(36), primary_key=True)
    told_to: Mapped[datetime]
