"""Who works on an inquiry: they are asked, say yes or no, and can leave."""

from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.standing import is_inside
from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.inquiry.following import follow
from lms_plc.inquiry.forms import (
    Part,
)
from lms_plc.inquiry.models import (
    InquiryPerson,
)
from lms_plc.inquiry.queries import (
    ACTIVE,
    ASKED,
    CO_WORKER,
    LEAD,
    LEFT,
    InquirySeen,
)
from lms_plc.inquiry.telling import tell


def ask(session: Session, actor: Actor, seen: InquirySeen, person_id: UUID, part: Part) -> bool:
    """Asks a member into it; they have a part once they say yes. False for who is not there, or has one."""
    if not session.execute(select(is_inside(person_id, seen.community_id, actor.at))).scalar_one():
        return False
    values = {"part": part.value, "state": ASKED, "asked_at": actor.at}
    worked = or_(InquiryPerson.part.in_((LEAD, CO_WORKER)), InquiryPerson.since < InquiryPerson.asked_at)
    asked = session.execute(
        upsert(session, InquiryPerson)
        .values(inquiry_id=seen.id, person_id=person_id, **values)
        .on_conflict_do_update(
            index_elements=["inquiry_id", "person_id"],
            set_={**values, "since": case((worked, InquiryPerson.since), else_=None)},
            where=InquiryPerson.state == LEFT,
        )
        .returning(InquiryPerson.person_id)
    ).one_or_none()
    if asked is not None:
        tell(session, actor, "person_asked", seen, {"to": str(person_id), "part": part.value})
    return asked is not None


def answer(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, *, yes: bool) -> bool:
    """Somebody who was asked says yes, or rather not. False for who was not asked."""
    values: dict[str, Any] = (
        {"state": ACTIVE, "since": func.coalesce(InquiryPerson.since, actor.at)} if yes else {"state": LEFT}
    )
    answered = _person(session, seen.id, actor.person_id, ASKED, **values)
    if answered:
        if yes:
            follow(session, seen, seal)
        tell(session, actor, "person_joined" if yes else "person_declined", seen)
    return answered


def share_lead(session: Session, actor: Actor, seen: InquirySeen, person_id: UUID) -> bool:
    """Whoever works on it leads it too from now on. False for who does not."""
    shared = _person(session, seen.id, person_id, ACTIVE, InquiryPerson.part == CO_WORKER, part=LEAD)
    if shared:
        tell(session, actor, "lead_shared", seen, {"to": str(person_id)})
    return shared


def take_lead(session: Session, actor: Actor, seen: InquirySeen) -> bool:
    """Somebody leads what nobody leads any more; who led it does so again when they come back. Who was not asked into
    it has no ``since``: what is for its people stays closed to them (``queries.may_read_stage``)."""
    if not seen.may_take_lead:
        return False
    values = {"part": LEAD, "state": ACTIVE}
    since_when = case((InquiryPerson.state == ACTIVE, InquiryPerson.asked_at), else_=actor.at)
    session.execute(
        upsert(session, InquiryPerson)
        .values(inquiry_id=seen.id, person_id=actor.person_id, asked_at=actor.at, **values)
        .on_conflict_do_update(index_elements=["inquiry_id", "person_id"], set_={**values, "asked_at": since_when})
    )
    tell(session, actor, "lead_taken", seen)
    return True


def leave_people(session: Session, actor: Actor, seen: InquirySeen) -> bool:
    """Somebody has no part in it any more. False for the only lead who is there: somebody has to have it."""
    if seen.my_part == LEAD and not set(seen.lead_ids) - {actor.person_id}:
        return False
    left = _person(session, seen.id, actor.person_id, ACTIVE, state=LEFT)
    if left:
        follow(session, seen)
        tell(session, actor, "person_left", seen)
    return left


def take_off(session: Session, actor: Actor, seen: InquirySeen, person_id: UUID) -> bool:
    """Whoever leads ends somebody else's part, or takes back that they were asked."""
    if person_id == actor.person_id:
        return False
    had_part = _person(session, seen.id, person_id, ACTIVE, state=LEFT)
    gone = had_part or _person(session, seen.id, person_id, ASKED, state=LEFT)
    if had_part:
        follow(session, seen)
    if gone:
        tell(session, actor, "person_taken_off", seen)
    return gone


def _person(session: Session, inquiry_id: UUID, person_id: UUID, from_: str, *where: Any, **values: Any) -> bool:
    its = (InquiryPerson.inquiry_id == inquiry_id, InquiryPerson.person_id == person_id)
    changed = session.execute(
        update(InquiryPerson)
        .where(*its, InquiryPerson.state == from_, *where)
        .values(**values)
        .returning(InquiryPerson.person_id)
    )
    return changed.one_or_none() is not None
