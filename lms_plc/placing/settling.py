"""Who is done where not somebody's word counts: an approved portfolio, or hours of meetings that were confirmed.

It is worked out anew from what is so at this moment, never counted up; so it does not matter how often it is done, and
an hour that was taken back takes the completion along. Who was confirmed by hand before stays done.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, func, select, union
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.attendance.actions import WAS_THERE
from lms_plc.attendance.models import Attendance
from lms_plc.communities.models import Membership, PlacedLink, Placement
from lms_plc.core.policy import Actor
from lms_plc.house import House
from lms_plc.jobs import Steps
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.states import TOOK_PLACE
from lms_plc.placing.actions import SETTLING, TELLING, say
from lms_plc.placing.forms import DoneBy
from lms_plc.placing.models import Completion
from lms_plc.portfolios.endings import when_decided
from lms_plc.portfolios.models import Portfolio, PortfolioLead
from lms_plc.sites.models import Course

SWEEP = timedelta(minutes=10)
AT_ONCE = 5000
CERTIFIED = "certified"
AN_HOUR = 60


def register(house: House) -> None:
    """Makes the jobs known to this worker."""

    @jobs.job(SETTLING, one_per=("placed_link_id",))
    def settle_one(steps: Steps, placed_link_id: str) -> None:
        steps.run("settle", settle, house, placed_link_id)

    @jobs.job("settle-all-completions", one_per=())
    def sweep(steps: Steps) -> None:
        steps.run("settle all", settle_all, house)

    jobs.schedule("settle-all-completions", every=SWEEP)


@dataclass(frozen=True, slots=True)
class _Link:
    id: UUID
    site_id: UUID
    community_id: UUID | None
    counts: bool
    done_by: str
    done_hours: int | None


def settle_all(house: House) -> int:
    """Every link where something other than a word counts, each in a transaction of its own; how much has changed."""
    with house.database.read() as connection:
        rows = connection.execute(
            select(PlacedLink.id).where(PlacedLink.done_by != DoneBy.HAND.value).order_by(PlacedLink.id).limit(AT_ONCE)
        )
        links = [str(link_id) for link_id in rows.scalars()]
    return sum(settle(house, link_id) for link_id in links)


def settle(house: House, placed_link_id: str) -> int:
    """Says of everybody in the link's community who has become done, and who is not any more; how many that were.

    Everybody is looked at without a lock; only those of whom something else is to be said are looked at again under it.
    """
    wanted = _links().where(PlacedLink.id == UUID(placed_link_id))
    with house.database.read() as connection:
        row = connection.execute(wanted).one_or_none()
        changed = _changes(connection, _Link(*row)) if row is not None else {}
    if not changed:
        return 0
    with house.database.write() as session:
        row = session.execute(wanted).one_or_none()
        return _settle(session, house.clock(), _Link(*row), changed.keys()) if row is not None else 0


def settle_community(session: Session, at: datetime, community_id: UUID) -> int:
    """The same at once, for those of a community that ask for a portfolio, in the transaction of who decided on one."""
    opens = func.coalesce(PlacedLink.community_id, Placement.community_id)
    rows = session.execute(
        _links().where(opens == community_id, PlacedLink.done_by == DoneBy.PORTFOLIO.value).limit(AT_ONCE)
    )
    return sum(_settle(session, at, _Link(*row)) for row in rows.all())


@when_decided
def portfolio_was_decided_on(session: Session, actor: Actor, _: UUID, __: Sequence[UUID], community_id: UUID) -> None:
    """Whoever waits for it need not wait for the sweep."""
    settle_community(session, actor.at, community_id)


def minutes_confirmed(
    connection: Connection, community_id: UUID, only: Collection[UUID] | None = None
) -> Mapping[UUID, int]:
    """Person → minutes they are written down for at meetings of the community that took place; all of a meeting where
    nothing else was said. Of meetings at one time nobody has more than the time they took together."""
    query = (
        select(Attendance.person_id, Attendance.minutes, Meeting.starts_at, Meeting.ends_at)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .where(
            Meeting.community_id == community_id,
            Meeting.state.in_([state.value for state in TOOK_PLACE]),
            Attendance.status.in_([status.value for status in WAS_THERE]),
        )
    )
    if only is not None:
        query = query.where(Attendance.person_id.in_(only))
    stretches: dict[UUID, list[_Stretch]] = defaultdict(list)
    for person_id, less, starts_at, ends_at in connection.execute(query.order_by(Meeting.starts_at, Meeting.id)):
        whole = _minutes(starts_at, ends_at)
        there, so_far = whole if less is None else min(less, whole), stretches[person_id]
        if so_far and starts_at < so_far[-1].ends_at:
            so_far[-1].ends_at = max(so_far[-1].ends_at, ends_at)
            so_far[-1].minutes += there
        else:
            so_far.append(_Stretch(starts_at, ends_at, there))
    return {
        person_id: sum(min(one.minutes, _minutes(one.starts_at, one.ends_at)) for one in stretches[person_id])
        for person_id in stretches
    }


@dataclass(slots=True)
class _Stretch:
    """A time without a break in which somebody was at meetings, at one or at several that overlap."""

    starts_at: datetime
    ends_at: datetime
    minutes: int


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at - starts_at).total_seconds()) // 60


def _links() -> Any:
    opens = func.coalesce(PlacedLink.community_id, Placement.community_id)
    return (
        select(PlacedLink.id, Course.site_id, opens, PlacedLink.counts, PlacedLink.done_by, PlacedLink.done_hours)
        .join(Course, Course.id == PlacedLink.course_id)
        .outerjoin(Placement, and_(Placement.course_id == Course.id, Placement.link_id == ""))
    )


def _settle(session: Session, at: datetime, link: _Link, only: Collection[UUID] | None = None) -> int:
    changes = _changes(session.connection(), link, only)
    changed = sum(say(session, link, person_id, done=done, at=at, by=None) for person_id, done in changes.items())
    if changed and link.counts:
        jobs.enqueue(session, TELLING, placed_link_id=str(link.id))
    return changed


def _changes(connection: Connection, link: _Link, only: Collection[UUID] | None = None) -> Mapping[UUID, bool]:
    """Of whom it is to be said now that they are done, or that they are not any more; ``only`` of these people."""
    if link.community_id is None or link.done_by == DoneBy.HAND:
        return {}
    are_done = _done(connection, link, link.community_id, only)
    query = (
        select(Membership.person_id, Completion.done, Completion.confirmed_by)
        .outerjoin(
            Completion,
            and_(Completion.placed_link_id == link.id, Completion.person_id == Membership.person_id),
        )
        .where(Membership.community_id == link.community_id, Membership.state.in_(("active", "paused")))
        .order_by(Membership.id)
    )
    if only is not None:
        query = query.where(Membership.person_id.in_(only))
    return {
        person_id: person_id in are_done
        for person_id, was_done, confirmed_by in connection.execute(query)
        if (person_id in are_done) != bool(was_done) and not (was_done and confirmed_by is not None)
    }


def _done(
    connection: Connection, link: _Link, community_id: UUID, only: Collection[UUID] | None = None
) -> AbstractSet[UUID]:
    if link.done_by == DoneBy.HOURS:
        enough, confirmed = (link.done_hours or 0) * AN_HOUR, minutes_confirmed(connection, community_id, only)
        return {person_id for person_id, minutes in confirmed.items() if minutes >= enough}
    approved = and_(Portfolio.community_id == community_id, Portfolio.state == CERTIFIED)
    led = select(PortfolioLead.person_id).join(Portfolio, Portfolio.id == PortfolioLead.portfolio_id).where(approved)
    return set(connection.execute(union(select(Portfolio.author_id).where(approved), led)).scalars())
