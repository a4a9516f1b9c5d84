"""Do guesses come before numbers: is nothing of a table seen before, and no guess made or mended afterwards?"""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from lms_plc.core.accesses import Access
from lms_plc.evidence.models import KnowledgeNode

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
TABLE = "Class\tPupils\tAverage\n8a\t28\t7.4\n8b\t12\t6.1\n8c\t4\t5.3"
QUESTION = "Who can take a text apart?"
ABOUT = {"question": QUESTION, "source": "Test in May", "day": "2026-05-20", "threshold": "10"}
MEETING = {"title": "Wednesday", "day": "2026-11-25", "starts": "14:00", "ends": "15:15", "place": "Room 3"}
COVERED = f"Something about the class results “{QUESTION}”, shown when you have guessed or looked"
ASKED = "What do you expect to see"
LATE = "Write what you see as a fact"


def path_of(answer: Any) -> str:
    assert answer.status_code in (302, 303), answer.text
    return re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)


def key() -> str:
    return uuid4().hex


@pytest.fixture
def page(circle: Any) -> str:
    """The page of class results that the member brought."""
    return path_of(circle.member.post(f"{circle.home}/class-results", {**ABOUT, "table": TABLE, "form_key": key()}))


def say(who: Any, page: str, kind: str, text: str) -> Any:
    return who.post(f"{page}/say", {"kind": kind, "text": text, "form_key": key()})


@pytest.fixture
def thought(stored: Any) -> Any:
    """The page of the thought with these words."""

    def find(text: str) -> str:
        (row,) = stored(select(KnowledgeNode.id).where(KnowledgeNode.text == text))
        return f"/thoughts/{row.id}"

    return find


def test_who_has_looked_without_a_guess_guesses_no_more(circle: Any, page: str, said: Any, stored: Any) -> None:
    talk = path_of(circle.member.post(f"{page}/conversation", {"form_key": key()}))
    for address in (page, talk):
        assert ASKED in circle.facilitator.get(f"{address}?look=yes").text, "to open a page uncovers nothing"
    assert stored(select(Access.thing_id)) == [], "nor is it kept"
    assert path_of(circle.facilitator.post(f"{page}/see", {"in_talk": "yes"})) == talk
    assert path_of(circle.facilitator.post(f"{page}/see")) == page
    for address in (page, talk):
        assert "7.4" in circle.facilitator.get(address).text
        assert ASKED not in circle.facilitator.get(address).text
    late = say(circle.facilitator, page, "Prediction", "I knew it.")
    assert late.status_code == 422
    assert LATE in said(late)
    assert "7.4" not in circle.joined("4").get(page).text, "everybody looks for themselves"
    assert len(stored(select(Access.thing_id))) == 1


def test_a_guess_stays_as_it_was_said(circle: Any, page: str, said: Any, thought: Any) -> None:
    say(circle.facilitator, page, "Prediction", "Six, I think.")
    guess = thought("Six, I think.")
    words = said(circle.facilitator.get(guess))
    assert "it stays as it was said" in words
    assert f"{guess}/edit" not in circle.facilitator.get(guess).text
    assert path_of(circle.facilitator.get(f"{guess}/edit")) == guess
    form = {"text": "Exactly 7.4, as I foresaw.", "audience": "community", "form_key": key()}
    refused = circle.facilitator.post(f"{guess}/edit", form)
    assert refused.status_code == 422
    assert "it stays as it was said" in said(refused)
    assert "Six, I think." in said(circle.facilitator.get(guess))
    say(circle.facilitator, page, "Finding", "Most can.")
    fact = thought("Most can.")
    assert f"{fact}/edit" in circle.facilitator.get(fact).text
    assert circle.facilitator.post(f"{fact}/edit", {**form, "text": "Some can."}).status_code == 303


@pytest.mark.parametrize("kind", ["Prediction", "Finding"])
def test_whoever_takes_it_away_knows_the_numbers_still(
    circle: Any, page: str, said: Any, thought: Any, stored: Any, kind: str
) -> None:
    say(circle.facilitator, page, kind, "Ana will be best.")
    there = thought("Ana will be best.")
    assert ("cannot guess a second time" in said(circle.facilitator.get(f"{there}/remove"))) == (kind == "Prediction")
    assert circle.facilitator.post(f"{there}/remove").status_code == 303
    assert stored(select(KnowledgeNode.id)) == []
    assert "7.4" in circle.facilitator.get(page).text
    assert say(circle.facilitator, page, "Prediction", "Exactly 7.4").status_code == 422


def test_what_was_said_about_a_table_is_covered_for_whoever_may_still_guess(
    circle: Any, page: str, said: Any, thought: Any
) -> None:
    say(circle.facilitator, page, "Prediction", "Banana guess")
    say(circle.member, page, "Finding", "Banana fact: 8a has 7.4")
    third = circle.joined("4")
    places = (
        f"{circle.home}/thoughts",
        f"{circle.home}/thoughts?from_kind=data_set&from={page.rpartition('/')[2]}",
        thought("Banana fact: 8a has 7.4"),
        f"/graph/data_set/{page.rpartition('/')[2]}",
        f"/links/data_set/{page.rpartition('/')[2]}",
        f"/graph/knowledge_node{thought('Banana guess').removeprefix('/thoughts')}",
    )
    for place in places:
        text = said(third.get(place))
        assert "Banana" not in text, place
        assert "7.4" not in text, place
        if "/graph/data_set" not in place and "/links/" not in place:
            assert COVERED in text, place
    for place in places[:3]:
        assert f'{page}"' in third.get(place).text, "the way to the table"
    found = "/search?q=banana"
    assert "Banana" not in said(third.get(found))
    assert "Banana fact" in said(circle.facilitator.get(found))
    assert "Banana fact" in said(circle.facilitator.get(places[0])), "who has guessed reads it"
    assert "Banana guess" in said(circle.member.get(places[0])), "and who brought the table"
    third.post(f"{page}/see")
    for place in places[:3]:
        assert "Banana" in said(third.get(place)), place
    assert "Banana fact" in said(third.get(found))


def test_nothing_is_covered_any_more_when_all_look(circle: Any, page: str, said: Any) -> None:
    say(circle.facilitator, page, "Prediction", "Banana guess")
    third, thoughts = circle.joined("4"), f"{circle.home}/thoughts"
    assert COVERED in said(third.get(thoughts))
    talk = path_of(circle.member.post(f"{page}/conversation", {"form_key": key()}))
    circle.member.post(f"{talk}/look")
    assert "Banana guess" in said(third.get(thoughts))


def test_of_a_withdrawn_table_nobody_can_guess_so_nothing_is_covered(circle: Any, page: str, said: Any) -> None:
    say(circle.facilitator, page, "Prediction", "Banana guess")
    third, thoughts = circle.joined("4"), f"{circle.home}/thoughts"
    circle.member.post(f"{page}/withdraw")
    assert "Banana guess" in said(third.get(thoughts))


def test_colleagues_elsewhere_are_asked_for_no_guess(circle: Any, page: str) -> None:
    elsewhere = circle.joined("31", course="9", roles=[INSTRUCTOR])
    elsewhere.post(elsewhere.launch("31", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    assert elsewhere.post(f"{page}/see").status_code == 404
    circle.member.post(f"{page}/tell", {"told": "yes"})
    assert "7.4" in elsewhere.get(page).text
    assert elsewhere.post(f"{page}/see").status_code == 403


@pytest.fixture
def run(circle: Any, page: str) -> str:
    """A run, under way, of the meeting that speaks of the table, in the step of the guesses."""
    talk = path_of(circle.member.post(f"{page}/conversation", {"form_key": key()}))
    path_of(circle.member.post(f"{circle.home}/meetings/new", MEETING))
    meeting = path_of(circle.member.post(f"{talk}/meeting", {"form_key": key()}))
    run = path_of(circle.member.post(f"{meeting}/run", {"protocol": "numbers_first", "form_key": key()}))
    circle.member.post(f"{run}/steer", {"what": "start", "saw": 0})
    circle.member.post(f"{run}/steer", {"what": "next", "saw": 0})
    return run


def note(who: Any, run: str, text: str, kind: str = "Prediction") -> UUID:
    note_id = uuid4()
    answer = who.post(f"{run}/notes", {"id": str(note_id), "step": 1, "kind": kind, "text": text})
    assert answer.status_code in (204, 303)
    return note_id


def test_the_run_leads_to_the_table_it_is_about(circle: Any, page: str, run: str, said: Any) -> None:
    for who in (circle.member, circle.facilitator, circle.joined("4")):
        assert f'{page}"' in who.get(run).text
        assert f"It is about: {QUESTION}" in said(who.get(run))
    circle.member.post(f"{run}/steer", {"what": "next", "saw": 1})
    assert "Only facts" in said(circle.facilitator.get(run))
    assert f'{page}"' in circle.facilitator.get(run).text
    circle.member.post(f"{page}/withdraw")
    assert QUESTION not in said(circle.joined("4").get(run)), "what one may not see is not named"


def test_a_guess_noted_in_the_run_uncovers_the_table(circle: Any, page: str, run: str, said: Any) -> None:
    assert ASKED in circle.facilitator.get(page).text
    note(circle.facilitator, run, "Bring the beamer", kind="AgendaNote")
    assert ASKED in circle.facilitator.get(page).text, "not every note is a guess"
    noted = note(circle.facilitator, run, "Six, I think.")
    assert "7.4" in circle.facilitator.get(page).text
    assert ASKED in circle.joined("4").get(page).text
    circle.facilitator.post(f"/run-notes/{noted}/remove")
    assert "7.4" in circle.facilitator.get(page).text
    assert say(circle.facilitator, page, "Prediction", "Exactly 7.4").status_code == 422


def test_a_guess_of_the_run_is_not_rewritten_either(
    circle: Any, page: str, run: str, said: Any, thought: Any, stored: Any
) -> None:
    noted, plain = note(circle.facilitator, run, "Six, I think."), note(circle.facilitator, run, "Beamer", "AgendaNote")
    circle.member.post(f"{run}/steer", {"what": "next", "saw": 1})
    assert said(circle.facilitator.get(run)).count("Take it back") == 1
    assert "Take it back" in circle.facilitator.get(f"{run}/now?since=0").json["notes"]["notes-1"]
    shown = circle.facilitator.get(f"/run-notes/{noted}/edit")
    assert "A guess stays as it was said" in said(shown)
    assert "<textarea" not in shown.text
    refused = circle.facilitator.post(f"/run-notes/{noted}/edit", {"text": "Exactly 7.4"})
    assert refused.status_code == 422
    assert "A guess stays as it was said" in said(refused)
    assert circle.facilitator.post(f"/run-notes/{plain}/edit", {"text": "Beamer, cable"}).status_code == 303
    circle.member.post(f"{run}/steer", {"what": "end", "saw": 2})
    guess = thought("Six, I think.")
    assert (
        circle.facilitator.post(
            f"{guess}/edit", {"text": "Exactly 7.4", "audience": "community", "form_key": key()}
        ).status_code
        == 422
    )
    assert circle.facilitator.post(f"{guess}/remove").status_code == 303
    assert "7.4" in circle.facilitator.get(page).text
