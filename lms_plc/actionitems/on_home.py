"""What agreed actions add to a community's first page: one's own, and a question about those whose day has passed."""

from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Select, String, cast, select

from lms_plc.actionitems.models import ActionItem
from lms_plc.actionitems.queries import OPEN
from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line, tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor
from lms_plc.web.i18n import format_date, gettext, ngettext

SHOWN = 5

tells_news(
    "action_item.recorded",
    "actionitems.action_list",
    lambda number: ngettext("One new agreed action", "%(num)s new agreed actions", number),
)
tells_news(
    "action_item.done",
    "actionitems.action_list",
    lambda number: ngettext("One agreed action is done", "%(num)s agreed actions are done", number),
)


def _mine() -> Select[Any]:
    return (
        select(*line(id=ActionItem.id, title=ActionItem.text, kind=cast(ActionItem.due, String)))
        .where(
            ActionItem.community_id == HERE.community_id,
            ActionItem.owner_id == HERE.person_id,
            ActionItem.state == OPEN,
        )
        .order_by(ActionItem.due.is_(None), ActionItem.due, ActionItem.id)
        .limit(SHOWN)
    )


@contributes_to_home(9, {"mine": _mine()})
def actions_on_home(actor: Actor, community: CommunitySeen, found: Found) -> Part:
    """No statement of its own. The day goes by UTC: here that is early enough."""
    if not found["mine"]:
        return Part()
    rows = [(one, date.fromisoformat(one.kind) if one.kind else None) for one in found["mine"]]
    steps = [
        Step(
            text=gettext(
                "“%(title)s” was meant for %(day)s. Another date?", title=one.title, day=format_date(due, "full")
            ),
            label=gettext("Look at it"),
            url=url_for("actionitems.action", action_item_id=one.id),
            weight=12,
        )
        for one, due in rows
        if due is not None and due < actor.at.date()
    ]
    given = {"rows": rows, "list_address": url_for("actionitems.action_list", community_id=community.id)}
    return Part("actionitems/mine_on_home.html", given, steps[:2])
