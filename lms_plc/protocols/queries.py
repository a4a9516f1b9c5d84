"""Which protocols are there for a community: those that are shipped, and its own copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from lms_plc.communities.adapted import CopyListed, Shelf
from lms_plc.core import search
from lms_plc.core.policy import Actor, Loaded, loads
from lms_plc.core.things import Thing, shows
from lms_plc.protocols.content import Content, shipped
from lms_plc.protocols.models import Protocol, ProtocolVersion
from lms_plc.protocols.wording import said
from lms_plc.web.i18n import N_

KIND = "protocol"


@dataclass(frozen=True, slots=True)
class ProtocolSeen:
    """A protocol a community can talk by. ``key`` is a shipped protocol's id, or that of the community's own copy."""

    key: str
    version: int
    content: Content
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class ProtocolListed:
    """One to choose from; ``name`` and ``purpose`` are in the language of the page, ``use_when`` as it is written."""

    key: str
    name: str
    family: str
    minutes: int
    smallest: int
    largest: int
    starter: bool
    is_own: bool
    use_when: tuple[str, ...] = ()
    purpose: str = ""


def _findable(content: Content) -> tuple[str, str]:
    steps = (f"{step.title}: {step.do}" for step in content.steps)
    return content.name, "\n".join([content.purpose, *content.use_when, *steps])


SHELF = Shelf(
    kind=KIND,
    copy=Protocol,
    version=ProtocolVersion,
    version_of=ProtocolVersion.protocol_id,
    content=Content,
    findable=_findable,
    facts=lambda content: {"minutes": content.total_minutes},
)


def protocol_for(connection: Connection, community_id: UUID, key: str) -> ProtocolSeen | None:
    """The protocol of this key, if the community has it; also a copy that is out of use, as meetings may still be
    planned with it. A shipped one asks the database nothing."""
    if key in shipped():
        one = shipped()[key]
        return ProtocolSeen(key, one.version, one.content)
    own = SHELF.made(connection, community_id, key)
    return ProtocolSeen(own.key, own.version, own.content, is_own=True) if own else None


def choices(connection: Connection, community_id: UUID) -> list[ProtocolListed]:
    """What a community can choose from: its own copies in use, then what is shipped, in the order of the file."""
    return offered(SHELF.copies(connection, community_id))


def offered(own: Sequence[CopyListed[Content]]) -> list[ProtocolListed]:
    in_use = [one for one in own if one.retired_at is None]
    return [
        *(_listed(str(one.id), one.content, starter=True, is_own=True) for one in in_use),
        *(_listed(one.id, one.content, starter=one.starter, is_own=False) for one in shipped().values()),
    ]


@loads(KIND, known_by="community.read")
def load_copy(connection: Connection, actor: Actor, protocol_id: UUID) -> Loaded | None:
    return SHELF.loaded(connection, actor, protocol_id)


@search.reindexes(KIND)
def all_copies(connection: Connection, after: UUID | None) -> list[search.Entry]:
    return SHELF.found.some(connection, after)


@shows(KIND, N_("Conversation protocol"))
def show_copies(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    return SHELF.shown(connection, actor, ids, lambda content: (said(content["name"]), said(content["purpose"])), _at)


def _at(community_id: UUID, copy_id: UUID) -> tuple[str, Mapping[str, Any]]:
    return "protocols.protocol", {"community_id": community_id, "key": str(copy_id)}


def _listed(key: str, content: Content, *, starter: bool, is_own: bool) -> ProtocolListed:
    return ProtocolListed(
        key,
        said(content.name),
        content.family,
        content.total_minutes,
        content.group_size.min,
        content.group_size.max,
        starter,
        is_own,
        content.use_when,
        said(content.purpose),
    )
