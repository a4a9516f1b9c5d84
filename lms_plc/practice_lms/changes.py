"""What an admin or a tool changed, one function a verb; played again over the first day at every start.

A verb is deterministic: the same list of changes always makes the same site, with the same numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from unicodedata import category

from lms_plc.practice_lms import school_year
from lms_plc.practice_lms.group_changes import GROUP_VERBS
from lms_plc.practice_lms.records import Activity
from lms_plc.practice_lms.school import School
from lms_plc.practice_lms.school_year import Enrolment
from lms_plc.practice_lms.tools import kept_tool
from lms_plc.practice_lms.written_changes import WRITTEN_VERBS

_FIRST_ACTIVITY = 5_001
_CMID_AHEAD = 5_000
"""Far from the numbers of the activities every course has from the start, so that neither is taken for the other."""


def of_the_crowd(what: Mapping[str, Any]) -> bool:
    """Whether a change is about the measuring course, its groups or its people; none are there after a restart."""
    numbers = (what.get(name, 0) for name in ("user_id", "group_id"))
    return what.get("course_id") == school_year.BIG_COURSE or any(n >= school_year.BIG_FIRST_PERSON for n in numbers)


def _enrol(
    school: School,
    course_id: int,
    user_id: int,
    role: str,
    suspended: bool = False,
    starts: int = 0,
    ends: int = 0,
) -> None:
    if course_id not in school.courses or school.person(user_id) is None or role not in school_year.ROLE_IDS:
        raise KeyError("unknown course, person or role")
    before = school.enrolment(course_id, user_id)
    roles = (role,) if before is None or role in before.roles else (*before.roles, role)
    place = Enrolment(user_id, roles, suspended, starts, ends)
    school.rosters[course_id] = school.rosters.get(course_id, {}) | {user_id: place}


def _unenrol(school: School, course_id: int, user_id: int) -> None:
    if school.enrolment(course_id, user_id) is None:
        raise KeyError("not enrolled")
    school.rosters[course_id] = {i: e for i, e in school.rosters[course_id].items() if i != user_id}
    left = {
        group.id: replace(group, members=tuple(m for m in group.members if m != user_id))
        for group in school.course_groups(course_id)
    }
    school.groups = school.groups | left


def _set_suspended(school: School, course_id: int, user_id: int, suspended: bool) -> None:
    place = school.enrolment(course_id, user_id)
    if place is None:
        raise KeyError("not enrolled")
    school.rosters[course_id] = school.rosters[course_id] | {user_id: replace(place, suspended=suspended)}


def _rename(school: School, user_id: int, firstname: str, lastname: str) -> None:
    person = school.person(user_id)
    if person is None:
        raise KeyError("unknown person")
    names = firstname.strip(), lastname.strip()
    if not all(names) or max(map(len, names)) > 100 or any(category(c) == "Cc" for c in "".join(names)):
        raise ValueError("a name needs 1 to 100 characters and no control characters")
    school.accounts = school.accounts | {user_id: replace(person, firstname=names[0], lastname=names[1])}


def _copy_course(school: School, course_id: int, number: int, started: int, with_people: bool) -> None:
    """The activities come along under new numbers, in their order."""
    source = school.courses[course_id]
    copied = replace(
        source,
        id=number,
        shortname=f"{source.shortname} copy {number}",
        fullname=f"{source.fullname} copy {number}",
        idnumber="",
        original=source.id,
        started=started,
        visible=True,
    )
    school.courses = school.courses | {number: copied}
    school.rosters[number] = {e.user_id: e for e in school.roster(course_id)} if with_people else {}
    for activity in school.added_activities(course_id):
        _place(school, replace(activity, course_id=number))


def _add_activity(school: School, course_id: int, **fields: Any) -> None:
    if course_id not in school.courses:
        raise KeyError("unknown course")
    _place(school, Activity(id=0, cmid=0, course_id=course_id, **fields))


def _place(school: School, activity: Activity) -> None:
    number = max([_FIRST_ACTIVITY - 1, *school.placed]) + 1
    school.placed = school.placed | {number: replace(activity, id=number, cmid=number + _CMID_AHEAD)}


def _add_tool(school: School, **fields: Any) -> None:
    """Also puts a tool that registered again in the place of what it was."""
    tool = kept_tool(fields)
    school.registered = school.registered | {tool.id: tool}


def _activate_tool(school: School, tool_id: int) -> None:
    school.registered = school.registered | {tool_id: replace(school.registered[tool_id], active=True)}


def _delete_tool(school: School, tool_id: int) -> None:
    """Its activities stay and lead nowhere, as in Moodle; its number is not given again."""
    if tool_id not in school.registered:
        raise KeyError("unknown tool")
    school.registered = {number: tool for number, tool in school.registered.items() if number != tool_id}
    school.last_tool_id = max(school.last_tool_id, tool_id)
    school.handlers = {key: url for key, url in school.handlers.items() if key[0] != tool_id}


def _switch(school: School, name: str, on: bool) -> None:
    school.switches = school.switches | {name: on}


def _allow_function(school: School, function: str, allowed: bool) -> None:
    school.closed = school.closed - {function} if allowed else school.closed | {function}


def _set_handler(school: School, tool_id: int, notice_type: str, handler: str) -> None:
    """'' ends a subscription."""
    others = {key: url for key, url in school.handlers.items() if key != (tool_id, notice_type)}
    school.handlers = others | ({(tool_id, notice_type): handler} if handler else {})


VERBS: dict[str, Callable[..., None]] = {
    "enrol": _enrol,
    "unenrol": _unenrol,
    "set_suspended": _set_suspended,
    "rename": _rename,
    "copy_course": _copy_course,
    "add_activity": _add_activity,
    "add_tool": _add_tool,
    "activate_tool": _activate_tool,
    "delete_tool": _delete_tool,
    "switch": _switch,
    "allow_function": _allow_function,
    "set_handler": _set_handler,
    **GROUP_VERBS,
    **WRITTEN_VERBS,
}
