"""Asking for a sync: by the clock, from a page, or because a launch came from a course nobody knew.

Only the asking is here; `lms_plc.rostersync.job` does it in a worker.
"""

from uuid import UUID

from sqlalchemy import select

from lms_plc import jobs
from lms_plc.jobs import Queue, Transaction
from lms_plc.sites.models import Course, Site

OURS = "plc-"

SYNC = "sync-site"
QUEUE = Queue("sync", at_once=2)
ONE_PER = ("site_id", "mode", "courses", "as_ruled")

jobs.announce(SYNC, queue=QUEUE, one_per=ONE_PER)


def id_number_of(community_id: UUID) -> str:
    """What a cohort or group bears that this tool wrote into an LMS for a community."""
    return f"{OURS}{community_id}"


def is_ours(id_number: str | None) -> bool:
    """Whether a cohort or group of an LMS is one that this tool wrote there: no sync takes it for the LMS's own."""
    if not id_number or not id_number.startswith(OURS):
        return False
    try:
        UUID(id_number.removeprefix(OURS))
    except ValueError:
        return False
    return True


def ask_for_sync(
    transaction: Transaction,
    site_id: UUID,
    *,
    asked_by: str,
    mode: str = "apply",
    courses: tuple[str, ...] = (),
    as_ruled: bool = False,
) -> bool:
    """Has a worker sync the site, or these courses of it (LMS ids), once the caller's transaction has committed.

    ``mode`` is ``apply`` or ``plan``. False if the same waits or runs already.
    """
    return jobs.enqueue(
        transaction,
        SYNC,
        site_id=str(site_id),
        mode=mode,
        courses=",".join(courses),
        asked_by=asked_by,
        as_ruled=as_ruled,
    )


def course_came_up(transaction: Transaction, course_id: UUID) -> None:
    """A launch came from a course that was not known, or somebody founded its community: its roster is looked at now,
    where the site has web services and is synced by the clock anyway."""
    course = transaction.execute(
        select(Course.lms_id, Course.site_id, Site.connector, Site.syncs)
        .join(Site, Site.id == Course.site_id)
        .where(Course.id == course_id)
    ).one()
    if course.connector is None or course.syncs == "off" or "," in course.lms_id:  # no LMS we read has such ids
        return
    mode = "apply" if course.syncs == "apply" else "plan"
    ask_for_sync(transaction, course.site_id, asked_by="launch", mode=mode, courses=(course.lms_id,), as_ruled=True)
