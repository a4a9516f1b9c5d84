"""Does a draft come of itself from what was written down, also of a second run, and of one that was broken off?"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from lms_plc.meetings.models import Meeting
from lms_plc.minutes.forms import LONGEST_MINUTES
from lms_plc.minutes.models import Decision
from lms_plc.protocols.content import shipped
from tests.lms_plc.test_every_protocol import Hall

FLOP = "useful_flop"


@pytest.fixture
def hall(circle: Any, clock: Any) -> Hall:
    """A run is under way."""
    hall = Hall(circle, shipped()[FLOP].content)
    hall.plan(FLOP, f"{clock() + timedelta(days=1):%Y-%m-%d}")
    clock.move(days=1)
    circle.member.launch("2", launch_presentation={"locale": "nl"})
    circle.facilitator.launch("1")
    hall.begin(FLOP)
    return hall


def note(hall: Hall, text: str, kind: str = "AgendaNote") -> None:
    hall.sent(hall.writes, f"{hall.run}/notes", {"id": str(uuid4()), "step": "0", "kind": kind, "text": text})


def test_a_second_run_is_put_below_and_what_was_approved_is_read_anew(hall: Hall, stored: Any, events: Any) -> None:
    note(hall, "The first time")
    hall.steer("end")
    for who in (hall.leads, hall.writes):
        hall.sent(who, f"{hall.meeting}/minutes/answer", {"version": "1", "answer": "right"})
    hall.begin(FLOP)
    note(hall, "The second time")
    note(hall, "We try again", "Decision")
    hall.steer("end")
    row = stored(select(Meeting.state, Meeting.minutes, Meeting.minutes_version, Meeting.minutes_language))[0]
    assert row.state == "minutes_draft"
    assert row.minutes_version > 1
    assert row.minutes.index("The first time") < row.minutes.index("The second time")
    assert row.minutes.count("\n## ") == 1
    assert "Person" not in row.minutes, "what was said, not who said it"
    assert row.minutes_language == "nl", "of whoever ended the run"
    assert [one.text for one in stored(select(Decision.text))] == ["We try again"]
    assert len(events("minutes.drafted")) == 1


def test_a_draft_is_no_longer_than_what_can_be_saved_and_what_stood_there_stays(hall: Hall, stored: Any) -> None:
    wrote = "x" * (LONGEST_MINUTES - 20)
    hall.sent(hall.leads, f"{hall.meeting}/minutes/write", {"body": wrote, "based_on": "0"})
    note(hall, "What there is no room for")
    hall.steer("end")
    assert stored(select(Meeting.minutes))[0].minutes == wrote
    note(hall, "And this came late")
    assert wrote in hall.leads.get(f"{hall.meeting}/minutes/write").text


def test_notes_of_a_run_that_was_broken_off_wait_in_the_form(hall: Hall, stored: Any) -> None:
    note(hall, "So far")
    note(hall, "We stop here", "Decision")
    hall.steer("break_off")
    hall.sent(hall.leads, f"{hall.meeting}/state", {"state": "held"})
    page = hall.leads.get(f"{hall.meeting}/minutes/write").text
    assert "- So far" in page
    assert "- We stop here" in page
    assert stored(select(Decision.id)) == []
