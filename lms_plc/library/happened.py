"""Something happened: the shortest way in, for a flop, an aha or a success. What each is for, how it is talked about,
and what can come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, render_template, url_for
from sqlalchemy import Connection

from lms_plc.communities.audiences import Audience
from lms_plc.communities.next_steps import Link, next_steps
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, allows
from lms_plc.house import house
from lms_plc.library.blueprint import library
from lms_plc.library.queries import KIND, ItemSeen
from lms_plc.library.shapes import StoryKind
from lms_plc.people.guards import actor
from lms_plc.protocols.queries import protocol_for
from lms_plc.protocols.wording import said
from lms_plc.web.addresses import way_to
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import N_, gettext

SHORT_LOOP = "reflect_improve_repeat"


@dataclass(frozen=True, slots=True)
class Way:
    """``label``, ``meant`` and ``write`` are message ids; ``protocol`` is the key of the one that fits it."""

    kind: StoryKind
    label: str
    meant: str
    write: str
    protocol: str


WAYS = (
    Way(
        StoryKind.FLOP,
        N_("A flop"),
        N_("It went wrong, and you wonder why. You say first who may read it; others learn most from these."),
        N_("Tell of a flop"),
        "useful_flop",
    ),
    Way(
        StoryKind.AHA,
        N_("An aha"),
        N_("Something you suddenly saw. One line is enough; it can grow into a story later."),
        N_("Share an aha"),
        "success_unpacked",
    ),
    Way(
        StoryKind.SUCCESS,
        N_("A success"),
        N_("It worked, and you want to know what made it work, so that it works again, with others too."),
        N_("Tell of a success"),
        "success_unpacked",
    ),
)

PROTOCOLS = {way.kind.value: way.protocol for way in WAYS} | {StoryKind.MIXED.value: "useful_flop"}
"""Kind of a story → the protocol it is talked about by."""

FOR_ALL = frozenset({Audience.COMMUNITY.value, Audience.PLATFORM.value, Audience.WORLD.value})


@library.get("/communities/<uuid:community_id>/happened")
def happened(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "library.add")
        ways = [(way, _address(community, way), _talk(connection, community.id, way)) for way in WAYS]
    return render_template(
        "library/happened.html",
        page_title=gettext("Something happened"),
        community=frame(community, "inquiry.inquiry_list"),
        seen=community,
        ways=ways,
        aha=way_to("discussions.share_aha", community_id=community.id)
        if allows(community.roles, "topic.start")
        else None,
        form_key=new_form_key(),
    )


def _address(community: CommunitySeen, way: Way) -> str:
    return url_for("library.new_story", community_id=community.id, kind=way.kind.value)


def _talk(connection: Connection, community_id: UUID, way: Way) -> dict[str, str] | None:
    protocol = protocol_for(connection, community_id, way.protocol)
    address = url_for("protocols.protocol", community_id=community_id, key=way.protocol)
    return {"label": said(protocol.content.name), "url": address} if protocol else None


def _offers(connection: Connection, who: Actor, seen: ItemSeen) -> Sequence[Link]:
    """What other rooms offer for a thing of the library, for its shape, and for its kind of story; an aha that was
    told as a story has grown already."""
    kinds = dict.fromkeys([KIND, seen.shape, seen.story_kind or KIND])
    kinds.pop(StoryKind.AHA.value, None)
    offers = [
        offer for kind in kinds for offer in next_steps(connection, who, kind, seen.reference, seen.community_id).offers
    ]
    return list({offer.url: offer for offer in offers}.values())


def ways_on(connection: Connection, who: Actor, seen: ItemSeen, community: CommunitySeen | None) -> dict[str, Any]:
    """What can come of a thing of the library, on its page: of a story more than of others."""
    if community is None or community.id != seen.community_id:
        return {}
    found: dict[str, Any] = {"offers": _offers(connection, who, seen)}
    key = PROTOCOLS.get(seen.story_kind or "")
    if key is None:
        return found
    views = current_app.view_functions
    protocol = protocol_for(connection, community.id, key)
    if protocol is not None and allows(community.roles, "meeting.plan"):
        use = url_for("protocols.use", community_id=community.id, key=key)
        read = url_for("protocols.protocol", community_id=community.id, key=key)
        found["protocol"] = {"label": said(protocol.content.name), "url": read, "use": use}
    if seen.audience in FOR_ALL and "meetings.put_on_agenda" in views:
        found["agenda"] = True
    if "inquiry.open_form" in views and allows(community.roles, "inquiry.open"):
        begun: dict[str, Any] = {"from_kind": KIND, "from": seen.id}
        found["loop"] = url_for("inquiry.open_form", community_id=community.id, cycle=SHORT_LOOP, **begun)
    return found
