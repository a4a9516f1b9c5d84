"""Bring a site's communities in line with its LMS: show what would change, or change it."""

from dataclasses import replace
from uuid import UUID

from connectors.errors import ConnectorError
from connectors.source import RosterSource
from lms_plc.communities.models import Membership
from lms_plc.core.activity import Event
from lms_plc.core.clock import Clock, system_clock
from lms_plc.core.database import Database
from lms_plc.people.models import Identity, Person
from lms_plc.rostersync.checkpoint import RunIsOver
from lms_plc.rostersync.models import SyncChange
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.steps import (
    Mode,
    Outcome,
    Progress,
    applied,
    apply_next,
    begin_run,
    finish,
    judge,
    make_plan,
    outcome,
    pull_next,
    silent,
)
from lms_plc.sites.models import Enrolment

_EVERYTHING_PLACED = Options()
_GROWING = (Person, Identity, Membership, Enrolment, Event, SyncChange)


def plan_sync(
    database: Database,
    site_id: UUID,
    source: RosterSource,
    options: Options = _EVERYTHING_PLACED,
    clock: Clock = system_clock,
    progress: Progress = silent,
    *,
    asked_by: str = "cli",
) -> Outcome:
    """Pulls the rosters and says what would change; no community is touched. ``message`` says what would
    hold it.

    An LMS that cannot be read is an outcome, state ``failed``, with the sentence that says why; calling
    again goes on where it stopped. Never raises ConnectorError.
    """
    return _sync(database, site_id, "plan", source, options, clock, progress, asked_by)


def apply_sync(
    database: Database,
    site_id: UUID,
    source: RosterSource,
    options: Options = _EVERYTHING_PLACED,
    clock: Clock = system_clock,
    progress: Progress = silent,
    *,
    asked_by: str = "cli",
) -> Outcome:
    """Pulls the rosters, plans, and applies the plan unless the guard holds it.

    The state is ``done``, ``held`` or ``failed``; in the last two nothing was applied, and ``message`` says
    why. Raises AnotherSyncRuns; never ConnectorError. A run that another worker took over meanwhile is told as it is.
    """
    return _sync(database, site_id, "apply", source, options, clock, progress, asked_by)


def apply_approved(
    database: Database, run_id: UUID, clock: Clock = system_clock, progress: Progress = silent
) -> Outcome:
    """Applies a run that was approved (`waiting.approve`) or that undoes another, from where it stands.

    A run that has ended meanwhile is told as it is.
    """
    try:
        _apply(database, run_id, clock, progress)
        return finish(database, run_id, clock)
    except RunIsOver:
        return outcome(database, run_id)


def _apply(database: Database, run_id: UUID, clock: Clock, progress: Progress) -> None:
    done, total = applied(database, run_id)
    batches = 0
    while number := apply_next(database, run_id, clock):
        done, batches = done + number, batches + 1
        progress("apply", done, total, "")
        if batches >= 4 and batches & (batches - 1) == 0:  # 4, 8, 16 …: what was empty a moment ago is large by now
            database.learn_sizes(*_GROWING)


def _sync(
    database: Database,
    site_id: UUID,
    mode: Mode,
    source: RosterSource,
    options: Options,
    clock: Clock,
    progress: Progress,
    asked_by: str,
) -> Outcome:
    begun = begin_run(database, site_id, mode, options, clock=clock, asked_by=asked_by)
    try:
        while pull_next(database, begun.run_id, source, clock, progress):
            pass
        make_plan(database, begun.run_id, clock, progress)
        if judge(database, begun.run_id, clock) == "applying":
            _apply(database, begun.run_id, clock, progress)
        came = finish(database, begun.run_id, clock)
    except (ConnectorError, RunIsOver):  # the run itself says why, or what another worker in it has come to
        came = outcome(database, begun.run_id)
    return replace(came, resumed=begun.resumed)
