"""What becomes of a plan that waits? It is ticked, and approved, as long as it holds."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, not_, select, update
from sqlalchemy.orm import Session, aliased

from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.rostersync.apply import waiting
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.checkpoint import SILENT_AFTER, AnotherSyncRuns, hold_site, unfinished
from lms_plc.rostersync.circle import some
from lms_plc.rostersync.guard import objections
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.sites.models import Site
from lms_plc.web.i18n import N_

PLAN_LASTS = timedelta(hours=24)
"""So long after its look at the rosters began a plan may be approved."""


class PlanIsOld(Exception):
    """A plan was approved that is not, or no longer, one to apply. The text says why and what to do."""


class Waiting(Protocol):
    """What there is to know of a plan that waits, as a row or as a line of a list."""

    @property
    def id(self) -> UUID: ...
    @property
    def site_id(self) -> UUID: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def started_at(self) -> datetime: ...


def overtaken(connection: Session | Connection, run: Waiting, at: datetime) -> str | None:
    """Why a plan that waits cannot be applied any more: ``old`` (more than a day), ``changed`` (what it was made from
    is no longer so) or ``newer`` (a sync has looked at the same courses again); None while it can."""
    if run.started_at < at - PLAN_LASTS:
        return "old"
    revisions = select(SyncRun.revision, Site.sync_revision).join(Site, Site.id == SyncRun.site_id)
    made_from, now = connection.execute(revisions.where(SyncRun.id == run.id)).one()
    if made_from != now:
        return "changed"
    newer = select(SyncRun.options).where(
        SyncRun.site_id == run.site_id,
        SyncRun.id > run.id,
        SyncRun.finished_at.is_not(None),
        SyncRun.mode == "apply",
        SyncRun.state.in_(("held", "done")),
    )
    looked_at = {courses_of(options) for options in connection.execute(newer).scalars()}
    return "newer" if courses_of(run.options) in looked_at else None


def courses_of(options: Mapping[str, Any]) -> Options:
    """Which courses were asked for, whatever may happen in them."""
    return replace(Options.read(dict(options)), allow_removals=False)


def tick(database: Database, run_id: UUID, *, shown: Collection[int], ticked: Collection[int]) -> None:
    """Keeps which of the shown changes of a plan that waits are to be applied, by their numbers. Raises PlanIsOld for
    one that does not wait."""
    with database.write() as session:
        run = session.execute(select(SyncRun).where(SyncRun.id == run_id).with_for_update(key_share=True)).scalar_one()
        _require_waiting(run)
        for chunk in some(shown):
            mine = (SyncChange.run_id == run_id, SyncChange.applied_at.is_(None), SyncChange.number.in_(chunk))
            wanted = SyncChange.number.in_(set(chunk) & set(ticked))
            session.execute(update(SyncChange).where(*mine, wanted).values(left_out=False))
            session.execute(update(SyncChange).where(*mine, not_(wanted)).values(left_out=True))


def approve(
    database: Database,
    run_id: UUID,
    clock: Clock,
    *,
    by: str,
    left_out: Collection[int] | None = None,
    allow_removals: bool = False,
) -> None:
    """Lets a plan that was shown or held be applied, but for the changes with these numbers, or, without any given, for
    those whose tick was taken away (`tick`).

    Whatever is to happen in a community whose founding is left out is left out too. ``allow_removals`` is needed where
    the brake holds the plan. Raises PlanIsOld for a plan that is older than what it was made from: the rosters are
    looked at anew after a day, and another sync, an undo or a changed rule makes an older plan untrue. Raises
    AnotherSyncRuns.
    """
    with database.write() as session:
        approve_in(session, run_id, clock(), by=by, left_out=left_out, allow_removals=allow_removals)


def approve_in(
    session: Session,
    run_id: UUID,
    at: datetime,
    *,
    by: str,
    left_out: Collection[int] | None = None,
    allow_removals: bool = False,
) -> None:
    """As ``approve``, within the caller's transaction."""
    site_id = session.execute(select(SyncRun.site_id).where(SyncRun.id == run_id)).scalar_one()
    hold_site(session, site_id)
    for other in unfinished(session, site_id):
        if other.mode != "plan" and other.state != "failed" and other.alive_at > at - SILENT_AFTER:
            raise AnotherSyncRuns(other.id, other.alive_at)
    run = session.execute(select(SyncRun).where(SyncRun.id == run_id).with_for_update(key_share=True)).scalar_one()
    _require_current(session, run, at)
    _leave_out(session, run_id, left_out)
    if not allow_removals and (sentences := objections(session, run)):
        raise PlanIsOld(" ".join(sentences))
    run.mode, run.state, run.message = "apply", "applying", None
    run.finished_at, run.alive_at = None, at
    run.approved_by, run.approved_at = by, at
    outdate_other_plans(session, run)


_TOO_OLD = {
    "old": N_("The plan is more than a day old; the rosters may say something else by now."),
    "changed": N_("Something has changed since this plan was made: another sync, an undo, a rule or a person."),
    "newer": N_("A sync has looked at the rosters again since."),
}


def _require_waiting(run: SyncRun) -> None:
    if run.state not in ("planned", "held") or run.finished_at is None:
        raise PlanIsOld(N_("Sync %(run)s is %(state)s, no plan that waits.") % {"run": run.id, "state": run.state})


def _require_current(session: Session, run: SyncRun, at: datetime) -> None:
    _require_waiting(run)
    if (why := overtaken(session, run, at)) is not None:
        raise PlanIsOld(f"{_TOO_OLD[why]} {N_('Look again with: lms-plc sync plan')}")


def _leave_out(session: Session, run_id: UUID, numbers: Collection[int] | None) -> None:
    if numbers is not None:
        session.execute(update(SyncChange).where(SyncChange.run_id == run_id).values(left_out=False))
    for chunk in some(numbers or ()):
        session.execute(
            update(SyncChange).where(SyncChange.run_id == run_id, SyncChange.number.in_(chunk)).values(left_out=True)
        )
    founding = aliased(SyncChange)
    unfounded = select(founding.community_id).where(
        founding.run_id == run_id,
        founding.kind == Kind.FOUND_COMMUNITY.value,
        founding.left_out.is_(True),
        founding.community_id.is_not(None),
    )
    session.execute(
        update(SyncChange)
        .where(SyncChange.run_id == run_id, SyncChange.community_id.in_(unfounded))
        .values(left_out=True)
        .execution_options(synchronize_session=False)
    )


def outdate_other_plans(session: Session, run: SyncRun) -> None:
    """What is about to be written makes every plan untrue that was made before it; a run without changes none."""
    if waiting(session, run.id):
        session.execute(update(Site).where(Site.id == run.site_id).values(sync_revision=Site.sync_revision + 1))
