"""Everything known about a launch, in one statement: the person, the course, what stands there, and how they relate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, and_, bindparam, case, exists, false, func, select
from sqlalchemy.orm import aliased

from lms_plc.communities.models import Community, Membership, PlacedLink, Placement, RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.core.database import Prepared, Send
from lms_plc.people.models import Identity, Person
from lms_plc.sites.models import Course, Enrolment, Platform, Site
from lti.launch import Launch
from lti.refusals import Refusal

CONTEXT_HISTORY = "context_id_history"
"""The custom parameter we ask platforms for: ``$Context.id.history``, the courses this one was copied from."""

PLACED = "/placed/"
"""Where the address of something placed in a course begins, behind the tool's own."""

_NOTHING = UUID(int=0)

_original, _twin_of = aliased(Course), aliased(Placement)
_older = aliased(Identity)
_listed, _listed_too, _member = aliased(Enrolment), aliased(Enrolment), aliased(Membership)

_community_id = func.coalesce(
    case((PlacedLink.course_id == Course.id, PlacedLink.community_id)), Placement.community_id
)
"""What opens: the community chosen for this link, in the course it was chosen for; everywhere else, so in every copy
of that course, the course's own."""

_title = bindparam("title", type_=String())
_roster_knows_course = exists().where(_listed_too.course_id == Course.id, _listed_too.from_sync)
_roster_decides_title = case((and_(_title != "", _title != Course.title), _roster_knows_course), else_=false())
"""Whether the course keeps its title though the launch says another. The roster is asked only where one does: to look
for somebody it lists is to go through all who are in the course."""

_SEEN = (
    select(
        Platform.site_id,
        Site.register,
        Platform.proved_at,
        Platform.notices,
        Identity.person_id,
        Identity.first_launched_at,
        Person.display_name,
        Person.locale,
        Person.email,
        Person.email_source,
        Course.id.label("course_id"),
        Course.title,
        Course.short_name,
        Course.copied_from_id,
        Course.services,
        Placement.community_id.label("own_community_id"),
        PlacedLink.id.label("placed_link_id"),
        PlacedLink.part,
        PlacedLink.thing_id.label("placed_thing_id"),
        PlacedLink.counts,
        PlacedLink.resource_link_id,
        PlacedLink.line_item_url,
        (PlacedLink.course_id == Course.id).label("placed_here"),
        _community_id.label("community_id"),
        Community.twin_of_id,
        Membership.state.label("membership_state"),
        and_(Membership.state == "left", Membership.reason.is_(None)).label("left_by_wish"),
        Enrolment.launch_roles,
        Enrolment.state.label("enrolment_state"),
        Enrolment.missing_since,
        and_(Enrolment.from_sync, Enrolment.state == "active").label("on_roster"),
        exists().where(_listed.person_id == Identity.person_id, _listed.from_sync).label("roster_knows_person"),
        exists().where(_older.person_id == Identity.person_id, _older.id < Identity.id).label("known_before"),
        _roster_decides_title.label("roster_decides_title"),
        select(RoleAssignment.role)
        .where(
            RoleAssignment.community_id == _community_id,
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
    .join(Site, Site.id == Platform.site_id)
    .outerjoin(Identity, and_(Identity.site_id == Platform.site_id, Identity.subject == bindparam("subject")))
    .outerjoin(Person, Person.id == Identity.person_id)
    .outerjoin(Course, and_(Course.site_id == Platform.site_id, Course.lms_id == bindparam("course")))
    .outerjoin(Placement, and_(Placement.course_id == Course.id, Placement.link_id == ""))
    .outerjoin(PlacedLink, PlacedLink.id == bindparam("placed", type_=Uuid()))
    .outerjoin(Community, Community.id == _community_id)
    .outerjoin(
        Membership,
        and_(Membership.community_id == _community_id, Membership.person_id == Identity.person_id),
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
"""Absent things are None."""

_LOOK = Prepared(lambda _: _SEEN)


def look(send: Send, launch: Launch, at: datetime) -> Any:
    """The one row. Raises Refusal when the registration was removed a moment ago, and was still remembered."""
    given = {
        "platform": UUID(launch.platform.id),
        "subject": launch.subject,
        "course": launch.context.id if launch.context else "",
        "title": (launch.context.title or "")[:500] if launch.context else "",
        "original": next(iter(_history(launch)), ""),
        "placed": _placed(launch.target_link_uri),
        "at": at,
    }
    seen = send(_LOOK, given)
    if seen is None:
        raise Refusal("registration_unknown")
    return seen


def _placed(target: str) -> UUID:
    """The id in ``…/placed/<id>``; an id of nothing for any other target."""
    _, _, rest = target.partition(PLACED)
    try:
        return UUID(rest[:36])
    except ValueError:
        return _NOTHING


def _history(launch: Launch) -> list[str]:
    """The ids of the courses this one was copied from, the nearest first; a platform without the variable sends it as
    it was typed."""
    history: Mapping[str, str] = launch.custom
    text = history.get(CONTEXT_HISTORY, "")
    return [] if text.startswith("$") else [part.strip() for part in text.split(",") if part.strip()]
