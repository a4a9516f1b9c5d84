"""By which right is a person in a community? One expression for a select, one function to read it.

Every loader adds ``roles_of(person_id, community_id, at)`` to its own select, so that loading a thing and knowing the
actor's roles stays one statement.
"""

from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from lms_plc.communities.models import Membership, RoleAssignment
from lms_plc.core.database import one_of, table_of
from lms_plc.core.policy import DATED, Actor, Role

Value = TypeVar("Value")
Given: TypeAlias = Value | BindParameter[Value]
"""A value, or the place of one in a prepared statement."""

_BLANK: Any = literal_column("' '")
"""Written into the statement: as a value it could not be prepared."""

_MEMBER = table_of(Membership).alias("the_member").c
_GIVEN = table_of(RoleAssignment).alias("the_role").c
"""Whoever asks may select memberships or roles themselves. Made once: making an alias costs more than all else here."""


def roles_of(
    person_id: Given[UUID], community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID], at: Given[datetime]
) -> tuple[ColumnElement[str | None], ColumnElement[str | None]]:
    """Two columns: the membership's state, and the names of the roles in force at ``at``, joined by spaces."""
    state = (
        select(Membership.state)
        .where(Membership.community_id == community_id, Membership.person_id == person_id)
        .scalar_subquery()
    )
    assigned = (
        select(func.aggregate_strings(RoleAssignment.role, _BLANK))
        .where(
            RoleAssignment.community_id == community_id,
            RoleAssignment.person_id == person_id,
            in_force(at),
        )
        .scalar_subquery()
    )
    return state.label("membership_state"), assigned.label("assigned_roles")


def is_led(
    community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID] | UUID, at: Given[datetime]
) -> ColumnElement[bool]:
    """Whether somebody facilitates it now."""
    return exists().where(
        RoleAssignment.community_id == community_id,
        RoleAssignment.role == Role.FACILITATOR.value,
        in_force(at),
    )


def is_inside(
    person_id: Given[UUID], community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID] | UUID, at: Given[datetime]
) -> ColumnElement[bool]:
    """Whether ``read_roles`` would answer any role: an active member, or a mentor whose membership does not rest."""
    return or_(_is_member(person_id, community_id), _has_role(person_id, community_id, (Role.MENTOR,), at))


def is_leading(
    person_id: Given[UUID], community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID] | UUID, at: Given[datetime]
) -> ColumnElement[bool]:
    """Whether the person is a facilitator or mentor there now."""
    facilitates = _has_role(person_id, community_id, (Role.FACILITATOR,), at)
    return or_(
        and_(_is_member(person_id, community_id), facilitates),
        _has_role(person_id, community_id, (Role.MENTOR,), at),
    )


def knows_of(
    actor: Actor, community_id: InstrumentedAttribute[UUID], hidden_at: InstrumentedAttribute[datetime | None]
) -> ColumnElement[bool]:
    """Whether a community's thing is there for the actor: for everybody inside; hidden, for whoever leads alone."""
    leads = is_leading(actor.person_id, community_id, actor.at)
    return and_(is_inside(actor.person_id, community_id, actor.at), or_(hidden_at.is_(None), leads))


def is_led_besides(
    community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID] | UUID, at: datetime, *but: Any
) -> ColumnElement[bool]:
    """Whether a facilitator or mentor leads it now who is none of these persons (ids or columns; null is nobody)."""
    state = (
        select(Membership.state)
        .where(Membership.community_id == RoleAssignment.community_id, Membership.person_id == RoleAssignment.person_id)
        .correlate(RoleAssignment)
        .scalar_subquery()
    )
    mentors = and_(RoleAssignment.role == Role.MENTOR.value, func.coalesce(state, "active") == "active")
    facilitates = and_(RoleAssignment.role == Role.FACILITATOR.value, state == "active")
    return exists().where(
        RoleAssignment.community_id == community_id,
        in_force(at),
        or_(facilitates, mentors),
        *(RoleAssignment.person_id.is_distinct_from(person) for person in but),
    )


def _is_member(person_id: Given[UUID], community_id: Any) -> ColumnElement[bool]:
    member = _MEMBER
    return exists().where(member.community_id == community_id, member.person_id == person_id, member.state == "active")


def _has_role(
    person_id: Given[UUID], community_id: Any, roles: tuple[Role, ...], at: Given[datetime]
) -> ColumnElement[bool]:
    member, given = _MEMBER, _GIVEN
    rests = exists().where(member.community_id == community_id, member.person_id == person_id, member.state != "active")
    has = exists().where(
        given.community_id == community_id,
        given.person_id == person_id,
        one_of(given.role, (role.value for role in roles)),
        in_force(at, given),
    )
    return and_(has, ~rests)


def in_force(
    at: Given[datetime], given: type[RoleAssignment] | ReadOnlyColumnCollection[str, Any] = RoleAssignment
) -> ColumnElement[bool]:
    return and_(given.starts_at <= at, or_(given.ends_at.is_(None), given.ends_at > at))


def towards(roles: frozenset[Role], *, is_author: bool) -> frozenset[Role]:
    """The roles in a community, and whether one wrote the thing. An author who is not inside has no right to it."""
    return roles - {Role.AUTHOR} | ({Role.AUTHOR} if roles and is_author else frozenset())


def while_hidden(roles: frozenset[Role], hidden_at: datetime | None) -> frozenset[Role]:
    """As ``knows_of``, for a loader: towards what is hidden nobody has a role but who leads, its author neither."""
    return roles if hidden_at is None or roles & DATED else frozenset()


def read_roles(membership_state: str | None, assigned_roles: str | None) -> frozenset[Role]:
    """A paused or ended membership takes every right with it, but a mentor need not be a member to have theirs."""
    roles = {Role(name) for name in (assigned_roles or "").split()} & DATED
    if membership_state == "active":
        return frozenset(roles | {Role.MEMBER})
    if membership_state is None:
        return frozenset(roles & {Role.MENTOR})
    return frozenset()
