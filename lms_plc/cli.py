"""``lms-plc``: what an admin types.

Exit codes: 0 done, 1 refused or failed with a sentence on stderr, 2 wrong usage.
"""

import os
import secrets
import sys
from pathlib import Path

import click
import stamina
from sqlalchemy.exc import OperationalError

import lms_plc.app  # noqa: F401 - so that every room has told what it has, to workers and commands too
from connectors.errors import ConnectorError
from lms_plc import __version__, config, migrations, serving
from lms_plc.admin.commands import admin_commands, link_commands
from lms_plc.alarms.commands import alarms_commands
from lms_plc.command_options import CommandProblem, as_json
from lms_plc.communities.commands import communities_commands
from lms_plc.config import SettingsError, read_settings
from lms_plc.core.sealing import CannotUnseal
from lms_plc.doctor import Unwell, examine
from lms_plc.house import House, open_house
from lms_plc.jobs import NotPrepared
from lms_plc.migrations import SchemaOutdated
from lms_plc.preparation import prepare
from lms_plc.rostersync.checkpoint import AnotherSyncRuns
from lms_plc.rostersync.commands import SyncStopped, sync_commands
from lms_plc.rostersync.explain_commands import explain_command
from lms_plc.rostersync.rule_commands import rule_commands
from lms_plc.rostersync.twin_commands import people_commands
from lms_plc.rostersync.undo import NothingToUndo
from lms_plc.rostersync.waiting import PlanIsOld
from lms_plc.searching.commands import search_commands
from lms_plc.serving import CannotServe
from lms_plc.sites.actions import SiteProblem
from lms_plc.sites.commands import lti_commands, sites_commands
from lms_plc.writeback.commands import push_commands

_WITHOUT_HOUSE = frozenset({"init", "demo"})
_ON_ANY_SCHEMA = frozenset({"db", "doctor"})


PROBLEMS = (
    *(SettingsError, SiteProblem, CommandProblem, SyncStopped, AnotherSyncRuns, PlanIsOld, NothingToUndo),
    *(ConnectorError, NotPrepared, Unwell, CannotServe),
)
"""What an admin can mend; each one's text is a clear sentence."""


@click.group()
@click.version_option(__version__, prog_name="lms-plc")
@click.pass_context
def commands(context: click.Context) -> None:
    """Teacher professional learning communities inside your LMS."""
    called = context.invoked_subcommand
    # a call that is tried again is no news for whoever sits at the terminal; what came of it in the end is
    stamina.instrumentation.set_on_retry_hooks([])
    if called in _WITHOUT_HOUSE or "--help" in sys.argv:
        return
    context.obj = open_house(read_settings())
    context.call_on_close(context.obj.database.dispose)
    if called not in _ON_ANY_SCHEMA:
        migrations.require_current(context.obj.database)


@commands.command()
@click.option("--base-url", prompt="Where will browsers reach this tool (https://…)", help="Address of this tool.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("plc-data"), show_default=True)
@click.option("--database-url", help="One database for several machines; else an SQLite file.")
def init(base_url: str, data_dir: Path, database_url: str | None) -> None:
    """Write plc.env with a new secret key, and make the database."""
    file = Path(os.environ.get("PLC_ENV_FILE") or config.ENV_FILE)
    if file.exists():
        raise SettingsError(f"{file} is there already; change it by hand, or remove it to begin anew.")
    lines = {
        "PLC_BASE_URL": base_url,
        "PLC_SECRET_KEY": secrets.token_urlsafe(48),
        "PLC_DATA_DIR": str(data_dir.resolve()),
    }
    if database_url:
        lines["PLC_DATABASE_URL"] = database_url
    given = {name.removeprefix("PLC_").lower(): value for name, value in lines.items()}
    house = open_house(read_settings(from_file=False, **given))
    try:
        prepare(house)
    finally:
        house.database.dispose()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.writelines(f"{name}={value}\n" for name, value in lines.items())
    click.echo(f"Written: {file}. It holds the secret key; keep it with your backups.")
    click.echo("Next: lms-plc serve, and lms-plc sites connect https://moodle.example.org")


@commands.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def upgrade(house: House) -> None:
    """Bring the database to the version of this program. Safe to run again."""
    prepare(house)
    click.echo("The database is up to date.")


@commands.command()
@click.option("--no-worker", is_flag=True, help="Only the web side; run workers with: lms-plc worker")
@click.pass_obj
def serve(house: House, no_worker: bool) -> None:
    """Serve pages, and do the jobs beside them, until ctrl-C."""
    house.database.dispose()  # the programs that serve have their own connections
    serving.serve(with_worker=not no_worker)


@commands.command(hidden=True)
@click.pass_obj
def web(house: House) -> None:
    """The web side alone, as `serve` starts it."""
    serving.serve_pages(house)


@commands.command()
@click.pass_obj
def worker(house: House) -> None:
    """Do jobs until ctrl-C; on as many machines as share the database."""
    serving.work(house)


@commands.command()
@as_json
@click.pass_obj
def doctor(house: House, wants_json: bool) -> None:
    """Check database, keys, clock and every site, and say what to do."""
    examine(house, wants_json)


@commands.command()
@click.option("--fresh", is_flag=True, help="Forget the last demo and start over.")
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Of this tool.")
@click.option("--lms-port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Of the LMS.")
def demo(fresh: bool, folder: Path, port: int, lms_port: int) -> None:
    """A practice LMS and this tool, connected, on this machine."""
    from lms_plc.demo import Demo, run_demo

    run_demo(Demo(folder, port, lms_port), fresh=fresh)


commands.add_command(sites_commands)
commands.add_command(lti_commands)
lti_commands.add_command(link_commands)
commands.add_command(admin_commands)
commands.add_command(communities_commands)
commands.add_command(sync_commands)
sync_commands.add_command(rule_commands)
sync_commands.add_command(explain_command)
sync_commands.add_command(push_commands)
commands.add_command(people_commands)
commands.add_command(alarms_commands)
commands.add_command(search_commands)


def main() -> None:
    """The console script. What an admin can mend is one sentence on stderr and exit code 1, never a traceback."""
    try:
        commands(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2 if isinstance(wrong, click.UsageError) else 1)
    except SchemaOutdated as outdated:
        click.echo(f"{str(outdated).capitalize()}. Run: lms-plc db upgrade", err=True)
        sys.exit(1)
    except OperationalError:
        click.echo("The database does not answer. Check PLC_DATABASE_URL or PLC_DATA_DIR: lms-plc doctor", err=True)
        sys.exit(1)
    except CannotUnseal:
        click.echo(
            "The secrets in the database were sealed with another PLC_SECRET_KEY. Put the old key back, or connect"
            " the sites again.",
            err=True,
        )
        sys.exit(1)
    except PROBLEMS as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)
