"""From the platform's hint to the redirect, and the one-use record of a login.

The platform says who it is and who might be coming (1EdTech Security Framework 1.0, §5.1.1.1); nothing of it
is proven. We remember one login and send the browser to the platform's own address, which we know from the
registration (§5.1.1.2). An unknown deployment is no reason to refuse here: it is not proven yet, and waits
for the launch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

from lti.browser import digest, new_secret
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
_READ = (*_REQUIRED, "client_id", "lti_message_hint")


@dataclass(frozen=True, slots=True)
class Login:
    """One login under way. It holds digests only: who reads the store can finish no login."""

    state_digest: str
    nonce_digest: str
    mark_digest: str
    platform_id: str
    target_link_uri: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LoginRedirect:
    """Where the browser goes next, by GET. The address holds the state, so no repr shows it."""

    url: str = field(repr=False)


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
) -> LoginRedirect:
    """The redirect to the platform; the login is stored.

    `form` is the platform's GET or POST, `mark` the browser's. Raises Refusal: `form_malformed`,
    `login_incomplete`, `platform_unknown`, `client_unknown`, `client_ambiguous`, `target_foreign`.
    """
    try:
        _check_fields(form)
        platform = _registration(platforms.by_issuer(form["iss"]), form)
        _check_target(form["target_link_uri"], tool)
    except Refusal as refusal:
        refusal.seen = _claimed(form)
        raise
    state, nonce = new_secret(), new_secret()
    logins.put(
        Login(
            state_digest=digest(state),
            nonce_digest=digest(nonce),
            mark_digest=digest(mark),
            platform_id=platform.id,
            target_link_uri=form["target_link_uri"],
            expires_at=clock() + LOGIN_LIFE,
        )
    )
    return LoginRedirect(_with_query(platform.auth_url, _request(form, platform, tool, state, nonce)))


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


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    """`url` with more query; what it has already stays (some platforms keep a tenant there)."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _origin(parts: SplitResult) -> tuple[str, str, int] | None:
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]
