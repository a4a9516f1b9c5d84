"""What of the library can be found by its words?"""

from typing import Any

from sqlalchemy import Row, Select, select

from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference
from lms_plc.library.models import Item
from lms_plc.library.queries import KIND


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


def _entry(row: Row[Any]) -> search.Entry:
    return search.Entry(
        Reference(KIND, row.id),
        row.site_id,
        row.community_id,
        row.author_id,
        row.audience,
        row.title,
        "\n".join([*row.texts.values(), *row.tags]),
        row.created_at,
    )


FOUND = search.findable(KIND, Item.id, _standing, _entry)
