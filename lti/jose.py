"""Keys and signatures: the only file that imports joserfc.

A token's claims exist as `VerifiedClaims` only after its signature was checked here; everything later asks
for that type. RS256 is the only algorithm (1EdTech Security Framework 1.0, §5.1.3), RSA keys have 2048 to
8192 bits.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import RSAKey

ALGORITHM = "RS256"
FEWEST_BITS = 2048
MOST_BITS = 8192
"""Verifying with a huge modulus is slow; no platform has one."""
DEEPEST_NESTING = 32

T = TypeVar("T")

_EXTENSIONS = frozenset({"crit", "b64"})
_COMPACT_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


class TokenMalformed(ValueError):
    """Not a signed token in compact form (RFC 7515 §7.1)."""


class SignatureWrong(ValueError):
    """The signature does not fit the key."""


class ClaimsMalformed(ValueError):
    """The signed payload is not one JSON object."""


class KeySetMalformed(ValueError):
    """Not a JWK set (RFC 7517 §5), or one without a single key we could use."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One usable key of a platform. `algorithm` is what the platform says the key is for; absent means
    RS256."""

    kid: str
    algorithm: str
    _rsa: RSAKey = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class TokenHeader:
    """What a token says about its own signature; not to be believed before that was checked."""

    algorithm: str | None
    kid: str | None
    names: frozenset[str]


class VerifiedClaims(Mapping[str, Any]):
    """The claims of a token whose signature was checked. Immutable all the way down: lists are tuples.

    Only `verify` makes one. The repr shows no claim: they name people.
    """

    __slots__ = ("_claims",)
    _claims: dict[str, Any]

    def __init__(self) -> None:
        raise TypeError("VerifiedClaims come from lti.jose.verify")

    def __getitem__(self, name: str) -> Any:
        # Frozen when it is asked for: most of what a launch says is never asked for by its name.
        return _frozen(self._claims[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("VerifiedClaims do not change")

    def __repr__(self) -> str:
        return f"<VerifiedClaims: {len(self)} claims>"

    def as_json(self) -> dict[str, Any]:
        """A copy of the claims as JSON values; changing it changes nothing here."""
        return {name: _thawed(value) for name, value in self._claims.items()}

    def read_with(self, read: Callable[[dict[str, Any]], T]) -> T:
        """What `read` makes of the claims as JSON values, which it does not change and does not keep."""
        return read(self._claims)


class _Registry(jws.JWSRegistry):
    # Some platforms put certificate thumbprints into the header; joserfc's 512 bytes are tight for that.
    max_header_length = 4096


_REGISTRY = _Registry(algorithms=[ALGORITHM], strict_check_header=False)


def read_header(token: str) -> TokenHeader:
    """The protected header of a compact token, unchecked. Raises TokenMalformed."""
    if not _COMPACT_FORM.fullmatch(token):
        raise TokenMalformed("not in compact form")
    return _read_header(token.partition(".")[0])


# A platform's headers are the same with every token, as long as its key is.
@lru_cache(maxsize=128)
def _read_header(segment: str) -> TokenHeader:
    header = _json_object(_decoded(segment))
    if header is None:
        raise TokenMalformed("header is not a JSON object")
    return TokenHeader(
        algorithm=_text_or_none(header.get("alg")),
        kid=_text_or_none(header.get("kid")),
        names=frozenset(header),
    )


def verify(token: str, key: PublicKey) -> VerifiedClaims:
    """The claims of `token`, signed RS256 with `key`.

    Raises TokenMalformed, SignatureWrong (also for another algorithm than RS256) or ClaimsMalformed.
    """
    if read_header(token).names & _EXTENSIONS:
        raise SignatureWrong("token asks for extensions of the format")
    try:
        signed = jws.deserialize_compact(token, key._rsa, registry=_REGISTRY)
    except BadSignatureError:
        raise SignatureWrong("signature does not fit the key") from None
    except (JoseError, ValueError):
        raise SignatureWrong("token cannot be checked with this key") from None
    claims = _json_object(_utf8(signed.payload))
    if claims is None:
        raise ClaimsMalformed("payload is not a JSON object")
    verified = object.__new__(VerifiedClaims)
    object.__setattr__(verified, "_claims", claims)
    return verified


def sign(claims: Mapping[str, Any], private_pem: str, kid: str) -> str:
    """A compact RS256 token (`typ` JWT) signed with our own key."""
    header = {"alg": ALGORITHM, "kid": kid, "typ": "JWT"}
    payload = json.dumps(claims, separators=(",", ":"), allow_nan=False)
    return jws.serialize_compact(header, payload, RSAKey.import_key(private_pem), registry=_REGISTRY)


def read_key_set(document: bytes | str | Mapping[str, Any]) -> Mapping[str, PublicKey]:
    """A JWK set (RFC 7517) → its usable keys by kid: RSA, for signatures, of 2048 to 8192 bits, with a kid.

    Others are left out, as the RFC asks; the first of two with the same kid counts. Raises KeySetMalformed
    when none is left.
    """
    found = _json_object(_utf8(document)) if isinstance(document, bytes | str) else document
    listed = found.get("keys") if isinstance(found, Mapping) else None
    keys: dict[str, PublicKey] = {}
    for entry in listed if isinstance(listed, list | tuple) else ():
        key = _public_key(entry)
        if key is not None:
            keys.setdefault(key.kid, key)
    if not keys:
        raise KeySetMalformed("no usable key")
    return MappingProxyType(keys)


def generate_private_pem(bits: int = FEWEST_BITS) -> str:
    """A new RSA key as unencrypted PKCS #8 PEM; the host seals it."""
    return RSAKey.generate_key(bits).as_pem(private=True).decode("ascii")


def public_jwk(private_pem: str) -> dict[str, str]:
    """The public half as JWK (RFC 7517): `kty, n, e, use, alg, kid`, the kid being its thumbprint (RFC
    7638)."""
    key = RSAKey.import_key(private_pem)
    public = key.as_dict(private=False)
    return {
        "kty": "RSA",
        "n": str(public["n"]),
        "e": str(public["e"]),
        "use": "sig",
        "alg": ALGORITHM,
        "kid": key.thumbprint(),
    }


def _public_key(entry: object) -> PublicKey | None:
    if not isinstance(entry, Mapping) or entry.get("kty") != "RSA":
        return None
    kid, algorithm = entry.get("kid"), entry.get("alg", ALGORITHM)
    if not isinstance(kid, str) or not kid or not isinstance(algorithm, str):
        return None
    if entry.get("use", "sig") != "sig" or not _may_verify(entry.get("key_ops")):
        return None
    modulus, exponent = entry.get("n"), entry.get("e")
    if not isinstance(modulus, str) or not isinstance(exponent, str):
        return None
    # Measured before joserfc sees it: it only warns of short keys.
    if not FEWEST_BITS <= _bits(modulus) <= MOST_BITS or not 2 <= _bits(exponent) <= 64:
        return None
    try:
        return PublicKey(kid, algorithm, RSAKey.import_key({"kty": "RSA", "n": modulus, "e": exponent}))
    except (JoseError, ValueError):
        return None


def _may_verify(operations: object) -> bool:
    return operations is None or (isinstance(operations, list | tuple) and "verify" in operations)


def _bits(number: str) -> int:
    return int.from_bytes(_decoded_bytes(number), "big").bit_length()


def _decoded(segment: str) -> str | None:
    return _utf8(_decoded_bytes(segment))


def _decoded_bytes(segment: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        return b""


def _utf8(data: bytes | str) -> str | None:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _json_object(text: str | None) -> dict[str, Any] | None:
    """`text` as JSON object; None for anything else, also for what only Python calls JSON (NaN), for a name
    that comes twice and for nesting no platform needs."""
    try:
        value = json.loads(text or "", parse_constant=_no_number, object_pairs_hook=_names_once)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    # So few brackets cannot nest deeper; only what has more is walked through.
    is_flat = text is not None and text.count("{") + text.count("[") <= DEEPEST_NESTING
    return value if is_flat or _depth_within(value, DEEPEST_NESTING) else None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name comes twice")
    return value


def _depth_within(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    if levels == 0:
        return False
    return all(_depth_within(item, levels - 1) for item in (value.values() if isinstance(value, dict) else value))


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({name: _frozen(item) for name, item in value.items()})
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def _thawed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _thawed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_thawed(item) for item in value]
    return value


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
