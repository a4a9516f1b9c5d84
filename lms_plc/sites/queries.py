"""What can be seen of the LMSs we know; for the command line, the doctor and the pages around a launch."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, Select, String, and_, cast, exists, func, or_, select

from lms_plc.communities.home import HERE, Line, line
from lms_plc.communities.models import Community, Membership, PlacedLink, Placement
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.sites.models import ADMINISTRATORS, Course, Deployment, Enrolment, Platform, Site


@dataclass(frozen=True, slots=True)
class SiteSeen:
    id: UUID
    name: str
    url: str
    title: str | None
    connector: str | None
    release: str | None
    covers: str
    connected_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlatformSeen:
    id: UUID
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployments: Sequence["DeploymentSeen"]


@dataclass(frozen=True, slots=True)
class DeploymentSeen:
    deployment_id: str
    first_seen_at: datetime
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class CourseSeen:
    """A course as somebody enrolled in it may know it; ``roles`` are the actor's own."""

    id: UUID
    site_id: UUID
    title: str
    community_id: UUID | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class TechnicalSide:
    """What an LMS administrator is shown of a placement: no names, no words."""

    course: str
    lms_id: str
    community: str | None
    members: int
    site: str
    connected_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicFace:
    """What somebody without a name is shown of a community."""

    name: str
    members: int


def public_face(connection: Connection, community_id: UUID) -> PublicFace | None:
    members = select(func.count()).where(Membership.community_id == Community.id, Membership.state == "active")
    row = connection.execute(
        select(Community.name, members.scalar_subquery()).where(Community.id == community_id)
    ).one_or_none()
    return PublicFace(*row) if row else None


_SITE = select(Site.id, Site.name, Site.url, Site.title, Site.connector, Site.release, Site.covers, Site.connected_at)


def sites(connection: Connection) -> list[SiteSeen]:
    return [SiteSeen(*row) for row in connection.execute(_SITE.order_by(Site.id).limit(500))]


def site_named(connection: Connection, name: str | None) -> SiteSeen | None:
    """The site of this name or address; without one, the only site there is."""
    query = _SITE.limit(2) if name is None else _SITE.where((Site.name == name) | (Site.url == name.rstrip("/")))
    rows = connection.execute(query).all()
    return SiteSeen(*rows[0]) if len(rows) == 1 else None


def platforms(connection: Connection, site_id: UUID) -> list[PlatformSeen]:
    rows = connection.execute(
        select(Platform).with_only_columns(*Platform.__table__.columns).where(Platform.site_id == site_id).limit(50)
    ).all()
    return [
        PlatformSeen(
            row.id,
            row.issuer,
            row.client_id,
            row.auth_url,
            row.token_url,
            row.jwks_url,
            deployments(connection, row.id),
        )
        for row in rows
    ]


def deployments(connection: Connection, platform_id: UUID) -> list[DeploymentSeen]:
    rows = connection.execute(
        select(Deployment.deployment_id, Deployment.first_seen_at, Deployment.approved_at)
        .where(Deployment.platform_id == platform_id)
        .order_by(Deployment.id)
        .limit(100)
    )
    return [DeploymentSeen(*row) for row in rows]


def auth_urls(connection: Connection) -> list[str]:
    """The authorisation address of every registered platform."""
    return list(connection.execute(select(Platform.auth_url).distinct().limit(1000)).scalars())


@loads("course", known_by="course.see")
def load_course(connection: Connection, actor: Actor, course_id: UUID) -> Loaded | None:
    row = connection.execute(
        select(
            Course.id,
            Course.site_id,
            Course.title,
            Placement.community_id,
            Enrolment.launch_roles,
            Enrolment.from_sync,
        )
        .join(Enrolment, Enrolment.course_id == Course.id)
        .outerjoin(Placement, (Placement.course_id == Course.id) & (Placement.link_id == ""))
        .where(Course.id == course_id, Enrolment.person_id == actor.person_id, Enrolment.state == "active")
    ).one_or_none()
    if row is None:
        return None
    is_teacher = teaches(row.launch_roles, row.from_sync)
    roles = frozenset({Role.ENROLLED, Role.TEACHING} if is_teacher else {Role.ENROLLED})
    return Loaded(CourseSeen(row.id, row.site_id, row.title, row.community_id, roles), roles)


def left_from_here(connection: Connection, actor: Actor, course_id: UUID, community_id: UUID) -> tuple[str, str] | None:
    """Name and state of a community of this course, or of one of its groups, that the actor left by themselves or is
    in."""
    opens = exists().where(
        Placement.community_id == community_id,
        Placement.course_id == Course.id,
        or_(Course.id == course_id, Course.parent_id == course_id),
    )
    placed = exists().where(PlacedLink.community_id == community_id, PlacedLink.course_id == course_id)
    row = connection.execute(
        select(Community.name, Membership.state)
        .join(Membership, Membership.community_id == Community.id)
        .where(
            Community.id == community_id,
            Membership.person_id == actor.person_id,
            or_(Membership.state == "active", and_(Membership.state == "left", Membership.reason.is_(None))),
            or_(opens, placed),
        )
    ).one_or_none()
    return (row.name, row.state) if row else None


def courses_here() -> Select[Any]:
    """The actor's courses that this community opens from, as lines: the roles of the last launch, as JSON, and whether
    a sync says so too."""
    return (
        select(
            *line(
                id=Course.id,
                text=cast(Enrolment.launch_roles, String),
                number=cast(Enrolment.from_sync, Integer),
            )
        )
        .join(Placement, (Placement.course_id == Course.id) & (Placement.link_id == ""))
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(
            Placement.community_id == HERE.community_id,
            Enrolment.person_id == HERE.person_id,
            Enrolment.state == "active",
        )
        .limit(20)
    )


def course_led(courses: Iterable[Line]) -> UUID | None:
    """The first of these courses that the actor leads."""
    return next((one.id for one in courses if teaches(json.loads(one.text or "[]"), bool(one.number))), None)


def teaches(roles: Sequence[Mapping[str, Any]], from_sync: bool) -> bool:
    """An Instructor, not one of the sub-roles that only assist (LTI 1.3 core A.2.3.1). Moodle calls its administrators
    Instructor of every course; of them only the roster (``from_sync``) says so."""
    leads = any(role["scope"] == "context" and role["name"] == "Instructor" and not role["sub_role"] for role in roles)
    return leads and (from_sync or not _administers(roles))


def technical_side(connection: Connection, actor: Actor, course_id: UUID) -> TechnicalSide | None:
    """For somebody whose last launch of this course said that they administer the LMS; None for everybody else."""
    members = (
        select(func.count())
        .where(Membership.community_id == Placement.community_id, Membership.state == "active")
        .scalar_subquery()
    )
    row = connection.execute(
        select(
            Course.title,
            Course.lms_id,
            Community.name,
            members,
            Site.name,
            Site.connected_at,
            Enrolment.launch_roles,
        )
        .join(Site, Site.id == Course.site_id)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .outerjoin(Placement, (Placement.course_id == Course.id) & (Placement.link_id == ""))
        .outerjoin(Community, Community.id == Placement.community_id)
        .where(Course.id == course_id, Enrolment.person_id == actor.person_id)
    ).one_or_none()
    if row is None:
        return None
    *values, roles = row
    return TechnicalSide(*values) if _administers(roles) else None


def _administers(roles: Sequence[Mapping[str, str]]) -> bool:
    return any(role["scope"] in ("system", "institution") and role["name"] in ADMINISTRATORS for role in roles)
