"""Who hears of a visit? Host and visitors, of what the others did about it; never anybody else."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in


@hears("visit.proposed")
def asked_to_a_visit(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ASKED, "to", "invited")


@hears(
    "visit.agreed",
    "visit.focus_set",
    "visit.declined",
    "visit.planned",
    "visit.cancelled",
    "visit.visitor_brought",
    "visit.visitor_stepped_back",
    "visit.debriefed",
    "visit.reported",
)
def a_visit_changed(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.CHANGED)
