"""Who hears that an issue has moved?"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.board.queries import people_of
from lms_plc.core.hearing import Heard, Hearing, Why, hears


@hears("issue.taken", "issue.let_go", "issue.solved", "issue.set_aside", "issue.reopened")
def an_issue_moved(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Who raised it, and who has it in hand."""
    people = people_of(connection, [event.thing.id for event in events])
    for event in events:
        for person in people.get(event.thing.id, ()):
            yield Hearing(event.id, person, Why.CHANGED, event.thing, event.thing)
