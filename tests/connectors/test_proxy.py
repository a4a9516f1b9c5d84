"""Does the line keep its promises through a proxy, and behind an authority of one's own?"""

import base64
import ipaddress
import logging
import select
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from connectors import Transport, Unavailable

FORM = SecretStr("wstoken=5f9c1e0b7a6d4c3388aa00ffeedd1122")
NAME, PASSWORD = "school", "p@ss/wörd"
SITE = "moodle.example.org"


def body_of(reply):
    return reply.body


def name_of(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


class Authority:
    """A private authority: a root, and certificates of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.bundle = folder / "root.pem"
        root = self.signed(name_of("School root"), self.key.public_key(), ca=True)
        self.bundle.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def signed(self, subject, key, ca=False, names=()):
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            name_of("School root"), subject, key, x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
        ).add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        usage = {"content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"}
        usage |= {"decipher_only", "crl_sign"}
        builder = (
            builder.add_extension(identifier, False) if ca else builder.add_extension(authority, False)
        ).add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=ca, **dict.fromkeys(usage, False)), True)
        return builder.sign(self.key, hashes.SHA256())

    def context(self):
        """For a server that is `SITE` or this machine."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(SITE), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        certificate = self.signed(name_of(SITE), key.public_key(), names=names)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self.folder / "leaf.pem"
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


class Proxy:
    """A small proxy on this machine. Leads every name to `target`; `answer` replaces what it does with a question."""

    def __init__(self, context=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.context = context
        self.address = f"{'https' if context else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"
        self.heads = []
        self.target = None
        self.answer = None
        self.ended = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.handle, args=(connection,), daemon=True).start()

    def handle(self, connection):
        try:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(4096) or b"\r\n\r\n"
                self.heads.append(head.decode())
                if self.answer is not None:
                    self.answer(connection)
                    return
                with socket.create_connection(self.target) as there:
                    if head.startswith(b"CONNECT"):
                        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    else:
                        there.sendall(head)
                    self.pump(connection, there)
        except OSError:
            pass

    def pump(self, one, two):
        one.setblocking(False)
        while not self.ended.is_set():
            for source in select.select([one, two], [], [], 0.05)[0] or ([one] if self.context else []):
                try:
                    data = source.recv(65536)
                except (BlockingIOError, ssl.SSLWantReadError):
                    continue
                if not data:
                    return
                if source is two:
                    one.setblocking(True)
                    one.sendall(data)
                    one.setblocking(False)
                else:
                    two.sendall(data)

    def close(self):
        self.ended.set()
        self.listener.close()


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def proxy(bad_server):
    proxy = Proxy()
    proxy.target = bad_server.http.server_address
    yield proxy
    proxy.close()


@pytest.fixture
def tls_proxy(bad_server, authority):
    proxy = Proxy(authority.context())
    proxy.target = bad_server.http.server_address
    yield proxy
    proxy.close()


@pytest.fixture
def tls_site(bad_server, authority):
    """The server of the tests under TLS, as `SITE`."""
    bad_server.http.socket = authority.context().wrap_socket(bad_server.http.socket, server_side=True)
    bad_server.url = bad_server.url.replace("http:", "https:")
    bad_server.behave = lambda handler, n: bad_server.send(handler, b"[]")
    return bad_server


@pytest.fixture
def names(monkeypatch):
    """Where names lead; what is no name is looked up as ever."""
    numbers = {SITE: "93.184.215.14"}
    real = socket.getaddrinfo

    def look_up(host, port, *arguments, **options):
        if host in numbers:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (numbers[host], port or 0))]
        return real(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return numbers


class TestThroughAProxy:
    def test_a_site_without_tls_is_asked_through_it(self, bad_server, proxy, limits):
        bad_server.behave = lambda handler, n: bad_server.send(handler, bad_server.bodies[n])
        with Transport(limits=limits, allow_private_hosts=True, proxy=proxy.address) as line:
            assert line.post("http://moodle.test:81/ws", FORM, body_of) == FORM.get_secret_value().encode()
        assert proxy.heads[0].startswith("POST http://moodle.test:81/ws HTTP/1.1")

    @pytest.mark.parametrize("kind", ["proxy", "tls_proxy"])
    def test_a_site_under_tls_is_asked_for_by_name_and_nothing_else_is_told(
        self, tls_site, request, kind, authority, limits, names
    ):
        proxy = request.getfixturevalue(kind)
        with Transport(limits=limits, ca_bundle=str(authority.bundle), proxy=proxy.address) as line:
            for _ in range(2):
                assert line.post(f"https://{SITE}/ws", FORM, body_of) == b"[]"
        assert [head.split(" HTTP/")[0] for head in proxy.heads] == [f"CONNECT {SITE}:443"]
        assert FORM.get_secret_value() not in "".join(proxy.heads)
        assert tls_site.requests == 2

    def test_a_private_site_is_reached_where_that_is_allowed(self, tls_site, proxy, authority, limits):
        with Transport(
            limits=limits, ca_bundle=str(authority.bundle), proxy=proxy.address, allow_private_hosts=True
        ) as line:
            assert line.post("https://127.0.0.1/ws", FORM, body_of) == b"[]"

    @pytest.mark.parametrize("number", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.0.7"])
    def test_a_name_that_leads_into_a_private_network_is_refused_before_the_proxy_is_asked(
        self, proxy, limits, names, number
    ):
        names[SITE] = number
        with Transport(limits=limits, proxy=proxy.address) as line, pytest.raises(Unavailable) as caught:
            line.post(f"https://{SITE}/", FORM, body_of)
        assert caught.value.code == "private_address"
        assert proxy.heads == []

    def test_a_site_with_another_certificate_is_refused_through_it_too(self, tls_site, proxy, authority, limits, names):
        names["other.example.org"] = "93.184.215.14"
        line = Transport(limits=limits, ca_bundle=str(authority.bundle), proxy=proxy.address)
        with line, pytest.raises(Unavailable) as caught:
            line.post("https://other.example.org/", FORM, body_of)
        assert caught.value.code == "tls"
        assert tls_site.requests == 0

    def test_name_and_password_open_the_proxy_and_show_nowhere(self, bad_server, proxy, limits, caplog):
        caplog.set_level(logging.DEBUG)
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"[]")
        address = proxy.address.replace("://", f"://{NAME}:p%40ss%2Fw%C3%B6rd@")
        with Transport(limits=limits, allow_private_hosts=True, proxy=address) as line:
            line.post("http://moodle.test/ws", FORM, body_of)
            shown = repr(line) + repr(vars(line)) + repr([vars(one) for one in line._session.adapters.values()])
        secret = base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
        assert f"Proxy-Authorization: Basic {secret}" in proxy.heads[0]
        for hidden in (secret, "p%40ss", PASSWORD):
            assert hidden not in shown + caplog.text

    @pytest.mark.parametrize(
        ("scheme", "status", "code", "tries"),
        [
            ("http", 407, "proxy_407", 1),
            ("https", 407, "proxy_407", 1),
            ("https", 403, "proxy_403", 1),
            ("https", 503, "proxy_503", 4),
        ],
    )
    def test_a_proxy_that_says_no_is_told_from_a_site_that_does(
        self, proxy, limits, scheme, status, code, tries, caplog
    ):
        address = proxy.address.replace("://", "://school:secret@")
        proxy.answer = lambda connection: connection.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)
        line = Transport(limits=limits, allow_private_hosts=True, proxy=address)
        with line, pytest.raises(Unavailable) as caught:
            line.post(f"{scheme}://moodle.test/", FORM, body_of)
        assert caught.value.code == code
        assert len(proxy.heads) == tries
        assert "secret" not in f"{caught.value} {caught.value!r} {caplog.text}"
        assert caught.value.__context__ is None

    def test_a_proxy_that_is_not_there_is_said(self, limits):
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            address = f"http://me:secret@127.0.0.1:{reserved.getsockname()[1]}"
            line = Transport(limits=limits, allow_private_hosts=True, proxy=address)
            with line, pytest.raises(Unavailable) as caught:
                line.post("https://moodle.test/", FORM, body_of)
        assert caught.value.code == "proxy"
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("kind", ["proxy", "tls_proxy"])
    def test_a_proxy_that_drips_its_answer_ends_at_the_deadline(self, request, kind, authority, short_limits, seconds):
        proxy = request.getfixturevalue(kind)

        def drip(connection):
            for one in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500:
                if proxy.ended.wait(0.1):
                    return
                connection.sendall(bytes([one]))

        proxy.answer = drip
        line = Transport(
            limits=short_limits, allow_private_hosts=True, proxy=proxy.address, ca_bundle=str(authority.bundle)
        )
        with line, pytest.raises(Unavailable) as caught:
            line.post("https://moodle.test/", FORM, body_of)
        assert caught.value.code == "silent"
        assert 0.7 < seconds() < 2.5

    @pytest.mark.parametrize("kind", ["proxy", "tls_proxy"])
    def test_a_site_behind_it_that_drips_ends_at_the_deadline(
        self, request, kind, tls_site, authority, short_limits, seconds
    ):
        proxy = request.getfixturevalue(kind)
        tls_site.behave = lambda handler, n: tls_site.drip(handler, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500)
        line = Transport(
            limits=short_limits, allow_private_hosts=True, proxy=proxy.address, ca_bundle=str(authority.bundle)
        )
        with line, pytest.raises(Unavailable) as caught:
            line.post("https://localhost/", FORM, body_of)
        assert caught.value.code == "silent"
        assert 0.7 < seconds() < 2.5

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "proxy.example.org:3128",
            "socks5://me:secret@proxy.example.org",
            "http://",
            "http://me:secret@[::1",
            "http://me:secret@proxy.example.org:99999",
            "http://me:secret@proxy.example.org:0",
            "http://me:secret@proxy.example.org/path",
            "http://me:secret@proxy.example.org?a=b",
        ],
    )
    def test_what_is_no_address_of_a_proxy_is_refused_without_showing_it(self, address):
        with pytest.raises(Unavailable) as caught:
            Transport(proxy=address)
        assert caught.value.code == "bad_proxy"
        assert "secret" not in f"{caught.value} {caught.value!r} {caught.value.params}"
        assert caught.value.__context__ is None

    def test_an_address_of_a_proxy_without_a_port_has_that_of_its_kind(self):
        for address, url in (
            ("http://proxy.example.org/", "http://proxy.example.org:80"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]:443"),
        ):
            with Transport(proxy=address) as line:
                assert line._session.proxies == {"http": url, "https": url}


class TestAuthorities:
    def test_a_chain_of_the_school_s_own_is_accepted(self, tls_site, authority, limits):
        with Transport(limits=limits, allow_private_hosts=True, ca_bundle=str(authority.bundle)) as line:
            assert line.post(tls_site.url, FORM, body_of) == b"[]"

    def test_another_authority_is_not(self, tls_site, tmp_path, limits):
        (tmp_path / "other").mkdir()
        line = Transport(limits=limits, allow_private_hosts=True, ca_bundle=str(Authority(tmp_path / "other").bundle))
        with line, pytest.raises(Unavailable) as caught:
            line.post(tls_site.url, FORM, body_of)
        assert caught.value.code == "tls"
        assert tls_site.requests == 0

    @pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\n"])
    def test_a_bundle_that_cannot_be_read_is_said_at_once_and_without_its_path(self, tmp_path, content):
        path = tmp_path / "ca.pem"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(Unavailable) as caught:
            Transport(ca_bundle=str(path))
        assert caught.value.code == "bad_ca_bundle"
        assert str(tmp_path) not in str(caught.value)
        assert caught.value.__context__ is None

    def test_a_handshake_that_never_ends_is_given_up_inside_the_deadline(self, short_limits, seconds):
        """Each byte comes in time; only all of them together do not."""
        ended = threading.Event()

        def drip(listener):
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    # A record of 16,384 bytes is announced, and then hardly comes.
                    for one in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\x00" * 500:
                        try:
                            connection.sendall(bytes([one]))
                        except OSError:
                            break
                        if ended.wait(0.1):
                            break

        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=drip, args=(listener,), daemon=True).start()
            with Transport(limits=short_limits, allow_private_hosts=True) as line, pytest.raises(Unavailable) as caught:
                line.post(f"https://127.0.0.1:{listener.getsockname()[1]}/", FORM, body_of)
            ended.set()
        assert caught.value.code in ("silent", "slow")
        assert seconds() < 2.5
