"""How much time is left? Pure arithmetic on what the server holds; every device shows the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class RunState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    LEFT = "left"


class StepState(StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


LIVE = frozenset({RunState.READY, RunState.RUNNING, RunState.PAUSED})


@dataclass(frozen=True, slots=True)
class StepClock:
    """Seconds: ``planned`` and ``extended`` are given to the step, ``paused`` passed without counting."""

    planned: int
    extended: int
    paused: int
    started_at: datetime | None


def ends_at(step: StepClock) -> datetime | None:
    """When its time is up, if it is not paused again."""
    if step.started_at is None:
        return None
    return step.started_at + timedelta(seconds=step.planned + step.extended + step.paused)


def remaining(step: StepClock, paused_at: datetime | None, now: datetime) -> int:
    """Whole seconds left; below zero for time taken over. Before its beginning: all of it."""
    until = ends_at(step)
    if until is None:
        return step.planned + step.extended
    left = (until - (paused_at or now)).total_seconds()
    return int(left // 1)


def passed(since: datetime | None, now: datetime) -> int:
    """Whole seconds that did not count, to the nearest."""
    return max(0, round((now - since).total_seconds())) if since else 0


def clamped(written: datetime | None, earliest: datetime, now: datetime) -> datetime:
    """A writer's moment, by the server's clock; a device that is wrong about it changes no order beyond the run."""
    return now if written is None else min(max(written, earliest), now)
