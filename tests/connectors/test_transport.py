"""Can an LMS hold us up, lead us astray, or make us tell a secret?"""

import gzip
import ipaddress
import json
import logging
import socket
import ssl
import struct
import threading
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import responses
import stamina
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from connectors import BadAnswer, Limits, NotAllowed, Refused, Transport, Unavailable, open_source
from connectors.errors import ConnectorError
from connectors.transport import _Cutter

SITE_INFO = "core_webservice_get_site_info/ok.json"
FORM = SecretStr("wstoken=5f9c1e0b7a6d4c3388aa00ffeedd1122")


def body_of(reply):
    return reply.body


def reset(server, handler):
    """Break the connection off instead of closing it."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


PAGE = b"<!DOCTYPE html><html><body>Log in</body></html>"
INVALID = b'{"exception":"moodle_exception","errorcode":"invalidtoken","message":"Invalid token"}'
ZIPPED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

# How a server fails → what it does to a question, and whether it does so always; None is an answer as it should be.
FAILURES = {
    "none at all": (None, False),
    "500 once": (lambda server, handler: server.send(handler, b"oops", 500), False),
    "503 with Retry-After": (lambda server, handler: server.send(handler, b"", 503, {"Retry-After": "1"}), False),
    "429": (lambda server, handler: server.send(handler, b"", 429), False),
    "reset once": (reset, False),
    "truncated JSON once": (lambda server, handler: server.send(handler, b'{"sitename": "M", "site'), False),
    "HTML with 200 once": (lambda server, handler: server.send(handler, PAGE), False),
    "silence": (lambda server, handler: server.ended.wait(5), True),
    "one byte a time": (lambda server, handler: server.drip(handler, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 99), True),
    "invalidtoken in a 200": (lambda server, handler: server.send(handler, INVALID), True),
    "a gzip bomb": (
        lambda server, handler: server.send(handler, gzip.compress(bytes(64 * 1024 * 1024), 1), headers=ZIPPED),
        True,
    ),
}
ENDS = {
    "silence": {"silent", "slow"},
    "one byte a time": {"silent"},
    "invalidtoken in a 200": {"invalidtoken"},
    "a gzip bomb": {"too_big"},
}


@pytest.mark.parametrize("failure", FAILURES)
def test_each_of_the_eleven_failures_ends_in_time_with_an_answer_or_a_typed_error(
    bad_server, limits, token, recording, seconds, failure
):
    spoil, always = FAILURES[failure]
    total = 1.5 if always else limits.total_seconds

    def behave(handler, n):
        if spoil is not None and (always or n == 0):
            spoil(bad_server, handler)
        else:
            bad_server.send(handler, recording(SITE_INFO))

    bad_server.behave = behave
    with Transport(limits=replace(limits, total_seconds=total), allow_private_hosts=True) as line:
        source = open_source("moodle", bad_server.url, token, line)
        if always:
            with pytest.raises(ConnectorError) as caught:
                source.site()
            assert caught.value.code in ENDS[failure]
        else:
            assert source.site().user_id == "3"
            assert bad_server.requests == (1 if spoil is None else 2)
    assert seconds() < total + 1


class TestElevenWaysAnLmsFails:
    """Each against a real server: a good answer comes after all, or a typed error inside the deadline."""

    @pytest.fixture
    def ping(self, bad_server, local_transport, token):
        return open_source("moodle", bad_server.url, token, local_transport).site

    @pytest.fixture
    def hasty_ping(self, bad_server, short_limits, token):
        with Transport(limits=short_limits, allow_private_hosts=True) as line:
            yield open_source("moodle", bad_server.url, token, line).site

    @pytest.fixture
    def good(self, recording):
        return recording(SITE_INFO)

    def once(self, server, good, first):
        def behave(handler, n):
            if n == 0:
                first(handler)
            else:
                server.send(handler, good)

        server.behave = behave

    def test_a_healthy_one_is_asked_once(self, bad_server, ping, good):
        bad_server.behave = lambda handler, n: bad_server.send(handler, good)
        assert ping().user_id == "3"
        assert bad_server.requests == 1
        assert bad_server.agents[0].startswith("lms-plc/")

    def test_a_server_error_once_is_tried_again(self, bad_server, ping, good):
        self.once(bad_server, good, lambda handler: bad_server.send(handler, b"oops", 500))
        assert ping().user_id == "3"
        assert bad_server.requests == 2

    def test_a_server_error_that_stays_is_named_inside_the_deadline(self, bad_server, ping, seconds):
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"oops", 502)
        with pytest.raises(Unavailable) as caught:
            ping()
        assert caught.value.code == "http_502"
        assert bad_server.requests > 1
        assert seconds() < 3

    def test_trying_again_ends_at_the_deadline_however_many_tries_are_left(self, bad_server, short_limits, seconds):
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"oops", 500)
        line = Transport(limits=replace(short_limits, tries=10_000), allow_private_hosts=True)
        with line, pytest.raises(Unavailable) as caught:
            line.post(bad_server.url, FORM, body_of)
        # The try the deadline cuts short may have heard nothing yet: on a busy machine that is what is told.
        assert caught.value.code in {"http_500", "silent"}
        assert bad_server.requests > 5
        assert 0.4 < seconds() < 2

    def test_an_unavailable_server_is_given_the_time_it_asks_for(self, bad_server, ping, good, seconds):
        self.once(bad_server, good, lambda handler: bad_server.send(handler, b"", 503, {"Retry-After": "1"}))
        assert ping().user_id == "3"
        assert 1 <= seconds() < 5

    def test_a_pause_longer_than_the_deadline_is_not_waited_for(self, bad_server, ping, seconds):
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"", 503, {"Retry-After": "11"})
        with pytest.raises(Unavailable) as caught:
            ping()
        assert caught.value.code == "http_503"
        assert bad_server.requests == 1
        assert seconds() < 1

    def test_too_many_requests_are_tried_again(self, bad_server, ping, good):
        self.once(bad_server, good, lambda handler: bad_server.send(handler, b"", 429, {"Retry-After": "0"}))
        assert ping().user_id == "3"

    def test_a_reset_connection_is_tried_again(self, bad_server, ping, good):
        self.once(bad_server, good, lambda handler: reset(bad_server, handler))
        assert ping().user_id == "3"
        assert bad_server.requests == 2

    def test_a_reply_cut_off_before_its_length_is_tried_again(self, bad_server, ping, good):
        self.once(bad_server, good, lambda handler: bad_server.send(handler, good[:500], length=len(good)))
        assert ping().user_id == "3"
        assert bad_server.requests == 2

    def test_half_a_json_text_is_tried_again(self, bad_server, ping, good):
        self.once(bad_server, good, lambda handler: bad_server.send(handler, good[:500]))
        assert ping().user_id == "3"
        assert bad_server.requests == 2

    def test_half_a_json_text_that_stays_is_a_bad_answer(self, bad_server, ping, good):
        bad_server.behave = lambda handler, n: bad_server.send(handler, good[:500])
        with pytest.raises(BadAnswer) as caught:
            ping()
        assert caught.value.code == "half"

    def test_a_web_page_with_200_is_tried_again(self, bad_server, ping, good):
        page = b"<!DOCTYPE html><html><body>Log in</body></html>"
        self.once(bad_server, good, lambda handler: bad_server.send(handler, page))
        assert ping().user_id == "3"
        assert bad_server.requests == 2

    def test_a_web_page_that_stays_is_a_bad_answer(self, bad_server, ping):
        page = b"<!DOCTYPE html><html><body>Log in</body></html>"
        bad_server.behave = lambda handler, n: bad_server.send(handler, page)
        with pytest.raises(BadAnswer) as caught:
            ping()
        assert caught.value.code == "web_page"

    def test_silence_ends_at_the_deadline(self, bad_server, hasty_ping, seconds):
        bad_server.behave = lambda handler, n: bad_server.ended.wait(10)
        with pytest.raises(Unavailable) as caught:
            hasty_ping()
        assert caught.value.code in ("silent", "slow")
        assert 0.7 < seconds() < 2.5

    def test_a_dripping_body_ends_at_the_deadline(self, bad_server, hasty_ping, good, seconds):
        def drip(handler, n):
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(good)))
            handler.end_headers()
            bad_server.drip(handler, good)

        bad_server.behave = drip
        with pytest.raises(Unavailable) as caught:
            hasty_ping()
        assert caught.value.code == "silent"
        assert 0.7 < seconds() < 2.5

    def test_a_dripping_body_of_unknown_length_is_not_taken_for_whole(self, bad_server, hasty_ping, good, seconds):
        def drip(handler, n):
            handler.send_response(200)
            handler.send_header("Connection", "close")
            handler.end_headers()
            bad_server.drip(handler, good, pause=0.5)

        bad_server.behave = drip
        with pytest.raises(Unavailable) as caught:
            hasty_ping()
        assert caught.value.code == "silent"
        assert 0.7 < seconds() < 2.5

    def test_dripping_headers_end_at_the_deadline(self, bad_server, hasty_ping, seconds):
        bad_server.behave = lambda handler, n: bad_server.drip(handler, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500)
        with pytest.raises(Unavailable) as caught:
            hasty_ping()
        assert caught.value.code == "silent"
        assert 0.7 < seconds() < 2.5

    def test_an_invalid_token_is_refused_without_another_try(self, bad_server, ping, recording):
        refusal = recording("core_webservice_get_site_info/error_invalid_token.json")
        bad_server.behave = lambda handler, n: bad_server.send(handler, refusal)
        with pytest.raises(Refused) as caught:
            ping()
        assert caught.value.code == "invalidtoken"
        assert bad_server.requests == 1

    def test_a_gzip_bomb_stops_at_the_size_limit_in_small_memory(self, bad_server, ping):
        bomb = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=1)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        bad_server.behave = lambda handler, n: bad_server.send(handler, bomb, headers=headers)
        tracemalloc.start()
        try:
            with pytest.raises(BadAnswer) as caught:
                ping()
            assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
        finally:
            tracemalloc.stop()
        assert caught.value.code == "too_big"
        assert bad_server.requests == 1

    def test_a_reply_that_will_not_unpack_is_tried_again(self, bad_server, ping, good):
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        self.once(bad_server, good, lambda handler: bad_server.send(handler, b"no gzip", headers=headers))
        assert ping().user_id == "3"

    def test_a_gzip_reply_of_honest_size_is_read(self, bad_server, ping, good):
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        bad_server.behave = lambda handler, n: bad_server.send(handler, gzip.compress(good), headers=headers)
        assert ping().user_id == "3"

    def test_a_chunked_reply_is_read(self, bad_server, ping, good):
        def chunked(handler, n):
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for part in (good[:100], good[100:]):
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            handler.wfile.write(b"0\r\n\r\n")

        bad_server.behave = chunked
        assert ping().user_id == "3"


def test_nobody_listening_is_reported_as_a_broken_connection(local_transport):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable) as caught:
            local_transport.post(f"http://127.0.0.1:{reserved.getsockname()[1]}/", FORM, body_of)
    assert caught.value.code == "connection"
    assert caught.value.worth_retrying


def test_a_deadline_already_over_sends_nothing(bad_server, limits):
    times = iter([0.0, *[limits.total_seconds] * 10])
    line = Transport(limits=limits, allow_private_hosts=True, clock=lambda: next(times))
    with line, pytest.raises(Unavailable) as caught:
        line.post(bad_server.url, FORM, body_of)
    assert caught.value.code == "silent"
    assert bad_server.requests == 0


def test_the_clock_is_looked_at_between_the_parts_of_a_reply(limits):
    now = [0.0]

    def late(_):
        now[0] = limits.total_seconds
        return 200, {}, b"x" * 100

    with responses.RequestsMock() as http, Transport(limits=limits, clock=lambda: now[0]) as line:
        http.add_callback(responses.POST, "https://moodle.example.org/", late)
        with pytest.raises(Unavailable) as caught:
            line.post("https://moodle.example.org/", FORM, body_of)
    assert caught.value.code == "silent"


def test_a_connection_that_opens_as_time_runs_out_is_cut_at_once():
    ours, theirs = socket.socketpair()
    cutter = _Cutter(0)
    with ours, theirs, cutter:
        cutter._timer.join()
        cutter.watch(ours)
        assert theirs.recv(1) == b""


def test_proxies_and_passwords_of_the_environment_are_left_alone(bad_server, local_transport, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    seen = []

    def behave(handler, n):
        seen.append(handler.headers["Authorization"])
        bad_server.send(handler, b"[]")

    bad_server.behave = behave
    assert local_transport.post(bad_server.url, FORM, body_of) == b"[]"
    assert seen == [None]


def test_two_threads_share_one_line(bad_server, local_transport):
    both = threading.Barrier(2, timeout=5)

    def behave(handler, n):
        both.wait()
        bad_server.send(handler, bad_server.bodies[n])

    bad_server.behave = behave
    got = []
    threads = [
        threading.Thread(target=lambda: got.append(local_transport.post(bad_server.url, FORM, body_of)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [FORM.get_secret_value().encode()] * 2


class TestRetryAfter:
    def wait_asked_for(self, transport, value):
        with responses.RequestsMock() as http:
            http.post("https://moodle.example.org/", status=503, headers={"Retry-After": value} if value else {})
            with pytest.raises(Unavailable) as caught:
                transport.post("https://moodle.example.org/", FORM, body_of)
        return caught.value.wait_seconds

    @pytest.fixture(autouse=True)
    def _one_try(self):
        with stamina.set_testing(True, attempts=1):
            yield

    def test_seconds_are_understood(self, transport):
        assert self.wait_asked_for(transport, "120") == 120

    @pytest.mark.parametrize("tidy", [lambda text: text, lambda text: text.replace("GMT", "-0000")])
    def test_a_date_is_understood(self, transport, tidy):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
        assert 90 < self.wait_asked_for(transport, tidy(date)) <= 100

    def test_a_date_in_the_past_means_now(self, transport):
        assert self.wait_asked_for(transport, "Wed, 21 Oct 2015 07:28:00 GMT") == 0

    @pytest.mark.parametrize("odd", ["", "soon", "-1", "1.5"])
    def test_anything_else_leaves_the_pause_to_us(self, transport, odd):
        assert self.wait_asked_for(transport, odd) is None


class TestAddresses:
    @pytest.fixture(autouse=True)
    def _any_family(self, monkeypatch):
        monkeypatch.setattr("urllib3.util.connection.HAS_IPV6", True)

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "127.8.9.10",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "[fe80::1]",
            "[fd00::1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "224.0.0.1",
        ],
    )
    def test_a_private_address_is_refused_in_every_spelling(self, transport, host):
        with pytest.raises(Unavailable) as caught:
            transport.post(f"https://{host}/", FORM, body_of)
        assert caught.value.code == "private_address"
        assert not caught.value.worth_retrying

    def test_a_name_that_leads_into_a_private_network_is_refused(self, transport, monkeypatch):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 443))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with pytest.raises(Unavailable) as caught:
            transport.post("https://moodle.example.org/", FORM, body_of)
        assert caught.value.code == "private_address"

    def test_a_private_address_is_reached_where_that_is_allowed(self, bad_server, local_transport):
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"[]")
        assert local_transport.post(bad_server.url, FORM, body_of) == b"[]"

    def test_http_is_refused_before_anything_is_sent(self, transport):
        with pytest.raises(Unavailable) as caught:
            transport.check_address("http://moodle.example.org")
        assert caught.value.code == "not_https"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "moodle.example.org",
            "ftp://moodle.example.org",
            "https://",
            "https://[::1",
            "https://moodle.example.org:99999",
            "https://me@moodle.example.org",
            "https://me:secret@moodle.example.org",
            "https://moodle.example.org/?id=1",
            "https://moodle.example.org/#top",
        ],
    )
    def test_what_is_no_address_of_a_site_is_refused(self, transport, url):
        with pytest.raises(Unavailable) as caught:
            transport.check_address(url)
        assert caught.value.code == "bad_address"
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("url", ["https://moodle.example.org", "https://example.org:8443/moodle/"])
    def test_an_address_of_a_site_is_accepted(self, transport, url):
        transport.check_address(url)

    def test_a_host_name_that_cannot_be_is_refused(self, transport):
        with pytest.raises(Unavailable) as caught:
            transport.post(f"https://{'a' * 70}.example.org/", FORM, body_of)
        assert caught.value.code in ("bad_address", "connection")


class TestRedirects:
    @pytest.mark.parametrize(
        ("location", "origin"),
        [
            ("https://lms.example.org/login?sesskey=abc", "https://lms.example.org"),
            ("https://lms.example.org:8443/", "https://lms.example.org:8443"),
            ("/login/index.php", "https://moodle.example.org"),
            ("http://169.254.169.254/latest/meta-data/", "http://169.254.169.254"),
            ("https://user:pass@lms.example.org/", "https://lms.example.org"),
            ("javascript:alert(1)", "?"),
            ("https://[", "?"),
            ("", "https://moodle.example.org"),
        ],
    )
    def test_a_redirect_is_named_and_never_followed(self, transport, location, origin):
        with responses.RequestsMock() as http:
            http.post("https://moodle.example.org/", status=302, headers={"Location": location})
            with pytest.raises(Unavailable) as caught:
                transport.post("https://moodle.example.org/", FORM, body_of)
            assert len(http.calls) == 1
        assert caught.value.code == "redirected"
        assert caught.value.params == {"origin": origin}

    def test_the_body_of_a_redirect_is_not_read(self, bad_server, local_transport, seconds):
        def behave(handler, n):
            handler.send_response(302)
            handler.send_header("Location", "https://lms.example.org/")
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            bad_server.ended.wait(10)

        bad_server.behave = behave
        with pytest.raises(Unavailable) as caught:
            local_transport.post(bad_server.url, FORM, body_of)
        assert caught.value.code == "redirected"
        assert seconds() < 1


class TestCertificates:
    @pytest.fixture
    def tls_server(self, bad_server, tmp_path):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
            .add_extension(
                x509.SubjectAlternativeName(
                    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
                ),
                False,
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.bundle = tmp_path / "ca.pem"
        self.bundle.write_bytes(pem)
        (tmp_path / "both.pem").write_bytes(pem + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "both.pem")
        bad_server.http.socket = context.wrap_socket(bad_server.http.socket, server_side=True)
        bad_server.url = bad_server.url.replace("http:", "https:")
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"[]")
        return bad_server

    def test_one_that_nobody_vouches_for_is_refused_without_another_try(self, tls_server, local_transport):
        with pytest.raises(Unavailable) as caught:
            local_transport.post(tls_server.url, FORM, body_of)
        assert caught.value.code == "tls"
        assert tls_server.requests == 0

    def test_one_of_the_school_s_own_authority_is_accepted(self, tls_server, limits):
        with Transport(limits=limits, allow_private_hosts=True, ca_bundle=str(self.bundle)) as line:
            assert line.post(tls_server.url, FORM, body_of) == b"[]"

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_an_address_that_passed_the_filter_is_reached_under_its_own_name(
        self, tls_server, limits, monkeypatch, host
    ):
        monkeypatch.setattr("urllib3.util.connection.HAS_IPV6", False)
        with Transport(limits=limits, ca_bundle=str(self.bundle)) as line:
            for adapter in line._session.adapters.values():
                adapter._allow_loopback = True
            assert line.post(tls_server.url.replace("127.0.0.1", host), FORM, body_of) == b"[]"

    def test_a_silent_site_behind_tls_ends_at_the_deadline_too(self, tls_server, short_limits, seconds):
        tls_server.behave = lambda handler, n: tls_server.drip(handler, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500)
        line = Transport(limits=short_limits, allow_private_hosts=True, ca_bundle=str(self.bundle))
        with line, pytest.raises(Unavailable) as caught:
            line.post(tls_server.url, FORM, body_of)
        assert caught.value.code == "silent"
        assert 0.7 < seconds() < 2.5


class TestSecrets:
    """The token and people's names stay out of URLs, texts and logs, whatever happens."""

    @pytest.fixture
    def said(self, caplog):
        """Everything that was logged, down to the HTTP library's debugging, retries included."""
        seen = []
        stamina.instrumentation.set_on_retry_hooks([lambda details: seen.append(repr(details))])
        caplog.set_level(logging.DEBUG)
        return lambda: caplog.text + "".join(seen)

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, b"no"),
            (403, b""),
            (200, b"{"),
            (200, b"<html>"),
            (302, b""),
            (200, b'{"sitename": "Ada Lovelace", "siteurl": 5}'),
            (200, b'{"exception": "x", "errorcode": "Ada Lovelace", "message": "Ada Lovelace"}'),
            (200, b'{"exception": "x", "message": "Ada Lovelace", "debuginfo": "Ada Lovelace"}'),
        ],
    )
    def test_an_error_tells_neither_token_nor_name(self, bad_server, local_transport, token, said, status, body):
        bad_server.behave = lambda handler, n: bad_server.send(handler, body, status)
        source = open_source("moodle", bad_server.url, token, local_transport)
        with pytest.raises(ConnectorError) as caught:
            source.site()
        error = caught.value
        assert error.__context__ is None
        texts = said() + str(error) + repr(error) + json.dumps([error.params, error.args])
        for secret in (token, "Ada", "Lovelace"):
            assert secret not in texts
        assert said()

    def test_the_token_goes_in_the_body_and_not_in_the_address(
        self, bad_server, local_transport, token, said, recording
    ):
        bad_server.behave = lambda handler, n: bad_server.send(handler, recording(SITE_INFO))
        source = open_source("moodle", bad_server.url, f" {token}\n", local_transport)
        source.site()
        assert bad_server.paths == ["/webservice/rest/server.php"]
        assert bad_server.bodies[0].startswith(f"wstoken={token}&wsfunction=".encode())
        assert token not in said() + repr(source._client) + repr(vars(source._client))

    def test_rest_switched_off_is_told_from_a_wall_in_front_of_the_site(self, bad_server, local_transport, token):
        source = open_source("moodle", bad_server.url, token, local_transport)
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"", 403)
        with pytest.raises(NotAllowed) as caught:
            source.site()
        assert caught.value.code == "rest_off"
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"Denied", 403)
        with pytest.raises(Refused) as caught:
            source.site()
        assert caught.value.code == "http_403"


def test_cookies_of_a_site_are_not_kept(local_transport, bad_server):
    seen = []

    def behave(handler, n):
        seen.append(handler.headers["Cookie"])
        bad_server.send(handler, b"[]", headers={"Set-Cookie": "MoodleSession=abc; path=/"})

    bad_server.behave = behave
    for _ in range(2):
        local_transport.post(bad_server.url, FORM, body_of)
    assert seen == [None, None]


def test_the_standard_limits_are_one_minute_and_32_mib():
    assert (Limits().total_seconds, Limits().max_bytes) == (60, 32 * 1024 * 1024)
