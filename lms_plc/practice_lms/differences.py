"""What changed in a course's roster since somebody last read it; no Moodle can say that."""

from __future__ import annotations

from dataclasses import dataclass

from lms_plc.practice_lms.school_year import Enrolment
from lms_plc.practice_lms.state import State

_OF_A_PLACE = {"enrol", "unenrol", "set_suspended"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the list of changes, and the second it was read at: enrolments also begin and end by the clock."""

    changes: int
    at: int

    @classmethod
    def of(cls, state: State) -> Mark:
        return cls(state.count_of_changes(), int(state.now()))

    @classmethod
    def read(cls, text: str | None) -> Mark | None:
        """None for what is no mark."""
        parts = (text or "").split("-")
        if len(parts) != 2 or not all(part.isdecimal() and len(part) < 13 for part in parts):
            return None
        return cls(int(parts[0]), int(parts[1]))

    def __str__(self) -> str:
        return f"{self.changes}-{self.at}"


def status_of(place: Enrolment | None, now: float) -> str:
    if place is None:
        return "Deleted"
    return "Active" if place.active(now) else "Inactive"


def changed_places(state: State, course_id: int, since: Mark) -> list[tuple[int, Enrolment | None]]:
    """(user id, their enrolment now or None when they are gone) of everybody whose place or name changed."""
    touched: dict[int, None] = {}
    for change in state.changes_since(since.changes):
        here = change.get("course_id") == course_id and change["verb"] in _OF_A_PLACE
        renamed = change["verb"] == "rename" and state.enrolment(course_id, change["user_id"]) is not None
        if here or renamed:
            touched[change["user_id"]] = None
    now = state.now()
    for place in state.roster(course_id):
        if place.active(since.at) != place.active(now):
            touched[place.user_id] = None
    return [(user_id, state.enrolment(course_id, user_id)) for user_id in touched]
