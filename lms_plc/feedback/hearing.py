"""Who hears of feedback? Who is asked, and who asked; never anybody else."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in


@hears("feedback.asked")
def asked_for_feedback(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ASKED)


@hears("feedback.answered", "feedback.answer_changed")
def answered(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.REPLY)


@hears("feedback.closed")
def thanked(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.CHANGED)
