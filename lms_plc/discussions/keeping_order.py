"""What those who lead do with a whole topic, and what its author may: mark the answer, pin, close, move, split, merge.

Nothing that was said is lost by any of it, and every old address leads to the new place.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.discussions.forms import Level, Purpose, SplitForm
from lms_plc.discussions.models import Draft, Post, ReadMark, Topic, TopicFollow
from lms_plc.discussions.pointing import find_again
from lms_plc.discussions.queries import MOST_PINNED, PostLoaded, TopicSeen


def mark_answer(session: Session, actor: Actor, topic: TopicSeen, post: PostLoaded | None) -> None:
    """This post answered the question; or none did, after all."""
    if _held(session, topic.id).answer_id == (post.id if post else None):
        return
    session.execute(update(Topic).where(Topic.id == topic.id).values(answer_id=post.id if post else None))
    if post is None:
        _record(session, "topic.answer_taken_back", actor, topic, {})
        return
    facts = {"post_id": str(post.id), "post_author": str(post.author_id), "asker": str(topic.author_id)}
    _record(session, "topic.answered", actor, topic, facts)


def pin(session: Session, actor: Actor, topic: TopicSeen, *, wanted: bool) -> None:
    """Above the list, or back in its place. Few can stand above: the one that stood there longest makes way."""
    if (_held(session, topic.id).pinned_at is not None) == wanted:
        return
    session.execute(update(Topic).where(Topic.id == topic.id).values(pinned_at=actor.at if wanted else None))
    if wanted:
        others = (
            select(Topic.id)
            .where(Topic.community_id == topic.community_id, Topic.pinned_at.is_not(None), Topic.id != topic.id)
            .order_by(Topic.pinned_at.desc(), Topic.id.desc())
            .offset(MOST_PINNED - 1)
            .limit(MOST_PINNED)
        )
        too_many = session.execute(others).scalars().all()
        session.execute(update(Topic).where(Topic.id.in_(too_many)).values(pinned_at=None))
    _record(session, "topic.pinned" if wanted else "topic.let_go", actor, topic, {})


def close(session: Session, actor: Actor, topic: TopicSeen, *, wanted: bool) -> None:
    """It takes no more posts, or takes them again."""
    if (_held(session, topic.id).closed_at is not None) == wanted:
        return
    closed = {"closed_at": actor.at, "closed_by_id": actor.person_id}
    session.execute(update(Topic).where(Topic.id == topic.id).values(closed if wanted else dict.fromkeys(closed)))
    _record(session, "topic.closed" if wanted else "topic.reopened", actor, topic, {})


def move(session: Session, actor: Actor, topic: TopicSeen, to: CommunitySeen) -> None:
    """To another community, with everything said in it. The event stands where it left; only its facts say where to."""
    stands = _held(session, topic.id)
    if stands.merged_into_id or stands.community_id == to.id or stands.community_id != topic.community_id:
        return
    posts = select(Post.id).where(Post.topic_id == topic.id)
    places = [f"topic:{topic.id}", *(f"post:{post_id}" for post_id in session.execute(posts).scalars())]
    session.execute(update(Draft).where(Draft.place.in_(places)).values(community_id=to.id))
    session.execute(update(Post).where(Post.topic_id == topic.id).values(community_id=to.id))
    session.execute(update(Topic).where(Topic.merged_into_id == topic.id).values(community_id=to.id))
    session.execute(update(Topic).where(Topic.id == topic.id).values(community_id=to.id, pinned_at=None))
    find_again(session, topic.id)
    _record(session, "topic.moved", actor, topic, {"to": str(to.id)})


def split(session: Session, actor: Actor, topic: TopicSeen, post: PostLoaded, form: SplitForm) -> UUID:
    """From this post on it is a topic of its own. Whoever had read so far has read so far in both. A post that begins
    its topic has nothing to be split from; the same form sent twice comes here too, and changes nothing."""
    stands = _held(session, topic.id)
    earlier = select(func.count()).where(Post.topic_id == topic.id, Post.id < post.id)
    stay = session.execute(earlier).scalar_one()
    if not stay:
        return topic.id
    last = select(Post.id).where(Post.topic_id == topic.id, Post.id < post.id).order_by(Post.id.desc()).limit(1)
    last_that_stays = session.execute(last).scalar_one()
    new_topic = new_id()
    session.execute(
        insert(Topic).values(
            id=new_topic,
            community_id=topic.community_id,
            author_id=post.author_id,
            title=form.title,
            purpose=form.purpose.value,
            created_at=post.created_at,
            last_post_id=stands.last_post_id,
            posts=stands.posts - stay,
        )
    )
    session.execute(update(Post).where(Post.topic_id == topic.id, Post.id >= post.id).values(topic_id=new_topic))
    answer_goes = stands.answer_id is not None and stands.answer_id >= post.id
    session.execute(
        update(Topic)
        .where(Topic.id == topic.id)
        .values(last_post_id=last_that_stays, posts=stay, answer_id=None if answer_goes else stands.answer_id)
    )
    for copied, condition in (
        (ReadMark, ReadMark.last_post_id >= post.id),
        (TopicFollow, TopicFollow.level.is_not(None)),
    ):
        columns = [column for column in copied.__table__.c if column.name != "topic_id"]
        rows = session.execute(select(*columns).where(copied.topic_id == topic.id, condition)).mappings().all()
        if rows:
            session.execute(insert(copied), [{**row, "topic_id": new_topic} for row in rows])
    find_again(session, new_topic)
    facts = {"into": str(new_topic), "post_id": str(post.id), "purpose": form.purpose.value}
    _record(session, "topic.split", actor, topic, facts)
    return new_topic


def merge(session: Session, actor: Actor, topic: TopicSeen, into: TopicSeen) -> None:
    """Everything said in ``topic`` stands in ``into``, in the order of time; its own address leads there."""
    if topic.id == into.id or topic.community_id != into.community_id:
        return
    held = [_held(session, one) for one in sorted((topic.id, into.id))]
    if any(one.merged_into_id or one.deleted_at or one.community_id != topic.community_id for one in held):
        return  # somebody else merged, moved or removed one of them just now
    _merge_marks(session, topic.id, into.id)
    _merge_follows(session, topic.id, into.id)
    _merge_drafts(session, topic.id, into.id)
    session.execute(update(Post).where(Post.topic_id == topic.id).values(topic_id=into.id))
    answer = topic.answer_id if into.purpose == Purpose.QUESTION.value else None
    session.execute(
        update(Topic)
        .where(Topic.id == into.id)
        .values(
            last_post_id=max(topic.last_post_id, into.last_post_id),
            posts=select(func.count()).where(Post.topic_id == into.id).scalar_subquery(),
            answer_id=into.answer_id or answer,
        )
    )
    session.execute(
        update(Topic)
        .where((Topic.id == topic.id) | (Topic.merged_into_id == topic.id))
        .values(merged_into_id=into.id, pinned_at=None, answer_id=None)
    )
    find_again(session, into.id)
    _record(session, "topic.merged", actor, topic, {"into": str(into.id)})


def _merge_marks(session: Session, topic_id: UUID, into_id: UUID) -> None:
    """One mark tells how far somebody has read, so it goes to just before the first thing they have not: some of what
    they know may look new again, but nothing new looks read."""
    said: dict[UUID, list[tuple[UUID, UUID]]] = {topic_id: [], into_id: []}
    posts = select(Post.topic_id, Post.id, Post.author_id).where(Post.topic_id.in_(said)).order_by(Post.id)
    for place, post_id, author_id in session.execute(posts):
        said[place].append((post_id, author_id))
    marks: dict[UUID, dict[UUID, UUID]] = {}
    for mark in session.execute(
        select(ReadMark.person_id, ReadMark.topic_id, ReadMark.last_post_id).where(ReadMark.topic_id.in_(said))
    ):
        marks.setdefault(mark.person_id, {})[mark.topic_id] = mark.last_post_id
    session.execute(delete(ReadMark).where(ReadMark.topic_id.in_(said)))
    order = sorted(post_id for posts in said.values() for post_id, _ in posts)
    rows = [
        {"person_id": person_id, "topic_id": into_id, "last_post_id": read_to}
        for person_id, read in marks.items()
        if (read_to := _read_to(order, said, person_id, read)) is not None
    ]
    if rows:
        session.execute(insert(ReadMark), rows)


def _read_to(
    order: Sequence[UUID],
    said: Mapping[UUID, Sequence[tuple[UUID, UUID]]],
    person_id: UUID,
    read: Mapping[UUID, UUID],
) -> UUID | None:
    unread = []
    for place, posts in said.items():
        ids = [post_id for post_id, _ in posts]
        start = bisect_right(ids, read[place]) if place in read else 0
        unread += [post_id for post_id, author_id in posts[start:] if author_id != person_id][:1]
    known = bisect_left(order, min(unread)) if unread else len(order)
    return order[known - 1] if known else None


def _merge_follows(session: Session, topic_id: UUID, into_id: UUID) -> None:
    """Whoever followed the one follows both together, unless they muted the other."""
    following = select(TopicFollow.person_id, TopicFollow.level, TopicFollow.changed_at).where(
        TopicFollow.topic_id == topic_id, TopicFollow.level == Level.FOLLOWING.value
    )
    rows = [{**row, "topic_id": into_id} for row in session.execute(following).mappings()]
    if rows:
        nothing = upsert(session, TopicFollow).on_conflict_do_nothing(index_elements=["person_id", "topic_id"])
        session.execute(nothing, rows)
    session.execute(delete(TopicFollow).where(TopicFollow.topic_id == topic_id))


def _merge_drafts(session: Session, topic_id: UUID, into_id: UUID) -> None:
    """An unsent text goes along; who has two finds the one below the other."""
    old, new = f"topic:{topic_id}", f"topic:{into_id}"
    there = {row.person_id: row.body for row in session.execute(_drafts_at(new))}
    for person_id, body in session.execute(_drafts_at(old)).all():
        mine = (Draft.person_id == person_id, Draft.place == old)
        if person_id not in there:
            session.execute(update(Draft).where(*mine).values(place=new))
            continue
        both = f"{there[person_id]}\n\n{body}"
        session.execute(update(Draft).where(Draft.person_id == person_id, Draft.place == new).values(body=both))
        session.execute(delete(Draft).where(*mine))


def _drafts_at(place: str) -> Any:
    return select(Draft.person_id, Draft.body).where(Draft.place == place)


def _held(session: Session, topic_id: UUID) -> Topic:
    """The topic as it stands, kept so until we are done."""
    stands: Topic = session.execute(
        select(
            Topic.community_id,
            Topic.last_post_id,
            Topic.posts,
            Topic.pinned_at,
            Topic.closed_at,
            Topic.answer_id,
            Topic.merged_into_id,
            Topic.deleted_at,
        )
        .where(Topic.id == topic_id)
        .with_for_update()
    ).one()  # type: ignore[assignment]
    return stands


def _record(session: Session, verb: str, actor: Actor, topic: TopicSeen, facts: Mapping[str, object]) -> None:
    record_by(
        session,
        actor,
        verb,
        Reference("topic", topic.id),
        site_id=topic.site_id,
        community_id=topic.community_id,
        facts=facts,
    )
