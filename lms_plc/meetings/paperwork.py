"""How much of people's time do the forms of a meeting take? Counted for the meeting, never for a person."""

from uuid import UUID

from sqlalchemy.orm import Session

from lms_plc.core.database import upsert
from lms_plc.meetings.models import Paperwork

LONGEST = 20 * 60
"""Seconds one form can have taken; what is longer was left open."""


def count_paperwork(session: Session, meeting_id: UUID, form: str, seconds: int) -> None:
    """Adds to what a form (``agenda``, ``attendance``, ``note``, ``minutes``, ``sheet`` …) took so far."""
    took = max(0, min(seconds, LONGEST))
    adding = upsert(session, Paperwork).values(meeting_id=meeting_id, form=form, seconds=took, saves=1)
    session.execute(
        adding.on_conflict_do_update(
            index_elements=["meeting_id", "form"],
            set_={"seconds": Paperwork.seconds + took, "saves": Paperwork.saves + 1},
        )
    )
