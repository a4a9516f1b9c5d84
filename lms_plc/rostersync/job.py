"""Syncs by the clock: every connected site, one durable job each.

A sync is cut into the steps of ``rostersync.steps``, which keep their own checkpoints with their rows. The job engine
only makes sure that somebody goes on: a worker killed in mid-sync leaves a run that the next worker takes up at the
page after the last one stored.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError
from lms_plc.house import House
from lms_plc.jobs import Queue, Steps, enqueue, job, schedule
from lms_plc.rostersync.checkpoint import RunIsOver
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.steps import (
    AnotherSyncRuns,
    apply_next,
    begin_run,
    finish,
    judge,
    make_plan,
    outcome,
    pull_next,
)
from lms_plc.sites.models import Site
from lms_plc.sites.sources import open_roster

log = structlog.get_logger("lms_plc.rostersync")


def register(house: House) -> None:
    """Makes the two jobs known to this worker and puts the first on the timetable."""

    @job("sync-sites", one_per=())
    def sync_sites(steps: Steps) -> None:
        for site_id in steps.run("list connected sites", _connected, house):
            steps.commit(f"ask for {site_id}", _ask, site_id)

    @job("sync-site", queue=Queue("sync", at_once=2), one_per=("site_id",))
    def sync_site(steps: Steps, site_id: str) -> None:
        run_id = steps.run("begin", _begin, house, site_id)
        if run_id is None or not steps.run("pull", _pull, house, site_id, run_id):
            return
        if steps.run("plan and judge", _plan, house, run_id) == "applying":
            steps.run("apply", _apply, house, run_id)
        steps.run("finish", _finish, house, run_id)

    schedule("sync-sites", every=timedelta(minutes=house.settings.sync_every_minutes))


def _connected(house: House) -> list[str]:
    with house.database.read() as connection:
        found = connection.execute(select(Site.id).where(Site.connector.is_not(None)).order_by(Site.id).limit(5000))
        return [str(site_id) for site_id in found.scalars()]


def _ask(session: Session, site_id: str) -> None:
    enqueue(session, "sync-site", site_id=site_id)


def _begin(house: House, site_id: str) -> str | None:
    try:
        begun = begin_run(house.database, UUID(site_id), "apply", Options(), clock=house.clock, asked_by="schedule")
    except AnotherSyncRuns as other:
        log.info("sync left to the one under way", site_id=site_id, run_id=str(other.run_id))
        return None
    return str(begun.run_id)


def _pull(house: House, site_id: str, run_id: str) -> bool:
    """False when the LMS could not be read: the run keeps its pages, and the next one by the clock goes on."""
    try:
        with open_roster(house, UUID(site_id)) as source:
            while pull_next(house.database, UUID(run_id), source, house.clock):
                pass
    except ConnectorError as error:
        log.warning("sync stopped", site_id=site_id, run_id=run_id, code=error.code, function=error.function)
        return False
    except RunIsOver:
        return False
    return True


def _plan(house: House, run_id: str) -> str:
    try:
        make_plan(house.database, UUID(run_id), house.clock)
        return judge(house.database, UUID(run_id), house.clock)
    except RunIsOver:
        return outcome(house.database, UUID(run_id)).state


def _apply(house: House, run_id: str) -> None:
    try:
        while apply_next(house.database, UUID(run_id), house.clock):
            pass
    except RunIsOver:
        log.info("sync taken over", run_id=run_id)


def _finish(house: House, run_id: str) -> None:
    came = finish(house.database, UUID(run_id), house.clock)
    tell = log.warning if came.state == "held" else log.info
    tell("sync ended", run_id=run_id, site_id=str(came.site_id), ended=came.state, changed=came.changed)
