"""Does the demo's community live, on both databases, and does the right person hear of it?"""

from typing import Any

from sqlalchemy import func, select

from lms_plc.actionitems.models import ActionItem
from lms_plc.classdata.models import DataCell, DataConversation
from lms_plc.communities.founding import found_community
from lms_plc.communities.memberships import Because, bring_in
from lms_plc.communities.models import ConsentRound
from lms_plc.core.ids import new_id
from lms_plc.cycles.models import CycleTemplate
from lms_plc.demo_content import live_a_little
from lms_plc.demo_people import ELSEWHERE, GUEST, LEADER
from lms_plc.discussions.models import Topic
from lms_plc.evidence.models import EvidenceLink, KnowledgeNode, OutcomeClaim
from lms_plc.feedback.models import FeedbackAsked
from lms_plc.files.models import File
from lms_plc.house import House
from lms_plc.innovations.models import Innovation
from lms_plc.inquiry.models import Consultation, EvidencePlan, Inquiry
from lms_plc.journal.models import JournalEntry
from lms_plc.library.models import Item
from lms_plc.meetings.models import AgendaItem, Meeting
from lms_plc.meetings.states import State
from lms_plc.minutes.models import Decision, MinutesAnswer
from lms_plc.notifications.models import Notification
from lms_plc.people.models import Identity
from lms_plc.people.registry import meet
from lms_plc.portfolios.models import Portfolio, PortfolioItem
from lms_plc.practicechanges.models import PracticeTry
from lms_plc.protocols.models import Protocol
from lms_plc.running.models import ProtocolRun
from lms_plc.schoolnews.models import SchoolItem
from lms_plc.sites.models import Course
from lms_plc.visits.models import Visit


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

    shown = stored(select(Inquiry.cycle, Inquiry.state, Inquiry.stage, Inquiry.round).order_by(Inquiry.id))
    assert shown == [
        ("tldw", "open", "lead", 1),
        ("reflect_improve_repeat", "open", "unpack", 2),
        ("tldw", "private_draft", "concerns", 1),
    ]
    assert count(Inquiry, Inquiry.sealed.is_(True)) == count(KnowledgeNode, KnowledgeNode.sealed.is_(True)) == 1
    assert count(Consultation) == 3
    assert count(EvidencePlan, EvidencePlan.checked_at.is_not(None)) == 1
    assert count(PracticeTry) == 4
    assert stored(select(OutcomeClaim.strength, OutcomeClaim.n).order_by(OutcomeClaim.n)) in (
        [("before_after_numbers", 28), ("impression", None)],
        [("impression", None), ("before_after_numbers", 28)],
    )
    assert {kind for (kind,) in stored(select(EvidenceLink.type))} == {"prompted", "led_to", "shown_by", "resulted_in"}
    assert stored(select(Portfolio.state)) == [("collecting",)]
    assert count(PortfolioItem) == 4
    assert count(JournalEntry) == 3
    assert stored(select(Innovation.state)) == [("test",)]
    assert stored(select(DataConversation.decision)) == [("",)]
    assert count(DataCell, DataCell.column == 0, DataCell.suppressed.is_not(None)) == 2
    assert count(FeedbackAsked, FeedbackAsked.person_id == leader) == 1
    assert stored(select(Visit.state, Visit.shared_at.is_not(None))) == [("reported", True)]
    assert count(CycleTemplate) == 1
