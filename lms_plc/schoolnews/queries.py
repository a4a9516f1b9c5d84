"""What can be read of the school news. Each function is one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select

from lms_plc.communities.models import Community, Membership
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.people.models import Person, PersonSchool, School
from lms_plc.schoolnews.models import SchoolItem, SchoolItemSchool
from lms_plc.web.i18n import N_

KIND = "school_item"
ITEMS_A_PAGE = 20
SCHOOLS = 30
"""Schools of one community that can be told."""


@dataclass(frozen=True, slots=True)
class Told:
    """An item as a reader gets it. ``thing`` is for those who may see it."""

    id: UUID
    community_id: UUID
    community: str
    author_id: UUID
    author: str
    title: str
    body: str
    html: str
    renderer: int
    created_at: datetime
    hidden_at: datetime | None
    thing: Reference | None


@dataclass(frozen=True, slots=True)
class SchoolOffered:
    """A school that people of a community named, and whether I teach there."""

    id: UUID
    name: str
    mine: bool


@loads(KIND, known_by="school_item.read")
def load_item(connection: Connection, actor: Actor, item_id: UUID) -> Loaded | None:
    query = _items().add_columns(
        _is_of_my_school(actor).label("reader"),
        *roles_of(actor.person_id, SchoolItem.community_id, actor.at),
    )
    row: Any = connection.execute(query.where(SchoolItem.id == item_id)).one_or_none()
    if row is None:
        return None
    roles = set(read_roles(row.membership_state, row.assigned_roles))
    roles |= {Role.READER} if row.reader else set()
    roles |= {Role.AUTHOR} if row.author_id == actor.person_id and roles else set()
    item = _told(row)
    if item.hidden_at and not roles & {Role.AUTHOR, Role.FACILITATOR, Role.MENTOR}:
        return None  # hidden, it is there for its author and for who leads
    return Loaded(item, frozenset(roles))


def of_my_schools(
    connection: Connection, actor: Actor, *, before: UUID | None = None, size: int = ITEMS_A_PAGE
) -> Page[Told]:
    """What the schools where this person teaches are told, the newest first."""
    query = _items().where(_is_of_my_school(actor), SchoolItem.hidden_at.is_(None))
    return _page(connection, query, before, size)


def of_community(
    connection: Connection, actor: Actor, community_id: UUID, *, before: UUID | None = None, size: int = ITEMS_A_PAGE
) -> Page[Told]:
    """What a community has told its schools."""
    mine = or_(SchoolItem.hidden_at.is_(None), SchoolItem.author_id == actor.person_id)
    return _page(connection, _items().where(SchoolItem.community_id == community_id, mine), before, size)


def told_to(connection: Connection, actor: Actor, *, after: datetime, size: int) -> list[Told]:
    """What somebody's schools were told since a moment, by others."""
    query = _items().where(
        _is_of_my_school(actor),
        SchoolItem.hidden_at.is_(None),
        SchoolItem.created_at > after,
        SchoolItem.author_id != actor.person_id,
    )
    return [_told(row) for row in connection.execute(query.order_by(SchoolItem.id.desc()).limit(size))]


def schools_of(connection: Connection, actor: Actor, community_id: UUID) -> list[SchoolOffered]:
    """The schools that members of a community said they teach at."""
    teaches = exists().where(
        PersonSchool.school_id == School.id,
        PersonSchool.person_id == Membership.person_id,
        Membership.community_id == community_id,
        Membership.state == "active",
    )
    mine = exists().where(PersonSchool.school_id == School.id, PersonSchool.person_id == actor.person_id)
    rows = connection.execute(
        select(School.id, School.name, mine).where(teaches).order_by(School.folded).limit(SCHOOLS)
    )
    return [SchoolOffered(*row) for row in rows]


def count_my_schools(connection: Connection, actor: Actor) -> int:
    return connection.execute(
        select(func.count()).select_from(PersonSchool).where(PersonSchool.person_id == actor.person_id)
    ).scalar_one()


@shows(KIND, N_("School news"))
def show_items(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    reads = or_(_is_of_my_school(actor), is_inside(actor.person_id, SchoolItem.community_id, actor.at))
    rows = connection.execute(_items().where(SchoolItem.id.in_(ids), SchoolItem.hidden_at.is_(None), reads))
    return {
        row.id: Thing(
            Reference(KIND, row.id),
            row.title,
            excerpt(row.body),
            row.author_id,
            row.author,
            row.community_id,
            row.created_at,
            "schoolnews.item",
            {"item_id": row.id},
        )
        for row in rows
    }


def _items() -> Any:
    return (
        select(
            SchoolItem.id,
            SchoolItem.community_id,
            Community.name.label("community"),
            SchoolItem.author_id,
            Person.display_name.label("author"),
            SchoolItem.title,
            SchoolItem.body,
            SchoolItem.html,
            SchoolItem.renderer,
            SchoolItem.created_at,
            SchoolItem.hidden_at,
            SchoolItem.thing_kind,
            SchoolItem.thing_id,
        )
        .join(Community, Community.id == SchoolItem.community_id)
        .join(Person, Person.id == SchoolItem.author_id)
        .where(SchoolItem.withdrawn_at.is_(None))
    )


def _is_of_my_school(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        SchoolItemSchool.item_id == SchoolItem.id,
        SchoolItemSchool.school_id == PersonSchool.school_id,
        PersonSchool.person_id == actor.person_id,
    )


def _page(connection: Connection, query: Select[Any], before: UUID | None, size: int) -> Page[Told]:
    if before is not None:
        query = query.where(SchoolItem.id < before)
    rows = connection.execute(query.order_by(SchoolItem.id.desc()).limit(size + 1))
    return cut([_told(row) for row in rows], size, lambda item: item.id)


def _told(row: Any) -> Told:
    thing = Reference(row.thing_kind, row.thing_id) if row.thing_id else None
    names = [name for name in Told.__slots__ if name != "thing"]
    return Told(**{name: getattr(row, name) for name in names}, thing=thing)
