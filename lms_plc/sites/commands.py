"""``lms-plc sites …`` and ``lms-plc lti …``: what an admin does with an LMS from the command line."""

import json
import os
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from connectors.source import Probe, open_source
from connectors.transport import Transport
from lms_plc.command_options import as_json, pass_house, site_option
from lms_plc.house import House
from lms_plc.sites import queries
from lms_plc.sites.actions import (
    Registration,
    SiteProblem,
    add_platform,
    approve_deployment,
    connect_site,
    site_address,
)
from lms_plc.sites.queries import PlatformSeen, SiteSeen
from lms_plc.sites.registration import tool_values
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
        table.add_row(site.name, site.url, site.release or "–", str(len(platforms)), str(waiting or "–"))
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


@sites_commands.command("connect")
@click.argument("url")
@click.option("--name", help="What to call the site; else it is called by its host.")
@click.option("--connector", default="moodle", show_default=True, help="Kind of LMS.")
@pass_house
def connect(house: House, url: str, name: str | None, connector: str) -> None:
    """Connect an LMS's web services, which tell who is in which course.

    The token comes from PLC_LMS_TOKEN, or is asked for; it is never given on the command line.
    """
    private = house.settings.allow_private_hosts
    address = site_address(url, allow_http=private)
    token = os.environ.get("PLC_LMS_TOKEN") or click.prompt("Web service token", hide_input=True, err=True)
    with Transport(allow_private_hosts=private) as transport:
        try:
            probe = open_source(connector, address, token.strip(), transport).probe()
        except ValueError as unknown:
            raise SiteProblem(str(unknown)) from None
    _require_ready(probe)
    with house.database.write() as session:
        site_id = connect_site(
            session,
            name=name,
            url=address,
            connector=connector,
            token=token.strip(),
            seal=house.seal,
            title=probe.site.name,
            release=probe.site.release,
            ws_user=probe.site.user_id,
            at=house.clock(),
        )
    with house.database.read() as connection:
        known = next(site for site in queries.sites(connection) if site.id == site_id)
    click.echo(f"Connected: {probe.site.name}, {probe.site.release}. This tool calls it {known.name}.")
    for advice in probe.advice:
        click.echo(f"Advice: {advice}")
    click.echo(f"See what a sync would change with: lms-plc sync plan --site {known.name}")


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
    lines = [f"{probe.site.name} lets this token in, but not far enough. Nothing was stored."]
    for one in probe.missing:
        lines.append(f"  missing: {one.function} ({one.why_needed})\n           {one.todo}")
    lines += [f"  refused: {error}" for error in probe.refused]
    raise SiteProblem("\n".join(lines))


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
