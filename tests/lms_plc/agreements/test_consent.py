"""Does one "not yet" hold a proposal, and do worries stay beside what was adopted?"""

from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from lms_plc.agreements.models import Goal, Norm
from lms_plc.communities.models import ConsentAnswer, ConsentRound

KEY = "k" * 24


def propose(circle: Any, who: Any, text: str, kind: str = "goal", key: str = KEY) -> str:
    answer = who.post(f"{circle.home}/propose", {"kind": kind, "text": text, "form_key": key})
    assert answer.status_code == 303, answer.text
    return urlsplit(answer.location).path.partition("/rounds/")[2]


def answer(who: Any, round_id: str, stand: str, text: str = "") -> int:
    return int(who.post(f"/rounds/{round_id}/answer", {"stand": stand, "text": text}).status_code)


class TestARound:
    def test_a_goal_is_adopted_only_when_no_not_yet_is_open(
        self, circle: Any, said: Any, stored: Any, events: Any
    ) -> None:
        third = circle.joined("3")
        first = propose(circle, circle.member, "We visit each other once a month")
        propose(circle, circle.member, "We try exit tickets", key="l" * 24)
        assert "A proposal waits for your answer" in said(circle.facilitator.get(circle.home))
        assert answer(circle.facilitator, first, "yes") == 303
        page = said(third.get(f"/rounds/{first}"))
        assert "1 of 3 has answered. One more answer is needed" in page
        assert third.post(f"/rounds/{first}/adopt").status_code == 409
        assert answer(third, first, "not_yet", "Who takes my class?") == 303
        refused = circle.member.post(f"/rounds/{first}/adopt")
        assert refused.status_code == 409
        assert "One says “not yet”: talk about what has to change." in said(refused)
        assert stored(select(Goal.id)) == []
        assert answer(third, first, "yes_with_worry", "If somebody takes my class.") == 303
        assert "2 of 3 have answered. Nobody holds it back" in said(circle.member.get(f"/rounds/{first}"))
        assert circle.member.post(f"/rounds/{first}/adopt").status_code == 303
        page = said(circle.facilitator.get(f"{circle.home}/charter"))
        assert "We visit each other once a month agreed" in page
        assert "If somebody takes my class." in page
        assert "We try exit tickets" in page
        assert [event.facts["kind"] for event in events("consent.adopted")] == ["goal"]
        assert answer(third, first, "not_yet", "Too late") == 409
        assert circle.member.post(f"/rounds/{first}/adopt").status_code == 409
        assert circle.member.post(f"/rounds/{first}/withdraw").status_code == 409

    def test_only_who_said_not_yet_takes_it_back(self, circle: Any, stored: Any, events: Any) -> None:
        one = propose(circle, circle.member, "A goal")
        answer(circle.facilitator, one, "yes")
        answer(circle.member, one, "not_yet", "Wait")
        circle.facilitator.post(f"/rounds/{one}/answer", {"take_back": "1"})
        circle.facilitator.post(f"/rounds/{one}/answer", {"take_back": "1"})
        assert [row.stand for row in stored(select(ConsentAnswer.stand))] == ["not_yet"]
        assert len(events("consent.answer_taken_back")) == 1
        assert circle.facilitator.post(f"/rounds/{one}/adopt").status_code == 409

    def test_a_worry_needs_words_and_the_form_keeps_them(self, circle: Any, said: Any) -> None:
        one = propose(circle, circle.member, "A goal")
        refused = circle.facilitator.post(f"/rounds/{one}/answer", {"stand": "not_yet", "text": " "})
        assert refused.status_code == 422
        assert "Please fill this in." in refused.text
        assert answer(circle.facilitator, one, "perhaps", "Hm") == 422

    def test_who_left_neither_counts_nor_holds_it(self, circle: Any, house: Any) -> None:
        from lms_plc.communities.memberships import Because, end

        third = circle.joined("3")
        one = propose(circle, circle.member, "A goal")
        answer(third, one, "not_yet", "No")
        answer(circle.member, one, "yes")
        answer(circle.facilitator, one, "yes")
        assert circle.member.post(f"/rounds/{one}/adopt").status_code == 409
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("3")], Because(house.clock(), "sync"))
        assert circle.member.post(f"/rounds/{one}/adopt").status_code == 303

    def test_the_same_form_twice_is_one_proposal_and_its_author_withdraws_it(
        self, circle: Any, stored: Any, said: Any
    ) -> None:
        one = propose(circle, circle.member, "A decision", "decision")
        assert propose(circle, circle.member, "A decision", "decision") == one
        assert circle.member.post(f"/rounds/{one}/withdraw").status_code == 303
        assert stored(select(ConsentRound.state)) == [("withdrawn",)]
        assert "withdrawn" in said(circle.member.get(f"{circle.home}/proposals"))
        assert "This was taken off the table." in said(circle.member.get(f"/rounds/{one}"))

    def test_what_is_missing_is_said_and_the_text_kept(self, circle: Any) -> None:
        refused = circle.member.post(f"{circle.home}/propose", {"text": "My words", "form_key": KEY})
        assert refused.status_code == 422
        assert "My words</textarea>" in refused.text


class TestPromises:
    def test_two_promise_at_once_and_three_by_consent(self, circle: Any, said: Any, stored: Any) -> None:
        form = {"kind": "norm", "text": "We let each other finish.", "form_key": KEY}
        assert circle.member.post(f"{circle.home}/propose", form).location.endswith("#norms")
        norm = stored(select(Norm.id))[0].id
        assert circle.facilitator.post(f"/norms/{norm}/review").status_code == 303
        assert "looked at again on" in said(circle.member.get(f"{circle.home}/charter"))
        third = circle.joined("3")
        second = propose(circle, third, "We begin on time.", "norm", "m" * 24)
        ending = urlsplit(third.post(f"/norms/{norm}/end").location).path.partition("/rounds/")[2]
        for one in (second, ending):
            answer(third, one, "yes")
            answer(circle.member, one, "yes")
            assert third.post(f"/rounds/{one}/adopt").status_code == 303
        assert stored(select(Norm.text).where(Norm.ended_at.is_(None))) == [("We begin on time.",)]
        assert "This was promised until" in said(circle.member.get(f"/norms/{norm}"))

    def test_two_end_a_promise_at_once(self, circle: Any, stored: Any, events: Any) -> None:
        circle.member.post(f"{circle.home}/propose", {"kind": "norm", "text": "Once", "form_key": KEY})
        norm = stored(select(Norm.id))[0].id
        for _ in range(2):
            assert circle.member.post(f"/norms/{norm}/end").status_code == 303
        assert len(events("norm.ended")) == 1


def test_a_goal_is_reached_with_a_word(circle: Any, said: Any, stored: Any) -> None:
    one = propose(circle, circle.member, "A goal")
    answer(circle.member, one, "yes")
    answer(circle.facilitator, one, "yes")
    circle.member.post(f"/rounds/{one}/adopt")
    goal = stored(select(Goal.id))[0].id
    assert circle.member.get(f"/goals/{goal}").status_code == 200
    assert circle.member.post(f"/goals/{goal}", {"text": "Kept"}).status_code == 422
    assert circle.member.post(f"/goals/{goal}", {"state": "reached", "text": "All went"}).status_code == 303
    page = said(circle.facilitator.get(f"{circle.home}/charter"))
    assert "reached" in page
    assert "All went" in page


def test_things_are_shown_to_who_is_inside_only(circle: Any, house: Any, stored: Any) -> None:
    from lms_plc.core.activity import Reference
    from lms_plc.core.policy import Actor
    from lms_plc.core.things import shown

    one = propose(circle, circle.member, "A goal")
    circle.member.post(f"{circle.home}/propose", {"kind": "norm", "text": "We listen", "form_key": "n" * 24})
    circle.joined("9", course="77")
    references = [
        Reference("consent_round", stored(select(ConsentRound.id))[0].id),
        Reference("norm", stored(select(Norm.id))[0].id),
    ]
    assert str(references[0].id) == one
    with house.database.read() as connection:
        for subject, titles in (("1", ["A goal", "We listen"]), ("9", [])):
            actor = Actor(circle.person(subject), circle.site_id, "", house.clock())
            assert sorted(thing.title for thing in shown(connection, actor, references).values()) == titles


@pytest.mark.parametrize("many", [1, 12])
def test_the_agreements_cost_the_same_however_much_is_agreed(circle: Any, statements: list[str], many: int) -> None:
    for number in range(many):
        propose(circle, circle.member, f"Goal {number}", key=f"{number:024}")
        form = {"kind": "norm", "text": f"Norm {number}", "form_key": f"n{number:023}"}
        circle.member.post(f"{circle.home}/propose", form)
    statements.clear()
    circle.member.get(f"{circle.home}/charter")
    assert len(statements) == 8
