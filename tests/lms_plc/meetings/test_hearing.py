"""Who hears of what becomes of a meeting, and in which words?"""

from typing import Any

import pytest

from lms_plc.meetings import asking
from lms_plc.notifications import job, listening
from tests.lms_plc.meetings.conftest import FORM, plan

assert job.ROOMS  # whoever says who hears of what


@pytest.fixture
def heard(circle: Any, house: Any, clock: Any, said: Any) -> Any:
    """``heard(who)``: what stands in somebody's inbox once everything was listened to."""

    def inbox(who: Any) -> str:
        clock.move(minutes=10)
        listening.listen(house)
        words: str = said(who.get("/inbox"))
        return words

    return inbox


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"state": "agenda_open"}, "Changed in “Wednesday”: the agenda is open for your points"),
        ({"state": "confirmed"}, "Changed in “Wednesday”: it is confirmed"),
        ({"state": "cancelled"}, "Changed in “Wednesday”: it is cancelled"),
    ],
)
def test_members_hear_once_what_concerns_them_all(circle: Any, heard: Any, form: dict[str, str], words: str) -> None:
    where = plan(circle, circle.member)
    for _ in range(2):
        circle.member.post(f"{where}/state", form)
    assert words in heard(circle.facilitator)
    assert words not in heard(circle.member), "who said it knows"


def test_a_meeting_moved_twice_is_one_line(circle: Any, heard: Any) -> None:
    where = plan(circle, circle.member)
    for day in ("2026-12-02", "2026-12-03"):
        circle.member.post(f"{where}/edit", {**FORM, "day": day})
    assert "Changed in “Wednesday”: the time" in heard(circle.facilitator)


def test_an_agenda_that_opens_by_itself_and_a_slip_of_the_hand_are_no_news(circle: Any, heard: Any) -> None:
    where = plan(circle, circle.member)
    circle.member.post(f"{where}/agenda", {"title": "Keys", "form_key": "k" * 24})
    circle.member.post(f"{where}/edit", {**FORM, "in_working_time": "yes"})
    circle.member.post(f"{where}/state", {"state": "running"})
    circle.member.post(f"{where}/state", {"state": "planned"})
    assert "Wednesday" not in heard(circle.facilitator)
    circle.member.post(f"{where}/state", {"state": "cancelled"})
    circle.member.post(f"{where}/state", {"state": "planned"})
    assert "it is planned after all" in heard(circle.facilitator)


def test_who_is_given_a_part_and_who_holds_what_nobody_spoke_of_hear_of_it(
    circle: Any, house: Any, clock: Any, heard: Any
) -> None:
    where = plan(circle, circle.member)
    circle.member.post(f"{where}/roles", {"role": "facilitator", "person_id": str(circle.person("1"))})
    assert "Person 2 asks you to take a part in “Wednesday”" in heard(circle.facilitator)
    clock.move(days=4)
    circle.facilitator.launch("1")
    circle.member.launch("2")
    asking.ask_about_meetings(house)
    assert "Was “Wednesday” held? Please say so on its page." in heard(circle.facilitator)
    assert "Was “Wednesday” held?" not in heard(circle.member)
