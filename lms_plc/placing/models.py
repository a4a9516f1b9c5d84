"""What is stored about completions: who is done with what stands in a course, and whether the grade book knows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Completion(Row):
    """One person, one placed link: done or not done, never a mark.

    ``told_at`` is the timestamp of the last score the LMS took; it only grows (Assignment and Grade Services 2.0
    §3.4.7). ``state`` is ``waiting`` (to be told), ``told``, ``refused`` or ``untold`` (it has no column); ``problem``
    says why. ``tries`` and ``next_try_at`` are the back-off of the waiting ones.
    """

    __tablename__ = "plc_completion"
    __table_args__ = (
        UniqueConstraint("placed_link_id", "person_id"),
        Index("ix_plc_completion_state_next_try_at", "state", "next_try_at"),
        Index("ix_plc_completion_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    placed_link_id: Mapped[UUID] = mapped_column(ForeignKey("plc_placed_link.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    done: Mapped[bool]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    confirmed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    told_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(200))
