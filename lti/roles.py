"""What a role URI says: role → scope, name and sub-role (LTI Core 1.3, Appendix A.2).

Unknown roles are kept as they are: a platform may send its own, and what they mean is for the host to decide.
A role of the LMS never says what someone may do in a community.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    SYSTEM = "system"
    INSTITUTION = "institution"
    CONTEXT = "context"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Role:
    """One role. `uri` is what the platform sent; `sub_role` narrows `name` (Instructor →
    TeachingAssistant)."""

    scope: Scope
    name: str
    sub_role: str | None
    uri: str


_PREFIXES = (
    ("http://purl.imsglobal.org/vocab/lis/v2/system/person", Scope.SYSTEM),
    ("http://purl.imsglobal.org/vocab/lti/system/person", Scope.SYSTEM),
    ("http://purl.imsglobal.org/vocab/lis/v2/institution/person", Scope.INSTITUTION),
    ("http://purl.imsglobal.org/vocab/lis/v2/membership", Scope.CONTEXT),
    ("http://purl.imsglobal.org/vocab/lis/v2/person", Scope.INSTITUTION),
)

_SHORT_NAMES = frozenset(
    {"Administrator", "ContentDeveloper", "Instructor", "Learner", "Manager", "Member", "Mentor", "Officer"}
)
"""The context roles that may come without a URI (LTI Core 1.3, A.2.3); Moodle's membership service does
so."""


def read_role(uri: str) -> Role:
    """`uri` as sent by a platform → the role; scope UNKNOWN and the whole text as name when it is in no
    vocabulary."""
    if uri in _SHORT_NAMES:
        return Role(Scope.CONTEXT, uri, None, uri)
    for prefix, scope in _PREFIXES:
        if uri.startswith(prefix):
            return _from_vocabulary(uri, uri.removeprefix(prefix), scope)
    return _unknown(uri)


def read_roles(uris: Iterable[str]) -> tuple[Role, ...]:
    """Every role once, in the order sent."""
    return tuple(read_role(uri) for uri in dict.fromkeys(uris))


def _from_vocabulary(uri: str, rest: str, scope: Scope) -> Role:
    principal, hash_sign, name = rest.partition("#")
    if not hash_sign or not name:
        return _unknown(uri)
    if not principal:
        return Role(scope, name, None, uri)
    if scope is Scope.CONTEXT and principal.startswith("/") and len(principal) > 1:
        return Role(scope, principal.removeprefix("/"), name, uri)
    return _unknown(uri)


def _unknown(uri: str) -> Role:
    return Role(Scope.UNKNOWN, uri, None, uri)
