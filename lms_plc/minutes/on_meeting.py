"""What minutes add to the page of their meeting: how far they are, what was decided, and the way to them."""

from typing import Any

from sqlalchemy import Select, exists, select

from lms_plc.communities.lines import line
from lms_plc.core.policy import Actor, allows
from lms_plc.core.text import excerpt
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.page import ME, MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING, State
from lms_plc.minutes.models import Decision, MinutesAnswer

DECISIONS = 20


def _decided() -> Select[Any]:
    return (
        select(*line(id=Decision.id, text=Decision.text))
        .where(Decision.meeting_id == MEETING, Decision.withdrawn_at.is_(None))
        .order_by(Decision.id)
        .limit(DECISIONS)
    )


def _answered() -> Select[Any]:
    """Whether I have answered the minutes as they stand."""
    mine = exists().where(
        MinutesAnswer.meeting_id == Meeting.id,
        MinutesAnswer.version == Meeting.minutes_version,
        MinutesAnswer.person_id == ME,
    )
    return select(*line(id=Meeting.id)).where(Meeting.id == MEETING, mine)


@contributes_to_meeting(70, {"decided": _decided(), "answered": _answered()})
def minutes_on_meeting(actor: Actor, meeting: MeetingSeen, found: Found) -> Part:
    has_begun = meeting.state not in COMING or meeting.starts_at <= actor.at
    if meeting.state == State.CANCELLED or not (has_begun or meeting.minutes or found["decided"]):
        return Part()
    return Part(
        "minutes/on_meeting.html",
        {
            "meeting": meeting,
            "beginning": excerpt(meeting.minutes, 300),
            "decided": found["decided"],
            "is_approved": meeting.state == State.MINUTES_APPROVED,
            "is_to_be_read": meeting.state == State.MINUTES_DRAFT
            and not found["answered"]
            and allows(meeting.roles, "minutes.approve"),
        },
    )
