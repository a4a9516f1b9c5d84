"""Who may do what in a course; site admins may everything."""

from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.state import State

_EDITORS = {"manager", "editingteacher"}
_TEACHERS = _EDITORS | {"teacher"}


def teaches(state: State, person: Person, course: Course) -> bool:
    """Assisting teachers too; they see grades and launch as Instructor."""
    place = state.enrolment(course.id, person.id)
    return person.site_admin or (place is not None and not _TEACHERS.isdisjoint(place.roles))


def edits(state: State, person: Person, course: Course) -> bool:
    """Who adds and changes activities: Moodle's ``moodle/course:manageactivities``."""
    place = state.enrolment(course.id, person.id)
    if person.site_admin:
        return True
    return place is not None and place.active(state.now()) and not _EDITORS.isdisjoint(place.roles)
