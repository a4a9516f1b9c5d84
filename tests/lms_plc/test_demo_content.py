"""Does the demo's community live, on both databases, and does the right person hear of it?"""

from typing import Any

from sqlalchemy import func, select

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
from lms_plc.meetings.models import AgendaItem
from lms_plc.notifications.models import Notification
from lms_plc.people.models import Identity
from lms_plc.people.registry import meet
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
    waiting = select(Notification.why).where(Notification.person_id == guest, Notification.read_at.is_(None))
    assert sorted(why for (why,) in stored(waiting)) == ["asked", "mention", "tried"]
