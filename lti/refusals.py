"""Every way a login or launch is refused: one code, one HTTP status, one text for the person, one for the
admin.

Texts are gettext msgids, marked with `N_` so that they are extracted here and translated by the host. Admin
texts hold `%(name)s` parameters; `Refusal.values` always has every one of them. Values are what an admin
compares (issuer, client id, times, codes), never a token, a state or anything about a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

LONGEST_VALUE = 200
"""Characters of a value that are kept; what platforms send has no bound and log lines should have one."""


def N_(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused. `person` and `admin` are msgids; `status` is a 4xx HTTP status."""

    code: str
    status: int
    person: str
    admin: str


@dataclass(frozen=True, slots=True)
class LaunchContext:
    """What was known when a launch was refused; `return_url` only comes from verified claims (it may hold a
    key of the person's session, so it is kept out of every repr)."""

    issuer: str | None = None
    client_id: str | None = None
    return_url: str | None = field(default=None, repr=False)


class Refusal(Exception):
    """A login or launch that goes no further.

    `code` is stable and can be relied on in logs and tests. A host that refuses for its own reasons passes
    its own `Reason`. Raises KeyError when `reason` is a code that `REASONS` does not have.
    """

    def __init__(self, reason: str | Reason, **values: object) -> None:
        self.reason = REASONS[reason] if isinstance(reason, str) else reason
        named = {name: shown(value) for name, value in values.items()}
        unsaid = dict.fromkeys(_parameters(self.reason), "?")
        self.values: Mapping[str, str] = MappingProxyType(unsaid | named)
        self.seen = LaunchContext()
        super().__init__(self.reason.code)

    @property
    def code(self) -> str:
        return self.reason.code

    @property
    def status(self) -> int:
        return self.reason.status

    @property
    def person(self) -> str:
        return self.reason.person

    @property
    def admin(self) -> str:
        return self.reason.admin


def _parameters(reason: Reason) -> Iterable[str]:
    return re.findall(r"%\((\w+)\)s", reason.person + reason.admin)


def shown(value: object) -> str:
    """A value as it may stand in a log line: on one line, of bounded length; lists joined by commas."""
    if isinstance(value, list | tuple | set | frozenset):
        return shown(", ".join(str(item) for item in value))
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(value))
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


_AGAIN = N_("This visit could not be opened. Go back to your course and open the activity again.")
_LATE = N_("Opening this took too long. Go back to your course and open the activity again.")
_USED = N_("This visit was already opened, or it is too old. Go back to your course and open the activity again.")
_SETUP = N_(
    "Your learning platform and this tool are not connected correctly, so the activity cannot be opened."
    " Please tell the person who looks after your learning platform; you have done nothing wrong."
)
_NOT_HERE = N_("This kind of link does not lead anywhere in this tool. Go back to your course and open the activity.")


_TABLE = (
    # What the browser sent
    Reason("request_too_large", 413, _AGAIN, N_("The request is larger than a launch can be: %(size)s bytes.")),
    Reason(
        "form_malformed",
        400,
        _AGAIN,
        N_("The field %(field)s is repeated, too long or holds characters no platform sends."),
    ),
    # Login (1EdTech Security Framework 1.0, §5.1.1.1)
    Reason(
        "login_incomplete",
        400,
        _AGAIN,
        N_(
            "The login request has no %(field)s. A platform always sends it: compare the initiate login URL"
            " of the tool on the platform with the one shown here."
        ),
    ),
    Reason(
        "platform_unknown",
        403,
        _SETUP,
        N_(
            "No platform is registered with the issuer %(issuer)s. Compare it with the platform ID of your"
            " registration."
        ),
    ),
    Reason(
        "client_unknown",
        403,
        _SETUP,
        N_(
            "The issuer %(issuer)s is registered, but not with the client ID %(client_id)s. Compare the"
            " client ID in the platform's tool configuration details."
        ),
    ),
    Reason(
        "client_ambiguous",
        403,
        _SETUP,
        N_(
            "The issuer %(issuer)s is registered %(count)s times and its login request names no client ID,"
            " so it cannot be told which registration is meant."
        ),
    ),
    Reason(
        "target_foreign",
        403,
        _SETUP,
        N_(
            "The target link URI leads to %(target)s, but this tool lives at %(ours)s. Compare the tool URL"
            " on the platform, in the tool and in the activity."
        ),
    ),
    Reason(
        "deployment_unknown",
        403,
        N_(
            "This tool has not been approved for this part of your learning platform. Please tell the person who"
            " looks after it; you have done nothing wrong."
        ),
        N_(
            "The login announces the deployment %(deployment_id)s of %(issuer)s, client ID %(client_id)s, and only"
            " others are approved. If it is one of yours, approve it by this ID."
        ),
    ),
    # The platform's own refusals (OpenID Connect Core §3.1.2.6)
    Reason(
        "platform_access_denied",
        403,
        N_(
            "Your learning platform did not confirm who you are. Sign in there with one account only, then"
            " go back to your course and open the activity again."
        ),
        N_("The platform answered %(error)s: the person signed in there is not the one the launch was made for."),
    ),
    Reason(
        "platform_login_required",
        403,
        N_("You are no longer signed in to your learning platform. Sign in there and open the activity again."),
        N_("The platform answered %(error)s: the person's session on the platform has ended."),
    ),
    Reason(
        "platform_unauthorized_client",
        403,
        _SETUP,
        N_(
            "The platform answered %(error)s. Compare the client ID of this registration with the"
            " platform's, and see whether the tool is activated there."
        ),
    ),
    Reason(
        "platform_invalid_request",
        403,
        _SETUP,
        N_(
            "The platform answered %(error)s to the login. Compare the redirect URI registered on the"
            " platform with the launch URL of this tool."
        ),
    ),
    Reason("platform_error", 403, _AGAIN, N_("The platform answered the login with the error %(error)s.")),
    # The login this launch answers
    Reason("state_missing", 400, _AGAIN, N_("The launch carries no state, so it answers no login of ours.")),
    Reason(
        "state_unknown",
        403,
        _USED,
        N_("The state of the launch is not known: it was used before, or was never ours."),
    ),
    Reason("state_expired", 403, _LATE, N_("The login was begun too long ago: it was valid until %(until)s.")),
    Reason(
        "browser_changed",
        403,
        _AGAIN,
        N_(
            "The launch came from another browser than its login. Two launches at once or a forwarded form can do this."
        ),
    ),
    Reason(
        "registration_unknown",
        403,
        _SETUP,
        N_("The registration this login began with has been removed."),
    ),
    # The token (RFC 7515, RFC 7518; 1EdTech Security Framework 1.0, §5.1.3)
    Reason("token_missing", 400, _AGAIN, N_("The launch carries no id_token.")),
    Reason("token_malformed", 400, _SETUP, N_("The id_token is not a signed token in compact form.")),
    Reason(
        "header_refused",
        403,
        _SETUP,
        N_("The header of the id_token holds %(names)s. Keys only come from the registered key set."),
    ),
    Reason(
        "algorithm_refused",
        403,
        _SETUP,
        N_(
            "The id_token is signed with %(algorithm)s and its key is meant for %(key_algorithm)s. Only"
            " RS256 is accepted."
        ),
    ),
    Reason("key_missing", 403, _SETUP, N_("The id_token does not name its key (kid).")),
    Reason(
        "key_unknown",
        403,
        _SETUP,
        N_(
            "The platform's key set at %(jwks_url)s has no usable key %(kid)s. Compare the key set URL of"
            " the registration."
        ),
    ),
    Reason(
        "keys_unavailable",
        424,
        N_("Your learning platform could not be reached just now. Wait a minute, then open the activity again."),
        N_(
            "The platform's key set at %(jwks_url)s could not be read (%(failure)s) and none is kept from"
            " before. Open that URL from the machine this tool runs on."
        ),
    ),
    Reason(
        "signature_wrong",
        403,
        _SETUP,
        N_(
            "The signature of the id_token does not fit the key %(kid)s from %(jwks_url)s. Compare the key"
            " set URL of the registration."
        ),
    ),
    Reason("claims_malformed", 400, _SETUP, N_("The id_token does not contain a JSON object.")),
    Reason("issuer_differs", 403, _SETUP, N_("The launch comes from %(issuer)s, the login went to %(expected)s.")),
    Reason(
        "audience_differs",
        403,
        _SETUP,
        N_(
            "The launch is meant for %(audience)s, but this registration has the client ID %(expected)s. In"
            " Moodle, see whether the activity has a consumer key of its own."
        ),
    ),
    Reason(
        "party_differs",
        403,
        _SETUP,
        N_("The authorized party of the launch is %(party)s, but this registration has the client ID %(expected)s."),
    ),
    Reason("times_missing", 403, _SETUP, N_("The launch has no usable iat or exp; both must be numbers.")),
    Reason(
        "token_expired",
        403,
        _LATE,
        N_("The launch expired at %(exp)s and it is %(now)s here. Compare the clocks of both machines."),
    ),
    Reason(
        "token_too_old",
        403,
        _LATE,
        N_("The launch was made at %(iat)s and it is %(now)s here. Compare the clocks of both machines."),
    ),
    Reason(
        "token_from_future",
        403,
        _SETUP,
        N_("The launch begins at %(begins)s, but it is %(now)s here. Compare the clocks of both machines."),
    ),
    Reason("nonce_differs", 403, _USED, N_("The nonce of the launch is not the one of its login.")),
    # LTI (LTI Core 1.3, §5.3 and §5.4)
    Reason(
        "subject_missing",
        403,
        N_("This activity can only be opened by someone who is signed in. Sign in and open it again."),
        N_("The launch names nobody (no sub). Anonymous launches are turned off."),
    ),
    Reason(
        "subject_malformed",
        403,
        _SETUP,
        N_("The sub of the launch is not a text of 1 to 255 ASCII characters."),
    ),
    Reason(
        "deployment_malformed",
        403,
        _SETUP,
        N_("The deployment ID is missing or not a text of 1 to 255 ASCII characters."),
    ),
    Reason(
        "deployment_waiting",
        403,
        N_(
            "This tool has not been approved for your learning platform yet. Please tell the person who"
            " looks after it; the activity will open once they have approved it."
        ),
        N_("The deployment %(deployment_id)s of %(issuer)s, client ID %(client_id)s, waits for approval."),
    ),
    Reason(
        "version_unsupported",
        403,
        _SETUP,
        N_("The launch is of LTI version %(version)s; this tool speaks 1.3.0."),
    ),
    Reason("message_unknown", 400, _NOT_HERE, N_("The message type %(message_type)s is not known.")),
    Reason(
        "message_unanswered",
        400,
        _NOT_HERE,
        N_("The message type %(message_type)s is not answered by this tool."),
    ),
    Reason("roles_malformed", 403, _SETUP, N_("The roles of the launch are missing or not a list of texts.")),
    Reason(
        "resource_link_malformed",
        403,
        _SETUP,
        N_("The launch has no resource link with an id of 1 to 255 characters."),
    ),
    Reason("target_missing", 403, _SETUP, N_("The launch has no target link URI.")),
    Reason(
        "deep_linking_settings_malformed",
        403,
        _SETUP,
        N_("The deep linking settings lack the return URL, the accepted types or the accepted document targets."),
    ),
    Reason("for_user_malformed", 403, _SETUP, N_("The submission review does not say whose submission is meant.")),
    # Going on in a new window
    Reason(
        "origin_foreign",
        403,
        _AGAIN,
        N_("The request to continue came from %(origin)s, not from a page of this tool."),
    ),
    Reason("ticket_missing", 400, _AGAIN, N_("The request to continue carries no ticket.")),
    Reason(
        "ticket_unknown",
        403,
        _USED,
        N_("The ticket to continue is not known: it was used before, or was never ours."),
    ),
    Reason(
        "proof_differs",
        403,
        _AGAIN,
        N_("What the platform's page kept for this login is not what was put there."),
    ),
    Reason("ticket_expired", 403, _LATE, N_("The ticket to continue was valid until %(until)s.")),
)

REASONS: Mapping[str, Reason] = MappingProxyType({reason.code: reason for reason in _TABLE})
"""Code → reason, for every refusal this package makes."""
