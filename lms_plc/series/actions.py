"""What members can do about a series of meetings: begin it, change it from a day on, end it. Meetings are laid ahead.

A meeting that is just as its series laid it belongs to the series: it follows a change, makes way for a holiday, and
goes when the series ends. As soon as somebody has put something on it, moved it or said something of it, it is theirs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core import search
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER
from lms_plc.meetings.models import AgendaItem, Meeting
from lms_plc.meetings.queries import is_ahead
from lms_plc.meetings.states import State
from lms_plc.series.forms import SeriesForm
from lms_plc.series.models import MeetingSeries
from lms_plc.series.queries import (
    MEETINGS,
    InSeries,
    SeriesSeen,
    breaks_of,
    in_series,
    with_something_on_them,
)
from lms_plc.series.recurrence import Occurrence, Rhythm, ahead, day_there, occurrence, to_come

LAID_AHEAD = 8
"""So many meetings to come a series has, as long as its rule has days."""

_UNSAID = frozenset({State.PLANNED.value, State.AGENDA_OPEN.value})
"""States nobody has said: a meeting has them by itself."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a change: so many meetings follow, were taken away, and stay as they are."""

    follow: int
    gone: int
    stay: int


def plan_series(session: Session, actor: Actor, community: CommunitySeen, form: SeriesForm, zone_here: str) -> UUID:
    """Begins a series and lays its next meetings. The same form sent twice is one series."""
    rhythm = form.rhythm(zone_here)
    series_id, is_new = once(
        session,
        MeetingSeries,
        ("planned_by_id", "form_key"),
        community_id=community.id,
        planned_by_id=actor.person_id,
        **_values(form, rhythm),
        form_key=form.form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return series_id
    seen = _seen(series_id, community.id, community.site_id, actor.person_id, form, rhythm)
    laid = lay(session, [seen], actor.at)
    _tell(session, "series.planned", actor, seen, {"meetings": [str(one) for one in laid[series_id]]})
    return series_id


def change_series(session: Session, actor: Actor, series: SeriesSeen, form: SeriesForm, zone_here: str) -> Changed:
    """From a day on it has another rhythm, place or name. Meetings that belong to the series follow: those on a day the
    new rule means stay on it, the others move to its other days. One that is somebody's stays, and stands for the new
    one of its week."""
    rhythm = form.rhythm(zone_here, series.rhythm)
    session.execute(select(MeetingSeries.id).where(MeetingSeries.id == series.id).with_for_update())
    now = _seen(series.id, series.community_id, series.site_id, series.planned_by_id, form, rhythm)
    _lay_until(session, series, form.first, actor.at)
    there = in_series(session.connection(), series.id, actor.at, day_there(actor.at, series.zone))
    coming = [one for one in there if _day(one) >= form.first]
    own = untouched(session, [series], [one for one in coming if one.starts_at > actor.at])
    staying = [one for one in coming if one.id not in own]
    free, last = _days_for(session, now, staying, actor.at)
    following, gone = _pair([one for one in coming if one.id in own], [one.day for one in free])
    by_day = {one.day: one for one in free}
    for meeting, day in following:
        _follow(session, now, meeting, by_day[day], actor.at)
    take_away(session, gone)
    session.execute(
        update(MeetingSeries)
        .where(MeetingSeries.id == series.id)
        .values(**_values(form, rhythm), laid_until=last, changed_at=actor.at)
    )
    taken = {day for _, day in following}
    laid = _insert(session, [(now, one) for one in free if one.day not in taken], actor.at)
    _give_what_waits(session, [series.community_id] if laid else [], actor.at)
    changed = _changed(series, now)
    facts = {"changed": changed, "from": form.first.isoformat(), "stay": len(staying)}
    _tell(session, "series.changed", actor, series, facts)
    return Changed(len(following), len(gone), len([one for one in staying if one.state != State.CANCELLED.value]))


def end_series(session: Session, actor: Actor, series: SeriesSeen) -> Changed:
    """No more meetings of it are laid; those that belong to it alone are taken away."""
    ended = session.execute(
        update(MeetingSeries)
        .where(MeetingSeries.id == series.id, MeetingSeries.ended_at.is_(None))
        .values(ended_at=actor.at, changed_at=actor.at)
        .returning(MeetingSeries.id)
    ).one_or_none()
    if ended is None:
        return Changed(0, 0, 0)
    coming = in_series(session.connection(), series.id, actor.at, None)
    own = untouched(session, [series], coming)
    take_away(session, own)
    stay = len([one for one in coming if one.id not in own and one.state != State.CANCELLED.value])
    _tell(session, "series.ended", actor, series, {"gone": len(own), "stay": stay})
    return Changed(0, len(own), stay)


def lay(session: Session, series: Sequence[SeriesSeen], at: datetime) -> Mapping[UUID, Sequence[UUID]]:
    """Lays what is missing of the next meetings of these series, and answers which those are, by series. However often
    and by how many it is done at once, there is one meeting for a day; a day that was looked at is not looked at
    again."""
    breaks = breaks_of(session.connection(), {one.community_id for one in series}, at.date() - _ONE_DAY)
    wanted: list[tuple[SeriesSeen, Occurrence]] = []
    laid_until: dict[UUID, date] = {}
    for one in series:
        found = to_come(one.rhythm, breaks[one.community_id], at, LAID_AHEAD)
        missing = [each for each in found if one.laid_until is None or each.day > one.laid_until]
        if missing:
            laid_until[one.id] = missing[-1].day
            wanted += [(one, each) for each in missing if each.holiday is None]
    laid = _insert(session, wanted, at)
    for series_id, last in laid_until.items():
        session.execute(update(MeetingSeries).where(MeetingSeries.id == series_id).values(laid_until=last))
    by_series: dict[UUID, list[UUID]] = {one.id: [] for one in series}
    for meeting_id, one in laid:
        by_series[one.id].append(meeting_id)
    _give_what_waits(session, {one.community_id for _, one in laid}, at)
    return by_series


def lay_again(session: Session, series: Iterable[SeriesSeen], first: date, last: date, at: datetime) -> int:
    """Days that were a holiday and are none any more."""
    wanted: list[tuple[SeriesSeen, Occurrence]] = []
    series = list(series)
    breaks = breaks_of(session.connection(), {one.community_id for one in series}, first)
    for one in series:
        if one.laid_until is None:
            continue
        for each in ahead(one.rhythm, breaks[one.community_id], first - _ONE_DAY, LAID_AHEAD * 10):
            if each.day > min(last, one.laid_until):
                break
            if each.holiday is None and each.starts_at > at:
                wanted.append((one, each))
    return len(_insert(session, wanted, at))


def untouched(session: Session, series: Sequence[SeriesSeen], meetings: Sequence[InSeries]) -> set[UUID]:
    """Those that are just as their series laid them, and nothing hangs on them."""
    by_id = {one.id: one for one in series}
    same = [one.id for one in meetings if one.series_id in by_id and _is_as_laid(by_id[one.series_id], one)]
    return set(same) - with_something_on_them(session.connection(), same)


def take_away(session: Session, meetings: Collection[UUID]) -> None:
    """They will not be, and never were: nobody had put anything on them."""
    for meeting_id in meetings:
        search.forget(session, Reference("meeting", meeting_id))
    session.execute(delete(Meeting).where(Meeting.id.in_(meetings)), execution_options={"synchronize_session": False})


def _lay_until(session: Session, series: SeriesSeen, day: date, at: datetime) -> None:
    """What the rule as it was still means before another one holds."""
    if series.laid_until is None or series.laid_until >= day:
        return
    breaks = breaks_of(session.connection(), [series.community_id], series.laid_until)[series.community_id]
    found = takewhile(lambda one: one.day < day, ahead(series.rhythm, breaks, series.laid_until, MEETINGS))
    _insert(session, [(series, one) for one in found if one.holiday is None and one.starts_at > at], at)


def _days_for(
    session: Session, series: SeriesSeen, staying: Sequence[InSeries], at: datetime
) -> tuple[list[Occurrence], date]:
    """The next days of a changed rule on which there is room: no holiday, and nothing that stays in that week; and the
    last day that was looked at."""
    breaks = breaks_of(session.connection(), [series.community_id], day_there(at, series.zone))
    weeks = {_week(_day(one)) for one in staying}
    found = to_come(series.rhythm, breaks[series.community_id], at, LAID_AHEAD)
    free = [one for one in found if one.holiday is None and _week(one.day) not in weeks]
    return free, found[-1].day if found else series.first_day


def _pair(meetings: Sequence[InSeries], days: Sequence[date]) -> tuple[list[tuple[InSeries, date]], list[UUID]]:
    """Which meeting goes to which day, and which go altogether. Whoever stays on their day comes first."""
    stays = [(one, _day(one)) for one in meetings if _day(one) in days]
    taken = {day for _, day in stays}
    moving = [one for one in meetings if _day(one) not in taken]
    to = [day for day in days if day not in taken]
    return stays + list(zip(moving, to, strict=False)), [one.id for one in moving[len(to) :]]


def _follow(session: Session, series: SeriesSeen, meeting: InSeries, to: Occurrence, at: datetime) -> None:
    values = {"occurrence": to.day, "starts_at": to.starts_at, "ends_at": to.ends_at, **_said(series)}
    if all(getattr(meeting, name) == value for name, value in values.items()):
        return
    session.execute(
        update(Meeting).where(Meeting.id == meeting.id).values(**values, revision=Meeting.revision + 1, changed_at=at)
    )
    if meeting.title != series.title:
        row = session.execute(select(Meeting.created_at).where(Meeting.id == meeting.id)).one()
        search.put(session, _entry(series, meeting.id, row.created_at))


def _insert(
    session: Session, wanted: Sequence[tuple[SeriesSeen, Occurrence]], at: datetime
) -> list[tuple[UUID, SeriesSeen]]:
    """Those that were not there yet."""
    rows = [_row(series, one, at) for series, one in wanted]
    if not rows:
        return []
    insert = upsert(session, Meeting.__table__).on_conflict_do_nothing().returning(Meeting.__table__.c.id)
    new = set(session.execute(insert, rows).scalars())
    laid = [(row["id"], series) for row, (series, _) in zip(rows, wanted, strict=True) if row["id"] in new]
    for meeting_id, series in laid:
        search.put(session, _entry(series, meeting_id, at))
    return laid


def _row(series: SeriesSeen, one: Occurrence, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "community_id": series.community_id,
        "planned_by_id": series.planned_by_id,
        "series_id": series.id,
        "occurrence": one.day,
        "kind": "community",
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        **_said(series),
        "state": State.PLANNED.value,
        "revision": 0,
        "minutes": "",
        "minutes_html": "",
        "minutes_renderer": RENDERER,
        "minutes_version": 0,
        "form_key": f"{series.id.hex}:{one.day.isoformat()}",
        "created_at": at,
        "changed_at": at,
    }


def _said(series: SeriesSeen) -> dict[str, Any]:
    """What a meeting has from its series, besides its day and its time."""
    return {
        "title": series.title,
        "zone": series.zone,
        "mode": series.mode,
        "place": series.place,
        "link": series.link,
        "in_working_time": series.in_working_time,
    }


def _is_as_laid(series: SeriesSeen, meeting: InSeries) -> bool:
    if meeting.occurrence is None or meeting.state not in _UNSAID or meeting.protocol is not None:
        return False
    laid = occurrence(series.rhythm, meeting.occurrence)
    said = {"starts_at": laid.starts_at, "ends_at": laid.ends_at, **_said(series)}
    return all(getattr(meeting, name) == value for name, value in said.items())


def is_moved(series: SeriesSeen, meeting: InSeries) -> bool:
    """Whether it is not at the hour its series has."""
    if meeting.occurrence is None:
        return True
    laid = occurrence(series.rhythm, meeting.occurrence)
    return (meeting.starts_at, meeting.ends_at) != (laid.starts_at, laid.ends_at)


def _give_what_waits(session: Session, communities: Collection[UUID], at: datetime) -> None:
    """What waited for a meeting comes onto the agenda of the next one."""
    if not communities:
        return
    coming = (
        select(Meeting.id)
        .where(Meeting.community_id == AgendaItem.community_id, is_ahead(at))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        update(AgendaItem)
        .where(AgendaItem.community_id.in_(communities), AgendaItem.meeting_id.is_(None))
        .values(meeting_id=coming),
        execution_options={"synchronize_session": False},
    )


def _entry(series: SeriesSeen, meeting_id: UUID, created_at: datetime) -> search.Entry:
    reference = Reference("meeting", meeting_id)
    place = (series.site_id, series.community_id, None, Audience.COMMUNITY.value)
    return search.Entry(reference, *place, series.title, "", created_at)


def _day(meeting: InSeries) -> date:
    return meeting.occurrence or day_there(meeting.starts_at, meeting.zone or "UTC")


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _values(form: SeriesForm, rhythm: Rhythm) -> dict[str, Any]:
    return {
        "title": form.title,
        "rule": rhythm.rule,
        "first_day": rhythm.first_day,
        "starts": rhythm.starts,
        "minutes": rhythm.minutes,
        "zone": rhythm.zone,
        "mode": form.mode.value,
        "place": form.place,
        "link": form.link,
        "in_working_time": form.in_working_time,
    }


def _seen(
    series_id: UUID, community_id: UUID, site_id: UUID, planned_by_id: UUID, form: SeriesForm, rhythm: Rhythm
) -> SeriesSeen:
    whose: dict[str, Any] = {
        "id": series_id,
        "community_id": community_id,
        "site_id": site_id,
        "planned_by_id": planned_by_id,
    }
    return SeriesSeen(**whose, **_values(form, rhythm), laid_until=None, ended_at=None)


def _changed(before: SeriesSeen, now: SeriesSeen) -> list[str]:
    """Which facts are another, in the words letters have for them."""
    said = {"time": ("rule", "starts", "minutes", "zone"), "place": ("place", "mode"), "link": ("link",)}
    return [
        word
        for word, names in {**said, "title": ("title",)}.items()
        if any(getattr(before, name) != getattr(now, name) for name in names)
    ]


def _tell(session: Session, verb: str, actor: Actor, series: SeriesSeen, facts: Mapping[str, Any]) -> None:
    record_by(
        session,
        actor,
        verb,
        Reference("meeting_series", series.id),
        site_id=series.site_id,
        community_id=series.community_id,
        facts=facts,
    )
