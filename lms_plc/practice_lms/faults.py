"""How the practice LMS misbehaves on purpose: the Nth call of a service fails in a chosen way."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Literal, get_args

from flask import Response

Kind = Literal["503", "html", "half", "silence"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Fault:
    """``on`` is a web-service function, ``token``, ``memberships``, ``grades``, ``groups``, ``notices``, ``certs``,
    ``registration`` or ``*`` for all.

    ``nth`` counts calls from 1, 0 means each call. ``seconds`` is how long ``silence`` lasts.
    """

    on: str
    kind: Kind
    nth: int = 1
    seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError("unknown kind of fault")
        if self.nth < 0 or not 0 <= self.seconds <= 600:
            raise ValueError("a fault counts calls from 0 and lasts at most 600 seconds")


class FaultSwitch:
    """Which faults are set, and how many calls each has seen; safe for several threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = Lock()
        self.set(faults)

    def set(self, faults: Iterable[Fault]) -> None:
        """Replace all faults and count from the beginning."""
        with self._lock:
            self._seen = dict.fromkeys(faults, 0)

    def __iter__(self):
        return iter(tuple(self._seen))

    def due(self, call: str) -> Fault | None:
        """Count this call; the fault it should suffer, if any."""
        found = None
        with self._lock:
            for fault in self._seen:
                if fault.on not in ("*", call):
                    continue
                self._seen[fault] += 1
                if fault.nth in (0, self._seen[fault]):
                    found = found or fault
        return found


def spoil(fault: Fault, answer: Response) -> Response:
    """What the caller gets instead of ``answer``."""
    match fault.kind:
        case "503":
            return Response("Service Unavailable", 503, {"Retry-After": "1"}, mimetype="text/plain")
        case "html":
            return Response("<!DOCTYPE html><title>Error</title><p>Proxy error</p>", 200, mimetype="text/html")
        case "half":
            body = answer.get_data()
            answer.set_data(body[: len(body) // 2])
            return answer
        case "silence":
            time.sleep(fault.seconds)
            return Response(status=504)
