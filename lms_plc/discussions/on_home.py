"""What conversations add to a community's first page: what was said lately, what one has not read, what one began."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.home import HERE, FirstStep, Found, Line, Part, Step, contributes_to_home, line, tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor, allows
from lms_plc.core.text import excerpt
from lms_plc.discussions.forms import Level
from lms_plc.discussions.models import Draft, Post, ReadMark, Topic, TopicFollow
from lms_plc.discussions.wording import purpose_names
from lms_plc.people.models import Person
from lms_plc.web.addresses import way_to
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import gettext, ngettext

SAID_LATELY = 5
UNREAD = 20
LOOKED_THROUGH = 200
BEGINNING = 1500
"""Characters of a post that an excerpt is made of."""


tells_news(
    "topic.started",
    "discussions.topic_list",
    lambda number: ngettext("One new conversation", "%(num)s new conversations", number),
)
tells_news(
    "post.written",
    "discussions.topic_list",
    lambda number: ngettext("One new answer", "%(num)s new answers", number),
)


def _said() -> Select[Any]:
    return (
        select(
            *line(
                id=Post.id,
                title=Topic.title,
                text=func.substr(Post.body, 1, BEGINNING),
                name=Person.display_name,
                kind=Topic.purpose,
                at=Post.created_at,
            )
        )
        .join(Topic, Topic.id == Post.topic_id)
        .join(Person, Person.id == Post.author_id)
        .where(
            Post.community_id == HERE.community_id,
            Post.deleted_at.is_(None),
            Post.hidden_at.is_(None),
            Topic.hidden_at.is_(None),
        )
        .order_by(Post.id.desc())
        .limit(SAID_LATELY)
    )


def _unread() -> Select[Any]:
    """Topics with something new that somebody else said, the newest first. One that nobody touched for two hundred
    others is no news."""
    latest = (
        select(Topic.id, Topic.title, Topic.last_post_id)
        .where(
            Topic.community_id == HERE.community_id,
            Topic.merged_into_id.is_(None),
            Topic.hidden_at.is_(None),
            Topic.deleted_at.is_(None),
        )
        .order_by(Topic.last_post_id.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    last_post = aliased(Post)
    muted = exists().where(
        TopicFollow.topic_id == latest.c.id,
        TopicFollow.person_id == HERE.person_id,
        TopicFollow.level == Level.MUTED.value,
    )
    return (
        select(*line(id=latest.c.id, title=latest.c.title))
        .join(last_post, last_post.id == latest.c.last_post_id)
        .outerjoin(ReadMark, and_(ReadMark.topic_id == latest.c.id, ReadMark.person_id == HERE.person_id))
        .where(
            last_post.author_id != HERE.person_id,
            last_post.deleted_at.is_(None),
            last_post.hidden_at.is_(None),
            ~muted,
            or_(ReadMark.last_post_id.is_(None), ReadMark.last_post_id < latest.c.last_post_id),
        )
        .order_by(latest.c.last_post_id.desc())
        .limit(UNREAD)
    )


def _drafts() -> Select[Any]:
    return (
        select(*line(title=Draft.title, text=func.substr(Draft.body, 1, BEGINNING), kind=Draft.place))
        .where(Draft.person_id == HERE.person_id, Draft.community_id == HERE.community_id)
        .order_by(Draft.changed_at.desc())
        .limit(1)
    )


def _own() -> Select[Any]:
    return select(*line(id=Post.id)).where(Post.author_id == HERE.person_id).limit(1)


@contributes_to_home(10, {"said": _said(), "unread": _unread(), "drafts": _drafts(), "own": _own()})
def conversations_on_home(_: Actor, community: CommunitySeen, found: Found) -> Part:
    said = found["said"]
    given = {
        "said": [(one, _beyond_the_title(one)) for one in said],
        "purposes": purpose_names(),
        "list_address": url_for("discussions.topic_list", community_id=community.id),
        "aha_address": url_for("discussions.share_aha", community_id=community.id)
        if allows(community.roles, "topic.start")
        else None,
        "happened_address": _happened(community),
        "form_key": new_form_key(),
    }
    steps = _steps(community, bool(said), found["unread"], found["drafts"])
    hello = FirstStep(
        gettext("Say hello, in a line"),
        url_for("discussions.new_topic", community_id=community.id),
        done=bool(found["own"]),
    )
    return Part("discussions/lately.html", given, tuple(steps), (hello,))


def _happened(community: CommunitySeen) -> str | None:
    """Another room's page for what is more than a line."""
    return way_to("library.happened", community_id=community.id) if allows(community.roles, "library.add") else None


def _beyond_the_title(said: Line) -> str:
    """The beginning of a post; nothing where the title says all of it already."""
    return "" if said.text == said.title else excerpt(said.text or "")


def _steps(community: CommunitySeen, said: bool, unread: Sequence[Line], drafts: Sequence[Line]) -> list[Step]:
    steps = [
        Step(
            text=gettext("You began to write: “%(text)s”", text=excerpt(draft.title or draft.text or "", 60)),
            label=gettext("Go on writing"),
            url=_draft_address(draft.kind or ""),
            weight=10,
        )
        for draft in drafts
    ]
    if unread:
        steps.append(
            Step(
                text=ngettext(
                    "One conversation has something new for you.",
                    "%(num)s conversations have something new for you.",
                    len(unread),
                ),
                label=gettext("Read “%(title)s”", title=excerpt(unread[0].title or "", 40)),
                url=url_for("discussions.topic", topic_id=unread[0].id),
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


def _draft_address(place: str) -> str:
    kind, _, thing_id = place.partition(":")
    if kind == "topic":
        return url_for("discussions.topic", topic_id=thing_id, _anchor="write")
    if kind == "post":
        return url_for("discussions.edit_form", post_id=thing_id)
    return url_for("discussions.new_topic", community_id=thing_id)
