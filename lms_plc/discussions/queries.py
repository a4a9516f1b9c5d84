"""What can be read of a community's discussions. Each function is one statement unless it says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.models import Community
from lms_plc.communities.standing import read_roles, roles_of
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.discussions.models import Draft, Post, PostVersion, Reaction, ReadMark, Topic
from lms_plc.people.models import Person

TOPICS_A_PAGE = 20
POSTS_A_PAGE = 20
NAMES_SHOWN = 3
LOOKED_THROUGH = 200


@dataclass(frozen=True, slots=True)
class TopicSeen:
    id: UUID
    community_id: UUID
    author_id: UUID
    title: str
    purpose: str
    created_at: datetime
    last_post_id: UUID
    read_to: UUID | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class TopicListed:
    id: UUID
    title: str
    purpose: str
    author: str
    posts: int
    last_post_id: UUID
    last_author: str
    last_at: datetime
    unread: bool


@dataclass(frozen=True, slots=True)
class PostSeen:
    id: UUID
    topic_id: UUID
    community_id: UUID
    author_id: UUID
    author: str
    body: str
    html: str
    renderer: int
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    deleted_by_author: bool
    reply_to_id: UUID | None
    reply_to_author: str | None


@dataclass(frozen=True, slots=True)
class PostLoaded:
    """A post somebody wants to do something with."""

    id: UUID
    topic_id: UUID
    community_id: UUID
    site_id: UUID
    author_id: UUID
    body: str
    deleted_at: datetime | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Reacted:
    """One kind of reaction to one post: by whom (the first few), how many others, and whether I am among them."""

    post_id: UUID
    kind: str
    names: tuple[str, ...]
    others: int
    mine: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A post as a line on the home page."""

    post_id: UUID
    topic_id: UUID
    topic: str
    purpose: str
    author: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftKept:
    place: str
    community_id: UUID
    title: str
    body: str
    changed_at: datetime


@loads("topic", known_by="community.read")
def load_topic(connection: Connection, actor: Actor, topic_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            Topic.id,
            Topic.community_id,
            Topic.author_id,
            Topic.title,
            Topic.purpose,
            Topic.created_at,
            Topic.last_post_id,
            ReadMark.last_post_id,
            *roles_of(actor.person_id, Topic.community_id, actor.at),
        )
        .outerjoin(ReadMark, and_(ReadMark.topic_id == Topic.id, ReadMark.person_id == actor.person_id))
        .where(Topic.id == topic_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = roles_towards(read_roles(membership_state, assigned_roles), is_author=row.author_id == actor.person_id)
    return Loaded(TopicSeen(*(*values, roles)), roles)


@loads("post", known_by="community.read")
def load_post(connection: Connection, actor: Actor, post_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            Post.id,
            Post.topic_id,
            Post.community_id,
            Community.site_id,
            Post.author_id,
            Post.body,
            Post.deleted_at,
            *roles_of(actor.person_id, Post.community_id, actor.at),
        )
        .join(Community, Community.id == Post.community_id)
        .where(Post.id == post_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = roles_towards(read_roles(membership_state, assigned_roles), is_author=row.author_id == actor.person_id)
    return Loaded(PostLoaded(*(*values, roles)), roles)


def topics(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    before: UUID | None = None,
    size: int = TOPICS_A_PAGE,
) -> Page[TopicListed]:
    """The one spoken in last stands first; ``before`` is the last post of the topic the page before ended with."""
    author, last_author, last_post = aliased(Person), aliased(Person), aliased(Post)
    query = (
        select(
            Topic.id,
            Topic.title,
            Topic.purpose,
            author.display_name,
            Topic.posts,
            Topic.last_post_id,
            last_author.display_name,
            last_post.created_at,
            or_(ReadMark.last_post_id.is_(None), ReadMark.last_post_id < Topic.last_post_id),
        )
        .join(author, author.id == Topic.author_id)
        .join(last_post, last_post.id == Topic.last_post_id)
        .join(last_author, last_author.id == last_post.author_id)
        .outerjoin(ReadMark, and_(ReadMark.topic_id == Topic.id, ReadMark.person_id == actor.person_id))
        .where(Topic.community_id == community_id)
        .order_by(Topic.last_post_id.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(Topic.last_post_id < before)
    return cut([TopicListed(*row) for row in connection.execute(query)], size, lambda topic: topic.last_post_id)


def posts(
    connection: Connection, topic_id: UUID, *, after: UUID | None = None, size: int = POSTS_A_PAGE
) -> Page[PostSeen]:
    """In the order they were said; ``after`` is the post the page before ended with."""
    answered, answered_author = aliased(Post), aliased(Person)
    query = (
        select(
            Post.id,
            Post.topic_id,
            Post.community_id,
            Post.author_id,
            Person.display_name,
            Post.body,
            Post.html,
            Post.renderer,
            Post.created_at,
            Post.edited_at,
            Post.deleted_at,
            func.coalesce(Post.deleted_by_id == Post.author_id, False),
            Post.reply_to_id,
            answered_author.display_name,
        )
        .join(Person, Person.id == Post.author_id)
        .outerjoin(answered, answered.id == Post.reply_to_id)
        .outerjoin(answered_author, answered_author.id == answered.author_id)
        .where(Post.topic_id == topic_id)
        .order_by(Post.id)
        .limit(size + 1)
    )
    if after is not None:
        query = query.where(Post.id > after)
    rows: Sequence[Any] = connection.execute(query).all()
    return cut([PostSeen(*row) for row in rows], size, lambda post: post.id)


def post_before(connection: Connection, topic_id: UUID, post_id: UUID) -> UUID | None:
    """The post said just before this one: the key of the page that begins with this one."""
    return connection.execute(
        select(Post.id).where(Post.topic_id == topic_id, Post.id < post_id).order_by(Post.id.desc()).limit(1)
    ).scalar_one_or_none()


def reactions(connection: Connection, actor: Actor, post_ids: Sequence[UUID]) -> list[Reacted]:
    """All reactions to these posts, bounded: three names a kind, and a count of the others."""
    if not post_ids:
        return []
    same = (Reaction.post_id, Reaction.kind)
    first_come = (Reaction.created_at, Reaction.person_id)
    ranked = (
        select(
            Reaction.post_id,
            Reaction.kind,
            Person.display_name.label("name"),
            func.row_number().over(partition_by=same, order_by=first_come).label("place"),
            func.count().over(partition_by=same).label("total"),
            func.max(case((Reaction.person_id == actor.person_id, 1), else_=0)).over(partition_by=same).label("mine"),
        )
        .join(Person, Person.id == Reaction.person_id)
        .where(Reaction.post_id.in_(post_ids))
        .subquery()
    )
    found: dict[tuple[UUID, str], Reacted] = {}
    rows = connection.execute(
        select(ranked).where(ranked.c.place <= NAMES_SHOWN).order_by(ranked.c.post_id, ranked.c.kind, ranked.c.place)
    )
    for row in rows:
        key = (row.post_id, row.kind)
        names = (*(found[key].names if key in found else ()), row.name)
        found[key] = Reacted(row.post_id, row.kind, names, row.total - len(names), bool(row.mine))
    return list(found.values())


def lately(connection: Connection, community_id: UUID, size: int = 5) -> list[Said]:
    rows = connection.execute(
        select(
            Post.id,
            Post.topic_id,
            Topic.title,
            Topic.purpose,
            Person.display_name,
            Post.body,
            Post.created_at,
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Person, Person.id == Post.author_id)
        .where(Post.community_id == community_id, Post.deleted_at.is_(None))
        .order_by(Post.id.desc())
        .limit(size)
    )
    return [Said(*row) for row in rows]


def unread_topics(connection: Connection, actor: Actor, community_id: UUID, size: int = 20) -> list[tuple[UUID, str]]:
    """Topics with something new for this person that somebody else said, the newest first.

    Looks at the topics spoken in last; one that nobody touched for two hundred others is no news.
    """
    latest = (
        select(Topic.id, Topic.title, Topic.last_post_id)
        .where(Topic.community_id == community_id)
        .order_by(Topic.last_post_id.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    last_post = aliased(Post)
    rows = connection.execute(
        select(latest.c.id, latest.c.title)
        .join(last_post, last_post.id == latest.c.last_post_id)
        .outerjoin(ReadMark, and_(ReadMark.topic_id == latest.c.id, ReadMark.person_id == actor.person_id))
        .where(
            last_post.author_id != actor.person_id,
            or_(ReadMark.last_post_id.is_(None), ReadMark.last_post_id < latest.c.last_post_id),
        )
        .order_by(latest.c.last_post_id.desc())
        .limit(size)
    )
    return [(topic_id, title) for topic_id, title in rows]


def versions(connection: Connection, post_id: UUID, size: int = 50) -> list[tuple[str, datetime]]:
    """How the post read before, and until when; the latest first."""
    rows = connection.execute(
        select(PostVersion.body, PostVersion.until)
        .where(PostVersion.post_id == post_id)
        .order_by(PostVersion.id.desc())
        .limit(size)
    )
    return [(body, until) for body, until in rows]


def draft(connection: Connection, actor: Actor, place: str) -> DraftKept | None:
    row = connection.execute(
        select(Draft.place, Draft.community_id, Draft.title, Draft.body, Draft.changed_at).where(
            Draft.person_id == actor.person_id, Draft.place == place
        )
    ).one_or_none()
    return DraftKept(*row) if row else None


def drafts(connection: Connection, actor: Actor, community_id: UUID, size: int = 5) -> list[DraftKept]:
    rows = connection.execute(
        select(Draft.place, Draft.community_id, Draft.title, Draft.body, Draft.changed_at)
        .where(Draft.person_id == actor.person_id, Draft.community_id == community_id)
        .order_by(Draft.changed_at.desc())
        .limit(size)
    )
    return [DraftKept(*row) for row in rows]


def roles_towards(roles: frozenset[Role], *, is_author: bool) -> frozenset[Role]:
    """The roles in a community, and whether one wrote the thing. An author who is not inside has no right to it."""
    return roles - {Role.AUTHOR} | ({Role.AUTHOR} if roles and is_author else frozenset())
