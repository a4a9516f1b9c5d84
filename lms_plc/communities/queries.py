"""What can be seen of a community: itself, who is in it, and which ones are mine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, case, exists, func, select, union
from sqlalchemy.orm import aliased

from lms_plc.communities.lines import HERE, line
from lms_plc.communities.models import Community, Membership, RoleAssignment
from lms_plc.communities.standing import in_force, is_led, read_roles, roles_of
from lms_plc.core.activity import Event
from lms_plc.core.database import Prepared, fetch, one_of
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.people.models import Identity, Person

LOOKED_THROUGH = 500
MENTIONABLE = 400
"""Names looked through for an @; the largest communities mention by their first four hundred."""


@dataclass(frozen=True, slots=True)
class CommunitySeen:
    """A community as a member sees it. ``led``: it has a facilitator now. ``roles`` are the actor's own, and so is what
    their ``Membership`` says (None for a mentor who is no member)."""

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
    joined_at: datetime | None
    settled_at: datetime | None
    seen_at: datetime | None
    seen_before: datetime | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Mine:
    """One of my communities in a list. ``mentor_until`` is the last day of a mentor's role, ``has_news``: somebody else
    did something since I last looked at its first page."""

    id: UUID
    name: str
    members: int
    mentors: bool = False
    mentor_until: datetime | None = None
    has_news: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """A community or a person somebody means by a name or an id."""

    id: UUID
    site_id: UUID
    name: str


def _community() -> Select[Any]:
    """The columns of ``CommunitySeen`` but for the roles, then the two they are read from."""
    me, here, at = HERE.person_id, HERE.community_id, HERE.at
    original = Community.__table__.alias("original")
    own, there = aliased(Membership), aliased(Membership)
    knows_original = exists().where(there.community_id == Community.twin_of_id, there.person_id == me)
    return (
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
            is_led(Community.id, at).label("led"),
            own.joined_at,
            own.settled_at,
            own.seen_at,
            own.seen_before,
            *roles_of(me, Community.id, at),
        )
        .outerjoin(original, original.c.id == Community.twin_of_id)
        .outerjoin(own, and_(own.community_id == Community.id, own.person_id == me))
        .where(Community.id == here)
    )


_COMMUNITY = Prepared(lambda _: _community())


@loads("community", known_by="community.read")
def load_community(connection: Connection, actor: Actor, community_id: UUID) -> Loaded | None:
    found = fetch(connection, _COMMUNITY, {"me": actor.person_id, "here": community_id, "at": actor.at})
    if not found:
        return None
    *values, membership_state, assigned_roles = found[0]
    roles = read_roles(membership_state, assigned_roles)
    return Loaded(CommunitySeen(*(*values, roles)), roles)


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


def people_on_home(size: int) -> dict[str, Select[Any]]:
    """As lines of a first page: some members (``kind`` is the state), how many there are, and who leads (``kind`` is
    the role, ``at`` its last day)."""
    here = Membership.community_id == HERE.community_id
    return {
        "members": select(*line(id=Membership.person_id, name=Person.display_name, kind=Membership.state))
        .join(Person, Person.id == Membership.person_id)
        .where(here, one_of(Membership.state, ("active", "paused")))
        .order_by(Membership.id)
        .limit(size),
        "count": select(*line(number=func.count())).where(here, Membership.state == "active"),
        "leaders": select(
            *line(
                id=RoleAssignment.person_id,
                name=Person.display_name,
                kind=RoleAssignment.role,
                at=RoleAssignment.ends_at,
            )
        )
        .join(Person, Person.id == RoleAssignment.person_id)
        .where(RoleAssignment.community_id == HERE.community_id, in_force(HERE.at))
        .order_by(RoleAssignment.id)
        .limit(50),
    }


def news_on_home(verbs: Iterable[str]) -> Select[Any]:
    """How often each of these happened without the actor since their last visit, among the last five hundred things,
    as lines."""
    lately = (
        select(Event.verb)
        .where(
            Event.community_id == HERE.community_id,
            Event.id >= HERE.since,
            one_of(Event.verb, verbs),
            Event.actor_id.is_distinct_from(HERE.person_id),
        )
        .order_by(Event.id.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    return select(*line(kind=lately.c.verb, number=func.count())).group_by(lately.c.verb)


def count_members(connection: Connection, community_id: UUID) -> int:
    return connection.execute(
        select(func.count()).where(Membership.community_id == community_id, Membership.state == "active")
    ).scalar_one()


def members_by_name(connection: Connection, community_id: UUID, size: int) -> list[tuple[UUID, str]]:
    """Active members, for choosing one of them."""
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.community_id == community_id, Membership.state == "active")
        .order_by(Person.display_name, Person.id)
        .limit(size)
    )
    return [(row.id, row.display_name) for row in rows]


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
    given = (
        select(RoleAssignment.ends_at)
        .where(
            RoleAssignment.community_id == Community.id,
            RoleAssignment.person_id == actor.person_id,
            RoleAssignment.role == Role.MENTOR.value,
            in_force(actor.at),
        )
        .limit(1)
    )
    last = (
        select(Event.at)
        .where(Event.community_id == Community.id, Event.actor_id != actor.person_id)
        .order_by(Event.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    own = aliased(Membership)
    query = (
        select(
            Community.id,
            Community.name,
            count,
            given.exists(),
            given.scalar_subquery(),
            case((last > func.coalesce(own.seen_at, own.joined_at), True), else_=False),
        )
        .outerjoin(own, and_(own.community_id == Community.id, own.person_id == actor.person_id))
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
