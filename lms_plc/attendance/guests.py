"""Guests of a meeting: counted, never known. Of a name only a digest is kept that nobody can read."""

import hmac
import unicodedata
from collections.abc import Iterable
from uuid import UUID

MOST = 60
"""So many guests are written down at once."""


def digests(secret_key: str, site_id: UUID, names: Iterable[str]) -> list[str]:
    """One for each name: the same name is the same guest, in every meeting of a site."""
    spelt = (" ".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in names)
    wanted = [name for name in dict.fromkeys(spelt) if name][:MOST]
    return [_digest(secret_key, site_id, name) for name in wanted]


def _digest(secret_key: str, site_id: UUID, name: str) -> str:
    return hmac.new(secret_key.encode(), b"lms-plc guests 1" + site_id.bytes + name.encode(), "sha256").hexdigest()
