"""What minutes add to a community's first page: those that wait to be read."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, exists, or_, select

from lms_plc.attendance.models import Attendance
from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line, tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.database import one_of
from lms_plc.core.policy import Actor, allows
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.states import State
from lms_plc.minutes.models import MinutesAnswer
from lms_plc.minutes.queries import PRESENT
from lms_plc.web.i18n import gettext, ngettext

tells_news(
    "minutes.drafted",
    "meetings.meeting_list",
    lambda number: ngettext("New minutes", "New minutes of %(num)s meetings", number),
)


def _to_read() -> Select[Any]:
    """The earliest draft that waits for me: I was there, or nobody noted who was."""
    answered = exists().where(
        MinutesAnswer.meeting_id == Meeting.id,
        MinutesAnswer.version == Meeting.minutes_version,
        MinutesAnswer.person_id == HERE.person_id,
    )
    noted = exists().where(Attendance.meeting_id == Meeting.id, one_of(Attendance.status, PRESENT))
    was_there = exists().where(
        Attendance.meeting_id == Meeting.id,
        Attendance.person_id == HERE.person_id,
        one_of(Attendance.status, PRESENT),
    )
    return (
        select(*line(id=Meeting.id, title=Meeting.title))
        .where(
            Meeting.community_id == HERE.community_id,
            Meeting.state == State.MINUTES_DRAFT.value,
            ~answered,
            or_(was_there, ~noted),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    )


@contributes_to_home(9, {"to_read": _to_read()})
def minutes_on_home(_: Actor, community: CommunitySeen, found: Found) -> Part:
    """No statement of its own."""
    if not found["to_read"] or not allows(community.roles, "minutes.approve"):
        return Part()
    first = found["to_read"][0]
    step = Step(
        text=gettext("The minutes of “%(title)s” are written. Are they right?", title=first.title),
        label=gettext("Minutes to read"),
        url=url_for("minutes.minutes_page", meeting_id=first.id),
        weight=18,
    )
    return Part("", {}, (step,))
