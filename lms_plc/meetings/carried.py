"""What was agreed and is still open comes onto every next meeting's page by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from lms_plc.actionitems.holding import leads_meetings
from lms_plc.actionitems.on_meeting import MINE, open_lines
from lms_plc.actionitems.queries import FACILITATING
from lms_plc.communities.audiences import Audience
from lms_plc.communities.lines import Line, line
from lms_plc.core.policy import Actor, Role, allows
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.page import ME, MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import MeetingSeen, holds
from lms_plc.meetings.states import OPEN, TOOK_PLACE

AFTERWARDS = timedelta(days=14)
"""So long after a meeting whoever led it still says what became of actions: minutes are written by then."""
BEFOREHAND = timedelta(days=31)
"""And so long before: whoever plans one for another year leads nothing yet, and is told nothing of others."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An open action as a meeting's page shows it. ``moved`` is None, and ``is_past`` False, for whom it may not be
    told."""

    id: UUID
    text: str
    owner: str | None
    due: date | None
    agreed_at: datetime
    is_mine: bool
    may_update: bool
    moved: int | None
    is_past: bool


def _open_here() -> Select[Any]:
    community = select(Meeting.community_id).where(Meeting.id == MEETING).scalar_subquery()
    return open_lines(community, ME)


def _thoughts() -> Select[Any]:
    """How many were kept that everybody here may read."""
    return select(*line(number=func.count())).where(
        KnowledgeNode.origin_kind == "meeting",
        KnowledgeNode.origin_id == MEETING,
        KnowledgeNode.hidden_at.is_(None),
        KnowledgeNode.audience == Audience.COMMUNITY.value,
    )


@contributes_to_meeting(60, {"open": _open_here(), "thoughts": _thoughts()})
def carried_actions(actor: Actor, meeting: MeetingSeen, found: Found) -> Part:
    """No statement of its own. Meetings long over show what they agreed in their minutes, not what is open now."""
    is_current = meeting.state in OPEN or _just_over(meeting, actor.at)
    actions = [_carried(one, actor, meeting) for one in found["open"]] if is_current else []
    thoughts = _first(found["thoughts"])
    may_record = is_current and allows(meeting.roles, "action_item.record")
    if not actions and not thoughts and not may_record:
        return Part()
    address: dict[str, Any] = {"community_id": meeting.community_id, "from_kind": "meeting", "from": meeting.id}
    given = {
        "actions": actions,
        "meeting": meeting,
        "may_record": may_record,
        "record_address": url_for("actionitems.new_form", **address),
        "thoughts": thoughts,
        "thoughts_address": url_for("evidence.nodes", **address),
    }
    return Part("meetings/carried.html", given)


def _just_over(meeting: MeetingSeen, at: datetime) -> bool:
    return meeting.state in TOOK_PLACE and meeting.closed_at is not None and meeting.closed_at > at - AFTERWARDS


def _carried(one: Line, actor: Actor, meeting: MeetingSeen) -> Carried:
    is_mine = one.text == MINE
    facilitating = FACILITATING if meeting.starts_at <= actor.at + BEFOREHAND else FACILITATING - {Role.HOLDING}
    told = is_mine or bool(meeting.roles & facilitating)
    due = date.fromisoformat(one.kind) if one.kind else None
    assert one.id is not None
    assert one.at is not None
    return Carried(
        id=one.id,
        text=one.title or "",
        owner=one.name,
        due=due,
        agreed_at=one.at,
        is_mine=is_mine,
        may_update=told,
        moved=one.number if told else None,
        is_past=told and due is not None and due < actor.at.date(),
    )


def _first(lines: Sequence[Line]) -> int:
    return lines[0].number or 0 if lines else 0


@leads_meetings
def leads_a_meeting(person_id: UUID, community_id: Any, at: datetime) -> ColumnElement[bool]:
    led = aliased(Meeting)
    soon = and_(led.state.in_([state.value for state in OPEN]), led.starts_at <= at + BEFOREHAND)
    lately = and_(led.state.in_([state.value for state in TOOK_PLACE]), led.closed_at > at - AFTERWARDS)
    return exists().where(
        led.community_id == community_id,
        or_(soon, lately),
        holds(person_id, led.id, led.planned_by_id),
    )
