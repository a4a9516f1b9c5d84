"""Opening a community: school, two facilitators, seats, and a founding meeting that plans itself."""

import re
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.communities.models import Community, Membership, RoleAssignment
from lms_plc.core.policy import Role
from lms_plc.founding.days import first_day
from lms_plc.meetings.models import Meeting
from lms_plc.people.models import School
from lms_plc.series.models import MeetingSeries
from lms_plc.series.recurrence import Break
from tests.conftest import INSTRUCTOR
from tests.lms_plc.conftest import new_key

AUTUMN = Break("Autumn", date(2026, 12, 1), date(2026, 12, 13))


def day(of_month: int, month: int = 12) -> date:
    return date(2026, month, of_month)


@pytest.mark.parametrize(
    ("today", "breaks", "first"),
    [
        (day(23, 11), [], day(7)),
        (day(22, 11), [], day(7)),  # a Sunday: the Monday behind it
        (day(21, 11), [], day(7)),
        (day(18, 11), [AUTUMN], day(16)),
        (day(18, 11), [Break("For ever", day(1, 1), date(2030, 1, 1))], date(2027, 4, 21)),
    ],
)
def test_the_first_day_is_in_two_weeks_on_a_school_day_behind_the_holidays(today, breaks, first) -> None:
    assert first_day(today, breaks) == first


@pytest.fixture
def course(circle: Any) -> tuple[Any, str]:
    """A teacher before the form of a course in which another teacher and a student are known."""
    circle.visitor().launch("6", "6", roles=[INSTRUCTOR])
    circle.visitor().launch("7", "6")
    teacher = circle.visitor()
    path = teacher.launch("5", "6", roles=[INSTRUCTOR]).location
    return teacher, path


def filled_in(page: Any) -> dict[str, str]:
    """What the page's form would send as it stands."""
    assert page.status_code == 200, page.text
    form = page.text.partition("<main")[2]
    given = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="\w+"[^>]* name="(\w+)" value="([^"]*)"', form)
    }
    chosen = re.search(r'<option value="([^"]+)" selected>', form)
    given.update(re.findall(r'<input type="(?:hidden)" name="(form_key)" value="([^"]+)"', form))
    return {
        **{name: given[name] for name in ("name", "school", "seats", "day", "starts", "form_key")},
        "second": chosen[1] if chosen else "",
    }


def test_the_form_is_filled_in_and_one_press_opens_everything(
    circle: Any, course: Any, stored: Any, events: Any
) -> None:
    teacher, path = course
    form = filled_in(teacher.get(path))
    assert (form["seats"], form["day"], form["starts"]) == ("10", "2026-12-07", "14:00")
    assert form["second"] == str(circle.person("6"))
    answer = teacher.post(path, {**form, "school": "OOU Goce Delčev", "every": "two_weeks", "in_working_time": "yes"})
    assert answer.status_code == 303, answer.text
    community_id = UUID(answer.location.rpartition("/")[2])
    community = stored(select(Community.seats, School.name).join(School).where(Community.id == community_id))[0]
    assert tuple(community) == (10, "OOU Goce Delčev")
    leads = select(RoleAssignment.person_id).where(
        RoleAssignment.community_id == community_id, RoleAssignment.role == Role.FACILITATOR.value
    )
    assert {row.person_id for row in stored(leads)} == {circle.person("5"), circle.person("6")}
    meetings = stored(
        select(Meeting.__table__).where(Meeting.community_id == community_id).order_by(Meeting.starts_at).limit(2)
    )
    first, second = meetings
    assert (first.kind, first.protocol, first.in_working_time) == ("founding", "founding_charter", True)
    assert (first.ends_at - first.starts_at).total_seconds() == 75 * 60
    assert first.starts_at.date() == day(7)
    assert (second.starts_at.date(), second.series_id is not None) == (day(21), True)
    home = teacher.get(answer.location).text
    assert "OOU Goce Delčev" in home
    assert "2 of 10 seats taken" in home
    assert [event.actor_id for event in events("community.founded") if event.community_id == community_id] == [
        circle.person("5")
    ]


def test_sent_twice_or_by_a_second_teacher_it_is_one_community_and_one_meeting(
    circle: Any, course: Any, stored: Any
) -> None:
    teacher, path = course
    form = filled_in(teacher.get(path))
    first = teacher.post(path, form).location
    assert teacher.post(path, form).location == first
    other = circle.visitor()
    other.launch("8", "6", roles=[INSTRUCTOR])
    other.post("/" + path.split("/", 3)[3], {**form, "form_key": new_key()})
    community_id = UUID(first.rpartition("/")[2])
    assert len(stored(select(Meeting.id).where(Meeting.community_id == community_id))) == 1
    roles = select(RoleAssignment.person_id).where(RoleAssignment.community_id == community_id)
    assert circle.person("8") not in {row.person_id for row in stored(roles)}


def test_a_name_alone_is_enough(course: Any, stored: Any) -> None:
    teacher, path = course
    community_id = UUID(
        teacher.post(
            path, {"name": "Chemistry", **dict.fromkeys(("school", "second", "seats", "day", "every"), "")}
        ).location.rpartition("/")[2]
    )
    assert stored(select(Meeting.id).where(Meeting.community_id == community_id)) == []
    assert stored(select(MeetingSeries.id)) == []
    members = stored(select(Membership.person_id).where(Membership.community_id == community_id))
    assert len(members) == 1
    assert "seats taken" not in teacher.get(f"/communities/{community_id}").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "f-name-error"),
        ({"second": "01a204f4-49ec-71ba-bd46-9063ce5e050f"}, "somebody of this course"),
        ({"second": "me"}, "somebody of this course"),
        ({"seats": "1"}, "from 2 to 500"),
        ({"day": "2026-11-01"}, "This day is over"),
        ({"day": "soon"}, "Please give a day"),
        ({"day": "2199-12-31", "every": "week"}, "Please give a day"),
        ({"starts": ""}, "Please give a time"),
        ({"starts": "23:30"}, "Please give a time"),
        ({"every": "hour"}, "f-every"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_the_rest_stays(
    course: Any, stored: Any, wrong: Any, said: str
) -> None:
    teacher, path = course
    before = len(stored(select(Community.id)))
    answer = teacher.post(path, {"name": "Chemistry", "school": "Ours", **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Ours"' in answer.text
    assert len(stored(select(Community.id))) == before


def test_who_leads_hears_that_it_has_outgrown_its_seats_and_makes_room(circle: Any, events: Any) -> None:
    circle.joined("3")
    assert circle.facilitator.post(f"{circle.home}/size", {"seats": "1"}).status_code == 422
    circle.facilitator.post(f"{circle.home}/size", {"school": "Ours", "seats": "2"})
    assert "You meant to be 2, and are 3 now." in circle.facilitator.get(circle.home).text
    member = circle.member.get(circle.home).text
    assert "3 of 2 seats taken" in member
    assert "You meant to be" not in member
    assert 'value="2"' in circle.facilitator.get(f"{circle.home}/size").text
    circle.facilitator.post(f"{circle.home}/size", {"school": "", "seats": ""})
    assert "seats taken" not in circle.facilitator.get(circle.home).text
    assert [event.facts for event in events("community.size_set")] == [{"seats": 2}, {"seats": None}]
