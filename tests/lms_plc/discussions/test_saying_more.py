"""The short ways of saying something, and what others see of it: an aha, a quotation, files, what is hidden, paper."""

import io
import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.search import SearchEntry
from lms_plc.core.things import keeper_of, shown
from lms_plc.discussions.models import Draft, Post, ReadMark, Topic
from lms_plc.discussions.pointing import FOUND

KEY = "k" * 24


@pytest.fixture
def topic(circle: Any) -> UUID:
    return circle.start(circle.facilitator, body="First words")


def keep(house: Any, deed: str, kind: str, thing_id: UUID) -> None:
    keeper = keeper_of(kind)
    assert keeper is not None
    with house.database.write() as session:
        getattr(keeper, deed)(session, thing_id, house.clock())


class TestAha:
    def test_one_line_from_the_first_page_is_a_conversation(
        self, circle: Any, stored: Any, events: Any, said: Any
    ) -> None:
        kept = {"title": "Kept", "body": "A draft of something longer", "purpose": "aha", "form_key": KEY, "keep": "1"}
        circle.member.post(f"{circle.home}/topics/new", kept)
        for page in (circle.member.get(circle.home).text, circle.member.get(f"{circle.home}/topics").text):
            key = re.search(r'/ahas">.*?name="form_key" value="([^"]+)"', page, re.DOTALL)
            assert key is not None
        line = {"line": "  They asked  better questions\n than I did ", "form_key": key[1]}
        sent = [circle.member.post(f"{circle.home}/ahas", line) for _ in range(2)]
        assert sent[0].location == sent[1].location
        [row] = stored(select(Topic.title, Topic.purpose))
        assert tuple(row) == ("They asked better questions than I did", "aha")
        assert len(stored(select(Draft.body))) == len(events("topic.started")) == 1
        assert said(circle.facilitator.get(circle.home)).count("They asked better questions") <= 2

    @pytest.mark.parametrize(("line", "says"), [(" ", "Please fill this in."), ("x" * 201, "at most 200 characters")])
    def test_a_line_that_is_none_is_shown_again(self, circle: Any, stored: Any, line: str, says: str) -> None:
        again = circle.member.post(f"{circle.home}/ahas", {"line": line, "form_key": KEY})
        assert (again.status_code, KEY in again.text, says in again.text) == (422, True, True)
        assert 'href="#f-line"' in again.text
        assert stored(select(Topic.id)) == []


class TestQuoting:
    def test_the_form_begins_with_the_words_and_whose_they_are(self, circle: Any, topic: UUID, said: Any) -> None:
        words = "> older\n\nOne question.\nAt the *door*."
        post = circle.say(circle.joined("3", name="Ana [x] *y*"), topic, words)
        page = circle.member.get(f"/topics/{topic}?from={post}&reply_to={post}&quote=1").text
        assert "\n&gt; **Ana \\[x\\] \\*y\\* wrote:**\n&gt;\n&gt; One question.\n&gt; At the *door*." in page
        assert "older" not in page.partition("<textarea")[2].partition("</textarea>")[0]
        assert f'name="reply_to" value="{post}"' in page

    def test_a_draft_stays_above_it_and_a_long_post_is_cut(self, circle: Any, topic: UUID) -> None:
        post = circle.say(circle.facilitator, topic, "word " * 3000)
        circle.member.post(f"/topics/{topic}", {"body": "Begun", "form_key": KEY, "keep": "1"})
        page = circle.member.get(f"/topics/{topic}?from={post}&reply_to={post}&quote=1").text
        typed = page.partition("<textarea")[2].partition("</textarea>")[0]
        assert "Begun" in typed
        assert len(typed) < 3000


class TestReading:
    def test_everything_can_be_marked_as_read(self, circle: Any, topic: UUID, stored: Any, events: Any) -> None:
        circle.start(circle.facilitator)
        before = len(events())
        assert "Mark all as read" in circle.member.get(f"{circle.home}/topics").text
        for _ in range(2):
            circle.member.post(f"{circle.home}/topics/read")
        assert "Mark all as read" not in circle.member.get(f"{circle.home}/topics").text
        assert len(stored(select(ReadMark.topic_id).where(ReadMark.person_id == circle.person("2")))) == 2
        assert len(events()) == before

    def test_the_way_leads_to_the_first_thing_one_has_not_read(self, circle: Any, topic: UUID) -> None:
        circle.member.get(f"/topics/{topic}")
        new = [circle.say(circle.facilitator, topic, f"Post {number}") for number in range(25)]
        listed = circle.member.get(f"{circle.home}/topics").text
        assert f"/topics/{topic}?from={new[0]}#p-{new[0]}" in listed
        page = circle.member.get(f"/topics/{topic}").text
        assert f'href="#p-{new[0]}">Go to the first new post' in page
        beyond = circle.member.get(f"/topics/{topic}").text
        assert f'?from={new[19]}#p-{new[19]}">Go to the first new post' in beyond

    def test_on_paper_is_the_whole_of_it(self, circle: Any, topic: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
        posts = [circle.say(circle.member, topic, f"Post {number}") for number in range(25)]
        circle.member.post(f"/posts/{posts[0]}/delete")
        page = circle.facilitator.get(f"/topics/{topic}/print").text
        assert page.count('<li id="p-') == 26
        assert "This post was taken back." in page
        monkeypatch.setattr("lms_plc.discussions.queries.POSTS_ON_PAPER", 20)
        page = circle.facilitator.get(f"/topics/{topic}/print").text
        assert "These are 20 posts of more." in page
        rest = re.search(r'href="/s/[^/]+([^"]+)">The rest', page)
        assert rest is not None
        assert circle.facilitator.get(rest[1]).text.count('<li id="p-') == 6


class TestHiding:
    def test_a_hidden_post_is_a_trace_to_all_but_its_author(
        self, circle: Any, topic: UUID, house: Any, said: Any, stored: Any
    ) -> None:
        post = circle.say(circle.member, topic, "Said in temper")
        circle.facilitator.post(f"/topics/{topic}/answer", {"post_id": str(post)})
        for _ in range(2):
            keep(house, "hide", "post", post)
        page = circle.facilitator.get(f"/topics/{topic}")
        assert "This post is hidden for now." in said(page)
        assert "temper" not in page.text + circle.facilitator.get(f"/topics/{topic}/print").text
        assert "temper" not in circle.facilitator.get(f"/topics/{topic}?reply_to={post}&quote=1").text
        assert "temper" not in circle.facilitator.get(f"/posts/{post}/delete").text
        assert "temper" not in circle.facilitator.get(circle.home).text
        own = circle.member.get(f"/topics/{topic}")
        assert "Hidden for now: only you see it. Said in temper" in said(own)
        for path in ("history", "edit"):
            assert circle.member.get(f"/posts/{post}/{path}").status_code == 404
        keep(house, "restore", "post", post)
        assert "Answered by Person 2: Said in temper" in said(circle.facilitator.get(f"/topics/{topic}"))
        keep(house, "remove", "post", post)
        assert "taken away by somebody who leads" in circle.member.get(f"/topics/{topic}").text
        assert stored(select(Post.body).where(Post.id == post))[0].body == ""

    def test_a_hidden_topic_is_there_for_its_author_and_who_leads(
        self, circle: Any, house: Any, said: Any, stored: Any
    ) -> None:
        topic = circle.start(circle.member, "Told in temper")
        other = circle.joined("3")
        keep(house, "hide", "topic", topic)
        assert other.get(f"/topics/{topic}").status_code == 404
        assert "temper" not in other.get(f"{circle.home}/topics").text + other.get(circle.home).text
        assert "Only you and those who lead see it." in said(circle.member.get(f"/topics/{topic}"))
        assert "Only its author and those who lead" in said(circle.facilitator.get(f"/topics/{topic}"))
        assert "hidden for now" in circle.member.get(f"{circle.home}/topics").text
        keep(house, "restore", "topic", topic)
        assert other.get(f"/topics/{topic}").status_code == 200
        circle.say(other, topic, "An answer")
        other.post(f"/topics/{topic}", {"body": "Unsent", "form_key": KEY, "keep": "1"})
        keep(house, "remove", "topic", topic)
        for reader in (circle.member, circle.facilitator, other):
            assert reader.get(f"/topics/{topic}").status_code == 404
        assert {row.body for row in stored(select(Post.body))} == {""}
        assert stored(select(Draft.body)) == []


class TestElsewhere:
    def shown(self, circle: Any, subject: str, *things: Reference) -> dict[Reference, Any]:
        who = Actor(circle.person(subject), circle.site_id, "", circle.house.clock())
        with circle.house.database.read() as connection:
            return shown(connection, who, things)

    def test_only_what_stands_is_shown_and_only_to_those_inside(self, circle: Any, house: Any) -> None:
        topic = circle.start(circle.member, "Exit tickets", "How *do* you?")
        post = circle.say(circle.facilitator, topic, "So.")
        circle.joined("3", course="66")
        things = Reference("topic", topic), Reference("post", post)
        seen = self.shown(circle, "2", *things)
        assert [(seen[one].title, seen[one].excerpt) for one in things] == [
            ("Exit tickets", "How do you?"),
            ("Exit tickets", "So."),
        ]
        assert (seen[things[1]].values["from"], seen[things[1]].anchor) == (post, f"p-{post}")
        assert self.shown(circle, "3", *things) == {}
        keep(house, "hide", "post", post)
        assert set(self.shown(circle, "2", *things)) == {things[0]}
        keep(house, "hide", "topic", topic)
        assert self.shown(circle, "2", *things) == {}

    def found(self, stored: Any) -> set[tuple[str, str]]:
        return {(row.title, row.text) for row in stored(select(SearchEntry.title, SearchEntry.text))}

    def test_words_are_found_as_they_stand(self, circle: Any, house: Any, stored: Any) -> None:
        topic = circle.start(circle.member, "Exit tickets", "How *do* you?")
        post = circle.say(circle.facilitator, topic, "So.")
        begins = ("Exit tickets", "How do you?")
        assert self.found(stored) == {begins, ("", "So.")}
        circle.facilitator.post(f"/posts/{post}/edit", {"body": "Thus."})
        assert self.found(stored) == {begins, ("", "Thus.")}
        keep(house, "hide", "topic", topic)
        assert self.found(stored) == set()
        keep(house, "restore", "topic", topic)
        circle.facilitator.post(f"/posts/{post}/split", {"title": "Of its own", "purpose": "aha"})
        assert self.found(stored) == {begins, ("Of its own", "Thus.")}
        circle.facilitator.post(f"/posts/{post}/delete")
        assert self.found(stored) == {begins}
        with house.database.read() as connection:
            [entry] = FOUND.some(connection, None)
            assert FOUND.some(connection, entry.reference.id) == []


class TestFiles:
    def send(self, who: Any, path: str, **more: Any) -> Any:
        note = (io.BytesIO(b"Three questions.\n"), "questions.txt")
        return who.post(path, {"form_key": KEY, "files": note, **more}, content_type="multipart/form-data")

    def test_a_file_goes_with_a_topic_an_answer_and_a_change(self, circle: Any, topic: UUID, first_post: Any) -> None:
        begun = self.send(circle.member, f"{circle.home}/topics/new", title="T", body="B", purpose="insight")
        page = circle.facilitator.get("/topics/" + urlsplit(begun.location).path.rpartition("/")[2]).text
        assert "questions.txt" in page
        rejected = self.send(circle.member, f"/topics/{topic}", body=" ")
        kept = re.search(r'name="file_ids" value="([^"]+)"', rejected.text)
        assert (rejected.status_code, kept is not None) == (422, True)
        assert kept is not None
        answered = circle.member.post(f"/topics/{topic}", {"body": "Look", "form_key": KEY + "2", "file_ids": kept[1]})
        post = UUID(answered.location.rpartition("p-")[2])
        page = circle.facilitator.get(f"/topics/{topic}").text
        address = re.search(r'href="/s/[^/]+(/files/[^"]+)"', page)
        assert address is not None
        assert circle.facilitator.get(address[1]).data == b"Three questions.\n"
        assert circle.joined("3", course="66").get(address[1]).status_code == 404
        form = circle.member.get(f"/posts/{post}/edit").text
        assert kept[1] in form
        circle.member.post(f"/posts/{post}/edit", {"body": "Look", "file_ids": kept[1], "drop_file": kept[1]})
        assert "questions.txt" not in circle.facilitator.get(f"/topics/{topic}").text

    def test_a_look_at_how_it_will_be_sends_nothing(self, circle: Any, topic: UUID, stored: Any) -> None:
        form = {"title": "", "body": "**Loud**", "purpose": "aha", "form_key": KEY, "preview": "body"}
        post = stored(select(Post.id))[0].id
        own = circle.facilitator
        for path in (f"{circle.home}/topics/new", f"/topics/{topic}", f"/posts/{post}/edit"):
            page = own.post(path, form)
            assert (page.status_code, "<strong>Loud</strong>" in page.text) == (200, True)
            assert "**Loud**</textarea>" in page.text
        assert len(stored(select(Post.id))) == 1
