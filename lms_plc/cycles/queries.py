"""Which cycles are there for a community: those that are shipped, and its own copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from lms_plc.communities.adapted import CopyListed, Shelf, as_copy
from lms_plc.core import search
from lms_plc.core.policy import Actor, Loaded, loads
from lms_plc.core.things import Thing, shows
from lms_plc.cycles.content import Content, shipped
from lms_plc.cycles.models import CycleTemplate, CycleVersion
from lms_plc.cycles.wording import said, stage_name
from lms_plc.protocols.showing import helps_with
from lms_plc.web.i18n import N_

KIND = "cycle"
TEACHER_LED = "tldw"
"""The cycle of a project that a teacher leads."""


@dataclass(frozen=True, slots=True)
class CycleSeen:
    """A cycle a community can work by. ``key`` is a shipped cycle's id, or that of the community's own copy."""

    key: str
    version: int
    content: Content
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class CycleListed:
    """One to choose from; ``name`` and ``short`` are in the language of the page."""

    key: str
    name: str
    short: str
    months: int
    is_own: bool
    owner: str = "individual"


def _findable(content: Content) -> tuple[str, str]:
    stages = (" ".join((f"{stage.name}: {stage.purpose}", *stage.prompts)) for stage in content.stages)
    return content.name, "\n".join([content.short, *content.always_ask, *stages])


SHELF = Shelf(
    kind=KIND,
    copy=CycleTemplate,
    version=CycleVersion,
    version_of=CycleVersion.cycle_id,
    content=Content,
    findable=_findable,
    facts=lambda content: {"stages": len(content.stages)},
)


def cycle_for(connection: Connection, community_id: UUID, key: str) -> CycleSeen | None:
    """The cycle of this key, if the community has it; also a copy that is out of use, as work by it goes on. A shipped
    one asks the database nothing."""
    if key in shipped():
        one = shipped()[key]
        return CycleSeen(key, one.version, one.content)
    own = SHELF.made(connection, community_id, key)
    return CycleSeen(own.key, own.version, own.content, is_own=True) if own else None


def choices(connection: Connection, community_id: UUID) -> list[CycleListed]:
    """What a community can choose from: its own copies in use, then what is shipped, in the order of the file."""
    return offered(SHELF.copies(connection, community_id))


def offered(own: Sequence[CopyListed[Content]]) -> list[CycleListed]:
    in_use = [one for one in own if one.retired_at is None]
    return [
        *(_listed(str(one.id), one.content, is_own=True) for one in in_use),
        *(_listed(one.id, one.content, is_own=False) for one in shipped().values()),
    ]


@loads(KIND, known_by="community.read")
def load_copy(connection: Connection, actor: Actor, cycle_id: UUID) -> Loaded | None:
    return SHELF.loaded(connection, actor, cycle_id)


@search.reindexes(KIND)
def all_copies(connection: Connection, after: UUID | None) -> list[search.Entry]:
    return SHELF.found.some(connection, after)


@shows(KIND, N_("Way of working"))
def show_copies(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    return SHELF.shown(connection, actor, ids, lambda content: (said(content["name"]), said(content["short"])), _at)


def address(community_id: UUID, key: str) -> tuple[str, dict[str, Any]]:
    """Endpoint and values of a cycle's page, shipped or a copy."""
    copy_id = as_copy(key)
    if copy_id is None:
        return "cycles.shipped_cycle", {"community_id": community_id, "cycle_key": key}
    return "cycles.cycle", {"cycle_id": copy_id}


def steps_with(protocol: str) -> list[str]:
    """The stages of a development project that a protocol helps with."""
    return [stage_name(stage.name) for stage in shipped()[TEACHER_LED].content.stages if protocol in stage.protocols]


helps_with(steps_with)


def _at(_: UUID, copy_id: UUID) -> tuple[str, Mapping[str, Any]]:
    return "cycles.cycle", {"cycle_id": copy_id}


def _listed(key: str, content: Content, *, is_own: bool) -> CycleListed:
    return CycleListed(key, said(content.name), said(content.short), content.typical_months, is_own, content.owner)
