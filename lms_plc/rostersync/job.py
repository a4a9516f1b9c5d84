"""Syncs in a worker: by the clock, for every connected site when it is due, and whenever somebody asks.

A sync keeps its own checkpoints with its rows (``rostersync.steps``). The job engine only makes sure that somebody goes
on: when a worker is killed in mid-sync, the next one takes the run up at the page after the last one stored.
"""

from datetime import timedelta
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.alarms.alarm import About, Alarm
from lms_plc.alarms.ringing import ring
from lms_plc.communities.models import Placement
from lms_plc.core.sealing import CannotUnseal
from lms_plc.house import House
from lms_plc.jobs import Steps, Transaction, enqueue, job, schedule
from lms_plc.rostersync.checkpoint import AnotherSyncRuns
from lms_plc.rostersync.forgetting import forget_at_every_site
from lms_plc.rostersync.models import SyncRule, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.report import summary
from lms_plc.rostersync.run import apply_approved, apply_sync, plan_sync
from lms_plc.rostersync.steps import Outcome
from lms_plc.rostersync.waiting import courses_of
from lms_plc.sites.actions import SiteProblem
from lms_plc.sites.models import Course, Site
from lms_plc.sites.sources import open_roster
from lms_plc.sites.syncing import ONE_PER, QUEUE, SYNC, ask_for_sync

log = structlog.get_logger("lms_plc.rostersync")

LOOK_EVERY = timedelta(minutes=5)
"""How often a worker looks which sites are due; no site is synced more often."""

RINGS_AT = 2
"""So many attempts in a row must have failed before anybody is told: an LMS is restarted at night."""

_LOOKED_BACK = 200
"""So many earlier runs are looked through for one of the same courses."""

_APPLY = "apply-plan"
_ONE_RUN = ("run_id",)

jobs.announce(_APPLY, queue=QUEUE, one_per=_ONE_RUN)


def register(house: House) -> None:
    """Makes the jobs known to this worker and puts the first on the timetable."""

    @job("sync-sites", one_per=())
    def sync_sites(steps: Steps) -> None:
        for site_id in steps.run("list the sites that are due", sites_to_sync, house):
            steps.commit(f"ask for {site_id}", _ask, site_id)

    @job(SYNC, queue=QUEUE, one_per=ONE_PER)
    def sync_site(
        steps: Steps,
        site_id: str,
        mode: Literal["plan", "apply"] = "apply",  # a job asked for before there were other ways has only the site
        courses: str = "",
        asked_by: str = "schedule",
        as_ruled: bool = False,
    ) -> None:
        steps.run("sync", _sync, house, UUID(site_id), mode, _options(courses, as_ruled=as_ruled), asked_by)

    @job(_APPLY, queue=QUEUE, one_per=_ONE_RUN)
    def apply_plan(steps: Steps, run_id: str) -> None:
        steps.run("apply", _apply, house, UUID(run_id))

    @job("forget-sync-names", one_per=())
    def forget(steps: Steps) -> None:
        steps.run("forget", forget_at_every_site, house.database, house.clock)

    schedule("sync-sites", every=min(LOOK_EVERY, timedelta(minutes=house.settings.sync_every_minutes)))
    schedule("forget-sync-names", every=timedelta(hours=6))


def ask_to_apply(transaction: Transaction, run_id: UUID) -> bool:
    """Has a worker apply a run that was approved or that undoes another. False if it is at it already."""
    return enqueue(transaction, _APPLY, run_id=str(run_id))


def sites_to_sync(house: House) -> list[str]:
    """Connected sites that are due, and of which an admin has chosen something.

    Until then nothing happens by the clock: the first sync founds communities, and is for a person to look at. A run
    that has failed is gone on with when the site is due, whoever asked for it.
    """
    placed = select(Placement.id).join(Course, Course.id == Placement.course_id).where(Course.site_id == Site.id)
    ruled = select(SyncRule.id).where(SyncRule.site_id == Site.id)
    last = (
        select(func.max(SyncRun.alive_at))
        .where(SyncRun.site_id == Site.id, or_(SyncRun.asked_by == "schedule", SyncRun.finished_at.is_(None)))
        .scalar_subquery()
    )
    now, usual = house.clock(), house.settings.sync_every_minutes
    with house.database.read() as connection:
        found = connection.execute(
            select(Site.id, Site.sync_every, last.label("last"))
            .where(
                Site.connector.is_not(None),
                Site.syncs != "off",
                or_(Site.covers == "all", placed.exists(), ruled.exists()),
            )
            .order_by(Site.id)
            .limit(5000)
        )
        return [
            str(row.id)
            for row in found
            if row.last is None or row.last <= now - timedelta(minutes=row.sync_every or usual)
        ]


def _options(courses: str, *, as_ruled: bool) -> Options:
    return Options(courses=tuple(filter(None, courses.split(","))), as_ruled=as_ruled)


def _ask(session: Session, site_id: str) -> None:
    syncs = session.execute(select(Site.syncs).where(Site.id == UUID(site_id))).scalar_one()
    ask_for_sync(session, UUID(site_id), asked_by="schedule", mode="plan" if syncs == "ask" else "apply")


def _sync(house: House, site_id: UUID, mode: Literal["plan", "apply"], options: Options, asked_by: str) -> None:
    sync = apply_sync if mode == "apply" else plan_sync
    try:
        with open_roster(house, site_id) as source:
            came = sync(house.database, site_id, source, options, clock=house.clock, asked_by=asked_by)
    except AnotherSyncRuns as other:
        log.info("sync left to the one under way", site_id=str(site_id), run_id=str(other.run_id))
        return
    except (SiteProblem, CannotUnseal) as problem:
        log.warning("sync could not begin", site_id=str(site_id), problem=type(problem).__name__)
        if not options.courses:
            _failed(house, site_id, None, str(problem))
        return
    _tell(house, came, is_whole=not options.courses)


def _apply(house: House, run_id: UUID) -> None:
    _tell(house, apply_approved(house.database, run_id, house.clock), is_whole=False)


def _tell(house: House, came: Outcome, *, is_whole: bool) -> None:
    """Logs what came of a run, and rings for one of a whole site: a single course says nothing of the others."""
    tell = log.warning if came.state in ("held", "failed") else log.info
    tell("sync ended", run_id=str(came.run_id), site_id=str(came.site_id), ended=came.state, changed=came.changed)
    if not is_whole:
        return
    if came.state == "failed":
        _failed(house, came.site_id, came.run_id, came.message or "")
        return
    with house.database.write() as session:
        session.execute(update(Site).where(Site.id == came.site_id, Site.sync_failures > 0).values(sync_failures=0))
        if came.state == "held" and not _was_held(session, came):
            name = _name(session, came.site_id)
            title = f"The sync of {name} is held; nothing was applied"
            ring(session, Alarm(f"sync-held:{came.run_id}", title, summary(came), About(name, came.run_id)))


def _failed(house: House, site_id: UUID, run_id: UUID | None, why: str) -> None:
    with house.database.write() as session:
        failures = session.execute(
            update(Site)
            .where(Site.id == site_id)
            .values(sync_failures=Site.sync_failures + 1)
            .returning(Site.sync_failures)
        ).scalar_one()
        if failures == RINGS_AT:
            name = _name(session, site_id)
            text = f"{why} Nobody was let go; what was read so far is kept."
            ring(
                session,
                Alarm(f"sync-failed:{site_id}", f"The sync of {name} has failed twice", text, About(name, run_id)),
            )


def _was_held(session: Session, came: Outcome) -> bool:
    """Whether the sync before was held too: then whoever has to know was told."""
    mine = session.execute(select(SyncRun.options).where(SyncRun.id == came.run_id)).scalar_one()
    before = session.execute(
        select(SyncRun.options, SyncRun.state)
        .where(SyncRun.site_id == came.site_id, SyncRun.mode == "apply", SyncRun.id < came.run_id)
        .order_by(SyncRun.id.desc())
        .limit(_LOOKED_BACK)
    )
    state = next((row.state for row in before if courses_of(row.options) == courses_of(mine)), None)
    return state == "held"


def _name(session: Session, site_id: UUID) -> str:
    return session.execute(select(Site.name).where(Site.id == site_id)).scalar_one()
