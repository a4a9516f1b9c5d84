"""Telling the LMS's grade book who is done: one point of one, or none; never a mark (Assignment and Grade Services).

Completions wait in the database until the LMS has taken them. A busy or silent LMS is tried again, later each time; one
that says no is believed, and the page says why.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.communities.models import PlacedLink
from lms_plc.house import House
from lms_plc.jobs import Steps
from lms_plc.people.models import Identity
from lms_plc.placing.actions import TELLING
from lms_plc.placing.models import Completion
from lms_plc.sites.models import Course
from lms_plc.sites.services import open_services
from lms_plc.sites.stores import StoredPlatforms
from lti.claims import AssignmentAndGrade
from lti.services.errors import Earlier, ServiceError, Unavailable
from lti.services.grades import ActivityProgress, GradingProgress, LineItems, Score, next_timestamp

log = structlog.get_logger("lms_plc.placing")

SWEEP = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
AT_ONCE = 500
TAG = "done"


def register(house: House) -> None:
    """Makes the jobs known to this worker."""

    @jobs.job(TELLING, one_per=("placed_link_id",))
    def tell(steps: Steps, placed_link_id: str) -> None:
        # one such job a link at a time: that is the lock under which its column is looked for and made
        steps.run("tell", tell_completions, house, placed_link_id)

    @jobs.job("tell-what-waits", one_per=())
    def sweep(steps: Steps) -> None:
        for link_id in steps.run("list what waits", links_waiting, house):
            steps.commit(f"ask for {link_id}", _ask, link_id)

    jobs.schedule("tell-what-waits", every=SWEEP)


def links_waiting(house: House) -> list[str]:
    with house.database.read() as connection:
        rows = connection.execute(
            select(Completion.placed_link_id).where(_is_due(house.clock())).distinct().limit(AT_ONCE)
        )
        return [str(link_id) for link_id in rows.scalars()]


def _ask(session: Session, link_id: str) -> None:
    jobs.enqueue(session, TELLING, placed_link_id=link_id)


def _is_due(at: datetime) -> Any:
    return (Completion.state == "waiting") & (Completion.next_try_at <= at)


@dataclass(frozen=True, slots=True)
class _Waiting:
    id: UUID
    done: bool
    told_at: datetime | None
    tries: int
    subject: str


def tell_completions(house: House, placed_link_id: str) -> int:
    """Tells what is due of one link; how many the LMS took."""
    link = _link(house, UUID(placed_link_id))
    waiting = _waiting(house, UUID(placed_link_id))
    services = link.services if link else None
    if link is None or not waiting:
        return 0
    platform = StoredPlatforms(house.database, house.clock).get(services["platform"]) if services else None
    if not services or platform is None or not (link.line_item_url or services.get("line_items")):
        for one in waiting:
            _remember(house, one, state="refused", problem="service_not_offered")
        return 0
    endpoint = AssignmentAndGrade(
        scope=tuple(services.get("scopes", ())), lineitems=services.get("line_items"), lineitem=link.line_item_url
    )
    items = LineItems(open_services(house), platform, endpoint)
    try:
        column = link.line_item_url or _column(house, items, link)
    except ServiceError as error:
        for one in waiting:
            _failed(house, one, error)
        return 0
    if column is None:
        for one in waiting:
            _remember(house, one, state="waiting", tries=one.tries + 1, problem="not_opened_yet", wait=_back_off(one))
        return 0
    told = 0
    for number, one in enumerate(waiting):
        try:
            told += _tell(house, items, column, one, link.id)
        except Unavailable as error:  # whoever is silent now is not asked for each of the others as well
            for left in waiting[number:]:
                _failed(house, left, error)
            break
    return told


def _column(house: House, items: LineItems, link: Any) -> str | None:
    """The link's column, remembered: the one it was placed with, or the one of link and tag, made if there is none.

    None while nobody has opened the activity: one made without its link would belong to no activity, and be found for
    every other that was not opened yet.
    """
    found = next(items.find(tag=TAG, resource_id=str(link.id)), None)
    if found is None and link.resource_link_id is None:
        return None
    if found is None:
        found = items.find_or_create(
            link.title, 1, link.resource_link_id, TAG, resource_id=str(link.id), lock=nullcontext()
        )
    with house.database.write() as session:
        session.execute(update(PlacedLink).where(PlacedLink.id == link.id).values(line_item_url=found.id))
    return found.id


def _tell(house: House, items: LineItems, column: str, one: _Waiting, link_id: UUID) -> bool:
    """Whether the LMS took it. Raises Unavailable."""
    at = next_timestamp(one.told_at, house.clock())
    score = Score(
        user_id=one.subject,
        timestamp=at,
        activity_progress=ActivityProgress.COMPLETED if one.done else ActivityProgress.IN_PROGRESS,
        grading_progress=GradingProgress.FULLY_GRADED if one.done else GradingProgress.NOT_READY,
        score_given=1 if one.done else None,
        score_maximum=1 if one.done else None,
    )
    try:
        items.post_score(column, score)
    except Earlier as error:
        # something of ours, or a teacher's hand, is dated later: go past it with the next try
        later = {"told_at": at, "tries": one.tries + 1, "problem": error.code}
        _remember(house, one, state="waiting", wait=_back_off(one), **later)
        return False
    except Unavailable:
        raise
    except ServiceError as error:
        _failed(house, one, error)
        if error.code == "gone":  # somebody deleted the column: the next confirmation looks for it anew
            _forget_column(house, link_id)
        return False
    return _remember(house, one, state="told", told_at=at, tries=0, problem=None)


def _forget_column(house: House, link_id: UUID) -> None:
    with house.database.write() as session:
        session.execute(update(PlacedLink).where(PlacedLink.id == link_id).values(line_item_url=None))


def _failed(house: House, one: _Waiting, error: ServiceError) -> None:
    log.warning("completion not told", completion_id=str(one.id), code=error.code)
    if not isinstance(error, Unavailable):
        _remember(house, one, state="refused", problem=error.code)
        return
    wait = max(_back_off(one), timedelta(seconds=error.retry_after or 0))
    _remember(house, one, state="waiting", tries=one.tries + 1, problem=error.code, wait=wait)


def _back_off(one: _Waiting) -> timedelta:
    return min(FIRST_WAIT * 2 ** min(one.tries, 10), LONGEST_WAIT)


def _remember(house: House, one: _Waiting, *, wait: timedelta | None = None, **values: Any) -> bool:
    """What came of it, unless somebody confirmed something else meanwhile; then only how far timestamps have come."""
    next_try_at = house.clock() + wait if wait is not None else None
    same = (Completion.id == one.id) & (Completion.done == one.done)
    with house.database.write() as session:
        kept = session.execute(
            update(Completion).where(same).values(**values, next_try_at=next_try_at).returning(Completion.id)
        ).one_or_none()
        if kept is None and "told_at" in values:
            session.execute(update(Completion).where(Completion.id == one.id).values(told_at=values["told_at"]))
    return kept is not None


def _link(house: House, link_id: UUID) -> Any:
    with house.database.read() as connection:
        return connection.execute(
            select(
                PlacedLink.id,
                PlacedLink.title,
                PlacedLink.resource_link_id,
                PlacedLink.line_item_url,
                Course.services,
            )
            .join(Course, Course.id == PlacedLink.course_id)
            .where(PlacedLink.id == link_id)
        ).one_or_none()


def _waiting(house: House, link_id: UUID) -> Sequence[_Waiting]:
    with house.database.read() as connection:
        rows = connection.execute(
            select(Completion.id, Completion.done, Completion.told_at, Completion.tries, Identity.subject)
            .join(PlacedLink, PlacedLink.id == Completion.placed_link_id)
            .join(Course, Course.id == PlacedLink.course_id)
            .join(
                Identity,
                (Identity.person_id == Completion.person_id) & (Identity.site_id == Course.site_id),
            )
            .where(Completion.placed_link_id == link_id, _is_due(house.clock()))
            .order_by(Completion.id)
            .limit(AT_ONCE)
        )
        return [_Waiting(*row) for row in rows]
