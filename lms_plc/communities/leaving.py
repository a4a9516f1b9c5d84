"""Leaving a community: one page that says what stays and what ends, and one button."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from lms_plc.communities.going import beforehand
from lms_plc.communities.memberships import Because
from lms_plc.communities.memberships import leave as go
from lms_plc.communities.queries import CommunitySeen, leaders
from lms_plc.communities.views import frame, load_here
from lms_plc.core import things
from lms_plc.core.activity import Event, Reference
from lms_plc.core.policy import Actor, Role
from lms_plc.core.things import Thing
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.i18n import gettext

leaving = Blueprint("leaving", __name__, url_prefix="/s/<seat>", template_folder="templates")

SHOWN = 20

_untold: dict[str, tuple[Any, Any, Any, Any]] = {}


def made_untold(kind: str, id_: Any, author_id: Any, community_id: Any, is_read: Any) -> None:
    """Registers the columns of a kind of thing others may come to read without an event that says where it stands, and
    the condition that they do."""
    _untold[kind] = (id_, author_id, community_id, is_read)


@leaving.get("/communities/<uuid:community_id>/leave")
def leave_form(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.leave")
        mine = made_here(connection, who, community.id)
        first = beforehand(connection, who, community.id)
        alone = _is_alone_in_the_lead(connection, who, community)
    return render_template(
        "communities/leave.html",
        page_title=gettext("Leave this community?"),
        community=frame(community, "communities.member_list"),
        seen=community,
        mine=[(one, url_for(one.endpoint, **one.values, _anchor=one.anchor)) for one in mine],
        shown=SHOWN,
        first=first,
        alone=alone,
        has_role=bool(community.roles - {Role.MEMBER}),
    )


@leaving.post("/communities/<uuid:community_id>/leave")
def leave(community_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "community.leave")
        because = Because(who.at, "page", actor_id=who.person_id)
        go(session, community.site_id, community.id, who.person_id, because)
    return redirect(url_for("communities.mine", all=1, left=1), 303)


def made_here(connection: Connection, who: Actor, community_id: UUID, size: int = SHOWN) -> Sequence[Thing]:
    """What somebody made in a community and others still see, the newest first: a statement, and one or two a
    kind."""
    told = connection.execute(
        select(Event.thing_kind, Event.thing_id)
        .where(
            Event.community_id == community_id,
            Event.actor_id == who.person_id,
            Event.thing_kind.in_(sorted(things.kinds())),
        )
        .order_by(Event.id.desc())
        .limit(5 * size)
    )
    made = [Reference(kind, thing_id) for kind, thing_id in told]
    for kind, (id_, author_id, community, is_read) in _untold.items():
        here = select(id_).where(author_id == who.person_id, community == community_id, is_read)
        untold = connection.execute(here.order_by(id_.desc()).limit(size)).scalars()
        made += [Reference(kind, thing_id) for thing_id in untold]
    shown = things.shown(connection, who, made)
    theirs = [one for one in shown.values() if one.author_id == who.person_id]
    return sorted(theirs, key=lambda one: one.at, reverse=True)[:size]


def _is_alone_in_the_lead(connection: Connection, who: Actor, community: CommunitySeen) -> bool:
    if Role.FACILITATOR not in community.roles:
        return False
    facilitators = [
        person
        for person, (_, roles) in leaders(connection, community.id, who.at).items()
        if Role.FACILITATOR.value in roles.split()
    ]
    return facilitators == [who.person_id]
