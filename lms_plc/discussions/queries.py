"""What can be read of a community's discussions. Each function is one statement unless it says otherwise."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from lms_plc.communities.lines import HERE
from lms_plc.communities.models import Community, RoleAssignment
from lms_plc.communities.standing import in_force, is_inside, read_roles, roles_of, towards
from lms_plc.core.database import Prepared, fetch
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import DATED, Actor, Loaded, Role, loads
from lms_plc.discussions.forms import Level, Purpose
from lms_plc.discussions.models import Draft, Post, PostVersion, Reaction, ReadMark, Topic, TopicFollow
from lms_plc.files.models import File
from lms_plc.people.models import Person

TOPICS_A_PAGE = 20
POSTS_A_PAGE = 20
POSTS_ON_PAPER = 500
MOST_PINNED = 5
TO_CHOOSE_FROM = 100
NAMES_SHOWN = 3


_ME: Any = HERE.person_id
_NOW: Any = HERE.at
_BEFORE_ALL, _BEHIND_ALL = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class TopicSeen:
    """A topic as somebody sees it. ``level`` is how much they want to hear of it, ``first_unread`` the first thing
    somebody else said that they have not read."""

    id: UUID
    community_id: UUID
    site_id: UUID
    author_id: UUID
    title: str
    purpose: str
    created_at: datetime
    last_post_id: UUID
    posts: int
    pinned_at: datetime | None
    closed_at: datetime | None
    closed_by_id: UUID | None
    closed_by: str | None
    answer_id: UUID | None
    answered_by: str | None
    answer: str | None
    hidden_at: datetime | None
    level: str | None
    read_to: UUID | None
    first_unread: UUID | None
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
    pinned: bool
    closed: bool
    answered: bool
    hidden: bool
    muted: bool
    first_unread: UUID | None


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """A topic as one of those to choose from."""

    id: UUID
    title: str
    posts: int


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
    hidden_at: datetime | None
    reply_to_id: UUID | None
    reply_to_author: str | None
    has_files: bool


@dataclass(frozen=True, slots=True)
class PostLoaded:
    """A post somebody wants to do something with."""

    id: UUID
    topic_id: UUID
    community_id: UUID
    site_id: UUID
    author_id: UUID
    author: str
    body: str
    created_at: datetime
    deleted_at: datetime | None
    hidden_at: datetime | None
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
class DraftKept:
    place: str
    community_id: UUID
    title: str
    body: str
    changed_at: datetime


def _first_unread() -> Any:
    """For a select of topics with one's ReadMark and TopicFollow: what is muted is never new."""
    unread = aliased(Post)
    return (
        select(unread.id)
        .where(
            unread.topic_id == Topic.id,
            unread.id > func.coalesce(ReadMark.last_post_id, literal(_BEFORE_ALL, Uuid())),
            unread.author_id != HERE.person_id,
            unread.deleted_at.is_(None),
            unread.hidden_at.is_(None),
            func.coalesce(TopicFollow.level, "") != Level.MUTED.value,
        )
        .order_by(unread.id)
        .limit(1)
        .correlate(Topic, ReadMark, TopicFollow)
        .scalar_subquery()
    )


def _with_mine(topics: Any) -> Any:
    """How far I have read each topic, and how much I want to hear of it."""
    return topics.outerjoin(
        ReadMark, and_(ReadMark.topic_id == Topic.id, ReadMark.person_id == HERE.person_id)
    ).outerjoin(TopicFollow, and_(TopicFollow.topic_id == Topic.id, TopicFollow.person_id == HERE.person_id))


def _select_topic() -> Any:
    answer, answerer, closer, old = aliased(Post), aliased(Person), aliased(Person), aliased(Topic)
    asked = bindparam("topic", type_=Uuid())
    merged_into = select(old.merged_into_id).where(old.id == asked).scalar_subquery()
    return _with_mine(
        select(
            Topic.id,
            Topic.community_id,
            Community.site_id,
            Topic.author_id,
            Topic.title,
            Topic.purpose,
            Topic.created_at,
            Topic.last_post_id,
            Topic.posts,
            Topic.pinned_at,
            Topic.closed_at,
            Topic.closed_by_id,
            closer.display_name.label("closed_by"),
            answer.id.label("answer_id"),
            answerer.display_name.label("answered_by"),
            answer.body.label("answer"),
            Topic.hidden_at,
            TopicFollow.level,
            ReadMark.last_post_id.label("read_to"),
            _first_unread().label("first_unread"),
            *roles_of(_ME, Topic.community_id, _NOW),
        )
        .join(Community, Community.id == Topic.community_id)
        .outerjoin(closer, closer.id == Topic.closed_by_id)
        .outerjoin(answer, and_(answer.id == Topic.answer_id, answer.deleted_at.is_(None), answer.hidden_at.is_(None)))
        .outerjoin(answerer, answerer.id == answer.author_id)
    ).where(Topic.id == func.coalesce(merged_into, asked), Topic.deleted_at.is_(None))


_TOPIC = Prepared(lambda _: _select_topic())


@loads("topic", known_by="community.read")
def load_topic(connection: Connection, actor: Actor, topic_id: UUID) -> Loaded | None:
    """The topic, or the one it was merged into."""
    rows = fetch(connection, _TOPIC, {"me": actor.person_id, "at": actor.at, "topic": topic_id})
    if not rows:
        return None
    *values, membership_state, assigned_roles = rows[0]
    roles = towards(read_roles(membership_state, assigned_roles), is_author=rows[0].author_id == actor.person_id)
    if rows[0].hidden_at is not None and not roles & (DATED | {Role.AUTHOR}):
        return None
    return Loaded(TopicSeen(*(*values, roles)), roles)


@loads("post", known_by="community.read")
def load_post(connection: Connection, actor: Actor, post_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        _post(*roles_of(actor.person_id, Post.community_id, actor.at), Topic.hidden_at)
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.id == post_id, Topic.deleted_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles, topic_hidden_at = row
    roles = towards(read_roles(membership_state, assigned_roles), is_author=row.author_id == actor.person_id)
    if topic_hidden_at is not None and not roles & (DATED | {Role.AUTHOR}):
        return None
    return Loaded(PostLoaded(*(*values, roles)), roles)


def own_post(connection: Connection, actor: Actor, post_id: UUID) -> PostLoaded | None:
    """What somebody wrote, wherever it stands now, hidden or not, whether they are still there or not: theirs to take
    back."""
    row: Any = connection.execute(_post().where(Post.id == post_id, Post.author_id == actor.person_id)).one_or_none()
    return PostLoaded(*(*row, frozenset())) if row else None


def _post(*more: Any) -> Select[Any]:
    """The columns of ``PostLoaded`` but for the roles, and these."""
    columns: tuple[Any, ...] = (
        Post.id,
        Post.topic_id,
        Post.community_id,
        Community.site_id,
        Post.author_id,
        Person.display_name,
        Post.body,
        Post.created_at,
        Post.deleted_at,
        Post.hidden_at,
    )
    return (
        select(*columns, *more)
        .join(Community, Community.id == Post.community_id)
        .join(Person, Person.id == Post.author_id)
    )


def topics(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    before: UUID | None = None,
    open_questions: bool = False,
    size: int = TOPICS_A_PAGE,
) -> Page[TopicListed]:
    """The one spoken in last stands first, behind those that are pinned; ``before`` is the last post of the topic the
    page before ended with."""
    given = {"me": actor.person_id, "here": community_id, "before": before or _BEHIND_ALL, "size": size + 1}
    rows = fetch(connection, _listing(open_questions=open_questions, first=before is None), given)
    listed = [TopicListed(*row) for row in rows]
    ahead = sum(topic.pinned for topic in listed)
    return cut(listed, size + ahead, lambda topic: topic.last_post_id)


@cache
def _listing(*, open_questions: bool, first: bool) -> Prepared:
    return Prepared(lambda _: _select_topics(open_questions=open_questions, first=first))


def _select_topics(*, open_questions: bool, first: bool) -> Any:
    """Found by the index alone, and only then told of in full. What is pinned stands on the first page only."""
    there = [*_listed(HERE.person_id, HERE.community_id), *([_is_open_question()] if open_questions else [])]
    found: Any = (
        select(Topic.id, literal(1).label("place"))
        .where(*there, Topic.pinned_at.is_(None), Topic.last_post_id < bindparam("before", type_=Uuid()))
        .order_by(Topic.last_post_id.desc())
        .limit(bindparam("size", type_=Integer()))
        .subquery()
    )
    if first:
        pinned = (
            select(Topic.id, literal(0).label("place"))
            .where(*there, Topic.pinned_at.is_not(None))
            .order_by(Topic.pinned_at.desc())
            .limit(MOST_PINNED)
        )
        found = union_all(select(pinned.subquery()), select(found)).subquery()
    author, last_author, last_post = aliased(Person), aliased(Person), aliased(Post)
    return _with_mine(
        select(
            Topic.id,
            Topic.title,
            Topic.purpose,
            author.display_name.label("author"),
            Topic.posts,
            Topic.last_post_id,
            last_author.display_name.label("last_author"),
            last_post.created_at.label("last_at"),
            Topic.pinned_at.is_not(None).label("pinned"),
            Topic.closed_at.is_not(None).label("closed"),
            Topic.answer_id.is_not(None).label("answered"),
            Topic.hidden_at.is_not(None).label("hidden"),
            func.coalesce(TopicFollow.level == Level.MUTED.value, False).label("muted"),
            _first_unread().label("first_unread"),
        )
        .join(found, found.c.id == Topic.id)
        .join(author, author.id == Topic.author_id)
        .join(last_post, last_post.id == Topic.last_post_id)
        .join(last_author, last_author.id == last_post.author_id)
    ).order_by(found.c.place, Topic.last_post_id.desc())


def _listed(person_id: Any, community_id: Any) -> tuple[ColumnElement[bool], ...]:
    """The topics of a community that stand in its list; what is hidden stands there for its author only."""
    return (
        Topic.community_id == community_id,
        Topic.merged_into_id.is_(None),
        Topic.deleted_at.is_(None),
        or_(Topic.hidden_at.is_(None), Topic.author_id == person_id),
    )


def _is_open_question() -> ColumnElement[bool]:
    return and_(Topic.purpose == Purpose.QUESTION.value, Topic.answer_id.is_(None), Topic.closed_at.is_(None))


def choices(connection: Connection, actor: Actor, community_id: UUID, size: int = TO_CHOOSE_FROM) -> list[TopicChoice]:
    """The topics spoken in last, by their titles."""
    rows = connection.execute(
        select(Topic.id, Topic.title, Topic.posts)
        .where(*_listed(actor.person_id, community_id))
        .order_by(Topic.last_post_id.desc())
        .limit(size)
    )
    return [TopicChoice(*row) for row in rows]


def led(connection: Connection, actor: Actor, size: int = TO_CHOOSE_FROM) -> list[tuple[UUID, str]]:
    """Communities this person leads now."""
    rows = connection.execute(
        select(Community.id, Community.name)
        .join(RoleAssignment, RoleAssignment.community_id == Community.id)
        .where(RoleAssignment.person_id == actor.person_id, RoleAssignment.role.in_([role.value for role in DATED]))
        .where(in_force(actor.at), is_inside(actor.person_id, Community.id, actor.at))
        .group_by(Community.id, Community.name)
        .order_by(Community.name, Community.id)
        .limit(size)
    )
    return [(community_id, name) for community_id, name in rows]


def followers(connection: Connection, topics: Collection[UUID]) -> dict[UUID, dict[UUID, str]]:
    """Who follows topics or has muted them: topic → person → ``following`` or ``muted``. Whoever is not here neither
    asked nor declined; a mention or an answer to them is theirs to hear of all the same."""
    rows = connection.execute(
        select(TopicFollow.topic_id, TopicFollow.person_id, TopicFollow.level).where(TopicFollow.topic_id.in_(topics))
    )
    found: dict[UUID, dict[UUID, str]] = {topic: {} for topic in topics}
    for row in rows:
        found[row.topic_id][row.person_id] = row.level
    return found


def authors_of(connection: Connection, topics: Collection[UUID], posts: Collection[UUID]) -> dict[UUID, UUID]:
    """Topic or post → who wrote it."""
    rows = connection.execute(
        union_all(
            select(Topic.id, Topic.author_id).where(Topic.id.in_(topics)),
            select(Post.id, Post.author_id).where(Post.id.in_(posts)),
        )
    )
    return {row.id: row.author_id for row in rows}


def posts(
    connection: Connection, topic_id: UUID, *, after: UUID | None = None, size: int = POSTS_A_PAGE
) -> Page[PostSeen]:
    """In the order they were said; ``after`` is the post the page before ended with."""
    rows = fetch(connection, _POSTS, {"topic": topic_id, "after": after or _BEFORE_ALL, "size": size + 1})
    return cut([PostSeen(*row) for row in rows], size, lambda post: post.id)


def _select_posts() -> Any:
    answered, answered_author = aliased(Post), aliased(Person)
    return (
        select(
            Post.id,
            Post.topic_id,
            Post.community_id,
            Post.author_id,
            Person.display_name.label("author"),
            Post.body,
            Post.html,
            Post.renderer,
            Post.created_at,
            Post.edited_at,
            Post.deleted_at,
            func.coalesce(Post.deleted_by_id == Post.author_id, False).label("deleted_by_author"),
            Post.hidden_at,
            Post.reply_to_id,
            answered_author.display_name.label("reply_to_author"),
            exists().where(File.thing_kind == "post", File.thing_id == Post.id).label("has_files"),
        )
        .join(Person, Person.id == Post.author_id)
        .outerjoin(answered, answered.id == Post.reply_to_id)
        .outerjoin(answered_author, answered_author.id == answered.author_id)
        .where(Post.topic_id == bindparam("topic", type_=Uuid()), Post.id > bindparam("after", type_=Uuid()))
        .order_by(Post.id)
        .limit(bindparam("size", type_=Integer()))
    )


_POSTS = Prepared(lambda _: _select_posts())


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a post stands in a topic: whether it does at all, among the first page's, and which one is before it."""

    here: bool
    on_first_page: bool
    before: UUID | None


def where_it_stands(connection: Connection, topic_id: UUID, post_id: UUID) -> Stands:
    in_topic = select(Post.id).where(Post.topic_id == topic_id)
    row = connection.execute(
        select(
            in_topic.where(Post.id == post_id).scalar_subquery(),
            in_topic.order_by(Post.id).offset(POSTS_A_PAGE - 1).limit(1).scalar_subquery(),
            in_topic.where(Post.id < post_id).order_by(Post.id.desc()).limit(1).scalar_subquery(),
        )
    ).one()
    here, last_of_first_page, before = row
    return Stands(here is not None, last_of_first_page is None or post_id <= last_of_first_page, before)


def first_post(connection: Connection, topic_id: UUID) -> UUID:
    return connection.execute(select(Post.id).where(Post.topic_id == topic_id).order_by(Post.id).limit(1)).scalar_one()


def reactions(connection: Connection, actor: Actor, posts: Sequence[PostSeen]) -> list[Reacted]:
    """All reactions to a page of posts, bounded: three names a kind, and a count of the others."""
    if not posts:
        return []
    given = {"me": actor.person_id, "topic": posts[0].topic_id, "first": posts[0].id, "last": posts[-1].id}
    found: dict[tuple[UUID, str], Reacted] = {}
    for row in fetch(connection, _REACTIONS, given):
        key = (row.post_id, row.kind)
        names = (*(found[key].names if key in found else ()), row.name)
        found[key] = Reacted(row.post_id, row.kind, names, row.total - len(names), bool(row.mine))
    return list(found.values())


def _select_reactions() -> Any:
    same = (Reaction.post_id, Reaction.kind)
    first_come = (Reaction.created_at, Reaction.person_id)
    first, last = bindparam("first", type_=Uuid()), bindparam("last", type_=Uuid())
    ranked = (
        select(
            Reaction.post_id,
            Reaction.kind,
            Person.display_name.label("name"),
            func.row_number().over(partition_by=same, order_by=first_come).label("place"),
            func.count().over(partition_by=same).label("total"),
            func.max(case((Reaction.person_id == HERE.person_id, 1), else_=0)).over(partition_by=same).label("mine"),
        )
        .join(Person, Person.id == Reaction.person_id)
        .join(Post, Post.id == Reaction.post_id)
        .where(Post.topic_id == bindparam("topic", type_=Uuid()), Post.id >= first, Post.id <= last)
        .subquery()
    )
    return select(ranked).where(ranked.c.place <= NAMES_SHOWN).order_by(ranked.c.post_id, ranked.c.kind, ranked.c.place)


_REACTIONS = Prepared(lambda _: _select_reactions())


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
    rows = fetch(connection, _DRAFT, {"me": actor.person_id, "place": place})
    return DraftKept(*rows[0]) if rows else None


_DRAFT = Prepared(
    lambda _: select(Draft.place, Draft.community_id, Draft.title, Draft.body, Draft.changed_at).where(
        Draft.person_id == HERE.person_id, Draft.place == bindparam("place", type_=String())
    )
)
