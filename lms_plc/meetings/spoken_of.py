"""What an agenda speaks of, as this actor may see it: its items, and the things of other rooms behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from lms_plc.communities.agendas import settler_of
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import Thing, kinds
from lms_plc.core.things import shown as shown_things
from lms_plc.meetings.queries import ItemSeen
from lms_plc.web.i18n import N_, gettext

GONE = N_("Something that cannot be seen any more")


def unsettled(connection: Connection, references: Sequence[Reference]) -> set[Reference]:
    """Those of the things that can be closed from the minutes: one statement a kind."""
    found = set()
    for kind in {reference.kind for reference in references}:
        settler, ids = settler_of(kind), [reference.id for reference in references if reference.kind == kind]
        if settler is not None:
            found |= {Reference(kind, thing_id) for thing_id in settler.unsettled(connection, ids)}
    return found


def can_be_settled(thing: Reference) -> bool:
    return settler_of(thing.kind) is not None


def title_of(connection: Connection, who: Actor, thing: Reference, written: str) -> str:
    """What stands on the agenda for a thing: ``written``, unless it cannot be seen any more."""
    seen = thing.kind in kinds() and thing in shown_things(connection, who, [thing])
    return written if seen else gettext(GONE)


def pointed_at(connection: Connection, who: Actor, items: Sequence[ItemSeen]) -> Mapping[Reference, Thing]:
    references = [item.thing for item in items if item.thing is not None and item.thing.kind in kinds()]
    return shown_things(connection, who, references)


def as_shown(item: ItemSeen, things: Mapping[Reference, Thing]) -> ItemSeen:
    """The words of a thing that has been hidden or taken back stand on no agenda either."""
    if item.thing is None or item.thing in things:
        return item
    return replace(item, title=gettext(GONE))


def named(connection: Connection, who: Actor, items: Sequence[ItemSeen]) -> list[ItemSeen]:
    things = pointed_at(connection, who, items)
    return [as_shown(item, things) for item in items]
