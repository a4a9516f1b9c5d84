"""What the library adds to a community's first page: what came into it last."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, func

from lms_plc.communities.home import HERE, Found, Part, contributes_to_home, line
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor
from lms_plc.library import showing
from lms_plc.library.models import Item
from lms_plc.library.queries import newest
from lms_plc.people.models import Person

LATEST = 3


def _latest() -> Select[Any]:
    kind = func.coalesce(Item.story_kind, Item.shape)
    columns = line(id=Item.id, title=Item.title, name=Person.display_name, kind=kind, at=Item.created_at)
    return newest(HERE, *columns).where(Item.community_id == HERE.community_id).limit(LATEST)


@contributes_to_home(30, {"latest": _latest()})
def library_on_home(_: Actor, community: CommunitySeen, found: Found) -> Part:
    if not found["latest"]:
        return Part()
    given = {
        "items": [(one, showing.what_it_is(one.kind or "")) for one in found["latest"]],
        "list_address": url_for("library.item_list", community_id=community.id),
        "stories_address": url_for("library.lunchroom", community_id=community.id),
    }
    return Part("library/lately.html", given)
