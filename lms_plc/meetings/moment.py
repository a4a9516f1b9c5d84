"""What is a meeting's next step now? One look says it, and there is one button for it."""

from datetime import datetime, timedelta
from enum import StrEnum

from lms_plc.meetings.states import COMING, State

EARLY = timedelta(minutes=30)
"""So long before its time a meeting can be begun from the top of its page."""


class Step(StrEnum):
    ASK = "ask"  # everybody for points
    CONFIRM = "confirm"
    BEGIN = "begin"
    CLOSE = "close"
    SAY = "say"  # whether it was held
    WRITE = "write"
    READ = "read"
    NOTHING = "nothing"


def next_step(
    state: State, starts_at: datetime, ends_at: datetime, now: datetime, *, has_points: bool, has_minutes: bool
) -> Step:
    """``has_points``: something is on the agenda, or members were asked what should be."""
    if state in COMING:
        if ends_at < now:
            return Step.SAY
        if starts_at - EARLY <= now:
            return Step.BEGIN
        if state is State.CONFIRMED:
            return Step.NOTHING
        return Step.CONFIRM if has_points else Step.ASK
    if state is State.RUNNING:
        return Step.CLOSE
    if state is State.HELD and not has_minutes:
        return Step.WRITE
    return Step.READ if state is State.MINUTES_DRAFT else Step.NOTHING
