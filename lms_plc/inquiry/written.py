"""What was written in an inquiry: answers, questions, talks, what is to be collected, and its rounds. Each function is
one statement; whoever asks has seen that the actor reads the stage it is of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Select,
    exists,
    or_,
    select,
)

from lms_plc.communities.audiences import Audience
from lms_plc.communities.sealed_words import unsealed
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.inquiry.models import (
    Consultation,
    EvidencePlan,
    InquiryNote,
    InquiryRound,
    InquiryStage,
)
from lms_plc.inquiry.queries import StageState
from lms_plc.people.models import Person
from lms_plc.web.form_fields import written_there


class Meanwhile(Exception):
    """Somebody wrote it anew since its form was opened; nothing was written over."""


NOTES = 200


TALKS = 100


PLANS = 50


TALK_WORDS = ("who", "said", "promised", "changed")


PLAN_WORDS = ("what", "how", "protection")


ROUNDS = 30


@dataclass(frozen=True, slots=True)
class NoteSeen:
    id: UUID
    inquiry_id: UUID
    round: int
    stage: str
    prompt: int | None
    text: str
    is_sealed: bool
    author_id: UUID
    author: str
    created_at: datetime
    changed_at: datetime
    is_mine: bool
    sealed_text: str = ""

    @property
    def based_on(self) -> str:
        return written_there(self.text)

    def __repr__(self) -> str:
        return f"NoteSeen(id={self.id})"


@dataclass(frozen=True, slots=True)
class TalkSeen:
    """``day`` is None as long as it is only meant."""

    id: UUID
    who: str
    need: str
    holds: bool
    day: date | None
    said: str
    promised: str
    changed: str
    author: str
    sealed_words: tuple[str, ...] = field(default=(), repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """All that its form asks."""
        day, holds = str(self.day or ""), "yes" if self.holds else ""
        return (self.who, self.need, holds, day, self.said, self.promised, self.changed)

    @property
    def based_on(self) -> str:
        return written_there(*self.words)


@dataclass(frozen=True, slots=True)
class PlanSeen:
    id: UUID
    what: str
    how: str
    protection: str
    due: date | None
    checked_at: datetime | None
    checked_by: str | None


@dataclass(frozen=True, slots=True)
class RoundSeen:
    round: int
    began_at: datetime
    ended_at: datetime | None
    decision: str | None
    changes: str


def notes(
    connection: Connection,
    actor: Actor,
    inquiry_id: UUID,
    *,
    seal: Seal,
    stages: Sequence[str],
    round: int,  # noqa: A002
) -> list[NoteSeen]:
    """What was written in these stages of a round last, in its order. Whoever asks has seen that the actor reads them;
    what is sealed in a stage for its author alone is opened for whoever wrote it."""
    query = _notes_of(actor, inquiry_id, stages).where(InquiryNote.round == round).limit(NOTES)
    return [_note(row, actor, seal) for row in connection.execute(query)][::-1]


def all_notes(
    connection: Connection,
    actor: Actor,
    inquiry_id: UUID,
    *,
    seal: Seal,
    stages: Sequence[str],
    before: UUID | None = None,
    size: int = NOTES,
) -> Page[NoteSeen]:
    """As ``notes``, of every round, the newest first."""
    query = _notes_of(actor, inquiry_id, stages).limit(size + 1)
    if before is not None:
        query = query.where(InquiryNote.id < before)
    return cut([_note(row, actor, seal) for row in connection.execute(query)], size, lambda one: one.id)


def own_notes(
    connection: Connection, actor: Actor, inquiry_id: UUID, seal: Seal, before: UUID | None = None, size: int = NOTES
) -> Page[NoteSeen]:
    """What somebody wrote in it themselves, whoever reads the stage, the newest first."""
    query = _notes(actor).where(InquiryNote.inquiry_id == inquiry_id, InquiryNote.author_id == actor.person_id)
    if before is not None:
        query = query.where(InquiryNote.id < before)
    rows = connection.execute(query.order_by(InquiryNote.id.desc()).limit(size + 1))
    return cut([_note(row, actor, seal) for row in rows], size, lambda one: one.id)


def own_talks(connection: Connection, actor: Actor, inquiry_id: UUID, seal: Seal) -> list[TalkSeen]:
    query = _talks().where(Consultation.inquiry_id == inquiry_id, Consultation.author_id == actor.person_id)
    return [_talk(row, seal) for row in connection.execute(query.order_by(Consultation.id).limit(TALKS))]


def own_plans(connection: Connection, actor: Actor, inquiry_id: UUID, seal: Seal) -> list[PlanSeen]:
    query = _plans().where(EvidencePlan.inquiry_id == inquiry_id, EvidencePlan.author_id == actor.person_id)
    return [_plan(row, seal) for row in connection.execute(query.order_by(EvidencePlan.id).limit(PLANS))]


def note(connection: Connection, actor: Actor, inquiry_id: UUID, note_id: UUID, seal: Seal) -> NoteSeen | None:
    """One of one's own."""
    row = connection.execute(
        _notes(actor).where(
            InquiryNote.id == note_id, InquiryNote.inquiry_id == inquiry_id, InquiryNote.author_id == actor.person_id
        )
    ).one_or_none()
    return _note(row, actor, seal) if row else None


def _notes(actor: Actor) -> Select[Any]:
    return select(*InquiryNote.__table__.columns, Person.display_name).join(Person, Person.id == InquiryNote.author_id)


def _notes_of(actor: Actor, inquiry_id: UUID, stages: Sequence[str]) -> Select[Any]:
    """The newest first."""
    its = (InquiryNote.inquiry_id == inquiry_id, InquiryNote.stage.in_(stages), _may_read_note(actor))
    return _notes(actor).where(*its).order_by(InquiryNote.id.desc())


def _may_read_note(actor: Actor) -> Any:
    """Also here, and not only on the page: in a stage for its author alone everybody has only their own."""
    for_all = exists().where(
        InquiryStage.inquiry_id == InquiryNote.inquiry_id,
        InquiryStage.round == InquiryNote.round,
        InquiryStage.stage == InquiryNote.stage,
        InquiryStage.audience != Audience.ONLY_ME.value,
    )
    return or_(InquiryNote.author_id == actor.person_id, for_all)


def _note(row: Any, actor: Actor, seal: Seal) -> NoteSeen:
    return NoteSeen(
        row.id,
        row.inquiry_id,
        row.round,
        row.stage,
        row.prompt,
        unsealed(seal, row.text) if row.sealed else row.text,
        row.sealed,
        row.author_id,
        row.display_name,
        row.created_at,
        row.changed_at,
        row.author_id == actor.person_id,
        row.text if row.sealed else "",
    )


def talks(
    connection: Connection,
    inquiry_id: UUID,
    seal: Seal,
    round: int | None = None,  # noqa: A002
) -> list[TalkSeen]:
    """Talks held and meant, in the order they were written down."""
    query = _talks().where(Consultation.inquiry_id == inquiry_id).order_by(Consultation.id).limit(TALKS)
    if round is not None:
        query = query.where(Consultation.round == round)
    return [_talk(row, seal) for row in connection.execute(query)]


def talk(connection: Connection, inquiry_id: UUID, talk_id: UUID, seal: Seal) -> TalkSeen | None:
    row = connection.execute(
        _talks().where(Consultation.inquiry_id == inquiry_id, Consultation.id == talk_id)
    ).one_or_none()
    return _talk(row, seal) if row else None


def _talk(row: Any, seal: Seal) -> TalkSeen:
    *values, sealed = row
    seen = TalkSeen(*values)
    if not sealed:
        return seen
    closed = tuple(getattr(seen, name) for name in TALK_WORDS)
    return replace(_opened(seen, TALK_WORDS, seal), sealed_words=closed)


def _opened(seen: Any, words: Sequence[str], seal: Seal) -> Any:
    return replace(seen, **{name: unsealed(seal, getattr(seen, name)) for name in words})


def _talks() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Consultation.id,
        Consultation.who,
        Consultation.need,
        Consultation.holds,
        Consultation.day,
        Consultation.said,
        Consultation.promised,
        Consultation.changed,
        Person.display_name,
        Consultation.sealed,
    )
    return select(*columns).join(Person, Person.id == Consultation.author_id)


def plans(connection: Connection, inquiry_id: UUID, seal: Seal, round: int) -> list[PlanSeen]:  # noqa: A002
    """What is to be collected."""
    rows = connection.execute(
        _plans()
        .where(EvidencePlan.inquiry_id == inquiry_id, EvidencePlan.round == round)
        .order_by(EvidencePlan.id)
        .limit(PLANS)
    )
    return [_plan(row, seal) for row in rows]


def plan(connection: Connection, inquiry_id: UUID, plan_id: UUID, seal: Seal) -> PlanSeen | None:
    row = connection.execute(
        _plans().where(EvidencePlan.inquiry_id == inquiry_id, EvidencePlan.id == plan_id)
    ).one_or_none()
    return _plan(row, seal) if row else None


def _plan(row: Any, seal: Seal) -> PlanSeen:
    *values, sealed = row
    return _opened(PlanSeen(*values), PLAN_WORDS, seal) if sealed else PlanSeen(*values)


def _plans() -> Select[Any]:
    columns: tuple[Any, ...] = (
        EvidencePlan.id,
        EvidencePlan.what,
        EvidencePlan.how,
        EvidencePlan.protection,
        EvidencePlan.due,
        EvidencePlan.checked_at,
        Person.display_name,
        EvidencePlan.sealed,
    )
    return select(*columns).outerjoin(Person, Person.id == EvidencePlan.checked_by_id)


def rounds(connection: Connection, inquiry_id: UUID) -> list[RoundSeen]:
    rows = connection.execute(
        select(
            InquiryRound.round,
            InquiryRound.began_at,
            InquiryRound.ended_at,
            InquiryRound.decision,
            InquiryRound.changes,
        )
        .where(InquiryRound.inquiry_id == inquiry_id)
        .order_by(InquiryRound.round.desc())
        .limit(ROUNDS)
    )
    return [RoundSeen(*row[:4], row.changes or "") for row in rows][::-1]


def stages_of_rounds(connection: Connection, inquiry_id: UUID) -> dict[int, dict[str, StageState]]:
    """Round → stage → how it stands."""
    found: dict[int, dict[str, StageState]] = {}
    rows = connection.execute(
        select(InquiryStage.__table__).where(InquiryStage.inquiry_id == inquiry_id).order_by(InquiryStage.round)
    )
    for row in rows:
        state = StageState(row.stage, row.state, row.audience, row.entered_at, row.left_at, row.reason or "")
        found.setdefault(row.round, {})[row.stage] = state
    return found
