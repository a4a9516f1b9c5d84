"""Does a letter about a meeting put it into the calendar of whoever reads it, at its moment, and move it there?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from lms_plc.meetings.models import Meeting
from lms_plc.notifications.models import Digest
from tests.lms_plc.notifications.conftest import FRIDAY
from tests.lms_plc.notifications.test_digests import pace
from tests.lms_plc.series.test_feed import Reading
from tests.lms_plc.series.test_series import FORM as SERIES
from tests.lms_plc.series.test_series import plan

FORM = {"title": "Wednesday", "day": "2026-12-02", "starts": "14:00", "ends": "15:15", "zone": "Europe/Skopje"}


@pytest.fixture
def planned(circle: Any, post: Any, stored: Any) -> str:
    """A meeting; its address. Subject 3 gets letters."""
    circle.joined("3", email="ana@example.org")
    assert circle.member.post(f"{circle.home}/meetings/new", FORM).status_code == 303
    return f"/meetings/{stored(select(Meeting.id))[0].id}"


def calendars(letter: Any) -> list[tuple[str, bytes]]:
    """The method and the content of every calendar in a letter."""
    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    return [(part.get_param("method"), part.get_payload(decode=True)) for part in parts]


def test_a_letter_about_one_meeting_is_an_invitation(circle: Any, post: Any, planned: str, stored: Any) -> None:
    assert post.pass_by(FRIDAY) > 0
    (letter,) = post.to("ana@example.org")
    assert [part.get_content_type() for part in letter.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    ((method, content),) = calendars(letter)
    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert (method, Calendar.from_ical(content)["METHOD"]) == ("REQUEST", "REQUEST")
    assert str(event["ATTENDEE"]) == "mailto:ana@example.org"
    assert str(event["ORGANIZER"]) == "mailto:plc@example.org"
    assert event["DTSTART"].dt.astimezone(UTC) == datetime(2026, 12, 2, 13, tzinfo=UTC)
    reading = Reading(content)
    assert reading.when(reading.events[0]) == datetime(2026, 12, 2, 13, tzinfo=UTC)
    assert {row.meetings for row in stored(select(Digest.meetings).where(Digest.state == "sent"))} == {None}


def test_it_moves_and_is_taken_out_by_later_letters(circle: Any, post: Any, planned: str) -> None:
    post.pass_by(FRIDAY)
    pace(post, circle, "3", "immediate")
    circle.member.launch("2")
    seen = []
    for hours, path, form in (
        (2, f"{planned}/edit", {**FORM, "starts": "16:00", "ends": "17:00"}),
        (4, f"{planned}/state", {"state": "cancelled"}),
    ):
        post.clock.now = FRIDAY + timedelta(hours=hours)
        circle.member.launch("2")
        assert circle.member.post(path, form).status_code == 303
        assert post.pass_by(FRIDAY + timedelta(hours=hours, minutes=40)) > 0
        ((method, content),) = calendars(post.to("ana@example.org")[-1])
        reading = Reading(content)
        seen.append((method, reading.when(reading.events[0]), reading.events[0]["UID"]))
    first = Reading(calendars(post.to("ana@example.org")[0])[0][1]).events[0]
    moved = datetime(2026, 12, 2, 15, tzinfo=UTC)
    assert seen == [("REQUEST", moved, first["UID"]), ("CANCEL", moved, first["UID"])]


def test_several_meetings_are_a_file_beside_the_letter(circle: Any, post: Any, planned: str) -> None:
    circle.member.post(f"{circle.home}/meetings/new", {**FORM, "title": "Thursday", "day": "2026-12-03"})
    post.pass_by(FRIDAY)
    (letter,) = post.to("ana@example.org")
    ((method, content),) = calendars(letter)
    assert method == "PUBLISH"
    assert [part.get_filename() for part in letter.iter_attachments()] == ["meetings.ics"]
    assert len(Reading(content).events) == 2
    assert letter.get_body(("html",)) is not None


def test_whose_calendar_fetches_them_itself_gets_no_second_one(circle: Any, post: Any, planned: str) -> None:
    circle.joined("4", email="bojan@example.org").post("/calendar")
    post.pass_by(FRIDAY)
    (letter,) = post.to("bojan@example.org")
    assert "Wednesday" in letter.get_body(("plain",)).get_content()
    assert calendars(letter) == []
    assert len(calendars(post.to("ana@example.org")[0])) == 1


def test_a_series_that_changed_is_one_line_and_not_one_for_each_meeting(
    circle: Any, post: Any, waiting: Any, said: Any
) -> None:
    where = plan(circle)
    again = {**SERIES, "starts": "15:00", "form_key": "u" * 24}
    assert circle.member.post(f"{where}/edit", again).status_code == 303
    assert circle.member.post(f"{where}/end").status_code == 303
    post.hear()
    assert waiting(circle.person("1")) == [("changed", "meeting_series", False)] * 2
    assert waiting(circle.person("2")) == []
    inbox = circle.facilitator.get("/inbox")
    assert "Changed in “Wednesdays”: the time" in said(inbox)
