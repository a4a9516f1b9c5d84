"""Which events stand in Moodle's calendar, and how does one get there?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from connectors.moodle.client import Argument, MoodleClient, portions
from connectors.moodle.records import CallWarning, Record
from connectors.moodle.writing import HTML, Written, write


class EventRecord(Record):
    """An event; `timestart` is Unix seconds, `timeduration` seconds.

    Its name is escaped when it is read, and not when it was just made.
    """

    id: int
    name: str
    eventtype: str
    timestart: int
    timeduration: int = 0
    description: str | None = None
    courseid: int | None = None
    groupid: int | None = None
    userid: int | None = None
    visible: bool | None = None


class Events(Record):
    """core_calendar_get_calendar_events and core_calendar_create_calendar_events."""

    events: list[EventRecord]
    warnings: list[CallWarning] = []


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to make: of a course, of one of its groups, of the whole site, or of the account itself.

    `starts_at` is Unix seconds, `description` HTML.
    """

    name: str
    starts_at: int
    kind: Literal["course", "group", "site", "user"]
    course_id: int = 0
    group_id: int = 0
    seconds: int = 0
    description: str = ""


_EVENTS = TypeAdapter(Events)


def get_calendar_events(
    client: MoodleClient, course_ids: Sequence[int], *, starts_at: int = 0, ends_at: int = 0
) -> Events:
    """core_calendar_get_calendar_events: the events of these courses, between two moments in Unix seconds (0: open).

    In as many calls as needed. Events of the account itself and of the site are left out: they would come with each.
    """
    options: Argument = {"userevents": False, "siteevents": False, "timestart": starts_at, "timeend": ends_at}
    answers = [
        client.call("core_calendar_get_calendar_events", {"events": {"courseids": some}, "options": options}, _EVENTS)
        for some in portions(course_ids)
    ]
    return _joined(answers)


def create_calendar_events(client: MoodleClient, events: Sequence[NewEvent]) -> Written[EventRecord]:
    """core_calendar_create_calendar_events: what was made, and a warning with its name for each that was not.

    Asked twice, it makes two: Moodle's calendar knows no double.

    Raises `PartlyWritten` and any other `ConnectorError`.
    """
    items: list[Argument] = [
        {
            "name": event.name,
            "description": event.description,
            "format": HTML,
            "courseid": event.course_id,
            "groupid": event.group_id,
            "repeats": 0,
            "eventtype": event.kind,
            "timestart": event.starts_at,
            "timeduration": event.seconds,
            "visible": True,
            "sequence": 1,
        }
        for event in events
    ]
    answer = _joined(write(client, "core_calendar_create_calendar_events", "events", items, _EVENTS))
    return Written(tuple(answer.events), tuple(answer.warnings))


def _joined(answers: Sequence[Events]) -> Events:
    return Events(
        events=[event for answer in answers for event in answer.events],
        warnings=[warning for answer in answers for warning in answer.warnings],
    )
