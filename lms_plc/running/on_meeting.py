"""What runs add to the page of a meeting: the way in while one is under way, and to begin."""

from typing import Any

from sqlalchemy import Select, String, cast, func, select

from lms_plc.communities.lines import line
from lms_plc.core.policy import Actor, allows
from lms_plc.meetings.page import MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING, State
from lms_plc.protocols.content import shipped
from lms_plc.protocols.wording import in_language
from lms_plc.running.clock import LIVE
from lms_plc.running.models import ProtocolRun, RunStep

RUNS = 10


def _runs() -> Select[Any]:
    steps = select(cast(func.count(), String)).where(RunStep.run_id == ProtocolRun.id).scalar_subquery()
    lines = line(
        id=ProtocolRun.id,
        title=ProtocolRun.content["name"].as_string(),
        text=steps,
        name=ProtocolRun.protocol,
        kind=ProtocolRun.state,
        number=ProtocolRun.step + 1,
    )
    return select(*lines).where(ProtocolRun.meeting_id == MEETING).order_by(ProtocolRun.id.desc()).limit(RUNS)


@contributes_to_meeting(10, {"runs": _runs()})
def runs_on_meeting(actor: Actor, meeting: MeetingSeen, found: Found) -> Part:
    """The way into the run, or to its beginning; what is over can be read again."""
    runs = [
        {
            "id": one.id,
            "name": in_language(shipped()[one.name].content).name if one.name and one.name in shipped() else one.title,
            "step": one.number,
            "steps": int(one.text or 0),
            "is_live": one.kind in LIVE,
            "state": one.kind,
        }
        for one in found["runs"]
    ]
    live = next((one for one in runs if one["is_live"]), None)
    may_begin = live is None and meeting.state in COMING | {State.RUNNING} and allows(meeting.roles, "run.begin")
    if not runs and not may_begin:
        return Part()
    given = {"live": live, "others": [one for one in runs if one is not live], "may_begin": may_begin}
    return Part("running/on_meeting.html", {**given, "meeting": meeting})
