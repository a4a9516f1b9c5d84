"""What nobody said of a meeting: whoever holds it is asked, once, whether it was held; and after two weeks without a
word it was not. One that was begun and never closed is closed. By the clock, in a worker."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community
from lms_plc.core.activity import Reference, record
from lms_plc.house import House
from lms_plc.jobs import Steps, job, schedule
from lms_plc.meetings.actions import move_on, say_who_led
from lms_plc.meetings.models import Meeting, MeetingRole
from lms_plc.meetings.queries import FACILITATOR
from lms_plc.meetings.states import COMING, State

LOOK_EVERY = timedelta(minutes=20)
AFTER = timedelta(hours=2)
"""So long after its end it is asked about: they may still be sitting together."""
WAITS = timedelta(days=14)
LEFT_RUNNING = timedelta(hours=12)
AT_ONCE = 100


def register(house: House) -> None:
    @job("ask-about-meetings", one_per=())
    def ask(steps: Steps) -> None:
        steps.run("ask", ask_about_meetings, house)
        steps.run("give up", give_up_asking, house)
        steps.run("close", close_what_was_left_running, house)

    schedule("ask-about-meetings", every=LOOK_EVERY)


def ask_about_meetings(house: House) -> int:
    """Asks whoever holds a meeting that is over by the clock; answers about how many it did."""
    at = house.clock()
    asked = 0
    while True:
        with house.database.write() as session:
            over = _of(session, tuple(COMING), Meeting.asked_at.is_(None), Meeting.ends_at < at - AFTER)
            for meeting in over:
                _ask(session, meeting, at)
        asked += len(over)
        if len(over) < AT_ONCE:
            return asked


def give_up_asking(house: House) -> int:
    """Two weeks without a word: it was not held. Who knows better can still say so."""
    at = house.clock()
    return _each(house, at, State.NOT_HELD, tuple(COMING), Meeting.asked_at < at - WAITS)


def close_what_was_left_running(house: House) -> int:
    """Half a day after its end a meeting is over, though nobody has closed it."""
    at = house.clock()
    return _each(house, at, State.HELD, (State.RUNNING,), Meeting.ends_at < at - LEFT_RUNNING)


def _each(house: House, at: datetime, state: State, of: tuple[State, ...], *which: Any) -> int:
    moved = 0
    while True:
        with house.database.write() as session:
            found = _of(session, of, *which)
            for meeting in found:
                _move(session, meeting, state, at)
        moved += len(found)
        if len(found) < AT_ONCE:
            return moved


def _move(session: Session, meeting: Any, state: State, at: datetime) -> None:
    place = (meeting.id, meeting.site_id, meeting.community_id)
    values: dict[str, Any] = {"closed_at": meeting.ends_at} if state is State.HELD else {}
    move_on(session, place, state, at, None, **values)
    if state is State.HELD:
        say_who_led(session, meeting.id, meeting.community_id, meeting.planned_by_id, at)


def _ask(session: Session, meeting: Any, at: datetime) -> None:
    leads = select(MeetingRole.person_id).where(MeetingRole.meeting_id == meeting.id, MeetingRole.role == FACILITATOR)
    holders = session.execute(leads.limit(AT_ONCE)).scalars().all() or [meeting.planned_by_id]
    session.execute(update(Meeting).where(Meeting.id == meeting.id).values(asked_at=at))
    record(
        session,
        "meeting.asked_about",
        Reference("meeting", meeting.id),
        at=at,
        actor_id=None,
        via="clock",
        site_id=meeting.site_id,
        community_id=meeting.community_id,
        facts={"to": [str(person_id) for person_id in holders]},
    )


def _of(session: Session, states: tuple[State, ...], *which: Any) -> Sequence[Any]:
    query = (
        select(Meeting.id, Meeting.community_id, Meeting.planned_by_id, Meeting.ends_at, Community.site_id)
        .join(Community, Community.id == Meeting.community_id)
        .where(Meeting.state.in_([state.value for state in states]), *which)
        .order_by(Meeting.ends_at)
        .limit(AT_ONCE)
        .with_for_update(of=Meeting, skip_locked=True)
    )
    return session.execute(query).all()
