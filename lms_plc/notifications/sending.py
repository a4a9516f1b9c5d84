"""How does a letter leave? Handed to the mail server until it is taken, for two days; then operators are told.

A worker killed between the server's yes and our note of it sends the letter again, with the same Message-ID, which mail
programs show once. A server that is silent is asked for one letter, not for each of the others as well.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.alarms.alarm import Alarm
from lms_plc.alarms.ringing import ring
from lms_plc.communities.models import Membership
from lms_plc.core import mail
from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor
from lms_plc.house import House
from lms_plc.notifications import letters
from lms_plc.notifications.actions import ask_for_address, keep_choice
from lms_plc.notifications.models import Digest, MailChoice
from lms_plc.people.models import Person
from lms_plc.series.queries import Entered, for_letters

log = structlog.get_logger("lms_plc.notifications")

AT_ONCE = 200
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=2)
GIVEN_UP_AFTER = timedelta(days=2)
OFFERED_FOR = timedelta(days=3)
"""So long a message stays offered to the learning platform."""

KEPT_FOR = timedelta(days=60)
"""So long it is remembered that there was a letter; its words are gone once it is sent."""

_WORDLESS = {"subject": "", "text": "", "html": "", "meetings": None}


def send_waiting(house: House) -> int:
    """Sends what is due; how many letters the server took."""
    sent = 0
    for digest in _due(house):
        address = digest.address or digest.email
        if address is None or (digest.address is None and not digest.wanted):  # taken back since
            _end(house, digest, "refused", None)
            continue
        letter = letters.as_mail(house, digest, address, _meetings_of(house, digest))
        try:
            mail.hand_over(str(house.settings.smtp_url), house.settings.ca_bundle, letter)
        except mail.NotTaken as problem:
            if problem.for_good:
                log.warning("a letter was refused", digest_id=str(digest.id), problem=str(problem))
                _end(house, digest, "refused", str(problem))
                continue
            _later(house, digest, str(problem))
            return sent
        _end(house, digest, "sent", None)
        sent += 1
    return sent


def write_confirmation(house: House, session: Session, who: Actor, locale: str | None, address: str) -> None:
    """Asks at an address whether it is theirs, in the transaction that remembers it. Raises AskedTooOften."""
    digest_id = ask_for_address(session, who, address)
    letter = letters.confirmation(house, who.person_id, locale, address, who.at)
    session.execute(
        upsert(session, Digest).values(
            id=digest_id,
            person_id=who.person_id,
            period=f"confirm:{digest_id}",
            channel="mail",
            state="composed",
            address=address,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            tries=0,
            composed_at=who.at,
            next_try_at=who.at,
        )
    )


def forget_sent(house: House) -> None:
    """Messages the learning platform has had its time for are over; what is long over is forgotten."""
    at = house.clock()
    with house.database.write() as session:
        offered = (Digest.channel == "lms") & (Digest.state == "composed") & (Digest.composed_at < at - OFFERED_FOR)
        session.execute(update(Digest).where(offered).values(state="sent", sent_at=at, **_WORDLESS))
        session.execute(delete(Digest).where(Digest.composed_at < at - KEPT_FOR, Digest.state != "composed"))


def _due(house: House) -> list[Any]:
    if house.settings.smtp_url is None or house.settings.mail_from is None:
        return []
    with house.database.read() as connection:
        rows = connection.execute(
            select(Digest.__table__, Person.email, and_(_still_by("mail"), ~_has_gone()).label("wanted"))
            .join(Person, Person.id == Digest.person_id)
            .outerjoin(MailChoice, MailChoice.person_id == Digest.person_id)
            .where(Digest.state == "composed", Digest.channel == "mail", Digest.next_try_at <= house.clock())
            .order_by(Digest.next_try_at, Digest.id)
            .limit(AT_ONCE)
        )
        return list(rows.all())


def _meetings_of(house: House, digest: Any) -> Sequence[Entered]:
    """As they are now, and only what this person may still see; nothing for whose calendar fetches them itself."""
    if not digest.meetings:
        return ()
    with house.database.read() as connection:
        return for_letters(connection, digest.person_id, [UUID(one) for one in digest.meetings], house.clock())


def _still_by(channel: str) -> ColumnElement[bool]:
    """Whether somebody wants to be reached this way now: a letter may have waited since it was written."""
    return func.coalesce(MailChoice.channel, "mail") == channel


def _has_gone() -> ColumnElement[bool]:
    """Whether they left a community, or rest in one, since their letter was written: it may speak of it."""
    return exists().where(
        Membership.person_id == Digest.person_id,
        or_(
            and_(Membership.state == "paused", Membership.paused_at >= Digest.composed_at),
            and_(Membership.state.not_in(("active", "paused")), Membership.left_at >= Digest.composed_at),
        ),
    )


def _end(house: House, digest: Any, state: str, problem: str | None) -> None:
    at = house.clock()
    with house.database.write() as session:
        session.execute(
            update(Digest)
            .where(Digest.id == digest.id)
            .values(state=state, sent_at=at, tries=digest.tries + 1, **_WORDLESS)
        )
        if digest.address is None:
            _say_on_the_settings(session, digest.person_id, at, problem)


def _say_on_the_settings(session: Session, person_id: UUID, at: datetime, problem: str | None) -> None:
    """Whoever looks at their settings sees that mail does not arrive, or no longer that it did not."""
    if problem is None:
        session.execute(update(MailChoice).where(MailChoice.person_id == person_id).values(problem=None))
        return
    keep_choice(session, person_id, at, {"problem": problem})


def _later(house: House, digest: Any, problem: str) -> None:
    """The server takes nothing now: this letter is tried later, and all that are too old are given up."""
    at = house.clock()
    log.warning("mail is not taken", digest_id=str(digest.id), tries=digest.tries + 1, problem=problem)
    wait = min(FIRST_WAIT * 2 ** min(digest.tries, 10), LONGEST_WAIT)
    too_old = (Digest.state == "composed") & (Digest.channel == "mail") & (Digest.composed_at <= at - GIVEN_UP_AFTER)
    with house.database.write() as session:
        tried = update(Digest).where(Digest.id == digest.id)
        session.execute(tried.values(tries=digest.tries + 1, next_try_at=at + wait))
        lost = session.execute(select(func.count()).where(too_old)).scalar_one()
        if not lost:
            return
        session.execute(update(Digest).where(too_old).values(state="given_up", sent_at=at, **_WORDLESS))
        title = f"{lost} letters to teachers could not be sent"
        text = f"The mail server took nothing for two days: {problem}. Check PLC_SMTP_URL. All of it waits in inboxes."
        ring(session, Alarm(f"mail-given-up:{at:%Y-%m-%d}", title, text, at=at))
