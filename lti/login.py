"""From the platform's hint to the redirect, and the one-use record of a login.

The platform says who it is and who might be coming (1EdTech Security Framework 1.0, §5.1.1.1); nothing of it
is proven. We remember one login and send the browser to the platform's own address, which we know from the
registration (§5.1.1.2). A deployment that is announced and unknown goes no further, once the registration has
one that is approved: it could only end at the same closed door. The first ones pass, and wait for approval when
their launch has proved them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

from lti.browser import PlatformStorage, digest, new_secret, storage_key
from lti.claims import is_storable
from lti.platforms import Logins, Platform, Platforms
from lti.refusals import LaunchContext, Refusal, shown

LOGIN_LIFE = timedelta(minutes=10)
LONGEST_FIELD = 8192
"""Characters of one field of a login request; Moodle's longest, the message hint, has about 60."""

LONGEST_TARGET = 1024
"""Characters of a target: it is the one field that is stored, and anybody may begin a login."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_REQUIRED = ("iss", "login_hint", "target_link_uri")
_READ = (*_REQUIRED, "client_id", "lti_message_hint", "lti_deployment_id", "lti_storage_target")
_FRAME_NAME = re.compile(r"[!-~]{1,255}", re.ASCII)
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


@dataclass(frozen=True, slots=True)
class Login:
    """One login under way. It holds digests only: who reads the store can finish no login.

    `storage_digest` and `storage_frame` are set when a secret was left in the platform's own page.
    """

    state_digest: str
    nonce_digest: str
    mark_digest: str
    platform_id: str
    target_link_uri: str
    expires_at: datetime
    storage_digest: str | None = None
    storage_frame: str | None = None


@dataclass(frozen=True, slots=True)
class LoginRedirect:
    """Where the browser goes next, by GET; first it puts `storage` into the platform's page, if there is one.
    The address holds the state, so no repr shows it."""

    url: str = field(repr=False)
    storage: PlatformStorage | None = None


class ToolAddress:
    """Where this tool lives. `base_url` is http(s), without query or fragment. Raises ValueError."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        origin = _origin(parts)
        if origin is None or parts.query or parts.fragment:
            raise ValueError("the tool's base URL is http(s)://host[:port][/path]")
        self.base_url = base_url.rstrip("/")
        self.origin = urlunsplit((parts.scheme, parts.netloc, "", "", "")).lower()
        self._origin = origin
        self._here = f"{self.origin}/"

    @property
    def redirect_uri(self) -> str:
        """The one address launches come to. It is fixed and has no query, because Moodle compares it as a
        text."""
        return f"{self.base_url}/lti/launch"

    def owns(self, url: str) -> bool:
        """Whether `url` is on this tool's own scheme, host and port."""
        # Browsers read a backslash as a slash and drop line breaks, urlsplit does not.
        if "\\" in url or " " in url or not url.isprintable():
            return False
        if url.startswith(self._here):
            return True
        try:
            return _origin(urlsplit(url)) == self._origin
        except ValueError:
            return False


def begin_login(
    form: Mapping[str, str],
    platforms: Platforms,
    logins: Logins,
    clock: Callable[[], datetime],
    mark: str,
    tool: ToolAddress,
    *,
    is_new_browser: bool = True,
) -> LoginRedirect:
    """The redirect to the platform; the login is stored.

    `form` is the platform's GET or POST, `mark` the browser's; one that has just been given its mark
    (`is_new_browser`) may not keep it, so the platform's own page keeps a secret too, where it offers to.
    Raises Refusal: `form_malformed`, `login_incomplete`, `platform_unknown`, `client_unknown`,
    `client_ambiguous`, `target_foreign`, `deployment_unknown`.
    """
    try:
        _check_fields(form)
        platform = _registration(platforms.by_issuer(form["iss"]), form)
        _check_target(form["target_link_uri"], tool)
        _check_deployment(form.get("lti_deployment_id"), platform, platforms)
    except Refusal as refusal:
        refusal.seen = _claimed(form)
        raise
    state, nonce = new_secret(), new_secret()
    storage = _storage(form.get("lti_storage_target"), platform, state) if is_new_browser else None
    logins.put(
        Login(
            state_digest=digest(state),
            nonce_digest=digest(nonce),
            mark_digest=digest(mark),
            platform_id=platform.id,
            target_link_uri=form["target_link_uri"],
            expires_at=clock() + LOGIN_LIFE,
            storage_digest=digest(storage.value) if storage and storage.value else None,
            storage_frame=storage.frame if storage else None,
        )
    )
    return LoginRedirect(_with_query(platform.auth_url, _request(form, platform, tool, state, nonce)), storage)


def kept_in(login: Login, platform: Platform) -> PlatformStorage | None:
    """The drawer this login's secret was put into; None when there was none."""
    origin = origin_of(platform.auth_url)
    if login.storage_frame is None or origin is None:
        return None
    return PlatformStorage(login.storage_frame, origin, storage_key(login.state_digest))


def _storage(frame: str | None, platform: Platform, state: str) -> PlatformStorage | None:
    """LTI Platform Storage 1.0: the platform names the frame that answers. Only a plain name is believed."""
    origin = origin_of(platform.auth_url)
    if not frame or not _FRAME_NAME.fullmatch(frame) or origin is None:
        return None
    return PlatformStorage(frame, origin, storage_key(digest(state)), new_secret())


def _check_fields(form: Mapping[str, str]) -> None:
    for name in _READ:
        value = form.get(name, "")
        if len(value) > LONGEST_FIELD or not is_storable(value):
            raise Refusal("form_malformed", field=name)
    for name in _REQUIRED:
        if not form.get(name):
            raise Refusal("login_incomplete", field=name)
    if len(form["target_link_uri"]) > LONGEST_TARGET:
        raise Refusal("form_malformed", field="target_link_uri")


def _claimed(form: Mapping[str, str]) -> LaunchContext:
    """Who the request says it comes from; nothing of it is checked yet."""
    issuer, client_id = form.get("iss"), form.get("client_id")
    return LaunchContext(shown(issuer) if issuer else None, shown(client_id) if client_id else None)


def _registration(registered: Sequence[Platform], form: Mapping[str, str]) -> Platform:
    """§5.1.1.1: the client id chooses where an issuer has several registrations."""
    issuer, client_id = form["iss"], form.get("client_id")
    if not registered:
        raise Refusal("platform_unknown", issuer=issuer)
    if not client_id:
        if len(registered) > 1:
            raise Refusal("client_ambiguous", issuer=issuer, count=len(registered))
        return registered[0]
    for platform in registered:
        if platform.client_id == client_id:
            return platform
    raise Refusal("client_unknown", issuer=issuer, client_id=client_id)


def _check_target(target: str, tool: ToolAddress) -> None:
    if not tool.owns(target):
        raise Refusal("target_foreign", target=shown_origin(target), ours=tool.origin)


def _check_deployment(deployment_id: str | None, platform: Platform, platforms: Platforms) -> None:
    if deployment_id and not platforms.expects_deployment(platform.id, deployment_id):
        raise Refusal(
            "deployment_unknown",
            deployment_id=deployment_id,
            issuer=platform.issuer,
            client_id=platform.client_id,
        )


@lru_cache(maxsize=256)
def origin_of(url: str) -> str | None:
    """Scheme, host and port of an address, as browsers write an origin (RFC 6454 §6.2); None for what is no
    web address."""
    try:
        origin = _origin(urlsplit(url))
    except ValueError:
        return None
    if origin is None:
        return None
    scheme, host, port = origin
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"


def shown_origin(url: str) -> str:
    """Scheme and host of `url` for a log; the rest may hold what is nobody's business."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "?"


def _request(
    form: Mapping[str, str], platform: Platform, tool: ToolAddress, state: str, nonce: str
) -> Mapping[str, str]:
    request = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": tool.redirect_uri,
        "login_hint": form["login_hint"],
        "state": state,
        "nonce": nonce,
    }
    if form.get("lti_message_hint"):
        request["lti_message_hint"] = form["lti_message_hint"]
    return request


@lru_cache(maxsize=256)
def _before_query(url: str) -> str:
    """`url` up to where more query goes; what it has already stays (some platforms keep a tenant there)."""
    parts = urlsplit(url)
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")) + "?" + query


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    return _before_query(url) + urlencode(parameters)


def _origin(parts: SplitResult) -> tuple[str, str, int] | None:
    """Raises ValueError for a port or a name that cannot be one."""
    host = _host(parts.hostname or "")
    if parts.scheme not in _DEFAULT_PORTS or host is None or "@" in parts.netloc:
        return None
    return parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port


def _host(name: str) -> str | None:
    """The name as browsers send it, in ASCII (RFC 3490). None for one that they and we could read differently
    (ß is no ss to them), and for letters that mean something where origins are listed, in a policy say."""
    if not name.isascii():
        encoded = name.encode("idna")
        name = encoded.decode("ascii") if encoded.decode("idna") == name else ""
    return name if _HOST.fullmatch(name) else None
