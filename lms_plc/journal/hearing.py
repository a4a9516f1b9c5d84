"""Who hears that a part of a notebook may be read? Those it was released to; of its words the line says none."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, select, union_all

from lms_plc.communities.audiences import Audience, AudiencePerson
from lms_plc.communities.models import Membership, RoleAssignment
from lms_plc.core.hearing import Heard, Hearing, Why, hears
from lms_plc.core.policy import Role
from lms_plc.journal.models import ReleasedPart
from lms_plc.journal.queries import PART

MOST_READERS = 5000


@hears("journal_part.released")
def may_read_a_part(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Whether they may read it now is asked of each of them afterwards."""
    parts = [event.thing.id for event in events]
    readers = union_all(*(some.where(ReleasedPart.id.in_(parts)) for some in _READERS)).limit(MOST_READERS)
    rows = connection.execute(readers).all()
    for event in events:
        for part_id, person_id in rows:
            if part_id == event.thing.id:
                yield Hearing(event.id, person_id, Why.ASKED, event.thing, event.thing)


def _readers(audience: Audience, person: Any, *where: Any) -> Select[Any]:
    joined = and_(ReleasedPart.audience == audience.value, *where)
    return select(ReleasedPart.id, person).join(person.class_, joined).where(ReleasedPart.withdrawn_at.is_(None))


_READERS = (
    _readers(
        Audience.NAMED_PEOPLE,
        AudiencePerson.person_id,
        AudiencePerson.thing_kind == PART,
        AudiencePerson.thing_id == ReleasedPart.id,
    ),
    _readers(
        Audience.FACILITATOR,
        RoleAssignment.person_id,
        RoleAssignment.community_id == ReleasedPart.community_id,
        RoleAssignment.role.in_((Role.FACILITATOR.value, Role.MENTOR.value)),
    ),
    _readers(
        Audience.COMMUNITY,
        Membership.person_id,
        Membership.community_id == ReleasedPart.community_id,
        Membership.state == "active",
    ),
)
