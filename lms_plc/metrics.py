"""What do machines read that watch this tool? One page of figures, in Prometheus' text format 0.0.4.

There is no such page until ``PLC_METRICS_TOKEN`` is set. All figures are read from the database when they are asked
for, so every process of every machine answers the same; that is why there are no counters, and no library that would
keep them. Series are named by site, and by nothing that belongs to a person or a community.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request
from sqlalchemy import ColumnElement, Connection, Select, Subquery, func, select
from sqlalchemy.orm import aliased

from lms_plc import __version__, jobs
from lms_plc.communities.models import Community, Membership
from lms_plc.house import house
from lms_plc.people.guards import open_to_all
from lms_plc.rostersync.models import SyncRun
from lms_plc.sites.models import Site

SITES = 1000
"""More sites than that are left out, the youngest first."""

DAY = timedelta(hours=24)

_BEFORE_ALL = UUID(int=0)

Sample = tuple[Mapping[str, str], float]

metrics = Blueprint("metrics", __name__)


def for_machines() -> None:
    """Whoever sends the token, and only where there is one; to all others there is no such page."""
    open_to_all()
    token = house().settings.metrics_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected = token.get_secret_value() if token else ""
    if not hmac.compare_digest(given.strip().encode(), expected.encode()) or not token or scheme.lower() != "bearer":
        abort(404)


@metrics.get("/metrics")
def figures() -> Response:
    """All figures of now."""
    with house().database.read() as connection:
        page = "".join(written(family) for family in families(connection, house().clock()))
    return Response(page, content_type="text/plain; version=0.0.4; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Family:
    """Gauges of one name. ``meaning`` is for whoever reads the page."""

    name: str
    meaning: str
    samples: Iterable[Sample]


def written(family: Family) -> str:
    """As the text format has it; a family without a sample is left out."""
    lines = [f"{family.name}{_labels(labels)} {value}\n" for labels, value in family.samples]
    if not lines:
        return ""
    return f"# HELP {family.name} {_escaped(family.meaning)}\n# TYPE {family.name} gauge\n{''.join(lines)}"


def _labels(labels: Mapping[str, str]) -> str:
    told = ",".join(f'{name}="{_quoted(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')


def families(connection: Connection, now: datetime) -> Iterator[Family]:
    """Every figure, by as many statements whatever there is to tell of. ``now`` is what ages are counted to."""
    yield Family("plc_build_info", "The version that answers; always 1.", [({"version": __version__}, 1)])
    sites = [str(name) for name in connection.execute(select(_sites().c.name)).scalars()]
    last = connection.execute(_latest()).all()
    ended = connection.execute(_latest(SyncRun.finished_at.is_not(None))).all()
    done = connection.execute(_latest(SyncRun.finished_at.is_not(None), SyncRun.state == "done")).all()
    yield Family(
        "plc_sync_done_age_seconds",
        "Since the site's last sync that was applied to its end.",
        [({"site": row.site}, _seconds(row.finished_at, now)) for row in done],
    )
    yield Family(
        "plc_sync_last_state",
        "How far the site's last sync has come; 1 for the state it is in.",
        [({"site": row.site, "state": row.state}, 1) for row in last],
    )
    yield Family(
        "plc_sync_last_duration_seconds",
        "How long the site's last sync that is over took.",
        [({"site": row.site}, _seconds(row.started_at, row.finished_at)) for row in ended],
    )
    yield Family(
        "plc_sync_last_changes",
        "Changes by kind of the site's last sync that is over.",
        [({"site": row.site, "kind": kind}, count) for row in ended for kind, count in sorted(row.counts.items())],
    )
    yield Family(
        "plc_sync_runs_stopped_24h",
        "Runs of the last 24 hours that were held or failed.",
        _counted(sites, ("held", "failed"), connection.execute(_stopped(now)).all()),
    )
    yield Family(
        "plc_memberships",
        "Memberships by state, of communities of the site.",
        _counted(sites, ("active", "paused"), connection.execute(_memberships()).all()),
    )
    state = jobs.state(connection)
    yield Family(
        "plc_jobs",
        "Jobs that wait, run, or failed and are kept to be looked at.",
        [({"state": name}, getattr(state, name)) for name in ("waiting", "running", "failed")],
    )


def _seconds(since: datetime, until: datetime) -> float:
    return round(max((until - since).total_seconds(), 0.0), 3)


def _counted(sites: Iterable[str], states: Sequence[str], rows: Iterable[Any]) -> list[Sample]:
    """A sample for each site and state, zeros too: an alert cannot tell a series that ends from one that fell."""
    counts = {(row.site, row.state): int(row.n) for row in rows}
    return [({"site": site, "state": state}, counts.get((site, state), 0)) for site in sites for state in states]


def _sites() -> Subquery:
    return select(Site.id, Site.name).order_by(Site.id).limit(SITES).subquery()


def _latest(*which: ColumnElement[bool]) -> Select[Any]:
    """Each site's latest sync of ``which``. A plan is only a look, until it is approved and applied."""
    sites, run = _sites(), aliased(SyncRun)
    newest = (
        select(SyncRun.id)
        .where(
            SyncRun.site_id == sites.c.id,
            (SyncRun.mode == "apply") | ((SyncRun.mode == "plan") & SyncRun.state.in_(("applying", "done"))),
            *which,
        )
        .order_by(SyncRun.id.desc())
        .limit(1)
        .correlate(sites)
        .scalar_subquery()
    )
    return (
        select(sites.c.name.label("site"), run.state, run.started_at, run.finished_at, run.counts)
        .join(run, run.id == newest)
        .order_by(sites.c.id)
    )


def _stopped(now: datetime) -> Select[Any]:
    """Counted from the newest run back to the last that is a day old, so that years of runs cost nothing."""
    sites, older = _sites(), aliased(SyncRun)
    a_day_old = (
        select(older.id)
        .where(older.site_id == sites.c.id, older.started_at < now - DAY)
        .order_by(older.id.desc())
        .limit(1)
        .correlate(sites)
        .scalar_subquery()
    )
    return (
        select(sites.c.name.label("site"), SyncRun.state, func.count().label("n"))
        .join(SyncRun, (SyncRun.site_id == sites.c.id) & (SyncRun.id > func.coalesce(a_day_old, _BEFORE_ALL)))
        .where(SyncRun.state.in_(("held", "failed")))
        .group_by(sites.c.name, SyncRun.state)
    )


def _memberships() -> Select[Any]:
    """Counted by community first, which is the order of an index, and only then by site."""
    sites = _sites()
    by_community = (
        select(Membership.community_id, Membership.state, func.count().label("n"))
        .where(Membership.state.in_(("active", "paused")))
        .group_by(Membership.community_id, Membership.state)
        .subquery()
    )
    return (
        select(sites.c.name.label("site"), by_community.c.state, func.sum(by_community.c.n).label("n"))
        .join(Community, Community.site_id == sites.c.id)
        .join(by_community, by_community.c.community_id == Community.id)
        .group_by(sites.c.name, by_community.c.state)
    )
