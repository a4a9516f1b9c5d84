"""How much of people's time do the forms of a meeting take? Counted for the meeting, never for a person."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lms_plc.communities.lines import line
from lms_plc.communities.models import Membership
from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor, Role
from lms_plc.house import house
from lms_plc.meetings.models import Meeting, Paperwork
from lms_plc.meetings.page import AT, MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import MeetingSeen

LONGEST = 20 * 60
"""Seconds one form can have taken; what is longer was left open."""
LONGEST_UNCOUNTED = 5 * 60
"""As much at most where no script counted, and we only know how long the page was open."""
MONTH_DAYS = 30
MEETINGS_A_MONTH = 60
"""So many meetings of a month are looked through."""

_NUMBER = re.compile(r"\d{1,10}", re.ASCII)


def count_paperwork(session: Session, meeting_id: UUID, form: str, seconds: int) -> None:
    """Adds to what a form (``agenda``, ``attendance``, ``note``, ``minutes``, ``sheet`` …) took so far."""
    took = max(0, min(seconds, LONGEST))
    adding = upsert(session, Paperwork).values(meeting_id=meeting_id, form=form, seconds=took, saves=1)
    session.execute(
        adding.on_conflict_do_update(
            index_elements=["meeting_id", "form"],
            set_={"seconds": Paperwork.seconds + took, "saves": Paperwork.saves + 1},
        )
    )


def took(given: Mapping[str, str]) -> int:
    """Seconds that somebody wrote in the form now under way; its macro was called with ``counts=True``."""
    return seconds_from(given, house().clock())


def seconds_from(given: Mapping[str, str], at: datetime) -> int:
    """``took`` is what a script counted, ``shown_at`` when the form was shown (seconds since 1970). Nobody can have
    written longer than the form was there."""
    counted, shown = given.get("took", ""), given.get("shown_at", "")
    if not _NUMBER.fullmatch(shown):
        return 0
    open_for = max(0, int((at - datetime.fromtimestamp(int(shown), UTC)).total_seconds()))
    if _NUMBER.fullmatch(counted):
        return min(int(counted), open_for, LONGEST)
    return min(open_for, LONGEST_UNCOUNTED)


def _this_meeting() -> Select[Any]:
    return select(*line(number=func.sum(Paperwork.seconds))).where(Paperwork.meeting_id == MEETING)


def _lately() -> Select[Any]:
    """What the forms of the community's last meetings took, each with when it began."""
    here = select(Meeting.community_id).where(Meeting.id == MEETING).scalar_subquery()
    return (
        select(*line(at=Meeting.starts_at, number=func.sum(Paperwork.seconds)))
        .join(Paperwork, Paperwork.meeting_id == Meeting.id)
        .where(Meeting.community_id == here, Meeting.starts_at <= AT)
        .group_by(Meeting.id, Meeting.starts_at)
        .order_by(Meeting.starts_at.desc())
        .limit(MEETINGS_A_MONTH)
    )


def _members() -> Select[Any]:
    here = select(Meeting.community_id).where(Meeting.id == MEETING).scalar_subquery()
    return select(*line(number=func.count())).where(Membership.community_id == here, Membership.state == "active")


@contributes_to_meeting(80, {"this": _this_meeting(), "lately": _lately(), "members": _members()})
def paperwork_of_a_meeting(actor: Actor, meeting: MeetingSeen, found: Found) -> Part:
    """Only for whoever organises: teachers are asked for nothing, and warned of nothing."""
    seconds = found["this"][0].number if found["this"] else None
    if not seconds or not meeting.roles & {Role.HOLDING, Role.FACILITATOR, Role.MENTOR}:
        return Part()
    month = sum(one.number or 0 for one in found["lately"] if one.at and (actor.at - one.at).days < MONTH_DAYS)
    each = month / 60 / max(1, found["members"][0].number or 0)
    ceiling = house().settings.paperwork_ceiling
    given = {"minutes": _minutes(seconds), "each": round(each), "ceiling": ceiling, "is_much": each > ceiling}
    return Part("meetings/paperwork.html", given)


def _minutes(seconds: int) -> int:
    """Whole minutes; what took any time took one."""
    return max(1, round(seconds / 60))
