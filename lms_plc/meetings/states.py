"""The states of a meeting, and which may follow which.

planned → agenda_open → confirmed → running → held → minutes_draft → minutes_approved. Before it begins a meeting may be
moved (it is confirmed anew) or cancelled; one that is past and untouched becomes not_held, after asking once.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    PLANNED = "planned"
    AGENDA_OPEN = "agenda_open"
    CONFIRMED = "confirmed"
    MOVED = "moved"
    RUNNING = "running"
    HELD = "held"
    MINUTES_DRAFT = "minutes_draft"
    MINUTES_APPROVED = "minutes_approved"
    NOT_HELD = "not_held"
    CANCELLED = "cancelled"


COMING = frozenset({State.PLANNED, State.AGENDA_OPEN, State.CONFIRMED, State.MOVED})
"""It has not begun, and will."""

OPEN = COMING | {State.RUNNING}
"""Its agenda can still be added to."""

TOOK_PLACE = frozenset({State.HELD, State.MINUTES_DRAFT, State.MINUTES_APPROVED})

MOVES: Mapping[State, frozenset[State]] = {
    State.PLANNED: frozenset(
        {State.AGENDA_OPEN, State.CONFIRMED, State.MOVED, State.RUNNING, State.HELD, State.NOT_HELD, State.CANCELLED}
    ),
    State.AGENDA_OPEN: frozenset(
        {State.CONFIRMED, State.MOVED, State.RUNNING, State.HELD, State.NOT_HELD, State.CANCELLED}
    ),
    State.CONFIRMED: frozenset({State.MOVED, State.RUNNING, State.HELD, State.NOT_HELD, State.CANCELLED}),
    State.MOVED: frozenset(
        {State.AGENDA_OPEN, State.CONFIRMED, State.RUNNING, State.HELD, State.NOT_HELD, State.CANCELLED}
    ),
    State.RUNNING: frozenset({State.HELD, State.PLANNED}),
    State.HELD: frozenset({State.MINUTES_DRAFT, State.NOT_HELD, State.PLANNED}),
    State.MINUTES_DRAFT: frozenset({State.MINUTES_APPROVED}),
    State.MINUTES_APPROVED: frozenset({State.MINUTES_DRAFT}),  # who mends approved minutes has them approved anew
    State.NOT_HELD: frozenset({State.PLANNED, State.HELD, State.RUNNING}),
    State.CANCELLED: frozenset({State.PLANNED}),
}


def is_taken_back(now: State, then: State) -> bool:
    """That it took place is said to be wrong. Only for whoever led it: who leads the next try sees who was there."""
    return now in TOOK_PLACE and then in (State.PLANNED, State.NOT_HELD)


def may_become(now: State, then: State) -> bool:
    return then in MOVES[now]
