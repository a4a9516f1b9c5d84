"""By which ways are alarms told? Those the settings name."""

from collections.abc import Callable, Mapping

from lms_plc.alarms import mail, webhook
from lms_plc.alarms.alarm import Alarm
from lms_plc.config import Settings

Send = Callable[[Settings, Alarm], str]
"""Tells an alarm; what came of it, in a few words. Raises NotSent."""

NONE = "Set PLC_ALARM_WEBHOOK, or PLC_ALARM_EMAIL with PLC_SMTP_URL and PLC_MAIL_FROM."


def channels(settings: Settings) -> Mapping[str, Send]:
    """The configured channels by name: ``webhook``, ``email``."""
    ways: dict[str, Send] = {}
    if settings.alarm_webhook:
        ways["webhook"] = webhook.post
    if settings.alarm_email:
        ways["email"] = mail.send
    return ways
