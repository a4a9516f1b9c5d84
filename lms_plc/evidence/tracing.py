"""What hangs together with a thing: the thoughts, changes, evidence and outcomes it led to, and what led to it.

A walk over the links in both directions, and over where each thing was begun. It goes on from thoughts, changes and
projects; a meeting or a class's results are reached and not left again, or everything a community ever did would hang
together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Connection, String, Uuid, and_, cast, literal, null, or_, select, true, union_all

from lms_plc.communities.audiences import Audience
from lms_plc.core.activity import Reference
from lms_plc.core.database import dialect_of
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.models import EvidenceLink, KnowledgeNode

MOST = 500
CAME_FROM = "came_from"
"""Beside the types of links: it was begun there."""

GOES_ON = (NODE, "practice_change", "inquiry", "action_item", "journal_entry", "journal_part", "decision")
NO_PLACE = ("community", "protocol_run", "run_note")
"""Where much was said that has nothing to do with each other, and what has no page of its own."""

_KIND = String(30)


@dataclass(frozen=True, slots=True)
class Edge:
    from_: Reference
    type: str
    to: Reference


@dataclass(frozen=True, slots=True)
class Traced:
    """``things`` in the order they were reached, nearest first. ``kinds`` says of which sort thoughts are, ``private``
    which of them are for their authors alone or sealed; ``is_cut``: there is more than is shown."""

    things: Sequence[Reference]
    edges: Sequence[Edge]
    kinds: Mapping[Reference, str] = field(default_factory=dict)
    private: frozenset[Reference] = frozenset()
    is_cut: bool = False


_begun: dict[str, tuple[Any, Any, Any]] = {}


def begins_somewhere(kind: str, id_: Any, origin_kind: Any, origin_id: Any) -> None:
    """Registers the columns in which a room keeps where its things were begun."""
    _begun[kind] = (id_, origin_kind, origin_id)


begins_somewhere(NODE, KnowledgeNode.id, KnowledgeNode.origin_kind, KnowledgeNode.origin_id)


def trace(connection: Connection, start: Reference) -> Traced:
    """In two statements, however much there is."""
    rows = connection.execute(_walk(start, dialect_of(connection))).all()
    things = [Reference(row.kind, row.id) for row in rows[:MOST]]
    reached = set(things)
    edges: dict[Edge, None] = {}
    kinds: dict[Reference, str] = {}
    private: set[Reference] = set()
    for row in connection.execute(_between(things)):
        one, other = Reference(row.from_kind, row.from_id), Reference(row.to_kind, row.to_id)
        if row.type == CAME_FROM and row.node_kind is not None:
            kinds[other] = row.node_kind
            if row.sealed or row.audience == Audience.ONLY_ME.value:
                private.add(other)
        if one in reached and other in reached and one != other:
            edges[Edge(one, row.type, other)] = None
    said = {frozenset((edge.from_, edge.to)) for edge in edges if edge.type != CAME_FROM}
    kept = [one for one in edges if one.type != CAME_FROM or frozenset((one.from_, one.to)) not in said]
    return Traced(things, kept, kinds, frozenset(private), len(rows) > MOST)


def without(traced: Traced, start: Reference, unknown: Collection[Reference]) -> Traced:
    """Without things of which the one who looks must not even know that they are there, and without what hangs together
    with the start by them alone."""
    if not unknown:
        return traced
    near: dict[Reference, list[Reference]] = {}
    for edge in traced.edges:
        near.setdefault(edge.from_, []).append(edge.to)
        near.setdefault(edge.to, []).append(edge.from_)
    reached, ahead = {start}, [start]
    while ahead:
        fresh = [one for one in near.get(ahead.pop(), ()) if one not in reached and one not in unknown]
        reached.update(fresh)
        ahead += fresh
    return replace(
        traced,
        things=[one for one in traced.things if one in reached],
        edges=[edge for edge in traced.edges if edge.from_ in reached and edge.to in reached],
    )


def _walk(start: Reference, dialect: str) -> Any:
    reached = select(
        cast(literal(start.kind), _KIND).label("kind"), cast(literal(start.id, Uuid()), Uuid()).label("id")
    ).cte("reached", recursive=True)
    onwards = or_(reached.c.kind.in_(GOES_ON), and_(reached.c.kind == start.kind, reached.c.id == start.id))
    links = EvidenceLink
    steps = [
        select(links.to_kind.label("kind"), links.to_id.label("id")).where(
            links.from_kind == reached.c.kind, links.from_id == reached.c.id
        ),
        select(links.from_kind, links.from_id).where(links.to_kind == reached.c.kind, links.to_id == reached.c.id),
    ]
    for kind, (id_, origin_kind, origin_id) in _begun.items():
        steps.append(
            select(origin_kind, origin_id).where(
                reached.c.kind == kind, id_ == reached.c.id, origin_kind.is_not(None), origin_kind.not_in(NO_PLACE)
            )
        )
        steps.append(
            select(cast(literal(kind), _KIND), id_).where(
                origin_kind == reached.c.kind, origin_id == reached.c.id, origin_kind.not_in(NO_PLACE)
            )
        )
    if dialect == "sqlite":
        walked = reached.union(*(step.where(onwards) for step in steps))
    else:  # PostgreSQL reads what was reached once in each round
        around = union_all(*(step.correlate(reached) for step in steps)).lateral("around")
        walked = reached.union(
            select(around.c.kind, around.c.id).select_from(reached.join(around, true())).where(onwards)
        )
    return select(walked.c.kind, walked.c.id).limit(MOST + 1)


def _between(things: Sequence[Reference]) -> Any:
    """The links that start at these things, and where those things were begun."""
    by_kind: dict[str, list[UUID]] = {}
    for one in things:
        by_kind.setdefault(one.kind, []).append(one.id)
    links = EvidenceLink
    starts = [and_(links.from_kind == kind, links.from_id.in_(ids)) for kind, ids in by_kind.items()]
    selects = [
        select(
            links.from_kind,
            links.from_id,
            links.type,
            links.to_kind,
            links.to_id,
            cast(null(), _KIND).label("node_kind"),
            cast(null(), _KIND).label("audience"),
            cast(null(), Boolean()).label("sealed"),
        ).where(or_(*starts))
    ]
    for kind, (id_, origin_kind, origin_id) in _begun.items():
        if kind in by_kind:
            is_node = kind == NODE
            selects.append(
                select(
                    origin_kind.label("from_kind"),
                    origin_id.label("from_id"),
                    literal(CAME_FROM).label("type"),
                    cast(literal(kind), _KIND).label("to_kind"),
                    id_.label("to_id"),
                    KnowledgeNode.kind if is_node else cast(null(), _KIND),
                    KnowledgeNode.audience if is_node else cast(null(), _KIND),
                    KnowledgeNode.sealed if is_node else cast(null(), Boolean()),
                ).where(id_.in_(by_kind[kind]))
            )
    return union_all(*selects)
