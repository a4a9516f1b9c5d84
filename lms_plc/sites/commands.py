"""``lms-plc sites …`` and ``lms-plc lti …``: what an admin does with an LMS from the command line."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.csv_files.source import REASONS, CsvSource, Problem
from connectors.source import Probe
from lms_plc.command_options import as_json, pass_house, site_option
from lms_plc.house import House
from lms_plc.sites import names_and_roles, queries
from lms_plc.sites.actions import (
    Registration,
    SiteProblem,
    add_platform,
    approve_deployment,
    connect_by_launches,
    connect_site,
    disconnect_site,
    is_file,
)
from lms_plc.sites.names_and_roles import NamesAndRoles
from lms_plc.sites.queries import PlatformSeen, SiteSeen
from lms_plc.sites.registration import tool_values
from lms_plc.sites.services import open_services
from lms_plc.sites.sources import FILES, known_sources, open_transport, opened, roster_address, write_good_rows
from lms_plc.sites.stores import StoredToolKeys
from lti.toolkeys import rotate


@click.group("sites")
def sites_commands() -> None:
    """The learning platforms this tool knows."""


@sites_commands.command("list")
@as_json
@pass_house
def list_sites(house: House, wants_json: bool) -> None:
    """Every site, and what it is connected by."""
    with house.database.read() as connection:
        known = [(site, queries.platforms(connection, site.id)) for site in queries.sites(connection)]
    if wants_json:
        click.echo(json.dumps([_site_as_dict(site, platforms) for site, platforms in known], indent=2))
        return
    if not known:
        click.echo("No site yet. Begin with: lms-plc sites connect https://moodle.example.org")
        return
    table = Table("name", "address", "web services", "registrations", "waiting for approval")
    for site, platforms in known:
        waiting = sum(d.approved_at is None for platform in platforms for d in platform.deployments)
        told = (site.name, site.url, site.release or "–", str(len(platforms)), str(waiting or "–"))
        table.add_row(*map(escape, told))
    Console().print(table)


@sites_commands.command("show")
@click.argument("name", required=False)
@as_json
@pass_house
def show_site(house: House, name: str | None, wants_json: bool) -> None:
    """What the LMS must be told about this tool, and what this tool knows of the LMS."""
    values = tool_values(house.settings.base_url)
    with house.database.read() as connection:
        site = queries.site_named(connection, name)
        platforms = queries.platforms(connection, site.id) if site else []
        several = site is None and name is None and len(queries.sites(connection)) > 1
    if name is not None and site is None:
        raise SiteProblem(f"There is no site called {name}. See: lms-plc sites list")
    if wants_json:
        about = _site_as_dict(site, platforms) if site else None
        click.echo(json.dumps({"tool": dict(values), "site": about}, indent=2))
        return
    click.echo("Tell your LMS (Moodle: Site administration > Plugins > External tool > Manage tools >")
    click.echo("configure a tool manually), to the slash:\n")
    for label, value in values:
        click.echo(f"  {label}:")
        for line in value.splitlines():
            click.echo(f"      {line}")
    click.echo("\nThen tell this tool what Moodle shows under “View configuration details”:\n")
    click.echo("  lms-plc sites add NAME --issuer PLATFORM_ID --client-id CLIENT_ID --deployment-id DEPLOYMENT_ID \\")
    click.echo("      --auth-url AUTHENTICATION_REQUEST_URL --token-url ACCESS_TOKEN_URL --jwks-url PUBLIC_KEYSET_URL")
    if several:
        click.echo("\nThere are several sites; name one to see what this tool knows of it.")
    if site:
        click.echo(f"\nThis tool knows {site.name} ({site.url}):")
        click.echo(f"  web services: {site.release or 'not connected'}")
        for platform in platforms:
            click.echo(f"  registered: {platform.issuer}, client ID {platform.client_id}")
            for one in platform.deployments:
                state = "approved" if one.approved_at else "waiting: lms-plc sites approve " + one.deployment_id
                click.echo(f"    deployment {one.deployment_id}: {state}")


@sites_commands.command("add")
@click.argument("name")
@click.option("--issuer", required=True, help="The platform's id; for Moodle its address.")
@click.option("--client-id", required=True)
@click.option("--deployment-id", help="Approved at once; others wait until you approve them.")
@click.option("--auth-url", required=True, help="Authentication request URL.")
@click.option("--token-url", required=True, help="Access token URL.")
@click.option("--jwks-url", required=True, help="Public keyset URL.")
@pass_house
def add_site(
    house: House,
    name: str,
    issuer: str,
    client_id: str,
    deployment_id: str | None,
    auth_url: str,
    token_url: str,
    jwks_url: str,
) -> None:
    """Register any LTI 1.3 platform by hand, from the values it shows."""
    registration = Registration(issuer, client_id, auth_url, token_url, jwks_url, deployment_id)
    with house.database.write() as session:
        add_platform(session, name, registration, house.clock(), allow_http=house.settings.allow_private_hosts)
    click.echo(f"{name} is registered. {_what_opens(name, deployment_id)}")


@sites_commands.command("connectors")
@as_json
def list_connectors(wants_json: bool) -> None:
    """The kinds of LMSs and files that rosters can be read from here."""
    kinds = known_sources()
    if wants_json:
        click.echo(json.dumps([asdict(one) for one in kinds], indent=2))
        return
    table = Table("connector", "package", "state")
    for one in kinds:
        table.add_row(*map(escape, (one.kind, one.package, one.problem or "ready")))
    Console().print(table)


@sites_commands.command("connect")
@click.argument("address", required=False)
@click.option("--name", help="What to call the site; else it is called by its host, or by the file.")
@click.option("--connector", default="moodle", show_default=True, help="Kind of LMS: lms-plc sites connectors")
@click.option("--encoding", help="Of a table that is not in Unicode, such as windows-1251.")
@click.option(
    "--keep-good",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Of a table with bad rows: write a new file that has the good ones.",
)
@site_option
@pass_house
def connect(
    house: House,
    address: str | None,
    name: str | None,
    connector: str,
    encoding: str | None,
    keep_good: Path | None,
    site_name: str | None,
) -> None:
    """Connect what tells who is in which course: an LMS's web services, a file, or an LMS's names and roles.

    ADDRESS is that of the LMS, or the path of the file. With --connector names-and-roles there is none: the site is one
    that is known by its launches, named by --site.

    The token of an LMS comes from PLC_LMS_TOKEN, or is asked for; it is never given on the command line.
    """
    if connector == names_and_roles.KIND:
        if address or name or encoding or keep_good:
            raise click.UsageError(f"--connector {connector} takes --site and nothing else.")
        _connect_by_launches(house, site_name)
        return
    if site_name:
        raise click.UsageError(f"--site is for --connector {names_and_roles.KIND}; call the site with --name.")
    if not address:
        raise click.UsageError("Say what to connect: the address of the LMS, or the path of the file.")
    private = house.settings.allow_private_hosts
    place = roster_address(connector, address, encoding=encoding, allow_http=private)
    token = None
    if not is_file(place):
        token = (
            os.environ.get("PLC_LMS_TOKEN") or click.prompt("Web service token", hide_input=True, err=True)
        ).strip()
    with open_transport(house.settings) as transport:
        source = opened(connector, place, token or "", transport)
        if isinstance(source, CsvSource):
            _require_good_rows(source, place, keep_good)
        elif keep_good:
            raise click.UsageError("--keep-good is for a table: --connector csv")
        probe = source.probe()
    _require_ready(probe)
    with house.database.write() as session:
        site_id = connect_site(
            session,
            name=name,
            url=place,
            connector=connector,
            token=token,
            seal=house.seal,
            title=probe.site.name,
            release=probe.site.release,
            ws_user=probe.site.user_id,
            at=house.clock(),
        )
    _say_connected(house, site_id, probe)


def _asked_token() -> str:
    token: str = os.environ.get("PLC_LMS_TOKEN") or click.prompt("Web service token", hide_input=True, err=True)
    return token.strip()


def _connect_by_launches(house: House, site_name: str | None) -> None:
    with house.database.read() as connection:
        site = require_site(queries.site_named(connection, site_name), site_name)
    probe = NamesAndRoles(house, site.id, open_services(house)).probe()
    _require_ready(probe)
    with house.database.write() as session:
        connect_by_launches(session, site.id, names_and_roles.KIND, probe.site.release, house.clock())
    _say_connected(house, site.id, probe)


def _say_connected(house: House, site_id: UUID, probe: Probe) -> None:
    with house.database.read() as connection:
        known = next(site for site in queries.sites(connection) if site.id == site_id)
    click.echo(f"Connected: {probe.site.name}, {probe.site.release}. This tool calls it {known.name}.")
    for advice in probe.advice:
        click.echo(f"Advice: {advice}")
    click.echo(f"See what a sync would change with: lms-plc sync plan --site {quote(known.name)}")


@sites_commands.command("disconnect")
@click.argument("name", required=False)
@pass_house
def disconnect(house: House, name: str | None) -> None:
    """Forget a site's token, and how its rosters were read. Communities and their members stay as they are."""
    with house.database.read() as connection:
        site = queries.site_named(connection, name)
    if site is None and name is None:
        raise SiteProblem("Say which site; see: lms-plc sites list")
    site = require_site(site, name)
    with house.database.write() as session:
        was_connected = disconnect_site(session, site.id, house.clock())
    if not was_connected:
        raise SiteProblem(f"{site.name} is not connected; there is nothing to forget.")
    click.echo(f"{site.name} is disconnected, and its token forgotten. Nobody was removed; no sync reads it any more.")
    if site.connector not in (*FILES, names_and_roles.KIND):
        click.echo("The LMS still knows the token: revoke it there.")


@sites_commands.command("approve")
@click.argument("deployment_id")
@site_option
@pass_house
def approve(house: House, deployment_id: str, site_name: str | None) -> None:
    """Let the launches of a waiting deployment in."""
    with house.database.read() as connection:
        site = require_site(queries.site_named(connection, site_name), site_name)
        waiting = [
            platform
            for platform in queries.platforms(connection, site.id)
            if any(one.deployment_id == deployment_id for one in platform.deployments)
        ]
    if not waiting:
        raise SiteProblem(f"{site.name} has no deployment {deployment_id}. See: lms-plc sites show {site.name}")
    with house.database.write() as session:
        for platform in waiting:
            approve_deployment(session, platform.id, deployment_id, house.clock())
    click.echo(f"Deployment {deployment_id} of {site.name} is approved. Its launches open now.")


@click.group("lti")
def lti_commands() -> None:
    """This tool's side of LTI."""


@lti_commands.group("keys")
def key_commands() -> None:
    """The tool's own signing keys."""


@key_commands.command("list")
@as_json
@pass_house
def list_keys(house: House, wants_json: bool) -> None:
    """The ring: the next key, the current one, retired ones."""
    ring = StoredToolKeys(house.database, house.seal, house.clock).load()
    if wants_json:
        keys = [{"kid": key.kid, "state": key.state.value, "created_at": key.created_at.isoformat()} for key in ring]
        click.echo(json.dumps(keys, indent=2))
        return
    table = Table("key", "state", "made on")
    for key in ring:
        table.add_row(key.kid, key.state.value, f"{key.created_at:%Y-%m-%d}")
    Console().print(table)


@key_commands.command("rotate")
@pass_house
def rotate_keys(house: House) -> None:
    """Sign with the next key; publish a new one for later. Nothing that was signed becomes invalid."""
    StoredToolKeys(house.database, house.seal, house.clock).change(lambda ring: rotate(ring, house.clock()))
    click.echo("The next key signs from now on.")


def require_site(site: SiteSeen | None, name: str | None) -> SiteSeen:
    if site is not None:
        return site
    if name is None:
        raise SiteProblem("Say which site with --site; see: lms-plc sites list")
    raise SiteProblem(f"There is no site called {name}. See: lms-plc sites list")


def _what_opens(name: str, deployment_id: str | None) -> str:
    if deployment_id:
        return f"Launches of deployment {deployment_id} open now."
    return f"A first launch will wait for you: lms-plc sites approve DEPLOYMENT_ID --site {name}"


def _require_ready(probe: Probe) -> None:
    if probe.ready:
        return
    lines = [f"{probe.site.name} is there, but not all that is needed may be read. Nothing was stored."]
    for one in probe.missing:
        lines.append(f"  missing: {one.function} ({one.why_needed})\n           {one.todo}")
    lines += [f"  refused: {error}" for error in probe.refused]
    raise SiteProblem("\n".join(lines))


def _require_good_rows(source: CsvSource, place: str, keep_good: Path | None) -> None:
    """Every bad row of a table is told at once, and the good ones are written where ``keep_good`` says.

    Raises SiteProblem if there is a bad one.
    """
    try:
        problems = list(source.problems())
    except ValueError as wrong:
        raise SiteProblem(str(wrong)) from None
    if not problems:
        return
    lines = [f"{len(problems)} rows of the table cannot be used. Nothing was stored."]
    lines += [f"  {_lines_of(one)}: {REASONS[one.reason]}" for one in problems]
    if keep_good is None:
        lines.append("Mend them and connect again; --keep-good FILE writes a new file with the others.")
    else:
        count = write_good_rows(place, {one.line for one in problems}, keep_good)
        lines.append(f"{count} good rows are in {keep_good} now, to be connected or completed there.")
        lines.append("Whoever has no row in a table counts as not being in the course.")
    raise SiteProblem("\n".join(lines))


def _lines_of(problem: Problem) -> str:
    if problem.last_line > problem.line:
        return f"lines {problem.line}-{problem.last_line}"
    return f"line {problem.line}"


def _site_as_dict(site: SiteSeen, platforms: list[PlatformSeen]) -> dict[str, Any]:
    return {
        "name": site.name,
        "url": site.url,
        "title": site.title,
        "connector": site.connector,
        "release": site.release,
        "covers": site.covers,
        "connected_at": site.connected_at.isoformat() if site.connected_at else None,
        "platforms": [
            {
                "issuer": platform.issuer,
                "client_id": platform.client_id,
                "auth_url": platform.auth_url,
                "token_url": platform.token_url,
                "jwks_url": platform.jwks_url,
                "deployments": [
                    {"deployment_id": one.deployment_id, "approved": one.approved_at is not None}
                    for one in platform.deployments
                ],
            }
            for platform in platforms
        ],
    }
