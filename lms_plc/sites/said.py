"""What does a launch say that we keep? Read side by side with what is known (``seen``, a row of `looking`).

The LMS decides names and titles; where its roster and its launches spell one differently, the roster does.
"""

from typing import Any

from sqlalchemy import Row

from lms_plc.core.mail import as_address
from lms_plc.people import registry
from lms_plc.sites.models import ADMINISTRATORS
from lms_plc.web.i18n import normalise
from lti.launch import Launch
from lti.roles import Scope

JOINING = frozenset({"Learner", "Instructor", "Member", "Manager", "ContentDeveloper", "Officer"})
"""Context roles of people who take part in the course. LTI's Mentor only watches over a learner."""


def takes_part(launch: Launch) -> bool:
    return any(role.scope is Scope.CONTEXT and role.name in JOINING for role in launch.roles)


def has(launch: Launch, name: str) -> bool:
    return any(role.scope is Scope.CONTEXT and role.name == name and not role.sub_role for role in launch.roles)


def is_administrator(launch: Launch) -> bool:
    wide = (Scope.SYSTEM, Scope.INSTITUTION)
    return any(role.scope in wide and role.name in ADMINISTRATORS for role in launch.roles)


def roles(launch: Launch) -> list[dict[str, Any]]:
    return [
        {"scope": role.scope.value, "name": role.name, "sub_role": role.sub_role}
        for role in sorted(launch.roles, key=lambda role: (role.scope, role.name, role.sub_role or ""))
    ]


def name(seen: Row[Any], launch: Launch) -> str:
    """The LMS decides names, the one that knew somebody first; where its roster and its launch spell one differently,
    the roster does: a name that went back and forth would be written anew with every launch. Without any, the LMS's
    number for the person."""
    if seen.roster_knows_person or seen.known_before:
        return str(seen.display_name)
    said = launch.name or " ".join(filter(None, (launch.given_name, launch.family_name)))
    return registry.as_kept(said) or seen.display_name or f"#{launch.subject}"


def sourced_id(seen: Row[Any], launch: Launch) -> str | None:
    """The number that the site's register gives the person; None where no admin named a register."""
    if seen.register is None or launch.message.sourced_ids is None:
        return None
    return (launch.message.sourced_ids.person_sourcedid or "")[:255] or None


def locale(launch: Launch) -> str | None:
    return normalise(launch.locale)


def email(seen: Row[Any], launch: Launch) -> str | None:
    """Where the LMS says mail reaches them. One they confirmed themselves stays; so does the last one an LMS said,
    where this one says none or two of them differ: it would be written anew with every launch."""
    if seen.email_source == "own" or (seen.known_before and seen.email):
        return seen.email
    return as_address(launch.email) or seen.email


def title(seen: Row[Any], launch: Launch) -> str:
    """As with names: a course the roster knows is called as the roster says."""
    assert launch.context is not None
    if seen.roster_decides_title:
        return str(seen.title)
    return (launch.context.title or seen.title or launch.context.label or launch.context.id)[:500]


def services(seen: Row[Any], launch: Launch) -> dict[str, Any]:
    """Where the LMS's services for this course are, as its launches say. Of two registrations at one site the first
    counts: what each launch changed back would be written with every launch."""
    known: dict[str, Any] = seen.services or {}
    if known and known["platform"] != launch.platform.id:
        return known
    said: dict[str, Any] = {}
    if launch.names_and_roles is not None:
        said["memberships"] = launch.names_and_roles.context_memberships_url
    if launch.grades is not None:
        said |= {"line_items": launch.grades.lineitems, "scopes": sorted(launch.grades.scope)}
    if launch.message.groups is not None:
        said["groups"] = launch.message.groups.context_groups_url
    return {"platform": launch.platform.id, "deployment": launch.deployment_id, **said} if said else known


def link_facts(seen: Row[Any], launch: Launch) -> dict[str, str]:
    """What this launch adds to what is known of the placed link, in the course it was placed in."""
    if not seen.placed_here or launch.resource_link is None:
        return {}
    link_id = launch.resource_link.id
    if seen.resource_link_id not in (None, link_id):  # somebody copied the activity within the course
        return {}
    facts = {} if seen.resource_link_id == link_id else {"resource_link_id": link_id}
    # the column is written to with the token of the registration whose services are kept
    is_ours = services(seen, launch).get("platform") == launch.platform.id
    line_item = launch.grades.lineitem if launch.grades is not None and seen.counts and is_ours else None
    if line_item is not None and line_item != seen.line_item_url:
        facts["line_item_url"] = line_item
    return facts


def notice_service(seen: Row[Any], launch: Launch) -> dict[str, Any] | None:
    """The platform's notification service, if this launch says anything new of it."""
    service = launch.message.notices
    if service is None:
        return None
    offered = sorted(service.notice_types_supported)
    known: dict[str, Any] = seen.notices or {}
    if known.get("url") == service.platform_notification_service_url and known.get("offered") == offered:
        return None
    return {"url": service.platform_notification_service_url, "offered": offered, "subscribed": {}}


def may_place(launch: Launch) -> bool:
    """Whoever the LMS lets edit a course (it decides who sees the button); never somebody it calls a learner only."""
    return is_administrator(launch) or any(
        role.scope is Scope.CONTEXT and role.name in ("Instructor", "ContentDeveloper", "Administrator")
        for role in launch.roles
    )
