"""Does a message reach those it is for, and nobody else, whatever they lead or administer?"""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from lms_plc.communities.memberships import Because, end
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, Role
from lms_plc.core.things import keeper_of, shown
from lms_plc.messages.forms import MessageForm
from lms_plc.messages.models import Message, MessageThread, Participant
from lms_plc.people.twins import join

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
KEY = "k" * 24


def write_to(who: Any, *people: UUID, body: str = "Shall we *talk*?", key: str | None = None) -> UUID:
    form = {"to": [str(one) for one in people], "body": body, "form_key": key or secrets.token_urlsafe(18)}
    answer = who.post("/messages/write", form)
    assert answer.status_code == 303, answer.text
    return UUID(answer.location.partition("/messages/")[2][:36])


def say(who: Any, thread: UUID, body: str = "Yes.", key: str | None = None) -> Any:
    return who.post(f"/messages/{thread}", {"body": body, "form_key": key or secrets.token_urlsafe(18)})


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


@pytest.fixture
def talk(circle: Any) -> UUID:
    """The member wrote to the facilitator."""
    return write_to(circle.member, circle.person("1"))


@pytest.fixture
def group(circle: Any) -> Any:
    """The member, the facilitator and one more."""
    circle.third = circle.joined("3")
    circle.group = write_to(circle.member, circle.person("1"), circle.person("3"), body="All three")
    return circle


class TestWriting:
    def test_one_writes_from_a_profile_and_the_other_answers(self, circle: Any, said: Any, events: Any) -> None:
        profile = circle.member.get(f"/people/{circle.person('1')}").text
        way = re.search(r'href="/s/[^/]+(/messages/write[^"]+)"', profile)
        assert way is not None
        assert "Person 1" in said(circle.member.get(way[1]))
        thread = write_to(circle.member, circle.person("1"))
        page = circle.facilitator.get("/messages")
        assert "Person 2 new Shall we talk?" in said(page)
        there = circle.facilitator.get(f"/messages/{thread}")
        assert "Shall we <em>talk</em>?" in there.text
        assert "new" not in said(circle.facilitator.get("/messages")).partition("Person 2")[2]
        assert say(circle.facilitator, thread).status_code == 303
        assert "Person 1 new Yes." in said(circle.member.get("/messages"))
        assert circle.member.get(way[1]).location.endswith(f"/messages/{thread}#write"), "one talk of two people"
        assert write_to(circle.facilitator, circle.person("2")) == thread
        told = events("message.written")
        assert [event.facts["to"] for event in told] == [
            [str(circle.person("1"))],
            [str(circle.person("2"))],
            [str(circle.person("2"))],
        ]
        assert {event.facts["thread_id"] for event in told} == {str(thread)}
        assert "talk" not in str([event.facts for event in told])
        assert {(event.community_id, event.site_id) for event in told} == {(None, circle.site_id)}

    def test_a_small_group_is_chosen_without_script(self, circle: Any, said: Any) -> None:
        for number in range(3, 9):
            circle.joined(str(number), name=f"Ána {number}")
        first = circle.member.get("/messages/new?name=ana+3")
        assert "Ána 3" in said(first)
        assert "Ána 4" not in said(first)
        three, four = (str(circle.person(one)) for one in "34")
        second = circle.member.get(f"/messages/new?name=ana+4&to={three}&to=nonsense")
        assert f'value="{three}" checked' in second.text
        assert "Tick whom" in said(circle.member.get("/messages/new?write=yes"))
        assert "Nobody of that name" in said(circle.member.get("/messages/new?name=zzz"))
        onwards = circle.member.get(f"/messages/new?write=yes&to={three}&to={four}")
        assert onwards.status_code == 302
        page = said(circle.member.get(onwards.location))
        assert "Ána 3" in page
        assert "Ána 4" in page

    def test_a_group_has_at_most_eight(self, circle: Any, stored: Any) -> None:
        people = [circle.person(str(number)) for number in range(3, 11) if circle.joined(str(number))]
        form = {"to": [str(one) for one in people], "body": "B", "form_key": KEY}
        assert circle.member.post("/messages/write", form).status_code == 422
        form["to"] = form["to"][:7]
        assert circle.member.post("/messages/write", form).status_code == 303
        assert len(stored(select(Participant.person_id))) == 8

    def test_the_same_form_sent_twice_is_one_message(self, circle: Any, stored: Any, events: Any) -> None:
        one, three = circle.person("1"), circle.person("3") if circle.joined("3") else None
        assert three is not None
        assert write_to(circle.member, one, three, key=KEY) == write_to(circle.member, one, three, key=KEY)
        [thread] = stored(select(MessageThread.id))[0]
        assert say(circle.member, thread, key="s" * 24).location == say(circle.member, thread, key="s" * 24).location
        assert len(stored(select(Message.id))) == len(events("message.written")) == 2

    def test_the_same_form_at_the_same_moment_is_one_message(
        self, circle: Any, talk: UUID, house: Any, stored: Any
    ) -> None:
        from lms_plc.messages import actions, queries

        who = actor(circle, "2")

        def send(_: int) -> UUID:
            with house.database.write() as session:
                seen = queries.load_thread(session.connection(), who, talk).thing  # type: ignore[union-attr]
                return actions.write(session, who, seen, MessageForm(body="B", form_key=KEY))

        with ThreadPoolExecutor(3) as pool:
            assert len(set(pool.map(send, range(3)))) == 1
        assert stored(select(func.count()).select_from(Message))[0][0] == 2

    @pytest.mark.parametrize(("wrong", "words"), [({"body": "  "}, "Please fill"), ({"form_key": "x"}, "understood")])
    def test_a_wrong_form_is_shown_again(self, circle: Any, talk: UUID, wrong: dict[str, str], words: str) -> None:
        form = {"body": "Kept words", "form_key": KEY, **wrong}
        for path, more in ((f"/messages/{talk}", {}), ("/messages/write", {"to": str(circle.person("1"))})):
            again = circle.member.post(path, {**form, **more})
            assert again.status_code == 422
            assert words in again.text
            assert ("Kept words" in again.text) is ("body" not in wrong)

    def test_a_draft_on_the_device_may_go_once_it_was_sent(self, circle: Any, talk: UUID, clock: Any) -> None:
        key = f"{circle.person('2')}/message:{talk}"
        assert f'data-draft-key="{key}"' in circle.member.get(f"/messages/{talk}").text
        sent = say(circle.member, talk).location
        assert f'content="{key}"' in circle.member.get(sent).text
        assert "plc-draft-done" not in circle.facilitator.get(f"/messages/{talk}?sent=here").text
        clock.move(minutes=3)
        assert "plc-draft-done" not in circle.member.get(sent).text

    def test_a_long_talk_is_read_from_its_end(self, circle: Any, talk: UUID) -> None:
        for number in range(45):
            say(circle.member, talk, f"Line {number:02}")
        path, pages = f"/messages/{talk}", []
        while path:
            page = circle.facilitator.get(path).text
            pages.append(re.findall(r"Line (\d\d)", page))
            way = re.search(r'href="/s/[^/]+([^"]+before=[^"]+)"', page)
            path = way[1] if way else ""
        assert [len(page) for page in pages] == [20, 20, 5]
        assert pages[0][-1] == "44"
        assert sorted(sum(pages, [])) == [f"{number:02}" for number in range(45)]
        assert "To what was written last" in page


class TestNobodyElse:
    def test_reads_a_talk_whatever_they_are(self, circle: Any, talk: UUID) -> None:
        mentor, admin = circle.joined("31", course="9"), circle.joined("32", roles=[ADMINISTRATOR, INSTRUCTOR])
        circle.give_role("31", Role.MENTOR)
        plain = circle.joined("33")
        for who in (mentor, admin, plain):
            answers = [
                who.get(f"/messages/{talk}"),
                say(who, talk),
                who.post(f"/messages/{talk}/mute", {"muted": "yes"}),
                who.get(f"/messages/{talk}/leave"),
                who.post(f"/messages/{talk}/leave"),
                who.post(f"/messages/{talk}/block/{circle.person('2')}"),
            ]
            assert [answer.status_code for answer in answers] == [404] * 6
            assert "Shall we" not in "".join(answer.text for answer in answers)
            assert "Person 2" not in who.get("/messages").text
        assert circle.facilitator.get(f"/messages/{talk}").status_code == 200

    def test_can_be_written_to_by_a_stranger(self, circle: Any, house: Any, clock: Any, stored: Any) -> None:
        stranger = circle.joined("31", course="9", roles=[INSTRUCTOR])
        stranger.post(stranger.launch("31", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
        left = circle.joined("34")
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("34")], Because(clock(), "sync"))
        me = str(circle.person("2"))
        form = {"to": me, "body": "B", "form_key": KEY}
        for who in (stranger, left):
            assert who.get(f"/messages/write?to={me}").status_code == 404
            assert who.post("/messages/write", form).status_code == 404
            assert "Person 2" not in who.get("/messages/new?name=person").text
        together = {"to": [str(circle.person("1")), str(circle.person("31"))], "body": "B", "form_key": KEY}
        assert circle.member.post("/messages/write", together).status_code == 404, "not to one and not to both"
        assert circle.member.get(f"/messages/write?to={uuid4()}").status_code == 404
        assert circle.member.get("/messages/write").status_code == 404
        assert stored(select(Message.id)) == []

    def test_is_shown_a_message_or_a_talk_in_a_list(self, circle: Any, talk: UUID, stored: Any, house: Any) -> None:
        circle.joined("3")
        message = stored(select(Message.id))[0].id
        things = [Reference("message", message), Reference("message_thread", talk)]
        seen = {}
        for subject in "123":
            with house.database.read() as connection:
                found = shown(connection, actor(circle, subject), things)
            seen[subject] = [(thing.title, thing.excerpt) for thing in found.values()]
        assert seen == {
            "1": [("Person 2", "Shall we talk?"), ("Person 2", "")],
            "2": [("Person 2", "Shall we talk?"), ("Person 1", "")],
            "3": [],
        }


class TestGroups:
    def test_who_leaves_reads_no_more_and_their_words_stay(self, group: Any, said: Any, events: Any) -> None:
        say(group.third, group.group, "Third was here")
        assert "Leave this talk?" in said(group.third.get(f"/messages/{group.group}/leave"))
        assert group.third.post(f"/messages/{group.group}/leave").status_code == 303
        assert group.third.get(f"/messages/{group.group}").status_code == 404
        assert "All three" not in said(group.third.get("/messages"))
        page = said(group.member.get(f"/messages/{group.group}"))
        assert "Third was here" in page
        assert "Person 3 has left" in page
        say(group.member, group.group, "Now two")
        assert events("message.written")[-1].facts["to"] == [str(group.person("1"))]
        assert len(events("message_thread.left")) == 1
        group.facilitator.post(f"/messages/{group.group}/leave")
        assert "Nobody else is left here" in said(group.member.get("/messages"))

    def test_a_talk_of_two_is_not_left(self, circle: Any, talk: UUID) -> None:
        assert circle.member.get(f"/messages/{talk}/leave").status_code == 404
        assert circle.member.post(f"/messages/{talk}/leave").status_code == 404
        assert circle.member.get(f"/messages/{talk}").status_code == 200

    def test_a_muted_talk_tells_of_nothing_new(self, group: Any, said: Any, events: Any) -> None:
        for muted in ("yes", "yes", "perhaps"):
            group.third.post(f"/messages/{group.group}/mute", {"muted": muted})
        say(group.member, group.group, "Quietly")
        assert events("message.written")[-1].facts["to"] == [str(group.person("1"))]
        row = said(group.third.get("/messages")).partition("Person 1 and Person 2")[2]
        assert row.startswith(" muted Quietly")
        group.third.post(f"/messages/{group.group}/mute", {"muted": "no"})
        say(group.member, group.group, "Aloud")
        assert str(group.person("3")) in events("message.written")[-1].facts["to"]
        told = events("message_thread.muted", "message_thread.unmuted")
        assert [event.verb for event in told] == ["message_thread.muted", "message_thread.unmuted"]


class TestBlocked:
    def test_what_a_blocked_person_writes_does_not_arrive_and_they_are_not_told(
        self, circle: Any, talk: UUID, said: Any, events: Any
    ) -> None:
        say(circle.facilitator, talk, "Old words")
        circle.facilitator.get(f"/messages/{talk}")
        before = said(circle.facilitator.get(f"/messages/{talk}"))
        assert circle.member.post(f"/messages/{talk}/block/{circle.person('1')}").status_code == 303
        assert said(circle.facilitator.get(f"/messages/{talk}")) == before
        assert say(circle.facilitator, talk, "New words").status_code == 303
        assert "New words" in said(circle.facilitator.get(f"/messages/{talk}"))
        assert events("message.written")[-1].facts["to"] == []
        page = said(circle.member.get(f"/messages/{talk}"))
        assert "You have blocked Person 1" in page
        assert "words" not in page
        assert "Your answer" not in page
        assert say(circle.member, talk, "I go on").status_code == 403
        assert "Person 1" not in said(circle.member.get("/messages"))
        assert "Person 1" not in said(circle.member.get("/messages/new?name=person"))
        assert circle.member.get(f"/messages/write?to={circle.person('1')}").status_code == 404
        circle.member.post(f"/people/{circle.person('1')}/unblock")
        assert "New words" in said(circle.member.get(f"/messages/{talk}"))

    def test_in_a_group_only_their_own_words_are_missing(self, group: Any, said: Any) -> None:
        group.third.post(f"/messages/{group.group}/block/{group.person('1')}")
        group.third.get(f"/messages/{group.group}")
        say(group.facilitator, group.group, "From the blocked")
        row = said(group.third.get("/messages")).partition("Person 1 and Person 2")[2]
        assert row.startswith(" All three"), "nothing new, nothing of theirs"
        say(group.member, group.group, "From the other")
        page = said(group.third.get(f"/messages/{group.group}"))
        assert "From the other" in page
        assert "From the blocked" not in page
        assert "From the blocked" in said(group.member.get(f"/messages/{group.group}"))

    def test_only_who_is_in_the_talk_is_blocked_from_there(self, circle: Any, talk: UUID) -> None:
        circle.joined("3")
        for nobody in (circle.person("3"), circle.person("2")):
            assert circle.member.post(f"/messages/{talk}/block/{nobody}").status_code == 404


def test_who_shares_nothing_any_more_is_named_without_a_way_to_their_profile(
    circle: Any, talk: UUID, house: Any, clock: Any
) -> None:
    way = f'/people/{circle.person("1")}"'
    assert way in circle.member.get(f"/messages/{talk}").text
    with house.database.write() as session:
        end(session, circle.site_id, circle.id, [circle.person("1")], Because(clock(), "sync"))
    page = circle.member.get(f"/messages/{talk}")
    assert page.status_code == 200
    assert way not in page.text


def test_a_hidden_message_is_read_by_its_author_alone_and_a_removed_one_by_nobody(
    circle: Any, talk: UUID, house: Any, stored: Any, said: Any, clock: Any
) -> None:
    keeper, message = keeper_of("message"), stored(select(Message.id))[0].id
    assert keeper is not None

    def reads(who: Any) -> tuple[bool, bool]:
        page = said(who.get(f"/messages/{talk}"))
        return "Shall we talk?" in page, "idden for now" in page

    for _ in range(2):
        with house.database.write() as session:
            keeper.hide(session, message, clock())
    assert (reads(circle.facilitator), reads(circle.member)) == ((False, True), (True, True))
    assert "Shall we" not in said(circle.facilitator.get("/messages"))
    with house.database.write() as session:
        keeper.restore(session, message, clock())
    assert (reads(circle.facilitator), reads(circle.member)) == ((True, False), (True, False))
    with house.database.write() as session:
        keeper.remove(session, message, clock())
    assert "This message was taken away." in said(circle.facilitator.get(f"/messages/{talk}"))
    assert (reads(circle.facilitator), reads(circle.member)) == ((False, False), (False, False))
    assert stored(select(Message.body, Message.html)) == [("", "")]


@pytest.mark.parametrize("many", [1, 25])
def test_pages_of_messages_cost_the_same_however_many_there_are(
    circle: Any, talk: UUID, statements: list[str], many: int
) -> None:
    for number in range(many):
        say(circle.member, talk, f"Line {number}")
        if number < 3:
            circle.joined(f"5{number}")
            write_to(circle.facilitator, circle.person(f"5{number}"))
    circle.facilitator.get(f"/messages/{talk}")
    for path, most in (("/messages", 3), (f"/messages/{talk}", 4), ("/messages/new", 2)):
        statements.clear()
        assert circle.facilitator.get(path).status_code == 200
        assert len(statements) == most, path


def test_two_accounts_that_are_one_person_go_on_in_the_talk_they_had(circle: Any, talk: UUID, house: Any) -> None:
    twin = circle.joined("9")
    with house.database.write() as session:
        join(session, circle.person("9"), circle.person("2"), house.clock(), via="cli")
    twin.launch("9")
    assert write_to(twin, circle.person("1"), body="It is me") == talk
    assert circle.facilitator.get("/messages").text.count("It is me") == 1
