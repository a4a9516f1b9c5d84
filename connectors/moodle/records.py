"""What shape do Moodle's replies about courses and people have, as far as they are needed?

A key is optional here wherever Moodle's own description of the function calls it optional. Keys we do not
name are dropped while parsing, so that e-mail addresses and pictures never become objects of ours. Text stays
as Moodle sent it: titles of courses, categories, groups, groupings, sections, activities, grade items and read events
come escaped, names of people and cohorts do not.
"""

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """A reply or a part of one; coerces XML's texts and keeps its content out of the repr."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Fault(Record):
    """An error report: of the REST server (`exception`) or of the token and file scripts (`error`)."""

    exception: str | None = None
    error: str | None = None
    errorcode: str | None = None
    message: str | None = None


class AllowedFunction(Record):
    """A function the token may call."""

    name: str


class SiteInfo(Record):
    """core_webservice_get_site_info."""

    sitename: str
    siteurl: str
    userid: int
    release: str = ""
    functions: list[AllowedFunction] = []
    userissiteadmin: bool = False


class CourseRecord(Record):
    """A course of core_course_get_courses or core_course_get_courses_by_field.

    `visible` and `idnumber` come only to an account that may see the course's settings.
    """

    id: int
    shortname: str
    fullname: str
    categoryid: int | None = None
    idnumber: str | None = None
    visible: bool | None = None


class CallWarning(Record):
    """Part of a call did not work. Its message is dropped: some of them carry stack traces."""

    item: str | None = None
    itemid: int | None = None
    warningcode: str = Field(coerce_numbers_to_str=True)


class CoursesByField(Record):
    """core_course_get_courses_by_field."""

    courses: list[CourseRecord]
    warnings: list[CallWarning] = []


class RoleRecord(Record):
    """A role in a course; its `name` is empty for standard roles, so only the short name counts."""

    shortname: str


class EnrolledUser(Record):
    """A person of core_enrol_get_enrolled_users; `roles` may repeat and may be empty.

    `idnumber` comes only to accounts that may see all details.
    """

    id: int
    fullname: str = Field(default="", repr=False)
    idnumber: str | None = None
    roles: tuple[RoleRecord, ...] = ()


class UserRecord(Record):
    """An account of core_user_get_users_by_field.

    `suspended` and `confirmed` are about the account, not about an enrolment. `username`, `idnumber`, `auth` and
    `confirmed` come only to accounts that may see all details.
    """

    id: int
    fullname: str = ""
    username: str | None = None
    idnumber: str | None = None
    auth: str | None = None
    suspended: bool | None = None
    confirmed: bool | None = None


class UsersCourse(Record):
    """A course of core_enrol_get_users_courses. `progress` is a percentage, or None where nothing is tracked."""

    id: int
    shortname: str
    fullname: str
    idnumber: str | None = None
    visible: bool | None = None
    category: int | None = None
    startdate: int | None = None
    enddate: int | None = None
    progress: float | None = None
    completed: bool | None = None


class CategoryRecord(Record):
    """A category of core_course_get_categories.

    `parent` is 0 at the top; `visible` and `idnumber` come only to those who may manage it.
    """

    id: int
    name: str
    parent: int
    depth: int
    path: str
    coursecount: int = 0
    idnumber: str | None = None
    visible: bool | None = None


class ModuleRecord(Record):
    """An activity of a section; `instance` is the id that LTI calls the resource link.

    `availability` is JSON text, and None where nothing restricts it or the account may not know.
    """

    id: int
    name: str
    modname: str
    instance: int | None = None
    url: str | None = None
    visible: bool | None = None
    uservisible: bool | None = None
    availability: str | None = None
    completion: int | None = None


class SectionRecord(Record):
    """A section of core_course_get_contents. Activities that the account may not view are missing without a mark."""

    id: int
    name: str
    section: int | None = None
    visible: bool | None = None
    uservisible: bool | None = None
    modules: list[ModuleRecord] = []


class GroupRecord(Record):
    """A group of core_group_get_course_groups or core_group_create_groups."""

    id: int
    courseid: int
    name: str
    idnumber: str | None = None


class GroupingRecord(Record):
    """A grouping of core_group_get_course_groupings."""

    id: int
    courseid: int
    name: str
    idnumber: str | None = None


class GroupOfGrouping(Record):
    """A group as core_group_get_groupings names it."""

    id: int


class GroupingWithGroups(Record):
    """A grouping of core_group_get_groupings. Moodle leaves `groups` out where there are none."""

    id: int
    name: str
    groups: list[GroupOfGrouping] = []


class GroupMembers(Record):
    """core_group_get_group_members."""

    groupid: int
    userids: list[int]


class CohortRecord(Record):
    """A cohort of core_cohort_get_cohorts or core_cohort_create_cohorts."""

    id: int
    name: str
    idnumber: str | None = None
    visible: bool | None = None


class CohortMembers(Record):
    """core_cohort_get_cohort_members."""

    cohortid: int
    userids: list[int]
