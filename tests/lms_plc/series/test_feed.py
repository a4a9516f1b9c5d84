"""Does a calendar elsewhere show the right moments, follow every change, and learn nothing more than it should?

Each file is read twice: by the library that wrote it, and by a small reading of our own that takes only the wall clock
and the zone's own rules in the file (or Python's zones, to compare).
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import select

from lms_plc.communities.memberships import Because, end
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Role
from lms_plc.meetings.calendar_file import calendar_file, invitation
from lms_plc.meetings.models import Meeting
from lms_plc.series.models import CalendarFeed
from lms_plc.series.queries import Entered
from lms_plc.series.recurrence import moment
from tests.lms_plc.series.test_recurrence import ZONES
from tests.lms_plc.series.test_series import plan

AUTUMN = date(2026, 10, 25)


def meeting(starts_at: datetime, zone: str, **more: Any) -> Entered:
    given = {"title": "Our meeting", "place": "Room 3; left, top", "link": "", "state": "planned", "revision": 2}
    return Entered(
        id=new_id(),
        community="Maths circle",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=75),
        zone=zone,
        changed_at=datetime(2026, 9, 1, tzinfo=UTC),
        **{**given, **more},
    )


class Reading:
    """A calendar file as its lines say it, by the letter of RFC 5545 and without a library."""

    def __init__(self, content: bytes) -> None:
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        self.lines = content.decode().replace("\r\n ", "").split("\r\n")
        self.zones: dict[str, list[tuple[datetime, timedelta, timedelta]]] = {}
        self.events: list[dict[str, str]] = []
        here: dict[str, str] = {}
        zone = ""
        for line in filter(None, self.lines):
            name, _, value = line.partition(":")
            if name == "BEGIN":
                here = {}
            elif name == "TZID":
                zone = value
                self.zones[zone] = []
            elif name == "END" and value in ("STANDARD", "DAYLIGHT"):
                onset = datetime.strptime(here["DTSTART"], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - on the wall
                self.zones[zone].append((onset, _offset(here["TZOFFSETFROM"]), _offset(here["TZOFFSETTO"])))
            elif name == "END" and value == "VEVENT":
                self.events.append(here)
            else:
                here[name] = value

    def when(self, event: dict[str, str], name: str = "DTSTART") -> datetime:
        """The moment, by the rules the file brings along."""
        key = next(key for key in event if key.partition(";")[0] == name)
        if event[key].endswith("Z"):
            return datetime.strptime(event[key], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        wall = datetime.strptime(event[key], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - on the wall
        past = [one for one in self.zones[key.partition("TZID=")[2]] if one[0] <= wall]
        onset, before, after = max(past, key=lambda one: one[0])
        twice = before - after
        offset = before if wall < onset + max(timedelta(), -twice) else after
        return (wall - offset).replace(tzinfo=UTC)


def _offset(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))


@given(
    day=st.dates(date(2025, 6, 1), date(2028, 1, 1)) | st.integers(-2, 2).map(lambda by: AUTUMN + timedelta(days=by)),
    at=st.times().map(lambda it: it.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
    later=st.integers(0, 3),
)
def test_both_readings_find_the_moment_that_was_meant(day: date, at: time, zone: str, later: int) -> None:
    starts_at = moment(day, at, zone) + timedelta(hours=later)  # the second of two same hours too
    one = meeting(starts_at, zone)
    content = calendar_file([one], "plc.example.org", "UTC")
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert event["DTSTART"].dt.astimezone(UTC) == starts_at
    reading = Reading(content)
    there = starts_at.astimezone(ZoneInfo(zone))
    assert reading.when(reading.events[0]) == starts_at
    assert reading.when(reading.events[0], "DTEND") == one.ends_at
    if zone != "UTC" and not there.fold:
        assert reading.events[0][f"DTSTART;TZID={zone}"] == f"{there:%Y%m%dT%H%M%S}"


@pytest.mark.parametrize(("day", "hour"), [(date(2026, 10, 21), 12), (date(2026, 10, 28), 13)])
def test_an_invitation_says_the_moment_before_and_after_the_clock_is_put_back(day: date, hour: int) -> None:
    one = meeting(moment(day, time(14), "Europe/Skopje"), "")
    for state, wanted in (("planned", "REQUEST"), ("moved", "REQUEST"), ("cancelled", "CANCEL")):
        changed = meeting(one.starts_at, "", state=state)
        method, content = invitation(
            changed, "plc.example.org", "Europe/Skopje", organiser="plc@example.org", to="ana@example.org"
        )
        assert method == wanted
        calendar = Calendar.from_ical(content)
        assert calendar["METHOD"] == wanted
        event = calendar.walk("VEVENT")[0]
        reading = Reading(content)
        expected = datetime(2026, 10, day.day, hour, tzinfo=UTC)
        assert event["DTSTART"].dt.astimezone(UTC) == expected
        assert reading.when(reading.events[0]) == expected
        assert reading.when(reading.events[0], "DTEND") == expected + timedelta(minutes=75)
        assert str(event["ATTENDEE"]) == "mailto:ana@example.org"
        assert event["STATUS"] == ("CANCELLED" if wanted == "CANCEL" else "CONFIRMED")
        assert (event["SEQUENCE"], str(event["UID"])) == (2, f"{changed.id}@plc.example.org")


@pytest.fixture
def address(circle: Any) -> Any:
    """``address(who)``: makes a calendar's address, and answers its path."""

    def make(who: Any) -> str:
        found = re.search(r'value="https://plc.example.org(/calendar/[\w-]{43}\.ics)"', who.post("/calendar").text)
        assert found is not None
        return found[1]

    return make


def fetch(circle: Any, path: str, **headers: str) -> Any:
    """As a calendar program does: without a seat, without a cookie."""
    return circle.visitor().client.get(path, base_url="https://plc.example.org", headers=headers)


def test_the_feed_has_all_meetings_and_follows_every_change(circle: Any, address: Any, stored: Any, clock: Any) -> None:
    plan(circle, first="2026-12-01", every="week")
    path = address(circle.facilitator)
    answer = fetch(circle, path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    events = Reading(answer.data).events
    assert len(events) == 8
    assert {event["SEQUENCE"] for event in events} == {"0"}
    assert events[0]["SUMMARY"] == "Wednesdays · Maths circle"
    for name in ("Person 1", "Person 2", "ATTENDEE", "ORGANIZER"):
        assert name not in answer.text
    same = fetch(circle, path, **{"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    first, second = (row.id for row in stored(select(Meeting.id).order_by(Meeting.starts_at).limit(2)))
    clock.move(minutes=1)
    moved = {"title": "Wednesdays", "day": "2026-12-03", "starts": "16:00", "ends": "17:00", "zone": "Europe/Skopje"}
    assert circle.member.post(f"/meetings/{first}/edit", moved).status_code == 303
    assert circle.member.post(f"/meetings/{second}/skip").status_code == 303
    after = fetch(circle, path, **{"If-None-Match": answer.headers["ETag"]})
    assert after.status_code == 200
    reading = Reading(after.data)
    by_id = {event["UID"].partition("@")[0]: event for event in reading.events}
    assert {event["UID"] for event in events} == {event["UID"] for event in reading.events}
    assert reading.when(by_id[str(first)]) == datetime(2026, 12, 3, 15, tzinfo=UTC)
    assert int(by_id[str(first)]["SEQUENCE"]) > 0
    assert (by_id[str(second)]["STATUS"], by_id[str(second)]["SEQUENCE"]) == ("CANCELLED", "1")
    library = {str(one["UID"]): one["DTSTART"].dt for one in Calendar.from_ical(after.data).walk("VEVENT")}
    assert {uid: at.astimezone(UTC) for uid, at in library.items()} == {
        event["UID"]: reading.when(event) for event in reading.events
    }


def test_the_feed_knows_only_communities_one_is_in_now(circle: Any, address: Any, house: Any, clock: Any) -> None:
    plan(circle)
    mentor = circle.joined("40", course="8", roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"])
    path, watched = address(circle.member), address(mentor)
    assert fetch(circle, watched).text.count("BEGIN:VEVENT") == 0
    circle.give_role("40", Role.MENTOR, until=clock() + timedelta(minutes=2))
    assert fetch(circle, watched).text.count("BEGIN:VEVENT") == 8
    assert fetch(circle, path).text.count("BEGIN:VEVENT") == 8
    with house.database.write() as session:
        end(session, circle.site_id, circle.id, [circle.person("2")], Because(clock(), "sync"))
    clock.move(minutes=3)
    assert [fetch(circle, one).text.count("BEGIN:VEVENT") for one in (path, watched)] == [0, 0]


def test_an_address_is_shown_once_renewed_and_ended(circle: Any, address: Any, stored: Any, said: Any) -> None:
    assert "Make my address" in said(circle.member.get("/calendar"))
    old = address(circle.member)
    page = circle.member.get("/calendar").text
    assert "You have an address" in page
    secret = old.removeprefix("/calendar/").removesuffix(".ics")
    assert secret not in page
    assert all(secret not in str(value) for row in stored(select(CalendarFeed.__table__)) for value in row)
    new = address(circle.member)
    assert [fetch(circle, path).status_code for path in (old, new, "/calendar/x.ics")] == [404, 200, 404]
    assert len(stored(select(CalendarFeed.person_id))) == 1
    for _ in range(2):
        assert circle.member.post("/calendar/end").status_code == 303
    assert fetch(circle, new).status_code == 404
    assert "Make my address" in said(circle.member.get("/calendar"))


def test_file_and_feed_keep_the_wall_clock_when_summer_time_begins(circle: Any, address: Any, stored: Any) -> None:
    plan(circle, first="2027-03-24", times="2")
    plan(circle, first="2027-03-24", times="2", zone="", form_key="y" * 24)
    files = {}
    for row in stored(select(Meeting.__table__)):
        reading = Reading(circle.member.get(f"/meetings/{row.id}/meeting.ics").data)
        assert list(reading.zones) == ([row.zone] if row.zone == "Europe/Skopje" else [])
        files[f"{row.id}@plc.example.org"] = reading.when(reading.events[0])
    skopje = [datetime(2027, 3, 24, 13, tzinfo=UTC), datetime(2027, 4, 7, 12, tzinfo=UTC)]
    here = [datetime(2027, 3, 24, 14, tzinfo=UTC), datetime(2027, 4, 7, 14, tzinfo=UTC)]
    assert sorted(files.values()) == sorted(skopje + here)
    content = fetch(circle, address(circle.member)).data
    reading = Reading(content)
    assert {event["UID"]: reading.when(event) for event in reading.events} == files
    library = {str(one["UID"]): one["DTSTART"].dt for one in Calendar.from_ical(content).walk("VEVENT")}
    assert {uid: at.astimezone(UTC) for uid, at in library.items()} == files
