"""The life of our own keys."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lti import jose
from lti.testing import FrozenClock, ToolKeysInMemory
from lti.toolkeys import SIGNS_FOR, KeyState, current_key, is_due, public_jwks, rotate

DAY = timedelta(days=1)
NOW = FrozenClock().now


def states(ring) -> list[str]:
    return [key.state for key in ring]


def published(ring) -> set[str]:
    return {key["kid"] for key in public_jwks(ring)["keys"]}


def test_a_new_ring_signs_with_one_key_and_publishes_the_next(ring):
    assert states(ring) == [KeyState.CURRENT, KeyState.NEXT]
    assert published(ring) == {key.kid for key in ring}
    assert current_key(ring).state is KeyState.CURRENT


def test_a_rotation_signs_with_the_key_that_was_published_before(ring):
    rotated = rotate(ring, NOW + 90 * DAY)

    assert states(rotated) == [KeyState.CURRENT, KeyState.NEXT, KeyState.RETIRED]
    assert current_key(rotated).kid == ring[1].kid
    assert rotated[2].kid == current_key(ring).kid
    assert rotated[2].retired_at == NOW + 90 * DAY
    assert published(rotated) >= published(ring)


def test_a_retired_key_still_verifies_until_it_is_dropped(ring):
    signer = current_key(ring)
    token = jose.sign({"sub": "tool"}, signer.private_pem, signer.kid)
    once = rotate(ring, NOW)
    soon = rotate(once, NOW + 29 * DAY)
    late = rotate(once, NOW + 30 * DAY)

    assert jose.verify(token, jose.read_key_set(public_jwks(soon))[signer.kid])["sub"] == "tool"
    assert signer.kid not in published(late)
    assert current_key(once).kid in published(late)


def test_a_store_is_given_the_whole_ring_and_gives_it_back(ring):
    store = ToolKeysInMemory(ring)
    store.change(lambda ring: rotate(ring, NOW))

    assert states(store.load()) == [KeyState.CURRENT, KeyState.NEXT, KeyState.RETIRED]


def test_a_ring_without_the_key_that_is_needed_says_so(ring):
    with pytest.raises(LookupError, match="next"):
        rotate(ring[:1], NOW)
    with pytest.raises(LookupError, match="current"):
        current_key(ring[1:])


def test_no_repr_shows_a_private_key(ring):
    assert "PRIVATE KEY" in ring[0].private_pem
    assert "PRIVATE" not in repr(ring)
    assert "private" not in repr(public_jwks(ring)).lower()


def test_a_rotation_is_due_ninety_days_after_the_last_one(ring):
    assert not is_due(ring, NOW + SIGNS_FOR - timedelta(seconds=1))
    assert is_due(ring, NOW + SIGNS_FOR)
    rotated = rotate(ring, NOW + SIGNS_FOR)
    assert not is_due(rotated, NOW + SIGNS_FOR + DAY)
