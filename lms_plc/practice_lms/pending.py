"""What is under way for a moment only: launches, choices of content, nonces. Kept in memory, bounded."""

import secrets
from threading import Lock
from typing import TypeVar

from lms_plc.practice_lms.records import OpenLaunch, OpenReturn

_MOST = 2_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Pending:
    """Safe for several threads; the oldest makes room when there are too many."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._launches: dict[str, OpenLaunch] = {}
        self._returns: dict[str, OpenReturn] = {}
        self._nonces: dict[tuple[int, str], bool] = {}

    def begin_launch(self, launch: OpenLaunch, about: str) -> str:
        """The launch id for the tool's message hint; it works once."""
        launch_id = f"ltilaunch{about}_{secrets.randbelow(10**10)}"
        with self._lock:
            _put(self._launches, launch_id, launch)
        return launch_id

    def take_launch(self, launch_id: str) -> OpenLaunch | None:
        with self._lock:
            return self._launches.pop(launch_id, None)

    def begin_return(self, begun: OpenReturn) -> str:
        """The session key of the address a chosen content returns to."""
        session_key = secrets.token_urlsafe(12)
        with self._lock:
            _put(self._returns, session_key, begun)
        return session_key

    def find_return(self, session_key: str) -> OpenReturn | None:
        return self._returns.get(session_key)

    def end_return(self, session_key: str) -> OpenReturn | None:
        """The choice, which is over now; None when it already was."""
        with self._lock:
            return self._returns.pop(session_key, None)

    def is_new(self, tool_id: int, nonce: str) -> bool:
        """Whether this tool has not used this nonce before; it has now."""
        with self._lock:
            if (tool_id, nonce) in self._nonces:
                return False
            _put(self._nonces, (tool_id, nonce), True)
            return True


def _put(kept: dict[Key, Value], key: Key, value: Value) -> None:
    kept[key] = value
    while len(kept) > _MOST:
        del kept[next(iter(kept))]
