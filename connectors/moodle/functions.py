"""Which functions of Moodle read courses, people, groups and cohorts, with which arguments, and what do they return?

One function here for one web service function there; `progress`, `calendar`, `messages` and the files called
`changing_…` have the others. Fields are asked for by name and no more of them than a
roster needs: each further field costs Moodle queries for every person.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import TypeAdapter

from connectors.errors import N_, BadAnswer
from connectors.moodle.client import Argument, MoodleClient, portions
from connectors.moodle.faults import TELL_US
from connectors.moodle.needs import SITE_INFO
from connectors.moodle.records import (
    CategoryRecord,
    CohortMembers,
    CohortRecord,
    CourseRecord,
    CoursesByField,
    EnrolledUser,
    GroupingRecord,
    GroupingWithGroups,
    GroupMembers,
    GroupRecord,
    SectionRecord,
    SiteInfo,
    UserRecord,
    UsersCourse,
)

Enrolled = Literal["active", "suspended"]

UserField = Literal["id", "idnumber", "username", "email"]

_SITE_INFO = TypeAdapter(SiteInfo)
_COURSES_BY_FIELD = TypeAdapter(CoursesByField)
_COURSES = TypeAdapter(list[CourseRecord])
_ENROLLED_USERS = TypeAdapter(list[EnrolledUser])
_USERS = TypeAdapter(list[UserRecord])
_USERS_COURSES = TypeAdapter(list[UsersCourse])
_CATEGORIES = TypeAdapter(list[CategoryRecord])
_SECTIONS = TypeAdapter(list[SectionRecord])
_GROUPINGS = TypeAdapter(list[GroupingRecord])
_GROUPINGS_WITH_GROUPS = TypeAdapter(list[GroupingWithGroups])
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


def get_courses(client: MoodleClient, ids: Sequence[int] | None = None) -> list[CourseRecord]:
    """core_course_get_courses: every course, or those with these ids; unknown ids are left out without a word.

    Refused as a whole if the account cannot enter one of them.
    """
    if ids is None:
        return client.call("core_course_get_courses", {}, _COURSES)
    return [
        record
        for some in portions(ids)
        for record in client.call("core_course_get_courses", {"options": {"ids": some}}, _COURSES)
    ]


def get_categories(
    client: MoodleClient, category_id: int | None = None, *, with_subcategories: bool = True
) -> list[CategoryRecord]:
    """core_course_get_categories: all, or one and what is in it; hidden ones are left out without a word."""
    arguments: dict[str, Argument] = {"addsubcategories": with_subcategories}
    if category_id is not None:
        arguments["criteria"] = [{"key": "id", "value": category_id}]
    return client.call("core_course_get_categories", arguments, _CATEGORIES)


def get_course_contents(
    client: MoodleClient, course_id: int, *, module_name: str | None = None, with_modules: bool = True
) -> list[SectionRecord]:
    """core_course_get_contents: the sections with their activities, or with those of one kind (`lti`); never files."""
    options: dict[str, Argument] = {"excludecontents": True, "excludemodules": not with_modules, "modname": module_name}
    given: list[Argument] = [{"name": k, "value": v} for k, v in options.items() if v not in (None, False)]
    return client.call("core_course_get_contents", {"courseid": course_id, "options": given}, _SECTIONS)


def get_enrolled_users(
    client: MoodleClient,
    course_id: int,
    enrolled: Enrolled,
    *,
    start: int,
    number: int,
    fields: Sequence[str] = ("id", "fullname", "roles", "idnumber"),
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


def get_participant_ids(client: MoodleClient, course_id: int) -> set[int]:
    """core_enrol_get_enrolled_users: the ids of all participants in sight, active or not, in one call."""
    arguments: dict[str, Argument] = {"courseid": course_id, "options": [{"name": "userfields", "value": "id"}]}
    return {user.id for user in client.call("core_enrol_get_enrolled_users", arguments, _ENROLLED_USERS)}


def get_users_by_field(client: MoodleClient, field: UserField, values: Sequence[int | str]) -> list[UserRecord]:
    """core_user_get_users_by_field, in as many calls as needed: accounts by id, ID number, user name or e-mail.

    Unknown values and people out of sight are left out without a word. User names are sent in lower case, because
    Moodle has no others and takes a capital letter for a broken question.
    """
    sent = [str(value).lower() if field == "username" else str(value) for value in values]
    return [
        record
        for some in portions(sent)
        for record in client.call("core_user_get_users_by_field", {"field": field, "values": some}, _USERS)
    ]


def get_users_courses(client: MoodleClient, user_id: int) -> list[UsersCourse]:
    """core_enrol_get_users_courses: where somebody is actively enrolled, as far as the account may see it.

    Nobody by this id, nowhere enrolled and out of sight all look the same: an empty list.
    """
    return client.call("core_enrol_get_users_courses", {"userid": user_id, "returnusercount": False}, _USERS_COURSES)


def get_course_groups(client: MoodleClient, course_id: int, *, raw: bool = False) -> list[GroupRecord]:
    """core_group_get_course_groups; groups with hidden membership only for accounts that may see them."""
    return client.call("core_group_get_course_groups", {"courseid": course_id}, _GROUPS, raw=raw)


def get_course_groupings(client: MoodleClient, course_id: int) -> list[GroupingRecord]:
    """core_group_get_course_groupings."""
    return client.call("core_group_get_course_groupings", {"courseid": course_id}, _GROUPINGS)


def get_groupings(client: MoodleClient, grouping_ids: Sequence[int]) -> Iterator[GroupingWithGroups]:
    """core_group_get_groupings with their groups, in as many calls as needed."""
    for some in portions(grouping_ids):
        yield from client.call(
            "core_group_get_groupings", {"groupingids": some, "returngroups": True}, _GROUPINGS_WITH_GROUPS
        )


def get_group_members(client: MoodleClient, group_ids: Sequence[int]) -> Iterator[GroupMembers]:
    """core_group_get_group_members, in as many calls as needed."""
    for some in portions(group_ids):
        yield from client.call("core_group_get_group_members", {"groupids": some}, _GROUP_MEMBERS)


def get_groups_with_members(client: MoodleClient, course_id: int) -> list[tuple[GroupRecord, list[int]]]:
    """The groups of a course, each with the ids of its members, sorted, each once.

    Two calls, however many people: far cheaper than to ask for the groups of every participant.

    Raises `BadAnswer` when a group is left out; one without an answer is not an empty one.
    """
    groups = get_course_groups(client, course_id)
    members = {answer.groupid: answer.userids for answer in get_group_members(client, [group.id for group in groups])}
    if any(group.id not in members for group in groups):
        raise left_out("core_group_get_group_members")
    return [(group, sorted(set(members[group.id]))) for group in groups]


def get_groups_of_everybody(client: MoodleClient, course_id: int) -> dict[int, list[int]]:
    """User id → the ids of their groups in a course, sorted. Whoever is in no group is not in it."""
    groups: dict[int, list[int]] = {}
    for group, members in get_groups_with_members(client, course_id):
        for user_id in members:
            groups.setdefault(user_id, []).append(group.id)
    return {user_id: sorted(ids) for user_id, ids in groups.items()}


def get_cohorts(client: MoodleClient, cohort_ids: Sequence[int] | None = None) -> list[CohortRecord]:
    """core_cohort_get_cohorts: every cohort of the site, or those with these ids as far as they exist."""
    if cohort_ids is None:
        return client.call("core_cohort_get_cohorts", {}, _COHORTS)
    return [
        record
        for some in portions(cohort_ids)
        for record in client.call("core_cohort_get_cohorts", {"cohortids": some}, _COHORTS)
    ]


def get_cohort_members(client: MoodleClient, cohort_ids: Sequence[int]) -> Iterator[CohortMembers]:
    """core_cohort_get_cohort_members, in as many calls as needed."""
    for some in portions(cohort_ids):
        yield from client.call("core_cohort_get_cohort_members", {"cohortids": some}, _COHORT_MEMBERS)


def left_out(function: str) -> BadAnswer:
    """The error for a group or cohort that was listed and then has no members' list."""
    return BadAnswer(N_("Moodle left out a group or cohort it had listed."), TELL_US, code="partial", function=function)
