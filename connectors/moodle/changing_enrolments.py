"""How is somebody enrolled in a course by hand, and how do they leave it?"""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.moodle import functions
from connectors.moodle.client import Argument, MoodleClient
from connectors.moodle.writing import NOTHING, LeftOut, Why, Written, write


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """An enrolment to make. Whether it is suspended has to be said; times are Unix seconds, 0 for open."""

    course_id: int
    user_id: int
    role_id: int
    suspended: bool
    starts_at: int = 0
    ends_at: int = 0


def enrol_users(
    client: MoodleClient, enrolments: Sequence[NewEnrolment], *, change_existing: bool = False
) -> Written[None]:
    """enrol_manual_enrol_users, for people who are not in the course yet.

    To Moodle a second enrolment is an order to change the first: it ends a suspension, begins one, and forgets the
    dates. So whoever is in the course already, by whatever way, is left out: `already_enrolled`, or `not_active` if
    suspended, not begun or run out. `change_existing` is that order, given on purpose. A course out of the account's
    sight counts as `no_such_course`.

    Raises `NotFound` for a person whom Moodle does not know, `PartlyWritten`, and any other `ConnectorError`.
    """
    courses = list(dict.fromkeys(enrolment.course_id for enrolment in enrolments))
    there: dict[tuple[int, int], Why] = {}
    gone = {course_id for course_id in courses if not _exists(client, course_id)}
    if not change_existing:
        for course_id in (course_id for course_id in courses if course_id not in gone):
            there |= {(course_id, one): "not_active" for one in _ids(client, course_id, "suspended")}
            there |= {(course_id, one): "already_enrolled" for one in _ids(client, course_id, "active")}
    items: list[Argument] = []
    left_out = []
    for index, enrolment in enumerate(enrolments):
        person = (enrolment.course_id, enrolment.user_id)
        why = "no_such_course" if enrolment.course_id in gone else there.get(person)
        if why is not None:
            left_out.append(LeftOut(index, why))
            continue
        there[person] = "asked_twice"
        items.append(
            {
                "roleid": enrolment.role_id,
                "userid": enrolment.user_id,
                "courseid": enrolment.course_id,
                "timestart": enrolment.starts_at,
                "timeend": enrolment.ends_at,
                "suspend": enrolment.suspended,
            }
        )
    write(client, "enrol_manual_enrol_users", "enrolments", items, NOTHING)
    return Written(left_out=tuple(left_out))


def unenrol_users(client: MoodleClient, course_id: int, user_ids: Sequence[int]) -> Written[None]:
    """enrol_manual_unenrol_users, for people who are in the course.

    Only enrolments by hand end: whoever is in the course by another way too stays in it. With the enrolment Moodle
    deletes grades and memberships in groups; to suspend is the gentler way.

    Raises `PartlyWritten` and any other `ConnectorError`.
    """
    if not user_ids:
        return Written()
    enrolled = functions.get_participant_ids(client, course_id)
    items: list[Argument] = []
    left_out = []
    seen: set[int] = set()
    for index, user_id in enumerate(user_ids):
        if user_id in seen or user_id not in enrolled:
            left_out.append(LeftOut(index, "asked_twice" if user_id in seen else "not_enrolled"))
            continue
        seen.add(user_id)
        items.append({"userid": user_id, "courseid": course_id})
    write(client, "enrol_manual_unenrol_users", "enrolments", items, NOTHING)
    return Written(left_out=tuple(left_out))


def _exists(client: MoodleClient, course_id: int) -> bool:
    found = functions.get_courses_by_field(client, "id", str(course_id)).courses
    return any(course.id == course_id for course in found)


def _ids(client: MoodleClient, course_id: int, enrolled: functions.Enrolled) -> set[int]:
    users = functions.get_enrolled_users(client, course_id, enrolled, start=0, number=0, fields=("id",))
    return {user.id for user in users}
