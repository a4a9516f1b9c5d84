"""How does a step take hold of its run, so that two workers in the same run never do the same work twice?"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms_plc.core.database import Database
from lms_plc.rostersync.models import SyncCourse, SyncPage, SyncRun
from lms_plc.sites.models import Site

RESUMED_FOR = timedelta(hours=6)
"""How long after its start a run is gone on with; an older look at the rosters is taken anew."""

SILENT_AFTER = timedelta(minutes=15)
"""A run without a sign of life for so long has crashed. Far beyond the longest single step, one page of a
roster."""


class RunIsOver(Exception):
    """The run has ended, by itself or because another has taken over; nothing may be done for it any more."""


class AnotherSyncRuns(Exception):
    """Another sync, with other options, is applying at this site. ``run_id`` is its, ``alive_at`` its last
    sign of life."""

    def __init__(self, run_id: UUID, alive_at: datetime) -> None:
        super().__init__(
            f"another sync of this site is at work (last sign of life {alive_at:%Y-%m-%d %H:%M} UTC); "
            f"wait for it, or try again {SILENT_AFTER.seconds // 60} minutes after that if it has crashed"
        )
        self.run_id, self.alive_at = run_id, alive_at


REST = 0.25
LONGEST_REST = 0.05
"""After each transaction a sync lets others write, for such a share of its length and for so many seconds at most.

SQLite has one lock for all writers and no queue before it: whoever waits looks again and again, and one who takes the
lock back at once starves everybody else, a teacher's post among them. PostgreSQL has no such lock, but on a small
machine pages and the sync share its processors.
"""


@contextmanager
def writing(database: Database) -> Iterator[Session]:
    """A transaction of a sync, after which others get their turn."""
    began = time.monotonic()
    with database.write() as session:
        yield session
    time.sleep(min(REST * (time.monotonic() - began), LONGEST_REST))


def hold(session: Session, run_id: UUID, at: datetime) -> SyncRun:
    """The run, locked until the transaction ends, with a fresh sign of life.

    The lock is what makes steps safe to repeat and to overlap: whoever comes second sees what the first one
    did. Raises RunIsOver for a run that has ended.
    """
    run = session.execute(select(SyncRun).where(SyncRun.id == run_id).with_for_update(key_share=True)).scalar_one()
    if run.finished_at is not None:
        raise RunIsOver(f"sync run {run_id} is {run.state}")
    run.alive_at = at
    return run


def close(session: Session, run_id: UUID, state: str, at: datetime, message: str | None) -> None:
    """Ends a run for good and drops what it pulled: the rosters' names go with it."""
    session.execute(update(SyncRun).where(SyncRun.id == run_id).values(state=state, finished_at=at, message=message))
    session.execute(delete(SyncPage).where(SyncPage.run_id == run_id))
    session.execute(delete(SyncCourse).where(SyncCourse.run_id == run_id))


def hold_site(session: Session, site_id: UUID) -> Site:
    """The site, locked: runs of one site begin and end one after the other. Always taken before a run's own
    lock."""
    return session.execute(select(Site).where(Site.id == site_id).with_for_update(key_share=True)).scalar_one()


def unfinished(session: Session, site_id: UUID) -> list[SyncRun]:
    return list(
        session.execute(
            select(SyncRun).where(SyncRun.site_id == site_id, SyncRun.finished_at.is_(None)).order_by(SyncRun.id)
        ).scalars()
    )
