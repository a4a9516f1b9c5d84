"""The ``custom`` claim: what the link and the admin typed, variables filled in, as Moodle 4.5 merges them."""

from collections.abc import Iterable, Mapping

from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.plain_text import plain
from lms_plc.practice_lms.records import Activity
from lms_plc.practice_lms.rights import teaches
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

Value = str | None


def _variables(
    state: State, tool: Tool, person: Person, course: Course | None, activity: Activity | None
) -> dict[str, Value]:
    """Variable → value. Those of a link are None where there is none; those of a tool that may not know names are
    left as typed."""
    known: dict[str, Value] = {
        "$User.id": str(person.id),
        "$Person.sourcedId": person.idnumber,
        "$ResourceLink.id": activity.link_id if activity else None,
        "$ResourceLink.title": activity.title if activity else None,
        "$ResourceLink.description": activity.text if activity else None,
    }
    if tool.names:
        known |= {
            "$User.username": person.username,
            "$Person.name.full": person.fullname,
            "$Person.name.given": person.firstname,
            "$Person.name.family": person.lastname,
        }
    if tool.emails:
        known["$Person.email.primary"] = person.email
    if course:
        groups = (str(g.id) for g in state.course_groups(course.id) if person.id in g.members)
        known |= {
            "$Context.id": str(course.id),
            "$Context.id.history": ",".join(map(str, state.history(course))),
            "$Membership.role": "Instructor" if teaches(state, person, course) else "Learner",
            "$Moodle.Person.userGroupIds": ",".join(groups),
        }
        for kind in ("Context", "CourseSection"):
            known[f"${kind}.title"] = plain(course.fullname)
            known[f"${kind}.label"] = course.shortname
            known[f"${kind}.sourcedId"] = course.idnumber
    return known


def _both_ways(typed: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each name in lower case, and a second time as it was typed when that differs."""
    return [(form, value) for name, value in typed for form in dict.fromkeys((name.lower(), name))]


def custom_parameters(
    state: State,
    tool: Tool,
    person: Person,
    course: Course | None,
    activity: Activity | None,
    review: Mapping[str, str],
) -> dict[str, Value]:
    """The link's first, then the admin's, which win under the same name, then those of a submission review."""
    known = _variables(state, tool, person, course, activity)
    own = activity.custom.items() if activity else ()
    typed = [*_both_ways(own), *_both_ways(tool.custom), *_both_ways(review.items())]
    return {name: known.get(value, value) for name, value in typed}
