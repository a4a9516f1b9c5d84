"""What an operator does about syncs: ask for one, let a plan be applied, take one back. The work is a worker's."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms_plc.admin.actions import VIA
from lms_plc.core.activity import Reference, record
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.core.policy import NotThere
from lms_plc.rostersync import undo, waiting
from lms_plc.rostersync.job import ask_to_apply
from lms_plc.rostersync.queries import ASKED
from lms_plc.sites.models import Site
from lms_plc.sites.syncing import ask_for_sync


def ask(
    session: Session,
    site_id: UUID,
    at: datetime,
    *,
    by: str,
    mode: str,
    courses: tuple[str, ...] = (),
    as_ruled: bool = False,
) -> bool:
    """Has a worker look what a sync would change (``mode`` plan) or do it (apply). False if the same waits or runs
    already. Raises NotThere for a site whose rosters cannot be read."""
    connected = select(Site.id).where(Site.id == site_id, Site.connector.is_not(None))
    if session.execute(connected).one_or_none() is None:
        raise NotThere("site")
    if not ask_for_sync(session, site_id, asked_by=by, mode=mode, courses=courses, as_ruled=as_ruled):
        return False
    facts = {"mode": mode, "courses": list(courses)}
    record(session, ASKED, Reference("site", site_id), at=at, actor_id=None, via=VIA, site_id=site_id, facts=facts)
    return True


def apply_plan(database: Database, site_id: UUID, run_id: UUID, clock: Clock, *, by: str, allow_removals: bool) -> None:
    """Lets a plan be applied as it is ticked. Raises PlanIsOld, AnotherSyncRuns."""
    with database.write() as session:
        waiting.approve_in(session, run_id, clock(), by=by, allow_removals=allow_removals)
        ask_to_apply(session, run_id)
        facts = {"allow_removals": allow_removals}
        _record(session, "sync.approved", run_id, site_id, clock(), facts)


def go_on(session: Session, run_id: UUID) -> None:
    """Asks again for a run that was approved: its worker may have been killed so often that the job was given up."""
    ask_to_apply(session, run_id)


def take_back(database: Database, site_id: UUID, run_id: UUID, clock: Clock, *, by: str) -> UUID:
    """Begins to undo a run; the id of the run that does so. Raises NothingToUndo, AnotherSyncRuns."""
    with database.write() as session:
        undo_id = undo.begin_in(session, run_id, clock(), asked_by=by)
        if ask_to_apply(session, undo_id):
            _record(session, "sync.undo_asked", run_id, site_id, clock(), {"undo": str(undo_id)})
    return undo_id


def _record(
    session: Session, verb: str, run_id: UUID, site_id: UUID, at: datetime, facts: Mapping[str, object]
) -> None:
    reference = Reference("sync_run", run_id)
    record(session, verb, reference, at=at, actor_id=None, via=VIA, site_id=site_id, facts=facts)
