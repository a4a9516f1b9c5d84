"""Calling what a platform publishes: only on the public network unless an admin allowed otherwise (SSRF)."""

import ipaddress
from typing import Any

import requests
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from lms_plc.config import Settings
from lti.http import BoundedHttp, Http, NoAnswer

LARGEST_ANSWER = 512 * 1024
LONGEST = 8.0
"""Seconds for a whole answer: a launch waits for it, and a server may send one byte a second."""

LARGEST_PAGE = 8 * 1024 * 1024
"""A roster that comes in one answer: 20,000 members of Moodle."""

LONGEST_CALL = 60.0
"""Seconds for an answer of a service; nobody waits at a page for it."""

_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")


class NotFetched(NoAnswer):
    """The address gave no usable answer. The text says why, without the answer."""


class _PublicOnly(IPFilterAdapter):
    """The library's filter, and of IPv6 only what the registry gives out as public: it lets old forms of private
    addresses through (``::127.0.0.1``, ``fec0::``)."""

    def build_connection_pool_key_attributes(self, *given: Any, **named: Any) -> Any:
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(*given, **named)
        address = ipaddress.ip_address(host_params["host"].strip("[]"))
        if address.version == 6 and address not in _PUBLIC_IPV6:
            raise InvalidIPAddress("not a public address")
        return host_params, pool_kwargs


def open_session(*, allow_private_hosts: bool) -> requests.Session:
    """A session that connects where it may. Addresses are resolved once and checked as they are connected to."""
    config = Config(
        ip_filter_enable=not allow_private_hosts,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(3.05, 5.0),
        user_agent_override="lms-plc",
    )
    session: requests.Session = HTTPSession(config)
    if not allow_private_hosts:
        for scheme in ("http", "https"):
            session.mount(f"{scheme}://", _PublicOnly(is_https_proto=scheme == "https", allow_loopback=False))
    return session


def platform_http(settings: Settings) -> Http:
    """How the services of a platform are called."""
    allow_private_hosts = settings.allow_private_hosts
    return BoundedHttp(
        lambda: open_session(allow_private_hosts=allow_private_hosts),
        read_seconds=LONGEST_CALL,
        total_seconds=LONGEST_CALL,
        max_bytes=LARGEST_PAGE,
    )


def registration_http(settings: Settings) -> Http:
    """How a platform that registers itself is asked: somebody waits at a page for it, and whoever has the link may name
    any address."""
    allow_private_hosts = settings.allow_private_hosts
    return BoundedHttp(
        lambda: open_session(allow_private_hosts=allow_private_hosts),
        read_seconds=5.0,
        total_seconds=LONGEST,
        max_bytes=LARGEST_ANSWER,
    )


class Fetcher:
    """GETs a small document. Never follows a redirect; plain http and private addresses only where allowed."""

    def __init__(self, *, allow_private_hosts: bool) -> None:
        self._allow_private_hosts = allow_private_hosts
        self._http = BoundedHttp(
            lambda: open_session(allow_private_hosts=allow_private_hosts),
            read_seconds=5.0,
            total_seconds=LONGEST,
            max_bytes=LARGEST_ANSWER,
        )

    def __call__(self, url: str) -> bytes:
        """The body of a 200 answer. Raises NoAnswer."""
        self._require_https(url)
        answer = self._http("GET", url, headers={})
        if answer.status != 200:
            raise NotFetched(f"the address answered {answer.status}")
        return answer.body

    def date_of(self, url: str) -> str | None:
        """What an address says the time is (its Date header), whatever else it answers. Raises as the call does."""
        self._require_https(url)
        return self._http("GET", url, headers={}).headers.get("Date")

    def _require_https(self, url: str) -> None:
        if not url.startswith("https://") and not self._allow_private_hosts:
            raise NotFetched("the address is not https")
