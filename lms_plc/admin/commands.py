"""``lms-plc admin …`` and ``lms-plc lti links …``: what lets somebody to the desk, and links without the desk."""

import json
from datetime import timedelta
from uuid import UUID

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lms_plc.admin import seats
from lms_plc.command_options import CommandProblem, as_json, pass_house
from lms_plc.house import House
from lms_plc.sites import registering
from lms_plc.sites.actions import LONGEST_NAME


@click.group("admin")
def admin_commands() -> None:
    """The desk of whoever runs this tool."""


@admin_commands.command("open")
@click.option(
    "--minutes", default=15, show_default=True, type=click.IntRange(1, 24 * 60), help="How long the address works."
)
@click.option("--for", "who", help="Who will sit there; the history of syncs says so.")
@pass_house
def open_desk(house: House, minutes: int, who: str | None) -> None:
    """Print a one-time address that opens the desk in a browser, for an hour."""
    with house.database.write() as session:
        secret = seats.offer(session, house.clock(), timedelta(minutes=minutes), (who or "").strip()[:80] or None)
    click.echo(f"{house.settings.base_url}/admin/enter/{secret}")
    unit = "minute" if minutes == 1 else "minutes"
    click.echo(f"Open it in your browser within {minutes} {unit}. It works once; give it to nobody.", err=True)


@click.group("links")
def link_commands() -> None:
    """Addresses with which a learning platform registers itself."""


@link_commands.command("make")
@click.option("--name", help="What to call the new site; else its admin is asked.")
@pass_house
def make_link(house: House, name: str | None) -> None:
    """Print a registration link for one learning platform. It is shown only now."""
    name = (name or "").strip() or None
    if name is not None and len(name) > LONGEST_NAME:
        raise CommandProblem(f"The name of a site has at most {LONGEST_NAME} characters; give a shorter one.")
    with house.database.write() as session:
        secret = registering.make_link(session, house.clock(), name, via="cli")
    click.echo(f"{house.settings.base_url}/lti/register/{secret}")
    click.echo(
        f"Paste it into the learning platform within {registering.LINK_LIFE.days} days. It works once.", err=True
    )


@link_commands.command("list")
@as_json
@pass_house
def list_links(house: House, wants_json: bool) -> None:
    """The links nobody has used yet; their addresses are not kept."""
    with house.database.read() as connection:
        links = registering.open_links(connection, house.clock())
    if wants_json:
        told = [
            {
                "id": str(one.id),
                "site_name": one.site_name,
                "made_at": one.made_at.isoformat(),
                "expires_at": one.expires_at.isoformat(),
            }
            for one in links
        ]
        click.echo(json.dumps(told, indent=2))
        return
    if not links:
        click.echo("No open link. Make one with: lms-plc lti links make")
        return
    table = Table("id", "name", "made", "works until")
    for one in links:
        table.add_row(
            str(one.id),
            escape(one.site_name or "–"),
            f"{one.made_at:%Y-%m-%d %H:%M}",
            f"{one.expires_at:%Y-%m-%d %H:%M}",
        )
    Console().print(table)


@link_commands.command("withdraw")
@click.argument("link_id", metavar="ID", type=click.UUID)
@pass_house
def withdraw_link(house: House, link_id: UUID) -> None:
    """Make an open link useless."""
    with house.database.write() as session:
        withdrawn = registering.withdraw_link(session, link_id, house.clock(), via="cli")
    if not withdrawn:
        raise CommandProblem(f"There is no open link {link_id}. See: lms-plc lti links list")
    click.echo("The link is withdrawn. Nobody can use it any more.")
