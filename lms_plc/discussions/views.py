"""Reading a community's conversations: the list, a topic, a topic on paper, how a post read before."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms_plc.communities.home import open_room
from lms_plc.communities.sharing import shares_to
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.exports import Left, note_export
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.core.text import shown
from lms_plc.discussions import actions, on_home, queries, steering, writing
from lms_plc.discussions.pages import (
    Gathered,
    discussions,
    gather,
    is_readable,
    list_page,
    load_topic,
    post_address,
    standing_post,
    topic_page,
)
from lms_plc.discussions.queries import PostLoaded, TopicSeen
from lms_plc.discussions.sharing import CONVERSATION
from lms_plc.discussions.wording import purpose_names
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer
from lms_plc.web.i18n import N_, gettext

__all__ = ["discussions", "on_home", "steering", "writing"]

open_room(20, "discussions.topic_list", N_("Conversations"))
shares_to(10, CONVERSATION)


@discussions.get("/communities/<uuid:community_id>/topics")
def topic_list(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        return list_page(connection, who, community, Answer(None, [], {}))


@discussions.post("/communities/<uuid:community_id>/topics/read")
def mark_all_read(community_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "community.read")
        actions.mark_all_read(session, who, community.id)
    return redirect(url_for("discussions.topic_list", community_id=community.id), 303)


@discussions.get("/topics/<uuid:topic_id>")
def topic(topic_id: UUID) -> str | Response:
    """A topic, or the way to it: it may have been merged, and the post that was asked for may stand elsewhere now."""
    who = actor()
    wanted = key_from(request.args, "from") or key_from(request.args, "reply_to")
    with house().database.read() as connection:
        seen, community = load_topic(connection, who, topic_id, "community.read")
        if seen.id != topic_id:
            here = url_for("discussions.topic", topic_id=seen.id)
            return redirect(post_address(seen.id, wanted) if wanted else here)
        try:
            gathered = gather(connection, who, seen)
        except NotThere:
            assert wanted is not None
            elsewhere: PostLoaded = load(connection, who, "post", wanted, "community.read")
            return redirect(post_address(elsewhere.topic_id, wanted))
        draft = queries.draft(connection, who, f"topic:{seen.id}")
    _remember_reading(who, seen, gathered)
    return topic_page(who, community, seen, gathered, Answer(None, [], {}), draft)


def _remember_reading(who: Actor, seen: TopicSeen, gathered: Gathered) -> None:
    """Writes only when there was something new; a page read again stays a read."""
    posts = gathered.page.items
    if not posts or (seen.read_to is not None and posts[-1].id <= seen.read_to):
        return
    with house().database.write() as session:
        actions.mark_read(session, who, seen.id, posts[-1].id)


@discussions.get("/topics/<uuid:topic_id>/print")
def print_topic(topic_id: UUID) -> str:
    """The whole of it, to be read on paper."""
    who = actor()
    with house().database.read() as connection:
        seen, community = load_topic(connection, who, topic_id, "community.read")
        after = key_from(request.args, "after")
        page = queries.posts(connection, seen.id, after=after, size=queries.POSTS_ON_PAPER)
    readable = [post.id for post in page.items if is_readable(who, post)]
    with house().database.write() as session:
        note_export(
            session, [Reference("topic", seen.id), *(Reference("post", one) for one in readable)], Left.PRINT, who.at
        )
    return render_template(
        "discussions/print.html",
        page_title=seen.title,
        community=frame(community, "discussions.topic_list"),
        topic=seen,
        purpose=purpose_names()[seen.purpose],
        posts=[
            (post, shown(post.body, post.html, post.renderer) if is_readable(who, post) else None)
            for post in page.items
        ],
        back=url_for("discussions.topic", topic_id=seen.id),
        next_url=url_for("discussions.print_topic", topic_id=seen.id, after=page.next_key) if page.next_key else None,
    )


@discussions.get("/posts/<uuid:post_id>")
def post(post_id: UUID) -> Response:
    """The address of a post, wherever it has been moved to."""
    with house().database.read() as connection:
        seen: PostLoaded = load(connection, actor(), "post", post_id, "community.read")
    return redirect(post_address(seen.topic_id, seen.id), 302)


@discussions.get("/posts/<uuid:post_id>/history")
def post_history(post_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = standing_post(load(connection, who, "post", post_id, "post.read_history"))
        community = load_here(connection, who, seen.community_id, "community.read")
        versions = queries.versions(connection, seen.id)
    return render_template(
        "discussions/history.html",
        page_title=gettext("How this post read before"),
        community=frame(community, "discussions.topic_list"),
        post=seen,
        versions=versions,
        back=post_address(seen.topic_id, seen.id),
    )
