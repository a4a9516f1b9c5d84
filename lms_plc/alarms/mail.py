"""How is an alarm told by mail? One plain message to everybody the settings name, by the mail server they name."""

import smtplib
import ssl
from contextlib import suppress
from datetime import UTC
from email.header import Header
from email.message import Message
from email.mime.text import MIMEText
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from lms_plc.alarms.alarm import Alarm, NotSent
from lms_plc.config import Settings

SECONDS = 15.0
"""For each answer of the mail server."""


def send(settings: Settings, alarm: Alarm) -> str:
    """Hands the message to the mail server; how many addresses it took. Raises NotSent if it took none."""
    assert settings.smtp_url is not None
    message = write(settings, alarm)
    try:
        refused = _hand_over(urlsplit(settings.smtp_url), settings.ca_bundle, message)
    except (OSError, ValueError) as error:
        problem = NotSent(_reason(error))
    else:
        # Whoever was refused is not tried again: the others would get it once more each time.
        return f"{len(settings.alarm_email) - len(refused)} of {len(settings.alarm_email)} addresses taken"
    # Outside of the except block: the library's error quotes the server, which quotes addresses.
    raise problem


def write(settings: Settings, alarm: Alarm) -> Message:
    """The message. Its Message-ID is the same each time, so that one sent twice can be told."""
    assert settings.mail_from is not None
    told = alarm.told()
    about = [f"{what.capitalize()}: {told[what]}" for what in ("site", "run") if told[what]]
    ending = [*about, f"At: {alarm.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", f"From: {settings.base_url}"]
    message = MIMEText("\n\n".join([alarm.text, "\n".join(ending)]) + "\n", "plain", "utf-8")
    # The newer EmailMessage loses spaces when it folds a long subject that is not ASCII.
    message["Subject"] = Header(alarm.title, header_name="Subject").encode()
    message["From"] = settings.mail_from
    message["To"] = ", ".join(settings.alarm_email)
    message["Date"] = format_datetime(alarm.at)
    message["Message-ID"] = f"<{alarm.id}@{urlsplit(settings.base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


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
