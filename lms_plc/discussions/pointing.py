"""What a topic or a post is to other rooms: a line of their lists, something that can be hidden, words to be found."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import Session, aliased

from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.communities.standing import is_inside
from lms_plc.core import search
from lms_plc.core.activity import Reference
from lms_plc.core.keeping import hide_row, row_keeper, show_row
from lms_plc.core.policy import Actor
from lms_plc.core.text import excerpt
from lms_plc.core.things import Keeper, Thing, keeps, shows
from lms_plc.discussions.models import Draft, Post, PostVersion, Reaction, Topic
from lms_plc.files.actions import take_away
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

_NOT_TAKEN_AWAY = (Topic.deleted_at.is_(None), Topic.hidden_at.is_(None), Topic.merged_into_id.is_(None))
_STANDS = (Post.deleted_at.is_(None), Post.hidden_at.is_(None), *_NOT_TAKEN_AWAY)


@shows("post", N_("Post in a conversation"))
def show_posts(connection: Connection, actor: Actor, post_ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(
            Post.id,
            Post.topic_id,
            Post.community_id,
            Topic.title,
            Post.body,
            Post.author_id,
            Person.display_name,
            Post.created_at,
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Person, Person.id == Post.author_id)
        .where(Post.id.in_(post_ids), *_STANDS, is_inside(actor.person_id, Post.community_id, actor.at))
    )
    return {
        row.id: Thing(
            Reference("post", row.id),
            row.title,
            excerpt(row.body),
            row.author_id,
            row.display_name,
            row.community_id,
            row.created_at,
            "discussions.topic",
            {"topic_id": row.topic_id, "from": row.id},
            f"p-{row.id}",
        )
        for row in rows
    }


@shows("topic", N_("Conversation"))
def show_topics(connection: Connection, actor: Actor, topic_ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """With the beginning of what was said first, if it still stands."""
    first = (
        select(Post.body)
        .where(Post.topic_id == Topic.id, Post.deleted_at.is_(None), Post.hidden_at.is_(None))
        .order_by(Post.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            Topic.id,
            Topic.community_id,
            Topic.title,
            first.label("body"),
            Topic.author_id,
            Person.display_name,
            Topic.created_at,
        )
        .join(Person, Person.id == Topic.author_id)
        .where(Topic.id.in_(topic_ids), *_NOT_TAKEN_AWAY, is_inside(actor.person_id, Topic.community_id, actor.at))
    )
    return {
        row.id: Thing(
            Reference("topic", row.id),
            row.title,
            excerpt(row.body or ""),
            row.author_id,
            row.display_name,
            row.community_id,
            row.created_at,
            "discussions.topic",
            {"topic_id": row.id},
        )
        for row in rows
    }


def erase(session: Session, post_ids: Sequence[UUID], at: datetime, by: UUID | None) -> None:
    """Takes words away for good, and all that hung on them; that there were posts stays."""
    its = {"body": "", "html": "", "deleted_at": at, "deleted_by_id": by}
    session.execute(update(Post).where(Post.id.in_(post_ids)).values(its))
    session.execute(delete(PostVersion).where(PostVersion.post_id.in_(post_ids)))
    session.execute(delete(Reaction).where(Reaction.post_id.in_(post_ids)))
    session.execute(delete(Draft).where(Draft.place.in_([f"post:{post_id}" for post_id in post_ids])))
    session.execute(update(Topic).where(Topic.answer_id.in_(post_ids)).values(answer_id=None))
    for post_id in post_ids:
        take_away(session, Reference("post", post_id))
        search.forget(session, Reference("post", post_id))


def _remove_post(session: Session, post_id: UUID, at: datetime) -> None:
    standing = select(Post.id).where(Post.id == post_id, Post.deleted_at.is_(None)).with_for_update()
    erase(session, session.execute(standing).scalars().all(), at, None)


def _hide_topic(session: Session, topic_id: UUID, at: datetime) -> None:
    hide_row(session, Topic, topic_id, at)
    find_again(session, topic_id)


def _restore_topic(session: Session, topic_id: UUID, at: datetime) -> None:
    show_row(session, Topic, topic_id)
    find_again(session, topic_id)


def _remove_topic(session: Session, topic_id: UUID, at: datetime) -> None:
    """The title goes with what was said in it, and so do begun answers: there is nothing left to answer."""
    session.execute(update(Topic).where(Topic.id == topic_id).values(title="", deleted_at=at, pinned_at=None))
    standing = select(Post.id).where(Post.topic_id == topic_id, Post.deleted_at.is_(None))
    erase(session, session.execute(standing).scalars().all(), at, None)
    session.execute(delete(Draft).where(Draft.place == f"topic:{topic_id}"))


def _words_of_post(connection: Connection, post_id: UUID) -> str | None:
    return connection.execute(select(Post.body).where(Post.id == post_id)).scalar_one_or_none()


def _words_of_topic(connection: Connection, topic_id: UUID) -> str | None:
    """What it begins with; each other post can be reported by itself."""
    first = select(Post.body).where(Post.topic_id == topic_id).order_by(Post.id).limit(1)
    return connection.execute(first).scalar_one_or_none()


keeps("topic", Keeper(_hide_topic, _restore_topic, _remove_topic, _words_of_topic))


def find_again(session: Session, topic_id: UUID) -> None:
    """The posts of a topic after it came elsewhere, was hidden or is shown again."""
    standing = {row.id: row for row in session.execute(_findable().where(Post.topic_id == topic_id))}
    for post_id in session.execute(select(Post.id).where(Post.topic_id == topic_id)).scalars().all():
        if post_id in standing:
            search.put(session, _entry(standing[post_id]))
        else:
            search.forget(session, Reference("post", post_id))


def _findable() -> Any:
    """A topic is found by its title, in the post it begins with."""
    earlier = aliased(Post)
    begins = ~select(earlier.id).where(earlier.topic_id == Post.topic_id, earlier.id < Post.id).exists()
    return (
        select(
            Post.id,
            Community.site_id,
            Post.community_id,
            Post.author_id,
            Topic.title,
            begins.label("begins"),
            Post.html,
            Post.created_at,
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Community, Community.id == Post.community_id)
        .where(*_STANDS)
    )


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference("post", row.id),
        row.site_id,
        row.community_id,
        row.author_id,
        Audience.COMMUNITY.value,
        row.title if row.begins else "",
        search.plain(row.html),
        row.created_at,
    )


FOUND = search.findable("post", Post.id, _findable, _entry)
keeps("post", row_keeper(Post, _remove_post, _words_of_post, found=FOUND))
