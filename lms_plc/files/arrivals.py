"""What happens to a file before it is stored: looked at, checked, drawn anew. No transaction is open meanwhile."""

from dataclasses import dataclass, field

from lms_plc.files.kinds import Kind, clean_name, kind_of
from lms_plc.files.pictures import redraw
from lms_plc.files.scanning import scan

MOST_AT_ONCE = 10
"""Files one thing may have."""

TOGETHER = 4
"""So many times the largest file may come in one form."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that may come in, as it will be kept."""

    name: str
    kind: Kind
    content: bytes = field(repr=False)
    small: bytes | None = field(default=None, repr=False)
    width: int | None = None
    height: int | None = None


def look_at(name: str, content: bytes, *, scan_command: str | None) -> Brought:
    """The file under a clean name, with the ending of what it is. Raises Refused."""
    kind = kind_of(content, name)
    scan(content, scan_command)
    if not kind.is_picture:
        return Brought(clean_name(name, kind), kind, content)
    picture = redraw(content, kind)
    return Brought(
        clean_name(name, picture.kind), picture.kind, picture.content, picture.small, picture.width, picture.height
    )
