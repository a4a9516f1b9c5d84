"""What can grow from a thing, and what has grown from it? A room offers a step from things of another room.

Neither imports the other: the room that makes the next thing registers its form here, and the room that shows the first
thing asks here by kind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import Connection

from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import Thing
from lms_plc.web.i18n import gettext

Grown = Callable[[Connection, Actor, Reference], Sequence[Thing]]
"""Answers what was made of the thing, as far as the actor may see it, in one statement."""


@dataclass(frozen=True, slots=True)
class Offer:
    """``label`` is a message id; the endpoint takes the community's id, ``from_kind`` and ``from``, and ``values``."""

    label: str
    endpoint: str
    grown: Grown | None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class NextSteps:
    """``offers`` are buttons, ``grown`` leads to what there is already."""

    offers: Sequence[Link]
    grown: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Draft:
    """Words of whoever begins with a thing, to be changed before anything is kept. ``for_few``: they were written for
    fewer people than a community."""

    words: str
    for_few: bool = False


Drafts = Callable[[Connection, Actor, UUID], Draft]
"""Takes the id of a thing that was shown to the actor."""

_offers: dict[str, list[Offer]] = {}
_drafts: dict[str, Drafts] = {}


def drafted_from(kind: str) -> Callable[[Drafts], Drafts]:
    """Registers what a story of such a thing begins with, where its line in a list says too little."""

    def register(drafts: Drafts) -> Drafts:
        _drafts[kind] = drafts
        return drafts

    return register


def draft_from(connection: Connection, actor: Actor, thing: Reference) -> Draft | None:
    drafts = _drafts.get(thing.kind)
    return drafts(connection, actor, thing.id) if drafts else None


def offers_step(kind: str, label: str, endpoint: str, *, grown: Grown | None = None, **values: str) -> None:
    """Registers a step from a kind of thing; a topic's kind here is its purpose (``aha``)."""
    _offers.setdefault(kind, []).append(Offer(label, endpoint, grown, values))


def next_steps(connection: Connection, actor: Actor, kind: str, thing: Reference, community_id: UUID) -> NextSteps:
    """One statement an offer, and none for a kind that nobody offers anything for."""
    offers = _offers.get(kind, ())
    address: dict[str, Any] = {"community_id": community_id, "from_kind": thing.kind, "from": thing.id}
    return NextSteps(
        [Link(gettext(offer.label), url_for(offer.endpoint, **{**address, **offer.values})) for offer in offers],
        [
            Link(one.title, url_for(one.endpoint, **one.values))
            for offer in offers
            if offer.grown
            for one in offer.grown(connection, actor, thing)
        ],
    )
