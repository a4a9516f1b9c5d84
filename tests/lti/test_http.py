"""Can a platform hold us up, fill our memory, or send us elsewhere?"""

from __future__ import annotations

import gzip
import io
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
import responses
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lti.http import MAX_BYTES, Answer, AnswerTooLarge, BoundedHttp, NoAnswer, _Cutter

ADDRESS = "https://lms.example.org/service?code=a-secret-of-the-platform"
Behave = Callable[[BaseHTTPRequestHandler], None]


class BadServer:
    """A real server on this machine that behaves as told."""

    def __init__(self) -> None:
        self.behave: Behave = lambda handler: send(handler, b"well")
        self.ended = threading.Event()
        self.paths: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.paths.append(self.path)
                try:
                    server.behave(self)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that hung up is what these tests are about."""

        self.http = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/service"
        self._thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.ended.set()
        self.http.shutdown()
        self.http.server_close()
        self._thread.join()

    def drip(self, handler: BaseHTTPRequestHandler, data: bytes) -> None:
        for one in data:
            if self.ended.wait(0.05):
                return
            handler.wfile.write(bytes([one]))
            handler.wfile.flush()


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def server() -> Iterator[BadServer]:
    server = BadServer()
    yield server
    server.close()


@pytest.fixture
def http() -> BoundedHttp:
    return BoundedHttp(requests.Session)


@pytest.fixture
def hasty() -> BoundedHttp:
    return BoundedHttp(requests.Session, connect_seconds=0.4, read_seconds=0.4, total_seconds=0.6)


def test_an_answer_comes_whole_with_status_headers_in_any_case_and_body(edge: responses.RequestsMock, http):
    edge.post(ADDRESS, status=201, body=b'{"a": 1}', headers={"X-Thing": "yes"})

    answer = http("POST", ADDRESS, headers={"Accept": "text/x-own"}, body=b"question")

    assert (answer.status, answer.headers["x-thing"], answer.body) == (201, "yes", b'{"a": 1}')
    request = edge.calls[0].request
    assert (request.headers["Accept"], request.body) == ("text/x-own", b"question")


def test_an_answer_of_any_making_finds_its_headers_in_any_case_and_shows_neither_them_nor_its_body():
    answer = Answer(200, {"Set-Cookie": "session=secret"}, b"names")

    assert answer.headers["set-cookie"] == "session=secret"
    assert repr(answer) == "<Answer 200, 5 bytes>"


def test_a_redirect_is_an_answer_and_is_not_followed(edge, http):
    edge.get(ADDRESS, status=302, headers={"Location": "https://elsewhere.example.net/"})

    answer = http("GET", ADDRESS, headers={})

    assert (answer.status, answer.headers["Location"]) == (302, "https://elsewhere.example.net/")
    assert len(edge.calls) == 1


def test_a_redirect_with_an_endless_body_is_cut_like_any_other(server):
    http = BoundedHttp(requests.Session, max_bytes=1000)
    server.behave = lambda handler: send(handler, b"x" * 2_000_000, 302, Location="https://elsewhere.example.net/")

    with pytest.raises(AnswerTooLarge):
        http("GET", server.url, headers={})


def test_our_token_is_not_replaced_by_a_password_of_the_machine(edge, http, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine lms.example.org login someone password open\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    edge.get(ADDRESS)

    http("GET", ADDRESS, headers={"Authorization": "Bearer ours"})

    assert edge.calls[0].request.headers["Authorization"] == "Bearer ours"


def test_an_answer_of_the_largest_size_is_read_and_one_byte_more_is_not(edge, http):
    edge.get(ADDRESS, body=b"x" * MAX_BYTES)
    assert len(http("GET", ADDRESS, headers={}).body) == MAX_BYTES

    edge.replace(responses.GET, ADDRESS, body=b"x" * (MAX_BYTES + 1))
    with pytest.raises(AnswerTooLarge, match="too large"):
        http("GET", ADDRESS, headers={})


def test_a_gzip_bomb_is_cut_while_it_is_read(server, http):
    bomb = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=1)
    server.behave = lambda handler: send(handler, bomb, Content_Encoding="gzip")

    tracemalloc.start()
    try:
        with pytest.raises(AnswerTooLarge):
            http("GET", server.url, headers={})
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_an_honest_gzip_answer_is_read(server, http):
    server.behave = lambda handler: send(handler, gzip.compress(b"well"), Content_Encoding="gzip")

    assert http("GET", server.url, headers={}).body == b"well"


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n",
    ],
    ids=["headers", "body", "body of unknown length", "chunk"],
)
def test_a_byte_now_and_then_ends_at_the_deadline(server, hasty, start):
    def drip(handler):
        handler.wfile.write(start)
        server.drip(handler, b"a" * 5000)
        handler.close_connection = True

    server.behave = drip
    began = time.monotonic()

    with pytest.raises(NoAnswer, match="no whole answer in time"):
        hasty("GET", server.url, headers={})
    assert time.monotonic() - began < 2


@pytest.fixture
def certificate(tmp_path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    path = tmp_path / "certificate.pem"
    path.write_bytes(pem)
    return path


@pytest.fixture
def protected(server, certificate) -> BadServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    server.url = server.url.replace("http:", "https:")
    return server


def test_headers_that_drip_through_tls_end_at_the_deadline(protected, certificate):
    def session() -> requests.Session:
        opened = requests.Session()
        opened.trust_env, opened.verify = False, str(certificate)
        return opened

    assert BoundedHttp(session)("GET", protected.url, headers={}).body == b"well"
    protected.behave = lambda handler: protected.drip(handler, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500)
    began = time.monotonic()

    with pytest.raises(NoAnswer, match="no whole answer in time"):
        BoundedHttp(session, read_seconds=0.4, total_seconds=0.6)("GET", protected.url, headers={})
    assert time.monotonic() - began < 2


def test_a_certificate_nobody_vouches_for_is_not_trusted(protected, http):
    with pytest.raises(NoAnswer, match="the certificate cannot be trusted"):
        http("GET", protected.url, headers={})


def test_a_large_body_that_comes_slowly_ends_at_the_deadline_too(server):
    now = iter(range(0, 1000, 3))
    http = BoundedHttp(requests.Session, total_seconds=5, clock=lambda: float(next(now)))
    server.behave = lambda handler: send(handler, b"x" * 1_000_000)

    with pytest.raises(NoAnswer, match="no whole answer in time"):
        http("GET", server.url, headers={})


def test_silence_ends_at_the_timeout(server, hasty):
    server.behave = lambda handler: server.ended.wait(3) and None

    with pytest.raises(NoAnswer, match="in time"):
        hasty("GET", server.url, headers={})


def test_an_answer_that_breaks_off_is_no_answer(server, http):
    def break_off(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
        handler.close_connection = True

    server.behave = break_off
    with pytest.raises(NoAnswer, match="broke off"):
        http("GET", server.url, headers={})


def test_an_answer_that_is_not_what_it_says_is_damaged(server, http):
    server.behave = lambda handler: send(handler, b"no gzip", Content_Encoding="gzip")

    with pytest.raises(NoAnswer, match="damaged"):
        http("GET", server.url, headers={})


def test_nobody_at_the_address_is_no_answer(http):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(NoAnswer, match="no connection"):
        http("GET", f"http://127.0.0.1:{port}/", headers={})


@pytest.mark.parametrize(
    "address", ["lms.example.org/x", "gopher://lms.example.org/", "https://", "https://a..b/\udc80"]
)
def test_what_is_no_address_is_never_called(http, address):
    with pytest.raises(NoAnswer, match="not an address that can be asked"):
        http("GET", address, headers={})


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (requests.exceptions.SSLError("x"), "the certificate cannot be trusted"),
        (requests.exceptions.ReadTimeout("x"), "no answer in time"),
        (requests.exceptions.ConnectionError(ADDRESS), "no connection (ConnectionError)"),
        (OSError("x"), "no connection (OSError)"),
    ],
)
def test_a_failure_is_said_in_a_few_words_without_the_address_and_without_the_request(edge, http, failure, reason):
    edge.get(ADDRESS, body=failure)

    with pytest.raises(NoAnswer) as caught:
        http("GET", ADDRESS, headers={"Authorization": "Bearer secret"})

    assert (caught.value.reason, str(caught.value)) == (reason, reason)
    assert caught.value.__context__ is None


def test_eight_threads_share_one_and_no_cookie_goes_from_one_call_to_the_next(server, http):
    cookies = []

    def behave(handler):
        cookies.append(handler.headers["Cookie"])
        send(handler, handler.path.encode(), Set_Cookie="a=b")

    server.behave = behave
    found: dict[int, bytes] = {}

    def ask(number: int) -> None:
        for _ in range(3):
            found[number] = http("GET", f"{server.url}/{number}", headers={}).body

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {number: f"/service/{number}".encode() for number in range(8)}
    assert set(cookies) == {None}


def test_a_connection_that_comes_after_the_time_is_up_is_shut_at_once():
    ours, theirs = socket.socketpair()
    cutter = _Cutter(60)
    cutter._cut()
    cutter.watch(ours)

    assert theirs.recv(1) == b""
    ours.close()
    theirs.close()


def test_a_session_of_another_make_is_used_as_it_is():
    class Canned(requests.adapters.BaseAdapter):
        def send(self, request, **_):
            response = requests.Response()
            response.status_code, response.request, response.url = 200, request, request.url
            response.raw = urllib3.HTTPResponse(io.BytesIO(b"canned"), preload_content=False)
            return response

        def close(self):
            pass

    def session() -> requests.Session:
        opened = requests.Session()
        opened.mount("https://", Canned())
        return opened

    assert BoundedHttp(session)("GET", ADDRESS, headers={}).body == b"canned"
