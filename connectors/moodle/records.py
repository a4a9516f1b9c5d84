"""What shape do Moodle's replies have, as far as a roster needs them?

A key is optional here wherever Moodle's own description of the function calls it optional. Keys we do not
name are dropped while parsing, so that e-mail addresses and pictures never become objects of ours. Text stays
as Moodle sent it; `source` knows which fields come escaped.
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
    warningcode: str


class CoursesByField(Record):
    """core_course_get_courses_by_field."""

    courses: list[CourseRecord]
    warnings: list[CallWarning] = []


class RoleRecord(Record):
    """A role in a course; its `name` is empty for standard roles, so only the short name counts."""

    shortname: str


class EnrolledUser(Record):
    """A person of core_enrol_get_enrolled_users; `roles` may repeat and may be empty."""

    id: int
    fullname: str = Field(default="", repr=False)
    roles: list[RoleRecord] = []


class GroupRecord(Record):
    """A group of core_group_get_course_groups."""

    id: int
    courseid: int
    name: str


class GroupMembers(Record):
    """core_group_get_group_members."""

    groupid: int
    userids: list[int]


class CohortRecord(Record):
    """A cohort of core_cohort_get_cohorts."""

    id: int
    name: str
    idnumber: str | None = None


class CohortMembers(Record):
    """core_cohort_get_cohort_members."""

    cohortid: int
    userids: list[int]
