"""Can a meeting be planned, filled with an agenda and written down, by any member and without loss?"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.core.things import keeper_of
from lms_plc.meetings.actions import meetings_to_find
from lms_plc.meetings.models import AgendaItem, Meeting
from lms_plc.meetings.queries import next_meeting, of_site

FORM = {"title": "Wednesday", "day": "2026-11-25", "starts": "14:00", "ends": "15:15", "place": "Room 3; left, top"}


def plan(circle: Any, who: Any, **more: str) -> str:
    answer = who.post(f"{circle.home}/meetings/new", {**FORM, **more})
    assert answer.status_code == 303, answer.text
    return re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)


def test_any_member_plans_one_and_everybody_sees_it(circle: Any, said: Any, events: Any, stored: Any) -> None:
    assert "No meeting is planned" in said(circle.member.get(circle.home))
    key = {"form_key": "k" * 24, "link": "https://meet.example.org/ours"}
    where = plan(circle, circle.member, **key)
    assert plan(circle, circle.member, **key) == where
    page = said(circle.facilitator.get(where))
    for words in (
        "planned",
        "Wednesday, November 25, 2026, 2:00",
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


def test_the_agenda_grows_and_shrinks(circle: Any, said: Any, stored: Any, events: Any) -> None:
    where = plan(circle, circle.member)
    item = {"title": "Exit tickets in 6a", "kind": "learning", "minutes": "25", "form_key": "i" * 24}
    for form in (item, item, {**item, "title": "Keys", "kind": "notice", "minutes": "5", "form_key": "j" * 24}):
        assert circle.facilitator.post(f"{where}/agenda", form).status_code == 303
    page = said(circle.member.get(where))
    assert "30 minutes in all, 25 of them for learning" in page
    assert page.index("Exit tickets in 6a") < page.index("Keys")
    refused = circle.member.post(f"{where}/agenda", {**item, "minutes": "0"})
    assert refused.status_code == 422
    first = stored(select(AgendaItem.id).order_by(AgendaItem.position))[0].id
    for _ in range(2):
        answer = circle.member.post(f"/agenda-items/{first}/remove")
    assert answer.status_code == 404
    assert len(events("agenda.item_removed")) == 1
    assert circle.member.get(f"/agenda-items/{first}/settle").status_code == 404
    second = stored(select(AgendaItem.id))[0].id
    assert circle.member.get(f"/agenda-items/{second}/settle").status_code == 404


def test_two_who_write_minutes_do_not_undo_each_other(
    circle: Any, said: Any, stored: Any, clock: Any, house: Any
) -> None:
    where = plan(circle, circle.member)
    clock.move(days=3, hours=5, minutes=30)
    circle.member.launch("2")
    circle.facilitator.launch("1")
    form = {"body": "We agreed to *visit*.", "based_on": "0"}
    assert circle.member.post(f"{where}/minutes", form).status_code == 303
    late = circle.facilitator.post(f"{where}/minutes", {"body": "Mine came later", "based_on": "0"})
    assert late.status_code == 409
    assert "Mine came later</textarea>" in late.text
    assert "We agreed to <em>visit</em>." in late.text
    assert circle.facilitator.post(f"{where}/minutes", {"body": "x" * 20_001, "based_on": "1"}).status_code == 422
    page = said(circle.facilitator.get(where))
    assert "We agreed to visit." in page
    assert stored(select(Meeting.state, Meeting.minutes_version)) == [("held", 1)]
    with house.database.read() as connection:
        assert [entry.text for entry in meetings_to_find(connection, None)] == ["We agreed to visit."]


def test_a_meeting_that_is_over_is_asked_about_once(circle: Any, said: Any, clock: Any, events: Any) -> None:
    where = plan(circle, circle.member)
    clock.move(days=4)
    circle.member.launch("2")
    assert "was it held?" in said(circle.member.get(f"{circle.home}/meetings"))
    assert "Did it take place?" in said(circle.member.get(where))
    for state in ("not_held", "not_held", "nonsense"):
        assert circle.member.post(f"{where}/state", {"state": state}).status_code == 303
    assert "did not take place" in said(circle.member.get(where))
    assert [event.facts for event in events("meeting.state_changed")] == [{"state": "not_held"}]


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
        nearest = next_meeting(connection, circle.id, clock())
        assert nearest is not None
        assert nearest.title == "Wednesday"
        assert next_meeting(connection, circle.id, clock() + timedelta(days=30)) is None
        assert len(of_site(connection, circle.site_id, clock())) == 2
        assert of_site(connection, circle.site_id, clock(), since=clock()) == []
    before = clock()
    clock.move(minutes=1)
    circle.member.post(f"{later}/state", {"state": "cancelled"})
    with house.database.read() as connection:
        assert [one.title for one in of_site(connection, circle.site_id, clock())] == ["Wednesday"]
        assert [one.state for one in of_site(connection, circle.site_id, clock(), since=before)] == ["cancelled"]


@pytest.mark.parametrize("thing", [("nothing", "0"), ("issue", "x"), ("issue", "00000000-0000-7000-8000-000000000000")])
def test_only_a_thing_of_this_community_comes_onto_an_agenda(circle: Any, stored: Any, thing: tuple[str, str]) -> None:
    form = {"thing_kind": thing[0], "thing_id": thing[1], "form_key": "k" * 24}
    assert circle.member.post(f"{circle.home}/agenda", form).status_code == 404
    assert stored(select(AgendaItem.id)) == []


@pytest.mark.parametrize("many", [1, 12])
def test_a_meeting_costs_the_same_however_much_it_speaks_of(circle: Any, statements: list[str], many: int) -> None:
    where = plan(circle, circle.member)
    for number in range(many):
        form = {"title": f"T{number}", "body": "", "form_key": f"{number:024}"}
        issue = urlsplit(circle.member.post(f"{circle.home}/board/new", form).location).path.rpartition("/")[2]
        thing = {"thing_kind": "issue", "thing_id": issue, "form_key": f"a{number:023}"}
        circle.member.post(f"{circle.home}/agenda", thing)
    statements.clear()
    circle.member.get(where)
    assert len(statements) == 6
    statements.clear()
    circle.member.get(f"{circle.home}/meetings")
    assert len(statements) == 5


@pytest.mark.parametrize("planned", [True, False], ids=["on an agenda", "waiting for one"])
def test_the_title_of_what_was_hidden_stands_on_no_agenda(circle: Any, house: Any, said: Any, planned: bool) -> None:
    where = plan(circle, circle.facilitator) if planned else f"{circle.home}/meetings"
    raised = circle.facilitator.post(
        f"{circle.home}/board/new", {"title": "A name to hurt", "body": "", "form_key": "i" * 24}
    )
    issue = UUID(urlsplit(raised.location).path.rpartition("/")[2])
    thing = {"thing_kind": "issue", "thing_id": str(issue), "form_key": "a" * 24}
    circle.facilitator.post(f"{circle.home}/agenda", thing)
    pages = [where, *([f"{where}/minutes"] if planned else [])]
    assert all("A name to hurt" in said(circle.member.get(page)) for page in pages)
    keeper = keeper_of("issue")
    assert keeper is not None
    with house.database.write() as session:
        keeper.hide(session, issue, house.clock())
    for page in pages:
        assert "A name to hurt" not in circle.member.get(page).text
        assert "Something that cannot be seen any more" in said(circle.member.get(page))
    assert "A name to hurt" in said(circle.facilitator.get(where)), "who leads decides about it"
