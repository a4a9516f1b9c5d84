"""What does each of Moodle's error codes mean, and where in Moodle does one click to mend it?

Moodle's error replies come with HTTP 200 and a class name, a code and a message. Only the code is stable:
class names moved between versions, messages are translated and hold user names.
"""

import re
from dataclasses import dataclass

from connectors.errors import N_, BadAnswer, ConnectorError, NotAllowed, NotFound, Refused, Unavailable
from connectors.moodle.needs import CAPABILITIES, SITE_INFO

WHERE_FUNCTIONS = N_(
    "Add the function in Moodle: Site administration > Server > Web services > External services > Functions."
)
WHERE_CAPABILITIES = N_(
    "Give the account's role these capabilities in Moodle under Site administration > Users > Permissions > "
    "Define roles: %(capabilities)s."
)
WHERE_TOKENS = N_(
    "Make a new token in Moodle and enter it here: Site administration > Server > Web services > Manage tokens."
)
WHERE_REST = N_(
    "Switch on web services and the REST protocol in Moodle: Site administration > Server > Web services > Overview."
)
WHERE_COURSE = N_(
    "Check that the course still exists, and give the account's role moodle/course:view and "
    "moodle/course:viewhiddencourses for the whole site."
)
WHERE_VERSION = N_("Bring Moodle up to a supported version, or install the plugin that offers the function.")
TELL_US = N_("Report this with the code in brackets; Moodle and the connector do not understand each other.")


@dataclass(frozen=True, slots=True)
class Meaning:
    """The error class to raise for a code, with its two sentences."""

    kind: type[ConnectorError]
    what: str
    todo: str


_GONE = Meaning(NotFound, N_("Moodle no longer has what was asked for."), N_("The next reading leaves it out."))
_NOT_IN_SERVICE = Meaning(NotAllowed, N_("The token may not call the function %(function)s."), WHERE_FUNCTIONS)
_NO_RIGHT = Meaning(NotAllowed, N_("The account lacks a right for the function %(function)s."), WHERE_CAPABILITIES)
_COURSE_CLOSED = Meaning(NotAllowed, N_("The account cannot open this course."), WHERE_COURSE)
_NO_MANUAL = Meaning(
    NotAllowed,
    N_("Nobody can be enrolled in this course by hand."),
    N_("Add the method in Moodle, in the course: Participants > Enrolment methods > Add method > Manual enrolments."),
)
_NO_REPORT = Meaning(NotAllowed, N_("The account may not see this person's progress or grades."), WHERE_CAPABILITIES)
_BAD_QUESTION = Meaning(BadAnswer, N_("Moodle did not accept the question."), TELL_US)

MEANINGS: dict[str, Meaning] = {
    "invalidtoken": Meaning(Refused, N_("Moodle does not know this token, or it has expired."), WHERE_TOKENS),
    "accessexception": _NOT_IN_SERVICE,
    "wsaccessusersuspended": Meaning(
        Refused,
        N_("The account of the token is suspended."),
        N_("Activate the account in Moodle: Site administration > Users > Accounts > Browse list of users."),
    ),
    "wsaccessuserdeleted": Meaning(Refused, N_("The account of the token has been deleted."), WHERE_TOKENS),
    "wsaccessuserexpired": Meaning(
        Refused,
        N_("The password of the token's account has expired."),
        N_("Give the account a new password in Moodle."),
    ),
    "wsaccessuserunconfirmed": Meaning(
        Refused,
        N_("The account of the token was never confirmed."),
        N_("Confirm the account in Moodle: Site administration > Users > Accounts > Browse list of users."),
    ),
    "wsaccessusernologin": Meaning(
        Refused,
        N_("The account of the token is not allowed to log in."),
        N_("Give the account in Moodle the authentication method 'Web services authentication' or 'Manual accounts'."),
    ),
    "forcepasswordchangenotice": Meaning(
        Refused,
        N_("Moodle wants the account of the token to change its password first."),
        N_("Log in to Moodle once with this account and set a new password."),
    ),
    "sitepolicynotagreed": Meaning(
        Refused,
        N_("The account of the token has not agreed to the site policy."),
        N_("Log in to Moodle once with this account and agree."),
    ),
    "servicenotavailable": Meaning(Refused, N_("The web service of this token is switched off."), WHERE_REST),
    "enablewsdescription": Meaning(NotAllowed, N_("Web services are switched off in Moodle."), WHERE_REST),
    "sitemaintenance": Meaning(
        Unavailable,
        N_("Moodle is in maintenance mode."),
        N_("Nothing needs to be done; the next run goes on when the maintenance is over."),
    ),
    "upgraderunning": Meaning(
        Unavailable,
        N_("Moodle is being upgraded."),
        N_("Nothing needs to be done; the next run goes on afterwards."),
    ),
    "dbconnectionfailed": Meaning(
        Unavailable,
        N_("Moodle cannot reach its database."),
        N_("Try again later, or tell Moodle's administrator."),
    ),
    "nopermissions": _NO_RIGHT,
    "nopermission": _NO_RIGHT,
    "required_capability_exception": _NO_RIGHT,
    "criteriaerror": _NO_RIGHT,
    "wsusercannotassign": Meaning(
        NotAllowed,
        N_("The account may not give anybody this role."),
        N_(
            "Tick the role for the account's own role in Moodle: Site administration > Users > Permissions > "
            "Define roles > Allow role assignments."
        ),
    ),
    "wsnoinstance": _NO_MANUAL,
    "wscannotenrol": _NO_MANUAL,
    "wscannotunenrol": _NO_MANUAL,
    "manualpluginnotinstalled": _NO_MANUAL,
    "cannotviewreport": _NO_REPORT,
    "nopermissiontoviewgrades": _NO_REPORT,
    "disabled": Meaning(
        NotAllowed,
        N_("Messages are switched off in Moodle."),
        N_("Switch them on: Site administration > Advanced features > Enable messaging system."),
    ),
    "completionnotenabled": Meaning(
        NotAllowed,
        N_("Completion is switched off for this course."),
        N_("Switch it on in Moodle, in the course: Settings > Completion tracking."),
    ),
    "errorcoursecontextnotvalid": _COURSE_CLOSED,
    "requireloginerror": _COURSE_CLOSED,
    "invalidrecord": _GONE,
    "invalidrecordunknown": _GONE,
    "invalidcourseid": _GONE,
    "invalidcoursemodule": _GONE,
    "unknowncourse": _GONE,
    "invaliduser": _GONE,
    "usernotenroled": _GONE,
    "nocriteriaset": _GONE,
    "invalidparameter": _BAD_QUESTION,
    "errorinvalidparam": _BAD_QUESTION,
    "invaliduserfield": _BAD_QUESTION,
    "keyalreadyset": _BAD_QUESTION,
    "codingerror": _BAD_QUESTION,
}

# Every token may ask for the site's introduction, so a refusal there is about the token, not the function.
_OF_ONE_FUNCTION: dict[tuple[str, str], Meaning] = {
    ("accessexception", SITE_INFO): Meaning(
        Refused,
        N_("Moodle lets nobody in with this token: it has expired, or it is tied to another network address."),
        WHERE_TOKENS,
    ),
    ("nopermissions", "core_enrol_get_enrolled_users"): Meaning(
        NotAllowed,
        N_("The account may not see which enrolments are active and which are suspended."),
        WHERE_CAPABILITIES,
    ),
}

_CRASHED = Meaning(
    BadAnswer,
    N_("Moodle crashed while it answered."),
    N_("Moodle's administrator finds the cause in the web server's log."),
)
_UNKNOWN_FUNCTION = Meaning(
    NotAllowed,
    N_("This Moodle does not have the function %(function)s."),
    WHERE_VERSION,
)
_UNKNOWN_CODE = Meaning(BadAnswer, N_("Moodle refused the question for a reason we do not know."), TELL_US)


def error_of(function: str, errorcode: str | None, message: str | None) -> ConnectorError:
    """The error for a fault that Moodle reported on calling `function`.

    `message` only decides between two readings of one code and goes no further.
    """
    meaning = _meaning(function, errorcode, message or "")
    return meaning.kind(
        meaning.what,
        meaning.todo,
        code=_tame(errorcode),
        function=function,
        params={"function": function, "capabilities": ", ".join(CAPABILITIES.get(function, ())) or "?"},
    )


def _meaning(function: str, errorcode: str | None, message: str) -> Meaning:
    if errorcode is None:
        return _CRASHED
    if errorcode == "invalidrecord" and "external_functions" in message:
        return _UNKNOWN_FUNCTION
    return _OF_ONE_FUNCTION.get((errorcode, function)) or MEANINGS.get(errorcode, _UNKNOWN_CODE)


def _tame(errorcode: str | None) -> str:
    """The code as it may stand in a log: without digits, for a stranger's site may send our token in its place."""
    if errorcode is None:
        return "php_error"
    return errorcode if re.fullmatch(r"[A-Za-z_:/-]{1,64}", errorcode) else "odd_code"
