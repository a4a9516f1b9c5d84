"""What sheets add to a meeting's page: the way to the paper, and back from it."""

from typing import Any

from sqlalchemy import Select, select

from lms_plc.communities.lines import line
from lms_plc.core.policy import Actor, allows
from lms_plc.files.models import File
from lms_plc.meetings.page import MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING, State

PHOTOS = 10


def can_be_entered(actor: Actor, meeting: MeetingSeen) -> bool:
    """Once it has begun; one that was called off has no sheet."""
    return State(meeting.state) is not State.CANCELLED and (meeting.starts_at <= actor.at or bool(meeting.begun_at))


def _photos() -> Select[Any]:
    return (
        select(*line(id=File.id, title=File.name, text=File.alt))
        .where(File.thing_kind == "meeting", File.thing_id == MEETING)
        .order_by(File.position, File.id)
        .limit(PHOTOS)
    )


@contributes_to_meeting(75, {"photos": _photos()})
def sheet_of_a_meeting(actor: Actor, meeting: MeetingSeen, found: Found) -> Part:
    given = {
        "meeting": meeting,
        "photos": found["photos"],
        "prints": State(meeting.state) in COMING | {State.RUNNING},
        "enters": can_be_entered(actor, meeting) and allows(meeting.roles, "meeting.write_minutes"),
    }
    return Part("sheets/on_meeting.html", given) if given["prints"] or given["enters"] or given["photos"] else Part()
