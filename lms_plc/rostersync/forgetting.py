"""What does a sync forget, and when? Plans that are overtaken, names that were only needed for a while."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, delete, not_, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.rostersync.checkpoint import RESUMED_FOR, close, hold_site, unfinished, writing
from lms_plc.rostersync.circle import some
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.rostersync.waiting import PLAN_LASTS, courses_of
from lms_plc.web.i18n import N_


def forget_older_plans(session: Session, run: SyncRun, at: datetime) -> None:
    """What an earlier run planned and did not do is overtaken by a later one of the same courses; its counts and its
    sentence stay. So is a plan of the clock's by the next one. After a day all of them go.

    Without this a roster that is held, or a course that stays hidden, would be written down anew every hour. A plan
    that somebody asked for stays: they may still be reading it.
    """
    session.execute(delete(SyncChange).where(SyncChange.applied_at.is_(None), SyncChange.run_id.in_(_ended(run, at))))
    recent = session.execute(
        select(SyncRun.id, SyncRun.mode, SyncRun.asked_by, SyncRun.options).where(
            SyncRun.site_id == run.site_id,
            SyncRun.id < run.id,
            SyncRun.finished_at.is_not(None),
            SyncRun.started_at >= at - PLAN_LASTS,
        )
    )
    overtaken_runs = [
        older.id
        for older in recent
        if courses_of(older.options) == courses_of(run.options)
        and (older.asked_by == "schedule" if older.mode == "plan" else run.mode != "plan")
    ]
    for chunk in some(overtaken_runs):
        session.execute(delete(SyncChange).where(SyncChange.applied_at.is_(None), SyncChange.run_id.in_(chunk)))


def _ended(run: SyncRun, at: datetime) -> "Select[UUID]":
    """The runs of the site before this one that ended with plans older than any that can be approved."""
    return select(SyncRun.id).where(
        SyncRun.site_id == run.site_id,
        SyncRun.id < run.id,
        SyncRun.finished_at.is_not(None),
        SyncRun.started_at < at - PLAN_LASTS,
    )


def forget_names(session: Session, site_id: UUID, at: datetime) -> None:
    still_read = and_(SyncRun.state.in_(("planned", "held")), SyncRun.started_at >= at - PLAN_LASTS)
    over = select(SyncRun.id).where(SyncRun.site_id == site_id, SyncRun.finished_at.is_not(None), not_(still_read))
    session.execute(
        update(SyncChange)
        .where(or_(SyncChange.name.is_not(None), SyncChange.known_as.is_not(None)), SyncChange.run_id.in_(over))
        .values(name=None, known_as=None)
        .execution_options(synchronize_session=False)
    )


def forget_at_every_site(database: Database, clock: Clock) -> None:
    """Forgets the names and numbers of plans nobody can approve any more, and what failed runs have read that nobody
    will go on with, at every site: also where no sync comes after them."""
    at = clock()
    with database.read() as connection:
        sites = connection.execute(select(SyncRun.site_id).distinct()).scalars().all()
    for site_id in sites:
        with writing(database) as session:
            hold_site(session, site_id)
            for run in unfinished(session, site_id):
                if run.alive_at < at - RESUMED_FOR:
                    too_old = N_("It was interrupted and is too old to go on.")
                    close(session, run.id, "failed", at, run.message or too_old)
            forget_names(session, site_id, at)
