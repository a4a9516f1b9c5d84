"""Saying something: a new conversation, an aha, an answer, a change, a reaction; and what is not said yet."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.core.text import excerpt
from lms_plc.discussions import actions, queries
from lms_plc.discussions.forms import AhaForm, DraftForm, EditForm, PostForm, ReactionForm, TopicForm
from lms_plc.discussions.pages import (
    discussions,
    draft_key,
    gather,
    keep,
    keep_words,
    kept_files,
    list_page,
    load_topic,
    post_address,
    standing_post,
    topic_page,
)
from lms_plc.discussions.queries import DraftKept, PostLoaded
from lms_plc.discussions.wording import PURPOSES, TOPIC_LABELS
from lms_plc.files.actions import attach, keep_only
from lms_plc.files.queries import FileSeen, attached
from lms_plc.files.views import from_form, preview_of, takes_files
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext

WRITTEN_BY = {"community": "topic.start", "topic": "post.write", "post": "post.edit"}
"""Kind of the thing a draft is for → the permission its text will need."""

Shown = str | Response | tuple[str, int]


@discussions.post("/communities/<uuid:community_id>/ahas")
def share_aha(community_id: UUID) -> Shown:
    who, answer = actor(), read_form(AhaForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "topic.start")
        if answer.form is None:
            return list_page(session.connection(), who, community, answer), 422
        topic_id = actions.share_aha(session, who, community, answer.form)
    return redirect(url_for("discussions.topic", topic_id=topic_id), 303)


@discussions.get("/communities/<uuid:community_id>/topics/new")
def new_topic(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "topic.start")
        draft = queries.draft(connection, who, f"community:{community.id}")
    given = {"title": draft.title, "body": draft.body} if draft else {}
    return _topic_form(who, community, Answer(None, [], given), draft)


@discussions.post("/communities/<uuid:community_id>/topics/new")
@takes_files
def start_topic(community_id: UUID) -> Shown:
    who, answer = actor(), read_form(TopicForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "topic.start")
        place = f"community:{community.id}"
        if "keep" in request.form:
            return keep(session, who, place, community)
        file_ids, wrong = from_form(session, who, community)
        preview = preview_of(request)
        if answer.form is None or wrong or preview:
            again = _again(answer, wrong, preview)
            files = kept_files(session, who, file_ids)
            return _topic_form(who, community, again, None, files, preview), 200 if preview else 422
        topic_id = actions.start_topic(session, who, community, answer.form)
        attach(session, who, file_ids, Reference("post", queries.first_post(session.connection(), topic_id)))
    return redirect(url_for("discussions.topic", topic_id=topic_id, sent=place), 303)


@discussions.post("/topics/<uuid:topic_id>")
@takes_files
def write_post(topic_id: UUID) -> Shown:
    who, answer = actor(), read_form(PostForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen, community = load_topic(connection, who, topic_id, "post.write")
        place = f"topic:{seen.id}"
        if "keep" in request.form:
            return keep(session, who, place, community)
        file_ids, wrong = from_form(session, who, community)
        preview = preview_of(request)
        if answer.form is None or wrong or preview:
            again = _again(answer, wrong, preview)
            files = kept_files(session, who, file_ids)
            gathered = gather(connection, who, seen)
            page = topic_page(who, community, seen, gathered, again, None, files=files, preview=preview)
            return page, 200 if preview else 422
        try:
            post_id = actions.write_post(session, who, community, seen, answer.form)
        except actions.TopicClosed:
            keep_words(session, who, place, community)
            return redirect(url_for("discussions.topic", topic_id=seen.id, _anchor="write"), 303)
        attach(session, who, file_ids, Reference("post", post_id))
    return redirect(post_address(seen.id, post_id, sent=place), 303)


@discussions.get("/posts/<uuid:post_id>/edit")
def edit_form(post_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        post = standing_post(load(connection, who, "post", post_id, "post.edit"))
        community = load_here(connection, who, post.community_id, "community.read")
        draft = queries.draft(connection, who, f"post:{post.id}")
        about = Reference("post", post.id)
        files = attached(connection, [about]).get(about, [])
    given = {"body": draft.body if draft else post.body}
    return _edit_page(who, community, post, Answer(None, [], given), draft, files)


@discussions.post("/posts/<uuid:post_id>/edit")
@takes_files
def edit_post(post_id: UUID) -> Shown:
    who, answer = actor(), read_form(EditForm, request.form)
    with house().database.write() as session:
        post = standing_post(load(session.connection(), who, "post", post_id, "post.edit"))
        community = load_here(session.connection(), who, post.community_id, "community.read")
        place, about = f"post:{post.id}", Reference("post", post.id)
        if "keep" in request.form:
            return keep(session, who, place, community)
        file_ids, wrong = from_form(session, who, community, about)
        preview = preview_of(request)
        if answer.form is None or wrong or preview:
            files = kept_files(session, who, file_ids, about)
            again = _again(answer, wrong, preview)
            return _edit_page(who, community, post, again, None, files, preview), 200 if preview else 422
        actions.edit_post(session, who, post, answer.form)
        keep_only(session, who, file_ids, about)
    return redirect(post_address(post.topic_id, post.id, sent=place), 303)


@discussions.get("/posts/<uuid:post_id>/delete")
def delete_form(post_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        post = _not_taken_back(load(connection, who, "post", post_id, "post.delete"))
        community = load_here(connection, who, post.community_id, "community.read")
    readable = post.hidden_at is None or post.author_id == who.person_id
    return render_template(
        "discussions/delete.html",
        page_title=gettext("Take this post back?"),
        community=frame(community, "discussions.topic_list"),
        post=post,
        excerpt=excerpt(post.body) if readable else None,
        back=post_address(post.topic_id, post.id),
    )


@discussions.post("/posts/<uuid:post_id>/delete")
def delete_post(post_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        post: PostLoaded = load(session.connection(), who, "post", post_id, "post.delete")
        actions.delete_post(session, who, post)
    return redirect(post_address(post.topic_id, post.id), 303)


def _not_taken_back(post: PostLoaded) -> PostLoaded:
    """A hidden post can be taken back: by its author, or for good by who leads."""
    if post.deleted_at is not None:
        raise NotThere("post")
    return post


@discussions.post("/posts/<uuid:post_id>/reactions")
def react(post_id: UUID) -> Response:
    who, answer = actor(), read_form(ReactionForm, request.form)
    with house().database.write() as session:
        post = standing_post(load(session.connection(), who, "post", post_id, "post.react"))
        if answer.form is not None:
            actions.react(session, who, post, answer.form.reaction)
    return redirect(post_address(post.topic_id, post.id), 303)


@discussions.post("/communities/<uuid:community_id>/drafts")
def keep_draft(community_id: UUID) -> tuple[str, int]:
    """Asked by the page's script while somebody types. The key must be the actor's own."""
    who = actor()
    owner, _, place = request.form.get("key", "").partition("/")
    if owner != str(who.person_id):
        raise NotThere("draft")
    answer = read_form(DraftForm, {**request.form, "place": place})
    if answer.form is None:
        return "", 422
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "post.write")
        _require_place(session.connection(), who, place, community)
        actions.keep_draft(session, who, place, community.id, answer.form.text, answer.form.title)
    return "", 204


def _require_place(connection: Connection, who: Actor, place: str, community: CommunitySeen) -> None:
    """A draft belongs to something its writer may write to, in this community."""
    kind, _, thing_id = place.partition(":")
    thing = load(connection, who, kind, UUID(thing_id), WRITTEN_BY[kind])
    if getattr(thing, "community_id", thing.id) != community.id:
        raise NotThere(kind)


def _again(answer: Answer[Any], wrong: list[dict[str, str]], preview: object) -> Answer[Any]:
    """What is shown again: with all that is wrong, or, for a look at how it will be, without a word of that."""
    return Answer(None, [] if preview else [*answer.errors, *wrong], answer.given)


def _topic_form(
    who: Actor,
    community: CommunitySeen,
    answer: Answer[TopicForm],
    draft: DraftKept | None,
    files: Sequence[FileSeen] = (),
    preview: Any = "",
) -> str:
    return render_template(
        "discussions/topic_form.html",
        page_title=gettext("Start a conversation"),
        community=frame(community, "discussions.topic_list"),
        seen=community,
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in TOPIC_LABELS.items()},
        purposes=[(one.value, gettext(name), gettext(hint)) for one, (name, hint) in PURPOSES.items()],
        form_key=answer.form_key,
        draft_key=draft_key(who, f"community:{community.id}"),
        draft_at=draft.changed_at if draft else None,
        files=files,
        preview=preview,
    )


def _edit_page(
    who: Actor,
    community: CommunitySeen,
    post: PostLoaded,
    answer: Answer[EditForm],
    draft: DraftKept | None,
    files: Sequence[FileSeen],
    preview: Any = "",
) -> str:
    return render_template(
        "discussions/edit.html",
        page_title=gettext("Change your post"),
        community=frame(community, "discussions.topic_list"),
        seen=community,
        post=post,
        answer=answer,
        errors=answer.errors,
        draft_key=draft_key(who, f"post:{post.id}"),
        draft_at=draft.changed_at if draft else None,
        back=post_address(post.topic_id, post.id),
        files=files,
        preview=preview,
    )
