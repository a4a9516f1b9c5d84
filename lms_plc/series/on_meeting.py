"""What a meeting's own page says of its series and of the school calendar."""

from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Select, String, cast, select

from lms_plc.communities.lines import line
from lms_plc.core.policy import Actor
from lms_plc.house import house
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.page import MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING
from lms_plc.series.models import SchoolHoliday
from lms_plc.series.queries import HOLIDAYS
from lms_plc.series.recurrence import Break, day_there, holiday_on


def _breaks() -> Select[Any]:
    """A line knows moments and no days, so they come as they are written."""
    here = select(Meeting.community_id).where(Meeting.id == MEETING).scalar_subquery()
    days = {"text": cast(SchoolHoliday.first_day, String), "name": cast(SchoolHoliday.last_day, String)}
    return (
        select(*line(title=SchoolHoliday.name, **days))
        .where(SchoolHoliday.community_id == here)
        .order_by(SchoolHoliday.first_day.desc())
        .limit(HOLIDAYS)
    )


@contributes_to_meeting(40, {"breaks": _breaks()})
def series_of_a_meeting(_: Actor, meeting: MeetingSeen, found: Found) -> Part:
    day = day_there(meeting.starts_at, meeting.zone or house().settings.timezone)
    breaks = [
        Break(one.title or "", *map(date.fromisoformat, (one.text or "", one.name or ""))) for one in found["breaks"]
    ]
    holiday = holiday_on(day, breaks) if meeting.state in COMING else None
    if holiday is None and meeting.series_id is None:
        return Part()
    url = url_for("series.show", series_id=meeting.series_id) if meeting.series_id else None
    return Part("series/on_meeting.html", {"holiday": holiday, "url": url})
