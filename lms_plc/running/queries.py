"""What can be read of protocol runs. Each function is one statement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median_low
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Uuid, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.lines import HERE
from lms_plc.communities.models import Community
from lms_plc.communities.queries import members_by_name
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.database import Prepared, fetch
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.meetings.models import AgendaItem, Meeting, MeetingRole
from lms_plc.meetings.queries import FACILITATOR, holds
from lms_plc.people.models import Person
from lms_plc.protocols.content import Content, Step
from lms_plc.running.clock import LIVE, StepClock, StepState
from lms_plc.running.models import MeetingPulse, ProtocolRun, PulseGiven, RunNote, RunStep
from lms_plc.web.i18n import N_

NOTES = 1000
"""Notes of one run or meeting that are shown: thirty people, thirty each."""
RUNS = 50
OWNERS = 200
SPOKEN_OF = 10
SILENT = "silent"
"""How a step says that nobody speaks in it at first."""
SHOWN_FROM = 5
"""So many answers make a result: with fewer one could guess whose is whose."""


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run for an actor. ``content`` is the protocol as it was when the run began (``protocol_of``), ``clock`` that of
    the open step, ``number`` grows with every change, ``roles`` are the actor's, HOLDING among them if they lead."""

    id: UUID
    community_id: UUID
    site_id: UUID
    meeting_id: UUID
    meeting_title: str
    protocol: str
    protocol_version: int
    content: Mapping[str, Any]
    state: str
    step: int
    number: int
    paused_at: datetime | None
    begun_by_id: UUID
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    clock: StepClock
    roles: frozenset[Role]

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def reference(self) -> Reference:
        return Reference("run", self.id)

    @property
    def name(self) -> str:
        return str(self.content["name"])

    @property
    def steps(self) -> int:
        return len(self.content["steps"])


@dataclass(frozen=True, slots=True)
class StepSeen:
    """How one step went. ``reason`` says why it was left out."""

    step: int
    state: str
    clock: StepClock
    ended_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """``kind`` is a word of ``running.captures.CAPTURES``; ``owner_id`` and ``due`` belong to actions. ``became``
    is what was made of it."""

    id: UUID
    step: int
    kind: str
    text: str
    author_id: UUID
    author: str
    owner_id: UUID | None
    owner: str | None
    due: date | None
    written_at: datetime
    number: int
    became: Reference | None


@dataclass(frozen=True, slots=True)
class NoteLoaded:
    """A note with the run it stands in."""

    id: UUID
    run_id: UUID
    community_id: UUID
    meeting_id: UUID
    step: int
    kind: str
    text: str
    owner_id: UUID | None
    due: date | None
    became: Reference | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class StepNotes:
    """A step of a run with what was written in it. ``title`` is as the run has it; ``state`` one of
    ``clock.StepState``."""

    run_id: UUID
    protocol_name: str
    step: int
    title: str
    state: str
    reason: str
    notes: list[NoteSeen]


@dataclass(frozen=True, slots=True)
class RunListed:
    id: UUID
    name: str
    state: str
    step: int
    steps: int
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether a meeting was worth it. ``middle`` (the lower median) and ``words`` only from SHOWN_FROM answers on, and
    not how many: a mean and a number, looked at twice, would give away the answer that came between."""

    mine: bool
    middle: int | None
    words: Sequence[str]


def protocol_of(run: RunSeen) -> Content:
    """The protocol as it was when the run began."""
    return Content.model_validate(run.content)


def _run() -> Select[Any]:
    """The columns of ``RunSeen`` up to its clock, those of the clock, and those its roles are read from."""
    someone = aliased(MeetingRole)
    led = exists().where(someone.meeting_id == Meeting.id, someone.role == FACILITATOR)
    began = and_(ProtocolRun.begun_by_id == HERE.person_id, ~led)
    return (
        select(
            ProtocolRun.id,
            ProtocolRun.community_id,
            Community.site_id,
            ProtocolRun.meeting_id,
            Meeting.title.label("meeting_title"),
            ProtocolRun.protocol,
            ProtocolRun.protocol_version,
            ProtocolRun.content,
            ProtocolRun.state,
            ProtocolRun.step,
            ProtocolRun.number,
            ProtocolRun.paused_at,
            ProtocolRun.begun_by_id,
            ProtocolRun.created_at,
            ProtocolRun.started_at,
            ProtocolRun.ended_at,
            RunStep.planned,
            RunStep.extended,
            RunStep.paused,
            RunStep.started_at.label("step_started_at"),
            or_(holds(HERE.person_id, Meeting.id, Meeting.planned_by_id), began).label("is_holding"),
            *roles_of(HERE.person_id, ProtocolRun.community_id, HERE.at),
        )
        .join(Meeting, Meeting.id == ProtocolRun.meeting_id)
        .join(Community, Community.id == ProtocolRun.community_id)
        .join(RunStep, and_(RunStep.run_id == ProtocolRun.id, RunStep.step == ProtocolRun.step))
        .where(ProtocolRun.id == bindparam("run", type_=Uuid()))
    )


_RUN = Prepared(lambda _: _run())
"""Everybody in a meeting sends it every few seconds."""


@loads("run", known_by="community.read")
def load_run(connection: Connection, actor: Actor, run_id: UUID) -> Loaded | None:
    found = fetch(connection, _RUN, {"me": actor.person_id, "at": actor.at, "run": run_id})
    if not found:
        return None
    *values, planned, extended, paused, step_started_at, is_holding, membership_state, assigned_roles = found[0]
    roles = read_roles(membership_state, assigned_roles)
    if roles and is_holding:
        roles |= {Role.HOLDING}
    return Loaded(RunSeen(*(*values, StepClock(planned, extended, paused, step_started_at), roles)), roles)


@loads("run_note", known_by="community.read")
def load_note(connection: Connection, actor: Actor, note_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            RunNote.id,
            RunNote.run_id,
            ProtocolRun.community_id,
            ProtocolRun.meeting_id,
            RunNote.step,
            RunNote.kind,
            RunNote.text,
            RunNote.owner_id,
            RunNote.due,
            RunNote.became_kind,
            RunNote.became_id,
            RunNote.author_id,
            *roles_of(actor.person_id, ProtocolRun.community_id, actor.at),
        )
        .join(ProtocolRun, ProtocolRun.id == RunNote.run_id)
        .where(RunNote.id == note_id, RunNote.removed_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    roles = read_roles(row.membership_state, row.assigned_roles)
    if roles and row.author_id == actor.person_id:
        roles |= {Role.AUTHOR}
    return Loaded(NoteLoaded(*(*row[:9], _became(row), roles)), roles)


def steps_of(connection: Connection, run_id: UUID) -> list[StepSeen]:
    rows = connection.execute(
        select(
            RunStep.step,
            RunStep.state,
            RunStep.planned,
            RunStep.extended,
            RunStep.paused,
            RunStep.started_at,
            RunStep.ended_at,
            RunStep.reason,
        )
        .where(RunStep.run_id == run_id)
        .order_by(RunStep.step)
    )
    return [StepSeen(row.step, row.state, StepClock(*row[2:6]), row.ended_at, row.reason) for row in rows.all()]


def runs_of(connection: Connection, meeting_id: UUID) -> list[RunListed]:
    """The runs of a meeting, the first one first."""
    rows = connection.execute(
        select(
            ProtocolRun.id,
            ProtocolRun.content,
            ProtocolRun.state,
            ProtocolRun.step,
            ProtocolRun.started_at,
            ProtocolRun.ended_at,
        )
        .where(ProtocolRun.meeting_id == meeting_id)
        .order_by(ProtocolRun.id)
        .limit(RUNS)
    )
    return [
        RunListed(row.id, row.content["name"], row.state, row.step, len(row.content["steps"]), *row[4:])
        for row in rows.all()
    ]


def spoken_of(connection: Connection, meeting_id: UUID) -> list[Reference]:
    """The things of other rooms that stand on the meeting's agenda, in its order, whoever may see them."""
    rows = connection.execute(
        select(AgendaItem.thing_kind, AgendaItem.thing_id)
        .where(
            AgendaItem.meeting_id == meeting_id, AgendaItem.thing_kind.is_not(None), AgendaItem.thing_id.is_not(None)
        )
        .order_by(AgendaItem.position, AgendaItem.id)
        .limit(SPOKEN_OF)
    )
    return [Reference(row.thing_kind, row.thing_id) for row in rows]


def notes_of(connection: Connection, meeting_id: UUID) -> list[StepNotes]:
    """All steps of all runs of a meeting, in their order, each with its notes in the order they were written. What is
    written in silence is left out until that step is over: here it is not known who asks."""
    return _with_notes(connection, ProtocolRun.meeting_id == meeting_id)


def notes_of_run(connection: Connection, run_id: UUID) -> list[StepNotes]:
    return _with_notes(connection, ProtocolRun.id == run_id)


def _with_notes(connection: Connection, which: Any) -> list[StepNotes]:
    note, owner, author = aliased(RunNote), aliased(Person), aliased(Person)
    rows: Sequence[Any] = connection.execute(
        select(
            RunStep.run_id,
            RunStep.step,
            RunStep.state,
            RunStep.reason,
            ProtocolRun.state.label("run_state"),
            ProtocolRun.content["name"].as_string().label("protocol_name"),
            ProtocolRun.content["steps"].label("steps"),
            *_noted(note, author, owner),
        )
        .join(ProtocolRun, ProtocolRun.id == RunStep.run_id)
        .outerjoin(note, and_(note.run_id == RunStep.run_id, note.step == RunStep.step, note.removed_at.is_(None)))
        .outerjoin(author, author.id == note.author_id)
        .outerjoin(owner, owner.id == note.owner_id)
        .where(which)
        .order_by(RunStep.run_id, RunStep.step, note.written_at, note.id)
        .limit(NOTES)
    ).all()
    found: dict[tuple[UUID, int], StepNotes] = {}
    for row in rows:
        about = row.steps[row.step]
        step = StepNotes(row.run_id, row.protocol_name, row.step, about["title"], row.state, row.reason, [])
        kept = found.setdefault((row.run_id, row.step), step)
        hidden = row.run_state in LIVE and row.state == StepState.OPEN and about["speaks"].startswith(SILENT)
        if row.note_id is not None and not hidden:
            kept.notes.append(_note(row, row.step))
    return list(found.values())


def _by_step() -> Select[Any]:
    note, owner, author = aliased(RunNote), aliased(Person), aliased(Person)
    return (
        select(note.step, *_noted(note, author, owner))
        .join(author, author.id == note.author_id)
        .outerjoin(owner, owner.id == note.owner_id)
        .where(note.run_id == bindparam("run", type_=Uuid()), note.removed_at.is_(None))
        .order_by(note.step, note.written_at, note.id)
        .limit(NOTES)
    )


_BY_STEP = Prepared(lambda _: _by_step())


def notes_by_step(connection: Connection, run_id: UUID) -> Mapping[int, list[NoteSeen]]:
    """What was written in each step, in the order it was written."""
    found: dict[int, list[NoteSeen]] = defaultdict(list)
    for row in fetch(connection, _BY_STEP, {"run": run_id}):
        found[row.step].append(_note(row, row.step))
    return found


def _since() -> Select[Any]:
    note, owner, author, newer = aliased(RunNote), aliased(Person), aliased(Person), aliased(RunNote)
    here = bindparam("run", type_=Uuid())
    touched = select(newer.step).where(newer.run_id == here, newer.number > bindparam("since"))
    return (
        select(note.step, *_noted(note, author, owner))
        .join(author, author.id == note.author_id)
        .outerjoin(owner, owner.id == note.owner_id)
        .where(note.run_id == here, note.step.in_(touched))
        .order_by(note.step, note.written_at, note.id)
        .limit(NOTES)
    )


_SINCE = Prepared(lambda _: _since())


def notes_since(connection: Connection, run_id: UUID, since: int) -> Mapping[int, list[NoteSeen]]:
    """The notes of every step in which something was written, changed or removed after a number of the run."""
    found: dict[int, list[NoteSeen]] = defaultdict(list)
    for row in fetch(connection, _SINCE, {"run": run_id, "since": since}):
        found[row.step] += [] if row.removed_at else [_note(row, row.step)]
    return found


def _noted(note: Any, author: Any, owner: Any) -> list[Any]:
    return [
        note.id.label("note_id"),
        note.kind,
        note.text,
        note.author_id,
        author.display_name.label("author"),
        note.owner_id,
        owner.display_name.label("owner"),
        note.due,
        note.written_at,
        note.number,
        note.became_kind,
        note.became_id,
        note.removed_at,
    ]


def _note(row: Any, step: int) -> NoteSeen:
    return NoteSeen(
        row.note_id,
        step,
        row.kind,
        row.text,
        row.author_id,
        row.author,
        row.owner_id,
        row.owner,
        row.due,
        row.written_at,
        row.number,
        _became(row),
    )


def _became(row: Any) -> Reference | None:
    return Reference(row.became_kind, row.became_id) if row.became_kind else None


def owners(connection: Connection, community_id: UUID) -> list[tuple[UUID, str]]:
    """Who can take an action: the members, by name."""
    return members_by_name(connection, community_id, OWNERS)


def pulse_of(connection: Connection, actor: Actor, meeting_id: UUID) -> Pulse:
    given = exists().where(PulseGiven.meeting_id == meeting_id, PulseGiven.person_id == actor.person_id)
    rows: Sequence[Any] = connection.execute(
        select(given.label("mine"), MeetingPulse.worth, MeetingPulse.word)
        .select_from(Meeting)
        .outerjoin(MeetingPulse, MeetingPulse.meeting_id == Meeting.id)
        .where(Meeting.id == meeting_id)
        .order_by(MeetingPulse.word, MeetingPulse.id)
        .limit(NOTES)
    ).all()
    worths = [row.worth for row in rows if row.worth is not None]
    if len(worths) < SHOWN_FROM:
        return Pulse(bool(rows[0].mine), None, [])
    return Pulse(bool(rows[0].mine), median_low(worths), [row.word for row in rows if row.word])


@shows("run", N_("Protocol run"))
def show_runs(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(ProtocolRun.id, ProtocolRun.content, ProtocolRun.community_id, ProtocolRun.created_at, Meeting.title)
        .join(Meeting, Meeting.id == ProtocolRun.meeting_id)
        .where(ProtocolRun.id.in_(ids), is_inside(actor.person_id, ProtocolRun.community_id, actor.at))
    )
    return {
        row.id: Thing(
            reference=Reference("run", row.id),
            title=row.content["name"],
            excerpt=row.title,
            author_id=None,
            author="",
            community_id=row.community_id,
            at=row.created_at,
            endpoint="running.run",
            values={"protocol_run_id": row.id},
        )
        for row in rows.all()
    }


@shows("run_note", N_("Note of a meeting"))
def show_notes(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(RunNote.id, RunNote.run_id, RunNote.text, RunNote.author_id, Person.display_name, RunNote.written_at)
        .add_columns(ProtocolRun.community_id)
        .join(ProtocolRun, ProtocolRun.id == RunNote.run_id)
        .join(Person, Person.id == RunNote.author_id)
        .where(
            RunNote.id.in_(ids),
            RunNote.removed_at.is_(None),
            is_inside(actor.person_id, ProtocolRun.community_id, actor.at),
        )
    )
    return {
        row.id: Thing(
            reference=Reference("run_note", row.id),
            title=excerpt(row.text, 80),
            excerpt=excerpt(row.text),
            author_id=row.author_id,
            author=row.display_name,
            community_id=row.community_id,
            at=row.written_at,
            endpoint="running.run",
            values={"protocol_run_id": row.run_id},
            anchor=f"n-{row.id}",
        )
        for row in rows.all()
    }


def is_hidden(run: RunSeen, step: Step, place: int) -> bool:
    """Whether others' notes of this step wait until it is over: it is a silent one, and open."""
    return run.is_live and place == run.step and step.speaks.startswith(SILENT)


def step_states() -> Mapping[str, str]:
    return {
        StepState.WAITING: N_("to come"),
        StepState.OPEN: N_("now"),
        StepState.DONE: N_("done"),
        StepState.SKIPPED: N_("left out"),
    }
