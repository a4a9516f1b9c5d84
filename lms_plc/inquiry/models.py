"""What is stored of an inquiry: who leads it, where it stands, what was written, talked over and planned."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Inquiry(Row):
    """A development project, a short loop, a team's question: one cycle, gone through once or in rounds.

    ``cycle`` is the id of a shipped cycle or of a community's copy, ``content`` the cycle as it was when this began.
    ``state`` is ``private_draft``, ``open``, ``sharing``, ``concluded``, ``paused`` or ``dropped``. Until it is opened
    (``opened_at``: its community knows of it since), its title, ``learned`` and ``successor`` are ``sealed``, whatever
    its state. ``told_to_school``: its title may be shown to the school. ``decision`` and ``successor`` are what stays
    of it: keep, adapt or drop, and who carries on. ``origin_*`` is what it began with: an aha, a flop, an issue, a
    round before.
    """

    __tablename__ = "plc_inquiry"
    __table_args__ = (
        Index("ix_plc_inquiry_community_id_id", "community_id", "id"),
        Index("ix_plc_inquiry_origin_kind_origin_id", "origin_kind", "origin_id"),
        UniqueConstraint("opened_by_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    opened_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    title: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bool]
    cycle: Mapped[str] = mapped_column(String(60))
    cycle_version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(15))
    state_before: Mapped[str | None] = mapped_column(String(15))
    stage: Mapped[str] = mapped_column(String(60))
    round: Mapped[int]
    told_to_school: Mapped[bool]
    origin_kind: Mapped[str | None] = mapped_column(String(30))
    origin_id: Mapped[UUID | None]
    learned: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[str | None] = mapped_column(String(10))
    successor: Mapped[str | None] = mapped_column(Text)
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]


class InquiryPerson(Row):
    """Who has a part in it: ``lead``, ``co_worker`` or ``critical_friend``; ``asked`` until they say yes.

    ``since`` outlives a part in the work itself: of who worked on it, left and is asked in again it is earlier than
    ``asked_at``, and they stay one of its own. It is empty for who took the lead without having been asked in: then
    ``asked_at`` is when."""

    __tablename__ = "plc_inquiry_person"
    __table_args__ = (Index("ix_plc_inquiry_person_person_id", "person_id"),)

    inquiry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_inquiry.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))  # asked, active, left
    asked_at: Mapped[datetime]
    since: Mapped[datetime | None]


class InquiryRound(Row):
    """One time round the cycle, and what was decided at its end: ``again``, ``share``, ``drop``."""

    __tablename__ = "plc_inquiry_round"

    inquiry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_inquiry.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(String(10))
    changes: Mapped[str | None] = mapped_column(Text)


class InquiryStage(Row):
    """A stage in one round: ``not_started``, ``open``, ``done``, ``skipped`` (with a reason) or ``reopened``; and who
    reads what is written in it (``communities.audiences``). The reason is sealed whoever reads it."""

    __tablename__ = "plc_inquiry_stage"
    __table_args__ = (
        ForeignKeyConstraint(["inquiry_id", "round"], ["plc_inquiry_round.inquiry_id", "plc_inquiry_round.round"]),
    )

    inquiry_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(60), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    audience: Mapped[str] = mapped_column(String(20))
    entered_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class InquiryNote(Row):
    """What somebody wrote in a stage: an answer to one of its prompts (by its number), or just a note; of a critical
    friend, a question. Sealed as long as the stage is for its writer only, or the project for its people."""

    __tablename__ = "plc_inquiry_note"
    __table_args__ = (
        Index("ix_plc_inquiry_note_inquiry_id_round_id", "inquiry_id", "round", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inquiry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_inquiry.id"))
    round: Mapped[int]
    stage: Mapped[str] = mapped_column(String(60))
    prompt: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bool]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class InquiryExit(Row):
    """Somebody says that one condition for leaving a stage is met (by its number), where the tool cannot see it."""

    __tablename__ = "plc_inquiry_exit"
    __table_args__ = (
        ForeignKeyConstraint(["inquiry_id", "round"], ["plc_inquiry_round.inquiry_id", "plc_inquiry_round.round"]),
    )

    inquiry_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(60), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    ticked_by_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    at: Mapped[datetime]


class Consultation(Row):
    """A talk about the project, meant (no day yet) or held: the negotiation log and its map of people in one.

    ``need``: they have to ``agree``, to ``know``, could ``join`` or ``help``. ``holds``: they hold time, money or
    rooms. ``changed`` is what was changed because of what they ``said``. Sealed as long as the inquiry is private.
    """

    __tablename__ = "plc_consultation"
    __table_args__ = (
        Index("ix_plc_consultation_inquiry_id_round_id", "inquiry_id", "round", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inquiry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_inquiry.id"))
    round: Mapped[int]
    who: Mapped[str] = mapped_column(Text)
    need: Mapped[str] = mapped_column(String(10))
    holds: Mapped[bool]
    day: Mapped[date | None]
    said: Mapped[str] = mapped_column(Text)
    promised: Mapped[str] = mapped_column(Text)
    changed: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bool] = mapped_column(server_default=false())
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class EvidencePlan(Row):
    """One thing to collect: what, how, until when, and how pupils are protected. ``checked_at``: somebody has looked
    whether nobody can be recognised. Sealed as long as the inquiry is private."""

    __tablename__ = "plc_evidence_plan"
    __table_args__ = (
        Index("ix_plc_evidence_plan_inquiry_id_round_id", "inquiry_id", "round", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inquiry_id: Mapped[UUID] = mapped_column(ForeignKey("plc_inquiry.id"))
    round: Mapped[int]
    what: Mapped[str] = mapped_column(Text)
    how: Mapped[str] = mapped_column(Text)
    protection: Mapped[str] = mapped_column(Text)
    due: Mapped[date | None]
    sealed: Mapped[bool] = mapped_column(server_default=false())
    checked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    checked_at: Mapped[datetime | None]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
