"""Mail servers for the tests: real ones, on this machine, that keep what they take."""

import email
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PASSWORD = "canary p@ss/word"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass
class MailServer:
    """A real one, that keeps what it takes."""

    url: str = ""
    refuses: frozenset[str] = frozenset()
    answer: str = "250 taken"
    letters: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    async def handle_MAIL(self, _: Any, __: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refuses:
            return "550 not from you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _: Any, __: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refuses:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if self.answer.startswith("250"):
            letter = email.message_from_bytes(envelope.content, policy=modern)
            assert isinstance(letter, EmailMessage)
            self.letters.append((str(envelope.mail_from), list(envelope.rcpt_tos), letter))
        return self.answer

    def authenticate(self, _: Any, __: Any, ___: Any, ____: str, given: Any) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password.decode() == PASSWORD, handled=False)


@dataclass
class PostOffice:
    """Opens mail servers on this machine. ``certificate`` is theirs, which nobody trusts by himself."""

    certificate: Path
    key: Path
    opened: ExitStack

    def open(self, way: str = "smtp", *, refuses: set[str] | frozenset[str] = frozenset(), **how: str) -> MailServer:
        server = MailServer(refuses=frozenset(refuses), **how)
        trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trusted.load_cert_chain(self.certificate, self.key)
        login = {"authenticator": server.authenticate, "auth_required": True}
        options: dict[str, dict[str, Any]] = {
            "smtp": {},
            "smtps": {"ssl_context": trusted, "auth_require_tls": False, **login},
            "starttls": {"tls_context": trusted, "require_starttls": True, **login},
        }
        port = free_port()
        controller = Controller(server, hostname="127.0.0.1", port=port, **options[way])
        controller.start()
        self.opened.callback(controller.stop)
        user = "plc%40example.org:canary%20p%40ss%2Fword@"
        server.url = {
            "smtp": f"smtp://127.0.0.1:{port}",
            "smtps": f"smtps://{user}127.0.0.1:{port}",
            "starttls": f"smtp://{user}127.0.0.1:{port}?starttls=1",
        }[way]
        return server


@contextmanager
def open_post_office(folder: Path) -> Iterator[PostOffice]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "mail.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "mail.key").write_bytes(key.private_bytes(*pem))
    with ExitStack() as opened:
        yield PostOffice(folder / "mail.pem", folder / "mail.key", opened)
