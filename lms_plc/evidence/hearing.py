"""Who hears that an outcome was asked about, or looked at, or evidence? Whose it is, and nobody else."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Connection

from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, Hearing, Why, hears, persons_in
from lms_plc.evidence.kinds import NODE


@hears("claim.questioned")
def asked_about_an_outcome(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return _authors(events, Why.ASKED)


@hears("claim.reviewed", "evidence.checked")
def looked_at_it(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return _authors(events, Why.CHANGED)


def _authors(events: Sequence[Heard], why: Why) -> Iterator[Hearing]:
    """What opens is the outcome; a question or doubt stands on its page."""
    for event in events:
        claim = event.facts.get("claim_id")
        thing = Reference(NODE, UUID(claim)) if claim else event.thing
        for person in persons_in(event.facts, "to"):
            yield Hearing(event.id, person, why, thing, thing)
