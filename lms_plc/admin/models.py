"""What is stored about whoever runs this tool: that somebody with a command line let a browser in, and until when."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class OperatorSeat(Row):
    """A browser at the desk. ``offered``: the digest of a one-time address; ``open``: the digest of its cookie.

    It names no person of any LMS, and no community is open from here. ``who`` is what the command line was told to call
    whoever sits here, for the history of syncs.
    """

    __tablename__ = "plc_operator_seat"
    __table_args__ = (Index("ix_plc_operator_seat_expires_at", "expires_at"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))  # offered, open
    who: Mapped[str | None] = mapped_column(String(80))
    expires_at: Mapped[datetime]
