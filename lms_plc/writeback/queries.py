"""What could be written, what was, and what came of it? Each read is bounded; the lines of a plan are paged.

What people wrote (the words of a message, the title of a meeting) is not shown to whoever runs this tool.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, RowMapping, and_, select

from lms_plc.communities.models import Community
from lms_plc.people.models import Identity, Person
from lms_plc.sites.models import Site
from lms_plc.writeback.lines import Kind, Verb
from lms_plc.writeback.looking import count_things
from lms_plc.writeback.models import WriteLine, WritePlan
from lms_plc.writeback.plan import count_lines

LINES_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class PlanSeen:
    """A plan in a list or on its page. ``counts`` are lines by outcome, of a plan under way as they are now."""

    id: UUID
    site_id: UUID
    site_name: str
    purpose: str
    kinds: Sequence[str]
    state: str
    asked_by: str
    delayed: int
    made_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    finished_at: datetime | None
    counts: Mapping[str, int]
    message: str | None

    @property
    def waits(self) -> bool:
        """Whether it waits for somebody to approve it."""
        return self.state in ("planned", "held")


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line with the words for what it points at; the person's name stays out of the repr."""

    number: int
    kind: Kind
    verb: Verb
    community_id: UUID | None
    community_name: str | None
    course: str | None
    subject: str | None
    name: str | None = field(repr=False)
    reason: str
    left_out: bool
    state: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class SiteWriting:
    """A site, its switches, and how many things of ours stand there."""

    id: UUID
    name: str
    connector: str | None
    writes: Sequence[str]
    things: Mapping[Kind, int]


_PLAN = (
    select(
        WritePlan.id,
        WritePlan.site_id,
        Site.name.label("site_name"),
        WritePlan.purpose,
        WritePlan.kinds,
        WritePlan.state,
        WritePlan.asked_by,
        WritePlan.delayed,
        WritePlan.made_at,
        WritePlan.approved_by,
        WritePlan.approved_at,
        WritePlan.finished_at,
        WritePlan.counts,
        WritePlan.message,
    )
    .join(Site, Site.id == WritePlan.site_id)
    .order_by(WritePlan.id.desc())
)


def site_writing(connection: Connection, site_id: UUID) -> SiteWriting | None:
    """What may be and was written to a site; two statements."""
    row = connection.execute(
        select(Site.id, Site.name, Site.connector, Site.writes).where(Site.id == site_id)
    ).one_or_none()
    return SiteWriting(*row, things=count_things(connection, site_id)) if row is not None else None


def plans(connection: Connection, site_id: UUID, *, before: UUID | None = None, limit: int = 20) -> list[PlanSeen]:
    """The latest plans of a site, newest first; ``before`` is the id of the last one already seen."""
    statement = _PLAN.where(WritePlan.site_id == site_id).limit(limit)
    if before is not None:
        statement = statement.where(WritePlan.id < before)
    return [PlanSeen(**row._mapping) for row in connection.execute(statement)]


def plan(connection: Connection, plan_id: UUID) -> PlanSeen | None:
    """A plan; of one under way the counts are those of now."""
    row = connection.execute(_PLAN.where(WritePlan.id == plan_id)).one_or_none()
    if row is None:
        return None
    seen = dict(row._mapping)
    if row.finished_at is None:
        seen["counts"] = count_lines(connection, plan_id)
    return PlanSeen(**seen)


def waiting_plan(connection: Connection, site_id: UUID) -> PlanSeen | None:
    """The plan of a site that waits for somebody to approve it, or to say go on."""
    row = connection.execute(
        _PLAN.where(WritePlan.site_id == site_id, WritePlan.state.in_(("planned", "held", "stopped"))).limit(1)
    ).one_or_none()
    return PlanSeen(**row._mapping) if row is not None else None


def lines(
    connection: Connection, plan_id: UUID, *, after: int = 0, limit: int = LINES_A_PAGE, only: str | None = None
) -> list[LineSeen]:
    """The lines of a plan in their order; ``only`` those in one state, ``after`` the number of the last one seen."""
    statement = (
        select(
            WriteLine.number,
            WriteLine.kind,
            WriteLine.verb,
            WriteLine.community_id,
            Community.name.label("community_name"),
            WriteLine.course,
            WriteLine.subject,
            Person.display_name.label("name"),
            WriteLine.reason,
            WriteLine.left_out,
            WriteLine.state,
            WriteLine.problem,
        )
        .join(WritePlan, WritePlan.id == WriteLine.plan_id)
        .outerjoin(Community, Community.id == WriteLine.community_id)
        .outerjoin(Identity, and_(Identity.site_id == WritePlan.site_id, Identity.subject == WriteLine.subject))
        .outerjoin(Person, Person.id == Identity.person_id)
        .where(WriteLine.plan_id == plan_id, WriteLine.number > after)
        .order_by(WriteLine.number)
        .limit(limit)
    )
    if only is not None:
        statement = statement.where(WriteLine.state == only)
    return [_line(row._mapping) for row in connection.execute(statement)]


def _line(row: RowMapping) -> LineSeen:
    return LineSeen(**{**row, "kind": Kind(row["kind"]), "verb": Verb(row["verb"])})
