"""The rows of an inquiry's rounds and stages, and what is sealed in them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.core.sealing import Seal
from lms_plc.cycles.content import Content, Stage
from lms_plc.inquiry.models import (
    Consultation,
    EvidencePlan,
    InquiryNote,
    InquiryRound,
    InquiryStage,
)
from lms_plc.inquiry.queries import (
    BEGUN,
    BEHIND,
    NOT_STARTED,
    REOPENED,
    InquirySeen,
    StageState,
)
from lms_plc.inquiry.written import PLAN_WORDS, TALK_WORDS


def is_sealed(seen: InquirySeen, stage: StageState) -> bool:
    return seen.is_private or stage.audience == Audience.ONLY_ME.value


def of_round(number: int, stage: str) -> str:
    """By what a form names a stage as it was in one round."""
    return f"{number}-{stage}"


def begin_round(
    session: Session,
    inquiry_id: UUID,
    number: int,
    content: Content,
    first: str,
    audiences: Mapping[str, str],
    at: datetime,
) -> None:
    """Stages in front of the one it begins with were gone through before, and stay as they are."""
    session.execute(insert(InquiryRound).values(inquiry_id=inquiry_id, round=number, began_at=at))
    ids = [stage.id for stage in content.stages]
    rows = [
        {
            "inquiry_id": inquiry_id,
            "round": number,
            "stage": stage.id,
            "state": BEGUN if stage.id == first else NOT_STARTED,
            "audience": audiences.get(stage.id) or _by_default(stage),
            "entered_at": at if stage.id == first else None,
        }
        for stage in content.stages[ids.index(first) :]
    ]
    session.execute(insert(InquiryStage), rows)


def _by_default(stage: Stage) -> str:
    """A stage is for its author, for the project's people, or for the community once that knows of the project."""
    if stage.visible_by_default_to in (Audience.ONLY_ME.value, Audience.COMMUNITY.value):
        return stage.visible_by_default_to
    return Audience.NAMED_PEOPLE.value


def enter_stage(session: Session, seen: InquirySeen, stage: str, at: datetime) -> bool:
    begun = move_stage(session, seen.id, seen.round, stage, (NOT_STARTED,), state=BEGUN, entered_at=at)
    return begun or move_stage(session, seen.id, seen.round, stage, BEHIND, state=REOPENED, left_at=None, reason=None)


def move_stage(
    session: Session, inquiry_id: UUID, number: int, stage: str, states: Sequence[str], **values: Any
) -> bool:
    changed = session.execute(
        update(InquiryStage)
        .where(
            InquiryStage.inquiry_id == inquiry_id,
            InquiryStage.round == number,
            InquiryStage.stage == stage,
            InquiryStage.state.in_(states),
        )
        .values(**values)
        .returning(InquiryStage.stage)
    )
    return changed.one_or_none() is not None


def set_audience(session: Session, inquiry_id: UUID, number: int, stage: str, audience: str) -> None:
    session.execute(
        update(InquiryStage)
        .where(InquiryStage.inquiry_id == inquiry_id, InquiryStage.round == number, InquiryStage.stage == stage)
        .values(audience=audience)
    )


def unseal_notes(session: Session, seal: Seal, inquiry_id: UUID, stages: Sequence[tuple[int, str]]) -> None:
    """What was written in these stages stands as it is from now on."""
    for number, stage in stages:
        here = and_(InquiryNote.inquiry_id == inquiry_id, InquiryNote.round == number, InquiryNote.stage == stage)
        rows = session.execute(select(InquiryNote.id, InquiryNote.text).where(here, InquiryNote.sealed.is_(True)))
        for row in rows.all():
            session.execute(
                update(InquiryNote).where(InquiryNote.id == row.id).values(text=seal.words(row.text), sealed=False)
            )


def unseal_rounds(session: Session, seal: Seal, inquiry_id: UUID) -> None:
    its = and_(InquiryRound.inquiry_id == inquiry_id, InquiryRound.changes.is_not(None))
    for row in session.execute(select(InquiryRound.round, InquiryRound.changes).where(its)).all():
        session.execute(
            update(InquiryRound)
            .where(InquiryRound.inquiry_id == inquiry_id, InquiryRound.round == row.round)
            .values(changes=seal.words(row.changes))
        )


def unseal_talks_and_plans(session: Session, seal: Seal, inquiry_id: UUID) -> None:
    for model, words in ((Consultation, TALK_WORDS), (EvidencePlan, PLAN_WORDS)):
        table: Any = model.__table__
        its = and_(table.c.inquiry_id == inquiry_id, table.c.sealed.is_(True))
        for row in session.execute(select(table).where(its)).all():
            opened = {name: seal.words(getattr(row, name)) for name in words}
            session.execute(update(table).where(table.c.id == row.id).values(sealed=False, **opened))


def closed(seal: Seal, seen: InquirySeen, text: str) -> str:
    """What is said of one nobody knows of is sealed like its title."""
    return seal.close(text) if text and seen.is_private else text
