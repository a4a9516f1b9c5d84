"""What does this room itself offer? A community as a cohort and as groups, and invitations to whoever never came."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, exists, select

from lms_plc.communities.models import PEOPLE_ONLY, Community, Membership, Placement
from lms_plc.core.activity import Event
from lms_plc.people.models import Identity, Person
from lms_plc.sites.models import Course, Enrolment
from lms_plc.web.i18n import N_, gettext, speaking
from lms_plc.writeback.offers import Asked, MessageOffer, PeopleOffer, offers_cohorts, offers_groups, offers_messages

INVITATION = N_(
    "Hello! “%(community)s” is a place where colleagues from your course talk about their teaching, and you are a "
    "member. Open it from the course: %(link)s"
)

_AT_ONCE = 500
"""Members looked at in one statement."""


@offers_cohorts
def communities_as_cohorts(connection: Connection, asked: Asked) -> Iterator[PeopleOffer]:
    """Every community placed at the site, but for those that are a cohort of the LMS in the first place."""
    is_one = (
        select(Placement.community_id)
        .join(Course, Course.id == Placement.course_id)
        .where(Course.site_id == asked.site_id, Course.lms_id.startswith("cohort:", autoescape=True))
    )
    rows = connection.execute(
        select(Community.id, Community.name)
        .where(Community.id.in_(_placed_at(asked.site_id)), Community.id.not_in(is_one))
        .order_by(Community.id)
    )
    for row in rows.all():
        people = connection.execute(_members(asked.site_id, row.id)).all()
        yield PeopleOffer(str(row.id), row.id, row.name, {one.subject: one.person_id for one in people})


@offers_groups
def communities_as_groups(connection: Connection, asked: Asked) -> Iterator[PeopleOffer]:
    """Every community as a group of each course it has its people from, with those of its members enrolled there."""
    rows = connection.execute(
        select(Community.id, Community.name, Course.id.label("course_id"), Course.lms_id)
        .join(Placement, Placement.community_id == Community.id)
        .join(Course, Course.id == Placement.course_id)
        # groups, groupings and cohorts of the LMS are no courses that could have groups
        .where(Course.site_id == asked.site_id, Course.lms_id.not_like("%:%"))
        .distinct()
        .order_by(Community.id, Course.id)
    )
    for row in rows.all():
        enrolled = exists().where(
            Enrolment.person_id == Membership.person_id,
            Enrolment.course_id == row.course_id,
            Enrolment.state == "active",
        )
        people = connection.execute(_members(asked.site_id, row.id).where(enrolled)).all()
        found = {one.subject: one.person_id for one in people}
        yield PeopleOffer(f"{row.id}:{row.lms_id}", row.id, row.name, found, row.lms_id)


@offers_messages
def invitations(connection: Connection, asked: Asked) -> Iterator[MessageOffer]:
    """For whom a sync brought into a community and who has never opened it: one message with the way to it.

    Only where their enrolment is active, and only to whoever did nothing there: a launch leaves its roles with the
    enrolment, and everything else an event.
    """
    after = UUID(int=0)
    while some := connection.execute(_BROUGHT_IN.where(Membership.id > after)).scalars().all():
        after = some[-1]
        ways = connection.execute(_ways(asked.site_id, some)).all()
        came = {row.id for row in ways if row.launch_roles}
        acted = _acted(connection, ways)
        first: dict[UUID, Row[*tuple[Any, ...]]] = {}
        for row in ways:
            first.setdefault(row.id, row)
        for row in first.values():
            if row.id in came or (row.community_id, row.person_id) in acted:
                continue
            with speaking(row.locale):
                link = f"{asked.url}/course/view.php?id={row.lms_id}"
                text = gettext(INVITATION, community=row.name, link=link)
            yield MessageOffer(f"invitation:{row.id}", row.community_id, row.person_id, text, is_invitation=True)


_BROUGHT_IN = (
    select(Membership.id)
    .where(Membership.source == "sync", Membership.state == "active")
    .order_by(Membership.id)
    .limit(_AT_ONCE)
)


def _ways(site_id: UUID, memberships: Sequence[UUID]) -> Select[Any]:
    """The courses of the site from which these members can open their community, the first one first."""
    return (
        select(
            Membership.id,
            Membership.person_id,
            Membership.community_id,
            Community.name,
            Person.locale,
            Course.lms_id,
            Enrolment.launch_roles,
        )
        .join(Community, Community.id == Membership.community_id)
        .join(Person, Person.id == Membership.person_id)
        .join(Placement, Placement.community_id == Membership.community_id)
        .join(Course, Course.id == Placement.course_id)
        .join(Enrolment, (Enrolment.course_id == Course.id) & (Enrolment.person_id == Membership.person_id))
        .where(
            Membership.id.in_(memberships),
            Course.site_id == site_id,
            Course.lms_id.not_like("%:%"),
            Placement.link_id.not_like(f"{PEOPLE_ONLY}%"),
            Enrolment.state == "active",
        )
        .order_by(Membership.id, Placement.id)
    )


def _acted(connection: Connection, ways: Sequence[Row[*tuple[Any, ...]]]) -> set[tuple[UUID | None, UUID | None]]:
    """Who of them ever did something in which community."""
    rows = connection.execute(
        select(Event.community_id, Event.actor_id)
        .where(
            Event.community_id.in_({row.community_id for row in ways}),
            Event.actor_id.in_({row.person_id for row in ways}),
        )
        .distinct()
    )
    return {(row.community_id, row.actor_id) for row in rows}


def _placed_at(site_id: UUID) -> Select[UUID]:
    return (
        select(Placement.community_id).join(Course, Course.id == Placement.course_id).where(Course.site_id == site_id)
    )


def _members(site_id: UUID, community_id: UUID) -> Select[UUID, str]:
    """Active members the LMS knows, by its ids."""
    return (
        select(Membership.person_id, Identity.subject)
        .join(Identity, (Identity.person_id == Membership.person_id) & (Identity.site_id == site_id))
        .where(Membership.community_id == community_id, Membership.state == "active")
        .order_by(Membership.id, Identity.id)
    )
