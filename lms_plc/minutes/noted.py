"""What is noted in a run counts as said at once: the run's end makes a thought of it, and its writer knows by then."""

from typing import Any

from sqlalchemy import ColumnElement, exists

from lms_plc.classdata.knowing import counts_as_said
from lms_plc.classdata.queries import THOUGHTS
from lms_plc.core.policy import Actor
from lms_plc.running.models import ProtocolRun, RunNote


@counts_as_said
def noted_in_a_run(actor: Actor, meeting_id: Any) -> ColumnElement[bool]:
    """Also what they took back: they have said it."""
    return exists().where(
        ProtocolRun.meeting_id == meeting_id,
        RunNote.run_id == ProtocolRun.id,
        RunNote.author_id == actor.person_id,
        RunNote.kind.in_(THOUGHTS),
    )
