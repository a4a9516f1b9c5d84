"""What has somebody done in a course: which activities, the course itself, which grades?"""

from pydantic import Field, TypeAdapter

from connectors.moodle.client import MoodleClient
from connectors.moodle.records import CallWarning, Record


class ActivityStatus(Record):
    """One activity that tracks completion, for one person.

    `state` is 0 not done, 1 done, 2 done and passed, 3 done and failed; `timecompleted` is Unix seconds, 0 for never.
    """

    cmid: int
    modname: str
    instance: int
    state: int
    timecompleted: int = 0
    istrackeduser: bool | None = None
    uservisible: bool | None = None


class ActivityStatuses(Record):
    """core_completion_get_activities_completion_status."""

    statuses: list[ActivityStatus]
    warnings: list[CallWarning] = []


class Criterion(Record):
    """One thing that a course asks for; `timecompleted` is Unix seconds or None."""

    type: int
    complete: bool
    timecompleted: int | None = None


class CourseStatus(Record):
    """A person's completion of a course. `aggregation` is 1 where all criteria count and 2 where any one does."""

    completed: bool
    aggregation: int
    completions: list[Criterion] = []


class CourseCompletion(Record):
    """core_completion_get_course_completion_status."""

    completionstatus: CourseStatus
    warnings: list[CallWarning] = []


class GradeItem(Record):
    """One line of a person's grades.

    `graderaw` is None where there is no grade or the account may not see it. The item of the whole course has
    the type `course` and no name. `feedback` is HTML as somebody wrote it.
    """

    id: int
    itemtype: str
    itemname: str | None = None
    itemmodule: str | None = None
    iteminstance: int | None = None
    itemnumber: int | None = None
    idnumber: str | None = None
    cmid: int | None = None
    graderaw: float | None = None
    grademin: float | None = None
    grademax: float | None = None
    gradedategraded: int | None = None
    gradeishidden: bool | None = None
    feedback: str | None = None


class UserGrades(Record):
    """Everything one person has been graded for in one course."""

    courseid: int
    userid: int
    userfullname: str = Field(default="", repr=False)
    gradeitems: list[GradeItem] = []


class GradeReport(Record):
    """gradereport_user_get_grade_items."""

    usergrades: list[UserGrades]
    warnings: list[CallWarning] = []


_ACTIVITIES = TypeAdapter(ActivityStatuses)
_COURSE = TypeAdapter(CourseCompletion)
_GRADES = TypeAdapter(GradeReport)


def get_activities_completion_status(client: MoodleClient, course_id: int, user_id: int) -> ActivityStatuses:
    """core_completion_get_activities_completion_status.

    Answers for people who are not enrolled too (`istrackeduser` is False then), and leaves out activities that the
    account may not view.
    """
    arguments = {"courseid": course_id, "userid": user_id}
    return client.call("core_completion_get_activities_completion_status", arguments, _ACTIVITIES)


def get_course_completion_status(client: MoodleClient, course_id: int, user_id: int) -> CourseCompletion:
    """core_completion_get_course_completion_status.

    Raises `NotFound` with the code `nocriteriaset` for a course that asks for nothing, `usernotenroled` for a person
    who is not tracked in it.
    """
    arguments = {"courseid": course_id, "userid": user_id}
    return client.call("core_completion_get_course_completion_status", arguments, _COURSE)


def get_grade_items(client: MoodleClient, course_id: int, *, user_id: int = 0, group_id: int = 0) -> GradeReport:
    """gradereport_user_get_grade_items: the grades of one person, of a group or of everybody.

    Moodle builds the report person by person and sends it whole; in a big course ask group by group.
    """
    arguments = {"courseid": course_id, "userid": user_id, "groupid": group_id}
    return client.call("gradereport_user_get_grade_items", arguments, _GRADES)
