"""How what was done with an inquiry is told, found and hidden."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.things import keeps
from lms_plc.inquiry.models import (
    Consultation,
    EvidencePlan,
    Inquiry,
    InquiryExit,
    InquiryNote,
    InquiryPerson,
    InquiryRound,
    InquiryStage,
)
from lms_plc.inquiry.queries import (
    KIND,
    InquirySeen,
)

_BY_INQUIRY = (InquiryNote, Consultation, EvidencePlan, InquiryExit, InquiryStage, InquiryRound, InquiryPerson)


def held(session: Session, inquiry_id: UUID) -> Connection:
    """Nobody else changes this inquiry until the transaction ends, so what is read of it from here on stays so. Every
    verb begins with it: who knows of the inquiry at that moment says what is sealed, and who leads it what may be done.
    """
    session.execute(select(Inquiry.id).where(Inquiry.id == inquiry_id).with_for_update())
    return session.connection()


def move(session: Session, inquiry_id: UUID, *where: Any, **values: Any) -> bool:
    moved = session.execute(
        update(Inquiry).where(Inquiry.id == inquiry_id, *where).values(**values).returning(Inquiry.id)
    )
    return moved.one_or_none() is not None


def touch(session: Session, seen: InquirySeen, at: datetime) -> None:
    session.execute(update(Inquiry).where(Inquiry.id == seen.id).values(changed_at=at))


def tell(session: Session, actor: Actor, what: str, seen: InquirySeen, facts: Mapping[str, Any] | None = None) -> None:
    community_id = None if seen.is_private else seen.community_id
    tell_of(session, actor, what, seen.id, seen.site_id, community_id, facts)


def tell_of(
    session: Session,
    actor: Actor,
    what: str,
    inquiry_id: UUID,
    site_id: UUID,
    community_id: UUID | None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    record_by(
        session,
        actor,
        f"inquiry.{what}",
        Reference(KIND, inquiry_id),
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )


def _remove(session: Session, inquiry_id: UUID, at: datetime) -> None:
    """Its row stays, without a word and known to nobody: what people made with it elsewhere hangs on it."""
    for model in _BY_INQUIRY:
        session.execute(delete(model).where(model.inquiry_id == inquiry_id))
    gone = {"title": "", "sealed": False, "learned": None, "successor": None, "opened_at": None}
    move(session, inquiry_id, **gone, told_to_school=False, hidden_at=at)
    search.forget(session, Reference(KIND, inquiry_id))


def _findable() -> Any:
    return (
        select(
            Inquiry.id,
            Community.site_id,
            Inquiry.community_id,
            Inquiry.opened_by_id,
            Inquiry.title,
            Inquiry.learned,
            Inquiry.created_at,
        )
        .join(Community, Community.id == Inquiry.community_id)
        .where(Inquiry.opened_at.is_not(None), Inquiry.sealed.is_(False), Inquiry.hidden_at.is_(None))
    )


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference(KIND, row.id),
        row.site_id,
        row.community_id,
        row.opened_by_id,
        Audience.COMMUNITY.value,
        row.title,
        row.learned or "",
        row.created_at,
    )


FOUND = search.findable(KIND, Inquiry.id, _findable, _entry)
keeps(KIND, row_keeper(Inquiry, _remove, found=FOUND))
