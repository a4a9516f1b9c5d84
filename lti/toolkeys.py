"""Our own keys: a ring of next, current and retired, and when each is published and used.

A key's life: it is made as **next** and published at once, long before anything is signed with it, so that
platforms that keep our key set for hours already know it on its first day. A rotation makes it **current**:
the one key that signs. The next rotation makes it **retired**: it signs nothing any more, but stays
published, because a platform may check something signed a moment ago, or may show an older token in a
dispute. After `KEPT_RETIRED` it is dropped by the first rotation that comes along, and with it the private
half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from lti.jose import generate_private_pem, public_jwk

KEPT_RETIRED = timedelta(days=30)
SIGNS_FOR = timedelta(days=90)
"""How long one key signs before it is time for the next; the next one has been published for as long."""


class KeyState(StrEnum):
    NEXT = "next"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ToolKey:
    """One key pair. Times are aware UTC; `public` is the JWK, so that publishing needs no private key."""

    kid: str
    state: KeyState
    public: Mapping[str, str] = field(repr=False)
    private_pem: str = field(repr=False)
    created_at: datetime
    retired_at: datetime | None = None


class ToolKeys(Protocol):
    """The host's store of the ring."""

    def load(self) -> Sequence[ToolKey]: ...

    def published(self) -> Sequence[Mapping[str, str]]:
        """The public halves (JWKs) of the whole ring; nothing private is touched."""

    def change(self, step: Callable[[Sequence[ToolKey]], Sequence[ToolKey]]) -> Sequence[ToolKey]:
        """Put `step(ring)` in the place of the ring, in one transaction; the new ring."""


def first_ring(now: datetime) -> tuple[ToolKey, ...]:
    """The ring of a new installation: one current key, one next."""
    return (_new_key(KeyState.CURRENT, now), _new_key(KeyState.NEXT, now))


def rotate(ring: Iterable[ToolKey], now: datetime, kept_retired: timedelta = KEPT_RETIRED) -> tuple[ToolKey, ...]:
    """The ring after one step: next signs, current is retired, a new next is published, old retired ones are
    gone.

    Raises LookupError when the ring has no next key: signing with one that nobody has seen would lock us out.
    """
    ring = tuple(ring)
    promoted = replace(_only(ring, KeyState.NEXT), state=KeyState.CURRENT)
    stepping_down = tuple(
        replace(key, state=KeyState.RETIRED, retired_at=now) for key in ring if key.state is KeyState.CURRENT
    )
    still_kept = tuple(key for key in ring if key.retired_at is not None and now - key.retired_at < kept_retired)
    return (promoted, _new_key(KeyState.NEXT, now), *stepping_down, *still_kept)


def is_due(ring: Iterable[ToolKey], now: datetime, signs_for: timedelta = SIGNS_FOR) -> bool:
    """Whether the current key has signed for long enough: since the last rotation, which made the next one."""
    return now - _only(ring, KeyState.NEXT).created_at >= signs_for


def current_key(ring: Iterable[ToolKey]) -> ToolKey:
    """The key that signs. Raises LookupError when there is none."""
    return _only(ring, KeyState.CURRENT)


def public_jwks(ring: Iterable[ToolKey]) -> dict[str, Any]:
    """The JWK set (RFC 7517 §5) we publish: every key of the ring, public halves only."""
    return {"keys": [dict(key.public) for key in ring]}


def _only(ring: Iterable[ToolKey], state: KeyState) -> ToolKey:
    for key in ring:
        if key.state is state:
            return key
    raise LookupError(f"the ring has no {state} key")


def _new_key(state: KeyState, now: datetime) -> ToolKey:
    private_pem = generate_private_pem()
    public = public_jwk(private_pem)
    return ToolKey(public["kid"], state, MappingProxyType(public), private_pem, created_at=now)
