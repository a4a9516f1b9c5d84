"""How is it written into a Moodle? Looks first, as `connectors.moodle.writing` does, and finds what is ours by number.

A cohort and a group carry our number as their ID number, an event a mark in its text: Moodle's calendar has no other
place for one.
"""

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

from connectors.errors import NotAllowed
from connectors.moodle import functions
from connectors.moodle.calendar import NewEvent, create_calendar_events, get_calendar_events
from connectors.moodle.changing_cohorts import (
    CohortMember,
    NewCohort,
    add_cohort_members,
    create_cohorts,
    delete_cohort_members,
)
from connectors.moodle.changing_groups import (
    GroupMember,
    NewGroup,
    add_group_members,
    create_groups,
    delete_group_members,
)
from connectors.moodle.client import Argument, MoodleClient
from connectors.moodle.faults import WHERE_CAPABILITIES, WHERE_FUNCTIONS, error_of
from connectors.moodle.messages import NewMessage, send_instant_messages
from connectors.moodle.needs import NEEDS, Need
from connectors.moodle.probing import probe_functions
from connectors.moodle.writing import HTML, NOTHING
from lms_plc.web.i18n import N_
from lms_plc.writeback.lines import Kind
from lms_plc.writeback.lms import Capable, NameIsTaken, Told

_GROUPS = ("moodle/course:managegroups",)

MORE_NEEDS: Mapping[str, Need] = {
    "core_cohort_update_cohorts": Need(
        N_("to rename a cohort when its community is renamed"), ("moodle/cohort:manage",)
    ),
    "core_cohort_delete_cohorts": Need(N_("to take a cohort back"), ("moodle/cohort:manage",)),
    "core_group_update_groups": Need(N_("to rename a group when its community is renamed"), _GROUPS),
    "core_group_delete_groups": Need(N_("to take a group back"), _GROUPS),
    "core_calendar_delete_calendar_events": Need(
        N_("to change a meeting in the calendar, or to take it back"), ("moodle/calendar:manageentries",)
    ),
}
"""What `connectors.moodle.needs` does not know: changing and taking back."""

FUNCTIONS: Mapping[Kind, tuple[str, ...]] = {
    Kind.COHORTS: (
        "core_cohort_get_cohorts",
        "core_cohort_get_cohort_members",
        "core_cohort_create_cohorts",
        "core_cohort_add_cohort_members",
        "core_cohort_delete_cohort_members",
        "core_cohort_update_cohorts",
        "core_cohort_delete_cohorts",
    ),
    Kind.GROUPS: (
        "core_enrol_get_enrolled_users",
        "core_group_get_course_groups",
        "core_group_get_group_members",
        "core_group_create_groups",
        "core_group_add_group_members",
        "core_group_delete_group_members",
        "core_group_update_groups",
        "core_group_delete_groups",
    ),
    Kind.CALENDAR: (
        "core_calendar_get_calendar_events",
        "core_calendar_create_calendar_events",
        "core_calendar_delete_calendar_events",
    ),
    Kind.MESSAGES: ("core_user_get_users_by_field", "core_message_send_instant_messages"),
}
"""Every function that writing of a kind calls."""


class MoodleWriter:
    """A `WritableLms` over one Moodle."""

    def __init__(self, client: MoodleClient) -> None:
        self._client = client

    def cohorts(self) -> "Cohorts":
        """See `WritableLms`."""
        return Cohorts(self._client)

    def groups(self, course: str) -> "Groups":
        """See `WritableLms`."""
        return Groups(self._client, int(course))

    def find_events(self, course: str, mark: str) -> dict[str, str]:
        """See `WritableLms`."""
        events = get_calendar_events(self._client, [int(course)]).events
        return {str(event.id): event.description for event in events if event.description and mark in event.description}

    def make_event(self, event: Told, mark: str) -> str:
        """See `WritableLms`. What Moodle warns of is a right that is missing."""
        new = NewEvent(
            name=event.title,
            starts_at=event.starts_at,
            kind="course",
            course_id=int(event.course),
            seconds=event.seconds,
            description=f"{_paragraphs(event.text)}<p>{mark}</p>",
        )
        made = create_calendar_events(self._client, [new])
        if not made.records:
            raise _no_right("core_calendar_create_calendar_events")
        return str(made.records[0].id)

    def delete_event(self, event_id: str) -> None:
        """See `WritableLms`."""
        _change(
            self._client,
            "core_calendar_delete_calendar_events",
            {"events": [{"eventid": int(event_id), "repeat": False}]},
        )

    def closed_accounts(self, subjects: Collection[str]) -> set[str]:
        """See `WritableLms`."""
        accounts = functions.get_users_by_field(self._client, "id", sorted(map(int, subjects)))
        open_ones = {str(one.id) for one in accounts if not one.suspended and one.confirmed is not False}
        return set(subjects) - open_ones

    def send(self, messages: Sequence[tuple[str, str]]) -> list[bool]:
        """See `WritableLms`."""
        sent = send_instant_messages(self._client, [NewMessage(int(subject), text) for subject, text in messages])
        return [one.sent for one in sent.records]

    def probe(self, kinds: Collection[str]) -> list[Capable]:
        """See `WritableLms`."""
        wanted = list(dict.fromkeys(name for kind in kinds for name in FUNCTIONS[Kind(kind)]))
        found = {one.function: one.todo for one in probe_functions(self._client, [n for n in wanted if n in NEEDS])}
        allowed = {one.name for one in functions.get_site_info(self._client).functions}
        found |= {name: None if name in allowed else WHERE_FUNCTIONS for name in wanted if name in MORE_NEEDS}
        return [
            Capable(
                name,
                need.why,
                found[name] is not None,
                found[name],
                (WHERE_CAPABILITIES, *([need.switch] if need.switch else ())),
                {"capabilities": ", ".join(need.capabilities)},
            )
            for name, need in ((name, _need(name)) for name in wanted)
        ]


class Cohorts:
    """The cohorts of the whole site; ours are hidden."""

    def __init__(self, client: MoodleClient) -> None:
        self._client = client

    def find(self, number: str) -> str | None:
        """See `Crowds`."""
        return next((str(one.id) for one in functions.get_cohorts(self._client) if one.idnumber == number), None)

    def make(self, name: str, number: str) -> str:
        """See `Crowds`."""
        made = create_cohorts(self._client, [NewCohort(name, number, visible=False)])
        return str(made.records[0].id if made.records else made.left_out[0].existing_id)

    def rename(self, crowd_id: str, name: str, number: str) -> None:
        """See `Crowds`. Moodle wants to be told the place of a cohort too: one that was moved comes back to the top.

        Raises `NotFound`.
        """
        found = [one for one in functions.get_cohorts(self._client, [int(crowd_id)]) if one.id == int(crowd_id)]
        if not found:
            raise error_of("core_cohort_get_cohorts", "invalidrecord", None)
        cohort: Argument = {
            "id": int(crowd_id),
            "categorytype": {"type": "system", "value": ""},
            "name": name,
            "idnumber": number,
            # whatever somebody has made of it since; left out, it would be visible
            "visible": found[0].visible is True,
        }
        _change(self._client, "core_cohort_update_cohorts", {"cohorts": [cohort]})

    def members(self, crowd_id: str) -> set[str]:
        """See `Crowds`."""
        answers = functions.get_cohort_members(self._client, [int(crowd_id)])
        found = {answer.cohortid: answer.userids for answer in answers}
        if int(crowd_id) not in found:
            raise functions.left_out("core_cohort_get_cohort_members")
        return {str(user_id) for user_id in found[int(crowd_id)]}

    def add(self, crowd_id: str, subjects: Sequence[str]) -> set[str]:
        """See `Crowds`. Moodle does not say whom its warnings are about, so it is asked who is in."""
        members = [CohortMember(int(crowd_id), int(subject)) for subject in subjects]
        if not add_cohort_members(self._client, members).warnings:
            return set()
        return set(subjects) - self.members(crowd_id)

    def take_out(self, crowd_id: str, subjects: Sequence[str]) -> None:
        """See `Crowds`."""
        delete_cohort_members(self._client, [CohortMember(int(crowd_id), int(subject)) for subject in subjects])

    def delete(self, crowd_id: str) -> None:
        """See `Crowds`."""
        _change(self._client, "core_cohort_delete_cohorts", {"cohortids": [int(crowd_id)]})


class Groups:
    """The groups of one course."""

    def __init__(self, client: MoodleClient, course_id: int) -> None:
        self._client = client
        self._course_id = course_id

    def find(self, number: str) -> str | None:
        """See `Crowds`."""
        groups = functions.get_course_groups(self._client, self._course_id, raw=True)
        return next((str(one.id) for one in groups if one.idnumber == number), None)

    def make(self, name: str, number: str) -> str:
        """See `Crowds`."""
        made = create_groups(self._client, [NewGroup(self._course_id, name, id_number=number)])
        if made.records:
            return str(made.records[0].id)
        if made.left_out[0].why == "id_number_taken":
            return str(made.left_out[0].existing_id)
        raise NameIsTaken

    def rename(self, crowd_id: str, name: str, number: str) -> None:
        """See `Crowds`."""
        groups = functions.get_course_groups(self._client, self._course_id, raw=True)
        if any(one.name == name.strip() and str(one.id) != crowd_id for one in groups):
            raise NameIsTaken
        group: Argument = {"id": int(crowd_id), "name": name, "descriptionformat": HTML, "idnumber": number}
        _change(self._client, "core_group_update_groups", {"groups": [group]})

    def members(self, crowd_id: str) -> set[str]:
        """See `Crowds`."""
        answers = functions.get_group_members(self._client, [int(crowd_id)])
        found = {answer.groupid: answer.userids for answer in answers}
        if int(crowd_id) not in found:
            raise functions.left_out("core_group_get_group_members")
        return {str(user_id) for user_id in found[int(crowd_id)]}

    def add(self, crowd_id: str, subjects: Sequence[str]) -> set[str]:
        """See `Crowds`. Whoever is not enrolled in the course stays out."""
        members = [GroupMember(int(crowd_id), int(subject)) for subject in subjects]
        left_out = add_group_members(self._client, self._course_id, members).left_out
        return {subjects[one.index] for one in left_out if one.why != "already_member"}

    def take_out(self, crowd_id: str, subjects: Sequence[str]) -> None:
        """See `Crowds`."""
        delete_group_members(self._client, [GroupMember(int(crowd_id), int(subject)) for subject in subjects])

    def delete(self, crowd_id: str) -> None:
        """See `Crowds`."""
        _change(self._client, "core_group_delete_groups", {"groupids": [int(crowd_id)]})


def _need(function: str) -> Need:
    return NEEDS[function] if function in NEEDS else MORE_NEEDS[function]


def _change(client: MoodleClient, function: str, arguments: Mapping[str, Any]) -> None:
    """Calls a function that `connectors` has no name for. Its refusal says which rights it wants."""
    try:
        client.change(function, arguments, NOTHING)
    except NotAllowed as error:
        error.params["capabilities"] = ", ".join(_need(function).capabilities)
        raise


def _no_right(function: str) -> NotAllowed:
    return NotAllowed(
        N_("The account lacks a right for the function %(function)s."),
        WHERE_CAPABILITIES,
        code="nopermissions",
        function=function,
        params={"function": function, "capabilities": ", ".join(_need(function).capabilities)},
    )


def _paragraphs(text: str) -> str:
    """Plain text as HTML, and nothing in it as markup."""
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n") if part.strip())
