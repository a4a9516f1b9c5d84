"""What concerns a whole community is told to every member."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from lms_plc.communities.models import Membership
from lms_plc.core.hearing import Heard, Hearing, Why

MOST_MEMBERS = 2000
"""Of one stretch of the log; what concerns whole communities is rare."""


def all_members(connection: Connection, events: Sequence[Heard], why: Why) -> Iterator[Hearing]:
    communities = {event.community_id for event in events}
    rows = connection.execute(
        select(Membership.community_id, Membership.person_id)
        .where(Membership.community_id.in_(communities), Membership.state == "active")
        .order_by(Membership.id)
        .limit(MOST_MEMBERS)
    ).all()
    for event in events:
        for row in rows:
            if row.community_id == event.community_id:
                yield Hearing(event.id, row.person_id, why, event.thing, event.thing)
