"""How does one question reach an LMS, and how is the waiting bounded?

One session, one retry loop, one deadline over all of it: the tries, the pauses between them and every byte of
the reply. An LMS that is slow, silent, broken or hostile costs at most `Limits.total_seconds` and
`Limits.max_bytes`. The one thing without a clock is the name lookup of the operating system, which has a
timeout of its own.

The address comes from an administrator's form, so it is treated as a stranger's: https only, no private
networks (the name is resolved, checked and then dialled by that very number), no redirects, no proxies or
passwords from the environment, no cookies.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import stamina
import urllib3
from pydantic import SecretStr
from requests.structures import CaseInsensitiveDict
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.errors import N_, BadAnswer, ConnectorError, Unavailable

T = TypeVar("T")

USER_AGENT = f"lms-plc/{version('lms-plc')}"

CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much.

    Seconds for one call with all its tries, bytes for one reply after decompression.
    """

    total_seconds: float = 60.0
    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    first_wait_seconds: float = 0.25
    longest_wait_seconds: float = 5.0
    tries: int = 10
    max_bytes: int = 32 * 1024 * 1024


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply that is neither a redirect nor a server error.

    The body holds names, so it stays out of the repr. Headers are found in any case.
    """

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False, default_factory=CaseInsensitiveDict)


class Transport:
    """A line to one LMS, for two or three threads at a time. Use it as a context manager, or call `close`.

    The pool of connections under the session is safe between threads; the session itself is never changed
    after `__init__`, and cookies, the one thing requests would write into it, are refused.
    """

    def __init__(
        self,
        *,
        allow_private_hosts: bool = False,
        limits: Limits | None = None,
        ca_bundle: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`allow_private_hosts` also allows http; it is for an LMS in one's own network and for tests.

        `ca_bundle` is the path of a PEM file with the authorities to trust, for a school with its own.
        """
        self._allow_private_hosts = allow_private_hosts
        self._limits = limits or Limits()
        self._clock = clock
        self._session = _open_session(allow_private_hosts, ca_bundle)

    def __enter__(self) -> "Transport":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def check_address(self, url: str) -> None:
        """Refuse an address we would not call, before anything is sent; names are only resolved when calling.

        Raises `Unavailable` with the code `bad_address` or `not_https`.
        """
        try:
            parts = urlsplit(url)
            usable = bool(parts.hostname) and parts.port != 0 and parts.scheme in ("http", "https")
        except ValueError:
            usable = False
        if not usable or parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            raise Unavailable(
                N_("This is not the address of a site."),
                N_("Enter the address as it stands in the browser on the front page, beginning with https://."),
                code="bad_address",
            )
        if parts.scheme != "https" and not self._allow_private_hosts:
            raise Unavailable(
                N_("The address is not encrypted: it begins with http://."),
                N_("Enter the address with https://; a token must not travel in the open."),
                code="not_https",
            )

    def post(self, url: str, form: SecretStr, read: Callable[[Reply], T]) -> T:
        """Send an encoded form and return what `read` makes of the reply.

        `read` runs inside the retry loop: a `ConnectorError` it raises with `worth_retrying` is tried again
        like a lost connection. So `post` is for questions only, never for a call that must not happen twice.

        Raises `Unavailable`, `BadAnswer` when the reply is too big or garbled, and whatever `read` raises.
        """
        self.check_address(url)
        return self.ask("POST", url, read, headers=lambda: _FORM, form=form)

    def ask(
        self,
        method: str,
        url: str,
        read: Callable[[Reply], T],
        *,
        headers: Callable[[], Mapping[str, str]],
        form: SecretStr | None = None,
    ) -> T:
        """As `post`, for any question that may be asked twice: an address with a query, and `headers` made anew for
        every try, since a token may have run out meanwhile. Raises as `post` does, and whatever `headers` raises."""
        self.check_address(url.partition("?")[0])
        deadline = self._clock() + self._limits.total_seconds
        retrying = stamina.RetryingCaller(
            attempts=self._limits.tries,
            timeout=None,
            wait_initial=self._limits.first_wait_seconds,
            wait_jitter=self._limits.first_wait_seconds,
            wait_max=self._limits.longest_wait_seconds,
        )
        return retrying(
            lambda error: self._pause_after(error, deadline),
            lambda: read(self._send(method, url, headers, form, deadline)),
        )

    def _pause_after(self, error: Exception, deadline: float) -> bool | float:
        """Whether to try again: True after the usual pause, or the seconds that the LMS asked for."""
        if not isinstance(error, ConnectorError) or not error.worth_retrying:
            return False
        left = deadline - self._clock()
        if error.wait_seconds is not None:
            return error.wait_seconds if error.wait_seconds < left else False
        return self._limits.longest_wait_seconds < left

    def _send(
        self,
        method: str,
        url: str,
        headers: Callable[[], Mapping[str, str]],
        form: SecretStr | None,
        deadline: float,
    ) -> Reply:
        left = deadline - self._clock()
        if left <= 0:
            raise _silent()
        said = headers()
        try:
            with (
                _Cutter(left),
                self._session.request(
                    method,
                    url,
                    data=None if form is None else form.get_secret_value(),
                    headers=dict(said),
                    timeout=(min(self._limits.connect_seconds, left), min(self._limits.read_seconds, left)),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                _refuse_status(response)
                return Reply(response.status_code, self._body(response, deadline), response.headers)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as error:
            problem = _explain(error)
        # Outside of the except block, so that nothing of the request hangs on the new error as its context.
        raise _silent() if self._clock() >= deadline else problem

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > self._limits.max_bytes:
                raise BadAnswer(
                    N_("The site sent far more than was asked for."),
                    N_("Check that the address is the site's own and that nothing in front of it changes replies."),
                    code="too_big",
                )
            if self._clock() >= deadline:
                raise _silent()
        if self._clock() >= deadline:
            raise _silent()
        return bytes(body)


class _Session(HTTPSession):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: redirects are not even looked at. Requests would first read such a reply whole, however big."""
        return


def _open_session(allow_private_hosts: bool, ca_bundle: str | None) -> requests.Session:
    session = _Session(
        Config(
            ip_filter_enable=not allow_private_hosts,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=30,
            user_agent_override=USER_AGENT,
        )
    )
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    if ca_bundle is not None:
        session.verify = ca_bundle
    for adapter in session.adapters.values():
        adapter.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return session


class _Cutter:
    """Shuts the connection when time is up.

    Timeouts of a socket count from the last byte, so a server that drips one byte of its headers a second
    would hold us for hours, in a place where no code of ours runs between two bytes.
    """

    def __init__(self, seconds: float) -> None:
        self._socket: socket.socket | None = None
        self._time_is_up = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, sock: socket.socket | None) -> None:
        self._socket = sock
        if self._time_is_up:
            self._cut()

    def _cut(self) -> None:
        self._time_is_up = True
        if self._socket is not None:
            with suppress(OSError):
                # Not the TLS socket's own shutdown: that takes the TLS state away from under a running read.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._token = _cutter.set(self)
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _cutter.reset(self._token)


_cutter: ContextVar[_Cutter] = ContextVar("_cutter")


class _HTTPConnection(HTTPConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        _cutter.get().watch(self.sock)
        return super().getresponse()


class _HTTPSConnection(HTTPSConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        _cutter.get().watch(self.sock)
        return super().getresponse()


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


def _refuse_status(response: requests.Response) -> None:
    """Stop at a redirect and at what may be better in a moment; every other status is the reader's to judge."""
    status = response.status_code
    if 300 <= status < 400:
        raise Unavailable(
            N_("The address only points to another one: %(origin)s."),
            N_("Enter the address that the browser shows after the front page has opened."),
            code="redirected",
            params={"origin": _origin(response.headers.get("Location", ""), response.url)},
        )
    if status == 429:
        raise Unavailable(
            N_("The site asks us to come back later: too many calls."),
            N_("Nothing needs to be done; the next run goes on. If it stays, ask for a higher limit for this account."),
            code="http_429",
            worth_retrying=True,
            wait_seconds=_wait_seconds(response),
        )
    if status == 408 or status >= 500:
        raise Unavailable(
            N_("The site is not working at the moment (HTTP %(status)s)."),
            N_("Try again later. If it stays, the site's administrator finds the cause in the web server's log."),
            code=f"http_{status}",
            params={"status": str(status)},
            worth_retrying=True,
            wait_seconds=_wait_seconds(response),
        )


def _origin(location: str, base: str) -> str:
    """Scheme and host of a redirect, nothing else of it: the rest may carry a session."""
    try:
        parts = urlsplit(location)
        scheme, host = parts.scheme or urlsplit(base).scheme, parts.hostname or urlsplit(base).hostname
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?"
    return f"{scheme}://{host}{port}" if scheme in ("http", "https") else "?"


def _wait_seconds(response: requests.Response) -> float | None:
    """Retry-After in seconds from now (RFC 9110 §10.2.3: a number or a date), or None when absent or odd."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _silent() -> Unavailable:
    return Unavailable(
        N_("The site did not finish its answer in time."),
        N_(
            "Try again later. If it stays, the site is too slow for this much data or something on the way holds it up."
        ),
        code="silent",
    )


_PROBLEMS: tuple[tuple[tuple[type[Exception], ...], str, str, str, bool], ...] = (
    (
        (InvalidIPAddress,),
        "private_address",
        N_("The address leads into a private network."),
        N_("Enter the public address. For a site in your own network, allow private hosts in the settings."),
        False,
    ),
    (
        (requests.exceptions.SSLError, urllib3.exceptions.SSLError),
        "tls",
        N_("The site's certificate cannot be trusted."),
        N_("Its administrator should renew the certificate and install the whole chain."),
        False,
    ),
    (
        (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError),
        "bad_address",
        N_("This is not the address of a site."),
        N_("Enter the address as it stands in the browser on the front page, beginning with https://."),
        False,
    ),
    (
        (urllib3.exceptions.DecodeError,),
        "garbled",
        N_("The site's answer is damaged."),
        N_("Try again later. If it stays, something between us and the site changes replies."),
        True,
    ),
    (
        (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError),
        "slow",
        N_("The site does not answer."),
        N_("Check that the site opens in a browser and that its firewall lets this server in."),
        True,
    ),
)
"""Exceptions of the HTTP library, most particular first → code, what, todo, worth retrying."""


def _explain(error: Exception) -> ConnectorError:
    for kinds, code, what, todo, worth_retrying in _PROBLEMS:
        if isinstance(error, kinds):
            kind = BadAnswer if code == "garbled" else Unavailable
            return kind(what, todo, code=code, worth_retrying=worth_retrying)
    return Unavailable(
        N_("The connection to the site broke."),
        N_("Check that the address is right and that the site opens in a browser, then try again."),
        code="connection",
        worth_retrying=True,
    )
