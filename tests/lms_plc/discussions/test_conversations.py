"""What can members do in a conversation, and what is left of each thing they did?"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from lms_plc.communities.queries import load_community
from lms_plc.core.activity import Event
from lms_plc.core.policy import Actor, Role
from lms_plc.discussions import actions
from lms_plc.discussions.forms import EditForm, PostForm, Purpose, TopicForm
from lms_plc.discussions.models import Draft, Post, PostVersion, Reaction, Topic
from lms_plc.discussions.queries import load_post, load_topic

KEY = "k" * 24


@pytest.fixture
def topic(circle: Any) -> UUID:
    return circle.start(circle.facilitator)


@pytest.fixture
def post(circle: Any, topic: UUID) -> UUID:
    return circle.say(circle.member, topic, "First words")


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


class TestStarting:
    def test_a_topic_begins_with_its_post(self, circle: Any, stored: Any, events: Any) -> None:
        topic = circle.start(circle.member, "Exit tickets", "How do *you* do it?", purpose="strategy")
        page = circle.facilitator.get(f"/topics/{topic}").text
        assert "Exit tickets" in page
        assert "<em>you</em>" in page
        assert "Strategy" in page
        [event] = events("topic.started")
        assert (event.actor_id, event.community_id, event.site_id, event.thing_id) == (
            circle.person("2"),
            circle.id,
            circle.site_id,
            topic,
        )
        assert event.facts["post_id"] == str(stored(select(Post.id))[0].id)
        assert "Exit" not in str(event.facts)

    def test_the_same_form_sent_twice_is_one_topic(self, circle: Any, stored: Any, events: Any) -> None:
        assert circle.start(circle.member, form_key=KEY) == circle.start(circle.member, form_key=KEY)
        assert len(stored(select(Topic.id))) == len(stored(select(Post.id))) == len(events("topic.started")) == 1

    def test_the_same_form_at_the_same_moment_is_one_topic_and_one_post(
        self, circle: Any, house: Any, stored: Any, events: Any
    ) -> None:
        who, begin = actor(circle, "2"), Barrier(3)
        answer_to = circle.start(circle.facilitator)

        def send(turn: int) -> UUID:
            begin.wait()
            with house.database.write() as session:
                connection = session.connection()
                community = load_community(connection, who, circle.id).thing  # type: ignore[union-attr]
                form = TopicForm(title="T", body="B", purpose=Purpose.AHA, form_key=KEY)
                topic = actions.start_topic(session, who, community, form)
            begin.wait()
            with house.database.write() as session:
                seen = load_topic(session.connection(), who, answer_to).thing  # type: ignore[union-attr]
                actions.write_post(session, who, community, seen, PostForm(body="B", form_key="p" * 24))
            return topic

        with ThreadPoolExecutor(3) as pool:
            assert len(set(pool.map(send, range(3)))) == 1
        assert len(stored(select(Topic.id))) == 2
        assert len(stored(select(Post.id))) == 3
        assert len(events("topic.started")) == 2
        assert len(events("post.written")) == 1
        assert stored(select(Topic.posts).where(Topic.id == answer_to))[0].posts == 2

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"title": " "}, "Please fill this in."),
            ({"body": "\r\n"}, "Please fill this in."),
            ({"purpose": "chat"}, "Please choose one of these."),
            ({"title": "x" * 201}, "at most 200 characters"),
            ({"body": "x" * 20_001}, "at most 20,000 characters"),
            ({"form_key": "short"}, "could not be understood"),
        ],
    )
    def test_a_wrong_form_is_shown_again_with_what_was_typed(
        self, circle: Any, stored: Any, wrong: dict[str, str], said: str
    ) -> None:
        form = {"title": "My title", "body": "My words", "purpose": "aha", "form_key": KEY}
        again = circle.member.post(f"{circle.home}/topics/new", form | wrong)
        assert again.status_code == 422
        assert said in again.text or said.replace(",", "") in again.text
        assert ("My title" in again.text) is ("title" not in wrong)
        assert stored(select(Topic.id)) == []
        assert circle.member.post(f"{circle.home}/topics/new", form).status_code == 303

    def test_line_breaks_count_as_the_page_counted_them(self, circle: Any, stored: Any) -> None:
        circle.start(circle.member, body="x\r\n" * 10_000)
        assert stored(select(Post.body))[0].body == ("x\n" * 10_000).strip()

    def test_a_character_no_database_can_hold_is_left_out(self, circle: Any, stored: Any) -> None:
        circle.start(circle.member, title="a\x00b", body="c\x00d")
        assert (stored(select(Topic.title))[0][0], stored(select(Post.body))[0][0]) == ("ab", "cd")


class TestAnswering:
    def test_an_answer_says_whom_it_answers(self, circle: Any, topic: UUID, post: UUID, stored: Any, said: Any) -> None:
        page = circle.facilitator.get(f"/topics/{topic}?reply_to={post}")
        assert "Your answer to Person 2" in said(page)
        answer = circle.say(circle.facilitator, topic, "Mine", reply_to=str(post))
        assert stored(select(Post.reply_to_id).where(Post.id == answer))[0].reply_to_id == post
        assert "in answer to Person 2" in said(circle.member.get(f"/topics/{topic}"))

    def test_an_answer_to_a_post_of_another_topic_is_a_plain_post(
        self, circle: Any, topic: UUID, post: UUID, stored: Any, events: Any
    ) -> None:
        elsewhere = circle.start(circle.member)
        for reply_to in (str(post), str(uuid4())):
            answer = circle.say(circle.member, elsewhere, reply_to=reply_to)
            assert stored(select(Post.reply_to_id).where(Post.id == answer))[0].reply_to_id is None
        assert events("post.written")[-1].facts["reply_to"] is None

    def test_the_same_form_sent_twice_is_one_post(self, circle: Any, topic: UUID, stored: Any, events: Any) -> None:
        assert circle.say(circle.member, topic, form_key=KEY) == circle.say(circle.member, topic, form_key=KEY)
        assert stored(select(Topic.posts))[0].posts == len(stored(select(Post.id))) == 2
        assert len(events("post.written")) == 1

    def test_two_people_may_have_the_same_key(self, circle: Any, topic: UUID) -> None:
        assert circle.say(circle.member, topic, form_key=KEY) != circle.say(circle.facilitator, topic, form_key=KEY)

    def test_an_empty_answer_is_shown_again(self, circle: Any, topic: UUID, stored: Any) -> None:
        again = circle.member.post(f"/topics/{topic}", {"body": " ", "form_key": KEY})
        assert again.status_code == 422
        assert "Please fill this in." in again.text
        assert KEY in again.text
        assert len(stored(select(Post.id))) == 1

    def test_mentions_are_members_told_in_the_event(self, circle: Any, topic: UUID, events: Any) -> None:
        circle.joined("3", name='Anna "Annie" O\'Neil & Söhne')
        circle.joined("4", name="Ana")
        circle.joined("5", name="Ana Marija")
        circle.joined("6", course="77", name="Stranger Here")
        circle.joined("7", name="Twin Name")
        circle.joined("8", name="Twin Name")
        body = '@Anna "Annie" O\'Neil & Söhne, @Ana Marija, @Stranger Here, @Twin Name, x@Ana and `@Ana`'
        circle.say(circle.member, topic, body)
        page = circle.member.get(f"/topics/{topic}").text
        [event] = events("post.written")
        assert event.facts["mentions"] == sorted([str(circle.person("3")), str(circle.person("5"))])
        assert page.count('class="mention"') == 2


class TestChanging:
    def test_an_edit_keeps_how_it_read_before(
        self, circle: Any, topic: UUID, post: UUID, clock: Any, events: Any, stored: Any
    ) -> None:
        assert "First words" in circle.member.get(f"/posts/{post}/edit").text
        for words in ("Second words", "Third words"):
            clock.move(minutes=1)
            circle.member.post(f"/posts/{post}/edit", {"body": words})
        assert "Third words" in circle.facilitator.get(f"/topics/{topic}").text
        history = circle.facilitator.get(f"/posts/{post}/history").text
        assert history.index("Third words") < history.index("Second words") < history.index("First words")
        assert [event.actor_id for event in events("post.edited")] == [circle.person("2")] * 2
        assert stored(select(Post.edited_at).where(Post.id == post))[0].edited_at == clock()

    def test_an_edit_that_changes_nothing_is_none(self, circle: Any, post: UUID, events: Any, stored: Any) -> None:
        circle.member.post(f"/posts/{post}/edit", {"body": " First words "})
        assert events("post.edited") == []
        assert stored(select(PostVersion.id)) == []

    def test_only_the_author_changes_words(self, circle: Any, post: UUID, stored: Any) -> None:
        refused = circle.facilitator.post(f"/posts/{post}/edit", {"body": "Put in their mouth"})
        assert refused.status_code == 403
        assert "Put in their mouth" in refused.text
        assert stored(select(Post.body).where(Post.id == post))[0].body == "First words"

    def test_an_empty_change_is_shown_again(self, circle: Any, post: UUID) -> None:
        again = circle.member.post(f"/posts/{post}/edit", {"body": ""})
        assert (again.status_code, "Please fill this in." in again.text) == (422, True)

    def test_a_post_taken_back_meanwhile_stays_taken_back(
        self, circle: Any, post: UUID, house: Any, stored: Any, events: Any
    ) -> None:
        who = actor(circle, "2")
        with house.database.read() as connection:
            loaded = load_post(connection, who, post).thing  # type: ignore[union-attr]
        for _ in range(2):
            with house.database.write() as session:
                actions.delete_post(session, who, loaded)
        for late in (
            lambda session: actions.edit_post(session, who, loaded, EditForm(body="Back again")),
            lambda session: actions.react(session, who, loaded, actions.ReactionKind.TRIED),
        ):
            with pytest.raises(actions.AlreadyTakenBack), house.database.write() as session:
                late(session)
        assert stored(select(Post.body).where(Post.id == post))[0].body == ""
        assert stored(select(PostVersion.id)) == stored(select(Reaction.kind)) == []
        assert len(events("post.deleted")) == 1

    def test_an_edit_after_another_keeps_both(self, circle: Any, post: UUID, house: Any, stored: Any) -> None:
        who = actor(circle, "2")
        with house.database.read() as connection:
            loaded = load_post(connection, who, post).thing  # type: ignore[union-attr]
        for words in ("Second words", "Third words"):
            with house.database.write() as session:
                actions.edit_post(session, who, loaded, EditForm(body=words))
        assert [row.body for row in stored(select(PostVersion.body).order_by(PostVersion.id))] == [
            "First words",
            "Second words",
        ]


class TestTakingBack:
    def test_a_trace_stays_and_the_words_are_gone(
        self, circle: Any, topic: UUID, post: UUID, stored: Any, events: Any, said: Any
    ) -> None:
        circle.member.post(f"/posts/{post}/edit", {"body": "Changed words"})
        circle.facilitator.post(f"/posts/{post}/reactions", {"reaction": "tried"})
        circle.member.post(f"/posts/{post}/edit", {"body": "Unsent change", "keep": "1"})
        assert "Changed words" in circle.member.get(f"/posts/{post}/delete").text
        answer = circle.member.post(f"/posts/{post}/delete")
        assert answer.status_code == 303
        page = circle.facilitator.get(f"/topics/{topic}")
        assert "Person 2 took this post back." in said(page)
        assert "words" not in page.text.partition("<ol")[2].partition("</ol>")[0]
        kept = stored(select(Post.body, Post.html, Post.deleted_by_id).where(Post.id == post))[0]
        assert tuple(kept) == ("", "", circle.person("2"))
        for table in (PostVersion, Reaction, Draft):
            assert stored(select(func.count()).select_from(table))[0][0] == 0
        assert events("post.deleted")[0].facts["by_author"] is True
        for gone in ("edit", "history", "delete"):
            assert circle.member.get(f"/posts/{post}/{gone}").status_code == 404

    def test_whoever_leads_may_take_a_post_away(self, circle: Any, topic: UUID, post: UUID, events: Any) -> None:
        mentor = circle.joined("9")
        assert mentor.post(f"/posts/{post}/delete").status_code == 403
        circle.give_role("9", Role.MENTOR)
        assert mentor.post(f"/posts/{post}/delete").status_code == 303
        assert "taken away by somebody who leads" in circle.member.get(f"/topics/{topic}").text
        assert events("post.deleted")[0].facts["by_author"] is False

    def test_taking_back_twice_is_one_event(self, circle: Any, post: UUID, events: Any) -> None:
        for _ in range(2):
            circle.member.post(f"/posts/{post}/delete")
        assert len(events("post.deleted")) == 1

    def test_a_change_sent_after_that_is_shown_for_copying(self, circle: Any, post: UUID) -> None:
        circle.member.post(f"/posts/{post}/delete")
        late = circle.member.post(f"/posts/{post}/edit", {"body": "My long change"})
        assert late.status_code == 404
        assert "My long change" in late.text


class TestReacting:
    def test_a_reaction_is_taken_back_by_the_same_button(
        self, circle: Any, topic: UUID, post: UUID, stored: Any, events: Any, said: Any
    ) -> None:
        circle.facilitator.post(f"/posts/{post}/reactions", {"reaction": "tried"})
        assert "Tried it: Person 1" in said(circle.member.get(f"/topics/{topic}"))
        circle.facilitator.post(f"/posts/{post}/reactions", {"reaction": "tried"})
        assert "Tried it: Person 1" not in said(circle.member.get(f"/topics/{topic}"))
        assert stored(select(Reaction.kind)) == []
        assert [event.verb for event in events("reaction.added", "reaction.taken_back")] == [
            "reaction.added",
            "reaction.taken_back",
        ]

    def test_kinds_and_people_do_not_disturb_each_other(self, circle: Any, topic: UUID, post: UUID, said: Any) -> None:
        people = [circle.facilitator, circle.member, *(circle.joined(str(number)) for number in range(3, 7))]
        for person in people:
            person.post(f"/posts/{post}/reactions", {"reaction": "thank_you"})
        circle.member.post(f"/posts/{post}/reactions", {"reaction": "want_to_try"})
        page = said(circle.member.get(f"/topics/{topic}"))
        assert "Thank you: Person 1, Person 2, Person 3, and 3 others" in page
        assert "Want to try: Person 2" in page

    def test_a_reaction_nobody_knows_does_nothing(self, circle: Any, post: UUID, stored: Any) -> None:
        circle.member.post(f"/posts/{post}/reactions", {"reaction": "angry"})
        assert stored(select(Reaction.kind)) == []


ACTS = {
    "topic.started": lambda c, t, p: c.start(c.member),
    "post.written": lambda c, t, p: c.say(c.member, t),
    "post.edited": lambda c, t, p: c.member.post(f"/posts/{p}/edit", {"body": "Other"}),
    "post.deleted": lambda c, t, p: c.member.post(f"/posts/{p}/delete"),
    "reaction.added": lambda c, t, p: c.member.post(f"/posts/{p}/reactions", {"reaction": "tried"}),
    "charter.written": lambda c, t, p: c.member.post(f"{c.home}/charter/edit", {"charter": "C", "based_on": "0"}),
}


@pytest.mark.parametrize("verb", ACTS)
def test_one_action_is_one_event_with_its_actor_and_community(
    circle: Any, topic: UUID, post: UUID, events: Any, verb: str
) -> None:
    before = len(events())
    ACTS[verb](circle, topic, post)
    [event] = events()[before:]
    assert (event.verb, event.actor_id, event.community_id, event.site_id, event.via) == (
        verb,
        circle.person("2"),
        circle.id,
        circle.site_id,
        "page",
    )


TABLES = (Topic, Post, PostVersion, Reaction, Draft, Event)


def test_an_action_that_fails_at_the_end_leaves_neither_row_nor_event(
    circle: Any, topic: UUID, post: UUID, house: Any, stored: Any
) -> None:
    def counted() -> list[int]:
        return [stored(select(func.count()).select_from(table))[0][0] for table in TABLES]

    who, before = actor(circle, "2"), counted()

    def act(session: Any) -> None:
        connection = session.connection()
        community = load_community(connection, who, circle.id).thing  # type: ignore[union-attr]
        seen = load_topic(connection, who, topic).thing  # type: ignore[union-attr]
        loaded = load_post(connection, who, post).thing  # type: ignore[union-attr]
        actions.start_topic(session, who, community, TopicForm(title="T", body="B", purpose=Purpose.AHA, form_key=KEY))
        actions.write_post(session, who, community, seen, PostForm(body="B", form_key="p" * 24))
        actions.edit_post(session, who, loaded, EditForm(body="Other"))
        actions.react(session, who, loaded, actions.ReactionKind.TRIED)
        actions.keep_draft(session, who, f"topic:{topic}", circle.id, "Draft")

    def act_and_fail(session: Any) -> None:
        act(session)
        session.flush()
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError), house.database.write() as session:
        act_and_fail(session)
    assert counted() == before
    with house.database.write() as session:
        act(session)
    assert counted() == [before[0] + 1, before[1] + 2, before[2] + 1, before[3] + 1, before[4] + 1, before[5] + 4]
