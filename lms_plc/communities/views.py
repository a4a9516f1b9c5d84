"""The pages of a community itself: home, members; and the list of mine."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection, Select
from werkzeug.wrappers import Response

from lms_plc.communities import directory, home, queries
from lms_plc.communities.actions import VISIT, look_in, settle
from lms_plc.communities.going import still_mine
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, Role, allows, load
from lms_plc.house import house
from lms_plc.people.addresses import address, address_in
from lms_plc.people.guards import actor
from lms_plc.people.said import Said, said_by
from lms_plc.people.teaching import SUBJECTS, post_name, subject_names
from lms_plc.web.i18n import N_, format_list, gettext

communities = Blueprint("communities", __name__, url_prefix="/s/<seat>", template_folder="templates")

MEMBERS_ON_HOME = 12
STEPS_ON_HOME = 5
NEW_FOR = timedelta(days=30)
"""So long after joining somebody is shown the first steps, if they have not settled before."""

ROLE_NAMES = {
    Role.MENTOR.value: N_("Mentor"),
    Role.FACILITATOR.value: N_("Facilitator"),
    Role.TEACHER_LEADER.value: N_("Teacher leader"),
}

home.open_room(10, "communities.community_home", N_("Home"))
home.open_room(30, "communities.member_list", N_("Members"))


def frame(community: CommunitySeen, current: str) -> dict[str, Any]:
    """What the layout shows of a community on each of its pages: its name and its rooms."""
    return {
        "name": community.name,
        "url": address_in("communities.community_home", community.id),
        "all_url": f"{address('communities.mine')}?all=1",
        "tabs": [
            {
                "label": gettext(room.label),
                "url": address_in(room.endpoint, community.id),
                "current": room.endpoint == current,
            }
            for room in home.rooms()
        ],
    }


def load_here(connection: Connection, who: Actor, community_id: UUID, permission: str) -> CommunitySeen:
    found: CommunitySeen = load(connection, who, "community", community_id, permission)
    return found


@communities.get("/")
def mine() -> str | Response:
    with house().database.read() as connection:
        page = queries.mine(connection, actor(), after=key_from(request.args, "after"))
        looks_back = "all" in request.args or not page.items
        kept = still_mine(connection, actor()) if looks_back else []
    if len(page.items) == 1 and not page.next_key and not request.args.keys() & {"after", "all"}:
        return redirect(url_for("communities.community_home", community_id=page.items[0].id))
    rows = [(one, days_left(actor().at, one.mentor_until)) for one in page.items]
    return render_template(
        "communities/mine.html", page_title=gettext("My communities"), page=page, rows=rows, kept=kept
    )


@communities.get("/communities/<uuid:community_id>")
def community_home(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        since = _last_visit(who, community)
        parts, found = home.parts(
            connection, who, community, _own_lines(), today=_day_began(who), since=since or who.at
        )
    with house().database.alone() as connection:
        look_in(connection, who, community)
    first_steps = [step for part in parts for step in part.first_steps] if _is_new(who, community) else []
    return render_template(
        "communities/home.html",
        page_title=community.name,
        community=frame(community, "communities.community_home"),
        seen=community,
        members=found["members"],
        leaders=_leaders(found["leaders"]),
        mentoring=_mentoring(who, found["leaders"]),
        count=found["count"][0].number,
        parts=parts,
        steps=_most_pressing(community, parts),
        first_steps=first_steps if any(not step.done for step in first_steps) else [],
        news=_told_news(community, found["news"]),
        since=since,
    )


@communities.post("/communities/<uuid:community_id>/settled")
def settled(community_id: UUID) -> Response:
    """A newcomer has done, or does not want, the first steps."""
    who = actor()
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "community.read")
        settle(session, who, community)
    return redirect(url_for("communities.community_home", community_id=community.id), 303)


@communities.get("/communities/<uuid:community_id>/members")
def member_list(community_id: UUID) -> str:
    who, wanted = actor(), _wanted()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = directory.members(connection, community.id, wanted, after=key_from(request.args, "after"))
        said = said_by(connection, [member.person_id for member in page.items])
        leaders = _named_roles(queries.leaders(connection, community.id, who.at))
        count = queries.count_members(connection, community.id)
    roles = {leader["person_id"]: leader["roles"] for leader in leaders}
    address: dict[str, Any] = {"community_id": community.id, "words": wanted.words, "subject": wanted.subject or ""}
    return render_template(
        "communities/members.html",
        page_title=gettext("Members"),
        community=frame(community, "communities.member_list"),
        seen=community,
        rows=[(member, roles.get(member.person_id, []), _about(member, said)) for member in page.items],
        first="after" not in request.args and not wanted,
        leaders=leaders,
        count=count,
        may_help=allows(community.roles, "case.list"),
        wanted=wanted,
        subjects=[("", gettext("Any subject")), *((key, gettext(label)) for key, label in SUBJECTS.items())],
        next_url=url_for("communities.member_list", **address, after=page.next_key) if page.next_key else None,
    )


def _wanted() -> directory.Wanted:
    """Whom somebody looks for; a subject that is none means any."""
    subject = request.args.get("subject")
    words = request.args.get("words", "").replace("\x00", "").strip()[:100]
    return directory.Wanted(words, subject if subject in SUBJECTS else None)


def _about(member: directory.MemberSeen, said: Mapping[UUID, Said]) -> list[str]:
    """What stands below a name: the post, the subjects, the schools."""
    own = said[member.person_id]
    subjects = subject_names(own.subjects)
    about = [post_name(member.post_type), format_list(subjects) if subjects else None, *own.schools]
    return [one for one in about if one]


@cache
def _own_lines() -> Mapping[str, Select[Any]]:
    """What the first page asks for itself; built when the first one is opened, when every room has told its news."""
    return {**queries.people_on_home(MEMBERS_ON_HOME), "news": queries.news_on_home(home.news())}


def _most_pressing(community: CommunitySeen, parts: Sequence[home.Part]) -> list[home.Step]:
    steps = sorted((step for part in parts for step in part.steps), key=lambda step: step.weight)
    return steps[:STEPS_ON_HOME]


def _is_new(who: Actor, community: CommunitySeen) -> bool:
    """Whether somebody is shown their first steps."""
    joined = community.joined_at
    return joined is not None and community.settled_at is None and who.at - joined < NEW_FOR


def _last_visit(who: Actor, community: CommunitySeen) -> datetime | None:
    """When the visit before this one was; None at the first."""
    if community.seen_at is not None and who.at - community.seen_at > VISIT:
        return community.seen_at
    return community.seen_before


def _told_news(community: CommunitySeen, lines: Sequence[home.Line]) -> list[dict[str, str]]:
    counts = {line.kind: line.number or 0 for line in lines}
    return [
        {"text": news.told(counts[verb]), "url": url_for(news.endpoint, community_id=community.id)}
        for verb, news in home.news().items()
        if counts.get(verb)
    ]


def _mentoring(who: Actor, leaders: Sequence[home.Line]) -> dict[str, Any] | None:
    """For a mentor: until when, and how many days that is."""
    for line in leaders:
        if line.id == who.person_id and line.kind == Role.MENTOR.value:
            return {"until": line.at, "days": days_left(who.at, line.at)}
    return None


def _day_began(who: Actor) -> datetime:
    """Midnight, where this installation is."""
    there = who.at.astimezone(ZoneInfo(house().settings.timezone))
    return there.replace(hour=0, minute=0, second=0, microsecond=0)


def days_left(now: datetime, until: datetime | None) -> int | None:
    """Whole days, today counted; None where a role has no end."""
    return None if until is None else max(0, (until - now).days)


def _leaders(lines: Sequence[home.Line]) -> list[dict[str, Any]]:
    roles: dict[UUID, tuple[str, str]] = {}
    for line in lines:
        if line.id is not None:
            _, known = roles.get(line.id, ("", ""))
            roles[line.id] = (line.name or "", f"{known} {line.kind}".strip())
    return _named_roles(roles)


def _named_roles(leaders: Any) -> list[dict[str, Any]]:
    return [
        {
            "person_id": person_id,
            "name": name,
            "roles": [gettext(ROLE_NAMES[role]) for role in dict.fromkeys(roles.split()) if role in ROLE_NAMES],
        }
        for person_id, (name, roles) in leaders.items()
    ]
