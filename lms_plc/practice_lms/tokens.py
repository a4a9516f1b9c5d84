"""Who may call the LTI services: the token endpoint, and the bearer check of every service call.

As lenient as Moodle 4.5: ``aud``, ``iss`` and ``jti`` of the assertion are not looked at, replies are JSON
under ``text/html``; as strict: a ``kid`` is needed and an ``iat`` even a second ahead is refused.
"""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from joserfc import jws, jwt
from joserfc.errors import JoseError

from lms_plc.practice_lms.beyond_moodle import known_scopes
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.state import TOKEN_LIFE, State
from lms_plc.practice_lms.tool_keys import NoKey, key_of
from lms_plc.practice_lms.tools import Tool

blueprint = Blueprint("tokens", __name__)

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999; what an assertion claims beyond it is shown as that."""


class RefusedToken(Exception):
    """No token; ``body`` is the text of the answer, which Moodle does not always manage to make JSON."""

    def __init__(self, error: str, body: str | None = None) -> None:
        super().__init__(error)
        self.body = body if body is not None else json.dumps({"error": error})


def _client(state: State, assertion: str) -> Tool | None:
    """The tool the assertion names, before anything of it is proved. A pending tool is not yet anybody."""
    try:
        claimed = json.loads(jws.extract_compact(assertion.encode()).payload)
        name = claimed.get("sub")
    except (JoseError, ValueError, AttributeError):
        raise RefusedToken("Wrong number of segments") from None
    return next((tool for tool in state.tools() if tool.active and tool.client_id == name), None)


def _assertion_claims(tool: Tool, assertion: str) -> dict[str, Any]:
    """The claims of a client assertion signed by the tool (RFC 7523)."""
    kid = jws.extract_compact(assertion.encode()).headers().get("kid")
    if not kid:
        raise RefusedToken("error/Error: kid must be provided in JWT header.")
    try:
        key = key_of(tool, str(kid))
    except NoKey:
        raise RefusedToken("No keys found at the tool's key set address") from None
    if key is None:
        body = '{\n  "error" : ""kid" invalid, unable to lookup correct key"\n}'
        raise RefusedToken("kid invalid", body)
    try:
        return jwt.decode(assertion, key, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        raise RefusedToken("Signature verification failed") from None


def _grant(state: State, form: dict[str, str]) -> dict[str, Any]:
    needed = ("client_assertion", "client_assertion_type", "grant_type", "scope")
    if not all(form.get(name) for name in needed) or form["client_assertion_type"] != _ASSERTION:
        raise RefusedToken("invalid_request")
    if form["grant_type"] != "client_credentials":
        raise RefusedToken("unsupported_grant_type")
    tool = _client(state, form["client_assertion"])
    if tool is None:
        raise RefusedToken("invalid_client")
    claims = _assertion_claims(tool, form["client_assertion"])
    now = state.now()
    issued = claims.get("iat")
    if isinstance(issued, int | float) and issued > now:
        at = datetime.fromtimestamp(min(issued, _LAST_SECOND), UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
        raise RefusedToken(f"Cannot handle token with iat prior to {at}")
    expires = claims.get("exp")
    if isinstance(expires, int | float) and expires <= now:
        raise RefusedToken("Expired token")
    asked = form["scope"].split()
    scopes = [scope for scope in known_scopes(state) if scope in asked and scope in tool.scopes]
    if not scopes:
        raise RefusedToken("invalid_scope")
    return {
        "access_token": state.issue_token(scopes, tool.id),
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE,
        "scope": " ".join(scopes),
    }


@blueprint.post("/mod/lti/token.php")
def token() -> Response:
    state, _ = here()
    try:
        granted = _grant(state, request.form.to_dict())
    except RefusedToken as refused:
        return Response(refused.body, 400, content_type="text/html; charset=utf-8")
    return Response(json.dumps(granted), content_type="text/html; charset=utf-8")


def bearer(state: State) -> tuple[Tool, list[str]] | None:
    """Whose access token the caller shows and for which scopes; None without a valid one."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    token = value.strip() if kind.lower() == "bearer" else ""
    tool, scopes = state.token_tool(token), state.token_scopes(token)
    return (tool, scopes) if tool and tool.active and scopes else None
