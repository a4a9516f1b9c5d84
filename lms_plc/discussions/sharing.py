"""How does a text somebody wrote for themselves become a conversation? A copy of what they chose begins one."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, exists, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.sharing import Given, Way
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.discussions.actions import delete_post, start_topic
from lms_plc.discussions.forms import Purpose, TopicForm
from lms_plc.discussions.models import Post, Topic
from lms_plc.discussions.queries import own_post
from lms_plc.web.i18n import N_, gettext


def share(session: Session, actor: Actor, community: CommunitySeen, given: Given) -> Reference:
    form = TopicForm(title=given.title, purpose=Purpose.INSIGHT, body=given.text, form_key=given.form_key)
    start_topic(session, actor, community, form)
    post = session.execute(
        select(Post.id).where(Post.author_id == actor.person_id, Post.form_key == given.form_key)
    ).scalar_one()
    return Reference("post", post)


def withdraw(session: Session, actor: Actor, post_id: UUID) -> None:
    """Takes the post back, and the title it was given; what others answered stays theirs."""
    post = own_post(session.connection(), actor, post_id)
    if post is None:
        return
    delete_post(session, actor, post)
    earlier = exists().where(Post.topic_id == Topic.id, Post.id < post_id)
    session.execute(
        update(Topic)
        .where(Topic.id == post.topic_id, Topic.author_id == actor.person_id, ~earlier)
        .values(title=gettext("A part of a notebook, withdrawn"))
    )


def names(connection: Connection, post_id: UUID) -> Sequence[Reference]:
    """Letters speak of the conversation it began, or of the post itself."""
    topics = connection.execute(select(Post.topic_id).where(Post.id == post_id)).scalars()
    return [Reference("post", post_id), *(Reference("topic", one) for one in topics)]


CONVERSATION = Way("conversation", N_("A conversation"), "topic.start", share, withdraw, ("post", "topic"), names)
