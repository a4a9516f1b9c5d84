"""Can a meeting be held on paper, and does what was written by hand come back whole, once, and where it belongs?"""

import re
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from sqlalchemy import select, update

from lms_plc.actionitems.models import ActionItem
from lms_plc.attendance.models import Attendance, MeetingGuest
from lms_plc.meetings.codes import sheet_code
from lms_plc.meetings.models import AgendaItem, Meeting, Paperwork
from lms_plc.minutes.models import Decision
from lms_plc.protocols.content import shipped

FORM = {"title": "Wednesday", "day": "2026-11-22", "starts": "10:00", "ends": "11:15", "place": "Room 3"}
KEY = "five_beat_session"


@pytest.fixture
def meeting(circle: Any, clock: Any, house: Any) -> str:
    """With a point on its agenda and a protocol; it began half an hour ago. The member holds it."""
    answer = circle.member.post(f"{circle.home}/meetings/new", FORM)
    where = re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)
    item = {"title": "Exit tickets", "kind": "learning", "minutes": "20", "form_key": "i" * 24}
    assert circle.member.post(f"{where}/agenda", item).status_code == 303
    with house.database.write() as session:
        session.execute(update(Meeting).values(protocol=KEY))
    clock.move(hours=1, minutes=30)
    return where


def fields(page: Any) -> dict[str, str]:
    return dict(re.findall(r'name="(saw-\w+)" value="([^"]*)"', page.text))


def note_of_item(stored: Any) -> str:
    return f"item-{stored(select(AgendaItem.id))[0].id.hex}"


def filled_in(circle: Any, stored: Any, page: Any) -> dict[str, str]:
    """Everything that can stand on a sheet."""
    item = note_of_item(stored)
    return {
        **fields(page),
        f"s-{circle.person('1').hex}": "present",
        f"s-{circle.person('2').hex}": "late",
        "guests": "Ana",
        f"n-{item}": "They wrote more\n- Two did not",
        f"dealt-{item}": "yes",
        "n-step-1": "We tried it\nWe tried it",
        "decisions": "We visit each other\n\nWe visit each other\n- Fewer notices",
        "what-1": "Print the cards",
        "who-1": str(circle.person("1")),
        "until-1": "2026-12-01",
        "what-3": "Ask the office",
    }


def test_the_paper_has_everything_in_its_order(circle: Any, meeting: str, said: Any, stored: Any) -> None:
    page = said(circle.member.get(f"{meeting}/sheet"))
    protocol = shipped()[KEY].content
    words = ("Maths circle", "Exit tickets", protocol.name, *(step.title for step in protocol.steps))
    words = (*words, "What we decided", "Who does what, until when", "Who was there", "Person 1")
    places = [page.index(word, page.index("Made for paper")) for word in words]
    assert places == sorted(places)
    meeting_id = stored(select(Meeting.id))[0].id
    assert f"Sheet {sheet_code(meeting_id)}" in page
    third = said(circle.joined("3").get(f"{meeting}/sheet"))
    assert "Person 1" not in third
    assert protocol.steps[0].do in third


def test_a_sheet_of_an_empty_meeting_has_room_to_write(circle: Any, said: Any) -> None:
    answer = circle.member.post(f"{circle.home}/meetings/new", {**FORM, "day": "2026-12-01"})
    page = circle.member.get(f"{answer.location}/sheet")
    assert page.text.count("<span></span>") == 2 * 3 + 5 + 2
    assert circle.member.get(f"{answer.location}/sheet/enter").status_code == 403


def test_what_was_written_by_hand_goes_to_the_rooms_it_belongs_to(
    circle: Any, meeting: str, stored: Any, said: Any, events: Any
) -> None:
    enter = f"{meeting}/sheet/enter"
    page = circle.member.get(enter)
    form = filled_in(circle, stored, page)
    assert circle.member.post(enter, form).status_code == 303
    assert circle.member.post(enter, {**form, "more": "yes"}).location.endswith("?said=1")
    # the same paper in somebody else's hands
    again = {**form, "decisions": "we visit each other", "what-1": "print  the cards.", "n-step-2": "New"}
    assert circle.facilitator.post(enter, again | {"decisions": "We visit each other"}).status_code == 303
    assert [row.text for row in stored(select(Decision.text).order_by(Decision.id))] == [
        "We visit each other",
        "Fewer notices",
    ]
    actions = stored(select(ActionItem.text, ActionItem.owner_id, ActionItem.due).order_by(ActionItem.id))
    assert actions == [
        ("Print the cards", circle.person("1"), date(2026, 12, 1)),
        ("Ask the office", None, None),
    ]
    rows = {row.person_id: (row.status, row.method) for row in stored(select(Attendance.__table__))}
    assert rows == {circle.person("1"): ("present", "sheet"), circle.person("2"): ("late", "sheet")}
    assert len(stored(select(MeetingGuest.digest))) == 1
    protocol = shipped()[KEY].content
    body, state = stored(select(Meeting.minutes, Meeting.state))[0]
    assert body == (
        "### Exit tickets\n\n- They wrote more\n- Two did not\n\n"
        f"## {protocol.name}\n\n### {protocol.steps[0].title}\n\n- We tried it\n\n"
        f"### {protocol.steps[1].title}\n\n- New"
    )
    assert state == "minutes_draft"
    assert stored(select(AgendaItem.dealt_at))[0].dealt_at is not None
    assert len(events("attendance.confirmed")) == 1
    assert "sheet" in [row.form for row in stored(select(Paperwork.form))]
    page = said(circle.member.get(enter))
    assert "Print the cards (Person 1)" in page
    assert "dealt with" not in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"until-1": "soon"}, "Please give a day"),
        ({"until-1": "1815-06-18"}, "Please give a day"),
        ({"what-1": "", "until-1": "2026-12-01"}, "What is to be done?"),
        ({"what-1": "x" * 501}, "at most 500 characters"),
        ({"decisions": "x" * 1001}, "at most 1000 characters"),
        ({"n-step-1": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(
    circle: Any, meeting: str, stored: Any, said: Any, wrong: dict[str, str], words: str
) -> None:
    enter = f"{meeting}/sheet/enter"
    form = {**filled_in(circle, stored, circle.member.get(enter)), "what-1": "Cards", **wrong}
    answer = circle.member.post(enter, form)
    assert answer.status_code == 422
    assert words in said(answer)
    assert "Two did not</textarea>" in answer.text
    assert f'value="{circle.person("1")}" selected' in answer.text
    assert stored(select(Decision.id)) == stored(select(Attendance.person_id)) == []


def test_an_empty_sheet_changes_nothing_and_a_long_one_waits(
    circle: Any, meeting: str, stored: Any, house: Any, said: Any
) -> None:
    enter = f"{meeting}/sheet/enter"
    assert circle.member.post(enter, fields(circle.member.get(enter))).status_code == 303
    assert stored(select(Meeting.state, Meeting.minutes_version))[0].minutes_version == 0
    with house.database.write() as session:
        session.execute(update(Meeting).values(minutes="x" * 59_990))
    answer = circle.member.post(enter, {"n-step-1": "One line more"})
    assert answer.status_code == 422
    assert "Please shorten them." in said(answer)


def test_a_meeting_that_is_under_way_goes_on_and_one_said_not_to_be_was_held_after_all(
    circle: Any, meeting: str, stored: Any, house: Any
) -> None:
    third = circle.joined("3")
    enter, form = f"{meeting}/sheet/enter", {"decisions": "Yes", f"s-{circle.person('3').hex}": "present"}
    for before, after in (("running", "running"), ("not_held", "held")):
        with house.database.write() as session:
            session.execute(update(Meeting).values(state=before))
        assert third.post(enter, {**form, "decisions": before}).status_code == 303
        assert stored(select(Meeting.state))[0].state == after
    assert stored(select(Attendance.person_id)) == []  # not theirs to say
    with house.database.write() as session:
        session.execute(update(Meeting).values(state="cancelled"))
    assert third.post(enter, form).status_code == 403


def photo() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (900, 1200), "white").save(out, "JPEG")
    out.seek(0)
    return out


def test_photos_of_the_paper_hang_on_the_meeting(circle: Any, meeting: str, stored: Any, said: Any) -> None:
    where = f"{meeting}/sheet/photos"
    data = {"files": (photo(), "sheet.jpg"), "file_alt": "Our sheet"}
    assert circle.member.post(where, data).status_code == 303
    page = circle.facilitator.get(f"{meeting}/sheet/enter")
    assert 'alt="Our sheet"' in page.text
    found = re.search(r"/files/([0-9a-f-]{36})/content", page.text)
    assert found is not None
    third = circle.joined("3")
    assert third.get(f"/files/{found[1]}/content").status_code == 200
    assert "Our sheet" in said(third.get(meeting))
    assert circle.facilitator.post(where, {"files": (BytesIO(b"\0nothing"), "x.jpg")}).status_code == 422
    other = {"files": (photo(), "second.jpg"), "drop_file": found[1], "file_ids": found[1]}
    assert circle.facilitator.post(where, other).status_code == 303
    assert third.get(f"/files/{found[1]}/content").status_code == 404
    assert circle.visitor().client.get(where).status_code in (401, 404, 405)


def test_pages_ask_the_database_the_same_few_things_whatever_stands_on_them(
    circle: Any, meeting: str, statements: list[str]
) -> None:
    pages = (f"{meeting}/sheet", f"{meeting}/sheet/enter", f"{meeting}/attendance")

    def asked() -> list[int]:
        counts = []
        for page in pages:
            statements.clear()
            assert circle.member.get(page).status_code == 200
            counts.append(len(statements))
        return counts

    few = asked()
    assert max(few) <= 8
    for number in range(9):
        circle.joined(str(10 + number))
        item = {"title": f"More {number}", "kind": "notice", "minutes": "5", "form_key": f"{number:024}"}
        circle.member.post(f"{meeting}/agenda", item)
    assert asked() == few
