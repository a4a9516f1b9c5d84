"""A Moodle at the edge of the network that keeps what is written into it, and a site connected to it.

It answers in the recorded shapes (tests/recordings/moodle/ws). Whoever calls it can be made to die at any call, before
it did what it was asked or after.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
import responses
from sqlalchemy import select, update

from lms_plc.communities.founding import found_community
from lms_plc.communities.memberships import Because, bring_in, end, pause
from lms_plc.communities.models import Community, Placement
from lms_plc.core.ids import new_id
from lms_plc.house import House
from lms_plc.people.registry import meet
from lms_plc.sites.actions import connect_site
from lms_plc.sites.models import Course, Enrolment, Site
from lms_plc.writeback import queries
from lms_plc.writeback.job import push_all
from lms_plc.writeback.lines import Kind
from lms_plc.writeback.offers import Asked, EventOffer, MessageOffer, offers_events, offers_messages
from lms_plc.writeback.plan import approve, make_plan, plan_withdrawal

MOODLE = "https://moodle.example.org"
CHANGES = re.compile(r"_(create|add|delete|update|send)_")


class Killed(BaseException):
    """The process is gone."""


def tree(form: dict[str, str]) -> dict[str, Any]:
    """A flattened form as nested dicts; lists are dicts by their numbers."""
    root: dict[str, Any] = {}
    for name, value in form.items():
        *path, last = re.findall(r"[^\[\]]+", name)
        at = root
        for part in path:
            at = at.setdefault(part, {})
        at[last] = value
    return root


def items(value: Any) -> list[Any]:
    return list((value or {}).values())


@dataclass
class Moodle:
    """What stands in it. ``dies_at``: (number of a changing call from 1 on, before or after it is done)."""

    cohorts: dict[int, dict[str, Any]] = field(default_factory=dict)
    groups: dict[int, dict[str, Any]] = field(default_factory=dict)
    members: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    events: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: list[tuple[int, str]] = field(default_factory=list)
    enrolled: dict[int, set[int]] = field(default_factory=dict)
    suspended: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    takes_none: set[int] = field(default_factory=set)
    not_in_service: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    dies_at: tuple[int, str] | None = None
    loses_answer_of: str | None = None
    ids: int = 100

    def changes(self) -> list[str]:
        return [call for call in self.calls if CHANGES.search(call)]

    def new(self) -> int:
        self.ids += 1
        return self.ids

    def reply(self, request: Any) -> tuple[int, dict[str, str], str]:
        form = dict(parse_qsl(request.body, keep_blank_values=True))
        function = form["wsfunction"]
        self.calls.append(function)
        dies = self.dies_at if CHANGES.search(function) else None
        if dies is not None and dies[0] == len(self.changes()) and dies[1] == "before":
            raise Killed
        answer = self.answer(function, tree(form))
        if dies is not None and dies[0] == len(self.changes()) and dies[1] == "after":
            raise Killed
        if function == self.loses_answer_of:
            return 200, {"Content-Type": "text/html"}, '[{"msgid":'
        return 200, {"Content-Type": "application/json"}, json.dumps(answer)

    def answer(self, function: str, form: dict[str, Any]) -> Any:
        if function in self.not_in_service:
            return fault("accessexception", "Access control exception")
        if function in self.refused:
            return fault(self.refused[function], "No")
        return getattr(self, function.removeprefix("core_"))(form)

    def webservice_get_site_info(self, form: dict[str, Any]) -> Any:
        names = [name for name in FUNCTIONS if name not in self.not_in_service]
        allowed = [{"name": name, "version": "4.5"} for name in names]
        return {"sitename": "Moodle", "siteurl": MOODLE, "userid": 3, "release": "4.5", "functions": allowed}

    def cohort_get_cohorts(self, form: dict[str, Any]) -> Any:
        wanted = items(form.get("cohortids"))
        return [one for one in self.cohorts.values() if not wanted or str(one["id"]) in wanted]

    def cohort_create_cohorts(self, form: dict[str, Any]) -> Any:
        made = []
        for one in items(form["cohorts"]):
            if any(other["idnumber"] == one["idnumber"] for other in self.cohorts.values()):
                return fault("invalidparameter", "Invalid parameter value detected")
            new = self.new()
            self.cohorts[new] = {
                "id": new,
                "name": one["name"],
                "idnumber": one["idnumber"],
                "visible": one["visible"] == "1",
            }
            made.append(self.cohorts[new])
        return made

    def cohort_update_cohorts(self, form: dict[str, Any]) -> Any:
        for one in items(form["cohorts"]):
            self.cohorts[int(one["id"])] |= {"name": one["name"], "visible": one.get("visible", "1") == "1"}
        return None

    def cohort_delete_cohorts(self, form: dict[str, Any]) -> Any:
        for one in items(form["cohortids"]):
            del self.cohorts[int(one)]
            self.members.pop(("cohort", int(one)), None)
        return None

    def cohort_get_cohort_members(self, form: dict[str, Any]) -> Any:
        wanted = [int(one) for one in items(form.get("cohortids"))]
        if any(one not in self.cohorts for one in wanted):
            return fault("invalidrecord", "Can't find data record in database table cohort.")
        return [{"cohortid": one, "userids": sorted(self.members.get(("cohort", one), ()))} for one in wanted]

    def cohort_add_cohort_members(self, form: dict[str, Any]) -> Any:
        warnings = []
        for one in items(form["members"]):
            user = int(one["usertype"]["value"])
            if user in self.unknown:
                warnings.append({"warningcode": "2", "message": f"user id={user} not exists"})
                continue
            self.members.setdefault(("cohort", int(one["cohorttype"]["value"])), set()).add(user)
        return {"warnings": warnings}

    def cohort_delete_cohort_members(self, form: dict[str, Any]) -> Any:
        for one in items(form["members"]):
            if int(one["cohortid"]) not in self.cohorts or int(one["userid"]) in self.unknown:
                return fault("invalidrecord", "Can't find data record in database table user.")
        for one in items(form["members"]):
            self.members.setdefault(("cohort", int(one["cohortid"])), set()).discard(int(one["userid"]))
        return None

    def group_get_course_groups(self, form: dict[str, Any]) -> Any:
        return [one for one in self.groups.values() if one["courseid"] == int(form["courseid"])]

    def group_create_groups(self, form: dict[str, Any]) -> Any:
        made = []
        for one in items(form["groups"]):
            new = self.new()
            self.groups[new] = {
                "id": new,
                "courseid": int(one["courseid"]),
                "name": one["name"],
                "idnumber": one["idnumber"],
            }
            made.append(self.groups[new])
        return made

    def group_update_groups(self, form: dict[str, Any]) -> Any:
        for one in items(form["groups"]):
            self.groups[int(one["id"])]["name"] = one["name"]
        return None

    def group_delete_groups(self, form: dict[str, Any]) -> Any:
        for one in items(form["groupids"]):
            del self.groups[int(one)]
        return None

    def group_get_group_members(self, form: dict[str, Any]) -> Any:
        wanted = [int(one) for one in items(form.get("groupids"))]
        if any(one not in self.groups for one in wanted):
            return fault("invalidrecord", "Can't find data record in database table groups.")
        return [{"groupid": one, "userids": sorted(self.members.get(("group", one), ()))} for one in wanted]

    def group_add_group_members(self, form: dict[str, Any]) -> Any:
        for one in items(form["members"]):
            self.members.setdefault(("group", int(one["groupid"])), set()).add(int(one["userid"]))
        return None

    def group_delete_group_members(self, form: dict[str, Any]) -> Any:
        for one in items(form["members"]):
            self.members.setdefault(("group", int(one["groupid"])), set()).discard(int(one["userid"]))
        return None

    def enrol_get_enrolled_users(self, form: dict[str, Any]) -> Any:
        return [{"id": one} for one in sorted(self.enrolled.get(int(form["courseid"]), ()))]

    def calendar_get_calendar_events(self, form: dict[str, Any]) -> Any:
        courses = [int(one) for one in items(form["events"]["courseids"])]
        found = [one for one in self.events.values() if one["courseid"] in courses]
        return {"events": [{**one, "name": escape(one["name"])} for one in found], "warnings": []}

    def calendar_create_calendar_events(self, form: dict[str, Any]) -> Any:
        made = []
        for one in items(form["events"]):
            if one["courseid"] == "13":
                return {"events": [], "warnings": [{"item": one["name"], "warningcode": "nopermissions"}]}
            new = self.new()
            self.events[new] = {
                "id": new,
                "name": one["name"],
                "description": one["description"],
                "courseid": int(one["courseid"]),
                "eventtype": one["eventtype"],
                "timestart": int(one["timestart"]),
                "timeduration": int(one["timeduration"]),
                "visible": 1,
            }
            made.append(self.events[new])
        return {"events": made, "warnings": []}

    def calendar_delete_calendar_events(self, form: dict[str, Any]) -> Any:
        for one in items(form["events"]):
            if int(one["eventid"]) not in self.events:
                return fault("invalidrecord", "Can't find data record in database table event.")
            del self.events[int(one["eventid"])]
        return None

    def user_get_users_by_field(self, form: dict[str, Any]) -> Any:
        wanted = [int(one) for one in items(form["values"])]
        return [{"id": one, "suspended": one in self.suspended} for one in wanted if one not in self.unknown]

    def message_send_instant_messages(self, form: dict[str, Any]) -> Any:
        sent = []
        for one in items(form["messages"]):
            user, number = int(one["touserid"]), one["clientmsgid"]
            if user in self.takes_none:
                sent.append({"msgid": -1, "clientmsgid": number, "errormessage": "You can't message this user"})
                continue
            self.messages.append((user, one["text"]))
            sent.append({"msgid": self.new(), "clientmsgid": number, "timecreated": 1795323972})
        return sent


FUNCTIONS = [
    f"core_{name}"
    for name in vars(Moodle)
    if name.startswith(("webservice", "cohort_", "group_", "enrol_", "calendar_", "user_", "message_"))
]


def fault(code: str, message: str) -> dict[str, str]:
    return {"exception": "moodle_exception", "errorcode": code, "message": message}


@pytest.fixture
def moodle(edge: responses.RequestsMock) -> Moodle:
    stub = Moodle()
    edge.add_callback(responses.POST, f"{MOODLE}/webservice/rest/server.php", stub.reply)
    return stub


@dataclass
class School:
    """A site whose Moodle can be written to, and its communities."""

    house: House
    moodle: Moodle
    site_id: UUID
    meetings: list[EventOffer] = field(default_factory=list)
    reminders: list[MessageOffer] = field(default_factory=list)

    def switch(self, *kinds: str) -> None:
        with self.house.database.write() as session:
            session.execute(update(Site).where(Site.id == self.site_id).values(writes=list(kinds)))

    def switches(self) -> list[str]:
        with self.house.database.read() as connection:
            return list(connection.execute(select(Site.writes).where(Site.id == self.site_id)).scalar_one())

    def community(self, course: str, name: str, *subjects: int) -> UUID:
        at = self.house.clock()
        with self.house.database.write() as session:
            course_id = new_id()
            session.add(
                Course(
                    id=course_id,
                    site_id=self.site_id,
                    lms_id=course,
                    title=name,
                    short_name=f"C{course}",
                    created_at=at,
                )
            )
            session.flush()
            community_id = found_community(
                session, site_id=self.site_id, course_id=course_id, name=name, at=at, via="sync"
            )
        if subjects:
            self.join(community_id, course, *subjects)
        return community_id

    def join(self, community_id: UUID, course: str, *subjects: int, via: str = "sync", state: str = "active") -> None:
        at = self.house.clock()
        with self.house.database.write() as session:
            people = meet(session, self.site_id, {str(one): f"Person {one}" for one in subjects}, at)
            bring_in(session, self.site_id, community_id, list(people.values()), Because(at=at, via=via))
            course_id = session.execute(
                select(Course.id).where(Course.lms_id == course, Course.site_id == self.site_id)
            ).scalar_one()
            for person in people.values():
                session.add(
                    Enrolment(
                        id=new_id(),
                        course_id=course_id,
                        person_id=person,
                        lms_roles=["student"],
                        state=state,
                        from_sync=True,
                        changed_at=at,
                    )
                )
        if course.isdigit() and state == "active":
            self.moodle.enrolled.setdefault(int(course), set()).update(subjects)

    def person(self, subject: int) -> UUID:
        with self.house.database.write() as session:
            return meet(session, self.site_id, {str(subject): f"Person {subject}"}, self.house.clock())[str(subject)]

    def leave(self, community_id: UUID, *subjects: int, pausing: bool = False) -> None:
        people = [self.person(one) for one in subjects]
        with self.house.database.write() as session:
            because = Because(at=self.house.clock(), via="sync", reason="enrolment_gone")
            (pause if pausing else end)(session, self.site_id, community_id, people, because)

    def rename(self, community_id: UUID, name: str) -> None:
        with self.house.database.write() as session:
            session.execute(update(Community).where(Community.id == community_id).values(name=name))

    def displace(self, community_id: UUID) -> None:
        """The community is not opened from anywhere any more."""
        with self.house.database.write() as session:
            session.query(Placement).where(Placement.community_id == community_id).delete()

    def meeting(self, community_id: UUID, course: str, *, version: str = "1", in_days: float = 7, id: str = "") -> None:
        """A meeting, or its newer version."""
        offer = EventOffer(
            id=id or f"meeting:{community_id}",
            community_id=community_id,
            course=course,
            title=f"Meeting {version} <b>&</b>",
            starts_at=self.house.clock() + timedelta(days=in_days),
            version=version,
            text="Bring a lesson.\n<script>",
        )
        self.meetings[:] = [one for one in self.meetings if one.id != offer.id] + [offer]

    def plan(self) -> UUID:
        return make_plan(self.house.database, self.site_id, self.house.clock, asked_by="test")

    def withdrawal(self, kind: str) -> UUID:
        return plan_withdrawal(self.house.database, self.site_id, Kind(kind), self.house.clock, asked_by="test")

    def approve(self, plan_id: UUID, *, by: str = "test", **options: Any) -> None:
        approve(self.house.database, plan_id, self.house.clock, by=by, **options)

    def carry_out(self, plan_id: UUID) -> queries.PlanSeen:
        """Goes on with an approved plan to its end."""
        push_all(self.house, plan_id)
        return self.seen(plan_id)

    def push(self, **options: Any) -> queries.PlanSeen:
        """Plan, approve, write."""
        plan_id = self.plan()
        self.approve(plan_id, **options)
        return self.carry_out(plan_id)

    def withdraw(self, kind: str) -> queries.PlanSeen:
        plan_id = self.withdrawal(kind)
        self.approve(plan_id)
        return self.carry_out(plan_id)

    def seen(self, plan_id: UUID) -> queries.PlanSeen:
        with self.house.database.read() as connection:
            found = queries.plan(connection, plan_id)
        assert found is not None
        return found

    def lines(self, plan_id: UUID) -> Sequence[queries.LineSeen]:
        with self.house.database.read() as connection:
            return queries.lines(connection, plan_id, limit=5000)

    def told(self, plan_id: UUID) -> list[tuple[str, str | None]]:
        """(verb, subject) of each line."""
        return [(line.verb.value, line.subject) for line in self.lines(plan_id)]

    def problems(self, plan_id: UUID) -> list[str]:
        return [line.problem for line in self.lines(plan_id) if line.problem]

    def cohort(self, community_id: UUID) -> dict[str, Any]:
        """The one cohort of a community, with the ids of its people."""
        (found,) = [one for one in self.moodle.cohorts.values() if one["idnumber"] == f"plc-{community_id}"]
        return {**found, "people": sorted(self.moodle.members.get(("cohort", found["id"]), ()))}

    def group(self, community_id: UUID) -> dict[str, Any]:
        (found,) = [one for one in self.moodle.groups.values() if one["idnumber"] == f"plc-{community_id}"]
        return {**found, "people": sorted(self.moodle.members.get(("group", found["id"]), ()))}


@pytest.fixture
def school(house: House, moodle: Moodle) -> Iterator[School]:
    with house.database.write() as session:
        site_id = connect_site(
            session,
            name="moodle",
            url=MOODLE,
            connector="moodle",
            token="5f9c1e0b7a6d4c3388aa00ffeedd1122",
            seal=house.seal,
            title="Moodle",
            release="4.5",
            ws_user="3",
            at=house.clock(),
        )
    made = School(house, moodle, site_id)

    def meetings(_connection: Any, _asked: Asked) -> list[EventOffer]:
        return list(made.meetings)

    def reminders(_connection: Any, _asked: Asked) -> list[MessageOffer]:
        return list(made.reminders)

    offers_events(meetings)
    offers_messages(reminders)
    yield made
    offers_events.close(meetings)
    offers_messages.close(reminders)


@pytest.fixture
def killed_at(moodle: Moodle) -> Callable[[int, str, Callable[[], Any]], bool]:
    """``killed_at(n, "before" or "after", do)``: does it, and dies at the n-th changing call from now on; whether it
    came so far."""

    def run(number: int, when: str, do: Callable[[], Any]) -> bool:
        moodle.dies_at = (len(moodle.changes()) + number, when)
        try:
            do()
        except Killed:
            return True
        finally:
            moodle.dies_at = None
        return False

    return run
