"""``lms-plc sync …``: see what a sync would change, do it, look back."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from getpass import getuser
from uuid import UUID

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Column, Table

from lms_plc.command_options import CommandProblem, as_json, pass_house, site_option
from lms_plc.house import House
from lms_plc.rostersync import queries, report
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.run import apply_approved, apply_sync, plan_sync
from lms_plc.rostersync.steps import Outcome
from lms_plc.rostersync.steps import Progress as Hear
from lms_plc.rostersync.steps import outcome as outcome_of
from lms_plc.rostersync.undo import undo_sync
from lms_plc.rostersync.waiting import approve
from lms_plc.sites.commands import require_site
from lms_plc.sites.queries import site_named
from lms_plc.sites.sources import open_roster

SHOWN = 2000
"""Changes printed on a terminal; ``--json`` prints them all."""

_PHASES = {"list": "Courses", "pull": "Reading", "plan": "Comparing", "apply": "Changing"}

courses_option = click.option(
    "--course",
    "courses",
    multiple=True,
    help="Only this course, by short name or id; may be said several times.",
)
all_courses_option = click.option(
    "--all-courses", is_flag=True, help="Every visible course becomes a community, now and later."
)
removals_option = click.option(
    "--allow-removals", is_flag=True, help="End as many memberships as the rosters say, without the brake."
)


class SyncStopped(Exception):
    """The sync was held or failed; the text says why in one sentence."""


@click.group("sync")
def sync_commands() -> None:
    """Bring communities in line with the rosters of an LMS."""


@sync_commands.command("plan")
@site_option
@courses_option
@all_courses_option
@removals_option
@as_json
@pass_house
def plan(
    house: House,
    site_name: str | None,
    courses: tuple[str, ...],
    all_courses: bool,
    allow_removals: bool,
    wants_json: bool,
) -> None:
    """What would change. Nothing is changed."""
    _run(house, site_name, Options(courses, all_courses, allow_removals), wants_json, applies=False)


@sync_commands.command("apply")
@site_option
@courses_option
@all_courses_option
@removals_option
@click.option("--plan", "plan_id", type=click.UUID, help="Apply this plan, as it was shown, and nothing else.")
@click.option("--leave-out", "left_out", multiple=True, type=int, help="With --plan: not this change, by its number.")
@as_json
@pass_house
def apply(
    house: House,
    site_name: str | None,
    courses: tuple[str, ...],
    all_courses: bool,
    allow_removals: bool,
    plan_id: UUID | None,
    left_out: tuple[int, ...],
    wants_json: bool,
) -> None:
    """Change it. Run again, it changes nothing; interrupted, it goes on where it stopped."""
    if plan_id is None:
        if left_out:
            raise click.UsageError("--leave-out needs --plan: the numbers are those of a plan.")
        _run(house, site_name, Options(courses, all_courses, allow_removals), wants_json, applies=True)
        return
    if courses or all_courses:
        raise click.UsageError("--plan is a plan already: it takes no --course and no --all-courses.")
    _require_run(house, plan_id)
    left = left_out or None
    approve(house.database, plan_id, house.clock, by=_who(), left_out=left, allow_removals=allow_removals)
    with _progress(quiet=wants_json) as hear:
        outcome = apply_approved(house.database, plan_id, house.clock, hear)
    _tell(house, outcome, wants_json)


@sync_commands.command("undo")
@click.argument("run_id", metavar="RUN", type=click.UUID)
@as_json
@pass_house
def undo(house: House, run_id: UUID, wants_json: bool) -> None:
    """Bring back whom a sync let rest or ended. Run again, it changes nothing."""
    _require_run(house, run_id)
    with _progress(quiet=wants_json) as hear:
        outcome = undo_sync(house.database, run_id, house.clock, hear, asked_by=_who())
    _tell(house, outcome, wants_json)


@sync_commands.command("show")
@click.argument("run_id", metavar="RUN", type=click.UUID)
@as_json
@pass_house
def show(house: House, run_id: UUID, wants_json: bool) -> None:
    """A plan, or what a sync did, line by line."""
    _require_run(house, run_id)
    _tell(house, outcome_of(house.database, run_id), wants_json, looks_back=True)


@sync_commands.command("runs")
@site_option
@as_json
@pass_house
def runs(house: House, site_name: str | None, wants_json: bool) -> None:
    """The latest syncs and what came of them."""
    with house.database.read() as connection:
        site = require_site(site_named(connection, site_name), site_name) if site_name else None
        lines = queries.runs(connection, site.id if site else None)
    if wants_json:
        click.echo(
            json.dumps(
                [
                    {
                        "run": str(line.id),
                        "site": line.site_name,
                        "mode": line.mode,
                        "asked_by": line.asked_by,
                        "approved_by": line.approved_by,
                        "state": line.state,
                        "started_at": line.started_at.isoformat(),
                        "finished_at": line.finished_at.isoformat() if line.finished_at else None,
                        "seconds": line.lasted.total_seconds() if line.lasted else None,
                        "counts": dict(line.counts),
                        "message": line.message,
                    }
                    for line in lines
                ],
                indent=2,
            )
        )
        return
    table = Table(Column("run", no_wrap=True), "when (UTC)", "site", "what", "by", "took", "state", "what came of it")
    for line in lines:
        counts = ", ".join(f"{report.WORDS[Kind(kind)][1]} ({count})" for kind, count in line.counts.items())
        table.add_row(
            str(line.id),
            f"{line.started_at:%Y-%m-%d %H:%M}",
            escape(line.site_name),
            line.mode,
            escape(line.approved_by or line.asked_by),
            str(timedelta(seconds=round(line.lasted.total_seconds()))) if line.lasted else "…",
            line.state,
            escape(line.message or counts or "no differences"),
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _run(house: House, site_name: str | None, options: Options, wants_json: bool, *, applies: bool) -> None:
    with house.database.read() as connection:
        site = require_site(site_named(connection, site_name), site_name)
    with open_roster(house, site.id) as source, _progress(quiet=wants_json) as hear:
        sync = apply_sync if applies else plan_sync
        outcome = sync(house.database, site.id, source, options, house.clock, hear, asked_by=_who())
    _tell(house, outcome, wants_json)


def _require_run(house: House, run_id: UUID) -> None:
    with house.database.read() as connection:
        if queries.run(connection, run_id) is None:
            raise CommandProblem(f"There is no sync {run_id}. See: lms-plc sync runs")


def _who() -> str:
    """For the history: the name of whoever is logged in at this machine, as far as it says one."""
    with suppress(OSError, KeyError, ImportError):
        return f"cli: {getuser()}"[:120]
    return "cli"


def _tell(house: House, outcome: Outcome, wants_json: bool, *, looks_back: bool = False) -> None:
    """Prints what came of a run. Raises SyncStopped for one that has just been stopped."""
    with house.database.read() as connection:
        changes = list(_all_changes(connection, outcome, None if wants_json else SHOWN))
    if wants_json:
        click.echo(json.dumps(report.as_dict(outcome, changes), indent=2, ensure_ascii=False))
    else:
        console = Console(width=None if sys.stdout.isatty() else 140)
        console.print(report.table(changes, numbered=looks_back or outcome.state == "planned"))
        if len(changes) == SHOWN:
            click.echo(f"… and more; --json shows all of them. Run {outcome.run_id}")
    if outcome.state in ("held", "failed") and not looks_back:
        raise SyncStopped(report.summary(outcome))
    if wants_json:
        return
    click.echo(report.summary(outcome))
    if outcome.state == "planned" and outcome.changed:
        click.echo(f"Apply exactly this within a day with: lms-plc sync apply --plan {outcome.run_id}")


def _all_changes(connection: object, outcome: Outcome, most: int | None) -> Iterator[queries.ChangeLine]:
    after, given = 0, 0
    while page := queries.changes(connection, outcome.run_id, after=after):  # type: ignore[arg-type]
        for change in page:
            if most is not None and given == most:
                return
            yield change
            given += 1
        after = page[-1].number


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Hear]:
    """A bar on a terminal; silence where nobody watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda phase, done, total, label: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(_PHASES["list"], total=None)

        def hear(phase: str, done: int, total: int | None, label: str) -> None:
            words = f"{_PHASES[phase]} {label}".strip()
            bar.update(task, description=words[:60], completed=done, total=total)

        yield hear
