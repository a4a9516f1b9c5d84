"""Which copies can be found by their words? Those in use; the shipped ones are few and stand in one list."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference
from lms_plc.protocols.content import Content
from lms_plc.protocols.models import Protocol
from lms_plc.protocols.queries import KIND

_AT_ONCE = 200


def make_findable(session: Session, copy_id: UUID) -> None:
    """As it stands now; what is out of use is forgotten."""
    found = _entries(session.connection(), _in_use().where(Protocol.id == copy_id))
    for entry in found:
        search.put(session, entry)
    if not found:
        search.forget(session, Reference(KIND, copy_id))


@search.reindexes(KIND)
def all_copies(connection: Connection, after: UUID | None) -> list[search.Entry]:
    query = _in_use().order_by(Protocol.id).limit(_AT_ONCE)
    return _entries(connection, query if after is None else query.where(Protocol.id > after))


def _in_use() -> Select[Any]:
    columns: tuple[Any, ...] = (
        *(Protocol.id, Community.site_id, Protocol.community_id, Protocol.adapted_by_id),
        *(Protocol.content, Protocol.created_at),
    )
    return select(*columns).join(Community, Community.id == Protocol.community_id).where(Protocol.retired_at.is_(None))


def _entries(connection: Connection, query: Select[Any]) -> list[search.Entry]:
    found = []
    for row in connection.execute(query):
        content = Content.model_validate(row.content)
        texts = [content.purpose, *content.use_when, *(f"{step.title}: {step.do}" for step in content.steps)]
        found.append(
            search.Entry(
                Reference(KIND, row.id),
                row.site_id,
                row.community_id,
                row.adapted_by_id,
                Audience.COMMUNITY.value,
                content.name,
                "\n".join(texts),
                row.created_at,
            )
        )
    return found
