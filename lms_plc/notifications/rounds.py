"""Whose letter is due? Every morning a round of those who wanted one, and in between those who want to hear at once.

A round remembers how far it has come, person by person; one that was missed is made up for, and a missed Friday's with
the next day's.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lms_plc.core.database import upsert
from lms_plc.house import House
from lms_plc.notifications.digests import LATECOMERS, Addressee, News, addressee, compose
from lms_plc.notifications.letters import zone
from lms_plc.notifications.models import DigestRound, MailChoice, MailPace, Notification
from lms_plc.notifications.quiet import SATURDAY, is_quiet
from lms_plc.people.models import Person

log = structlog.get_logger("lms_plc.notifications")

MORNING = time(7, 30)
FRIDAY = 4
AT_ONCE = 100
"""People of a round between two notes of how far it has come."""

GATHERED = timedelta(minutes=5)
"""So long whoever wants to hear at once waits, so that one letter tells what belongs together."""


def go_round(house: House) -> int:
    """Begins what is due, goes on with what was begun; how many letters were composed."""
    _begin(house)
    composed = 0
    while (due := _unfinished(house)) is not None:
        composed += _take_some(house, due)
    return composed


def tell_at_once(house: House) -> int:
    """Letters to whoever wants to hear at once, of what has gathered; how many."""
    at = house.clock()
    with house.database.read() as connection:
        waiting = (
            select(Notification.person_id, func.min(Notification.at).label("first"))
            .outerjoin(MailChoice, MailChoice.person_id == Notification.person_id)
            .outerjoin(
                MailPace,
                (MailPace.person_id == Notification.person_id) & (MailPace.community_id == Notification.community_id),
            )
            .where(
                Notification.read_at.is_(None),
                Notification.mailed_at.is_(None),
                or_(
                    MailPace.pace == "immediate",
                    (MailChoice.pace == "immediate") & Notification.community_id.is_(None),
                ),
            )
            .group_by(Notification.person_id)
            .limit(AT_ONCE)
        )
        ready = [row for row in connection.execute(waiting) if row.first <= at - GATHERED]
        people = [(whom, row.first) for row in ready if (whom := addressee(connection, row.person_id))]
    composed = 0
    for whom, first in people:
        if not is_quiet(whom.choice, at, zone(house)):
            with house.database.read() as connection:
                period = f"at-once:{first.isoformat()}"[:60]
                composed += _composed(house, whom, {"immediate"}, period, News(connection, at))
    return composed


def _begin(house: House) -> None:
    local = house.clock().astimezone(zone(house))
    morning = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    with house.database.read() as connection:
        last = connection.execute(
            select(DigestRound.day).order_by(DigestRound.day.desc()).limit(1)
        ).scalar_one_or_none()
    if last == morning.isoformat():
        return
    # the first round of an installation is for the next morning: nobody has been told to expect this one
    done = house.clock() if last is None else None
    paces = _paces(date.fromisoformat(last) if last else morning, morning)
    begun = {"day": morning.isoformat(), "paces": " ".join(paces), "done_at": done}
    with house.database.write() as session:
        session.execute(upsert(session, DigestRound).values(**begun).on_conflict_do_nothing(index_elements=["day"]))


def _paces(last: date, today: date) -> list[str]:
    days = [last + timedelta(days=n) for n in range(1, min((today - last).days, 7) + 1)]
    return ["daily", *(["weekly"] if any(day.weekday() == FRIDAY for day in days) else [])]


def _unfinished(house: House) -> Any:
    with house.database.read() as connection:
        return connection.execute(
            select(DigestRound.day, DigestRound.paces, DigestRound.after_id)
            .where(DigestRound.done_at.is_(None))
            .order_by(DigestRound.day)
            .limit(1)
        ).one_or_none()


def _take_some(house: House, due: Any) -> int:
    people = _people_after(house, due.after_id)
    paces = set(due.paces.split())
    at = house.clock()
    weekend = at.astimezone(zone(house)).weekday() >= SATURDAY
    composed = 0
    with house.database.read() as connection:
        read_once = News(connection, at - LATECOMERS)
        for person_id in people:
            whom = addressee(connection, person_id)
            if whom is None or (weekend and whom.choice.quiet_weekends and "weekly" not in paces):
                continue  # what a weekend leaves out, Monday has
            composed += _composed(house, whom, paces, due.day, read_once)
    with house.database.write() as session:
        _note(session, due.day, people[-1] if people else None, house.clock() if len(people) < AT_ONCE else None)
    return composed


def _composed(house: House, whom: Addressee, paces: Collection[str], period: str, news: News) -> bool:
    """A letter that cannot be written holds up nobody else's; a database that is away holds up all."""
    try:
        return compose(house, whom, paces, period, news)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - a room's mistake about one thing is not everybody's
        log.error("a letter could not be composed", person_id=str(whom.id), kind=type(error).__name__)
        return False


def _people_after(house: House, after: UUID | None) -> Sequence[UUID]:
    """Whoever can be reached at all."""
    query = (
        select(Person.id)
        .outerjoin(MailChoice, MailChoice.person_id == Person.id)
        .where(
            or_(
                Person.email.is_not(None) & or_(MailChoice.channel.is_(None), MailChoice.channel == "mail"),
                MailChoice.channel == "lms",
            )
        )
        .order_by(Person.id)
        .limit(AT_ONCE)
    )
    with house.database.read() as connection:
        return connection.execute(query if after is None else query.where(Person.id > after)).scalars().all()


def _note(session: Session, day: str, after: UUID | None, done: datetime | None) -> None:
    values: dict[str, Any] = {"done_at": done} | ({} if after is None else {"after_id": after})
    session.execute(update(DigestRound).where(DigestRound.day == day).values(**values))
