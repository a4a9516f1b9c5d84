"""Can an operator see who may be one person, join them or keep them apart, knowing what that means?"""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from lms_plc.core.ids import new_id
from lms_plc.people.models import Identity, KeptApart, Person
from lms_plc.sites.models import Site


@pytest.fixture
def anas(circle: Any, house: Any) -> tuple[UUID, UUID]:
    """Two members of the circle whom the LMS calls Ana; the first one has written something."""
    circle.joined("50", name="Ana Novak")
    second = circle.joined("51", name="Ana Novak")
    circle.say(second, circle.start(circle.facilitator), "What a secret thing to say")
    return circle.person("50"), circle.person("51")


def test_before_there_are_any_the_page_says_what_would_be_shown(operator: Any, said: Any) -> None:
    page = operator.get("/admin/twins")
    assert "No two persons look like one" in said(page)
    assert "There are no more" in said(operator.get("/admin/twins?after=" + "/".join([str(new_id())] * 2)))


def test_a_pair_is_shown_with_its_reason_and_nothing_anybody_wrote(operator: Any, anas: Any, said: Any) -> None:
    words = said(operator.get("/admin/twins"))
    assert "They have the same name, and both are in: Maths circle." in words
    assert "moodle: number 50" in words
    assert "first came by a launch on Nov 22, 2026" in words
    assert "Both came in from moodle during the last hour" in words
    assert "secret thing" not in words


def test_a_number_of_a_register_is_a_reason_too(operator: Any, circle: Any, house: Any, said: Any) -> None:
    circle.joined("60", name="Zoe")
    circle.joined("61", name="Zoé")
    with house.database.write() as session:
        session.execute(update(Identity).where(Identity.subject.in_(("60", "61"))).values(sourced_id="N-1"))
        session.execute(update(Site).values(register="ministry"))
    assert "They have the same number in a register (ministry)." in said(operator.get("/admin/twins"))


def test_what_joining_means_is_said_before(operator: Any, anas: Any, said: Any) -> None:
    page = operator.get(f"/admin/twins/{anas[1]}/{anas[0]}")
    words = said(page)
    assert "This cannot be undone" in words
    assert "Posts: 1" in words
    assert "Communities: 1" in words
    assert "secret thing" not in words


def test_joined_they_are_one_whatever_the_order_in_the_address(
    operator: Any, anas: Any, stored: Any, circle: Any, events: Any
) -> None:
    answer = operator.post(f"/admin/twins/{anas[1]}/{anas[0]}/join")
    assert (answer.status_code, answer.location) == (303, "/admin/twins?done=joined")
    assert "They are one person now." in operator.get(answer.location).text
    assert stored(select(Person.id).where(Person.display_name == "Ana Novak")) == [(anas[0],)]
    assert circle.person("50") == circle.person("51") == anas[0]
    [event] = events("person.joined")
    assert (event.via, event.actor_id, event.thing_id) == ("desk", None, anas[0])
    assert operator.post(f"/admin/twins/{anas[1]}/{anas[0]}/join").status_code == 404


def test_whoever_was_joined_comes_in_by_either_account_to_what_is_theirs(operator: Any, anas: Any, circle: Any) -> None:
    operator.post(f"/admin/twins/{anas[0]}/{anas[1]}/join")
    for subject in ("50", "51"):
        visitor = circle.joined(subject, name="Ana Novak")
        assert visitor.get(circle.home).status_code == 200


def test_kept_apart_they_are_not_shown_again(operator: Any, anas: Any, stored: Any, said: Any, events: Any) -> None:
    answer = operator.post(f"/admin/twins/{anas[0]}/{anas[1]}/keep-apart")
    assert (answer.status_code, answer.location) == (303, "/admin/twins?done=kept-apart")
    assert "No two persons look like one" in said(operator.get(answer.location))
    assert stored(select(func.count()).select_from(KeptApart))[0][0] == 1
    assert [event.via for event in events("person.kept_apart")] == ["desk"]
    assert "Somebody has looked already" in said(operator.get(f"/admin/twins/{anas[0]}/{anas[1]}"))


def test_a_long_list_goes_on_at_the_next_page(operator: Any, circle: Any, said: Any) -> None:
    for subject in range(100, 107):  # seven of one name are 21 pairs
        circle.joined(str(subject), name="Eve")
    page = operator.get("/admin/twins")
    following = page.text.partition('rel="next" href="')[2].partition('"')[0]
    assert page.text.count("Compare and join") == 20
    assert operator.get(following).text.count("Compare and join") == 1


def test_who_is_not_there_or_one_and_the_same_is_no_pair(operator: Any, anas: Any) -> None:
    for pair in (f"{anas[0]}/{new_id()}", f"{anas[0]}/{anas[0]}"):
        assert operator.get(f"/admin/twins/{pair}").status_code == 404
        assert operator.post(f"/admin/twins/{pair}/join").status_code == 404
        assert operator.post(f"/admin/twins/{pair}/keep-apart").status_code == 404


def test_a_form_of_another_page_joins_nobody(operator: Any, anas: Any, stored: Any) -> None:
    answer = operator.post(f"/admin/twins/{anas[0]}/{anas[1]}/join", {"csrf_token": "x"})
    assert answer.status_code == 403
    assert len(stored(select(Person.id).where(Person.display_name == "Ana Novak"))) == 2


def test_an_address_that_is_nonsense_is_the_first_page(operator: Any, anas: Any) -> None:
    for after in ("x", "a/b", "/"):
        assert "Compare and join" in operator.get(f"/admin/twins?after={after}").text


class TestByCommand:
    @pytest.fixture(autouse=True)
    def hooked(self, installed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from lms_plc import cli
        from lms_plc.rostersync.twin_commands import people_commands

        monkeypatch.setitem(cli.commands.commands, "people", people_commands)

    def test_they_are_listed_joined_and_gone(self, anas: Any, typed: Any) -> None:
        listed = typed("people", "twins", "list")
        assert (listed.code, listed.err) == (0, "")
        assert "the same name in Maths circle" in listed.out
        joined = typed("people", "twins", "join", *map(str, anas), "--yes")
        assert joined.code == 0
        assert "Posts: 1" in joined.out
        assert typed("people", "twins", "list").out.strip() == "No two persons look like one."

    def test_they_are_data_too(self, anas: Any, typed: Any) -> None:
        import json

        told = json.loads(typed("people", "twins", "list", "--json").out)
        [pair] = told["pairs"]
        assert [one["id"] for one in pair["persons"]] == [str(one) for one in anas]
        assert (pair["why"]["same_name_in"], told["next"]) == (["Maths circle"], None)

    def test_they_are_kept_apart(self, anas: Any, typed: Any) -> None:
        assert typed("people", "twins", "keep-apart", *map(str, anas)).code == 0
        assert typed("people", "twins", "list").out.strip() == "No two persons look like one."

    def test_without_a_yes_nobody_is_joined(
        self, anas: Any, typed: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: "n")
        assert typed("people", "twins", "join", *map(str, anas)).code == 130
        assert len(stored(select(Person.id).where(Person.display_name == "Ana Novak"))) == 2

    @pytest.mark.parametrize("verb", [("join", "--yes"), ("keep-apart",)])
    def test_nobody_and_one_and_the_same_are_refused(self, anas: Any, typed: Any, verb: tuple[str, ...]) -> None:
        for other in (new_id(), anas[0]):
            refused = typed("people", "twins", verb[0], str(anas[0]), str(other), *verb[1:])
            assert (refused.code, refused.err.count("\n")) == (1, 1)
            assert "not two persons" in refused.err

    def test_the_next_page_is_asked_for_as_the_list_says(self, circle: Any, typed: Any) -> None:
        for subject in range(100, 107):
            circle.joined(str(subject), name="Eve")
        more = typed("people", "twins", "list").out.rpartition("--after ")[2].strip()
        assert more.count("/") == 1
        assert typed("people", "twins", "list", "--after", more).out.count("Eve") == 2
        assert typed("people", "twins", "list", "--after", "x").code == 1
