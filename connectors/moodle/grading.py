"""What do the grades of a Moodle course come to? Read group by group, and added up while they are read."""

from collections.abc import Iterator, Sequence
from html import unescape

from pydantic import TypeAdapter

from connectors.moodle.client import MoodleClient
from connectors.moodle.records import CallWarning, Record
from connectors.outcomes import Adding, Outcome

TOTAL = "course"


class Graded(Record):
    """One line of somebody's grades: no more of it than adding up needs."""

    id: int
    itemtype: str
    itemname: str | None = None
    graderaw: float | None = None
    grademin: float | None = None
    grademax: float | None = None
    gradeishidden: bool | None = None
    gradehiddenbydate: bool | None = None


class Somebody(Record):
    """Whose grades these are is not read, but for the number that tells whether two groups share somebody."""

    userid: int
    gradeitems: list[Graded] = []


class Report(Record):
    """gradereport_user_get_grade_items, without people."""

    usergrades: list[Somebody]
    warnings: list[CallWarning] = []


_REPORT = TypeAdapter(Report)


def add_up_grades(client: MoodleClient, course_id: int, group_ids: Sequence[int]) -> Iterator[Outcome]:
    """gradereport_user_get_grade_items, added up by column, each course total first; without groups over everybody.

    Moodle gives those who learn in the course and whose enrolment is active, and sends a report whole; so it is asked
    group by group, and between two groups only the numbers of people stay, in which groups they are. A grade that its
    own pupil may not see yet counts as none. The totals of categories have no title of their own and are left out.
    """
    groups_of: dict[int, list[str]] = {}
    for group_id in group_ids or (0,):
        arguments = {"courseid": course_id, "userid": 0, "groupid": group_id}
        people = client.call("gradereport_user_get_grade_items", arguments, _REPORT).usergrades
        shares_with = frozenset(group for one in people for group in groups_of.get(one.userid, ()))
        yield from _added_up(people, str(course_id), str(group_id) if group_id else None, shares_with)
        for one in people:
            groups_of.setdefault(one.userid, []).append(str(group_id))


def _added_up(
    people: Sequence[Somebody], course_id: str, group_id: str | None, shares_with: frozenset[str]
) -> list[Outcome]:
    titles: dict[int, str] = {}
    columns: dict[int, Adding] = {}
    for somebody in people:
        for line in somebody.gradeitems:
            if line.itemtype != TOTAL and not line.itemname:
                continue
            titles[line.id] = "" if line.itemtype == TOTAL else unescape(line.itemname or "")
            is_hidden = line.gradeishidden or line.gradehiddenbydate
            grade = None if is_hidden else line.graderaw
            columns.setdefault(line.id, Adding()).add(grade, line.grademin or 0.0, line.grademax or 0.0)
    totals = [
        column.total(course_id, str(item_id), titles[item_id], group_id, shares_with)
        for item_id, column in columns.items()
    ]
    return sorted(totals, key=lambda one: one.item != "")
