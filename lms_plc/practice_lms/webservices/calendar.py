"""What the web services tell of the calendar, and how they put dates into it and take them out."""

from typing import Any

from lms_plc.practice_lms.records import Event
from lms_plc.practice_lms.webservices.answers import invalid_parameter, missing_record
from lms_plc.practice_lms.webservices.arguments import Arguments
from lms_plc.practice_lms.webservices.call import SITE_HOME, Call


def get_events(call: Call) -> dict[str, Any]:
    """The events of these courses and groups; those of the site and of the account come too unless switched off."""
    asked = call.record("events", may="eventids courseids groupids categoryids")
    options = call.record("options", may="userevents siteevents timestart timeend ignorehidden")
    courses, groups, ids = (set(asked.some_numbers(name)) for name in ("courseids", "groupids", "eventids"))
    site, own = options.flag("siteevents", True), options.flag("userevents", True)
    begin, end = options.number("timestart", 0), options.number("timeend", 0)

    def is_wanted(event: Event) -> bool:
        kinds = {
            "course": event.course_id in courses,
            "group": event.group_id in groups,
            "site": site or SITE_HOME in courses,
            "user": own and event.user_id == call.me.id,
        }
        return kinds[event.kind] or event.id in ids

    found = sorted(call.state.events.values(), key=lambda event: (event.starts, event.id))
    return {
        "events": [
            _read_event(call, event)
            for event in found
            if is_wanted(event) and begin <= event.starts + event.seconds and (not end or event.starts <= end)
        ],
        "warnings": [],
    }


def create_events(call: Call) -> dict[str, Any]:
    """Those that may not be made come back as warnings, the others are made. Asked twice, it makes two."""
    items = call.records(
        "events",
        "name",
        "description format courseid groupid repeats eventtype timestart timeduration visible sequence",
    )
    warnings, changes = [], []
    with call.state.lock:
        for item in items:
            fields = _fields(call, item)
            if _may_be_made(call, fields):
                changes.append(fields)
            else:
                message = "you do not have permissions to create this event"
                warnings.append({"item": fields["name"], "warningcode": "nopermissions", "message": message})
        before = set(call.state.events)
        call.state.change_all("add_event", changes)
        made = [event for number, event in call.state.events.items() if number not in before]
    return {"events": [_made_event(event) for event in made], "warnings": warnings}


def delete_events(call: Call) -> None:
    """All or none: one that is not there loses the whole call."""
    with call.state.lock:
        numbers = [item.number("eventid") for item in call.records("events", "eventid repeat")]
        if not all(number in call.state.events for number in numbers):
            raise missing_record("event")
        call.state.change_all("delete_event", [{"event_id": number} for number in dict.fromkeys(numbers)])


_LAST_MOMENT = 253_402_300_799
"""The end of the year 9999, in Unix seconds."""


def _fields(call: Call, item: Arguments) -> dict[str, Any]:
    course_id = item.number("courseid", 0)
    if course_id not in (0, SITE_HOME) and course_id not in call.state.courses:
        raise missing_record("course")
    now = int(call.state.now())
    starts, seconds = item.number("timestart", now), item.number("timeduration", 0)
    if not 0 <= starts <= starts + seconds <= _LAST_MOMENT:
        raise invalid_parameter()
    return {
        "name": item.text("name"),
        "kind": item.text("eventtype", "user"),
        "starts": starts,
        "user_id": call.me.id,
        "course_id": course_id,
        "group_id": item.number("groupid", 0),
        "seconds": seconds,
        "description": item.text("description", ""),
        "format": item.number("format", 1),
        "visible": item.number("visible", 1),
        "sequence": item.number("sequence", 1),
        "modified": now,
    }


def _may_be_made(call: Call, fields: dict[str, Any]) -> bool:
    group = call.state.group(fields["group_id"])
    kinds = {
        "course": fields["course_id"] in call.state.courses,
        "group": group is not None and group.course_id == fields["course_id"],
        "site": fields["course_id"] == SITE_HOME,
        "user": True,
    }
    return kinds.get(fields["kind"], False)


def _made_event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "name": event.name,
        "description": event.description,
        "format": event.format,
        "courseid": event.course_id,
        "groupid": event.group_id,
        "userid": event.user_id,
        "modulename": "",
        "instance": 0,
        "eventtype": event.kind,
        "timestart": event.starts,
        "timeduration": event.seconds,
        "visible": event.visible,
        "uuid": "",
        "sequence": event.sequence,
        "timemodified": event.modified,
        "subscriptionid": None,
    }


def _read_event(call: Call, event: Event) -> dict[str, Any]:
    """Nothing is null here where it was 0 or empty when the event was made, and the name is escaped."""
    told = {name: value for name, value in _made_event(event).items() if name != "uuid"}
    nothing = dict.fromkeys(("categoryid", "repeatid", "modulename", "instance"))
    return told | nothing | {"name": call.name(event.name), "groupid": event.group_id or None}
