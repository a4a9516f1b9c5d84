"""Does a rhythm meet when the clock on the wall says so, whatever daylight saving does, and never in a holiday?"""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from lms_plc.series.holiday_file import LARGEST, MOST_REPEATED, NoCalendar, TooLarge, breaks_in
from lms_plc.series.recurrence import (
    Break,
    Every,
    Occurrence,
    Rhythm,
    Rule,
    ahead,
    days,
    first_from,
    last_day,
    moment,
    occurrence,
    read,
    written,
)
from lms_plc.series.wording import break_in_words, in_words
from lms_plc.web.i18n import speaking

ZONES = (
    "Europe/Skopje",
    "Asia/Almaty",
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Santiago",
    "UTC",
)
MONDAY = date(2026, 11, 23)

rules = st.builds(Rule, st.sampled_from(Every), st.integers(0, 6))
breaks = st.lists(
    st.builds(
        lambda first, length: Break("B", first, first + timedelta(days=length)),
        st.dates(date(2026, 1, 1), date(2028, 1, 1)),
        st.integers(0, 60),
    ),
    max_size=6,
)


def taken_by_the_wall(there: datetime) -> datetime:
    """The moment of a wall clock, by another library's rules for a gap: what does not exist counts as before it."""
    zone = tz.gettz(str(there.tzinfo))
    naive = there.replace(tzinfo=None)
    assert zone is not None
    return tz.resolve_imaginary(naive.replace(tzinfo=zone)).astimezone(UTC)


@given(
    rule=rules,
    begins=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    at=st.times().map(lambda it: it.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
    holidays=breaks,
)
def test_every_occurrence_has_its_wall_clock_and_none_is_in_a_holiday(
    rule: Rule, begins: date, at: time, zone: str, holidays: list[Break]
) -> None:
    first = first_from(rule, begins)
    assert first is not None
    rhythm = Rhythm(written(rule), first, at, 75, zone)
    found = ahead(rhythm, holidays, first - timedelta(days=1), 12)
    assert sum(one.holiday is None for one in found) == 12
    for one in found:
        hit = any(each.first_day <= one.day <= each.last_day for each in holidays)
        assert (one.holiday is not None) == hit
        assert one.day.weekday() == rule.weekday
        assert one.ends_at - one.starts_at == timedelta(minutes=75)
        there = one.starts_at.astimezone(ZoneInfo(zone))
        wall = datetime.combine(one.day, at)
        if tz.datetime_exists(wall, tz.gettz(zone)):
            assert there.replace(tzinfo=None) == wall
            assert there.fold == 0
        else:
            assert timedelta() < there.replace(tzinfo=None) - wall <= timedelta(hours=1)
        assert one.starts_at == taken_by_the_wall(wall.replace(tzinfo=ZoneInfo(zone)))
    gaps = {(later.day - earlier.day).days for earlier, later in zip(found, found[1:], strict=False)}
    wanted = {Every.WEEK: {7}, Every.TWO_WEEKS: {14}}.get(rule.every, {28, 35})
    assert gaps <= wanted
    assert read(rhythm.rule) == rule


@pytest.mark.parametrize(
    ("day", "at", "zone", "utc"),
    [
        (date(2026, 10, 21), time(14), "Europe/Skopje", "2026-10-21T12:00"),
        (date(2026, 10, 28), time(14), "Europe/Skopje", "2026-10-28T13:00"),
        (date(2027, 3, 28), time(2, 30), "Europe/Skopje", "2027-03-28T01:30"),  # there is no half past two
        (date(2026, 10, 25), time(2, 30), "Europe/Skopje", "2026-10-25T00:30"),  # there are two, and it is the first
        (date(2026, 11, 1), time(1, 30), "America/New_York", "2026-11-01T05:30"),
        (date(2026, 7, 1), time(14), "Asia/Almaty", "2026-07-01T09:00"),
        (date(2026, 12, 1), time(14), "Asia/Almaty", "2026-12-01T09:00"),
    ],
)
def test_a_time_that_is_jumped_over_or_comes_twice_is_a_moment_all_the_same(
    day: date, at: time, zone: str, utc: str
) -> None:
    assert moment(day, at, zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_rule_is_read_as_it_was_written_and_has_the_end_it_was_given() -> None:
    limited = Rule(Every.TWO_WEEKS, 2, times=3)
    assert written(limited) == "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;COUNT=3"
    assert last_day(written(limited), date(2026, 11, 25)) == date(2026, 12, 23)
    until = Rule(Every.LAST, 4, until=date(2027, 1, 31))
    assert read(written(until)) == until
    assert last_day(written(until), date(2026, 11, 27)) == date(2027, 1, 29)
    assert last_day(written(Rule(Every.WEEK, 0)), MONDAY) is None
    assert first_from(until, date(2027, 2, 1)) is None
    assert first_from(Rule(Every.THIRD, 2), MONDAY) == date(2026, 12, 16)
    assert list(islice(days("FREQ=MONTHLY;BYDAY=-1FR", MONDAY), 2)) == [date(2026, 11, 27), date(2026, 12, 25)]
    with pytest.raises(ValueError, match="without a weekday"):
        read("FREQ=DAILY")


def test_whoever_has_holidays_for_ever_is_not_waited_for() -> None:
    rhythm = Rhythm("FREQ=WEEKLY;BYDAY=MO", MONDAY, time(14), 60, "UTC")
    found = ahead(rhythm, [Break("For ever", MONDAY, date(2199, 1, 1))], MONDAY, 8)
    assert {one.holiday for one in found} == {"For ever"}
    assert occurrence(rhythm, MONDAY) == Occurrence(
        MONDAY, datetime(2026, 11, 23, 14, tzinfo=UTC), datetime(2026, 11, 23, 15, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("rule", "locale", "words"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "en", "every second Wednesday, 2:00 PM–3:15 PM"),
        ("FREQ=WEEKLY;BYDAY=MO", "en", "every Monday, 2:00 PM–3:15 PM"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "en", "once a month, on its last Friday, 2:00 PM–3:15 PM"),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "en", "every Monday, 2:00 PM–3:15 PM, until Nov 30, 2026"),
        ("FREQ=WEEKLY;BYDAY=MO", "mk", "14:00–15:15"),
        ("FREQ=WEEKLY;BYDAY=MO", "sr_Latn", "14:00–15:15"),
    ],
)
def test_a_rhythm_is_said_in_words(rule: str, locale: str, words: str) -> None:
    with speaking(locale):
        assert words in in_words(Rhythm(rule, MONDAY, time(14), 75, "UTC")).replace("\u202f", " ")
    assert break_in_words(MONDAY, MONDAY) == "Nov 23, 2026"
    assert break_in_words(MONDAY, date(2026, 11, 27)) == "Nov 23, 2026 – Nov 27, 2026"


FILE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Ministry//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20270109
SUMMARY:Winter break\\, for all
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:19910908
RRULE:FREQ=YEARLY;UNTIL=21000101T000000Z
SUMMARY:Independence Day
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20261130T140000Z
DTEND:20261130T150000Z
SUMMARY:Council
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20261201
DURATION:P2D
SUMMARY:Two days
END:VEVENT
BEGIN:VEVENT
UID:5
DTSTART;VALUE=DATE:20261201
STATUS:CANCELLED
SUMMARY:Not any more
END:VEVENT
BEGIN:VEVENT
UID:6
DTSTART;VALUE=DATE:20260901
DTEND;VALUE=DATE:20270610
SUMMARY:School year
END:VEVENT
BEGIN:VEVENT
UID:7
DTSTART;VALUE=DATE:20200101
SUMMARY:Long ago
END:VEVENT
BEGIN:VEVENT
UID:8
DTSTART;VALUE=DATE:20261210
RRULE:FREQ=DAILY
SUMMARY:Odd
END:VEVENT
END:VCALENDAR
"""


def test_of_a_calendar_file_only_whole_days_off_are_taken() -> None:
    assert breaks_in(FILE.replace("\n", "\r\n").encode("utf-8-sig"), MONDAY) == [
        Break("Two days", date(2026, 12, 1), date(2026, 12, 2)),
        Break("Winter break, for all", date(2026, 12, 24), date(2027, 1, 8)),
        Break("Independence Day", date(2027, 9, 8), date(2027, 9, 8)),
        Break("Independence Day", date(2028, 9, 8), date(2028, 9, 8)),
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NoCalendar),
        (b"%PDF-1.7 " + b"x" * 100, NoCalendar),
        (b"BEGIN:VCALENDAR\n" + b"x" * LARGEST, TooLarge),
        (FILE.replace("BEGIN:VEVENT\nUID:2", "BEGIN:VEVENT\n" * 4000).encode(), TooLarge),
        (FILE.replace("END:VCALENDAR", "").encode()
         + b"BEGIN:VEVENT\nDTSTART;VALUE=DATE:19910908\nRRULE:FREQ=YEARLY\nEND:VEVENT\n" * (MOST_REPEATED + 1)
         + b"END:VCALENDAR\n", TooLarge),
    ],
)  # fmt: skip
def test_a_file_that_is_none_or_too_large_is_refused(content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        breaks_in(content, MONDAY)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_stands_in_a_file_it_is_read_or_refused(middle: bytes) -> None:
    content = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261224\r\n" + middle
    with suppress(NoCalendar, TooLarge):
        assert isinstance(breaks_in(content + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", MONDAY), list)


def test_a_rule_that_never_ends_or_never_comes_is_no_trap() -> None:
    for rule in ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;INTERVAL=0", "FREQ=YEARLY;INTERVAL=999999"):
        event = f"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261224\r\nRRULE:{rule}\r\nSUMMARY:S\r\nEND:VEVENT\r\n"
        assert len(breaks_in(f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n".encode(), MONDAY)) <= 1
    assert Calendar.from_ical(FILE).walk("VEVENT")


def test_neither_small_letters_nor_the_seconds_of_a_day_make_a_file_slow() -> None:
    with pytest.raises(TooLarge):
        breaks_in(b"BEGIN:VCALENDAR\n" + b"begin:vevent\nend:vevent\n" * 4000 + b"END:VCALENDAR\n", MONDAY)
    rule = f"FREQ=YEARLY;BYSECOND={','.join(map(str, range(60)))}"
    event = f"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261224\r\nRRULE:{rule}\r\nEND:VEVENT\r\n"
    assert breaks_in(f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n".encode(), MONDAY) == []


def test_a_rule_is_looked_up_where_the_calendar_is_the_same_again() -> None:
    """A day that never comes would be looked for in every year until 9999; the last four hundred are enough."""
    rule = "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"
    event = f"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20201126\r\nRRULE:{rule}\r\nEND:VEVENT\r\n"
    found = breaks_in(f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n".encode(), MONDAY)
    assert [one.first_day for one in found] == [date(2026, 11, 26), date(2027, 11, 25), date(2028, 11, 23)]
