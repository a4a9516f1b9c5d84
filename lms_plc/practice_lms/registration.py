"""How a tool registers itself (LTI dynamic registration 1.0), the platform's side, with Moodle 4.5's manners.

The admin's page hands out a token for an hour; the tool posts what it is; it then waits until the admin activates it.
Refusals are plain words, and a token that is none ends on an HTML page.
"""

import secrets
import string
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request
from joserfc import jwt
from joserfc.errors import DecodeError, JoseError

from lms_plc.practice_lms.claims import DATA_PRIVACY, DEEP_LINKING
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.scopes import announced, permitted
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool, domain_of, is_web_address
from lms_plc.practice_lms.webservices.answers import as_json

blueprint = Blueprint("registration", __name__)

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
TOKEN_LIFE = 3600
NEW, UPDATE = "reg", "reg-update"

_LETTERS = string.ascii_letters + string.digits
_CLIENT_ID_LENGTH = 15
_MOST_TEXT = 2_000
_MOST_ENTRIES = 50


class Refused(Exception):
    """Answered to the tool as these plain words."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Permit:
    """What a token allows: a new tool under ``client_id``, or another registration of ``tool``."""

    client_id: str
    tool: Tool | None


def new_token(state: State, tool: Tool | None = None) -> str:
    """For a new tool, or for one that registered before. Good for an hour; for a new tool once."""
    now = int(state.now())
    client_id = "".join(secrets.choice(_LETTERS) for _ in range(_CLIENT_ID_LENGTH))
    claims: dict[str, Any] = {"sub": tool.deployment_id, "scope": UPDATE} if tool else {"sub": client_id, "scope": NEW}
    header = {"typ": "JWT", "alg": "RS256", "kid": state.key.kid}
    return jwt.encode(header, claims | {"iat": now, "exp": now + TOKEN_LIFE}, state.key)


def read_token(state: State, token: str) -> Permit:
    """Raises Refused for a used or unfit token, and JoseError or ValueError for what is no token of ours."""
    claims = jwt.decode(token, state.key, algorithms=["RS256"]).claims
    if not isinstance(claims.get("exp"), int) or claims["exp"] <= state.now():
        raise ValueError("Expired token")
    subject = str(claims.get("sub", ""))
    match claims.get("scope"):
        case "reg":
            if any(tool.client_id == subject for tool in state.tools()):
                raise Refused("token_already_used", 401)
            return Permit(subject, None)
        case "reg-update":
            tool = state.registered.get(int(subject)) if subject.isdecimal() else None
            if tool is None:
                raise Refused("Unknown client")
            return Permit(tool.client_id, tool)
    raise Refused("Incorrect scope", 403)


def _text(value: object) -> str:
    return value[:_MOST_TEXT] if isinstance(value, str) else ""


def _required(sent: dict[str, Any], name: str) -> Any:
    if not sent.get(name):
        raise Refused(f"missing required attribute {name}")
    return sent[name]


def _web_address(value: object, words: str) -> str:
    if not is_web_address(value):
        raise Refused(words)
    return str(value)


def _messages(about: dict[str, Any]) -> dict[str, str]:
    """Message type → its own address, '' where the tool's launch address serves."""
    sent = about.get("messages")
    found: dict[str, str] = {}
    for message in sent[:_MOST_ENTRIES] if isinstance(sent, list) else []:
        if isinstance(message, dict) and isinstance(message.get("type"), str):
            url = message.get("target_link_uri")
            found[message["type"]] = str(url) if is_web_address(url) else ""
    return found


def _custom(about: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    sent = about.get("custom_parameters")
    pairs = list(sent.items())[:_MOST_ENTRIES] if isinstance(sent, dict) else []
    return tuple((_text(name), _text(value)) for name, value in pairs if isinstance(value, str))


def read_registration(sent: object, permit: Permit, tool_id: int) -> Tool:
    """The tool as it describes itself; a new one is not active.

    Raises Refused with Moodle's word for the first thing that is wrong.
    """
    if not isinstance(sent, dict):
        raise Refused("missing required attribute response_types")
    response_types = _required(sent, "response_types")
    login_url = _required(sent, "initiate_login_uri")
    redirect_uris = _required(sent, "redirect_uris")
    name = _required(sent, "client_name")
    keys_url = _required(sent, "jwks_uri")
    method = _required(sent, "token_endpoint_auth_method")
    about = _required(sent, TOOL_CONFIGURATION)
    if not isinstance(about, dict) or not about.get("domain"):
        raise Refused("missing_domain")
    domain = _text(about["domain"]).lower().removeprefix("www.")
    launch_url = about.get("target_link_uri") or f"https://{domain}"
    if not is_web_address(launch_url) or domain != domain_of(launch_url):
        raise Refused("domain_targetlinkuri_mismatch")
    if not isinstance(response_types, list) or "id_token" not in response_types:
        raise Refused("invalid_response_types")
    if not isinstance(redirect_uris, list) or not all(map(is_web_address, redirect_uris)):
        raise Refused("invalid_redirect_uris")
    if method != "private_key_jwt":
        raise Refused("invalid_token_endpoint_auth_method")
    if sent.get("application_type", "web") != "web":
        raise Refused("invalid_application_type")
    claims = about.get("claims")
    wanted = {claim for claim in claims if isinstance(claim, str)} if isinstance(claims, list) else set()
    messages = _messages(about)
    return Tool(
        id=tool_id,
        client_id=permit.client_id,
        name=_text(name) or "Tool",
        login_url=_web_address(login_url, "invalid_initiate_login_uri"),
        launch_url=launch_url,
        keys_url=_web_address(keys_url, "invalid_jwks_uri"),
        redirect_uris=tuple(redirect_uris[:_MOST_ENTRIES]),
        scopes=permitted(_text(sent.get("scope")).split()),
        custom=_custom(about),
        description=_text(about.get("description")),
        logo_url=_text(sent.get("logo_uri")),
        deep_linking=DEEP_LINKING in messages,
        deep_link_url=messages.get(DEEP_LINKING, ""),
        privacy=DATA_PRIVACY in messages,
        privacy_url=messages.get(DATA_PRIVACY, ""),
        names=not wanted.isdisjoint({"name", "given_name", "family_name"}),
        emails="email" in wanted,
        active=permit.tool.active if permit.tool else False,
    )


def described(tool: Tool) -> dict[str, Any]:
    """The answer to a registration. Custom values are cut at their first ``=``: Moodle splits its own lines again."""
    messages: list[dict[str, str]] = []
    if tool.deep_linking:
        target = {"target_link_uri": tool.deep_link_url} if tool.deep_link_url else {}
        messages.append({"type": DEEP_LINKING} | target)
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.keys_url,
        "initiate_login_uri": tool.login_url,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": list(tool.redirect_uris),
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.name,
        "logo_uri": tool.logo_url,
        "scope": announced(tool.scopes),
        TOOL_CONFIGURATION: {
            "version": "1.3.0",
            "deployment_id": tool.deployment_id,
            "target_link_uri": tool.launch_url,
            "domain": tool.domain,
            "description": tool.description,
            "messages": messages,
            "custom_parameters": {name: value.partition("=")[0] for name, value in tool.custom},
            "claims": [
                *("sub", "iss"),
                *(("name", "family_name", "given_name") if tool.names else ()),
                *(("email",) if tool.emails else ()),
            ],
        },
    }


def _permit(state: State) -> Permit:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Refused("missing_registration_token", 401)
    try:
        return read_token(state, token.strip())
    except DecodeError:
        abort(404, "Exception - Wrong number of segments")
    except JoseError:
        abort(404, "Exception - Signature verification failed")
    except ValueError:
        abort(404, "Exception - Expired token")


@blueprint.route("/mod/lti/openid-registration.php", methods=["GET", "POST"])
def register() -> Response:
    """POST registers or, with a token for that, changes a tool; GET shows the tool such a token is for.

    One at a time, so that a token is used once.
    """
    state, _ = here()
    try:
        with state.lock:
            permit = _permit(state)
            tool = permit.tool
            if request.method == "POST":
                sent = request.get_json(force=True, silent=True)
                tool = read_registration(sent, permit, tool.id if tool else state.next_tool_id())
                state.put_tool(tool)
        if tool is None:
            raise Refused("Unknown client")
        return Response(as_json(described(tool)), content_type="application/json; charset=utf-8")
    except Refused as refused:
        return Response(str(refused), refused.status, content_type="text/html; charset=utf-8")
