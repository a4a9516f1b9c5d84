"""Who somebody was before the tool moved from LTI 1.1 to 1.3: the migration claim, believed only when signed.

A platform that moves a tool may say in each launch under which consumer key, user id and so on it was known
before (LTI 1.3 Migration Guide, “LTI 1.1 Migration Claim”). Believing that hands over everything stored under
the old key, so the claim must be signed with the old key's secret as well: the signature of the launch alone
proves who the platform is, not that it held this key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lti.claims import LTI, is_storable
from lti.jose import VerifiedClaims

CLAIM = LTI + "lti1p1"

_UNBELIEVED: Mapping[str, str] = MappingProxyType(
    {
        "claim_malformed": "the migration claim is not an object, or one of its ids is not a text",
        "key_missing": "the migration claim names no consumer key",
        "signature_missing": "the migration claim is not signed",
        "launch_incomplete": "the launch lacks what the signature of its migration claim is made of",
        "key_unknown": "the consumer key of the migration claim is not known",
        "signature_wrong": "the signature of the migration claim does not fit the consumer key's secret",
    }
)


class MigrationUnbelieved(ValueError):
    """The claim is there, and not to be believed; the launch itself is none the worse.

    Some platforms always send the old user id, without a key. `reason` is `claim_malformed`, `key_missing`,
    `signature_missing`, `launch_incomplete`, `key_unknown` or `signature_wrong`; no value is ever shown.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(_UNBELIEVED[reason])


@dataclass(frozen=True, slots=True)
class Migration:
    """The LTI 1.1 ids of a launch. `user_id` is None only in an anonymous launch; any other None says that
    the platform did not name an older id."""

    oauth_consumer_key: str
    user_id: str | None = field(default=None, repr=False)
    context_id: str | None = None
    tool_consumer_instance_guid: str | None = None
    resource_link_id: str | None = None


def read_migration(claims: VerifiedClaims, secret_of: Callable[[str], str | None]) -> Migration | None:
    """The older ids in a launch, or None when it has no migration claim.

    `secret_of` gives the secret of a consumer key, None for a key that is not known; it is asked once, before
    anything is believed. The user id is the launch's `sub` where the claim names no other. Raises
    MigrationUnbelieved.
    """
    claim = claims.get(CLAIM)
    if claim is None:
        return None
    if not isinstance(claim, Mapping):
        raise MigrationUnbelieved("claim_malformed")
    key, given = _text(claim, "oauth_consumer_key"), _text(claim, "oauth_consumer_key_sign")
    if key is None:
        raise MigrationUnbelieved("key_missing")
    if given is None:
        raise MigrationUnbelieved("signature_missing")
    base = _base_string(key, claims)
    secret = secret_of(key)
    # Anybody can sign with an empty secret.
    if not secret:
        raise MigrationUnbelieved("key_unknown")
    if not hmac.compare_digest(given.encode(), _signature(base, secret)):
        raise MigrationUnbelieved("signature_wrong")
    return Migration(
        oauth_consumer_key=key,
        user_id=_text(claim, "user_id") or _text(claims, "sub"),
        context_id=_text(claim, "context_id"),
        tool_consumer_instance_guid=_text(claim, "tool_consumer_instance_guid"),
        resource_link_id=_text(claim, "resource_link_id"),
    )


def _text(values: Mapping[str, object], name: str) -> str | None:
    """The text of this name; None when it is absent, null or empty. Raises MigrationUnbelieved for anything
    else."""
    value = values.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not is_storable(value):
        raise MigrationUnbelieved("claim_malformed")
    return value


def _base_string(key: str, claims: VerifiedClaims) -> bytes:
    """What is signed: consumer key, deployment id, issuer, client id, expiry and nonce, joined by &."""
    parts = (
        key,
        claims.get(LTI + "deployment_id"),
        claims.get("iss"),
        _client_id(claims),
        _whole_seconds(claims.get("exp")),
        claims.get("nonce"),
    )
    texts = [part for part in parts if isinstance(part, str) and part and is_storable(part)]
    if len(texts) < len(parts):
        raise MigrationUnbelieved("launch_incomplete")
    return "&".join(texts).encode()


def _client_id(claims: VerifiedClaims) -> object:
    """Who the launch is for: the only audience, or the authorized party among several."""
    audience = claims.get("aud")
    if not isinstance(audience, tuple):
        return audience
    return audience[0] if len(audience) == 1 else claims.get("azp")


def _whole_seconds(expires: object) -> str | None:
    """A time as the platform wrote it into the base string: digits only, also where JSON made it a float."""
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        return None
    return str(int(expires)) if expires == expires // 1 else None


def _signature(base: bytes, secret: str) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode("utf-8", "surrogatepass"), base, hashlib.sha256))
