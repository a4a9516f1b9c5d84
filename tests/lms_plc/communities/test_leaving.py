"""Leaving takes one page and one button; nothing brings somebody back but their own word."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from lms_plc.communities.models import Membership, PlacedLink, Placement, RoleAssignment
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Role
from lms_plc.sites.models import Course, Enrolment
from tests.lms_plc.conftest import new_key

ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"


def leave(who: Any, circle: Any) -> Any:
    return who.post(f"{circle.home}/leave")


def came_to(answer: Any) -> str:
    return urlsplit(answer.location).path.partition("/s/")[2].partition("/")[2]


def test_the_page_says_what_stays_what_ends_and_leads_to_ones_own_posts(circle: Any, said: Any) -> None:
    circle.start(circle.member, title="Quinces", body="Mine")
    circle.start(circle.facilitator, title="Pears", body="Theirs")
    assert "Leave this community" in said(circle.member.get(f"{circle.home}/members"))
    assert "Leave this community" in said(circle.member.get(circle.home))
    page = said(circle.member.get(f"{circle.home}/leave"))
    for words in ("What stays", "with your name", "What ends", "Nothing brings you back", "one by one"):
        assert words in page
    assert "Quinces" in page
    assert "Pears" not in page
    assert "Your role here ends" not in page
    assert "only one who facilitates" not in page


def test_a_thought_that_was_opened_with_its_project_stands_on_the_page_too(circle: Any, said: Any) -> None:
    form = {"title": "Exit tickets", "cycle": "reflect_improve_repeat", "form_key": new_key()}
    project = came_to(circle.member.post(f"{circle.home}/projects/new", form)).partition("/stages/")[0]
    circle.member.post(f"/{project}/stages/unpack/enter")
    thought = {"kind": "Hunch", "thought": "Quinces", "form_key": new_key()}
    assert circle.member.post(f"/{project}/stages/unpack/thoughts", thought).status_code == 303
    kept = "What you wrote here"
    assert kept not in said(circle.member.get(f"{circle.home}/leave")).replace("What you wrote here stays", "")
    assert circle.member.post(f"/{project}/open", {"shown": ["1-unpack"]}).status_code == 303
    assert "Quinces" in said(circle.member.get(f"{circle.home}/leave"))


def test_who_leads_alone_is_told_first_but_may_leave(circle: Any, said: Any, events: Any) -> None:
    assert "You are the only one who facilitates here." in said(circle.facilitator.get(f"{circle.home}/leave"))
    circle.give_role("2", Role.FACILITATOR)
    page = said(circle.facilitator.get(f"{circle.home}/leave"))
    assert "only one who facilitates" not in page
    assert "Your role here ends." in page
    assert leave(circle.facilitator, circle).status_code == 303
    assert [event.facts["role"] for event in events("role.ended")] == ["facilitator"]
    circle.facilitator.launch("1")
    assert circle.facilitator.get(circle.home).status_code == 404


def test_a_launch_asks_instead_of_bringing_back(circle: Any, said: Any, events: Any, stored: Any) -> None:
    topic = circle.start(circle.member, body="I stay readable.")
    answer = leave(circle.member, circle)
    assert "You have left." in said(circle.member.get(answer.location))
    assert circle.member.get(circle.home).status_code == 404
    assert "I stay readable." in circle.facilitator.get(f"/topics/{topic}").text
    (ended,) = events("membership.ended")
    assert (ended.via, ended.actor_id, ended.facts["reason"]) == ("page", circle.person("2"), None)
    for _ in range(2):
        landed = circle.member.launch("2", name="Person 2, married")
        assert came_to(landed).endswith(f"communities/{circle.id}/left")
        assert circle.member.get(circle.home).status_code == 404
    page = circle.member.get(landed.location)
    assert "You left Maths circle" in said(page)
    for _ in range(2):
        back = circle.member.post(landed.location)
        assert came_to(back) == circle.home.lstrip("/")
    assert circle.member.get(circle.home).status_code == 200
    assert came_to(circle.member.get(landed.location)) == circle.home.lstrip("/")
    assert [event.via for event in events("membership.resumed")] == ["page"]
    assert came_to(circle.member.launch("2")) == circle.home.lstrip("/")
    row = stored(select(Membership.state, Membership.left_at).where(Membership.person_id == circle.person("2")))[0]
    assert tuple(row) == ("active", None)


def test_a_mentor_who_is_no_member_leaves_for_good_too(circle: Any, stored: Any, clock: Any) -> None:
    mentor = circle.joined("3", course="88")
    circle.give_role("3", Role.MENTOR)
    clock.move(minutes=1)
    assert mentor.get(circle.home).status_code == 200
    assert leave(mentor, circle).status_code == 303
    assert mentor.get(circle.home).status_code == 404
    assert came_to(mentor.launch("3")).endswith("/left")
    roles = stored(select(RoleAssignment.ends_at).where(RoleAssignment.person_id == circle.person("3")))
    assert [row.ends_at for row in roles] == [clock()]


def test_nobody_comes_back_without_a_course_that_opens_it(circle: Any, house: Any) -> None:
    leave(circle.member, circle)
    landed = circle.member.launch("2").location
    elsewhere = circle.joined("9", course="77")
    assert elsewhere.post(landed.replace(circle.member.seat, elsewhere.seat)).status_code == 404
    assert circle.member.post(landed.replace(str(circle.id), str(UUID(int=5)))).status_code == 404
    with house.database.write() as session:
        session.execute(update(Enrolment).where(Enrolment.person_id == circle.person("2")).values(state="gone"))
    assert circle.member.post(landed).status_code == 404
    assert circle.member.get(circle.home).status_code == 404


@pytest.mark.parametrize("opens_by", ["a group", "a placed link"])
def test_whoever_left_is_asked_however_the_community_opens(
    opens_by: str, circle: Any, house: Any, stored: Any, clock: Any
) -> None:
    leave(circle.member, circle)
    course = stored(select(Placement.course_id))[0].course_id
    more: dict[str, Any] = {}
    with house.database.write() as session:
        if opens_by == "a group":
            group = Course(
                id=new_id(), site_id=circle.site_id, lms_id="group:1", title="G", parent_id=course, created_at=clock()
            )
            session.add(group)
            session.flush()
            session.execute(update(Placement).values(course_id=group.id))
        else:
            link = PlacedLink(
                id=new_id(),
                course_id=course,
                community_id=circle.id,
                part="communities.community_home",
                title="Ours",
                counts=False,
                placed_by=circle.person("1"),
                created_at=clock(),
            )
            session.add(link)
            session.execute(delete(Placement))
            session.flush()
            target = f"https://plc.example.org/placed/{link.id}"
            more = {"https://purl.imsglobal.org/spec/lti/claim/target_link_uri": target}
    landed = circle.member.launch("2", **more)
    assert came_to(landed).endswith(f"communities/{circle.id}/left")
    assert came_to(circle.member.post(landed.location)) == circle.home.lstrip("/")
    assert circle.member.get(circle.home).status_code == 200
