"""Pages of what was thought: a community's, a meeting's, and one thought with what led to it and what it led to."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for

from lms_plc.communities.audiences import AUDIENCE_NAMES, Audience
from lms_plc.communities.next_steps import next_steps
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, Role, allows, load
from lms_plc.core.things import kinds, shown
from lms_plc.evidence import actions, queries
from lms_plc.evidence.kinds import KINDS, NODE, WORDS
from lms_plc.evidence.queries import LinkSeen, NodeSeen
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.i18n import gettext

__all__ = ["actions", "evidence"]

evidence = Blueprint("evidence", __name__, url_prefix="/s/<seat>", template_folder="templates")


@evidence.get("/communities/<uuid:community_id>/thoughts")
def nodes(community_id: UUID) -> str:
    """A community's, or those of one meeting (``from_kind`` and ``from``)."""
    who = actor()
    kind = request.args.get("kind", "")
    origin = _origin_asked()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        place = shown(connection, who, [origin]).get(origin) if origin else None
        if origin is not None and place is not None and place.community_id == community.id:
            page: Page[NodeSeen] = Page(queries.of_origin(connection, who, origin), None)
        else:
            place = None
            before = key_from(request.args, "before")
            page = queries.nodes(connection, who, community.id, kind=kind if kind in KINDS else "", before=before)
    return render_template(
        "evidence/nodes.html",
        page_title=gettext("What we thought"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        place=place,
        page=page,
        kind=kind if kind in KINDS else "",
        names={name: gettext(one.name) for name, one in KINDS.items()},
    )


@evidence.get("/thoughts/<uuid:node_id>")
def node(node_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: NodeSeen = load(connection, who, NODE, node_id, "node.read")
        community = load_here(connection, who, seen.community_id, "community.read") if _is_inside(seen) else None
        links = queries.links_of(connection, seen.reference)
        wanted = [one for one in (seen.origin, *(link.other for link in links)) if one.kind in kinds()]
        things = shown(connection, who, wanted)
        steps = next_steps(connection, who, seen.kind, seen.reference, seen.community_id) if community else None
    return render_template("evidence/node.html", **_given(who, seen, community, links, things), steps=steps)


def _is_inside(seen: NodeSeen) -> bool:
    """Readers of other communities see the thought, and not the rooms around it."""
    return allows(seen.roles, "community.read")


def _given(
    who: Actor, seen: NodeSeen, community: CommunitySeen | None, links: list[LinkSeen], things: Any
) -> dict[str, Any]:
    audience = AUDIENCE_NAMES[Audience(seen.audience)]
    may_report = Role.AUTHOR not in seen.roles and "moderation.report_form" in current_app.view_functions
    return {
        "page_title": gettext(KINDS[seen.kind].name),
        "community": frame(community, "meetings.meeting_list") if community else None,
        "seen": community,
        "node": seen,
        "meant": gettext(KINDS[seen.kind].meant),
        "audience": (gettext(audience[0]), gettext(audience[1])),
        "origin": things.get(seen.origin),
        "links": [(gettext(WORDS[one.type][0 if one.forwards else 1]), things.get(one.other)) for one in links],
        "report": url_for("moderation.report_form", kind=NODE, thing_id=seen.id) if may_report else None,
    }


def _origin_asked() -> Reference | None:
    thing_id, kind = key_from(request.args, "from"), request.args.get("from_kind", "")
    return Reference(kind, thing_id) if thing_id and kind in kinds() else None
