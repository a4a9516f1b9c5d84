"""The event log: one action, one event, in the action's own transaction.

Feeds, digests, indicators and reports read from here; nothing writes what happened a second time. An event carries
ids and small facts, never the text people wrote and never a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms_plc.core.database import Prepared, Row, Send
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor


@dataclass(frozen=True, slots=True)
class Reference:
    """Any thing, by kind and id: how rooms point at each other's things without importing each other."""

    kind: str
    id: UUID

    def __hash__(self) -> int:
        return hash(self.id)  # graphs look hundreds of them up, thousands of times


MAY_BE_PRIVATE = frozenset(
    {"journal_entry", "journal_part", "practice_change", "inquiry", "inquiry_stage", "visit", "portfolio"}
)
"""Kinds of things that may be for their authors alone: closed, not even their kind is said, nor in the log that there
is one."""


def began_at(origin: Reference) -> dict[str, str]:
    """What an event says of where its thing was begun: nobody's business if that may be somebody's alone, as a thought
    may that is sealed."""
    is_told = origin.kind not in MAY_BE_PRIVATE and origin.kind != "knowledge_node"
    return {"origin_kind": origin.kind, "origin_id": str(origin.id)} if is_told else {}


class Event(Row):
    """Something somebody did.

    ``actor_id`` is the person, or None when the house did it; ``via`` says for whom (``sync``, ``launch``, ``cli``).
    """

    __tablename__ = "plc_event"
    __table_args__ = (
        Index("ix_plc_event_community_id_id", "community_id", "id"),
        Index("ix_plc_event_thing_kind_thing_id_id", "thing_kind", "thing_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_site.id"))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    via: Mapped[str] = mapped_column(String(20))
    verb: Mapped[str] = mapped_column(String(60))
    thing_kind: Mapped[str] = mapped_column(String(30))
    thing_id: Mapped[UUID]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


def record(
    session: Session,
    verb: str,
    thing: Reference,
    *,
    at: datetime,
    actor_id: UUID | None,
    via: str = "page",
    site_id: UUID | None = None,
    community_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> UUID:
    """Adds the one event of an action to its transaction; ``verb`` reads ``post.written``, ``membership.ended``."""
    event_id = new_id()
    session.add(
        Event(
            id=event_id,
            at=at,
            site_id=site_id,
            community_id=community_id,
            actor_id=actor_id,
            via=via,
            verb=verb,
            thing_kind=thing.kind,
            thing_id=thing.id,
            facts=dict(facts or {}),
        )
    )
    return event_id


def record_by(
    session: Session,
    actor: Actor,
    verb: str,
    thing: Reference,
    *,
    site_id: UUID | None = None,
    community_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> UUID:
    """As ``record``, of what somebody does on a page: at their moment and in their name."""
    return record(
        session,
        verb,
        thing,
        at=actor.at,
        actor_id=actor.person_id,
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )


def send_event(
    send: Send,
    verb: str,
    thing: Reference,
    *,
    at: datetime,
    actor_id: UUID | None,
    via: str,
    site_id: UUID,
    community_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """As ``record``, where an action is made of prepared statements."""
    event = {
        "id": new_id(),
        "at": at,
        "site_id": site_id,
        "community_id": community_id,
        "actor_id": actor_id,
        "via": via,
        "verb": verb,
        "thing_kind": thing.kind,
        "thing_id": thing.id,
        "facts": dict(facts or {}),
    }
    send(_EVENT, event)


_EVENT = Prepared(
    lambda insert: insert(Event),
    given=(
        *("id", "at", "site_id", "community_id", "actor_id", "via"),
        *("verb", "thing_kind", "thing_id", "facts"),
    ),
)
