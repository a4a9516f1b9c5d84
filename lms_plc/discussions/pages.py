"""How a topic, and the forms around it, look to one person: what the views of this room render, and their addresses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unicodedata import bidirectional
from uuid import UUID

from flask import Blueprint, get_template_attribute, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms_plc.communities.next_steps import NextSteps, next_steps
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.standing import towards
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, NotThere, allows, load
from lms_plc.core.text import LONGEST, excerpt
from lms_plc.discussions import actions, queries
from lms_plc.discussions.forms import AhaForm, DraftForm, PostForm, Purpose, ReactionKind
from lms_plc.discussions.looks import Look, posts_shown
from lms_plc.discussions.queries import DraftKept, PostLoaded, PostSeen, Reacted, TopicSeen
from lms_plc.discussions.wording import AHA_LABEL, REACTIONS, purpose_names
from lms_plc.files.queries import FileSeen, attached, kept
from lms_plc.people.guards import current_seat, form_token_of_this_seat
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext, ngettext

discussions = Blueprint("discussions", __name__, url_prefix="/s/<seat>", template_folder="templates")

JUST_SENT = timedelta(minutes=2)
QUOTED = 2000
"""Characters of a post that are quoted at most; whoever needs more of it can link to it."""

_NOBODY = UUID(int=0)
_MARKS = re.compile(r"([\\`*_\[\]<>~@])")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses on a topic's page, asked for once."""

    topic: str

    @classmethod
    def of(cls, topic_id: UUID) -> "Addresses":
        return cls(url_for("discussions.topic", topic_id=topic_id))

    def place(self, post_id: UUID) -> str:
        return f"{self.topic}?from={post_id}#p-{post_id}"


def post_address(topic_id: UUID, post_id: UUID, **more: str) -> str:
    """Where a post can be seen, whatever page it stands on."""
    address: dict[str, Any] = {"topic_id": topic_id, "from": post_id, **more}
    return url_for("discussions.topic", **address, _anchor=f"p-{post_id}")


def load_topic(connection: Connection, who: Actor, topic_id: UUID, permission: str) -> tuple[TopicSeen, CommunitySeen]:
    """A topic and where it stands. One that was merged is the one it was merged into."""
    seen: TopicSeen = load(connection, who, "topic", topic_id, permission)
    return seen, load_here(connection, who, seen.community_id, "community.read")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What stands on one page of a topic."""

    page: Page[PostSeen]
    begins: bool
    reacted: Sequence[Reacted]
    files: Mapping[Reference, list[FileSeen]]
    next: NextSteps


def gather(connection: Connection, who: Actor, seen: TopicSeen) -> Gathered:
    """The posts the address asks for. A post of the first page is shown among what was said before it; a later one
    begins its page. Raises NotThere for a post that is not of this topic."""
    after, begins = key_from(request.args, "after"), True
    wanted = key_from(request.args, "from") or key_from(request.args, "reply_to")
    if wanted is not None:
        stands = queries.where_it_stands(connection, seen.id, wanted)
        if not stands.here:
            raise NotThere("post")
        after = None if stands.on_first_page else stands.before
    page = queries.posts(connection, seen.id, after=after)
    begins = after is None
    with_files = [Reference("post", post.id) for post in page.items if post.has_files]
    return Gathered(
        page,
        begins,
        queries.reactions(connection, who, page.items),
        attached(connection, with_files),
        next_steps(connection, who, seen.purpose, Reference("topic", seen.id), seen.community_id),
    )


def topic_page(
    who: Actor,
    community: CommunitySeen,
    seen: TopicSeen,
    gathered: Gathered,
    answer: Answer[PostForm],
    draft: DraftKept | None,
    *,
    files: Sequence[FileSeen] = (),
    preview: Any = "",
) -> str:
    page, addresses = gathered.page, Addresses.of(seen.id)
    may_write = allows(seen.roles, "post.write") and seen.closed_at is None
    answering = answer.given.get("reply_to") or request.args.get("reply_to", "")
    answered = next((post for post in page.items if str(post.id) == answering and is_readable(who, post)), None)
    first_new = next((post.id for post in page.items if _is_new(who, seen, post)), None)
    return render_template(
        "discussions/topic.html",
        page_title=seen.title,
        community=frame(community, "discussions.topic_list"),
        topic=seen,
        own=seen.author_id == who.person_id,
        addresses=addresses,
        purpose=purpose_names()[seen.purpose],
        posts=posts_shown(
            _looks(who, seen, gathered, may_write=may_write),
            seat=current_seat().address,
            token=form_token_of_this_seat(),
            files=_files_shown(gathered),
        ),
        first_post=page.items[0].id if page.items else None,
        begins=gathered.begins,
        next=gathered.next,
        next_url=f"{addresses.topic}?after={page.next_key}" if page.next_key else None,
        first_new=first_new,
        new_address=addresses.place(seen.first_unread) if seen.first_unread else None,
        answer_excerpt=excerpt(seen.answer, 120) if seen.answer else None,
        may_write=may_write,
        may={name: allows(seen.roles, f"topic.{name}") for name in ("follow", "pin", "move", "merge", "close")},
        may_reopen=may_reopen(who, seen),
        may_unmark=allows(seen.roles, "topic.answer"),
        report=None
        if seen.author_id == who.person_id
        else way_to("moderation.report_form", kind="topic", thing_id=seen.id),
        answer=answer,
        errors=answer.errors,
        words=_words_begun(answer, draft, answered),
        answered=answered,
        files=files,
        preview=preview,
        form_key=answer.form_key,
        draft_key=draft_key(who, f"topic:{seen.id}"),
        draft=draft,
        draft_done=_draft_sent(who, seen, page.items),
    )


def may_reopen(who: Actor, seen: TopicSeen) -> bool:
    """Whoever leads; an author opens again what they closed themselves."""
    return allows(seen.roles, "topic.pin") or (allows(seen.roles, "topic.close") and seen.closed_by_id == who.person_id)


def _words_begun(answer: Answer[PostForm], draft: DraftKept | None, answered: PostSeen | None) -> str:
    """What stands in the form: what was typed, else the draft, and below it the words that are quoted."""
    if answer.given:
        return answer.given.get("body", "")
    begun = draft.body if draft else ""
    if answered is None or "quote" not in request.args:
        return begun
    quote = _quote(answered)
    return f"{begun}\n\n{quote}" if begun.strip() else quote


def _quote(post: PostSeen) -> str:
    """A post as a quotation, to be shortened by whoever answers. What it quoted itself is left out."""
    said = [line for line in post.body.split("\n") if not line.startswith(">")]
    words = "\n".join(said).strip()
    if len(words) > QUOTED:
        words = words[:QUOTED].rsplit(None, 1)[0] + " …"
    name = _MARKS.sub(r"\\\1", post.author)
    lines = [f"**{gettext('%(name)s wrote:', name=name)}**", "", *words.split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


def _looks(who: Actor, seen: TopicSeen, gathered: Gathered, *, may_write: bool) -> list[tuple[PostSeen, Look]]:
    """Posts with what this person may do with them."""
    roles = {own: towards(seen.roles, is_author=own) for own in (True, False)}
    may = {own: (allows(roles[own], "post.edit"), allows(roles[own], "post.delete")) for own in roles}
    is_question = seen.purpose == Purpose.QUESTION.value
    may_mark = is_question and allows(seen.roles, "topic.answer")
    asked = seen.author_id == who.person_id
    may_split = allows(seen.roles, "topic.split") and seen.hidden_at is None
    bar = tuple((gettext(label), kind.value, symbol) for kind, (label, symbol) in REACTIONS.items())
    reacted: dict[UUID, list[Reacted]] = {}
    for one in sorted(gathered.reacted, key=_reaction_order):
        reacted.setdefault(one.post_id, []).append(one)
    found = []
    for place, post in enumerate(gathered.page.items):
        own = post.author_id == who.person_id
        begins = gathered.begins and place == 0
        its = reacted.get(post.id, ())
        stands = post.deleted_at is None and post.hidden_at is None
        is_answer = post.id == seen.answer_id
        can_be_marked = may_mark and stands and not begins and not is_answer
        may_edit, may_delete = may[own]
        look = Look(
            own=own,
            new=_is_new(who, seen, post),
            readable=is_readable(who, post),
            stands=stands,
            is_answer=is_answer,
            may_answer=may_write,
            may_edit=may_edit and stands,
            may_delete=may_delete,
            may_split=may_split and not begins,
            may_report=stands and not own,
            may_unmark=is_answer and stands and may_mark,
            marks_first=asked and can_be_marked and not seen.answer_id,
            marks_later=can_be_marked and not (asked and not seen.answer_id),
            mine=frozenset(one.kind for one in its if one.mine),
            reacted=tuple(map(_who_reacted, its)),
            reactions=bar,
        )
        found.append((post, look))
    return found


def _files_shown(gathered: Gathered) -> dict[UUID, Markup]:
    """What hangs on the posts, as HTML by post."""
    if not gathered.files:
        return {}
    parts = get_template_attribute("files/parts.html", "attached_list")
    return {about.id: parts(files) for about, files in gathered.files.items()}


def is_readable(who: Actor, post: PostSeen) -> bool:
    return post.deleted_at is None and (post.hidden_at is None or post.author_id == who.person_id)


def _is_new(who: Actor, seen: TopicSeen, post: PostSeen) -> bool:
    stands = post.deleted_at is None and post.hidden_at is None
    return stands and post.author_id != who.person_id and seen.first_unread is not None and post.id >= seen.first_unread


def _reaction_order(one: Reacted) -> int:
    return list(ReactionKind).index(ReactionKind(one.kind))


def _who_reacted(one: Reacted) -> tuple[str, str, tuple[str, ...]]:
    label, symbol = REACTIONS[ReactionKind(one.kind)]
    others = (ngettext("%(num)s other", "%(num)s others", one.others),) if one.others else ()
    return symbol, gettext(label), (*map(_kept_apart, one.names), *others)


def _kept_apart(name: str) -> str:
    """A name written from the right would turn the commas of a list round it; Unicode's isolates keep it to itself."""
    from_the_right = any(bidirectional(letter) in ("R", "AL") for letter in name)
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}" if from_the_right else name


def standing_post(post: PostLoaded) -> PostLoaded:
    """For whatever is done with a post that others see."""
    if post.deleted_at is not None or post.hidden_at is not None:
        raise NotThere("post")
    return post


def keep(session: Session, who: Actor, place: str, community: CommunitySeen) -> Response:
    """The button for people without script: the text is kept as a draft."""
    keep_words(session, who, place, community)
    return redirect(url_for("communities.community_home", community_id=community.id), 303)


def keep_words(session: Session, who: Actor, place: str, community: CommunitySeen) -> None:
    body, title = request.form.get("body", ""), request.form.get("title", "")
    draft = read_form(DraftForm, {"place": place, "text": body[:LONGEST], "title": title})
    if draft.form is not None:
        actions.keep_draft(session, who, place, community.id, draft.form.text, draft.form.title)


def kept_files(session: Session, who: Actor, file_ids: list[UUID], about: Reference | None = None) -> list[FileSeen]:
    """The files of a form that is shown again."""
    return kept(session.connection(), who, file_ids, about)


def draft_key(who: Actor, place: str) -> str:
    return f"{who.person_id}/{place}"


def _draft_sent(who: Actor, seen: TopicSeen, posts: Sequence[PostSeen]) -> str | None:
    """The draft the browser may forget: one whose text is on this page, just written by its writer. The address alone
    is no proof; anybody can send a link."""
    place = request.args.get("sent", "")
    if place not in (f"topic:{seen.id}", f"community:{seen.community_id}", *(f"post:{post.id}" for post in posts)):
        return None
    since = who.at - JUST_SENT
    mine = (post for post in posts if post.author_id == who.person_id)
    if any((post.edited_at or post.created_at) >= since for post in mine):
        return draft_key(who, place)
    return None


def list_page(connection: Connection, who: Actor, community: CommunitySeen, answer: Answer[AhaForm]) -> str:
    """The conversations of a community, with the line for an aha above them."""
    open_questions = request.args.get("show") == "open"
    page = queries.topics(
        connection, who, community.id, before=key_from(request.args, "before"), open_questions=open_questions
    )
    address = url_for("discussions.topic_list", community_id=community.id)
    filtered = "show=open&" if open_questions else ""
    return render_template(
        "discussions/topics.html",
        page_title=gettext("Conversations"),
        community=frame(community, "discussions.topic_list"),
        seen=community,
        page=page,
        address=address,
        topic_base=url_for("discussions.topic", topic_id=_NOBODY).removesuffix(str(_NOBODY)),
        next_url=f"{address}?{filtered}before={page.next_key}" if page.next_key else None,
        open_questions=open_questions,
        any_new=any(topic.first_unread for topic in page.items),
        purposes=purpose_names(),
        may_start=allows(community.roles, "topic.start"),
        answer=answer,
        errors=answer.errors,
        labels={"line": gettext(AHA_LABEL)},
        form_key=answer.form_key,
    )
