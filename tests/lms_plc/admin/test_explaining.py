"""Does an operator find out why somebody is in a community, without a name in an address and without any post?"""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from lms_plc.communities.memberships import Because, pause
from lms_plc.core.ids import new_id
from lms_plc.sites.models import Enrolment, Site

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


@pytest.fixture
def site(circle: Any) -> str:
    """The path of the page of the circle's site."""
    return f"/admin/explain/{circle.site_id}"


@pytest.fixture
def asked(operator: Any, site: str) -> Any:
    """``asked(person, place)``: sends the form; a redirect is followed."""

    def ask(person: str, place: str, **more: str) -> Any:
        answer = operator.post(site, {"person": person, "place": place, **more})
        return operator.get(answer.location) if answer.status_code == 303 else answer

    return ask


def test_the_form_says_what_it_is_for(operator: Any, site: str, said: Any) -> None:
    words = said(operator.get(site))
    assert "Nothing that anybody wrote is shown." in words
    assert "Ask the learning platform" not in words, "it has no rosters"


def test_the_answer_is_one_sentence_and_a_dated_story(asked: Any, circle: Any, said: Any) -> None:
    circle.start(circle.member, body="A very private thought")
    words = said(asked("2", "Maths circle"))
    assert "in this community Maths circle" in words
    assert "Person 2 is in this community by a launch: they came from the LMS on Nov 22, 2026" in words
    assert "First came from moodle by a launch." in words
    assert "Only launches said so, no roster." in words
    assert "moodle has no rosters connected" in words
    assert "private thought" not in words
    assert "Exit tickets" not in words


def test_its_address_holds_numbers_and_ids_and_no_name(operator: Any, site: str, circle: Any) -> None:
    answer = operator.post(site, {"person": "person 2", "place": "maths"})
    assert answer.status_code == 303
    assert urlsplit(answer.location).query == f"person=2&place={circle.id}"


def test_somebody_who_rests_is_told_of_until_when(
    operator: Any, asked: Any, circle: Any, house: Any, clock: Any, said: Any
) -> None:
    with house.database.write() as session:
        session.execute(update(Enrolment).values(from_sync=True, state="gone", changed_at=clock()))
        because = Because(clock(), "sync", reason="enrolment_gone")
        pause(session, circle.site_id, circle.id, [circle.person("2")], because)
    clock.move(days=3)
    operator.come_in()
    words = said(asked("2", "5"))
    assert "not in this community Maths circle" in words
    assert "the membership rests since Nov 22, 2026. It ends on Dec 22, 2026 unless they are enrolled again." in words
    assert "by a sync They are not enrolled any more." in words


def test_of_several_one_is_chosen_and_names_are_not_in_the_address(
    operator: Any, site: str, circle: Any, said: Any
) -> None:
    neighbour = circle.joined("7", course="6", roles=[INSTRUCTOR])
    neighbour.post(neighbour.launch("7", course="6", roles=[INSTRUCTOR]).location, {"name": "Maths too"})
    choice = operator.post(site, {"person": "Person", "place": "Maths"})
    assert choice.status_code == 200
    words = said(choice)
    assert "Who or what is meant?" in words
    for offered in ("Person 1", "Person 2", "Number 2", "Maths circle", "Maths too"):
        assert offered in words
    answer = operator.post(site, {"person": "2", "place": str(circle.id)})
    assert answer.status_code == 303
    one_place = operator.post(site, {"person": "Person", "place": "Maths circle"})
    assert f'name="place" value="{circle.id}"' in one_place.text


def test_more_than_fit_are_not_left_out_silently(operator: Any, site: str, circle: Any, said: Any) -> None:
    for number in range(100, 121):
        circle.joined(str(number))
    assert "More than 20 fit." in said(operator.post(site, {"person": "Person", "place": "5"}))


def test_somebody_unknown_gets_an_answer_that_says_what_was_looked_at(
    operator: Any, site: str, circle: Any, said: Any
) -> None:
    answer = operator.post(site, {"person": "Zoran", "place": "5"})
    assert answer.status_code == 200
    words = said(answer)
    assert "Zoran is not known at moodle" in words
    assert "names of all people of this platform (2)" in words


def test_a_course_that_nobody_knows_is_said_at_its_field_and_the_text_stays(
    operator: Any, site: str, said: Any
) -> None:
    answer = operator.post(site, {"person": "2", "place": "Latin <b>"})
    assert answer.status_code == 422
    assert "titles of 1 courses" in said(answer)
    assert 'value="Latin &lt;b&gt;"' in answer.text


def test_an_empty_form_is_answered_at_its_fields(operator: Any, site: str, said: Any) -> None:
    answer = operator.post(site, {"person": " ", "place": ""})
    assert answer.status_code == 422
    assert "2 things need your attention" in said(answer)


@pytest.mark.parametrize("place", ["x", "00000000-0000-7000-8000-000000000000"])
def test_an_address_of_nothing_is_404(operator: Any, site: str, place: str) -> None:
    assert operator.get(f"{site}?person=2&place={place}").status_code == 404
    assert operator.get(f"/admin/explain/{new_id()}").status_code == 404


def test_a_site_without_rosters_that_is_asked_all_the_same_says_so(asked: Any, said: Any) -> None:
    words = said(asked("2", "Maths circle", now="yes"))
    assert "has no rosters connected. Connect them with" in words
    assert "has no rosters connected" in said(asked("2", "Latin", now="yes"))


class TestAskedNow:
    @pytest.fixture
    def rosters(self, house: Any, circle: Any, moodle: Any) -> Any:
        """The circle's site is a Moodle whose answers are recorded."""
        with house.database.write() as session:
            values = {
                "connector": "moodle",
                "ws_token": house.seal.close("a" * 32),
                "url": "https://moodle.example.org",
            }
            session.execute(update(Site).values(**values))
        return moodle

    def test_what_the_lms_says_stands_beside_what_is_stored(self, asked: Any, rosters: Any, said: Any) -> None:
        words = said(asked("2", "Maths circle", now="yes"))
        assert "What moodle says now" in words
        assert "“Course 5” is not to be seen in the LMS; it lets nobody go." in words

    def test_a_course_that_is_unknown_here_is_looked_for_there(self, asked: Any, rosters: Any, said: Any) -> None:
        answer = asked("2", "Latin", now="yes")
        assert answer.status_code == 422
        assert "The LMS shows no course with this short name" in said(answer)
        rosters.answers["core_course_get_courses_by_field"] = b"<html>"
        assert "What moodle says now" in said(asked("2", "Latin", now="yes"))

    def test_an_lms_that_answers_nonsense_is_told_in_a_sentence(self, asked: Any, rosters: Any, said: Any) -> None:
        rosters.answers["core_course_get_courses_by_field"] = b"<html>"
        assert "could not be asked about:" in said(asked("2", "Maths circle", now="yes"))

    def test_a_token_sealed_with_another_key_is_told_too(self, asked: Any, rosters: Any, house: Any, said: Any) -> None:
        with house.database.write() as session:
            session.execute(update(Site).values(ws_token="plain"))
        assert "sealed with another key" in said(asked("2", "Maths circle", now="yes"))
        assert "sealed with another key" in said(asked("2", "Latin", now="yes"))


class TestByCommand:
    @pytest.fixture(autouse=True)
    def hooked(self, circle: Any, installed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from lms_plc import cli
        from lms_plc.rostersync.explain_commands import explain_command

        monkeypatch.setitem(cli.sync_commands.commands, "explain", explain_command)

    def test_the_answer_is_the_same_sentence(self, typed: Any) -> None:
        told = typed("sync", "explain", "2", "Maths circle")
        assert (told.code, told.err) == (0, "")
        assert told.out.startswith("Person 2 is in this community by a launch")
        assert "Became a member." in told.out
        assert "What the rules say next:" in told.out

    def test_the_answer_is_data_too(self, typed: Any) -> None:
        told = json.loads(typed("sync", "explain", "Person 2", "5", "--site", "moodle", "--json").out)
        assert (told["verdict"], told["is_in"], told["subjects"]) == ("by_launch", True, ["2"])
        assert "now" not in told
        unknown = json.loads(typed("sync", "explain", "Zoran", "5", "--json").out)
        assert (unknown["verdict"], unknown["looked_at"]) == ("not_met", {"people": 2, "courses": 1})

    def test_of_several_the_choice_is_printed_and_the_code_is_one(self, typed: Any) -> None:
        several = typed("sync", "explain", "Person", "5")
        assert several.code == 1
        assert "Person 1" in several.out
        assert "say the number of one" in several.err
        told = json.loads(typed("sync", "explain", "Person", "5", "--json").out)
        assert [one["number"] for one in told["people"]] == ["1", "2"]

    def test_nobody_and_nothing_say_what_was_looked_at(self, typed: Any) -> None:
        nobody = typed("sync", "explain", "Zoran", "5")
        assert nobody.code == 0
        assert "Looked at the numbers and names of the 2 people of moodle" in nobody.out
        nothing = typed("sync", "explain", "2", "Latin")
        assert (nothing.code, nothing.err.count("\n")) == (1, 1)
        assert "titles of its 1 courses" in nothing.err
        assert "--now" in nothing.err

    def test_the_lms_is_asked_with_now(self, typed: Any, house: Any, moodle: Any) -> None:
        assert "has no rosters connected" in typed("sync", "explain", "2", "5", "--now").err
        with house.database.write() as session:
            values = {
                "connector": "moodle",
                "ws_token": house.seal.close("a" * 32),
                "url": "https://moodle.example.org",
            }
            session.execute(update(Site).values(**values))
        told = typed("sync", "explain", "2", "5", "--now")
        assert "The LMS at this moment:" in told.out
        told = json.loads(typed("sync", "explain", "2", "5", "--now", "--json").out)
        assert told["now"][0]["differs"] is False
        nothing = typed("sync", "explain", "2", "Latin", "--now")
        assert (nothing.code, "The LMS shows no course" in nothing.out) == (1, True)
        assert "The LMS shows no course" in typed("sync", "explain", "2", "Latin", "--now", "--json").out


def test_the_page_costs_as_many_statements_however_much_happened(
    operator: Any, site: str, circle: Any, statements: list[str], house: Any, clock: Any
) -> None:
    address = f"{site}?person=2&place={circle.id}"
    statements.clear()
    operator.get(address)
    before = len(statements)
    for _ in range(5):
        clock.move(minutes=1)
        with house.database.write() as session:
            because = Because(clock(), "sync", reason=f"r{clock():%M}")
            pause(session, circle.site_id, circle.id, [circle.person("2")], because)
    statements.clear()
    page = operator.get(address)
    assert (page.status_code, len(statements)) == (200, before)
    assert page.text.count("The membership began to rest.") == 5
