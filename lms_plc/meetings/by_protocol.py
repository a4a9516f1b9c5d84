"""A protocol somebody chose on its own page comes into the next meeting."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, load
from lms_plc.meetings.actions import tell
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.queries import MeetingSeen, is_ahead
from lms_plc.protocols.using import NextMeeting, Taker, takes_protocols


def coming(connection: Connection, community_id: UUID, at: datetime) -> NextMeeting | None:
    row = connection.execute(
        select(Meeting.id, Meeting.title, Meeting.starts_at, Meeting.protocol)
        .where(Meeting.community_id == community_id, is_ahead(at))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    ).one_or_none()
    return NextMeeting(*row, "meetings.meeting") if row else None


def take(session: Session, actor: Actor, meeting_id: UUID, key: str) -> None:
    meeting: MeetingSeen = load(session.connection(), actor, "meeting", meeting_id, "meeting.change")
    session.execute(
        update(Meeting)
        .where(Meeting.id == meeting.id)
        .values(protocol=key, revision=Meeting.revision + 1, changed_at=actor.at)
    )
    place = (Reference("meeting", meeting.id), meeting.site_id, meeting.community_id)
    tell(session, "meeting.changed", actor, *place, {"changed": ["protocol"]})


takes_protocols(Taker(coming, take))
