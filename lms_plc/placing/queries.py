"""What can be seen of a choice under way, and of who is done with what stands in a course."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Select, and_, cast, exists, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from lms_plc.classdata.models import DataConversation, DataSet
from lms_plc.communities.home import HERE, line
from lms_plc.communities.models import Community, Membership, PlacedLink, Placement, RoleAssignment
from lms_plc.communities.standing import in_force, is_inside, read_roles, roles_of
from lms_plc.core.database import Moment
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import DATED, Actor, Loaded, Role, loads
from lms_plc.inquiry.models import Inquiry
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.queries import is_ahead
from lms_plc.meetings.states import State
from lms_plc.people.models import Person
from lms_plc.placing.models import Completion
from lms_plc.running.clock import LIVE
from lms_plc.running.models import ProtocolRun
from lms_plc.series.models import MeetingSeries
from lms_plc.sites.models import Course, DeepLinkRequest, Enrolment
from lms_plc.sites.queries import teaches

PEOPLE_A_PAGE = 50
MOST_COMMUNITIES = 100
MOST_THINGS = 8
"""So many of each kind of thing are offered to be placed: the nearest ones, the latest ones are meant."""
A_DAY = timedelta(days=1)
GOING_ON = ("open", "sharing", "paused")
"""States of a project that its community knows of and that has not ended."""

_TABLES: Mapping[str, Any] = {
    "meeting": Meeting,
    "meeting_series": MeetingSeries,
    "inquiry": Inquiry,
    "data_set": DataSet,
    "data_conversation": DataConversation,
}


@dataclass(frozen=True, slots=True)
class ChoiceSeen:
    """Somebody's choice for a course. ``sealed`` are the LMS's settings; ``own_community`` is the course's, if it has
    one; ``may_found`` says whether they lead the course."""

    id: UUID
    site_id: UUID
    platform_id: UUID
    deployment_id: str
    course_id: UUID
    course_title: str
    sealed: str
    own_community_id: UUID | None
    own_community: str | None
    may_found: bool


@dataclass(frozen=True, slots=True)
class PlaceableThing:
    """A meeting to come, a series or a project that goes on, class results and what is said of them; ``kind`` is what
    others call such a thing."""

    kind: str
    id: UUID
    title: str
    starts_at: datetime | None
    community_id: UUID
    community: str


class CountedLink(Protocol):
    """What is known of a link where somebody is said to be done."""

    @property
    def id(self) -> UUID: ...
    @property
    def site_id(self) -> UUID: ...
    @property
    def community_id(self) -> UUID | None: ...
    @property
    def counts(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """Something that stands in a course; ``community_id`` is what it opens there."""

    id: UUID
    site_id: UUID
    course_id: UUID
    course_title: str
    title: str
    counts: bool
    done_by: str
    done_hours: int | None
    community_id: UUID | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class DoneSeen:
    """One person's completion; ``state`` is None while nobody confirmed anything."""

    membership_id: UUID
    person_id: UUID
    name: str
    done: bool
    state: str | None
    told_at: datetime | None
    problem: str | None


@loads("choice", known_by="placing.choose")
def load_choice(connection: Connection, actor: Actor, request_id: UUID) -> Loaded | None:
    """A choice is known to whoever began it, for as long as the LMS waits."""
    row = connection.execute(
        select(
            DeepLinkRequest.id,
            Course.site_id,
            DeepLinkRequest.platform_id,
            DeepLinkRequest.deployment_id,
            Course.id.label("course_id"),
            Course.title,
            DeepLinkRequest.settings,
            Community.id.label("own_community_id"),
            Community.name,
            Enrolment.launch_roles,
            Enrolment.from_sync,
        )
        .join(Course, Course.id == DeepLinkRequest.course_id)
        .outerjoin(Placement, and_(Placement.course_id == Course.id, Placement.link_id == ""))
        .outerjoin(Community, Community.id == Placement.community_id)
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == actor.person_id))
        .where(
            DeepLinkRequest.id == request_id,
            DeepLinkRequest.person_id == actor.person_id,
            DeepLinkRequest.expires_at > actor.at,
        )
    ).one_or_none()
    if row is None:
        return None
    *values, launch_roles, from_sync = row
    leads = teaches(launch_roles or (), bool(from_sync))
    return Loaded(ChoiceSeen(*(*values, leads)), frozenset({Role.AUTHOR}))


def communities_to_place(connection: Connection, actor: Actor) -> Sequence[tuple[UUID, str]]:
    """Those somebody leads, as (id, name), by name: the ones they may open to another course."""
    rows = connection.execute(
        select(Community.id, Community.name)
        .join(RoleAssignment, RoleAssignment.community_id == Community.id)
        .outerjoin(
            Membership,
            and_(Membership.community_id == Community.id, Membership.person_id == actor.person_id),
        )
        .where(
            Community.site_id == actor.site_id,
            RoleAssignment.person_id == actor.person_id,
            RoleAssignment.role.in_([role.value for role in DATED]),
            in_force(actor.at),
            # as `standing.read_roles` has it: a mentor need not be a member
            (Membership.state == "active") | (Membership.state.is_(None) & (RoleAssignment.role == "mentor")),
        )
        .distinct()
        .order_by(Community.name, Community.id)
        .limit(MOST_COMMUNITIES)
    )
    return [(row.id, row.name) for row in rows]


def things_to_place(
    connection: Connection, actor: Actor, communities: Collection[UUID], own: UUID | None
) -> list[PlaceableThing]:
    """Series and projects that go on, meetings to come, class results and conversations about them, of those of the
    communities somebody is in: the first few of each, the course's ``own`` before others. Nothing that its community
    does not know of yet."""
    inside = is_inside(actor.person_id, Community.id, actor.at)
    none: Any = cast(null(), Moment())
    meetings = (
        select(
            literal("meeting").label("kind"), Meeting.id, Meeting.title, Meeting.starts_at, Community.id, Community.name
        )
        .join(Community, Community.id == Meeting.community_id)
        .where(Meeting.community_id.in_(communities), is_ahead(actor.at), inside)
        .order_by(Meeting.community_id != own, Meeting.starts_at, Meeting.id)
        .limit(MOST_THINGS)
        .subquery()
    )
    series = (
        select(literal("meeting_series").label("kind"), MeetingSeries.id, MeetingSeries.title, none, Community.id)
        .add_columns(Community.name)
        .join(Community, Community.id == MeetingSeries.community_id)
        .where(MeetingSeries.community_id.in_(communities), MeetingSeries.ended_at.is_(None), inside)
        .order_by(MeetingSeries.community_id != own, MeetingSeries.id)
        .limit(MOST_THINGS)
        .subquery()
    )
    inquiries = (
        select(literal("inquiry").label("kind"), Inquiry.id, Inquiry.title, none, Community.id, Community.name)
        .join(Community, Community.id == Inquiry.community_id)
        .where(
            Inquiry.community_id.in_(communities),
            Inquiry.opened_at.is_not(None),
            Inquiry.sealed.is_(False),
            Inquiry.hidden_at.is_(None),
            Inquiry.state.in_(GOING_ON),
            inside,
        )
        .order_by(Inquiry.community_id != own, Inquiry.id.desc())
        .limit(MOST_THINGS)
        .subquery()
    )
    results = (
        select(literal("data_set").label("kind"), DataSet.id, DataSet.question, none, Community.id, Community.name)
        .join(Community, Community.id == DataSet.community_id)
        .where(DataSet.community_id.in_(communities), DataSet.hidden_at.is_(None), inside)
        .order_by(DataSet.community_id != own, DataSet.id.desc())
        .limit(MOST_THINGS)
        .subquery()
    )
    talks = (
        select(literal("data_conversation").label("kind"), DataConversation.id, DataSet.question, none, Community.id)
        .add_columns(Community.name)
        .join(DataSet, DataSet.id == DataConversation.data_set_id)
        .join(Community, Community.id == DataConversation.community_id)
        .where(DataConversation.community_id.in_(communities), DataSet.hidden_at.is_(None), inside)
        .order_by(DataConversation.community_id != own, DataConversation.id.desc())
        .limit(MOST_THINGS)
        .subquery()
    )
    each = (series, meetings, inquiries, results, talks)
    rows = connection.execute(union_all(*(select(one) for one in each)))
    return [PlaceableThing(*row) for row in rows]


def run_here(connection: Connection, community_id: UUID, at: datetime, meeting_id: UUID | None = None) -> UUID | None:
    """The protocol that runs in a community at this moment, or in one meeting of it. One that was left open yesterday
    runs no more."""
    query = (
        select(ProtocolRun.id)
        .where(
            ProtocolRun.community_id == community_id,
            ProtocolRun.state.in_(LIVE),
            ProtocolRun.created_at > at - A_DAY,
        )
        .order_by(ProtocolRun.id.desc())
        .limit(1)
    )
    if meeting_id is not None:
        query = query.where(ProtocolRun.meeting_id == meeting_id)
    return connection.execute(query).scalar_one_or_none()


def next_of(connection: Connection, community_id: UUID, at: datetime, series_id: UUID | None = None) -> UUID | None:
    """The meeting that is under way or comes next, in a community or in a series of it."""
    query = (
        select(Meeting.id)
        .where(Meeting.community_id == community_id, is_ahead(at))
        .order_by(Meeting.state != State.RUNNING.value, Meeting.starts_at, Meeting.id)
        .limit(1)
    )
    if series_id is not None:
        query = query.where(Meeting.series_id == series_id)
    return connection.execute(query).scalar_one_or_none()


def is_of(connection: Connection, community_id: UUID, kind: str, thing_id: UUID) -> bool:
    """Whether that thing is of this community: a copied course opens another one than was placed."""
    table = _TABLES[kind]
    found = exists().where(table.id == thing_id, table.community_id == community_id)
    return connection.execute(select(found)).scalar_one()


@loads("placed_link", known_by="placed.see")
def load_link(connection: Connection, actor: Actor, link_id: UUID) -> Loaded | None:
    """Known to the community it opens, and to who teaches the course it stands in."""
    opens = func.coalesce(PlacedLink.community_id, Placement.community_id)
    row = connection.execute(
        select(
            PlacedLink.id,
            Course.site_id,
            Course.id.label("course_id"),
            Course.title.label("course_title"),
            PlacedLink.title,
            PlacedLink.counts,
            PlacedLink.done_by,
            PlacedLink.done_hours,
            opens.label("community_id"),
            Enrolment.launch_roles,
            Enrolment.from_sync,
            Enrolment.state,
            *roles_of(actor.person_id, opens, actor.at),
        )
        .join(Course, Course.id == PlacedLink.course_id)
        .outerjoin(Placement, and_(Placement.course_id == Course.id, Placement.link_id == ""))
        .outerjoin(Enrolment, and_(Enrolment.course_id == Course.id, Enrolment.person_id == actor.person_id))
        .where(PlacedLink.id == link_id)
    ).one_or_none()
    if row is None:
        return None
    *values, launch_roles, from_sync, enrolment, membership_state, assigned = row
    roles = read_roles(membership_state, assigned)
    if enrolment == "active" and teaches(launch_roles or (), bool(from_sync)):
        roles |= {Role.TEACHING}
    return Loaded(LinkSeen(*(*values, roles)), roles)


def completions(
    connection: Connection,
    link: LinkSeen,
    *,
    only: UUID | None = None,
    after: UUID | None = None,
    size: int = PEOPLE_A_PAGE,
) -> Page[DoneSeen]:
    """The community's members and whether they are done, in the order they joined; or one of them (``only``)."""
    done = aliased(Completion)
    query = (
        select(
            Membership.id,
            Membership.person_id,
            Person.display_name,
            func.coalesce(done.done, False),
            done.state,
            done.told_at,
            done.problem,
        )
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(done, and_(done.placed_link_id == link.id, done.person_id == Membership.person_id))
        .where(Membership.community_id == link.community_id, Membership.state.in_(("active", "paused")))
        .order_by(Membership.id)
        .limit(size + 1)
    )
    if only is not None:
        query = query.where(Membership.person_id == only)
    if after is not None:
        query = query.where(Membership.id > after)
    rows = [DoneSeen(*row) for row in connection.execute(query)]
    return cut(rows, size, lambda row: row.membership_id)


def counting_links() -> Select[Any]:
    """Those of a community, newest first, as lines of its first page."""
    placed_there = select(Placement.course_id).where(
        Placement.community_id == HERE.community_id, Placement.link_id == ""
    )
    opens = (PlacedLink.community_id == HERE.community_id) | (
        PlacedLink.community_id.is_(None) & PlacedLink.course_id.in_(placed_there)
    )
    return (
        select(*line(id=PlacedLink.id, title=PlacedLink.title))
        .where(opens, PlacedLink.counts)
        .order_by(PlacedLink.id.desc())
        .limit(20)
    )
