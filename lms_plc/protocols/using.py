"""How does a protocol come into a meeting? Whoever holds meetings says which comes next, and takes the protocol."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lms_plc.core.policy import Actor


@dataclass(frozen=True, slots=True)
class NextMeeting:
    """``protocol`` is the key of what they mean to talk by now; ``endpoint`` takes the id as ``meeting_id``."""

    id: UUID
    title: str
    starts_at: datetime
    protocol: str | None
    endpoint: str


@dataclass(frozen=True, slots=True)
class Taker:
    """``coming`` answers the meeting of a community that is under way or comes next; ``take`` writes the protocol of
    this key down for the meeting of this id, as its own verb with its own event."""

    coming: Callable[[Connection, UUID, datetime], NextMeeting | None]
    take: Callable[[Session, Actor, UUID, str], None]


_takers: list[Taker] = []


def takes_protocols(taker: Taker) -> None:
    _takers.append(taker)


def coming(connection: Connection, community_id: UUID, at: datetime) -> NextMeeting | None:
    """The next meeting; None where none is planned."""
    return next((found for taker in _takers if (found := taker.coming(connection, community_id, at))), None)


def take(session: Session, actor: Actor, meeting: NextMeeting, key: str) -> None:
    """The next meeting is talked by this protocol; saying it twice is saying it once."""
    if meeting.protocol != key:
        for taker in _takers:
            taker.take(session, actor, meeting.id, key)
