"""Which service scopes there are, and which a tool is given for what it asked."""

from collections.abc import Collection

AGS_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GRADE_SCOPES = [f"{AGS_SCOPE}{name}" for name in ("lineitem", "lineitem.readonly", "result.readonly", "score")]
NOTICE_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
GROUP_SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"

BEYOND_SCOPES = {NOTICE_SCOPE: "notices", GROUP_SCOPE: "groups"}
"""Scope → the switch that must be on for it; Moodle has neither."""

EVERY_SCOPE = (*GRADE_SCOPES, NRPS_SCOPE, *BEYOND_SCOPES)

_ANNOUNCED = [f"{AGS_SCOPE}{name}" for name in ("score", "result.readonly", "lineitem.readonly", "lineitem")]


def permitted(asked: Collection[str]) -> tuple[str, ...]:
    """What a registering tool may later use. To write columns it must have asked for that; any other grade scope
    opens reading and scores."""
    given: list[str] = []
    if not set(asked).isdisjoint(GRADE_SCOPES):
        given = [scope for scope in GRADE_SCOPES if scope != GRADE_SCOPES[0] or scope in asked]
    return (*given, *(scope for scope in (NRPS_SCOPE, *BEYOND_SCOPES) if scope in asked))


def announced(given: Collection[str]) -> str:
    """The ``scope`` of a registration's answer, which says more about grades than was given, as Moodle's does."""
    grades = [] if set(given).isdisjoint(GRADE_SCOPES) else _ANNOUNCED
    return " ".join([*grades, *(scope for scope in given if scope not in GRADE_SCOPES)])
