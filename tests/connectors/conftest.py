"""What the tests stand on: recordings of a real Moodle, a stubbed one, and a server that misbehaves."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import responses
import stamina

from connectors import Limits, Transport

TOKEN = "5f9c1e0b7a6d4c3388aa00ffeedd1122"
SITE = "https://moodle.example.org"
ENDPOINT = f"{SITE}/webservice/rest/server.php"
WS = Path(__file__).parents[1] / "recordings" / "moodle" / "ws"


@pytest.fixture(autouse=True)
def _retries_are_quiet() -> Iterator[None]:
    hooks = stamina.instrumentation.get_on_retry_hooks()
    stamina.instrumentation.set_on_retry_hooks([])
    yield
    stamina.instrumentation.set_on_retry_hooks(hooks)


@pytest.fixture
def token() -> str:
    return TOKEN


@pytest.fixture
def limits() -> Limits:
    return Limits(
        total_seconds=10,
        connect_seconds=5,
        read_seconds=5,
        first_wait_seconds=0.01,
        longest_wait_seconds=0.05,
        tries=4,
        max_bytes=1024 * 1024,
    )


@pytest.fixture
def short_limits(limits: Limits) -> Limits:
    """For tests that wait for the deadline."""
    return replace(limits, total_seconds=0.8, connect_seconds=0.5, read_seconds=0.5)


@pytest.fixture
def transport(limits: Limits) -> Iterator[Transport]:
    """A line to public hosts only, as in production, with short pauses."""
    with Transport(limits=limits) as line:
        yield line


@pytest.fixture
def local_transport(limits: Limits) -> Iterator[Transport]:
    """A line that may reach the server of the tests."""
    with Transport(limits=limits, allow_private_hosts=True) as line:
        yield line


Answer = str | bytes | Callable[[dict[str, str]], Any]


@dataclass
class StubbedMoodle:
    """A Moodle at the network edge: a function's answer, and every form that was sent."""

    http: responses.RequestsMock
    url: str = SITE
    answers: dict[str, Answer] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)

    def recorded(self, function: str, case: str, kind: str = "json") -> None:
        """Answer `function` with a recording."""
        self.answers[function] = (WS / function / f"{case}.{kind}").read_bytes()

    def calls(self, function: str) -> list[dict[str, str]]:
        return [form for form in self.forms if form["wsfunction"] == function]

    def reply(self, request: Any) -> tuple[int, dict[str, str], str | bytes]:
        form = dict(parse_qsl(request.body, keep_blank_values=True, strict_parsing=True))
        self.forms.append(form)
        answer = self.answers[form["wsfunction"]]
        if callable(answer):
            answer = json.dumps(answer(form))
        return 200, {"Content-Type": "application/json"}, answer


@pytest.fixture
def moodle() -> Iterator[StubbedMoodle]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        stub = StubbedMoodle(http)
        http.add_callback(responses.POST, ENDPOINT, stub.reply)
        yield stub


Behaviour = Callable[[BaseHTTPRequestHandler, int], None]


class BadServer:
    """A real server on this machine. `behave(handler, n)` answers the n-th request, counted from 0."""

    def __init__(self) -> None:
        self.behave: Behaviour = lambda handler, n: None
        self.requests = 0
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.agents: list[str | None] = []
        self.ended = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                server.paths.append(self.path)
                server.agents.append(self.headers["User-Agent"])
                server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests += 1
                try:
                    server.behave(self, server.requests - 1)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that hung up is what these tests are about."""

        self.http = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self._thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.ended.set()
        self.http.shutdown()
        self.http.server_close()
        self._thread.join()

    def drip(self, handler: BaseHTTPRequestHandler, data: bytes, pause: float = 0.1) -> None:
        """One byte at a time until the client is gone or the test is over."""
        for one in data:
            if self.ended.wait(pause):
                return
            handler.wfile.write(bytes([one]))
            handler.wfile.flush()

    @staticmethod
    def send(
        handler: BaseHTTPRequestHandler,
        body: bytes,
        status: int = 200,
        headers: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        handler.send_response(status)
        for name, value in (headers or {"Content-Type": "application/json"}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)
        if length is not None:
            handler.close_connection = True


@pytest.fixture
def bad_server() -> Iterator[BadServer]:
    server = BadServer()
    yield server
    server.close()


@pytest.fixture
def seconds() -> Callable[[], float]:
    """Seconds since the test began."""
    began = time.monotonic()
    return lambda: time.monotonic() - began


@pytest.fixture
def recording() -> Callable[[str], bytes]:
    """A recorded reply by its path under the recordings, `function/case.json`."""
    return lambda path: (WS / path).read_bytes()
