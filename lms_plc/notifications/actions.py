"""What somebody can do with their inbox and with how they are reached. None of it is an event: what somebody has read,
and how often they want mail, is nobody else's business."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lms_plc.core.database import table_of, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.notifications.forms import SettingsForm
from lms_plc.notifications.listening import recount
from lms_plc.notifications.models import Digest, MailAddress, MailChoice, MailPace, Notification
from lms_plc.notifications.queries import Choice
from lms_plc.people.models import Person

CONFIRMED_WITHIN = timedelta(days=7)
ASKED_A_DAY = 3
"""Letters a day that ask for a confirmation; a stranger's address is no toy."""


class AskedTooOften(Exception):
    """Enough letters have gone to unconfirmed addresses today."""


def mark_read(session: Session, actor: Actor, about_id: UUID | None = None) -> None:
    """What waits about one thing, or all of it, is read."""
    mine = update(Notification).where(Notification.person_id == actor.person_id, Notification.read_at.is_(None))
    session.execute(
        (mine if about_id is None else mine.where(Notification.about_id == about_id)).values(read_at=actor.at),
        execution_options={"synchronize_session": False},
    )
    recount(session, [actor.person_id])


def mark_opened(session: Session, actor: Actor, thing_id: UUID) -> None:
    """Somebody has come to the thing by a letter: whatever waits about it is read."""
    abouts = select(Notification.about_id).where(
        Notification.person_id == actor.person_id,
        Notification.read_at.is_(None),
        (Notification.thing_id == thing_id) | (Notification.about_id == thing_id),
    )
    for about_id in session.execute(abouts.distinct().limit(20)).scalars().all():
        mark_read(session, actor, about_id)


def choose(session: Session, actor: Actor, form: SettingsForm, paces: dict[UUID, str]) -> None:
    """How somebody wants to be reached from now on. Weekly is what holds without a row."""
    given = form.model_dump(include={"channel", "pace", "quiet_from", "quiet_until", "quiet_weekends"})
    keep_choice(session, actor.person_id, actor.at, {**given, "problem": None})
    weekly = [community for community, pace in paces.items() if pace == "weekly"]
    session.execute(
        delete(MailPace).where(MailPace.person_id == actor.person_id, MailPace.community_id.in_(weekly)),
        execution_options={"synchronize_session": False},
    )
    for community_id, pace in paces.items():
        if pace != "weekly":
            _keep_pace(session, actor.person_id, community_id, pace)


def silence(session: Session, person_id: UUID, at: datetime) -> None:
    """No more mail, by one press in a letter."""
    keep_choice(session, person_id, at, {"channel": "none"})


def slow_down(session: Session, person_id: UUID, at: datetime) -> None:
    """At most one letter a week, from every community that wrote more often."""
    keep_choice(session, person_id, at, {"channel": "mail", "pace": "weekly"})
    session.execute(
        delete(MailPace).where(MailPace.person_id == person_id, MailPace.pace.in_(("immediate", "daily"))),
        execution_options={"synchronize_session": False},
    )


def ask_for_address(session: Session, actor: Actor, address: str) -> UUID:
    """An address to be confirmed; the id of the letter that is to ask for it. Raises AskedTooOften."""
    today = select(func.count()).where(
        Digest.person_id == actor.person_id,
        Digest.period.startswith("confirm:"),
        Digest.composed_at > actor.at - timedelta(days=1),
    )
    if session.execute(today).scalar_one() >= ASKED_A_DAY:
        raise AskedTooOften
    asked = upsert(session, MailAddress).values(person_id=actor.person_id, address=address, asked_at=actor.at)
    changed = {name: asked.excluded[name] for name in ("address", "asked_at")}
    session.execute(asked.on_conflict_do_update(index_elements=["person_id"], set_=changed))
    return new_id()


def confirm_address(session: Session, person_id: UUID, address: str, at: datetime) -> bool:
    """Whether it is theirs from now on: only the one they asked for last, and not after a week."""
    pending = delete(MailAddress).where(
        MailAddress.person_id == person_id,
        MailAddress.address == address,
        MailAddress.asked_at > at - CONFIRMED_WITHIN,
    )
    if session.execute(pending.returning(MailAddress.person_id)).one_or_none() is None:
        return False
    table = table_of(Person)
    session.execute(table.update().where(table.c.id == person_id).values(email=address, email_source="own"))
    return True


def forget_address(session: Session, actor: Actor) -> None:
    """What they gave is forgotten; their learning platform's word counts again, from their next visit on."""
    table = table_of(Person)
    own = (table.c.id == actor.person_id) & (table.c.email_source == "own")
    session.execute(table.update().where(own).values(email=None, email_source=None))
    session.execute(delete(MailAddress).where(MailAddress.person_id == actor.person_id))


def keep_choice(session: Session, person_id: UUID, at: datetime, changed: dict[str, Any]) -> None:
    default = Choice()
    values = {name: getattr(default, name) for name in Choice.__slots__} | changed | {"changed_at": at}
    kept = upsert(session, MailChoice).values(person_id=person_id, **values)
    set_ = {name: kept.excluded[name] for name in (*changed, "changed_at")}
    session.execute(kept.on_conflict_do_update(index_elements=["person_id"], set_=set_))


def _keep_pace(session: Session, person_id: UUID, community_id: UUID, pace: str) -> None:
    kept = upsert(session, MailPace).values(person_id=person_id, community_id=community_id, pace=pace)
    session.execute(
        kept.on_conflict_do_update(index_elements=["person_id", "community_id"], set_={"pace": kept.excluded.pace})
    )
