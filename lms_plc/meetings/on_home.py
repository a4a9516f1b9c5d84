"""What meetings add to a community's first page: the next one, or the one under way; and the question whether one was
held, to whoever held it."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, select

from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line, tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.database import one_of
from lms_plc.core.policy import Actor, allows
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.moment import EARLY
from lms_plc.meetings.queries import holds, is_ahead
from lms_plc.meetings.states import COMING, State
from lms_plc.web.i18n import gettext, ngettext

tells_news(
    "meeting.planned",
    "meetings.meeting_list",
    lambda number: ngettext("One new meeting", "%(num)s new meetings", number),
)


def _ahead() -> Select[Any]:
    return (
        select(*line(id=Meeting.id, title=Meeting.title, text=Meeting.place, kind=Meeting.state, at=Meeting.starts_at))
        .where(Meeting.community_id == HERE.community_id, is_ahead(HERE.at))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    )


def _unsaid() -> Select[Any]:
    """What is over by the clock, and nobody has said whether it was held."""
    return (
        select(*line(id=Meeting.id, title=Meeting.title, at=Meeting.starts_at))
        .where(
            Meeting.community_id == HERE.community_id,
            one_of(Meeting.state, (state.value for state in sorted(COMING))),
            Meeting.ends_at < HERE.at,
            holds(HERE.person_id, Meeting.id, Meeting.planned_by_id),
        )
        .order_by(Meeting.starts_at.desc(), Meeting.id)
        .limit(1)
    )


@contributes_to_home(8, {"ahead": _ahead(), "unsaid": _unsaid()})
def next_meeting_on_home(actor: Actor, community: CommunitySeen, found: Found) -> Part:
    """No statement of its own."""
    steps = [
        Step(
            text=gettext("Was “%(title)s” held?", title=one.title),
            label=gettext("Say so"),
            url=url_for("meetings.meeting", meeting_id=one.id),
            weight=15,
        )
        for one in found["unsaid"]
    ]
    if found["ahead"]:
        ahead = found["ahead"][0]
        is_near = ahead.at is not None and ahead.at - EARLY <= actor.at
        given = {"meeting": ahead, "is_running": ahead.kind == State.RUNNING.value, "is_near": is_near}
        return Part("meetings/next.html", given, steps)
    if not steps and allows(community.roles, "meeting.plan"):
        steps.append(
            Step(
                text=gettext("No meeting is planned. A day and a place are enough; the agenda grows by itself."),
                label=gettext("Plan a meeting"),
                url=url_for("meetings.plan_form", community_id=community.id),
                weight=60,
            )
        )
    return Part("", {}, steps)
