"""Who hears of a portfolio? Whoever is asked to read it, and its authors when somebody has; never anybody else."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in


@hears("portfolio.reader_asked")
def asked_to_read(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ASKED)


@hears("portfolio.read", "portfolio.returned", "portfolio.certified")
def somebody_has_read(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.REPLY)


@hears("portfolio.submitted")
def it_can_be_read(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.CHANGED)


@hears("portfolio.approval_withdrawn")
def it_was_a_mistake(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ANSWERED)
