"""May this launch come in? Every check in one list, in the order of the specifications, each with its refusal
code.

`CHECKS` is read from top to bottom: first the request, then the login it answers, the signature (1EdTech
Security Framework 1.0, §5.1.3, and OpenID Connect Core 1.0, §3.1.3.7), and last the LTI message (LTI Core
1.3, §5.3). Each check adds what it has proved to the `Arrival`; a later one may rely on it, an earlier one
cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from pydantic import ValidationError

from lti import claims as said
from lti.browser import PlatformStorage, is_same, is_secret
from lti.claims import LTI, MESSAGES, Message, is_identifier, is_storable
from lti.jose import (
    ALGORITHM,
    ClaimsMalformed,
    PublicKey,
    SignatureWrong,
    TokenHeader,
    TokenMalformed,
    VerifiedClaims,
    read_header,
    verify,
)
from lti.keysets import KeySets, KeysUnavailable
from lti.login import Login, ToolAddress, kept_in, shown_origin
from lti.platforms import Logins, Platform, Platforms
from lti.refusals import LaunchContext, Refusal
from lti.roles import Role, read_roles

LARGEST_REQUEST = 64 * 1024
"""Characters of all fields of a launch (as posted, bytes). Moodle's launches have 6,000."""
LONGEST_LEEWAY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class LaunchRules:
    """What a host may choose. `messages` are the message types it answers; an anonymous launch has no
    `sub`."""

    leeway: timedelta = LONGEST_LEEWAY
    max_age: timedelta = timedelta(minutes=10)
    anonymous: bool = False
    messages: frozenset[str] = frozenset({said.ResourceLinkRequest.message_type})

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.leeway <= LONGEST_LEEWAY:
            raise ValueError("the leeway is 0 to 60 seconds")
        if unknown := self.messages - MESSAGES.keys():
            raise ValueError(f"not a message type: {', '.join(sorted(unknown))}")


@dataclass(frozen=True, slots=True, repr=False)
class Launch:
    """A launch that may come in. `subject` is None only where anonymous launches are allowed; `mark` is the
    browser's mark, None when the cookie did not come back (then nobody may enter yet). `storage` is where the
    platform's page keeps the secret of this login, `proof_digest` its digest. `claims` is all that was signed."""

    platform: Platform
    deployment_id: str
    subject: str | None
    message: Message
    roles: tuple[Role, ...]
    target_link_uri: str
    mark: str | None
    claims: VerifiedClaims
    storage: PlatformStorage | None = None
    proof_digest: str | None = None

    def __repr__(self) -> str:
        return f"<Launch {self.message.message_type} from {self.platform.id}>"

    @property
    def name(self) -> str | None:
        return self.message.name

    @property
    def given_name(self) -> str | None:
        return self.message.given_name

    @property
    def family_name(self) -> str | None:
        return self.message.family_name

    @property
    def email(self) -> str | None:
        return self.message.email

    @property
    def context(self) -> said.Context | None:
        return self.message.context

    @property
    def resource_link(self) -> said.ResourceLink | None:
        return self.message.resource_link

    @property
    def locale(self) -> str | None:
        """As sent: Moodle's `sr_lt` is no locale of anyone else's."""
        presentation = self.message.presentation
        return (presentation.locale if presentation else None) or self.message.locale

    @property
    def return_url(self) -> str | None:
        return self.message.presentation.return_url if self.message.presentation else None

    @property
    def custom(self) -> Mapping[str, str]:
        return self.message.custom

    @property
    def ext(self) -> Mapping[str, str]:
        return self.message.ext

    @property
    def sourced_ids(self) -> said.SourcedIds | None:
        return self.message.sourced_ids

    @property
    def names_and_roles(self) -> said.NamesAndRoles | None:
        return self.message.names_and_roles

    @property
    def grades(self) -> said.AssignmentAndGrade | None:
        return self.message.grades

    @property
    def seen(self) -> LaunchContext:
        """For a refusal that comes after the launch."""
        return LaunchContext(self.platform.issuer, self.platform.client_id, self.return_url)


@dataclass(repr=False)
class Arrival:
    """A launch on its way through the checks: what came, whom to ask, and what has been proved so far.

    The fields without a value come into being with the check that proves them.
    """

    form: Mapping[str, str]
    mark: str | None
    now: datetime
    platforms: Platforms
    logins: Logins
    key_sets: KeySets
    tool: ToolAddress
    rules: LaunchRules
    seen: LaunchContext = LaunchContext()

    login: Login = field(init=False)
    platform: Platform = field(init=False)
    token: str = field(init=False)
    header: TokenHeader = field(init=False)
    key: PublicKey = field(init=False)
    claims: VerifiedClaims = field(init=False)
    subject: str | None = field(init=False)
    deployment_id: str = field(init=False)
    message: Message = field(init=False)
    target_link_uri: str = field(init=False)


def read_launch(
    form: Mapping[str, str],
    *,
    platforms: Platforms,
    logins: Logins,
    key_sets: KeySets,
    tool: ToolAddress,
    rules: LaunchRules,
    clock: Callable[[], datetime],
    mark: str | None,
) -> Launch:
    """The launch in the platform's form post, when every check passes.

    `clock` gives aware UTC; `mark` is the browser's, None when its cookie did not come. Raises Refusal with
    the code of the first check that fails; its `seen` says which platform it was as far as known. Asks
    `logins.take`, `platforms.get` and `platforms.meet_deployment` once each.
    """
    arrival = Arrival(form, mark, clock(), platforms, logins, key_sets, tool, rules)
    try:
        for check in CHECKS:
            check(arrival)
    except Refusal as refusal:
        refusal.seen = arrival.seen
        raise
    return Launch(
        platform=arrival.platform,
        deployment_id=arrival.deployment_id,
        subject=arrival.subject,
        message=arrival.message,
        roles=read_roles(arrival.message.roles),
        target_link_uri=arrival.target_link_uri,
        mark=arrival.mark,
        claims=arrival.claims,
        storage=kept_in(arrival.login, arrival.platform),
        proof_digest=arrival.login.storage_digest,
    )


def the_request_is_small_and_plain(arrival: Arrival) -> None:
    size = sum(len(name) + len(value) for name, value in arrival.form.items())
    if size > LARGEST_REQUEST:
        raise Refusal("request_too_large", size=size)
    for name in ("id_token", "state", "error"):
        if not is_storable(arrival.form.get(name, "")):
            raise Refusal("form_malformed", field=name)


def the_platform_did_not_refuse(arrival: Arrival) -> None:
    """OpenID Connect Core §3.1.2.6. Told before the state is looked at, because some platforms send none with
    it."""
    error = arrival.form.get("error")
    if not error:
        return
    login = _taken_login(arrival)
    platform = arrival.platforms.get(login.platform_id) if login else None
    if platform is not None:
        arrival.seen = LaunchContext(platform.issuer, platform.client_id)
    raise Refusal(_PLATFORM_ERRORS.get(error, "platform_error"), error=error)


def the_state_is_known_and_unused(arrival: Arrival) -> None:
    """The login is taken from its store here: whatever becomes of this launch, it cannot come a second
    time."""
    if not arrival.form.get("state"):
        raise Refusal("state_missing")
    login = _taken_login(arrival)
    if login is None:
        raise Refusal("state_unknown")
    if arrival.now >= login.expires_at:
        raise Refusal("state_expired", until=login.expires_at.isoformat())
    arrival.login = login


def the_browser_is_the_one_that_logged_in(arrival: Arrival) -> None:
    """A missing mark is not refused here; see `lti.browser` for what becomes of it."""
    if arrival.mark is not None and not is_same(arrival.mark, arrival.login.mark_digest):
        raise Refusal("browser_changed")


def the_registration_still_stands(arrival: Arrival) -> None:
    """It is found by the login, never by what the token says of itself."""
    platform = arrival.platforms.get(arrival.login.platform_id)
    if platform is None:
        raise Refusal("registration_unknown")
    arrival.platform = platform
    arrival.seen = LaunchContext(platform.issuer, platform.client_id)


def the_token_is_compact(arrival: Arrival) -> None:
    token = arrival.form.get("id_token")
    if not token:
        raise Refusal("token_missing")
    try:
        arrival.header = read_header(token)
    except TokenMalformed:
        raise Refusal("token_malformed") from None
    arrival.token = token


def the_header_brings_no_key(arrival: Arrival) -> None:
    """A token must not choose the key it is checked with (RFC 8725, §3.10), nor ask for extensions."""
    if unwelcome := _UNWELCOME_HEADERS & arrival.header.names:
        raise Refusal("header_refused", names=sorted(unwelcome))


def the_algorithm_is_rs256(arrival: Arrival) -> None:
    if arrival.header.algorithm != ALGORITHM:
        raise Refusal("algorithm_refused", algorithm=arrival.header.algorithm, key_algorithm=ALGORITHM)


def the_key_is_the_platforms(arrival: Arrival) -> None:
    kid, jwks_url = arrival.header.kid, arrival.platform.jwks_url
    if not kid:
        raise Refusal("key_missing")
    try:
        key = arrival.key_sets.key(jwks_url, kid)
    except KeysUnavailable as error:
        raise Refusal("keys_unavailable", jwks_url=jwks_url, failure=error.failure) from None
    if key is None:
        raise Refusal("key_unknown", jwks_url=jwks_url, kid=kid)
    if key.algorithm != arrival.header.algorithm:
        raise Refusal("algorithm_refused", algorithm=arrival.header.algorithm, key_algorithm=key.algorithm)
    arrival.key = key


def the_signature_holds(arrival: Arrival) -> None:
    try:
        arrival.claims = verify(arrival.token, arrival.key)
    except SignatureWrong:
        raise Refusal("signature_wrong", kid=arrival.key.kid, jwks_url=arrival.platform.jwks_url) from None
    except ClaimsMalformed:
        raise Refusal("claims_malformed") from None
    arrival.seen = replace(arrival.seen, return_url=_return_url(arrival.claims))


def the_issuer_is_the_platform(arrival: Arrival) -> None:
    issuer = arrival.claims.get("iss")
    if issuer != arrival.platform.issuer:
        raise Refusal("issuer_differs", issuer=issuer, expected=arrival.platform.issuer)


def the_audience_is_us(arrival: Arrival) -> None:
    audience = _audience(arrival.claims)
    if arrival.platform.client_id not in audience:
        raise Refusal("audience_differs", audience=audience, expected=arrival.platform.client_id)


def the_authorized_party_is_us(arrival: Arrival) -> None:
    """`azp` has to be there when others are addressed as well, and has to be us whenever it is."""
    client_id, claims = arrival.platform.client_id, arrival.claims
    is_alone = len(_audience(claims)) == 1
    if ("azp" in claims or not is_alone) and claims.get("azp") != client_id:
        raise Refusal("party_differs", party=claims.get("azp"), expected=client_id)


def the_time_is_right(arrival: Arrival) -> None:
    claims, rules, now = arrival.claims, arrival.rules, arrival.now
    issued, expires, not_before = claims.get("iat"), claims.get("exp"), claims.get("nbf", claims.get("iat"))
    if not (_is_number(issued) and _is_number(expires) and _is_number(not_before)):
        raise Refusal("times_missing")
    if expires <= (now - rules.leeway).timestamp():
        raise Refusal("token_expired", exp=_shown_time(expires), now=now.isoformat())
    if issued < (now - rules.max_age - rules.leeway).timestamp():
        raise Refusal("token_too_old", iat=_shown_time(issued), now=now.isoformat())
    begins = max(issued, not_before)
    if begins > (now + rules.leeway).timestamp():
        raise Refusal("token_from_future", begins=_shown_time(begins), now=now.isoformat())


def the_nonce_is_this_logins(arrival: Arrival) -> None:
    nonce = arrival.claims.get("nonce")
    if not isinstance(nonce, str) or not is_same(nonce, arrival.login.nonce_digest):
        raise Refusal("nonce_differs")


def somebody_is_named(arrival: Arrival) -> None:
    subject = arrival.claims.get("sub")
    if subject is None and not arrival.rules.anonymous:
        raise Refusal("subject_missing")
    if subject is not None and not is_identifier(subject):
        raise Refusal("subject_malformed")
    arrival.subject = subject


def the_deployment_is_approved(arrival: Arrival) -> None:
    deployment_id, platform = arrival.claims.get(LTI + "deployment_id"), arrival.platform
    if not is_identifier(deployment_id):
        raise Refusal("deployment_malformed")
    if not arrival.platforms.meet_deployment(platform.id, deployment_id).approved:
        raise Refusal(
            "deployment_waiting",
            deployment_id=deployment_id,
            issuer=platform.issuer,
            client_id=platform.client_id,
        )
    arrival.deployment_id = deployment_id


def the_version_is_ours(arrival: Arrival) -> None:
    version = arrival.claims.get(LTI + "version")
    if version != "1.3.0":
        raise Refusal("version_unsupported", version=version)


def the_message_is_answered(arrival: Arrival) -> None:
    message_type = arrival.claims.get(LTI + "message_type")
    if not isinstance(message_type, str) or message_type not in MESSAGES:
        raise Refusal("message_unknown", message_type=message_type)
    if message_type not in arrival.rules.messages:
        raise Refusal("message_unanswered", message_type=message_type)


def the_message_is_whole(arrival: Arrival) -> None:
    """What a message requires is said by its model; here only which code tells that it is missing."""
    model = MESSAGES[arrival.claims[LTI + "message_type"]]
    try:
        arrival.message = arrival.claims.read_with(model.model_validate)
    except ValidationError as error:
        claim = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
        raise Refusal(_MISSING_CLAIMS[claim]) from None


def the_target_is_ours(arrival: Arrival) -> None:
    """Where a message needs no target, the login's counts; it was checked to be ours when the login began."""
    target = arrival.message.target_link_uri or arrival.login.target_link_uri
    if not arrival.tool.owns(target):
        raise Refusal("target_foreign", target=shown_origin(target), ours=arrival.tool.origin)
    arrival.target_link_uri = target


CHECKS: tuple[Callable[[Arrival], None], ...] = (
    the_request_is_small_and_plain,
    the_platform_did_not_refuse,
    the_state_is_known_and_unused,
    the_browser_is_the_one_that_logged_in,
    the_registration_still_stands,
    the_token_is_compact,
    the_header_brings_no_key,
    the_algorithm_is_rs256,
    the_key_is_the_platforms,
    the_signature_holds,
    the_issuer_is_the_platform,
    the_audience_is_us,
    the_authorized_party_is_us,
    the_time_is_right,
    the_nonce_is_this_logins,
    somebody_is_named,
    the_deployment_is_approved,
    the_version_is_ours,
    the_message_is_answered,
    the_message_is_whole,
    the_target_is_ours,
)


_PLATFORM_ERRORS: Mapping[str, str] = {
    "access_denied": "platform_access_denied",
    "login_required": "platform_login_required",
    "interaction_required": "platform_login_required",
    "account_selection_required": "platform_login_required",
    "consent_required": "platform_login_required",
    "unauthorized_client": "platform_unauthorized_client",
    "invalid_request": "platform_invalid_request",
    "invalid_request_uri": "platform_invalid_request",
    "invalid_scope": "platform_invalid_request",
    "unsupported_response_type": "platform_invalid_request",
}

_UNWELCOME_HEADERS = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})

_MISSING_CLAIMS: Mapping[str, str] = {
    LTI + "roles": "roles_malformed",
    LTI + "resource_link": "resource_link_malformed",
    LTI + "target_link_uri": "target_missing",
    LTI + "for_user": "for_user_malformed",
    said.DEEP_LINKING + "deep_linking_settings": "deep_linking_settings_malformed",
}


def _taken_login(arrival: Arrival) -> Login | None:
    state = arrival.form.get("state", "")
    return arrival.logins.take(state) if is_secret(state) else None


def _audience(claims: VerifiedClaims) -> tuple[str, ...]:
    audience = claims.get("aud")
    if isinstance(audience, str):
        return (audience,)
    if isinstance(audience, tuple) and all(isinstance(one, str) for one in audience):
        return audience
    return ()


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown_time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def _return_url(claims: VerifiedClaims) -> str | None:
    presentation = claims.get(LTI + "launch_presentation")
    url = presentation.get("return_url") if isinstance(presentation, Mapping) else None
    return url if isinstance(url, str) and said.is_web_url(url) else None
