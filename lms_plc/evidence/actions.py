"""What can be done with thoughts: keep one, and say what it led to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.text import excerpt
from lms_plc.core.things import Keeper, keeps
from lms_plc.evidence.kinds import KINDS, NODE, may_link
from lms_plc.evidence.models import EvidenceLink, KnowledgeNode

FOUND_AT_ONCE = 200


class NoSuchLink(ValueError):
    """A link of this type between these kinds says nothing."""


def keep_node(
    session: Session,
    actor: Actor,
    *,
    community_id: UUID,
    site_id: UUID,
    kind: str,
    text: str,
    author_id: UUID,
    origin: Reference,
    form_key: str,
    audience: str = Audience.COMMUNITY.value,
) -> UUID:
    """Keeps a thought of ``author_id``, and where it was said. The same form sent twice is one thought. Raises
    KeyError for a kind that is none, ValueError for such an audience."""
    KINDS[kind]
    node_id = new_id()
    stored = session.execute(
        upsert(session, KnowledgeNode)
        .values(
            id=node_id,
            community_id=community_id,
            kind=kind,
            text=text,
            author_id=author_id,
            audience=Audience(audience).value,
            origin_kind=origin.kind,
            origin_id=origin.id,
            form_key=form_key,
            created_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["author_id", "form_key"])
        .returning(KnowledgeNode.id)
    ).one_or_none()
    if stored is None:
        return session.execute(
            select(KnowledgeNode.id).where(KnowledgeNode.author_id == author_id, KnowledgeNode.form_key == form_key)
        ).scalar_one()
    record(
        session,
        "knowledge_node.kept",
        Reference(NODE, node_id),
        at=actor.at,
        actor_id=actor.person_id,
        site_id=site_id,
        community_id=community_id,
        facts={"kind": kind, "origin_kind": origin.kind, "origin_id": str(origin.id)},
    )
    _find(session, node_id)
    return node_id


def link(session: Session, actor: Actor, from_: Reference, type: str, to: Reference) -> bool:  # noqa: A002
    """Says that one thing led to another; False when that was known. Raises NoSuchLink where it says nothing, or a
    thought is not there."""
    nodes = _nodes(session, [one.id for one in (from_, to) if one.kind == NODE])
    named = [nodes[one.id].kind if one.id in nodes else "" if one.kind == NODE else one.kind for one in (from_, to)]
    if from_ == to or not all(named) or not may_link(named[0], type, named[1]):
        raise NoSuchLink(f"{named[0]} {type} {named[1]}")
    linked = session.execute(
        upsert(session, EvidenceLink)
        .values(
            from_kind=from_.kind,
            from_id=from_.id,
            type=type,
            to_kind=to.kind,
            to_id=to.id,
            linked_by_id=actor.person_id,
            at=actor.at,
        )
        .on_conflict_do_nothing()
        .returning(EvidenceLink.from_id)
    ).one_or_none()
    if linked is not None:
        facts = {"type": type, "to_kind": to.kind, "to_id": str(to.id)}
        record(
            session,
            "evidence.linked",
            from_,
            at=actor.at,
            actor_id=actor.person_id,
            site_id=actor.site_id,
            community_id=next((row.community_id for row in nodes.values()), None),
            facts=facts,
        )
    return linked is not None


def _nodes(session: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    columns = (KnowledgeNode.id, KnowledgeNode.kind, KnowledgeNode.community_id)
    return {row.id: row for row in session.execute(select(*columns).where(KnowledgeNode.id.in_(ids)))}


def _hide(session: Session, node_id: UUID, at: datetime) -> None:
    hidden = KnowledgeNode.hidden_at.is_(None)
    session.execute(update(KnowledgeNode).where(KnowledgeNode.id == node_id, hidden).values(hidden_at=at))
    search.forget(session, Reference(NODE, node_id))


def _restore(session: Session, node_id: UUID, at: datetime) -> None:
    session.execute(update(KnowledgeNode).where(KnowledgeNode.id == node_id).values(hidden_at=None))
    _find(session, node_id)


def _remove(session: Session, node_id: UUID, at: datetime) -> None:
    starts = and_(EvidenceLink.from_kind == NODE, EvidenceLink.from_id == node_id)
    ends = and_(EvidenceLink.to_kind == NODE, EvidenceLink.to_id == node_id)
    session.execute(delete(EvidenceLink).where(or_(starts, ends)))
    session.execute(delete(KnowledgeNode).where(KnowledgeNode.id == node_id))
    search.forget(session, Reference(NODE, node_id))


def _words(connection: Connection, node_id: UUID) -> str | None:
    return connection.execute(select(KnowledgeNode.text).where(KnowledgeNode.id == node_id)).scalar_one_or_none()


keeps(NODE, Keeper(_hide, _restore, _remove, _words))


@search.reindexes(NODE)
def nodes_to_find(connection: Connection, after: UUID | None) -> Sequence[search.Entry]:
    some = _findable().order_by(KnowledgeNode.id).limit(FOUND_AT_ONCE)
    return [_entry(row) for row in connection.execute(some if after is None else some.where(KnowledgeNode.id > after))]


def _find(session: Session, node_id: UUID) -> None:
    for row in session.execute(_findable().where(KnowledgeNode.id == node_id)):
        search.put(session, _entry(row))


def _findable() -> Any:
    return (
        select(
            KnowledgeNode.id,
            Community.site_id,
            KnowledgeNode.community_id,
            KnowledgeNode.author_id,
            KnowledgeNode.audience,
            KnowledgeNode.text,
            KnowledgeNode.created_at,
        )
        .join(Community, Community.id == KnowledgeNode.community_id)
        .where(KnowledgeNode.hidden_at.is_(None))
    )


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference(NODE, row.id),
        row.site_id,
        row.community_id,
        row.author_id,
        row.audience,
        excerpt(row.text, 80),
        row.text,
        row.created_at,
    )
