"""Which functions of Moodle are called, with which arguments, and what do they return?

One function here for one web service function there. Fields are asked for by name and no more of them than a
roster needs: each further field costs Moodle queries for every person.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import TypeAdapter

from connectors.moodle.client import Argument, MoodleClient
from connectors.moodle.needs import SITE_INFO
from connectors.moodle.records import (
    CohortMembers,
    CohortRecord,
    CourseRecord,
    CoursesByField,
    EnrolledUser,
    GroupMembers,
    GroupRecord,
    SiteInfo,
)

LIST_LIMIT = 900
"""Most entries in one list argument: PHP drops what lies beyond max_input_vars, by default 1000, without a word."""

Enrolled = Literal["active", "suspended"]

_SITE_INFO = TypeAdapter(SiteInfo)
_COURSES_BY_FIELD = TypeAdapter(CoursesByField)
_COURSES = TypeAdapter(list[CourseRecord])
_ENROLLED_USERS = TypeAdapter(list[EnrolledUser])
_GROUPS = TypeAdapter(list[GroupRecord])
_GROUP_MEMBERS = TypeAdapter(list[GroupMembers])
_COHORTS = TypeAdapter(list[CohortRecord])
_COHORT_MEMBERS = TypeAdapter(list[CohortMembers])


def get_site_info(client: MoodleClient) -> SiteInfo:
    """core_webservice_get_site_info, which every token may call."""
    return client.call(SITE_INFO, {}, _SITE_INFO)


def get_courses_by_field(client: MoodleClient, field: str = "", value: str = "") -> CoursesByField:
    """core_course_get_courses_by_field: without a field, every course in sight, the front page among them.

    Courses out of sight are left out without a word. Never use the field `ids`: one unknown id costs the whole call.
    """
    return client.call("core_course_get_courses_by_field", {"field": field, "value": value}, _COURSES_BY_FIELD)


def get_courses(client: MoodleClient) -> list[CourseRecord]:
    """core_course_get_courses: every course; refused as a whole if the account cannot enter one of them."""
    return client.call("core_course_get_courses", {}, _COURSES)


def get_enrolled_users(
    client: MoodleClient,
    course_id: int,
    enrolled: Enrolled,
    *,
    start: int,
    number: int,
    fields: Sequence[str] = ("id", "fullname", "roles"),
) -> list[EnrolledUser]:
    """core_enrol_get_enrolled_users: `number` rows (0: all) from row `start` on, in the order of user ids.

    People whom the account may not see are taken out after counting, so a short or empty list need not be the
    last. Without a choice between active and suspended Moodle would mix the two and mark neither; by name it
    would lose people between pages.
    """
    options: dict[str, Argument] = {
        f"only{enrolled}": 1,
        "userfields": ",".join(fields),
        "sortby": "id",
        "sortdirection": "ASC",
        "limitfrom": start,
        "limitnumber": number,
    }
    arguments: dict[str, Argument] = {
        "courseid": course_id,
        "options": [{"name": k, "value": v} for k, v in options.items()],
    }
    return client.call("core_enrol_get_enrolled_users", arguments, _ENROLLED_USERS)


def get_course_groups(client: MoodleClient, course_id: int) -> list[GroupRecord]:
    """core_group_get_course_groups; groups with hidden membership only for accounts that may see them."""
    return client.call("core_group_get_course_groups", {"courseid": course_id}, _GROUPS)


def get_group_members(client: MoodleClient, group_ids: Sequence[int]) -> Iterator[GroupMembers]:
    """core_group_get_group_members, in as many calls as needed."""
    for some in _portions(group_ids):
        yield from client.call("core_group_get_group_members", {"groupids": some}, _GROUP_MEMBERS)


def get_cohorts(client: MoodleClient) -> list[CohortRecord]:
    """core_cohort_get_cohorts: every cohort of the site."""
    return client.call("core_cohort_get_cohorts", {}, _COHORTS)


def get_cohort_members(client: MoodleClient, cohort_ids: Sequence[int]) -> Iterator[CohortMembers]:
    """core_cohort_get_cohort_members, in as many calls as needed."""
    for some in _portions(cohort_ids):
        yield from client.call("core_cohort_get_cohort_members", {"cohortids": some}, _COHORT_MEMBERS)


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + LIST_LIMIT] for start in range(0, len(ids), LIST_LIMIT))
