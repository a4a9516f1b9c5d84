"""What stands in a letter's links: who it was written to, signed, for one purpose, and for ever.

Such a token opens no page of anybody's. It can be forwarded by mistake; what it can do is ask for less mail, or confirm
an address that its owner has just typed.
"""

import base64
import hashlib
import hmac
from uuid import UUID

_SIGNED = 20
"""Bytes of the signature that are kept."""


def token(secret_key: str, purpose: str, person_id: UUID) -> str:
    signed = person_id.bytes + _signature(secret_key, purpose, person_id)
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def person_of(secret_key: str, purpose: str, token: str) -> UUID | None:
    """Whose it is; None for one that we did not sign, or for something else."""
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(signed) != 16 + _SIGNED:
        return None
    person_id = UUID(bytes=signed[:16])
    return person_id if hmac.compare_digest(signed[16:], _signature(secret_key, purpose, person_id)) else None


def _signature(secret_key: str, purpose: str, person_id: UUID) -> bytes:
    said = f"mail|{purpose}|{person_id}".encode()
    return hmac.new(secret_key.encode(), said, hashlib.sha256).digest()[:_SIGNED]


def claimed(token: str) -> UUID | None:
    """Whose a token says it is, unproved: for looking up what it should be signed for."""
    try:
        return UUID(bytes=base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)[:16])
    except ValueError:
        return None
