"""A sync run, cut into steps that each can be called again: after a crash, by another worker, by a durable
job.

    begun = begin_run(database, site_id, "apply", options, clock=clock)
    while pull_next(database, begun.run_id, source, clock): ...
    make_plan(database, begun.run_id, clock)
    if judge(database, begun.run_id, clock) == "applying":
        while apply_next(database, begun.run_id, clock): ...
    outcome = finish(database, begun.run_id, clock)

A plan that was shown or held goes on after ``waiting.approve(database, run_id, …)`` with ``apply_next`` and ``finish``.

What a step has done is in the database when it returns, and a step that finds its work done does nothing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, func, literal, select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError
from connectors.source import RosterSource
from lms_plc.core.activity import Reference, record
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database, Moment, upsert
from lms_plc.core.ids import new_id
from lms_plc.rostersync.apply import apply_batch, waiting
from lms_plc.rostersync.changes import REPORT_ONLY
from lms_plc.rostersync.checkpoint import (
    RESUMED_FOR,
    SILENT_AFTER,
    AnotherSyncRuns,
    RunIsOver,
    close,
    hold,
    hold_site,
    unfinished,
    writing,
)
from lms_plc.rostersync.circle import Look
from lms_plc.rostersync.forgetting import forget_names, forget_older_plans
from lms_plc.rostersync.guard import objections
from lms_plc.rostersync.models import SyncChange, SyncCourse, SyncLook, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.plan import keep, plan_next
from lms_plc.rostersync.pull import list_courses, pull_course
from lms_plc.rostersync.waiting import outdate_other_plans
from lms_plc.sites.models import Course, Site
from lms_plc.web.i18n import N_

Mode = Literal["plan", "apply"]

Progress = Callable[[str, int, int | None, str], None]
"""Hears ``(phase, done, total, label)``: phase is ``list``, ``pull``, ``plan`` or ``apply``; the label is
the title of a course or empty, never a person's name."""


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


class StillPulling(Exception):
    """A plan was asked for before every roster of the run was complete."""


def silent(phase: str, done: int, total: int | None, label: str) -> None:
    """For who wants no progress."""


def begin_run(
    database: Database, site_id: UUID, mode: Mode, options: Options, *, clock: Clock, asked_by: str = "cli"
) -> Begun:
    """Starts a run, or takes up the site's unfinished one of the same mode and options, six hours old at most.

    Two callers who ask for the same at once work on one run, which its checkpoints allow. A run that somebody approved,
    or an undo, comes first: it is gone on with in place of what was asked for. Raises
    AnotherSyncRuns when one with other options is applying; a crashed one is closed.
    """
    at = clock()
    with database.write() as session:
        site = hold_site(session, site_id)
        resumable = None
        for run in unfinished(session, site_id):
            at_work = run.state != "failed" and run.alive_at > at - SILENT_AFTER
            if (run.approved_at or run.started_at) < at - RESUMED_FOR and not at_work:
                close(session, run.id, "failed", at, run.message or N_("It was interrupted and is too old to go on."))
            elif run.state == "applying" and (run.approved_at is not None or run.mode == "undo") and mode == "apply":
                resumable = run  # somebody decided it: it comes first, whoever was to do it
            elif (run.mode, Options.read(run.options)) == (mode, options):
                resumable = run
            elif options.as_ruled and run.state != "failed" and run.mode != "plan" and mode == "apply":
                raise AnotherSyncRuns(run.id, run.alive_at)  # a launch takes over from nobody
            elif mode == "apply" and run.mode in ("apply", "undo") and at_work:
                raise AnotherSyncRuns(run.id, run.alive_at)
            elif mode == "apply" and run.mode in ("apply", "undo") and run.state != "failed":
                close(session, run.id, "failed", at, N_("It was interrupted, and another sync has taken over."))
        if resumable is not None:
            resumable.alive_at = at
            if resumable.state == "failed":
                resumable.state, resumable.message = "listing", None
            return Begun(resumable.id, resumed=True)
        forget_names(session, site_id, at)
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
                revision=site.sync_revision,
                counts={},
            )
        )
        return Begun(run_id, resumed=False)


def begin_undo(
    session: Session, undone: SyncRun, at: datetime, *, asked_by: str, options: Options
) -> tuple[UUID, bool]:
    """A run that is about to apply what undoes another, without its changes yet; True for one that is under way.

    Raises AnotherSyncRuns.
    """
    site = hold_site(session, undone.site_id)
    for run in unfinished(session, undone.site_id):
        if run.undoes_id == undone.id and run.state == "applying":
            return run.id, True
        if run.mode != "plan" and run.state != "failed" and run.alive_at > at - SILENT_AFTER:
            raise AnotherSyncRuns(run.id, run.alive_at)
    run_id = new_id()
    session.add(
        SyncRun(
            id=run_id,
            site_id=undone.site_id,
            mode="undo",
            asked_by=asked_by,
            options=options.stored(),
            state="applying",
            started_at=at,
            alive_at=at,
            revision=site.sync_revision,
            undoes_id=undone.id,
            counts={},
        )
    )
    session.flush()
    return run_id, False


def pull_next(
    database: Database, run_id: UUID, source: RosterSource, clock: Clock, progress: Progress = silent
) -> bool:
    """Lists the courses, and after that pulls one course a call, or several at once where the source bears it
    (``courses_at_once``); False when there is nothing left to pull.

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
    with database.read() as connection:
        look = _look(connection, run_id)
    total = _count_courses(database, run_id)
    done = total - _count_courses(database, run_id, "pulled")
    while True:
        at = clock()
        with database.read() as connection:  # comparing takes its time, and nobody who writes waits for it
            plan = plan_next(connection, look, at)
        if plan is None:
            return
        with writing(database) as session:
            run = hold(session, run_id, at)
            run.state = "planning"
            kept = keep(session, plan)
        done += len(plan.courses) if kept else 0
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
        if run.state == "applying":
            outdate_other_plans(session, run)
        return run.state


def apply_next(database: Database, run_id: UUID, clock: Clock) -> int:
    """Applies one batch of changes; how many they were, 0 when every change is applied."""
    return apply_batch(database, run_id, clock)


def applied(database: Database, run_id: UUID) -> tuple[int, int]:
    """How many changes of the run are applied, and how many there are to apply in all."""
    with database.read() as connection:
        left = waiting(connection, run_id)
        total = connection.execute(
            select(func.count()).where(
                SyncChange.run_id == run_id,
                SyncChange.left_out.is_(False),
                SyncChange.kind.not_in([kind.value for kind in REPORT_ONLY]),
            )
        ).scalar_one()
    return total - left, total


def finish(database: Database, run_id: UUID, clock: Clock) -> Outcome:
    """Ends the run: counts it, drops its pages, and closes older failed ones, whose look at the LMS is
    overtaken."""
    with database.write() as session:
        site_id = session.execute(select(SyncRun.site_id).where(SyncRun.id == run_id)).scalar_one()
        site = hold_site(session, site_id)
        try:
            at = clock()
            run = hold(session, run_id, at)
        except RunIsOver:
            return outcome(database, run_id)
        counted = session.execute(
            select(SyncChange.kind, func.count().label("n"))
            .where(SyncChange.run_id == run_id, SyncChange.left_out.is_(False))
            .group_by(SyncChange.kind)
            .order_by(SyncChange.kind)
        )
        run.counts = {row.kind: row.n for row in counted}
        state = "done" if run.state == "applying" else run.state
        if run.mode != "undo":
            _note_looks(session, run)
        close(session, run_id, state, at, run.message)
        if state == "done":
            for older in unfinished(session, site_id):
                if older.state == "failed":
                    close(session, older.id, "failed", at, older.message)
            if Options.read(run.options).all_courses and site.covers != "all":
                _cover_all(session, site, at)
        forget_older_plans(session, run, at)
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
    at_once = max(1, getattr(source, "courses_at_once", 1))
    with database.read() as connection:
        courses = connection.execute(
            select(SyncCourse.course, SyncCourse.title, SyncCourse.members.is_not(None).label("is_part"))
            .where(SyncCourse.run_id == run_id, SyncCourse.state == "waiting")
            .order_by(SyncCourse.number)
            .limit(1 if at_once == 1 else at_once * _IN_A_CALL)
        ).all()
    if not courses:
        return False
    done = total - _count_courses(database, run_id, "waiting")

    def pull(course: Row[*tuple[Any, ...]]) -> None:
        def tell(_rows: int = 0) -> None:
            progress("pull", done, total, course.title)

        tell()
        pull_course(database, run_id, course.course, source, clock, tell)

    _at_once(at_once, pull, [course for course in courses if not course.is_part])
    _at_once(1, pull, [course for course in courses if course.is_part])  # their people are those of courses read before
    # counted again: these may have been left to a faster worker who is still at it
    left = _count_courses(database, run_id, "waiting")
    progress("pull", total - left, total, courses[-1].title)
    if left == total - done:  # all of it is in another worker's hands
        time.sleep(_LOOK_AGAIN)
    return left > 0


_LOOK_AGAIN = 0.2
"""Seconds before a worker looks again that has nothing to do until another is done with a course."""

_IN_A_CALL = 8
"""So many courses for each connection are read before the caller is asked again."""


def _at_once(
    number: int, pull: Callable[[Row[*tuple[Any, ...]]], None], courses: Sequence[Row[*tuple[Any, ...]]]
) -> None:
    """Pulls the courses, ``number`` at the same time. The first error ends it, once what is under way is done."""
    if number == 1 or len(courses) < 2:
        for course in courses:
            pull(course)
        return
    with ThreadPoolExecutor(number, thread_name_prefix="pull") as pool:
        under_way = [pool.submit(pull, course) for course in courses]
        try:
            for one in as_completed(under_way):
                one.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _look(connection: Connection, run_id: UUID) -> Look:
    """The run, every roster of which is complete. A run without any course covers none, or has yet to ask for them.

    Raises StillPulling, RunIsOver.
    """
    run = connection.execute(
        select(
            SyncRun.id, SyncRun.site_id, SyncRun.options, SyncRun.started_at, SyncRun.state, SyncRun.finished_at
        ).where(SyncRun.id == run_id)
    ).one()
    if run.finished_at is not None:
        raise RunIsOver(f"sync run {run_id} is {run.state}")
    states = set(connection.execute(select(SyncCourse.state).where(SyncCourse.run_id == run_id).distinct()).scalars())
    if "waiting" in states or (not states and run.state in ("listing", "failed")):
        raise StillPulling(f"sync run {run_id} has not pulled every roster yet")
    return Look(run.id, run.site_id, run.options, run.started_at)


def _cover_all(session: Session, site: Site, at: datetime) -> None:
    site.covers = "all"
    reference = Reference("site", site.id)
    record(session, "site.covers_all", reference, at=at, actor_id=None, via="sync", site_id=site.id)


def _note_looks(session: Session, run: SyncRun) -> None:
    """Which courses this run has read whole: for whoever asks why somebody is or is not there."""
    read = (
        select(Course.id, literal(run.started_at, Moment()))
        .join(SyncCourse, SyncCourse.course == Course.lms_id)
        .where(
            Course.site_id == run.site_id,
            SyncCourse.run_id == run.id,
            SyncCourse.state == "planned",
            SyncCourse.presence == "visible",
        )
    )
    looks = upsert(session, SyncLook).from_select(["course_id", "at"], read)
    session.execute(looks.on_conflict_do_update(index_elements=["course_id"], set_={"at": looks.excluded.at}))


def _count_courses(database: Database, run_id: UUID, state: str | None = None) -> int:
    which = [SyncCourse.state == state] if state else []
    with database.read() as connection:
        return connection.execute(select(func.count()).where(SyncCourse.run_id == run_id, *which)).scalar_one()
