"""Who is in a community together? Profiles are for those, and so is a first message.

Both must be inside now, as ``standing.read_roles`` has it: active members, or mentors whose membership does not rest.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, and_, exists, or_, select, union
from sqlalchemy.orm import aliased

from lms_plc.communities.models import Membership, RoleAssignment
from lms_plc.core.policy import Role


def communities_of(person_id: UUID, at: datetime) -> CompoundSelect[Any]:
    """The ids of the communities somebody is inside of now."""
    member, role, resting = aliased(Membership), aliased(RoleAssignment), aliased(Membership)
    rests = exists().where(
        resting.community_id == role.community_id, resting.person_id == person_id, resting.state != "active"
    )
    return union(
        select(member.community_id).where(member.person_id == person_id, member.state == "active"),
        select(role.community_id).where(role.person_id == person_id, _mentors(role, at), ~rests),
    )


def share_a_community(person_id: UUID, other: Any, at: datetime) -> ColumnElement[bool]:
    """For a select: whether ``other``, a column, is inside one of the person's communities."""
    mine = communities_of(person_id, at)
    member, role, resting = aliased(Membership), aliased(RoleAssignment), aliased(Membership)
    rests = exists().where(
        resting.community_id == role.community_id, resting.person_id == role.person_id, resting.state != "active"
    )
    return or_(
        exists().where(member.person_id == other, member.state == "active", member.community_id.in_(mine)),
        exists().where(role.person_id == other, _mentors(role, at), role.community_id.in_(mine), ~rests),
    )


def _mentors(role: Any, at: datetime) -> ColumnElement[bool]:
    return and_(role.role == Role.MENTOR.value, role.starts_at <= at, or_(role.ends_at.is_(None), role.ends_at > at))
