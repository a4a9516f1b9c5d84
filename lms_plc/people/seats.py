"""Seats: one person at one browser, opened by a launch, found by every later request.

Life of a seat: a launch opens it (or opens it again, for the same person at the same browser) for twelve hours; each
page finds it by its word together with the browser's cookie; it ends by its date, or when the person leaves.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from lms_plc.core.database import INSERTS, dialect_of
from lms_plc.core.ids import new_id
from lms_plc.people.models import Person, Seat

OPEN_FOR = timedelta(hours=12)
REMEMBERED_FOR = timedelta(days=30)
"""How long an ended seat is kept, for ``frame_around`` alone; it opens nothing."""

_WORD = re.compile(r"[2-9a-z]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seated:
    """A seat as a request sees it."""

    id: UUID
    word: str
    person_id: UUID
    site_id: UUID
    name: str
    locale: str | None
    frame_origin: str | None

    def __repr__(self) -> str:
        return f"Seated({self.word})"


_LAST_SEAT = (
    select(
        Seat.id,
        Seat.word,
        Seat.person_id,
        Seat.site_id,
        Person.display_name.label("name"),
        Person.locale,
        Seat.frame_origin,
    )
    .join(Person, Person.id == Seat.person_id)
    .where(Seat.browser_digest == bindparam("browser_digest"), Seat.expires_at > bindparam("at"))
    .order_by(Seat.opened_at.desc())
    .limit(1)
)
_SEAT_BY_WORD = _LAST_SEAT.where(Seat.word == bindparam("word"))
"""Built once: every page sends it."""


def open_seat(
    connection: Connection,
    *,
    browser_digest: str,
    person_id: UUID,
    site_id: UUID,
    frame_origin: str | None,
    at: datetime,
) -> str:
    """Opens the seat of this person at this browser, or again when it is open, in one statement; answers its word."""
    return connection.execute(
        _opening(dialect_of(connection)),
        {
            "id": new_id(),
            "word": _new_word(),
            "browser_digest": browser_digest,
            "person_id": person_id,
            "site_id": site_id,
            "frame_origin": frame_origin,
            "opened_at": at,
            "expires_at": at + OPEN_FOR,
        },
    ).scalar_one()


@cache
def _opening(dialect: str) -> Any:
    """Built once: every launch sends it."""
    seat = INSERTS[dialect](Seat)
    changing = ("site_id", "frame_origin", "opened_at", "expires_at")
    return seat.on_conflict_do_update(
        index_elements=["browser_digest", "person_id"], set_={name: seat.excluded[name] for name in changing}
    ).returning(Seat.word)


def find_seat(connection: Connection, browser_digest: str, word: str | None, at: datetime) -> Seated | None:
    """The seat with this word at this browser; without a word, the one opened last."""
    if word is not None and not _WORD.fullmatch(word):
        return None
    query = _LAST_SEAT if word is None else _SEAT_BY_WORD
    given = {"browser_digest": browser_digest, "at": at} | ({} if word is None else {"word": word})
    row = connection.execute(query, given).one_or_none()
    return Seated(**row._mapping) if row else None


def leave(session: Session, seat: Seated, browser_digest: str, at: datetime) -> bool:
    """Ends a seat; whether it was the last one at this browser, which may then be forgotten."""
    session.execute(delete(Seat).where(Seat.id == seat.id))
    others = exists().where(Seat.browser_digest == browser_digest, Seat.expires_at > at)
    return not session.execute(select(others)).scalar_one()


def frame_around(connection: Connection, word: str) -> str | None:
    """The LMS in whose frame this seat was opened; also of an ended one, for the page there that says so."""
    if not _WORD.fullmatch(word):
        return None
    return connection.execute(select(Seat.frame_origin).where(Seat.word == word)).scalar_one_or_none()


def clear_expired(session: Session, at: datetime) -> None:
    session.execute(delete(Seat).where(Seat.expires_at < at - REMEMBERED_FOR))


def form_token(secret_key: str, seat: Seated) -> str:
    """What a form carries to show that it was rendered for this seat; bound to the person, so it fits no other tab.

    It differs each time: pages are compressed, and a text that repeats could be guessed from their size (BREACH).
    """
    salt = secrets.token_hex(8)
    return f"{salt}.{_signed(secret_key, seat, salt)}"


def is_form_token(secret_key: str, seat: Seated, token: str) -> bool:
    salt, _, signed = token.partition(".")
    return hmac.compare_digest(_signed(secret_key, seat, salt).encode(), signed.encode())


def _signed(secret_key: str, seat: Seated, salt: str) -> str:
    message = f"form|{salt}|{seat.id}|{seat.person_id}".encode()
    return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()


def _new_word() -> str:
    return "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(8))
