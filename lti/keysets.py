"""Which key of a platform has this kid? Key sets in memory, read again when they age or a key is not in them.

What is kept is always the last good answer: an empty, broken or missing one never replaces it. A kid that is
not in the set makes us read it once more (platforms rotate keys without notice), but not more often than the
cool-down allows, so that tokens with invented kids cannot make us knock at a platform's door all day.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lti.jose import PublicKey, read_key_set

MAX_AGE = timedelta(hours=1)
COOL_DOWN = timedelta(seconds=60)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_log = logging.getLogger(__name__)

Fetch = Callable[[str], bytes | Mapping[str, Any]]
"""URL → the answer's body, or its JSON. Raises OSError (as requests does) or ValueError when there is none.
The host gives it, with timeouts, a bound on the size and a guard against addresses inside its own network."""


class KeysUnavailable(Exception):
    """No key set of this platform was ever read. `failure` names the kind of the last failure."""

    def __init__(self, failure: str) -> None:
        self.failure = failure
        super().__init__(failure)


@dataclass(slots=True)
class _Shelf:
    lock: threading.Lock = field(default_factory=threading.Lock)
    keys: Mapping[str, PublicKey] | None = None
    read_at: datetime = _LONG_AGO
    quiet_until: datetime = _LONG_AGO
    failure: str = "not read yet"


class KeySets:
    """The key sets of all platforms, for all threads of a process."""

    def __init__(
        self,
        fetch: Fetch,
        clock: Callable[[], datetime],
        max_age: timedelta = MAX_AGE,
        cool_down: timedelta = COOL_DOWN,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._max_age = max_age
        self._cool_down = cool_down
        self._shelves: dict[str, _Shelf] = {}
        self._shelves_lock = threading.Lock()

    def key(self, jwks_url: str, kid: str) -> PublicKey | None:
        """The key, or None when the platform does not publish it. Raises KeysUnavailable."""
        with self._shelves_lock:
            shelf = self._shelves.setdefault(jwks_url, _Shelf())
        kept = shelf.keys.get(kid) if shelf.keys else None
        if kept is not None and not self._is_old(shelf):
            return kept
        # One thread reads for all. The others wait only if they cannot be helped by what is kept.
        if not shelf.lock.acquire(blocking=kept is None):
            return kept
        try:
            return self._key_from(shelf, jwks_url, kid)
        finally:
            shelf.lock.release()

    def _key_from(self, shelf: _Shelf, jwks_url: str, kid: str) -> PublicKey | None:
        was_read = self._is_old(shelf) and self._read(shelf, jwks_url)
        if shelf.keys is None:
            raise KeysUnavailable(shelf.failure)
        if kid not in shelf.keys and not was_read and self._read(shelf, jwks_url):
            shelf.quiet_until = self._clock() + self._cool_down
        return shelf.keys.get(kid)

    def _is_old(self, shelf: _Shelf) -> bool:
        return shelf.keys is None or self._clock() - shelf.read_at >= self._max_age

    def _read(self, shelf: _Shelf, jwks_url: str) -> bool:
        now = self._clock()
        if now < shelf.quiet_until:
            return False
        try:
            shelf.keys = read_key_set(self._fetch(jwks_url))
        except (OSError, ValueError) as error:
            shelf.failure = type(error).__name__
            shelf.quiet_until = self._clock() + self._cool_down  # counted from when it had failed, not begun
            _log.warning("key set not read: %s from %s", shelf.failure, jwks_url)
            return False
        shelf.read_at = now
        return True
