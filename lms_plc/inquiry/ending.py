"""How an inquiry rests, goes round again, and ends."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.cycles.content import Stage
from lms_plc.inquiry.forms import (
    ConcludeForm,
    DropForm,
    OfTheRound,
    RoundForm,
)
from lms_plc.inquiry.models import (
    Inquiry,
    InquiryRound,
    InquiryStage,
)
from lms_plc.inquiry.queries import (
    AT_WORK,
    CONCLUDED,
    DONE,
    DROPPED,
    NOT_STARTED,
    OPEN,
    PAUSED,
    PRIVATE,
    SHARING,
    UNDER_WAY,
    InquirySeen,
)
from lms_plc.inquiry.stages import begin_round, closed, move_stage
from lms_plc.inquiry.telling import FOUND, move, tell


def decide_round(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, stage: Stage, form: RoundForm) -> bool:
    """At the end of a round: again with a change, tell others, or leave it. False when that was said already, or was
    said of a round that is behind."""
    if form.round not in (None, seen.round):
        return False
    changes = closed(seal, seen, form.changes)
    ended = session.execute(
        update(InquiryRound)
        .where(InquiryRound.inquiry_id == seen.id, InquiryRound.round == seen.round, InquiryRound.decision.is_(None))
        .values(decision=form.decision.value, changes=changes, ended_at=actor.at)
        .returning(InquiryRound.round)
    ).one_or_none()
    if ended is None:
        return False
    move_stage(session, seen.id, seen.round, stage.id, (NOT_STARTED, *AT_WORK), state=DONE, left_at=actor.at)
    if form.decision is OfTheRound.AGAIN:
        _go_round(session, seen, stage.loop_to or seen.content.stages[0].id, actor.at)
    elif form.decision is OfTheRound.SHARE:
        move(session, seen.id, Inquiry.state == OPEN, state=SHARING, changed_at=actor.at)
    else:
        seal.check(seen.sealed_learned)
        move(session, seen.id, Inquiry.state.in_(UNDER_WAY), state=DROPPED, state_before=seen.state, decision="drop")
        move(session, seen.id, learned=changes, concluded_at=actor.at, changed_at=actor.at)
    tell(session, actor, "round_decided", seen, {"round": seen.round, "decision": form.decision.value})
    FOUND.find(session, seen.id)
    return True


def pause(session: Session, actor: Actor, seen: InquirySeen) -> bool:
    """It rests. Nothing of it changes."""
    paused = move(
        session, seen.id, Inquiry.state.in_(UNDER_WAY), state=PAUSED, state_before=seen.state, changed_at=actor.at
    )
    if paused:
        tell(session, actor, "paused", seen)
    return paused


def resume(session: Session, actor: Actor, seen: InquirySeen) -> bool:
    """It goes on where it stood, also one that was dropped or concluded; a round it was left in is decided anew."""
    before = PRIVATE if seen.is_private else seen.state_before or OPEN
    resumed = move(
        session,
        seen.id,
        Inquiry.state.not_in(UNDER_WAY),
        state=OPEN if before == PRIVATE and not seen.is_private else before,
        state_before=None,
        decision=None,
        concluded_at=None,
        changed_at=actor.at,
    )
    if resumed:
        session.execute(
            update(InquiryRound)
            .where(
                InquiryRound.inquiry_id == seen.id,
                InquiryRound.round == seen.round,
                InquiryRound.decision == OfTheRound.DROP.value,
            )
            .values(decision=None, ended_at=None)
        )
        tell(session, actor, "resumed", seen)
    return resumed


def drop(session: Session, actor: Actor, seen: InquirySeen, form: DropForm, seal: Seal) -> bool:
    """It ends here, with what was learned."""
    return _end(session, actor, seen, DROPPED, seal, form.learned, "drop", "")


def conclude(session: Session, actor: Actor, seen: InquirySeen, form: ConcludeForm, seal: Seal) -> bool:
    """It is done: what stays of it, and who carries on. Stages that were open are done with it."""
    concluded = _end(session, actor, seen, CONCLUDED, seal, form.learned, form.decision.value, form.successor)
    if concluded:
        session.execute(
            update(InquiryStage)
            .where(
                InquiryStage.inquiry_id == seen.id, InquiryStage.round == seen.round, InquiryStage.state.in_(AT_WORK)
            )
            .values(state=DONE, left_at=actor.at)
        )
    return concluded


def _end(
    session: Session, actor: Actor, seen: InquirySeen, state: str, seal: Seal, learned: str, decision: str, then: str
) -> bool:
    seal.check(seen.sealed_learned, seen.sealed_successor)
    words = {"learned": closed(seal, seen, learned), "successor": closed(seal, seen, then)}
    ended = move(
        session,
        seen.id,
        Inquiry.state.not_in((CONCLUDED, DROPPED)),
        state=state,
        state_before=seen.state if seen.is_under_way else seen.state_before,
        decision=decision,
        concluded_at=actor.at,
        changed_at=actor.at,
        **words,
    )
    if ended:
        tell(session, actor, state, seen, {"decision": decision})
        FOUND.find(session, seen.id)
    return ended


def _go_round(session: Session, seen: InquirySeen, first: str, at: datetime) -> None:
    rows = session.execute(
        select(InquiryStage.stage, InquiryStage.audience).where(
            InquiryStage.inquiry_id == seen.id, InquiryStage.round == seen.round
        )
    )
    audiences = {row.stage: row.audience for row in rows}
    begin_round(session, seen.id, seen.round + 1, seen.content, first, audiences, at)
    move(session, seen.id, Inquiry.state == SHARING, state=OPEN)  # what was told was the round before
    move(session, seen.id, round=seen.round + 1, stage=first, changed_at=at)
