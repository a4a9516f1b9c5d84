"""Does what each room records reach whom it concerns? Through the rooms' own pages."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from lms_plc.core.activity import Reference, record
from lms_plc.core.hearing import Why
from lms_plc.core.things import Thing
from lms_plc.notifications.queries import Line
from lms_plc.notifications.wording import SAYS, people, says
from tests.lms_plc.conftest import new_key

from .conftest import FRIDAY, Letters, part


def told(circle: Any, post: Letters, verb: str, thing: Reference, facts: dict[str, Any], by: str = "2") -> int:
    """As a room would record it."""
    with post.house.database.write() as session:
        record(
            session,
            verb,
            thing,
            at=post.clock(),
            actor_id=circle.person(by),
            site_id=circle.site_id,
            community_id=circle.id,
            facts=facts,
        )
    return post.hear()


def test_an_answered_question_is_told_to_who_asked_and_who_knew(circle: Any, post: Letters, waiting: Any) -> None:
    topic = circle.start(circle.facilitator)
    circle.joined("3")
    known = circle.say(circle.member, topic)
    post.hear()
    facts = {"post_id": str(known), "post_author": str(circle.person("2")), "asker": str(circle.person("1"))}
    told(circle, post, "topic.answered", Reference("topic", topic), facts, by="3")
    assert waiting(circle.person("1"))[-1][0] == waiting(circle.person("2"))[-1][0] == "answered"


def test_a_message_is_told_to_whom_it_reaches(circle: Any, post: Letters, waiting: Any, said: Any) -> None:
    form = {"to": str(circle.person("2")), "body": "Shall we swap lessons?", "form_key": new_key()}
    assert circle.facilitator.post("/messages/write", form).status_code == 303
    post.hear()
    assert waiting(circle.person("2")) == [("message", "message", False)]
    page = said(circle.member.get("/inbox"))
    assert "Person 1 wrote to you" in page
    assert "Shall we swap lessons?" in page


def test_a_message_comes_in_the_letter_at_the_pace_for_what_is_of_no_community(circle: Any, post: Letters) -> None:
    circle.member.launch("2", email="bo@example.org")
    form = {"channel": "mail", "pace": "none", f"pace-{circle.id}": "daily"}
    circle.member.post("/inbox/settings", form)
    message = {"to": str(circle.person("2")), "body": "Shall we swap?", "form_key": new_key()}
    circle.facilitator.post("/messages/write", message)
    post.pass_by(FRIDAY)
    assert post.to("bo@example.org") == []
    circle.member.launch("2", email="bo@example.org")
    circle.member.post("/inbox/settings", {**form, "pace": "weekly"})
    post.pass_by(FRIDAY + timedelta(days=7))
    assert "Person 1 wrote to you" in part(post.to("bo@example.org")[0], "plain")


@pytest.mark.parametrize(
    ("verb", "why"), [("meeting.changed", "changed"), ("meeting.cancelled", "changed"), ("consent.opened", "asked")]
)
def test_what_concerns_everybody_is_told_to_every_member_but_who_did_it(
    circle: Any, post: Letters, waiting: Any, verb: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = verb.partition(".")[0].replace("consent", "consent_round")
    thing = shown_to_all(circle, kind, monkeypatch)
    circle.joined("3")
    for _ in range(2):
        told(circle, post, verb, thing, {})
    assert waiting(circle.person("1")) == waiting(circle.person("3")) == [(why, kind, False)] * 2
    assert waiting(circle.person("2")) == []


def test_a_meeting_changed_twice_is_one_line_with_its_last_state(
    circle: Any, post: Letters, monkeypatch: pytest.MonkeyPatch, said: Any, unread: Any
) -> None:
    """S2-12: who hears of it is told once, in one message."""
    thing = shown_to_all(circle, "meeting", monkeypatch)
    told(circle, post, "meeting.changed", thing, {"changed": ["starts_at"]})
    told(circle, post, "meeting.changed", thing, {"changed": ["place", "starts_at", "odd"]})
    page = said(circle.facilitator.get("/inbox"))
    assert "Changed in “The thing”: the time and the place" in page
    assert unread(circle.person("1")) == 1
    circle.facilitator.launch("1", email="lead@example.org")
    post.pass_by(FRIDAY)
    [letter] = post.to("lead@example.org")
    assert part(letter, "plain").count("The thing") == 1


@pytest.mark.parametrize(
    ("verb", "kind", "fact", "why"),
    [
        ("hello.said", "hello", "to", "connection"),
        ("library_item.adapted", "library_item", "origin_author", "adapted"),
        ("library_item.tried", "library_item", "author", "tried"),
        ("case.hidden", "case", "to", "moderation"),
    ],
)
def test_what_an_event_says_itself_is_told_to_whom_it_names(
    circle: Any,
    post: Letters,
    waiting: Any,
    verb: str,
    kind: str,
    fact: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thing = shown_to_all(circle, kind, monkeypatch)
    told(circle, post, verb, thing, {fact: str(circle.person("1"))})
    assert waiting(circle.person("1")) == [(why, kind, False)]


def test_who_raised_an_issue_hears_that_it_is_in_hand(circle: Any, post: Letters, waiting: Any, stored: Any) -> None:
    form = {"title": "The projector", "body": "It is broken.", "form_key": new_key()}
    answer = circle.member.post(f"{circle.home}/board/new", form)
    assert answer.status_code == 303, answer.text
    issue = UUID(answer.location.partition("/issues/")[2][:36])
    told(circle, post, "issue.taken", Reference("issue", issue), {}, by="1")
    assert waiting(circle.person("2")) == [("changed", "issue", False)]


def test_every_reason_has_its_words() -> None:
    assert set(SAYS) == set(Why)
    thing = Reference("topic", uuid4())
    for why in Why:
        line = Line(thing.id, why, thing.kind, thing, thing, ("Ana",), (), None, None, True, thing.id, ())  # type: ignore[arg-type]
        assert "%" not in says(line, "100 % chalk").replace("100 % chalk", "")
    assert [people(names) for names in ((), ("A",), ("A", "B"), ("A", "B", "C"))] == [
        "Somebody",
        "A",
        "A and B",
        "A and 2 others",
    ]


def shown_to_all(circle: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> Reference:
    """A thing of a kind that everybody may see, whatever its room asks for."""
    from lms_plc.core import things

    thing = Reference(kind, uuid4())

    def shower(_: Any, __: Any, ids: Any) -> dict[UUID, Thing]:
        at = circle.house.clock()
        made = Thing(thing, "The thing", "", None, "", circle.id, at, "communities.mine")
        return {thing.id: made} if thing.id in ids else {}

    monkeypatch.setitem(things._kinds, kind, things.Kind(kind, kind, shower))
    return thing
