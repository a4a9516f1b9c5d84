"""A sync run, cut into steps that each can be called again: after a crash, by another worker, by a durable
job.

    begun = begin_run(database, site_id, "apply", options, clock=clock)
    while pull_next(database, begun.run_id, source, clock): ...
    make_plan(database, begun.run_id, clock)
    if judge(database, begun.run_id, clock) == "applying":
        while apply_next(database, begun.run_id, clock): ...
    outcome = finish(database, begun.run_id, clock)

What a step has done is in the database when it returns, and a step that finds its work done does nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError
from connectors.source import RosterSource
from lms_plc.core.activity import Reference, record
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.core.ids import new_id
from lms_plc.rostersync.apply import apply_batch, waiting
from lms_plc.rostersync.changes import REPORT_ONLY
from lms_plc.rostersync.checkpoint import RunIsOver, close, hold
from lms_plc.rostersync.guard import objections
from lms_plc.rostersync.models import SyncChange, SyncCourse, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.plan import keep, plan_next
from lms_plc.rostersync.pull import list_courses, pull_course
from lms_plc.sites.models import Site
from lms_plc.web.i18n import N_

Mode = Literal["plan", "apply"]

Progress = Callable[[str, int, int | None, str], None]
"""Hears ``(phase, done, total, label)``: phase is ``list``, ``pull``, ``plan`` or ``apply``; the label is
the title of a course or empty, never a person's name."""

RESUMED_FOR = timedelta(hours=6)
"""How long after its start a run is gone on with; an older look at the rosters is taken anew."""

SILENT_AFTER = timedelta(minutes=15)
"""A run without a sign of life for so long has crashed. Far beyond the longest single step, one page of a
roster."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The run to work on, and whether it is one that was under way."""

    run_id: UUID
    resumed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: its state (see ``SyncRun``), the changes by kind, and what an admin has to know,
    if anything."""

    run_id: UUID
    site_id: UUID
    mode: str
    state: str
    counts: Mapping[str, int]
    message: str | None
    resumed: bool = False

    @property
    def changed(self) -> int:
        """How many changes it made or, planned, would make; what is only reported does not count."""
        return sum(count for kind, count in self.counts.items() if kind not in REPORT_ONLY)


class AnotherSyncRuns(Exception):
    """Another sync, with other options, is applying at this site. ``run_id`` is its, ``alive_at`` its last
    sign of life."""

    def __init__(self, run_id: UUID, alive_at: datetime) -> None:
        super().__init__(
            f"another sync of this site is at work (last sign of life {alive_at:%Y-%m-%d %H:%M} UTC); "
            f"wait for it, or try again {SILENT_AFTER.seconds // 60} minutes after that if it has crashed"
        )
        self.run_id, self.alive_at = run_id, alive_at


class StillPulling(Exception):
    """A plan was asked for before every roster of the run was complete."""


def silent(phase: str, done: int, total: int | None, label: str) -> None:
    """For who wants no progress."""


def begin_run(
    database: Database, site_id: UUID, mode: Mode, options: Options, *, clock: Clock, asked_by: str = "cli"
) -> Begun:
    """Starts a run, or takes up the site's unfinished one of the same mode and options, six hours old at most.

    Two callers who ask for the same at once work on one run, which its checkpoints allow. Raises
    AnotherSyncRuns when one with other options is applying; a crashed one is closed.
    """
    at = clock()
    with database.write() as session:
        _hold_site(session, site_id)
        resumable = None
        for run in _unfinished(session, site_id):
            at_work = run.state != "failed" and run.alive_at > at - SILENT_AFTER
            if run.started_at < at - RESUMED_FOR and not at_work:
                close(session, run.id, "failed", at, run.message or N_("It was interrupted and is too old to go on."))
            elif (run.mode, run.options) == (mode, options.stored()):
                resumable = run
            elif mode == run.mode == "apply" and at_work:
                raise AnotherSyncRuns(run.id, run.alive_at)
            elif mode == run.mode == "apply" and run.state != "failed":
                close(session, run.id, "failed", at, N_("It was interrupted, and another sync has taken over."))
        if resumable is not None:
            resumable.alive_at = at
            if resumable.state == "failed":
                resumable.state, resumable.message = "listing", None
            return Begun(resumable.id, resumed=True)
        _forget_names(session, site_id)
        run_id = new_id()
        session.add(
            SyncRun(
                id=run_id,
                site_id=site_id,
                mode=mode,
                asked_by=asked_by,
                options=options.stored(),
                state="listing",
                started_at=at,
                alive_at=at,
                counts={},
            )
        )
        return Begun(run_id, resumed=False)


def pull_next(
    database: Database, run_id: UUID, source: RosterSource, clock: Clock, progress: Progress = silent
) -> bool:
    """Lists the courses, and after that pulls one course a call; False when there is nothing left to pull.

    Raises ConnectorError after noting it in the run, which has then failed but not ended: calling again
    goes on behind the last page that arrived.
    """
    try:
        return _pull_next(database, run_id, source, clock, progress)
    except ConnectorError as error:
        with database.write() as session:
            run = hold(session, run_id, clock())
            run.state, run.message = "failed", str(error)
        raise


def make_plan(database: Database, run_id: UUID, clock: Clock, progress: Progress = silent) -> None:
    """Plans what is pulled, a circle of courses a transaction, so that others can write in between.

    Raises StillPulling before every roster is complete: absence means nothing until then.
    """
    total = _count_courses(database, run_id)
    done = total - _count_courses(database, run_id, "pulled")
    while True:
        with database.write() as session:
            at = clock()
            run = hold(session, run_id, at)
            if not _is_pulled(session, run):
                raise StillPulling(f"sync run {run_id} has not pulled every roster yet")
            plan = plan_next(session, run_id, run.site_id, at)
            if plan is None:
                return
            run.state = "planning"
            keep(session, plan)
        done += len(plan.courses)
        progress("plan", done, total, "")


def judge(database: Database, run_id: UUID, clock: Clock) -> str:
    """The state that the finished plan leads to: ``planned``, ``held`` or ``applying``.

    A plan that was only asked to be shown says what would hold it.
    """
    with database.write() as session:
        run = hold(session, run_id, clock())
        if run.state in ("planned", "held", "applying"):
            return run.state
        sentences = objections(session, run)
        if run.mode == "plan":
            run.state = "planned"
        else:
            run.state = "held" if sentences else "applying"
        run.message = " ".join(sentences) or None
        return run.state


def apply_next(database: Database, run_id: UUID, clock: Clock, progress: Progress = silent) -> bool:
    """Applies one batch of changes; False when every change is applied."""
    applied = apply_batch(database, run_id, clock)
    if not applied:
        return False
    with database.read() as connection:
        left = waiting(connection, run_id)
        total = connection.execute(
            select(func.count()).where(
                SyncChange.run_id == run_id, SyncChange.kind.not_in([kind.value for kind in REPORT_ONLY])
            )
        ).scalar_one()
    progress("apply", total - left, total, "")
    return left > 0


def finish(database: Database, run_id: UUID, clock: Clock) -> Outcome:
    """Ends the run: counts it, drops its pages, and closes older failed ones, whose look at the LMS is
    overtaken."""
    with database.write() as session:
        site_id = session.execute(select(SyncRun.site_id).where(SyncRun.id == run_id)).scalar_one()
        site = _hold_site(session, site_id)
        try:
            at = clock()
            run = hold(session, run_id, at)
        except RunIsOver:
            return outcome(database, run_id)
        counted = session.execute(
            select(SyncChange.kind, func.count().label("n"))
            .where(SyncChange.run_id == run_id)
            .group_by(SyncChange.kind)
            .order_by(SyncChange.kind)
        )
        run.counts = {row.kind: row.n for row in counted}
        state = "done" if run.state == "applying" else run.state
        close(session, run_id, state, at, run.message)
        if state == "done":
            for older in _unfinished(session, site_id):
                if older.state == "failed":
                    close(session, older.id, "failed", at, older.message)
            if Options.read(run.options).all_courses and site.covers != "all":
                _cover_all(session, site, at)
        _forget_older_plans(session, site_id, run_id)
    return outcome(database, run_id)


def outcome(database: Database, run_id: UUID) -> Outcome:
    """What has come of a run so far."""
    with database.read() as connection:
        run = connection.execute(
            select(SyncRun.id, SyncRun.site_id, SyncRun.mode, SyncRun.state, SyncRun.counts, SyncRun.message).where(
                SyncRun.id == run_id
            )
        ).one()
    return Outcome(run.id, run.site_id, run.mode, run.state, run.counts, run.message)


def _pull_next(database: Database, run_id: UUID, source: RosterSource, clock: Clock, progress: Progress) -> bool:
    total = _count_courses(database, run_id)
    with database.write() as session:
        state = hold(session, run_id, clock()).state
    if total == 0 and state in ("listing", "failed"):
        progress("list", 0, None, "")
        total = list_courses(database, run_id, source, clock)
        progress("list", total, total, "")
        return total > 0
    with database.read() as connection:
        course = connection.execute(
            select(SyncCourse.course, SyncCourse.title)
            .where(SyncCourse.run_id == run_id, SyncCourse.state == "waiting")
            .order_by(SyncCourse.number)
            .limit(1)
        ).one_or_none()
    if course is None:
        return False
    done = total - _count_courses(database, run_id, "waiting")

    def tell(_rows: int = 0) -> None:
        progress("pull", done, total, course.title)

    tell()
    pull_course(database, run_id, course.course, source, clock, tell)
    # counted again: this course may have been left to a faster worker who is still at it
    left = _count_courses(database, run_id, "waiting")
    progress("pull", total - left, total, course.title)
    return left > 0


def _is_pulled(session: Session, run: SyncRun) -> bool:
    """Whether every roster is complete. A run without any course covers none, or has yet to ask for them."""
    states = set(session.execute(select(SyncCourse.state).where(SyncCourse.run_id == run.id).distinct()).scalars())
    return "waiting" not in states and (bool(states) or run.state not in ("listing", "failed"))


def _cover_all(session: Session, site: Site, at: datetime) -> None:
    site.covers = "all"
    reference = Reference("site", site.id)
    record(session, "site.covers_all", reference, at=at, actor_id=None, via="sync", site_id=site.id)


def _forget_older_plans(session: Session, site_id: UUID, run_id: UUID) -> None:
    """What an earlier run planned and did not do is overtaken by this one; its counts and its sentence stay.

    Without this a roster that is held, or a course that stays hidden, would be written down anew every hour.
    """
    older = select(SyncRun.id).where(SyncRun.site_id == site_id, SyncRun.id < run_id, SyncRun.finished_at.is_not(None))
    session.execute(delete(SyncChange).where(SyncChange.run_id.in_(older), SyncChange.applied_at.is_(None)))


def _hold_site(session: Session, site_id: UUID) -> Site:
    """The site, locked: runs of one site begin and end one after the other. Always taken before a run's own
    lock."""
    return session.execute(select(Site).where(Site.id == site_id).with_for_update(key_share=True)).scalar_one()


def _unfinished(session: Session, site_id: UUID) -> list[SyncRun]:
    return list(
        session.execute(
            select(SyncRun).where(SyncRun.site_id == site_id, SyncRun.finished_at.is_(None)).order_by(SyncRun.id)
        ).scalars()
    )


def _forget_names(session: Session, site_id: UUID) -> None:
    over = select(SyncRun.id).where(SyncRun.site_id == site_id, SyncRun.finished_at.is_not(None))
    session.execute(
        update(SyncChange).where(SyncChange.name.is_not(None), SyncChange.run_id.in_(over)).values(name=None)
    )


def _count_courses(database: Database, run_id: UUID, state: str | None = None) -> int:
    which = [SyncCourse.state == state] if state else []
    with database.read() as connection:
        return connection.execute(select(func.count()).where(SyncCourse.run_id == run_id, *which)).scalar_one()
