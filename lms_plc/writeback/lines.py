"""In which words is a plan written? The kinds of things, what is done with them, and one line with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from lms_plc.web.i18n import N_


class Kind(StrEnum):
    """What may be written into an LMS, by the names of the site's switches (``Site.writes``)."""

    COHORTS = "cohorts"
    GROUPS = "groups"
    CALENDAR = "calendar"
    MESSAGES = "messages"


class Verb(StrEnum):
    MAKE = "make"
    CHANGE = "change"
    ADD = "add"
    TAKE_OUT = "take_out"
    REMOVE = "remove"
    SEND = "send"


OPEN = ("waiting", "trying")
"""States of a line that is not over."""

HAVE_PEOPLE = (Kind.COHORTS, Kind.GROUPS)

NAMES: Mapping[Kind, str] = {
    Kind.COHORTS: N_("Cohorts"),
    Kind.GROUPS: N_("Groups in courses"),
    Kind.CALENDAR: N_("Calendar events"),
    Kind.MESSAGES: N_("Messages"),
}

WORDS: Mapping[tuple[Kind, Verb], str] = {
    (Kind.COHORTS, Verb.MAKE): N_("make cohort"),
    (Kind.COHORTS, Verb.CHANGE): N_("rename cohort"),
    (Kind.COHORTS, Verb.ADD): N_("add to cohort"),
    (Kind.COHORTS, Verb.TAKE_OUT): N_("take out of cohort"),
    (Kind.COHORTS, Verb.REMOVE): N_("remove cohort"),
    (Kind.GROUPS, Verb.MAKE): N_("make group"),
    (Kind.GROUPS, Verb.CHANGE): N_("rename group"),
    (Kind.GROUPS, Verb.ADD): N_("add to group"),
    (Kind.GROUPS, Verb.TAKE_OUT): N_("take out of group"),
    (Kind.GROUPS, Verb.REMOVE): N_("remove group"),
    (Kind.CALENDAR, Verb.MAKE): N_("put event into calendar"),
    (Kind.CALENDAR, Verb.CHANGE): N_("change event"),
    (Kind.CALENDAR, Verb.REMOVE): N_("remove event"),
    (Kind.MESSAGES, Verb.SEND): N_("send message"),
}
"""What a line does, as a word in a row; message ids."""

OUTCOMES: Mapping[str, str] = {
    "waiting": N_("waiting"),
    "trying": N_("under way"),
    "done": N_("done"),
    "failed": N_("failed"),
    "skipped": N_("not needed"),
    "unsure": N_("look into the LMS"),
}
"""A line's state as a word; message ids."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to write. ``reason`` is a message id; ``given`` is what the LMS will be told, and stays out of the
    repr. ``version`` is what the thing will then be known by."""

    kind: Kind
    verb: Verb
    key: str
    community_id: UUID | None
    reason: str
    course: str | None = None
    subject: str | None = None
    given: Mapping[str, Any] | None = field(default=None, repr=False)

    def told(self) -> list[Any]:
        """Everything that counts, for comparing two plans."""
        return [self.kind, self.verb, self.key, self.course, self.subject, self.given]
