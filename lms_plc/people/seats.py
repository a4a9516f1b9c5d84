"""Seats: one person at one browser, opened by a launch, found by every later request.

Life of a seat: a launch opens it (or opens it again, for the same person at the same browser) for twelve hours; each
page finds it by its word together with the browser's cookie; it ends by its date, or when the person leaves.

Where a browser keeps no cookie for us inside the LMS, and the LMS's own page proved that it is the login's browser, the
seat is **carried**: the address holds a secret instead, for two hours, and opens only to a browser that says it comes
from one of our own pages. Such an address opens nothing in a mail, a chat or a bookmark.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from lms_plc.core import form_tokens
from lms_plc.core.database import Prepared, Send, fetch
from lms_plc.core.ids import new_id
from lms_plc.people.contact import note_contact
from lms_plc.people.models import Person, Seat
from lti.browser import digest

OPEN_FOR = timedelta(hours=12)
CARRIED_FOR = timedelta(hours=2)
REMEMBERED_FOR = timedelta(days=30)
"""How long an ended seat is kept, for ``frame_around`` alone; it opens nothing."""

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_WORD_LENGTH = 8
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
    unread: int = 0
    carried: str = ""

    @property
    def address(self) -> str:
        """What stands in addresses: the word, with the secret of a carried seat."""
        return f"{self.word}.{self.carried}" if self.carried else self.word

    def __repr__(self) -> str:
        return f"Seated({self.word})"


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request proves of its browser: the digest its seats are kept under. ``carried`` is the address's
    secret, where no cookie does it."""

    digest: str
    carried: str = ""

    def __repr__(self) -> str:
        return "Browser(carried)" if self.carried else "Browser(cookie)"


@dataclass(frozen=True, slots=True)
class OpenSeat:
    """A seat just opened: what stands in its addresses, and whether this person did not sit at this browser before."""

    address: str = field(repr=False)
    is_new: bool


def cookie_browser(mark: str) -> Browser:
    return Browser(digest(mark))


def carried_browser(secret: str) -> Browser:
    """Its digest is another than a cookie's of the same text: neither can be used as the other."""
    return Browser(digest(f"carried|{secret}"), secret)


def parts_of(address: str) -> tuple[str, str]:
    """(the seat's word, the carried secret or "") of what stands in an address."""
    word, _, carried = address.partition(".")
    return word, carried


_LAST_SEAT = (
    select(
        Seat.id,
        Seat.word,
        Seat.person_id,
        Seat.site_id,
        Person.display_name.label("name"),
        Person.locale,
        Seat.frame_origin,
        Person.unread,
    )
    .join(Person, Person.id == Seat.person_id)
    .where(Seat.browser_digest == bindparam("browser_digest"), Seat.expires_at > bindparam("at"))
    .order_by(Seat.opened_at.desc())
    .limit(1)
)
_SEAT_OPENED_LAST = Prepared(lambda _: _LAST_SEAT)
_SEAT_BY_WORD = Prepared(lambda _: _LAST_SEAT.where(Seat.word == bindparam("word")))
"""Every page sends it."""


def open_seat(
    send: Send,
    *,
    browser: Browser,
    person_id: UUID,
    site_id: UUID,
    frame_origin: str | None,
    at: datetime,
) -> OpenSeat:
    """Opens the seat of this person at this browser, or opens it again, in one statement."""
    seat_id = new_id()
    opened_id, word = send(
        _OPEN,
        {
            "id": seat_id,
            "word": _new_word(),
            "browser_digest": browser.digest,
            "person_id": person_id,
            "site_id": site_id,
            "frame_origin": frame_origin,
            "opened_at": at,
            "expires_at": at + (CARRIED_FOR if browser.carried else OPEN_FOR),
        },
    )
    address = f"{word}.{browser.carried}" if browser.carried else word
    return OpenSeat(address, is_new=opened_id == seat_id)


def move(send: Send, browser: Browser, to: Browser) -> None:
    """All seats of a browser belong to its new mark from now on. Whoever noted the old one before somebody else sat
    down at the same computer holds nothing."""
    send(_MOVE, {"browser": browser.digest, "to": to.digest})


def _opening(insert: Callable[..., Any]) -> Any:
    seat = insert(Seat)
    changing = ("site_id", "frame_origin", "opened_at", "expires_at")
    return seat.on_conflict_do_update(
        index_elements=["browser_digest", "person_id"], set_={name: seat.excluded[name] for name in changing}
    ).returning(Seat.id, Seat.word)


_SEAT = ("id", "word", "browser_digest", "person_id", "site_id", "frame_origin", "opened_at", "expires_at")
_OPEN = Prepared(_opening, given=_SEAT)
_MOVE = Prepared(
    lambda _: update(Seat).where(Seat.browser_digest == bindparam("browser")).values(browser_digest=bindparam("to"))
)


def find_seat(connection: Connection, browser: Browser, word: str | None, at: datetime) -> Seated | None:
    """The seat with this word at this browser; without a word, the one opened last."""
    if word is not None and not _WORD.fullmatch(word):
        return None
    query = _SEAT_OPENED_LAST if word is None else _SEAT_BY_WORD
    given = {"browser_digest": browser.digest, "at": at, "word": word}
    found = fetch(connection, query, given)
    return Seated(**found[0]._asdict(), carried=browser.carried) if found else None


def leave(session: Session, seat: Seated, browser: Browser, at: datetime) -> bool:
    """Ends a seat; whether it was the last one at this browser, which may then be forgotten."""
    session.execute(delete(Seat).where(Seat.id == seat.id))
    note_contact(session, {seat.person_id: at})
    others = exists().where(Seat.browser_digest == browser.digest, Seat.expires_at > at)
    return not session.execute(select(others)).scalar_one()


def frame_around(connection: Connection, word: str) -> str | None:
    """The LMS in whose frame this seat was opened; also of an ended one, for the page there that says so."""
    if not _WORD.fullmatch(word):
        return None
    return connection.execute(select(Seat.frame_origin).where(Seat.word == word)).scalar_one_or_none()


def clear_expired(session: Session, at: datetime) -> None:
    session.execute(delete(Seat).where(Seat.expires_at < at - REMEMBERED_FOR))


def form_token(secret_key: str, seat: Seated) -> str:
    """What a form rendered for this seat carries; bound to the person, so it fits no other tab."""
    return form_tokens.form_token(secret_key, _owner(seat))


def is_form_token(secret_key: str, seat: Seated, token: str) -> bool:
    return form_tokens.is_form_token(secret_key, _owner(seat), token)


def _owner(seat: Seated) -> str:
    return f"{seat.id}|{seat.person_id}"


def _new_word() -> str:
    number, letters = secrets.randbelow(len(_LETTERS) ** _WORD_LENGTH), ""
    for _ in range(_WORD_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return letters
