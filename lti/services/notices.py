"""What does a platform want to tell us while nobody is there? Platform Notification Service 1.0.

We subscribe to a type of notice with an address of ours; the platform posts signed notices there. Anybody can post
to that address, so a notice is believed as a launch is: by the same checks, in the same order, against the key set
of the one registration it names. Only the browser's part is missing: there is no login to answer, so nothing stops a
notice from coming twice. `Notice.id` is the same then, and the host acts on it once.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lti import launch
from lti.claims import LTI, Context, Identifier, Text, TextList, is_storable
from lti.jose import VerifiedClaims
from lti.keysets import KeySets
from lti.launch import Arrival, LaunchRules
from lti.login import ToolAddress, shown_origin
from lti.platforms import Logins, Platform, Platforms
from lti.refusals import N_, LaunchContext, Reason, Refusal
from lti.services.answers import read_json
from lti.services.calls import Caller

SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"

HELLO_WORLD = "LtiHelloWorldNotice"
CONTEXT_COPY = "LtiContextCopyNotice"

LARGEST_BODY = 256 * 1024
MOST_NOTICES = 100
LONGEST_WAY = timedelta(hours=1)
"""How old a notice may be: a platform collects them, and tries again when we were away."""

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notice; one of this very class has a type we do not know. `timestamp` is when it happened there."""

    platform: Platform
    deployment_id: str
    id: str
    type: str
    timestamp: datetime
    claims: VerifiedClaims


@dataclass(frozen=True, slots=True)
class HelloWorld(Notice):
    """The platform tries whether notices arrive."""


@dataclass(frozen=True, slots=True)
class ContextCopy(Notice):
    """A course was copied: `context` is the new one, `origin_contexts` are ids of those it came from, which not
    every platform says."""

    context: Context
    origin_contexts: tuple[str, ...]


class NoticeRefused(Exception):
    """Notices that are not believed; none of their post is. `code` is stable, `status` a 4xx to answer with, `admin`
    a msgid whose parameters are all in `values`; `seen` says which registration it was, as far as known."""

    def __init__(self, refusal: Refusal) -> None:
        self.code = refusal.code
        self.status = refusal.status
        self.admin = refusal.admin
        self.values = refusal.values
        self.seen = refusal.seen
        super().__init__(refusal.code)


def subscribe(caller: Caller, platform: Platform, service_url: str, notice_type: str, handler_url: str) -> None:
    """Have notices of this type sent to `handler_url`, in the place of the address before it. Platforms want it on
    the host of the tool. Raises a ServiceError."""
    body = json.dumps({"notice_type": notice_type, "handler": handler_url}).encode("ascii")
    caller.call(platform, (SCOPE,), "PUT", service_url, accept=_JSON, body=body, content_type=_JSON)


def unsubscribe(caller: Caller, platform: Platform, service_url: str, notice_type: str) -> None:
    """Have no more notices of this type sent. Raises a ServiceError."""
    subscribe(caller, platform, service_url, notice_type, "")


def handlers(caller: Caller, platform: Platform, service_url: str) -> Mapping[str, str]:
    """Which notices go where: type → address, those only that go somewhere. Raises a ServiceError."""
    answer = caller.call(platform, (SCOPE,), "GET", service_url, accept=_JSON)
    listed = read_json(answer, _HANDLERS, shown_origin(service_url)).notice_handlers
    return MappingProxyType({one.notice_type: one.handler for one in listed if one.handler})


def read_notices(
    body: bytes,
    *,
    platforms: Platforms,
    key_sets: KeySets,
    tool: ToolAddress,
    clock: Callable[[], datetime],
    leeway: timedelta = launch.LONGEST_LEEWAY,
) -> Sequence[Notice]:
    """The notices in a post of a platform, all of them or none.

    `clock` gives aware UTC, `leeway` is at most 60 seconds. A deployment that is new is met, and waits for approval,
    as at a launch. Raises NoticeRefused with the code of the first check that fails.
    """
    rules, now = LaunchRules(leeway=leeway, max_age=LONGEST_WAY), clock()
    # Notices answer no login, and none of the checks below asks for one.
    no_logins = cast(Logins, None)
    try:
        return tuple(
            _checked(Arrival({"id_token": token}, None, now, platforms, no_logins, key_sets, tool, rules))
            for token in _tokens(body)
        )
    except Refusal as refusal:
        raise NoticeRefused(refusal) from None


def the_registration_is_the_one_it_names(arrival: Arrival) -> None:
    """By issuer and audience, which are believed only as the address of a key set; once the signature holds, they
    are compared again."""
    issuer, audience = _unproved_names(arrival.token)
    registered = arrival.platforms.by_issuer(issuer) if issuer else ()
    if not registered:
        raise Refusal("platform_unknown", issuer=issuer)
    named = [platform for platform in registered if platform.client_id in audience]
    if not named:
        raise Refusal("client_unknown", issuer=issuer, client_id=audience)
    if len(named) > 1:
        raise Refusal("client_ambiguous", issuer=issuer, count=len(named))
    arrival.platform = named[0]
    arrival.seen = LaunchContext(arrival.platform.issuer, arrival.platform.client_id)


CHECKS: tuple[Callable[[Arrival], None], ...] = (
    launch.the_token_is_compact,
    launch.the_header_brings_no_key,
    launch.the_algorithm_is_rs256,
    the_registration_is_the_one_it_names,
    launch.the_key_is_the_platforms,
    launch.the_signature_holds,
    launch.the_issuer_is_the_platform,
    launch.the_audience_is_us,
    launch.the_authorized_party_is_us,
    launch.the_time_is_right,
    launch.the_deployment_is_approved,
    launch.the_version_is_ours,
)
"""From top to bottom for every notice; last its own claims are read (`notice_malformed`)."""


_NOBODY = ""
"""No person sees the refusal of a notice."""

_TOO_LARGE = Reason("body_too_large", 413, _NOBODY, N_("The notices came in %(size)s bytes; that is too much."))
_MALFORMED = Reason("body_malformed", 400, _NOBODY, N_("What came to the address for notices is no list of them."))
_TOO_MANY = Reason("notices_too_many", 413, _NOBODY, N_("%(count)s notices came at once; that is too many."))
_NO_NOTICE = Reason("notice_malformed", 400, _NOBODY, N_("The notice lacks what its type needs, at: %(place)s."))


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _HandlerRecord(_Record):
    notice_type: Text
    handler: Text | None = None


class _Handlers(_Record):
    notice_handlers: list[_HandlerRecord]


class _Posted(_Record):
    jwt: Text


class _Post(_Record):
    notices: list[_Posted]


class _NoticeClaim(_Record):
    id: Identifier
    type: Identifier
    timestamp: AwareDatetime


class _Claims(_Record):
    notice: _NoticeClaim = Field(validation_alias=LTI + "notice")


class _CopyClaims(_Claims):
    context: Context = Field(validation_alias=LTI + "context")
    origin_contexts: TextList = Field(default=(), validation_alias=LTI + "origin_contexts")


_HANDLERS = TypeAdapter(_Handlers)


def _checked(arrival: Arrival) -> Notice:
    try:
        for check in CHECKS:
            check(arrival)
        return _notice(arrival)
    except Refusal as refusal:
        refusal.seen = arrival.seen
        raise


def _tokens(body: bytes) -> Sequence[str]:
    if len(body) > LARGEST_BODY:
        raise Refusal(_TOO_LARGE, size=len(body))
    try:
        posted = _Post.model_validate_json(body).notices
    except ValidationError:
        raise Refusal(_MALFORMED) from None
    if len(posted) > MOST_NOTICES:
        raise Refusal(_TOO_MANY, count=len(posted))
    return [one.jwt for one in posted]


def _unproved_names(token: str) -> tuple[str, tuple[str, ...]]:
    """Issuer and audience as a token claims them, before anything of it is proved."""
    segment = token.split(".")[1]
    try:
        said: Any = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Refusal("claims_malformed")
    issuer, audience = said.get("iss"), said.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    # The host looks it up in its database, which cannot hold every text that JSON can.
    if not isinstance(issuer, str) or not is_storable(issuer):
        issuer = ""
    return issuer, tuple(one for one in listed if isinstance(one, str))


def _notice(arrival: Arrival) -> Notice:
    said = arrival.claims.as_json()
    try:
        claim = _Claims.model_validate(said).notice
        parts = (arrival.platform, arrival.deployment_id, claim.id, claim.type, claim.timestamp, arrival.claims)
        if claim.type == HELLO_WORLD:
            return HelloWorld(*parts)
        if claim.type == CONTEXT_COPY:
            copied = _CopyClaims.model_validate(said)
            return ContextCopy(*parts, copied.context, copied.origin_contexts)
        return Notice(*parts)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part).removeprefix(LTI) for part in first["loc"])
    raise Refusal(_NO_NOTICE, place=place)
