"""The grades of a course as its teachers see them, and the way to the work behind a grade."""

from flask import Blueprint, abort, render_template, request, url_for

from lms_plc.practice_lms.pages import course_for, signed_in
from lms_plc.practice_lms.rights import teaches
from lms_plc.practice_lms.running import here

blueprint = Blueprint("grades", __name__)

_PAGE = 50


@blueprint.get("/as/<int:user_id>/course/<int:course_id>/grades")
def overview(user_id: int, course_id: int) -> str:
    """One row a student, one column a line item; a column on an activity leads to the tool's review."""
    state, _ = here()
    person = signed_in(user_id)
    course = course_for(state, person, course_id)
    if not teaches(state, person, course):
        abort(403, "Only those who teach in this course see its grades.")
    graded = [place.user_id for place in state.roster(course.id) if "student" in place.roles]
    start = max(0, request.args.get("from", 0, type=int))
    here_url = url_for(".overview", user_id=user_id, course_id=course_id)
    columns = state.line_items(course.id)
    scores = {(item.id, grade.user_id): grade.score for item in columns for grade in state.grades(item.id)}
    activities = {activity.link_id: activity for activity in state.activities(course.id)}
    return render_template(
        "grades.html",
        person=person,
        course=course,
        columns=[(item, activities.get(item.link_id)) for item in columns],
        students=[who for i in graded[start : start + _PAGE] if (who := state.person(i))],
        scores=scores,
        next_page=f"{here_url}?from={start + _PAGE}" if start + _PAGE < len(graded) else None,
    )
