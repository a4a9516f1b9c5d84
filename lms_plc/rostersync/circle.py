"""Which courses have to be looked at together, and what do we know of them?

A circle is a course with its communities, and every other course those are placed in. Most circles are one
course and one community, so a site of any size is compared in the memory of one roster. Only reads happen
here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, select
from sqlalchemy.orm import Session, aliased

from lms_plc.communities.models import Community, Membership, Placement, RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.core.policy import Role
from lms_plc.people.models import Identity, Person
from lms_plc.people.registry import NO_REGISTER, Register, as_kept, known_by_number
from lms_plc.rostersync.models import SyncCourse, SyncPage
from lms_plc.sites.models import Course, Enrolment
from lms_plc.sites.registers import register_of

T = TypeVar("T")

KEPT_ROLES = (Role.FACILITATOR.value, Role.MENTOR.value)
"""Whoever has one of these in force is never let go by a sync."""

Reader: TypeAlias = Session | Connection

_Row: TypeAlias = Row[*tuple[Any, ...]]

_AT_ONCE = 500
"""Ids in one statement; SQLite and PostgreSQL both bound the parameters of one."""


@dataclass(frozen=True, slots=True)
class Look:
    """The run whose rosters are compared: its site, what it was asked for (see ``Options``), when it began."""

    id: UUID
    site_id: UUID
    options: Mapping[str, Any]
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A person in a roster; ``roles`` are sorted. An empty name is one the LMS does not say. ``doubtful``: somebody
    else has the same number here. Name, number and post stay out of the repr."""

    name: str = field(repr=False)
    roles: tuple[str, ...]
    suspended: bool
    sourced_id: str | None = field(default=None, repr=False)
    post_type: str | None = field(default=None, repr=False)
    doubtful: bool = False

    def known_as(self) -> dict[str, str] | None:
        """What the LMS says of them besides their name, if anything."""
        doubt = "yes" if self.doubtful else None
        said = {"sourced_id": self.sourced_id, "doubtful": doubt, "post_type": self.post_type}
        return {what: value for what, value in said.items() if value} or None


@dataclass(frozen=True, slots=True)
class Stored:
    """An enrolment as last written down. ``vouched``: a roster said so, not only a launch. ``missing_since``: when
    that roster first lacked them."""

    state: str
    roles: tuple[str, ...]
    vouched: bool
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A membership: ``subject`` is None for somebody whom the run's site does not know."""

    state: str
    source: str
    reason: str | None
    paused_at: datetime | None
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

    ``communities`` are those it is placed in and the one it shall be placed in now, ``new_place``, called ``founds`` if
    it is new (``together``: not for this course alone). ``known`` is None for a course that was never met. ``listed``
    and ``presence`` (visible, hidden, gone, unruled; parts: there for its groups only; emptied: a whole roster of
    nobody where there was somebody) are None for one that the run does not cover, ``roster`` (by subject) for one that
    was not pulled or proves nothing. ``parent`` is the course of a group.
    """

    lms_id: str
    communities: tuple[UUID, ...]
    new_place: UUID | None
    founds: str | None
    together: bool
    parent: Titles | None
    parent_id: str | None
    known: Titles | None
    listed: Titles | None
    presence: str | None
    enrolments: Mapping[UUID, Stored]
    roster: Mapping[str, Entry] | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of somebody. ``first``: no LMS knew them before this one, so this one decides their name."""

    name: str = field(repr=False)
    sourced_id: str | None = field(repr=False)
    post_type: str | None = field(repr=False)
    first: bool


@dataclass(frozen=True, slots=True)
class People:
    """Who the subjects of the run's site are: ``person`` by subject, ``subject`` by person (the account met first).

    ``known`` is what is stored of those whom this site has met; others are persons of another site with the same
    register.
    """

    person: Mapping[str, UUID]
    known: Mapping[str, Known] = field(repr=False)
    subject: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Circle:
    """``members`` by community and person, of the communities of courses that were pulled; ``existing`` are those of
    them that were founded already."""

    courses: tuple[CircleCourse, ...]
    members: Mapping[UUID, Mapping[UUID, Member]]
    existing: frozenset[UUID]
    people: People


def next_circle(session: Reader, run: Look, at: datetime, *, empty_counts: bool) -> Circle | None:
    """The circle of the first pulled course that has not been planned; None when every course of the run
    has.

    ``empty_counts``: also a roster of nobody is taken at its word.
    """
    first = session.execute(
        select(SyncCourse.course)
        .where(SyncCourse.run_id == run.id, SyncCourse.state == "pulled")
        .order_by(SyncCourse.number)
        .limit(1)
    ).scalar_one_or_none()
    if first is None:
        return None
    courses = tuple(_courses(session, run, first, empty_counts=empty_counts))
    entries = {subject: entry for course in courses for subject, entry in (course.roster or {}).items()}
    persons = {person for course in courses for person in course.enrolments}
    numbers = {subject: entry.sourced_id for subject, entry in entries.items() if entry.sourced_id}
    register = register_of(session, run.site_id, numbers, at) if numbers else NO_REGISTER
    people = _people(session, run.site_id, entries, persons, register)
    if register.doubtful:
        courses = tuple(
            course if course.roster is None else replace(course, roster=_doubted(course.roster, register))
            for course in courses
        )
    if len(set(people.person.values())) < len(people.person):
        courses = tuple(
            course if course.roster is None else replace(course, roster=_one_a_person(course.roster, people))
            for course in courses
        )
    communities = dict.fromkeys(k for course in courses if course.roster is not None for k in course.communities)
    members = {community_id: _members(session, run.site_id, community_id, at) for community_id in communities}
    existing: set[UUID] = set()
    for chunk in some(communities):
        existing.update(session.execute(select(Community.id).where(Community.id.in_(chunk))).scalars())
    return Circle(courses, members, frozenset(existing), people)


def some(values: Iterable[T]) -> Iterator[list[T]]:
    """The values, as many at once as fit into a statement."""
    iterator = iter(values)
    while chunk := list(islice(iterator, _AT_ONCE)):
        yield chunk


def _courses(session: Reader, run: Look, first: str, *, empty_counts: bool) -> Iterator[CircleCourse]:
    around = _Around(session, run)
    around.reach(first)
    for course in around.known.values():
        listed = around.listed.get(course.lms_id) if course.site_id == run.site_id else None
        enrolments = _enrolments(session, course.id)
        place = around.new_place.get(course.lms_id) if listed else None
        its = around.of[course.id]
        yield _course(session, run, course, listed, place, its, enrolments, empty_counts=empty_counts)
    for lms_id, listed in around.listed.items():
        if lms_id not in around.met:
            place = around.new_place.get(lms_id)
            yield _course(session, run, None, listed, place, around.of[lms_id], {}, empty_counts=empty_counts)


class _Around:
    """What can be reached from a course of a run by shared communities, those included that are yet to be founded.

    ``known`` are courses of any site by their id, ``listed`` rows of the run by the LMS's id, ``met`` the LMS's ids of
    the known ones of the run's site. ``of`` are the communities of each: by the id of a known course, or by the LMS's
    of one that is not. ``new_place`` is, by the LMS's id, the one a course is not placed in yet.
    """

    def __init__(self, session: Reader, run: Look) -> None:
        self._session, self._run = session, run
        self.known: dict[UUID, _Row] = {}
        self.listed: dict[str, _Row] = {}
        self.met: dict[str, UUID] = {}
        self.of: dict[UUID | str, dict[UUID, None]] = {}
        self.new_place: dict[str, UUID] = {}
        self._communities: set[UUID] = set()

    def reach(self, first: str) -> None:
        fresh = self._learn([], [first])
        while communities := self._communities_of(*fresh):
            courses: list[UUID] = []
            lms_ids: list[str] = []
            for chunk in some(communities):
                courses += self._session.execute(
                    select(Placement.course_id)
                    .where(Placement.community_id.in_(chunk))
                    .group_by(Placement.course_id)
                    .order_by(Placement.course_id)
                ).scalars()
                lms_ids += self._session.execute(
                    select(SyncCourse.course)
                    .where(SyncCourse.run_id == self._run.id, SyncCourse.community_id.in_(chunk))
                    .order_by(SyncCourse.number)
                ).scalars()
            fresh = self._learn(
                [course for course in courses if course not in self.known],
                [lms_id for lms_id in lms_ids if lms_id not in self.listed],
            )

    def _learn(self, course_ids: Sequence[UUID], lms_ids: Sequence[str]) -> tuple[list[_Row], list[_Row]]:
        """Reads what is stored and listed of these; returns the courses and the rows of the run that are new."""
        here = Course.site_id == self._run.site_id
        courses: list[_Row] = []
        for some_ids in some(course_ids):
            courses += self._session.execute(_KNOWN.where(Course.id.in_(some_ids)).order_by(Course.id)).all()
        for some_lms_ids in some(lms_ids):
            found = self._session.execute(_KNOWN.where(here, Course.lms_id.in_(some_lms_ids)).order_by(Course.id)).all()
            courses += [course for course in found if course.id not in self.known]
        self.known |= {course.id: course for course in courses}
        met = {course.lms_id: course.id for course in courses if course.site_id == self._run.site_id}
        self.met |= met
        listed: list[_Row] = []
        for chunk in some(dict.fromkeys([*lms_ids, *met])):
            listed += self._session.execute(
                _LISTED.where(SyncCourse.run_id == self._run.id, SyncCourse.course.in_(chunk)).order_by(
                    SyncCourse.number
                )
            ).all()
        listed = [row for row in listed if row.course not in self.listed]
        self.listed |= {row.course: row for row in listed}
        return courses, listed

    def _communities_of(self, courses: Sequence[_Row], listed: Sequence[_Row]) -> list[UUID]:
        """Notes the communities of these; returns those that are new."""
        for course in courses:
            self.of.setdefault(course.id, {})
        for chunk in some(course.id for course in courses):
            for placement in self._session.execute(
                select(Placement.course_id, Placement.community_id)
                .where(Placement.course_id.in_(chunk))
                .order_by(Placement.id)
            ):
                self.of[placement.course_id][placement.community_id] = None
        for row in listed:
            its = self.of.setdefault(self.met.get(row.course, row.course), {})
            if row.community_id is not None and row.community_id not in its:
                self.new_place[row.course] = row.community_id
                its[row.community_id] = None
        keys = [course.id for course in courses] + [self.met.get(row.course, row.course) for row in listed]
        fresh = dict.fromkeys(one for key in keys for one in self.of[key] if one not in self._communities)
        self._communities.update(fresh)
        return list(fresh)


_KNOWN = select(Course.id, Course.site_id, Course.lms_id, Course.title, Course.short_name)
_PARENT = aliased(SyncCourse)
_LISTED = select(
    SyncCourse.course,
    SyncCourse.title,
    SyncCourse.short_name,
    SyncCourse.presence,
    SyncCourse.community_id,
    SyncCourse.founds,
    SyncCourse.together,
    SyncCourse.parent,
    _PARENT.title.label("parent_title"),
    _PARENT.short_name.label("parent_short_name"),
).outerjoin(_PARENT, and_(_PARENT.run_id == SyncCourse.run_id, _PARENT.course == SyncCourse.parent))


def _course(
    session: Reader,
    run: Look,
    known: _Row | None,
    listed: _Row | None,
    new_place: UUID | None,
    communities: Mapping[UUID, None],
    enrolments: Mapping[UUID, Stored],
    *,
    empty_counts: bool,
) -> CircleCourse:
    presence = listed.presence if listed else None
    roster = None
    if listed and presence == "visible" and communities:
        roster = _roster(session, run.id, listed.course)
        vouched = any(stored.vouched and stored.state != "gone" for stored in enrolments.values())
        if not roster and vouched and not empty_counts:
            roster, presence = None, "emptied"
    parent = Titles(listed.parent_title, listed.parent_short_name) if listed and listed.parent else None
    lms_id = known.lms_id if known is not None else listed.course if listed else ""
    return CircleCourse(
        lms_id=lms_id,
        communities=tuple(communities),
        new_place=new_place,
        founds=listed.founds if listed else None,
        together=bool(listed and listed.together),
        parent=parent,
        parent_id=listed.parent if listed else None,
        known=Titles(known.title, known.short_name) if known is not None else None,
        listed=Titles(listed.title, listed.short_name) if listed else None,
        presence=presence,
        enrolments=enrolments,
        roster=roster,
    )


def _roster(session: Reader, run_id: UUID, course: str) -> dict[str, Entry]:
    """The pages of a course as one roster. A resumed walk may give somebody twice; the later row is the
    truer one."""
    pages = session.execute(
        select(SyncPage.rows).where(SyncPage.run_id == run_id, SyncPage.course == course).order_by(SyncPage.number)
    ).scalars()
    return {
        subject: Entry(as_kept(name), tuple(roles), suspended, *said)
        for rows in pages
        for subject, name, roles, suspended, *said in rows
    }


def _enrolments(session: Reader, course_id: UUID) -> dict[UUID, Stored]:
    return {
        row.person_id: Stored(row.state, tuple(row.lms_roles), row.from_sync, row.missing_since)
        for row in session.execute(
            select(
                Enrolment.person_id,
                Enrolment.state,
                Enrolment.lms_roles,
                Enrolment.from_sync,
                Enrolment.missing_since,
            ).where(Enrolment.course_id == course_id)
        )
    }


def _people(
    session: Reader, site_id: UUID, entries: Mapping[str, Entry], persons: Iterable[UUID], register: Register
) -> People:
    rows: dict[str, _Row] = {}
    for chunk in some(entries):
        rows |= {row.subject: row for row in session.execute(_of_site(site_id, Identity.subject.in_(chunk)))}
    met = {row.person_id for row in rows.values()}
    for others in some(person for person in persons if person not in met):
        rows |= {row.subject: row for row in session.execute(_of_site(site_id, Identity.person_id.in_(others)))}
    person = {subject: row.person_id for subject, row in rows.items()}
    subject: dict[UUID, str] = {}
    for row in sorted(rows.values(), key=lambda row: row.id):
        subject.setdefault(row.person_id, row.subject)
    elsewhere: dict[str, UUID] = {}
    for chunk in some(one for one in entries if one not in person):
        elsewhere |= known_by_number(session, site_id, chunk, register)
    return People(
        person=person | elsewhere,
        known={one: Known(row.display_name, row.sourced_id, row.post_type, row.first) for one, row in rows.items()},
        subject={who: one for one, who in elsewhere.items()} | subject,
    )


def _of_site(site_id: UUID, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    older = aliased(Identity)
    return (
        select(
            Identity.id,
            Identity.subject,
            Identity.person_id,
            Identity.sourced_id,
            Person.display_name,
            Person.post_type,
            (~exists().where(older.person_id == Identity.person_id, older.id < Identity.id)).label("first"),
        )
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.site_id == site_id, which)
    )


def _doubted(roster: Mapping[str, Entry], register: Register) -> dict[str, Entry]:
    return {
        subject: replace(entry, doubtful=True) if entry.sourced_id in register.doubtful else entry
        for subject, entry in roster.items()
    }


def _one_a_person(roster: Mapping[str, Entry], people: People) -> dict[str, Entry]:
    """The roster with one entry for somebody who has two accounts: the active one, or else the one met first."""
    best: dict[UUID | str, str] = {}
    for subject, entry in roster.items():
        who: UUID | str = people.person.get(subject, subject)
        other = best.get(who)
        if other is None or (entry.suspended, subject != people.subject.get(people.person[subject])) < (
            roster[other].suspended,
            other != people.subject.get(people.person[subject]),
        ):
            best[who] = subject
    return {subject: roster[subject] for subject in best.values()}


def _members(session: Reader, site_id: UUID, community_id: UUID, at: datetime) -> dict[UUID, Member]:
    leaders = leaders_of(session, community_id, at)
    return {
        row.person_id: Member(row.state, row.source, row.reason, row.paused_at, row.subject, row.person_id in leaders)
        for row in session.execute(
            select(
                Membership.person_id,
                Membership.state,
                Membership.source,
                Membership.reason,
                Membership.paused_at,
                Identity.subject,
            )
            .outerjoin(Identity, and_(Identity.person_id == Membership.person_id, Identity.site_id == site_id))
            .where(Membership.community_id == community_id)
            .order_by(Membership.id, Identity.id.desc())  # of two accounts the first one, as the later row, counts
        )
    }


def leaders_of(session: Reader, community_id: UUID, at: datetime) -> set[UUID]:
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
