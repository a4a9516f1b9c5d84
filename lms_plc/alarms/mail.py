"""How is an alarm told by mail? One plain message to everybody the settings name, by the mail server they name."""

from datetime import UTC
from email.message import Message
from urllib.parse import urlsplit

from lms_plc.alarms.alarm import Alarm, NotSent
from lms_plc.config import Settings
from lms_plc.core import mail


def send(settings: Settings, alarm: Alarm) -> str:
    """Hands the message to the mail server; how many addresses it took. Raises NotSent if it took none."""
    assert settings.smtp_url is not None
    try:
        refused = mail.hand_over(settings.smtp_url, settings.ca_bundle, write(settings, alarm))
    except mail.NotTaken as problem:
        raise NotSent(str(problem)) from None
    # Whoever was refused is not tried again: the others would get it once more each time.
    return f"{len(settings.alarm_email) - refused} of {len(settings.alarm_email)} addresses taken"


def write(settings: Settings, alarm: Alarm) -> Message:
    assert settings.mail_from is not None
    told = alarm.told()
    about = [f"{what.capitalize()}: {told[what]}" for what in ("site", "run") if told[what]]
    ending = [*about, f"At: {alarm.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", f"From: {settings.base_url}"]
    return mail.write(
        sender=settings.mail_from,
        to=settings.alarm_email,
        subject=alarm.title,
        text="\n\n".join([alarm.text, "\n".join(ending)]) + "\n",
        at=alarm.at,
        message_id=f"{alarm.id}@{urlsplit(settings.base_url).hostname}",
    )
