"""Which courses have to be looked at together, and what do we know of them?

A circle is a course with its communities, and every other course those are placed in. Most circles are one
course and one community, so a site of any size is compared in the memory of one roster. Only reads happen
here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Membership, Placement, RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.core.policy import Role
from lms_plc.people.models import Identity, Person
from lms_plc.people.registry import as_kept
from lms_plc.rostersync.models import SyncCourse, SyncPage
from lms_plc.sites.models import Course, Enrolment

T = TypeVar("T")

KEPT_ROLES = (Role.FACILITATOR.value, Role.MENTOR.value)
"""Whoever has one of these in force is never let go by a sync."""

_AT_ONCE = 500
"""Ids in one statement; SQLite and PostgreSQL both bound the parameters of one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A person in a roster; ``roles`` are sorted. The name stays out of the repr."""

    name: str = field(repr=False)
    roles: tuple[str, ...]
    suspended: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """An enrolment as last written down. ``vouched``: a roster said so, not only a launch."""

    state: str
    roles: tuple[str, ...]
    vouched: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A membership: ``subject`` is None for somebody whom the run's site does not know."""

    state: str
    source: str
    reason: str | None
    subject: str | None
    leads: bool


@dataclass(frozen=True, slots=True)
class Titles:
    """What a course is called."""

    title: str
    short_name: str | None


@dataclass(frozen=True, slots=True)
class CircleCourse:
    """A course of a circle: what is stored of it, what the LMS says of it, and its people by both.

    ``known`` is None for a course that was never met. ``listed`` and ``presence`` (visible, hidden, gone)
    are None for one that the run does not cover, ``roster`` (by subject) for one that was not pulled.
    """

    lms_id: str
    communities: tuple[UUID, ...]
    known: Titles | None
    listed: Titles | None
    presence: str | None
    enrolments: Mapping[UUID, Stored]
    roster: Mapping[str, Entry] | None


@dataclass(frozen=True, slots=True)
class People:
    """Who the subjects of the run's site are: ``person`` and ``name`` by subject, ``subject`` by person."""

    person: Mapping[str, UUID]
    name: Mapping[str, str] = field(repr=False)
    subject: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Circle:
    """``members`` by community and person, of the communities of courses that were pulled."""

    courses: tuple[CircleCourse, ...]
    members: Mapping[UUID, Mapping[UUID, Member]]
    people: People


def next_circle(session: Session, run_id: UUID, site_id: UUID, at: datetime) -> Circle | None:
    """The circle of the first pulled course that has not been planned; None when every course of the run
    has."""
    first = session.execute(
        select(SyncCourse.course)
        .where(SyncCourse.run_id == run_id, SyncCourse.state == "pulled")
        .order_by(SyncCourse.number)
        .limit(1)
    ).scalar_one_or_none()
    if first is None:
        return None
    courses = tuple(_courses(session, run_id, site_id, first))
    people = _people(
        session,
        site_id,
        {subject for course in courses for subject in course.roster or ()},
        {person for course in courses for person in course.enrolments},
    )
    communities = dict.fromkeys(k for course in courses if course.roster is not None for k in course.communities)
    members = {community_id: _members(session, site_id, community_id, at) for community_id in communities}
    return Circle(courses, members, people)


def some(values: Iterable[T]) -> Iterator[list[T]]:
    """The values, as many at once as fit into a statement."""
    iterator = iter(values)
    while chunk := list(islice(iterator, _AT_ONCE)):
        yield chunk


def _courses(session: Session, run_id: UUID, site_id: UUID, first: str) -> Iterator[CircleCourse]:
    first_id = session.execute(
        select(Course.id).where(Course.site_id == site_id, Course.lms_id == first)
    ).scalar_one_or_none()
    if first_id is None:
        listed = session.execute(
            select(SyncCourse.title, SyncCourse.short_name, SyncCourse.presence).where(
                SyncCourse.run_id == run_id, SyncCourse.course == first
            )
        ).one()
        titles = Titles(listed.title, listed.short_name)
        yield CircleCourse(first, (), None, titles, listed.presence, {}, _roster(session, run_id, first))
        return
    placed = _placed_around(session, first_id)
    for chunk in some(placed):
        for row in session.execute(
            select(
                Course.id,
                Course.lms_id,
                Course.title,
                Course.short_name,
                SyncCourse.title.label("listed_title"),
                SyncCourse.short_name.label("listed_short_name"),
                SyncCourse.presence,
            )
            .outerjoin(
                SyncCourse,
                and_(SyncCourse.run_id == run_id, SyncCourse.course == Course.lms_id, Course.site_id == site_id),
            )
            .where(Course.id.in_(chunk))
            .order_by(Course.id)
        ).all():
            yield CircleCourse(
                lms_id=row.lms_id,
                communities=tuple(placed[row.id]),
                known=Titles(row.title, row.short_name),
                listed=Titles(row.listed_title, row.listed_short_name) if row.presence else None,
                presence=row.presence,
                enrolments=_enrolments(session, row.id),
                roster=_roster(session, run_id, row.lms_id) if row.presence == "visible" else None,
            )


def _placed_around(session: Session, first_id: UUID) -> dict[UUID, dict[UUID, None]]:
    """Course → its communities, for every course that can be reached from the first by shared communities."""
    placed: dict[UUID, dict[UUID, None]] = {first_id: {}}
    fresh = [first_id]
    while fresh:
        communities: dict[UUID, None] = {}
        for chunk in some(fresh):
            for row in session.execute(
                select(Placement.course_id, Placement.community_id)
                .where(Placement.course_id.in_(chunk))
                .order_by(Placement.id)
            ):
                placed[row.course_id][row.community_id] = None
                communities[row.community_id] = None
        fresh = []
        for chunk in some(communities):
            reached = session.execute(
                select(Placement.course_id)
                .where(Placement.community_id.in_(chunk))
                .group_by(Placement.course_id)
                .order_by(Placement.course_id)
            ).scalars()
            fresh += [course_id for course_id in reached if course_id not in placed]
            placed |= {course_id: {} for course_id in fresh}
    return placed


def _roster(session: Session, run_id: UUID, course: str) -> dict[str, Entry]:
    """The pages of a course as one roster. A resumed walk may give somebody twice; the later row is the
    truer one."""
    pages = session.execute(
        select(SyncPage.rows).where(SyncPage.run_id == run_id, SyncPage.course == course).order_by(SyncPage.number)
    ).scalars()
    return {
        subject: Entry(as_kept(name) or f"#{subject}", tuple(roles), suspended)
        for rows in pages
        for subject, name, roles, suspended in rows
    }


def _enrolments(session: Session, course_id: UUID) -> dict[UUID, Stored]:
    return {
        row.person_id: Stored(row.state, tuple(row.lms_roles), row.from_sync)
        for row in session.execute(
            select(Enrolment.person_id, Enrolment.state, Enrolment.lms_roles, Enrolment.from_sync).where(
                Enrolment.course_id == course_id
            )
        )
    }


def _people(session: Session, site_id: UUID, subjects: Iterable[str], persons: Iterable[UUID]) -> People:
    known: dict[str, tuple[UUID, str]] = {}
    look = (
        select(Identity.subject, Identity.person_id, Person.display_name)
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.site_id == site_id)
    )
    for chunk in some(subjects):
        for row in session.execute(look.where(Identity.subject.in_(chunk))):
            known[row.subject] = (row.person_id, row.display_name)
    met = {person for person, _ in known.values()}
    for others in some(person for person in persons if person not in met):
        for row in session.execute(look.where(Identity.person_id.in_(others))):
            known[row.subject] = (row.person_id, row.display_name)
    return People(
        person={subject: person for subject, (person, _) in known.items()},
        name={subject: name for subject, (_, name) in known.items()},
        subject={person: subject for subject, (person, _) in known.items()},
    )


def _members(session: Session, site_id: UUID, community_id: UUID, at: datetime) -> dict[UUID, Member]:
    leaders = leaders_of(session, community_id, at)
    return {
        row.person_id: Member(row.state, row.source, row.reason, row.subject, row.person_id in leaders)
        for row in session.execute(
            select(
                Membership.person_id,
                Membership.state,
                Membership.source,
                Membership.reason,
                Identity.subject,
            )
            .outerjoin(Identity, and_(Identity.person_id == Membership.person_id, Identity.site_id == site_id))
            .where(Membership.community_id == community_id)
            .order_by(Membership.id)
        )
    }


def leaders_of(session: Session, community_id: UUID, at: datetime) -> set[UUID]:
    """The persons with a role in force in this community that keeps them there."""
    return set(
        session.execute(
            select(RoleAssignment.person_id).where(
                RoleAssignment.community_id == community_id,
                RoleAssignment.role.in_(KEPT_ROLES),
                in_force(at),
            )
        ).scalars()
    )


def pulled(courses: Sequence[CircleCourse]) -> list[CircleCourse]:
    """Those whose roster the run has."""
    return [course for course in courses if course.roster is not None]
