"""One meeting as a calendar reads it (RFC 5545), for people whose calendar is elsewhere."""

import unicodedata
from collections.abc import Iterator
from datetime import datetime

from lms_plc.meetings.queries import MeetingSeen

_LONGEST_LINE = 75


def calendar_file(meeting: MeetingSeen, host: str) -> str:
    """``host`` makes the meeting's id unique in the world."""
    status = "CANCELLED" if meeting.state in ("cancelled", "not_held") else "CONFIRMED"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//lms-plc//meetings//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{meeting.id}@{host}",
        f"SEQUENCE:{meeting.revision}",
        f"DTSTAMP:{_moment(meeting.changed_at)}",
        f"DTSTART:{_moment(meeting.starts_at)}",
        f"DTEND:{_moment(meeting.ends_at)}",
        f"SUMMARY:{_text(meeting.title)}",
        *([f"LOCATION:{_text(meeting.place)}"] if meeting.place else []),
        *([f"DESCRIPTION:{_text(meeting.link)}"] if meeting.link else []),
        f"STATUS:{status}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(part + "\r\n" for line in lines for part in _folded(line))


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    """On one line; a sign that is none (RFC 5545 §3.1: no control characters) is left out."""
    line = "".join(letter for letter in " ".join(words.split()) if unicodedata.category(letter) != "Cc")
    return line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """Lines are at most 75 bytes, and no letter is cut in two; what is folded begins with a space."""
    part, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > _LONGEST_LINE:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + width
    yield part
