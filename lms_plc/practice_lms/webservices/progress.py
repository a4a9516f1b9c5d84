"""What the web services tell of grades and of completion, of which this site tracks none."""

from datetime import datetime
from typing import Any

from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.records import LineItem
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.webservices.answers import invalid_user, missing_record, moodle_error
from lms_plc.practice_lms.webservices.call import Call


def get_activities_completion(call: Call) -> dict[str, Any]:
    """No activity here tracks completion."""
    _course(call)
    _person(call, call.number("userid"))
    return {"statuses": [], "warnings": []}


def get_course_completion(call: Call) -> dict[str, Any]:
    """Always an error: no course here asks for anything, and only who learns in it is tracked."""
    course = _course(call)
    place = call.state.enrolment(course.id, _person(call, call.number("userid")).id)
    if place is None or "student" not in place.roles:
        raise moodle_error("usernotenroled", "User is not enrolled in this course")
    raise moodle_error("nocriteriaset", "No completion criteria set for this course")


def get_grade_items(call: Call) -> dict[str, Any]:
    """The grades of one person, enrolled or not, or of everybody who learns in the course or in one of its groups."""
    course = _course(call)
    user_id = call.number("userid", 0)
    if user_id:
        people = [_person(call, user_id)]
    else:
        group = call.state.group(call.number("groupid", 0))
        now = call.state.now()
        places = [place for place in call.state.roster(course.id) if "student" in place.roles and place.active(now)]
        inside = [place.user_id for place in places if group is None or place.user_id in group.members]
        people = [person for one in inside if (person := call.state.person(one))]
    return {"usergrades": [_grades(call, course, person) for person in people], "warnings": []}


def _course(call: Call) -> Course:
    course = call.state.courses.get(call.number("courseid"))
    if course is None:
        raise missing_record("course")
    return course


def _person(call: Call, user_id: int) -> Person:
    person = call.state.person(user_id)
    if person is None:
        raise invalid_user()
    return person


def _grades(call: Call, course: Course, person: Person) -> dict[str, Any]:
    columns = [_column(call, item, person.id) for item in call.state.line_items(course.id)]
    graded = [column for column in columns if column["graderaw"] is not None]
    points = sum(column["graderaw"] for column in graded)
    maximum = sum(column["grademax"] for column in graded)
    total = _item(
        course.id, points * 100 / maximum if maximum else None, 100, graded[-1]["gradedategraded"] if graded else None
    )
    return {
        "courseid": course.id,
        "courseidnumber": course.idnumber,
        "userid": person.id,
        "userfullname": person.fullname,
        "useridnumber": person.idnumber,
        "maxdepth": 2,
        "gradeitems": [
            *columns,
            {
                **total,
                "itemname": None,
                "itemtype": "course",
                "itemmodule": None,
                "iteminstance": course.id,
                "itemnumber": None,
                "idnumber": None,
                "categoryid": None,
            },
        ],
    }


def _column(call: Call, item: LineItem, user_id: int) -> dict[str, Any]:
    grade = next((grade for grade in call.state.grades(item.id) if grade.user_id == user_id), None)
    score = grade.score if grade else None
    at = int(datetime.fromisoformat(grade.at).timestamp()) if grade and score is not None else None
    activity = next((one for one in call.state.activities(item.course_id) if one.link_id == item.link_id), None)
    place = {"itemmodule": "lti", "iteminstance": activity.id, "cmid": activity.cmid} if activity else {}
    return {
        **_item(item.id, score, item.maximum, at, feedback=grade.comment if grade else ""),
        "itemname": call.name(item.label),
        "itemtype": "mod" if activity else "manual",
        "itemmodule": None,
        "iteminstance": None,
        "itemnumber": 0,
        "idnumber": item.resource_id,
        "categoryid": item.course_id,
        **place,
    }


def _item(number: int, score: float | None, maximum: float, at: int | None, feedback: str = "") -> dict[str, Any]:
    return {
        "id": number,
        "outcomeid": None,
        "scaleid": None,
        "locked": False,
        "graderaw": score,
        "gradedatesubmitted": None,
        "gradedategraded": at,
        "gradehiddenbydate": False,
        "gradeneedsupdate": False,
        "gradeishidden": False,
        "gradeislocked": False,
        "gradeisoverridden": False,
        "gradeformatted": "-" if score is None else f"{score:.2f}",
        "grademin": 0,
        "grademax": maximum,
        "rangeformatted": f"0&ndash;{maximum:g}",
        "percentageformatted": "-" if score is None or not maximum else f"{score * 100 / maximum:.2f} %",
        "feedback": feedback,
        "feedbackformat": 2,
    }
