"""What can be read of minutes. Each function is one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, String, bindparam, case, func, literal, select, union_all

from lms_plc.attendance.models import Attendance, MeetingGuest
from lms_plc.communities.lines import Line, line
from lms_plc.communities.models import Community, Membership
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.database import Prepared, fetch, one_of
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.meetings.models import AgendaItem, Meeting, MeetingRole
from lms_plc.meetings.page import MEETING
from lms_plc.meetings.queries import ITEMS
from lms_plc.minutes.approving import Weighed, weigh
from lms_plc.minutes.forms import Answered
from lms_plc.minutes.models import Decision, MinutesAnswer, MinutesVersion
from lms_plc.people.models import Person
from lms_plc.running.clock import RunState
from lms_plc.running.models import ProtocolRun, RunNote
from lms_plc.running.queries import NOTES
from lms_plc.web.i18n import N_, gettext

KIND = "minutes"
DECISION = "decision"
DECISIONS = 100
MEMBERS = 1000
BEGINNING = 1500
PRESENT = ("present", "late")

_LANGUAGE: Any = bindparam("language", type_=String())


@dataclass(frozen=True, slots=True)
class DecisionSeen:
    id: UUID
    text: str
    for_school: bool
    is_withdrawn: bool

    @property
    def reference(self) -> Reference:
        return Reference(DECISION, self.id)


@dataclass(frozen=True, slots=True)
class DecisionLoaded:
    id: UUID
    meeting_id: UUID
    community_id: UUID
    site_id: UUID
    text: str
    for_school: bool
    withdrawn_at: datetime | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """What a member said of the version as it stands now."""

    person_id: UUID
    name: str
    answer: str
    text: str


@dataclass(frozen=True, slots=True)
class InLanguage:
    """The minutes in one more language. ``of_body`` is the original it was written from; ``version`` counts its own
    writings."""

    language: str
    body: str
    of_body: str
    writer: str
    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Point:
    """Something of another room that stood on the agenda."""

    id: UUID
    title: str
    thing: Reference


@dataclass(frozen=True)
class Record:
    """What stands beside the words of the minutes. ``members`` by id, with their names; ``late`` are notes of a run
    that reached us after the minutes were written last, from a telephone without a connection."""

    decisions: Sequence[DecisionSeen]
    answers: Sequence[AnswerSeen]
    members: Mapping[UUID, str]
    present: frozenset[UUID]
    guests: int
    roles: Sequence[tuple[str, str]]
    languages: Sequence[str]
    version: InLanguage | None
    points: Sequence[Point]
    late: Sequence[str]
    scribe_id: UUID | None

    @cached_property
    def weighed(self) -> Weighed:
        by_answer = {answer: {one.person_id for one in self.answers if one.answer == answer} for answer in Answered}
        right, wrong = by_answer[Answered.RIGHT], by_answer[Answered.WRONG]
        return weigh(self.members.keys(), self.present, self.scribe_id, right, wrong)

    @property
    def objections(self) -> list[AnswerSeen]:
        return [one for one in self.answers if one.answer == Answered.WRONG and one.person_id in self.members]

    @property
    def number_present(self) -> int:
        return len(self.present) + self.guests

    def answer_of(self, person_id: UUID) -> str | None:
        return next((one.answer for one in self.answers if one.person_id == person_id), None)


def record_of(connection: Connection, meeting_id: UUID, language: str = "") -> Record:
    """All of it in one statement; ``language`` is that of the version to be brought along, if there is one."""
    found: dict[str, list[Line]] = {}
    given = {"meeting": meeting_id, "language": language}
    for word, *columns in fetch(connection, _RECORD, given):
        found.setdefault(word, []).append(Line(*columns))

    def each(word: str) -> Sequence[Any]:
        return found.get(word, ())

    version = next(iter(each("version")), None)
    return Record(
        decisions=[DecisionSeen(one.id, one.text, bool(one.number), one.at is not None) for one in each("decision")],
        answers=[AnswerSeen(one.id, one.name, one.kind, one.text) for one in each("answer")],
        members={one.id: one.name for one in each("member")},
        present=frozenset(one.id for one in each("present")),
        guests=each("guests")[0].number,
        roles=[(one.kind, one.name) for one in each("role")],
        languages=[one.kind for one in each("language")],
        version=version
        and InLanguage(version.kind, version.title, version.text, version.name, version.at, version.number),
        points=[
            Point(one.id, one.title, Reference(one.kind, about.id))
            for one, about in zip(each("point"), each("about"), strict=True)
        ],
        late=[one.text for one in each("late")],
        scribe_id=next((one.id for one in each("scribe")), None),
    )


def _decisions() -> Select[Any]:
    return (
        select(
            *line(
                id=Decision.id,
                text=Decision.text,
                at=Decision.withdrawn_at,
                number=case((Decision.for_school, 1), else_=0),
            )
        )
        .where(Decision.meeting_id == MEETING)
        .order_by(Decision.id)
        .limit(DECISIONS)
    )


def _answers() -> Select[Any]:
    return (
        select(
            *line(
                id=MinutesAnswer.person_id,
                text=MinutesAnswer.text,
                name=Person.display_name,
                kind=MinutesAnswer.answer,
            )
        )
        .join(Person, Person.id == MinutesAnswer.person_id)
        .join(Meeting, Meeting.id == MinutesAnswer.meeting_id)
        .where(MinutesAnswer.meeting_id == MEETING, MinutesAnswer.version == Meeting.minutes_version)
        .order_by(MinutesAnswer.at, MinutesAnswer.person_id)
        .limit(MEMBERS)
    )


def _members() -> Select[Any]:
    return (
        select(*line(id=Membership.person_id, name=Person.display_name))
        .join(Person, Person.id == Membership.person_id)
        .join(Meeting, Meeting.community_id == Membership.community_id)
        .where(Meeting.id == MEETING, Membership.state == "active")
        .order_by(func.lower(Person.display_name), Person.id)
        .limit(MEMBERS)
    )


def _present() -> Select[Any]:
    return (
        select(*line(id=Attendance.person_id))
        .where(Attendance.meeting_id == MEETING, one_of(Attendance.status, PRESENT))
        .limit(MEMBERS)
    )


def _guests() -> Select[Any]:
    return select(*line(number=func.count())).where(MeetingGuest.meeting_id == MEETING)


def _roles() -> Select[Any]:
    return (
        select(*line(kind=MeetingRole.role, name=Person.display_name))
        .join(Person, Person.id == MeetingRole.person_id)
        .where(MeetingRole.meeting_id == MEETING)
        .order_by(MeetingRole.at, MeetingRole.role, MeetingRole.person_id)
        .limit(MEMBERS)
    )


def _languages() -> Select[Any]:
    return (
        select(*line(kind=MinutesVersion.language))
        .where(MinutesVersion.meeting_id == MEETING)
        .order_by(MinutesVersion.language)
    )


def _version() -> Select[Any]:
    return (
        select(
            *line(
                title=MinutesVersion.body,
                text=MinutesVersion.of_body,
                name=Person.display_name,
                kind=MinutesVersion.language,
                at=MinutesVersion.at,
                number=MinutesVersion.version,
            )
        )
        .join(Person, Person.id == MinutesVersion.written_by_id)
        .where(MinutesVersion.meeting_id == MEETING, MinutesVersion.language == _LANGUAGE)
    )


def _scribe() -> Select[Any]:
    return select(*line(id=Meeting.minutes_by_id)).where(Meeting.id == MEETING, Meeting.minutes_by_id.is_not(None))


def _points() -> Select[Any]:
    return _items(id=AgendaItem.id, title=AgendaItem.title, kind=AgendaItem.thing_kind)


def _about() -> Select[Any]:
    """What each of the points is about, in the same order."""
    return _items(id=AgendaItem.thing_id)


def _items(**columns: Any) -> Select[Any]:
    return (
        select(*line(**columns))
        .where(AgendaItem.meeting_id == MEETING, AgendaItem.thing_kind.is_not(None))
        .order_by(AgendaItem.id)
        .limit(ITEMS)
    )


def _late() -> Select[Any]:
    return (
        select(*line(text=RunNote.text))
        .join(ProtocolRun, ProtocolRun.id == RunNote.run_id)
        .join(Meeting, Meeting.id == ProtocolRun.meeting_id)
        .where(
            ProtocolRun.meeting_id == MEETING,
            ProtocolRun.state == RunState.ENDED.value,
            RunNote.received_at > Meeting.minutes_at,
            RunNote.removed_at.is_(None),
            RunNote.became_kind.is_(None),
        )
        .order_by(RunNote.written_at, RunNote.id)
        .limit(NOTES)
    )


_SELECTS: Mapping[str, Select[Any]] = {
    "decision": _decisions(),
    "answer": _answers(),
    "member": _members(),
    "present": _present(),
    "guests": _guests(),
    "role": _roles(),
    "language": _languages(),
    "version": _version(),
    "scribe": _scribe(),
    "point": _points(),
    "about": _about(),
    "late": _late(),
}
_RECORD = Prepared(lambda _: union_all(*(_marked(word, lines) for word, lines in _SELECTS.items())))


def _marked(word: str, lines: Select[Any]) -> Select[Any]:
    some = lines.subquery()
    return select(literal(word).label("word"), *some.c)


@loads(DECISION, known_by="community.read")
def load_decision(connection: Connection, actor: Actor, decision_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            Decision.id,
            Decision.meeting_id,
            Decision.community_id,
            Community.site_id,
            Decision.text,
            Decision.for_school,
            Decision.withdrawn_at,
            *roles_of(actor.person_id, Decision.community_id, actor.at),
        )
        .join(Community, Community.id == Decision.community_id)
        .where(Decision.id == decision_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = read_roles(membership_state, assigned_roles)
    return Loaded(DecisionLoaded(*(*values, roles)), roles)


@shows(DECISION, N_("Decision"))
def show_decisions(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """The group's, and nobody's in particular. One that was withdrawn is none."""
    rows = connection.execute(
        select(Decision.id, Decision.text, Decision.community_id, Decision.meeting_id, Decision.created_at).where(
            Decision.id.in_(ids),
            Decision.withdrawn_at.is_(None),
            is_inside(actor.person_id, Decision.community_id, actor.at),
        )
    )
    return {
        row.id: Thing(
            reference=Reference(DECISION, row.id),
            title=excerpt(row.text, 120),
            excerpt=row.text,
            author_id=None,
            author="",
            community_id=row.community_id,
            at=row.created_at,
            endpoint="minutes.minutes_page",
            values={"meeting_id": row.meeting_id},
            anchor="decisions",
        )
        for row in rows
    }


@shows(KIND, N_("Minutes"))
def show_minutes(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """By the id of their meeting; ``at`` is when that began."""
    rows = connection.execute(
        select(
            Meeting.id,
            Meeting.title,
            func.substr(Meeting.minutes, 1, BEGINNING).label("minutes"),
            Meeting.community_id,
            Meeting.starts_at,
        ).where(
            Meeting.id.in_(ids),
            Meeting.minutes_version > 0,
            is_inside(actor.person_id, Meeting.community_id, actor.at),
        )
    )
    return {
        row.id: Thing(
            reference=Reference(KIND, row.id),
            title=gettext("Minutes: %(title)s", title=row.title),
            excerpt=excerpt(row.minutes),
            author_id=None,
            author="",
            community_id=row.community_id,
            at=row.starts_at,
            endpoint="minutes.minutes_page",
            values={"meeting_id": row.id},
        )
        for row in rows
    }
