"""Who hears of what becomes of an action? Whose it is, when somebody else did it, and nobody else."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in


@hears("action_item.recorded", "action_item.handed")
def given_something_to_do(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ASSIGNED)


@hears("action_item.day_passed")
def asked_for_another_date(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ASKED)


@hears("action_item.done", "action_item.moved", "action_item.dropped", "action_item.reopened")
def changed_by_somebody_else(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.CHANGED)
