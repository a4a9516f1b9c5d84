"""Do meetings stand in the calendar as they are now, and is nobody written to twice, too often, or once too late?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from lms_plc.core.activity import Reference, record
from lms_plc.people.models import Person
from lms_plc.sites.models import Enrolment
from lms_plc.web.i18n import speaking
from lms_plc.writeback import ours
from lms_plc.writeback.looking import INVITATIONS_A_DAY
from lms_plc.writeback.models import WriteLine, WrittenThing
from lms_plc.writeback.offers import MessageOffer
from lms_plc.writeback.problems import CannotWrite

School = Any


@pytest.fixture
def circle(school: School) -> Any:
    return school.community("5", "Maths circle", 11)


def test_a_meeting_becomes_an_event_of_the_course_with_nothing_in_it_as_markup(school: School, circle: Any) -> None:
    school.meeting(circle, "5")
    school.switch("calendar")
    assert school.push().counts == {"done": 1}
    (event,) = school.moodle.events.values()
    assert (event["name"], event["eventtype"], event["courseid"]) == ("Meeting 1 <b>&</b>", "course", 5)
    assert event["timestart"] == int((school.house.clock() + timedelta(days=7)).timestamp())
    assert event["timeduration"] == 3600
    assert event["description"].startswith("<p>Bring a lesson.</p><p>&lt;script&gt;</p><p>plc-")
    assert school.told(school.plan()) == []


def test_a_changed_meeting_is_one_event_again(school: School, circle: Any) -> None:
    school.meeting(circle, "5")
    school.switch("calendar")
    school.push()
    school.meeting(circle, "5", version="2", in_days=9)
    plan_id = school.plan()
    assert school.told(plan_id) == [("change", None)]
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 1}
    assert [event["name"] for event in school.moodle.events.values()] == ["Meeting 2 <b>&</b>"]


def test_an_event_somebody_edited_in_the_lms_is_replaced_all_the_same(school: School, circle: Any) -> None:
    school.meeting(circle, "5")
    school.switch("calendar")
    school.push()
    (event,) = school.moodle.events.values()
    event["description"] = "<p>Edited by hand</p>"
    school.meeting(circle, "5", version="2")
    school.push()
    assert [event["name"] for event in school.moodle.events.values()] == ["Meeting 2 <b>&</b>"]


def test_a_meeting_called_off_leaves_the_calendar_and_one_that_is_over_stays(
    school: School, circle: Any, clock: Any
) -> None:
    school.meeting(circle, "5", id="soon", in_days=1)
    school.meeting(circle, "5", id="later", in_days=20)
    school.switch("calendar")
    school.push()
    clock.move(days=2)
    school.meetings.clear()
    plan_id = school.plan()
    assert [line.reason for line in school.lines(plan_id)] == ["The meeting was called off."]
    school.approve(plan_id)
    school.carry_out(plan_id)
    assert len(school.moodle.events) == 1, "what was is no news"


def test_a_meeting_that_is_over_is_not_put_into_the_calendar(school: School, circle: Any, clock: Any) -> None:
    school.meeting(circle, "5", in_days=1)
    clock.move(days=2)
    school.switch("calendar")
    assert school.told(school.plan()) == []


def test_an_event_that_is_gone_already_is_no_problem(school: School, circle: Any) -> None:
    school.meeting(circle, "5")
    school.switch("calendar")
    school.push()
    school.moodle.events.clear()
    assert school.withdraw("calendar").counts == {"done": 1}
    assert school.switches() == []


def test_a_right_missing_in_one_course_does_not_cost_the_other_its_event(school: School, circle: Any) -> None:
    school.community("13", "No rights here", 12)
    school.meeting(circle, "13", id="a")
    school.meeting(circle, "13", id="b")
    school.meeting(circle, "5", id="c")
    school.switch("calendar")
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 1, "failed": 2}
    assert "moodle/calendar:manageentries" in school.problems(plan_id)[0]
    assert school.moodle.calls.count("core_calendar_create_calendar_events") == 2


def test_a_course_no_moodle_can_have_is_left_alone(school: School, circle: Any) -> None:
    school.meeting(circle, "cohort:4")
    school.switch("calendar")
    assert school.told(school.plan()) == []


def test_an_offer_without_an_id_of_its_own_is_a_mistake_of_the_room_that_makes_it(school: School, circle: Any) -> None:
    school.meeting(circle, "5")
    school.meetings *= 2
    school.switch("calendar")
    with pytest.raises(ValueError, match="there twice"):
        school.plan()
    school.meetings[:] = [replace(school.meetings[0], id="")]
    with pytest.raises(ValueError, match="empty"):
        school.plan()


def test_whoever_a_sync_brought_in_and_who_never_came_gets_one_message_with_the_way(
    school: School, circle: Any
) -> None:
    school.join(circle, "5", 12, via="launch")
    school.switch("messages")
    plan_id = school.plan()
    assert school.told(plan_id) == [("send", "11")], "who came by a launch knows the way"
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 1}
    ((user, text),) = school.moodle.messages
    assert user == 11
    assert "“Maths circle”" in text
    assert "https://moodle.example.org/course/view.php?id=5" in text
    assert school.told(school.plan()) == [], "once a community, whatever comes"


def test_an_invitation_is_said_in_the_language_of_the_person(
    school: School, circle: Any, house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str | None] = []

    def hear(locale: str | None) -> Any:
        spoken.append(locale)
        return speaking(locale)

    monkeypatch.setattr(ours, "speaking", hear)
    person = school.person(11)
    with house.database.write() as session:
        session.execute(update(Person).where(Person.id == person).values(locale="mk"))
    school.switch("messages")
    school.plan()
    assert spoken == ["mk"]


def test_somebody_who_has_opened_the_community_is_not_invited(school: School, circle: Any, house: Any) -> None:
    school.join(circle, "5", 12)
    launched, posted = school.person(11), school.person(12)
    with house.database.write() as session:
        session.execute(
            update(Enrolment)
            .where(Enrolment.person_id == launched)
            .values(launch_roles=[{"name": "Learner", "scope": "context"}])
        )
        thing = Reference("post", circle)
        at = house.clock()
        record(session, "post.written", thing, at=at, actor_id=posted, site_id=school.site_id, community_id=circle)
    school.switch("messages")
    assert school.told(school.plan()) == []


def test_nobody_suspended_is_written_to_neither_by_our_knowledge_nor_by_the_lms(school: School, circle: Any) -> None:
    school.join(circle, "5", 12, state="suspended")
    school.join(circle, "5", 13)
    school.join(circle, "5", 14)
    school.leave(circle, 13, pausing=True)
    school.moodle.suspended = {14}
    school.switch("messages")
    plan_id = school.plan()
    assert school.told(plan_id) == [("send", "11"), ("send", "14")]
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 1, "skipped": 1}
    assert [user for user, _ in school.moodle.messages] == [11]
    assert school.told(school.plan()) == [("send", "14")], "once they are back they are invited"


def test_somebody_who_left_between_plan_and_sending_is_not_written_to(school: School, circle: Any) -> None:
    school.switch("messages")
    plan_id = school.plan()
    school.approve(plan_id)
    school.leave(circle, 11)
    assert school.carry_out(plan_id).counts == {"skipped": 1}
    assert not school.moodle.messages


def test_no_more_than_a_days_number_are_invited_within_a_day(school: School, circle: Any, clock: Any) -> None:
    school.join(circle, "5", *range(1000, 1000 + INVITATIONS_A_DAY + 4))
    school.switch("messages")
    came = school.push()
    assert (came.counts, came.delayed) == ({"done": INVITATIONS_A_DAY}, 5)
    again = school.seen(school.plan())
    assert (again.counts, again.delayed) == ({}, 5)
    clock.move(hours=25)
    assert school.push().counts == {"done": 5}
    assert len({user for user, _ in school.moodle.messages}) == len(school.moodle.messages) == INVITATIONS_A_DAY + 5


def test_a_message_the_person_does_not_take_is_said_and_not_repeated(school: School, circle: Any) -> None:
    school.join(circle, "5", 12)
    school.moodle.takes_none = {11}
    school.switch("messages")
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 1, "failed": 1}
    assert "did not take the message" in school.problems(plan_id)[0]
    assert school.told(school.plan()) == []


def test_when_the_answer_is_lost_the_messages_are_in_doubt_and_never_sent_again(
    school: School, circle: Any, stored: Any
) -> None:
    school.switch("messages")
    school.moodle.loses_answer_of = "core_message_send_instant_messages"
    plan_id = school.plan()
    school.approve(plan_id)
    came = school.carry_out(plan_id)
    assert (came.state, came.counts) == ("stopped", {"unsure": 1})
    assert "not sent again" in school.problems(plan_id)[0]
    school.moodle.loses_answer_of = None
    school.approve(plan_id)
    assert school.carry_out(plan_id).state == "done"
    assert school.told(school.plan()) == []
    assert len(school.moodle.messages) == 1
    assert [row.state for row in stored(select(WrittenThing.state))] == ["unsure"]


def test_a_message_refused_before_it_was_sent_may_be_sent_another_day(school: School, circle: Any, stored: Any) -> None:
    school.switch("messages")
    school.moodle.refused = {"core_message_send_instant_messages": "disabled"}
    plan_id = school.plan()
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"failed": 1}
    assert "Enable messaging system" in school.problems(plan_id)[0]
    assert stored(select(WrittenThing.id)) == []
    school.moodle.refused = {}
    assert school.push().counts == {"done": 1}


def test_maintenance_stops_a_plan_and_it_goes_on_when_somebody_says_so(school: School, circle: Any) -> None:
    school.switch("messages")
    school.moodle.refused = {"core_message_send_instant_messages": "sitemaintenance"}
    plan_id = school.plan()
    school.approve(plan_id)
    came = school.carry_out(plan_id)
    assert (came.state, came.counts) == ("stopped", {"waiting": 1})
    assert "maintenance" in (came.message or "")
    school.moodle.refused = {}
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 1}


def test_a_reminder_of_another_room_is_sent_once_and_its_words_are_forgotten(
    school: School, circle: Any, stored: Any
) -> None:
    school.reminders.append(MessageOffer("action:1", circle, school.person(11), "Please bring the lesson plan."))
    school.reminders.append(MessageOffer("action:2", circle, school.person(99), "You were to come too."))
    school.switch("messages")
    plan_id = school.plan()
    assert [line.subject for line in school.lines(plan_id)] == ["11", "11", "99"]
    school.approve(plan_id)
    assert school.carry_out(plan_id).counts == {"done": 2, "skipped": 1}, "who is no member hears nothing"
    assert (11, "Please bring the lesson plan.") in school.moodle.messages
    assert all(row.given is None for row in stored(select(WriteLine.given)))
    school.reminders[0] = replace(school.reminders[0], text="And again.")
    assert ("send", "11") not in school.told(school.plan())


def test_messages_cannot_be_taken_back(school: School, circle: Any) -> None:
    school.switch("messages")
    with pytest.raises(CannotWrite, match="cannot be taken back"):
        school.withdrawal("messages")


def test_the_words_of_an_offer_stand_in_no_repr(school: School, circle: Any) -> None:
    school.meeting(circle, "5")
    offer = MessageOffer("a", circle, circle, "secret words")
    assert "secret" not in repr(offer)
    assert "Meeting" not in repr(school.meetings[0])
