"""What members can do about their school calendar: series leave its days out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.series.actions import lay, lay_again, take_away, untouched
from lms_plc.series.models import SchoolHoliday
from lms_plc.series.queries import HOLIDAYS, HolidaySeen, InSeries, series_of, to_come
from lms_plc.series.recurrence import Break, day_there, holiday_on


def add_holidays(session: Session, actor: Actor, community: CommunitySeen, breaks: Sequence[Break]) -> tuple[int, int]:
    """Adds those that are not there yet. Meetings on them that belong to a series alone are taken away, and as many are
    laid behind; answers how many breaks are new, and how many meetings went."""
    session.execute(select(Community.id).where(Community.id == community.id).with_for_update())
    known = select(SchoolHoliday.name, SchoolHoliday.first_day, SchoolHoliday.last_day)
    there = {Break(*row) for row in session.execute(known.where(SchoolHoliday.community_id == community.id))}
    room = max(0, HOLIDAYS - len(there))
    new = [one for one in dict.fromkeys(breaks) if one not in there][:room]
    if not new:
        return 0, 0
    session.add_all(
        SchoolHoliday(
            id=new_id(),
            community_id=community.id,
            name=one.name,
            first_day=one.first_day,
            last_day=one.last_day,
            added_by_id=actor.person_id,
            created_at=actor.at,
        )
        for one in new
    )
    session.flush()
    gone = _make_way(session, community.id, new, actor.at)
    _tell(session, "holidays.added", actor, community.site_id, community.id, {"breaks": len(new), "gone": gone})
    return len(new), gone


def remove_holiday(session: Session, actor: Actor, holiday: HolidaySeen) -> int:
    """It is an ordinary time after all; series meet in it again. Answers how many meetings were laid."""
    gone = session.execute(
        delete(SchoolHoliday).where(SchoolHoliday.id == holiday.id).returning(SchoolHoliday.id)
    ).one_or_none()
    if gone is None:
        return 0
    series = series_of(session.connection(), holiday.community_id)
    laid = lay_again(session, series, holiday.first_day, holiday.last_day, actor.at)
    _tell(session, "holidays.removed", actor, holiday.site_id, holiday.community_id, {"laid": laid})
    return laid


def on_holidays(meetings: Sequence[InSeries], breaks: Sequence[Break], zone_here: str) -> dict[UUID, str]:
    """Meeting → the break it falls into, by the clock where it is."""
    found = {one.id: holiday_on(day_there(one.starts_at, one.zone or zone_here), breaks) for one in meetings}
    return {meeting_id: name for meeting_id, name in found.items() if name is not None}


def _make_way(session: Session, community_id: UUID, breaks: Sequence[Break], at: datetime) -> int:
    connection = session.connection()
    series = series_of(connection, community_id)
    hit = [one for one in to_come(connection, community_id, at) if holiday_on(_day(one), breaks) is not None]
    gone = untouched(session, series, hit)
    take_away(session, gone)
    lay(session, series, at)
    return len(gone)


def _day(meeting: InSeries) -> Any:
    return meeting.occurrence or day_there(meeting.starts_at, meeting.zone or "UTC")


def _tell(session: Session, verb: str, actor: Actor, site_id: UUID, community_id: UUID, facts: dict[str, Any]) -> None:
    record_by(
        session,
        actor,
        verb,
        Reference("community", community_id),
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )
