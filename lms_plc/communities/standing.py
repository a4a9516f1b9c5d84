"""By which right is a person in a community? One expression for a select, one function to read it.

Every loader adds ``roles_of(person_id, community_id, at)`` to its own select, so that loading a thing and knowing the
actor's roles stays one statement.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from lms_plc.communities.models import Membership, RoleAssignment
from lms_plc.core.policy import DATED, Role


def roles_of(
    person_id: UUID, community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID], at: datetime
) -> tuple[ColumnElement[str | None], ColumnElement[str | None]]:
    """Two columns: the membership's state, and the names of the roles in force at ``at``, joined by spaces."""
    state = (
        select(Membership.state)
        .where(Membership.community_id == community_id, Membership.person_id == person_id)
        .scalar_subquery()
    )
    assigned = (
        select(func.aggregate_strings(RoleAssignment.role, " "))
        .where(
            RoleAssignment.community_id == community_id,
            RoleAssignment.person_id == person_id,
            in_force(at),
        )
        .scalar_subquery()
    )
    return state.label("membership_state"), assigned.label("assigned_roles")


def is_led(community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID] | UUID, at: datetime) -> ColumnElement[bool]:
    """Whether somebody facilitates it now."""
    return exists().where(
        RoleAssignment.community_id == community_id,
        RoleAssignment.role == Role.FACILITATOR.value,
        in_force(at),
    )


def is_inside(
    person_id: UUID, community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID] | UUID, at: datetime
) -> ColumnElement[bool]:
    """Whether ``read_roles`` would answer any role: an active member, or a mentor whose membership does not rest."""
    return or_(_is_member(person_id, community_id), _has_role(person_id, community_id, (Role.MENTOR,), at))


def is_leading(
    person_id: UUID, community_id: InstrumentedAttribute[UUID] | ColumnElement[UUID] | UUID, at: datetime
) -> ColumnElement[bool]:
    """Whether the person is a facilitator or mentor there now."""
    facilitates = _has_role(person_id, community_id, (Role.FACILITATOR,), at)
    return or_(
        and_(_is_member(person_id, community_id), facilitates),
        _has_role(person_id, community_id, (Role.MENTOR,), at),
    )


def _is_member(person_id: UUID, community_id: Any) -> ColumnElement[bool]:
    return exists().where(
        Membership.community_id == community_id, Membership.person_id == person_id, Membership.state == "active"
    )


def _has_role(person_id: UUID, community_id: Any, roles: tuple[Role, ...], at: datetime) -> ColumnElement[bool]:
    rests = exists().where(
        Membership.community_id == community_id, Membership.person_id == person_id, Membership.state != "active"
    )
    given = exists().where(
        RoleAssignment.community_id == community_id,
        RoleAssignment.person_id == person_id,
        RoleAssignment.role.in_([role.value for role in roles]),
        in_force(at),
    )
    return and_(given, ~rests)


def in_force(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(
        RoleAssignment.starts_at <= at,
        or_(RoleAssignment.ends_at.is_(None), RoleAssignment.ends_at > at),
    )


def read_roles(membership_state: str | None, assigned_roles: str | None) -> frozenset[Role]:
    """A paused or ended membership takes every right with it, but a mentor need not be a member to have theirs."""
    roles = {Role(name) for name in (assigned_roles or "").split()} & DATED
    if membership_state == "active":
        return frozenset(roles | {Role.MEMBER})
    if membership_state is None:
        return frozenset(roles & {Role.MENTOR})
    return frozenset()
