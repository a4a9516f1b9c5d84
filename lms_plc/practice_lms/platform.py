"""The platform's side of a launch: where a login begins, the authorisation endpoint, the keys.

Which of the tool's mistakes are answered to it and which end on an HTML page follows Moodle 4.5.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, session
from joserfc import jwt

from lms_plc.practice_lms.claims import (
    GRADE_SCOPES,
    IN_FRAME,
    NRPS_SCOPE,
    launch_claims,
)
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.settings import CLIENT_ID, DEPLOYMENT_ID, Settings
from lms_plc.practice_lms.site import MOODLE_RELEASE
from lms_plc.practice_lms.state import OpenLaunch, State

blueprint = Blueprint("platform", __name__)

_REQUIRED = ("scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce")
_VARIABLES = (
    "basic-lti-launch-request",
    "Context.id",
    "Context.title",
    "Context.label",
    "Context.id.history",
    "Context.sourcedId",
    "CourseSection.title",
    "CourseSection.label",
    "CourseSection.sourcedId",
    "ResourceLink.id",
    "ResourceLink.title",
    "ResourceLink.description",
    "User.id",
    "User.username",
    "Person.name.full",
    "Person.name.given",
    "Person.name.family",
    "Person.email.primary",
    "Person.sourcedId",
    "Membership.role",
    "Moodle.Person.userGroupIds",
)


class InvalidRequest(Exception):
    """The platform shows its own page; the tool is never told."""


def login_initiation(
    state: State, settings: Settings, user_id: int, course_id: int, container: int = IN_FRAME
) -> dict[str, str]:
    """The fields posted to the tool's login address; opens a launch that can be used once.

    Raises KeyError for an unknown course.
    """
    course = state.courses[course_id]
    launch_id = state.begin_launch(user_id, course, container)
    return {
        "iss": settings.base_url,
        "target_link_uri": settings.launch_url,
        "login_hint": str(user_id),
        "lti_message_hint": json.dumps({"cmid": course.cmid, "launchid": launch_id}, separators=(",", ":")),
        "client_id": CLIENT_ID,
        "lti_deployment_id": DEPLOYMENT_ID,
    }


def _open_launch(state: State, settings: Settings, asked: Mapping[str, str]) -> OpenLaunch | None:
    """Use up the launch the hint names. None when it exists but the client id is another's."""
    if not all(asked.get(name) for name in _REQUIRED):
        raise InvalidRequest
    if asked["scope"] != "openid" or asked["response_type"] != "id_token":
        raise InvalidRequest
    try:
        launch_id = json.loads(asked.get("lti_message_hint", ""))["launchid"]
    except (ValueError, KeyError, TypeError):
        raise InvalidRequest from None
    launch = state.take_launch(str(launch_id))
    if launch is None or asked["redirect_uri"] != settings.launch_url:
        raise InvalidRequest
    return launch if asked["client_id"] == CLIENT_ID else None


def authorise(state: State, settings: Settings, asked: Mapping[str, str], signed_in: list[int]) -> dict[str, str]:
    """The fields posted back to the tool: ``id_token`` and ``state``, or ``error`` and ``state``.

    ``signed_in`` are the people of this browser; the hint must name one of them, who began the launch.
    Raises InvalidRequest where Moodle shows its error page instead of answering.
    """
    back = {"state": asked.get("state", "")}
    launch = _open_launch(state, settings, asked)
    if launch is None:
        return {"error": "unauthorized_client", **back}
    if asked["login_hint"] != str(launch.user_id) or launch.user_id not in signed_in:
        return {"error": "access_denied", **back}
    for name, allowed in (("response_mode", ("form_post",)), ("prompt", ("", "none"))):
        if asked.get(name, "") not in allowed:
            return {"error": "invalid_request", "error_description": f"Invalid {name}", **back}
    person, course = state.person(launch.user_id), state.courses[launch.course_id]
    if person is None or person.suspended:
        return {"error": "access_denied", **back}
    claims = launch_claims(state, settings, course, person, launch, asked["nonce"])
    header = {"typ": "JWT", "alg": "RS256", "kid": state.key.kid}
    return {"id_token": jwt.encode(header, claims, state.key), **back}


@blueprint.route("/mod/lti/auth.php", methods=["GET", "POST"])
def auth() -> Response:
    """OIDC authorisation endpoint (1EdTech security framework 5.1.1.2).

    Inside a frame the browser withholds the session cookie from a redirect that came through the tool, so
    a page without one posts itself once more, from this site to this site.
    """
    state, settings = here()
    asked = request.values
    signed_in = session.get("people", [])
    if not signed_in and "repost" not in request.form:
        again = request.form.to_dict() | {"repost": "true"}
        page = render_template("post_on.html", action=request.full_path, fields=again, label="Continue")
        return make_response(page)
    try:
        fields = authorise(state, settings, asked, signed_in)
    except InvalidRequest:
        abort(404, "Invalid request")
    page = render_template("post_on.html", action=settings.launch_url, fields=fields, label="Continue to the tool")
    return make_response(page)


@blueprint.get("/mod/lti/certs.php")
def certs() -> dict[str, Any]:
    state, _ = here()
    return {"keys": [state.key.as_dict(private=False)]}


@blueprint.get("/mod/lti/openid-configuration.php")
def description() -> dict[str, Any]:
    _, settings = here()
    lti = f"{settings.base_url}/mod/lti"
    return {
        "issuer": settings.base_url,
        "token_endpoint": f"{lti}/token.php",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{lti}/certs.php",
        "authorization_endpoint": f"{lti}/auth.php",
        "registration_endpoint": f"{lti}/openid-registration.php",
        "scopes_supported": [*GRADE_SCOPES, NRPS_SCOPE, "openid"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "moodle",
            "version": MOODLE_RELEASE,
            "messages_supported": [{"type": "LtiResourceLinkRequest"}],
            "variables": _VARIABLES,
        },
    }
