"""``lms-plc doctor``: is everything well, and if not, what is to be done?"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import click

from connectors.errors import ConnectorError
from lms_plc import jobs, migrations
from lms_plc.core.sealing import CannotUnseal
from lms_plc.house import House
from lms_plc.migrations import SchemaOutdated
from lms_plc.rostersync import queries as sync_queries
from lms_plc.sites import names_and_roles, queries
from lms_plc.sites.actions import SiteProblem, is_file
from lms_plc.sites.outgoing import fetcher
from lms_plc.sites.queries import SiteSeen
from lms_plc.sites.sources import FILES, open_roster
from lms_plc.sites.stores import StoredToolKeys
from lti.keysets import KeySets, KeysUnavailable
from lti.toolkeys import current_key

CLOCK_MAY_DIFFER = timedelta(seconds=20)
"""Moodle's launches live sixty seconds and its token endpoint forgives none, so half a minute already hurts."""


class Unwell(Exception):
    """Something is wrong; the findings said what."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``todo`` is empty when it is well."""

    what: str
    well: bool
    said: str
    todo: str = ""


def examine(house: House, wants_json: bool) -> None:
    """Prints every finding. Raises Unwell if something is wrong."""
    findings = []
    for finding in _findings(house):
        findings.append(finding)
        if not wants_json:
            click.echo(f"{'ok  ' if finding.well else 'BAD '} {finding.what}: {finding.said}")
            if finding.todo:
                click.echo(f"       → {finding.todo}")
    if wants_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    bad = sum(not finding.well for finding in findings)
    if bad:
        raise Unwell(f"{bad} of {len(findings)} checks found something to mend.")


def _findings(house: House) -> Iterator[Finding]:
    yield Finding("settings", True, f"this tool is reached at {house.settings.base_url}")
    database = _database(house)
    yield database
    if not database.well:
        return
    yield _jobs(house)
    yield _keys(house)
    with house.database.read() as connection:
        sites = queries.sites(connection)
    if not sites:
        yield Finding(
            "sites",
            False,
            "no LMS is known yet",
            "Connect one: lms-plc sites connect https://moodle.example.org",
        )
    for site in sites:
        yield from _site(house, site)


def _database(house: House) -> Finding:
    kind = "SQLite" if house.database.is_sqlite else "PostgreSQL"
    try:
        migrations.require_current(house.database)
    except SchemaOutdated as outdated:
        return Finding("database", False, f"{kind}, {outdated}", "Run: lms-plc db upgrade")
    except Exception as broken:  # noqa: BLE001 - whatever it is, it is this finding
        return Finding(
            "database",
            False,
            f"{kind} cannot be reached ({type(broken).__name__})",
            "Check PLC_DATABASE_URL.",
        )
    return Finding("database", True, f"{kind}, schema up to date")


def _jobs(house: House) -> Finding:
    with house.database.read() as connection:
        state = jobs.state(connection)
    alive = jobs.living_workers(house.database)
    said = f"{state.waiting} waiting, {state.running} running, {state.failed} failed, {alive} workers alive"
    if alive == 0:
        return Finding("jobs", False, said, "Start one: lms-plc serve, or lms-plc worker")
    if state.failed:
        return Finding("jobs", False, said, "Look for “failed” in the worker's log; a failed job is asked for again.")
    return Finding("jobs", True, said)


def _last_sync(house: House, site: SiteSeen) -> Finding:
    what = f"{site.name}: last sync"
    with house.database.read() as connection:
        last = next(iter(sync_queries.runs(connection, site.id, limit=1)), None)
    if last is None:
        return Finding(what, True, "none yet", "See what one would change: lms-plc sync plan --site " + site.name)
    said = f"{last.mode}, {last.state}, {last.started_at:%Y-%m-%d %H:%M} UTC"
    if last.state in ("held", "failed"):
        return Finding(what, False, said, last.message or "Run it again: lms-plc sync plan")
    return Finding(what, True, said)


def _keys(house: House) -> Finding:
    try:
        ring = StoredToolKeys(house.database, house.seal, house.clock).load()
        key = current_key(ring)
    except CannotUnseal:
        return Finding("keys", False, "sealed with another PLC_SECRET_KEY", "Put the old PLC_SECRET_KEY back.")
    except LookupError:
        return Finding("keys", False, "the tool has none", "Run: lms-plc db upgrade")
    return Finding("keys", True, f"{len(ring)} in the ring; {key.kid} signs since {key.created_at:%Y-%m-%d}")


def _site(house: House, site: SiteSeen) -> Iterator[Finding]:
    if not is_file(site.url):  # a file does not answer
        yield _reached(house, site)
    yield from _all_launches(house, site)
    what = f"{site.name}: {_READ_BY.get(site.connector or '', 'web services')}"
    if site.connector:
        yield _try(what, lambda: _rosters(house, site, what))
        yield _last_sync(house, site)
    else:
        yield Finding(what, True, "not connected; members come by launches only", "")


def _all_launches(house: House, site: SiteSeen) -> Iterator[Finding]:
    with house.database.read() as connection:
        platforms = queries.platforms(connection, site.id)
    if not platforms and not is_file(site.url):  # nobody launches out of a file
        yield Finding(
            f"{site.name}: launches",
            False,
            "the tool is not registered there",
            f"See what to tell the LMS: lms-plc sites show {site.name}",
        )
    key_sets = KeySets(fetcher(house.settings), house.clock)
    for platform in platforms:
        yield _launches(platform, key_sets, site)


def _launches(platform: queries.PlatformSeen, key_sets: KeySets, site: SiteSeen) -> Finding:
    what = f"{site.name}: launches, client ID {platform.client_id}"
    try:
        key_sets.key(platform.jwks_url, "is anybody there")
    except KeysUnavailable as gone:
        return Finding(
            what,
            False,
            f"its key set cannot be read ({gone.failure})",
            f"Open {platform.jwks_url} from this machine.",
        )
    waiting = [one.deployment_id for one in platform.deployments if one.approved_at is None]
    if waiting:
        return Finding(
            what,
            False,
            f"deployment {', '.join(waiting)} waits",
            f"lms-plc sites approve {waiting[0]} --site {site.name}",
        )
    return Finding(what, True, f"key set read, {len(platform.deployments)} deployments approved")


def _reached(house: House, site: SiteSeen) -> Finding:
    """Whether the LMS answers, and whether its clock and ours agree: launches live for a minute."""
    try:
        there = fetcher(house.settings).date_of(site.url)
    except OSError as error:
        return Finding(
            f"{site.name}: reached",
            False,
            f"no answer ({getattr(error, 'reason', type(error).__name__)})",
            f"Open {site.url} from this machine.",
        )
    told = _read_date(there)
    if told is None:
        return Finding(f"{site.name}: reached", True, "answers, without telling the time")
    differs = abs(told - house.clock())
    if differs > CLOCK_MAY_DIFFER:
        return Finding(
            f"{site.name}: clock",
            False,
            f"its clock and ours differ by {differs.total_seconds():.0f} seconds",
            "Keep both clocks right (NTP); launches are refused otherwise.",
        )
    return Finding(f"{site.name}: reached", True, "answers, and the clocks agree")


def _read_date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except ValueError:
        return None


_READ_BY = {**dict.fromkeys(FILES, "file"), names_and_roles.KIND: "names and roles"}
"""How rosters come by kinds of connectors that are no web services."""


def _rosters(house: House, site: SiteSeen, what: str) -> Finding:
    with open_roster(house, site.id) as source:
        probe = source.probe()
    if probe.missing:
        names = ", ".join(one.function for one in probe.missing)
        return Finding(what, False, f"this tool may not use {names}", probe.missing[0].todo)
    if probe.refused:
        return Finding(what, False, str(probe.refused[0]), "")
    return Finding(what, True, f"{probe.site.release}, everything may be read")


def _try(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except ConnectorError as error:
        return Finding(what, False, error.what % error.params, error.todo % error.params)
    except SiteProblem as problem:
        return Finding(what, False, str(problem), "")
    except CannotUnseal:
        return Finding(what, False, "its token was sealed with another PLC_SECRET_KEY", "Connect the site again.")
