"""Does everybody find what waits for them, and decide how they hear of it?"""

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from lms_plc.discussions.models import Topic
from lms_plc.notifications import actions, tokens
from lms_plc.notifications.letters import UNSUBSCRIBE
from lms_plc.notifications.models import Digest, MailAddress, MailChoice, MailPace
from lms_plc.people.models import Person
from lms_plc.sites.models import Site
from tests.conftest import TOOL

from .conftest import Letters, part

OWN = "my.own@example.org"
KEY = "a key for tests, long enough to be one"


@pytest.fixture
def answered(circle: Any, post: Letters) -> Any:
    """A conversation of the facilitator's with two answers they have not read."""
    topic = circle.start(circle.facilitator, "Exit tickets")
    third = circle.joined("3")
    circle.say(circle.member, topic, "I ask one question.")
    circle.say(third, topic, "I ask two.")
    post.hear()
    return topic


def test_the_inbox_tells_in_one_line_what_happened_about_one_thing(circle: Any, answered: Any, said: Any) -> None:
    page = circle.facilitator.get("/inbox")
    assert "Person 3 and Person 2 answered in “Exit tickets”" in said(page)
    assert "Maths circle" in said(page)
    assert re.search(r'class="count">1<', circle.facilitator.get(circle.home).text)
    line = re.search(r'/inbox/([0-9a-f-]{36})"', page.text)
    assert line is not None
    opened = circle.facilitator.get(f"/inbox/{line[1]}")
    assert opened.status_code == 303
    assert f"/topics/{answered}" in opened.location
    assert 'class="count"' not in circle.facilitator.get(circle.home).text, "opening it is reading it"
    assert circle.member.get(f"/inbox/{line[1]}").status_code == 404, "nobody else's"


@pytest.mark.parametrize("one", [True, False])
def test_lines_can_be_marked_as_read(circle: Any, answered: Any, unread: Any, one: bool) -> None:
    line = re.search(r'/inbox/([0-9a-f-]{36})"', circle.facilitator.get("/inbox").text)
    assert line is not None
    way = f"/inbox/{line[1]}/read" if one else "/inbox/read"
    assert circle.member.post(f"/inbox/{line[1]}/read").status_code == 404
    assert circle.facilitator.post(way).status_code == 303
    assert unread(circle.person("1")) == 0
    assert "I have read all of it" not in circle.facilitator.get("/inbox").text


def test_what_one_may_no_longer_see_is_left_out_and_waits_no_more(
    circle: Any, answered: Any, house: Any, unread: Any
) -> None:
    line = re.search(r'/inbox/([0-9a-f-]{36})"', circle.facilitator.get("/inbox").text)
    with house.database.write() as session:
        session.execute(update(Topic).where(Topic.id == answered).values(deleted_at=house.clock()))
    page = circle.facilitator.get("/inbox")
    assert "Exit tickets" not in page.text
    assert "Nothing waits for you" in page.text
    assert unread(circle.person("1")) == 0
    assert line is not None
    assert circle.facilitator.get(f"/inbox/{line[1]}").status_code == 404


def test_a_long_inbox_is_paged_and_costs_the_same(circle: Any, post: Letters, statements: list[str]) -> None:
    for number in range(23):
        circle.start(circle.member, f"Topic {number}", "@Person 1")
    post.hear()
    statements.clear()
    first = circle.facilitator.get("/inbox")
    assert len(statements) <= 6
    assert first.text.count("named you in") == 20 * 2, "in the line, and beside its button"
    older = re.search(r'href="([^"]*before=[^"]*)"', first.text)
    assert older is not None
    second = circle.facilitator.get(older[1])
    assert "Topic 0" in second.text
    assert "Topic 22" not in second.text


def test_settings_are_kept_for_each_community(circle: Any, post: Letters, stored: Any, said: Any) -> None:
    field = f"pace-{circle.id}"
    form = {"channel": "mail", "pace": "daily", field: "immediate", "quiet_from": "21", "quiet_until": "6"}
    assert circle.member.post("/inbox/settings", form).status_code == 303
    page = circle.member.get("/inbox/settings?saved=1")
    assert "Saved." in said(page)
    for chosen in ('value="immediate" selected', 'value="21" selected', 'value="daily" selected'):
        assert chosen in page.text
    assert circle.member.post("/inbox/settings", {**form, field: "weekly"}).status_code == 303
    assert stored(select(MailPace.pace)) == [], "weekly is what holds without a row"
    assert "teacher1@example.org" in page.text


@pytest.mark.parametrize(
    "wrong",
    [{"channel": "pigeon"}, {"channel": "lms"}, {"quiet_from": "24"}, {"pace": "hourly"}, {"community": "yearly"}],
)
def test_settings_that_cannot_be_are_shown_again(circle: Any, stored: Any, wrong: dict[str, str]) -> None:
    form = {"channel": "mail", **wrong}
    if "community" in form:
        form[f"pace-{circle.id}"] = form.pop("community")
    answer = circle.member.post("/inbox/settings", form)
    assert answer.status_code == 422
    assert "Please choose one of these." in answer.text or "could not be understood" in answer.text
    assert stored(select(MailChoice.person_id)) == []


def test_the_learning_platform_is_a_choice_where_it_takes_messages(circle: Any, house: Any) -> None:
    assert "As a message in the learning platform" not in circle.member.get("/inbox/settings").text
    with house.database.write() as session:
        session.execute(update(Site).values(writes=["messages"]))
    assert circle.member.post("/inbox/settings", {"channel": "lms"}).status_code == 303
    assert "As a message in the learning platform" in circle.member.get("/inbox/settings").text


def test_an_address_of_ones_own_counts_once_its_owner_says_yes(
    circle: Any, post: Letters, stored: Any, clock: Any
) -> None:
    def address() -> Any:
        return stored(select(Person.email, Person.email_source).where(Person.id == circle.person("2")))[0]

    assert circle.member.post("/inbox/settings/address", {"address": f" {OWN} "}).status_code == 303
    assert f"written to {OWN}" in circle.member.get("/inbox/settings").text
    assert address().email == "teacher1@example.org", "not before"
    post.pass_by(clock.now)
    [letter] = post.to(OWN)
    assert letter["List-Unsubscribe"] is None
    link = re.search(r"https://plc.example.org(/mail/confirm/\S+)", part(letter, "plain"))
    assert link is not None
    stranger = circle.visitor().client
    assert "Is this your address?" in stranger.get(link[1], base_url=TOOL).text
    assert address().email != OWN, "a program that looks at links confirms nothing"
    assert "from now on" in stranger.post(link[1], base_url=TOOL).text
    assert (address().email, address().email_source) == (OWN, "own")
    assert stranger.post(link[1], base_url=TOOL).status_code == 404, "once"
    circle.member.launch("2", email="changed@school.example")
    assert address().email == OWN, "no launch changes it"
    circle.member.post("/inbox/settings/address", {"forget": "yes"})
    assert address().email is None
    circle.member.launch("2", email="changed@school.example")
    assert (address().email, address().email_source) == ("changed@school.example", "lms")


def test_a_confirmation_ends_after_a_week_and_with_a_newer_one(circle: Any, post: Letters, clock: Any) -> None:
    for one in ("first@example.org", "second@example.org"):
        circle.member.post("/inbox/settings/address", {"address": one})
    post.pass_by(clock.now)
    links = []
    for one in ("first@example.org", "second@example.org"):
        found = re.search(r"https://plc.example.org(/mail/confirm/\S+)", part(post.to(one)[0], "plain"))
        assert found is not None
        links.append(found[1])
    stranger = circle.visitor().client
    assert stranger.get(links[0], base_url=TOOL).status_code == 404
    clock.move(days=8)
    assert stranger.post(links[1], base_url=TOOL).status_code == 404


def test_nobody_can_have_a_stranger_flooded(circle: Any, stored: Any) -> None:
    for number in range(actions.ASKED_A_DAY):
        circle.member.post("/inbox/settings/address", {"address": f"victim{number}@example.org"})
    answer = circle.member.post("/inbox/settings/address", {"address": "victim@example.org"})
    assert answer.status_code == 422
    assert "tomorrow" in answer.text
    assert len(stored(select(Digest.id))) == actions.ASKED_A_DAY
    assert stored(select(MailAddress.address))[0].address == "victim2@example.org"


@pytest.mark.parametrize(
    "address", ["", "ana", "a@b", "a b@c.org", "a@b.org, c@d.org", "a@b.org\nBcc: x@y.org", "ä@b.org"]
)
def test_what_is_no_address_is_said_so_and_kept_in_the_field(circle: Any, address: str) -> None:
    answer = circle.member.post("/inbox/settings/address", {"address": address})
    assert answer.status_code == 422
    assert "ana@example.org" in answer.text


class TestOutside:
    """Where the links of a letter lead, and what they give away."""

    def test_a_link_leads_whoever_sits_here_to_the_thing_and_tells_others_nothing(
        self, circle: Any, answered: Any, unread: Any
    ) -> None:
        inside = circle.facilitator.client.get(f"/to/topic/{answered}", base_url=TOOL)
        assert inside.status_code == 303
        assert circle.facilitator.get(inside.location.removeprefix(TOOL)).location.endswith(f"/topics/{answered}")
        assert unread(circle.person("1")) == 0
        stranger = circle.visitor().client
        pages = [stranger.get(f"/to/{thing}", base_url=TOOL) for thing in (f"topic/{answered}", f"nothing/{uuid4()}")]
        assert [page.status_code for page in pages] == [200, 200]
        assert pages[0].text == pages[1].text
        assert "from your course" in pages[0].text
        assert circle.facilitator.get(f"/to/nothing/{uuid4()}").status_code == 404

    def test_settings_are_found_by_who_sits_here(self, circle: Any) -> None:
        assert circle.member.client.get("/mail/settings", base_url=TOOL).location.endswith("/inbox/settings")
        assert circle.visitor().client.get("/mail/settings", base_url=TOOL).status_code == 200

    def test_one_press_in_the_mail_program_ends_the_mail(self, circle: Any, stored: Any) -> None:
        """RFC 8058: a POST from anywhere, without a cookie, to the address in the header."""
        way = f"/mail/less/{tokens.token(KEY, UNSUBSCRIBE, circle.person('2'))}"
        anywhere = circle.visitor().client
        assert anywhere.get(way, base_url=TOOL).status_code == 200
        assert stored(select(MailChoice.channel)) == [], "looking changes nothing"
        answer = anywhere.post(way, data={"List-Unsubscribe": "One-Click"}, base_url=TOOL)
        assert answer.status_code == 200
        assert "no more mail" in answer.text
        assert [row.channel for row in stored(select(MailChoice.channel))] == ["none"]

    def test_less_often_is_once_a_week(self, circle: Any, stored: Any) -> None:
        circle.member.post("/inbox/settings", {"channel": "mail", "pace": "immediate", f"pace-{circle.id}": "daily"})
        way = f"/mail/less/{tokens.token(KEY, UNSUBSCRIBE, circle.person('2'))}"
        assert (
            "one letter a week"
            in circle.visitor().client.post(way, data={"choice": "weekly"}, base_url=TOOL).text.lower()
        )
        assert [(row.channel, row.pace) for row in stored(select(MailChoice.channel, MailChoice.pace))] == [
            ("mail", "weekly")
        ]
        assert stored(select(MailPace.pace)) == []

    def test_a_token_is_for_one_person_and_one_purpose(self, circle: Any) -> None:
        ana, bo = circle.person("1"), circle.person("2")
        signed = tokens.token(KEY, UNSUBSCRIBE, ana)
        assert tokens.person_of(KEY, UNSUBSCRIBE, signed) == ana
        assert tokens.person_of(KEY, "confirm|a@b.org", signed) is None
        assert tokens.person_of("another key, long enough to be one", UNSUBSCRIBE, signed) is None
        other = tokens.token(KEY, UNSUBSCRIBE, bo)
        assert tokens.person_of(KEY, UNSUBSCRIBE, other[:20] + signed[20:]) is None
        for bad in ("", "é", "a" * 48, signed[:-4], "%%%"):
            assert tokens.person_of(KEY, UNSUBSCRIBE, bad) is None
        nobody = tokens.token(KEY, UNSUBSCRIBE, uuid4())
        client = circle.visitor().client
        for way in (nobody, "x", tokens.token(KEY, "confirm|a@b.org", ana)):
            assert client.get(f"/mail/less/{way}", base_url=TOOL).status_code == 404
            assert client.get(f"/mail/confirm/{way}", base_url=TOOL).status_code == 404
