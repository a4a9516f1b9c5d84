"""Does the demo's community live, on both databases, and does the right person hear of it?"""

from typing import Any

from sqlalchemy import func, select

from lms_plc.actionitems.models import ActionItem
from lms_plc.communities.founding import found_community
from lms_plc.communities.memberships import Because, bring_in
from lms_plc.communities.models import ConsentRound
from lms_plc.core.ids import new_id
from lms_plc.demo_content import live_a_little
from lms_plc.demo_people import ELSEWHERE, GUEST, LEADER
from lms_plc.discussions.models import Topic
from lms_plc.files.models import File
from lms_plc.house import House
from lms_plc.library.models import Item
from lms_plc.meetings.models import AgendaItem, Meeting
from lms_plc.meetings.states import State
from lms_plc.minutes.models import Decision, MinutesAnswer
from lms_plc.notifications.models import Notification
from lms_plc.people.models import Identity
from lms_plc.people.registry import meet
from lms_plc.protocols.models import Protocol
from lms_plc.running.models import ProtocolRun
from lms_plc.schoolnews.models import SchoolItem
from lms_plc.sites.models import Course


def test_it_says_everything_once_and_one_thing_waits_for_whoever_has_not_answered(
    circle: Any, house: House, stored: Any
) -> None:
    here = [GUEST, *(str(number) for number in range(int(LEADER), int(LEADER) + 8))]
    at, site_id = house.clock(), circle.site_id
    with house.database.write() as session:
        people = meet(session, site_id, {subject: f"Teacher {subject}" for subject in (*here, ELSEWHERE)}, at)
        places = []
        for name, subjects in (("Velim", here), ("Niš", [ELSEWHERE])):
            course_id = new_id()
            session.add(Course(id=course_id, site_id=site_id, lms_id=f"demo-{name}", title=name, created_at=at))
            session.flush()
            places.append(found_community(session, site_id=site_id, course_id=course_id, name=name, at=at, via="sync"))
            bring_in(session, site_id, places[-1], [people[one] for one in subjects], Because(at, "sync"))
    live_a_little(house, site_id, *places)

    def count(model: Any, *where: Any) -> int:
        return int(stored(select(func.count()).select_from(model).where(*where))[0][0])

    assert count(Topic, Topic.community_id == places[0]) == 4
    assert count(Topic, Topic.answer_id.is_not(None)) == 1
    assert count(File, File.thing_kind == "post", File.alt != "") == 1
    assert count(Item, Item.origin_id.is_not(None), Item.community_id == places[0]) == 1
    assert count(AgendaItem, AgendaItem.thing_kind == "issue", AgendaItem.meeting_id.is_not(None)) == 1
    assert count(SchoolItem) == 1
    assert stored(select(ConsentRound.state).order_by(ConsentRound.id)) == [("adopted",), ("open",)]
    guest = select(Identity.person_id).where(Identity.subject == GUEST).scalar_subquery()
    waiting = (
        select(Notification.why, Notification.about_id)
        .distinct()
        .where(Notification.person_id == guest, Notification.read_at.is_(None))
    )
    assert sorted(why for why, _ in stored(waiting)) == ["asked", "assigned", "changed", "mention", "tried"]

    over = select(Meeting.state).where(Meeting.starts_at < at).order_by(Meeting.starts_at)
    approved, not_held = State.MINUTES_APPROVED.value, State.NOT_HELD.value
    assert [state for (state,) in stored(over)] == [approved] * 4 + [not_held, approved, State.MINUTES_DRAFT.value]
    ahead = stored(select(Meeting.state, Meeting.protocol).where(Meeting.starts_at >= at).order_by(Meeting.starts_at))
    assert [state for state, _ in ahead] == [State.AGENDA_OPEN.value] + [State.PLANNED.value] * 7
    assert ahead[0][1] == str(stored(select(Protocol.id))[0][0])
    assert count(MinutesAnswer, MinutesAnswer.meeting_id.in_(select(ProtocolRun.meeting_id))) == 2
    assert count(Decision) == 2
    assert count(ActionItem, ActionItem.state == "done") == 2
    leader = select(Identity.person_id).where(Identity.subject == LEADER).scalar_subquery()
    assert count(ActionItem, ActionItem.owner_id == leader, ActionItem.due < at.date()) == 1
    (minutes,) = stored(select(Meeting.minutes).where(Meeting.state == State.MINUTES_DRAFT.value))[0]
    assert "Минута тишина" in minutes
