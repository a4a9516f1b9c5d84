"""How long does a plan hold that waits for somebody to approve it?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from lms_plc.rostersync.models import SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.sites.models import Site

PLAN_LASTS = timedelta(hours=24)
"""So long after its look at the rosters began a plan may be approved."""


class Waiting(Protocol):
    """What there is to know of a plan that waits, as a row or as a line of a list."""

    @property
    def id(self) -> UUID: ...
    @property
    def site_id(self) -> UUID: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def started_at(self) -> datetime: ...


def overtaken(connection: Session | Connection, run: Waiting, at: datetime) -> str | None:
    """Why a plan that waits cannot be applied any more: ``old`` (more than a day), ``changed`` (what it was made from
    is no longer so) or ``newer`` (a sync has looked at the same courses again); None while it can."""
    if run.started_at < at - PLAN_LASTS:
        return "old"
    revisions = select(SyncRun.revision, Site.sync_revision).join(Site, Site.id == SyncRun.site_id)
    made_from, now = connection.execute(revisions.where(SyncRun.id == run.id)).one()
    if made_from != now:
        return "changed"
    newer = select(SyncRun.options).where(
        SyncRun.site_id == run.site_id,
        SyncRun.id > run.id,
        SyncRun.finished_at.is_not(None),
        SyncRun.mode == "apply",
        SyncRun.state.in_(("held", "done")),
    )
    looked_at = {courses_of(options) for options in connection.execute(newer).scalars()}
    return "newer" if courses_of(run.options) in looked_at else None


def courses_of(options: Mapping[str, Any]) -> Options:
    """Which courses were asked for, whatever may happen in them."""
    return replace(Options.read(dict(options)), allow_removals=False)
