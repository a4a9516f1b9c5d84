"""How are groups of a course made, and how do people get into them and out again?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import TypeAdapter

from connectors.moodle import functions
from connectors.moodle.client import Argument, MoodleClient
from connectors.moodle.records import GroupRecord
from connectors.moodle.writing import HTML, NOTHING, LeftOut, Why, Written, write


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to make. Its name is unique in the course, its ID number too if it has one."""

    course_id: int
    name: str
    description: str = ""
    id_number: str = ""


class GroupMember(NamedTuple):
    """A person in a group."""

    group_id: int
    user_id: int


_GROUPS = TypeAdapter(list[GroupRecord])


def create_groups(client: MoodleClient, groups: Sequence[NewGroup]) -> Written[GroupRecord]:
    """core_group_create_groups, for those whose name and ID number are free in their course.

    The others are left out with the id of the group that has the name or number, or None if it is in the same list.

    Raises `PartlyWritten` and any other `ConnectorError`.
    """
    names: dict[tuple[int, str], int | None] = {}
    numbers: dict[tuple[int, str], int | None] = {}
    for course_id in dict.fromkeys(group.course_id for group in groups):
        for record in functions.get_course_groups(client, course_id, raw=True):
            names[course_id, record.name] = numbers[course_id, record.idnumber or ""] = record.id
    items: list[Argument] = []
    left_out = []
    for index, group in enumerate(groups):
        # Moodle cuts blanks off, and compares after that.
        name = (group.course_id, group.name.strip())
        number = (group.course_id, group.id_number.strip())
        if name in names:
            left_out.append(LeftOut(index, "name_taken", names[name]))
        elif number[1] and number in numbers:
            left_out.append(LeftOut(index, "id_number_taken", numbers[number]))
        else:
            names[name] = numbers[number] = None
            items.append(
                {
                    "courseid": group.course_id,
                    "name": name[1],
                    "description": group.description,
                    "descriptionformat": HTML,
                    "idnumber": number[1],
                }
            )
    answers = write(client, "core_group_create_groups", "groups", items, _GROUPS)
    return Written(tuple(record for answer in answers for record in answer), left_out=tuple(left_out))


def add_group_members(client: MoodleClient, course_id: int, members: Sequence[GroupMember]) -> Written[None]:
    """core_group_add_group_members, for participants of the course who are not in the group yet.

    Participants whom the account does not see count as not enrolled.

    Raises `PartlyWritten` and any other `ConnectorError`.
    """
    if not members:
        return Written()
    groups = {group.id for group in functions.get_course_groups(client, course_id)}
    wanted = [group_id for group_id in dict.fromkeys(member.group_id for member in members) if group_id in groups]
    present = {
        (answer.groupid, user_id)
        for answer in functions.get_group_members(client, wanted)
        for user_id in answer.userids
    }
    enrolled = functions.get_participant_ids(client, course_id)
    items: list[Argument] = []
    left_out = []
    for index, member in enumerate(members):
        why: Why | None = None
        if member.group_id not in groups:
            why = "no_such_group"
        elif member in present:
            why = "already_member"
        elif member.user_id not in enrolled:
            why = "not_enrolled"
        if why is None:
            present.add(member)
            items.append({"groupid": member.group_id, "userid": member.user_id})
        else:
            left_out.append(LeftOut(index, why))
    write(client, "core_group_add_group_members", "members", items, NOTHING)
    return Written(left_out=tuple(left_out))


def delete_group_members(client: MoodleClient, members: Sequence[GroupMember]) -> Written[None]:
    """core_group_delete_group_members. Whoever is not in the group stays out of it without a word.

    Raises `NotFound` for a group that is gone, `PartlyWritten`, and any other `ConnectorError`.
    """
    items: list[Argument] = [
        {"groupid": member.group_id, "userid": member.user_id} for member in dict.fromkeys(members)
    ]
    write(client, "core_group_delete_group_members", "members", items, NOTHING)
    return Written()
