"""What can be read of visits. Each function is one statement.

A visit is known to whose lesson it is and to the visitors; to the community only what came of it, once the host lets
it. Notes are the visitors' until the talk afterwards, then the host's too, and nobody else's ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.attached import AT, ME, THING, endpoint_of, hangs_on
from lms_plc.communities.lines import line
from lms_plc.communities.models import Community
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, allows, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.people.blocks import are_apart
from lms_plc.people.models import Person
from lms_plc.visits.models import ObservationNote, Visit, VisitPerson
from lms_plc.visits.wording import KINDS
from lms_plc.web.i18n import N_, gettext

KIND, NOTE = "visit", "observation_note"
A_PAGE = 20
CHOOSABLE = 400
NOTES = 500
HANGING = 20

PROPOSED, AGREED, PLANNED, RUNNING = "proposed", "agreed_by_host", "planned", "running"
DEBRIEFED, REPORTED = "debriefed", "reported"
DECLINED, CANCELLED = "declined", "cancelled"
TO_PLAN = (AGREED, PLANNED)
TO_NOTE = (AGREED, PLANNED, RUNNING)
TALKED_OVER = (DEBRIEFED, REPORTED)
OVER = (DECLINED, CANCELLED)


@dataclass(frozen=True, slots=True)
class VisitSeen:
    id: UUID
    community_id: UUID
    site_id: UUID
    kind: str
    proposed_by_id: UUID
    host_id: UUID
    host: str
    focus: str
    place: str
    starts_at: datetime | None
    minutes: int | None
    state: str
    learned: str
    origin: Reference | None
    created_at: datetime
    agreed_at: datetime | None
    debriefed_at: datetime | None
    shared_at: datetime | None
    roles: frozenset[Role]

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)

    @property
    def is_host(self) -> bool:
        return Role.HOST in self.roles

    @property
    def is_visitor(self) -> bool:
        return Role.TAKING_PART in self.roles

    @property
    def is_among_us(self) -> bool:
        """Whether the actor has a part in it, and does not only read what came of it."""
        return self.is_host or self.is_visitor

    @property
    def is_talked_over(self) -> bool:
        return self.state in TALKED_OVER

    @property
    def reads_notes(self) -> bool:
        return self.is_visitor or (self.is_host and self.is_talked_over)

    @property
    def may_plan(self) -> bool:
        return allows(self.roles, "visit.plan")


@dataclass(frozen=True, slots=True)
class VisitListed:
    id: UUID
    kind: str
    host: str
    focus: str
    state: str
    starts_at: datetime | None
    is_host: bool
    is_visitor: bool


@dataclass(frozen=True, slots=True)
class NoteSeen:
    id: UUID
    visit_id: UUID
    author_id: UUID
    author: str
    sort: str
    text: str
    place: str
    noted_at: datetime
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class PersonListed:
    id: UUID
    name: str


def learned_there(learned: str) -> str:
    """By what a form knows again which text it was written on; nothing for none."""
    return sha256(learned.encode()).hexdigest()[:16] if learned else ""


def _visits(person_id: Any, at: Any, *more: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Visit.id,
        Visit.community_id,
        Community.site_id,
        Visit.kind,
        Visit.proposed_by_id,
        Visit.host_id,
        Person.display_name.label("host"),
        Visit.focus,
        Visit.place,
        Visit.starts_at,
        Visit.minutes,
        Visit.state,
        Visit.learned,
        Visit.origin_kind,
        Visit.origin_id,
        Visit.created_at,
        Visit.agreed_at,
        Visit.debriefed_at,
        Visit.shared_at,
        _visits_it(person_id).label("is_visitor"),
    )
    return (
        select(*columns, *more)
        .join(Community, Community.id == Visit.community_id)
        .join(Person, Person.id == Visit.host_id)
        .where(_may_see(person_id, at))
    )


def _visits_it(person_id: Any) -> ColumnElement[bool]:
    visitor = aliased(VisitPerson)
    return exists().where(visitor.visit_id == Visit.id, visitor.person_id == person_id)


def _may_see(person_id: Any, at: Any) -> ColumnElement[bool]:
    return and_(
        is_inside(person_id, Visit.community_id, at),
        or_(Visit.host_id == person_id, _visits_it(person_id), Visit.shared_at.is_not(None)),
    )


@loads(KIND, known_by="visit.see")
def load_visit(connection: Connection, actor: Actor, visit_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        _visits(actor.person_id, actor.at, *roles_of(actor.person_id, Visit.community_id, actor.at)).where(
            Visit.id == visit_id
        )
    ).one_or_none()
    if row is None:
        return None
    roles = set(read_roles(row.membership_state, row.assigned_roles))
    if row.host_id == actor.person_id:
        roles.add(Role.HOST)
    if row.is_visitor:
        roles.add(Role.TAKING_PART)
    if row.shared_at is not None:
        roles.add(Role.READER)
    seen = VisitSeen(
        id=row.id,
        community_id=row.community_id,
        site_id=row.site_id,
        kind=row.kind,
        proposed_by_id=row.proposed_by_id,
        host_id=row.host_id,
        host=row.host,
        focus=row.focus,
        place=row.place,
        starts_at=row.starts_at,
        minutes=row.minutes,
        state=row.state,
        learned=row.learned,
        origin=Reference(row.origin_kind, row.origin_id) if row.origin_kind and row.origin_id else None,
        created_at=row.created_at,
        agreed_at=row.agreed_at,
        debriefed_at=row.debriefed_at,
        shared_at=row.shared_at,
        roles=frozenset(roles),
    )
    return Loaded(seen, seen.roles)


def visits(connection: Connection, actor: Actor, community_id: UUID, *, before: UUID | None = None) -> Page[Any]:
    """Those one has a part in, and those of which the host lets everybody read what came; the newest first."""
    query = (
        _visits(actor.person_id, actor.at)
        .where(Visit.community_id == community_id)
        .order_by(Visit.id.desc())
        .limit(A_PAGE + 1)
    )
    if before is not None:
        query = query.where(Visit.id < before)
    rows = [
        VisitListed(
            row.id,
            row.kind,
            row.host,
            row.focus,
            row.state,
            row.starts_at,
            row.host_id == actor.person_id,
            row.is_visitor,
        )
        for row in connection.execute(query)
    ]
    return cut(rows, A_PAGE, lambda one: one.id)


def visitors(connection: Connection, visit_id: UUID) -> list[PersonListed]:
    rows = connection.execute(
        select(VisitPerson.person_id, Person.display_name)
        .join(Person, Person.id == VisitPerson.person_id)
        .where(VisitPerson.visit_id == visit_id)
        .order_by(func.lower(Person.display_name), Person.id)
        .limit(CHOOSABLE)
    )
    return [PersonListed(*row) for row in rows]


def choosable(
    connection: Connection, actor: Actor, community_id: UUID, host_id: UUID | None = None
) -> list[PersonListed]:
    """Who is in the community, besides oneself; nobody one has blocked or is blocked by, and nobody ``host_id`` has:
    whoever lets somebody in has not let in whom they keep away."""
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .where(
            is_inside(Person.id, community_id, actor.at),  # type: ignore[arg-type]
            Person.id != actor.person_id,
            *(~are_apart(one, Person.id) for one in (actor.person_id, host_id) if one),
        )
        .order_by(func.lower(Person.display_name), Person.id)
        .limit(CHOOSABLE)
    )
    return [PersonListed(*row) for row in rows]


def notes(connection: Connection, actor: Actor, seen: VisitSeen) -> list[NoteSeen]:
    """In the order of their time, hidden ones for who wrote them alone. Raises PermissionError for who may not read
    them yet, or ever: whoever calls this has looked before."""
    if not seen.reads_notes:
        raise PermissionError("notes are the visitors', and after the talk the host's")
    rows = connection.execute(
        select(
            ObservationNote.id,
            ObservationNote.visit_id,
            ObservationNote.author_id,
            Person.display_name,
            ObservationNote.sort,
            ObservationNote.text,
            ObservationNote.place,
            ObservationNote.noted_at,
            ObservationNote.hidden_at.is_not(None),
        )
        .join(Person, Person.id == ObservationNote.author_id)
        .where(ObservationNote.visit_id == seen.id, _reads_note(actor))
        .order_by(ObservationNote.id)
        .limit(NOTES)
    )
    return [NoteSeen(*row) for row in rows]


@shows(KIND, N_("Visit"))
def show_visits(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """``author`` is whose lesson it is. Its notes show nowhere but on its own pages."""
    rows = connection.execute(_visits(actor.person_id, actor.at).where(Visit.id.in_(ids)))
    return {
        row.id: Thing(
            reference=Reference(KIND, row.id),
            title=excerpt(row.focus, 80) or gettext(KINDS[row.kind].name),
            excerpt=excerpt(row.learned),
            author_id=row.host_id,
            author=row.host,
            community_id=row.community_id,
            at=row.starts_at or row.created_at,
            endpoint="visits.visit",
            values={"visit_id": row.id},
        )
        for row in rows
    }


def _reads_note(actor: Actor) -> ColumnElement[bool]:
    return or_(ObservationNote.hidden_at.is_(None), ObservationNote.author_id == actor.person_id)


@shows(NOTE, N_("Note of a visit"))
def show_notes(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """To host and visitors since the talk: before it nobody else is to read it, not even to help. It stands in no
    community's lists."""
    rows = connection.execute(
        select(
            ObservationNote.id,
            ObservationNote.visit_id,
            ObservationNote.text,
            ObservationNote.author_id,
            Person.display_name,
            ObservationNote.noted_at,
        )
        .join(Visit, Visit.id == ObservationNote.visit_id)
        .join(Person, Person.id == ObservationNote.author_id)
        .where(
            ObservationNote.id.in_(ids),
            is_inside(actor.person_id, Visit.community_id, actor.at),
            or_(_visits_it(actor.person_id), Visit.host_id == actor.person_id),
            Visit.state.in_(TALKED_OVER),
            _reads_note(actor),
        )
    )
    return {
        row.id: Thing(
            reference=Reference(NOTE, row.id),
            title=row.display_name,
            excerpt=excerpt(row.text),
            author_id=row.author_id,
            author=row.display_name,
            community_id=None,
            at=row.noted_at,
            endpoint="visits.talk",
            values={"visit_id": row.visit_id},
            anchor=f"n-{row.id}",
        )
        for row in rows
    }


def _of_a_thing(kind: str) -> Select[Any]:
    return (
        select(*line(id=Visit.id, title=Visit.focus, name=Person.display_name, kind=Visit.kind, at=Visit.created_at))
        .join(Person, Person.id == Visit.host_id)
        .where(Visit.origin_kind == kind, Visit.origin_id == THING, _may_see(ME, AT))
        .order_by(Visit.id.desc())
        .limit(HANGING)
    )


for _kind in ("inquiry", "practice_change"):
    hangs_on(_kind, "visit", N_("Visits"), _of_a_thing(_kind), endpoint_of("visits.visit", "visit_id"))
