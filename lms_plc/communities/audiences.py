"""Who may read a thing whose author chose its readers? One expression for every select, in every room.

The author chooses, nobody else: no role, no administrator and no export reads what is for ``only_me``. A wider audience
contains the narrower ones: whoever leads a community also reads what its members do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, delete, exists, or_
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms_plc.communities.lines import Here
from lms_plc.communities.models import Community, Membership
from lms_plc.communities.standing import is_inside, is_leading
from lms_plc.core.database import Row, table_of, upsert
from lms_plc.core.policy import Actor
from lms_plc.web.i18n import N_


class Audience(StrEnum):
    ONLY_ME = "only_me"
    NAMED_PEOPLE = "named_people"
    FACILITATOR = "facilitator"
    COMMUNITY = "community"
    PLATFORM = "platform"
    WORLD = "world"


AUDIENCE_NAMES: dict[Audience, tuple[str, str]] = {
    Audience.ONLY_ME: (N_("Only me"), N_("Nobody else can open it, also no administrator")),
    Audience.NAMED_PEOPLE: (N_("People I choose"), N_("Only those you name")),
    Audience.FACILITATOR: (N_("Who leads the community"), N_("Its facilitators and mentors")),
    Audience.COMMUNITY: (N_("My community"), N_("Everybody who is in it, also who joins later")),
    Audience.PLATFORM: (N_("All communities here"), N_("Everybody in a community of this learning platform")),
    Audience.WORLD: (N_("Everybody"), N_("Anybody who has the address, without signing in")),
}
"""Audience → its name and what it means, narrow ones first."""


class AudiencePerson(Row):
    """One of the people an author named for a thing with ``NAMED_PEOPLE``."""

    __tablename__ = "plc_audience_person"
    __table_args__ = (Index("ix_plc_audience_person_person_id", "person_id"),)

    thing_kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    thing_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)


@dataclass(frozen=True, slots=True)
class Readable:
    """The columns of a thing that say who reads it."""

    kind: str
    id: Any
    audience: Any
    author_id: Any
    community_id: Any


_HOME = table_of(Community).alias("their_home").c
_MEMBER = table_of(Membership).alias("any_member").c
"""Whoever asks may select from both themselves."""


def may_read(actor: Actor | Here, thing: Readable) -> ColumnElement[bool]:
    """Whether the actor is in the audience of a thing, as a condition of the select that reads it."""
    chosen = table_of(AudiencePerson).c
    named = exists().where(
        chosen.thing_kind == thing.kind,
        chosen.thing_id == thing.id,
        chosen.person_id == actor.person_id,
    )
    home, member = _HOME, _MEMBER
    same_platform = and_(
        exists().where(home.id == thing.community_id, home.site_id == actor.site_id),
        exists().where(member.person_id == actor.person_id, member.state == "active"),
    )
    leads = is_leading(actor.person_id, thing.community_id, actor.at)
    inside = is_inside(actor.person_id, thing.community_id, actor.at)
    return or_(
        thing.author_id == actor.person_id,
        and_(thing.audience == Audience.NAMED_PEOPLE.value, named),
        and_(thing.audience == Audience.FACILITATOR.value, leads),
        and_(thing.audience == Audience.COMMUNITY.value, inside),
        and_(thing.audience == Audience.PLATFORM.value, or_(inside, same_platform)),
        thing.audience == Audience.WORLD.value,
    )


def stands_for(actor: Actor, thing: Readable, hidden_at: Any) -> ColumnElement[bool]:
    """Not hidden; what is hidden stays its author's, and that of who leads the community and could read it."""
    leads = is_leading(actor.person_id, thing.community_id, actor.at)
    return or_(hidden_at.is_(None), thing.author_id == actor.person_id, leads)


def name_people(session: Session, kind: str, thing_id: UUID, person_ids: list[UUID]) -> None:
    """Says who may read a thing for ``NAMED_PEOPLE``; whoever was named before and is not now reads it no more."""
    name_people_of_all(session, kind, [thing_id], person_ids)


def name_people_of_all(session: Session, kind: str, thing_ids: Sequence[UUID], person_ids: Sequence[UUID]) -> None:
    """As ``name_people``, the same people for several things, in two statements."""
    named = AudiencePerson.__table__
    session.execute(
        delete(AudiencePerson).where(
            AudiencePerson.thing_kind == kind,
            AudiencePerson.thing_id.in_(thing_ids),
            AudiencePerson.person_id.not_in(person_ids),
        )
    )
    rows = [
        {"thing_kind": kind, "thing_id": thing_id, "person_id": person}
        for thing_id in thing_ids
        for person in dict.fromkeys(person_ids)
    ]
    if rows:
        session.execute(upsert(session, named).on_conflict_do_nothing(), rows)
