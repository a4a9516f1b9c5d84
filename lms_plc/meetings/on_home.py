"""What meetings add to a community's first page: the next one."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, select

from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line, tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor, allows
from lms_plc.meetings.models import Meeting
from lms_plc.web.i18n import gettext, ngettext

tells_news(
    "meeting.planned",
    "meetings.meeting_list",
    lambda number: ngettext("One new meeting", "%(num)s new meetings", number),
)
tells_news(
    "minutes.written",
    "meetings.meeting_list",
    lambda number: ngettext("Minutes were written", "Minutes were written %(num)s times", number),
)


def _coming() -> Select[Any]:
    return (
        select(*line(id=Meeting.id, title=Meeting.title, text=Meeting.place, at=Meeting.starts_at))
        .where(Meeting.community_id == HERE.community_id, Meeting.state == "planned", Meeting.ends_at >= HERE.at)
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    )


@contributes_to_home(8, {"coming": _coming()})
def next_meeting_on_home(_: Actor, community: CommunitySeen, found: Found) -> Part:
    """No statement of its own."""
    if found["coming"]:
        return Part("meetings/next.html", {"meeting": found["coming"][0]})
    if not allows(community.roles, "meeting.plan"):
        return Part()
    step = Step(
        text=gettext("No meeting is planned. A day and a place are enough; the agenda grows by itself."),
        label=gettext("Plan a meeting"),
        url=url_for("meetings.plan_form", community_id=community.id),
        weight=60,
    )
    return Part("", {}, (step,))
