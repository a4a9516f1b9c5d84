"""What becomes of a project when its lead leaves the community, or a sync ends their membership?"""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.communities.memberships import Because, bring_in, end, pause
from lms_plc.core.hearing import hearings
from lms_plc.core.policy import Role
from lms_plc.inquiry.models import InquiryPerson
from tests.lms_plc.inquiry.test_inquiry import SECRET, _heard, begin, put, share, write
from tests.lms_plc.inquiry.test_inquiry import bring_in as bring_into

MAY_TAKE = "I lead it from now on"


@pytest.fixture
def leave(circle: Any, clock: Any) -> Any:
    """Somebody presses the button, a while after what went before."""

    def leave_(who: Any) -> None:
        clock.move(minutes=1)
        put(who, f"{circle.home}/leave")
        clock.move(minutes=1)

    return leave_


def leads(stored: Any, circle: Any) -> Mapping[Any, str]:
    rows = stored(select(InquiryPerson.person_id, InquiryPerson.part).where(InquiryPerson.state == "active"))
    return {row.person_id: row.part for row in rows}


def test_the_leave_page_names_what_one_leads_alone_and_hands_it_over(circle: Any, said: Any, stored: Any) -> None:
    third = circle.joined("3")
    project = begin(circle, circle.member, "Quiet pupils")
    share(circle.member, project)
    alone = said(circle.member.get(f"{circle.home}/leave"))
    assert "Quiet pupils" in alone
    assert "whoever facilitates here may take the lead" in alone
    bring_into(circle, circle.member, project, "3", third, "co_worker")
    page = circle.member.get(f"{circle.home}/leave")
    assert "whoever works on it with you may take it" in said(page)
    assert f"{project}/people" in page.text
    assert "Leads it with me from now on" in said(circle.member.get(f"{project}/people"))
    put(third, f"{project}/people/lead", 403, person_id=str(circle.person("3")))
    put(circle.member, f"{project}/people/lead", person_id=str(circle.person("1")))
    put(circle.member, f"{project}/people/lead", person_id=str(circle.person("3")))
    assert leads(stored, circle) == {circle.person("2"): "lead", circle.person("3"): "lead"}
    assert "Before you go" not in said(circle.member.get(f"{circle.home}/leave"))
    put(circle.member, f"{project}/people/leave")


@pytest.mark.parametrize("how", ["by herself", "by a sync"])
def test_whoever_works_on_it_takes_the_lead_of_who_has_left(
    how: str, circle: Any, said: Any, stored: Any, events: Any, house: Any, clock: Any, leave: Any
) -> None:
    third, friend = circle.joined("3"), circle.joined("4")
    project = begin(circle, circle.member, "Quiet pupils")
    share(circle.member, project)
    bring_into(circle, circle.member, project, "3", third, "co_worker")
    bring_into(circle, circle.member, project, "4", friend, "critical_friend")
    assert MAY_TAKE not in said(third.get(project))
    put(third, f"{project}/lead")
    assert leads(stored, circle)[circle.person("3")] == "co_worker"
    if how == "by herself":
        leave(circle.member)
    else:
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("2")], Because(clock(), "sync"))
    page = said(third.get(project))
    assert "Nobody leads it now" in page
    assert "Person 2 · has left the community" in page
    assert MAY_TAKE in page
    for other in (friend, circle.facilitator):
        assert MAY_TAKE not in said(other.get(project))
    put(friend, f"{project}/lead", 403)
    put(circle.facilitator, f"{project}/lead")
    assert circle.person("1") not in leads(stored, circle)
    put(third, f"{project}/lead")
    put(third, f"{project}/lead")
    taken = events("inquiry.lead_taken")
    assert [event.actor_id for event in taken] == [circle.person("3")]
    page = said(third.get(project))
    assert "Nobody leads it now" not in page
    assert "Person 3 · leads" in page
    assert third.get(f"{project}/end").status_code == 200
    with house.database.read() as connection:
        heard = hearings(connection, [_heard(event) for event in taken])
    assert circle.person("4") in {one.person_id for one in heard}
    assert "Somebody has to lead it" in put(third, f"{project}/people/leave", 409).text


def test_who_rests_is_expected_back_and_still_leads(circle: Any, said: Any, house: Any, clock: Any) -> None:
    third, project = circle.joined("3"), begin(circle, circle.member)
    share(circle.member, project)
    bring_into(circle, circle.member, project, "3", third, "co_worker")
    with house.database.write() as session:
        pause(session, circle.site_id, circle.id, [circle.person("2")], Because(clock(), "sync"))
    assert MAY_TAKE not in said(third.get(project))


def test_who_comes_back_leads_beside_who_took_it_over(
    circle: Any, said: Any, house: Any, clock: Any, leave: Any
) -> None:
    third, project = circle.joined("3"), begin(circle, circle.member)
    share(circle.member, project)
    bring_into(circle, circle.member, project, "3", third, "co_worker")
    leave(circle.member)
    put(third, f"{project}/lead")
    with house.database.write() as session:
        bring_in(session, circle.site_id, circle.id, [circle.person("2")], Because(clock(), "page"))
    page = said(circle.member.get(project))
    assert "Person 2 · leads" in page
    assert "Person 3 · leads" in page
    put(third, f"{project}/people/leave")


def test_a_facilitator_takes_up_what_nobody_works_on_and_reads_no_more_than_before(
    circle: Any, said: Any, clock: Any, leave: Any
) -> None:
    project = begin(circle, circle.member, "Quiet pupils")
    write(circle.member, project, "concerns", SECRET)
    put(circle.member, f"{project}/stages/concerns/audience", audience="named_people")
    put(circle.member, f"{project}/stages/plan/enter")
    write(circle.member, project, "plan", "Slips for all")
    share(circle.member, project, "plan")
    put(circle.member, f"{project}/portfolio", form_key="p" * 24)
    assert circle.facilitator.get(f"{project}/stages/concerns").status_code == 404
    leave(circle.member)
    assert MAY_TAKE in said(circle.facilitator.get(project))
    put(circle.facilitator, f"{project}/lead")
    clock.move(minutes=1)
    page = said(circle.facilitator.get(project))
    assert "Person 1 · leads" in page
    assert circle.facilitator.get(f"{project}/stages/concerns").status_code == 404
    everything = circle.facilitator.get(f"{project}/rounds").text
    assert "Slips for all" in everything
    assert "Krakatoa" not in everything
    landed = put(circle.facilitator, f"{project}/portfolio", form_key="q" * 24)
    assert circle.facilitator.get(landed.location).status_code == 404
    put(circle.facilitator, f"{project}/stages/portfolio/enter")
    assert circle.facilitator.get(f"{project}/stages/portfolio").status_code == 200


def test_a_private_project_is_known_to_no_facilitator_also_when_its_author_left(
    circle: Any, said: Any, leave: Any, stored: Any
) -> None:
    project, mentor = begin(circle, circle.member), circle.joined("7")
    circle.give_role("7", Role.MENTOR)
    leave(circle.member)
    for somebody in (circle.facilitator, mentor):
        put(somebody, f"{project}/lead", 404)
        assert somebody.get(f"{project}/my-words").status_code == 404


@pytest.mark.parametrize("opened", [False, True])
def test_ones_own_words_are_read_wherever_one_is_and_nobody_elses(
    opened: bool, circle: Any, said: Any, clock: Any, leave: Any
) -> None:
    third = circle.joined("3")
    project = begin(circle, circle.member, "Quiet pupils")
    bring_into(circle, circle.member, project, "3", third, "co_worker")
    write(circle.member, project, "concerns", SECRET)
    put(circle.member, f"{project}/stages/plan/enter")
    write(third, project, "plan", "Vesuvius is mine")
    put(third, f"{project}/stages/consult/talks", who="Etna", need="know", said="Go on", form_key="t" * 24)
    if opened:
        share(circle.member, project, "plan")
    before = said(circle.member.get(f"{circle.home}/leave"))
    assert ("you can no longer open it" in before) is not opened
    leave(circle.member)
    leave(third)
    assert circle.member.get(project).status_code == 404
    assert circle.member.get(f"{project}/stages/concerns").status_code == 404
    found = circle.member.get("/?all=1")
    assert "Quiet pupils" in said(found)
    assert f"{project}/my-words" in found.text
    mine = said(circle.member.get(f"{project}/my-words"))
    assert SECRET in mine
    assert "Vesuvius" not in mine
    assert "Etna" not in mine
    theirs = said(third.get(f"{project}/my-words"))
    assert "Vesuvius is mine" in theirs
    assert "Etna" in theirs
    assert "Krakatoa" not in theirs
    for somebody in (circle.facilitator, circle.joined("9", course="77")):
        assert somebody.get(f"{project}/my-words").status_code == 404
    put(circle.member, f"{project}/edit", 404, title="Loud pupils")
    put(circle.member, f"{project}/open", 404)


def test_whoever_was_taken_off_reads_nothing_there_any_more(circle: Any, said: Any) -> None:
    third, project = circle.joined("3"), begin(circle, circle.member, "Quiet pupils")
    bring_into(circle, circle.member, project, "3", third, "co_worker")
    put(circle.member, f"{project}/people/take-off", person_id=str(circle.person("3")))
    assert third.get(f"{project}/my-words").status_code == 404
