"""Calling what a platform publishes: only on the public network unless an admin allowed otherwise (SSRF)."""

import ipaddress
from functools import partial
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
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


class _ThroughProxies(HTTPAdapter):
    """Whoever watches the connections of an adapter watches those to its proxies too."""

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = self.poolmanager.pool_classes_by_scheme
        return manager


class _PublicOnly(IPFilterAdapter, _ThroughProxies):
    """The library's filter, and of IPv6 only what the registry gives out as public: it lets old forms of private
    addresses through (``::127.0.0.1``, ``fec0::``)."""

    def __init__(self, *, is_https: bool) -> None:
        IPFilterAdapter.__init__(self, is_https_proto=is_https, allow_loopback=False)

    def build_connection_pool_key_attributes(self, *given: Any, **named: Any) -> Any:
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(*given, **named)
        address = ipaddress.ip_address(host_params["host"].strip("[]"))
        if address.version == 6 and address not in _PUBLIC_IPV6:
            raise InvalidIPAddress("not a public address")
        return host_params, pool_kwargs


def open_session(
    *, allow_private_hosts: bool, proxy: str | None = None, ca_bundle: Path | None = None
) -> requests.Session:
    """A session that connects where it may. Addresses are resolved once and checked as they are connected to.

    A ``proxy`` is asked for the address found and checked here, not for the name; a plain http one it sees by name, and
    there only the proxy itself can keep us out of its own network. The proxy's own address is not checked.
    """
    config = Config(
        ip_filter_enable=not allow_private_hosts,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(3.05, 5.0),
        user_agent_override="lms-plc",
    )
    session: requests.Session = HTTPSession(config)
    for scheme in ("http", "https"):
        through = _ThroughProxies() if allow_private_hosts else _PublicOnly(is_https=scheme == "https")
        session.mount(f"{scheme}://", through)
    if proxy is not None or ca_bundle is not None:
        # what the environment says would come before what is set here
        session.trust_env = False
    if proxy is not None:
        session.proxies = {"http": proxy, "https": proxy}
    if ca_bundle is not None:
        session.verify = str(ca_bundle)
    return session


def platform_http(settings: Settings) -> Http:
    """How the services of a platform are called."""
    return BoundedHttp(
        _opener(settings),
        read_seconds=LONGEST_CALL,
        total_seconds=LONGEST_CALL,
        max_bytes=LARGEST_PAGE,
    )


def registration_http(settings: Settings) -> Http:
    """How a platform that registers itself is asked: somebody waits at a page for it, and whoever has the link may name
    any address."""
    return BoundedHttp(
        _opener(settings),
        read_seconds=5.0,
        total_seconds=LONGEST,
        max_bytes=LARGEST_ANSWER,
    )


def fetcher(settings: Settings) -> "Fetcher":
    """How what a platform publishes is fetched: its keys, and its clock."""
    return Fetcher(allow_private_hosts=settings.allow_private_hosts, proxy=settings.proxy, ca_bundle=settings.ca_bundle)


def _opener(settings: Settings) -> "partial[requests.Session]":
    return partial(
        open_session,
        allow_private_hosts=settings.allow_private_hosts,
        proxy=settings.proxy,
        ca_bundle=settings.ca_bundle,
    )


class Fetcher:
    """GETs a small document. Never follows a redirect; plain http and private addresses only where allowed."""

    def __init__(self, *, allow_private_hosts: bool, proxy: str | None = None, ca_bundle: Path | None = None) -> None:
        self._allow_private_hosts = allow_private_hosts
        self._http = BoundedHttp(
            lambda: open_session(allow_private_hosts=allow_private_hosts, proxy=proxy, ca_bundle=ca_bundle),
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
