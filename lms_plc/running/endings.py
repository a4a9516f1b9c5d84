"""What becomes of a run when it ends? Rooms above this one say it here: minutes, actions, thoughts that are kept."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from lms_plc.core.policy import Actor
from lms_plc.running.queries import RunSeen, StepNotes

Ending = Callable[[Session, Actor, RunSeen, Sequence[StepNotes]], None]
"""Called in the transaction that ends a run, its meeting being held by then; the steps in their order, with notes."""

_endings: list[Ending] = []


def when_a_run_ends(ending: Ending) -> Ending:
    _endings.append(ending)
    return ending


def tell_of_the_end(session: Session, actor: Actor, run: RunSeen, steps: Sequence[StepNotes]) -> None:
    for ending in _endings:
        ending(session, actor, run, steps)
