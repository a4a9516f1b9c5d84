"""Who hears of what becomes of a change? Its author, when somebody else tried it too, and when it was long ago."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in


@hears("practice_change.asked_after")
def asked_how_it_goes(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ASKED)


@hears("practice_change.tried")
def tried_by_somebody_else(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.TRIED)
