"""What can somebody read of their messages? Whoever is in a talk reads it, and nobody else, whatever they lead or
administer. Each function is one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, exists, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.together import share_a_community
from lms_plc.core.activity import Reference
from lms_plc.core.folding import fold
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.messages.models import Message, MessageThread, Participant
from lms_plc.people.blocks import has_blocked
from lms_plc.people.connections import are_connected
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

THREADS_A_PAGE = 20
MESSAGES_A_PAGE = 20
PEOPLE_FOUND = 20
LOOKED_THROUGH = 2000
"""People whose names are compared with what somebody types."""


@dataclass(frozen=True, slots=True)
class ThreadSeen:
    """A talk as somebody in it sees it; ``in_pair``: it is one to one."""

    id: UUID
    in_pair: bool
    last_message_id: UUID
    read_to: UUID | None
    muted: bool


@dataclass(frozen=True, slots=True)
class InThread:
    """Somebody in a talk, or who has left it; ``blocked`` by the one who looks, ``known``: who looks may see their
    profile."""

    id: UUID
    name: str
    left: bool
    blocked: bool
    known: bool


@dataclass(frozen=True, slots=True)
class ThreadListed:
    id: UUID
    last_message_id: UUID
    muted: bool
    unread: bool
    body: str | None
    author: str | None
    by_me: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageSeen:
    id: UUID
    author_id: UUID
    author: str
    body: str
    html: str
    renderer: int
    created_at: datetime
    hidden_at: datetime | None
    removed_at: datetime | None


@loads("message_thread", known_by="message.read")
def load_thread(connection: Connection, actor: Actor, thread_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            MessageThread.id,
            MessageThread.pair.is_not(None),
            MessageThread.last_message_id,
            Participant.read_to,
            Participant.muted_at.is_not(None),
        )
        .join(Participant, and_(Participant.thread_id == MessageThread.id, _takes_part(actor)))
        .where(MessageThread.id == thread_id)
    ).one_or_none()
    return Loaded(ThreadSeen(*row), frozenset({Role.READER})) if row else None


def in_thread(connection: Connection, actor: Actor, thread_id: UUID) -> list[InThread]:
    """Everybody else who is or was in it, by name."""
    rows = connection.execute(
        select(
            Person.id,
            Person.display_name,
            Participant.left_at.is_not(None),
            has_blocked(actor.person_id, Person.id),
            _knows(actor),
        )
        .join(Participant, Participant.person_id == Person.id)
        .where(Participant.thread_id == thread_id, Person.id != actor.person_id)
        .order_by(Person.display_name, Person.id)
    )
    return [InThread(*row) for row in rows]


def threads(
    connection: Connection, actor: Actor, *, before: UUID | None = None, size: int = THREADS_A_PAGE
) -> Page[ThreadListed]:
    """The one written in last stands first. A talk with nobody but somebody one blocked is not listed."""
    last = aliased(Message)
    newest = (
        select(last.id)
        .where(last.thread_id == MessageThread.id, _reaches(last, actor))
        .order_by(last.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    shown, new, other = aliased(Message), aliased(Message), aliased(Participant)
    unread = exists().where(
        new.thread_id == MessageThread.id,
        new.author_id != actor.person_id,
        or_(Participant.read_to.is_(None), new.id > Participant.read_to),
        _reaches(new, actor),
    )
    blocked = exists().where(
        MessageThread.pair.is_not(None),
        other.thread_id == MessageThread.id,
        other.person_id != actor.person_id,
        has_blocked(actor.person_id, other.person_id),
    )
    query = (
        select(
            MessageThread.id,
            MessageThread.last_message_id,
            Participant.muted_at.is_not(None),
            unread,
            shown.body,
            Person.display_name,
            shown.author_id.is_not_distinct_from(actor.person_id),
            shown.created_at,
        )
        .join(Participant, and_(Participant.thread_id == MessageThread.id, _takes_part(actor)))
        .outerjoin(shown, shown.id == newest)
        .outerjoin(Person, Person.id == shown.author_id)
        .where(~blocked)
        .order_by(MessageThread.last_message_id.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(MessageThread.last_message_id < before)
    return cut([ThreadListed(*row) for row in connection.execute(query)], size, lambda one: one.last_message_id)


def names_in(connection: Connection, actor: Actor, thread_ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
    """Talk → the names of the others in it; of those who left a pair's talk too, so that it has a name."""
    if not thread_ids:
        return {}
    rows = connection.execute(
        select(Participant.thread_id, Person.display_name)
        .join(Person, Person.id == Participant.person_id)
        .where(
            Participant.thread_id.in_(thread_ids),
            Participant.person_id != actor.person_id,
            Participant.left_at.is_(None),
        )
        .order_by(Person.display_name, Person.id)
    )
    found: dict[UUID, list[str]] = {thread_id: [] for thread_id in thread_ids}
    for thread_id, name in rows:
        found[thread_id].append(name)
    return found


def messages(
    connection: Connection,
    actor: Actor,
    thread_id: UUID,
    *,
    before: UUID | None = None,
    size: int = MESSAGES_A_PAGE,
) -> Page[MessageSeen]:
    """The last ones, in the order they were written; ``next_key`` leads to those before. What somebody wrote whom the
    reader blocked is not among them."""
    query = (
        select(
            Message.id,
            Message.author_id,
            Person.display_name,
            Message.body,
            Message.html,
            Message.renderer,
            Message.created_at,
            Message.hidden_at,
            Message.removed_at,
        )
        .join(Person, Person.id == Message.author_id)
        .where(Message.thread_id == thread_id, ~has_blocked(actor.person_id, Message.author_id))
        .order_by(Message.id.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(Message.id < before)
    page = cut([MessageSeen(*row) for row in connection.execute(query)], size, lambda message: message.id)
    return Page(list(reversed(page.items)), page.next_key)


def people_to_write_to(
    connection: Connection, actor: Actor, words: str, size: int = PEOPLE_FOUND
) -> list[tuple[UUID, str]]:
    """Whose name has these words, folded, among those one may write to; by name."""
    asked = fold(words).split()
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .where(_may_write_to(actor))
        .order_by(Person.display_name, Person.id)
        .limit(LOOKED_THROUGH)
    )
    found = [(person_id, name) for person_id, name in rows if all(word in fold(name) for word in asked)]
    return found[:size]


def writable(connection: Connection, actor: Actor, person_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Those of these people one may write to, by name."""
    if not person_ids:
        return []
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .where(Person.id.in_(person_ids), _may_write_to(actor))
        .order_by(Person.display_name, Person.id)
    )
    return [(person_id, name) for person_id, name in rows]


def pair_of(one: UUID, other: UUID) -> str:
    return ":".join(sorted((one.hex, other.hex)))


def thread_of_two(connection: Connection, one: UUID, other: UUID) -> UUID | None:
    """The talk of just these two, if they have one. Who is in it says so, not ``pair``: two accounts that turned out to
    be one person may have talked with somebody before; then it is the talk they spoke in last."""
    mine, theirs = aliased(Participant), aliased(Participant)
    query = (
        select(MessageThread.id)
        .join(mine, and_(mine.thread_id == MessageThread.id, mine.person_id == one))
        .join(theirs, and_(theirs.thread_id == MessageThread.id, theirs.person_id == other))
        .where(MessageThread.pair.is_not(None))
        .order_by(MessageThread.last_message_id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _may_write_to(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Person.id != actor.person_id,
        _knows(actor),
        ~has_blocked(actor.person_id, Person.id),
    )


def _knows(actor: Actor) -> ColumnElement[bool]:
    return or_(share_a_community(actor.person_id, Person.id, actor.at), are_connected(actor.person_id, Person.id))


def _takes_part(actor: Actor) -> ColumnElement[bool]:
    return and_(Participant.person_id == actor.person_id, Participant.left_at.is_(None))


def _reaches(message: Any, actor: Actor) -> ColumnElement[bool]:
    return and_(
        message.removed_at.is_(None),
        or_(message.hidden_at.is_(None), message.author_id == actor.person_id),
        ~has_blocked(actor.person_id, message.author_id),
    )


@shows("message", N_("Message"))
def show_messages(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Thing]:
    rows = connection.execute(
        select(Message.id, Message.thread_id, Message.body, Message.author_id, Person.display_name, Message.created_at)
        .join(Person, Person.id == Message.author_id)
        .join(Participant, and_(Participant.thread_id == Message.thread_id, _takes_part(actor)))
        .where(Message.id.in_(ids), _reaches(Message, actor))
    )
    return {
        row.id: Thing(
            reference=Reference("message", row.id),
            title=row.display_name,
            excerpt=excerpt(row.body),
            author_id=row.author_id,
            author=row.display_name,
            community_id=None,
            at=row.created_at,
            endpoint="messages.thread",
            values={"thread_id": row.thread_id},
            anchor=f"m-{row.id}",
        )
        for row in rows
    }


@shows("message_thread", N_("Talk by message"))
def show_threads(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Thing]:
    own = aliased(Participant)
    rows = connection.execute(
        select(
            MessageThread.id,
            MessageThread.created_at,
            case((Participant.left_at.is_(None), Person.display_name)).label("name"),
        )
        .join(
            own,
            and_(own.thread_id == MessageThread.id, own.person_id == actor.person_id, own.left_at.is_(None)),
        )
        .outerjoin(
            Participant,
            and_(Participant.thread_id == MessageThread.id, Participant.person_id != actor.person_id),
        )
        .outerjoin(Person, Person.id == Participant.person_id)
        .where(MessageThread.id.in_(ids))
        .order_by(Person.display_name)
    ).all()
    names: dict[UUID, list[str]] = {}
    begun: dict[UUID, datetime] = {}
    for thread_id, created_at, name in rows:
        begun[thread_id] = created_at
        names.setdefault(thread_id, []).extend([name] if name else [])
    return {
        thread_id: Thing(
            reference=Reference("message_thread", thread_id),
            title=", ".join(names[thread_id]),
            excerpt="",
            author_id=None,
            author="",
            community_id=None,
            at=at,
            endpoint="messages.thread",
            values={"thread_id": thread_id},
        )
        for thread_id, at in begun.items()
    }
