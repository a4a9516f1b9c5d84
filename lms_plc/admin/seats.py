"""Seats at the desk: a browser of whoever has the command line, for an hour.

Life of a seat: `lms-plc admin open` offers a one-time address; the button on its page uses it up and opens the seat, of
which the browser has a cookie and we the digest; it ends by its date, or when the operator leaves. An operator is no
person of any LMS, so a seat here opens no community.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Request, Response

from lms_plc.admin.models import OperatorSeat
from lms_plc.core import form_tokens
from lti.browser import digest, is_secret, new_secret

OFFERED_FOR = timedelta(minutes=15)
OPEN_FOR = timedelta(hours=1)


class DeskCookie:
    """The cookie of an open seat. It never leaves for another site's page, and the desk is never in a frame."""

    def __init__(self, base_url: str) -> None:
        self._is_https = base_url.startswith("https:")
        self.name = "__Host-plc_desk" if self._is_https else "plc_desk"

    def read(self, request: Request) -> str | None:
        """The seat's secret, or None when there is none of ours."""
        secret = request.cookies.get(self.name, "")
        return secret if is_secret(secret) else None

    def write(self, response: Response, secret: str) -> None:
        self._set(response, secret, OPEN_FOR)

    def forget(self, response: Response) -> None:
        self._set(response, "", timedelta(0))

    def _set(self, response: Response, secret: str, life: timedelta) -> None:
        response.set_cookie(
            self.name, secret, max_age=life, path="/", secure=self._is_https, httponly=True, samesite="Strict"
        )


def offer(session: Session, at: datetime, offered_for: timedelta = OFFERED_FOR, who: str | None = None) -> str:
    """Offers a seat to ``who``; the secret of its one-time address, of which only the digest is kept."""
    _clear_expired(session, at)
    secret = new_secret()
    session.add(OperatorSeat(digest=digest(secret), state="offered", who=who, expires_at=at + offered_for))
    return secret


def is_offered(connection: Connection, secret: str, at: datetime) -> bool:
    """Whether the address would open a seat; looking uses nothing up."""
    return _is_there(connection, "offered", digest(secret), at)


def take(session: Session, secret: str, at: datetime) -> str | None:
    """Uses an offered address up and opens a seat: the secret of its cookie, or None when there is nothing to take."""
    offered = delete(OperatorSeat).where(
        OperatorSeat.digest == digest(secret), OperatorSeat.state == "offered", OperatorSeat.expires_at > at
    )
    taken = session.execute(offered.returning(OperatorSeat.who)).one_or_none()
    if taken is None:
        return None
    _clear_expired(session, at)
    cookie = new_secret()
    session.add(OperatorSeat(digest=digest(cookie), state="open", who=taken.who, expires_at=at + OPEN_FOR))
    return cookie


def is_open(connection: Connection, seat_digest: str, at: datetime) -> bool:
    return _is_there(connection, "open", seat_digest, at)


def who_sits(connection: Connection, seat_digest: str) -> str:
    """For the history: ``desk``, or ``desk: Ana`` where the command line said who it lets in."""
    who = connection.execute(select(OperatorSeat.who).where(OperatorSeat.digest == seat_digest)).scalar_one_or_none()
    return f"desk: {who}" if who else "desk"


def leave(session: Session, seat_digest: str) -> None:
    session.execute(delete(OperatorSeat).where(OperatorSeat.digest == seat_digest))


def form_token(secret_key: str, seat_digest: str) -> str:
    """What a form rendered for this seat carries."""
    return form_tokens.form_token(secret_key, _owner(seat_digest))


def is_form_token(secret_key: str, seat_digest: str, token: str) -> bool:
    return form_tokens.is_form_token(secret_key, _owner(seat_digest), token)


def _owner(seat_digest: str) -> str:
    return f"desk|{seat_digest}"


def _is_there(connection: Connection, state: str, of: str, at: datetime) -> bool:
    found = select(OperatorSeat.digest).where(
        OperatorSeat.digest == of, OperatorSeat.state == state, OperatorSeat.expires_at > at
    )
    return connection.execute(found).one_or_none() is not None


def _clear_expired(session: Session, at: datetime) -> None:
    session.execute(delete(OperatorSeat).where(OperatorSeat.expires_at <= at))
