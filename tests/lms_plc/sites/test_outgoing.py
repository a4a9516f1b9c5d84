"""Does this tool fetch only what it may, and only so much of it?"""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
import responses
from requests import RequestException

from lms_plc.config import Settings
from lms_plc.sites.outgoing import (
    LARGEST_ANSWER,
    Fetcher,
    NotFetched,
    fetcher,
    open_session,
    platform_http,
    registration_http,
)
from lti.http import NoAnswer
from tests.conftest import settings_for

JWKS = "https://moodle.example.org/certs"


def test_a_small_document_is_fetched(edge: responses.RequestsMock) -> None:
    edge.get(JWKS, body=b'{"keys": []}')
    assert Fetcher(allow_private_hosts=False)(JWKS) == b'{"keys": []}'


def test_a_large_one_is_not(edge: responses.RequestsMock) -> None:
    edge.get(JWKS, body=b"x" * LARGEST_ANSWER)
    assert len(Fetcher(allow_private_hosts=False)(JWKS)) == LARGEST_ANSWER
    edge.replace(responses.GET, JWKS, body=b"x" * (LARGEST_ANSWER + 1))
    with pytest.raises(NoAnswer, match="too large"):
        Fetcher(allow_private_hosts=False)(JWKS)


@pytest.mark.parametrize("status", [204, 301, 302, 404, 500])
def test_only_a_plain_answer_counts(edge: responses.RequestsMock, status: int) -> None:
    edge.get(JWKS, status=status, headers={"Location": "https://elsewhere.example.net/"})
    with pytest.raises(NotFetched, match=f"answered {status}"):
        Fetcher(allow_private_hosts=False)(JWKS)


def test_plain_http_needs_the_admins_leave(edge: responses.RequestsMock) -> None:
    plain = JWKS.replace("https:", "http:")
    edge.get(plain, body=b"{}")
    with pytest.raises(NotFetched, match="not https"):
        Fetcher(allow_private_hosts=False)(plain)
    assert Fetcher(allow_private_hosts=True)(plain) == b"{}"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "localhost", "[::127.0.0.1]", "[fec0::1]"]
)
def test_addresses_inside_are_never_called(host: str) -> None:
    with pytest.raises((RequestException, ValueError, OSError)) as refused:
        Fetcher(allow_private_hosts=False)(f"https://{host}:9/")
    assert "refused" not in str(refused.value).lower()


class _Proxy(socketserver.ThreadingTCPServer):
    """Notes the first line of what it is asked, and answers everything itself."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.lines: list[str] = []
        self.headers: list[str] = []

    @property
    def address(self) -> str:
        return f"http://me:secret-canary@127.0.0.1:{self.server_address[1]}"


class _Asked(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        self.server.lines.append(self.rfile.readline().decode().strip())
        while line := self.rfile.readline().strip():
            self.server.headers.append(line.decode())
        if self.server.lines[-1].startswith("CONNECT"):
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


@pytest.fixture
def proxy() -> Iterator[_Proxy]:
    with _Proxy() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class TestThroughAProxy:
    @pytest.fixture
    def settings(self, proxy: _Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        return settings_for(
            "sqlite://", tmp_path, proxy=proxy.address, ca_bundle=certifi.where(), allow_private_hosts=True
        )

    def test_everything_an_lms_is_asked_goes_through_it(self, proxy: _Proxy, settings: Settings) -> None:
        assert fetcher(settings)("http://lms.example.org/keys") == b"{}"
        for http in (platform_http(settings), registration_http(settings)):
            assert http("GET", "http://lms.example.org/service", headers={}).body == b"{}"
        assert proxy.lines == [
            "GET http://lms.example.org/keys HTTP/1.1",
            *["GET http://lms.example.org/service HTTP/1.1"] * 2,
        ]
        assert any(line.startswith("Proxy-Authorization: Basic") for line in proxy.headers)

    def test_one_that_refuses_is_told_without_its_password(self, proxy: _Proxy, settings: Settings) -> None:
        with pytest.raises(NoAnswer) as refused:
            fetcher(settings)("https://lms.example.org/keys")
        assert [line.rpartition(" ")[0] for line in proxy.lines] == ["CONNECT lms.example.org:443"]
        assert "canary" not in str(refused.value) + repr(refused.value)

    def test_it_is_asked_for_the_number_we_checked(self, proxy: _Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("requests_hardened.ip_filter_adapter.filter_host", lambda *_, **__: "203.0.113.7")
        with pytest.raises(NoAnswer):
            Fetcher(allow_private_hosts=False, proxy=proxy.address)("https://lms.example.org/keys")
        assert [line.rpartition(" ")[0] for line in proxy.lines] == ["CONNECT 203.0.113.7:443"]

    @pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "localhost"])
    def test_it_is_never_asked_for_addresses_inside(self, proxy: _Proxy, host: str) -> None:
        with pytest.raises((RequestException, ValueError, OSError)):
            Fetcher(allow_private_hosts=False, proxy=proxy.address)(f"https://{host}/keys")
        assert proxy.lines == []

    def test_one_byte_at_a_time_ends_in_time_through_it_too(
        self, proxy: _Proxy, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        over = threading.Event()

        def drip(self: _Asked) -> None:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200:
                if over.wait(0.02):
                    return
                self.wfile.write(bytes([byte]))

        monkeypatch.setattr(_Asked, "handle", drip)
        monkeypatch.setattr("lms_plc.sites.outgoing.LONGEST", 0.5)
        try:
            with pytest.raises(NoAnswer, match="in time"):
                fetcher(settings)("http://lms.example.org/keys")
        finally:
            over.set()

    def test_the_authorities_to_trust_are_those_of_the_settings(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
        session = open_session(allow_private_hosts=True, ca_bundle=Path(certifi.where()))
        asked = session.merge_environment_settings("https://lms.example.org", {}, None, None, None)
        assert asked["verify"] == certifi.where()
