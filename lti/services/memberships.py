"""Who takes part in this course? Names and Role Provisioning Services 2.0, a page at a time.

A roster is read to its end or not at all: whoever reads pages and keeps something of them acts on who is missing
only after the last one.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urljoin

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from lti.claims import Context, Forgiving, Text, TextList
from lti.login import shown_origin
from lti.platforms import Platform
from lti.roles import Role, Scope, read_role, read_roles
from lti.services.answers import IdText, read_json
from lti.services.calls import Caller
from lti.services.pages import Listed, follow, same_origin, with_query

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
"""Moodle knows no other: `application/json` is refused."""


class Status(StrEnum):
    """Someone inactive is enrolled but may not take part; a deleted one comes in differences only."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"
    DELETED = "Deleted"


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """One person in the course. `user_id` is the `sub` of their launches; names are as far as the platform may
    tell them. `group_ids` are from the Course Groups Service, where the platform has it."""

    user_id: str
    status: Status
    roles: tuple[Role, ...]
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    sourced_id: str | None = None
    group_ids: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Member {self.status}>"


@dataclass(frozen=True, slots=True)
class Page:
    """Some members, and where to go on. Keep the `differences_url` of the last page: asked for later, it tells
    what has changed since. A page without a `next_url` is the last."""

    members: tuple[Member, ...] = field(repr=False)
    context: Context | None
    differences_url: str | None
    next_url: str | None


def read_members(
    caller: Caller,
    platform: Platform,
    memberships_url: str,
    *,
    role: str | None = None,
    resource_link_id: str | None = None,
    limit: int | None = None,
    names_are_escaped: bool = False,
) -> Iterator[Page]:
    """The members at `context_memberships_url`, one call a page, each when it is asked for.

    `role` (a URI or a short name) and `resource_link_id` ask for those with that role or access only; `limit` is a
    wish for the size of a page. `names_are_escaped` is for Moodle, which writes HTML into names. Raises a
    ServiceError; then the roster is not whole.

    Moodle reads the whole course for every page, so large pages (some thousand members) are the fast ones, and the
    `Http` under the `caller` needs patience: more than ten seconds a page where a course has tens of thousands.
    """
    asked = {name: value for name, value in (("role", role), ("rlid", resource_link_id)) if value is not None}
    url = with_query(memberships_url, **asked, limit=limit)
    for listed in follow(caller, platform, (SCOPE,), url, accept=MEDIA_TYPE, kept=asked):
        yield _page(listed, memberships_url, names_are_escaped, role)


def read_differences(
    caller: Caller, platform: Platform, differences_url: str, *, names_are_escaped: bool = False
) -> Iterator[Page]:
    """What has changed since the answer that gave `differences_url`: members new or changed, and those who left,
    who are `Deleted`. Otherwise as `read_members`."""
    for listed in follow(caller, platform, (SCOPE,), differences_url, accept=MEDIA_TYPE):
        yield _page(listed, differences_url, names_are_escaped, None)


def _filled(value: Any) -> Any:
    return value or None


_Filled = Annotated[Forgiving[Text], BeforeValidator(_filled)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _GroupRecord(_Record):
    group_id: IdText


class _MemberRecord(_Record):
    user_id: IdText
    status: Any = None
    roles: TextList = ()
    name: _Filled = None
    given_name: _Filled = None
    family_name: _Filled = None
    email: _Filled = None
    lis_person_sourcedid: _Filled = None
    group_enrollments: Forgiving[tuple[_GroupRecord, ...]] = None


class _Container(_Record):
    context: Forgiving[Context] = None
    members: list[_MemberRecord]


_CONTAINER = TypeAdapter(_Container)


def _page(listed: Listed, url: str, names_are_escaped: bool, role: str | None) -> Page:
    container = read_json(listed.answer, _CONTAINER, shown_origin(url))
    members = (_member(record, names_are_escaped) for record in container.members)
    # Moodle answers with everybody when it does not know the role.
    return Page(
        members=tuple(member for member in members if role is None or _has_role(member, role)),
        context=container.context,
        differences_url=_differences_url(listed.links, url),
        next_url=listed.next_url,
    )


def _member(record: _MemberRecord, names_are_escaped: bool) -> Member:
    def plain(name: str | None) -> str | None:
        return html.unescape(name) if name and names_are_escaped else name

    return Member(
        user_id=record.user_id,
        status=_status(record.status),
        roles=read_roles(record.roles),
        name=plain(record.name),
        given_name=plain(record.given_name),
        family_name=plain(record.family_name),
        email=record.email,
        sourced_id=record.lis_person_sourcedid,
        group_ids=tuple(group.group_id for group in record.group_enrollments or ()),
    )


def _status(said: object) -> Status:
    """No status means active. One we do not know lets nobody in."""
    if said is None:
        return Status.ACTIVE
    return next((status for status in Status if str(said).lower() == status.lower()), Status.INACTIVE)


def _has_role(member: Member, wanted: str) -> bool:
    """A role is also had by whoever has a part of it: Instructor by a teaching assistant (LTI Core 1.3, A.2.3)."""
    asked = read_role(wanted)
    if asked.scope is Scope.UNKNOWN or asked.sub_role is not None:
        return any(role.uri == wanted for role in member.roles)
    return any((role.scope, role.name) == (asked.scope, asked.name) for role in member.roles)


def _differences_url(links: Mapping[str, str], url: str) -> str | None:
    """A link to somewhere else is not believed: our token would go there."""
    try:
        found = urljoin(url, links["differences"])
    except (KeyError, ValueError):
        return None
    return found if same_origin(found, url) else None
