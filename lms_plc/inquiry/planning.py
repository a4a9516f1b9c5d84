"""Talks about an inquiry, and what is to be collected for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from lms_plc.core.database import once
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.inquiry.forms import (
    ChangedTalkForm,
    CheckForm,
    NewTalkForm,
    PlanForm,
)
from lms_plc.inquiry.models import (
    Consultation,
    EvidencePlan,
)
from lms_plc.inquiry.queries import (
    InquirySeen,
)
from lms_plc.inquiry.telling import tell, touch
from lms_plc.inquiry.written import PLAN_WORDS, TALK_WORDS, Meanwhile, PlanSeen, TalkSeen


def log_talk(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, form: NewTalkForm) -> UUID:
    """Writes down a talk held, or whom one means to talk to. The same form sent twice is one."""
    values = _closed(seal, seen, form.model_dump(exclude={"form_key"}), TALK_WORDS)
    return _once(session, actor, seen, Consultation, form.form_key, "talk_logged", values)


def change_talk(
    session: Session, actor: Actor, seal: Seal, seen: InquirySeen, talk: TalkSeen, form: ChangedTalkForm
) -> None:
    """Raises WordsLost, and Meanwhile."""
    seal.check(*talk.sealed_words)
    asked = form.model_dump(exclude={"based_on"}) | {"need": form.need.value}
    if talk.based_on not in (form.based_on, replace(talk, **asked).based_on):
        raise Meanwhile
    values = _closed(seal, seen, asked, TALK_WORDS)
    session.execute(update(Consultation).where(Consultation.id == talk.id).values(**values, changed_at=actor.at))
    touch(session, seen, actor.at)
    tell(session, actor, "talk_changed", seen)


def plan_evidence(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, form: PlanForm) -> UUID:
    """Writes down one thing that is to be collected. The same form sent twice is one."""
    values = _closed(seal, seen, form.model_dump(exclude={"form_key"}), PLAN_WORDS)
    return _once(session, actor, seen, EvidencePlan, form.form_key, "evidence_planned", values)


def check_plan(session: Session, actor: Actor, seen: InquirySeen, plan: PlanSeen, form: CheckForm) -> bool:
    """Somebody has looked whether nobody can be recognised."""
    checked = session.execute(
        update(EvidencePlan)
        .where(EvidencePlan.id == plan.id, EvidencePlan.checked_at.is_(None))
        .values(checked_by_id=actor.person_id, checked_at=actor.at, changed_at=actor.at)
        .returning(EvidencePlan.id)
    ).one_or_none()
    if checked is not None:
        tell(session, actor, "plan_checked", seen)
    return checked is not None


def take_plan_back(session: Session, actor: Actor, seen: InquirySeen, plan: PlanSeen) -> None:
    session.execute(delete(EvidencePlan).where(EvidencePlan.id == plan.id))
    touch(session, seen, actor.at)
    tell(session, actor, "plan_taken_back", seen)


def _closed(seal: Seal, seen: InquirySeen, values: dict[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """Whom one talks to tells as much as the title: both are sealed as long as nobody knows of the inquiry."""
    if seen.is_private:
        values |= {name: seal.close(values[name]) for name in words}
    return values | {"sealed": seen.is_private}


def _once(
    session: Session,
    actor: Actor,
    seen: InquirySeen,
    model: type[Consultation] | type[EvidencePlan],
    form_key: str,
    verb: str,
    values: Mapping[str, Any],
) -> UUID:
    row_id, is_new = once(
        session,
        model,
        ("author_id", "form_key"),
        inquiry_id=seen.id,
        round=seen.round,
        author_id=actor.person_id,
        form_key=form_key,
        created_at=actor.at,
        changed_at=actor.at,
        **values,
    )
    if not is_new:
        return row_id
    touch(session, seen, actor.at)
    tell(session, actor, verb, seen)
    return row_id
