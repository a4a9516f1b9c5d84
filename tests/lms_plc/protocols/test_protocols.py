"""What members do with protocols: choose one, read it, take it into a meeting, make it their own."""

import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import select

from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import shown
from lms_plc.meetings.models import Meeting
from lms_plc.protocols import forms, queries
from lms_plc.protocols.content import shipped
from lms_plc.protocols.models import Protocol, ProtocolVersion

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
FLOP = shipped()["useful_flop"].content


def new_key() -> str:
    return secrets.token_urlsafe(18)


def sent(content: Any = FLOP, **more: str) -> dict[str, Any]:
    """A form as the browser sends it."""
    given = forms.filled(content) | more
    return given | {"modes": given["modes"].split()}


def adapt(who: Any, community_id: UUID, key: str = "useful_flop", **more: str) -> UUID:
    form = sent(**{"name": "Our flops", "form_key": new_key(), **more})
    answer = who.post(f"/communities/{community_id}/protocols/{key}/adapt", form)
    assert answer.status_code == 303, answer.text
    return UUID(urlsplit(answer.location).path.rpartition("/")[2])


def page_of(circle: Any, copy: UUID | str) -> str:
    return f"{circle.home}/protocols/{copy}"


def person(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


def test_a_member_chooses_by_what_it_is_for_and_how_long_there_is(circle: Any, said: Any) -> None:
    every = circle.member.get(f"{circle.home}/protocols")
    for one in shipped().values():
        assert one.content.name in said(every)
    assert said(every).index("Good to begin with") < said(every).index("More")
    some = circle.member.get(f"{circle.home}/protocols?when=a+member+is+stuck&minutes=40")
    assert "Dilemma consultation" in said(some)
    assert "It takes 50 minutes; you can adapt it" in said(some)
    assert "Useful flop" not in said(some)
    none = circle.member.get(f"{circle.home}/protocols?minutes=5")
    assert "None fits as it is" in said(none)


def test_every_shipped_protocol_is_read_printed_and_can_be_adapted(circle: Any, said: Any) -> None:
    for key, one in shipped().items():
        page, sheet = circle.member.get(page_of(circle, key)), circle.member.get(f"{page_of(circle, key)}/print")
        for words in (f"{one.content.total_minutes} minutes", *(step.do for step in one.content.steps)):
            assert words in said(page)
            assert words in said(sheet)
        assert circle.member.get(f"{page_of(circle, key)}/adapt").status_code == 200
    assert circle.member.get(page_of(circle, "no_such_one")).status_code == 404
    assert circle.member.get(page_of(circle, uuid4())).status_code == 404


def test_it_says_which_steps_of_a_development_project_it_helps_with(circle: Any, said: Any) -> None:
    page = circle.member.get(page_of(circle, "plan_negotiation"))
    assert "development project: Talking it through and Action plan" in said(page)


def test_a_member_takes_it_into_the_next_meeting_or_plans_one(circle: Any, said: Any, stored: Any, events: Any) -> None:
    use = f"{page_of(circle, 'plan_negotiation')}/use"
    assert "Use it in the next meeting" not in said(circle.member.get(page_of(circle, "plan_negotiation")))
    assert "protocol=plan_negotiation" in circle.member.post(use, {}).location
    form = {"title": "Planning", "day": "2026-12-01", "starts": "14:00", "ends": "15:30", "form_key": new_key()}
    assert circle.member.post(f"{circle.home}/meetings/new", form).status_code == 303
    assert "Use it in the next meeting" in said(circle.member.get(page_of(circle, "plan_negotiation")))
    for _ in range(2):
        answer = circle.member.post(use, {})
    meeting_id, protocol = stored(select(Meeting.id, Meeting.protocol))[0]
    assert protocol == "plan_negotiation"
    assert answer.location.endswith(f"/meetings/{meeting_id}")
    [event] = [event for event in events("meeting.changed") if event.facts == {"changed": ["protocol"]}]
    assert event.thing_id == meeting_id
    assert "You talk by it in the next meeting" in said(circle.member.get(page_of(circle, "plan_negotiation")))


def test_a_community_makes_a_protocol_its_own(circle: Any, said: Any, events: Any, stored: Any) -> None:
    key = new_key()
    copy = adapt(circle.member, circle.id, form_key=key, **{"step-1-do": "Thank the teller with a biscuit."})
    assert adapt(circle.member, circle.id, form_key=key) == copy
    [event] = events("protocol.adapted")
    assert (event.thing_id, event.actor_id) == (copy, circle.person("2"))
    assert event.facts == {"origin": "useful_flop", "origin_version": 1, "minutes": 35}
    page = circle.facilitator.get(page_of(circle, copy))
    for words in ("Our flops", "biscuit", "Adapted from Useful flop, version 1", "Person 2", "What was changed"):
        assert words in said(page)
    assert said(circle.member.get(f"{circle.home}/protocols")).index("Our own") < said(
        circle.member.get(f"{circle.home}/protocols")
    ).index("Good to begin with")
    with circle.house.database.read() as connection:
        seen = queries.protocol_for(connection, circle.id, str(copy))
        assert seen is not None
        assert (seen.key, seen.version, seen.is_own, seen.content.name) == (str(copy), 1, True, "Our flops")
        assert queries.protocol_for(connection, uuid4(), str(copy)) is None
        assert queries.protocol_for(connection, circle.id, "nothing") is None
        flop = queries.protocol_for(connection, circle.id, "useful_flop")
        assert flop is not None
        assert not flop.is_own
        assert [one.key for one in queries.choices(connection, circle.id)] == [str(copy), *shipped()]
        thing = shown(connection, person(circle, "1"), [Reference("protocol", copy)])[Reference("protocol", copy)]
        assert (thing.title, thing.endpoint) == ("Our flops", "protocols.protocol")
    assert stored(select(Protocol.origin_content))[0][0] == FLOP.model_dump(mode="json")


WRONG = [
    ({"name": " "}, "What it is called – Please fill this in."),
    ({"purpose": "x" * 401}, "at most 400 characters"),
    ({"family": "gossip"}, "Kind of conversation – Please choose one of these."),
    ({"largest": "2"}, "Largest group – This is less than the smallest group."),
    ({"smallest": "two"}, "Smallest group – This could not be understood"),
    ({"modes": ""}, "Where it works – Please choose at least one."),
    ({"modes": "on_the_moon"}, "Where it works"),
    ({"guard_rails": "one\n" * 9}, "At most 8 lines"),
    ({"step-3-title": ""}, "Step 3, What it is called – Please fill this in."),
    ({"step-3-minutes": "0"}, "Step 3, How many minutes – This could not be understood"),
    ({"step-2-produces-1": "Gold"}, "Step 2, What is written down – Please choose one of these."),
    ({"step-2-id": "../x"}, "could not be understood"),
    ({"role-2-name": "Facilitator"}, "Role 2, Who – This role is there already."),
    ({"role-1-duty": ""}, "Role 1, What they do – Please fill this in."),
    ({"form_key": "x"}, "could not be understood"),
]


def test_a_wrong_form_is_shown_again_with_what_was_typed(circle: Any, said: Any, stored: Any) -> None:
    for wrong, words in WRONG:
        typed = {"name": "Ours", "form_key": "k" * 24, "step-1-do": "Typed with care.", **wrong}
        answer = circle.member.post(f"{page_of(circle, 'useful_flop')}/adapt", sent(**typed))
        assert (words, answer.status_code) == (words, 422)
        assert words in said(answer)
        assert "Typed with care." in answer.text
    assert stored(select(Protocol.id)) == []


def test_a_tick_that_comes_four_times_is_one(circle: Any, stored: Any) -> None:
    form = sent(name="Our flops", form_key=new_key()) | {"modes": ["online"] * 4}
    assert circle.member.post(page_of(circle, "useful_flop") + "/adapt", form).status_code == 303
    assert stored(select(Protocol.content))[0].content["modes"] == ["online"]


def test_a_form_without_steps_or_roles_says_that_one_is_needed(circle: Any, said: Any) -> None:
    bare = {name: value for name, value in sent(name="Ours", form_key="k" * 24).items() if "-" not in name}
    answer = circle.member.post(f"{page_of(circle, 'useful_flop')}/adapt", bare)
    assert answer.status_code == 422
    assert "Please keep at least one step." in said(answer)
    assert "Please keep at least one role." in said(answer)


def test_buttons_rearrange_the_form_and_keep_what_was_typed(circle: Any, said: Any, stored: Any) -> None:
    address = f"{page_of(circle, 'useful_flop')}/adapt"
    again = circle.member.post(address, sent(**{"press": "down-step-1", "step-2-do": "Typed with care."}))
    assert again.status_code == 200
    assert said(again).index("1. Hoped and happened") < said(again).index("2. Thanks and rule")
    assert "Typed with care." in again.text
    assert "8. New step" in said(circle.member.post(address, sent(press="add-step-8")))
    assert "Steps: 33 minutes" in said(circle.member.post(address, sent(press="remove-step-1")))
    assert "New role" in said(circle.member.post(address, sent(press="add-role-3")))
    assert circle.member.post(address, sent(press="up-step-99")).status_code == 200
    assert stored(select(Protocol.id)) == []


def test_a_change_keeps_how_it_read_before(circle: Any, said: Any, events: Any, stored: Any) -> None:
    copy = adapt(circle.member, circle.id)
    form = sent(**{"name": "Our flops", "based_on": "1", "step-1-minutes": "4"})
    assert circle.facilitator.get(f"/protocols/{copy}/edit").status_code == 200
    assert circle.facilitator.post(f"/protocols/{copy}/edit", form).status_code == 303
    assert circle.facilitator.post(f"/protocols/{copy}/edit", form | {"based_on": "2"}).status_code == 303
    [event] = events("protocol.changed")  # the second said nothing new
    assert event.facts == {"version": 2, "minutes": 37}
    assert stored(select(ProtocolVersion.version, ProtocolVersion.changed_by_id)) == [(1, circle.person("1"))]
    history = said(circle.member.get(f"/protocols/{copy}/history"))
    assert "Version 2" in history
    assert "Thanks and rule (" in history
    assert circle.member.post(f"/protocols/{copy}/edit", form | {"name": ""}).status_code == 422
    again = circle.member.post(f"/protocols/{copy}/edit", form | {"press": "up-step-2"})
    assert again.status_code == 200
    assert 'name="based_on" value="1"' in again.text


def test_two_who_change_it_at_once_see_both_side_by_side(circle: Any, said: Any, stored: Any) -> None:
    copy = adapt(circle.member, circle.id)
    theirs = sent(**{"name": "Our flops", "based_on": "1", "purpose": "To laugh about it."})
    assert circle.facilitator.post(f"/protocols/{copy}/edit", theirs).status_code == 303
    mine = sent(**{"name": "Our flops", "based_on": "1", "purpose": "To learn from it."})
    answer = circle.member.post(f"/protocols/{copy}/edit", mine)
    assert answer.status_code == 409
    assert "YoursTo learn from it. TheirsTo laugh about it." in said(answer)
    assert 'name="based_on" value="2"' in answer.text
    assert stored(select(Protocol.version)) == [(2,)]
    assert circle.member.post(f"/protocols/{copy}/edit", mine | {"based_on": "2"}).status_code == 303
    assert "To learn from it." in said(circle.member.get(page_of(circle, copy)))


def test_a_copy_is_taken_out_of_use_and_brought_back(circle: Any, said: Any, events: Any) -> None:
    copy = adapt(circle.member, circle.id)
    for _ in range(2):
        assert circle.member.post(f"/protocols/{copy}/retire", {}).status_code == 303
    assert "out of use" in said(circle.facilitator.get(page_of(circle, copy)))
    assert "Our own, out of use" in said(circle.member.get(f"{circle.home}/protocols"))
    with circle.house.database.read() as connection:
        assert [one.key for one in queries.choices(connection, circle.id)] == [*shipped()]
        assert queries.protocol_for(connection, circle.id, str(copy)) is not None
        assert found(circle, connection) == []
    for _ in range(2):
        assert circle.member.post(f"/protocols/{copy}/bring-back", {}).status_code == 303
    assert len(events("protocol.retired")) == len(events("protocol.brought_back")) == 1
    with circle.house.database.read() as connection:
        assert found(circle, connection) == ["Our flops"]


def found(circle: Any, connection: Any) -> list[str]:
    entries = select(search.SearchEntry.title).where(search.SearchEntry.kind == "protocol")
    return list(connection.execute(entries).scalars())


def test_search_knows_what_stood_there_before_it_was_asked(circle: Any) -> None:
    copy = adapt(circle.member, circle.id)
    with circle.house.database.read() as connection:
        [entry] = queries.all_copies(connection, None)
        assert (entry.reference.id, entry.title) == (copy, "Our flops")
        assert "Five places to look" in entry.text
        assert queries.all_copies(connection, copy) == []


def test_a_member_of_two_communities_takes_a_copy_from_one_to_the_other(
    circle: Any, said: Any, stored: Any, events: Any
) -> None:
    neighbour = circle.visitor()
    neighbour.post(neighbour.launch("41", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    neighbour_id = stored(select(Community.id).where(Community.name == "Next door"))[0][0]
    theirs = adapt(neighbour, neighbour_id, name="Flops next door")
    assert circle.member.get(f"{page_of(circle, theirs)}/adapt").status_code == 404
    neighbour.launch("41", course="5")
    assert neighbour.get(page_of(circle, theirs)).status_code == 404  # it is not this community's yet
    assert "Take it to another of my communities" in said(
        neighbour.get(f"/communities/{neighbour_id}/protocols/{theirs}")
    )
    assert neighbour.get(f"{page_of(circle, theirs)}/adapt").status_code == 200
    ours = adapt(neighbour, circle.id, str(theirs), name="Flops here")
    assert events("protocol.adapted")[-1].facts["origin"] == str(theirs)
    assert "Adapted from Flops next door of Next door, version 1" in said(neighbour.get(page_of(circle, ours)))
    assert "of another community" in said(circle.member.get(page_of(circle, ours)))
    assert "Next door" not in circle.member.get(page_of(circle, ours)).text
    moved = sent(**{"name": "Flops there", "based_on": "1"})
    assert neighbour.post(f"/protocols/{theirs}/edit", moved).status_code == 303
    assert "What changed in the original since" in said(neighbour.get(page_of(circle, ours)))


def test_the_pages_ask_little_whatever_there_is(circle: Any, statements: list[str]) -> None:
    copy = adapt(circle.member, circle.id)
    for path in (f"{circle.home}/protocols", page_of(circle, copy), page_of(circle, "useful_flop")):
        circle.member.get(path)
        statements.clear()
        circle.member.get(path)
        assert len(statements) <= 8
