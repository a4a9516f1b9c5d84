"""Who may do what, as one table, and the one way to load a thing for an actor.

Rights come from roles somebody was given in a community, dated, never from a post or an LMS role: leading is open to
everybody. A role that has run out is no role; nobody needs to take it away.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection


class Role(StrEnum):
    MEMBER = "member"
    FACILITATOR = "facilitator"
    MENTOR = "mentor"
    TEACHER_LEADER = "teacher_leader"
    AUTHOR = "author"  # of the thing itself
    READER = "reader"  # in the audience its author chose
    HOLDING = "holding"  # leads this meeting
    TAKING_PART = "taking_part"  # works on this inquiry, visits in this visit
    CRITICAL_FRIEND = "critical_friend"  # was asked into this inquiry to read and ask
    HOST = "host"  # is visited
    ENROLLED = "enrolled"  # in a course, as the LMS says; opens no community
    TEACHING = "teaching"


DATED = frozenset({Role.FACILITATOR, Role.MENTOR, Role.TEACHER_LEADER})
"""Roles somebody gives somebody in a community, from a day to a day."""

INSIDE = DATED | {Role.MEMBER}

PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "course.see": frozenset({Role.ENROLLED, Role.TEACHING}),
    "community.found": frozenset({Role.TEACHING}),
    "community.take_up": frozenset({Role.TEACHING}),
    "community.place": DATED,
    "community.set_size": DATED,
    "community.read": INSIDE,
    "community.edit_charter": INSIDE,
    "community.record_founding": INSIDE,
    "agreements.propose": INSIDE,
    "consent.answer": frozenset({Role.MEMBER}),
    "consent.adopt": frozenset({Role.MEMBER}),
    "consent.withdraw": DATED | {Role.AUTHOR},
    "norm.review": INSIDE,
    "goal.close": INSIDE,
    "issue.raise": INSIDE,
    "issue.work_on": INSIDE,
    "issue.edit": frozenset({Role.AUTHOR}),
    "meeting.plan": INSIDE,
    "meeting.change": INSIDE,
    "meeting.propose_item": INSIDE,
    "agenda_item.change": frozenset({Role.FACILITATOR, Role.MENTOR, Role.AUTHOR, Role.HOLDING}),
    "meeting.write_minutes": INSIDE,
    "meeting.take_back": frozenset({Role.FACILITATOR, Role.MENTOR, Role.HOLDING}),
    "meeting.give_roles": INSIDE,
    "meeting.lead_next": frozenset({Role.MEMBER}),
    "meeting.mark_attendance": frozenset({Role.FACILITATOR, Role.MENTOR, Role.HOLDING}),
    "meeting.attend": frozenset({Role.MEMBER, Role.MENTOR}),
    "series.plan": INSIDE,
    "holidays.keep": INSIDE,
    "run.begin": INSIDE,
    "run.take_part": INSIDE,
    "run.steer": DATED | {Role.HOLDING},
    "run_note.change": frozenset({Role.AUTHOR}),
    "minutes.approve": frozenset({Role.MEMBER}),
    "action_item.record": INSIDE,
    "action_item.take": INSIDE,
    "action_item.update": frozenset({Role.FACILITATOR, Role.MENTOR, Role.HOLDING, Role.AUTHOR}),
    "node.read": frozenset({Role.READER}),
    "node.change": frozenset({Role.AUTHOR}),
    "evidence.keep": INSIDE,
    "evidence.check": frozenset({Role.READER}),
    "claim.question": frozenset({Role.READER}),
    "claim.review": frozenset({Role.READER}),
    "cycle.adapt": INSIDE,
    "inquiry.open": INSIDE,
    "inquiry.read": frozenset({Role.READER, Role.AUTHOR, Role.TAKING_PART, Role.CRITICAL_FRIEND}),
    "inquiry.write": frozenset({Role.AUTHOR, Role.TAKING_PART}),
    "inquiry.lead": frozenset({Role.AUTHOR}),
    "inquiry.ask": frozenset({Role.AUTHOR, Role.TAKING_PART, Role.CRITICAL_FRIEND}),
    "inquiry.take_lead": frozenset({Role.AUTHOR, Role.TAKING_PART, Role.FACILITATOR, Role.MENTOR}),
    "inquiry.own_words": frozenset({Role.AUTHOR}),
    "practice_change.keep": INSIDE,
    "practice_change.read": frozenset({Role.READER}),
    "practice_change.try": frozenset({Role.READER}),
    "practice_change.change": frozenset({Role.AUTHOR}),
    "innovation.raise": INSIDE,
    "innovation.move": INSIDE,
    "portfolio.read": frozenset({Role.AUTHOR, Role.READER}),
    "portfolio.edit": frozenset({Role.AUTHOR}),
    "portfolio.review": frozenset({Role.READER}),
    "feedback.ask": INSIDE,
    "feedback.read": frozenset({Role.AUTHOR, Role.READER}),
    "feedback.answer": frozenset({Role.READER}),
    "feedback.close": frozenset({Role.AUTHOR}),
    "visit.propose": INSIDE,
    "visit.see": frozenset({Role.HOST, Role.TAKING_PART, Role.READER}),
    "visit.agree": frozenset({Role.HOST}),
    "visit.note": frozenset({Role.TAKING_PART}),
    "visit.plan": frozenset({Role.HOST, Role.TAKING_PART}),
    "data_set.add": INSIDE,
    "data_set.read": INSIDE,
    "data_set.talk": INSIDE,
    "data_set.withdraw": DATED | {Role.AUTHOR},
    "data_set.see": INSIDE | {Role.READER},
    "data_set.tell": frozenset({Role.AUTHOR}),
    "data_set.uncover": DATED | {Role.AUTHOR},
    "grade_pull.see": frozenset({Role.AUTHOR}),
    "protocol.adapt": INSIDE,
    "placing.choose": frozenset({Role.AUTHOR}),
    "placed.see": INSIDE | {Role.TEACHING},
    "placed.see_all": DATED | {Role.TEACHING},
    "completion.confirm": DATED,
    "topic.start": INSIDE,
    "topic.follow": INSIDE,
    "topic.answer": DATED | {Role.AUTHOR},
    "topic.close": DATED | {Role.AUTHOR},
    "topic.pin": DATED,
    "topic.move": DATED,
    "topic.merge": DATED,
    "topic.split": DATED,
    "post.write": INSIDE,
    "post.react": INSIDE,
    "post.edit": frozenset({Role.AUTHOR}),
    "post.delete": DATED | {Role.AUTHOR},
    "post.read_history": INSIDE,
    "school.tell": INSIDE,
    "school_item.read": INSIDE | {Role.READER},
    "school_item.withdraw": DATED | {Role.AUTHOR},
    "library.add": INSIDE,
    "library_item.read": frozenset({Role.READER}),
    "library_item.adapt": frozenset({Role.READER}),
    "library_item.try": frozenset({Role.READER}),
    "library_item.edit": frozenset({Role.AUTHOR}),
    "file.read": frozenset({Role.AUTHOR, Role.READER}),
    "community.leave": INSIDE,
    "profile.read": frozenset({Role.AUTHOR, Role.READER}),
    "profile.edit": frozenset({Role.AUTHOR}),
    "person.write_to": frozenset({Role.READER}),
    "person.block": frozenset({Role.READER}),
    "block.undo": frozenset({Role.AUTHOR}),
    "message.read": frozenset({Role.READER}),
    "peer.greet": frozenset({Role.READER}),
    "hello.see": frozenset({Role.AUTHOR, Role.READER}),
    "hello.answer": frozenset({Role.READER}),
    "journal.read": frozenset({Role.AUTHOR}),
    "journal_part.read": frozenset({Role.AUTHOR, Role.READER}),
    "journal_part.withdraw": frozenset({Role.AUTHOR}),
    "case.list": frozenset({Role.FACILITATOR, Role.MENTOR}),
    "case.see": frozenset({Role.FACILITATOR, Role.MENTOR, Role.AUTHOR}),
    "case.decide": frozenset({Role.FACILITATOR, Role.MENTOR}),
    "case.answer": frozenset({Role.AUTHOR}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting now: ``at`` is the moment their dated roles are read for, and that their action gets."""

    person_id: UUID
    site_id: UUID
    name: str
    at: datetime

    def __repr__(self) -> str:
        return f"Actor(person_id={self.person_id})"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loader found: the thing, and the roles the actor has towards it (without roles: an outsider)."""

    thing: Any
    roles: frozenset[Role]


class NotThere(Exception):
    """There is no such thing, or the actor may not know of it: the same answer for both."""


class NotAllowed(Exception):
    """The actor may know of the thing, but not do this with it."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


Loader = Callable[[Connection, Actor, UUID], Loaded | None]
_loaders: dict[str, tuple[Loader, str]] = {}


def loads(kind: str, *, known_by: str) -> Callable[[Loader], Loader]:
    """Registers how a kind of thing is loaded; ``known_by`` is the permission one needs to know that it exists."""

    def register(loader: Loader) -> Loader:
        _loaders[kind] = (loader, known_by)
        return loader

    return register


def load(connection: Connection, actor: Actor, kind: str, thing_id: UUID, permission: str) -> Any:
    """The thing, if the actor may do ``permission`` with it.

    Raises NotThere (404) for a thing that is absent or that the actor may not know of, NotAllowed (403) otherwise.
    """
    loader, known_by = _loaders[kind]
    found = loader(connection, actor, thing_id)
    if found is None or not allows(found.roles, known_by):
        raise NotThere(kind)
    if not allows(found.roles, permission):
        raise NotAllowed(permission)
    return found.thing


def knows(connection: Connection, actor: Actor, kind: str, thing_id: UUID) -> frozenset[Role]:
    """The actor's roles towards a thing they may know of; none for one they may not. For what hangs on things."""
    loader, known_by = _loaders.get(kind, (None, ""))
    found = loader(connection, actor, thing_id) if loader else None
    return found.roles if found is not None and allows(found.roles, known_by) else frozenset()


def allows(roles: frozenset[Role], permission: str) -> bool:
    """For showing or hiding a button; ``load`` decides when it is pressed."""
    return bool(roles & PERMISSIONS[permission])
