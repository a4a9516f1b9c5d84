"""How is one address of a platform asked, and how is the waiting bounded?

`Http` is all the rest of this package knows of a network: a question, an answer, or OSError. `BoundedHttp` is the
real one. Whom it may call at all is decided by the session the host opens for it; how long and how much is decided
here. The two things without a clock are the name lookup of the operating system, which has a timeout of its own,
and a proxy's own handshake, where the session uses one.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

import requests
import urllib3
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
TOTAL_SECONDS = 20.0
MAX_BYTES = 4 * 1024 * 1024
"""A roster of 12,000 members in one answer of Moodle."""

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A whole answer, whatever its status. Headers are found in any case; neither they nor the body are in the
    repr."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", CaseInsensitiveDict(self.headers))

    def __repr__(self) -> str:
        return f"<Answer {self.status}, {len(self.body)} bytes>"


class Http(Protocol):
    """One question to one address."""

    def __call__(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """The answer; a redirect is an answer too. Raises OSError (as requests does) when there is none."""


class NoAnswer(OSError):
    """There is no whole answer. `reason` says why in a few words, without the address and without the answer."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class AnswerTooLarge(NoAnswer):
    """The answer is larger than anybody asked for; asking again will not make it smaller."""


class BoundedHttp:
    """`Http` over a new session a call, so any number of threads may share it and no cookie outlives its answer.

    `total_seconds` is for everything from the first byte sent to the last one read; `max_bytes` is the body after
    decompression. Redirects are never followed, and headers go out as given (no `.netrc`).
    """

    def __init__(
        self,
        open_session: Callable[[], requests.Session],
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_session = open_session
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._total_seconds = total_seconds
        self._max_bytes = max_bytes
        self._clock = clock

    def __call__(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """See `Http`. Raises NoAnswer."""
        deadline = self._clock() + self._total_seconds
        try:
            return self._ask(method, url, headers, body, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as error:
            problem = error if isinstance(error, NoAnswer) else NoAnswer(_reason(error))
        # Outside of the except block: the library's error holds the request, and the request holds a token.
        raise _late() if self._clock() >= deadline else problem

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, deadline: float) -> Answer:
        with self._open_session() as session:
            _watch_connections(session)
            # Redirects are not even looked at: requests would first read such an answer whole, however large.
            session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
            with (
                _Cutter(self._total_seconds),
                session.request(
                    method,
                    url,
                    headers=dict(headers),
                    data=body,
                    auth=_as_it_is,
                    timeout=(self._connect_seconds, self._read_seconds),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                return Answer(response.status_code, response.headers, self._body(response, deadline))

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > self._max_bytes:
                raise AnswerTooLarge("the answer is too large")
            if self._clock() >= deadline:
                raise _late()
        # A body without a length ends when the connection does, and the cutter may have ended it.
        if self._clock() >= deadline:
            raise _late()
        return bytes(body)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """As `auth`, it keeps requests from putting a password out of `.netrc` in the place of our token."""
    return request


def _late() -> NoAnswer:
    return NoAnswer("no whole answer in time")


_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), "the certificate cannot be trusted"),
    (
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
            urllib3.exceptions.LocationParseError,
            UnicodeError,
        ),
        "not an address that can be asked",
    ),
    ((requests.exceptions.Timeout, urllib3.exceptions.TimeoutError), "no answer in time"),
    ((urllib3.exceptions.DecodeError,), "the answer is damaged"),
    ((urllib3.exceptions.IncompleteRead, urllib3.exceptions.ProtocolError), "the answer broke off"),
)
"""Exceptions of the HTTP library, most particular first → what is said of them."""


def _reason(error: Exception) -> str:
    for kinds, reason in _REASONS:
        if isinstance(error, kinds):
            return reason
    return f"no connection ({type(error).__name__})"


class _Cutter:
    """Shuts the connection when time is up.

    Timeouts of a socket count from the last byte, so a server that drips one byte of its headers a second would
    hold us for hours, in a place where no code of ours runs between two bytes.
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


def _watch_connections(session: requests.Session) -> None:
    for adapter in session.adapters.values():
        # Adapters of other makes (a test's, say) have no pool of connections, and nothing to cut.
        pools = getattr(adapter, "poolmanager", None)
        if pools is not None:
            pools.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


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
