"""Does something new go through its three states with a note each, and is every verdict as good as the others?"""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role, load
from lms_plc.core.things import keeper_of
from lms_plc.innovations import actions, queries
from lms_plc.innovations.models import Innovation, InnovationNote
from tests.conftest import NOW
from tests.lms_plc.conftest import new_key


def bring(circle: Any, who: Any, title: str = "Exit tickets", **more: str) -> UUID:
    form = {"title": title, "text": "One question at the door", "form_key": new_key(), **more}
    answer = who.post(f"{circle.home}/new-things/new", form)
    assert answer.status_code == 303, answer.text
    return UUID(urlsplit(answer.location).path.rpartition("/")[2])


def note(who: Any, one: UUID, text: str, move: str = "", **more: str) -> Any:
    return who.post(f"/new-things/{one}/notes", {"text": text, "move": move, "form_key": new_key(), **more})


def judge(who: Any, one: UUID, verdict: str, because: str = "It takes ten minutes we do not have", **more: str) -> Any:
    form = {"verdict": verdict, "because": because, "form_key": new_key(), **more}
    return who.post(f"/new-things/{one}/verdict", form)


@pytest.mark.parametrize("verdict", ["keep", "adapt", "not_for_us"])
def test_s2_3_a_card_goes_through_three_states_with_a_note_each_and_every_verdict_is_one(
    circle: Any, said: Any, stored: Any, events: Any, verdict: str
) -> None:
    one = bring(circle, circle.member)
    assert "Exit tickets" in said(circle.facilitator.get(f"{circle.home}/new-things"))
    refused = note(circle.facilitator, one, " ", "test")
    assert refused.status_code == 422, "no move without a note"
    assert 'href="#f-text"' in refused.text
    assert judge(circle.member, one, "keep").status_code == (422), "first it is tested"
    moves = (("", "We doubt the time"), ("test", "Worth a try"), ("", "Six of us tried"), ("translate", "It went well"))
    for move, text in moves:
        assert note(circle.facilitator, one, text, move).status_code == 303
    behind = note(circle.member, one, "I moved it too", "translate")
    assert (behind.status_code, "I moved it too" in behind.text) == (409, True), "somebody was faster"
    missed = note(circle.member, one, "Too late, but kept", "test")
    assert (missed.status_code, "Too late, but kept" in missed.text) == (409, True)
    assert note(circle.member, one, "At the door of grade 6").status_code == 303
    assert judge(circle.member, one, verdict, " ").status_code == 422, "no verdict without its because"
    assert judge(circle.member, one, "nonsense").status_code == 422
    key = new_key()
    for _ in range(2):
        assert judge(circle.member, one, verdict, form_key=key).status_code == 303, "the same form sent twice"
    for other in (verdict, "adapt" if verdict == "keep" else "keep"):
        late = judge(circle.facilitator, one, other, "I have my own reasons")
        assert (late.status_code, late.text.count("I have my own reasons")) == (409, 1), "no word is lost"
    behind = note(circle.facilitator, one, "Not translated yet", "translate")
    assert (behind.status_code, behind.text.count("Not translated yet")) == (409, 1)
    page = said(circle.facilitator.get(f"/new-things/{one}"))
    places = [page.index(words) for words in ("We doubt the time", "Six of us tried", "At the door of grade 6")]
    assert places == sorted(places)
    assert "It takes ten minutes we do not have" in page
    assert ("Write a practice card" in page) == (verdict != "not_for_us")
    told = {"keep": "We keep it", "adapt": "We adapt it", "not_for_us": "Not for us"}[verdict]
    assert f"Exit tickets {told}" in said(circle.member.get(f"{circle.home}/new-things"))
    assert [event.facts.get("became") for event in events("innovation.moved", "innovation.judged")] == [
        "test",
        "translate",
        verdict,
    ]
    form = {"again": "", "form_key": new_key()}
    assert circle.member.post(f"/new-things/{one}/again", form).status_code == 422
    for _ in range(2):
        again = circle.member.post(f"/new-things/{one}/again", {**form, "again": "There is an app now"})
        assert again.status_code == 303
    late = circle.facilitator.post(f"/new-things/{one}/again", {"again": "Another head", "form_key": new_key()})
    assert (late.status_code, late.text.count("Another head")) == (409, 1)
    assert [row.state for row in stored(select(Innovation.state))] == ["discuss"]
    assert len(stored(select(InnovationNote.id).where(InnovationNote.text == "There is an app now"))) == 1


def test_it_comes_onto_the_next_agenda_in_two_clicks_and_the_minutes_say_what_became_of_it(
    circle: Any, said: Any, house: Any
) -> None:
    one = bring(circle, circle.member)
    assert judge(circle.joined("3"), bring(circle, circle.member, "A new app"), "not_for_us").status_code == 303
    form = {"thing_kind": "innovation", "thing_id": str(one), "form_key": new_key()}
    circle.member.post(f"{circle.home}/agenda", form)
    assert "It waits for the next meeting" in said(circle.member.get(f"/new-things/{one}"))
    plan = {"title": "Wednesday", "day": "2026-11-22", "starts": "08:00", "ends": "23:00", "form_key": new_key()}
    meeting = urlsplit(circle.member.post(f"{circle.home}/meetings/new", plan).location).path.rpartition("/")[2]
    page = circle.member.get(f"/new-things/{one}")
    assert "On the agenda: Wednesday, " in said(page)
    assert "It waits" not in said(page)
    who = Actor(circle.person("2"), circle.site_id, "", house.clock())
    place = Reference("meeting", UUID(meeting))
    for outcome, state in (("go_on", "test"), ("go_on", "translate"), ("go_on", "translate"), ("keep", "judged")):
        with house.database.write() as session:
            assert queries.unsettled(session.connection(), [one]) == {one}
            actions._settle(session, who, one, outcome, "", place)
            assert load(session.connection(), who, "innovation", one, "community.read").state == state
    with house.database.write() as session:
        assert queries.unsettled(session.connection(), [one]) == set()
        actions._settle(session, who, new_id(), "keep", "", place)
    assert "Decided in our meeting; its minutes say more." in said(circle.member.get(f"/new-things/{one}"))


def test_from_a_card_grow_a_change_and_a_practice_card(circle: Any, said: Any) -> None:
    one = bring(circle, circle.member)
    for move in ("test", "translate"):
        note(circle.member, one, "Fine", move)
    page = circle.member.get(f"/new-things/{one}")
    assert "What I do differently" in said(page)
    form = {"what": "One question at the door", "audience": "community", "form_key": new_key()}
    begun = {"from_kind": "innovation", "from_id": str(one)}
    assert circle.member.post(f"{circle.home}/changes/new", {**form, **begun}).status_code == 303
    page = circle.facilitator.get(f"/new-things/{one}")
    assert "What we do differently since One question at the door" in said(page)
    address = re.search(r'href="([^"]*/practices/new[^"]*)"', page.text)
    assert address is not None
    card = circle.member.get(f"{circle.home}/practices/new?from_kind=innovation&from={one}")
    assert 'value="Exit tickets"' in card.text
    assert "One question at the door" in card.text


def test_a_form_that_cannot_be_read_keeps_its_words_and_the_same_form_is_one_card(
    circle: Any, said: Any, stored: Any
) -> None:
    assert "Nothing new yet" in said(circle.member.get(f"{circle.home}/new-things"))
    form = {"title": " ", "text": "Kept", "form_key": "k" * 24}
    refused = circle.member.post(f"{circle.home}/new-things/new", form)
    assert (refused.status_code, "Kept" in refused.text) == (422, True)
    ids = {bring(circle, circle.member, form_key="k" * 24) for _ in range(2)}
    assert len(ids) == 1
    [one] = ids
    for _ in range(2):
        assert note(circle.member, one, "Said once", form_key="n" * 24).status_code == 303
    assert len(stored(select(InnovationNote.id))) == 1


def test_a_form_sent_again_when_the_card_is_open_again_judges_nothing(circle: Any, stored: Any) -> None:
    card, key = bring(circle, circle.member), new_key()
    for move in ("test", "translate"):
        note(circle.member, card, "Fine", move)
    assert judge(circle.member, card, "keep", form_key=key).status_code == 303
    circle.member.post(f"/new-things/{card}/again", {"again": "There is an app now", "form_key": new_key()})
    for verdict in ("keep", "not_for_us"):
        assert judge(circle.member, card, verdict, form_key=key).status_code == 303, "its words are kept already"
    assert stored(select(Innovation.state))[0].state == "discuss"
    assert len(stored(select(InnovationNote.id).where(InnovationNote.became == "keep"))) == 1


def test_who_leads_hides_it_and_the_list_costs_the_same_however_long(
    circle: Any, said: Any, house: Any, statements: list[str]
) -> None:
    first, second = bring(circle, circle.member, "One"), bring(circle, circle.member, "Two")
    for one in (first, second):
        judge(circle.member, one, "not_for_us")
    statements.clear()
    words = said(circle.facilitator.get(f"{circle.home}/new-things"))
    assert len(statements) <= 6
    assert words.index("Two") < words.index("One")
    with house.database.read() as connection:
        page = queries.cards(connection, circle.id, ("judged",), size=1)
    assert "Two" not in said(circle.member.get(f"{circle.home}/new-things?before={page.next_key}"))
    statements.clear()
    circle.facilitator.get(f"/new-things/{first}")
    assert len(statements) <= 8
    keeper = keeper_of("innovation")
    assert keeper is not None
    with house.database.write() as session:
        keeper.hide(session, first, NOW)
    assert circle.member.get(f"/new-things/{first}").status_code == 404
    circle.give_role("1", Role.FACILITATOR)
    assert "This is hidden." in said(circle.facilitator.get(f"/new-things/{first}"))
    with house.database.write() as session:
        keeper.restore(session, first, NOW)
        assert len(actions.FOUND.some(session.connection(), None)) == 2
        assert len(actions.FOUND.some(session.connection(), first)) == 1
        keeper.remove(session, first, NOW)
    assert circle.facilitator.get(f"/new-things/{first}").status_code == 404
