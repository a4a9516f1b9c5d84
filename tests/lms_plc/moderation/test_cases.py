"""When somebody was hurt: who hears of it, what is decided in which order, and what nobody ever learns."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.communities.memberships import Because, assign_role, end
from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, hearings
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role
from lms_plc.core.things import shown
from lms_plc.messages.models import Message, MessageThread, Participant
from lms_plc.moderation.models import ModerationCase, Report
from lms_plc.moderation.queries import shared_communities
from lms_plc.moderation.telling import finish_what_is_due
from lms_plc.people.registry import meet

HURT = "You people never understand anything."
ASKED = "Zora finds this too hard on her."


class Trouble:
    """A topic by subject 2 that hurt subject 3; subject 1 facilitates, subject 4 is a mentor."""

    def __init__(self, circle: Any, house: Any, first_post: Any) -> None:
        self.circle, self.house = circle, house
        self.author, self.leader = circle.member, circle.facilitator
        self.hurt = circle.joined("3", name="Zora Hurt")
        self.mentor = circle.joined("4", name="Mira Mentor")
        circle.give_role("4", Role.MENTOR)
        self.topic = circle.start(self.author, body=HURT)
        self.post = first_post(self.topic)
        self.path = f"/report/post/{self.post}"

    def report(self, who: Any = None, **more: str) -> UUID:
        answer = (who or self.hurt).post(self.path, {"text": ASKED, "known_to": "leaders", **more})
        assert answer.status_code == 303, answer.text
        with self.house.database.read() as connection:
            return connection.execute(select(ModerationCase.id)).scalar_one()

    def decide(self, case: UUID, step: str, who: Any = None, text: str = "Please look at it again.") -> Any:
        return (who or self.leader).post(f"/care/{case}/decide", {"step": step, "text": text})

    def say(self, case: UUID, text: str = "I was tired.", **more: str) -> Any:
        return self.author.post(f"/care/{case}/answer", {"text": text, **more})

    def is_seen_by(self, who: Any) -> bool:
        return HURT in who.get(f"/topics/{self.topic}").text


@pytest.fixture
def trouble(circle: Any, house: Any, first_post: Any) -> Trouble:
    return Trouble(circle, house, first_post)


def test_first_talk_then_hide_then_remove_and_everybody_knows_where_it_stands(
    trouble: Trouble, said: Any, events: Any, clock: Any, house: Any, stored: Any
) -> None:
    assert "Report" in said(trouble.hurt.get(f"/topics/{trouble.topic}"))
    page = said(trouble.hurt.get(trouble.path))
    assert HURT in page
    assert "Person 1 and Mira Mentor" in page.replace("Mira Mentor and Person 1", "Person 1 and Mira Mentor")
    case = trouble.report()
    assert "It waits for a first look." in said(trouble.hurt.get("/care"))
    assert "Somebody asks for your help." in said(trouble.leader.get(trouble.circle.home))
    assert "asks for your help" not in said(trouble.author.get(trouble.circle.home))
    assert trouble.author.get(f"/care/{case}").status_code == 404
    assert "Nothing here" in said(trouble.author.get("/care"))
    looked = said(trouble.leader.get(f"/care/{case}"))
    for words in (HURT, "Zora Hurt", ASKED, "Talk first", "waits for a first look"):
        assert words in looked
    assert "Zora" not in said(trouble.leader.get(f"{trouble.circle.home}/care"))

    assert trouble.decide(case, "talked").status_code == 303
    own = said(trouble.author.get(f"/care/{case}"))
    assert "Please look at it again." in own
    assert HURT in own
    assert "Zora" not in own
    assert ASKED not in own
    assert "About something you wrote" in said(trouble.author.get("/care"))
    assert trouble.say(case).status_code == 303
    assert "I was tired." in said(trouble.mentor.get(f"/care/{case}"))
    assert "talks with the author" in said(trouble.hurt.get("/care"))
    assert trouble.is_seen_by(trouble.hurt)

    assert trouble.decide(case, "hidden").status_code == 303
    assert not trouble.is_seen_by(trouble.hurt)
    assert HURT in said(trouble.leader.get(f"/care/{case}"))
    assert "Others do not see it" in said(trouble.author.get(f"/care/{case}"))
    actor = Actor(trouble.circle.person("3"), trouble.circle.site_id, "Z", clock())
    with house.database.read() as connection:
        assert shown(connection, actor, [Reference("post", trouble.post)]) == {}
    assert trouble.decide(case, "restored").status_code == 303
    assert trouble.is_seen_by(trouble.hurt)
    assert trouble.decide(case, "hidden").status_code == 409

    told = [event for event in events() if event.thing_kind == "case"]
    assert [event.verb.partition(".")[2] for event in told] == ["reported", "talked", "answered", "hidden", "restored"]
    assert told[0].actor_id is None
    assert all(event.facts.keys() == {"step", "to"} for event in told)
    assert all(event.community_id == trouble.circle.id for event in told)
    assert [one.as_seen for one in stored(select(ModerationCase.as_seen))] == [""]


def test_what_was_removed_can_be_objected_to_for_fourteen_days_and_then_is_gone(
    trouble: Trouble, said: Any, clock: Any, house: Any, events: Any, stored: Any, at_work: Any
) -> None:
    from lms_plc.moderation import telling

    case = trouble.report()
    assert "Is somebody in danger?" in said(trouble.leader.get(f"/care/{case}"))
    assert trouble.decide(case, "removed").status_code == 303
    assert not trouble.is_seen_by(trouble.hurt)
    assert "You can object until Dec 6, 2026" in said(trouble.author.get(f"/care/{case}"))
    assert "It was removed." in said(trouble.hurt.get("/care"))
    clock.move(days=13)
    for who, subject in ((trouble.author, "2"), (trouble.leader, "1")):
        who.launch(subject)
    assert finish_what_is_due(house) == 0
    clock.move(days=1)
    assert finish_what_is_due(house) == 1
    assert finish_what_is_due(house) == 0
    telling.finish_what_is_due(house)
    for who, subject in ((trouble.author, "2"), (trouble.leader, "1")):
        who.launch(subject)
    assert HURT not in trouble.author.get(f"/topics/{trouble.topic}").text
    assert HURT not in trouble.leader.get(f"/care/{case}").text
    assert "It is gone for good" in said(trouble.author.get(f"/care/{case}"))
    assert trouble.say(case, appeal="yes").status_code == 409
    assert trouble.decide(case, "restored").status_code == 409
    assert len(events("case.finished")) == 1
    row = stored(select(ModerationCase.title, ModerationCase.as_seen))[0]
    assert tuple(row) == ("", "")


@pytest.mark.parametrize("answer", ["restored", "upheld"])
def test_an_objection_is_answered_by_somebody_else_and_that_is_the_last_word(
    answer: str, trouble: Trouble, said: Any
) -> None:
    case = trouble.report()
    trouble.decide(case, "removed")
    assert trouble.say(case, "It was a quotation.", appeal="yes").status_code == 303
    assert trouble.say(case, appeal="yes").status_code == 409
    assert "Somebody else who leads answers" in said(trouble.leader.get(f"/care/{case}"))
    assert trouble.decide(case, answer).status_code == 403
    assert "It was a quotation." in said(trouble.mentor.get(f"/care/{case}"))
    assert trouble.decide(case, answer, trouble.mentor).status_code == 303
    assert trouble.is_seen_by(trouble.hurt) == (answer == "restored")
    own = said(trouble.author.get(f"/care/{case}"))
    assert "final" in own
    assert "Object" not in own
    if answer == "upheld":
        assert "gone for good" in own


def test_who_leads_alone_answers_the_objection_themselves_and_the_page_says_so(
    trouble: Trouble, said: Any, clock: Any, house: Any
) -> None:
    clock.move(minutes=1)
    trouble.circle.give_role("4", Role.MENTOR, until=clock() + timedelta(seconds=1))
    clock.move(minutes=1)
    case = trouble.report()
    trouble.decide(case, "hidden")
    trouble.say(case, appeal="yes")
    assert "nobody else leads here: so it is you again" in said(trouble.leader.get(f"/care/{case}"))
    assert trouble.decide(case, "upheld").status_code == 303
    assert "hidden for now · final" in said(trouble.author.get(f"/care/{case}"))
    assert trouble.say(case, appeal="yes").status_code == 409
    assert trouble.decide(case, "removed").status_code == 303
    assert trouble.say(case, appeal="yes").status_code == 409


def test_nobody_judges_their_own_words_while_somebody_else_leads(
    circle: Any, house: Any, first_post: Any, said: Any, clock: Any
) -> None:
    trouble = Trouble(circle, house, first_post)
    topic = circle.start(circle.facilitator, title="Mine", body=HURT)
    trouble.path = f"/report/post/{first_post(topic)}"
    case = trouble.report(trouble.author)
    leader = circle.facilitator
    assert leader.get(f"/care/{case}").status_code == 404
    assert trouble.decide(case, "settled").status_code == 404
    assert "Mine" not in said(leader.get(f"{circle.home}/care"))
    assert "asks for your help" not in said(leader.get(circle.home))
    assert "Mine" in said(trouble.mentor.get(f"{circle.home}/care"))
    trouble.decide(case, "talked", trouble.mentor)
    page = said(leader.get(f"/care/{case}"))
    assert "Person 2" not in page
    assert ASKED not in page
    assert "What do you say?" in page
    # when the mentor is gone, nobody else can; and still no name is told
    clock.move(minutes=1)
    circle.give_role("4", Role.MENTOR, until=clock() + timedelta(seconds=1))
    clock.move(minutes=1)
    page = said(leader.get(f"/care/{case}"))
    assert "This is about your own words." in page
    assert "Person 2" not in page
    assert "Somebody who stays unnamed" in page
    assert "Only the author leads" in said(trouble.hurt.get(trouble.path))


def test_a_name_is_told_to_who_leads_or_to_nobody_and_once_is_enough(
    trouble: Trouble, said: Any, stored: Any, events: Any
) -> None:
    case = trouble.report(known_to="nobody")
    page = said(trouble.leader.get(f"/care/{case}"))
    assert "Zora Hurt" not in page
    assert "Somebody who stays unnamed" in page
    assert ASKED in page
    assert trouble.report() == case
    assert "asked for help with this already" in said(trouble.hurt.get(trouble.hurt.get(trouble.path).location))
    trouble.report(trouble.mentor)
    assert len(stored(select(Report.id))) == 2
    assert "That was you." in said(trouble.mentor.get(f"/care/{case}"))
    assert {event.actor_id for event in events("case.reported")} == {None}
    trouble.decide(case, "settled")
    assert trouble.author.get(f"/care/{case}").status_code == 404
    assert "settled" in said(trouble.hurt.get("/care"))
    another = trouble.circle.joined("5")
    assert trouble.report(another) == case
    assert "waits for a first look" in said(trouble.leader.get(f"/care/{case}"))


def test_whoever_asked_may_ask_again_after_it_was_settled_and_what_they_said_before_stays(
    trouble: Trouble, said: Any, stored: Any, events: Any
) -> None:
    case = trouble.report()
    trouble.decide(case, "restored")
    trouble.decide(case, "settled")
    assert trouble.hurt.get(trouble.path).status_code == 200
    assert trouble.report(text="She said it again.") == case
    assert len(stored(select(Report.id))) == 1
    page = said(trouble.leader.get(f"/care/{case}"))
    assert "waits for a first look" in page
    assert page.index(ASKED) < page.index("She said it again.")
    assert len(events("case.reported")) == 2
    assert "asked for help with this already" in said(trouble.hurt.get(trouble.hurt.get(trouble.path).location))


def test_who_leads_can_help_also_with_a_mentor_who_is_no_member(trouble: Trouble, house: Any, clock: Any) -> None:
    circle = trouble.circle
    with house.database.write() as session:
        [mentor] = meet(session, circle.site_id, {"77": "Mentor"}, clock()).values()
        assign_role(session, circle.site_id, circle.id, mentor, Role.MENTOR, Because(clock(), "cli"))
    with house.database.read() as connection:
        for one, other in ((circle.person("2"), mentor), (mentor, circle.person("2"))):
            places = shared_communities(connection, Actor(one, circle.site_id, "", clock()), other)
            assert [community for community, _ in places] == [circle.id]
        assert shared_communities(connection, Actor(mentor, circle.site_id, "", clock()), new_id()) == []


def test_a_rejected_form_keeps_its_words(trouble: Trouble) -> None:
    for form in ({"text": ""}, {"text": "Kept", "known_to": "x"}, {"text": "Kept", "norm_id": "x"}):
        answer = trouble.hurt.post(trouble.path, form)
        assert (answer.status_code, form["text"] in answer.text) == (422, True)
    case = trouble.report()
    for form in ({"text": "Kept"}, {"text": "Kept", "step": "answered"}, {"text": " ", "step": "hidden"}):
        answer = trouble.leader.post(f"/care/{case}/decide", form)
        assert (answer.status_code, form["text"].strip() in answer.text) == (422, True)
    trouble.decide(case, "talked")
    assert trouble.say(case, " ").status_code == 422
    assert "Kept too" in trouble.author.post(f"/care/{case}/answer", {"text": "Kept too", "appeal": "yes"}).text


def test_only_what_one_sees_of_others_can_be_reported(trouble: Trouble, house: Any) -> None:
    assert trouble.author.get(trouble.path).status_code == 403
    stranger = trouble.circle.joined("9", course="77")
    nothing = UUID(int=7)
    for who, path in (
        (stranger, trouble.path),
        (trouble.hurt, f"/report/post/{nothing}"),
        (trouble.hurt, f"/report/person/{trouble.circle.person('2')}"),
        (trouble.hurt, f"/report/journal_entry/{nothing}"),
        (trouble.hurt, f"/report/nonsense/{nothing}"),
    ):
        assert who.get(path).status_code == 404
        assert who.post(path, {"text": "T"}).status_code == 404


def test_a_case_is_no_ones_but_those_it_concerns_also_by_its_id(trouble: Trouble, house: Any, said: Any) -> None:
    case = trouble.report()
    trouble.decide(case, "talked")
    stranger = trouble.circle.joined("9", course="77")
    member = trouble.circle.joined("6")
    for who in (stranger, member, trouble.hurt):
        assert who.get(f"/care/{case}").status_code == 404
        assert trouble.decide(case, "hidden", who).status_code == 404
        assert who.post(f"/care/{case}/answer", {"text": "T"}).status_code == 404
    assert trouble.decide(case, "hidden", trouble.author).status_code == 403
    assert trouble.leader.post(f"/care/{case}/answer", {"text": "T"}).status_code == 403
    with house.database.write() as session:
        because = Because(house.clock(), "sync")
        end(session, trouble.circle.site_id, trouble.circle.id, [trouble.circle.person("2")], because)
    own = trouble.author.get(f"/care/{case}")
    assert own.status_code == 200
    assert "Zora" not in said(own)
    assert trouble.is_seen_by(trouble.hurt)


def test_who_should_hear_of_a_step_hears_of_it_and_the_author_never_of_a_report(
    trouble: Trouble, events: Any, house: Any, clock: Any
) -> None:
    case = trouble.report()
    trouble.decide(case, "talked")
    trouble.say(case)
    heard = [
        Heard(e.id, e.at, e.verb, e.site_id, e.community_id, e.actor_id, Reference(e.thing_kind, e.thing_id), e.facts)
        for e in events("case.reported", "case.talked", "case.answered")
    ]
    verbs = {one.id: one.verb for one in heard}
    names = {trouble.circle.person(subject): subject for subject in "1234"}
    with house.database.read() as connection:
        told = {(verbs[one.event_id], names[one.person_id]) for one in hearings(connection, heard)}
        for subject, title in (("1", "Somebody asks for help"), ("2", "About something you wrote"), ("3", None)):
            actor = Actor(trouble.circle.person(subject), trouble.circle.site_id, "", clock())
            lines = shown(connection, actor, [Reference("case", case)])
            assert [one.title for one in lines.values()] == ([title] if title else [])
    assert told == {
        ("case.reported", "1"),
        ("case.reported", "4"),
        ("case.talked", "2"),
        ("case.answered", "1"),
        ("case.answered", "4"),
    }


def test_of_a_message_who_leads_sees_its_words_and_nothing_else_of_the_talk(
    trouble: Trouble, house: Any, said: Any, clock: Any
) -> None:
    thread, message, other = new_id(), new_id(), new_id()
    author, hurt = trouble.circle.person("2"), trouble.circle.person("3")
    trouble.path = f"/report/message/{message}"
    trouble.hurt.get("/messages")
    with house.database.write() as session:
        _put_message(session, thread, {message: "Go away. " * 40, other: "A secret"}, author, hurt, clock())
    page = said(trouble.hurt.get(trouble.path))
    assert "Go away." in page
    assert "A secret" not in page
    case = trouble.report()
    seen = said(trouble.leader.get(f"/care/{case}"))
    assert seen.count("Go away.") == 40
    assert "A secret" not in seen
    assert "nobody here can open the rest" in seen
    assert trouble.leader.get(f"/messages/{thread}").status_code == 404
    assert trouble.decide(case, "hidden").status_code == 303
    assert "Go away." in said(trouble.author.get(f"/care/{case}"))
    trouble.decide(case, "restored")
    assert "Go away." not in said(trouble.leader.get(f"/care/{case}"))


def _put_message(session: Any, thread: UUID, words: dict[UUID, str], author: UUID, reader: UUID, at: datetime) -> None:
    session.add(MessageThread(id=thread, created_at=at, last_message_id=list(words)[-1]))
    session.flush()
    for person in (author, reader):
        session.add(Participant(thread_id=thread, person_id=person))
    for message, body in words.items():
        said = {"body": body, "html": body, "renderer": 1, "form_key": str(message)}
        session.add(Message(id=message, thread_id=thread, author_id=author, created_at=at, **said))
