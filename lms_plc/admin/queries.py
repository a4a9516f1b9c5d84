"""What does an operator see of registrations? Addresses and counts, never a person's name or a word of theirs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, case, func, select

from lms_plc.people.models import Identity, Person
from lms_plc.sites.models import Course, Deployment, Platform, Site

MOST_SITES = 200
MOST_ROWS = 1000
LAST_COURSES = 200
"""So many courses, the newest ones, are asked which services their launches named."""


@dataclass(frozen=True, slots=True)
class DeploymentLine:
    id: UUID
    deployment_id: str
    first_seen_at: datetime
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegistrationSeen:
    """A registration with its deployments; ``granted`` and ``custom`` are the platform's answer to a link."""

    id: UUID
    site_id: UUID
    site_name: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    token_audience: str | None
    family: str | None
    registered_by: str
    granted: Sequence[str]
    custom: Mapping[str, str]
    proved_at: datetime | None
    deployments: Sequence[DeploymentLine]


@dataclass(frozen=True, slots=True)
class SiteLine:
    """An LMS with its registrations; ``connected_at`` is when its web services were connected."""

    id: UUID
    name: str
    url: str
    connected_at: datetime | None
    registrations: Sequence[RegistrationSeen]


@dataclass(frozen=True, slots=True)
class Traces:
    """What launches have left of a registration: counts. ``nameless`` persons have only the LMS's number for them."""

    persons: int
    nameless: int
    courses: int
    with_memberships: int
    with_line_items: int
    with_groups: int
    scopes: frozenset[str]


_REGISTRATION = select(
    Platform.id,
    Platform.site_id,
    Site.name.label("site_name"),
    Platform.issuer,
    Platform.client_id,
    Platform.auth_url,
    Platform.token_url,
    Platform.jwks_url,
    Platform.token_audience,
    Platform.family,
    Platform.registered_by,
    Platform.granted,
    Platform.custom,
    Platform.proved_at,
).join(Site, Site.id == Platform.site_id)


def overview(connection: Connection) -> list[SiteLine]:
    """Every LMS and its registrations, the first connected first; three statements."""
    sites = connection.execute(
        select(Site.id, Site.name, Site.url, Site.connected_at).order_by(Site.id).limit(MOST_SITES)
    ).all()
    rows = connection.execute(_REGISTRATION.order_by(Platform.id).limit(MOST_ROWS)).all()
    deployments = _deployments(connection)
    by_site: dict[UUID, list[RegistrationSeen]] = defaultdict(list)
    for row in rows:
        by_site[row.site_id].append(_registration(row, deployments.get(row.id, [])))
    return [SiteLine(*site, by_site[site.id]) for site in sites]


def registration(connection: Connection, platform_id: UUID) -> RegistrationSeen | None:
    row = connection.execute(_REGISTRATION.where(Platform.id == platform_id)).one_or_none()
    if row is None:
        return None
    return _registration(row, _deployments(connection, Deployment.platform_id == platform_id).get(row.id, []))


def traces(connection: Connection, seen: RegistrationSeen) -> Traces:
    """How many persons of the site have no name, and which services launches through this registration named."""
    nameless = case((Person.display_name == "#" + Identity.subject, 1), else_=0)
    persons = connection.execute(
        select(func.count(), func.coalesce(func.sum(nameless), 0))
        .select_from(Identity)
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.site_id == seen.site_id)
    ).one()
    services = connection.execute(
        select(Course.services)
        .where(Course.site_id == seen.site_id, Course.services["platform"].as_string() == str(seen.id))
        .order_by(Course.id.desc())
        .limit(LAST_COURSES)
    ).scalars()
    named = list(services)
    return Traces(
        persons=persons[0],
        nameless=persons[1],
        courses=len(named),
        with_memberships=sum("memberships" in one for one in named),
        with_line_items=sum(bool(one.get("line_items")) for one in named),
        with_groups=sum("groups" in one for one in named),
        scopes=frozenset(scope for one in named for scope in one.get("scopes") or ()),
    )


def _deployments(connection: Connection, *which: ColumnElement[bool]) -> Mapping[UUID, list[DeploymentLine]]:
    rows = connection.execute(
        select(
            Deployment.platform_id,
            Deployment.id,
            Deployment.deployment_id,
            Deployment.first_seen_at,
            Deployment.approved_at,
        )
        .where(*which)
        .order_by(Deployment.approved_at.is_not(None), Deployment.id)
        .limit(MOST_ROWS)
    )
    found: dict[UUID, list[DeploymentLine]] = defaultdict(list)
    for row in rows:
        line = DeploymentLine(row.id, row.deployment_id, row.first_seen_at, row.approved_at)
        found[row.platform_id].append(line)
    return found


def _registration(row: Row[*tuple[Any, ...]], deployments: Sequence[DeploymentLine]) -> RegistrationSeen:
    return RegistrationSeen(**row._mapping, deployments=deployments)
