"""How does a plan become true? In batches, each with its rows, its events and its checkpoint in one
transaction.

A batch is either there whole or not at all, so after a crash at any point the next call goes on with the
first change that has no checkpoint: nothing happens twice and nothing is lost.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms_plc.communities.founding import found_community
from lms_plc.communities.memberships import Because, bring_in, end, pause
from lms_plc.communities.models import Community, Placement
from lms_plc.core.activity import Reference, record
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database, upsert
from lms_plc.core.ids import new_id
from lms_plc.people.registry import meet
from lms_plc.rostersync.changes import GONE, REPORT_ONLY, SUSPENDED, Kind
from lms_plc.rostersync.checkpoint import hold
from lms_plc.rostersync.circle import leaders_of
from lms_plc.rostersync.models import SyncChange
from lms_plc.sites.models import Course, Enrolment

BATCH = 200
"""Changes in one transaction: long enough to be quick, short enough that a page never waits for it."""

_TRIES = 5

MembershipVerb = Callable[[Session, UUID, UUID, Sequence[UUID], Because], int]

_VERBS: Mapping[Kind, tuple[MembershipVerb, str | None]] = {
    Kind.JOIN: (bring_in, None),
    Kind.RESUME: (bring_in, None),
    Kind.PAUSE: (pause, SUSPENDED),
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
    with database.write() as session:
        site_id = hold(session, run_id, at).site_id
        changes = list(
            session.execute(
                select(SyncChange).where(*_waiting(run_id)).order_by(SyncChange.number).limit(BATCH)
            ).scalars()
        )
        if not changes:
            return 0
        for change in changes:
            if change.kind == Kind.FOUND_COMMUNITY:
                _found(session, site_id, change, at)
            elif change.kind == Kind.RENAME_COURSE:
                _rename(session, site_id, change, at)
        course_ids = _course_ids(session, site_id, changes)
        people = meet(session, site_id, _names(changes), at)
        _change_memberships(session, site_id, changes, people, at)
        _write_enrolments(session, changes, course_ids, people, at)
        session.execute(
            update(SyncChange)
            .where(SyncChange.run_id == run_id, SyncChange.number.in_([change.number for change in changes]))
            .values(applied_at=at, name=None)
        )
        return len(changes)


def _waiting(run_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        SyncChange.run_id == run_id,
        SyncChange.applied_at.is_(None),
        SyncChange.kind.not_in([kind.value for kind in REPORT_ONLY]),
    )


def _found(session: Session, site_id: UUID, change: SyncChange, at: datetime) -> None:
    title = change.after["title"]
    session.execute(
        upsert(session, Course)
        .values(
            id=new_id(),
            site_id=site_id,
            lms_id=change.course,
            title=title,
            short_name=change.after["short_name"],
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["site_id", "lms_id"])
    )
    course_id = session.execute(
        select(Course.id).where(Course.site_id == site_id, Course.lms_id == change.course)
    ).scalar_one()
    community_id = session.execute(
        select(Placement.community_id).where(Placement.course_id == course_id).order_by(Placement.id).limit(1)
    ).scalar_one_or_none()
    if community_id is None:
        community_id = found_community(session, site_id=site_id, course_id=course_id, name=title, at=at, via="sync")
    session.execute(
        update(SyncChange)
        .where(
            SyncChange.run_id == change.run_id,
            SyncChange.course == change.course,
            SyncChange.community_id.is_(None),
        )
        .values(community_id=community_id)
    )


def _rename(session: Session, site_id: UUID, change: SyncChange, at: datetime) -> None:
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


def _names(changes: Sequence[SyncChange]) -> dict[str, str]:
    """Subject → name; an empty name leaves a known person's as it is."""
    names: dict[str, str] = {}
    for change in changes:
        if change.subject is not None:
            names[change.subject] = change.name or names.get(change.subject, "")
    return names


def _course_ids(session: Session, site_id: UUID, changes: Sequence[SyncChange]) -> dict[str, UUID]:
    lms_ids = {change.course for change in changes}
    rows = session.execute(
        select(Course.lms_id, Course.id).where(Course.site_id == site_id, Course.lms_id.in_(lms_ids))
    )
    return {row.lms_id: row.id for row in rows}


def _change_memberships(
    session: Session,
    site_id: UUID,
    changes: Sequence[SyncChange],
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
        if kind is Kind.END:  # somebody may have been made facilitator since the plan was made
            leaders = leaders_of(session, community_id, at)
            persons[:] = [person for person in persons if person not in leaders]
        verb(session, site_id, community_id, persons, Because(at=at, via="sync", reason=reason))


def _write_enrolments(
    session: Session,
    changes: Sequence[SyncChange],
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
        set_={name: insert.excluded[name] for name in ("lms_roles", "state", "from_sync", "changed_at")},
    )
    # rows as parameters, not as values of the statement: that text would be compiled anew for every batch
    session.execute(insert, list(rows.values()))
