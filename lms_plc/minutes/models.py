"""What is stored of minutes, beside their words, which stand on the meeting itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Decision(Row):
    """What a meeting decided. ``for_school``: the members said that the school may know of it."""

    __tablename__ = "plc_decision"
    __table_args__ = (
        Index("ix_plc_decision_meeting_id_id", "meeting_id", "id"),
        Index("ix_plc_decision_community_id_id", "community_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"))
    text: Mapped[str] = mapped_column(String(1000))
    for_school: Mapped[bool]
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class MinutesAnswer(Row):
    """What a member says of one version of the minutes: right, or what is not."""

    __tablename__ = "plc_minutes_answer"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]


class MinutesVersion(Row):
    """The minutes in one more language, written by a person. ``of_body`` is the original as it was then, its version
    ``of_version``: where the original reads otherwise now, this one is stale, and what has changed can be shown."""

    __tablename__ = "plc_minutes_version"

    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("plc_meeting.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(20), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    body_renderer: Mapped[int]
    of_version: Mapped[int]
    of_body: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int]
    written_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]
