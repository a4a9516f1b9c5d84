"""What can those who lead, and authors, do with a whole conversation, and is anything lost by it?"""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from lms_plc.communities.models import Community
from lms_plc.core.policy import Actor, NotThere, Role, load
from lms_plc.core.things import keeper_of
from lms_plc.discussions import actions, keeping_order
from lms_plc.discussions.forms import PostForm
from lms_plc.discussions.models import Draft, Post, ReadMark, Topic, TopicFollow
from lms_plc.discussions.queries import MOST_PINNED, followers, load_topic

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
TITLES = re.compile(r'class="topic-title">\s*<a href="[^"]+"><bdi>([^<]*)<')
POST = re.compile(r'id="p-([0-9a-f-]{36})"')


@pytest.fixture
def topic(circle: Any) -> UUID:
    return circle.start(circle.member)


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


def titles(circle: Any, who: Any, more: str = "") -> list[str]:
    return TITLES.findall(who.get(f"{circle.home}/topics{more}").text)


def posts(who: Any, topic: object) -> list[str]:
    return POST.findall(who.get(f"/topics/{topic}").text)


def badges(page: Any) -> list[str]:
    return re.findall(r'class="badge[^"]*">([^<]+)<', page.text)


class TestAnswers:
    def test_the_asker_says_what_answered_it_and_may_take_that_back(
        self, circle: Any, topic: UUID, said: Any, events: Any
    ) -> None:
        answer = circle.say(circle.facilitator, topic, "One question at the door.")
        assert circle.member.get(f"/topics/{topic}").text.count("This answered it") == 1
        circle.member.post(f"/topics/{topic}/answer", {"post_id": str(answer)})
        page = circle.facilitator.get(f"/topics/{topic}")
        assert "Answered by Person 1: One question at the door." in said(page)
        assert "answered it" in badges(page)
        assert "answered" in badges(circle.facilitator.get(f"{circle.home}/topics"))
        assert titles(circle, circle.member, "?show=open") == []
        [event] = events("topic.answered")
        assert event.facts == {
            "post_id": str(answer),
            "post_author": str(circle.person("1")),
            "asker": str(circle.person("2")),
        }
        for _ in range(2):
            circle.member.post(f"/topics/{topic}/answer", {"post_id": ""})
        assert len(events("topic.answer_taken_back")) == 1
        assert titles(circle, circle.member, "?show=open") == ["Exit tickets"]

    def test_whoever_leads_may_and_whoever_reads_may_not(self, circle: Any, topic: UUID) -> None:
        answer = circle.say(circle.member, topic)
        other = circle.joined("3")
        assert other.post(f"/topics/{topic}/answer", {"post_id": str(answer)}).status_code == 403
        assert "This answered it" not in other.get(f"/topics/{topic}").text
        assert circle.facilitator.post(f"/topics/{topic}/answer", {"post_id": str(answer)}).status_code == 303

    def test_only_a_question_has_an_answer_and_only_among_its_own_posts(
        self, circle: Any, topic: UUID, stored: Any
    ) -> None:
        insight = circle.start(circle.member, "Waiting", purpose="insight")
        other = circle.say(circle.facilitator, insight)
        assert circle.member.post(f"/topics/{insight}/answer", {"post_id": str(other)}).status_code == 404
        assert circle.member.post(f"/topics/{topic}/answer", {"post_id": str(other)}).status_code == 404
        assert circle.member.post(f"/topics/{topic}/answer", {"post_id": "nonsense"}).status_code == 303
        assert {row.answer_id for row in stored(select(Topic.answer_id))} == {None}

    def test_an_answer_taken_back_is_none(self, circle: Any, topic: UUID, stored: Any) -> None:
        answer = circle.say(circle.facilitator, topic)
        circle.member.post(f"/topics/{topic}/answer", {"post_id": str(answer)})
        circle.facilitator.post(f"/posts/{answer}/delete")
        assert stored(select(Topic.answer_id))[0].answer_id is None


class TestPinning:
    def test_what_is_pinned_stands_first_and_only_once(self, circle: Any, topic: UUID, events: Any) -> None:
        for number in range(25):
            circle.start(circle.member, f"Topic {number}")
        assert "at the top of the list" in circle.facilitator.get(f"/topics/{topic}/pin").text
        for _ in range(2):
            circle.facilitator.post(f"/topics/{topic}/pin", {"wanted": "yes"})
        page = circle.member.get(f"{circle.home}/topics")
        first = TITLES.findall(page.text)
        assert (first[0], len(first), "pinned" in badges(page)) == ("Exit tickets", 21, True)
        older = re.search(r'href="[^"?]+(\?before=[^"]+)"', page.text)
        assert older is not None
        assert titles(circle, circle.member, older[1]) == [f"Topic {number}" for number in (4, 3, 2, 1, 0)]
        assert "Let this conversation go" in circle.facilitator.get(f"/topics/{topic}/pin").text
        circle.facilitator.post(f"/topics/{topic}/pin", {"wanted": "no"})
        assert titles(circle, circle.member)[0] == "Topic 24"
        assert [event.verb for event in events("topic.pinned", "topic.let_go")] == ["topic.pinned", "topic.let_go"]

    def test_few_can_be_and_the_oldest_makes_way(self, circle: Any, clock: Any, stored: Any) -> None:
        begun = [circle.start(circle.member, f"Topic {number}") for number in range(MOST_PINNED + 1)]
        for one in begun:
            clock.move(minutes=1)
            circle.facilitator.post(f"/topics/{one}/pin")
        pinned = stored(select(Topic.id).where(Topic.pinned_at.is_not(None)))
        assert {row.id for row in pinned} == set(begun[1:])


class TestClosing:
    def test_a_closed_topic_says_by_whom_and_takes_no_post(
        self, circle: Any, topic: UUID, said: Any, stored: Any, events: Any
    ) -> None:
        circle.facilitator.post(f"/topics/{topic}", {"body": "Half an answer", "form_key": "k" * 24, "keep": "1"})
        assert "Nobody can write in it any more" in circle.member.get(f"/topics/{topic}/close").text
        for _ in range(2):
            circle.member.post(f"/topics/{topic}/close", {"wanted": "yes"})
        page = circle.facilitator.get(f"/topics/{topic}")
        assert "Person 2 closed this conversation." in said(page)
        assert "Half an answer" in page.text
        assert "<textarea" not in page.text
        late = circle.facilitator.post(f"/topics/{topic}", {"body": "A whole answer", "form_key": "k" * 24})
        assert late.status_code == 303
        assert "A whole answer" in circle.facilitator.get(f"/topics/{topic}").text
        assert len(stored(select(Post.id))) == 1
        assert stored(select(Draft.body))[0].body == "A whole answer"
        assert "closed" in badges(circle.member.get(f"{circle.home}/topics"))
        circle.member.post(f"/topics/{topic}/close", {"wanted": "no"})
        assert "A whole answer</textarea>" in circle.facilitator.get(f"/topics/{topic}").text
        assert [event.verb for event in events("topic.closed", "topic.reopened")] == ["topic.closed", "topic.reopened"]

    def test_what_who_leads_has_closed_its_author_does_not_open(self, circle: Any, topic: UUID) -> None:
        circle.facilitator.post(f"/topics/{topic}/close")
        assert circle.member.get(f"/topics/{topic}/close").status_code == 403
        assert circle.member.post(f"/topics/{topic}/close", {"wanted": "no"}).status_code == 403
        assert "Open again" not in circle.member.get(f"/topics/{topic}").text
        assert "Open this conversation again?" in circle.facilitator.get(f"/topics/{topic}/close").text

    def test_a_post_written_while_somebody_closes_it_is_kept(
        self, circle: Any, topic: UUID, house: Any, monkeypatch: pytest.MonkeyPatch, stored: Any
    ) -> None:
        who = actor(circle, "2")
        with house.database.read() as connection:
            seen = load_topic(connection, who, topic).thing  # type: ignore[union-attr]
        with house.database.write() as session:
            keeping_order.close(session, who, seen, wanted=True)
        community = type("C", (), {"id": circle.id, "site_id": circle.site_id})()
        with pytest.raises(actions.TopicClosed), house.database.write() as session:
            actions.write_post(session, who, community, seen, PostForm(body="Late", form_key="l" * 24))
        assert len(stored(select(Post.id))) == 1


@pytest.fixture
def next_door(circle: Any, stored: Any) -> UUID:
    """Another community the facilitator leads, and the member is not in."""
    found = circle.facilitator.launch("1", course="6", roles=[INSTRUCTOR]).location
    circle.facilitator.post(found, {"name": "Next door"})
    circle.facilitator.launch("1", roles=[INSTRUCTOR])
    return UUID(str(stored(select(Community.id).where(Community.id != circle.id))[0].id))


class TestMoving:
    def test_it_goes_with_its_posts_and_those_left_behind_are_told_nothing(
        self, circle: Any, topic: UUID, next_door: UUID, stored: Any, events: Any
    ) -> None:
        circle.say(circle.facilitator, topic)
        circle.member.post(f"/topics/{topic}", {"body": "Unsent", "form_key": "k" * 24, "keep": "1"})
        page = circle.facilitator.get(f"/topics/{topic}/move").text
        assert "Next door" in page
        assert "Maths circle</option>" not in page
        moved = circle.facilitator.post(f"/topics/{topic}/move", {"to": str(next_door)})
        assert moved.status_code == 303
        assert {row.community_id for row in stored(select(Post.community_id))} == {next_door}
        assert "How do you do it?" in circle.facilitator.get(f"/topics/{topic}").text
        gone, never = circle.member.get(f"/topics/{topic}"), circle.member.get(f"/topics/{circle.id}")
        assert (gone.status_code, gone.text.split("reference")[0]) == (404, never.text.split("reference")[0])
        assert titles(circle, circle.member) == []
        [event] = events("topic.moved")
        assert (event.community_id, event.facts) == (circle.id, {"to": str(next_door)})

    def test_only_to_where_one_leads(self, circle: Any, topic: UUID, next_door: UUID, stored: Any) -> None:
        circle.give_role("2", Role.MENTOR)
        assert "there is none" in circle.member.get(f"/topics/{topic}/move").text
        assert circle.member.post(f"/topics/{topic}/move", {"to": str(next_door)}).status_code == 404
        assert circle.member.post(f"/topics/{topic}/move", {"to": "x"}).status_code == 422
        circle.facilitator.post(f"/topics/{topic}/move", {"to": str(circle.id)})
        assert stored(select(Topic.community_id))[0].community_id == circle.id


class TestSplitting:
    def test_from_a_post_on_it_is_a_topic_and_old_addresses_lead_there(
        self, circle: Any, topic: UUID, stored: Any, events: Any
    ) -> None:
        said = [circle.say(circle.facilitator, topic, f"Post {number}") for number in range(4)]
        circle.member.get(f"/topics/{topic}?from={said[3]}")
        other = circle.joined("3")
        other.get(f"/topics/{topic}")
        circle.say(circle.facilitator, topic, "Post 4")
        circle.member.post(f"/topics/{topic}/answer", {"post_id": str(said[2])})
        assert "Post 1" in circle.facilitator.get(f"/posts/{said[1]}/split").text
        form = {"title": "Something else", "purpose": "insight"}
        first = circle.facilitator.post(f"/posts/{said[1]}/split", form)
        again = circle.facilitator.post(f"/posts/{said[1]}/split", form)
        assert first.location == again.location
        new = urlsplit(first.location).path.rpartition("/")[2]
        assert (len(posts(circle.facilitator, topic)), len(posts(circle.facilitator, new))) == (2, 4)
        rows = stored(select(Topic.id, Topic.posts, Topic.answer_id, Topic.last_post_id))
        counted = {str(row.id): (row.posts, row.answer_id) for row in rows}
        assert counted == {str(topic): (2, None), new: (4, None)}
        led = circle.facilitator.get(f"/topics/{topic}?from={said[2]}")
        assert f"/topics/{new}?from={said[2]}" in led.location
        assert circle.facilitator.get(f"/posts/{said[2]}").location == led.location
        for reader in (circle.member, other):
            page = reader.get(f"{circle.home}/topics").text
            assert page.count('class="jump"') == 1, "one post came after what they had read, in the new one"
        [event] = events("topic.split")
        assert (event.facts["into"], event.facts["post_id"]) == (new, str(said[1]))

    def test_what_begins_a_topic_is_not_split_off(self, circle: Any, topic: UUID, first_post: Any) -> None:
        begins = first_post(topic)
        assert circle.facilitator.get(f"/posts/{begins}/split").status_code == 302
        circle.facilitator.post(f"/posts/{begins}/split", {"title": "T", "purpose": "aha"})
        assert titles(circle, circle.member) == ["Exit tickets"]
        wrong = circle.facilitator.post(f"/posts/{begins}/split", {"title": " ", "purpose": "aha"})
        assert (wrong.status_code, "Please fill this in." in wrong.text) == (422, True)


class TestMerging:
    def merged(self, circle: Any, topic: UUID, into: UUID) -> Any:
        return circle.facilitator.post(f"/topics/{topic}/merge", {"into": str(into)})

    def test_posts_stand_in_the_order_of_time_and_old_addresses_lead_there(
        self, circle: Any, topic: UUID, stored: Any, events: Any
    ) -> None:
        into = circle.start(circle.facilitator, "Tickets again", purpose="insight")
        mixed = [circle.say(circle.member, (topic, into)[number % 2], f"Post {number}") for number in range(4)]
        assert "Tickets again" in circle.facilitator.get(f"/topics/{topic}/merge").text
        circle.facilitator.post(f"/topics/{topic}", {"body": "Begun there", "form_key": "k" * 24, "keep": "1"})
        circle.facilitator.post(f"/topics/{into}", {"body": "Begun here", "form_key": "k" * 24, "keep": "1"})
        circle.member.post(f"/topics/{topic}", {"body": "Member's", "form_key": "k" * 24, "keep": "1"})
        assert self.merged(circle, topic, into).status_code == 303
        shown = posts(circle.member, into)
        assert shown == sorted(shown)
        assert shown[2:] == [str(post) for post in mixed]
        assert circle.member.get(f"/topics/{topic}").location.endswith(f"/topics/{into}")
        assert f"/topics/{into}?from={mixed[0]}" in circle.member.get(f"/topics/{topic}?from={mixed[0]}").location
        assert titles(circle, circle.member) == ["Tickets again"]
        assert stored(select(Topic.posts).where(Topic.id == into))[0].posts == 6
        assert {row.body for row in stored(select(Draft.body))} == {"Begun here\n\nBegun there", "Member's"}
        assert circle.say(circle.member, topic, "To the old address") is not None
        assert posts(circle.member, into)[-1] not in shown
        assert [event.facts for event in events("topic.merged")] == [{"into": str(into)}]

    def test_nothing_unread_looks_read(self, circle: Any, topic: UUID, house: Any, stored: Any) -> None:
        into = circle.start(circle.facilitator, "Tickets again")
        in_old = circle.say(circle.facilitator, topic, "Old, unread")
        circle.say(circle.facilitator, into, "New")
        knows_new, knows_all, knows_old = (circle.joined(subject) for subject in ("3", "4", "5"))
        for reader in (knows_new, knows_all):
            reader.get(f"/topics/{into}")
        knows_all.get(f"/topics/{topic}")
        knows_old.get(f"/topics/{topic}")
        self.merged(circle, topic, into)
        order = [UUID(one) for one in posts(circle.facilitator, into)]
        marks = {
            row.person_id: row.last_post_id
            for row in stored(select(ReadMark.person_id, ReadMark.last_post_id).where(ReadMark.topic_id == into))
        }
        assert circle.person("3") not in marks, "the first post of all is new to them"
        assert marks[circle.person("4")] == order[-1]
        assert marks[circle.person("5")] == order[order.index(in_old) - 2], "up to what stood in the other one"
        assert "new" not in badges(knows_all.get(f"/topics/{into}"))

    def test_a_merged_topic_can_be_merged_further_and_its_first_address_follows(
        self, circle: Any, topic: UUID, stored: Any
    ) -> None:
        second, third = circle.start(circle.member, "Second"), circle.start(circle.member, "Third")
        circle.joined("3").post(f"/topics/{topic}/follow", {"level": "following"})
        self.merged(circle, topic, second)
        self.merged(circle, second, third)
        assert circle.member.get(f"/topics/{topic}").location.endswith(f"/topics/{third}")
        assert stored(select(func.count()).select_from(TopicFollow).where(TopicFollow.topic_id == third))[0][0] == 2

    def test_only_within_a_community_and_not_into_itself(
        self, circle: Any, topic: UUID, next_door: UUID, stored: Any
    ) -> None:
        assert "no other conversation" in circle.facilitator.get(f"/topics/{topic}/merge").text
        elsewhere = circle.start(circle.member)
        circle.facilitator.post(f"/topics/{elsewhere}/move", {"to": str(next_door)})
        assert self.merged(circle, topic, elsewhere).status_code == 404
        assert self.merged(circle, topic, topic).status_code == 303
        assert circle.facilitator.post(f"/topics/{topic}/merge", {}).status_code == 422
        assert {row.merged_into_id for row in stored(select(Topic.merged_into_id))} == {None}


class TestFollowing:
    def level(self, circle: Any, topic: UUID, subject: str) -> str | None:
        with circle.house.database.read() as connection:
            return followers(connection, [topic])[topic].get(circle.person(subject))

    def test_whoever_writes_follows_unless_they_muted_it(self, circle: Any, topic: UUID, said: Any) -> None:
        assert self.level(circle, topic, "2") == "following"
        assert "You follow it." in said(circle.member.get(f"/topics/{topic}"))
        circle.facilitator.post(f"/topics/{topic}/follow", {"level": "muted"})
        circle.say(circle.facilitator, topic)
        assert self.level(circle, topic, "1") == "muted"
        circle.facilitator.post(f"/topics/{topic}/follow", {"level": ""})
        circle.facilitator.post(f"/topics/{topic}/follow", {"level": "loud"})
        assert self.level(circle, topic, "1") is None

    def test_what_is_muted_is_never_new(self, circle: Any, topic: UUID) -> None:
        assert "new" in badges(circle.facilitator.get(f"{circle.home}/topics"))
        circle.facilitator.post(f"/topics/{topic}/follow", {"level": "muted"})
        circle.say(circle.member, topic)
        page = circle.facilitator.get(f"{circle.home}/topics")
        assert badges(page).count("muted") == 1
        assert "new" not in badges(page)
        assert "new" not in badges(circle.facilitator.get(f"/topics/{topic}"))
        assert "something new for you" not in circle.facilitator.get(circle.home).text

    def test_the_log_says_who_asked_and_who_was_answered(self, circle: Any, topic: UUID, events: Any) -> None:
        mine = circle.say(circle.facilitator, topic)
        circle.say(circle.joined("3"), topic, reply_to=str(mine))
        assert [event.facts["asker"] for event in events("post.written")] == [str(circle.person("2"))] * 2
        assert events("post.written")[-1].facts["reply_to_author"] == str(circle.person("1"))


def test_the_posts_of_a_hidden_author_are_not_counted_as_news(circle: Any, topic: UUID, house: Any) -> None:
    with house.database.write() as session:
        session.execute(update(Post).values(hidden_at=house.clock()))
    assert "new" not in badges(circle.facilitator.get(f"{circle.home}/topics"))


def test_what_is_hidden_comes_to_light_by_no_way_round(circle: Any, topic: UUID, house: Any) -> None:
    """Also not by its author, who may lead themselves."""
    mine = circle.start(circle.facilitator, "Mine", "Words that hurt")
    second = circle.say(circle.facilitator, mine, "And more of them")
    keeper = keeper_of("topic")
    assert keeper is not None
    with house.database.write() as session:
        keeper.hide(session, mine, house.clock())
    ways = {
        f"/topics/{mine}/merge": {"into": str(topic)},
        f"/topics/{topic}/merge": {"into": str(mine)},
        f"/topics/{mine}/move": {"to": str(circle.id)},
        f"/posts/{second}/split": {"title": "Apart", "purpose": "insight"},
    }
    for path, form in ways.items():
        assert circle.facilitator.post(path, form).status_code == 403, path
    page = circle.facilitator.get(f"/topics/{mine}").text
    assert "/merge" not in page
    assert circle.member.get(f"/topics/{mine}").status_code == 404
    assert "hurt" not in circle.member.get(f"/topics/{topic}").text


def test_of_two_who_steer_at_once_the_second_changes_nothing(
    circle: Any, topic: UUID, next_door: UUID, house: Any, stored: Any
) -> None:
    """Each decided by the page they saw; what stands when the lock is theirs decides."""
    other, who = circle.start(circle.member, "Other"), actor(circle, "1")
    with house.database.write() as session:
        seen, into = (load(session.connection(), who, "topic", one, "topic.merge") for one in (topic, other))
        away = load(session.connection(), who, "community", next_door, "topic.move")
        here = load(session.connection(), who, "community", circle.id, "topic.move")
        keeping_order.merge(session, who, seen, into)
        keeping_order.merge(session, who, into, seen)
        keeping_order.move(session, who, seen, away)
    assert titles(circle, circle.member) == ["Other"]
    with house.database.write() as session:
        keeping_order.move(session, who, into, away)
        keeping_order.move(session, who, into, here)
        form = PostForm(body="For us alone", form_key="k" * 24)
        with pytest.raises(NotThere):
            actions.write_post(session, who, here, into, form)
    rows = stored(select(Post.community_id, Topic.community_id).join(Topic, Topic.id == Post.topic_id))
    assert {tuple(row) for row in rows} == {(next_door, next_door)}


def test_an_answer_begun_to_a_post_that_was_split_off_leads_to_where_it_is(circle: Any, topic: UUID) -> None:
    post = circle.say(circle.member, topic)
    circle.facilitator.post(f"/posts/{post}/split", {"title": "Apart", "purpose": "insight"})
    answer = circle.member.get(f"/topics/{topic}?reply_to={post}")
    assert (answer.status_code, f"p-{post}" in answer.location) == (302, True)
    assert circle.member.get(f"/topics/{topic}?reply_to={UUID(int=7)}").status_code == 404
