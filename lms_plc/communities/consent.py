"""How does a community agree? By consent, not by counting: a proposal stands when nobody says "not yet" any more.

Each member answers yes, yes with a worry, or not yet, and may change it while the round is open. It is adopted when
somebody asks for it, no "not yet" is open and at least half of the members have answered. Worries stay with what was
adopted. A room says with ``adopts`` what follows for its own things; this room imports none of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community, ConsentAnswer, ConsentRound, Membership
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.standing import read_roles, roles_of, towards
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.people.models import Person

FEWEST = 2
"""So many have to answer at least: consent takes two."""


class Stand(StrEnum):
    YES = "yes"
    YES_WITH_WORRY = "yes_with_worry"
    NOT_YET = "not_yet"


class RoundIsOver(Exception):
    """It was adopted or withdrawn meanwhile; nothing was changed."""


class NotAgreedYet(Exception):
    """Somebody says "not yet", or too few have answered."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is put to a community: a kind that a room ``adopts``, and the words of it."""

    kind: str
    text: str
    subject_id: UUID | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    answer_by: date | None = None


@dataclass(frozen=True, slots=True)
class RoundSeen:
    """A proposal and how far it is. Only who is a member now counts, among the answers and among the members."""

    id: UUID
    community_id: UUID
    site_id: UUID
    kind: str
    subject_id: UUID | None
    proposal: str
    changes: Mapping[str, Any]
    opened_by: UUID
    proposer: str
    opened_at: datetime
    answer_by: date | None
    state: str
    decided_at: datetime | None
    members: int
    answered: int
    not_yet: int
    mine: str | None
    roles: frozenset[Role] = frozenset()

    @property
    def needed(self) -> int:
        return max(FEWEST, (self.members + 1) // 2)

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def agreed(self) -> bool:
        return not self.not_yet and self.answered >= self.needed


Adoption = Callable[[Session, Actor, CommunitySeen, RoundSeen], None]
_adoptions: dict[str, tuple[str, Adoption]] = {}


def adopts(kind: str, label: str) -> Callable[[Adoption], Adoption]:
    """Registers what such a proposal is called (a message id), and what follows when it is adopted, in the same
    transaction."""

    def register(adoption: Adoption) -> Adoption:
        _adoptions[kind] = (label, adoption)
        return adoption

    return register


def label_of(kind: str) -> str:
    """A message id."""
    return _adoptions[kind][0]


def round_columns(actor: Actor) -> tuple[Any, ...]:
    """What ``RoundSeen`` is made of, but for the roles; the select joins Community and the person who proposed."""
    mine = select(ConsentAnswer.stand).where(
        ConsentAnswer.round_id == ConsentRound.id, ConsentAnswer.person_id == actor.person_id
    )
    members = select(func.count()).where(
        Membership.community_id == ConsentRound.community_id, Membership.state == "active"
    )
    return (
        *(ConsentRound.id, ConsentRound.community_id, Community.site_id, ConsentRound.kind, ConsentRound.subject_id),
        *(ConsentRound.proposal, ConsentRound.changes, ConsentRound.opened_by, Person.display_name),
        *(ConsentRound.opened_at, ConsentRound.answer_by, ConsentRound.state, ConsentRound.decided_at),
        members.scalar_subquery(),
        _answers(),
        _answers(ConsentAnswer.stand == Stand.NOT_YET.value),
        mine.scalar_subquery(),
    )


def _answers(*which: ColumnElement[bool]) -> ColumnElement[Any]:
    counts = Membership.community_id == ConsentRound.community_id, Membership.state == "active"
    return (
        select(func.count())
        .select_from(ConsentAnswer)
        .join(Membership, and_(Membership.person_id == ConsentAnswer.person_id, *counts))
        .where(ConsentAnswer.round_id == ConsentRound.id, *which)
        .correlate(ConsentRound)
        .scalar_subquery()
    )


@loads("consent_round", known_by="community.read")
def load_round(connection: Connection, actor: Actor, round_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(*round_columns(actor), *roles_of(actor.person_id, ConsentRound.community_id, actor.at))
        .join(Community, Community.id == ConsentRound.community_id)
        .join(Person, Person.id == ConsentRound.opened_by)
        .where(ConsentRound.id == round_id)
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    roles = towards(read_roles(membership_state, assigned_roles), is_author=row.opened_by == actor.person_id)
    return Loaded(RoundSeen(*(*values, roles)), roles)


def open_round(session: Session, actor: Actor, community: CommunitySeen, proposal: Proposal, form_key: str) -> UUID:
    """Puts something to the community. The same form sent twice is one proposal."""
    round_id, is_new = once(
        session,
        ConsentRound,
        ("opened_by", "form_key"),
        community_id=community.id,
        kind=proposal.kind,
        subject_id=proposal.subject_id,
        proposal=proposal.text,
        changes=dict(proposal.changes),
        opened_by=actor.person_id,
        opened_at=actor.at,
        answer_by=proposal.answer_by,
        state="open",
        form_key=form_key,
    )
    if not is_new:
        return round_id
    _tell(session, "consent.opened", actor, round_id, community, {"kind": proposal.kind})
    return round_id


def answer_round(
    session: Session, actor: Actor, community: CommunitySeen, asked: RoundSeen, stand: Stand, words: str
) -> None:
    """Says where one stands; what one said before is replaced. Raises RoundIsOver."""
    _hold_open(session, asked.id)
    said = upsert(session, ConsentAnswer).values(
        round_id=asked.id, person_id=actor.person_id, stand=stand.value, words=words, answered_at=actor.at
    )
    new = {name: said.excluded[name] for name in ("stand", "words", "answered_at")}
    session.execute(said.on_conflict_do_update(index_elements=["round_id", "person_id"], set_=new))
    _tell(session, "consent.answered", actor, asked.id, community, {"stand": stand.value})


def take_answer_back(session: Session, actor: Actor, community: CommunitySeen, asked: RoundSeen) -> None:
    """One's own, and nobody else's: a "not yet" goes only with whoever said it. Raises RoundIsOver."""
    _hold_open(session, asked.id)
    gone = session.execute(
        delete(ConsentAnswer)
        .where(ConsentAnswer.round_id == asked.id, ConsentAnswer.person_id == actor.person_id)
        .returning(ConsentAnswer.round_id)
    ).one_or_none()
    if gone is not None:
        _tell(session, "consent.answer_taken_back", actor, asked.id, community, {})


def adopt_round(session: Session, actor: Actor, community: CommunitySeen, asked: RoundSeen) -> None:
    """What nobody holds back stands from now on, and what follows from it is done. Raises RoundIsOver, NotAgreedYet."""
    _hold_open(session, asked.id)
    loaded = load_round(session.connection(), actor, asked.id)  # an answer may have come since the page was loaded
    assert loaded is not None
    now: RoundSeen = loaded.thing
    if not now.agreed:
        raise NotAgreedYet
    _decide(session, actor, now.id, "adopted")
    _adoptions[now.kind][1](session, actor, community, now)
    _tell(session, "consent.adopted", actor, now.id, community, {"kind": now.kind, "answered": now.answered})


def withdraw_round(session: Session, actor: Actor, community: CommunitySeen, asked: RoundSeen) -> None:
    """Takes a proposal off the table; what was said to it stays to be read. Raises RoundIsOver."""
    _hold_open(session, asked.id)
    _decide(session, actor, asked.id, "withdrawn")
    _tell(session, "consent.withdrawn", actor, asked.id, community, {"kind": asked.kind})


def _hold_open(session: Session, round_id: UUID) -> None:
    """The round stays as it is until we are done."""
    state = session.execute(
        select(ConsentRound.state).where(ConsentRound.id == round_id).with_for_update()
    ).scalar_one()
    if state != "open":
        raise RoundIsOver


def _decide(session: Session, actor: Actor, round_id: UUID, state: str) -> None:
    session.execute(
        update(ConsentRound)
        .where(ConsentRound.id == round_id)
        .values(state=state, decided_by=actor.person_id, decided_at=actor.at)
    )


def _tell(
    session: Session, verb: str, actor: Actor, round_id: UUID, community: CommunitySeen, facts: Mapping[str, Any]
) -> None:
    record_by(
        session,
        actor,
        verb,
        Reference("consent_round", round_id),
        site_id=community.site_id,
        community_id=community.id,
        facts=facts,
    )
