"""How are cohorts of the site made, and how do people get into them and out again?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import TypeAdapter

from connectors.moodle import functions
from connectors.moodle.client import Argument, MoodleClient
from connectors.moodle.records import CallWarning, CohortRecord, Record
from connectors.moodle.writing import NOTHING, LeftOut, Written, write


@dataclass(frozen=True, slots=True)
class NewCohort:
    """A cohort to make. Its ID number is unique on the site and not empty.

    `category` is None for the whole site, a number for a category's id, a text for a category's ID number.
    """

    name: str
    id_number: str
    description: str = ""
    visible: bool = True
    category: int | str | None = None

    def __post_init__(self) -> None:
        if not self.id_number:
            raise ValueError("a cohort needs an ID number: Moodle takes all empty ones for the same")


class CohortMember(NamedTuple):
    """A person in a cohort."""

    cohort_id: int
    user_id: int


class _Warnings(Record):
    warnings: list[CallWarning] = []


_COHORTS = TypeAdapter(list[CohortRecord])
_WARNINGS = TypeAdapter(_Warnings)


def create_cohorts(client: MoodleClient, cohorts: Sequence[NewCohort]) -> Written[CohortRecord]:
    """core_cohort_create_cohorts, for those whose ID number is free.

    The others are left out with the id of the cohort that has it, or None if it is in the same list.

    Raises `PartlyWritten`, and `BadAnswer` with the code `invalidparameter` for a category that is not there.
    """
    if not cohorts:
        return Written()
    taken: dict[str | None, int | None] = {record.idnumber: record.id for record in functions.get_cohorts(client)}
    items: list[Argument] = []
    left_out = []
    for index, cohort in enumerate(cohorts):
        if cohort.id_number in taken:
            left_out.append(LeftOut(index, "id_number_taken", taken[cohort.id_number]))
            continue
        taken[cohort.id_number] = None
        items.append(
            {
                "categorytype": _category(cohort.category),
                "name": cohort.name,
                "idnumber": cohort.id_number,
                "description": cohort.description,
                "visible": cohort.visible,
            }
        )
    answers = write(client, "core_cohort_create_cohorts", "cohorts", items, _COHORTS)
    return Written(tuple(record for answer in answers for record in answer), left_out=tuple(left_out))


def add_cohort_members(client: MoodleClient, members: Sequence[CohortMember]) -> Written[None]:
    """core_cohort_add_cohort_members, for those who are not in the cohort yet.

    A person whom Moodle does not know and a cohort that the account may not change come back as warnings.

    Raises `NotFound` for a cohort that is gone, `PartlyWritten`, and any other `ConnectorError`.
    """
    wanted = list(dict.fromkeys(member.cohort_id for member in members))
    present = {
        (answer.cohortid, user_id)
        for answer in functions.get_cohort_members(client, wanted)
        for user_id in answer.userids
    }
    items: list[Argument] = []
    left_out = []
    for index, member in enumerate(members):
        if member in present:
            left_out.append(LeftOut(index, "already_member"))
            continue
        present.add(member)
        items.append(
            {
                "cohorttype": {"type": "id", "value": member.cohort_id},
                "usertype": {"type": "id", "value": member.user_id},
            }
        )
    answers = write(client, "core_cohort_add_cohort_members", "members", items, _WARNINGS)
    warnings = tuple(warning for answer in answers for warning in answer.warnings)
    return Written(warnings=warnings, left_out=tuple(left_out))


def delete_cohort_members(client: MoodleClient, members: Sequence[CohortMember]) -> Written[None]:
    """core_cohort_delete_cohort_members. Whoever is not in the cohort stays out of it without a word.

    Raises `NotFound` for a cohort or a person that is gone, `PartlyWritten`, and any other `ConnectorError`.
    """
    items: list[Argument] = [
        {"cohortid": member.cohort_id, "userid": member.user_id} for member in dict.fromkeys(members)
    ]
    write(client, "core_cohort_delete_cohort_members", "members", items, NOTHING)
    return Written()


def _category(category: int | str | None) -> Argument:
    if category is None:
        return {"type": "system", "value": ""}
    return {"type": "id" if isinstance(category, int) else "idnumber", "value": category}
