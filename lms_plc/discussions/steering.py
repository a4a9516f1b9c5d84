"""Steering a conversation: mark what answered it, follow or mute it, pin, close, move, split, merge. What changes it
for everybody asks first, on a page that says what will happen."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, NotAllowed, NotThere, load
from lms_plc.core.text import excerpt
from lms_plc.discussions import actions, keeping_order, queries
from lms_plc.discussions.forms import AnsweredForm, FollowForm, MergeForm, MoveForm, Purpose, SplitForm, WantedForm
from lms_plc.discussions.pages import discussions, load_topic, may_reopen, post_address, standing_post
from lms_plc.discussions.queries import PostLoaded, TopicSeen
from lms_plc.discussions.wording import PURPOSES
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext, ngettext

Shown = str | Response | tuple[str, int]


@discussions.post("/topics/<uuid:topic_id>/answer")
def mark_answer(topic_id: UUID) -> Response:
    """The post that answered the question; without one, the mark is taken back."""
    who, answer = actor(), read_form(AnsweredForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen, _ = load_topic(connection, who, topic_id, "topic.answer")
        if seen.purpose != Purpose.QUESTION.value:
            raise NotThere("question")
        if answer.form is None:
            return _to_topic(seen.id)
        post = None
        if answer.form.post_id is not None:
            post = standing_post(load(connection, who, "post", answer.form.post_id, "community.read"))
            if post.topic_id != seen.id:
                raise NotThere("post")
        keeping_order.mark_answer(session, who, seen, post)
    return redirect(post_address(seen.id, post.id), 303) if post else _to_topic(seen.id)


@discussions.post("/topics/<uuid:topic_id>/follow")
def follow(topic_id: UUID) -> Response:
    who, answer = actor(), read_form(FollowForm, request.form)
    with house().database.write() as session:
        seen, _ = load_topic(session.connection(), who, topic_id, "topic.follow")
        if answer.form is not None:
            actions.follow(session, who, seen.id, answer.form.level)
    return _to_topic(seen.id)


@discussions.get("/topics/<uuid:topic_id>/pin")
def pin_form(topic_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen, community = load_topic(connection, who, topic_id, "topic.pin")
    if seen.pinned_at is not None:
        return _confirm(
            community,
            seen,
            "discussions.pin",
            gettext("Let this conversation go from the top?"),
            [gettext("It goes back into the list, where the conversation spoken in last stands first.")],
            gettext("Let it go"),
            wanted="no",
        )
    return _confirm(
        community,
        seen,
        "discussions.pin",
        gettext("Pin this conversation?"),
        [
            gettext("It stands at the top of the list for everybody, until somebody who leads lets it go."),
            ngettext(
                "Only one can be pinned. One that is pinned now makes way.",
                "At most %(num)s can be pinned. If there are so many, the one pinned longest makes way.",
                queries.MOST_PINNED,
            ),
        ],
        gettext("Pin it"),
    )


@discussions.post("/topics/<uuid:topic_id>/pin")
def pin(topic_id: UUID) -> Response:
    who, answer = actor(), read_form(WantedForm, request.form)
    with house().database.write() as session:
        seen, _ = load_topic(session.connection(), who, topic_id, "topic.pin")
        if answer.form is not None:
            keeping_order.pin(session, who, seen, wanted=answer.form.wanted)
    return _to_topic(seen.id)


@discussions.get("/topics/<uuid:topic_id>/close")
def close_form(topic_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen, community = load_topic(connection, who, topic_id, "topic.close")
    if seen.closed_at is not None:
        _require_may_reopen(who, seen)
        return _confirm(
            community,
            seen,
            "discussions.close",
            gettext("Open this conversation again?"),
            [gettext("Everybody in the community can write in it again.")],
            gettext("Open it again"),
            wanted="no",
        )
    return _confirm(
        community,
        seen,
        "discussions.close",
        gettext("Close this conversation?"),
        [
            gettext("Nobody can write in it any more. Everything said stays, and can be read and found."),
            gettext("The page says that you closed it. Answers that somebody has begun are kept for them."),
        ],
        gettext("Close it"),
    )


@discussions.post("/topics/<uuid:topic_id>/close")
def close(topic_id: UUID) -> Response:
    who, answer = actor(), read_form(WantedForm, request.form)
    with house().database.write() as session:
        seen, _ = load_topic(session.connection(), who, topic_id, "topic.close")
        if answer.form is not None:
            if seen.closed_at is not None and not answer.form.wanted:
                _require_may_reopen(who, seen)
            keeping_order.close(session, who, seen, wanted=answer.form.wanted)
    return _to_topic(seen.id)


def _require_may_reopen(who: Actor, seen: TopicSeen) -> None:
    if not may_reopen(who, seen):
        raise NotAllowed("topic.close")


@discussions.get("/topics/<uuid:topic_id>/move")
def move_form(topic_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen, community = _shown_topic(connection, who, topic_id, "topic.move")
        return _move_page(connection, who, community, seen, Answer(None, [], {}))


@discussions.post("/topics/<uuid:topic_id>/move")
def move(topic_id: UUID) -> Shown:
    who, answer = actor(), read_form(MoveForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen, community = _shown_topic(connection, who, topic_id, "topic.move")
        if answer.form is None:
            return _move_page(connection, who, community, seen, answer), 422
        to = load_here(connection, who, answer.form.to, "topic.move")
        keeping_order.move(session, who, seen, to)
    return _to_topic(seen.id)


def _move_page(
    connection: Connection, who: Actor, community: CommunitySeen, seen: TopicSeen, answer: Answer[MoveForm]
) -> str:
    others = [(str(one), name) for one, name in queries.led(connection, who) if one != seen.community_id]
    if not others:
        nowhere = [gettext("A conversation can be moved to another community that you lead, and there is none.")]
        return _confirm(community, seen, "discussions.move", gettext("Move this conversation"), nowhere, None)
    return _confirm(
        community,
        seen,
        "discussions.move",
        gettext("Move this conversation"),
        [
            ngettext(
                "Its post goes along, and its address stays the same.",
                "All its %(num)s posts go along, and its address stays the same.",
                seen.posts,
            ),
            gettext(
                "Whoever is in the other community can read it from then on. Whoever is only in this one, also somebody"
                " who wrote in it, finds nothing at its address, and is not told where it went."
            ),
        ],
        gettext("Move it"),
        choice={"name": "to", "label": gettext("To which community?"), "options": others},
        answer=answer,
    )


@discussions.get("/topics/<uuid:topic_id>/merge")
def merge_form(topic_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen, community = _shown_topic(connection, who, topic_id, "topic.merge")
        return _merge_page(connection, who, community, seen, Answer(None, [], {}))


@discussions.post("/topics/<uuid:topic_id>/merge")
def merge(topic_id: UUID) -> Shown:
    who, answer = actor(), read_form(MergeForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen, community = _shown_topic(connection, who, topic_id, "topic.merge")
        if answer.form is None:
            return _merge_page(connection, who, community, seen, answer), 422
        into, _ = _shown_topic(connection, who, answer.form.into, "topic.merge")
        if into.community_id != seen.community_id:
            raise NotThere("topic")
        keeping_order.merge(session, who, seen, into)
    return _to_topic(into.id)


def _merge_page(
    connection: Connection, who: Actor, community: CommunitySeen, seen: TopicSeen, answer: Answer[MergeForm]
) -> str:
    others = [one for one in queries.choices(connection, who, seen.community_id) if one.id != seen.id]
    title = gettext("Merge this conversation into another")
    if not others:
        alone = [gettext("There is no other conversation in this community yet.")]
        return _confirm(community, seen, "discussions.merge", title, alone, None)
    return _confirm(
        community,
        seen,
        "discussions.merge",
        title,
        [
            gettext("The posts of both stand in the other one, in the order they were written, under its title."),
            gettext("The old addresses lead there. It cannot be undone by a button; posts can be split off again."),
        ],
        gettext("Merge them"),
        choice={
            "name": "into",
            "label": gettext("Into which conversation?"),
            "options": [(str(one.id), excerpt(one.title, 80)) for one in others],
        },
        answer=answer,
    )


@discussions.get("/posts/<uuid:post_id>/split")
def split_form(post_id: UUID) -> Shown:
    who = actor()
    with house().database.read() as connection:
        post, seen, community = _to_split(connection, who, post_id)
        if queries.first_post(connection, seen.id) == post.id:
            return redirect(post_address(seen.id, post.id))
    return _split_page(community, seen, post, Answer(None, [], {}))


@discussions.post("/posts/<uuid:post_id>/split")
def split(post_id: UUID) -> Shown:
    who, answer = actor(), read_form(SplitForm, request.form)
    with house().database.write() as session:
        post, seen, community = _to_split(session.connection(), who, post_id)
        if answer.form is None:
            return _split_page(community, seen, post, answer), 422
        topic_id = keeping_order.split(session, who, seen, post, answer.form)
    return _to_topic(topic_id)


def _to_split(connection: Connection, who: Actor, post_id: UUID) -> tuple[PostLoaded, TopicSeen, CommunitySeen]:
    post: PostLoaded = load(connection, who, "post", post_id, "community.read")
    return post, *_shown_topic(connection, who, post.topic_id, "topic.split")


def _shown_topic(
    connection: Connection, who: Actor, topic_id: UUID, permission: str
) -> tuple[TopicSeen, CommunitySeen]:
    """What is hidden stays where and as it is until that is decided: no part of it comes to light by being carried
    elsewhere."""
    seen, community = load_topic(connection, who, topic_id, permission)
    if seen.hidden_at is not None:
        raise NotAllowed(permission)
    return seen, community


def _split_page(community: CommunitySeen, seen: TopicSeen, post: PostLoaded, answer: Answer[SplitForm]) -> str:
    return render_template(
        "discussions/split.html",
        page_title=gettext("Make a conversation of its own"),
        community=frame(community, "discussions.topic_list"),
        topic=seen,
        post=post,
        excerpt=excerpt(post.body) if post.hidden_at is None else None,
        answer=answer,
        errors=answer.errors,
        labels={"title": gettext("What is it about?"), "purpose": gettext("What is it for?")},
        purposes=[(one.value, gettext(name)) for one, (name, _) in PURPOSES.items()],
        back=post_address(seen.id, post.id),
    )


def _confirm(
    community: CommunitySeen,
    seen: TopicSeen,
    endpoint: str,
    title: str,
    says: Sequence[str],
    button: str | None,
    *,
    wanted: str | None = None,
    choice: dict[str, Any] | None = None,
    answer: Answer[Any] | None = None,
) -> str:
    """The page that asks first. Without a button there is nothing to do but to go back."""
    answer = answer or Answer(None, [], {})
    return render_template(
        "discussions/confirm.html",
        page_title=title,
        community=frame(community, "discussions.topic_list"),
        topic=seen,
        says=says,
        action=url_for(endpoint, topic_id=seen.id),
        button_label=button,
        wanted=wanted,
        choice=choice,
        answer=answer,
        errors=answer.errors,
        labels={choice["name"]: choice["label"]} if choice else {},
        back=url_for("discussions.topic", topic_id=seen.id),
    )


def _to_topic(topic_id: UUID) -> Response:
    return redirect(url_for("discussions.topic", topic_id=topic_id), 303)
