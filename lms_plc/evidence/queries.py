"""What can be read of thoughts and of what led to what. Each function is one statement; each asks who may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from lms_plc.communities.audiences import Readable, may_read
from lms_plc.communities.models import Community
from lms_plc.communities.standing import is_leading, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.models import EvidenceLink, KnowledgeNode
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

NODES_A_PAGE = 20
OF_ONE_ORIGIN = 100
LINKS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """A thought, as somebody in its audience sees it."""

    id: UUID
    community_id: UUID
    site_id: UUID
    kind: str
    text: str
    author_id: UUID
    author: str
    audience: str
    origin: Reference
    created_at: datetime
    hidden_at: datetime | None
    roles: frozenset[Role] = frozenset()

    @property
    def reference(self) -> Reference:
        return Reference(NODE, self.id)


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """``forwards``: it goes from the thing asked for to ``other``."""

    type: str
    other: Reference
    forwards: bool


_READABLE = Readable(
    NODE, KnowledgeNode.id, KnowledgeNode.audience, KnowledgeNode.author_id, KnowledgeNode.community_id
)


def _nodes(*more: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (
        KnowledgeNode.id,
        KnowledgeNode.community_id,
        Community.site_id,
        KnowledgeNode.kind,
        KnowledgeNode.text,
        KnowledgeNode.author_id,
        Person.display_name,
        KnowledgeNode.audience,
        KnowledgeNode.origin_kind,
        KnowledgeNode.origin_id,
        KnowledgeNode.created_at,
        KnowledgeNode.hidden_at,
    )
    return (
        select(*columns, *more)
        .join(Community, Community.id == KnowledgeNode.community_id)
        .join(Person, Person.id == KnowledgeNode.author_id)
    )


def _node(row: Any, roles: frozenset[Role] = frozenset()) -> NodeSeen:
    return NodeSeen(
        id=row.id,
        community_id=row.community_id,
        site_id=row.site_id,
        kind=row.kind,
        text=row.text,
        author_id=row.author_id,
        author=row.display_name,
        audience=row.audience,
        origin=Reference(row.origin_kind, row.origin_id),
        created_at=row.created_at,
        hidden_at=row.hidden_at,
        roles=roles,
    )


def _stands_for(actor: Actor) -> ColumnElement[bool]:
    """Not hidden; hidden ones stay their author's, and that of who leads the community and could read them."""
    return or_(
        KnowledgeNode.hidden_at.is_(None),
        KnowledgeNode.author_id == actor.person_id,
        is_leading(actor.person_id, KnowledgeNode.community_id, actor.at),
    )


@loads(NODE, known_by="node.read")
def load_node(connection: Connection, actor: Actor, node_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        _nodes(*roles_of(actor.person_id, KnowledgeNode.community_id, actor.at)).where(
            KnowledgeNode.id == node_id, may_read(actor, _READABLE), _stands_for(actor)
        )
    ).one_or_none()
    if row is None:
        return None
    own = {Role.AUTHOR} if row.author_id == actor.person_id else set()
    roles = read_roles(row.membership_state, row.assigned_roles) | {Role.READER} | own
    return Loaded(_node(row, roles), roles)


def of_origin(connection: Connection, actor: Actor, origin: Reference) -> list[NodeSeen]:
    """What was thought there, in its order, as far as the actor may read it."""
    rows = connection.execute(
        _nodes()
        .where(
            KnowledgeNode.origin_kind == origin.kind,
            KnowledgeNode.origin_id == origin.id,
            KnowledgeNode.hidden_at.is_(None),
            may_read(actor, _READABLE),
        )
        .order_by(KnowledgeNode.id)
        .limit(OF_ONE_ORIGIN)
    )
    return [_node(row) for row in rows]


def nodes(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    kind: str = "",
    before: UUID | None = None,
    size: int = NODES_A_PAGE,
) -> Page[NodeSeen]:
    """A community's, the newest first."""
    query = (
        _nodes()
        .where(
            KnowledgeNode.community_id == community_id, KnowledgeNode.hidden_at.is_(None), may_read(actor, _READABLE)
        )
        .order_by(KnowledgeNode.id.desc())
        .limit(size + 1)
    )
    if kind:
        query = query.where(KnowledgeNode.kind == kind)
    if before is not None:
        query = query.where(KnowledgeNode.id < before)
    return cut([_node(row) for row in connection.execute(query)], size, lambda node: node.id)


def links_of(connection: Connection, thing: Reference) -> list[LinkSeen]:
    """What leads to a thing and what it leads to, whoever may read the other ends: ``core.things`` says that."""
    starts = and_(EvidenceLink.from_kind == thing.kind, EvidenceLink.from_id == thing.id)
    ends = and_(EvidenceLink.to_kind == thing.kind, EvidenceLink.to_id == thing.id)
    rows = connection.execute(
        select(EvidenceLink.__table__)
        .where(or_(starts, ends))
        .order_by(EvidenceLink.at, EvidenceLink.type)
        .limit(LINKS_SHOWN)
    )
    found = []
    for row in rows:
        forwards = Reference(row.from_kind, row.from_id) == thing
        other = Reference(row.to_kind, row.to_id) if forwards else Reference(row.from_kind, row.from_id)
        found.append(LinkSeen(row.type, other, forwards))
    return found


@shows(NODE, N_("Thought"))
def show_nodes(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(_nodes().where(KnowledgeNode.id.in_(ids), may_read(actor, _READABLE), _stands_for(actor)))
    return {
        node.id: Thing(
            reference=node.reference,
            title=excerpt(node.text, 80),
            excerpt=excerpt(node.text),
            author_id=node.author_id,
            author=node.author,
            community_id=node.community_id,
            at=node.created_at,
            endpoint="evidence.node",
            values={"node_id": node.id},
        )
        for node in map(_node, rows)
    }
