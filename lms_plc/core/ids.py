"""Ids of everything stored: UUIDv7 (RFC 9562 §5.7), opaque to people and ordered in time."""

import secrets
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()


def first_id(moment: datetime) -> UUID:
    """The smallest id that can have been made at this moment: what came later has a greater one."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return UUID(int=milliseconds << 80)


def new_reference() -> str:
    """A short word a person can read out on the phone, and an admin can find in the log: ``K7PX-2M9Q``."""
    alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    letters = [secrets.choice(alphabet) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])
