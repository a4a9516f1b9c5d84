"""What happened in a community that is worth a line in everybody's digest? Read from the log, shown by the rooms."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select

from lms_plc.actionitems.models import ActionItem
from lms_plc.actionitems.queries import OPEN
from lms_plc.core import things
from lms_plc.core.activity import Event, Reference
from lms_plc.core.database import table_of
from lms_plc.discussions.models import ReadMark, Topic, TopicFollow
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.states import COMING
from lms_plc.web.i18n import N_

MOST = 300
"""News of one community that are looked at; a digest shows a few of them."""

_AT_ONCE = 500
_events = table_of(Event)

SECTIONS: Mapping[str, str] = {
    "meetings": N_("Meetings"),
    "actions": N_("You agreed to do"),
    "questions": N_("Questions that wait for an answer"),
    "insights": N_("Insights and ahas"),
    "talks": N_("Conversations"),
    "library": N_("New in the library"),
    "agreements": N_("Agreed"),
    "issues": N_("Issues on the board"),
    "projects": N_("New projects"),
}
"""Part of a digest → its heading, in their order."""


def _of_a_topic(facts: Mapping[str, Any]) -> str:
    return {"question": "questions", "insight": "insights", "aha": "insights"}.get(facts.get("purpose", ""), "talks")


NEWS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "topic.started": _of_a_topic,
    "library_item.added": lambda facts: "library",
    "library_item.adapted": lambda facts: "library",
    "consent.adopted": lambda facts: "agreements",
    "issue.raised": lambda facts: "issues",
    "meeting.planned": lambda facts: "meetings",
    "series.planned": lambda facts: "meetings",
    "inquiry.opened": lambda facts: "projects",
}
"""Verb → the part of a digest it belongs to."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that is new. ``part`` is one of ``SECTIONS``."""

    thing: Reference
    part: str
    community_id: UUID
    author_id: UUID | None
    at: datetime


def news_of(connection: Connection, community_id: UUID, since: datetime, until: datetime) -> list[Piece]:
    """The newest first, each thing once; statements follow the community's own busyness, one for five hundred events.

    Ids follow the clock closely enough to walk back by them; what a moment says decides.
    """
    found: dict[Reference, Piece] = {}
    before: UUID | None = None
    while len(found) < MOST:
        query = (
            select(
                _events.c.id,
                _events.c.at,
                _events.c.verb,
                _events.c.thing_kind,
                _events.c.thing_id,
                _events.c.actor_id,
                _events.c.facts,
            )
            .where(_events.c.community_id == community_id)
            .order_by(_events.c.id.desc())
            .limit(_AT_ONCE)
        )
        rows = connection.execute(query if before is None else query.where(_events.c.id < before)).all()
        for row in rows:
            thing = Reference(row.thing_kind, row.thing_id)
            if row.verb in NEWS and since < row.at <= until and thing.kind in things.kinds():
                piece = Piece(thing, NEWS[row.verb](row.facts), community_id, row.actor_id, row.at)
                found.setdefault(thing, piece)
        if len(rows) < _AT_ONCE or rows[-1].at <= since:
            break
        before = rows[-1].id
    return list(found.values())


def meetings_soon(connection: Connection, communities: Collection[UUID], at: datetime, until: datetime) -> list[Piece]:
    """What is planned there until then, the next one first."""
    if not communities:
        return []
    rows = connection.execute(
        select(Meeting.id, Meeting.community_id, Meeting.starts_at)
        .where(
            Meeting.community_id.in_(communities),
            Meeting.state.in_([state.value for state in COMING]),
            Meeting.starts_at > at,
            Meeting.starts_at <= until,
        )
        .order_by(Meeting.starts_at)
        .limit(MOST)
    )
    return [Piece(Reference("meeting", row.id), "meetings", row.community_id, None, row.starts_at) for row in rows]


def actions_due(
    connection: Connection, person_id: UUID, communities: Collection[UUID], day: date, until: date
) -> list[Piece]:
    """What this person agreed to do there by then, the next one first. What is past is not brought up by letter."""
    if not communities:
        return []
    rows = connection.execute(
        select(ActionItem.id, ActionItem.community_id, ActionItem.created_at)
        .where(
            ActionItem.owner_id == person_id,
            ActionItem.community_id.in_(communities),
            ActionItem.state == OPEN,
            ActionItem.due >= day,
            ActionItem.due <= until,
        )
        .order_by(ActionItem.due, ActionItem.id)
        .limit(MOST)
    )
    return [Piece(Reference("action_item", row.id), "actions", row.community_id, None, row.created_at) for row in rows]


def answered(connection: Connection, pieces: Collection[Piece]) -> set[UUID]:
    """Which of the questions have an answer by now."""
    topics = {piece.thing.id for piece in pieces if piece.part == "questions"}
    if not topics:
        return set()
    has_one = or_(Topic.posts > 1, Topic.answer_id.is_not(None))
    return set(connection.execute(select(Topic.id).where(Topic.id.in_(topics), has_one)).scalars())


def known_to(connection: Connection, person_id: UUID, pieces: Collection[Piece]) -> set[UUID]:
    """Of the conversations among these, those the person has opened, or wants to hear nothing of."""
    topics = {piece.thing.id for piece in pieces if piece.thing.kind == "topic"}
    if not topics:
        return set()
    read = select(ReadMark.topic_id).where(ReadMark.person_id == person_id, ReadMark.topic_id.in_(topics))
    muted = select(TopicFollow.topic_id).where(
        TopicFollow.person_id == person_id, TopicFollow.topic_id.in_(topics), TopicFollow.level == "muted"
    )
    return set(connection.execute(read.union(muted)).scalars())
