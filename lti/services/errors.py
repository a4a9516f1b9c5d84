"""What went wrong with a platform's service, and what can an admin do about it?

Four kinds, because a caller acts in four ways: come back later, look at the registration, report a broken platform,
or ask for a permission. Texts are gettext msgids, marked with `N_` and translated by the host; they hold `%(name)s`
parameters, and `ServiceError.values` always has every one of them. No text and no repr holds a token, an assertion,
a platform's free words about people, or a person's id or name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lti.refusals import N_, shown


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way a call can fail. `what` and `todo` are msgids for an admin."""

    code: str
    what: str
    todo: str


class ServiceError(Exception):
    """A call to a platform's service gave nothing that can be used.

    `code` is stable and can be relied on in logs and tests. Raises KeyError for a code that `TROUBLES` does not have.
    """

    def __init__(self, code: str, **values: object) -> None:
        trouble = TROUBLES[code]
        self.code = code
        self.what = trouble.what
        self.todo = trouble.todo
        unsaid = dict.fromkeys(re.findall(r"%\((\w+)\)s", trouble.what + trouble.todo), "?")
        named = {name: shown(value) for name, value in values.items()}
        self.values: Mapping[str, str] = MappingProxyType(unsaid | named)
        super().__init__(code)

    def __str__(self) -> str:
        return f"{self.what % self.values} {self.todo % self.values} [{self.code}]"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r})"


class Unavailable(ServiceError):
    """No answer, or one that says: not now (5xx, 408, 429). `retry_after` are the seconds the platform asked for."""

    def __init__(self, code: str, *, retry_after: float | None = None, **values: object) -> None:
        self.retry_after = retry_after
        super().__init__(code, **values)


class Refused(ServiceError):
    """The platform understood and says no. `status` is HTTP's, `reason` a few words."""

    def __init__(self, code: str, *, status: int, reason: str = "", **values: object) -> None:
        self.status = status
        self.reason = shown(reason)
        super().__init__(code, status=status, reason=reason, **values)


class Earlier(Refused):
    """A score with this timestamp or a later one is stored already (Assignment and Grade Services 2.0)."""


class BadAnswer(ServiceError):
    """Not what the specification says: another shape, another place, no end."""


class NotGranted(ServiceError):
    """The platform does not allow this tool what the call needs. `missing` are the scopes."""

    def __init__(self, code: str, *, missing: Iterable[str], **values: object) -> None:
        self.missing = frozenset(missing)
        super().__init__(code, missing=sorted(self.missing), **values)


_WAIT = N_("Nothing needs to be done at once; the next try may succeed. If it stays, look into the platform's log.")
_REPORT = N_("The platform does not keep to the specification here. Its version and this message help its makers.")

_TABLE = (
    # No answer
    Trouble(
        "silent",
        N_("%(host)s gave no answer: %(failure)s."),
        N_("Open that address from the machine this tool runs on; a firewall or a certificate may be in the way."),
    ),
    Trouble("busy", N_("%(host)s asks us to come back later (HTTP %(status)s)."), _WAIT),
    Trouble("broken", N_("%(host)s is not working at the moment (HTTP %(status)s)."), _WAIT),
    # Access tokens (1EdTech Security Framework 1.0, §4.1)
    Trouble(
        "token_refused",
        N_("%(host)s gave no access token: %(reason)s (HTTP %(status)s)."),
        N_("Compare the token URL and the client ID of this registration with the platform's."),
    ),
    Trouble(
        "token_client_unknown",
        N_("%(host)s gave no access token: it does not know the client ID %(client_id)s, or has it turned off."),
        N_("Compare the client ID with the platform's, and see whether the tool is activated there."),
    ),
    Trouble(
        "token_clock",
        N_("%(host)s gave no access token: %(reason)s."),
        N_("Compare the clocks of both machines; they must not differ by more than a few seconds."),
    ),
    Trouble(
        "token_key",
        N_("%(host)s gave no access token: %(reason)s."),
        N_(
            "Compare the key set URL of this tool on the platform with the one shown here. After the keys were"
            " changed, a platform may need some hours until it has read them again."
        ),
    ),
    Trouble(
        "scope_missing",
        N_("%(host)s does not grant %(missing)s."),
        N_("On the platform, allow the service for this tool, then try again."),
    ),
    Trouble(
        "service_not_offered",
        N_("The launch from %(host)s does not offer %(missing)s."),
        N_("On the platform, allow the service for this tool, then open the activity once more."),
    ),
    # Calls
    Trouble(
        "unauthorized",
        N_("%(host)s does not accept our access token, not even a new one (HTTP %(status)s)."),
        N_(
            "See whether the service is allowed for this tool on the platform, and whether the deployment still stands."
        ),
    ),
    Trouble(
        "forbidden",
        N_("%(host)s does not allow the call (HTTP %(status)s)."),
        N_("On the platform, see what this tool may do in this course."),
    ),
    Trouble(
        "gone",
        N_("%(host)s does not have what was asked for (HTTP %(status)s)."),
        N_("The course, the activity or the column may have been deleted. Open the activity once more."),
    ),
    Trouble("refused", N_("%(host)s refused the call: %(reason)s (HTTP %(status)s)."), _REPORT),
    Trouble(
        "score_earlier",
        N_("%(host)s has a score of the same time or a later one already."),
        N_("Nothing needs to be done, unless the clock of this machine was wrong; then later scores will be taken."),
    ),
    Trouble(
        "score_refused",
        N_("%(host)s did not take the score."),
        N_("See whether the person still takes part in the course, with a role that is graded."),
    ),
    # Answers
    Trouble(
        "redirected",
        N_("%(host)s only points to another address (HTTP %(status)s)."),
        N_("Compare the addresses of the registration with the ones the platform shows; we follow no redirect."),
    ),
    Trouble("odd_status", N_("%(host)s answered with HTTP %(status)s, which means nothing here."), _REPORT),
    Trouble(
        "not_json",
        N_("%(host)s sent something that is no data."),
        N_("A login page, a firewall or a maintenance page may stand in front of the platform."),
    ),
    Trouble("odd_shape", N_("The answer of %(host)s has another shape than specified, at: %(place)s."), _REPORT),
    Trouble(
        "too_large",
        N_("The answer of %(host)s is too large."),
        N_("Ask for smaller pages."),
    ),
    Trouble(
        "bad_address",
        N_("The platform named an address that cannot be called."),
        N_("Compare the addresses the platform shows for its services; the launch holds them."),
    ),
    Trouble(
        "unprotected",
        N_("The service at %(host)s is not encrypted, but the platform's token URL is."),
        N_("Have the platform name its services with https://; a token must not travel in the open."),
    ),
    Trouble("foreign", N_("%(host)s sends us on to another host."), _REPORT),
    Trouble("endless", N_("The pages of %(host)s have no end."), _REPORT),
)

TROUBLES: Mapping[str, Trouble] = MappingProxyType({trouble.code: trouble for trouble in _TABLE})
"""Code → trouble, for every `ServiceError`."""
