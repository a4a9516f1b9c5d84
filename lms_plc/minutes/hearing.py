"""Who hears of minutes? Everybody once, that there is a draft to read; who wrote it, that something is not right."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from lms_plc.communities.hearing import all_members
from lms_plc.core.hearing import Heard, Hearing, Why, hears
from lms_plc.meetings.models import Meeting


@hears("minutes.drafted")
def a_draft_is_there(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return all_members(connection, events, Why.ASKED)


@hears("minutes.objected")
def something_is_not_right(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    ids = {event.thing.id for event in events}
    rows = connection.execute(
        select(Meeting.id, Meeting.minutes_by_id).where(Meeting.id.in_(ids), Meeting.minutes_by_id.is_not(None))
    )
    scribes = {row.id: row.minutes_by_id for row in rows}
    for event in events:
        if event.thing.id in scribes:
            yield Hearing(event.id, scribes[event.thing.id], Why.REPLY, event.thing, event.thing)
