"""What the web services tell of groups and groupings, and how they change groups."""

from typing import Any

from lms_plc.practice_lms.school_year import Group, Grouping
from lms_plc.practice_lms.webservices.answers import (
    course_out_of_reach,
    invalid_parameter,
    invalid_user,
    missing_record,
    moodle_error,
)
from lms_plc.practice_lms.webservices.arguments import Arguments
from lms_plc.practice_lms.webservices.call import Call


def _course_id(call: Call, asked: Arguments) -> int:
    """The course that a call or a part of it is about."""
    course_id = asked.number("courseid")
    if course_id not in call.state.courses:
        raise course_out_of_reach(course_id)
    return course_id


def _group(group: Group, name: str, key: str | None) -> dict[str, Any]:
    return {
        "id": group.id,
        "courseid": group.course_id,
        "name": name,
        "description": group.description,
        "descriptionformat": 1,
        "enrolmentkey": key,
        "idnumber": group.idnumber,
        "visibility": 0,
        "participation": True,
    }


def get_course_groups(call: Call) -> list[dict[str, Any]]:
    course_id = _course_id(call, call)
    return [_group(group, call.name(group.name), None) for group in call.state.course_groups(course_id)]


def get_group_members(call: Call) -> list[dict[str, Any]]:
    groups = [_known(call, number) for number in call.numbers("groupids")]
    return [{"groupid": group.id, "userids": list(group.members)} for group in groups]


def _grouping(call: Call, grouping: Grouping) -> dict[str, Any]:
    return {
        "id": grouping.id,
        "courseid": grouping.course_id,
        "name": call.name(grouping.name),
        "description": "",
        "descriptionformat": 0,
        "idnumber": grouping.idnumber,
    }


def get_course_groupings(call: Call) -> list[dict[str, Any]]:
    course_id = _course_id(call, call)
    return [_grouping(call, grouping) for grouping in call.state.course_groupings(course_id)]


def get_groupings(call: Call) -> list[dict[str, Any]]:
    """With ``returngroups`` their groups too; a grouping without any has no key for them."""
    with_groups = call.flag("returngroups", False)
    told = []
    for number in call.numbers("groupingids"):
        grouping = call.state.groupings.get(number)
        if grouping is None:
            raise missing_record("groupings")
        one = _grouping(call, grouping)
        if with_groups and grouping.groups:
            one["groups"] = [_group_of_grouping(call, call.state.groups[group_id]) for group_id in grouping.groups]
        told.append(one)
    return told


def _group_of_grouping(call: Call, group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "courseid": group.course_id,
        "name": call.name(group.name),
        "description": group.description,
        "descriptionformat": 1,
        "enrolmentkey": "",
        "idnumber": group.idnumber,
    }


def create_groups(call: Call) -> list[dict[str, Any]]:
    """All or none. A name that is taken in its course is as invalid as an empty one, and nothing says which it was."""
    items = call.records(
        "groups",
        "courseid name description",
        "descriptionformat enrolmentkey idnumber visibility participation customfields",
    )
    with call.state.lock:
        changes: list[dict[str, Any]] = []
        for item in items:
            course_id, name, number = (
                _course_id(call, item),
                item.text("name").strip(),
                item.text("idnumber", "").strip(),
            )
            there = [(group.name, group.idnumber) for group in call.state.course_groups(course_id)]
            there += [(one["name"], one["idnumber"]) for one in changes if one["course_id"] == course_id]
            if not name or any(name == taken for taken, _ in there):
                raise invalid_parameter()
            if number and any(number == taken for _, taken in there):
                raise moodle_error("idnumbertaken", "This ID number is already taken")
            description = item.text("description")
            changes.append({"course_id": course_id, "name": name, "idnumber": number, "description": description})
        before = set(call.state.groups)
        call.state.change_all("create_group", changes)
        made = [group for number, group in sorted(call.state.groups.items()) if number not in before]
    return [_group(group, group.name, "") for group in made]


def delete_groups(call: Call) -> None:
    """Those that are not there are passed over without a word."""
    with call.state.lock:
        groups = [group for number in dict.fromkeys(call.numbers("groupids")) if (group := call.state.group(number))]
        changes = [{"course_id": group.course_id, "group_id": group.id} for group in groups]
        call.state.change_all("delete_group", changes)


def add_group_members(call: Call) -> None:
    """All or none. Whoever is in the group already stays; one who is not in the course makes the call invalid."""
    with call.state.lock:
        members = _members(call)
        if any(call.state.enrolment(group.course_id, user_id) is None for group, user_id in members):
            raise invalid_parameter()
        news = [(group, user_id) for group, user_id in members if user_id not in group.members]
        _set_members(call, news, inside=True)


def delete_group_members(call: Call) -> None:
    """All or none. Whoever is not in the group stays out of it without a word."""
    with call.state.lock:
        leaving = [(group, user_id) for group, user_id in _members(call) if user_id in group.members]
        _set_members(call, leaving, inside=False)


def _members(call: Call) -> list[tuple[Group, int]]:
    found = []
    for item in call.records("members", "groupid userid"):
        group, user_id = _known(call, item.number("groupid")), item.number("userid")
        if call.state.person(user_id) is None:
            raise invalid_user()
        found.append((group, user_id))
    return found


def _set_members(call: Call, members: list[tuple[Group, int]], *, inside: bool) -> None:
    changes = [
        {"course_id": group.course_id, "group_id": group.id, "user_id": user_id, "inside": inside}
        for group, user_id in members
    ]
    call.state.change_all("set_group_member", changes)


def _known(call: Call, group_id: int) -> Group:
    group = call.state.group(group_id)
    if group is None:
        raise missing_record("groups")
    return group
