"""What can be read of something new. Each function is one statement."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from lms_plc.communities.models import Community
from lms_plc.communities.standing import knows_of, read_roles, roles_of, towards, while_hidden
from lms_plc.core.activity import Reference
from lms_plc.core.database import one_of
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, allows, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.innovations.models import Innovation, InnovationNote
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

KIND = "innovation"
DISCUSS, TEST, TRANSLATE, JUDGED = "discuss", "test", "translate", "judged"
ON_THE_WAY = (DISCUSS, TEST, TRANSLATE)
"""The three states of a card, in their order; then it is judged."""

CARDS_A_PAGE = 20
NOTES = 300


@dataclass(frozen=True, slots=True)
class CardSeen:
    id: UUID
    community_id: UUID
    site_id: UUID
    raised_by: str
    title: str
    text: str
    state: str
    verdict: str | None
    created_at: datetime
    changed_at: datetime
    hidden_at: datetime | None
    roles: frozenset[Role]

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)

    @property
    def is_judged(self) -> bool:
        return self.state == JUDGED

    @property
    def following(self) -> str | None:
        """The state a card goes on to; after the last one comes a verdict."""
        if self.state not in (DISCUSS, TEST):
            return None
        return ON_THE_WAY[ON_THE_WAY.index(self.state) + 1]

    @property
    def may_move(self) -> bool:
        return allows(self.roles, "innovation.move")


@dataclass(frozen=True, slots=True)
class CardListed:
    id: UUID
    title: str
    state: str
    verdict: str | None
    raised_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """``became`` is what the card went on to with this note."""

    name: str
    state: str
    became: str | None
    text: str
    at: datetime


@loads(KIND, known_by="community.read")
def load_card(connection: Connection, actor: Actor, card_id: UUID) -> Loaded | None:
    """One that is hidden is there for whoever leads the community, and for nobody else."""
    row: Any = connection.execute(
        select(
            Innovation.id,
            Innovation.community_id,
            Community.site_id,
            Person.display_name,
            Innovation.title,
            Innovation.text,
            Innovation.state,
            Innovation.verdict,
            Innovation.created_at,
            Innovation.changed_at,
            Innovation.hidden_at,
            Innovation.raised_by_id,
            *roles_of(actor.person_id, Innovation.community_id, actor.at),
        )
        .join(Community, Community.id == Innovation.community_id)
        .join(Person, Person.id == Innovation.raised_by_id)
        .where(Innovation.id == card_id)
    ).one_or_none()
    if row is None:
        return None
    *values, raised_by_id, membership_state, assigned_roles = row
    roles = while_hidden(read_roles(membership_state, assigned_roles), row.hidden_at)
    roles = towards(roles, is_author=raised_by_id == actor.person_id)
    return Loaded(CardSeen(*(*values, roles)), roles)


def was_sent(connection: Connection, actor: Actor, form_key: str) -> bool:
    """Whether a note of the actor's came with this form before: then its words are kept."""
    sent = select(InnovationNote.id).where(
        InnovationNote.author_id == actor.person_id, InnovationNote.form_key == form_key
    )
    return connection.execute(sent).one_or_none() is not None


def cards(
    connection: Connection,
    community_id: UUID,
    states: Sequence[str],
    *,
    before: UUID | None = None,
    size: int = CARDS_A_PAGE,
) -> Page[CardListed]:
    """Those in these states, the newest first."""
    query = (
        select(
            Innovation.id,
            Innovation.title,
            Innovation.state,
            Innovation.verdict,
            Person.display_name,
            Innovation.changed_at,
        )
        .join(Person, Person.id == Innovation.raised_by_id)
        .where(
            Innovation.community_id == community_id, one_of(Innovation.state, states), Innovation.hidden_at.is_(None)
        )
        .order_by(Innovation.id.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(Innovation.id < before)
    return cut([CardListed(*row) for row in connection.execute(query)], size, lambda card: card.id)


def notes(connection: Connection, card_id: UUID) -> list[NoteSeen]:
    """What was said of it, in its order."""
    rows = connection.execute(
        select(Person.display_name, InnovationNote.state, InnovationNote.became, InnovationNote.text, InnovationNote.at)
        .join(Person, Person.id == InnovationNote.author_id)
        .where(InnovationNote.innovation_id == card_id)
        .order_by(InnovationNote.id)
        .limit(NOTES)
    )
    return [NoteSeen(*row) for row in rows]


def unsettled(connection: Connection, ids: Sequence[UUID]) -> AbstractSet[UUID]:
    query = select(Innovation.id).where(Innovation.id.in_(ids), Innovation.state != JUDGED)
    return set(connection.execute(query).scalars())


@shows(KIND, N_("Something new"))
def show_cards(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(
            Innovation.id,
            Innovation.title,
            Innovation.text,
            Innovation.raised_by_id,
            Person.display_name,
            Innovation.community_id,
            Innovation.created_at,
        )
        .join(Person, Person.id == Innovation.raised_by_id)
        .where(
            Innovation.id.in_(ids),
            knows_of(actor, Innovation.community_id, Innovation.hidden_at),
        )
    )
    return {
        row.id: Thing(
            reference=Reference(KIND, row.id),
            title=row.title,
            excerpt=excerpt(row.text),
            author_id=row.raised_by_id,
            author=row.display_name,
            community_id=row.community_id,
            at=row.created_at,
            endpoint="innovations.card",
            values={"innovation_id": row.id},
        )
        for row in rows
    }
