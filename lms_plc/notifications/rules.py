"""Who should hear of what the rooms record? One rule a verb, by the facts its events carry.

A fact that is not there means nobody: rooms add facts, and what they do not say is not guessed.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.communities.hearing import all_members
from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, Hearing, Rule, Why, hears, named_in, persons_in


@hears("message.written")
def written_to(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    for event in events:
        for thread_id in persons_in(event.facts, "thread_id"):
            for person in persons_in(event.facts, "to"):
                yield Hearing(event.id, person, Why.MESSAGE, event.thing, Reference("message_thread", thread_id))


@hears("consent.opened")
def asked_for_consent(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return all_members(connection, events, Why.ASKED)


def _named_by(why: Why, fact: str) -> Rule:
    """For verbs whose events say themselves who should hear of it."""

    def rule(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
        return named_in(events, why, fact)

    return rule


hears("hello.said", "hello.accepted")(_named_by(Why.CONNECTION, "to"))
hears("library_item.adapted")(_named_by(Why.ADAPTED, "origin_author"))
hears("library_item.tried")(_named_by(Why.TRIED, "author"))
