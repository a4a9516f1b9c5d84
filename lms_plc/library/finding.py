"""What of the library can be found by its words?"""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference
from lms_plc.library.models import Item
from lms_plc.library.queries import KIND

_AT_ONCE = 200


def make_findable(session: Session, item_id: UUID) -> None:
    """As it stands now; what is hidden or gone is forgotten."""
    found = _entries(session.connection(), _standing().where(Item.id == item_id))
    for entry in found:
        search.put(session, entry)
    if not found:
        search.forget(session, Reference(KIND, item_id))


@search.reindexes(KIND)
def all_items(connection: Connection, after: UUID | None) -> list[search.Entry]:
    query = _standing().order_by(Item.id).limit(_AT_ONCE)
    return _entries(connection, query if after is None else query.where(Item.id > after))


def _standing() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Item.id,
        Community.site_id,
        Item.community_id,
        Item.author_id,
        Item.audience,
        Item.title,
        Item.texts,
        Item.tags,
        Item.created_at,
    )
    return (
        select(*columns)
        .join(Community, Community.id == Item.community_id)
        .where(Item.hidden_at.is_(None), Item.deleted_at.is_(None))
    )


def _entries(connection: Connection, query: Select[Any]) -> list[search.Entry]:
    return [
        search.Entry(
            Reference(KIND, row.id),
            row.site_id,
            row.community_id,
            row.author_id,
            row.audience,
            row.title,
            "\n".join([*row.texts.values(), *row.tags]),
            row.created_at,
        )
        for row in connection.execute(query)
    ]
