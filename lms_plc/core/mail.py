"""One letter to a mail server, and what it said. Whoever writes letters (alarms, digests) hands them over here.

Nothing of an address or of the server's own words is in an error: logs and pages may show it.
"""

import smtplib
import ssl
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

SECONDS = 15.0
"""For each answer of the mail server."""

LONGEST_LINE = 500
"""Of a header; RFC 5322 §2.1.1 allows twice as much."""

LONGEST_ADDRESS = 254
"""RFC 5321 §4.5.3.1.3, without its angle brackets."""


class NotTaken(Exception):
    """The mail server took it for nobody. The text says why, without address and without secret.

    ``for_good``: this letter is not wanted at this address, and trying again would not help; else the server is
    silent, busy or wrongly set up, and any other letter would fare the same.
    """

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


def as_address(text: str | None) -> str | None:
    """A mail address as it is kept, or None for what is none. It fits a header: no blank, comma or line break."""
    address = (text or "").strip()
    name, at, host = address.rpartition("@")
    odd = any(not letter.isprintable() or letter.isspace() or letter in '@,;:<>()[]\\"' for letter in name + host)
    if not (at and name and "." in host.strip(".")) or odd or not address.isascii() or len(address) > LONGEST_ADDRESS:
        return None
    return f"{name}@{host.lower()}"


def write(
    *,
    sender: str,
    to: Sequence[str],
    subject: str,
    text: str,
    at: datetime,
    message_id: str,
    html: str | None = None,
    calendar: tuple[str, bytes] | None = None,
) -> Message:
    """A letter that a machine wrote. Its ``message_id`` is the same each time it is sent, so that one sent twice can
    be told. ``calendar`` is a method and a calendar file: an invitation is another form of the letter (RFC 6047 §2.4),
    what is only published is attached."""
    forms: list[Message] = [MIMEText(text, "plain", "utf-8")]
    if html is not None:
        forms.append(MIMEText(html, "html", "utf-8"))
    attached: list[Message] = []
    if calendar is not None:
        method, content = calendar
        file = MIMEText(content.decode(), "calendar", "utf-8")
        file.set_param("method", method)
        if method == "PUBLISH":
            file["Content-Disposition"] = 'attachment; filename="meetings.ics"'
        (attached if method == "PUBLISH" else forms).append(file)
    message = forms[0] if len(forms) == 1 else MIMEMultipart("alternative", _subparts=forms)
    if attached:
        message = MIMEMultipart("mixed", _subparts=[message, *attached])
    # folded, an address in a header begins with a blank, which not every mail program takes away
    message.policy = compat32.clone(max_line_length=LONGEST_LINE)
    # The newer EmailMessage loses spaces when it folds a long subject that is not ASCII.
    line = "".join(letter for letter in " ".join(subject.split()) if unicodedata.category(letter) != "Cc")
    message["Subject"] = Header(line, header_name="Subject").encode()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def hand_over(smtp_url: str, ca_bundle: Path | None, message: Message) -> int:
    """Gives the letter to the mail server; how many addresses it refused. Raises NotTaken if it took none."""
    try:
        return len(_hand_over(urlsplit(smtp_url), ca_bundle, message))
    except (OSError, ValueError) as error:
        problem = NotTaken(_reason(error), for_good=_is_for_good(error))
    # Outside of the except block: the library's error quotes the server, which quotes addresses.
    raise problem


def _hand_over(url: SplitResult, ca_bundle: Path | None, message: Message) -> dict[str, tuple[int, bytes]]:
    server = _connect(url, ca_bundle)
    try:
        return server.send_message(message)
    finally:
        with suppress(OSError):  # it has been taken; how the server says good-bye changes nothing
            server.quit()


def _connect(url: SplitResult, ca_bundle: Path | None) -> smtplib.SMTP:
    assert url.hostname is not None
    trusted = ssl.create_default_context(cafile=ca_bundle)
    server: smtplib.SMTP
    if url.scheme == "smtps":
        server = smtplib.SMTP_SSL(url.hostname, url.port or 465, timeout=SECONDS, context=trusted)
    else:
        server = smtplib.SMTP(url.hostname, url.port or (587 if url.query else 25), timeout=SECONDS)
    try:
        if url.query:
            server.starttls(context=trusted)
        if url.username and url.password:
            server.login(unquote(url.username), unquote(url.password))
    except BaseException:
        server.close()
        raise
    return server


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "the mail server refused user name or password"),
    (smtplib.SMTPRecipientsRefused, "the mail server refused every address"),
    (smtplib.SMTPSenderRefused, "the mail server refused the sender"),
    (smtplib.SMTPNotSupportedError, "the mail server does not offer what the settings ask for"),
    (smtplib.SMTPServerDisconnected, "the mail server went silent or broke off"),
    (smtplib.SMTPResponseException, "the mail server said no"),
    (ssl.SSLError, "the mail server's certificate cannot be trusted"),
    (TimeoutError, "the mail server did not answer in time"),
)
"""Exceptions of the mail library, most particular first → what is said of them."""


def _reason(error: Exception) -> str:
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            code = f" ({error.smtp_code})" if isinstance(error, smtplib.SMTPResponseException) else ""
            return reason + code
    return f"no connection to the mail server ({type(error).__name__})"


def _is_for_good(error: Exception) -> bool:
    """A 5xx about this letter or its receivers; a 4xx asks to come again (RFC 5321 §4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
