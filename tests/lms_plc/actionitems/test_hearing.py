"""Does whoever has something to do hear of it: once when it is theirs, once when its day has passed, and in the letter
of the week?"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from lms_plc.actionitems import job
from lms_plc.actionitems.models import ActionItem
from lms_plc.notifications import job as notifications_job
from lms_plc.notifications import listening, rounds
from lms_plc.notifications.models import Digest, Notification
from lms_plc.people.models import Person
from tests.conftest import NOW

assert notifications_job.ROOMS

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def heard(house: Any, stored: Any) -> Any:
    """``heard(person_id)``: why somebody's inbox has lines, after listening."""

    def why(person_id: Any) -> list[str]:
        listening.listen(house)
        rows = stored(
            select(Notification.why).where(Notification.person_id == person_id).order_by(Notification.event_id)
        )
        return [row.why for row in rows]

    return why


def test_the_owner_hears_of_what_others_do_with_it_and_of_nothing_they_did(
    circle: Any, agree: Any, heard: Any, said: Any
) -> None:
    one = agree(circle.facilitator, owner="2", due=FRIDAY)
    own = agree(circle.member, "Mine", owner="2")
    circle.member.post(f"/actions/{own}/done", {})
    assert heard(circle.person("2")) == ["assigned"]
    assert "Person 1 put “Bring three notebooks” into your hands new by Friday, November 27, 2026" in said(
        circle.member.get("/inbox")
    )
    circle.facilitator.post(f"/actions/{one}/date", {"due": "2026-12-09"})
    assert heard(circle.person("2")) == ["assigned", "changed"]
    assert heard(circle.person("1")) == []


def test_a_day_that_has_passed_is_asked_after_once_by_day_and_never_again(
    circle: Any, agree: Any, heard: Any, house: Any, clock: Any, said: Any, events: Any
) -> None:
    one = agree(circle.member, owner="2", due=FRIDAY)
    nobodys, old = agree(circle.member, "Nobody’s", due=FRIDAY), agree(circle.member, "Old", owner="2", due=FRIDAY)
    with house.database.write() as session:
        session.execute(update(ActionItem).where(ActionItem.id == old).values(due=FRIDAY - timedelta(days=9)))
    assert nobodys
    clock.now = NOW.replace(day=27, hour=12)
    assert job.ask_after_what_is_past(house) == 0, "the day is not over"
    clock.now = NOW.replace(day=28, hour=3)
    assert job.ask_after_what_is_past(house) == 0, "nobody is asked at night"
    clock.now = NOW.replace(day=28, hour=9)
    assert job.ask_after_what_is_past(house) == 1
    assert job.ask_after_what_is_past(house) == 0
    assert heard(circle.person("2")) == ["asked"]
    assert heard(circle.person("1")) == []
    circle.member.launch("2")
    assert "The day for “Bring three notebooks” has passed. Another date?" in said(circle.member.get("/inbox"))
    assert circle.member.post(f"/actions/{one}/date", {"due": "2026-11-30"}).status_code == 303
    clock.now = NOW.replace(month=12, day=3)
    assert job.ask_after_what_is_past(house) == 0, "once, whatever comes later"
    assert [(one.actor_id, one.via) for one in events("action_item.day_passed")] == [(None, "clock")]


def test_the_letter_of_the_week_names_what_is_due_in_it(
    circle: Any, agree: Any, house: Any, clock: Any, stored: Any
) -> None:
    settings = house.settings.model_copy(update={"smtp_url": "smtp://localhost:1", "mail_from": "plc@example.org"})
    mailing = replace(house, settings=settings)
    rounds.go_round(mailing)
    with house.database.write() as session:
        for subject in ("1", "2"):
            address = f"p{subject}@school.example"
            session.execute(
                update(Person).where(Person.id == circle.person(subject)).values(email=address, email_source="own")
            )
    agree(circle.member, "Soon", owner="2", due=date(2026, 12, 2))
    agree(circle.member, "Far away", owner="2", due=date(2026, 12, 20))
    agree(circle.member, "Past", owner="2", due=FRIDAY - timedelta(days=2))
    clock.now = NOW.replace(day=27, hour=7, minute=31)
    rounds.go_round(mailing)
    letters = {row.person_id: row.text for row in stored(select(Digest.__table__))}
    mine = letters[circle.person("2")]
    assert "You agreed to do" in mine
    assert "Soon" in mine
    assert "December 2, 2026" in mine
    assert "Far away" not in mine
    assert "Past" not in mine
    assert "Soon" not in letters.get(circle.person("1"), "")
