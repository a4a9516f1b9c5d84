"""The things a practice LMS keeps about tools: activities, columns, grades, what they wrote, and launches under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Activity:
    """An external tool in a course. ``id`` is the number of the LTI instance, which LTI calls the resource link.

    ``url`` is the link's own address, '' for the tool's; ``tool_id`` is 0 when no tool of this site fits that address.
    ``review_url`` and ``review_custom`` are what a deep link asked for submission reviews.
    """

    id: int
    cmid: int
    course_id: int
    tool_id: int
    title: str
    text: str = ""
    url: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    review_url: str = ""
    review_custom: Mapping[str, str] = field(default_factory=dict)

    @property
    def link_id(self) -> str:
        return str(self.id)


@dataclass(frozen=True, slots=True)
class OpenLaunch:
    """A message the person has begun and the tool has not yet asked for.

    ``cmid`` is None when the message is about no activity, ``course_id`` when it is about no course; ``for_user`` is
    whose work is to be reviewed.
    """

    user_id: int
    tool_id: int
    message: str
    target: str
    container: int
    course_id: int | None = None
    cmid: int | None = None
    for_user: int | None = None


@dataclass(frozen=True, slots=True)
class OpenReturn:
    """A choice of content somebody has begun; ``data`` is what the tool must send back, None for nothing."""

    user_id: int
    course_id: int
    tool_id: int
    data: str | None


@dataclass(frozen=True, slots=True)
class LineItem:
    """A column of the grade book; ``link_id`` is '' when it hangs on no activity."""

    id: int
    course_id: int
    label: str
    maximum: float
    resource_id: str = ""
    tag: str = ""
    link_id: str = ""
    tool_id: int = 1


@dataclass(frozen=True, slots=True)
class Grade:
    """``score`` is None when a later report erased it; ``at`` is the ISO 8601 time the tool gave."""

    user_id: int
    at: str
    score: float | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice that was sent; ``status`` is the HTTP status of the tool's answer, 0 when there was none."""

    notice_type: str
    handler: str
    status: int


@dataclass(frozen=True, slots=True)
class Event:
    """A date in the calendar. ``kind`` is ``course``, ``group``, ``site`` or ``user``; ``user_id`` is who made it.

    ``starts`` and ``modified`` are Unix seconds, ``seconds`` is how long it takes; ``format`` 1 says that the
    description is HTML.
    """

    id: int
    name: str
    kind: str
    starts: int
    user_id: int
    course_id: int = 0
    group_id: int = 0
    seconds: int = 0
    description: str = ""
    format: int = 1
    visible: int = 1
    sequence: int = 1
    modified: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """Words from one person to another; ``text`` is HTML, ``sent`` Unix seconds."""

    id: int
    from_id: int
    user_id: int
    text: str
    sent: int
