"""What is a rhythm called, in words somebody would say?"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from babel import Locale, dates

from lms_plc.series.recurrence import Every, Rhythm, last_day, read
from lms_plc.web.i18n import N_, format_date, gettext, html_language, ngettext

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))

EVERY: Mapping[Every, str] = {
    Every.WEEK: N_("Every week"),
    Every.TWO_WEEKS: N_("Every second week"),
    Every.FIRST: N_("Once a month: the first one"),
    Every.SECOND: N_("Once a month: the second one"),
    Every.THIRD: N_("Once a month: the third one"),
    Every.FOURTH: N_("Once a month: the fourth one"),
    Every.LAST: N_("Once a month: the last one"),
}

_WEEKLY = (
    N_("every Monday"),
    N_("every Tuesday"),
    N_("every Wednesday"),
    N_("every Thursday"),
    N_("every Friday"),
    N_("every Saturday"),
    N_("every Sunday"),
)
_FORTNIGHTLY = (
    N_("every second Monday"),
    N_("every second Tuesday"),
    N_("every second Wednesday"),
    N_("every second Thursday"),
    N_("every second Friday"),
    N_("every second Saturday"),
    N_("every second Sunday"),
)
_MONTHLY = {
    Every.FIRST: N_("once a month, on its first %(weekday)s"),
    Every.SECOND: N_("once a month, on its second %(weekday)s"),
    Every.THIRD: N_("once a month, on its third %(weekday)s"),
    Every.FOURTH: N_("once a month, on its fourth %(weekday)s"),
    Every.LAST: N_("once a month, on its last %(weekday)s"),
}


def in_words(rhythm: Rhythm) -> str:
    """“every second Wednesday, 14:00–15:15, until …”"""
    rule = read(rhythm.rule)
    if rule.every is Every.WEEK:
        when = gettext(_WEEKLY[rule.weekday])
    elif rule.every is Every.TWO_WEEKS:
        when = gettext(_FORTNIGHTLY[rule.weekday])
    else:
        when = gettext(_MONTHLY[rule.every], weekday=gettext(WEEKDAYS[rule.weekday]))
    words = f"{when}, {_clock(rhythm.starts)}–{_clock(_later(rhythm.starts, rhythm.minutes))}"
    if (last := last_day(rhythm.rule, rhythm.first_day)) is None:
        return words
    return gettext("%(when)s, until %(day)s", when=words, day=format_date(last))


def break_in_words(first_day: date, last_day: date) -> str:
    if first_day == last_day:
        return format_date(first_day)
    return f"{format_date(first_day)} – {format_date(last_day)}"


def meetings(count: int) -> str:
    return ngettext("%(num)s meeting", "%(num)s meetings", count)


def _clock(at: time) -> str:
    """What the wall shows there, whatever zone the reader is in."""
    return dates.format_time(at, "short", locale=Locale.parse(html_language(), sep="-"))


def _later(at: time, minutes: int) -> time:
    return (datetime.combine(date(2000, 1, 1), at) + timedelta(minutes=minutes)).time()
