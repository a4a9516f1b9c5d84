"""What members can do in a discussion. Each verb checks nothing twice: the view loaded the thing through the policy."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Uuid, delete, insert, literal, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen, mentionable
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, NotThere
from lms_plc.core.text import RENDERER, render
from lms_plc.discussions.forms import AhaForm, EditForm, Level, PostForm, Purpose, ReactionKind, TopicForm
from lms_plc.discussions.models import Draft, Post, PostVersion, Reaction, ReadMark, Topic, TopicFollow
from lms_plc.discussions.pointing import FOUND, erase
from lms_plc.discussions.queries import PostLoaded, TopicSeen

Place = str
"""Where a draft belongs: ``community:<id>`` for a new topic, ``topic:<id>`` for a reply, ``post:<id>`` for an edit."""


class AlreadyTakenBack(Exception):
    """The post was deleted meanwhile; there is nothing left to change."""


class TopicClosed(Exception):
    """The topic takes no more posts; it was closed, perhaps while somebody wrote."""


def start_topic(session: Session, actor: Actor, community: CommunitySeen, form: TopicForm) -> UUID:
    """Starts a topic with its first post. The same form sent twice answers the topic of the first time."""
    topic_id = _begin(session, actor, community, form)
    forget_draft(session, actor, f"community:{community.id}")
    return topic_id


def share_aha(session: Session, actor: Actor, community: CommunitySeen, form: AhaForm) -> UUID:
    """A topic of one line, which is its title and its first post. A draft of another topic stays as it is."""
    said = TopicForm(title=form.line, body=form.line, purpose=Purpose.AHA, form_key=form.form_key)
    return _begin(session, actor, community, said)


def _begin(session: Session, actor: Actor, community: CommunitySeen, form: TopicForm) -> UUID:
    sent_before = _sent_before(session, actor, form.form_key)
    if sent_before is not None:
        return sent_before[0]
    topic_id, post_id = new_id(), new_id()
    session.execute(
        insert(Topic).values(
            id=topic_id,
            community_id=community.id,
            author_id=actor.person_id,
            title=form.title,
            purpose=form.purpose.value,
            created_at=actor.at,
            last_post_id=post_id,
            posts=1,
        )
    )
    mentions = _write(session, actor, post_id, topic_id, community.id, form.body, None, form.form_key)
    if mentions is None:
        session.execute(delete(Topic).where(Topic.id == topic_id))
        return _sent_at_once(session, actor, form.form_key)[0]
    mark_read(session, actor, topic_id, post_id)
    _follow_by_writing(session, actor, topic_id)
    record_by(
        session,
        actor,
        "topic.started",
        Reference("topic", topic_id),
        site_id=community.site_id,
        community_id=community.id,
        facts={"post_id": str(post_id), "purpose": form.purpose.value, "mentions": mentions},
    )
    return topic_id


def write_post(session: Session, actor: Actor, community: CommunitySeen, topic: TopicSeen, form: PostForm) -> UUID:
    """Says something in a topic. The same form sent twice is one post; a draft of it is forgotten with it. Raises
    TopicClosed, NotThere."""
    sent_before = _sent_before(session, actor, form.form_key)
    if sent_before is not None:
        return sent_before[1]
    reply_to, reply_to_author = _in_topic(session, topic.id, form.reply_to)
    post_id = _next_id(session, topic)
    mentions = _write(session, actor, post_id, topic.id, community.id, form.body, reply_to, form.form_key)
    if mentions is None:
        return _sent_at_once(session, actor, form.form_key)[1]
    session.execute(update(Topic).where(Topic.id == topic.id).values(last_post_id=post_id, posts=Topic.posts + 1))
    forget_draft(session, actor, f"topic:{topic.id}")
    mark_read(session, actor, topic.id, post_id)
    _follow_by_writing(session, actor, topic.id)
    record_by(
        session,
        actor,
        "post.written",
        Reference("post", post_id),
        site_id=community.site_id,
        community_id=community.id,
        facts={
            "topic_id": str(topic.id),
            "reply_to": str(reply_to) if reply_to else None,
            "reply_to_author": str(reply_to_author) if reply_to_author else None,
            "asker": str(topic.author_id) if topic.purpose == Purpose.QUESTION.value else None,
            "mentions": mentions,
        },
    )
    return post_id


def edit_post(session: Session, actor: Actor, post: PostLoaded, form: EditForm) -> None:
    """Changes the author's own words; how they read before stays to be seen. Raises AlreadyTakenBack."""
    stands = _lock(session, post.id)
    if stands.deleted_at is not None:
        raise AlreadyTakenBack
    if form.body == stands.body:
        forget_draft(session, actor, f"post:{post.id}")
        return
    rendered = render(form.body, mentionable(session.connection(), post.community_id))
    session.execute(insert(PostVersion).values(id=new_id(), post_id=post.id, body=stands.body, until=actor.at))
    session.execute(
        update(Post)
        .where(Post.id == post.id)
        .values(body=form.body, html=rendered.html, renderer=RENDERER, edited_at=actor.at)
    )
    FOUND.find(session, post.id)
    forget_draft(session, actor, f"post:{post.id}")
    _record_about(session, "post.edited", actor, post, {})


def delete_post(session: Session, actor: Actor, post: PostLoaded) -> None:
    """Takes a post back. Its place stays; its words, how they read before and a begun change of them are gone."""
    if _lock(session, post.id).deleted_at is not None:
        return
    erase(session, [post.id], actor.at, actor.person_id)
    _record_about(session, "post.deleted", actor, post, {"by_author": actor.person_id == post.author_id})


def react(session: Session, actor: Actor, post: PostLoaded, kind: ReactionKind) -> None:
    """Adds the reaction, or takes it back when it is there. Raises AlreadyTakenBack."""
    if _lock(session, post.id).deleted_at is not None:
        raise AlreadyTakenBack
    added = session.execute(
        upsert(session, Reaction)
        .values(post_id=post.id, person_id=actor.person_id, kind=kind.value, created_at=actor.at)
        .on_conflict_do_nothing(index_elements=["post_id", "person_id", "kind"])
        .returning(Reaction.kind)
    ).one_or_none()
    if added is None:
        session.execute(
            delete(Reaction).where(
                Reaction.post_id == post.id,
                Reaction.person_id == actor.person_id,
                Reaction.kind == kind.value,
            )
        )
    verb = "reaction.added" if added else "reaction.taken_back"
    _record_about(session, verb, actor, post, {"kind": kind.value})


def keep_draft(session: Session, actor: Actor, place: Place, community_id: UUID, body: str, title: str = "") -> None:
    """Keeps an unsent text for its writer alone. No event tells of it: what is not said is nobody's business."""
    if not body.strip() and not title.strip():
        forget_draft(session, actor, place)
        return
    draft = upsert(session, Draft).values(
        person_id=actor.person_id,
        place=place,
        community_id=community_id,
        title=title,
        body=body,
        changed_at=actor.at,
    )
    changed = {"body": draft.excluded.body, "changed_at": draft.excluded.changed_at}
    if title:
        changed["title"] = draft.excluded.title
    session.execute(draft.on_conflict_do_update(index_elements=["person_id", "place"], set_=changed))


def forget_draft(session: Session, actor: Actor, place: Place) -> None:
    session.execute(delete(Draft).where(Draft.person_id == actor.person_id, Draft.place == place))


def mark_read(session: Session, actor: Actor, topic_id: UUID, post_id: UUID) -> None:
    """How far somebody has read; it never goes back."""
    mark = upsert(session, ReadMark).values(person_id=actor.person_id, topic_id=topic_id, last_post_id=post_id)
    session.execute(
        mark.on_conflict_do_update(
            index_elements=["person_id", "topic_id"],
            set_={"last_post_id": mark.excluded.last_post_id},
            where=ReadMark.last_post_id < mark.excluded.last_post_id,
        )
    )


def mark_all_read(session: Session, actor: Actor, community_id: UUID) -> None:
    """Everything said in a community so far is read."""
    mark = upsert(session, ReadMark).from_select(
        ["person_id", "topic_id", "last_post_id"],
        select(literal(actor.person_id, Uuid()), Topic.id, Topic.last_post_id).where(
            Topic.community_id == community_id, Topic.merged_into_id.is_(None)
        ),
    )
    session.execute(
        mark.on_conflict_do_update(
            index_elements=["person_id", "topic_id"],
            set_={"last_post_id": mark.excluded.last_post_id},
            where=ReadMark.last_post_id < mark.excluded.last_post_id,
        )
    )


def follow(session: Session, actor: Actor, topic_id: UUID, level: Level | None) -> None:
    """How much somebody wants to hear of a topic is their own business: no event tells of it."""
    if level is None:
        session.execute(
            delete(TopicFollow).where(TopicFollow.person_id == actor.person_id, TopicFollow.topic_id == topic_id)
        )
        return
    chosen = upsert(session, TopicFollow).values(
        person_id=actor.person_id, topic_id=topic_id, level=level.value, changed_at=actor.at
    )
    session.execute(
        chosen.on_conflict_do_update(
            index_elements=["person_id", "topic_id"],
            set_={"level": chosen.excluded.level, "changed_at": chosen.excluded.changed_at},
        )
    )


def _follow_by_writing(session: Session, actor: Actor, topic_id: UUID) -> None:
    """Whoever speaks in a topic follows it, unless they muted it before."""
    session.execute(
        upsert(session, TopicFollow)
        .values(person_id=actor.person_id, topic_id=topic_id, level=Level.FOLLOWING.value, changed_at=actor.at)
        .on_conflict_do_nothing(index_elements=["person_id", "topic_id"])
    )


def _sent_before(session: Session, actor: Actor, form_key: str) -> tuple[UUID, UUID] | None:
    row = session.execute(
        select(Post.topic_id, Post.id).where(Post.author_id == actor.person_id, Post.form_key == form_key)
    ).one_or_none()
    return (row.topic_id, row.id) if row else None


def _sent_at_once(session: Session, actor: Actor, form_key: str) -> tuple[UUID, UUID]:
    """The post of the same form that another request stored while this one was under way."""
    sent = _sent_before(session, actor, form_key)
    assert sent is not None
    return sent


def _lock(session: Session, post_id: UUID) -> Row[str, datetime | None]:
    """The post as it stands, kept so until we are done: it may have been taken back since the page was loaded."""
    return session.execute(select(Post.body, Post.deleted_at).where(Post.id == post_id).with_for_update()).one()


def _next_id(session: Session, topic: TopicSeen) -> UUID:
    """An id after everything said in the topic. The topic stays locked, so that whoever speaks second comes second:
    unread marks compare ids. Raises TopicClosed; NotThere when it has just been carried elsewhere: what was said here
    is not said to others, and the page shows it to be copied."""
    stands = session.execute(
        select(Topic.last_post_id, Topic.closed_at, Topic.merged_into_id, Topic.community_id, Topic.deleted_at)
        .where(Topic.id == topic.id)
        .with_for_update()
    ).one()
    if stands.merged_into_id or stands.deleted_at or stands.community_id != topic.community_id:
        raise NotThere("topic")
    if stands.closed_at is not None:
        raise TopicClosed
    post_id = new_id()
    while post_id <= stands.last_post_id:  # two processes in one millisecond
        post_id = new_id()
    return post_id


def _in_topic(session: Session, topic_id: UUID, post_id: UUID | None) -> tuple[UUID | None, UUID | None]:
    """A reply answers a post of its own topic, or none: that post and its author."""
    if post_id is None:
        return None, None
    row = session.execute(
        select(Post.id, Post.author_id).where(Post.id == post_id, Post.topic_id == topic_id)
    ).one_or_none()
    return (row.id, row.author_id) if row else (None, None)


def _write(
    session: Session,
    actor: Actor,
    post_id: UUID,
    topic_id: UUID,
    community_id: UUID,
    body: str,
    reply_to: UUID | None,
    form_key: str,
) -> list[str] | None:
    """Stores the post and answers whom it mentions; None when the same form was stored at this very moment."""
    names = mentionable(session.connection(), community_id) if "@" in body else {}
    rendered = render(body, names)
    stored = session.execute(
        upsert(session, Post)
        .values(
            id=post_id,
            topic_id=topic_id,
            community_id=community_id,
            author_id=actor.person_id,
            reply_to_id=reply_to,
            body=body,
            html=rendered.html,
            renderer=RENDERER,
            form_key=form_key,
            created_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["author_id", "form_key"])
        .returning(Post.id)
    ).one_or_none()
    if stored is None:
        return None
    FOUND.find(session, post_id)
    return [str(person) for person in rendered.mentions]


def _record_about(session: Session, verb: str, actor: Actor, post: PostLoaded, facts: Mapping[str, object]) -> None:
    record_by(
        session,
        actor,
        verb,
        Reference("post", post.id),
        site_id=post.site_id,
        community_id=post.community_id,
        facts={"topic_id": str(post.topic_id), **facts},
    )
