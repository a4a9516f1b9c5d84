"""What is stored about a community."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Community(Row):
    """A professional learning community: educators who meet regularly to improve their practice by shared inquiry.

    ``school_id`` is the school it is inside of, if it is inside one. ``seats`` is how many it means to be: nobody is
    turned away, but whoever leads it hears when it has grown beyond.
    """

    __tablename__ = "plc_community"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    name: Mapped[str] = mapped_column(String(200))
    charter: Mapped[str | None] = mapped_column(Text)
    charter_html: Mapped[str | None] = mapped_column(Text)
    charter_renderer: Mapped[int] = mapped_column(default=0)
    charter_version: Mapped[int] = mapped_column(default=0)
    charter_changed_at: Mapped[datetime | None]
    twin_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_school.id"))
    seats: Mapped[int | None]
    created_at: Mapped[datetime]


PEOPLE_ONLY = "-people-"
"""No LMS names a link so."""


class Placement(Row):
    """Where a community opens from, and whose people are its members: a course, or one link in it.

    ``link_id`` is empty for the course as a whole; it begins with ``PEOPLE_ONLY`` where the course opens another
    community and this one only has its people.
    """

    __tablename__ = "plc_placement"
    __table_args__ = (
        UniqueConstraint("course_id", "link_id"),
        Index("ix_plc_placement_community_id", "community_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("plc_course.id"))
    link_id: Mapped[str] = mapped_column(String(255), default="")
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    created_at: Mapped[datetime]


class PlacedLink(Row):
    """One activity in a course that opens one part of a community; chosen there by somebody who leads the course.

    ``community_id`` is None for "the community of whatever course this is opened from", so that a copy of the course
    opens its own. ``part`` is an endpoint of ``communities.home``'s rooms or ways in; ``thing_id`` what is shown there,
    where one thing was chosen: a meeting, a series. ``line_item_url`` is its column in the LMS's grade book, if it was
    placed with one (``counts``). ``done_by`` says what makes somebody done there: somebody's word (``hand``), an
    approved portfolio (``portfolio``), or ``done_hours`` confirmed hours of meetings (``hours``).
    """

    __tablename__ = "plc_placed_link"
    __table_args__ = (
        Index("ix_plc_placed_link_course_id", "course_id"),
        Index("ix_plc_placed_link_community_id", "community_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("plc_course.id"))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    part: Mapped[str] = mapped_column(String(60))
    thing_id: Mapped[UUID | None]
    title: Mapped[str] = mapped_column(String(200))
    counts: Mapped[bool]
    done_by: Mapped[str] = mapped_column(String(10), server_default="hand")
    done_hours: Mapped[int | None]
    resource_link_id: Mapped[str | None] = mapped_column(String(255))
    line_item_url: Mapped[str | None] = mapped_column(String(1000))
    placed_by: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    created_at: Mapped[datetime]


class Membership(Row):
    """A person in a community: active, paused (their enrolment is suspended or missing) or left. What they wrote stays.

    ``paused_at`` is since when it rests, for whatever ``reason`` says now. ``settled_at`` is when they had done with
    the first steps of a newcomer, ``seen_at`` when they last looked at its first page, ``seen_before`` when they had
    looked before that visit began: what is new is counted from there.
    """

    __tablename__ = "plc_membership"
    __table_args__ = (
        UniqueConstraint("community_id", "person_id"),
        Index("ix_plc_membership_person_id_state", "person_id", "state"),
        Index("ix_plc_membership_community_id_id", "community_id", "id"),
        Index("ix_plc_membership_community_id_state", "community_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    state: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))  # launch, sync, page, cli
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    settled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    seen_before: Mapped[datetime | None]


class RoleAssignment(Row):
    """A dated role in a community. It ends by its date, without anybody's action."""

    __tablename__ = "plc_role_assignment"
    __table_args__ = (
        Index("ix_plc_role_assignment_community_id_person_id", "community_id", "person_id"),
        Index("ix_plc_role_assignment_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    role: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    assigned_by: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))


class Founding(Row):
    """How a community began, as its people tell it: by mandate, by a project or from a need of their own; by whom,
    when, and what for. A community without such a row began before anybody was asked."""

    __tablename__ = "plc_founding"

    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"), primary_key=True)
    founded_by: Mapped[str | None] = mapped_column(String(20))
    by_whom: Mapped[str] = mapped_column(String(200))
    founded_on: Mapped[date | None]
    first_purpose: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    recorded_at: Mapped[datetime]


class ConsentRound(Row):
    """Something proposed to a community, and what became of it: open, adopted or withdrawn.

    ``kind`` says whose affair it is once adopted (see ``consent.adopts``), ``subject_id`` the thing it is about, if
    there is one, and ``changes`` what the thing would then say. ``answer_by`` is a wish: nothing is adopted by silence.
    """

    __tablename__ = "plc_consent_round"
    __table_args__ = (
        Index("ix_plc_consent_round_community_id_state_id", "community_id", "state", "id"),
        UniqueConstraint("opened_by", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[UUID | None]
    proposal: Mapped[str] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    opened_at: Mapped[datetime]
    answer_by: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    decided_at: Mapped[datetime | None]
    form_key: Mapped[str] = mapped_column(String(64))


class ConsentAnswer(Row):
    """What one member says to a proposal: yes, yes with a worry, or not yet; with their reason."""

    __tablename__ = "plc_consent_answer"
    __table_args__ = (Index("ix_plc_consent_answer_person_id", "person_id"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("plc_consent_round.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    stand: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime]


class AdaptedCopy:
    """The columns of what a community made its own (``communities.adapted``): ``origin`` is the id of something shipped
    or of another community's copy, at ``origin_version``, with ``origin_content`` as it was then."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    origin: Mapped[str] = mapped_column(String(60))
    origin_version: Mapped[int]
    origin_content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int]
    retired_at: Mapped[datetime | None]
    adapted_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class CopyVersion:
    """The columns of a copy as it stood before it was changed; whose it is, is the room's own column."""

    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]
