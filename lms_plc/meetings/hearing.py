"""Who hears of what becomes of a meeting?"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.communities.hearing import all_members
from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in
from lms_plc.meetings.states import State

OF_NO_CONCERN = {"in_working_time", "kind", "protocol", "zone"}
"""What nobody needs to hear of by itself."""


@hears(
    "meeting.changed",
    "meeting.asked_for_points",
    "meeting.moved",
    "meeting.confirmed",
    "meeting.cancelled",
    "meeting.state_changed",
)
def a_meeting_changed(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Everybody, once, whatever was changed how often: lines of one meeting are one. That an agenda opened by itself is
    no news, and what minutes go through is told by their own room."""
    return all_members(connection, [event for event in events if _is_news(event)], Why.CHANGED)


@hears("meeting.asked_about")
def asked_whether_it_was_held(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Who holds it, once."""
    return named_in(events, Why.ASKED)


@hears("role.given")
def given_a_part(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.ASSIGNED, "person_id")


def _is_news(event: Heard) -> bool:
    if event.verb == "meeting.state_changed":
        return _is_planned_again(event)
    changed = set(event.facts.get("changed", ()))
    return not changed or bool(changed - OF_NO_CONCERN)


def _is_planned_again(event: Heard) -> bool:
    """Of one that was cancelled, or said not to be held; whoever begins by mistake and goes back tells nobody."""
    before = (State.CANCELLED.value, State.NOT_HELD.value)
    return event.facts.get("state") == State.PLANNED.value and event.facts.get("from") in before
