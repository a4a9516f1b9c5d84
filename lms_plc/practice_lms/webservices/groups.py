"""What the web services tell of groups and cohorts, and who is in them."""

from typing import Any

from lms_plc.practice_lms.webservices.answers import missing_record, moodle_error
from lms_plc.practice_lms.webservices.call import Call, whole_number


def get_course_groups(call: Call) -> list[dict[str, Any]]:
    course_id = whole_number(call.text("courseid"))
    if course_id not in call.state.courses:
        message = (
            f"You cannot execute functions in the course context (course id:{course_id}). "
            "The context error message was: Course or activity not accessible."
        )
        raise moodle_error("errorcoursecontextnotvalid", message)
    return [
        {
            "id": group.id,
            "courseid": course_id,
            "name": call.name(group.name),
            "description": group.description,
            "descriptionformat": 1,
            "enrolmentkey": None,
            "idnumber": group.idnumber,
            "visibility": 0,
            "participation": True,
        }
        for group in call.state.course_groups(course_id)
    ]


def get_group_members(call: Call) -> list[dict[str, Any]]:
    groups = [(number, call.state.groups.get(number)) for number in call.numbers("groupids")]
    if not all(group for _, group in groups):
        raise missing_record("groups")
    return [{"groupid": number, "userids": list(group.members)} for number, group in groups if group]


def get_cohorts(call: Call) -> list[dict[str, Any]]:
    wanted = call.numbers("cohortids") if call.arguments.get("cohortids") else None
    return [
        {
            "id": cohort.id,
            "name": cohort.name,
            "idnumber": cohort.idnumber,
            "description": "",
            "descriptionformat": 1,
            "visible": cohort.visible,
            "theme": "",
            "customfields": [],
        }
        for cohort in call.state.cohorts.values()
        if wanted is None or cohort.id in wanted
    ]


def get_cohort_members(call: Call) -> list[dict[str, Any]]:
    cohorts = [(number, call.state.cohorts.get(number)) for number in call.numbers("cohortids")]
    if not all(cohort for _, cohort in cohorts):
        raise missing_record("cohort")
    return [{"cohortid": number, "userids": list(cohort.members)} for number, cohort in cohorts if cohort]
