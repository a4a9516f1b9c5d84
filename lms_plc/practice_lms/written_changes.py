"""What a connector writes for people to read, dates and messages, one function a verb; see ``changes``."""

from collections.abc import Callable
from typing import Any

from lms_plc.practice_lms.records import Event, Message
from lms_plc.practice_lms.school import School


def _add_event(school: School, **fields: Any) -> None:
    number = school.next_number("event", school.events)
    school.events = school.events | {number: Event(id=number, **fields)}


def _delete_event(school: School, event_id: int) -> None:
    if event_id not in school.events:
        raise KeyError("unknown event")
    school.last_numbers["event"] = school.next_number("event", school.events) - 1
    school.events = {number: event for number, event in school.events.items() if number != event_id}


def _send_message(school: School, **fields: Any) -> None:
    number = school.next_number("message", school.messages)
    school.messages = school.messages | {number: Message(id=number, **fields)}


WRITTEN_VERBS: dict[str, Callable[..., None]] = {
    "add_event": _add_event,
    "delete_event": _delete_event,
    "send_message": _send_message,
}
