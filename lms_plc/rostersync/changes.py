"""In which words is a plan written? The kinds of change, and one change with its before, after and reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID


class Kind(StrEnum):
    FOUND_COMMUNITY = "found_community"
    PLACE_COURSE = "place_course"
    RENAME_COURSE = "rename_course"
    JOIN = "join"
    RESUME = "resume"
    PAUSE = "pause"
    REST = "rest"
    END = "end"
    MISSING = "missing"
    CHANGE_ENROLMENT = "change_enrolment"
    CHANGE_ROLES = "change_roles"
    RENAME_PERSON = "rename_person"
    NOTE_PERSON = "note_person"
    STILL_MISSING = "still_missing"
    KEPT_LEADER = "kept_leader"
    COURSE_GONE = "course_gone"


REPORT_ONLY = frozenset({Kind.STILL_MISSING, Kind.KEPT_LEADER, Kind.COURSE_GONE})
"""Differences a person should know of and a sync leaves alone; listed in every plan for as long as they
last."""

SUSPENDED = "enrolment_suspended"
GONE = "enrolment_gone"
MISSED_FOR = timedelta(hours=24)
"""Two looks at a whole roster so far apart must both lack somebody before the membership rests."""

RESTS_FOR = timedelta(days=30)
"""So long a membership rests for want of an enrolment before it ends."""

BY_SYNC = frozenset({SUSPENDED, GONE})
"""Why a sync paused or ended a membership (``Membership.reason``): only those come back by sync. Somebody
who left on their own is not fetched back because the LMS still lists them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the LMS and the communities, and what follows from it.

    ``course`` is the LMS's id; ``community_id`` may be of a community that the same plan founds. ``before`` and
    ``after`` hold only what differs: ``membership`` and ``enrolment`` (states), ``roles`` (the LMS's short names),
    ``missing_since``, ``title`` and ``short_name`` (of a course). ``reason`` is a message id. ``name`` is the person's,
    ``known_as`` what else the LMS says of them (``sourced_id``, ``post_type``), for the admin's eyes and for making the
    person; both stay out of the repr.
    """

    kind: Kind
    course: str
    community_id: UUID | None
    subject: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    name: str | None = field(default=None, repr=False)
    known_as: Mapping[str, str] | None = field(default=None, repr=False)
