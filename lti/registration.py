"""How tool and platform come to know each other: the platform's configuration is read, the tool introduces
itself, and the platform's answer becomes a registration (Dynamic Registration 1.0, OpenID Connect Discovery
1.0 and Registration 1.0).

An administrator of the platform starts it there, and the platform opens our registration page with the
address of its configuration and mostly with a token that is good for one registration. Whoever knows our page
can open it with any address, so nothing in a configuration is taken for granted: `fetch_configuration` checks
it, and the `Http` of the host must not reach into its own network.

Canvas puts its token into the address of the configuration as well. Therefore addresses of platforms are said
as scheme and host only, and the token is in no repr and no error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from lti.claims import LONGEST_ID, is_identifier, is_storable, is_web_url
from lti.http import Answer, Http, NoAnswer
from lti.jose import ALGORITHM
from lti.login import ToolAddress, origin_of, shown_origin
from lti.platforms import Platform
from lti.refusals import N_, Reason, Refusal

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CANVAS_PRIVACY = "https://canvas.instructure.com/lti/privacy_level"

CLOSE_SUBJECT = "org.imsglobal.lti.close"
"""The `subject` of the postMessage that lets the platform close our registration page."""

LARGEST_ANSWER = 256 * 1024
"""Bytes of a configuration or of an answer to a registration. Moodle's have 3,000; Canvas lists some hundred
variables."""
LONGEST_ENDPOINT = 1000
"""Characters of an address that is stored with a registration."""
LONGEST_WORD = 120
"""Characters of a refusal that comes as plain text; what is longer is a page."""

_CANVAS = "canvas"
_AUTH_METHOD = "private_key_jwt"
_RESPONSE_TYPE = "id_token"
_NOT_LET_IN = (401, 403)
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
_LOOKS_LIKE_A_TOKEN = re.compile(r"eyJ[\w.-]{8,}", re.ASCII)
_KEPT_OF_ANSWER = (
    "client_id",
    "client_name",
    "application_type",
    "response_types",
    "grant_types",
    "initiate_login_uri",
    "redirect_uris",
    "jwks_uri",
    "logo_uri",
    "token_endpoint_auth_method",
    "scope",
    TOOL_CONFIGURATION,
)

_NOT_CONNECTED = N_(
    "Your learning platform and this tool could not be connected, and nothing was changed here. If what is said"
    " below does not help, please tell the person who looks after this tool."
)
_START_AGAIN = N_(
    "This connection was not made. Go back to your learning platform, start the registration of this tool there"
    " once more, and stay on the page that opens."
)
_LATER = N_("Your learning platform did not answer just now. Wait a minute, then start the registration there again.")

_TABLE = (
    # The platform's configuration (OpenID Connect Discovery §3 and §4)
    Reason(
        "registration_address_malformed",
        400,
        _START_AGAIN,
        N_(
            "The registration page was opened without a usable address of the platform's configuration. Start"
            " the registration on the platform, with the registration URL shown here."
        ),
    ),
    Reason(
        "registration_configuration_insecure",
        403,
        _NOT_CONNECTED,
        N_(
            "The platform names an http address as %(name)s (%(address)s). Only https can be trusted with a"
            " registration: let the platform run on https, then start again."
        ),
    ),
    Reason(
        "registration_configuration_unreachable",
        424,
        _LATER,
        N_(
            "The configuration of %(address)s could not be read (%(failure)s). Open that address from the"
            " machine this tool runs on, and start the registration again."
        ),
    ),
    Reason(
        "registration_configuration_malformed",
        424,
        _NOT_CONNECTED,
        N_(
            "The configuration of %(address)s is not a JSON object that names its issuer, or it is larger than"
            " a configuration can be. See whether dynamic registration is turned on there; otherwise register"
            " by hand."
        ),
    ),
    Reason(
        "registration_not_lti",
        424,
        _NOT_CONNECTED,
        N_(
            "The configuration of %(issuer)s does not say which LTI messages it sends. See whether LTI Advantage"
            " is turned on there; otherwise register by hand."
        ),
    ),
    Reason(
        "registration_issuer_host_differs",
        403,
        _NOT_CONNECTED,
        N_(
            "The configuration comes from %(host)s but speaks for the issuer %(issuer)s. A platform can only"
            " speak for itself: compare the site address in the platform's own settings, or register by hand."
        ),
    ),
    Reason(
        "registration_endpoint_missing",
        424,
        _NOT_CONNECTED,
        N_(
            "The configuration of %(issuer)s has no usable %(name)s. The platform cannot register tools by"
            " itself as it is: update it, or register by hand."
        ),
    ),
    Reason(
        "registration_response_type_unsupported",
        424,
        _NOT_CONNECTED,
        N_("The platform %(issuer)s answers with %(offered)s and not with id_token, so no launch could come from it."),
    ),
    Reason(
        "registration_algorithm_unsupported",
        424,
        _NOT_CONNECTED,
        N_("The platform %(issuer)s signs with %(offered)s. Only RS256 is accepted: turn it on there."),
    ),
    Reason(
        "registration_auth_method_unsupported",
        424,
        _NOT_CONNECTED,
        N_(
            "The platform %(issuer)s lets tools sign in with %(offered)s only. This tool has no password, it"
            " signs with its key (private_key_jwt): turn that on there."
        ),
    ),
    Reason(
        "registration_messages_unsupported",
        424,
        _NOT_CONNECTED,
        N_(
            "The platform %(issuer)s sends %(offered)s, and this tool answers none of that. Register by hand if"
            " the platform can send resource links after all."
        ),
    ),
    # The platform's answer (RFC 7591 §3.2)
    Reason(
        "registration_unreachable",
        424,
        _LATER,
        N_(
            "The registration could not be sent to %(address)s (%(failure)s). See on the platform whether the"
            " tool is there already; if not, start the registration again."
        ),
    ),
    Reason(
        "registration_token_used",
        403,
        _START_AGAIN,
        N_(
            "The platform has used this registration token already. The tool may be registered there: look it up"
            " among its tools, remove it, and start the registration again."
        ),
    ),
    Reason(
        "registration_token_missing",
        403,
        _START_AGAIN,
        N_(
            "The platform wants a registration token and has given none. Start the registration from the"
            " platform's list of tools, and do not open the registration URL by hand."
        ),
    ),
    Reason(
        "registration_token_refused",
        403,
        _START_AGAIN,
        N_(
            "The platform does not let this registration in (HTTP %(status)s, “%(word)s”). Its token may be too"
            " old: start the registration again and finish it within the hour."
        ),
    ),
    Reason(
        "registration_refused",
        424,
        _NOT_CONNECTED,
        N_(
            "The platform refused the registration (HTTP %(status)s, “%(word)s”). Compare the address of this"
            " tool with the one given to the platform, or register by hand."
        ),
    ),
    Reason(
        "registration_refused_with_a_page",
        424,
        _START_AGAIN,
        N_(
            "The platform answered the registration with a page instead of a reason (HTTP %(status)s). Moodle"
            " does so when the registration token is damaged or too old: start the registration again there."
        ),
    ),
    Reason(
        "registration_answer_malformed",
        424,
        _NOT_CONNECTED,
        N_(
            "The platform took the registration (HTTP %(status)s) but its answer has no usable client ID. Copy"
            " the client ID and the deployment ID from the tool's details on the platform, and enter them by"
            " hand."
        ),
    ),
)

REASONS: Mapping[str, Reason] = MappingProxyType({reason.code: reason for reason in _TABLE})
"""Code → reason, for every registration that comes to nothing."""

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "token_already_used": "registration_token_used",
        "missing_registration_token": "registration_token_missing",
    }
)
"""What a platform says in a word → the reason that says what to do about it."""


class RegistrationRefused(Refusal):
    """A registration that comes to nothing, with texts for person and admin as every `Refusal` has them.

    `code` is one of `REASONS`. Whoever registers a tool is an administrator, so both texts are for one page, the
    person's first; they hold hosts, words and numbers, never the token and no address with a query.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(REASONS[code], **values)


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """One message the tool answers.

    Without a target it goes to the tool's launch URL. Labels are by language tag (BCP 47); `roles` are role
    URIs the platform may show the link to. Raises ValueError for custom parameters no platform keeps whole.
    """

    type: str
    target_link_uri: str | None = None
    label: str | None = None
    localised_labels: Mapping[str, str] = field(default_factory=dict)
    placements: tuple[str, ...] = ()
    custom_parameters: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_custom(self.custom_parameters)


@dataclass(frozen=True, slots=True)
class ToolProfile:
    """What the tool says of itself.

    `base_url` is where it lives; login, launch and keys are under `/lti` there. Localised texts are by
    language tag. `scopes`, `claims`, `messages` and `custom_parameters` are wishes: a platform is asked only
    for what it has. Raises ValueError for a base URL that is none, a target elsewhere, or custom parameters
    no platform keeps whole.
    """

    base_url: str
    name: str
    messages: tuple[ToolMessage, ...]
    localised_names: Mapping[str, str] = field(default_factory=dict)
    description: str | None = None
    localised_descriptions: Mapping[str, str] = field(default_factory=dict)
    logo_url: str | None = None
    client_uri: str | None = None
    tos_uri: str | None = None
    policy_uri: str | None = None
    contacts: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    custom_parameters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        address = ToolAddress(self.base_url)
        for message in self.messages:
            if message.target_link_uri is not None and not address.owns(message.target_link_uri):
                raise ValueError("a message goes to an address of this tool")
        _check_custom(self.custom_parameters)


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """What a platform says of itself, checked.

    `messages_supported` is message type → placements. `variables` (without their $), `scopes_supported` and
    `claims_supported` are None where the platform does not say.
    """

    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str = field(repr=False)
    token_audience: str | None
    product_family_code: str | None
    version: str | None
    messages_supported: Mapping[str, tuple[str, ...]]
    variables: frozenset[str] | None
    scopes_supported: frozenset[str] | None
    claims_supported: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Registered:
    """What the platform made of the registration.

    `scopes` are what it says it grants: Moodle says more than it does, so a token request may still get less.
    `custom` is what it says it keeps. `answer` is its answer without what it may hold besides, such as
    secrets.
    """

    client_id: str
    deployment_id: str | None
    scopes: tuple[str, ...]
    custom: Mapping[str, str]
    answer: Mapping[str, Any] = field(repr=False)


def fetch_configuration(
    http: Http, url: str, token: str | None = None, *, allow_http: bool = False
) -> PlatformConfiguration:
    """The configuration at `url`, when it can be trusted and used.

    The host of `url` must be the host of the issuer, without exception: that alone keeps one platform from
    registering itself in the name of another. The endpoints may be elsewhere; Canvas has its registration
    endpoint at the school's own host. The token goes along because Canvas asks for it here too. `allow_http`
    is for trials without certificates. Raises RegistrationRefused.
    """
    if not is_web_url(url):
        raise RegistrationRefused("registration_address_malformed")
    address = shown_origin(url)
    _check_secure("openid_configuration", url, allow_http)
    reply = _ask(http, "GET", url, {"Accept": "application/json"} | _bearer(token))
    if isinstance(reply, str):
        raise RegistrationRefused("registration_configuration_unreachable", address=address, failure=reply)
    if reply.status in _NOT_LET_IN:
        raise _refusal(reply, token)
    if reply.status != 200:
        raise RegistrationRefused(
            "registration_configuration_unreachable", address=address, failure=f"HTTP {reply.status}"
        )
    said = _json_object(reply.body)
    issuer = _text(said.get("issuer")) if said is not None else None
    if said is None or issuer is None or not is_web_url(issuer) or "?" in issuer or "#" in issuer:
        raise RegistrationRefused("registration_configuration_malformed", address=address)
    for check in _CHECKS:
        check(said, issuer, url, allow_http)
    return _configuration(said, issuer)


def registration_request(configuration: PlatformConfiguration, profile: ToolProfile) -> dict[str, Any]:
    """What the tool asks of this platform, as JSON values: of its wishes, those the platform can grant.

    Raises RegistrationRefused when the platform sends no message that the tool answers.
    """
    messages = [
        _message(wish, configuration, profile)
        for wish in profile.messages
        if wish.type in configuration.messages_supported
    ]
    if not messages:
        raise RegistrationRefused(
            "registration_messages_unsupported",
            issuer=configuration.issuer,
            offered=sorted(configuration.messages_supported),
        )
    address = ToolAddress(profile.base_url)
    asked = _present(
        application_type="web",
        response_types=[_RESPONSE_TYPE],
        grant_types=["implicit", "client_credentials"],
        initiate_login_uri=f"{address.base_url}/lti/login",
        redirect_uris=[address.redirect_uri],
        jwks_uri=f"{address.base_url}/lti/jwks",
        token_endpoint_auth_method=_AUTH_METHOD,
        client_name=profile.name,
        logo_uri=profile.logo_url,
        client_uri=profile.client_uri,
        tos_uri=profile.tos_uri,
        policy_uri=profile.policy_uri,
        contacts=list(profile.contacts) or None,
        scope=" ".join(_granted(profile.scopes, configuration.scopes_supported)),
    )
    tool = _present(
        domain=urlsplit(address.origin).netloc,
        target_link_uri=address.redirect_uri,
        description=profile.description,
        claims=list(_granted(profile.claims, configuration.claims_supported)),
        custom_parameters=_known_custom(profile.custom_parameters, configuration.variables),
        messages=messages,
    )
    tool |= _localised("description", profile.localised_descriptions)
    if configuration.product_family_code == _CANVAS:
        tool[CANVAS_PRIVACY] = _canvas_privacy(profile.claims)
    return asked | _localised("client_name", profile.localised_names) | {TOOL_CONFIGURATION: tool}


def register(
    http: Http, configuration: PlatformConfiguration, profile: ToolProfile, token: str | None = None
) -> Registered:
    """Introduce the tool to the platform. A token is good for one registration.

    The deployment id is None where the platform tells it only in the first launch. Raises
    RegistrationRefused.
    """
    asked = registration_request(configuration, profile)
    headers = {"Accept": "application/json", "Content-Type": "application/json"} | _bearer(token)
    reply = _ask(http, "POST", configuration.registration_url, headers, json.dumps(asked).encode())
    if isinstance(reply, str):
        address = shown_origin(configuration.registration_url)
        raise RegistrationRefused("registration_unreachable", address=address, failure=reply)
    if reply.status not in (200, 201):
        raise _refusal(reply, token)
    said = _json_object(reply.body) or {}
    client_id = said.get("client_id")
    if not is_identifier(client_id):
        raise RegistrationRefused("registration_answer_malformed", status=reply.status)
    tool = said.get(TOOL_CONFIGURATION)
    tool = tool if isinstance(tool, Mapping) else {}
    scope = said.get("scope", asked["scope"])
    return Registered(
        client_id=client_id,
        deployment_id=_deployment_id(tool.get("deployment_id")),
        scopes=tuple(scope.split()) if isinstance(scope, str) else (),
        custom=_kept_custom(tool.get("custom_parameters")),
        answer=MappingProxyType({name: said[name] for name in _KEPT_OF_ANSWER if name in said}),
    )


def as_platform(configuration: PlatformConfiguration, registered: Registered, platform_id: str) -> Platform:
    """The registration to store; its name is the platform's host until somebody finds a better one."""
    return Platform(
        id=platform_id,
        issuer=configuration.issuer,
        client_id=registered.client_id,
        auth_url=configuration.auth_url,
        token_url=configuration.token_url,
        jwks_url=configuration.jwks_url,
        name=urlsplit(configuration.issuer).hostname or configuration.issuer,
        token_audience=configuration.token_audience,
    )


def close_message() -> str:
    """The subject to post to the platform's window when the registration is finished."""
    return CLOSE_SUBJECT


_Said = Mapping[str, Any]


def _the_issuer_is_the_host(said: _Said, issuer: str, url: str, allow_http: bool) -> None:
    _check_secure("issuer", issuer, allow_http)
    # the whole origin: on another port somebody else may be at home
    if origin_of(url) is None or origin_of(issuer) != origin_of(url):
        raise RegistrationRefused(
            "registration_issuer_host_differs", host=shown_origin(url), issuer=shown_origin(issuer)
        )


def _the_endpoints_are_there(said: _Said, issuer: str, url: str, allow_http: bool) -> None:
    for name in _ENDPOINTS:
        endpoint = said.get(name)
        if not isinstance(endpoint, str) or not is_web_url(endpoint) or len(endpoint) > LONGEST_ENDPOINT:
            raise RegistrationRefused("registration_endpoint_missing", issuer=issuer, name=name)
        _check_secure(name, endpoint, allow_http)


def _launches_come_as_id_tokens(said: _Said, issuer: str, url: str, allow_http: bool) -> None:
    offered = _texts(said.get("response_types_supported")) or ()
    if _RESPONSE_TYPE not in offered:
        raise RegistrationRefused("registration_response_type_unsupported", issuer=issuer, offered=offered)


def _signatures_are_rs256(said: _Said, issuer: str, url: str, allow_http: bool) -> None:
    launches = _texts(said.get("id_token_signing_alg_values_supported")) or ()
    ours = _texts(said.get("token_endpoint_auth_signing_alg_values_supported"))
    for offered in (launches, ours):
        if offered is not None and ALGORITHM not in offered:
            raise RegistrationRefused("registration_algorithm_unsupported", issuer=issuer, offered=offered)


def _tools_may_sign_in_with_a_key(said: _Said, issuer: str, url: str, allow_http: bool) -> None:
    offered = _texts(said.get("token_endpoint_auth_methods_supported"))
    if offered is not None and _AUTH_METHOD not in offered:
        raise RegistrationRefused("registration_auth_method_unsupported", issuer=issuer, offered=offered)


def _it_speaks_lti(said: _Said, issuer: str, url: str, allow_http: bool) -> None:
    lti = said.get(PLATFORM_CONFIGURATION)
    if not isinstance(lti, Mapping) or not isinstance(lti.get("messages_supported"), list):
        raise RegistrationRefused("registration_not_lti", issuer=issuer)


_CHECKS: tuple[Callable[[_Said, str, str, bool], None], ...] = (
    _the_issuer_is_the_host,
    _the_endpoints_are_there,
    _launches_come_as_id_tokens,
    _signatures_are_rs256,
    _tools_may_sign_in_with_a_key,
    _it_speaks_lti,
)


def _check_secure(name: str, url: str, allow_http: bool) -> None:
    if not allow_http and urlsplit(url).scheme != "https":
        raise RegistrationRefused("registration_configuration_insecure", name=name, address=shown_origin(url))


def _configuration(said: _Said, issuer: str) -> PlatformConfiguration:
    """The parts of a configuration that passed every check."""
    lti = said[PLATFORM_CONFIGURATION]
    family = _text(lti.get("product_family_code"))
    variables = _texts(lti.get("variables"))
    return PlatformConfiguration(
        issuer=issuer,
        auth_url=said["authorization_endpoint"],
        token_url=said["token_endpoint"],
        jwks_url=said["jwks_uri"],
        registration_url=said["registration_endpoint"],
        token_audience=_token_audience(said, family),
        product_family_code=family,
        version=_text(lti.get("version")),
        messages_supported=_messages(lti["messages_supported"]),
        variables=frozenset(name.removeprefix("$") for name in variables) if variables is not None else None,
        scopes_supported=_set(said.get("scopes_supported")),
        claims_supported=_set(said.get("claims_supported")),
    )


def _token_audience(said: _Said, family: str | None) -> str | None:
    """What the platform wants as `aud` of a token request, where that is not its token endpoint.

    Canvas names the bare host of its token endpoint here, and takes nothing but the endpoint's whole address.
    """
    server = _text(said.get("authorization_server"))
    return None if family == _CANVAS or server == said["token_endpoint"] else server


def _messages(listed: Iterable[object]) -> Mapping[str, tuple[str, ...]]:
    """Message type → placements; a type that comes twice has the placements of both."""
    supported: dict[str, tuple[str, ...]] = {}
    for entry in listed:
        name = _text(entry.get("type")) if isinstance(entry, Mapping) else None
        if isinstance(entry, Mapping) and name is not None:
            supported[name] = supported.get(name, ()) + (_texts(entry.get("placements")) or ())
    return MappingProxyType(supported)


def _message(wish: ToolMessage, configuration: PlatformConfiguration, profile: ToolProfile) -> dict[str, Any]:
    placements = [name for name in wish.placements if name in configuration.messages_supported[wish.type]]
    asked = _present(
        type=wish.type,
        target_link_uri=wish.target_link_uri or ToolAddress(profile.base_url).redirect_uri,
        label=wish.label,
        placements=placements or None,
        custom_parameters=_known_custom(wish.custom_parameters, configuration.variables) or None,
        roles=list(wish.roles) or None,
    )
    return asked | _localised("label", wish.localised_labels)


def _granted(wishes: Iterable[str], supported: frozenset[str] | None) -> tuple[str, ...]:
    return tuple(wish for wish in wishes if supported is None or wish in supported)


def _known_custom(custom: Mapping[str, str], variables: frozenset[str] | None) -> dict[str, str]:
    """The literals, and the variables the platform fills in: others would arrive as typed, dollar and all."""
    return {
        name: value
        for name, value in custom.items()
        if variables is None or not value.startswith("$") or value.removeprefix("$") in variables
    }


def _canvas_privacy(claims: Iterable[str]) -> str:
    """Canvas gives personal claims by level, not by name."""
    has_name = any(claim in ("name", "given_name", "family_name") for claim in claims)
    if "email" in claims:
        return "public" if has_name else "email_only"
    return "name_only" if has_name else "anonymous"


def _refusal(reply: Answer, token: str | None) -> RegistrationRefused:
    word = _word(reply.body)
    if word is None:
        return RegistrationRefused("registration_refused_with_a_page", status=reply.status)
    if word in _WORDS:
        return RegistrationRefused(_WORDS[word])
    # A platform may say what it did not like, and that may have been the token.
    told = _LOOKS_LIKE_A_TOKEN.sub("…", word.replace(token, "…") if token else word)
    code = "registration_token_refused" if reply.status in _NOT_LET_IN else "registration_refused"
    return RegistrationRefused(code, status=reply.status, word=told)


def _word(body: bytes) -> str | None:
    """The reason a platform gives: Moodle in a plain word, others in JSON (RFC 7591 §3.2.2); None when it is
    a page or nothing."""
    said = _json_object(body)
    if said is not None:
        words = (_text(said.get(name)) for name in ("error", "error_description", "errorMessage"))
        return ": ".join(filter(None, words)) or None
    try:
        text = body[: 4 * LONGEST_WORD].decode().strip()
    except UnicodeDecodeError:
        return None
    return text if 0 < len(text) <= LONGEST_WORD and text.isprintable() and "<" not in text else None


def _deployment_id(value: object) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if is_identifier(text) else None


def _kept_custom(value: object) -> Mapping[str, str]:
    items = value.items() if isinstance(value, Mapping) else ()
    return MappingProxyType({name: text for name, text in items if isinstance(text, str) and is_storable(name + text)})


def _ask(http: Http, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer | str:
    """The answer, or in a few words why there is none. It is no error here, because a library's error holds the
    request, and the request holds the token."""
    try:
        return http(method, url, headers=headers, body=body)
    except NoAnswer as error:
        return error.reason
    except OSError as error:
        return type(error).__name__


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _localised(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """OpenID Connect Registration §2.1: `client_name#de`."""
    return {f"{name}#{language}": text for language, text in texts.items()}


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _check_custom(custom: Mapping[str, str]) -> None:
    """Moodle keeps `name=value` lines and cuts a value at its own `=`, so one that has any is not asked for."""
    for name, value in custom.items():
        line = name + value
        if not name or "=" in line or not is_storable(line) or line.splitlines() != [line]:
            raise ValueError("a custom parameter has a name, stands on one line, and holds no =")


def _text(value: object) -> str | None:
    """A short text; None for anything else."""
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_ID and is_storable(value) else None


def _texts(value: object) -> tuple[str, ...] | None:
    """The short texts of a list, each once; None when there is no list."""
    if not isinstance(value, list):
        return None
    return tuple(dict.fromkeys(text for text in map(_text, value) if text is not None))


def _set(value: object) -> frozenset[str] | None:
    texts = _texts(value)
    return frozenset(texts) if texts is not None else None


def _json_object(body: bytes) -> dict[str, Any] | None:
    """`body` as JSON object; None for anything else, and for what is larger than any answer needs."""
    if len(body) > LARGEST_ANSWER:
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
