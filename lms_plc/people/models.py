"""What is stored about people: as little as the communities need. No picture, no LMS profile."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Person(Row):
    """Somebody who is or was in an LMS we know. The LMS decides the name; a person never launched looks the same.

    ``post_type`` is what a table made for the purpose said (`connectors.roster.POST_TYPES`): posts are counted, and no
    right comes from one. ``unread`` is how much waits in their inbox: kept here because every page shows it.
    ``email`` is where digests go: what the LMS said (``email_source`` ``lms``), or what they confirmed (``own``), which
    no launch changes. It is shown to nobody else.
    """

    __tablename__ = "plc_person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str] = mapped_column(String(300))
    locale: Mapped[str | None] = mapped_column(String(20))
    post_type: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    email_source: Mapped[str | None] = mapped_column(String(10))
    unread: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]


class Identity(Row):
    """How one LMS knows a person: launch and sync meet here and never make two persons of one.

    ``subject`` is the ``sub`` of a launch, which in Moodle is also the user id of its web services. Unique per site
    (LTI 1.3 core §5.3.6: ``sub`` is unique within the issuer; several tools registered at one site share its people).
    ``sourced_id`` is the number that the site's register gives somebody, kept only where an admin named a register.
    """

    __tablename__ = "plc_identity"
    __table_args__ = (
        UniqueConstraint("site_id", "subject"),
        Index("ix_plc_identity_person_id", "person_id"),
        Index("ix_plc_identity_sourced_id", "sourced_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    sourced_id: Mapped[str | None] = mapped_column(String(255))
    first_seen_at: Mapped[datetime]
    first_launched_at: Mapped[datetime | None]


class Seat(Row):
    """One person at one browser: a session.

    Its short ``word`` stands in every address of that person's pages, so that two tabs of one browser can be two
    persons and never mix. The word is no secret: a seat opens only together with the browser's own cookie, of which
    the digest is kept.
    """

    __tablename__ = "plc_seat"
    __table_args__ = (
        UniqueConstraint("browser_digest", "person_id"),
        UniqueConstraint("word"),
        Index("ix_plc_seat_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(16))
    browser_digest: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    frame_origin: Mapped[str | None] = mapped_column(String(255))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class KeptApart(Row):
    """Two persons who look like one, and somebody looked: they are two. ``person_id`` is the smaller id."""

    __tablename__ = "plc_kept_apart"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    at: Mapped[datetime]


class School(Row):
    """A school as its people call it; the list grows with them. Spelled alike but for case and marks it is the same."""

    __tablename__ = "plc_school"
    __table_args__ = (UniqueConstraint("site_id", "folded"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    name: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(String(400))


class Profile(Row):
    """What somebody says of themselves to those they share a community with.

    ``post_type`` is their own word where it is not the register's. ``may_be_found``: colleagues of their subject in
    other communities may find them.
    """

    __tablename__ = "plc_profile"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    post_type: Mapped[str | None] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(Text)
    about_html: Mapped[str] = mapped_column(Text)
    about_renderer: Mapped[int]
    may_be_found: Mapped[bool]
    changed_at: Mapped[datetime]


class PersonSchool(Row):
    """Somebody teaches at a school; the main one has the smallest ``place``."""

    __tablename__ = "plc_person_school"
    __table_args__ = (Index("ix_plc_person_school_school_id", "school_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("plc_school.id"), primary_key=True)
    place: Mapped[int]


class PersonSubject(Row):
    """Somebody teaches a subject, one of ``teaching.SUBJECTS``."""

    __tablename__ = "plc_person_subject"
    __table_args__ = (Index("ix_plc_person_subject_subject_person_id", "subject", "person_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(30), primary_key=True)


class PersonLanguage(Row):
    """Somebody works in a language, one of ``teaching.LANGUAGES``."""

    __tablename__ = "plc_person_language"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(10), primary_key=True)


class Block(Row):
    """``person_id`` wants to hear nothing of ``blocked_id``, who is not told."""

    __tablename__ = "plc_block"
    __table_args__ = (Index("ix_plc_block_blocked_id", "blocked_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    blocked_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    at: Mapped[datetime]


class PeerConnection(Row):
    """Two colleagues of different communities who wanted to know each other: ``person_id`` said hello, ``other_id``
    answered."""

    __tablename__ = "plc_connection"
    __table_args__ = (Index("ix_plc_connection_other_id", "other_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    at: Mapped[datetime]


class LastContact(Row):
    """When somebody came or did something last. Nobody is shown it: it only tells for whom it has been quiet."""

    __tablename__ = "plc_last_contact"
    __table_args__ = (Index("ix_plc_last_contact_at", "at"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    at: Mapped[datetime]
