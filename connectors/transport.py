"""How does one question reach an LMS, and how is the waiting bounded?

One session, one retry loop, one deadline over all of it: the tries, the pauses between them and every byte of
the reply. An LMS that is slow, silent, broken or hostile costs at most `Limits.total_seconds` and
`Limits.max_bytes`. The one thing without a clock is the name lookup of the operating system, which has a
timeout of its own.

The address comes from an administrator's form, so it is treated as a stranger's: https only, no private
networks (the name is resolved, checked and then dialled by that very number), no redirects, no proxies or
passwords from the environment, no cookies.

Where a proxy is set, everything goes through it. The name is still resolved and checked here before the proxy is asked;
but the proxy is told the name and resolves it anew, so what number it dials is in its hands alone. What then holds is
the certificate, which must be made out to the name.
"""

import base64
import re
import socket
import ssl
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
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

import requests
import stamina
import urllib3
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.errors import N_, BadAnswer, ConnectorError, Unavailable
from connectors.rate import Rate

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
    """A line to one LMS, for a few threads at a time. Use it as a context manager, or call `close`.

    The pool of connections under the session is safe between threads; the session itself is never changed
    after `__init__`, and cookies, the one thing requests would write into it, are refused.
    """

    def __init__(
        self,
        *,
        allow_private_hosts: bool = False,
        limits: Limits | None = None,
        ca_bundle: str | None = None,
        proxy: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`allow_private_hosts` also allows http; it is for an LMS in one's own network and for tests.

        `ca_bundle` is the path of a PEM file with the authorities to trust, for a school with its own. `proxy` is the
        http or https address of a proxy, with a name and a password where it wants them; it may stand in a private
        network.

        Raises `Unavailable` with the code `bad_ca_bundle` or `bad_proxy`.
        """
        self._allow_private_hosts = allow_private_hosts
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._rate = Rate(self._limits.first_wait_seconds, self._limits.longest_wait_seconds, clock)
        if ca_bundle is not None:
            _check_ca_bundle(ca_bundle)
        self._session = _open_session(allow_private_hosts, ca_bundle, None if proxy is None else _Proxy.read(proxy))

    def __enter__(self) -> "Transport":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def refusals(self) -> int:
        """How often the site asked us to come back later."""
        return self._rate.refusals

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
            lambda: self._try(read, method, url, headers, form, deadline),
        )

    def _try(
        self,
        read: Callable[[Reply], T],
        method: str,
        url: str,
        headers: Callable[[], Mapping[str, str]],
        form: SecretStr | None,
        deadline: float,
    ) -> T:
        pause = self._rate.turn()
        if pause >= deadline - self._clock() > 0:
            raise _later(pause)
        if pause > 0:
            self._sleep(pause)
        answer = read(self._send(method, url, headers, form, deadline))
        self._rate.answered()
        return answer

    def _pause_after(self, error: Exception, deadline: float) -> bool | float:
        """Whether to try again: True after the usual pause, or the seconds that the LMS asked for."""
        if not isinstance(error, ConnectorError) or not error.worth_retrying:
            return False
        too_fast = error.code in _TOO_FAST
        if too_fast or error.wait_seconds is not None:
            self._rate.refused(error.wait_seconds, too_fast=too_fast)
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
                self._rate.note_allowance(response.headers)
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


@dataclass(frozen=True, slots=True)
class _Proxy:
    """The address of a proxy without what opens it, and the header that does."""

    url: str
    authorization: SecretStr | None

    @classmethod
    def read(cls, text: str) -> "_Proxy":
        """The proxy at this address. Raises `Unavailable` for what is none, without showing it."""
        parts = _split(text)
        if parts is None:
            raise Unavailable(
                N_("This is not the address of a proxy."),
                N_("Enter it as http://proxy.example.org:3128, with name:password@ before the host if it wants them."),
                code="bad_proxy",
            )
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        url = f"{parts.scheme}://{host}:{parts.port or {'http': 80, 'https': 443}[parts.scheme]}"
        if parts.username is None:
            return cls(url, None)
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return cls(url, SecretStr("Basic " + base64.b64encode(pair.encode()).decode()))


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable and parts.path in ("", "/") and not parts.query and not parts.fragment else None


class _ByProxy(HTTPAdapter):
    """Sends everything through one proxy, over connections that can be cut."""

    def __init__(self, proxy: _Proxy) -> None:
        self._proxy = proxy
        super().__init__()

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """What opens the proxy; it is not in the address, so that no error or log can show it."""
        secret = self._proxy.authorization
        return {} if secret is None else {"Proxy-Authorization": secret.get_secret_value()}

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """As in requests, with our connections."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _CheckedByProxy(_ByProxy, IPFilterAdapter):
    """Checks where a name leads before the proxy is asked for it, by name."""

    def __init__(self, proxy: _Proxy) -> None:
        self._proxy = proxy
        IPFilterAdapter.__init__(self, is_https_proto=True)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """As in requests. The filter would give the number it found; a proxy with a list of names needs the name."""
        super().build_connection_pool_key_attributes(request, verify, cert)
        return HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)


def _check_ca_bundle(path: str) -> None:
    try:
        ssl.create_default_context(cafile=path)
        return
    except OSError:
        pass
    # Outside of the except block: the system's error holds the whole path.
    raise Unavailable(
        N_("The file with the authorities to trust cannot be read."),
        N_("Check its path. It must be a PEM file, with -----BEGIN CERTIFICATE----- in it."),
        code="bad_ca_bundle",
    )


def _open_session(allow_private_hosts: bool, ca_bundle: str | None, proxy: _Proxy | None) -> requests.Session:
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
    if proxy is not None:
        session.proxies = {"http": proxy.url, "https": proxy.url}
        # Without private hosts there is no http: its addresses are refused before.
        session.mount("http://", _ByProxy(proxy))
        session.mount("https://", _ByProxy(proxy) if allow_private_hosts else _CheckedByProxy(proxy))
    for adapter in session.adapters.values():
        adapter.poolmanager.pool_classes_by_scheme = _POOLS
    return session


class _Cutter:
    """Shuts the connection when time is up.

    Timeouts of a socket count from the last byte, so a server that drips one byte of its headers a second
    would hold us for hours, in a place where no code of ours runs between two bytes. While a connection is being made,
    a second handle of the socket is watched: the first one changes hands under TLS and under TLS through a proxy.
    """

    def __init__(self, seconds: float) -> None:
        self._socket: socket.socket | None = None
        self._second_handles: list[socket.socket] = []
        self._time_is_up = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, sock: Any) -> None:
        # TLS inside of TLS is no socket of its own; what it stands on is.
        self._socket = getattr(sock, "socket", sock)
        if self._time_is_up:
            self._cut()

    def watch_handle(self, sock: socket.socket) -> None:
        self._second_handles.append(sock.dup())
        self.watch(self._second_handles[-1])

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
        for handle in self._second_handles:
            handle.close()


_cutter: ContextVar[_Cutter] = ContextVar("_cutter")


class _HTTPConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        _cutter.get().watch_handle(sock)
        return sock

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        _cutter.get().watch(self.sock)
        return super().getresponse()


class _HTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        _cutter.get().watch_handle(sock)
        return sock

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        _cutter.get().watch(self.sock)
        return super().getresponse()


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


_POOLS: dict[str, Any] = {"http": _HTTPPool, "https": _HTTPSPool}


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
    if status == 407:
        raise _no_way_through(status)
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


_TOO_FAST = ("http_429", "throttled")
"""Codes of errors that say we ask too much."""


def _later(seconds: float) -> Unavailable:
    return Unavailable(
        N_("The site has asked us to come back later."),
        N_("Nothing needs to be done; the next run goes on."),
        code="not_before",
        params={"seconds": str(round(seconds))},
    )


def _no_way_through(status: int) -> Unavailable:
    """The proxy says no. A wrong password is not tried again: some proxies lock an account for that."""
    if status == 407:
        return Unavailable(
            N_("The proxy does not let us through: it wants another name and password."),
            N_("Check the address of the proxy in the settings, with the name and password in it."),
            code="proxy_407",
        )
    return Unavailable(
        N_("The proxy does not get through to the site (HTTP %(status)s)."),
        N_("Ask whoever runs the proxy to let this server reach the site."),
        code=f"proxy_{status}",
        params={"status": str(status)},
        worth_retrying=status >= 500,
    )


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
        (requests.exceptions.ProxyError,),
        "proxy",
        N_("The proxy cannot be reached."),
        N_("Check the address of the proxy in the settings, and that the proxy is running."),
        True,
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


_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})\b")
"""How the standard library tells what a proxy answered to CONNECT."""


def _explain(error: Exception) -> ConnectorError:
    if tunnel := _TUNNEL.search(str(error)):
        return _no_way_through(int(tunnel[1]))
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
