"""The rhythm of a community on its page, and who is asked to lead next."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.actionitems.models import ActionItem
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Role
from lms_plc.meetings.models import AgendaItem, MeetingRole, Paperwork
from lms_plc.rhythm.models import RoleWish
from lms_plc.series.models import SchoolHoliday
from tests.conftest import NOW


def words(page: Any) -> str:
    assert page.status_code == 200, page.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2])).split())


def seen(circle: Any, who: Any = None, **asked: str) -> str:
    return words((who or circle.member).get(f"{circle.home}/rhythm", query_string=asked))


def six(met: Any, led_by: str = "1") -> None:
    for week in range(1, 7):
        met(7 * week, led_by=led_by)


def test_before_the_first_meeting_the_page_says_what_to_do(circle: Any) -> None:
    page = seen(circle)
    assert "No meeting has been yet" in page
    assert "Plan a meeting" in page


def test_it_says_how_many_were_held_the_longest_gap_and_the_share_inside_working_time(
    circle: Any, met: Any, house: Any
) -> None:
    met(18, in_working_time=True)
    met(4, "cancelled")
    met(-3, "confirmed")
    page = seen(circle)
    assert "1 of 2 held" in page
    assert "Longest gap 18 days" in page
    assert "1 of 1 100 % of the meetings" in page
    with house.database.write() as session:
        holiday = {"first_day": date(2026, 11, 9), "last_day": date(2026, 11, 15), "name": "Autumn break"}
        session.add(
            SchoolHoliday(
                id=new_id(), community_id=circle.id, added_by_id=circle.person("1"), created_at=NOW, **holiday
            )
        )
    page = seen(circle)
    assert "Longest gap 11 days" in page
    assert "Autumn break , school holidays" in page


def test_last_year_is_not_this_year_but_among_the_last_twelve(circle: Any, met: Any) -> None:
    met(300)
    assert "No meeting has been yet" in seen(circle)
    assert "1 of 1 held" in seen(circle, over="twelve")


def test_minutes_actions_and_paperwork_are_figures_of_the_community(circle: Any, met: Any, house: Any) -> None:
    meeting = met(10)
    met(2, "cancelled")
    with house.database.write() as session:
        for kind, minutes in (("learning", 45), ("notice", 15)):
            session.add(
                AgendaItem(
                    id=new_id(),
                    community_id=circle.id,
                    meeting_id=meeting,
                    title="T",
                    kind=kind,
                    minutes=minutes,
                    proposer_id=circle.person("2"),
                    position=1,
                    form_key=new_id().hex,
                    created_at=NOW,
                )
            )
        for state, closed in (("done", NOW - timedelta(days=20)), ("open", None), ("dropped", NOW)):
            session.add(
                ActionItem(
                    id=new_id(),
                    community_id=circle.id,
                    text="T",
                    due=(NOW - timedelta(days=20)).date(),
                    state=state,
                    moved=0,
                    origin_kind="meeting",
                    origin_id=meeting,
                    recorded_by_id=circle.person("1"),
                    form_key=new_id().hex,
                    created_at=NOW,
                    closed_at=closed,
                )
            )
        session.add(Paperwork(meeting_id=meeting, form="minutes", seconds=7200, saves=1))
    page = seen(circle, over="year")
    assert "75 % Learning 45 min, organising 0 min, notices 15 min" in page
    assert "120 minutes a meeting" in page
    assert "Done in time 1 of 2" in page
    assert "For whoever organises" not in page
    assert "forms took each member about 60 minutes in the last month; 15 is the most" in seen(
        circle, circle.facilitator
    )


def test_who_has_not_led_is_asked_after_six_meetings_and_never_set(
    circle: Any, met: Any, stored: Any, events: Any
) -> None:
    third = circle.joined("3")
    six(met)
    coming = met(-3, "confirmed")
    page = seen(circle, circle.facilitator)
    assert "led by Person 1" in page
    assert "You could ask Person 2" in page
    assert "These have not led a meeting yet. Would one of them like to? Person 2 Person 3" in page
    assert "Would you lead the next one?" in seen(circle)
    assert "Would you lead the next one?" not in seen(circle, third)
    assert "Would you lead this one?" in words(third.get(f"/meetings/{coming}"))
    assert "Would you lead this one?" not in words(circle.facilitator.get(f"/meetings/{coming}"))
    assert stored(select(MeetingRole.person_id).where(MeetingRole.meeting_id == coming)) == []
    answer = circle.member.post(f"{circle.home}/turn", {"answer": "yes", "meeting_id": str(coming)})
    assert answer.location.endswith(f"/meetings/{coming}")
    third.post(f"{circle.home}/turn", {"answer": "yes", "meeting_id": str(coming)})  # somebody was quicker
    assert [row.person_id for row in stored(select(MeetingRole.person_id).where(MeetingRole.meeting_id == coming))] == [
        circle.person("2")
    ]
    assert "Person 2 leads the next one" in seen(circle, third)
    assert len(events("role.given")) == 1


def test_not_now_is_seen_by_nobody_and_can_be_taken_back(circle: Any, met: Any, stored: Any) -> None:
    six(met)
    met(-3, "confirmed")
    circle.member.post(f"{circle.home}/turn", {"answer": "not_now"})
    circle.member.post(f"{circle.home}/turn", {"answer": "not_now"})
    assert [row.person_id for row in stored(select(RoleWish.person_id))] == [circle.person("2")]
    page = seen(circle, circle.facilitator)
    assert "Person 2" not in page
    assert "You said “not now”" in seen(circle)
    assert "You said “not now”" not in page
    circle.member.post(f"{circle.home}/turn", {"answer": "ask_again"})
    assert stored(select(RoleWish.person_id)) == []
    assert circle.member.post(f"{circle.home}/turn", {"answer": "perhaps"}).status_code == 303


def test_five_meetings_and_mentors_are_no_occasion_to_ask(circle: Any, met: Any) -> None:
    circle.give_role("2", Role.MENTOR)
    for week in range(1, 6):
        met(7 * week, led_by="1")
    coming = met(-3, "confirmed")
    assert "Who leads next?" not in seen(circle)
    met(50, led_by="1")
    page = seen(circle)
    assert "Who leads next?" in page
    assert "Person 2" not in page
    assert "Would you lead this one?" not in words(circle.member.get(f"/meetings/{coming}"))


def test_a_meeting_of_another_community_is_not_taken_here(circle: Any, met: Any, visitor: Any) -> None:
    six(met)
    coming = met(-3, "confirmed")
    other = visitor()
    found = other.launch("9", "9", roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]).location
    home = other.post(found, {"name": "Next door"}).location.partition("/communities/")[2]
    answer = other.post(f"/communities/{home}/turn", {"answer": "yes", "meeting_id": str(coming)})
    assert answer.status_code == 404


def test_voices_are_words_without_names_and_ones_own_share_is_ones_own(circle: Any, met: Any, house: Any) -> None:
    people = ["1", "2", *(str(number) for number in range(3, 6))]
    for subject in people[2:]:
        circle.joined(subject)
    for week, subject in enumerate(people):
        met(week + 1, led_by=subject)
    page = seen(circle)
    assert "Many carry your meetings" in page
    assert "Only for you: about 20 % of it came from you." in page
    assert "It is as if 5 people had taken turns at leading them." in page
    met(50, led_by="1")
    assert "about 33 %" in seen(circle, circle.facilitator)


@pytest.mark.parametrize("size", [3, 300])
def test_the_page_costs_the_same_however_many_meetings_there_were(
    circle: Any, met: Any, statements: list[str], size: int
) -> None:
    for number in range(size):
        met(1 + number / 4, led_by="1")
    statements.clear()
    page = circle.member.get(f"{circle.home}/rhythm")
    assert len(statements) == 5, statements
    assert page.text.count('class="held"') == min(size, 200)
