"""What can somebody do with messages? The view loaded the talk through the policy, or the people by ``writable``."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, render
from lms_plc.core.things import keeps
from lms_plc.messages.forms import MessageForm
from lms_plc.messages.models import Message, MessageThread, Participant
from lms_plc.messages.queries import ThreadSeen, pair_of, thread_of_two
from lms_plc.people.blocks import blockers_of
from lms_plc.people.connections import opens_talks


def begin_talk(session: Session, actor: Actor, others: Sequence[UUID], form: MessageForm) -> UUID:
    """Writes the first message to these people; two who have talked before go on there. The same form sent twice is
    one talk."""
    if sent := _sent_before(session, actor, form.form_key):
        return sent[0]
    thread_id = _talk_of(session, actor, [actor.person_id, *others])
    message_id = _write(session, actor.person_id, actor.at, thread_id, form.body, form.form_key)
    if message_id is not None:
        _tell_written(session, actor, thread_id, message_id)
    return thread_id


def write(session: Session, actor: Actor, thread: ThreadSeen, form: MessageForm) -> UUID:
    """Says something in a talk. The same form sent twice is one message."""
    if sent := _sent_before(session, actor, form.form_key):
        return sent[1]
    message_id = _write(session, actor.person_id, actor.at, thread.id, form.body, form.form_key)
    if message_id is None:  # the same form, at this very moment
        sent = _sent_before(session, actor, form.form_key)
        assert sent is not None
        return sent[1]
    _tell_written(session, actor, thread.id, message_id)
    return message_id


@opens_talks
def open_talk(session: Session, author_id: UUID, to: UUID, note: str, actor: Actor) -> UUID:
    """The talk of two who are connected now, with the hello as its first words."""
    thread_id = _talk_of(session, actor, [author_id, to])
    _write(session, author_id, actor.at, thread_id, note, f"hello-{new_id().hex}")
    return thread_id


def mark_read(session: Session, actor: Actor, thread_id: UUID, message_id: UUID) -> None:
    """How far somebody has read; it never goes back. No event: who has read what is nobody's business."""
    session.execute(
        update(Participant)
        .where(
            Participant.thread_id == thread_id,
            Participant.person_id == actor.person_id,
            Participant.read_to.is_(None) | (Participant.read_to < message_id),
        )
        .values(read_to=message_id)
    )


def mute(session: Session, actor: Actor, thread: ThreadSeen, *, muted: bool) -> None:
    """A muted talk is there to be read, and tells of nothing new."""
    if muted == thread.muted:
        return
    _mine(session, actor, thread, muted_at=actor.at if muted else None)
    _record(session, "message_thread.muted" if muted else "message_thread.unmuted", actor, thread)


def leave(session: Session, actor: Actor, thread: ThreadSeen) -> None:
    """What one wrote stays with the others; what they write from now on one does not have."""
    _mine(session, actor, thread, left_at=actor.at)
    _record(session, "message_thread.left", actor, thread)


def _mine(session: Session, actor: Actor, thread: ThreadSeen, **values: datetime | None) -> None:
    session.execute(
        update(Participant)
        .where(Participant.thread_id == thread.id, Participant.person_id == actor.person_id)
        .values(**values)
    )


def _record(session: Session, verb: str, actor: Actor, thread: ThreadSeen) -> None:
    reference = Reference("message_thread", thread.id)
    record_by(session, actor, verb, reference, site_id=actor.site_id)


def _talk_of(session: Session, actor: Actor, people: Sequence[UUID]) -> UUID:
    """The talk of these people: of two there is one, of a group every beginning is a talk of its own."""
    thread_id = new_id()
    people = list(dict.fromkeys(people))
    pair = pair_of(people[0], people[1]) if len(people) == 2 else None
    if pair and (known := thread_of_two(session.connection(), people[0], people[1])):
        return known
    made = session.execute(
        upsert(session, MessageThread)
        .values(id=thread_id, pair=pair, created_at=actor.at, last_message_id=thread_id)
        .on_conflict_do_nothing(index_elements=["pair"])
        .returning(MessageThread.id)
    ).one_or_none()
    if made is None:
        thread_id = session.execute(select(MessageThread.id).where(MessageThread.pair == pair)).scalar_one()
    session.execute(
        upsert(session, Participant)
        .values([{"thread_id": thread_id, "person_id": person} for person in people])
        .on_conflict_do_nothing(index_elements=["thread_id", "person_id"])
    )
    return thread_id


def _sent_before(session: Session, actor: Actor, form_key: str) -> tuple[UUID, UUID] | None:
    row = session.execute(
        select(Message.thread_id, Message.id).where(Message.author_id == actor.person_id, Message.form_key == form_key)
    ).one_or_none()
    return (row.thread_id, row.id) if row else None


def _write(session: Session, author_id: UUID, at: datetime, thread_id: UUID, body: str, form_key: str) -> UUID | None:
    """Stores the message; None when the same form was stored at this very moment."""
    message_id = _next_id(session, thread_id)
    stored = session.execute(
        upsert(session, Message)
        .values(
            id=message_id,
            thread_id=thread_id,
            author_id=author_id,
            body=body,
            html=render(body).html,
            renderer=RENDERER,
            form_key=form_key,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["author_id", "form_key"])
        .returning(Message.id)
    ).one_or_none()
    if stored is None:
        return None
    session.execute(update(MessageThread).where(MessageThread.id == thread_id).values(last_message_id=message_id))
    mine = (Participant.thread_id == thread_id, Participant.person_id == author_id)
    session.execute(update(Participant).where(*mine).values(read_to=message_id))
    return message_id


def _next_id(session: Session, thread_id: UUID) -> UUID:
    """An id after everything said in the talk, which stays locked: unread marks compare ids."""
    last = session.execute(
        select(MessageThread.last_message_id).where(MessageThread.id == thread_id).with_for_update()
    ).scalar_one()
    message_id = new_id()
    while message_id <= last:  # two processes in one millisecond
        message_id = new_id()
    return message_id


def _tell_written(session: Session, actor: Actor, thread_id: UUID, message_id: UUID) -> None:
    """``to`` are those whom it reaches: in the talk, not muted, and not having blocked who wrote."""
    listening = session.execute(
        select(Participant.person_id).where(
            Participant.thread_id == thread_id,
            Participant.person_id != actor.person_id,
            Participant.left_at.is_(None),
            Participant.muted_at.is_(None),
        )
    ).scalars()
    people = sorted(listening)
    unreached = blockers_of(session.connection(), actor.person_id, people)
    record_by(
        session,
        actor,
        "message.written",
        Reference("message", message_id),
        site_id=actor.site_id,
        facts={"thread_id": str(thread_id), "to": [str(one) for one in people if one not in unreached]},
    )


def _remove(session: Session, message_id: UUID, at: datetime) -> None:
    session.execute(update(Message).where(Message.id == message_id).values(body="", html="", removed_at=at))


def _words(connection: Connection, message_id: UUID) -> str | None:
    return connection.execute(select(Message.body).where(Message.id == message_id)).scalar_one_or_none()


keeps("message", row_keeper(Message, _remove, _words))
