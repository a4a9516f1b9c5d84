"""Can a meeting be planned by any member, in whatever way they meet, and is its time the one on the wall?"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from lms_plc.meetings.models import Meeting
from lms_plc.meetings.queries import coming, of_site
from tests.lms_plc.meetings.conftest import FORM, plan


def test_any_member_plans_one_and_everybody_sees_it(circle: Any, said: Any, events: Any, stored: Any) -> None:
    assert "No meeting is planned" in said(circle.member.get(circle.home))
    key = {"form_key": "k" * 24, "link": "https://meet.example.org/ours"}
    where = plan(circle, circle.member, **key)
    assert plan(circle, circle.member, **key) == where
    page = said(circle.facilitator.get(where))
    for words in (
        "planned",
        "Wednesday, November 25, 2026",
        "2:00",
        "3:15",
        "Room 3; left, top",
        "To the online meeting",
    ):
        assert words in page.replace("\u202f", " ")
    assert "Next meeting Wednesday" in said(circle.facilitator.get(circle.home))
    assert "To come" in said(circle.member.get(f"{circle.home}/meetings"))
    assert len(events("meeting.planned")) == 1


def test_times_are_those_on_the_wall(circle: Any, house: Any, stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circle.member.client.application.extensions["plc"].settings, "timezone", "Europe/Skopje")
    where = plan(circle, circle.member)
    assert stored(select(Meeting.starts_at))[0][0] == datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    edit = circle.member.get(f"{where}/edit").text
    assert 'value="2026-11-25"' in edit
    assert 'value="14:00"' in edit
    assert circle.member.post(f"{where}/edit", {**FORM, "day": "2026-07-01"}).status_code == 303
    assert stored(select(Meeting.starts_at, Meeting.revision))[0] == (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), 1)


def test_it_ends_after_it_began_also_where_the_clock_is_put_forward(circle: Any, stored: Any) -> None:
    night = {"day": "2027-03-28", "starts": "02:30", "ends": "03:00", "zone": "Europe/Skopje"}
    plan(circle, circle.member, **night)
    row = stored(select(Meeting.starts_at, Meeting.ends_at))[0]
    assert row.ends_at - row.starts_at == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"day": "soon"}, "Please give a day"),
        ({"day": "9999-12-31"}, "Please give a day"),
        ({"starts": "25:00"}, "Please give a time, as in"),
        ({"ends": "13:00"}, "after the beginning"),
        ({"link": "javascript:alert(1)"}, "beginning with https://"),
        ({"title": ""}, "Please fill this in."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(circle: Any, said: Any, wrong: dict[str, str], words: str) -> None:
    refused = circle.member.post(f"{circle.home}/meetings/new", {**FORM, **wrong})
    assert refused.status_code == 422
    assert words in said(refused)
    where = plan(circle, circle.member)
    assert circle.member.post(f"{where}/edit", {**FORM, **wrong}).status_code == 422


def test_of_two_who_change_it_at_once_nobody_undoes_the_other_unseen(circle: Any, said: Any, stored: Any) -> None:
    where = plan(circle, circle.member)
    moved, later = {**FORM, "place": "Library", "saw": "0"}, {**FORM, "starts": "13:30", "saw": "0"}
    for _ in range(2):  # pressed twice, it is said once
        assert circle.member.post(f"{where}/edit", moved).status_code == 303
    refused = circle.facilitator.post(f"{where}/edit", later)
    assert refused.status_code == 409
    assert "Now it says: Wednesday" in said(refused)
    assert "Library" in said(refused)
    assert 'value="13:30"' in refused.text
    assert stored(select(Meeting.place, Meeting.revision)) == [("Library", 1)]
    assert 'name="saw" value="1"' in refused.text
    assert circle.facilitator.post(f"{where}/edit", {**later, "saw": "1"}).status_code == 303


def test_past_meetings_stand_page_by_page(circle: Any, clock: Any) -> None:
    for number in range(22):
        plan(circle, circle.member, title=f"Meeting {number:02}", form_key=f"{number:024}")
    clock.move(days=5)
    circle.member.launch("2")
    page = circle.member.get(f"{circle.home}/meetings").text
    way_on = re.search(r'href="/s/[^/]+([^"]+before=[^"]+)"', page)
    assert way_on is not None
    rest = circle.member.get(way_on[1]).text
    seen = re.findall(r"Meeting \d\d", page) + re.findall(r"Meeting \d\d", rest)
    assert sorted(seen) == [f"Meeting {number:02}" for number in range(22)]


def test_a_calendar_can_read_it(circle: Any) -> None:
    where = plan(circle, circle.member, title="Заедно " * 12, link="https://meet.example.org/x")
    answer = circle.member.get(f"{where}/meeting.ics")
    assert answer.mimetype == "text/calendar"
    lines = answer.text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = answer.text.replace("\r\n ", "")
    for words in ("DTSTART:20261125T140000Z", "LOCATION:Room 3\\; left\\, top", "STATUS:CONFIRMED", "Заедно Заедно"):
        assert words in whole
    circle.member.post(f"{where}/state", {"state": "cancelled"})
    whole = circle.member.get(f"{where}/meeting.ics").text
    assert "STATUS:CANCELLED" in whole
    assert "SEQUENCE:1" in whole


def test_what_is_to_come_is_told_to_whoever_asks(circle: Any, house: Any, clock: Any) -> None:
    later = plan(circle, circle.member, day="2026-12-02", title="Later")
    plan(circle, circle.member)
    with house.database.read() as connection:
        nearest = coming(connection, circle.id, clock())
        assert nearest is not None
        assert nearest.title == "Wednesday"
        assert coming(connection, circle.id, clock() + timedelta(days=30)) is None
        assert len(of_site(connection, circle.site_id, clock())) == 2
        assert of_site(connection, circle.site_id, clock(), since=clock()) == []
    before = clock()
    clock.move(minutes=1)
    circle.member.post(f"{later}/state", {"state": "cancelled"})
    with house.database.read() as connection:
        assert [one.title for one in of_site(connection, circle.site_id, clock())] == ["Wednesday"]
        assert [one.state for one in of_site(connection, circle.site_id, clock(), since=before)] == ["cancelled"]


def test_how_they_meet_and_by_which_protocol_is_kept_and_shown(circle: Any, said: Any, stored: Any) -> None:
    more = {
        "mode": "both",
        "kind": "joint",
        "in_working_time": "yes",
        "zone": "Asia/Almaty",
        "protocol": "useful_flop",
        "link": "https://meet.example.org/x",
    }
    assert "useful_flop" in circle.member.get(f"{circle.home}/meetings/new?protocol=useful_flop").text
    where = plan(circle, circle.member, **more)
    [row] = stored(
        select(Meeting.mode, Meeting.kind, Meeting.in_working_time, Meeting.zone, Meeting.protocol, Meeting.starts_at)
    )
    assert row[:5] == ("both", "joint", True, "Asia/Almaty", "useful_flop")
    assert row.starts_at == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    page = said(circle.member.get(where))
    for words in ("14:00 by the clock in Almaty", "in person and online", "We talk by: ", "To the online meeting"):
        assert words in page
    edit = circle.member.get(f"{where}/edit").text
    assert re.search(r'value="useful_flop" selected', edit)
    assert 'value="14:00"' in edit
    assert circle.member.post(f"{where}/edit", {**FORM, **more, "title": "Other"}).status_code == 303
    assert stored(select(Meeting.state, Meeting.title)) == [("planned", "Other")]


def test_a_meeting_is_by_no_protocol_the_community_has_not(circle: Any, stored: Any) -> None:
    for wrong in ({"protocol": "nothing"}, {"zone": "Nowhere/Land"}, {"mode": "by letter"}, {"kind": "party"}):
        answer = circle.member.post(f"{circle.home}/meetings/new", {**FORM, **wrong})
        assert answer.status_code == 422
        assert "Please" in answer.text
    assert stored(select(Meeting.id)) == []


def test_under_way_it_stays_the_next_one_however_long_it_takes(circle: Any, house: Any, clock: Any, said: Any) -> None:
    plan(circle, circle.member)
    with house.database.write() as session:
        session.execute(update(Meeting).values(state="running"))
    clock.move(days=4)
    circle.member.launch("2")
    assert "The meeting is under way" in said(circle.member.get(circle.home))
    assert "under way" in said(circle.member.get(f"{circle.home}/meetings"))
