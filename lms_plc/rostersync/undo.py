"""How is a sync taken back? Whoever it let rest or ended is an active member again, by a run with lines of its own.

What the LMS says stays what it says: people whom it suspended stay paused, and whoever is still missing from its
rosters rests again after two more complete looks a day apart. That is the time to mend the LMS.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from lms_plc.communities.models import Membership
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database, table_of
from lms_plc.people.models import Identity
from lms_plc.rostersync.changes import GONE, Kind
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.run import apply_approved
from lms_plc.rostersync.steps import Outcome, Progress, begin_undo, silent
from lms_plc.sites.models import Site
from lms_plc.web.i18n import N_

UNDONE = (Kind.REST.value, Kind.END.value)
"""The kinds of change that an undo takes back."""

_AT_ONCE = 1000


class NothingToUndo(Exception):
    """The run let nobody go, nobody is gone for it any more, or it has not ended. The text says which."""


def undo_sync(
    database: Database, run_id: UUID, clock: Clock, progress: Progress = silent, *, asked_by: str = "cli"
) -> Outcome:
    """Brings back whom the run let rest or ended. Called again it goes on where it stopped.

    Whoever is away for another reason by now stays away: they left on their own, the LMS suspended them, a later sync
    let them go again. Raises NothingToUndo, AnotherSyncRuns.
    """
    return apply_approved(database, begin(database, run_id, clock, asked_by=asked_by), clock, progress)


def begin(database: Database, run_id: UUID, clock: Clock, *, asked_by: str) -> UUID:
    """Writes down what is to be undone, as a run about to apply; the id of that run. Raises as ``undo_sync``."""
    with database.write() as session:
        return begin_in(session, run_id, clock(), asked_by=asked_by)


def begin_in(session: Session, run_id: UUID, at: datetime, *, asked_by: str) -> UUID:
    """As ``begin``, within the caller's transaction."""
    run = session.execute(select(SyncRun).where(SyncRun.id == run_id)).scalar_one_or_none()
    if run is None or run.finished_at is None:
        raise NothingToUndo(N_("There is no sync %(run)s that has ended.") % {"run": run_id})
    taken_back = (SyncChange.run_id == run_id, SyncChange.kind.in_(UNDONE), SyncChange.applied_at.is_not(None))
    if session.execute(select(SyncChange.number).where(*taken_back).limit(1)).first() is None:
        raise NothingToUndo(N_("Sync %(run)s let nobody go; there is nothing to undo.") % {"run": run_id})
    undo_id, under_way = begin_undo(session, run, at, asked_by=asked_by, options=Options())
    if under_way:
        return undo_id
    last, written = 0, 0
    while changes := session.execute(
        select(SyncChange.number, SyncChange.course, SyncChange.community_id, SyncChange.subject, SyncChange.before)
        .where(*taken_back, *_still_gone_for_it(run), SyncChange.number > last)
        .order_by(SyncChange.number)
        .limit(_AT_ONCE)
    ).all():
        session.execute(
            insert(table_of(SyncChange)),
            [
                {
                    "run_id": undo_id,
                    "number": change.number,
                    "kind": Kind.RESUME.value,
                    "course": change.course,
                    "community_id": change.community_id,
                    "subject": change.subject,
                    "before": {"membership": "paused"},
                    "after": {"membership": "active", **_enrolment(change.before)},
                    "reason": N_("An administrator undid the sync that let them go."),
                }
                for change in changes
            ],
        )
        last, written = changes[-1].number, written + len(changes)
    if not written:
        raise NothingToUndo(
            N_("Whomever sync %(run)s let go is back, or is away for another reason; there is nothing to undo.")
            % {"run": run_id}
        )
    session.execute(update(Site).where(Site.id == run.site_id).values(sync_revision=Site.sync_revision + 1))
    return undo_id


def _still_gone_for_it(run: SyncRun) -> tuple[ColumnElement[bool], ...]:
    """Whoever rests or has left for want of an enrolment, and about whom no sync has decided anything since."""
    resting = (
        exists()
        .where(
            Identity.site_id == run.site_id,
            Identity.subject == SyncChange.subject,
            Membership.person_id == Identity.person_id,
            Membership.community_id == SyncChange.community_id,
            Membership.state != "active",
            Membership.reason == GONE,
        )
        .correlate(SyncChange)
    )
    later = aliased(SyncChange)
    decided = (
        exists()
        .where(
            later.subject == SyncChange.subject,
            later.community_id == SyncChange.community_id,
            later.run_id > run.id,
            later.kind.in_([Kind.RESUME.value, Kind.PAUSE.value, *UNDONE]),
            later.applied_at.is_not(None),
        )
        .correlate(SyncChange)
    )
    return resting, ~decided


def _enrolment(before: dict[str, object]) -> dict[str, object]:
    """The enrolment as it was, so that the next look begins to count anew. A line that was about none came when an
    earlier one had noted that it was gone."""
    return {"enrolment": before.get("enrolment", "active"), "roles": before.get("roles", [])}
