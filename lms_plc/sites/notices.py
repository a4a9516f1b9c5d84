"""What a platform tells while nobody is there (Platform Notification Service 1.0): above all that a course was copied.

A copied course gets its own empty community, before anybody has opened it. The platform signs the notice, so unlike the
history in a launch's custom parameters it is proof, and the copy begins with the charter of the original.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.communities.founding import found_twin
from lms_plc.communities.models import Placement
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.house import House
from lms_plc.jobs import Steps
from lms_plc.sites import models
from lms_plc.sites.services import open_services
from lms_plc.sites.stores import StoredPlatforms
from lti.keysets import KeySets
from lti.login import ToolAddress
from lti.platforms import Platforms
from lti.services.errors import ServiceError
from lti.services.notices import (
    CONTEXT_COPY,
    HELLO_WORLD,
    ContextCopy,
    NoticeRefused,
    handlers,
    read_notices,
    subscribe,
)

log = structlog.get_logger("lms_plc.notices")

WANTED = (HELLO_WORLD, CONTEXT_COPY)
_ONE = ("platform_id",)

jobs.announce("ask-for-notices", one_per=_ONE)


def take_notices(house: House, body: bytes, platforms: Platforms, key_sets: KeySets) -> int:
    """Acts on what a platform posted; the HTTP status to answer with. A notice that comes twice changes nothing."""
    address = ToolAddress(house.settings.base_url)
    try:
        notices = read_notices(body, platforms=platforms, key_sets=key_sets, tool=address, clock=house.clock)
    except NoticeRefused as refused:
        said = {f"said_{name}": value for name, value in refused.values.items()}
        log.warning("notice refused", code=refused.code, issuer=refused.seen.issuer, **said)
        return refused.status
    for notice in notices:
        if isinstance(notice, ContextCopy):
            with house.database.write() as session:
                _copy(session, notice, house)
    return 200


def _copy(session: Session, notice: ContextCopy, house: House) -> None:
    at, lms_id = house.clock(), notice.context.id
    site_id = session.execute(
        select(models.Platform.site_id).where(models.Platform.id == UUID(notice.platform.id))
    ).scalar_one()
    original = session.execute(
        select(models.Course.id, models.Course.title, Placement.community_id)
        .join(Placement, (Placement.course_id == models.Course.id) & (Placement.link_id == ""))
        .where(models.Course.site_id == site_id, models.Course.lms_id.in_(notice.origin_contexts[:20]))
        .limit(1)
    ).one_or_none()
    if original is None or lms_id in notice.origin_contexts:
        return
    title = (notice.context.title or notice.context.label or original.title)[:500]
    course = upsert(session, models.Course).values(
        id=new_id(), site_id=site_id, lms_id=lms_id, title=title, copied_from_id=original.id, created_at=at
    )
    course_id = session.execute(
        course.on_conflict_do_update(
            index_elements=["site_id", "lms_id"], set_={"copied_from_id": course.excluded.copied_from_id}
        ).returning(models.Course.id)
    ).scalar_one()
    has_one = select(Placement.id).where(Placement.course_id == course_id, Placement.link_id == "")
    if session.execute(has_one).one_or_none() is not None:
        return
    found_twin(
        session,
        original_id=original.community_id,
        with_charter=True,
        course_id=course_id,
        site_id=site_id,
        name=title,
        at=at,
        via="notice",
    )


def register(house: House) -> None:
    """Makes the jobs known to this worker: asking a platform for its notices, and looking daily whether it still
    sends them."""

    @jobs.job("ask-for-notices", one_per=_ONE)
    def ask(steps: Steps, platform_id: str) -> None:
        steps.run("ask", ask_for_notices, house, platform_id)

    @jobs.job("look-after-notices", one_per=())
    def look_after(steps: Steps) -> None:
        for platform_id in steps.run("list the platforms", _sending, house):
            steps.commit(f"ask for {platform_id}", _enqueue, platform_id)

    jobs.schedule("look-after-notices", every=timedelta(days=1))


def ask_for_notices(house: House, platform_id: str) -> None:
    """Subscribes to the notices we act on, as far as the platform offers them and does not send them already."""
    platform = StoredPlatforms(house.database, house.clock).get(platform_id)
    service = _service(house, platform_id)
    if platform is None or not service:
        return
    caller, handler = open_services(house), f"{house.settings.base_url}/lti/notices"
    try:
        kept = handlers(caller, platform, service["url"])
        for notice_type in WANTED:
            if notice_type in service["offered"] and kept.get(notice_type) != handler:
                subscribe(caller, platform, service["url"], notice_type, handler)
    except ServiceError as error:
        log.warning("notices not asked for", platform_id=platform_id, code=error.code, **_told(error))
        return  # the daily look tries again
    subscribed = {notice_type: handler for notice_type in WANTED if notice_type in service["offered"]}
    if subscribed == service["subscribed"]:
        return
    with house.database.write() as session:
        platform_row = update(models.Platform).where(models.Platform.id == UUID(platform_id))
        session.execute(platform_row.values(notices={**service, "subscribed": subscribed}))
        site_id = session.execute(select(models.Platform.site_id).where(models.Platform.id == UUID(platform_id)))
        record(
            session,
            "notices.subscribed",
            Reference("platform", UUID(platform_id)),
            at=house.clock(),
            actor_id=None,
            via="job",
            site_id=site_id.scalar_one(),
            facts={"types": sorted(subscribed)},
        )


def _service(house: House, platform_id: str) -> dict[str, Any]:
    with house.database.read() as connection:
        query = select(models.Platform.notices).where(models.Platform.id == UUID(platform_id))
        found: dict[str, Any] | None = connection.execute(query).scalar_one_or_none()
    return found or {}


def _sending(house: House) -> list[str]:
    with house.database.read() as connection:
        rows = connection.execute(select(models.Platform.id, models.Platform.notices).limit(5000))
        return [str(row.id) for row in rows if row.notices]


def _enqueue(session: Session, platform_id: str) -> None:
    jobs.enqueue(session, "ask-for-notices", platform_id=platform_id)


def _told(error: ServiceError) -> dict[str, str]:
    return {f"said_{name}": value for name, value in error.values.items()}
