"""Are regular meetings laid ahead, changed from a day on, kept out of holidays and ended, and is nobody's work lost?"""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from lms_plc.communities.models import Community
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.search import SearchEntry
from lms_plc.meetings.models import AgendaItem, Meeting
from lms_plc.series.actions import LAID_AHEAD
from lms_plc.series.laying import AT_ONCE, lay_ahead
from lms_plc.series.models import MeetingSeries, SchoolHoliday
from tests.lms_plc.series.test_recurrence import FILE

FORM = {
    "title": "Wednesdays",
    "every": "two_weeks",
    "weekday": "2",
    "first": "2026-11-22",
    "starts": "14:00",
    "minutes": "75",
    "mode": "in_person",
    "place": "Room 3",
    "in_working_time": "yes",
    "zone": "Europe/Skopje",
    "form_key": "s" * 24,
}
FIRST = date(2026, 11, 25)


def fortnights(count: int, first: date = FIRST) -> list[date]:
    return [first + timedelta(days=14 * number) for number in range(count)]


def plan(circle: Any, **more: str) -> str:
    answer = circle.member.post(f"{circle.home}/series/new", {**FORM, **more})
    assert answer.status_code == 303, answer.text
    return re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)


@pytest.fixture
def laid(stored: Any) -> Any:
    """``laid()``: the day and state of every meeting, in order."""
    return lambda: [
        (row.starts_at.date(), row.state)
        for row in stored(select(Meeting.starts_at, Meeting.state).order_by(Meeting.starts_at, Meeting.id))
    ]


@pytest.fixture
def on(stored: Any) -> Any:
    """``on(day)``: the address of the meeting its series meant for that day."""
    return lambda day: f"/meetings/{stored(select(Meeting.id).where(Meeting.occurrence == day))[0].id}"


def test_any_member_says_the_rhythm_once_and_the_next_meetings_stand_there(
    circle: Any, said: Any, stored: Any, events: Any, laid: Any
) -> None:
    assert 'value="2026-11-22"' in circle.member.get(f"{circle.home}/series/new").text
    look = circle.member.post(f"{circle.home}/series/new", {**FORM, "look": "yes"})
    assert look.status_code == 200
    assert "every second Wednesday, 2:00" in said(look)
    assert "Wednesday, December 9, 2026" in said(look)
    assert laid() == []
    where = plan(circle)
    assert plan(circle) == where
    assert laid() == [(day, "planned") for day in fortnights(LAID_AHEAD)]
    row = stored(select(Meeting.__table__).order_by(Meeting.starts_at))[0]
    assert (row.starts_at, row.ends_at) == (
        datetime(2026, 11, 25, 13, tzinfo=UTC),
        datetime(2026, 11, 25, 14, 15, tzinfo=UTC),
    )
    assert (row.zone, row.place, row.in_working_time, row.mode) == ("Europe/Skopje", "Room 3", True, "in_person")
    page = said(circle.facilitator.get(where))
    assert "every second Wednesday" in page
    assert "in working time" in page
    assert "every second Wednesday" in said(circle.facilitator.get(f"{circle.home}/series"))
    assert [len(event.facts["meetings"]) for event in events("series.planned")] == [LAID_AHEAD]
    assert events("meeting.planned") == []
    assert len(stored(select(SearchEntry.thing_id).where(SearchEntry.kind == "meeting"))) == LAID_AHEAD


WRONG = (
    ({"first": "soon"}, "Please give a day"),
    ({"starts": "later"}, "Please give a time"),
    ({"minutes": "0"}, "a number of minutes"),
    ({"until": "2026-11-23"}, "there still is a meeting"),
    ({"until": "2027-01-01", "times": "3"}, "not both"),
    ({"times": "201"}, "not both"),
    ({"zone": "Europe"}, "as in Europe/Skopje"),
    ({"link": "javascript:alert(1)"}, "beginning with https://"),
    ({"every": "moon"}, "Please choose one of these."),
    ({"weekday": "7"}, "could not be understood"),
    ({"title": ""}, "Please fill this in."),
)


def test_what_cannot_be_is_said_at_its_field(circle: Any, said: Any) -> None:
    for wrong, words in WRONG:
        for more in ({}, {"look": "yes"}):
            refused = circle.member.post(f"{circle.home}/series/new", {**FORM, **wrong, **more})
            assert (refused.status_code, words in said(refused), 'value="Room 3"' in refused.text) == (422, True, True)


def test_a_series_has_as_many_meetings_as_it_was_given(circle: Any, laid: Any, house: Any, clock: Any) -> None:
    plan(circle, times="3")
    plan(circle, every="last", weekday="4", until="2027-01-15", form_key="t" * 24)
    days = [FIRST, date(2026, 11, 27), date(2026, 12, 9), date(2026, 12, 23), date(2026, 12, 25)]
    assert [day for day, _ in laid()] == days
    clock.move(days=200)
    assert lay_ahead(house) == 0


def test_what_waited_for_a_meeting_comes_onto_the_first_one(circle: Any, stored: Any) -> None:
    circle.member.post(f"{circle.home}/board/new", {"title": "Printer", "form_key": "b" * 24})
    issue = re.search(r"/issues/([0-9a-f-]{36})", circle.member.get(f"{circle.home}/board").text)
    assert issue is not None
    form = {"thing_kind": "issue", "thing_id": issue[1], "form_key": "w" * 24}
    assert circle.member.post(f"{circle.home}/agenda", form).status_code == 303
    plan(circle)
    rows = stored(select(Meeting.occurrence).join(AgendaItem, AgendaItem.meeting_id == Meeting.id))
    assert [row.occurrence for row in rows] == [FIRST]


def test_a_daily_job_lays_on_and_laying_twice_is_laying_once(
    circle: Any, house: Any, clock: Any, laid: Any, events: Any
) -> None:
    plan(circle)
    assert lay_ahead(house) == 0
    clock.move(days=29)
    assert lay_ahead(house) == 2
    assert lay_ahead(house) == 0
    assert [day for day, _ in laid()] == fortnights(LAID_AHEAD + 2)
    assert [(event.actor_id, len(event.facts["meetings"])) for event in events("series.laid")] == [(None, 2)]


def test_one_that_is_skipped_counts_as_cancelled_and_is_not_laid_again(
    circle: Any, house: Any, laid: Any, on: Any, said: Any, events: Any
) -> None:
    where = plan(circle)
    for _ in range(2):
        assert circle.facilitator.post(f"{on(FIRST)}/skip").location.endswith(where)
    assert laid()[0] == (FIRST, "cancelled")
    assert lay_ahead(house) == 0
    assert laid().count((FIRST, "cancelled")) == 1
    assert len(events("meeting.cancelled")) == 1
    assert "cancelled" in said(circle.member.get(where))
    single = {"title": "One", "day": "2026-11-26", "starts": "14:00", "ends": "15:00"}
    alone = urlsplit(circle.member.post(f"{circle.home}/meetings/new", single).location).path
    assert circle.member.post(f"/meetings/{alone.rpartition('/')[2]}/skip").status_code == 404


def test_from_a_day_on_meetings_follow_and_what_somebody_prepared_stays(
    circle: Any, laid: Any, on: Any, said: Any, stored: Any, events: Any, house: Any
) -> None:
    where = plan(circle)
    item = {"title": "Exit tickets", "kind": "learning", "minutes": "25", "form_key": "i" * 24}
    prepared = fortnights(8)[2]
    assert circle.member.post(f"{on(prepared)}/agenda", item).status_code == 303
    ids = {row.occurrence: row.id for row in stored(select(Meeting.id, Meeting.occurrence))}
    edit = circle.member.get(f"{where}/edit")
    assert 'value="14:00"' in edit.text
    new = {**FORM, "first": "2026-12-01", "starts": "15:00", "minutes": "60", "form_key": "u" * 24}
    assert circle.member.post(f"{where}/edit", {**new, "look": "1"}).status_code == 200
    answer = circle.member.post(f"{where}/edit", new)
    assert "6 meetings follow. 1 meeting stays as it is" in said(circle.member.get(answer.location))
    rows = stored(select(Meeting.__table__).order_by(Meeting.starts_at))
    hours = [(row.occurrence, row.starts_at.hour, row.revision) for row in rows]
    assert hours[0] == (FIRST, 13, 0)
    assert [hour for _, hour, _ in hours[1:]] == [14, 13, 14, 14, 14, 14, 14, 14]
    assert [revision for _, _, revision in hours[1:]] == [1, 1, 1, 1, 1, 1, 1, 0]
    assert {row.occurrence: row.id for row in rows[:-1]} == ids
    ids = {row.occurrence: row.id for row in rows}
    thursday = {**new, "weekday": "3", "title": "Thursdays", "form_key": "v" * 24}
    assert circle.member.post(f"{where}/edit", thursday).status_code == 303
    days = [row.occurrence for row in stored(select(Meeting.occurrence).order_by(Meeting.occurrence))]
    assert days[0] == FIRST
    assert prepared in days
    assert prepared + timedelta(days=1) not in days  # one meeting a week is enough
    assert {day.weekday() for day in days} == {2, 3}
    assert lay_ahead(house) == 0
    assert {row.id for row in stored(select(Meeting.id))} >= set(ids.values())
    assert [event.facts["changed"] for event in events("series.changed")] == [["time"], ["time", "title"]]
    found = stored(select(SearchEntry.title).where(SearchEntry.kind == "meeting"))
    assert sorted({row.title for row in found}) == ["Thursdays", "Wednesdays"]
    refused = circle.member.post(f"{where}/edit", {**new, "first": ""})
    assert refused.status_code == 422
    assert circle.member.post(f"{where}/edit", {**new, "first": "", "look": "1"}).status_code == 422


def test_a_change_far_ahead_leaves_no_gap_before_it(circle: Any, laid: Any, house: Any) -> None:
    where = plan(circle, times="30")
    assert 'value="2028-01-05"' in circle.member.get(f"{where}/edit").text
    new = {**FORM, "first": "2027-09-01", "every": "week", "times": "2", "form_key": "u" * 24}
    assert circle.member.post(f"{where}/edit", new).status_code == 303
    before = [day for day in fortnights(30) if day < date(2027, 9, 1)]
    assert [day for day, _ in laid()] == [*before, date(2027, 9, 1), date(2027, 9, 8)]
    assert lay_ahead(house) == 0


def test_a_change_that_begins_in_another_life_is_refused_at_its_day(circle: Any, laid: Any, said: Any) -> None:
    where, before = plan(circle), laid()
    refused = circle.member.post(f"{where}/edit", {**FORM, "first": "2036-09-01", "form_key": "u" * 24})
    assert refused.status_code == 422
    assert "within the next two years" in said(refused)
    assert laid() == before


def test_fewer_meetings_take_away_only_what_nobody_touched(circle: Any, laid: Any, on: Any, said: Any) -> None:
    where = plan(circle, every="week")
    moved = FIRST + timedelta(days=7)
    form = {"title": "Wednesdays", "day": "2026-12-03", "starts": "14:00", "ends": "15:15", "place": "Room 3"}
    assert circle.member.post(f"{on(moved)}/edit", {**form, "zone": "Europe/Skopje"}).status_code == 303
    answer = circle.member.post(f"{where}/edit", {**FORM, "times": "2", "form_key": "u" * 24})
    page = said(circle.member.get(answer.location))
    assert "2 meetings follow. 5 meetings were taken away. 1 meeting stays" in page
    assert [day for day, _ in laid()] == [FIRST, date(2026, 12, 3), FIRST + timedelta(days=14)]


def test_when_a_series_ends_what_belongs_to_it_alone_goes(
    circle: Any, laid: Any, on: Any, said: Any, house: Any, events: Any, clock: Any
) -> None:
    where = plan(circle)
    kept = fortnights(8)[1]
    circle.member.post(f"{on(kept)}/agenda", {"title": "T", "kind": "notice", "minutes": "5", "form_key": "i" * 24})
    for _ in range(2):
        answer = circle.facilitator.post(f"{where}/end")
    assert answer.status_code == 303
    assert [day for day, _ in laid()] == [kept]
    assert len(events("series.ended")) == 1
    page = said(circle.member.get(where))
    assert "ended" in page
    assert "End these regular meetings" not in page
    assert "No regular meetings yet" in said(circle.member.get(f"{circle.home}/series"))
    assert circle.member.post(f"{where}/edit", {**FORM, "form_key": "u" * 24}).status_code == 422
    clock.move(days=30)
    assert lay_ahead(house) == 0


def test_holidays_are_left_out_and_shown_before_anything_is_saved(circle: Any, laid: Any, said: Any) -> None:
    calendar = f"{circle.home}/holidays"
    form = {"name": "Winter", "first_day": "2026-12-21", "last_day": "2027-01-08"}
    for _ in range(2):
        assert circle.member.post(calendar, form).status_code == 303
    assert said(circle.member.get(calendar)).count("Winter") == 2  # and once for who takes it out by ear
    look = circle.member.post(f"{circle.home}/series/new", {**FORM, "look": "yes"})
    assert "Wednesday, December 23, 2026 left out: Winter" in said(look)
    where = plan(circle)
    assert [day for day, _ in laid()] == [day for day in fortnights(10) if day not in fortnights(4)[2:]]
    assert "Left out Wednesday, December 23, 2026 · Winter" in said(circle.member.get(where))


def test_a_new_holiday_takes_away_what_nobody_prepared_and_marks_the_rest(
    circle: Any, laid: Any, on: Any, said: Any, stored: Any, events: Any
) -> None:
    where = plan(circle)
    kept = fortnights(4)[3]
    circle.member.post(f"{on(kept)}/agenda", {"title": "T", "kind": "notice", "minutes": "5", "form_key": "i" * 24})
    calendar = f"{circle.home}/holidays"
    form = {"name": "Winter", "first_day": "2026-12-21", "last_day": "2027-01-08"}
    answer = circle.facilitator.post(calendar, form)
    page = said(circle.facilitator.get(answer.location))
    assert "1 break is new. 1 regular meeting fell on it" in page
    assert "In a holiday all the same Wednesdays" in page
    gone = fortnights(4)[2]
    assert [day for day, _ in laid()] == [day for day in fortnights(10) if day != gone]
    assert "in a holiday: Winter" in said(circle.member.get(where))
    own_page = said(circle.member.get(on(kept)))
    assert "This day is in your school calendar: Winter" in own_page
    assert "One of our regular meetings" in own_page
    assert "school calendar" not in said(circle.member.get(on(FIRST)))
    holiday = stored(select(SchoolHoliday.id))[0].id
    assert circle.member.post(f"/holidays/{holiday}/remove").status_code == 303
    assert [day for day, _ in laid()] == fortnights(10)
    assert circle.member.post(f"/holidays/{holiday}/remove").status_code == 404
    assert [event.facts for event in events("holidays.added", "holidays.removed")] == [
        {"breaks": 1, "gone": 1},
        {"laid": 1},
    ]


def test_a_holiday_that_cannot_be_is_refused(circle: Any, said: Any) -> None:
    form = {"name": "Winter", "first_day": "2026-12-21", "last_day": ""}
    for wrong, words in (
        ({"name": ""}, "Please fill this in."),
        ({"first_day": "Monday"}, "Please give a day"),
        ({"last_day": "2026-12-01"}, "after the first one"),
        ({"last_day": "2027-12-01"}, "at most four months"),
    ):
        refused = circle.member.post(f"{circle.home}/holidays", {**form, **wrong})
        assert (refused.status_code, words in said(refused)) == (422, True)


def test_a_calendar_file_is_read_ticked_and_forgotten(circle: Any, said: Any, stored: Any) -> None:
    where = f"{circle.home}/holidays"

    def bring(content: bytes) -> Any:
        form = {"calendar": (BytesIO(content), "school.ics")}
        return circle.member.post(f"{where}/read", form, content_type="multipart/form-data")

    assert "could not be read as a calendar" in said(bring(b"%PDF"))
    assert "no whole day off" in said(bring(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"))
    assert "too large" in said(bring(b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 4000))
    assert circle.member.post(f"{where}/read").status_code == 422
    read = bring(FILE.encode())
    assert read.status_code == 200
    assert "Winter break, for all" in said(read)
    assert "Council" not in read.text
    assert stored(select(SchoolHoliday.id)) == []
    values = re.findall(r'name="breaks" value="([^"]+)"', read.text)
    nonsense = ["", "x/y/z", "2026-12-01/2026-11-01/Backwards"]
    sent = circle.member.post(where, {"choosing": "yes", "breaks": [*values[:2], *nonsense]})
    assert sent.status_code == 303
    assert [row.name for row in stored(select(SchoolHoliday.name).order_by(SchoolHoliday.first_day))] == [
        "Two days",
        "Winter break, for all",
    ]
    assert circle.member.post(where, {"choosing": "yes"}).status_code == 303


def test_a_school_calendar_is_taken_over_from_a_community_one_is_in(circle: Any, said: Any, stored: Any) -> None:
    circle.member.post(f"{circle.home}/holidays", {"name": "Winter", "first_day": "2026-12-21"})
    neighbour = circle.visitor()
    found = neighbour.launch("31", "9", roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"])
    neighbour.post(found.location, {"name": "Next door"})
    other = stored(select(Community.id).where(Community.name == "Next door"))[0].id
    take = f"/communities/{other}/holidays/from/{circle.id}"
    assert neighbour.get(take).status_code == 404
    assert "Take over" not in neighbour.get(f"/communities/{other}/holidays").text
    neighbour.launch("31")  # in the circle's course too
    assert "Take over from Maths circle 1 break" in said(neighbour.get(f"/communities/{other}/holidays"))
    page = neighbour.get(take)
    values = re.findall(r'name="breaks" value="([^"]+)"', page.text)
    neighbour.post(f"/communities/{other}/holidays", {"choosing": "yes", "breaks": values})
    rows = stored(select(SchoolHoliday.name).where(SchoolHoliday.community_id == other))
    assert [row.name for row in rows] == ["Winter"]


def test_many_series_are_laid_some_at_a_time_in_few_statements(circle: Any, house: Any, stored: Any) -> None:
    person, at = circle.person("2"), house.clock()
    values = stored(select(Community.__table__))[0]._asdict()
    series = {**{name: FORM[name] for name in ("title", "place", "zone")}, "link": "", "mode": "online"}
    more = AT_ONCE + 10
    with house.database.write() as session:
        for _ in range(more):
            community = {**values, "id": new_id()}
            session.execute(insert(Community).values(**community))
            session.execute(
                upsert(session, MeetingSeries).values(
                    id=new_id(),
                    community_id=community["id"],
                    planned_by_id=person,
                    rule="FREQ=WEEKLY;BYDAY=WE",
                    first_day=FIRST,
                    starts=datetime(2026, 1, 1, 14, tzinfo=UTC).time(),
                    minutes=60,
                    in_working_time=False,
                    form_key=new_id().hex,
                    created_at=at,
                    changed_at=at,
                    **series,
                )
            )
    assert lay_ahead(house) == more * LAID_AHEAD
    assert lay_ahead(house) == 0
    with house.database.write() as session:  # as if it had been killed before it noted how far it came
        session.execute(update(MeetingSeries).values(laid_until=None))
    assert lay_ahead(house) == 0
    ids = [row.series_id for row in stored(select(Meeting.series_id))]
    assert {ids.count(one) for one in set(ids)} == {LAID_AHEAD}


def test_who_is_outside_learns_nothing(circle: Any) -> None:
    where = plan(circle)
    stranger = circle.joined("40", course="8")
    assert stranger.get(where).status_code == 404
    assert stranger.get(f"/series/{UUID(int=7)}").status_code == 404
    assert circle.member.get(f"{where}?follow=x&gone=-1&stay=99999999999999").status_code == 200
