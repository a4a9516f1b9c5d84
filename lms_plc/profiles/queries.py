"""Who is somebody to their colleagues? Each function is one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, func, select

from lms_plc.communities.models import Community
from lms_plc.communities.together import communities_of, share_a_community
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.things import Thing, shows
from lms_plc.people.blocks import has_blocked
from lms_plc.people.connections import are_connected
from lms_plc.people.models import Block, Person, PersonSchool, Profile, School
from lms_plc.web.i18n import N_

SCHOOLS_OFFERED = 100
BLOCKED_SHOWN = 100
COMMUNITIES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """Somebody, and what they say of themselves. ``registered_post`` is what a register says, ``own_post`` what they
    say; ``blocked``: the one who looks blocked them."""

    id: UUID
    name: str
    registered_post: str | None
    own_post: str | None
    about: str
    about_html: str
    about_renderer: int
    may_be_found: bool
    blocked: bool
    roles: frozenset[Role]

    @property
    def post_type(self) -> str | None:
        return self.own_post or self.registered_post


@loads("person", known_by="profile.read")
def load_person(connection: Connection, actor: Actor, person_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            Person.id,
            Person.display_name,
            Person.post_type,
            Profile.post_type,
            func.coalesce(Profile.about, ""),
            func.coalesce(Profile.about_html, ""),
            func.coalesce(Profile.about_renderer, 0),
            func.coalesce(Profile.may_be_found, False),
            has_blocked(actor.person_id, Person.id),
            share_a_community(actor.person_id, Person.id, actor.at),
            are_connected(actor.person_id, Person.id),
        )
        .outerjoin(Profile, Profile.person_id == Person.id)
        .where(Person.id == person_id)
    ).one_or_none()
    if row is None:
        return None
    *values, together, connected = row
    if person_id == actor.person_id:
        roles = frozenset({Role.AUTHOR})
    else:
        roles = frozenset({Role.READER} if together or connected else ())
    return Loaded(PersonSeen(*(*values, roles)), roles)


@loads("block", known_by="block.undo")
def load_block(connection: Connection, actor: Actor, blocked_id: UUID) -> Loaded | None:
    """By whom is blocked: it can be undone also when one sees no more of them than that."""
    mine = exists().where(Block.person_id == actor.person_id, Block.blocked_id == blocked_id)
    if not connection.execute(select(mine)).scalar_one():
        return None
    return Loaded(blocked_id, frozenset({Role.AUTHOR}))


def communities_together(connection: Connection, actor: Actor, person_id: UUID) -> list[tuple[UUID, str]]:
    """The communities both are inside of now."""
    rows = connection.execute(
        select(Community.id, Community.name)
        .where(
            Community.id.in_(communities_of(actor.person_id, actor.at)),
            Community.id.in_(communities_of(person_id, actor.at)),
        )
        .order_by(Community.id.desc())
        .limit(COMMUNITIES_SHOWN)
    )
    return [(community_id, name) for community_id, name in rows]


def schools_named(connection: Connection, site_id: UUID) -> list[str]:
    """Schools of the platform that somebody is at, to choose from while one types."""
    somebody = exists().where(PersonSchool.school_id == School.id)
    query = (
        select(School.name).where(School.site_id == site_id, somebody).order_by(School.folded).limit(SCHOOLS_OFFERED)
    )
    return list(connection.execute(query).scalars())


def blocked(connection: Connection, actor: Actor) -> list[tuple[UUID, str]]:
    """Whom this person blocked: themselves alone ever see it."""
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .join(Block, Block.blocked_id == Person.id)
        .where(Block.person_id == actor.person_id)
        .order_by(Block.at.desc(), Person.id)
        .limit(BLOCKED_SHOWN)
    )
    return [(person_id, name) for person_id, name in rows]


@shows("person", N_("Person"))
def show_people(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Thing]:
    rows = connection.execute(
        select(Person.id, Person.display_name, Person.created_at).where(
            Person.id.in_(ids),
            share_a_community(actor.person_id, Person.id, actor.at) | are_connected(actor.person_id, Person.id),
        )
    )
    return {
        row.id: Thing(
            reference=Reference("person", row.id),
            title=row.display_name,
            excerpt="",
            author_id=row.id,
            author=row.display_name,
            community_id=None,
            at=row.created_at,
            endpoint="profiles.profile",
            values={"person_id": row.id},
        )
        for row in rows
    }
