"""What members can do to their community."""

from datetime import timedelta

from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from lms_plc.communities.models import Membership
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor

VISIT = timedelta(minutes=30)
"""Who comes back after a longer time than this begins another visit."""

NOTED = timedelta(minutes=5)
"""So exactly is it noted when somebody was here."""


def settle(session: Session, actor: Actor, community: CommunitySeen) -> None:
    """The first steps are done, or not wanted. Nobody else's business, so no event."""
    session.execute(
        update(Membership)
        .where(Membership.community_id == community.id, Membership.person_id == actor.person_id)
        .values(settled_at=actor.at)
    )


def look_in(connection: Connection, actor: Actor, community: CommunitySeen) -> None:
    """Notes that a member looked at the first page. Who has looked when is nobody else's business, so no event."""
    if community.joined_at is None or (community.seen_at and actor.at - community.seen_at < NOTED):
        return
    mark = {"seen_at": actor.at}
    if community.seen_at and actor.at - community.seen_at > VISIT:
        mark["seen_before"] = community.seen_at
    connection.execute(
        update(Membership)
        .where(Membership.community_id == community.id, Membership.person_id == actor.person_id)
        .values(mark)
    )
