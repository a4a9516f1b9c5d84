"""Series of meetings, and the school calendar they leave out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.home import tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, NotThere, allows, load
from lms_plc.files.views import largest_form, may_be_large
from lms_plc.house import house
from lms_plc.meetings.actions import cancel
from lms_plc.meetings.forms import Mode
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING, State
from lms_plc.meetings.wording import MODES, states
from lms_plc.people.guards import actor
from lms_plc.series import holidays
from lms_plc.series import on_meeting as series_part
from lms_plc.series import queries as series_queries
from lms_plc.series import wording as series_wording
from lms_plc.series.actions import LAID_AHEAD, Changed, change_series, end_series, is_moved, plan_series
from lms_plc.series.forms import HolidayForm, SeriesForm
from lms_plc.series.holiday_file import LARGEST, NoCalendar, TooLarge, breaks_in
from lms_plc.series.queries import HolidaySeen, SeriesSeen
from lms_plc.series.recurrence import Break, Every, Occurrence, day_there, last_day, read, same_weeks, to_come
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext, ngettext

__all__ = ["series", "series_part"]

series = Blueprint("series", __name__, url_prefix="/s/<seat>", template_folder="templates")

ROOM = "meetings.meeting_list"
WEDNESDAY, SATURDAY = 2, 5
CHANGED_AHEAD = timedelta(days=730)

tells_news(
    "series.planned",
    "series.series_list",
    lambda number: ngettext("New regular meetings", "New regular meetings, %(num)s times", number),
)


@series.get("/communities/<uuid:community_id>/series")
def series_list(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        found = series_queries.series_of(connection, community.id)
    return render_template(
        "series/list.html",
        page_title=gettext("Regular meetings"),
        community=frame(community, ROOM),
        seen=community,
        rows=[(one, series_wording.in_words(one.rhythm)) for one in found],
        may_plan=allows(community.roles, "series.plan"),
    )


@series.get("/communities/<uuid:community_id>/series/new")
def plan_form(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "series.plan")
    today = day_there(who.at, house().settings.timezone)
    given = {
        "title": gettext("Our meeting"),
        "every": Every.TWO_WEEKS.value,
        "weekday": str(today.weekday() if today.weekday() < SATURDAY else WEDNESDAY),
        "first": today.isoformat(),
        "minutes": "75",
        "mode": Mode.IN_PERSON.value,
        "in_working_time": "yes",
    }
    return _form_page(community, Answer(None, [], given))


@series.post("/communities/<uuid:community_id>/series/new")
def plan(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read_series()
    if "look" in request.form:
        with house().database.read() as connection:
            community = load_here(connection, who, community_id, "series.plan")
            return _looked_at(connection, who, community, answer)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "series.plan")
        if answer.form is None:
            return _form_page(community, answer), 422
        series_id = plan_series(session, who, community, answer.form, house().settings.timezone)
    return redirect(url_for("series.show", series_id=series_id), 303)


@series.get("/series/<uuid:series_id>")
def show(series_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: SeriesSeen = load(connection, who, "meeting_series", series_id, "community.read")
        community = load_here(connection, who, seen.community_id, "community.read")
        meetings = series_queries.in_series(connection, seen.id, who.at, None)
        breaks = _breaks(connection, who, community)
    on_holiday = holidays.on_holidays(meetings, breaks, house().settings.timezone)
    return render_template(
        "series/series.html",
        page_title=seen.title,
        community=frame(community, ROOM),
        seen=community,
        series=seen,
        words=series_wording.in_words(seen.rhythm),
        mode=gettext(MODES[Mode(seen.mode)]),
        zone=seen.zone if seen.zone != house().settings.timezone else None,
        rows=[(one, one.state in COMING, on_holiday.get(one.id), is_moved(seen, one)) for one in meetings],
        states=states(),
        skipped=_left_out(seen, breaks, who.at),
        came_of_it=_came_of_it(),
        may_plan=allows(seen.roles, "series.plan"),
    )


@series.get("/series/<uuid:series_id>/edit")
def change_form(series_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: SeriesSeen = load(connection, who, "meeting_series", series_id, "series.plan")
        community = load_here(connection, who, seen.community_id, "community.read")
    rule = read(seen.rule)
    ends, today = last_day(seen.rule, seen.first_day), day_there(who.at, seen.zone)
    given = {
        "title": seen.title,
        "every": rule.every.value,
        "weekday": str(rule.weekday),
        "first": (same_weeks(rule, seen.rhythm, today) or today).isoformat(),
        "starts": f"{seen.starts:%H:%M}",
        "minutes": str(seen.minutes),
        "until": ends.isoformat() if ends else "",
        "mode": seen.mode,
        "place": seen.place,
        "link": seen.link,
        "in_working_time": "yes" if seen.in_working_time else "",
        "zone": seen.zone if seen.zone != house().settings.timezone else "",
    }
    return _form_page(community, Answer(None, [], given), seen)


@series.post("/series/<uuid:series_id>/edit")
def change(series_id: UUID) -> str | Response | tuple[str, int]:
    who, said = actor(), _read_series()
    if "look" in request.form:
        with house().database.read() as connection:
            seen: SeriesSeen = load(connection, who, "meeting_series", series_id, "series.plan")
            community = load_here(connection, who, seen.community_id, "community.read")
            return _looked_at(connection, who, community, _not_too_far(said, seen, who), seen)
    with house().database.write() as session:
        seen = load(session.connection(), who, "meeting_series", series_id, "series.plan")
        answer = _not_too_far(said, seen, who)
        if answer.form is None or seen.ended_at is not None:
            community = load_here(session.connection(), who, seen.community_id, "community.read")
            return _form_page(community, answer, seen), 422
        came_of_it = change_series(session, who, seen, answer.form, house().settings.timezone)
    return _to_series(series_id, came_of_it)


@series.post("/series/<uuid:series_id>/end")
def end(series_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: SeriesSeen = load(session.connection(), who, "meeting_series", series_id, "series.plan")
        came_of_it = end_series(session, who, seen)
    return _to_series(series_id, came_of_it)


@series.post("/meetings/<uuid:meeting_id>/skip")
def skip(meeting_id: UUID) -> Response:
    """This once they do not meet."""
    who = actor()
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.change")
        if seen.series_id is None:
            raise NotThere("meeting_series")
        if State(seen.state) in COMING:
            cancel(session, who, seen)
    return redirect(url_for("series.show", series_id=seen.series_id), 303)


@series.get("/communities/<uuid:community_id>/holidays")
def calendar(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        return _calendar_page(connection, who, community, Answer(None, [], {}))


@series.post("/communities/<uuid:community_id>/holidays")
def add(community_id: UUID) -> str | Response | tuple[str, int]:
    """One that was typed, or those ticked of a list."""
    who, chosen = actor(), _chosen()
    answer = read_form(HolidayForm, request.form) if chosen is None else None
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "holidays.keep")
        if answer is not None and answer.form is None:
            return _calendar_page(session.connection(), who, community, _in_words(answer)), 422
        new, gone = holidays.add_holidays(session, who, community, chosen or _typed(answer))
    return redirect(url_for("series.calendar", community_id=community_id, new=new, gone=gone), 303)


@series.post("/communities/<uuid:community_id>/holidays/read")
@may_be_large(largest_form)
def read_file(community_id: UUID) -> str | tuple[str, int]:
    """What a calendar file says, to be ticked; of the file nothing is kept."""
    who, file = actor(), request.files.get("calendar")
    content = b""
    if file is not None:
        content = file.stream.read(LARGEST + 1)
        file.close()
    problem, found = None, []
    try:
        found = breaks_in(content, day_there(who.at, house().settings.timezone))
    except NoCalendar:
        problem = gettext(
            "This could not be read as a calendar. Its name usually ends in .ics; ask your school for it."
        )
    except TooLarge:
        problem = gettext("This calendar is too large. One with nothing but school holidays is small.")
    if not found and problem is None:
        problem = gettext("There is no whole day off to come in this calendar.")
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "holidays.keep")
        if problem is not None:
            answer: Answer[HolidayForm] = Answer(None, [{"field": "calendar", "message": problem}], {})
            return _calendar_page(connection, who, community, answer), 422
        return _choosing_page(community, found)


@series.get("/communities/<uuid:community_id>/holidays/from/<uuid:other_id>")
def take_over(community_id: UUID, other_id: UUID) -> str:
    """What another community of mine has in its school calendar, to be ticked."""
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "holidays.keep")
        other = load_here(connection, who, other_id, "community.read")
        found = _breaks(connection, who, other)
    return _choosing_page(community, found)


@series.post("/holidays/<uuid:holiday_id>/remove")
def remove(holiday_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: HolidaySeen = load(session.connection(), who, "school_holiday", holiday_id, "holidays.keep")
        holidays.remove_holiday(session, who, seen)
    return redirect(url_for("series.calendar", community_id=seen.community_id), 303)


def _form_page(
    community: CommunitySeen,
    answer: Answer[SeriesForm],
    seen: SeriesSeen | None = None,
    looked: Sequence[Occurrence] = (),
    words: str = "",
) -> str:
    return render_template(
        "series/form.html",
        page_title=gettext("Change the regular meetings") if seen else gettext("Plan regular meetings"),
        community=frame(community, ROOM),
        seen=community,
        series=seen,
        answer=answer,
        errors=answer.errors,
        every=[(one.value, gettext(label)) for one, label in series_wording.EVERY.items()],
        weekdays=[(str(number), gettext(label)) for number, label in enumerate(series_wording.WEEKDAYS)],
        modes=[(one.value, gettext(label)) for one, label in MODES.items()],
        looked=looked,
        words=words,
        zone=house().settings.timezone,
        has_more=any(answer.given.get(name) or answer.error(name) for name in ("until", "times", "zone")),
        form_key=answer.form_key,
    )


def _looked_at(
    connection: Connection,
    who: Actor,
    community: CommunitySeen,
    answer: Answer[SeriesForm],
    seen: SeriesSeen | None = None,
) -> str | tuple[str, int]:
    """The same form, and the days it means; nothing is kept."""
    if answer.form is None:
        return _form_page(community, answer, seen), 422
    rhythm = answer.form.rhythm(house().settings.timezone, seen.rhythm if seen else None)
    looked = to_come(rhythm, _breaks(connection, who, community), who.at, LAID_AHEAD)
    return _form_page(community, answer, seen, looked, series_wording.in_words(rhythm))


def _calendar_page(connection: Connection, who: Actor, community: CommunitySeen, answer: Answer[HolidayForm]) -> str:
    today = day_there(who.at, house().settings.timezone)
    found = series_queries.holidays_of(connection, community.id, today)
    others = series_queries.communities_with_holidays(connection, who, community.id, today)
    meetings = series_queries.to_come(connection, community.id, who.at)
    hit = holidays.on_holidays(meetings, [one.as_break for one in found], house().settings.timezone)
    return render_template(
        "series/school_calendar.html",
        page_title=gettext("School calendar"),
        community=frame(community, ROOM),
        seen=community,
        rows=[(one, series_wording.break_in_words(one.first_day, one.last_day)) for one in found],
        others=others,
        hit=[(one, hit[one.id]) for one in meetings if one.id in hit],
        told=_told(),
        answer=answer,
        errors=answer.errors,
        may_keep=allows(community.roles, "holidays.keep"),
    )


def _choosing_page(community: CommunitySeen, found: Sequence[Break]) -> str:
    rows = [
        (
            f"{one.first_day.isoformat()}/{one.last_day.isoformat()}/{one.name}",
            one.name or gettext("Without a name"),
            series_wording.break_in_words(one.first_day, one.last_day),
        )
        for one in found
    ]
    return render_template(
        "series/holidays_choose.html",
        page_title=gettext("Which of these days have no school?"),
        community=frame(community, ROOM),
        seen=community,
        rows=rows,
    )


def _read_series() -> Answer[SeriesForm]:
    answer = read_form(SeriesForm, request.form)
    words = {
        "first": gettext("Please give a day, as in 2026-11-22."),
        "starts": gettext("Please give a time, as in 14:30."),
        "minutes": gettext("Please give a number of minutes, from 5 to 600."),
        "until": gettext("Please give a day on which there still is a meeting, as in 2027-06-30, or leave it empty."),
        "times": gettext("Please give either a last day or a number up to 200, not both."),
        "link": gettext("Please give the whole address, beginning with https://"),
        "zone": gettext("Please give a zone as in Europe/Skopje, or leave it empty."),
    }
    return answer.worded(words)


def _not_too_far(answer: Answer[SeriesForm], seen: SeriesSeen, who: Actor) -> Answer[SeriesForm]:
    """Until the day a change holds from, the meetings of the rhythm before it are laid, and those are not without
    end. One that begins later than that has none before."""
    if answer.form is None or answer.form.first <= max(who.at.date(), seen.first_day) + CHANGED_AHEAD:
        return answer
    return answer.refused("first", gettext("Please give a day within the next two years."))


def _in_words(answer: Answer[HolidayForm]) -> Answer[HolidayForm]:
    words = {
        "first_day": gettext("Please give a day, as in 2026-12-24."),
        "last_day": gettext("Please give a day after the first one, at most four months later."),
    }
    return answer.worded(words)


def _chosen() -> list[Break] | None:
    """The ticks of a list; None where a form was typed instead. What is no break any more is left out."""
    if "choosing" not in request.form:
        return None
    found = []
    for line in request.form.getlist("breaks")[: series_queries.HOLIDAYS]:
        first, last, name = (line.split("/", 2) + ["", ""])[:3]
        said = read_form(HolidayForm, {"first_day": first, "last_day": last, "name": name or gettext("Holiday")})
        if said.form is not None:
            found += _typed(said)
    return found


def _typed(answer: Answer[HolidayForm] | None) -> list[Break]:
    if answer is None or answer.form is None:
        return []
    return [Break(answer.form.name, answer.form.first_day, answer.form.last_day or answer.form.first_day)]


def _breaks(connection: Connection, who: Actor, community: CommunitySeen) -> list[Break]:
    today = day_there(who.at, house().settings.timezone)
    return [one.as_break for one in series_queries.holidays_of(connection, community.id, today - timedelta(days=1))]


def _left_out(seen: SeriesSeen, breaks: Sequence[Break], at: datetime) -> list[tuple[date, str]]:
    """Days of the rule among the next ones on which nobody meets, and why."""
    if seen.ended_at is not None:
        return []
    found = to_come(seen.rhythm, breaks, at, LAID_AHEAD)
    return [(one.day, one.holiday) for one in found if one.holiday is not None]


def _to_series(series_id: UUID, came_of_it: Changed) -> Response:
    counts: dict[str, Any] = {"follow": came_of_it.follow, "gone": came_of_it.gone, "stay": came_of_it.stay}
    return redirect(url_for("series.show", series_id=series_id, **counts), 303)


def _came_of_it() -> list[str]:
    """What a change brought, as its redirect says it."""
    counts = _counts(request.args)
    words = [
        (counts["follow"], ngettext("%(num)s meeting follows.", "%(num)s meetings follow.", counts["follow"])),
        (
            counts["gone"],
            ngettext("%(num)s meeting was taken away.", "%(num)s meetings were taken away.", counts["gone"]),
        ),
        (
            counts["stay"],
            ngettext(
                "%(num)s meeting stays as it is, because somebody has changed it or put something on it.",
                "%(num)s meetings stay as they are, because somebody has changed them or put something on them.",
                counts["stay"],
            ),
        ),
    ]
    return [sentence for count, sentence in words if count]


def _told() -> list[str]:
    counts = _counts(request.args)
    words = [
        (counts["new"], ngettext("%(num)s break is new.", "%(num)s breaks are new.", counts["new"])),
        (
            counts["gone"],
            ngettext(
                "%(num)s regular meeting fell on it, and was taken away.",
                "%(num)s regular meetings fell on it, and were taken away.",
                counts["gone"],
            ),
        ),
    ]
    return [sentence for count, sentence in words if count]


def _counts(given: Mapping[str, str]) -> dict[str, int]:
    """Numbers of an address; nonsense is none."""
    return {
        name: int(given[name])
        if given.get(name, "").isascii() and given.get(name, "").isdigit() and len(given[name]) < 5
        else 0
        for name in ("follow", "gone", "stay", "new")
    }
