"""Is it written down who was there, by a code or a list, without a name shown to anybody whom it is none of?"""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms_plc.attendance.models import Attendance, MeetingGuest
from lms_plc.core.policy import Role
from lms_plc.meetings.codes import as_typed, sheet_code
from lms_plc.meetings.models import Meeting, Paperwork
from lms_plc.meetings.paperwork import LONGEST, LONGEST_UNCOUNTED, count_paperwork, seconds_from

FORM = {"title": "Wednesday", "day": "2026-11-22", "starts": "14:00", "ends": "15:15", "place": "Room 3"}


@pytest.fixture
def meeting(circle: Any, clock: Any) -> str:
    """Planned by the member for two o'clock; it is twenty to. The member holds it."""
    answer = circle.member.post(f"{circle.home}/meetings/new", FORM)
    clock.move(hours=4, minutes=40)
    circle.member.launch("2")
    circle.facilitator.launch("1")
    return re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)


def code_of(stored: Any) -> str:
    return str(stored(select(Meeting.attendance_code))[0][0])


def written(stored: Any) -> dict[str, tuple[Any, ...]]:
    rows = stored(select(Attendance.person_id, Attendance.status, Attendance.minutes, Attendance.method))
    return {str(row.person_id): tuple(row[1:]) for row in rows}


def begin(house: Any) -> None:
    with house.database.write() as session:
        session.execute(update(Meeting).values(state="running", begun_at=house.clock()))


def listed(page: Any) -> dict[str, str]:
    """The list as the page's form would send it untouched."""
    form = dict(re.findall(r'name="(saw-\w+)" value="([^"]*)"', page.text))
    return form | dict(re.findall(r'name="(s-\w+)" value="(\w+)" checked', page.text))


def test_a_code_is_shown_to_who_holds_it_and_typed_by_everybody(
    circle: Any, meeting: str, stored: Any, said: Any, clock: Any, house: Any, events: Any
) -> None:
    page = f"{meeting}/attendance"
    third = circle.joined("3")
    assert third.post(f"{page}/new-code").status_code == 403
    assert circle.member.post(f"{page}/new-code").status_code == 303
    code = code_of(stored)
    assert re.fullmatch(r"[2-9]{6}", code)
    shown = f"{code[:3]}\u2009{code[3:]}"
    assert shown in circle.member.get(page).text
    assert shown in circle.member.get(meeting).text
    for address in (page, meeting):
        for who in (third, circle.facilitator):  # the facilitator may mark, and sees it
            assert (shown in who.get(address).text) == (who is circle.facilitator)
    begin(house)
    clock.move(minutes=10)
    answer = third.post(f"{page}/code", {"code": f" {code[:3]}-{code[3:]} "})
    assert answer.status_code == 303
    assert "You are written down as present." in said(third.get(answer.location))
    clock.move(minutes=1)
    assert circle.member.post(f"{page}/code", {"code": code}).status_code == 303
    assert third.post(f"{page}/code", {"code": code}).status_code == 303  # once present, present
    assert "2 were present." in said(third.get(meeting))
    people = {str(circle.person("3")): ("present", None, "code"), str(circle.person("2")): ("late", None, "code")}
    assert written(stored) == people
    assert [event.facts for event in events("attendance.confirmed")] == [
        {"method": "code", "people": [{"person_id": person, "status": status[0]}]} for person, status in people.items()
    ]


def test_wrong_codes_are_braked_and_nobody_learns_why(
    circle: Any, meeting: str, stored: Any, said: Any, clock: Any
) -> None:
    page = f"{meeting}/attendance"
    circle.member.post(f"{page}/new-code")
    third, right = circle.joined("3"), {"code": code_of(stored)}
    told = set()
    for code in ("111111", "", "x", "123", "000000", "99", right["code"]):
        answer = third.post(f"{page}/code", {"code": code})
        assert answer.status_code == 422
        told.add(re.search(r"This code does not work|Please fill", said(answer))[0])  # type: ignore[index]
    assert told == {"This code does not work", "Please fill"}
    assert circle.facilitator.post(f"{page}/code", right).status_code == 303  # only who guesses is braked
    clock.move(minutes=5, seconds=1)
    assert third.post(f"{page}/code", right).status_code == 303
    circle.member.post(f"{page}/new-code")
    assert circle.member.post(f"{page}/code", right).status_code == 422


@pytest.mark.parametrize(("minutes", "code"), [(-15, 422), (-9, 303), (75 + 139, 303), (75 + 141, 422)])
def test_a_code_is_taken_around_the_meeting_only(
    circle: Any, meeting: str, stored: Any, clock: Any, minutes: int, code: int
) -> None:
    """It is taken from half an hour before until two hours after: counted here from twenty to two."""
    circle.member.post(f"{meeting}/attendance/new-code")
    clock.move(minutes=minutes)
    circle.facilitator.launch("1")
    answer = circle.facilitator.post(f"{meeting}/attendance/code", {"code": code_of(stored)})
    assert answer.status_code == code


def test_a_list_is_ticked_on_two_phones_and_holds_what_both_knew(
    circle: Any, meeting: str, stored: Any, events: Any
) -> None:
    page = f"{meeting}/attendance"
    circle.joined("3")
    one, two, three = (circle.person(subject) for subject in "123")
    first, second = listed(circle.member.get(page)), listed(circle.facilitator.get(page))
    assert first == second
    assert len(first) == 3
    first |= {f"s-{one.hex}": "present", f"s-{two.hex}": "absent"}
    second |= {f"s-{two.hex}": "late", f"s-{three.hex}": "excused"}
    assert circle.member.post(page, {**first, "guests": "Ana\n ana \nBorče"}).status_code == 303
    assert circle.facilitator.post(page, {**second, "guests": "Borče"}).status_code == 303
    assert written(stored) == {
        str(one): ("present", None, "list"),
        str(two): ("late", None, "list"),
        str(three): ("excused", None, "list"),
    }
    assert len(stored(select(MeetingGuest.digest))) == 2
    assert "Ana" not in str(stored(select(MeetingGuest.__table__)))
    again = listed(circle.member.get(page))
    circle.member.post(page, again)  # nothing was touched
    assert len(events("attendance.confirmed")) == 2
    assert circle.member.post(page, {**again, "guests": "Cveta", "anew": "yes"}).status_code == 303
    assert len(stored(select(MeetingGuest.digest))) == 1


def test_minutes_are_said_where_somebody_stayed_for_a_part(circle: Any, meeting: str, stored: Any, said: Any) -> None:
    page, one = f"{meeting}/attendance", circle.person("1")
    form = listed(circle.member.get(page)) | {f"s-{one.hex}": "late"}
    for wrong in ("half", "0", "99999"):
        answer = circle.member.post(f"{page}?minutes=1", {**form, f"m-{one.hex}": wrong})
        assert answer.status_code == 422
        assert f'value="{wrong}"' in answer.text
    assert "Please give minutes, as in 45." in said(answer)
    circle.member.post(page, {**form, f"m-{one.hex}": "45"})
    assert written(stored)[str(one)] == ("late", 45, "list")
    form = listed(circle.member.get(page)) | {f"s-{one.hex}": "present"}
    circle.member.post(page, {**form, "rest": "present"})
    assert written(stored) == {str(one): ("present", 45, "list"), str(circle.person("2")): ("present", None, "list")}
    circle.member.post(page, {**listed(circle.member.get(page)), f"s-{one.hex}": "absent"})
    assert written(stored)[str(one)] == ("absent", None, "list")


def test_members_see_their_own_line_and_a_number(circle: Any, meeting: str, said: Any, stored: Any) -> None:
    third, page = circle.joined("3"), f"{meeting}/attendance"
    form = listed(circle.member.get(page))
    form = {**form, "rest": "present", f"s-{circle.person('1').hex}": "absent", "guests": "A"}
    assert third.post(page, form).status_code == 403
    circle.member.post(page, form)
    for address in (page, meeting):
        seen = said(third.get(address))
        assert "2 were present, and 1 guest." in seen
        assert "You are written down as present." in seen
    assert "Person 1" not in said(third.get(page))
    assert "written down as absent" in said(circle.facilitator.get(page))
    mentor = circle.joined("4")
    circle.give_role("4", Role.MENTOR)
    assert "Person 3" in said(mentor.get(page))


def test_one_says_beforehand_that_one_cannot_come(
    circle: Any, meeting: str, said: Any, stored: Any, house: Any, events: Any
) -> None:
    page = f"{meeting}/attendance"
    third, own = circle.joined("3"), str(circle.person("3"))
    assert "I cannot come" in said(third.get(meeting))
    assert third.post(f"{page}/own", {"comes": "no"}).status_code == 303
    assert written(stored) == {own: ("excused", None, "own")}
    assert "You are excused." in said(third.get(meeting))
    for _ in range(2):
        third.post(f"{page}/own", {"comes": "yes"})
    assert written(stored) == {}
    assert len(events("attendance.excuse_withdrawn")) == 1
    begin(house)
    third.post(f"{page}/own", {"comes": "no"})
    assert written(stored) == {}
    with house.database.write() as session:
        session.execute(update(Meeting).values(state="cancelled"))
    assert "I cannot come" not in said(third.get(meeting))
    assert "Attendance list" not in said(circle.member.get(meeting))


def test_digits_of_every_script_are_digits_and_a_sheet_has_its_word() -> None:
    assert as_typed("٢٣٤ 567") == "234567"
    words = {sheet_code(UUID(int=number)) for number in (0, 1, 7**20)}
    assert len(words) == 3
    assert all(re.fullmatch(r"[A-Z0-9]{5}", word) for word in words)


@pytest.mark.parametrize(
    ("took", "open_for", "seconds"),
    [
        ("70", 600, 70),
        ("700", 60, 60),
        ("99999", 99999, LONGEST),
        ("", 60, 60),
        ("", 99999, LONGEST_UNCOUNTED),
        ("-1", 20, 20),
        ("5", -20, 0),
    ],
)
def test_a_form_takes_what_somebody_wrote_in_it(clock: Any, took: str, open_for: int, seconds: int) -> None:
    shown = str(int(clock().timestamp()) - open_for)
    assert seconds_from({"took": took, "shown_at": shown}, clock()) == seconds
    assert seconds_from({"took": took, "shown_at": "long ago"}, clock()) == 0
    assert seconds_from({"took": took}, clock()) == 0


def test_who_organises_sees_what_the_forms_took_and_nobody_else(
    circle: Any, meeting: str, said: Any, stored: Any, house: Any, clock: Any
) -> None:
    page = f"{meeting}/attendance"
    form = listed(circle.member.get(page))
    shown = re.search(r'name="shown_at" value="(\d+)"', circle.member.get(page).text)
    assert shown is not None
    clock.move(minutes=3)
    for _ in range(2):
        circle.member.post(page, {**form, "rest": "present", "took": "100", "shown_at": shown[1]})
    assert stored(select(Paperwork.form, Paperwork.seconds, Paperwork.saves)) == [("attendance", 200, 2)]
    clock.move(minutes=30)
    assert "This meeting’s forms took 3 minutes in all." in said(circle.member.get(meeting))
    assert "What could be left out?" not in said(circle.member.get(meeting))
    with house.database.write() as session:
        meeting_id = stored(select(Meeting.id))[0].id
        for _ in range(2):
            count_paperwork(session, meeting_id, "minutes", 9999)
    assert "Lately it was about 22 minutes a month for each member." in said(circle.facilitator.get(meeting))
    third = said(circle.joined("3").get(meeting))
    assert "Paperwork" not in third
    assert "What could be left out?" not in third
