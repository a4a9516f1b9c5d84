"""Open actions as lines of a meeting's page, for rooms that hold meetings."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, literal, select

from lms_plc.actionitems.models import ActionItem
from lms_plc.actionitems.queries import OPEN
from lms_plc.communities.lines import line
from lms_plc.people.models import Person

MOST = 30
MINE = "mine"


def open_lines(community_id: Any, me: Any) -> Select[Any]:
    """What is open in a community: ``title`` is the action, ``name`` whose it is (null: nobody's), ``kind`` until when
    (as an ISO day), ``text`` is MINE for one of one's own, ``at`` when it was agreed, ``number`` how often its date
    was put off: that is only for whose it is, and for who leads."""
    mine: ColumnElement[str] = case((ActionItem.owner_id == me, literal(MINE)), else_=literal(""))
    return (
        select(
            *line(
                id=ActionItem.id,
                title=ActionItem.text,
                text=mine,
                name=Person.display_name,
                kind=cast(ActionItem.due, String),
                at=ActionItem.created_at,
                number=ActionItem.moved,
            )
        )
        .outerjoin(Person, Person.id == ActionItem.owner_id)
        .where(ActionItem.community_id == community_id, ActionItem.state == OPEN)
        .order_by(ActionItem.due.is_(None), ActionItem.due, ActionItem.id)
        .limit(MOST)
    )
