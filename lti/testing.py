"""A platform in memory that signs launches, good and spoiled, for anyone's tests.

`PlatformInMemory` plays the LMS: it fills the login form, and answers the tool's redirect with a launch whose
claims have the shape of Moodle's. `SPOILED` names the ways to spoil a launch and the refusal each must meet.
The stores keep everything in dictionaries under a lock. Signatures are made here without `lti.jose`, so that
the two check each other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from lti.browser import Ticket, digest
from lti.claims import DEEP_LINKING, LTI
from lti.login import Login
from lti.platforms import Deployment, Platform
from lti.toolkeys import ToolKey

TOOL_URL = "https://plc.example.org"
DEPLOYMENT_ID = "1"


class FrozenClock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        """`duration` as `timedelta` takes it: `forward(minutes=5)`."""
        self.now += timedelta(**duration)


class PlatformsInMemory:
    """Registrations and their deployments; `met` lists every deployment asked for, in order."""

    def __init__(self, *platforms: Platform, approved: Sequence[str] = (DEPLOYMENT_ID,)) -> None:
        self._platforms = {platform.id: platform for platform in platforms}
        self._deployments = {
            (platform.id, deployment_id): Deployment(deployment_id, approved=True)
            for platform in platforms
            for deployment_id in approved
        }
        self.met: list[tuple[str, str]] = []
        self.gets = 0

    def by_issuer(self, issuer: str) -> Sequence[Platform]:
        return [platform for platform in self._platforms.values() if platform.issuer == issuer]

    def get(self, platform_id: str) -> Platform | None:
        self.gets += 1
        return self._platforms.get(platform_id)

    def expects_deployment(self, platform_id: str, deployment_id: str) -> bool:
        theirs = [found for (platform, _), found in self._deployments.items() if platform == platform_id]
        is_known = (platform_id, deployment_id) in self._deployments
        return is_known or not any(deployment.approved for deployment in theirs)

    def meet_deployment(self, platform_id: str, deployment_id: str) -> Deployment:
        self.met.append((platform_id, deployment_id))
        waiting = Deployment(deployment_id, approved=False)
        return self._deployments.setdefault((platform_id, deployment_id), waiting)

    def approve(self, platform_id: str, deployment_id: str) -> None:
        self._deployments[platform_id, deployment_id] = Deployment(deployment_id, approved=True)

    def remove(self, platform_id: str) -> None:
        del self._platforms[platform_id]


class LoginsInMemory:
    def __init__(self) -> None:
        self._logins: dict[str, Login] = {}
        self._lock = threading.Lock()
        self.takes = 0

    def put(self, login: Login) -> None:
        with self._lock:
            self._logins[login.state_digest] = login

    def take(self, state: str) -> Login | None:
        with self._lock:
            self.takes += 1
            return self._logins.pop(digest(state), None)

    def __len__(self) -> int:
        return len(self._logins)


class TicketsInMemory:
    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._lock = threading.Lock()

    def put(self, ticket: Ticket) -> None:
        with self._lock:
            self._tickets[ticket.ticket_digest] = ticket

    def take(self, ticket_secret: str) -> Ticket | None:
        with self._lock:
            return self._tickets.pop(digest(ticket_secret), None)

    def __len__(self) -> int:
        return len(self._tickets)


class ToolKeysInMemory:
    def __init__(self, ring: Sequence[ToolKey] = ()) -> None:
        self._ring = tuple(ring)

    def load(self) -> Sequence[ToolKey]:
        return self._ring

    def published(self) -> Sequence[Mapping[str, str]]:
        return [key.public for key in self._ring]

    def change(self, step: Callable[[Sequence[ToolKey]], Sequence[ToolKey]]) -> Sequence[ToolKey]:
        self._ring = tuple(step(self._ring))
        return self._ring


Signer = Callable[[bytes], bytes]


@dataclass
class Draft:
    """A launch before it is signed; spoiling one means changing this. `finish` gets the finished token."""

    claims: dict[str, Any]
    header: dict[str, Any]
    signer: Signer
    form: dict[str, str]
    finish: Callable[[str], str] = field(default=lambda token: token)
    payload: bytes | None = None


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A way to spoil a launch, and the code of the refusal it must meet."""

    code: str
    spoil: Callable[[Draft], None]


class PlatformInMemory:
    """An LMS with one registration of the tool. `jwks_reads` counts how often its key set was asked for."""

    def __init__(
        self,
        issuer: str = "https://lms.example.org",
        client_id: str = "plc-client-1",
        platform_id: str = "platform-1",
        tool_url: str = TOOL_URL,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.clock = clock
        self.tool_url = tool_url
        self.jwks_reads = 0
        self.registration = Platform(
            id=platform_id,
            issuer=issuer,
            client_id=client_id,
            auth_url=f"{issuer}/mod/lti/auth.php",
            token_url=f"{issuer}/mod/lti/token.php",
            jwks_url=f"{issuer}/mod/lti/certs.php",
            name="Example LMS",
        )
        self.kid = "platform-key-1"
        self._key = rsa_key("platform")

    def rotate_key(self, kid: str = "platform-key-2") -> None:
        """From now on sign with another key; the old one is no longer published."""
        self.kid, self._key = kid, rsa_key(kid)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [public_jwk(self._key, self.kid)]}

    def fetch(self, jwks_url: str) -> dict[str, Any]:
        """For `KeySets`. Raises ConnectionError for any other URL than this platform's."""
        if jwks_url != self.registration.jwks_url:
            raise ConnectionError("no such platform")
        self.jwks_reads += 1
        return self.jwks()

    def login_form(self, **changes: str | None) -> dict[str, str]:
        """What the platform posts to /lti/login; None leaves a field out."""
        form = {
            "iss": self.registration.issuer,
            "target_link_uri": f"{self.tool_url}/lti/launch",
            "login_hint": "5",
            "lti_message_hint": '{"cmid":24,"launchid":"ltilaunch1_1962998987"}',
            "client_id": self.registration.client_id,
            "lti_deployment_id": DEPLOYMENT_ID,
        }
        return {name: value for name, value in (form | changes).items() if value is not None}

    def claims(self, nonce: str, **changes: Any) -> dict[str, Any]:
        """Good claims of a teacher who opens a link, as Moodle 4.5 shapes them; `changes` by claim name."""
        now = int(self.clock().timestamp())
        services = f"{self.registration.issuer}/mod/lti/services.php"
        return {
            "nonce": nonce,
            "iat": now,
            "exp": now + 60,
            "iss": self.registration.issuer,
            "aud": self.registration.client_id,
            LTI + "deployment_id": DEPLOYMENT_ID,
            LTI + "target_link_uri": f"{self.tool_url}/lti/launch",
            "sub": "5",
            LTI + "lis": {"person_sourcedid": "T-0001", "course_section_sourcedid": "EN/LSFA#1"},
            LTI + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"],
            LTI + "context": {
                "id": "5",
                "label": "LSFA-EN-1",
                "title": "Lesson Study & Formative Assessment",
                "type": ["CourseSection"],
            },
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "resource_link": {"title": "Our community", "description": "", "id": "1"},
            "given_name": "Ada",
            "family_name": "Teacher",
            "name": "Ada Teacher",
            LTI + "ext": {"user_username": "teacher1", "lms": "moodle-2"},
            "email": "teacher1@example.org",
            LTI + "launch_presentation": {
                "locale": "en",
                "document_target": "iframe",
                "return_url": f"{self.registration.issuer}/mod/lti/return.php?course=5&sesskey=EXAMPLE",
            },
            LTI + "tool_platform": {
                "product_family_code": "moodle",
                "version": "2024100706",
                "guid": "example-guid",
            },
            LTI + "version": "1.3.0",
            LTI + "custom": {"level": "course", "PageId": "42", "pageid": "42"},
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"],
                "lineitems": f"{services}/5/lineitems?type_id=1",
                "lineitem": f"{services}/5/lineitems/9/lineitem?type_id=1",
            },
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": f"{services}/CourseSection/5/bindings/1/memberships",
                "service_versions": ["1.0", "2.0"],
            },
        } | changes

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        """A token with these claims and the platform's key; `header` adds to or changes the header."""
        return _assembled(Draft(dict(claims), self._header() | header, rs256(self._key), {}))

    def launch_form(self, redirect_url: str, *, spoil: str | Spoiled | None = None, **changes: Any) -> dict[str, str]:
        """What the platform posts to /lti/launch after the tool's `redirect_url`.

        `spoil` is a name in `SPOILED` (or a way of your own), `changes` are claims by name; one that is None
        is left out.
        """
        asked = {name: values[0] for name, values in parse_qs(urlsplit(redirect_url).query).items()}
        claims = self.claims(asked["nonce"], **changes)
        draft = Draft(
            claims={name: value for name, value in claims.items() if value is not None},
            header=self._header(),
            signer=rs256(self._key),
            form={"state": asked["state"]},
        )
        if spoil is not None:
            (SPOILED[spoil] if isinstance(spoil, str) else spoil).spoil(draft)
        return {"id_token": _assembled(draft)} | draft.form

    def _header(self) -> dict[str, Any]:
        return {"typ": "JWT", "alg": "RS256", "kid": self.kid}


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key for this name, made once a process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_jwk(key: rsa.RSAPrivateKey, kid: str, **members: Any) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "alg": "RS256",
        "use": "sig",
        "kid": kid,
        "n": _base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
        "e": _base64url(numbers.e.to_bytes(3, "big")),
    } | members


def rs256(key: rsa.RSAPrivateKey) -> Signer:
    return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def ps256(key: rsa.RSAPrivateKey) -> Signer:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size)
    return lambda data: key.sign(data, pss, hashes.SHA256())


def hs256(secret: bytes) -> Signer:
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def _unsigned(_data: bytes) -> bytes:
    return b""


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _assembled(draft: Draft) -> str:
    payload = json.dumps(draft.claims).encode() if draft.payload is None else draft.payload
    signed = f"{_base64url(json.dumps(draft.header).encode())}.{_base64url(payload)}"
    return draft.finish(f"{signed}.{_base64url(draft.signer(signed.encode()))}")


def _claim(name: str, value: Any) -> Callable[[Draft], None]:
    """Set a claim; `...` leaves it out."""

    def spoil(draft: Draft) -> None:
        if value is ...:
            del draft.claims[name]
        else:
            draft.claims[name] = value

    return spoil


def _header(**members: Any) -> Callable[[Draft], None]:
    return lambda draft: draft.header.update(members)


def _form(fields: Mapping[str, str]) -> Callable[[Draft], None]:
    return lambda draft: draft.form.update(fields)


def _later(claim: str, seconds: float) -> Callable[[Draft], None]:
    return lambda draft: draft.claims.update({claim: draft.claims[claim] + seconds})


def _payload(payload: bytes) -> Callable[[Draft], None]:
    return lambda draft: setattr(draft, "payload", payload)


def _token(change: Callable[[str], str]) -> Callable[[Draft], None]:
    return lambda draft: setattr(draft, "finish", change)


def _all(*ways: Callable[[Draft], None]) -> Callable[[Draft], None]:
    def spoil(draft: Draft) -> None:
        for way in ways:
            way(draft)

    return spoil


def _signed_by(signer: Callable[[], Signer]) -> Callable[[Draft], None]:
    return lambda draft: setattr(draft, "signer", signer())


def _without_kid(draft: Draft) -> None:
    del draft.header["kid"]


def _public_key_as_secret(draft: Draft) -> None:
    numbers = rsa_key("platform").public_key().public_numbers()
    draft.header["alg"] = "HS256"
    draft.signer = hs256(numbers.n.to_bytes(256, "big"))


def _public_pem_as_secret(draft: Draft) -> None:
    public = rsa_key("platform").public_key()
    draft.header["alg"] = "HS256"
    draft.signer = hs256(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def _renamed_claims(draft: Draft) -> None:
    """Everything LTI says comes under the names of another version of its vocabulary."""
    draft.claims = {name.replace("/spec/lti/claim/", "/spec/lti/v2/claim/"): v for name, v in draft.claims.items()}


def _message(message_type: str, **claims: Any) -> Callable[[Draft], None]:
    """Another message, with LTI claims of its own."""
    return lambda draft: draft.claims.update(
        {LTI + "message_type": message_type} | {LTI + name: value for name, value in claims.items()}
    )


def _deep_linking(**changes: Any) -> Callable[[Draft], None]:
    """A deep linking request whose settings are good but for `changes`; None leaves one out."""
    settings = {
        "deep_link_return_url": "https://lms.example.org/mod/lti/contentitem_return.php",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
    } | changes
    said = {name: value for name, value in settings.items() if value is not None}
    return _all(_message("LtiDeepLinkingRequest"), _claim(DEEP_LINKING + "deep_linking_settings", said))


def _nested(levels: int) -> list[Any]:
    return [_nested(levels - 1)] if levels else []


def _at_the_end_of_days(draft: Draft) -> None:
    """A number that is JSON, but too large for a float."""
    text = json.dumps(draft.claims | {"iat": "when", "exp": "when"})
    draft.payload = text.replace('"when"', "1e999").encode()


def _other_claims(token: str) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{header}.{_base64url(json.dumps(claims | {'sub': '2'}).encode())}.{signature}"


_ELSEWHERE = "https://elsewhere.example.net"

SPOILED: Mapping[str, Spoiled] = MappingProxyType(
    {
        "too_large": Spoiled("request_too_large", _form({"id_token": "a" * 70_000})),
        "too_large_in_a_field_nobody_reads": Spoiled("request_too_large", _form({"extra": "a" * 70_000})),
        "state_with_nul": Spoiled("form_malformed", _form({"state": "a\0b"})),
        "error_with_nul": Spoiled("form_malformed", _form({"error": "access_denied\0"})),
        "token_with_nul": Spoiled("form_malformed", _token(lambda token: token + "\0")),
        "platform_says_access_denied": Spoiled("platform_access_denied", _form({"error": "access_denied"})),
        "platform_says_login_required": Spoiled("platform_login_required", _form({"error": "login_required"})),
        "platform_says_interaction_required": Spoiled(
            "platform_login_required", _form({"error": "interaction_required"})
        ),
        "platform_says_unauthorized_client": Spoiled(
            "platform_unauthorized_client", _form({"error": "unauthorized_client"})
        ),
        "platform_says_invalid_request": Spoiled("platform_invalid_request", _form({"error": "invalid_request"})),
        "platform_says_something_else": Spoiled("platform_error", _form({"error": "server_error"})),
        "state_missing": Spoiled("state_missing", lambda draft: draft.form.clear()),
        "state_empty": Spoiled("state_missing", _form({"state": ""})),
        "state_invented": Spoiled("state_unknown", _form({"state": "A" * 43})),
        "state_of_another_form": Spoiled("state_unknown", _form({"state": "short"})),
        "state_too_long": Spoiled("state_unknown", _form({"state": "A" * 129})),
        "state_with_a_line_break": Spoiled(
            "state_unknown", lambda draft: draft.form.update(state=draft.form["state"] + "\n")
        ),
        "launch_of_lti_1_1": Spoiled(
            "token_missing",
            _form({"id_token": "", "lti_version": "LTI-1p0", "oauth_consumer_key": "key", "oauth_signature": "c2ln"}),
        ),
        "token_empty": Spoiled("token_missing", _form({"id_token": ""})),
        "token_of_two_parts": Spoiled("token_malformed", _token(lambda token: token.rpartition(".")[0])),
        "token_with_line_break": Spoiled("token_malformed", _token(lambda token: token + "\n")),
        "token_of_five_parts": Spoiled("token_malformed", _token(lambda token: f"{token}.e30.e30")),
        "token_without_signature": Spoiled("token_malformed", _token(lambda token: token.rpartition(".")[0] + ".")),
        "token_with_a_space": Spoiled("token_malformed", _token(lambda token: " " + token)),
        "token_with_padding": Spoiled("token_malformed", _token(lambda token: token.replace(".", "=.", 1))),
        "token_in_another_alphabet": Spoiled("token_malformed", _token(lambda token: token + "+/")),
        "token_in_json_form": Spoiled("token_malformed", _form({"id_token": '{"payload":"","signatures":[]}'})),
        "token_with_unreadable_header": Spoiled("token_malformed", _token(lambda token: "_" + token)),
        "algorithm_none": Spoiled("token_malformed", _all(_header(alg="none"), _signed_by(lambda: _unsigned))),
        "algorithm_none_with_a_signature": Spoiled("algorithm_refused", _header(alg="none")),
        "algorithm_hs256_with_the_public_key": Spoiled("algorithm_refused", _public_key_as_secret),
        "algorithm_hs256_with_the_published_pem": Spoiled("algorithm_refused", _public_pem_as_secret),
        "algorithm_rs384": Spoiled("algorithm_refused", _header(alg="RS384")),
        "algorithm_rs512": Spoiled("algorithm_refused", _header(alg="RS512")),
        "algorithm_es256": Spoiled("algorithm_refused", _header(alg="ES256")),
        "algorithm_ps256_signed_so": Spoiled(
            "algorithm_refused", _all(_header(alg="PS256"), _signed_by(lambda: ps256(rsa_key("platform"))))
        ),
        "algorithm_rs256_signed_as_ps256": Spoiled("signature_wrong", _signed_by(lambda: ps256(rsa_key("platform")))),
        "algorithm_in_small_letters": Spoiled("algorithm_refused", _header(alg="rs256")),
        "algorithm_a_list": Spoiled("algorithm_refused", _header(alg=["RS256"])),
        "algorithm_empty": Spoiled("algorithm_refused", _header(alg="")),
        "algorithm_missing": Spoiled("algorithm_refused", _header(alg=None)),
        "header_brings_a_key": Spoiled(
            "header_refused",
            _all(
                lambda draft: draft.header.update(jwk=public_jwk(rsa_key("stranger"), "stranger")),
                _signed_by(lambda: rs256(rsa_key("stranger"))),
            ),
        ),
        "header_brings_a_key_under_the_platforms_kid": Spoiled(
            "header_refused",
            _all(
                lambda draft: draft.header.update(jwk=public_jwk(rsa_key("stranger"), draft.header["kid"])),
                _signed_by(lambda: rs256(rsa_key("stranger"))),
            ),
        ),
        "header_names_a_key_set": Spoiled("header_refused", _header(jku=f"{_ELSEWHERE}/jwks")),
        "header_names_a_certificate": Spoiled("header_refused", _header(x5u=f"{_ELSEWHERE}/cert")),
        "header_brings_a_certificate": Spoiled("header_refused", _header(x5c=["MIIB"])),
        "header_asks_for_extensions": Spoiled("header_refused", _header(crit=["exp"], exp=1)),
        "header_says_the_payload_is_not_encoded": Spoiled("header_refused", _header(b64=False)),
        "kid_missing": Spoiled("key_missing", _without_kid),
        "kid_a_number": Spoiled("key_missing", _header(kid=1)),
        "kid_empty": Spoiled("key_missing", _header(kid="")),
        "kid_null": Spoiled("key_missing", _header(kid=None)),
        "kid_a_list": Spoiled("key_missing", _header(kid=["platform-key-1"])),
        "kid_unknown": Spoiled("key_unknown", _header(kid="nobody's")),
        "kid_in_other_letters": Spoiled(
            "key_unknown", lambda draft: draft.header.update(kid=draft.header["kid"].upper())
        ),
        "kid_a_path": Spoiled("key_unknown", _header(kid="../../../dev/null")),
        "kid_an_address": Spoiled("key_unknown", _header(kid=f"{_ELSEWHERE}/jwks")),
        "signed_by_a_stranger": Spoiled("signature_wrong", _signed_by(lambda: rs256(rsa_key("stranger")))),
        "claims_changed_after_signing": Spoiled("signature_wrong", _token(_other_claims)),
        "signature_cut_short": Spoiled("signature_wrong", _token(lambda token: token[:-4])),
        "signature_of_nothing": Spoiled("signature_wrong", _signed_by(lambda: lambda _data: b"\0")),
        "signature_of_zeros": Spoiled("signature_wrong", _signed_by(lambda: lambda _data: bytes(256))),
        "signature_of_something_else": Spoiled(
            "signature_wrong", _signed_by(lambda: lambda _data: rs256(rsa_key("platform"))(b"e30.e30"))
        ),
        "payload_not_json": Spoiled("claims_malformed", _payload(b"launch=yes")),
        "payload_a_list": Spoiled("claims_malformed", _payload(b"[]")),
        "payload_a_text": Spoiled("claims_malformed", _payload(b'"launch"')),
        "payload_null": Spoiled("claims_malformed", _payload(b"null")),
        "payload_not_utf8": Spoiled("claims_malformed", _payload(b'{"sub":"\xff"}')),
        "payload_with_nan": Spoiled("claims_malformed", _payload(b'{"exp":NaN}')),
        "payload_with_a_name_twice": Spoiled("claims_malformed", _payload(b'{"sub":"5","sub":"2"}')),
        "payload_nested_without_end": Spoiled(
            "claims_malformed", _payload(b'{"a":' + b"[" * 9_000 + b"]" * 9_000 + b"}")
        ),
        "payload_nested_too_deep": Spoiled("claims_malformed", _claim("deep", _nested(40))),
        "issuer_of_another_platform": Spoiled("issuer_differs", _claim("iss", _ELSEWHERE)),
        "issuer_missing": Spoiled("issuer_differs", _claim("iss", ...)),
        "issuer_with_a_slash": Spoiled(
            "issuer_differs", lambda draft: draft.claims.update(iss=draft.claims["iss"] + "/")
        ),
        "audience_of_another_tool": Spoiled("audience_differs", _claim("aud", "another-tool")),
        "audience_missing": Spoiled("audience_differs", _claim("aud", ...)),
        "audience_a_number": Spoiled("audience_differs", _claim("aud", 1)),
        "audience_empty": Spoiled("audience_differs", _claim("aud", [])),
        "audience_mixed": Spoiled("audience_differs", lambda draft: draft.claims.update(aud=[draft.claims["aud"], 1])),
        "several_audiences_without_party": Spoiled(
            "party_differs", lambda draft: draft.claims.update(aud=[draft.claims["aud"], "another-tool"])
        ),
        "party_another_tool": Spoiled("party_differs", _claim("azp", "another-tool")),
        "party_null": Spoiled("party_differs", _claim("azp", None)),
        "party_empty": Spoiled("party_differs", _claim("azp", "")),
        "party_a_list": Spoiled("party_differs", lambda draft: draft.claims.update(azp=[draft.claims["aud"]])),
        "several_audiences_and_another_party": Spoiled(
            "party_differs",
            lambda draft: draft.claims.update(aud=["another-tool", draft.claims["aud"]], azp="another-tool"),
        ),
        "exp_missing": Spoiled("times_missing", _claim("exp", ...)),
        "iat_missing": Spoiled("times_missing", _claim("iat", ...)),
        "exp_a_text": Spoiled("times_missing", _claim("exp", "1795323324")),
        "iat_a_truth_value": Spoiled("times_missing", _claim("iat", True)),
        "exp_null": Spoiled("times_missing", _claim("exp", None)),
        "iat_null": Spoiled("times_missing", _claim("iat", None)),
        "exp_a_list": Spoiled("times_missing", _claim("exp", [1795323324])),
        "nbf_a_text": Spoiled("times_missing", _claim("nbf", "soon")),
        "nbf_null": Spoiled("times_missing", _claim("nbf", None)),
        "expired": Spoiled("token_expired", _later("exp", -121)),
        "expired_in_1970": Spoiled("token_expired", _claim("exp", 0)),
        "expired_before_time_began": Spoiled("token_expired", _claim("exp", -(10**30))),
        "made_long_ago": Spoiled("token_too_old", _later("iat", -661)),
        "made_in_the_future": Spoiled("token_from_future", _later("iat", 61)),
        "made_tomorrow": Spoiled("token_from_future", _all(_later("iat", 86_400), _later("exp", 86_400))),
        "made_at_the_end_of_days": Spoiled("token_from_future", _at_the_end_of_days),
        "not_valid_yet": Spoiled("token_from_future", lambda draft: draft.claims.update(nbf=draft.claims["iat"] + 61)),
        "nonce_of_another_login": Spoiled("nonce_differs", _claim("nonce", "B" * 43)),
        "nonce_missing": Spoiled("nonce_differs", _claim("nonce", ...)),
        "nonce_null": Spoiled("nonce_differs", _claim("nonce", None)),
        "nonce_empty": Spoiled("nonce_differs", _claim("nonce", "")),
        "nonce_with_a_space": Spoiled(
            "nonce_differs", lambda draft: draft.claims.update(nonce=draft.claims["nonce"] + " ")
        ),
        "nonce_is_the_state": Spoiled("nonce_differs", lambda draft: draft.claims.update(nonce=draft.form["state"])),
        "nonce_half_a_pair": Spoiled("nonce_differs", _claim("nonce", "\ud83c")),
        "nonce_a_list": Spoiled("nonce_differs", lambda draft: draft.claims.update(nonce=[draft.claims["nonce"]])),
        "subject_missing": Spoiled("subject_missing", _claim("sub", ...)),
        "subject_null": Spoiled("subject_missing", _claim("sub", None)),
        "subject_empty": Spoiled("subject_malformed", _claim("sub", "")),
        "subject_a_number": Spoiled("subject_malformed", _claim("sub", 5)),
        "subject_too_long": Spoiled("subject_malformed", _claim("sub", "5" * 256)),
        "subject_with_nul": Spoiled("subject_malformed", _claim("sub", "5\0")),
        "subject_with_a_line_break": Spoiled("subject_malformed", _claim("sub", "5\n")),
        "subject_beyond_ascii": Spoiled("subject_malformed", _claim("sub", "жұлдыз")),
        "subject_a_list": Spoiled("subject_malformed", _claim("sub", ["5"])),
        "subject_an_object": Spoiled("subject_malformed", _claim("sub", {"id": "5"})),
        "subject_a_truth_value": Spoiled("subject_malformed", _claim("sub", False)),
        "deployment_missing": Spoiled("deployment_malformed", _claim(LTI + "deployment_id", ...)),
        "deployment_too_long": Spoiled("deployment_malformed", _claim(LTI + "deployment_id", "1" * 256)),
        "deployment_a_number": Spoiled("deployment_malformed", _claim(LTI + "deployment_id", 1)),
        "deployment_null": Spoiled("deployment_malformed", _claim(LTI + "deployment_id", None)),
        "deployment_empty": Spoiled("deployment_malformed", _claim(LTI + "deployment_id", "")),
        "deployment_a_list": Spoiled("deployment_malformed", _claim(LTI + "deployment_id", [DEPLOYMENT_ID])),
        "deployment_with_nul": Spoiled("deployment_malformed", _claim(LTI + "deployment_id", "1\0")),
        "claims_of_another_vocabulary": Spoiled("deployment_malformed", _renamed_claims),
        "deployment_new": Spoiled("deployment_waiting", _claim(LTI + "deployment_id", "2")),
        "deployment_with_a_space": Spoiled("deployment_waiting", _claim(LTI + "deployment_id", DEPLOYMENT_ID + " ")),
        "deployment_with_a_zero": Spoiled("deployment_waiting", _claim(LTI + "deployment_id", "0" + DEPLOYMENT_ID)),
        "version_1_1": Spoiled("version_unsupported", _claim(LTI + "version", "LTI-1p0")),
        "version_missing": Spoiled("version_unsupported", _claim(LTI + "version", ...)),
        "version_a_number": Spoiled("version_unsupported", _claim(LTI + "version", 1.3)),
        "version_null": Spoiled("version_unsupported", _claim(LTI + "version", None)),
        "version_1_3": Spoiled("version_unsupported", _claim(LTI + "version", "1.3")),
        "version_1_3_1": Spoiled("version_unsupported", _claim(LTI + "version", "1.3.1")),
        "version_2_0": Spoiled("version_unsupported", _claim(LTI + "version", "2.0.0")),
        "version_with_a_space": Spoiled("version_unsupported", _claim(LTI + "version", "1.3.0 ")),
        "version_a_list": Spoiled("version_unsupported", _claim(LTI + "version", ["1.3.0"])),
        "message_unknown": Spoiled("message_unknown", _claim(LTI + "message_type", "LtiSomethingRequest")),
        "message_missing": Spoiled("message_unknown", _claim(LTI + "message_type", ...)),
        "message_a_list": Spoiled("message_unknown", _claim(LTI + "message_type", ["LtiResourceLinkRequest"])),
        "message_null": Spoiled("message_unknown", _claim(LTI + "message_type", None)),
        "message_empty": Spoiled("message_unknown", _claim(LTI + "message_type", "")),
        "message_in_small_letters": Spoiled("message_unknown", _claim(LTI + "message_type", "ltiresourcelinkrequest")),
        "message_of_lti_1_1": Spoiled("message_unknown", _claim(LTI + "message_type", "basic-lti-launch-request")),
        "message_not_answered": Spoiled(
            "message_unanswered", _claim(LTI + "message_type", "LtiDataPrivacyLaunchRequest")
        ),
        "roles_missing": Spoiled("roles_malformed", _claim(LTI + "roles", ...)),
        "roles_a_text": Spoiled("roles_malformed", _claim(LTI + "roles", "Instructor")),
        "roles_with_a_number": Spoiled("roles_malformed", _claim(LTI + "roles", ["Instructor", 1])),
        "roles_null": Spoiled("roles_malformed", _claim(LTI + "roles", None)),
        "roles_an_object": Spoiled("roles_malformed", _claim(LTI + "roles", {"0": "Instructor"})),
        "roles_a_list_in_a_list": Spoiled("roles_malformed", _claim(LTI + "roles", [["Instructor"]])),
        "resource_link_missing": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", ...)),
        "resource_link_without_id": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", {"title": "x"})),
        "resource_link_id_a_number": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", {"id": 1})),
        "resource_link_id_empty": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", {"id": ""})),
        "resource_link_id_null": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", {"id": None})),
        "resource_link_id_too_long": Spoiled(
            "resource_link_malformed", _claim(LTI + "resource_link", {"id": "1" * 256})
        ),
        "resource_link_id_with_nul": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", {"id": "1\0"})),
        "resource_link_null": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", None)),
        "resource_link_a_text": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", "1")),
        "resource_link_a_list": Spoiled("resource_link_malformed", _claim(LTI + "resource_link", [{"id": "1"}])),
        "target_missing": Spoiled("target_missing", _claim(LTI + "target_link_uri", ...)),
        "target_a_script": Spoiled("target_missing", _claim(LTI + "target_link_uri", "javascript:alert(1)")),
        "target_null": Spoiled("target_missing", _claim(LTI + "target_link_uri", None)),
        "target_empty": Spoiled("target_missing", _claim(LTI + "target_link_uri", "")),
        "target_a_list": Spoiled("target_missing", _claim(LTI + "target_link_uri", [f"{TOOL_URL}/lti/launch"])),
        "target_without_a_host": Spoiled("target_missing", _claim(LTI + "target_link_uri", "/lti/launch")),
        "target_with_a_backslash": Spoiled(
            "target_missing", _claim(LTI + "target_link_uri", f"{TOOL_URL}\\@elsewhere.example.net/")
        ),
        "target_with_a_line_break": Spoiled("target_missing", _claim(LTI + "target_link_uri", f"{TOOL_URL}/\nx")),
        "target_without_encryption": Spoiled(
            "target_foreign", _claim(LTI + "target_link_uri", "http://plc.example.org/lti/launch")
        ),
        "target_of_a_longer_host": Spoiled(
            "target_foreign", _claim(LTI + "target_link_uri", f"{TOOL_URL}.example.net/lti/launch")
        ),
        "target_of_a_port_that_is_none": Spoiled(
            "target_missing", _claim(LTI + "target_link_uri", f"{TOOL_URL}:99999/lti/launch")
        ),
        "target_of_port_zero": Spoiled("target_foreign", _claim(LTI + "target_link_uri", f"{TOOL_URL}:0/lti/launch")),
        "target_of_another_site": Spoiled(
            "target_foreign", _claim(LTI + "target_link_uri", f"{_ELSEWHERE}/lti/launch")
        ),
        "target_of_another_port": Spoiled(
            "target_foreign", _claim(LTI + "target_link_uri", f"{TOOL_URL}:8443/lti/launch")
        ),
        "target_with_a_user": Spoiled(
            "target_missing", _claim(LTI + "target_link_uri", "https://someone@plc.example.org/lti/launch")
        ),
        "for_user_missing": Spoiled("for_user_malformed", _claim(LTI + "message_type", "LtiSubmissionReviewRequest")),
        "for_user_without_id": Spoiled(
            "for_user_malformed", _message("LtiSubmissionReviewRequest", for_user={"name": "x"})
        ),
        "for_user_a_text": Spoiled("for_user_malformed", _message("LtiSubmissionReviewRequest", for_user="8")),
        "deep_linking_settings_missing": Spoiled(
            "deep_linking_settings_malformed", _claim(LTI + "message_type", "LtiDeepLinkingRequest")
        ),
        "deep_linking_to_a_script": Spoiled(
            "deep_linking_settings_malformed", _deep_linking(deep_link_return_url="javascript:alert(1)")
        ),
        "deep_linking_without_types": Spoiled("deep_linking_settings_malformed", _deep_linking(accept_types=None)),
        "deep_linking_types_a_text": Spoiled(
            "deep_linking_settings_malformed", _deep_linking(accept_types="ltiResourceLink")
        ),
        "deep_linking_without_targets": Spoiled(
            "deep_linking_settings_malformed", _deep_linking(accept_presentation_document_targets=None)
        ),
    }
)
"""Name → a way to spoil a launch and the refusal it must meet. Those about `for_user` and deep linking need a tool
that answers these messages."""
