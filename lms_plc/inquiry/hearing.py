"""Who hears of an inquiry? Who is asked into it, and its leads of what others do in it; of what is written nobody but
by looking, except a critical friend's question."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in
from lms_plc.inquiry.queries import leads_of, people_of


@hears("inquiry.person_asked")
def asked_into_a_project(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ASKED)


@hears("inquiry.lead_shared")
def given_the_lead(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.CHANGED)


@hears("inquiry.lead_taken")
def somebody_else_leads(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    people = people_of(connection, [event.thing.id for event in events])
    for event in events:
        for person in people.get(event.thing.id, ()):
            yield Hearing(event.id, person, Why.CHANGED, event.thing, event.thing)


@hears("inquiry.person_joined", "inquiry.person_declined", "inquiry.person_left", "inquiry.question_asked")
def somebody_moved_in_a_project(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    leads = leads_of(connection, [event.thing.id for event in events])
    for event in events:
        why = Why.ANSWERED if event.verb == "inquiry.question_asked" else Why.CHANGED
        for person in leads.get(event.thing.id, ()):
            yield Hearing(event.id, person, why, event.thing, event.thing)
