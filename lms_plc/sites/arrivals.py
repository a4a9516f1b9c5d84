"""What a launch makes of people and places: person, course, enrolment, membership, in one transaction.

A launch that brings nothing new is one look and no write. An LMS role is kept as the LMS says it and gives no role in
a community: whoever is in the course is a member, an LMS administrator who is not is shown the technical side only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Connection, Row, and_, bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from lms_plc.communities.founding import found_twin, link_twin
from lms_plc.communities.memberships import Because, bring_in
from lms_plc.communities.models import Community, Membership, Placement, RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import Database, upsert
from lms_plc.core.ids import new_id
from lms_plc.people import registry
from lms_plc.people.models import Identity, Person
from lms_plc.sites.models import ADMINISTRATORS, Course, Enrolment, Platform
from lms_plc.web.i18n import N_, normalise
from lti.launch import Launch
from lti.refusals import Reason, Refusal
from lti.roles import Scope

JOINING = frozenset({"Learner", "Instructor", "Member", "Manager", "ContentDeveloper", "Officer"})
"""Context roles of people who take part in the course. LTI's Mentor only watches over a learner."""

CONTEXT_HISTORY = "context_id_history"
"""The custom parameter we ask platforms for: ``$Context.id.history``, the courses this one was copied from."""

NO_COURSE = Reason(
    "course_missing",
    400,
    N_("This link was not opened from a course. Please open it from a course of yours."),
    N_("The launch of %(issuer)s, client ID %(client_id)s, has no context claim; place the activity in a course."),
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where somebody has come to. ``to`` is ``community``, ``found`` (they may found one), ``waiting`` (nobody has
    yet), ``technical`` (an LMS administrator from outside) or ``outside`` (no part in this course)."""

    person_id: UUID
    site_id: UUID
    course_id: UUID
    community_id: UUID | None
    to: str
    frame_origin: str

    def passage(self) -> dict[str, str]:
        """As ``lti`` keeps it while a new window opens."""
        return {
            "person": str(self.person_id),
            "site": str(self.site_id),
            "course": str(self.course_id),
            "community": str(self.community_id or ""),
            "to": self.to,
            "frame_origin": self.frame_origin,
        }


def arrive(database: Database, launch: Launch, at: datetime) -> Arrived:
    """Makes what a verified launch needs and says where it leads. Raises Refusal without a course or a person."""
    if launch.context is None or launch.subject is None:
        raise Refusal(NO_COURSE, issuer=launch.platform.issuer, client_id=launch.platform.client_id)
    with database.read() as connection:
        seen = _look(connection, launch, at)
    if _brings_nothing_new(seen, launch):
        return _arrived(seen, launch)
    with database.write() as session:
        seen = _look(session.connection(), launch, at)
        _settle(session, seen, launch, at)
        return _arrived(_look(session.connection(), launch, at), launch)


_original, _twin_of = aliased(Course), aliased(Placement)


_listed = aliased(Enrolment)
_listed_too = aliased(Enrolment)
_member = aliased(Membership)
_LOOK = (
    select(
        Platform.site_id,
        Identity.person_id,
        Identity.first_launched_at,
        Person.display_name,
        Person.locale,
        Course.id.label("course_id"),
        Course.title,
        Course.short_name,
        Course.copied_from_id,
        Placement.community_id,
        Community.twin_of_id,
        Membership.state.label("membership_state"),
        Enrolment.launch_roles,
        Enrolment.state.label("enrolment_state"),
        and_(Enrolment.from_sync, Enrolment.state == "active").label("on_roster"),
        exists().where(_listed.person_id == Identity.person_id, _listed.from_sync).label("roster_knows_person"),
        exists().where(_listed_too.course_id == Course.id, _listed_too.from_sync).label("roster_knows_course"),
        select(RoleAssignment.role)
        .where(
            RoleAssignment.community_id == Placement.community_id,
            RoleAssignment.person_id == Identity.person_id,
            RoleAssignment.role == "mentor",
            in_force(bindparam("at")),
        )
        .limit(1)
        .scalar_subquery()
        .label("mentor"),
        _original.id.label("original_id"),
        _twin_of.community_id.label("original_community_id"),
        exists()
        .where(_member.community_id == _twin_of.community_id, _member.person_id == Identity.person_id)
        .label("knows_original"),
    )
    .select_from(Platform)
    .outerjoin(Identity, and_(Identity.site_id == Platform.site_id, Identity.subject == bindparam("subject")))
    .outerjoin(Person, Person.id == Identity.person_id)
    .outerjoin(Course, and_(Course.site_id == Platform.site_id, Course.lms_id == bindparam("course")))
    .outerjoin(Placement, and_(Placement.course_id == Course.id, Placement.link_id == ""))
    .outerjoin(Community, Community.id == Placement.community_id)
    .outerjoin(
        Membership,
        and_(Membership.community_id == Placement.community_id, Membership.person_id == Identity.person_id),
    )
    .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == Identity.person_id))
    .outerjoin(
        _original,
        and_(
            _original.site_id == Platform.site_id,
            _original.lms_id == bindparam("original"),
            _original.lms_id != bindparam("course"),
        ),
    )
    .outerjoin(_twin_of, and_(_twin_of.course_id == _original.id, _twin_of.link_id == ""))
    .where(Platform.id == bindparam("platform"))
)
"""Everything known about a launch; absent things are None. Built once: every launch sends it."""


def _look(connection: Connection, launch: Launch, at: datetime) -> Any:
    assert launch.context is not None
    given = {
        "platform": UUID(launch.platform.id),
        "subject": launch.subject,
        "course": launch.context.id,
        "original": next(iter(_history(launch)), ""),
        "at": at,
    }
    return connection.execute(_LOOK, given).one()


def _brings_nothing_new(seen: Row[Any], launch: Launch) -> bool:
    assert launch.context is not None
    return (
        seen.person_id is not None
        and seen.first_launched_at is not None
        and seen.course_id is not None
        and _name(seen, launch) == seen.display_name
        and (_locale(launch) in (None, seen.locale))
        and _title(seen, launch) == seen.title
        and seen.launch_roles == _roles(launch)
        and (seen.enrolment_state == "active" or _is_administrator(launch))
        and (seen.copied_from_id == seen.original_id or seen.original_id is None)
        and not (seen.community_id is None and seen.original_community_id is not None)
        and not (seen.community_id is not None and _joins(seen, launch) and seen.membership_state != "active")
    )


def _settle(session: Session, seen: Row[Any], launch: Launch, at: datetime) -> None:
    """Writes what is new. Everything is an upsert: a sync, or a second tab, may be doing the same right now."""
    assert launch.subject is not None
    names = {launch.subject: _name(seen, launch)}
    person_id = registry.meet(session, seen.site_id, names, at, via="launch")[launch.subject]
    _remember_person(session, seen, person_id, launch, at)
    course_id = _remember_course(session, seen, launch, at)
    _remember_enrolment(session, course_id, person_id, launch, at)
    community_id = seen.community_id
    if community_id is None and seen.original_community_id is not None:
        community_id = found_twin(
            session,
            original_id=seen.original_community_id,
            # the course's history comes through the course's own settings: it is no proof of knowing the original
            with_charter=bool(seen.knows_original),
            course_id=course_id,
            site_id=seen.site_id,
            name=_title(seen, launch),
            at=at,
            via="launch",
        )
    elif community_id is not None and seen.twin_of_id is None and seen.original_community_id is not None:
        link_twin(session, community_id, seen.original_community_id, site_id=seen.site_id, at=at, via="launch")
    if community_id is not None and _joins(seen, launch):
        because = Because(at, "launch", actor_id=person_id)
        bring_in(session, seen.site_id, community_id, [person_id], because)


def _remember_person(session: Session, seen: Row[Any], person_id: UUID, launch: Launch, at: datetime) -> None:
    if _locale(launch) not in (None, seen.locale):
        session.execute(update(Person).where(Person.id == person_id).values(locale=_locale(launch)))
    if seen.first_launched_at is not None:
        return
    first = session.execute(
        update(Identity)
        .where(
            Identity.site_id == seen.site_id,
            Identity.subject == launch.subject,
            Identity.first_launched_at.is_(None),
        )
        .values(first_launched_at=at)
        .returning(Identity.id)
    ).one_or_none()
    if first is not None:
        record(
            session,
            "person.arrived",
            Reference("person", person_id),
            at=at,
            actor_id=person_id,
            via="launch",
            site_id=seen.site_id,
        )


def _remember_course(session: Session, seen: Row[Any], launch: Launch, at: datetime) -> UUID:
    assert launch.context is not None
    course = upsert(session, Course).values(
        id=new_id(),
        site_id=seen.site_id,
        lms_id=launch.context.id,
        title=_title(seen, launch),
        short_name=(launch.context.label or "")[:255] or None,
        copied_from_id=seen.original_id,
        created_at=at,
    )
    changed: dict[str, Any] = {"lms_id": course.excluded.lms_id}
    if launch.context.title:
        changed["title"] = course.excluded.title
    if seen.original_id is not None:
        changed["copied_from_id"] = course.excluded.copied_from_id
    return session.execute(
        course.on_conflict_do_update(index_elements=["site_id", "lms_id"], set_=changed).returning(Course.id)
    ).scalar_one()


def _remember_enrolment(session: Session, course_id: UUID, person_id: UUID, launch: Launch, at: datetime) -> None:
    enrolment = upsert(session, Enrolment).values(
        id=new_id(),
        course_id=course_id,
        person_id=person_id,
        launch_roles=_roles(launch),
        lms_roles=[],
        state="active",
        from_sync=False,
        changed_at=at,
    )
    changed: dict[str, Any] = {"launch_roles": enrolment.excluded.launch_roles, "changed_at": at}
    if not _is_administrator(launch):  # who launches is enrolled, except that an administrator may open any course
        changed["state"] = "active"
    session.execute(enrolment.on_conflict_do_update(index_elements=["course_id", "person_id"], set_=changed))


def _arrived(seen: Row[Any], launch: Launch) -> Arrived:
    return Arrived(
        person_id=seen.person_id,
        site_id=seen.site_id,
        course_id=seen.course_id,
        community_id=seen.community_id,
        to=_leads_to(seen, launch),
        frame_origin=origin_of(launch.platform.auth_url) or "",
    )


def _leads_to(seen: Row[Any], launch: Launch) -> str:
    may_enter = seen.membership_state == "active" or (seen.mentor and seen.membership_state is None)
    if seen.community_id is not None and may_enter:
        return "community"
    if _is_administrator(launch) and not seen.on_roster:
        return "technical"
    if seen.community_id is not None or not _takes_part(launch):
        return "outside"
    return "found" if _has(launch, "Instructor") else "waiting"


def _joins(seen: Row[Any], launch: Launch) -> bool:
    """An administrator is an Instructor to Moodle in every course; only the roster says whether they take part."""
    return _takes_part(launch) and (not _is_administrator(launch) or bool(seen.on_roster))


def _takes_part(launch: Launch) -> bool:
    return any(role.scope is Scope.CONTEXT and role.name in JOINING for role in launch.roles)


def _has(launch: Launch, name: str) -> bool:
    return any(role.scope is Scope.CONTEXT and role.name == name and not role.sub_role for role in launch.roles)


def _is_administrator(launch: Launch) -> bool:
    wide = (Scope.SYSTEM, Scope.INSTITUTION)
    return any(role.scope in wide and role.name in ADMINISTRATORS for role in launch.roles)


def _roles(launch: Launch) -> list[dict[str, Any]]:
    return [
        {"scope": role.scope.value, "name": role.name, "sub_role": role.sub_role}
        for role in sorted(launch.roles, key=lambda role: (role.scope, role.name, role.sub_role or ""))
    ]


def _name(seen: Row[Any], launch: Launch) -> str:
    """The LMS decides names, and where its roster and its launch spell one differently, the roster does: a name that
    went back and forth would be written anew with every launch. Without any, the LMS's number for the person."""
    if seen.roster_knows_person:
        return str(seen.display_name)
    said = launch.name or " ".join(filter(None, (launch.given_name, launch.family_name)))
    return registry.as_kept(said) or seen.display_name or f"#{launch.subject}"


def _locale(launch: Launch) -> str | None:
    return normalise(launch.locale)


def _title(seen: Row[Any], launch: Launch) -> str:
    """As with names: a course the roster knows is called as the roster says."""
    assert launch.context is not None
    if seen.roster_knows_course:
        return str(seen.title)
    return (launch.context.title or seen.title or launch.context.label or launch.context.id)[:500]


def _history(launch: Launch) -> list[str]:
    """The ids of the courses this one was copied from, the nearest first; a platform without the variable sends it as
    it was typed."""
    history: Mapping[str, str] = launch.custom
    text = history.get(CONTEXT_HISTORY, "")
    return [] if text.startswith("$") else [part.strip() for part in text.split(",") if part.strip()]


def origin_of(url: str) -> str | None:
    """Scheme, host and port of an address, as browsers write an origin; None for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    shown = "" if port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{port}"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{shown}"
