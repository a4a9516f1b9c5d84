"""How is an alarm told over the web? One POST of JSON, signed, to an address the settings name.

The body is `Alarm.told`. ``PLC-Signature: sha256=…`` is the HMAC-SHA256 of the body, in hex. Its key is what
``lms-plc alarms key`` prints, those 64 letters as they are; it follows from ``PLC_SECRET_KEY`` and changes with it. An
alarm may come twice, with the same ``id``.
"""

import hashlib
import hmac
import json
from functools import partial

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lms_plc.alarms.alarm import Alarm, NotSent
from lms_plc.config import Settings
from lms_plc.sites.outgoing import open_session
from lti.http import BoundedHttp, NoAnswer

SECONDS = 20.0
"""For the whole call; nobody waits at a page for it."""

LARGEST_ANSWER = 1024 * 1024
"""Nobody reads it, but it has to end."""


def post(settings: Settings, alarm: Alarm) -> str:
    """Tells the address; what it said. Only on the public network unless the settings allow otherwise.

    Raises NotSent for any answer but 2xx, and for none.
    """
    assert settings.alarm_webhook is not None
    body = json.dumps(alarm.told()).encode()
    ask = BoundedHttp(
        partial(
            open_session,
            allow_private_hosts=settings.allow_private_hosts,
            proxy=settings.proxy,
            ca_bundle=settings.ca_bundle,
        ),
        total_seconds=SECONDS,
        max_bytes=LARGEST_ANSWER,
    )
    signature = sign(webhook_key(settings.secret_key.get_secret_value()), body)
    headers = {"Content-Type": "application/json", "PLC-Signature": signature}
    try:
        answer = ask("POST", settings.alarm_webhook, headers=headers, body=body)
    except NoAnswer as none:
        raise NotSent(none.reason) from None
    if not 200 <= answer.status < 300:
        raise NotSent(f"the address answered {answer.status}")
    return f"the address answered {answer.status}"


def webhook_key(secret_key: str) -> str:
    """The key receivers check signatures with: 64 hex letters (HKDF-SHA256), from which no other key follows."""
    return HKDF(SHA256(), length=32, salt=None, info=b"lms-plc alarms 1").derive(secret_key.encode()).hex()


def sign(key: str, body: bytes) -> str:
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
