"""The pages of a community's conversations."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from unicodedata import bidirectional
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.home import Part, Step, contributes_to_home, open_room
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, NotThere, allows, load
from lms_plc.core.text import excerpt, shown
from lms_plc.discussions import actions, queries
from lms_plc.discussions.forms import (
    DraftForm,
    EditForm,
    PostForm,
    Purpose,
    ReactionForm,
    ReactionKind,
    TopicForm,
)
from lms_plc.discussions.queries import DraftKept, PostLoaded, PostSeen, Reacted, TopicSeen
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext, ngettext

open_room(20, "discussions.topic_list", N_("Conversations"))

discussions = Blueprint("discussions", __name__, url_prefix="/s/<seat>", template_folder="templates")

PURPOSES = {
    Purpose.QUESTION: (N_("Question"), N_("I would like to know how others do it")),
    Purpose.INSIGHT: (N_("Insight"), N_("I understood something worth sharing")),
    Purpose.STRATEGY: (N_("Strategy"), N_("This is how I do it")),
    Purpose.NOTICE: (N_("Notice"), N_("Something to know, nothing to discuss")),
    Purpose.AHA: (N_("Aha!"), N_("One line, just happened")),
}
TOPIC_LABELS = {
    "title": N_("What is it about?"),
    "body": N_("Your words"),
    "purpose": N_("What do you wish for?"),
}
WRITTEN_BY = {"community": "topic.start", "topic": "post.write", "post": "post.edit"}
"""Kind of the thing a draft is for → the permission its text will need."""

JUST_SENT = timedelta(minutes=2)
REACTIONS = {
    ReactionKind.TRIED: (N_("Tried it"), "✓"),
    ReactionKind.WANT_TO_TRY: (N_("Want to try"), "→"),
    ReactionKind.THANK_YOU: (N_("Thank you"), "♥"),
}


@discussions.get("/communities/<uuid:community_id>/topics")
def topic_list(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = queries.topics(connection, who, community.id, before=key_from(request.args, "before"))
    return render_template(
        "discussions/topics.html",
        page_title=gettext("Conversations"),
        community=frame(community, "discussions.topic_list"),
        seen=community,
        page=page,
        purposes=_purpose_names(),
        may_start=allows(community.roles, "topic.start"),
    )


@discussions.get("/communities/<uuid:community_id>/topics/new")
def new_topic(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "topic.start")
        draft = queries.draft(connection, who, f"community:{community.id}")
    given = {"title": draft.title, "body": draft.body} if draft else {}
    return _topic_form(who, community, Answer(None, [], given), draft)


@discussions.post("/communities/<uuid:community_id>/topics/new")
def start_topic(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(TopicForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "topic.start")
        place = f"community:{community.id}"
        if "keep" in request.form:
            return _keep(session, who, place, community)
        if answer.form is None:
            return _topic_form(who, community, answer, None), 422
        topic_id = actions.start_topic(session, who, community, answer.form)
    return redirect(url_for("discussions.topic", topic_id=topic_id, sent=place), 303)


@discussions.get("/topics/<uuid:topic_id>")
def topic(topic_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: TopicSeen = load(connection, who, "topic", topic_id, "community.read")
        community = load_here(connection, who, seen.community_id, "community.read")
        page, begins = _page(connection, seen)
        reacted = queries.reactions(connection, who, [post.id for post in page.items])
        draft = queries.draft(connection, who, f"topic:{seen.id}")
    _remember_reading(who, seen, page.items)
    return _topic_page(who, community, seen, page, begins, reacted, Answer(None, [], {}), draft)


@discussions.post("/topics/<uuid:topic_id>")
def write_post(topic_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(PostForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: TopicSeen = load(connection, who, "topic", topic_id, "post.write")
        community = load_here(connection, who, seen.community_id, "post.write")
        place = f"topic:{seen.id}"
        if "keep" in request.form:
            return _keep(session, who, place, community)
        if answer.form is None:
            page, begins = _page(connection, seen)
            reacted = queries.reactions(connection, who, [post.id for post in page.items])
            return _topic_page(who, community, seen, page, begins, reacted, answer, None), 422
        post_id = actions.write_post(session, who, community, seen, answer.form)
    return redirect(_post_address(seen.id, post_id, sent=place), 303)


@discussions.get("/posts/<uuid:post_id>/edit")
def edit_form(post_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        post = _standing_post(load(connection, who, "post", post_id, "post.edit"))
        community = load_here(connection, who, post.community_id, "community.read")
        draft = queries.draft(connection, who, f"post:{post.id}")
    return _edit_page(who, community, post, Answer(None, [], {"body": draft.body if draft else post.body}), draft)


@discussions.post("/posts/<uuid:post_id>/edit")
def edit_post(post_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(EditForm, request.form)
    with house().database.write() as session:
        post = _standing_post(load(session.connection(), who, "post", post_id, "post.edit"))
        community = load_here(session.connection(), who, post.community_id, "community.read")
        place = f"post:{post.id}"
        if "keep" in request.form:
            return _keep(session, who, place, community)
        if answer.form is None:
            return _edit_page(who, community, post, answer, None), 422
        actions.edit_post(session, who, post, answer.form)
    return redirect(_post_address(post.topic_id, post.id, sent=place), 303)


@discussions.get("/posts/<uuid:post_id>/history")
def post_history(post_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        post = _standing_post(load(connection, who, "post", post_id, "post.read_history"))
        community = load_here(connection, who, post.community_id, "community.read")
        versions = queries.versions(connection, post.id)
    return render_template(
        "discussions/history.html",
        page_title=gettext("How this post read before"),
        community=frame(community, "discussions.topic_list"),
        post=post,
        versions=versions,
        back=_post_address(post.topic_id, post.id),
    )


@discussions.get("/posts/<uuid:post_id>/delete")
def delete_form(post_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        post = _standing_post(load(connection, who, "post", post_id, "post.delete"))
        community = load_here(connection, who, post.community_id, "community.read")
    return render_template(
        "discussions/delete.html",
        page_title=gettext("Take this post back?"),
        community=frame(community, "discussions.topic_list"),
        post=post,
        excerpt=excerpt(post.body),
        back=_post_address(post.topic_id, post.id),
    )


@discussions.post("/posts/<uuid:post_id>/delete")
def delete_post(post_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        post: PostLoaded = load(session.connection(), who, "post", post_id, "post.delete")
        actions.delete_post(session, who, post)
    return redirect(_post_address(post.topic_id, post.id), 303)


@discussions.post("/posts/<uuid:post_id>/reactions")
def react(post_id: UUID) -> Response:
    who, answer = actor(), read_form(ReactionForm, request.form)
    with house().database.write() as session:
        post = _standing_post(load(session.connection(), who, "post", post_id, "post.react"))
        if answer.form is not None:
            actions.react(session, who, post, answer.form.reaction)
    return redirect(_post_address(post.topic_id, post.id), 303)


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


@contributes_to_home(order=10)
def conversations_on_home(connection: Any, who: Actor, community: CommunitySeen) -> Part:
    """What was said lately, what I have not read, what I began to write: three statements."""
    said = queries.lately(connection, community.id)
    unread = queries.unread_topics(connection, who, community.id)
    drafts = queries.drafts(connection, who, community.id)
    given = {
        "said": [(one, excerpt(one.body)) for one in said],
        "purposes": _purpose_names(),
        "addresses": {one.post_id: _post_address(one.topic_id, one.post_id) for one in said},
        "list_address": url_for("discussions.topic_list", community_id=community.id),
    }
    return Part("discussions/lately.html", given, tuple(_steps(community, bool(said), unread, drafts)))


def _steps(community: CommunitySeen, said: bool, unread: list[tuple[UUID, str]], drafts: list[DraftKept]) -> list[Step]:
    steps = [
        Step(
            text=gettext("You began to write: “%(text)s”", text=excerpt(draft.title or draft.body, 60)),
            label=gettext("Go on writing"),
            url=_draft_address(draft),
            weight=10,
        )
        for draft in drafts[:1]
    ]
    if unread:
        steps.append(
            Step(
                text=ngettext(
                    "One conversation has something new for you.",
                    "%(num)s conversations have something new for you.",
                    len(unread),
                ),
                label=gettext("Read “%(title)s”", title=excerpt(unread[0][1], 40)),
                url=url_for("discussions.topic", topic_id=unread[0][0]),
                weight=20,
            )
        )
    if allows(community.roles, "topic.start"):
        first = not said
        steps.append(
            Step(
                text=gettext("Nobody has said anything here yet. A short hello is a good beginning.")
                if first
                else gettext("Is there something from your classroom that others should hear?"),
                label=gettext("Say hello") if first else gettext("Start a conversation"),
                url=url_for("discussions.new_topic", community_id=community.id),
                weight=5 if first else 50,
            )
        )
    return steps


def _topic_form(who: Actor, community: CommunitySeen, answer: Answer[TopicForm], draft: DraftKept | None) -> str:
    return render_template(
        "discussions/topic_form.html",
        page_title=gettext("Start a conversation"),
        community=frame(community, "discussions.topic_list"),
        seen=community,
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in TOPIC_LABELS.items()},
        purposes=[(one.value, gettext(name), gettext(hint)) for one, (name, hint) in PURPOSES.items()],
        form_key=answer.given.get("form_key") or secrets.token_urlsafe(18),
        draft_key=_draft_key(who, f"community:{community.id}"),
        draft_at=draft.changed_at if draft else None,
    )


def _topic_page(
    who: Actor,
    community: CommunitySeen,
    seen: TopicSeen,
    page: Page[PostSeen],
    begins: bool,
    reacted: list[Reacted],
    answer: Answer[PostForm],
    draft: DraftKept | None,
) -> str:
    answering = answer.given.get("reply_to") or request.args.get("reply_to", "")
    return render_template(
        "discussions/topic.html",
        page_title=seen.title,
        community=frame(community, "discussions.topic_list"),
        topic=seen,
        purpose=_purpose_names()[seen.purpose],
        posts=[_post_shown(who, seen, post, reacted) for post in page.items],
        begins=begins,
        next_url=url_for("discussions.topic", topic_id=seen.id, after=page.next_key) if page.next_key else None,
        may_write=allows(seen.roles, "post.write"),
        answer=answer,
        errors=answer.errors,
        answered=next((post for post in page.items if str(post.id) == answering), None),
        form_key=answer.given.get("form_key") or secrets.token_urlsafe(18),
        draft_key=_draft_key(who, f"topic:{seen.id}"),
        draft=draft,
        draft_done=_draft_sent(who, seen, page.items),
    )


def _post_shown(who: Actor, seen: TopicSeen, post: PostSeen, reacted: list[Reacted]) -> dict[str, Any]:
    """A post with what this person may do with it, ready for the page."""
    own = post.author_id == who.person_id
    roles = queries.roles_towards(seen.roles, is_author=own)
    mine = {one.kind for one in reacted if one.post_id == post.id and one.mine}
    return {
        "post": post,
        "html": shown(post.body, post.html, post.renderer) if post.deleted_at is None else None,
        "new": not own and post.deleted_at is None and (seen.read_to is None or post.id > seen.read_to),
        "may_edit": allows(roles, "post.edit"),
        "may_delete": allows(roles, "post.delete"),
        "reactions": [
            {"label": gettext(label), "value": kind.value, "symbol": symbol, "pressed": kind.value in mine}
            for kind, (label, symbol) in REACTIONS.items()
        ],
        "reacted": [_who_reacted(one) for one in sorted(reacted, key=_reaction_order) if one.post_id == post.id],
    }


def _reaction_order(one: Reacted) -> int:
    return list(ReactionKind).index(ReactionKind(one.kind))


def _who_reacted(one: Reacted) -> dict[str, Any]:
    label, symbol = REACTIONS[ReactionKind(one.kind)]
    others = ngettext("%(num)s other", "%(num)s others", one.others) if one.others else None
    names = [_kept_apart(name) for name in one.names]
    return {"label": gettext(label), "symbol": symbol, "names": [*names, *([others] if others else [])]}


def _kept_apart(name: str) -> str:
    """A name written from the right would turn the commas of a list round it; Unicode's isolates keep it to itself."""
    from_the_right = any(bidirectional(letter) in ("R", "AL") for letter in name)
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}" if from_the_right else name


def _edit_page(
    who: Actor, community: CommunitySeen, post: PostLoaded, answer: Answer[EditForm], draft: DraftKept | None
) -> str:
    return render_template(
        "discussions/edit.html",
        page_title=gettext("Change your post"),
        community=frame(community, "discussions.topic_list"),
        seen=community,
        post=post,
        answer=answer,
        errors=answer.errors,
        draft_key=_draft_key(who, f"post:{post.id}"),
        draft_at=draft.changed_at if draft else None,
        back=_post_address(post.topic_id, post.id),
    )


def _standing_post(post: PostLoaded) -> PostLoaded:
    if post.deleted_at is not None:
        raise NotThere("post")
    return post


def _keep(session: Any, who: Actor, place: str, community: CommunitySeen) -> Response:
    """The button for people without script: the text is kept as a draft."""
    body, title = request.form.get("body", ""), request.form.get("title", "")
    draft = read_form(DraftForm, {"place": place, "text": body, "title": title})
    if draft.form is not None:
        actions.keep_draft(session, who, place, community.id, draft.form.text, draft.form.title)
    return redirect(url_for("communities.community_home", community_id=community.id), 303)


def _remember_reading(who: Actor, seen: TopicSeen, posts: Any) -> None:
    """Writes only when there was something new; a page read again stays a read."""
    if not posts or (seen.read_to is not None and posts[-1].id <= seen.read_to):
        return
    with house().database.write() as session:
        actions.mark_read(session, who, seen.id, posts[-1].id)


def _page(connection: Any, seen: TopicSeen) -> tuple[Page[PostSeen], bool]:
    """The posts the address asks for, and whether they are the first. A post of the first page is shown among what was
    said before it; a later one begins its page."""
    wanted = key_from(request.args, "from")
    if wanted is None:
        after = key_from(request.args, "after")
        return queries.posts(connection, seen.id, after=after), after is None
    first = queries.posts(connection, seen.id)
    if any(post.id == wanted for post in first.items):
        return first, True
    before = queries.post_before(connection, seen.id, wanted)
    return queries.posts(connection, seen.id, after=before), before is None


def _post_address(topic_id: UUID, post_id: UUID, **more: str) -> str:
    """Where a post can be seen, whatever page it stands on."""
    address: dict[str, Any] = {"topic_id": topic_id, "from": post_id, **more}
    return url_for("discussions.topic", **address, _anchor=f"p-{post_id}")


def _draft_address(draft: DraftKept) -> str:
    kind, _, thing_id = draft.place.partition(":")
    if kind == "topic":
        return url_for("discussions.topic", topic_id=thing_id, _anchor="write")
    if kind == "post":
        return url_for("discussions.edit_form", post_id=thing_id)
    return url_for("discussions.new_topic", community_id=thing_id)


def _draft_sent(who: Actor, seen: TopicSeen, posts: Sequence[PostSeen]) -> str | None:
    """The draft the browser may forget: one whose text is on this page, just written by its writer. The address alone
    is no proof; anybody can send a link."""
    place = request.args.get("sent", "")
    if place not in (f"topic:{seen.id}", f"community:{seen.community_id}", *(f"post:{post.id}" for post in posts)):
        return None
    since = who.at - JUST_SENT
    mine = (post for post in posts if post.author_id == who.person_id)
    if any((post.edited_at or post.created_at) >= since for post in mine):
        return _draft_key(who, place)
    return None


def _draft_key(who: Actor, place: str) -> str:
    return f"{who.person_id}/{place}"


def _purpose_names() -> dict[str, str]:
    return {purpose.value: gettext(name) for purpose, (name, _) in PURPOSES.items()}
