"""Meetings as other people's calendars read them (RFC 5545, RFC 5546): one to keep, an invitation, a feed of all.

Times stand as the clock on the wall shows them, with the zone they are meant in. Nobody is named in any of it but who
an invitation goes to.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from lms_plc.meetings.states import State

PRODUCT = "-//lms-plc//meetings//EN"
_NOT_THERE = frozenset({State.CANCELLED.value, State.NOT_HELD.value})
_HOUR = timedelta(hours=1)


class Entry(Protocol):
    """What a calendar needs of a meeting. ``revision`` grows with each change."""

    @property
    def id(self) -> UUID: ...
    @property
    def title(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def link(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def changed_at(self) -> datetime: ...


def calendar_file(meetings: Sequence[Entry], host: str, zone_here: str, *, name: str = "") -> bytes:
    """For a calendar to keep. ``host`` makes the ids unique in the world, ``zone_here`` is for meetings that name no
    zone; ``name`` is what a calendar that comes back for more may be called."""
    calendar = _calendar(meetings, "PUBLISH", host, zone_here)
    if name:
        calendar.add("X-WR-CALNAME", _line(name))
        calendar.add("REFRESH-INTERVAL", timedelta(hours=6), parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", "PT6H")
    return calendar.to_ical()


def invitation(meeting: Entry, host: str, zone_here: str, *, organiser: str, to: str) -> tuple[str, bytes]:
    """The method, REQUEST or CANCEL, and the file: mail programs put it into the calendar, and move it there when a
    later one comes. No answer is asked for: who comes is said in the meeting."""
    method = "CANCEL" if meeting.state in _NOT_THERE else "REQUEST"
    calendar = _calendar([meeting], method, host, zone_here)
    event = calendar.walk("VEVENT")[0]
    event.add("ORGANIZER", vCalAddress(f"mailto:{organiser}"))
    guest = vCalAddress(f"mailto:{to}")
    guest.params["RSVP"] = vText("FALSE")
    guest.params["PARTSTAT"] = vText("NEEDS-ACTION")
    event.add("ATTENDEE", guest)
    return method, calendar.to_ical()


def _calendar(meetings: Sequence[Entry], method: str, host: str, zone_here: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    years: dict[str, set[int]] = {}
    for one in meetings:
        years.setdefault(one.zone or zone_here, set()).update({one.starts_at.year, one.ends_at.year})
    for zone, its in sorted(years.items()):
        if zone != "UTC":
            calendar.add_component(_zone(zone, min(its), max(its)))
    for one in meetings:
        calendar.add_component(_event(one, host, one.zone or zone_here))
    return calendar


def _event(meeting: Entry, host: str, zone: str) -> Event:
    event = Event()
    event.add("UID", f"{meeting.id}@{host}")
    event.add("SEQUENCE", meeting.revision)
    event.add("DTSTAMP", meeting.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("LAST-MODIFIED", meeting.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", _there(meeting.starts_at, zone))
    event.add("DTEND", _there(meeting.ends_at, zone))
    event.add("SUMMARY", _line(meeting.title))
    if meeting.place:
        event.add("LOCATION", _line(meeting.place))
    if meeting.link:
        event.add("DESCRIPTION", _line(meeting.link))
    event.add("STATUS", "CANCELLED" if meeting.state in _NOT_THERE else "CONFIRMED")
    return event


def _there(moment: datetime, zone: str) -> datetime:
    """As the wall shows it; the second of two same times in an autumn night cannot be told from the first, and stands
    in UTC."""
    if zone == "UTC":
        return moment.astimezone(UTC)
    there = moment.astimezone(ZoneInfo(zone))
    return moment.astimezone(UTC) if there.fold else there


def _line(words: str) -> str:
    """On one line; a sign that is none (RFC 5545 §3.1: no control characters) is left out."""
    return "".join(letter for letter in " ".join(words.split()) if unicodedata.category(letter) != "Cc")


@lru_cache(256)
def _zone(name: str, first: int, last: int) -> Component:
    """What the zone's clock does in these years, and when. An onset is told by the clock as it was before it (RFC 5545
    §3.6.5)."""
    zone, begins = ZoneInfo(name), datetime(first - 1, 12, 1, tzinfo=UTC)
    timezone = Timezone()
    timezone.add("TZID", name)
    timezone.add_component(_observance(zone, begins, begins))
    for onset in _onsets(zone, begins, datetime(last + 1, 2, 1, tzinfo=UTC)):
        timezone.add_component(_observance(zone, onset - _HOUR, onset))
    return timezone


def _observance(zone: ZoneInfo, before: datetime, onset: datetime) -> Component:
    old, new = before.astimezone(zone), onset.astimezone(zone)
    from_, to = old.utcoffset() or timedelta(), new.utcoffset() or timedelta()
    observance: Component = TimezoneDaylight() if new.dst() else TimezoneStandard()
    observance.add("DTSTART", (onset + from_).replace(tzinfo=None))
    observance.add("TZOFFSETFROM", from_)
    observance.add("TZOFFSETTO", to)
    observance.add("TZNAME", new.tzname() or "")
    return observance


def _onsets(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """The moments at which the clock there is put forward or back, found to the minute."""

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(zone).utcoffset()

    day = begins
    while day < ends:
        following = day + timedelta(days=1)
        if offset(day) != offset(following):
            before, after = day, following
            while after - before > timedelta(minutes=1):
                middle = before + (after - before) // 2
                before, after = (middle, after) if offset(middle) == offset(day) else (before, middle)
            yield after.replace(second=0, microsecond=0)
        day = following
