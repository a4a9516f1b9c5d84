"""How does a plan become true? In batches, each with its rows, its events and its checkpoint in one
transaction.

A batch is either there whole or not at all, so after a crash at any point the next call goes on with the
first change that has no checkpoint: nothing happens twice and nothing is lost.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms_plc.communities.founding import found_community, place_community
from lms_plc.communities.memberships import Because, bring_in, end, pause
from lms_plc.communities.models import Community, Membership, Placement
from lms_plc.core.activity import Reference, record
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database, table_of, upsert
from lms_plc.core.ids import new_id
from lms_plc.people.models import Identity, Person
from lms_plc.people.registry import NO_REGISTER, meet
from lms_plc.rostersync.changes import BY_SYNC, GONE, REPORT_ONLY, SUSPENDED, Kind
from lms_plc.rostersync.checkpoint import hold, writing
from lms_plc.rostersync.circle import leaders_of
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.sites.models import Course, Enrolment
from lms_plc.sites.registers import register_of

BATCH = 200
"""Changes in one transaction: long enough to be quick, short enough that a page never waits for it."""

_TRIES = 5

MembershipVerb = Callable[[Session, UUID, UUID, Sequence[UUID], Because], int]

_CHANGES = table_of(SyncChange)


@dataclass(slots=True)
class Change:
    """A row of the plan, see ``SyncChange``. What founds a community may find that there is one by now, and then the
    batch's own changes go there."""

    run_id: UUID
    number: int
    kind: str
    course: str
    community_id: UUID | None
    subject: str | None
    name: str | None = field(repr=False)
    known_as: dict[str, str] | None = field(repr=False)
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    left_out: bool
    applied_at: datetime | None


_VERBS: Mapping[Kind, tuple[MembershipVerb, str | None]] = {
    Kind.JOIN: (bring_in, None),
    Kind.RESUME: (bring_in, None),
    Kind.PAUSE: (pause, SUSPENDED),
    Kind.REST: (pause, GONE),
    Kind.END: (end, GONE),
}


def apply_batch(database: Database, run_id: UUID, clock: Clock) -> int:
    """Applies the next changes of the run's plan; returns how many, 0 when all are applied.

    Raises RunIsOver when another has taken over.
    """
    for _ in range(_TRIES - 1):
        try:
            return _apply_batch(database, run_id, clock())
        except IntegrityError:
            # A launch made the same course or membership between our look and our insert. Ours is rolled back
            # whole, and the next look sees theirs.
            continue
    return _apply_batch(database, run_id, clock())


def waiting(session: Session | Connection, run_id: UUID) -> int:
    """How many changes of the run's plan are still to be applied."""
    return session.execute(select(func.count()).where(*_waiting(run_id))).scalar_one()


def _apply_batch(database: Database, run_id: UUID, at: datetime) -> int:
    with writing(database) as session:
        run = hold(session, run_id, at)
        site_id = run.site_id
        batch = session.execute(
            select(*_CHANGES.c).where(*_waiting(run_id)).order_by(SyncChange.number).limit(BATCH)
        ).all()
        if not batch:
            return 0
        changes = [Change(**row._mapping) for row in batch]
        for change in changes:
            if change.kind in (Kind.FOUND_COMMUNITY, Kind.PLACE_COURSE):
                _place(session, site_id, change, changes, at)
            elif change.kind == Kind.RENAME_COURSE:
                _rename(session, site_id, change, at)
        course_ids = _course_ids(session, site_id, changes)
        changes, homeless = _apart(changes, _homeless(session, changes, course_ids))
        numbers = {
            change.subject: change.known_as["sourced_id"]
            for change in changes
            if change.subject and change.known_as and "sourced_id" in change.known_as
        }
        doubtful = [known["sourced_id"] for change in changes if "doubtful" in (known := change.known_as or {})]
        register = register_of(session, site_id, numbers, at, doubtful) if numbers else NO_REGISTER
        people = meet(session, site_id, _names(changes), at, register=register)
        changes = _still_true(session, run, changes, course_ids, people)
        _note_posts(session, site_id, changes, people)
        _change_memberships(session, site_id, changes, people, at)
        _write_enrolments(session, changes, course_ids, people, at)
        done = {"applied_at": at, "name": None, "known_as": None}
        if homeless:
            numbers_left = [change.number for change in homeless]
            left_out = (_CHANGES.c.run_id == run_id, _CHANGES.c.number.in_(numbers_left))
            session.execute(update(_CHANGES).where(*left_out).values(left_out=True))
        # a stretch of numbers, not the numbers one by one: those a database looks up by themselves
        stretch = _CHANGES.c.number.between(batch[0].number, batch[-1].number)
        session.execute(update(_CHANGES).where(*_waiting(run_id), stretch).values(done))
        return len(batch)


def _apart(changes: list[Change], these: Collection[Change]) -> tuple[list[Change], list[Change]]:
    numbers = {change.number for change in these}
    return (
        [change for change in changes if change.number not in numbers],
        [change for change in changes if change.number in numbers],
    )


def _waiting(run_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        _CHANGES.c.run_id == run_id,
        _CHANGES.c.applied_at.is_(None),
        _CHANGES.c.left_out.is_(False),
        _CHANGES.c.kind.not_in([kind.value for kind in REPORT_ONLY]),
    )


def _place(session: Session, site_id: UUID, change: Change, batch: Sequence[Change], at: datetime) -> None:
    """The course is met if it is new, and opens the community, which is founded if it is not there yet.

    What a launch did meanwhile stands: a course that opens a community by now only brings its people where a rule
    wants them together, and needs nothing where it was to have one of its own.
    """
    parent = change.after.get("parent")
    parent_id = _meet_course(session, site_id, parent["id"], parent, None, at) if parent else None
    course_id = _meet_course(session, site_id, change.course, change.after, parent_id, at)
    wanted, name = change.community_id, change.after["name"]
    assert wanted is not None
    opened = session.execute(
        select(Placement.community_id).where(Placement.course_id == course_id, Placement.link_id == "")
    ).scalar_one_or_none()
    is_there = session.execute(select(Community.id).where(Community.id == wanted)).scalar_one_or_none() is not None
    if is_there:
        place_community(session, wanted, course_id, site_id=site_id, at=at, opens=opened is None)
    elif opened is None or change.after["together"]:
        opens = opened is None
        found_community(
            session,
            site_id=site_id,
            course_id=course_id,
            name=name,
            at=at,
            via="sync",
            community_id=wanted,
            opens=opens,
        )
    else:
        meant = (_CHANGES.c.run_id == change.run_id, _CHANGES.c.community_id == wanted)
        session.execute(update(_CHANGES).where(*meant).values(community_id=opened))
        for other in batch:
            if other.community_id == wanted:
                other.community_id = opened


def _meet_course(
    session: Session, site_id: UUID, lms_id: str, titles: Mapping[str, str], parent_id: UUID | None, at: datetime
) -> UUID:
    session.execute(
        upsert(session, Course)
        .values(
            id=new_id(),
            site_id=site_id,
            lms_id=lms_id,
            title=titles["title"],
            short_name=titles["short_name"],
            parent_id=parent_id,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["site_id", "lms_id"])
    )
    return session.execute(select(Course.id).where(Course.site_id == site_id, Course.lms_id == lms_id)).scalar_one()


def _rename(session: Session, site_id: UUID, change: Change, at: datetime) -> None:
    """The course takes its new name, and its communities with it where they still bear the old one."""
    course_id = session.execute(
        update(Course)
        .where(Course.site_id == site_id, Course.lms_id == change.course)
        .values(title=change.after["title"], short_name=change.after["short_name"])
        .returning(Course.id)
    ).scalar_one()
    old, new = change.before["title"][:200], change.after["title"][:200]
    if old == new:
        return
    renamed = session.execute(
        update(Community)
        .where(
            Community.id.in_(select(Placement.community_id).where(Placement.course_id == course_id)),
            Community.name == old,
        )
        .values(name=new)
        .returning(Community.id)
    ).scalars()
    for community_id in renamed.all():
        record(
            session,
            "community.renamed",
            Reference("community", community_id),
            at=at,
            actor_id=None,
            via="sync",
            site_id=site_id,
            community_id=community_id,
        )


def _names(changes: Sequence[Change]) -> dict[str, str]:
    """Subject → name; an empty name leaves a known person's as it is."""
    names: dict[str, str] = {}
    for change in changes:
        if change.subject is not None:
            names[change.subject] = change.name or names.get(change.subject, "")
    return names


def _course_ids(session: Session, site_id: UUID, changes: Sequence[Change]) -> dict[str, UUID]:
    lms_ids = {change.course for change in changes}
    rows = session.execute(
        select(Course.lms_id, Course.id).where(Course.site_id == site_id, Course.lms_id.in_(lms_ids))
    )
    return {row.lms_id: row.id for row in rows}


def _homeless(session: Session, changes: Sequence[Change], course_ids: Mapping[str, UUID]) -> list[Change]:
    """The changes that would bring people from a course into a community it is not placed in, or write of a course
    that nobody has met: an admin left the line out that was to place it."""
    placed = {
        (row.course_id, row.community_id)
        for row in session.execute(
            select(Placement.course_id, Placement.community_id).where(Placement.course_id.in_(course_ids.values()))
        )
    }
    return [
        change
        for change in changes
        if ("enrolment" in change.after and change.course not in course_ids)
        or (
            change.kind in (Kind.JOIN, Kind.RESUME)
            and (course_ids.get(change.course), change.community_id) not in placed
        )
    ]


def _change_memberships(
    session: Session,
    site_id: UUID,
    changes: Sequence[Change],
    people: Mapping[str, UUID],
    at: datetime,
) -> None:
    groups: dict[tuple[Kind, UUID], list[UUID]] = {}
    for change in changes:
        kind = Kind(change.kind)
        if kind in _VERBS and change.subject is not None and change.community_id is not None:
            groups.setdefault((kind, change.community_id), []).append(people[change.subject])
    for (kind, community_id), persons in groups.items():
        verb, reason = _VERBS[kind]
        if kind in (Kind.REST, Kind.END):  # somebody may have been made facilitator since the plan was made
            leaders = leaders_of(session, community_id, at)
            persons[:] = [person for person in persons if person not in leaders]
        if kind is Kind.END:  # or have come back by a launch
            resting = _whose_membership(session, community_id, persons, _RESTS)
            persons[:] = [person for person in persons if person in resting]
        if kind in (Kind.PAUSE, Kind.REST, Kind.JOIN, Kind.RESUME):  # or have left, or been paused, by somebody's wish
            gone = _whose_membership(session, community_id, persons, _BY_WISH)
            persons[:] = [person for person in persons if person not in gone]
        verb(session, site_id, community_id, persons, Because(at=at, via="sync", reason=reason))


def _still_true(
    session: Session,
    run: SyncRun,
    changes: Sequence[Change],
    course_ids: Mapping[str, UUID],
    people: Mapping[str, UUID],
) -> list[Change]:
    """Without the changes that something has overtaken since the plan was made: whoever has launched from the course is
    not missing there, and an undo brings back only whom a sync let go."""
    if run.mode == "undo":
        gone: dict[UUID, set[UUID]] = {}
        for change in changes:
            if change.community_id is not None and change.community_id not in gone:
                persons = [people[one.subject] for one in changes if one.subject is not None]
                gone[change.community_id] = _whose_membership(session, change.community_id, persons, _LET_GO)
        return [c for c in changes if c.subject and c.community_id and people[c.subject] in gone[c.community_id]]
    leaving = [
        (course_ids[change.course], people[change.subject])
        for change in changes
        if change.subject and change.course in course_ids and _lets_go(change)
    ]
    if not leaving:
        return list(changes)
    seen = {
        (row.course_id, row.person_id)
        for row in session.execute(
            select(Enrolment.course_id, Enrolment.person_id).where(
                Enrolment.course_id.in_({course for course, _ in leaving}),
                Enrolment.person_id.in_({person for _, person in leaving}),
                Enrolment.changed_at > run.started_at,
                Enrolment.state == "active",
            )
        )
    }
    return [
        change
        for change in changes
        if not (change.subject and _lets_go(change) and (course_ids.get(change.course), people[change.subject]) in seen)
    ]


def _lets_go(change: Change) -> bool:
    return change.kind in (Kind.REST, Kind.END) or change.after.get("enrolment") == "gone"


_IS_AWAY = Membership.state != "active"
_LET_GO = (_IS_AWAY, Membership.reason == GONE)
"""Rests or has left for want of an enrolment."""
_RESTS = (Membership.state == "paused", Membership.reason == GONE)
_BY_WISH = (_IS_AWAY, or_(Membership.reason.is_(None), Membership.reason.not_in(BY_SYNC)))
"""Has left or been paused by somebody's wish."""


def _whose_membership(
    session: Session, community_id: UUID, persons: Sequence[UUID], which: Sequence[ColumnElement[bool]]
) -> set[UUID]:
    """Those of these persons whose membership is one of these now, whatever the plan said."""
    mine = (Membership.community_id == community_id, Membership.person_id.in_(persons))
    return set(session.execute(select(Membership.person_id).where(*mine, *which)).scalars())


def _note_posts(session: Session, site_id: UUID, changes: Sequence[Change], people: Mapping[str, UUID]) -> None:
    """What the site says of posts; of two sites that say something, the one that knew somebody first decides."""
    posts = {
        people[change.subject]: change.known_as["post_type"]
        for change in changes
        if change.subject and change.known_as and "post_type" in change.known_as
    }
    if posts:
        table = table_of(Person)
        first = select(Identity.site_id).where(Identity.person_id == table.c.id).order_by(Identity.id).limit(1)
        decides = or_(table.c.post_type.is_(None), first.correlate(table).scalar_subquery() == site_id)
        session.execute(
            table.update().where(table.c.id == bindparam("whom"), decides).values(post_type=bindparam("post")),
            [{"whom": person, "post": post} for person, post in posts.items()],
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _write_enrolments(
    session: Session,
    changes: Sequence[Change],
    course_ids: Mapping[str, UUID],
    people: Mapping[str, UUID],
    at: datetime,
) -> None:
    rows = {
        (course_ids[change.course], people[change.subject]): {
            "id": new_id(),
            "course_id": course_ids[change.course],
            "person_id": people[change.subject],
            "launch_roles": [],
            "lms_roles": change.after["roles"],
            "state": change.after["enrolment"],
            "from_sync": True,
            "missing_since": _moment(change.after.get("missing_since")),
            "changed_at": at,
        }
        for change in changes
        if change.subject is not None and "enrolment" in change.after
    }
    if not rows:
        return
    insert = upsert(session, Enrolment.__table__)
    insert = insert.on_conflict_do_update(
        index_elements=["course_id", "person_id"],
        set_={
            name: insert.excluded[name] for name in ("lms_roles", "state", "from_sync", "missing_since", "changed_at")
        },
    )
    # rows as parameters, not as values of the statement: that text would be compiled anew for every batch
    session.execute(insert, list(rows.values()))
