"""Is this the browser the login began in?

A state alone does not say so: a stranger could begin a login, sign in as themselves and let a teacher's
browser post the launch. So every browser gets a mark, a random cookie, and the login keeps the mark's digest.
Inside an LMS's frame our cookie is a third-party one; `Partitioned` gets it through most browsers that block
those. Where it does not come back, the launch is verified but nobody enters. Some platforms keep a secret of
the login for us in their own page (**platform storage**): a browser that can read it back is the login's, and
goes on in the frame. Everywhere else a **ticket** for one use leads to a new window, where the cookie is
first-party.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

TICKET_LIFE = timedelta(minutes=5)
COOKIE_LIFE = timedelta(hours=12)
"""A school's computers are shared: who copied a mark today must not find tomorrow's teacher under it."""

_SECRET_BYTES = 32
_SECRET_FORM = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)


def new_secret() -> str:
    """256 random bits as 43 URL-safe characters: a mark, a state, a nonce or a ticket."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def is_secret(text: str) -> bool:
    """Whether `text` can be a secret of ours; anything else needs no look-up."""
    return _SECRET_FORM.fullmatch(text) is not None


def digest(secret: str) -> str:
    """SHA-256 of a secret as 64 hex digits: what is stored in its place. The secrets are long and random, so
    no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_same(secret: str, kept_digest: str) -> bool:
    """Whether `secret` has this digest, in a time that tells nothing."""
    return hmac.compare_digest(digest(secret), kept_digest)


@dataclass(frozen=True, slots=True)
class PlatformStorage:
    """A drawer in the platform's own page (1EdTech LTI Platform Storage 1.0), opened by postMessage.

    `frame` is the name of the platform's frame that answers, or `_parent`. `origin` is that of the registered
    authorisation address: the only one a page may speak to or listen to. `value` is what to put in under
    `key`; None when it is to be read.
    """

    frame: str
    origin: str
    key: str
    value: str | None = field(default=None, repr=False)


def storage_key(state_digest: str) -> str:
    """Under which a login's secret is kept: names the login, and cannot be used for anything else."""
    return f"plc-login-{state_digest[:32]}"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to go on once, in a new window, with a launch that was verified. `passage` is what the host
    made of the launch: ids, no names. Who shows the secret with `proof_digest` as well is the login's browser
    and may go on in the frame."""

    ticket_digest: str
    passage: Mapping[str, str] = field(repr=False)
    expires_at: datetime
    proof_digest: str | None = None


def new_ticket(passage: Mapping[str, str], now: datetime, proof_digest: str | None = None) -> tuple[str, Ticket]:
    """(the secret for the page's form, the ticket to store)"""
    secret = new_secret()
    return secret, Ticket(digest(secret), dict(passage), now + TICKET_LIFE, proof_digest)


class _Request(Protocol):
    @property
    def cookies(self) -> Mapping[str, str]: ...


class _Response(Protocol):
    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: timedelta | int | None = None,
        *,
        path: str | None = "/",
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None: ...


class BrowserCookie:
    """The cookie that holds the mark.

    `__Host-` makes browsers refuse one set by a neighbouring host or over http. Over http (a trial on
    localhost, which browsers take for trustworthy) the prefix is not to be had; `Secure` stays, without it
    `SameSite=None` is ignored.
    """

    def __init__(self, base_url: str) -> None:
        self.name = "__Host-plc_browser" if base_url.lower().startswith("https:") else "plc_browser"

    def read(self, request: _Request) -> str | None:
        """The browser's mark, or None when there is none of ours."""
        mark = request.cookies.get(self.name, "")
        return mark if is_secret(mark) else None

    def forget(self, response: _Response) -> None:
        """The browser is nobody's any more."""
        self._set(response, "", timedelta(0))

    def write(self, response: _Response, mark: str) -> None:
        self._set(response, mark, COOKIE_LIFE)

    def _set(self, response: _Response, mark: str, life: timedelta) -> None:
        response.set_cookie(
            self.name,
            mark,
            max_age=life,
            path="/",
            secure=True,
            httponly=True,
            samesite="None",
            partitioned=True,
        )
