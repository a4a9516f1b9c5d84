"""What a connector changes about groups and cohorts, one function a verb; see ``changes``."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lms_plc.practice_lms.school import School
from lms_plc.practice_lms.school_year import Cohort, Group


def _create_group(school: School, course_id: int, name: str, idnumber: str, description: str) -> None:
    if course_id not in school.courses:
        raise KeyError("unknown course")
    number = school.next_number("group", school.groups)
    school.groups = school.groups | {number: Group(number, course_id, name, idnumber, (), description)}


def _delete_group(school: School, course_id: int, group_id: int) -> None:
    """Its groupings lose it too, and its dates go with it."""
    if school.groups[group_id].course_id != course_id:
        raise KeyError("a group of another course")
    school.last_numbers["group"] = school.next_number("group", school.groups) - 1
    school.groups = {number: group for number, group in school.groups.items() if number != group_id}
    school.groupings = {
        number: replace(grouping, groups=tuple(g for g in grouping.groups if g != group_id))
        for number, grouping in school.groupings.items()
    }
    school.events = {number: event for number, event in school.events.items() if event.group_id != group_id}


def _set_group_member(school: School, course_id: int, group_id: int, user_id: int, inside: bool) -> None:
    """Whoever is in already comes in once, and only who takes part in the course; a stranger leaves without a word."""
    group = school.groups[group_id]
    if inside and school.enrolment(course_id, user_id) is None:
        raise KeyError("not enrolled")
    school.groups = school.groups | {group_id: replace(group, members=_members(group.members, user_id, inside))}


def _create_cohort(school: School, **fields: Any) -> None:
    number = school.next_number("cohort", school.cohorts)
    school.cohorts = school.cohorts | {number: Cohort(id=number, members=(), **fields)}


def _update_cohort(school: School, cohort_id: int, **fields: Any) -> None:
    school.cohorts = school.cohorts | {cohort_id: replace(school.cohorts[cohort_id], **fields)}


def _delete_cohort(school: School, cohort_id: int) -> None:
    if cohort_id not in school.cohorts:
        raise KeyError("unknown cohort")
    school.last_numbers["cohort"] = school.next_number("cohort", school.cohorts) - 1
    school.cohorts = {number: cohort for number, cohort in school.cohorts.items() if number != cohort_id}


def _set_cohort_member(school: School, cohort_id: int, user_id: int, inside: bool) -> None:
    cohort = school.cohorts[cohort_id]
    school.cohorts = school.cohorts | {cohort_id: replace(cohort, members=_members(cohort.members, user_id, inside))}


def _members(members: tuple[int, ...], user_id: int, inside: bool) -> tuple[int, ...]:
    others = tuple(member for member in members if member != user_id)
    return (*others, user_id) if inside else others


GROUP_VERBS: dict[str, Callable[..., None]] = {
    "create_group": _create_group,
    "delete_group": _delete_group,
    "set_group_member": _set_group_member,
    "create_cohort": _create_cohort,
    "update_cohort": _update_cohort,
    "delete_cohort": _delete_cohort,
    "set_cohort_member": _set_cohort_member,
}
