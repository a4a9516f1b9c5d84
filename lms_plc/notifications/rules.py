"""Who should hear of what the rooms record? One rule a verb, by the facts its events carry.

A fact that is not there means nobody: rooms add facts, and what they do not say is not guessed.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from lms_plc.board.models import Issue
from lms_plc.communities.models import Membership
from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, Hearing, Rule, Why, hears, persons_in

MOST_MEMBERS = 2000
"""Of one stretch of the log; what concerns whole communities is rare."""


@hears("message.written")
def written_to(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    for event in events:
        for thread_id in persons_in(event.facts, "thread_id"):
            for person in persons_in(event.facts, "to"):
                yield Hearing(event.id, person, Why.MESSAGE, event.thing, Reference("message_thread", thread_id))


@hears("consent.opened")
def asked_for_consent(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return _all_members(connection, events, Why.ASKED)


@hears("meeting.changed", "meeting.state_changed")
def a_meeting_changed(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Everybody, once, whatever was changed how often: lines of one meeting are one."""
    return _all_members(connection, events, Why.CHANGED)


@hears("issue.taken", "issue.let_go", "issue.solved", "issue.set_aside", "issue.reopened")
def an_issue_moved(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Who raised it, and who has it in hand."""
    ids = {event.thing.id for event in events}
    rows = connection.execute(select(Issue.id, Issue.author_id, Issue.owner_id).where(Issue.id.in_(ids)))
    people = {row.id: (row.author_id, row.owner_id) for row in rows}
    for event in events:
        for person in people.get(event.thing.id, ()):
            if person is not None:
                yield Hearing(event.id, person, Why.CHANGED, event.thing, event.thing)


def _all_members(connection: Connection, events: Sequence[Heard], why: Why) -> Iterator[Hearing]:
    communities = {event.community_id for event in events}
    rows = connection.execute(
        select(Membership.community_id, Membership.person_id)
        .where(Membership.community_id.in_(communities), Membership.state == "active")
        .order_by(Membership.id)
        .limit(MOST_MEMBERS)
    ).all()
    for event in events:
        for row in rows:
            if row.community_id == event.community_id:
                yield Hearing(event.id, row.person_id, why, event.thing, event.thing)


def _named_by(why: Why, fact: str) -> Rule:
    """For verbs whose events say themselves who should hear of it."""

    def rule(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
        for event in events:
            for person in persons_in(event.facts, fact):
                yield Hearing(event.id, person, why, event.thing, event.thing)

    return rule


hears("hello.said", "hello.accepted")(_named_by(Why.CONNECTION, "to"))
hears("library_item.adapted")(_named_by(Why.ADAPTED, "origin_author"))
hears("library_item.tried")(_named_by(Why.TRIED, "author"))
