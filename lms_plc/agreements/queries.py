"""What can be read of what a community promised itself. Each function is one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from lms_plc.agreements.models import CharterVersion, Goal, Norm
from lms_plc.communities.consent import RoundSeen, Stand, round_columns
from lms_plc.communities.models import Community, ConsentAnswer, ConsentRound, Founding
from lms_plc.communities.norms import Promise, tells_promises
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

VERSIONS_A_PAGE = 20
ROUNDS_A_PAGE = 20
NORMS, GOALS, WORRIES, ANSWERS = 100, 100, 100, 500


@dataclass(frozen=True, slots=True)
class Charter:
    """How a charter reads, or read. ``writer`` is None where nobody knows any more."""

    version: int
    purpose: str
    definition: str
    rhythm: str
    leaves_room: str
    photos: str
    languages: str
    at: datetime | None
    writer: str | None
    round_id: UUID | None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NormSeen:
    id: UUID
    text: str
    added_at: datetime
    reviewed_at: datetime | None
    round_id: UUID | None


@dataclass(frozen=True, slots=True)
class NormLoaded:
    id: UUID
    community_id: UUID
    text: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class GoalSeen:
    id: UUID
    round_id: UUID
    text: str
    state: str
    note: str
    agreed_at: datetime
    closed_at: datetime | None
    closer: str | None


@dataclass(frozen=True, slots=True)
class GoalLoaded:
    id: UUID
    community_id: UUID
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    person_id: UUID
    name: str
    stand: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FoundingSeen:
    founded_by: str | None
    by_whom: str
    founded_on: date | None
    first_purpose: str
    recorder: str
    recorded_at: datetime


@loads("norm", known_by="community.read")
def load_norm(connection: Connection, actor: Actor, norm_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            Norm.id,
            Norm.community_id,
            Norm.text,
            Norm.ended_at,
            *roles_of(actor.person_id, Norm.community_id, actor.at),
        ).where(Norm.id == norm_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    return Loaded(NormLoaded(*values), read_roles(membership_state, assigned_roles))


@loads("goal", known_by="community.read")
def load_goal(connection: Connection, actor: Actor, goal_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            Goal.id,
            Goal.community_id,
            Goal.text,
            Goal.state,
            *roles_of(actor.person_id, Goal.community_id, actor.at),
        ).where(Goal.id == goal_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    return Loaded(GoalLoaded(*values), read_roles(membership_state, assigned_roles))


def charter(connection: Connection, community: CommunitySeen) -> Charter:
    """The charter in force; one from before versions were kept has its text alone."""
    row = connection.execute(_versions(community.id).limit(1)).one_or_none()
    if row is not None:
        return Charter(*row)
    text, at = community.charter or "", community.charter_changed_at
    return Charter(community.charter_version, text, "", "", "", "", "", at, None, None)


def versions(
    connection: Connection, community_id: UUID, *, before: UUID | None = None, size: int = VERSIONS_A_PAGE
) -> Page[Charter]:
    """How the charter read, the latest first."""
    query = _versions(community_id).limit(size + 1)
    if before is not None:
        query = query.where(CharterVersion.id < before)
    rows = [Charter(*row) for row in connection.execute(query)]
    return cut(rows, size, lambda one: one.id or UUID(int=0))


def _versions(community_id: UUID) -> Any:
    return (
        select(
            CharterVersion.version,
            CharterVersion.purpose,
            CharterVersion.definition,
            CharterVersion.rhythm,
            CharterVersion.leaves_room,
            CharterVersion.photos,
            CharterVersion.languages,
            CharterVersion.at,
            Person.display_name,
            CharterVersion.round_id,
            CharterVersion.id,
        )
        .outerjoin(Person, Person.id == CharterVersion.written_by)
        .where(CharterVersion.community_id == community_id)
        .order_by(CharterVersion.id.desc())
    )


def norms(connection: Connection, community_id: UUID) -> list[NormSeen]:
    """The promises in force, in the order they were made."""
    rows = connection.execute(
        select(Norm.id, Norm.text, Norm.added_at, Norm.reviewed_at, Norm.round_id)
        .where(Norm.community_id == community_id, Norm.ended_at.is_(None))
        .order_by(Norm.id)
        .limit(NORMS)
    )
    return [NormSeen(*row) for row in rows]


@tells_promises
def promises(connection: Connection, community_id: UUID) -> list[Promise]:
    """As others cite them."""
    return [Promise(norm.id, norm.text) for norm in norms(connection, community_id)]


def goals(connection: Connection, community_id: UUID) -> list[GoalSeen]:
    """The latest first."""
    rows = connection.execute(
        select(
            Goal.id,
            Goal.round_id,
            Goal.text,
            Goal.state,
            Goal.note,
            Goal.agreed_at,
            Goal.closed_at,
            Person.display_name,
        )
        .outerjoin(Person, Person.id == Goal.closed_by)
        .where(Goal.community_id == community_id)
        .order_by(Goal.id.desc())
        .limit(GOALS)
    )
    return [GoalSeen(*row) for row in rows]


def rounds(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    is_open: bool,
    before: UUID | None = None,
    size: int = ROUNDS_A_PAGE,
) -> Page[RoundSeen]:
    """Proposals that wait for an answer, or those that are over; the latest first."""
    query = (
        select(*round_columns(actor))
        .join(Community, Community.id == ConsentRound.community_id)
        .join(Person, Person.id == ConsentRound.opened_by)
        .where(
            ConsentRound.community_id == community_id,
            ConsentRound.state == "open" if is_open else ConsentRound.state.in_(("adopted", "withdrawn")),
        )
        .order_by(ConsentRound.id.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(ConsentRound.id < before)
    return cut([RoundSeen(*row) for row in connection.execute(query)], size, lambda one: one.id)


def answers(connection: Connection, round_id: UUID) -> list[AnswerSeen]:
    """What was said to a proposal, in the order it was said."""
    rows = connection.execute(
        select(
            ConsentAnswer.person_id,
            Person.display_name,
            ConsentAnswer.stand,
            ConsentAnswer.words,
            ConsentAnswer.answered_at,
        )
        .join(Person, Person.id == ConsentAnswer.person_id)
        .where(ConsentAnswer.round_id == round_id)
        .order_by(ConsentAnswer.answered_at, ConsentAnswer.person_id)
        .limit(ANSWERS)
    )
    return [AnswerSeen(*row) for row in rows]


def worries(connection: Connection, round_ids: Sequence[UUID]) -> dict[UUID, list[AnswerSeen]]:
    """The worries that stay with what was adopted, by round."""
    found: dict[UUID, list[AnswerSeen]] = {}
    rows: Any = connection.execute(
        select(
            ConsentAnswer.round_id,
            ConsentAnswer.person_id,
            Person.display_name,
            ConsentAnswer.stand,
            ConsentAnswer.words,
            ConsentAnswer.answered_at,
        )
        .join(Person, Person.id == ConsentAnswer.person_id)
        .where(ConsentAnswer.round_id.in_(round_ids), ConsentAnswer.stand == Stand.YES_WITH_WORRY.value)
        .order_by(ConsentAnswer.answered_at, ConsentAnswer.person_id)
        .limit(WORRIES)
    )
    for round_id, *answer in rows:
        found.setdefault(round_id, []).append(AnswerSeen(*answer))
    return found


def founding(connection: Connection, community_id: UUID) -> FoundingSeen | None:
    row = connection.execute(
        select(
            Founding.founded_by,
            Founding.by_whom,
            Founding.founded_on,
            Founding.first_purpose,
            Person.display_name,
            Founding.recorded_at,
        )
        .join(Person, Person.id == Founding.recorded_by)
        .where(Founding.community_id == community_id)
    ).one_or_none()
    return FoundingSeen(*row) if row else None


@shows("norm", N_("Agreement"))
def show_norms(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """Those that hold no more as well: they are cited."""
    rows = connection.execute(
        select(Norm.id, Norm.text, Norm.community_id, Norm.added_at).where(
            Norm.id.in_(ids), is_inside(actor.person_id, Norm.community_id, actor.at)
        )
    )
    return {
        row.id: Thing(
            reference=Reference("norm", row.id),
            title=_line(row.text),
            excerpt="",
            author_id=None,
            author="",
            community_id=row.community_id,
            at=row.added_at,
            endpoint="agreements.norm",
            values={"norm_id": row.id},
        )
        for row in rows
    }


@shows("consent_round", N_("Proposal"))
def show_rounds(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    proposer = aliased(Person)
    rows = connection.execute(
        select(
            ConsentRound.id,
            func.substr(ConsentRound.proposal, 1, 500).label("text"),
            ConsentRound.opened_by,
            proposer.display_name,
            ConsentRound.community_id,
            ConsentRound.opened_at,
        )
        .join(proposer, proposer.id == ConsentRound.opened_by)
        .where(ConsentRound.id.in_(ids), is_inside(actor.person_id, ConsentRound.community_id, actor.at))
    )
    return {
        row.id: Thing(
            reference=Reference("consent_round", row.id),
            title=_line(row.text),
            excerpt="",
            author_id=row.opened_by,
            author=row.display_name,
            community_id=row.community_id,
            at=row.opened_at,
            endpoint="agreements.consent_round",
            values={"round_id": row.id},
        )
        for row in rows
    }


def _line(text: str) -> str:
    return excerpt(text, 100)
