"""What is done about who was there: a code is typed, a list is ticked, somebody says that they cannot come.

The last word about a person counts, and only what has changed is written: a list that was ticked on two phones holds
what both of them knew.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lms_plc.attendance.models import Attendance, MeetingGuest
from lms_plc.core.activity import Event, Reference, record_by
from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor
from lms_plc.meetings import codes
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING, State

LATE_AFTER = timedelta(minutes=10)
TRIES = 5
TRIES_WITHIN = timedelta(minutes=5)


class Status(StrEnum):
    PRESENT = "present"
    LATE = "late"
    EXCUSED = "excused"
    ABSENT = "absent"


class Method(StrEnum):
    CODE = "code"
    LIST = "list"
    SHEET = "sheet"
    OWN = "own"


WAS_THERE = (Status.PRESENT, Status.LATE)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one person; ``minutes`` where they were there for less than all of it."""

    person_id: UUID
    status: Status
    minutes: int | None = None


def make_code(session: Session, actor: Actor, meeting: MeetingSeen) -> None:
    """A new code; the one before it is none any more."""
    session.execute(update(Meeting).where(Meeting.id == meeting.id).values(attendance_code=codes.new_code()))
    _record(session, "attendance.code_made", actor, meeting, {})


def type_code(session: Session, actor: Actor, meeting: MeetingSeen, typed: str) -> Status | None:
    """Present, or late, to whoever types the code; None for a code that is wrong, is not taken now, or comes after too
    many wrong ones: it is not said which. Who is written down as having been there stays so."""
    _hold(session, meeting.id)
    if not meeting.attendance_code or not codes.is_open(meeting, actor.at) or _is_braked(session, actor, meeting):
        return None
    if not hmac.compare_digest(codes.as_typed(typed), meeting.attendance_code):
        record_by(session, actor, "attendance.code_refused", Reference("meeting", meeting.id), site_id=meeting.site_id)
        return None
    known = session.execute(
        select(Attendance.status).where(Attendance.meeting_id == meeting.id, Attendance.person_id == actor.person_id)
    ).scalar_one_or_none()
    if known in WAS_THERE:
        return Status(known)
    is_late = meeting.begun_at is not None and actor.at > meeting.begun_at + LATE_AFTER
    status = Status.LATE if is_late else Status.PRESENT
    _write(session, actor, meeting, [Mark(actor.person_id, status)], Method.CODE)
    return status


def mark(session: Session, actor: Actor, meeting: MeetingSeen, marks: Sequence[Mark], method: Method) -> int:
    """Writes down what was ticked; how many were not so before. The caller has looked whether they belong here."""
    _hold(session, meeting.id)
    rows = session.execute(
        select(Attendance.person_id, Attendance.status, Attendance.minutes).where(Attendance.meeting_id == meeting.id)
    )
    known = {row.person_id: (row.status, row.minutes) for row in rows}
    changed = [one for one in marks if known.get(one.person_id) != (one.status.value, one.minutes)]
    _write(session, actor, meeting, changed, method)
    return len(changed)


def excuse(session: Session, actor: Actor, meeting: MeetingSeen) -> bool:
    """Somebody says beforehand that they cannot come; whether it was still beforehand."""
    if State(meeting.state) not in COMING or meeting.ends_at <= actor.at:
        return False
    mark(session, actor, meeting, [Mark(actor.person_id, Status.EXCUSED)], Method.OWN)
    return True


def come_after_all(session: Session, actor: Actor, meeting: MeetingSeen) -> None:
    """Takes back what somebody said of themselves."""
    gone = session.execute(
        delete(Attendance)
        .where(
            Attendance.meeting_id == meeting.id,
            Attendance.person_id == actor.person_id,
            Attendance.method == Method.OWN.value,
        )
        .returning(Attendance.person_id)
    ).one_or_none()
    if gone is not None:
        _record(session, "attendance.excuse_withdrawn", actor, meeting, {})


def write_guests(
    session: Session, actor: Actor, meeting: MeetingSeen, digests: Sequence[str], *, anew: bool = False
) -> None:
    """Guests, as ``guests.digests`` made them of their names; ``anew`` forgets those written down before."""
    if anew:
        session.execute(delete(MeetingGuest).where(MeetingGuest.meeting_id == meeting.id))
    rows = [
        {"meeting_id": meeting.id, "digest": digest, "added_by_id": actor.person_id, "at": actor.at}
        for digest in digests
    ]
    added = 0
    for row in rows:
        adding = upsert(session, MeetingGuest).values(**row).on_conflict_do_nothing()
        added += session.execute(adding.returning(MeetingGuest.digest)).one_or_none() is not None
    if added or anew:
        _record(session, "attendance.guests_written", actor, meeting, {"number": added})


def _hold(session: Session, meeting_id: UUID) -> None:
    """Two lists of one meeting are written one after the other."""
    session.execute(select(Meeting.id).where(Meeting.id == meeting_id).with_for_update())


def _is_braked(session: Session, actor: Actor, meeting: MeetingSeen) -> bool:
    tries = select(func.count()).where(
        Event.thing_kind == "meeting",
        Event.thing_id == meeting.id,
        Event.verb == "attendance.code_refused",
        Event.actor_id == actor.person_id,
        Event.at > actor.at - TRIES_WITHIN,
    )
    return session.execute(tries).scalar_one() >= TRIES


def _write(session: Session, actor: Actor, meeting: MeetingSeen, marks: Sequence[Mark], method: Method) -> None:
    if not marks:
        return
    said = {"method": method.value, "confirmed_by_id": actor.person_id, "at": actor.at}
    for one in marks:
        values = {"status": one.status.value, "minutes": one.minutes, **said}
        writing = upsert(session, Attendance).values(meeting_id=meeting.id, person_id=one.person_id, **values)
        session.execute(writing.on_conflict_do_update(index_elements=["meeting_id", "person_id"], set_=values))
    people = [{"person_id": str(one.person_id), "status": one.status.value} for one in marks]
    _record(session, "attendance.confirmed", actor, meeting, {"method": method.value, "people": people})


def _record(session: Session, verb: str, actor: Actor, meeting: MeetingSeen, facts: Mapping[str, Any]) -> None:
    record_by(
        session,
        actor,
        verb,
        Reference("meeting", meeting.id),
        site_id=meeting.site_id,
        community_id=meeting.community_id,
        facts=facts,
    )
