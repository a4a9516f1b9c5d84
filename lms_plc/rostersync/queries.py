"""What has been synced? Runs and their changes, for the admin's pages and the terminal; each read is
bounded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, func, select

from lms_plc.communities.models import Community
from lms_plc.people.models import Identity, Person
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.sites.models import Course, Site


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a list. ``message`` is what an admin has to know, if anything."""

    id: UUID
    site_id: UUID
    site_name: str
    mode: str
    asked_by: str
    state: str
    options: Mapping[str, Any]
    started_at: datetime
    alive_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]
    message: str | None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change with the words for what it points at. ``name`` is the person's present one; it stays out of
    the repr."""

    number: int
    kind: Kind
    course: str
    course_title: str | None
    community_id: UUID | None
    community_name: str | None
    subject: str | None
    name: str | None = field(repr=False)
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    applied_at: datetime | None


_RUN = (
    select(
        SyncRun.id,
        SyncRun.site_id,
        Site.name.label("site_name"),
        SyncRun.mode,
        SyncRun.asked_by,
        SyncRun.state,
        SyncRun.options,
        SyncRun.started_at,
        SyncRun.alive_at,
        SyncRun.finished_at,
        SyncRun.counts,
        SyncRun.message,
    )
    .join(Site, Site.id == SyncRun.site_id)
    .order_by(SyncRun.id.desc())
)


def runs(
    connection: Connection, site_id: UUID | None = None, *, before: UUID | None = None, limit: int = 20
) -> list[RunLine]:
    """The latest runs, newest first, of a site or of all; ``before`` is the id of the last one already
    seen."""
    statement = _RUN.limit(limit)
    if site_id is not None:
        statement = statement.where(SyncRun.site_id == site_id)
    if before is not None:
        statement = statement.where(SyncRun.id < before)
    return [RunLine(**row._mapping) for row in connection.execute(statement)]


def run(connection: Connection, run_id: UUID) -> RunLine | None:
    row = connection.execute(_RUN.where(SyncRun.id == run_id)).one_or_none()
    return RunLine(**row._mapping) if row else None


def changes(connection: Connection, run_id: UUID, *, after: int = 0, limit: int = 500) -> list[ChangeLine]:
    """A run's changes in the order of the plan; ``after`` is the number of the last one already seen."""
    rows = connection.execute(
        select(
            SyncChange.number,
            SyncChange.kind,
            SyncChange.course,
            Course.title.label("course_title"),
            SyncChange.community_id,
            Community.name.label("community_name"),
            SyncChange.subject,
            func.coalesce(SyncChange.name, Person.display_name).label("name"),
            SyncChange.before,
            SyncChange.after,
            SyncChange.reason,
            SyncChange.applied_at,
        )
        .join(SyncRun, SyncRun.id == SyncChange.run_id)
        .outerjoin(Course, and_(Course.site_id == SyncRun.site_id, Course.lms_id == SyncChange.course))
        .outerjoin(Community, Community.id == SyncChange.community_id)
        .outerjoin(Identity, and_(Identity.site_id == SyncRun.site_id, Identity.subject == SyncChange.subject))
        .outerjoin(Person, Person.id == Identity.person_id)
        .where(SyncChange.run_id == run_id, SyncChange.number > after)
        .order_by(SyncChange.number)
        .limit(limit)
    )
    return [_line(row) for row in rows]


def _line(row: Row[Any]) -> ChangeLine:
    return ChangeLine(**{**row._mapping, "kind": Kind(row.kind)})
