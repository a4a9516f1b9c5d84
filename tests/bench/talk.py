"""Communities full of talk, as rows: made for measuring, without asking whether anybody may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from lms_plc.communities.memberships import Because, bring_in
from lms_plc.communities.models import Community, Membership
from lms_plc.core.database import table_of
from lms_plc.core.ids import new_id
from lms_plc.core.text import RENDERER, render
from lms_plc.discussions.models import Post, Topic
from lms_plc.house import House
from lms_plc.people.models import Identity, Person, Seat
from lms_plc.people.registry import meet
from lti.browser import digest

TABLES = (Community, Membership, Person, Identity, Topic, Post)
"""What has grown."""

MARK = "m" * 43
"""What the measuring browser's cookie says."""

BODIES = (
    "In 6b the same four pupils ask all the questions. I tried **slips of paper**, but they tired of them soon.\n\n"
    "- first everybody writes\n- then two compare\n- then we ask\n\nHow is it with you?",
    "What helped me was a *minute of silence* before we talk: everybody writes down a question first. It took three "
    "weeks until the quiet ones dared. I can show it to you on Thursday, come and see.",
    "I measured the time today: after a question I wait two seconds. From tomorrow I count to five.",
    "> everybody writes down a question first\n\nWe did this too, and put the questions on the wall. Two pupils who "
    "never spoke were proud that theirs was chosen. See https://example.org/questions for the sheet we used.",
)


@dataclass(frozen=True, slots=True)
class Talk:
    """What was made: ``topics`` of each community, in their order, and the seat of its first member."""

    communities: Sequence[UUID]
    topics: Sequence[Sequence[UUID]]
    seat: str
    person_id: UUID


def fill(house: House, site_id: UUID, *, communities: int, people: int, topics: int, posts: int) -> Talk:
    """``communities`` of ``people`` members and ``topics`` each, every topic of ``posts``."""
    rendered = [(body, render(body).html) for body in BODIES]
    made, begun = [], []
    start = datetime.now(UTC) - timedelta(days=100)
    for number in range(communities):
        with house.database.write() as session:
            community_id = new_id()
            session.add(Community(id=community_id, site_id=site_id, name=f"Community {number}", created_at=start))
            session.flush()
            names = {f"{number}-{n}": f"Member {n} of {number}" for n in range(people)}
            met = list(meet(session, site_id, names, start).values())
            bring_in(session, site_id, community_id, met, Because(start, "sync"))
            mine = [new_id() for _ in range(topics)]
            for some in _some(mine, 200):
                said = list(_said(some, posts, community_id, met, rendered, start))
                last = {row["topic_id"]: row["id"] for row in said}
                session.execute(
                    insert(table_of(Topic)), [_topic(one, community_id, met[0], last, posts, start) for one in some]
                )
                session.execute(insert(table_of(Post)), said)
            if not made:
                seat = sit(house, session, site_id, met[1])
                first = met[1]
            made.append(community_id)
            begun.append(mine)
    return Talk(made, begun, seat, first)


def fill_one(house: House, talk: Talk, *, posts: int) -> UUID:
    """One more topic of the first community, of ``posts``; its id."""
    start, topic_id = datetime.now(UTC), new_id()
    rendered = [(body, render(body).html) for body in BODIES]
    with house.database.write() as session:
        said = list(_said([topic_id], posts, talk.communities[0], [talk.person_id], rendered, start))
        last = {topic_id: said[-1]["id"]}
        row = _topic(topic_id, talk.communities[0], talk.person_id, last, posts, start)
        session.execute(insert(table_of(Topic)), [row])
        session.execute(insert(table_of(Post)), said)
    return topic_id


def _some(ids: Sequence[UUID], many: int) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), many):
        yield ids[start : start + many]


def _said(
    topics: Sequence[UUID],
    posts: int,
    community_id: UUID,
    people: Sequence[UUID],
    rendered: Sequence[tuple[str, str]],
    start: datetime,
) -> Iterator[dict[str, Any]]:
    for topic_id in topics:
        for number in range(posts):
            body, html = rendered[number % len(rendered)]
            post_id = new_id()
            yield {
                "id": post_id,
                "topic_id": topic_id,
                "community_id": community_id,
                "author_id": people[number % len(people)],
                "body": body,
                "html": html,
                "renderer": RENDERER,
                "form_key": post_id.hex,
                "created_at": start,
            }


def _topic(
    topic_id: UUID, community_id: UUID, author_id: UUID, last: dict[UUID, UUID], posts: int, start: datetime
) -> dict[str, Any]:
    return {
        "id": topic_id,
        "community_id": community_id,
        "author_id": author_id,
        "title": "How do the quiet ones come to ask?",
        "purpose": "question",
        "created_at": start,
        "last_post_id": last[topic_id],
        "posts": posts,
    }


def sit(house: House, session: Any, site_id: UUID, person_id: UUID) -> str:
    """Opens a seat for who measures; its word."""
    at, word = house.clock(), "measured"
    session.add(
        Seat(
            id=new_id(),
            word=word,
            browser_digest=digest(MARK),
            person_id=person_id,
            site_id=site_id,
            opened_at=at,
            expires_at=at + timedelta(hours=12),
        )
    )
    return word
