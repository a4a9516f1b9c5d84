"""What can be seen of a community: itself, who is in it, and which ones are mine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, case, exists, func, select, union

from lms_plc.communities.models import Community, Membership, RoleAssignment
from lms_plc.communities.standing import in_force, is_led, read_roles, roles_of
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.people.models import Identity, Person

MEMBERS_A_PAGE = 50
MENTIONABLE = 400
"""Names looked through for an @; the largest communities mention by their first four hundred."""


@dataclass(frozen=True, slots=True)
class CommunitySeen:
    """A community as a member sees it; ``roles`` are the actor's own. ``led``: it has a facilitator now."""

    id: UUID
    site_id: UUID
    name: str
    charter: str | None
    charter_html: str | None
    charter_renderer: int
    charter_version: int
    charter_changed_at: datetime | None
    twin_of_name: str | None
    created_at: datetime
    led: bool
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """Somebody in a community. ``launched`` tells whether they ever came here themselves."""

    membership_id: UUID
    person_id: UUID
    name: str
    state: str
    launched: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """One of my communities in a list."""

    id: UUID
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Called:
    """A community or a person somebody means by a name or an id."""

    id: UUID
    site_id: UUID
    name: str


@loads("community", known_by="community.read")
def load_community(connection: Connection, actor: Actor, community_id: UUID) -> Loaded | None:
    original = Community.__table__.alias("original")
    knows_original = exists().where(
        Membership.community_id == Community.twin_of_id, Membership.person_id == actor.person_id
    )
    row: Any = connection.execute(
        select(
            Community.id,
            Community.site_id,
            Community.name,
            Community.charter,
            Community.charter_html,
            Community.charter_renderer,
            Community.charter_version,
            Community.charter_changed_at,
            case((knows_original, original.c.name)).label("twin_of_name"),
            Community.created_at,
            is_led(Community.id, actor.at),
            *roles_of(actor.person_id, Community.id, actor.at),
        )
        .outerjoin(original, original.c.id == Community.twin_of_id)
        .where(Community.id == community_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = read_roles(membership_state, assigned_roles)
    return Loaded(CommunitySeen(*(*values, roles)), roles)


def members(
    connection: Connection, community_id: UUID, *, after: UUID | None = None, size: int = MEMBERS_A_PAGE
) -> Page[MemberSeen]:
    """Who is here, in the order they joined."""
    launched = exists().where(Identity.person_id == Membership.person_id, Identity.first_launched_at.is_not(None))
    query = (
        select(Membership.id, Membership.person_id, Person.display_name, Membership.state, launched)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.community_id == community_id, Membership.state.in_(("active", "paused")))
        .order_by(Membership.id)
        .limit(size + 1)
    )
    if after is not None:
        query = query.where(Membership.id > after)
    rows = [MemberSeen(*row) for row in connection.execute(query)]
    return cut(rows, size, lambda member: member.membership_id)


def leaders(connection: Connection, community_id: UUID, at: datetime) -> Mapping[UUID, tuple[str, str]]:
    """Who holds a dated role now: person → (name, roles joined by spaces). A mentor need not be a member."""
    rows = connection.execute(
        select(RoleAssignment.person_id, Person.display_name, RoleAssignment.role)
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(RoleAssignment.community_id == community_id, in_force(at))
        .order_by(RoleAssignment.id)
        .limit(50)
    )
    found: dict[UUID, tuple[str, str]] = {}
    for person_id, name, role in rows:
        _, roles = found.get(person_id, (name, ""))
        found[person_id] = (name, f"{roles} {role}".strip())
    return found


def count_members(connection: Connection, community_id: UUID) -> int:
    return connection.execute(
        select(func.count()).where(Membership.community_id == community_id, Membership.state == "active")
    ).scalar_one()


def mentionable(connection: Connection, community_id: UUID) -> dict[str, UUID]:
    """Display names of active members, for finding mentions; two of one name cannot be told apart and are left out."""
    rows = connection.execute(
        select(Person.display_name, Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.community_id == community_id, Membership.state == "active")
        .order_by(Membership.id)
        .limit(MENTIONABLE)
    ).all()
    by_name: dict[str, UUID | None] = {}
    for name, person_id in rows:
        by_name[name] = None if name in by_name else person_id
    return {name: person_id for name, person_id in by_name.items() if person_id}


def mine(connection: Connection, actor: Actor, *, after: UUID | None = None, size: int = 30) -> Page[Mine]:
    """The communities this person is in, as a member or by a mentor's role, newest first."""
    member = select(Membership.community_id).where(
        Membership.person_id == actor.person_id, Membership.state == "active"
    )
    rests = exists().where(
        Membership.community_id == RoleAssignment.community_id,
        Membership.person_id == actor.person_id,
        Membership.state != "active",
    )
    mentor = select(RoleAssignment.community_id).where(
        RoleAssignment.person_id == actor.person_id,
        RoleAssignment.role == Role.MENTOR.value,
        in_force(actor.at),
        ~rests,
    )
    count = (
        select(func.count())
        .where(Membership.community_id == Community.id, Membership.state == "active")
        .scalar_subquery()
    )
    query = (
        select(Community.id, Community.name, count)
        .where(Community.id.in_(union(member, mentor)))
        .order_by(Community.id.desc())
        .limit(size + 1)
    )
    if after is not None:
        query = query.where(Community.id < after)
    return cut([Mine(*row) for row in connection.execute(query)], size, lambda found: found.id)


def everywhere(connection: Connection, size: int = 5000) -> list[Mine]:
    """Every community of the installation, for who runs it: names and numbers."""
    count = (
        select(func.count())
        .where(Membership.community_id == Community.id, Membership.state == "active")
        .scalar_subquery()
    )
    query = select(Community.id, Community.name, count).order_by(Community.name, Community.id).limit(size)
    return [Mine(*row) for row in connection.execute(query)]


def communities_called(connection: Connection, asked: str) -> list[Called]:
    which = Community.id == _as_id(asked) if _as_id(asked) else Community.name == asked
    rows = connection.execute(select(Community.id, Community.site_id, Community.name).where(which).limit(5))
    return [Called(*row) for row in rows]


def persons_called(connection: Connection, site_id: UUID, asked: str) -> list[Called]:
    """By the number their LMS has for them, by our id, or by name."""
    known = (
        select(Person.id, Identity.site_id, Person.display_name)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.site_id == site_id)
        .limit(5)
    )
    ways = [Identity.subject == asked, Person.display_name == asked]
    if by_id := _as_id(asked):
        ways.insert(0, Person.id == by_id)
    for way in ways:
        if found := connection.execute(known.where(way)).all():
            return [Called(*row) for row in found]
    return []


def _as_id(asked: str) -> UUID | None:
    try:
        return UUID(asked)
    except ValueError:
        return None
