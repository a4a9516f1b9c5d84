"""Does everybody hear of what concerns them, once, and of nothing they should not?"""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from lms_plc.communities.memberships import Because, end
from lms_plc.core import things
from lms_plc.core.activity import Reference, record
from lms_plc.core.hearing import Hearing, Why, _rules, hearings, hears, persons_in
from lms_plc.discussions.models import TopicFollow
from lms_plc.notifications import listening
from lms_plc.notifications.listening import AGAIN
from lms_plc.notifications.models import Notification, NotificationCursor
from lms_plc.people.models import Block
from lms_plc.people.twins import join


def test_who_is_named_answered_or_follows_hears_once_and_the_number_is_right(
    circle: Any, post: Any, waiting: Any, unread: Any
) -> None:
    third = circle.joined("3")
    topic = circle.start(circle.facilitator, body="What do you do, @Person 3?")
    circle.say(circle.member, topic, "I ask @Person 1 and @Person 2.")
    circle.say(third, topic, "And I ask nobody.")
    assert post.hear() > 0
    assert waiting(circle.person("1")) == [("mention", "post", False), ("reply", "post", False)]
    assert waiting(circle.person("3"))[0] == ("mention", "topic", False)
    assert all(row[0] != "mention" for row in waiting(circle.person("2"))), "nobody hears of what they did"
    assert unread(circle.person("1")) == 1, "two answers in one conversation are one line"
    assert post.hear() == 0, "the same stretch of the log is read again, and nothing is told twice"
    assert unread(circle.person("1")) == 1


def test_an_answer_to_a_post_reaches_its_author(circle: Any, post: Any, waiting: Any, first_post: Any) -> None:
    topic = circle.start(circle.facilitator)
    said = circle.say(circle.member, topic)
    third = circle.joined("3")
    circle.say(third, topic, "How long?", reply_to=str(said))
    post.hear()
    assert ("reply", "post", False) in waiting(circle.person("2"))


def test_what_was_slow_to_commit_is_heard_all_the_same(circle: Any, post: Any, house: Any, waiting: Any) -> None:
    """Its id is older than the last one heard."""
    topic = circle.start(circle.facilitator, body="@Person 2, look")
    post.hear()
    with house.database.write() as session:
        slow = record(
            session,
            "topic.started",
            Reference("topic", topic),
            at=house.clock(),
            actor_id=circle.person("1"),
            site_id=circle.site_id,
            community_id=circle.id,
            facts={"mentions": [str(circle.person("2"))]},
        )
        ahead = UUID(int=slow.int + (int(AGAIN.total_seconds() * 900) << 80))
        session.execute(update(NotificationCursor).values(event_id=ahead))
    assert post.hear() == 1
    assert len(waiting(circle.person("2"))) == 2


def test_a_long_log_is_heard_in_pieces(circle: Any, post: Any, monkeypatch: pytest.MonkeyPatch, waiting: Any) -> None:
    monkeypatch.setattr(listening, "AT_ONCE", 2)
    topic = circle.start(circle.facilitator)
    for _ in range(5):
        circle.say(circle.member, topic)
    assert post.hear() == 5
    assert len(waiting(circle.person("1"))) == 5


def test_nobody_hears_of_what_they_may_not_see_muted_or_across_a_block(
    circle: Any, post: Any, house: Any, waiting: Any
) -> None:
    gone, muting, blocking, blocked = (circle.joined(subject) for subject in ("3", "4", "5", "6"))
    assert all((gone, muting, blocking, blocked))
    topic = circle.start(circle.facilitator, body="@Person 2 @Person 3 @Person 4 @Person 5 @Person 6")
    at, me = house.clock(), circle.person("1")
    with house.database.write() as session:
        end(session, circle.site_id, circle.id, [circle.person("3")], Because(at, "sync"))
        session.add(TopicFollow(person_id=circle.person("4"), topic_id=topic, level="muted", changed_at=at))
        session.add(Block(person_id=circle.person("5"), blocked_id=me, at=at))
        session.add(Block(person_id=me, blocked_id=circle.person("6"), at=at))
    post.hear()
    heard = {subject: waiting(circle.person(subject)) for subject in "23456"}
    assert heard == {"2": [("mention", "topic", False)], "3": [], "4": [], "5": [], "6": []}


def test_reading_where_it_was_said_is_reading(circle: Any, post: Any, waiting: Any, unread: Any) -> None:
    topic = circle.start(circle.facilitator)
    circle.say(circle.member, topic)
    post.hear()
    assert unread(circle.person("1")) == 1
    circle.facilitator.get(f"/topics/{topic}")
    post.hear()
    assert waiting(circle.person("1")) == [("reply", "post", True)]
    assert unread(circle.person("1")) == 0


def test_lines_read_long_ago_are_forgotten(circle: Any, post: Any, clock: Any, waiting: Any) -> None:
    for _ in range(2):
        topic = circle.start(circle.facilitator)
        circle.say(circle.member, topic)
    post.hear()
    circle.facilitator.get(f"/topics/{topic}")
    post.hear()
    clock.move(days=91)
    listening.forget_old(post.house)
    assert waiting(circle.person("1")) == [("reply", "post", False)], "what waits is kept"


def test_two_persons_who_become_one_have_one_inbox(
    circle: Any, post: Any, house: Any, waiting: Any, unread: Any
) -> None:
    circle.joined("3")
    circle.start(circle.facilitator, body="@Person 2 and @Person 3")
    circle.start(circle.facilitator, body="@Person 3")
    post.hear()
    with house.database.write() as session:
        join(session, circle.person("2"), circle.person("3"), house.clock(), via="cli")
    post.hear()
    assert len(waiting(circle.person("2"))) == 2
    assert unread(circle.person("2")) == 2


def test_of_two_reasons_the_stronger_counts_and_nobody_hears_of_themselves() -> None:
    event = listening.Heard(uuid4(), None, "test.done", None, None, uuid4(), Reference("t", uuid4()), {})  # type: ignore[arg-type]
    person = uuid4()

    @hears("test.done")
    def rule(_: Any, events: Any) -> Any:
        for one in events:
            for who, why in (
                (person, Why.FOLLOWED),
                (person, Why.MENTION),
                (person, Why.REPLY),
                (one.actor_id, Why.REPLY),
            ):
                yield Hearing(one.id, who, why, one.thing, one.thing)

    try:
        assert [(one.person_id, one.why) for one in hearings(None, [event])] == [(person, Why.MENTION)]  # type: ignore[arg-type]
    finally:
        del _rules[rule]


def test_facts_a_rule_cannot_read_hold_up_nothing_else(circle: Any, post: Any, house: Any, waiting: Any) -> None:
    with house.database.write() as session:
        reference = Reference("post", uuid4())
        record(session, "post.written", reference, at=house.clock(), actor_id=None, facts={"topic_id": "none"})
    circle.start(circle.facilitator, body="@Person 2")
    assert post.hear() == 1
    assert waiting(circle.person("2")) == [("mention", "topic", False)]


def test_facts_that_name_nobody_name_nobody() -> None:
    person = uuid4()
    facts = {"to": [str(person), "x", None], "owner": str(person), "none": None}
    assert persons_in(facts, "to") == persons_in(facts, "owner") == [person]
    assert persons_in(facts, "none") == persons_in(facts, "absent") == []


def test_a_kind_of_thing_no_room_shows_is_told_to_nobody(
    circle: Any, post: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle.start(circle.facilitator, body="@Person 2")
    kinds = {name: kind for name, kind in things._kinds.items() if name != "topic"}
    monkeypatch.setattr(things, "_kinds", kinds)
    assert post.hear() == 0
    assert stored(Notification.__table__.select()) == []  # type: ignore[attr-defined]
