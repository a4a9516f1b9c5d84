"""Syncs by the clock: every connected site, one durable job each.

A sync keeps its own checkpoints with its rows (``rostersync.steps``). The job engine only makes sure that somebody goes
on: when a worker is killed in mid-sync, the next one takes the run up at the page after the last one stored.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Placement
from lms_plc.house import House
from lms_plc.jobs import Queue, Steps, enqueue, job, schedule
from lms_plc.rostersync.run import apply_sync
from lms_plc.rostersync.steps import AnotherSyncRuns
from lms_plc.sites.models import Course, Site
from lms_plc.sites.sources import open_roster

log = structlog.get_logger("lms_plc.rostersync")


def register(house: House) -> None:
    """Makes the two jobs known to this worker and puts the first on the timetable."""

    @job("sync-sites", one_per=())
    def sync_sites(steps: Steps) -> None:
        for site_id in steps.run("list the sites to sync", sites_to_sync, house):
            steps.commit(f"ask for {site_id}", _ask, site_id)

    @job("sync-site", queue=Queue("sync", at_once=2), one_per=("site_id",))
    def sync_site(steps: Steps, site_id: str) -> None:
        steps.run("sync", _sync, house, site_id)

    schedule("sync-sites", every=timedelta(minutes=house.settings.sync_every_minutes))


def sites_to_sync(house: House) -> list[str]:
    """Connected sites of which an admin has chosen something. Until then nothing happens by the clock: the first sync
    founds communities, and is for a person to look at."""
    placed = select(Placement.id).join(Course, Course.id == Placement.course_id).where(Course.site_id == Site.id)
    with house.database.read() as connection:
        found = connection.execute(
            select(Site.id)
            .where(Site.connector.is_not(None), or_(Site.covers == "all", placed.exists()))
            .order_by(Site.id)
            .limit(5000)
        )
        return [str(site_id) for site_id in found.scalars()]


def _ask(session: Session, site_id: str) -> None:
    enqueue(session, "sync-site", site_id=site_id)


def _sync(house: House, site_id: str) -> None:
    try:
        with open_roster(house, UUID(site_id)) as source:
            came = apply_sync(house.database, UUID(site_id), source, clock=house.clock, asked_by="schedule")
    except AnotherSyncRuns as other:
        log.info("sync left to the one under way", site_id=site_id, run_id=str(other.run_id))
        return
    tell = log.info if came.state == "done" else log.warning
    tell("sync ended", run_id=str(came.run_id), site_id=site_id, ended=came.state, changed=came.changed)
