"""What people can do in a protocol run. Whatever changes it holds the run's row, so that its number counts every change
once and in order; of two who steer at once, one is heard."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.policy import Actor, NotThere
from lms_plc.core.sealing import Seal
from lms_plc.journal.actions import write_entry
from lms_plc.journal.forms import EntryForm
from lms_plc.meetings import actions as meetings
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.protocols.queries import ProtocolSeen
from lms_plc.running.captures import CAPTURES, Way
from lms_plc.running.clock import LIVE, RunState, StepState, clamped, passed
from lms_plc.running.endings import tell_of_the_end
from lms_plc.running.forms import ChangeForm, NoteForm, PulseForm
from lms_plc.running.models import MeetingPulse, ProtocolRun, PulseGiven, RunNote, RunStep
from lms_plc.running.queries import NoteLoaded, RunSeen, notes_of_run
from lms_plc.web.i18n import N_

MOST_EXTENDED = 10**8
"""Seconds; of a step that stood open for years nobody knows what is left."""
ENDED = N_("ended before it")
"""Why steps were left out that nobody left out one by one."""


def begin(session: Session, actor: Actor, meeting: MeetingSeen, protocol: ProtocolSeen, form_key: str) -> UUID:
    """Begins a run, and with it the meeting. One meeting has one run at a time: whoever begins while one is under
    way is led into that one; the same form sent twice is one run."""
    session.execute(select(Meeting.id).where(Meeting.id == meeting.id).with_for_update())
    known = session.execute(
        select(ProtocolRun.id)
        .where(ProtocolRun.meeting_id == meeting.id, ProtocolRun.state.in_([state.value for state in LIVE]))
        .limit(1)
    ).scalar_one_or_none()
    if known is not None:
        return known
    content = protocol.content
    run_id, is_new = once(
        session,
        ProtocolRun,
        ("begun_by_id", "form_key"),
        community_id=meeting.community_id,
        meeting_id=meeting.id,
        protocol=protocol.key,
        protocol_version=protocol.version,
        content=content.model_dump(mode="json"),
        state=RunState.READY.value,
        step=0,
        number=1,
        begun_by_id=actor.person_id,
        form_key=form_key,
        created_at=actor.at,
    )
    if not is_new:
        return run_id
    session.execute(
        insert(RunStep),
        [
            {
                "run_id": run_id,
                "step": place,
                "state": StepState.WAITING.value,
                "planned": 60 * step.minutes,
                "extended": 0,
                "paused": 0,
                "reason": "",
            }
            for place, step in enumerate(content.steps)
        ],
    )
    meetings.begin(session, actor, meeting)
    facts = {"meeting_id": str(meeting.id), "protocol": protocol.key, "version": protocol.version}
    _tell(session, "run.begun", actor, run_id, meeting.site_id, meeting.community_id, facts)
    return run_id


def start(session: Session, actor: Actor, run: RunSeen) -> None:
    """Everybody is here: the clock of the first step starts."""
    row = _held(session, run)
    if row.state != RunState.READY:
        return
    row.state, row.started_at = RunState.RUNNING.value, actor.at
    _open(_step(session, row, 0), actor)
    _changed(session, actor, run, row, "run.started", {})


def next_step(session: Session, actor: Actor, run: RunSeen, saw: int, left_out: str | None = None) -> None:
    """Closes the open step, done or left out for a reason, and opens the one after it, if there is one."""
    row = _held(session, run)
    if not _is_at(row, saw) or row.step + 1 >= run.steps:
        return
    _go_on(session, actor, row)
    now = _step(session, row, row.step)
    _close(now, actor, left_out)
    row.step += 1
    _open(_step(session, row, row.step), actor)
    _changed(session, actor, run, row, "run.step_opened", {"step": row.step, "left_out": left_out is not None})


def step_back(session: Session, actor: Actor, run: RunSeen, saw: int) -> None:
    """Opens the step before again, with the time it had left; the one that is open waits again."""
    row = _held(session, run)
    if not _is_at(row, saw) or row.step == 0:
        return
    _go_on(session, actor, row)
    now, before = _step(session, row, row.step), _step(session, row, row.step - 1)
    now.state, now.started_at, now.paused, now.extended = StepState.WAITING.value, None, 0, 0
    before.state, before.reason = StepState.OPEN.value, ""
    before.paused += passed(before.ended_at, actor.at)
    before.ended_at = None
    row.step -= 1
    _changed(session, actor, run, row, "run.step_opened", {"step": row.step, "back": True})


def extend(session: Session, actor: Actor, run: RunSeen, saw: int, had: int, minutes: int) -> None:
    """Gives the open step some more minutes. What is over its time is brought up to now first: a minute more is one."""
    row = _held(session, run)
    if not _is_at(row, saw):
        return
    step = _step(session, row, row.step)
    if step.extended != had:
        return
    assert step.started_at is not None
    spent = passed(step.started_at, row.paused_at or actor.at) - step.paused
    over = max(0, spent - step.planned - step.extended)
    step.extended = min(step.extended + over + 60 * minutes, MOST_EXTENDED)
    _changed(session, actor, run, row, "run.extended", {"step": row.step, "minutes": minutes})


def pause(session: Session, actor: Actor, run: RunSeen) -> None:
    row = _held(session, run)
    if row.state == RunState.RUNNING:
        row.state, row.paused_at = RunState.PAUSED.value, actor.at
        _changed(session, actor, run, row, "run.paused", {"step": row.step})


def go_on(session: Session, actor: Actor, run: RunSeen) -> None:
    row = _held(session, run)
    if row.state == RunState.PAUSED:
        _go_on(session, actor, row)
        _changed(session, actor, run, row, "run.resumed", {"step": row.step})


def end(session: Session, actor: Actor, run: RunSeen, meeting: MeetingSeen, left_out: str | None = None) -> None:
    """Ends the run and closes its meeting. Steps that were not opened are left out; what was written is handed on."""
    row = _held(session, run)
    if row.state not in (RunState.RUNNING, RunState.PAUSED):
        return
    _go_on(session, actor, row)
    _close(_step(session, row, row.step), actor, left_out)
    _leave_out_the_rest(session, row, ENDED)
    row.state, row.ended_at = RunState.ENDED.value, actor.at
    _changed(session, actor, run, row, "run.ended", {"meeting_id": str(run.meeting_id)})
    with suppress(meetings.CannotBecome):  # somebody said meanwhile that it was not held; what was written stays
        meetings.close(session, actor, meeting)
    ended = replace(run, state=row.state, number=row.number, ended_at=actor.at, paused_at=None)
    tell_of_the_end(session, actor, ended, notes_of_run(session.connection(), run.id))


def break_off(session: Session, actor: Actor, run: RunSeen) -> None:
    """Leaves it unfinished; the meeting goes on. What was written stays, and it can be taken up again."""
    row = _held(session, run)
    if row.state not in LIVE:
        return
    row.paused_at = row.paused_at or actor.at
    row.state, row.ended_at = RunState.LEFT.value, actor.at
    _changed(session, actor, run, row, "run.left", {"step": row.step})


def take_up(session: Session, actor: Actor, run: RunSeen) -> None:
    """Goes on with one that was broken off, unless the meeting has another one under way."""
    session.execute(select(Meeting.id).where(Meeting.id == run.meeting_id).with_for_update())
    row = _held(session, run)
    others = select(ProtocolRun.id).where(
        ProtocolRun.meeting_id == run.meeting_id, ProtocolRun.state.in_([state.value for state in LIVE])
    )
    if row.state != RunState.LEFT or session.execute(others.limit(1)).scalar_one_or_none() is not None:
        return
    row.ended_at = None
    if row.started_at is None:
        row.state, row.paused_at = RunState.READY.value, None
    else:
        row.state = RunState.PAUSED.value
    _changed(session, actor, run, row, "run.taken_up", {"step": row.step})


def write_note(session: Session, actor: Actor, run: RunSeen, form: NoteForm, seal: Seal, today: date) -> None:
    """Writes something down in a step. The same id sent again is the same note, and so is one taken back meanwhile;
    other words in a form somebody went back to are another one. What is for the writer's own notebook goes there and
    nowhere else."""
    if form.step >= run.steps:
        raise NotThere("run_step")
    if CAPTURES[form.kind].way is Way.NOTEBOOK:
        page = EntryForm(text=form.text, community_id=run.community_id, form_key=uuid5(form.id, form.text).hex)
        write_entry(session, actor, seal, page, today)
        return
    row = _held(session, run)
    is_action = CAPTURES[form.kind].way is Way.ACTION
    note_id = _id_of(session, actor, run, form)
    stored = session.execute(
        upsert(session, RunNote)
        .values(
            id=note_id,
            run_id=run.id,
            step=form.step,
            kind=form.kind,
            text=form.text,
            author_id=actor.person_id,
            owner_id=form.owner_id if is_action else None,
            due=form.due if is_action else None,
            written_at=clamped(form.written_at, run.started_at or run.created_at, actor.at),
            received_at=actor.at,
            number=row.number + 1,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(RunNote.id)
    ).one_or_none()
    if stored is not None:
        facts = {"note_id": str(note_id), "step": form.step, "kind": form.kind}
        _changed(session, actor, run, row, "run.note_written", facts)


def _id_of(session: Session, actor: Actor, run: RunSeen, form: NoteForm) -> UUID:
    """The id a note came with, unless there are other words under it: then one that is the same for the same words."""
    known = session.execute(
        select(RunNote.run_id, RunNote.author_id, RunNote.text).where(
            RunNote.id == form.id, RunNote.removed_at.is_(None)
        )
    ).one_or_none()
    is_same = known is None or tuple(known) == (run.id, actor.person_id, form.text)
    return form.id if is_same else uuid5(form.id, f"{run.id} {actor.person_id} {form.text}")


def change_note(session: Session, actor: Actor, run: RunSeen, note: NoteLoaded, form: ChangeForm) -> None:
    row = _held(session, run)
    is_action = CAPTURES[note.kind].way is Way.ACTION
    session.execute(
        update(RunNote)
        .where(RunNote.id == note.id)
        .values(
            text=form.text,
            owner_id=form.owner_id if is_action else None,
            due=form.due if is_action else None,
            number=row.number + 1,
        )
    )
    _changed(session, actor, run, row, "run.note_changed", {"note_id": str(note.id)})


def remove_note(session: Session, actor: Actor, run: RunSeen, note: NoteLoaded) -> None:
    """Takes a note back; its words are gone. What was made of it already stays where it is."""
    row = _held(session, run)
    session.execute(
        update(RunNote).where(RunNote.id == note.id).values(text="", removed_at=actor.at, number=row.number + 1)
    )
    _changed(session, actor, run, row, "run.note_removed", {"note_id": str(note.id)})


def become_thing(session: Session, note_id: UUID, thing: Reference) -> None:
    """Notes what was made of a note: an action, a decision, a thought that is kept."""
    session.execute(update(RunNote).where(RunNote.id == note_id).values(became_kind=thing.kind, became_id=thing.id))


def give_pulse(session: Session, actor: Actor, run: RunSeen, form: PulseForm) -> None:
    """Says whether it was worth it, once. Neither the row nor the event says who it was."""
    first = session.execute(
        upsert(session, PulseGiven)
        .values(meeting_id=run.meeting_id, person_id=actor.person_id)
        .on_conflict_do_nothing(index_elements=["meeting_id", "person_id"])
        .returning(PulseGiven.meeting_id)
    ).one_or_none()
    if first is None:
        return
    values = {"id": uuid4(), "meeting_id": run.meeting_id, "worth": form.worth, "word": form.word}
    session.execute(insert(MeetingPulse).values(values))
    meeting = Reference("meeting", run.meeting_id)
    record(
        session,
        "pulse.given",
        meeting,
        at=actor.at,
        actor_id=None,
        site_id=run.site_id,
        community_id=run.community_id,
    )


def _held(session: Session, run: RunSeen) -> ProtocolRun:
    """The run's row, nobody else's until the transaction ends."""
    return session.execute(select(ProtocolRun).where(ProtocolRun.id == run.id).with_for_update()).scalar_one()


def _step(session: Session, row: ProtocolRun, place: int) -> RunStep:
    return session.execute(select(RunStep).where(RunStep.run_id == row.id, RunStep.step == place)).scalar_one()


def _is_at(row: ProtocolRun, saw: int) -> bool:
    """Whether the step somebody pressed a button at is still the open one."""
    return row.state in (RunState.RUNNING, RunState.PAUSED) and row.step == saw


def _open(step: RunStep, actor: Actor) -> None:
    step.state, step.started_at, step.ended_at = StepState.OPEN.value, actor.at, None
    step.paused, step.extended, step.reason = 0, 0, ""


def _close(step: RunStep, actor: Actor, left_out: str | None) -> None:
    step.state = (StepState.DONE if left_out is None else StepState.SKIPPED).value
    step.ended_at, step.reason = actor.at, left_out or ""


def _go_on(session: Session, actor: Actor, row: ProtocolRun) -> None:
    """The pause is over, if there is one: it did not count."""
    if row.paused_at is not None:
        _step(session, row, row.step).paused += passed(row.paused_at, actor.at)
        row.state, row.paused_at = RunState.RUNNING.value, None


def _leave_out_the_rest(session: Session, row: ProtocolRun, reason: str) -> None:
    session.execute(
        update(RunStep)
        .where(RunStep.run_id == row.id, RunStep.state == StepState.WAITING.value)
        .values(state=StepState.SKIPPED.value, reason=reason)
    )


def _changed(
    session: Session, actor: Actor, run: RunSeen, row: ProtocolRun, verb: str, facts: Mapping[str, Any]
) -> None:
    row.number += 1
    _tell(session, verb, actor, run.id, run.site_id, run.community_id, facts)


def _tell(
    session: Session,
    verb: str,
    actor: Actor,
    run_id: UUID,
    site_id: UUID,
    community_id: UUID,
    facts: Mapping[str, Any],
) -> None:
    record_by(session, actor, verb, Reference("run", run_id), site_id=site_id, community_id=community_id, facts=facts)
