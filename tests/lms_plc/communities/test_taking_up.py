"""What becomes of a community nobody facilitates? Whoever leads its course is asked, and nobody is appointed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.communities.founding import found_community
from lms_plc.communities.models import Membership, RoleAssignment
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor, Role, load
from lms_plc.sites.models import Course, Enrolment

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTRUCTOR, LEARNER = f"{MEMBERSHIP}#Instructor", f"{MEMBERSHIP}#Learner"
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
OFFER = "Nobody facilitates this community at present"


@pytest.fixture
def unled(visitor: Any, house: Any, stored: Any, lms: Any) -> Any:
    """The community of course 5, as a sync founds it: with members and without a facilitator; and its page."""
    visitor().launch("9")
    course = stored(select(Course.id))[0].id
    with house.database.write() as session:
        community = found_community(
            session, site_id=lms.site_id, course_id=course, name="Ours", at=house.clock(), via="sync"
        )
    return community, course


def take_up(who: Any, course: Any) -> Any:
    return who.post(f"/courses/{course}/take-up")


def test_who_leads_the_course_is_offered_to_and_is_nothing_until_they_say_yes(
    visitor: Any, unled: Any, stored: Any, events: Any
) -> None:
    community, course = unled
    teacher = visitor()
    teacher.launch("1", roles=[INSTRUCTOR])
    assert OFFER in teacher.get(f"/communities/{community}").text
    assert stored(select(RoleAssignment.id)) == []
    answer = take_up(teacher, course)
    assert answer.location == f"/s/{teacher.seat}/communities/{community}"
    assert OFFER not in teacher.get(f"/communities/{community}").text
    roles = stored(select(RoleAssignment.role, RoleAssignment.community_id))
    assert [tuple(row) for row in roles] == [("facilitator", community)]
    assert [event.verb for event in events("role.assigned")] == ["role.assigned"]
    take_up(teacher, course)
    assert len(stored(select(RoleAssignment.id))) == 1


def test_who_comes_second_takes_nothing_from_the_first(visitor: Any, unled: Any, stored: Any) -> None:
    community, course = unled
    first, second = visitor(), visitor()
    first.launch("1", roles=[INSTRUCTOR])
    second.launch("2", roles=[INSTRUCTOR])
    take_up(first, course)
    assert take_up(second, course).location.endswith(f"/communities/{community}")
    assert len(stored(select(RoleAssignment.id))) == 1
    assert OFFER not in second.get(f"/communities/{community}").text


@pytest.mark.parametrize("roles", [[LEARNER], [ASSISTANT, LEARNER], [f"{MEMBERSHIP}#ContentDeveloper"]])
def test_who_does_not_lead_the_course_is_neither_offered_to_nor_let(
    visitor: Any, unled: Any, stored: Any, roles: list[str]
) -> None:
    community, course = unled
    somebody = visitor()
    somebody.launch("3", roles=roles)
    assert OFFER not in somebody.get(f"/communities/{community}").text
    assert take_up(somebody, course).status_code == 403
    assert stored(select(RoleAssignment.id)) == []


def test_an_lms_administrator_who_is_not_in_the_roster_is_not_let(visitor: Any, unled: Any, stored: Any) -> None:
    admin = visitor()
    admin.launch("99", roles=[ADMINISTRATOR, INSTRUCTOR])
    assert take_up(admin, unled[1]).status_code == 403
    assert stored(select(RoleAssignment.id)) == []


def test_who_teaches_another_course_does_not_learn_of_it(visitor: Any, unled: Any) -> None:
    other = visitor()
    other.launch("4", "8", roles=[INSTRUCTOR])
    assert take_up(other, unled[1]).status_code == 404


def test_who_no_longer_teaches_it_is_not_let(visitor: Any, unled: Any, house: Any) -> None:
    community, course = unled
    teacher = visitor()
    teacher.launch("1", roles=[INSTRUCTOR])
    with house.database.write() as session:
        for row in session.execute(select(Enrolment)).scalars():
            row.state = "gone"
    assert OFFER not in teacher.get(f"/communities/{community}").text
    assert take_up(teacher, course).status_code == 404


def test_in_a_course_without_a_community_it_leads_to_founding_one(visitor: Any, stored: Any) -> None:
    teacher = visitor()
    teacher.launch("1", roles=[INSTRUCTOR])
    course = stored(select(Course.id))[0].id
    assert take_up(teacher, course).location.endswith(f"/courses/{course}/found")
    assert stored(select(Membership.id)) == stored(select(RoleAssignment.id)) == []


def test_a_community_is_led_until_the_last_facilitators_date(circle: Any, house: Any, clock: Any) -> None:
    def led() -> bool:
        actor = Actor(circle.person("2"), circle.site_id, "", clock())
        with house.database.read() as connection:
            seen: CommunitySeen = load(connection, actor, "community", circle.id, "community.read")
        return seen.led

    assert led()
    with house.database.write() as session:
        for row in session.execute(select(RoleAssignment)).scalars():
            row.ends_at = clock() + timedelta(days=1)
    clock.move(days=1)
    assert not led(), "a mentor or a date that has passed does not facilitate"
    circle.give_role("2", Role.MENTOR)
    assert not led()
    circle.give_role("2", Role.FACILITATOR)
    assert led()
