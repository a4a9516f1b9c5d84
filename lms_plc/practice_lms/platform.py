"""The platform's side of a message: where a login begins, the authorisation endpoint, the keys, the description.

Which of the tool's mistakes are answered to it and which end on an HTML page follows Moodle 4.5.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, session
from joserfc import jwt

from lms_plc.practice_lms.beyond_moodle import known_scopes
from lms_plc.practice_lms.claims import (
    DATA_PRIVACY,
    DEEP_LINKING,
    IN_FRAME,
    RESOURCE_LINK,
    SUBMISSION_REVIEW,
    message_claims,
)
from lms_plc.practice_lms.deep_linking_settings import deep_linking_settings
from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.records import Activity, OpenLaunch
from lms_plc.practice_lms.rights import edits
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.site import MOODLE_RELEASE
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

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
NOT_ALLOWED = "Sorry, but you do not currently have permissions to do that (Manage activities)."


class InvalidRequest(Exception):
    """The platform shows its own page with these words; the tool is never told."""

    def __init__(self, words: str = "Invalid request") -> None:
        super().__init__(words)


def activity_launch(
    user_id: int, activity: Activity, tool: Tool, container: int = IN_FRAME, for_user: int | None = None
) -> OpenLaunch:
    """Opening an activity, or with ``for_user`` the review of that person's work in it."""
    target = activity.url or tool.launch_url
    return OpenLaunch(
        user_id=user_id,
        tool_id=tool.id,
        message=SUBMISSION_REVIEW if for_user else RESOURCE_LINK,
        target=(activity.review_url or target) if for_user else target,
        container=container,
        course_id=activity.course_id,
        cmid=activity.cmid,
        for_user=for_user,
    )


def login_initiation(state: State, settings: Settings, tool: Tool, launch: OpenLaunch) -> dict[str, str]:
    """The fields posted to the tool's login address; opens a message that can be asked for once."""
    activity = state.activity(launch.cmid) if launch.cmid else None
    about = activity.link_id if activity else f"_{launch.message}"
    hint: dict[str, Any] = {"cmid": activity.cmid} if activity else {}
    hint["launchid"] = state.pending.begin_launch(launch, about)
    fields = {
        "iss": settings.base_url,
        "target_link_uri": launch.target,
        "login_hint": str(launch.user_id),
        "lti_message_hint": json.dumps(hint, separators=(",", ":")),
        "client_id": tool.client_id,
        "lti_deployment_id": tool.deployment_id,
    }
    if state.is_on("storage") and launch.container == IN_FRAME:
        fields["lti_storage_target"] = "_parent"
    return fields


def _open_launch(state: State, asked: Mapping[str, str]) -> tuple[OpenLaunch, Tool]:
    """Use up the message the hint names."""
    if not all(asked.get(name) for name in _REQUIRED):
        raise InvalidRequest
    if asked["scope"] != "openid" or asked["response_type"] != "id_token":
        raise InvalidRequest
    try:
        launch_id = json.loads(asked.get("lti_message_hint", ""))["launchid"]
    except (ValueError, KeyError, TypeError):
        raise InvalidRequest from None
    launch = state.pending.take_launch(str(launch_id))
    tool = state.tool(launch.tool_id) if launch else None
    if launch is None or tool is None or not tool.active or asked["redirect_uri"] not in tool.redirect_uris:
        raise InvalidRequest
    return launch, tool


def _own_claims(state: State, settings: Settings, tool: Tool, person: Person, launch: OpenLaunch) -> dict[str, Any]:
    """The claims only this message has; says no to who may not add activities."""
    if launch.message != DEEP_LINKING or launch.course_id is None:
        return {}
    if not edits(state, person, state.courses[launch.course_id]):
        raise InvalidRequest(NOT_ALLOWED)
    return deep_linking_settings(state, settings, tool, person, launch.course_id)


def authorise(state: State, settings: Settings, asked: Mapping[str, str], signed_in: list[int]) -> dict[str, str]:
    """The fields posted back to the tool: ``id_token`` and ``state``, or ``error`` and ``state``.

    ``signed_in`` are the people of this browser; the hint must name one of them, who began the launch.
    Raises InvalidRequest where Moodle shows its error page instead of answering.
    """
    back = {"state": asked.get("state", "")}
    launch, tool = _open_launch(state, asked)
    if asked["client_id"] != tool.client_id:
        return {"error": "unauthorized_client", **back}
    if asked["login_hint"] != str(launch.user_id) or launch.user_id not in signed_in:
        return {"error": "access_denied", **back}
    for name, allowed in (("response_mode", ("form_post",)), ("prompt", ("", "none"))):
        if asked.get(name, "") not in allowed:
            return {"error": "invalid_request", "error_description": f"Invalid {name}", **back}
    person = state.person(launch.user_id)
    if person is None or person.suspended:
        return {"error": "access_denied", **back}
    own = _own_claims(state, settings, tool, person, launch)
    try:
        claims = message_claims(state, settings, tool, person, launch, asked["nonce"], own)
    except KeyError:
        raise InvalidRequest from None
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
    except InvalidRequest as refused:
        abort(404, str(refused))
    page = render_template("post_on.html", action=asked["redirect_uri"], fields=fields, label="Continue to the tool")
    return make_response(page)


@blueprint.get("/mod/lti/certs.php")
def certs() -> dict[str, Any]:
    state, _ = here()
    return {"keys": [state.key.as_dict(private=False)]}


@blueprint.get("/mod/lti/openid-configuration.php")
def description() -> dict[str, Any]:
    """What a tool reads before it registers (dynamic registration 1.0, 3.1 and LTI 1.3's platform configuration)."""
    state, settings = here()
    lti = f"{settings.base_url}/mod/lti"
    messages: list[dict[str, Any]] = [{"type": RESOURCE_LINK}, {"type": DEEP_LINKING, "placements": ["ContentArea"]}]
    if state.is_on("privacy"):
        messages.append({"type": DATA_PRIVACY})
    return {
        "issuer": settings.base_url,
        "token_endpoint": f"{lti}/token.php",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{lti}/certs.php",
        "authorization_endpoint": f"{lti}/auth.php",
        "registration_endpoint": f"{lti}/openid-registration.php",
        "scopes_supported": [*known_scopes(state), "openid"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "moodle",
            "version": MOODLE_RELEASE,
            "messages_supported": messages,
            "variables": _VARIABLES,
        },
    }
