"""A platform's services at the edge of the network: invented ones, and Moodle's as recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
import responses
import stamina

from lti.http import Answer, BoundedHttp
from lti.platforms import Platform
from lti.services.calls import Caller, Patience
from lti.services.token import AccessTokens
from lti.testing import FrozenClock, PlatformInMemory, ToolKeysInMemory

RECORDINGS = Path(__file__).parents[2] / "recordings" / "moodle" / "lti"
HASTY = Patience(total_seconds=5, tries=4, first_wait_seconds=0.01, longest_wait_seconds=0.02)
MOODLE = Platform(
    id="moodle",
    issuer="http://127.0.0.1:8080",
    client_id="plclabclient01",
    auth_url="http://127.0.0.1:8080/mod/lti/auth.php",
    token_url="http://127.0.0.1:8080/mod/lti/token.php",
    jwks_url="http://127.0.0.1:8080/mod/lti/certs.php",
    name="Moodle 4.5",
)

Body = Mapping[str, Any] | list[Any] | bytes
Reply = tuple[int, Mapping[str, str], Body]


@pytest.fixture(autouse=True)
def _retries_are_quiet() -> Iterator[None]:
    hooks = stamina.instrumentation.get_on_retry_hooks()
    stamina.instrumentation.set_on_retry_hooks([])
    yield
    stamina.instrumentation.set_on_retry_hooks(hooks)


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / name).read_text(encoding="utf-8"))


def sent(body: Body) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@dataclass
class Asked:
    """One call as it reached the platform."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.url).query)


@dataclass
class Services:
    """A platform that gives numbered tokens for whatever is asked, and answers calls by `answer`."""

    platform: Platform
    answer: Callable[[Asked], Reply] = lambda asked: (200, {}, {})
    token_answer: Callable[[Asked], Reply] | None = None
    calls: list[Asked] = field(default_factory=list)
    token_calls: list[Asked] = field(default_factory=list)

    def __call__(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        asked = Asked(method, url, dict(headers), body or b"")
        if url == self.platform.token_url:
            self.token_calls.append(asked)
            status, given, said = (self.token_answer or self.grant)(asked)
        else:
            self.calls.append(asked)
            status, given, said = self.answer(asked)
        return Answer(status, given, sent(said))

    def grant(self, asked: Asked) -> Reply:
        scope = parse_qs(asked.body.decode())["scope"][0]
        token = f"token-{len(self.token_calls)}"
        return 200, {}, {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": scope}

    def answers(self, *replies: Reply | OSError) -> None:
        """One after the other; the last one from then on."""
        waiting = list(replies)

        def answer(asked: Asked) -> Reply:
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if isinstance(reply, OSError):
                raise reply
            return reply

        self.answer = answer


@pytest.fixture
def services(lms: PlatformInMemory) -> Services:
    return Services(lms.registration)


@pytest.fixture
def platform(lms: PlatformInMemory) -> Platform:
    return lms.registration


@pytest.fixture
def tokens(services: Services, ring: tuple, clock: FrozenClock) -> AccessTokens:
    return AccessTokens(services, ToolKeysInMemory(ring), clock)


@pytest.fixture
def caller(services: Services, tokens: AccessTokens) -> Caller:
    return Caller(services, tokens, patience=HASTY)


@dataclass
class RecordedMoodle:
    """Moodle 4.5 as it answered, by method and address. What was not recorded is a 404."""

    edge: responses.RequestsMock
    exchanges: list[dict[str, Any]] = field(default_factory=list)
    requests: list[requests.PreparedRequest] = field(default_factory=list)

    def plays(self, *exchanges: dict[str, Any]) -> None:
        self.exchanges.extend(exchanges)
        for exchange in exchanges:
            method, path = exchange["request"].split(" ", 1)
            self.edge.add_callback(method, MOODLE.issuer + path.partition("?")[0], self.reply)

    def reply(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        self.requests.append(request)
        address = unquote(f"{request.method} {(request.url or '').removeprefix(MOODLE.issuer)}")
        for exchange in self.exchanges:
            if unquote(exchange["request"]) == address:
                body = exchange["text"] if "text" in exchange else json.dumps(exchange["json"])
                return exchange["status"], exchange["headers"], body.encode()
        return 404, {"Content-Type": "text/html"}, b"not recorded"


@pytest.fixture
def moodle(edge: responses.RequestsMock) -> RecordedMoodle:
    def token(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        answered = recorded("token_endpoint.json")["ok_all_scopes"]
        return answered["status"], answered["headers"], json.dumps(answered["json"])

    edge.add_callback(responses.POST, MOODLE.token_url, token)
    return RecordedMoodle(edge)


@pytest.fixture
def moodle_caller(moodle: RecordedMoodle, ring: tuple, clock: FrozenClock) -> Caller:
    http = BoundedHttp(requests.Session)
    return Caller(http, AccessTokens(http, ToolKeysInMemory(ring), clock), patience=HASTY)
