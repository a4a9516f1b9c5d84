"""Who hears of what is said in a conversation: whom it names, whom it answers, who follows it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Connection

from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in, persons_in
from lms_plc.discussions.queries import authors_of, followers


@hears("topic.started")
def mentioned_in_a_topic(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.MENTION, "mentions")


@hears("post.written")
def answered_in_a_topic(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Whom it names, whom it answers, whose conversation it is, and who follows it: two statements."""
    topics = {UUID(event.facts["topic_id"]) for event in events}
    answered = {UUID(event.facts["reply_to"]) for event in events if event.facts.get("reply_to")}
    authors, levels = authors_of(connection, topics, answered), followers(connection, topics)
    for event in events:
        topic = Reference("topic", UUID(event.facts["topic_id"]))
        reply_to = event.facts.get("reply_to")
        who: list[tuple[UUID | None, Why]] = [(one, Why.MENTION) for one in persons_in(event.facts, "mentions")]
        who += [(authors.get(UUID(reply_to)), Why.REPLY)] if reply_to else []
        who += [(authors.get(topic.id), Why.REPLY)]
        who += [(one, Why.FOLLOWED) for one, level in levels[topic.id].items() if level == "following"]
        for person, why in who:
            if person is not None:
                yield Hearing(event.id, person, why, event.thing, topic)


@hears("topic.answered")
def an_answer_was_found(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Who asked, and who knew."""
    for event in events:
        for post_id in persons_in(event.facts, "post_id"):
            for person in (*persons_in(event.facts, "asker"), *persons_in(event.facts, "post_author")):
                yield Hearing(event.id, person, Why.ANSWERED, Reference("post", post_id), event.thing)
