"""Which access token goes with this call? One a platform and set of scopes, kept until shortly before its end.

The platform believes us by a client assertion: a JWT signed with our current key (1EdTech Security Framework 1.0,
§4.1; RFC 7523). One thread fetches for all; the others wait and share what came of it, a failure too, so that a
silent platform costs everybody one wait and not one after the other.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from lti.http import Answer, Http
from lti.jose import sign
from lti.login import shown_origin
from lti.platforms import Platform
from lti.services.answers import no_answer, phrase, refuse_detours
from lti.services.errors import BadAnswer, NotGranted, Refused, ServiceError
from lti.toolkeys import ToolKeys, current_key

MARGIN = timedelta(seconds=60)
"""A kept token is not used any more this long before its end: a call takes time, and clocks differ."""
ASSUMED_LIFE = timedelta(minutes=5)
"""Where the platform does not say, or says nonsense."""
LONGEST_LIFE = timedelta(hours=24)
BACKDATED = timedelta(seconds=10)
"""Moodle refuses an assertion whose iat is a second ahead of its own clock."""
ASSERTION_LIFE = timedelta(minutes=5)

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_ERROR_MEMBER = re.compile(r'"error"\s*:\s*"(.{1,300})"')
_SECRET_LOOKING = re.compile(r"[A-Za-z0-9_-]{32,}")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token. `scopes` are the granted ones, `expires_at` is aware UTC."""

    value: str = field(repr=False)
    scopes: frozenset[str]
    expires_at: datetime


_Key = tuple[Platform, frozenset[str]]


class AccessTokens:
    """The access tokens of all platforms, for all threads of a process."""

    def __init__(self, http: Http, tool_keys: ToolKeys, clock: Callable[[], datetime]) -> None:
        """`clock` gives aware UTC."""
        self._http = http
        self._tool_keys = tool_keys
        self._clock = clock
        # By the whole registration: a changed client id or token URL is another key.
        self._kept: dict[_Key, Future[AccessToken]] = {}
        self._lock = threading.Lock()

    def get(self, platform: Platform, scopes: Iterable[str]) -> AccessToken:
        """A token that grants all of `scopes`, kept or new.

        Raises Unavailable, Refused, BadAnswer, or NotGranted when one of them is missing; LookupError when our ring
        has no current key.
        """
        key = (platform, frozenset(scopes))
        with self._lock:
            kept = self._kept.get(key)
            is_ours = kept is None or (kept.done() and not self._is_fresh(kept.result()))
            if kept is None or is_ours:
                kept = self._kept[key] = Future()
        if is_ours:
            self._fill(kept, key)
        return kept.result()

    def forget(self, platform: Platform, scopes: Iterable[str], token: AccessToken) -> None:
        """Do not give `token` again: the platform no longer takes it. Another one in its place stays."""
        key = (platform, frozenset(scopes))
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.done() and kept.result() == token:
                del self._kept[key]

    def _is_fresh(self, token: AccessToken) -> bool:
        return self._clock() < token.expires_at - MARGIN

    def _fill(self, waiting: Future[AccessToken], key: _Key) -> None:
        try:
            waiting.set_result(self._fetch(*key))
        except BaseException as error:
            # Only tokens are kept: whoever asks next, asks the platform.
            with self._lock:
                self._kept.pop(key, None)
            waiting.set_exception(error)
            raise

    def _fetch(self, platform: Platform, scopes: frozenset[str]) -> AccessToken:
        host, now = shown_origin(platform.token_url), self._clock()
        form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": self._assertion(platform, now),
                "scope": " ".join(sorted(scopes)),
            }
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        problem: ServiceError | None = None
        try:
            answer = self._http("POST", platform.token_url, headers=headers, body=form.encode("ascii"))
        except OSError as error:
            problem = no_answer(error, host)
        # Outside of the except block: the error of an HTTP library may hold the request.
        if problem is not None:
            raise problem
        refuse_detours(answer, host)
        return _read_token(answer, platform, scopes, now)

    def _assertion(self, platform: Platform, now: datetime) -> str:
        key = current_key(self._tool_keys.load())
        issued = int((now - BACKDATED).timestamp())
        claims = {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.token_audience or platform.token_url,
            "iat": issued,
            "exp": issued + int(ASSERTION_LIFE.total_seconds()),
            "jti": secrets.token_urlsafe(24),
        }
        return sign(claims, key.private_pem, key.kid)


def _read_token(answer: Answer, platform: Platform, scopes: frozenset[str], now: datetime) -> AccessToken:
    """RFC 6749 §5.1 and §5.2, from whatever the platform calls JSON."""
    host, said = shown_origin(platform.token_url), _json_object(answer)
    if answer.status >= 400 or "error" in said:
        raise _refusal(answer, said, platform, scopes)
    if not said:
        raise BadAnswer("not_json", host=host)
    value, kind = said.get("access_token"), said.get("token_type", "bearer")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise BadAnswer("odd_shape", host=host, place="access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise BadAnswer("odd_shape", host=host, place="token_type")
    granted = _granted(said.get("scope"), scopes)
    if missing := scopes - granted:
        raise NotGranted("scope_missing", missing=missing, host=host)
    return AccessToken(value, granted, now + _life(said.get("expires_in")))


def _json_object(answer: Answer) -> Mapping[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _granted(scope: object, asked: frozenset[str]) -> frozenset[str]:
    """RFC 6749 §5.1: no `scope` means that all were granted. Some send a list."""
    if isinstance(scope, str):
        return frozenset(scope.split())
    if isinstance(scope, list):
        return frozenset(one for one in scope if isinstance(one, str))
    return asked


def _life(seconds: object) -> timedelta:
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 10:
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        return ASSUMED_LIFE
    return timedelta(seconds=min(seconds, LONGEST_LIFE.total_seconds()))


def _refusal(answer: Answer, said: Mapping[str, Any], platform: Platform, scopes: frozenset[str]) -> ServiceError:
    host, reason = shown_origin(platform.token_url), _reason(answer, said)
    if reason == "invalid_scope":
        return NotGranted("scope_missing", missing=scopes, host=host)
    code = next((code for words, code in _TOLD_APART if any(word in reason.lower() for word in words)), "token_refused")
    return Refused(code, status=answer.status, reason=reason, host=host, client_id=platform.client_id)


_TOLD_APART = (
    (("invalid_client", "unauthorized_client"), "token_client_unknown"),
    (("iat prior", "expired token"), "token_clock"),
    (("kid", "signature"), "token_key"),
)
"""Words in an `error`, Moodle's among them, → the code that says what to do."""


def _reason(answer: Answer, said: Mapping[str, Any]) -> str:
    """The platform's `error`, also out of a body that is not quite JSON, unless it repeats what looks secret."""
    error = said.get("error")
    if not isinstance(error, str):
        found = _ERROR_MEMBER.search(answer.body[:2000].decode("utf-8", "replace"))
        error = found[1] if found else ""
    return error if error and not _SECRET_LOOKING.search(error) else phrase(answer.status)
