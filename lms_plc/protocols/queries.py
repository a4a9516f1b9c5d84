"""Which protocols are there for a community: those that are shipped, and its own copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from lms_plc.communities.models import Community
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.people.models import Person
from lms_plc.protocols.content import Content, shipped
from lms_plc.protocols.models import Protocol, ProtocolVersion
from lms_plc.protocols.wording import said
from lms_plc.web.i18n import N_

KIND = "protocol"
MOST_COPIES = 200
VERSIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ProtocolSeen:
    """A protocol a community can talk by. ``key`` is a shipped protocol's id, or that of the community's own copy."""

    key: str
    version: int
    content: Content
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class ProtocolListed:
    """One to choose from; ``name`` and ``purpose`` are in the language of the page, ``use_when`` as it is written."""

    key: str
    name: str
    family: str
    minutes: int
    smallest: int
    largest: int
    starter: bool
    is_own: bool
    use_when: tuple[str, ...] = ()
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class CopyListed:
    id: UUID
    content: Content
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class CopySeen:
    """A community's own copy, for an actor. ``origin`` is a shipped protocol's id, or that of another community's copy;
    ``origin_content`` is what it said in ``origin_version``."""

    id: UUID
    community_id: UUID
    community: str
    site_id: UUID
    origin: str
    origin_version: int
    origin_content: Content
    content: Content
    version: int
    retired_at: datetime | None
    adapted_by: str
    created_at: datetime
    changed_at: datetime
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """How a copy read until it was changed at ``at``."""

    version: int
    content: Content
    at: datetime


def protocol_for(connection: Connection, community_id: UUID, key: str) -> ProtocolSeen | None:
    """The protocol of this key, if the community has it; also a copy that is out of use, as meetings may still be
    planned with it. A shipped one asks the database nothing."""
    if key in shipped():
        one = shipped()[key]
        return ProtocolSeen(key, one.version, one.content)
    copy_id = as_copy(key)
    if copy_id is None:
        return None
    row = connection.execute(
        select(Protocol.version, Protocol.content).where(Protocol.id == copy_id, Protocol.community_id == community_id)
    ).one_or_none()
    return ProtocolSeen(str(copy_id), row.version, Content.model_validate(row.content), is_own=True) if row else None


def as_copy(key: str) -> UUID | None:
    """The id of a copy, if this may be one."""
    try:
        return UUID(key)
    except ValueError:
        return None


def choices(connection: Connection, community_id: UUID) -> list[ProtocolListed]:
    """What a community can choose from: its own copies in use, then what is shipped, in the order of the file."""
    return offered(copies(connection, community_id))


def offered(own: Sequence[CopyListed]) -> list[ProtocolListed]:
    in_use = [one for one in own if one.retired_at is None]
    return [
        *(_listed(str(one.id), one.content, starter=True, is_own=True) for one in in_use),
        *(_listed(one.id, one.content, starter=one.starter, is_own=False) for one in shipped().values()),
    ]


def copies(connection: Connection, community_id: UUID) -> list[CopyListed]:
    """A community's own copies, also those out of use, the oldest first."""
    rows = connection.execute(
        select(Protocol.id, Protocol.content, Protocol.retired_at)
        .where(Protocol.community_id == community_id)
        .order_by(Protocol.id)
        .limit(MOST_COPIES)
    )
    return [CopyListed(row.id, Content.model_validate(row.content), row.retired_at) for row in rows]


@loads(KIND, known_by="community.read")
def load_copy(connection: Connection, actor: Actor, protocol_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            *(Protocol.id, Protocol.community_id, Community.name.label("community"), Community.site_id),
            *(Protocol.origin, Protocol.origin_version, Protocol.origin_content, Protocol.content, Protocol.version),
            *(Protocol.retired_at, Person.display_name, Protocol.created_at, Protocol.changed_at),
            *roles_of(actor.person_id, Protocol.community_id, actor.at),
        )
        .join(Community, Community.id == Protocol.community_id)
        .join(Person, Person.id == Protocol.adapted_by_id)
        .where(Protocol.id == protocol_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = read_roles(membership_state, assigned_roles)
    values[6:8] = [Content.model_validate(one) for one in values[6:8]]
    return Loaded(CopySeen(*(*values, roles)), roles)


def versions(connection: Connection, protocol_id: UUID, size: int = VERSIONS_SHOWN) -> list[VersionSeen]:
    """How a copy read before, the latest first."""
    rows = connection.execute(
        select(ProtocolVersion.version, ProtocolVersion.content, ProtocolVersion.at)
        .where(ProtocolVersion.protocol_id == protocol_id)
        .order_by(ProtocolVersion.version.desc())
        .limit(size)
    )
    return [VersionSeen(row.version, Content.model_validate(row.content), row.at) for row in rows]


@shows(KIND, N_("Conversation protocol"))
def show_copies(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(
            *(Protocol.id, Protocol.community_id, Protocol.content, Protocol.adapted_by_id, Person.display_name),
            Protocol.created_at,
        )
        .join(Person, Person.id == Protocol.adapted_by_id)
        .where(Protocol.id.in_(ids), is_inside(actor.person_id, Protocol.community_id, actor.at))
    )
    return {row.id: _thing(*row) for row in rows}


def _thing(
    copy_id: UUID, community_id: UUID, content: dict[str, Any], author_id: UUID, author: str, at: datetime
) -> Thing:
    return Thing(
        Reference(KIND, copy_id),
        said(content["name"]),
        excerpt(said(content["purpose"])),
        author_id,
        author,
        community_id,
        at,
        "protocols.protocol",
        {"community_id": community_id, "key": str(copy_id)},
    )


def _listed(key: str, content: Content, *, starter: bool, is_own: bool) -> ProtocolListed:
    return ProtocolListed(
        key,
        said(content.name),
        content.family,
        content.total_minutes,
        content.group_size.min,
        content.group_size.max,
        starter,
        is_own,
        content.use_when,
        said(content.purpose),
    )
