"""What can be done with protocols. Each verb checks nothing twice: the view loaded the thing through the policy."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.protocols.content import Content
from lms_plc.protocols.finding import make_findable
from lms_plc.protocols.models import Protocol, ProtocolVersion
from lms_plc.protocols.queries import KIND, CopySeen, ProtocolSeen


class ProtocolMovedOn(Exception):
    """Somebody else changed it meanwhile; nothing was overwritten."""


def adapt(
    session: Session, actor: Actor, community: CommunitySeen, origin: ProtocolSeen, content: Content, form_key: str
) -> UUID:
    """Makes the community's own copy of a protocol. The same form sent twice is one copy."""
    copy_id = new_id()
    stored = session.execute(
        upsert(session, Protocol)
        .values(
            id=copy_id,
            community_id=community.id,
            origin=origin.key,
            origin_version=origin.version,
            origin_content=_stored(origin.content),
            content=_stored(content),
            version=1,
            adapted_by_id=actor.person_id,
            form_key=form_key,
            created_at=actor.at,
            changed_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["adapted_by_id", "form_key"])
        .returning(Protocol.id)
    ).one_or_none()
    if stored is None:
        return session.execute(
            select(Protocol.id).where(Protocol.adapted_by_id == actor.person_id, Protocol.form_key == form_key)
        ).scalar_one()
    make_findable(session, copy_id)
    facts = {"origin": origin.key, "origin_version": origin.version, "minutes": content.total_minutes}
    _record(session, "protocol.adapted", actor, copy_id, community.site_id, community.id, facts)
    return copy_id


def change(session: Session, actor: Actor, copy: CopySeen, content: Content, based_on: int) -> None:
    """Changes a copy; how it read before is kept. Raises ProtocolMovedOn."""
    stands = session.execute(
        select(Protocol.version, Protocol.content).where(Protocol.id == copy.id).with_for_update()
    ).one()
    if stands.version != based_on:
        raise ProtocolMovedOn
    if stands.content == _stored(content):
        return
    session.execute(
        insert(ProtocolVersion).values(
            protocol_id=copy.id,
            version=stands.version,
            content=stands.content,
            changed_by_id=actor.person_id,
            at=actor.at,
        )
    )
    version = stands.version + 1
    session.execute(
        update(Protocol)
        .where(Protocol.id == copy.id)
        .values(content=_stored(content), version=version, changed_at=actor.at)
    )
    make_findable(session, copy.id)
    facts = {"version": version, "minutes": content.total_minutes}
    _record(session, "protocol.changed", actor, copy.id, copy.site_id, copy.community_id, facts)


def retire(session: Session, actor: Actor, copy: CopySeen) -> None:
    """Takes a copy out of use: it is offered no more, and stays readable where it was used. Twice is once."""
    gone = session.execute(
        update(Protocol)
        .where(Protocol.id == copy.id, Protocol.retired_at.is_(None))
        .values(retired_at=actor.at)
        .returning(Protocol.id)
    ).one_or_none()
    if gone is not None:
        make_findable(session, copy.id)
        _record(session, "protocol.retired", actor, copy.id, copy.site_id, copy.community_id, {})


def bring_back(session: Session, actor: Actor, copy: CopySeen) -> None:
    """Offers it again."""
    back = session.execute(
        update(Protocol)
        .where(Protocol.id == copy.id, Protocol.retired_at.is_not(None))
        .values(retired_at=None)
        .returning(Protocol.id)
    ).one_or_none()
    if back is not None:
        make_findable(session, copy.id)
        _record(session, "protocol.brought_back", actor, copy.id, copy.site_id, copy.community_id, {})


def _stored(content: Content) -> dict[str, Any]:
    return content.model_dump(mode="json")


def _record(
    session: Session,
    verb: str,
    actor: Actor,
    copy_id: UUID,
    site_id: UUID,
    community_id: UUID,
    facts: Mapping[str, Any],
) -> None:
    record(
        session,
        verb,
        Reference(KIND, copy_id),
        at=actor.at,
        actor_id=actor.person_id,
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )
