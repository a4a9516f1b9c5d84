"""``lms-plc sync push …``: see what would be written into an LMS, write it, take it back."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from getpass import getuser
from uuid import UUID

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection

from lms_plc.command_options import CommandProblem, as_json, pass_house, site_option
from lms_plc.house import House
from lms_plc.sites.commands import require_site
from lms_plc.sites.queries import SiteSeen, site_named
from lms_plc.writeback import queries, report
from lms_plc.writeback.job import push_all
from lms_plc.writeback.lines import Kind
from lms_plc.writeback.opening import open_writable
from lms_plc.writeback.plan import approve, make_plan, plan_withdrawal

SHOWN = 2000
"""Lines printed on a terminal; ``--json`` prints them all."""


class PushStopped(CommandProblem):
    """A plan did not come to its end, or some of it failed; the text says why."""


@click.group("push")
def push_commands() -> None:
    """Write communities into the LMS: cohorts, groups, calendar events, messages. All is off until switched on."""


@push_commands.command("plan")
@site_option
@as_json
@pass_house
def plan(house: House, site_name: str | None, wants_json: bool) -> None:
    """What would be written. Nothing is written."""
    site = _site(house, site_name)
    _tell(house, make_plan(house.database, site.id, house.clock, asked_by=_who()), wants_json)


@push_commands.command("withdraw")
@site_option
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in Kind if kind is not Kind.MESSAGES]))
@as_json
@pass_house
def withdraw(house: House, site_name: str | None, kind: str, wants_json: bool) -> None:
    """What would be taken back of what this tool made. Nothing is taken back before: lms-plc sync push apply."""
    site = _site(house, site_name)
    _tell(house, plan_withdrawal(house.database, site.id, Kind(kind), house.clock, asked_by=_who()), wants_json)


@push_commands.command("apply")
@site_option
@click.option("--leave-out", "left_out", multiple=True, type=int, help="Not this line, by its number; several times.")
@click.option("--allow-removals", is_flag=True, help="Take out and remove as much as the plan says, without the brake.")
@as_json
@pass_house
def apply(
    house: House, site_name: str | None, left_out: tuple[int, ...], allow_removals: bool, wants_json: bool
) -> None:
    """Write the plan that waits, as it was shown. Interrupted, it goes on where it stopped."""
    site = _site(house, site_name)
    with house.database.read() as connection:
        waiting = queries.waiting_plan(connection, site.id)
    if waiting is None:
        raise CommandProblem(f"No plan waits for {site.name}. Make one with: lms-plc sync push plan --site {site.name}")
    approve(
        house.database,
        waiting.id,
        house.clock,
        by=_who(),
        left_out=left_out or None,
        allow_removals=allow_removals,
    )
    push_all(house, waiting.id)
    written = _tell(house, waiting.id, wants_json)
    if written.state != "done" or written.counts.keys() & {"failed", "unsure"}:
        raise PushStopped(report.summary(written))


@push_commands.command("runs")
@site_option
@as_json
@pass_house
def runs(house: House, site_name: str | None, wants_json: bool) -> None:
    """The latest plans of a site and what came of them."""
    site = _site(house, site_name)
    with house.database.read() as connection:
        found = queries.plans(connection, site.id)
    if wants_json:
        told = [{name: value for name, value in report.as_dict(one, ()).items() if name != "lines"} for one in found]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    drawn = Table("plan", "when (UTC)", "what", "by", "what came of it")
    for one in found:
        when, by = f"{one.made_at:%Y-%m-%d %H:%M}", one.approved_by or one.asked_by
        drawn.add_row(str(one.id), when, ", ".join(one.kinds), escape(by), escape(report.summary(one)))
    Console().print(drawn)


@push_commands.command("show")
@click.argument("plan_id", metavar="PLAN", type=click.UUID)
@as_json
@pass_house
def show(house: House, plan_id: UUID, wants_json: bool) -> None:
    """A plan, or what came of it, line by line."""
    with house.database.read() as connection:
        if queries.plan(connection, plan_id) is None:
            raise CommandProblem(f"There is no plan {plan_id}. See: lms-plc sync push runs")
    _tell(house, plan_id, wants_json)


@push_commands.command("check")
@site_option
@click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in Kind]))
@as_json
@pass_house
def check(house: House, site_name: str | None, kinds: tuple[str, ...], wants_json: bool) -> None:
    """Which functions of the LMS writing needs, which are missing, and where to click. Nothing is written."""
    site = _site(house, site_name)
    with open_writable(house, site.id) as lms:
        found = lms.probe(kinds or [kind.value for kind in Kind])
    if wants_json:
        told = [{"function": one.function, "why": one.why, "missing": one.missing, "todo": one.todo} for one in found]
        click.echo(json.dumps(told, indent=2))
        return
    drawn = Table("function", "is there", "why", "what to do")
    for one in found:
        todo = one.todo or " ".join(right % one.params for right in one.rights)
        drawn.add_row(one.function, "no" if one.missing else "yes", escape(one.why), escape(todo))
    Console().print(drawn)


def _site(house: House, site_name: str | None) -> SiteSeen:
    with house.database.read() as connection:
        return require_site(site_named(connection, site_name), site_name)


def _tell(house: House, plan_id: UUID, wants_json: bool) -> queries.PlanSeen:
    with house.database.read() as connection:
        seen = queries.plan(connection, plan_id)
        assert seen is not None
        found = list(_all_lines(connection, plan_id, None if wants_json else SHOWN))
    if wants_json:
        click.echo(json.dumps(report.as_dict(seen, found), indent=2, ensure_ascii=False))
        return seen
    Console(width=None if sys.stdout.isatty() else 160).print(report.table(found))
    if len(found) == SHOWN:
        click.echo(f"… and more; --json shows all of them. Plan {plan_id}")
    click.echo(report.summary(seen))
    if seen.waits and found:
        click.echo(f"Write exactly this within a day with: lms-plc sync push apply --site {seen.site_name}")
    return seen


def _all_lines(connection: Connection, plan_id: UUID, most: int | None) -> Iterator[queries.LineSeen]:
    after, given = 0, 0
    while page := queries.lines(connection, plan_id, after=after):
        for line in page:
            if given == most:
                return
            yield line
            given += 1
        after = page[-1].number


def _who() -> str:
    """For the history: the name of whoever is logged in at this machine, as far as it says one."""
    with suppress(OSError, KeyError, ImportError):
        return f"cli: {getuser()}"[:120]
    return "cli"
