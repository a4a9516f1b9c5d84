"""How is one question put to a platform's service, and what is tried when it fails?

A token goes only where it is as safe as it was on its way to us. One that is not taken is renewed once. What may
be asked twice without harm is asked again while the platform is away, in one deadline over all of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import stamina

from lti.claims import is_web_url
from lti.http import Answer, Http
from lti.login import shown_origin
from lti.platforms import Platform
from lti.services.answers import check_status, no_answer
from lti.services.errors import BadAnswer, ServiceError, Unavailable
from lti.services.token import AccessTokens

_HARMLESS_TWICE = frozenset({"GET", "PUT", "DELETE"})
"""RFC 9110 §9.2.2. A score that is posted twice is refused the second time, and we would report a failure."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call is tried. No try and no pause begins after `total_seconds`; the last try may still take as
    long as the `Http` lets it."""

    total_seconds: float = 60.0
    tries: int = 5
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 8.0


class Caller:
    """A way to the services of all platforms, for any number of threads."""

    def __init__(
        self,
        http: Http,
        tokens: AccessTokens,
        *,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` counts seconds, as `time.monotonic` does."""
        self._http = http
        self._tokens = tokens
        self._patience = patience or Patience()
        self._clock = clock

    def call(
        self,
        platform: Platform,
        scopes: Iterable[str],
        method: str,
        url: str,
        *,
        accept: str,
        body: bytes | None = None,
        content_type: str | None = None,
    ) -> Answer:
        """The 2xx answer of a service to a call with a token for `scopes`.

        GET, PUT and DELETE are tried again when the platform is unavailable, a POST is not. Raises Unavailable,
        Refused, BadAnswer or NotGranted.
        """
        check_protection(platform, url)
        headers = {"Accept": accept} | ({"Content-Type": content_type} if content_type else {})
        question = _Question(platform, frozenset(scopes), method, url, headers, body)
        if method not in _HARMLESS_TWICE:
            return self._ask(question)
        deadline = self._clock() + self._patience.total_seconds
        retrying = stamina.RetryingCaller(
            attempts=self._patience.tries,
            timeout=None,
            wait_initial=self._patience.first_wait_seconds,
            wait_jitter=self._patience.first_wait_seconds,
            wait_max=self._patience.longest_wait_seconds,
        )
        return retrying(lambda error: self._pause_after(error, deadline), lambda: self._ask(question))

    def _pause_after(self, error: Exception, deadline: float) -> bool | float:
        """Whether to try again: True after the usual pause, or the seconds that the platform asked for."""
        if not isinstance(error, Unavailable):
            return False
        left = deadline - self._clock()
        if error.retry_after is not None:
            return error.retry_after if error.retry_after < left else False
        return self._patience.longest_wait_seconds < left

    def _ask(self, question: _Question) -> Answer:
        token = self._tokens.get(question.platform, question.scopes)
        answer = self._send(question, token.value)
        if answer.status == 401 and not question.is_renewed:
            question.is_renewed = True
            self._tokens.forget(question.platform, question.scopes, token)
            answer = self._send(question, self._tokens.get(question.platform, question.scopes).value)
        check_status(answer, shown_origin(question.url))
        return answer

    def _send(self, question: _Question, token: str) -> Answer:
        headers = question.headers | {"Authorization": f"Bearer {token}"}
        problem: ServiceError
        try:
            return self._http(question.method, question.url, headers=headers, body=question.body)
        except OSError as error:
            problem = no_answer(error, shown_origin(question.url))
        # Outside of the except block: the error of an HTTP library may hold the request, and with it the token.
        raise problem


@dataclass(slots=True, repr=False)
class _Question:
    platform: Platform
    scopes: frozenset[str]
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    is_renewed: bool = False


def check_protection(platform: Platform, url: str) -> None:
    """A token never takes a weaker way than it came by: https, or http where the platform's token URL is http
    too. Raises BadAnswer."""
    if not is_web_url(url) or urlsplit(url).username is not None:
        raise BadAnswer("bad_address")
    if urlsplit(url).scheme != "https" and urlsplit(platform.token_url).scheme != "http":
        raise BadAnswer("unprotected", host=shown_origin(url))
