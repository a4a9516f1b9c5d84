"""Which colleagues of other communities want to be found, and who said hello? Each function is one statement.

Nobody is ranked and nobody is counted. Found is only who consented, teaches at the same platform in another community,
and is not blocked by either side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, exists, literal, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.models import Community, Membership
from lms_plc.communities.together import communities_of, share_a_community
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.peers.models import Hello
from lms_plc.people.blocks import are_apart, has_blocked
from lms_plc.people.connections import are_connected
from lms_plc.people.models import Person, PersonLanguage, PersonSubject, Profile
from lms_plc.web.i18n import N_

PEERS_A_PAGE = 20
HELLOS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PeerSeen:
    """A colleague elsewhere; ``greeted``: the one who looks said hello already."""

    id: UUID
    name: str
    greeted: bool


@dataclass(frozen=True, slots=True)
class HelloSeen:
    id: UUID
    person_id: UUID
    name: str
    note: str
    at: datetime
    waits: bool


@loads("peer", known_by="peer.greet")
def load_peer(connection: Connection, actor: Actor, person_id: UUID) -> Loaded | None:
    row = connection.execute(
        select(Person.id, Person.display_name, _greeted(actor)).where(Person.id == person_id, wants_to_meet(actor))
    ).one_or_none()
    return Loaded(PeerSeen(*row), frozenset({Role.READER})) if row else None


@loads("hello", known_by="hello.see")
def load_hello(connection: Connection, actor: Actor, hello_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        select(
            Hello.id,
            Hello.person_id,
            Person.display_name,
            Hello.note,
            Hello.created_at,
            _waits(),
            Hello.other_id == actor.person_id,
        )
        .join(Person, Person.id == Hello.person_id)
        .where(Hello.id == hello_id, _concerns(actor))
    ).one_or_none()
    if row is None:
        return None
    *values, to_me = row
    return Loaded(HelloSeen(*values), frozenset({Role.READER if to_me else Role.AUTHOR}))


def peers(
    connection: Connection,
    actor: Actor,
    subject: str,
    *,
    language: str | None = None,
    after: UUID | None = None,
    size: int = PEERS_A_PAGE,
) -> Page[PeerSeen]:
    """In no order that says anything of anybody: that of their ids."""
    query = (
        select(Person.id, Person.display_name, _greeted(actor))
        .where(_teaches(subject), wants_to_meet(actor))
        .order_by(Person.id)
        .limit(size + 1)
    )
    if language is not None:
        spoken = exists().where(PersonLanguage.person_id == Person.id, PersonLanguage.language == language)
        query = query.where(spoken)
    if after is not None:
        query = query.where(Person.id > after)
    return cut([PeerSeen(*row) for row in connection.execute(query)], size, lambda peer: peer.id)


def subject_with_a_peer(connection: Connection, actor: Actor) -> str | None:
    """One of the actor's subjects that somebody elsewhere teaches who wants to be found."""
    mine, theirs = aliased(PersonSubject), aliased(PersonSubject)
    query = (
        select(mine.subject)
        .join(theirs, theirs.subject == mine.subject)
        .join(Person, Person.id == theirs.person_id)
        .where(mine.person_id == actor.person_id, wants_to_meet(actor))
        .order_by(mine.subject)
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def hellos_to(connection: Connection, actor: Actor, size: int = HELLOS_SHOWN) -> list[HelloSeen]:
    """Those that wait for this person's answer."""
    rows = connection.execute(
        select(Hello.id, Hello.person_id, Person.display_name, Hello.note, Hello.created_at, literal(True))
        .join(Person, Person.id == Hello.person_id)
        .where(waiting_for(actor.person_id))
        .order_by(Hello.id.desc())
        .limit(size)
    )
    return [HelloSeen(*row) for row in rows]


def waiting_for(person_id: Any) -> ColumnElement[bool]:
    """For a select of hellos: whether one waits for this person's answer."""
    return and_(Hello.other_id == person_id, _waits(), ~has_blocked(person_id, Hello.person_id))


def wants_to_meet(actor: Actor) -> ColumnElement[bool]:
    """For a select of people: whether the actor may find them. A tie there is already needs no finding."""
    willing = exists().where(Profile.person_id == Person.id, Profile.may_be_found)
    teaches_here = exists(
        select(Membership.id)
        .join(Community, Community.id == Membership.community_id)
        .where(Membership.person_id == Person.id, Membership.state == "active", Community.site_id == actor.site_id)
        .correlate(Person)
    )
    return and_(
        Person.id != actor.person_id,
        exists(communities_of(actor.person_id, actor.at).subquery().select()),  # found by colleagues, not by anybody
        willing,
        teaches_here,
        ~share_a_community(actor.person_id, Person.id, actor.at),
        ~are_connected(actor.person_id, Person.id),
        ~are_apart(actor.person_id, Person.id),
    )


def _teaches(subject: object) -> ColumnElement[bool]:
    theirs = aliased(PersonSubject)
    return exists().where(theirs.person_id == Person.id, theirs.subject == subject)


def _greeted(actor: Actor) -> ColumnElement[bool]:
    return exists().where(Hello.person_id == actor.person_id, Hello.other_id == Person.id)


def _waits() -> ColumnElement[bool]:
    return and_(Hello.accepted_at.is_(None), Hello.rests_at.is_(None))


def _concerns(actor: Actor) -> ColumnElement[bool]:
    to_me = and_(Hello.other_id == actor.person_id, ~has_blocked(actor.person_id, Hello.person_id))
    return or_(Hello.person_id == actor.person_id, to_me)


@shows("hello", N_("Hello"))
def show_hellos(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Thing]:
    """One that waits leads to whom it was said; an accepted one leads both to their talk."""
    other = case((Hello.person_id == actor.person_id, Hello.other_id), else_=Hello.person_id)
    accepted = Hello.accepted_at.is_not(None)
    rows = connection.execute(
        select(
            Hello.id, Hello.person_id, Person.display_name, Hello.note, Hello.created_at, accepted, other.label("other")
        )
        .join(Person, Person.id == Hello.person_id)
        .where(Hello.id.in_(ids), or_(waiting_for(actor.person_id), and_(accepted, _concerns(actor))))
    )
    found = {}
    for hello_id, person_id, name, note, at, is_accepted, other_id in rows:
        found[hello_id] = Thing(
            reference=Reference("hello", hello_id),
            title=name,
            excerpt=excerpt(note),
            author_id=person_id,
            author=name,
            community_id=None,
            at=at,
            endpoint="messages.compose" if is_accepted else "peers.search",
            values={"to": other_id} if is_accepted else {},
            anchor=None if is_accepted else f"hello-{hello_id}",
        )
    return found
