"""What can be read of the issue board. Each function is one statement."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.orm import aliased

from lms_plc.board.models import Issue, IssueStep
from lms_plc.communities.models import Community
from lms_plc.communities.standing import knows_of, read_roles, roles_of, towards, while_hidden
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

ISSUES_A_PAGE = 20
STEPS = 200
BEGINNING = 1500

UNSETTLED = ("open", "taken")
SETTLED = ("solved", "set_aside")


@dataclass(frozen=True, slots=True)
class IssueListed:
    id: UUID
    title: str
    state: str
    author: str
    owner: str | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class IssueSeen:
    id: UUID
    community_id: UUID
    site_id: UUID
    author_id: UUID
    author: str
    title: str
    body: str
    html: str
    renderer: int
    state: str
    owner_id: UUID | None
    owner: str | None
    created_at: datetime
    edited_at: datetime | None
    hidden_at: datetime | None
    roles: frozenset[Role]

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED


@dataclass(frozen=True, slots=True)
class StepSeen:
    step: str
    name: str
    note: str
    meeting_id: UUID | None
    at: datetime


@loads("issue", known_by="community.read")
def load_issue(connection: Connection, actor: Actor, issue_id: UUID) -> Loaded | None:
    """One that is hidden is there for whoever leads the community, and for nobody else."""
    owner = aliased(Person)
    row: Any = connection.execute(
        select(
            Issue.id,
            Issue.community_id,
            Community.site_id,
            Issue.author_id,
            Person.display_name,
            Issue.title,
            Issue.body,
            Issue.html,
            Issue.renderer,
            Issue.state,
            Issue.owner_id,
            owner.display_name,
            Issue.created_at,
            Issue.edited_at,
            Issue.hidden_at,
            *roles_of(actor.person_id, Issue.community_id, actor.at),
        )
        .join(Community, Community.id == Issue.community_id)
        .join(Person, Person.id == Issue.author_id)
        .outerjoin(owner, owner.id == Issue.owner_id)
        .where(Issue.id == issue_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = while_hidden(read_roles(membership_state, assigned_roles), row.hidden_at)
    roles = towards(roles, is_author=row.author_id == actor.person_id)
    return Loaded(IssueSeen(*(*values, roles)), roles)


def issues(
    connection: Connection,
    community_id: UUID,
    states: Sequence[str],
    *,
    of: UUID | None = None,
    before: UUID | None = None,
    size: int = ISSUES_A_PAGE,
) -> Page[IssueListed]:
    """The one raised last stands first; ``of`` asks for those somebody raised or took on."""
    owner = aliased(Person)
    query = (
        select(
            Issue.id,
            Issue.title,
            Issue.state,
            Person.display_name,
            owner.display_name,
            Issue.created_at,
            Issue.changed_at,
        )
        .join(Person, Person.id == Issue.author_id)
        .outerjoin(owner, owner.id == Issue.owner_id)
        .where(Issue.community_id == community_id, Issue.state.in_(states), Issue.hidden_at.is_(None))
        .order_by(Issue.id.desc())
        .limit(size + 1)
    )
    if of is not None:
        query = query.where(or_(Issue.author_id == of, Issue.owner_id == of))
    if before is not None:
        query = query.where(Issue.id < before)
    return cut([IssueListed(*row) for row in connection.execute(query)], size, lambda issue: issue.id)


def steps(connection: Connection, issue_id: UUID) -> list[StepSeen]:
    """What happened to an issue, in its order."""
    rows = connection.execute(
        select(IssueStep.step, Person.display_name, IssueStep.note, IssueStep.meeting_id, IssueStep.at)
        .join(Person, Person.id == IssueStep.person_id)
        .where(IssueStep.issue_id == issue_id)
        .order_by(IssueStep.id)
        .limit(STEPS)
    )
    return [StepSeen(*row) for row in rows]


def unsettled(connection: Connection, ids: Sequence[UUID]) -> AbstractSet[UUID]:
    return set(connection.execute(select(Issue.id).where(Issue.id.in_(ids), Issue.state.in_(UNSETTLED))).scalars())


def people_of(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    """Who raised each of them, and who has it in hand."""
    rows = connection.execute(select(Issue.id, Issue.author_id, Issue.owner_id).where(Issue.id.in_(ids)))
    return {row.id: [one for one in (row.author_id, row.owner_id) if one is not None] for row in rows}


@shows("issue", N_("Issue"))
def show_issues(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(
            Issue.id,
            Issue.title,
            func.substr(Issue.body, 1, BEGINNING).label("body"),
            Issue.author_id,
            Person.display_name,
            Issue.community_id,
            Issue.created_at,
        )
        .join(Person, Person.id == Issue.author_id)
        .where(
            Issue.id.in_(ids),
            knows_of(actor, Issue.community_id, Issue.hidden_at),
        )
    )
    return {
        row.id: Thing(
            reference=Reference("issue", row.id),
            title=row.title,
            excerpt=excerpt(row.body),
            author_id=row.author_id,
            author=row.display_name,
            community_id=row.community_id,
            at=row.created_at,
            endpoint="board.issue",
            values={"issue_id": row.id},
        )
        for row in rows
    }
