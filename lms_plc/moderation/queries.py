"""What can be seen of cases, and by whom.

Who leads the community sees them, except what is about their own words while somebody else leads too. The author sees
theirs from the moment somebody spoke to them, and never who asked for help.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, union
from sqlalchemy.orm import aliased

from lms_plc.communities.home import HERE, line
from lms_plc.communities.models import Community, Membership, RoleAssignment
from lms_plc.communities.standing import in_force, is_inside, is_leading, is_led_besides, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.database import one_of
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.things import Thing, shows
from lms_plc.moderation.forms import Step
from lms_plc.moderation.models import CaseStep, ModerationCase, Report
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_, gettext

CASES_A_PAGE = 20
LEADING = frozenset({Role.FACILITATOR, Role.MENTOR})
APPEAL_WITHIN = timedelta(days=14)
"""So long what was removed is only hidden, and its author may object."""

AGAIN = frozenset({Step.SETTLED, Step.RESTORED})
"""States in which a report begins the talk anew."""

WAITING = (Step.REPORTED.value, Step.APPEALED.value)


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A case to somebody who may know of it. ``judges``: decides it, as one who leads. ``answers_appeal`` is False for
    whoever decided before, while somebody else could answer. ``besides`` tells whether anybody else leads at all."""

    id: UUID
    community_id: UUID
    community: str
    site_id: UUID
    thing: Reference
    author_id: UUID | None
    author: str | None
    private: bool
    title: str
    as_seen: str
    state: Step
    before_appeal: str | None
    opened_at: datetime
    told_at: datetime | None
    decided_at: datetime | None
    decided_by_id: UUID | None
    final_at: datetime | None
    gone_at: datetime | None
    judges: bool
    is_author: bool
    answers_appeal: bool
    besides: bool


@dataclass(frozen=True, slots=True)
class StepSeen:
    step: Step
    person_id: UUID | None
    name: str | None
    norm: str | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportSeen:
    """``name`` is None for somebody who wished to stay unnamed."""

    name: str | None
    mine: bool
    norm: str | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseListed:
    id: UUID
    kind: str
    title: str
    author: str | None
    state: Step
    community: str
    final: bool
    at: datetime


@loads("case", known_by="case.see")
def load_case(connection: Connection, actor: Actor, case_id: UUID) -> Loaded | None:
    case, author = ModerationCase, aliased(Person)
    row: Any = connection.execute(
        select(
            case.id,
            case.community_id,
            Community.name,
            Community.site_id,
            case.thing_kind,
            case.thing_id,
            case.author_id,
            author.display_name,
            case.private,
            case.title,
            case.as_seen,
            case.state,
            case.before_appeal,
            case.opened_at,
            case.told_at,
            case.decided_at,
            case.decided_by_id,
            case.final_at,
            case.gone_at,
            is_led_besides(case.community_id, actor.at, case.author_id),
            is_led_besides(case.community_id, actor.at, case.author_id, case.decided_by_id),
            is_led_besides(case.community_id, actor.at, actor.person_id),
            *roles_of(actor.person_id, case.community_id, actor.at),
        )
        .join(Community, Community.id == case.community_id)
        .outerjoin(author, author.id == case.author_id)
        .where(case.id == case_id)
    ).one_or_none()
    if row is None:
        return None
    given: list[Any]
    *given, others_judge, others_answer, besides, membership_state, assigned_roles = row
    values: list[Any] = [*given[:4], Reference(given[4], given[5]), *given[6:11], Step(given[11]), *given[12:]]
    author_id, told_at, decided_by = row.author_id, row.told_at, row.decided_by_id
    is_author = author_id == actor.person_id
    roles = read_roles(membership_state, assigned_roles) & LEADING
    if is_author and others_judge:
        roles = frozenset()
    judges = bool(roles)
    if is_author and told_at is not None:
        roles |= {Role.AUTHOR}
    answers = judges and (decided_by != actor.person_id or not others_answer)
    return Loaded(CaseSeen(*(*values, judges, Role.AUTHOR in roles, answers, bool(besides))), roles)


def cases(
    connection: Connection, actor: Actor, community_id: UUID, *, before: UUID | None = None, size: int = CASES_A_PAGE
) -> Page[CaseListed]:
    """What one judges in a community: what waits first, on every page, then the newest."""
    query = _listed().where(ModerationCase.community_id == community_id, _may_judge(actor.person_id, actor.at))
    query = query.order_by(ModerationCase.id.desc()).limit(size + 1)
    if before is not None:
        query = query.where(ModerationCase.id < before)
    return cut([_line(row) for row in connection.execute(query)], size, lambda case: case.id)


def about_mine(connection: Connection, actor: Actor, size: int = 50) -> list[CaseListed]:
    """Cases about something the actor wrote, once somebody spoke to them; the latest first."""
    query = _listed().where(ModerationCase.author_id == actor.person_id, ModerationCase.told_at.is_not(None))
    return [_line(row) for row in connection.execute(query.order_by(ModerationCase.id.desc()).limit(size))]


def reported_by(connection: Connection, actor: Actor, size: int = 50) -> list[CaseListed]:
    query = _listed().join(Report, Report.case_id == ModerationCase.id).where(Report.person_id == actor.person_id)
    return [_line(row) for row in connection.execute(query.order_by(Report.id.desc()).limit(size))]


def has_reported(connection: Connection, actor: Actor, thing: Reference) -> bool:
    """Whether the actor asked for help with this thing and it is not settled: after that they may ask again."""
    return (
        connection.execute(
            select(Report.id)
            .join(ModerationCase, ModerationCase.id == Report.case_id)
            .where(
                ModerationCase.thing_kind == thing.kind,
                ModerationCase.thing_id == thing.id,
                Report.person_id == actor.person_id,
                ModerationCase.state.not_in([state.value for state in AGAIN]),
            )
        ).one_or_none()
        is not None
    )


def steps(connection: Connection, case_id: UUID, size: int = 200) -> list[StepSeen]:
    """What was decided and said, in its order."""
    rows: Any = connection.execute(
        select(CaseStep.step, CaseStep.person_id, Person.display_name, CaseStep.norm, CaseStep.text, CaseStep.at)
        .outerjoin(Person, Person.id == CaseStep.person_id)
        .where(CaseStep.case_id == case_id)
        .order_by(CaseStep.id)
        .limit(size)
    )
    return [StepSeen(Step(step), *rest) for step, *rest in rows]


def reports(connection: Connection, actor: Actor, case: CaseSeen, size: int = 100) -> list[ReportSeen]:
    """Who asked for help and why, for who decides. One who decides about their own words, because nobody else leads,
    reads no name."""
    rows = connection.execute(
        select(Report.person_id, Person.display_name, Report.unnamed, Report.norm, Report.text, Report.at)
        .join(Person, Person.id == Report.person_id)
        .where(Report.case_id == case.id)
        .order_by(Report.id)
        .limit(size)
    )
    told = case.author_id != actor.person_id
    return [
        ReportSeen(
            name if told and not unnamed else None,
            person_id == actor.person_id,
            norm,
            text,
            at,
        )
        for person_id, name, unnamed, norm, text, at in rows
    ]


def leaders_but(
    connection: Connection, community_id: UUID, at: datetime, author_id: UUID | None
) -> tuple[list[str], bool]:
    """Names of those who would decide about something of this author: whoever leads, without the author if there is
    anybody else; and whether it is the author alone."""
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .join(RoleAssignment, RoleAssignment.person_id == Person.id)
        .where(
            RoleAssignment.community_id == community_id,
            one_of(RoleAssignment.role, (role.value for role in LEADING)),
            in_force(at),
            or_(
                _state_there(community_id) == "active",
                and_(RoleAssignment.role == Role.MENTOR.value, _state_there(community_id).is_(None)),
            ),
        )
        .distinct()
        .order_by(Person.display_name, Person.id)
        .limit(50)
    ).all()
    others = [name for person_id, name in rows if person_id != author_id]
    return others or [name for _, name in rows], bool(rows) and not others


def shared_communities(connection: Connection, actor: Actor, author_id: UUID, size: int = 30) -> list[tuple[UUID, str]]:
    """Communities both are in, whose leaders can be asked for help with what stands in none."""
    near = union(
        select(Membership.community_id).where(Membership.person_id == actor.person_id),
        select(RoleAssignment.community_id).where(RoleAssignment.person_id == actor.person_id),
    )
    rows = connection.execute(
        select(Community.id, Community.name)
        .where(
            Community.id.in_(near),
            is_inside(actor.person_id, Community.id, actor.at),
            is_inside(author_id, Community.id, actor.at),
        )
        .order_by(Community.name, Community.id)
        .limit(size)
    )
    return [(community_id, name) for community_id, name in rows]


def community_called(connection: Connection, community_id: UUID) -> tuple[str, UUID]:
    row = connection.execute(select(Community.name, Community.site_id).where(Community.id == community_id)).one()
    return row.name, row.site_id


def waiting_on_home() -> Select[Any]:
    """How many cases wait for the one who looks, as a line."""
    case = ModerationCase
    return select(*line(number=func.count())).where(
        case.community_id == HERE.community_id,
        one_of(case.state, WAITING),
        _may_judge(HERE.person_id, HERE.at),
    )


def removed_before(connection: Connection, at: datetime, size: int = 200) -> list[UUID]:
    """Cases whose author has not objected in time to a removal that is still only hidden."""
    case = ModerationCase
    rows = connection.execute(
        select(case.id)
        .where(
            case.state == Step.REMOVED.value,
            case.gone_at.is_(None),
            case.decided_at <= at - APPEAL_WITHIN,
        )
        .order_by(case.id)
        .limit(size)
    )
    return list(rows.scalars())


@shows("case", N_("A report"))
def show_cases(connection: Connection, actor: Actor, case_ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    case = ModerationCase
    mine = and_(case.author_id == actor.person_id, case.told_at.is_not(None))
    leads = and_(is_leading(actor.person_id, case.community_id, actor.at), _may_judge(actor.person_id, actor.at))
    rows = connection.execute(
        select(case.id, case.community_id, case.author_id, case.opened_at).where(
            case.id.in_(case_ids), or_(mine, leads)
        )
    )
    return {
        row.id: Thing(
            reference=Reference("case", row.id),
            title=gettext("About something you wrote")
            if row.author_id == actor.person_id
            else gettext("Somebody asks for help"),
            excerpt="",
            author_id=None,
            author="",
            community_id=row.community_id,
            at=row.opened_at,
            endpoint="moderation.case",
            values={"case_id": row.id},
        )
        for row in rows
    }


def _may_judge(person: Any, at: Any) -> ColumnElement[bool]:
    """Nobody judges what is about their own words while somebody else leads too."""
    case = ModerationCase
    return or_(
        case.author_id.is_(None),
        case.author_id != person,
        ~is_led_besides(case.community_id, at, case.author_id),
    )


def _state_there(community_id: UUID) -> Any:
    return (
        select(Membership.state)
        .where(Membership.community_id == community_id, Membership.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )


def _listed() -> Any:
    case, author = ModerationCase, aliased(Person)
    return (
        select(
            case.id,
            case.thing_kind,
            case.title,
            author.display_name,
            case.state,
            Community.name,
            case.final_at,
            func.coalesce(case.decided_at, case.opened_at),
        )
        .select_from(case)
        .join(Community, Community.id == case.community_id)
        .outerjoin(author, author.id == case.author_id)
    )


def _line(row: Any) -> CaseListed:
    case_id, kind, title, author, state, community, final_at, at = row
    return CaseListed(case_id, kind, title, author, Step(state), community, final_at is not None, at)
