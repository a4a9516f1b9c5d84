"""Fetching what a platform publishes: only from the public network unless an admin allowed otherwise (SSRF)."""

from requests_hardened import Config, HTTPSession

LARGEST_ANSWER = 512 * 1024
TIMEOUT = (3.05, 5.0)
"""Seconds to connect, and between two pieces of the answer."""


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
        if not url.startswith("https://") and not self._allow_private_hosts:
            raise NotFetched("the address is not https")
        with HTTPSession(self._config) as session, session.get(url, stream=True) as answer:
            if answer.status_code != 200:
                raise NotFetched(f"the address answered {answer.status_code}")
            body = b""
            for piece in answer.iter_content(16 * 1024):
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise NotFetched("the answer is too large")
        return body
