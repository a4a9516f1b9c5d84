"""What has been synced? Runs and their changes, for the admin's pages and the terminal; each read is
bounded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community, Placement
from lms_plc.core.activity import Event
from lms_plc.core.paging import Page, cut
from lms_plc.people.models import Identity, Person
from lms_plc.rostersync.changes import REPORT_ONLY, Kind
from lms_plc.rostersync.guard import objections
from lms_plc.rostersync.models import SyncChange, SyncCourse, SyncRule, SyncRun
from lms_plc.rostersync.undo import UNDONE
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
    approved_by: str | None
    approved_at: datetime | None
    undoes_id: UUID | None

    @property
    def lasted(self) -> timedelta | None:
        """How long the run took, the wait for an approval not counted; None while it goes on."""
        if self.finished_at is None:
            return None
        return self.finished_at - (self.approved_at or self.started_at)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change with the words for what it points at. ``name`` is the person's, the one the LMS now says before the one
    that is stored (``known_name``); both stay out of the repr."""

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
    left_out: bool
    applied_at: datetime | None
    known_name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some lines of a run, in the order of the plan. ``before`` and ``after`` are the numbers with which to ask for the
    pages around this one, None at the ends. ``founded`` are the names of communities that the plan has yet to found."""

    lines: Sequence[ChangeLine]
    before: int | None
    after: int | None
    founded: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Tally:
    """The lines of a run by kind, those that are ticked and those that were left out. ``going`` are the ticked ones by
    which an active member loses their access."""

    ticked: Mapping[str, int]
    left_out: Mapping[str, int]
    going: int

    @property
    def to_apply(self) -> int:
        """How many ticked lines change anything."""
        return sum(count for kind, count in self.ticked.items() if kind not in REPORT_ONLY)


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A community in a plan, with its lines by kind; ``name`` is None for one whose name is not kept any more."""

    id: UUID
    name: str | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SiteSyncs:
    """What is to happen at a site. ``chosen``: an admin has placed, ruled or covered something, without which no clock
    syncs it. ``clocked_at`` is the last sign of life of a sync by the clock. ``asked_at`` is when the desk last asked
    for one, and ``asked_mode`` for which."""

    id: UUID
    name: str
    connector: str | None
    syncs: str
    sync_every: int | None
    failures: int
    chosen: bool
    clocked_at: datetime | None
    asked_at: datetime | None
    asked_mode: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: so many of so many courses, or, once it applies, lines of its plan. Both are 0 before the LMS
    has said which courses there are."""

    done: int
    total: int


ASKED = "sync.asked"
"""The verb of the event by which a page asks for a sync of a site."""

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
        SyncRun.approved_by,
        SyncRun.approved_at,
        SyncRun.undoes_id,
    )
    .join(Site, Site.id == SyncRun.site_id)
    .order_by(SyncRun.id.desc())
)

_CHANGE = (
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
        SyncChange.left_out,
        SyncChange.applied_at,
        Person.display_name.label("known_name"),
    )
    .join(SyncRun, SyncRun.id == SyncChange.run_id)
    .outerjoin(Course, and_(Course.site_id == SyncRun.site_id, Course.lms_id == SyncChange.course))
    .outerjoin(Community, Community.id == SyncChange.community_id)
    .outerjoin(Identity, and_(Identity.site_id == SyncRun.site_id, Identity.subject == SyncChange.subject))
    .outerjoin(Person, Person.id == Identity.person_id)
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


def under_way(connection: Connection, site_id: UUID) -> RunLine | None:
    """The youngest run of a site that is not over; one that has failed may still be taken up."""
    unfinished = _RUN.where(SyncRun.site_id == site_id, SyncRun.finished_at.is_(None)).limit(1)
    row = connection.execute(unfinished).one_or_none()
    return RunLine(**row._mapping) if row else None


def undone_by(connection: Connection, run: RunLine) -> RunLine | None:
    """The last undo of this run, if there was one."""
    undoes = _RUN.where(SyncRun.site_id == run.site_id, SyncRun.id > run.id, SyncRun.undoes_id == run.id).limit(1)
    row = connection.execute(undoes).one_or_none()
    return RunLine(**row._mapping) if row else None


def site_syncs(connection: Connection, site_id: UUID) -> SiteSyncs | None:
    placed = select(Placement.id).join(Course, Course.id == Placement.course_id).where(Course.site_id == Site.id)
    ruled = select(SyncRule.id).where(SyncRule.site_id == Site.id)
    clocked = select(func.max(SyncRun.alive_at)).where(SyncRun.site_id == Site.id, SyncRun.asked_by == "schedule")
    site = connection.execute(
        select(
            Site.id,
            Site.name,
            Site.connector,
            Site.syncs,
            Site.sync_every,
            Site.sync_failures.label("failures"),
            or_(Site.covers == "all", exists(placed), exists(ruled)).label("chosen"),
            clocked.scalar_subquery().label("clocked_at"),
        ).where(Site.id == site_id)
    ).one_or_none()
    if site is None:
        return None
    asked = connection.execute(
        select(Event.at, Event.facts)
        .where(Event.thing_kind == "site", Event.thing_id == site_id, Event.verb == ASKED)
        .order_by(Event.id.desc())
        .limit(1)
    ).one_or_none()
    at, mode = (asked.at, asked.facts["mode"]) if asked else (None, None)
    return SiteSyncs(**site._mapping, asked_at=at, asked_mode=mode)


def progress(connection: Connection, run: RunLine) -> Progress:
    """How far a run is that works; cheap, however much it has to do."""
    if run.state != "applying":
        counted = select(SyncCourse.state, func.count().label("n")).where(SyncCourse.run_id == run.id)
        states = {row.state: row.n for row in connection.execute(counted.group_by(SyncCourse.state))}
        done = states.get("planned", 0) + (0 if run.state == "planning" else states.get("pulled", 0))
        return Progress(done, sum(states.values()))
    # by numbers, because lines are applied in their order and counting them all would take longer than a batch
    waits = (SyncChange.run_id == run.id, SyncChange.applied_at.is_(None), SyncChange.left_out.is_(False))
    kinds = SyncChange.kind.not_in([kind.value for kind in REPORT_ONLY])
    first = select(SyncChange.number).where(*waits, kinds).order_by(SyncChange.number).limit(1).scalar_subquery()
    last = select(func.max(SyncChange.number)).where(SyncChange.run_id == run.id).scalar_subquery()
    row = connection.execute(select(first.label("first"), last.label("last"))).one()
    total = row.last or 0
    return Progress(total if row.first is None else row.first - 1, total)


def tally(connection: Connection, run_id: UUID) -> Tally:
    """A run's lines counted, in one statement."""
    goes = and_(SyncChange.kind == Kind.REST.value, SyncChange.before["membership"].as_string() == "active")
    rows = connection.execute(
        select(
            SyncChange.kind,
            SyncChange.left_out,
            func.count().label("n"),
            func.sum(case((goes, 1), else_=0)).label("going"),
        )
        .where(SyncChange.run_id == run_id)
        .group_by(SyncChange.kind, SyncChange.left_out)
    ).all()
    return Tally(
        {row.kind: row.n for row in rows if not row.left_out},
        {row.kind: row.n for row in rows if row.left_out},
        sum(row.going for row in rows if not row.left_out),
    )


def let_go(connection: Connection, run_id: UUID) -> int:
    """How many memberships this run has let rest or ended."""
    gone = (SyncChange.run_id == run_id, SyncChange.kind.in_(UNDONE))
    counted = select(func.count()).where(*gone, SyncChange.applied_at.is_not(None))
    return connection.execute(counted).scalar_one()


def brake(connection: Connection, run_id: UUID) -> list[str]:
    """The sentences of the guard against a plan as it is ticked now; empty when nothing speaks against it."""
    with Session(connection) as session:
        return objections(session, session.execute(select(SyncRun).where(SyncRun.id == run_id)).scalar_one())


def communities(
    connection: Connection, run_id: UUID, *, after: UUID | None = None, limit: int = 100
) -> Page[CommunityLine]:
    """The communities of a plan, the oldest first; ``after`` is the last one already seen. Four statements at most."""
    some = select(SyncChange.community_id).where(SyncChange.run_id == run_id, SyncChange.community_id.is_not(None))
    if after is not None:
        some = some.where(SyncChange.community_id > after)
    ids = connection.execute(some.distinct().order_by(SyncChange.community_id).limit(limit + 1)).scalars().all()
    counted = connection.execute(
        select(SyncChange.community_id, SyncChange.kind, func.count().label("n"))
        .where(SyncChange.run_id == run_id, SyncChange.community_id.in_(ids[:limit]))
        .group_by(SyncChange.community_id, SyncChange.kind)
    ).all()
    counts: dict[UUID, dict[str, int]] = {}
    for row in counted:
        counts.setdefault(row.community_id, {})[row.kind] = row.n
    names = community_names(connection, run_id, ids[:limit])
    lines = [CommunityLine(one, names.get(one), counts.get(one, {})) for one in ids if one is not None]
    return cut(lines, limit, lambda line: line.id)


def community_names(connection: Connection, run_id: UUID, ids: Collection[UUID | None]) -> Mapping[UUID, str]:
    """What these communities are called, those too that the plan of this run has yet to found."""
    there = select(Community.id, Community.name).where(Community.id.in_(ids))
    named: dict[UUID, str] = {row.id: row.name for row in connection.execute(there)}
    return {**_to_be_founded(connection, run_id, [one for one in ids if one not in named]), **named}


def _to_be_founded(connection: Connection, run_id: UUID, ids: Collection[UUID | None]) -> Mapping[UUID, str]:
    if not ids:
        return {}
    founding = select(SyncChange.community_id, SyncChange.after).where(
        SyncChange.run_id == run_id,
        SyncChange.kind == Kind.FOUND_COMMUNITY.value,
        SyncChange.community_id.in_(ids),
    )
    return {row.community_id: row.after["name"] for row in connection.execute(founding)}


def change_page(
    connection: Connection,
    run_id: UUID,
    *,
    after: int = 0,
    before: int | None = None,
    kind: Kind | None = None,
    community_id: UUID | None = None,
    limit: int = 200,
) -> ChangePage:
    """The lines behind number ``after``, or the last ones ahead of ``before``, of one kind or one community only."""
    which = _CHANGE.where(SyncChange.run_id == run_id)
    if kind is not None:
        which = which.where(SyncChange.kind == kind.value)
    if community_id is not None:
        which = which.where(SyncChange.community_id == community_id)
    if before is None:
        rows = connection.execute(
            which.where(SyncChange.number > after).order_by(SyncChange.number).limit(limit + 1)
        ).all()
        earlier, later = after > 0, len(rows) > limit
        rows = rows[:limit]
    else:
        rows = connection.execute(
            which.where(SyncChange.number < before).order_by(SyncChange.number.desc()).limit(limit + 1)
        ).all()
        earlier, later = len(rows) > limit, True
        rows = rows[limit - 1 :: -1] if earlier else rows[::-1]
    lines = [_line(row) for row in rows]
    nameless = {line.community_id for line in lines if line.community_id and line.community_name is None}
    return ChangePage(
        lines,
        lines[0].number if lines and earlier else None,
        lines[-1].number if lines and later else None,
        _to_be_founded(connection, run_id, nameless),
    )


def changes(connection: Connection, run_id: UUID, *, after: int = 0, limit: int = 500) -> list[ChangeLine]:
    """A run's changes in the order of the plan; ``after`` is the number of the last one already seen."""
    rows = connection.execute(
        _CHANGE.where(SyncChange.run_id == run_id, SyncChange.number > after).order_by(SyncChange.number).limit(limit)
    )
    return [_line(row) for row in rows]


def _line(row: Row[Any]) -> ChangeLine:
    return ChangeLine(**{**row._mapping, "kind": Kind(row.kind)})
