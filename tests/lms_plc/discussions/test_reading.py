"""What does somebody see of the conversations: what is new, page by page, nothing lost and nothing twice?"""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from lms_plc.core import text
from lms_plc.discussions.models import Post, ReadMark, Topic

POST = re.compile(r'id="p-([0-9a-f-]{36})"')
TOPIC_LINK = re.compile(r'class="topic-title">\s*<a href="/s/[^/]+/topics/([0-9a-f-]{36})"')
NEXT = re.compile(r'href="/s/[^/]+([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="/s/[^/]+([^"]+)"')


def walk(visitor: Any, path: str, found_on: re.Pattern[str]) -> list[list[str]]:
    """The ids on each page, following the page's own way on."""
    pages = []
    while path:
        page = visitor.get(path.replace("&amp;", "&"))
        assert page.status_code == 200
        pages.append(found_on.findall(page.text))
        way_on = NEXT.search(page.text)
        path = (way_on[1] or way_on[2]) if way_on else ""
        assert len(pages) < 20
    return pages


def test_forty_five_posts_are_read_in_order_without_loss_or_repeat(circle: Any, stored: Any) -> None:
    topic = circle.start(circle.facilitator)
    for number in range(44):
        circle.say(circle.member, topic, f"Post {number}")
    pages = walk(circle.facilitator, f"/topics/{topic}", POST)
    assert [len(page) for page in pages] == [20, 20, 5]
    assert [one for page in pages for one in page] == [str(row.id) for row in stored(select(Post.id).order_by(Post.id))]


def test_forty_five_topics_are_listed_the_latest_first(circle: Any, stored: Any) -> None:
    begun = [str(circle.start(circle.member, f"Topic {number}")) for number in range(45)]
    circle.say(circle.facilitator, begun[7])
    pages = walk(circle.member, f"{circle.home}/topics", TOPIC_LINK)
    assert [len(page) for page in pages] == [20, 20, 5]
    listed = [one for page in pages for one in page]
    assert listed == [begun[7], *(one for one in reversed(begun) if one != begun[7])]


def test_a_post_has_an_address_that_shows_it_on_whatever_page_it_stands(circle: Any) -> None:
    topic = circle.start(circle.facilitator)
    posts = [circle.say(circle.member, topic, f"Post {number}") for number in range(30)]
    page = circle.facilitator.get(f"/topics/{topic}?from={posts[25]}").text
    assert POST.findall(page)[0] == str(posts[25])
    assert "From the beginning" in page
    first = circle.facilitator.get(f"/topics/{topic}?from=nonsense").text
    assert len(POST.findall(first)) == 20


@pytest.mark.parametrize("key", ["", "x", "../..", "%00", "00000000000000000000000000000000g"])
def test_a_key_that_is_none_shows_the_first_page(circle: Any, key: str) -> None:
    topic = circle.start(circle.member)
    for path in (
        f"/topics/{topic}?after={key}",
        f"{circle.home}/topics?before={key}",
        f"{circle.home}/members?after={key}",
    ):
        page = circle.member.get(path)
        assert page.status_code == 200
        assert "Person 2" in page.text


class TestWhatIsNew:
    def test_it_is_marked_until_it_was_read(self, circle: Any) -> None:
        topic = circle.start(circle.facilitator)
        assert "new" in badges(circle.member.get(f"{circle.home}/topics"))
        assert "new" not in badges(circle.facilitator.get(f"{circle.home}/topics"))
        assert "One conversation has something new for you." in circle.member.get(circle.home).text
        assert "new" in badges(circle.member.get(f"/topics/{topic}"))
        assert "new" not in badges(circle.member.get(f"/topics/{topic}"))
        assert "new" not in badges(circle.member.get(f"{circle.home}/topics"))
        assert "something new for you" not in circle.member.get(circle.home).text

    def test_only_what_came_later_is_new_and_never_ones_own(self, circle: Any) -> None:
        topic = circle.start(circle.facilitator)
        circle.member.get(f"/topics/{topic}")
        circle.say(circle.facilitator, topic, "Later")
        assert badges(circle.member.get(f"/topics/{topic}")).count("new") == 1
        circle.say(circle.member, topic, "Mine")
        assert "new" not in badges(circle.member.get(f"{circle.home}/topics"))

    def test_reading_an_older_page_takes_nothing_back(self, circle: Any, stored: Any) -> None:
        topic = circle.start(circle.facilitator)
        for number in range(25):
            circle.say(circle.facilitator, topic, f"Post {number}")
        for page in walk(circle.member, f"/topics/{topic}", POST):
            last = page[-1]
        circle.member.get(f"/topics/{topic}")
        mark = stored(select(ReadMark.last_post_id).where(ReadMark.person_id == circle.person("2")))
        assert [str(row.last_post_id) for row in mark] == [last]


def badges(page: Any) -> list[str]:
    return re.findall(r'class="badge[^"]*">([^<]+)<', page.text)


def test_what_was_said_lately_stands_on_the_first_page(circle: Any) -> None:
    assert "Nobody has said anything here yet" in circle.member.get(circle.home).text
    topic = circle.start(circle.facilitator, "Exit *tickets*", "I **always** ask " + "and ask " * 60)
    post = circle.say(circle.facilitator, topic, "Taken back soon")
    home = circle.member.get(circle.home).text
    assert "I always ask" in home
    assert "Taken back soon" in home
    assert "…" in home
    circle.facilitator.post(f"/posts/{post}/delete")
    assert "Taken back soon" not in circle.member.get(circle.home).text


def test_a_post_rendered_by_an_older_renderer_is_rendered_anew(circle: Any, house: Any) -> None:
    topic = circle.start(circle.member, body="**new**")
    with house.database.write() as session:
        session.execute(update(Post).values(html="<p>old</p>", renderer=text.RENDERER - 1))
    assert "<strong>new</strong>" in circle.member.get(f"/topics/{topic}").text
    with house.database.write() as session:
        session.execute(update(Post).values(renderer=text.RENDERER))
    assert "<p>old</p>" in circle.member.get(f"/topics/{topic}").text


def test_after_posting_one_lands_at_the_post(circle: Any) -> None:
    topic = circle.start(circle.member)
    answer = circle.member.post(f"/topics/{topic}", {"body": "Words", "form_key": "k" * 24})
    landed = urlsplit(answer.location)
    assert landed.fragment.startswith("p-")
    page = circle.member.get(f"{landed.path}?{landed.query}").text
    assert f'id="{landed.fragment}"' in page


def test_a_topic_is_found_by_its_members_alone(circle: Any, stored: Any) -> None:
    topic = circle.start(circle.member)
    stranger = circle.joined("3", course="66")
    assert stranger.get(f"/topics/{topic}").status_code == 404
    assert stored(select(Topic.id))[0].id == topic
