"""Fetching what a platform publishes: only from the public network unless an admin allowed otherwise (SSRF)."""

import time

from requests import Response
from requests_hardened import Config, HTTPSession

LARGEST_ANSWER = 512 * 1024
TIMEOUT = (3.05, 5.0)
"""Seconds to connect, and to wait for anything at all."""

LONGEST = 8.0
"""Seconds for the whole body: a launch waits for it, and a server may send one byte a second."""


class NotFetched(OSError):
    """The address gave no usable answer. The text says why, without the answer."""


class Fetcher:
    """GETs a small document. Never follows a redirect; plain http and private addresses only where allowed."""

    def __init__(self, *, allow_private_hosts: bool) -> None:
        self._allow_private_hosts = allow_private_hosts
        self._config = Config(
            ip_filter_enable=not allow_private_hosts,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=TIMEOUT,
            user_agent_override="lms-plc",
        )

    def __call__(self, url: str) -> bytes:
        """The body of a 200 answer. Raises NotFetched, or requests' own errors."""
        self._require_https(url)
        with HTTPSession(self._config) as session, session.get(url, stream=True) as answer:
            if answer.status_code != 200:
                raise NotFetched(f"the address answered {answer.status_code}")
            return _body(answer)

    def date_of(self, url: str) -> str | None:
        """What an address says the time is (its Date header), whatever else it answers. Raises as the call does."""
        self._require_https(url)
        with HTTPSession(self._config) as session, session.get(url, stream=True) as answer:
            return answer.headers.get("Date")

    def _require_https(self, url: str) -> None:
        if not url.startswith("https://") and not self._allow_private_hosts:
            raise NotFetched("the address is not https")


def _body(answer: Response) -> bytes:
    until = time.monotonic() + LONGEST
    body = b""
    while piece := answer.raw.read1(16 * 1024, decode_content=True):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise NotFetched("the answer is too large")
        if time.monotonic() > until:
            raise NotFetched("the answer took too long")
    return body
