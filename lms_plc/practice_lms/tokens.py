"""Who may call the LTI services: the token endpoint, and the bearer check of every service call.

As lenient as Moodle 4.5: ``aud``, ``iss`` and ``jti`` of the assertion are not looked at, replies are JSON
under ``text/html``; as strict: a ``kid`` is needed and an ``iat`` even a second ahead is refused.
"""

import json
from datetime import UTC, datetime
from typing import Any

import requests
from flask import Blueprint, Response, request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lms_plc.practice_lms.claims import GRADE_SCOPES, NRPS_SCOPE
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.settings import CLIENT_ID, Settings
from lms_plc.practice_lms.state import TOKEN_LIFE, State

blueprint = Blueprint("tokens", __name__)

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FETCH_SECONDS = 5
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999; what an assertion claims beyond it is shown as that."""


class RefusedToken(Exception):
    """No token; ``body`` is the text of the answer, which Moodle does not always manage to make JSON."""

    def __init__(self, error: str, body: str | None = None) -> None:
        super().__init__(error)
        self.body = body if body is not None else json.dumps({"error": error})


def _tool_keys(settings: Settings) -> KeySet:
    try:
        answer = requests.get(settings.tool_keys_url, timeout=_FETCH_SECONDS)
        answer.raise_for_status()
        return KeySet.import_key_set(answer.json())
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError, JoseError):
        raise RefusedToken("No keys found at the tool's key set address") from None


def _assertion_claims(settings: Settings, assertion: str) -> dict[str, Any]:
    """The claims of a client assertion signed by the tool (RFC 7523)."""
    try:
        kid = jws.extract_compact(assertion.encode()).headers().get("kid")
    except (JoseError, ValueError):
        raise RefusedToken("Wrong number of segments") from None
    if not kid:
        raise RefusedToken("error/Error: kid must be provided in JWT header.")
    key = next((key for key in _tool_keys(settings).keys if key.kid == kid), None)
    if key is None:
        body = '{\n  "error" : ""kid" invalid, unable to lookup correct key"\n}'
        raise RefusedToken("kid invalid", body)
    try:
        return jwt.decode(assertion, key, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        raise RefusedToken("Signature verification failed") from None


def _grant(state: State, settings: Settings, form: dict[str, str]) -> dict[str, Any]:
    needed = ("client_assertion", "client_assertion_type", "grant_type", "scope")
    if not all(form.get(name) for name in needed) or form["client_assertion_type"] != _ASSERTION:
        raise RefusedToken("invalid_request")
    if form["grant_type"] != "client_credentials":
        raise RefusedToken("unsupported_grant_type")
    claims = _assertion_claims(settings, form["client_assertion"])
    now = state.now()
    issued = claims.get("iat")
    if isinstance(issued, int | float) and issued > now:
        at = datetime.fromtimestamp(min(issued, _LAST_SECOND), UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
        raise RefusedToken(f"Cannot handle token with iat prior to {at}")
    expires = claims.get("exp")
    if isinstance(expires, int | float) and expires <= now:
        raise RefusedToken("Expired token")
    if claims.get("sub") != CLIENT_ID:
        raise RefusedToken("invalid_client")
    known = [*GRADE_SCOPES, NRPS_SCOPE]
    scopes = [scope for scope in known if scope in form["scope"].split()]
    if not scopes:
        raise RefusedToken("invalid_scope")
    return {
        "access_token": state.issue_token(scopes),
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE,
        "scope": " ".join(scopes),
    }


@blueprint.post("/mod/lti/token.php")
def token() -> Response:
    state, settings = here()
    try:
        granted = _grant(state, settings, request.form.to_dict())
    except RefusedToken as refused:
        return Response(refused.body, 400, content_type="text/html; charset=utf-8")
    return Response(json.dumps(granted), content_type="text/html; charset=utf-8")


def bearer_scopes(state: State) -> list[str]:
    """The scopes of the caller's access token; [] without a valid one."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return state.token_scopes(value.strip()) if kind.lower() == "bearer" else []
