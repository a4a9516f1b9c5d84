"""Who is in: joining, pausing, coming back, leaving, and dated roles. Each change is one event in its transaction.

What a person wrote stays when they leave; what they may do ends at once, because every right is read from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.models import Membership, RoleAssignment
from lms_plc.core.activity import Event, Reference, record, send_event
from lms_plc.core.database import Prepared, Send, table_of, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Role


@dataclass(frozen=True, slots=True)
class Because:
    """Why a membership changes: when, on whose behalf (``via``: launch, sync, cli, page), by whom, and in a word."""

    at: datetime
    via: str
    actor_id: UUID | None = None
    reason: str | None = None


def bring_in(session: Session, site_id: UUID, community_id: UUID, person_ids: Sequence[UUID], because: Because) -> int:
    """Makes these persons active members, whatever they were before; returns how many that changed.

    Somebody new joins, somebody paused comes back, somebody who left is a member again with their old posts.
    """
    known = {
        row.person_id: row
        for row in session.execute(
            select(Membership.id, Membership.person_id, Membership.state).where(
                Membership.community_id == community_id, Membership.person_id.in_(person_ids)
            )
        )
    }
    fresh = [person for person in dict.fromkeys(person_ids) if person not in known]
    returning = [row for row in known.values() if row.state != "active"]
    joined: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "community_id": community_id,
            "person_id": person,
            "state": "active",
            "source": because.via,
            "joined_at": because.at,
        }
        for person in fresh
    ]
    if joined:  # a sync, or a second tab, may bring in the same person at this moment: theirs stands
        table = table_of(Membership)
        came = session.execute(
            upsert(session, table)
            .on_conflict_do_nothing(index_elements=["community_id", "person_id"])
            .returning(table.c.id),
            joined,
        )
        ours = set(came.scalars())
        joined = [row for row in joined if row["id"] in ours]
    if returning:
        session.execute(
            update(Membership)
            .where(Membership.id.in_([row.id for row in returning]))
            .values(state="active", left_at=None, paused_at=None, reason=None)
        )
    _tell(
        session,
        "membership.started",
        site_id,
        community_id,
        [(m["id"], m["person_id"]) for m in joined],
        because,
    )
    _tell(
        session,
        "membership.resumed",
        site_id,
        community_id,
        [(r.id, r.person_id) for r in returning],
        because,
    )
    return len(joined) + len(returning)


def bring_in_newcomer(send: Send, site_id: UUID, community_id: UUID, person_id: UUID, because: Because) -> None:
    """As ``bring_in``, for one person made in this very transaction, who can be in no community yet."""
    membership_id = new_id()
    membership = {
        "id": membership_id,
        "community_id": community_id,
        "person_id": person_id,
        "state": "active",
        "source": because.via,
        "joined_at": because.at,
    }
    send(_JOIN, membership)
    send_event(
        send,
        "membership.started",
        Reference("membership", membership_id),
        at=because.at,
        actor_id=because.actor_id,
        via=because.via,
        site_id=site_id,
        community_id=community_id,
        facts={"person_id": str(person_id), "reason": because.reason},
    )


_JOIN = Prepared(
    lambda insert: insert(Membership), given=("id", "community_id", "person_id", "state", "source", "joined_at")
)


def pause(session: Session, site_id: UUID, community_id: UUID, person_ids: Sequence[UUID], because: Because) -> int:
    """The membership rests, ready to come back; one that rests already does so for the new reason from now on.

    Returns how many that changed.
    """
    for_another_reason = and_(Membership.state == "paused", Membership.reason.is_distinct_from(because.reason))
    moved = or_(Membership.state == "active", for_another_reason)
    return _move(session, site_id, community_id, person_ids, because, to="paused", which=moved)


def end(session: Session, site_id: UUID, community_id: UUID, person_ids: Sequence[UUID], because: Because) -> int:
    """The membership ends; the posts stay. Returns how many that changed."""
    still_here = Membership.state.in_(("active", "paused"))
    return _move(session, site_id, community_id, person_ids, because, to="left", which=still_here)


def leave(session: Session, site_id: UUID, community_id: UUID, person_id: UUID, because: Because) -> None:
    """Somebody goes by their own wish: without a reason, so that no launch and no sync brings them back.

    Their roles end with it. A mentor who was no member is from now on one who left, or the next launch would make them
    a member.
    """
    end_roles(session, site_id, community_id, person_id, because)
    if end(session, site_id, community_id, [person_id], because):
        return
    membership_id = new_id()
    gone = (
        upsert(session, Membership)
        .values(
            id=membership_id,
            community_id=community_id,
            person_id=person_id,
            state="left",
            source=because.via,
            joined_at=because.at,
            left_at=because.at,
        )
        .on_conflict_do_nothing(index_elements=["community_id", "person_id"])
        .returning(Membership.id)
    )
    if session.execute(gone).one_or_none() is not None:
        _tell(session, "membership.ended", site_id, community_id, [(membership_id, person_id)], because)


def end_roles(session: Session, site_id: UUID, community_id: UUID, person_id: UUID, because: Because) -> None:
    """Ends the roles somebody has in a community now; those that would have begun later never do."""
    whose = (RoleAssignment.community_id == community_id, RoleAssignment.person_id == person_id)
    session.execute(delete(RoleAssignment).where(*whose, RoleAssignment.starts_at > because.at))
    ended = session.execute(
        update(RoleAssignment)
        .where(*whose, (RoleAssignment.ends_at.is_(None)) | (RoleAssignment.ends_at > because.at))
        .values(ends_at=because.at)
        .returning(RoleAssignment.role)
    ).scalars()
    for role in sorted(set(ended)):
        record(
            session,
            "role.ended",
            Reference("person", person_id),
            at=because.at,
            actor_id=because.actor_id,
            via=because.via,
            site_id=site_id,
            community_id=community_id,
            facts={"role": role},
        )


def assign_role(
    session: Session,
    site_id: UUID,
    community_id: UUID,
    person_id: UUID,
    role: Role,
    because: Because,
    *,
    until: datetime | None = None,
) -> UUID:
    """Gives a dated role; the same role in force before is replaced, so that a new date is one decision."""
    session.execute(
        delete(RoleAssignment).where(
            RoleAssignment.community_id == community_id,
            RoleAssignment.person_id == person_id,
            RoleAssignment.role == role.value,
            RoleAssignment.starts_at >= because.at,
        )
    )
    session.execute(
        update(RoleAssignment)
        .where(
            RoleAssignment.community_id == community_id,
            RoleAssignment.person_id == person_id,
            RoleAssignment.role == role.value,
            (RoleAssignment.ends_at.is_(None)) | (RoleAssignment.ends_at > because.at),
        )
        .values(ends_at=because.at)
    )
    assignment = RoleAssignment(
        id=new_id(),
        community_id=community_id,
        person_id=person_id,
        role=role.value,
        starts_at=because.at,
        ends_at=until,
        assigned_by=because.actor_id,
    )
    session.add(assignment)
    record(
        session,
        "role.assigned",
        Reference("person", person_id),
        at=because.at,
        actor_id=because.actor_id,
        via=because.via,
        site_id=site_id,
        community_id=community_id,
        facts={"role": role.value, "until": until.isoformat() if until else None},
    )
    return assignment.id


def _move(
    session: Session,
    site_id: UUID,
    community_id: UUID,
    person_ids: Sequence[UUID],
    because: Because,
    *,
    to: str,
    which: ColumnElement[bool],
) -> int:
    moved = session.execute(
        update(Membership)
        .where(Membership.community_id == community_id, Membership.person_id.in_(person_ids), which)
        .values(
            state=to,
            left_at=because.at if to == "left" else None,
            paused_at=because.at if to == "paused" else None,
            reason=because.reason,
        )
        .returning(Membership.id, Membership.person_id)
    ).all()
    verb = {"left": "membership.ended", "paused": "membership.paused"}[to]
    _tell(session, verb, site_id, community_id, [(row.id, row.person_id) for row in moved], because)
    return len(moved)


def _tell(
    session: Session,
    verb: str,
    site_id: UUID,
    community_id: UUID,
    changed: Iterable[tuple[UUID, UUID]],
    because: Because,
) -> None:
    """One event a membership, written as one statement: a first sync changes thousands."""
    events = [
        {
            "id": new_id(),
            "at": because.at,
            "site_id": site_id,
            "community_id": community_id,
            "actor_id": because.actor_id,
            "via": because.via,
            "verb": verb,
            "thing_kind": "membership",
            "thing_id": membership_id,
            "facts": {"person_id": str(person_id), "reason": because.reason},
        }
        for membership_id, person_id in changed
    ]
    if events:
        session.execute(insert(table_of(Event)), events)
