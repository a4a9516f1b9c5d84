"""What can somebody say when they are asked to lead?"""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor
from lms_plc.meetings.actions import give_role
from lms_plc.meetings.queries import FACILITATOR, MeetingSeen, roles_of_meeting
from lms_plc.meetings.states import COMING
from lms_plc.rhythm.models import RoleWish


def lead_next(session: Session, actor: Actor, meeting: MeetingSeen) -> bool:
    """Takes the leading of a meeting to come; False if somebody was quicker, or it has begun meanwhile."""
    taken = roles_of_meeting(session.connection(), meeting.id)
    if meeting.state not in COMING or any(one.role == FACILITATOR for one in taken):
        return False
    ask_again(session, actor, meeting.community_id)
    give_role(session, actor, meeting, FACILITATOR, actor.person_id)
    return True


def not_now(session: Session, actor: Actor, community_id: UUID) -> None:
    """Somebody would rather not be asked. No event: what is not said is nobody's business."""
    wish = upsert(session, RoleWish).values(community_id=community_id, person_id=actor.person_id, at=actor.at)
    session.execute(wish.on_conflict_do_nothing(index_elements=["community_id", "person_id"]))


def ask_again(session: Session, actor: Actor, community_id: UUID) -> None:
    """They may be asked again."""
    session.execute(
        delete(RoleWish).where(RoleWish.community_id == community_id, RoleWish.person_id == actor.person_id)
    )
