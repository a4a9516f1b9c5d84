"""Whom and which community does somebody ask about, and what is stored of them? Reads only, each bounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.models import Community, Membership, Placement, RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.core.activity import Event
from lms_plc.people.models import Identity, Person
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.models import SyncChange, SyncLook, SyncRule, SyncRun
from lms_plc.rostersync.waiting import PLAN_LASTS
from lms_plc.sites.models import Course, Enrolment, Site

MOST_FOUND = 20
MOST_COURSES = 50
MOST_LINES = 100
"""Events, and changes, of one person in one community that are told; the newest ones."""

_RUNS_LOOKED_AT = 5000
_LATEST_RUNS = 5

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Found(Generic[Item]):
    """What somebody may have meant; ``more``: and others."""

    items: Sequence[Item]
    more: bool


@dataclass(frozen=True, slots=True)
class SiteAsked:
    """The site that somebody asks about; ``connector`` is None where no rosters are connected."""

    id: UUID
    name: str
    connector: str | None


@dataclass(frozen=True, slots=True)
class Someone:
    """A person by one LMS's number. ``is_met``: that site has spoken of them, not only a plan that waits."""

    subject: str
    name: str = field(repr=False)
    is_met: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A community, or a course that has none: ``id`` is of either. ``courses`` are titles and short names."""

    id: UUID
    name: str
    has_community: bool
    courses: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Account:
    site: str
    is_here: bool
    subject: str
    first_seen_at: datetime
    first_launched_at: datetime | None


@dataclass(frozen=True, slots=True)
class CourseSeen:
    """A course of the community. ``gone`` is why the latest run did not read it (a message id)."""

    id: UUID
    lms_id: str
    title: str
    site_id: UUID
    site: str
    rostered_at: datetime | None
    parent: str | None
    gone: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """See ``sites.models.Enrolment``. ``launch_roles`` are the names of its LTI roles."""

    state: str
    lms_roles: Sequence[str]
    launch_roles: Sequence[str]
    from_sync: bool
    missing_since: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """See ``communities.models.Membership``."""

    id: UUID
    state: str
    source: str
    joined_at: datetime
    left_at: datetime | None
    paused_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the log. ``facts`` are its own."""

    at: datetime
    verb: str
    via: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """A line of a plan that is about this person, and the run it is of. ``waits``: the plan may still be applied."""

    run_id: UUID
    kind: Kind
    lms_id: str
    after: Mapping[str, Any]
    reason: str
    left_out: bool
    applied_at: datetime | None
    started_at: datetime
    mode: str
    waits: bool
    asked_by: str
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class Role:
    role: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is stored of one person in one community, or in a course that has none.

    ``asked`` is what was asked for where nobody was found; ``person_id`` is then None. ``enrolments`` are by course.
    """

    at: datetime
    site_id: UUID
    site: str
    connector: str | None
    syncs: str
    covers: str
    rules: int
    asked: str
    person_id: UUID | None
    name: str | None = field(repr=False)
    subjects: Sequence[str]
    accounts: Sequence[Account]
    place: Place
    courses: Sequence[CourseSeen]
    enrolments: Mapping[UUID, Enrolled]
    member: Member | None
    roles: Sequence[Role]
    events: Sequence[Happened]
    changes: Sequence[Changed]


def site_asked(connection: Connection, site_id: UUID) -> SiteAsked | None:
    row = connection.execute(select(Site.id, Site.name, Site.connector).where(Site.id == site_id)).one_or_none()
    return SiteAsked(*row) if row else None


def find_people(connection: Connection, site_id: UUID, asked: str) -> Found[Someone]:
    """By the LMS's number for them; else by a part of their name, also of people whom only a waiting plan names."""
    known = (
        select(Identity.subject, Person.display_name)
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.site_id == site_id)
    )
    exact = connection.execute(known.where(Identity.subject == asked)).one_or_none()
    if exact is not None:
        return Found([Someone(*exact)], more=False)
    rows = connection.execute(
        known.where(_has(Person.display_name, asked)).order_by(Person.display_name, Identity.id).limit(MOST_FOUND + 1)
    ).all()
    found = {row.subject: Someone(*row) for row in rows}
    if len(found) <= MOST_FOUND:
        unmet = connection.execute(
            select(SyncChange.subject, SyncChange.name)
            .where(
                SyncChange.run_id.in_(_latest_runs(connection, site_id)),
                SyncChange.subject.is_not(None),
                SyncChange.name.is_not(None),
                or_(SyncChange.subject == asked, _has(SyncChange.name, asked)),
                ~exists().where(Identity.site_id == site_id, Identity.subject == SyncChange.subject),
            )
            .order_by(SyncChange.name, SyncChange.subject)
            .distinct()
            .limit(MOST_FOUND + 1)
        )
        for row in unmet:
            if row.subject is not None and row.name is not None:
                found.setdefault(row.subject, Someone(row.subject, row.name, is_met=False))
    items = list(found.values())
    return Found(items[:MOST_FOUND], more=len(items) > MOST_FOUND)


def find_places(connection: Connection, site_id: UUID, asked: str) -> Found[Place]:
    """By id, short name or name, of a community or a course; else by a part of the name. A course with communities
    stands for them."""
    by_id = _as_id(asked)
    ways: list[tuple[ColumnElement[bool], ColumnElement[bool]]] = [
        (or_(Course.lms_id == asked, Course.short_name == asked), Community.name == asked),
        (or_(_has(Course.title, asked), _has(Course.short_name, asked)), _has(Community.name, asked)),
    ]
    if by_id is not None:
        ways.insert(0, (Course.id == by_id, Community.id == by_id))
    for courses, communities in ways:
        found = _places(connection, site_id, courses, communities)
        if found:
            return Found(found[:MOST_FOUND], more=len(found) > MOST_FOUND)
    return Found([], more=False)


def looked_at(connection: Connection, site_id: UUID) -> tuple[int, int]:
    """(people, courses) of the site, among which somebody was looked for."""
    people = select(func.count()).where(Identity.site_id == site_id).scalar_subquery()
    courses = select(func.count()).where(Course.site_id == site_id).scalar_subquery()
    row = connection.execute(select(people, courses)).one()
    return row[0], row[1]


def gather(connection: Connection, site_id: UUID, asked: str, place: Place, at: datetime) -> Facts:
    """What is stored of whoever the site calls ``asked`` in this place, in a fixed number of statements."""
    rules = select(func.count()).where(SyncRule.site_id == site_id).scalar_subquery()
    site = connection.execute(
        select(Site.name, Site.connector, Site.syncs, Site.covers, rules.label("rules")).where(Site.id == site_id)
    ).one()
    person_id = connection.execute(
        select(Identity.person_id).where(Identity.site_id == site_id, Identity.subject == asked)
    ).scalar_one_or_none()
    name, accounts = _accounts(connection, site_id, person_id)
    subjects = [one.subject for one in accounts if one.is_here] or [asked]
    courses = _courses(connection, site_id, place)
    community_id = place.id if place.has_community else None
    member = _member(connection, community_id, person_id)
    changes = _changes(connection, site_id, subjects, community_id, courses, at)
    return Facts(
        at=at,
        site_id=site_id,
        site=site.name,
        connector=site.connector,
        syncs=site.syncs,
        covers=site.covers,
        rules=site.rules,
        asked=asked,
        person_id=person_id,
        name=name,
        subjects=subjects,
        accounts=accounts,
        place=place,
        courses=courses,
        enrolments=_enrolments(connection, person_id, courses),
        member=member,
        roles=_roles(connection, community_id, person_id, at),
        events=_events(connection, person_id, member),
        changes=changes,
    )


def _has(column: Any, asked: str) -> ColumnElement[bool]:
    """Whether it contains what was asked for, whatever the case; SQLite folds the case of ASCII letters only."""
    spellings = dict.fromkeys((asked, asked.casefold(), asked.upper(), asked.title(), asked.capitalize()))
    return or_(*(column.icontains(one, autoescape=True) for one in spellings))


def _latest_runs(connection: Connection, site_id: UUID) -> list[UUID]:
    return list(
        connection.execute(
            select(SyncRun.id).where(SyncRun.site_id == site_id).order_by(SyncRun.id.desc()).limit(_LATEST_RUNS)
        ).scalars()
    )


def _places(
    connection: Connection, site_id: UUID, courses: ColumnElement[bool], communities: ColumnElement[bool]
) -> list[Place]:
    placed = (
        select(Course.id, Course.title, Course.short_name, Community.id.label("community_id"), Community.name)
        .outerjoin(Placement, Placement.course_id == Course.id)
        .outerjoin(Community, Community.id == Placement.community_id)
        .where(Course.site_id == site_id, courses)
        .order_by(Course.id, Placement.id)
        .limit(MOST_FOUND + 1)
    )
    found: dict[UUID, Place] = {}
    for row in connection.execute(placed):
        title = f"{row.title} ({row.short_name})" if row.short_name and row.short_name != row.title else row.title
        if row.community_id is None:
            found[row.id] = Place(row.id, row.title, has_community=False, courses=(title,))
        else:
            known = found.get(row.community_id, Place(row.community_id, row.name, has_community=True))
            found[row.community_id] = Place(known.id, known.name, has_community=True, courses=(*known.courses, title))
    from_here = exists().where(
        Placement.community_id == Community.id, Placement.course_id == Course.id, Course.site_id == site_id
    )
    named = (
        select(Community.id, Community.name)
        .where(communities, or_(Community.site_id == site_id, from_here))
        .order_by(Community.name, Community.id)
        .limit(MOST_FOUND + 1)
    )
    for community in connection.execute(named):
        found.setdefault(community.id, Place(community.id, community.name, has_community=True))
    return list(found.values())


def _as_id(asked: str) -> UUID | None:
    try:
        return UUID(asked)
    except ValueError:
        return None


def _accounts(connection: Connection, site_id: UUID, person_id: UUID | None) -> tuple[str | None, tuple[Account, ...]]:
    if person_id is None:
        return None, ()
    rows = connection.execute(
        select(
            Person.display_name,
            Site.name,
            Identity.site_id,
            Identity.subject,
            Identity.first_seen_at,
            Identity.first_launched_at,
        )
        .join(Person, Person.id == Identity.person_id)
        .join(Site, Site.id == Identity.site_id)
        .where(Identity.person_id == person_id)
        .order_by(Identity.id)
        .limit(MOST_FOUND)
    ).all()
    accounts = (
        Account(row.name, row.site_id == site_id, row.subject, row.first_seen_at, row.first_launched_at) for row in rows
    )
    return rows[0].display_name, tuple(accounts)


def _courses(connection: Connection, site_id: UUID, place: Place) -> tuple[CourseSeen, ...]:
    parent = aliased(Course)
    query = (
        select(
            Course.id,
            Course.lms_id,
            Course.title,
            Course.site_id,
            Site.name.label("site"),
            SyncLook.at.label("rostered_at"),
            parent.lms_id.label("parent"),
        )
        .join(Site, Site.id == Course.site_id)
        .outerjoin(parent, parent.id == Course.parent_id)
        .outerjoin(SyncLook, SyncLook.course_id == Course.id)
        .order_by(Course.id)
        .limit(MOST_COURSES)
    )
    if place.has_community:
        query = query.where(Course.id.in_(select(Placement.course_id).where(Placement.community_id == place.id)))
    else:
        query = query.where(Course.id == place.id)
    courses = [CourseSeen(**row._mapping) for row in connection.execute(query)]
    here = [course.lms_id for course in courses if course.site_id == site_id]
    told = connection.execute(
        select(SyncChange.course, SyncChange.reason)
        .where(
            SyncChange.run_id.in_(_latest_runs(connection, site_id)),
            SyncChange.course.in_(here),
            SyncChange.kind == Kind.COURSE_GONE.value,
        )
        .order_by(SyncChange.run_id)
    )
    gone = {row.course: row.reason for row in told}
    return tuple(
        CourseSeen(
            *(course.id, course.lms_id, course.title, course.site_id, course.site, course.rostered_at, course.parent),
            gone=gone.get(course.lms_id) if course.site_id == site_id else None,
        )
        for course in courses
    )


def _enrolments(connection: Connection, person_id: UUID | None, courses: Sequence[CourseSeen]) -> dict[UUID, Enrolled]:
    rows = connection.execute(
        select(
            Enrolment.course_id,
            Enrolment.state,
            Enrolment.lms_roles,
            Enrolment.launch_roles,
            Enrolment.from_sync,
            Enrolment.missing_since,
            Enrolment.changed_at,
        ).where(Enrolment.person_id == person_id, Enrolment.course_id.in_([course.id for course in courses]))
    )
    return {
        row.course_id: Enrolled(
            row.state,
            row.lms_roles,
            list(dict.fromkeys(role["name"] for role in row.launch_roles)),
            row.from_sync,
            row.missing_since,
            row.changed_at,
        )
        for row in rows
    }


def _member(connection: Connection, community_id: UUID | None, person_id: UUID | None) -> Member | None:
    row = connection.execute(
        select(
            Membership.id,
            Membership.state,
            Membership.source,
            Membership.joined_at,
            Membership.left_at,
            Membership.paused_at,
            Membership.reason,
        ).where(Membership.community_id == community_id, Membership.person_id == person_id)
    ).one_or_none()
    return Member(*row) if row is not None else None


def _roles(connection: Connection, community_id: UUID | None, person_id: UUID | None, at: datetime) -> tuple[Role, ...]:
    rows = connection.execute(
        select(RoleAssignment.role, RoleAssignment.starts_at, RoleAssignment.ends_at)
        .where(RoleAssignment.community_id == community_id, RoleAssignment.person_id == person_id, in_force(at))
        .order_by(RoleAssignment.id)
        .limit(MOST_FOUND)
    )
    return tuple(Role(*row) for row in rows)


def _events(connection: Connection, person_id: UUID | None, member: Member | None) -> tuple[Happened, ...]:
    """By the membership, which is one row for as long as the person is known: the log has an index by thing."""
    things: list[tuple[str, UUID | None, tuple[str, ...]]] = [("person", person_id, ("person.joined",))]
    if member is not None:
        things.append(("membership", member.id, ()))
    found: list[Happened] = []
    for kind, thing_id, verbs in things:
        query = (
            select(Event.at, Event.verb, Event.via, Event.facts)
            .where(Event.thing_kind == kind, Event.thing_id == thing_id)
            .order_by(Event.id.desc())
            .limit(MOST_LINES)
        )
        found += [Happened(*row) for row in connection.execute(query.where(Event.verb.in_(verbs)) if verbs else query)]
    return tuple(found)


def _changes(
    connection: Connection,
    site_id: UUID,
    subjects: Sequence[str],
    community_id: UUID | None,
    courses: Sequence[CourseSeen],
    at: datetime,
) -> tuple[Changed, ...]:
    """Lines about this person and place in the site's plans, newest first. What lies many thousand runs back is told
    by the log of the membership alone."""
    runs = (
        select(
            SyncRun.id,
            SyncRun.mode,
            SyncRun.state,
            SyncRun.started_at,
            SyncRun.finished_at,
            SyncRun.asked_by,
            SyncRun.approved_by,
            and_(SyncRun.revision == Site.sync_revision, SyncRun.started_at >= at - PLAN_LASTS).label("holds"),
        )
        .join(Site, Site.id == SyncRun.site_id)
        .where(SyncRun.site_id == site_id)
        .order_by(SyncRun.id.desc())
        .limit(_RUNS_LOOKED_AT)
        .subquery()
    )
    here = SyncChange.course.in_([course.lms_id for course in courses if course.site_id == site_id])
    rows = connection.execute(
        select(
            runs.c.id.label("run_id"),
            SyncChange.kind,
            SyncChange.course.label("lms_id"),
            SyncChange.after,
            SyncChange.reason,
            SyncChange.left_out,
            SyncChange.applied_at,
            runs.c.started_at,
            runs.c.mode,
            runs.c.state,
            runs.c.asked_by,
            runs.c.approved_by,
            runs.c.holds,
        )
        .join(runs, runs.c.id == SyncChange.run_id)
        .where(
            SyncChange.subject.in_(subjects),
            or_(here, SyncChange.community_id == community_id) if community_id is not None else here,
        )
        .order_by(runs.c.id.desc(), SyncChange.number.desc())
        .limit(MOST_LINES)
    )
    return tuple(
        Changed(
            **{name: value for name, value in row._mapping.items() if name not in ("state", "kind", "holds")},
            kind=Kind(row.kind),
            waits=row.applied_at is None and row.state in ("planned", "held") and bool(row.holds),
        )
        for row in rows
    )
