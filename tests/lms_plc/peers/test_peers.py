"""Do colleagues of one subject find each other across communities, only where both want it, and is quiet noticed
kindly?"""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from lms_plc.core.activity import Event, Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import shown
from lms_plc.discussions.models import Post
from lms_plc.messages.models import Message
from lms_plc.peers import quiet
from lms_plc.peers.models import Hello, PeerOffer
from lms_plc.people.models import LastContact, PeerConnection

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
FOUND = "/peers?subject=physics"


def teaches(who: Any, *subjects: str, **more: str) -> None:
    form = {"subjects": list(subjects), "languages": ["mk"], "school": f"School of {who.name}", **more}
    assert who.post("/me", form).status_code == 303


@pytest.fixture
def elsewhere(circle: Any) -> Any:
    """A teacher of physics who consented, in another community; the circle's member teaches physics too."""
    peer = circle.joined("60", course="9", roles=[INSTRUCTOR], name="Peer Elsewhere")
    peer.post(peer.launch("60", course="9", roles=[INSTRUCTOR], name="Peer Elsewhere").location, {"name": "Next door"})
    peer.name, circle.member.name = "Peer", "Member"
    teaches(peer, "physics", "art", may_be_found="yes")
    teaches(circle.member, "physics", "chemistry")  # nobody elsewhere teaches chemistry
    circle.peer = peer
    return circle


def greet(circle: Any, note: str = "I teach waves too.") -> UUID:
    answer = circle.member.post(f"/peers/{circle.person('60')}/hello", {"note": note})
    assert answer.status_code == 303
    with circle.house.database.read() as connection:
        found: UUID = connection.execute(select(Hello.id)).scalar_one()
    return found


class TestFinding:
    def test_whoever_consented_is_found_by_subject_and_language(self, elsewhere: Any, said: Any) -> None:
        mine = said(elsewhere.member.get(FOUND))
        for words in ("Peer Elsewhere", "Physics and Art", "School of Peer"):
            assert words in mine
        assert "Peer Elsewhere" in said(elsewhere.member.get(f"{FOUND}&language=mk"))
        for path in (f"{FOUND}&language=nl", "/peers?subject=music", "/peers?subject=", "/peers?subject=alchemy"):
            assert "Peer Elsewhere" not in said(elsewhere.member.get(path)), path
        assert "Peer Elsewhere" in said(elsewhere.member.get(f"{FOUND}&language=klingon&after=x"))

    def test_nobody_is_found_by_who_is_in_no_community(self, elsewhere: Any, said: Any) -> None:
        """Pupils can open an activity too."""
        stranger = elsewhere.joined("70", course="8")
        assert "Peer Elsewhere" not in said(stranger.get(FOUND))
        hello = f"/peers/{elsewhere.person('60')}/hello"
        assert stranger.get(hello).status_code == 404
        assert stranger.post(hello, {"note": "N"}).status_code == 404

    def test_nobody_is_found_who_did_not_say_so_or_is_near(self, elsewhere: Any, said: Any) -> None:
        elsewhere.facilitator.name = "F"
        teaches(elsewhere.facilitator, "physics", may_be_found="yes")
        page = said(elsewhere.member.get(FOUND))
        assert "Person 1" not in page, "they share a community"
        assert "Person 2" not in said(elsewhere.peer.get(FOUND)), "did not consent"
        teaches(elsewhere.peer, "physics")
        assert "Nobody yet" in said(elsewhere.member.get(FOUND))
        hello = f"/peers/{elsewhere.person('60')}/hello"
        assert elsewhere.member.get(hello).status_code == 404
        assert elsewhere.member.post(hello, {"note": "N"}).status_code == 404

    @pytest.mark.parametrize("who_blocks", ["peer", "member"])
    def test_a_block_on_either_side_hides_both_from_each_other(
        self, elsewhere: Any, house: Any, said: Any, who_blocks: str
    ) -> None:
        from lms_plc.people.blocks import block, blocked_by

        subjects = ("60", "2") if who_blocks == "peer" else ("2", "60")
        one, other = (elsewhere.person(subject) for subject in subjects)
        with house.database.write() as session:
            block(session, Actor(one, elsewhere.site_id, "", house.clock()), other)
            assert blocked_by(session.connection(), one) == {other}
        assert "Peer Elsewhere" not in said(elsewhere.member.get(FOUND))
        assert elsewhere.member.get(f"/peers/{elsewhere.person('60')}/hello").status_code == 404

    def test_there_are_pages_and_no_ranks(self, elsewhere: Any, house: Any, clock: Any, said: Any) -> None:
        from lms_plc.communities.memberships import Because, bring_in
        from lms_plc.communities.models import Community
        from lms_plc.people.models import PersonSubject, Profile
        from lms_plc.people.registry import meet

        with house.database.write() as session:
            met = meet(session, elsewhere.site_id, {f"m{n}": f"Found {n:02}" for n in range(25)}, clock())
            query = select(Community.id).where(Community.name == "Next door")
            there = session.execute(query).scalar_one()
            bring_in(session, elsewhere.site_id, there, list(met.values()), Because(clock(), "sync"))
            words = {"about": "", "about_html": "", "about_renderer": 1, "may_be_found": True, "changed_at": clock()}
            for person in met.values():
                session.add(Profile(person_id=person, **words))
                session.add(PersonSubject(person_id=person, subject="physics"))
        first = elsewhere.member.get(FOUND).text
        way = re.search(r'rel="next" href="/s/[^/]+([^"]+)"', first)
        assert way is not None
        second = elsewhere.member.get(way[1].replace("&amp;", "&")).text
        assert len(set(re.findall(r"Found \d\d", first + second))) == 25


class TestSayingHello:
    def test_an_accepted_hello_is_the_first_word_of_a_talk(
        self, elsewhere: Any, said: Any, events: Any, stored: Any, house: Any, clock: Any
    ) -> None:
        hello = greet(elsewhere)
        assert "Your hello is on its way" in said(elsewhere.member.get(FOUND))
        assert "Your hello is on its way" in said(elsewhere.member.get(f"/peers/{elsewhere.person('60')}/hello"))
        home = elsewhere.peer.get("/").location
        assert "Person 2, who teaches elsewhere, says hello to you." in said(elsewhere.peer.get(home))
        page = said(elsewhere.peer.get("/peers"))
        for words in ("Somebody says hello", "Person 2", "School of Member", "I teach waves too."):
            assert words in page
        assert elsewhere.peer.get(f"/people/{elsewhere.person('2')}").status_code == 404, "not before the answer"
        answer = elsewhere.peer.post(f"/hellos/{hello}/accept")
        thread = elsewhere.peer.get(answer.location).location
        assert "I teach waves too." in said(elsewhere.peer.get(thread))
        assert "Person 2" in said(elsewhere.peer.get(f"/people/{elsewhere.person('2')}"))
        assert "Peer Elsewhere" in said(elsewhere.member.get("/messages"))
        assert "Peer Elsewhere" not in said(elsewhere.member.get(FOUND)), "found already"
        elsewhere.peer.post(f"/hellos/{hello}/accept")
        assert stored(select(PeerConnection.person_id, PeerConnection.other_id)) == [
            (elsewhere.person("2"), elsewhere.person("60"))
        ]
        assert len(stored(select(Message.id))) == 1
        told = events("hello.said", "hello.accepted", "message.written")
        assert [(event.verb, event.facts["to"]) for event in told] == [
            ("hello.said", [str(elsewhere.person("60"))]),
            ("hello.accepted", [str(elsewhere.person("2"))]),
        ]
        assert "waves" not in str([event.facts for event in told])
        for subject, endpoint in (("2", "messages.compose"), ("60", "messages.compose"), ("1", None)):
            who = Actor(elsewhere.person(subject), elsewhere.site_id, "", clock())
            with house.database.read() as connection:
                found = shown(connection, who, [Reference("hello", hello)])
            assert [thing.endpoint for thing in found.values()] == ([endpoint] if endpoint else [])

    def test_one_that_rests_is_gone_and_nobody_is_told(self, elsewhere: Any, said: Any, events: Any) -> None:
        hello = greet(elsewhere)
        before = said(elsewhere.member.get(FOUND))
        elsewhere.peer.post(f"/hellos/{hello}/rest")
        assert "waves" not in said(elsewhere.peer.get("/peers"))
        assert said(elsewhere.member.get(FOUND)) == before
        assert greet(elsewhere, "Once more") == hello, "a hello is said once"
        assert "Once more" not in said(elsewhere.peer.get("/peers"))
        assert len(events("hello.said")) == 1

    def test_only_the_one_it_was_said_to_answers(self, elsewhere: Any, house: Any, said: Any) -> None:
        hello = greet(elsewhere)
        for verb in ("accept", "rest"):
            assert elsewhere.member.post(f"/hellos/{hello}/{verb}").status_code == 403
            assert elsewhere.facilitator.post(f"/hellos/{hello}/{verb}").status_code == 404
        from lms_plc.people.blocks import block

        with house.database.write() as session:
            block(session, Actor(elsewhere.person("60"), elsewhere.site_id, "", house.clock()), elsewhere.person("2"))
        assert elsewhere.peer.post(f"/hellos/{hello}/accept").status_code == 404
        assert "waves" not in said(elsewhere.peer.get("/peers"))

    @pytest.mark.parametrize("note", ["  ", "x" * 1001])
    def test_a_wrong_note_is_shown_again(self, elsewhere: Any, stored: Any, note: str) -> None:
        again = elsewhere.member.post(f"/peers/{elsewhere.person('60')}/hello", {"note": note})
        assert again.status_code == 422
        assert note.strip() in again.text
        assert stored(select(Hello.id)) == []


class TestWhenItHasBeenQuiet:
    """S3-11: noticed kindly, told to nobody but themselves."""

    def look(self, circle: Any) -> None:
        quiet.note_contacts(circle.house)
        assert quiet.offer_to_some(circle.house, None) is None

    def home(self, circle: Any, said: Any) -> Any:
        circle.member.launch("2")
        return said(circle.member.get(circle.home))

    def test_after_forty_five_days_somebody_is_asked_once(
        self, elsewhere: Any, clock: Any, said: Any, stored: Any, events: Any
    ) -> None:
        self.look(elsewhere)
        clock.move(days=44)
        self.look(elsewhere)
        assert stored(select(PeerOffer.person_id)) == []
        clock.move(days=2)
        self.look(elsewhere)
        offers = stored(select(PeerOffer.person_id, PeerOffer.subject, PeerOffer.offered_at))
        assert offers == [(elsewhere.person("2"), "physics", clock())], "who has nobody to meet is not asked"
        assert [one for one in events() if "offer" in one.verb or "quiet" in one.verb] == []
        mine = self.home(elsewhere, said)
        assert "It has been quiet" in mine
        assert "Physics" in mine
        assert "Peer Elsewhere" not in mine
        elsewhere.facilitator.launch("1", roles=[INSTRUCTOR])
        for path in (elsewhere.home, f"{elsewhere.home}/members", f"/people/{elsewhere.person('2')}"):
            assert "quiet" not in said(elsewhere.facilitator.get(path)).replace("still quiet here", "")

    @pytest.mark.parametrize(("answer", "leads_to"), [("yes", "/peers?subject=physics"), ("not_now", "/")])
    def test_an_answer_ends_it_and_it_is_not_asked_again_for_ninety_days(
        self, elsewhere: Any, clock: Any, said: Any, stored: Any, answer: str, leads_to: str
    ) -> None:
        self.look(elsewhere)
        clock.move(days=46)
        self.look(elsewhere)
        elsewhere.member.launch("2")
        elsewhere.member.post("/peers/offer", {"answer": "perhaps"})
        assert "It has been quiet" in self.home(elsewhere, said)
        gone_to = elsewhere.member.post("/peers/offer", {"answer": answer, "subject": "physics"})
        assert gone_to.location.endswith(leads_to)
        assert "It has been quiet" not in self.home(elsewhere, said)
        answered = clock()
        for days, asked in ((1, False), (60, False), (30, True)):
            clock.move(days=days)
            self.look(elsewhere)
            again = stored(select(PeerOffer.offered_at).where(PeerOffer.dismissed_at.is_(None)))
            assert bool(again) is asked, clock() - answered
        assert "It has been quiet" in self.home(elsewhere, said)

    @pytest.mark.parametrize("contact", ["launched", "launched and left the computer", "wrote", "reacted"])
    def test_any_contact_counts(self, elsewhere: Any, clock: Any, stored: Any, contact: str) -> None:
        topic = elsewhere.start(elsewhere.facilitator)
        post = stored(select(Post.id))[0].id
        self.look(elsewhere)
        clock.move(days=20)
        elsewhere.member.launch("2")
        if contact == "launched and left the computer":
            elsewhere.member.post("/leave")
        elif contact == "wrote":
            elsewhere.say(elsewhere.member, topic)
        elif contact == "reacted":
            elsewhere.member.post(f"/posts/{post}/reactions", {"reaction": "tried"})
        for days, asked in ((1, False), (43, False), (2, True)):
            clock.move(days=days)
            self.look(elsewhere)
            assert bool(stored(select(PeerOffer.person_id))) is asked

    def test_who_is_out_or_was_never_here_is_not_asked(
        self, elsewhere: Any, house: Any, clock: Any, stored: Any
    ) -> None:
        from lms_plc.communities.memberships import Because, pause
        from lms_plc.people.models import PersonSubject
        from lms_plc.people.registry import meet

        with house.database.write() as session:
            never = meet(session, elsewhere.site_id, {"70": "Never Here"}, clock())["70"]
            session.add(PersonSubject(person_id=never, subject="physics"))
            session.add(LastContact(person_id=never, at=clock()))
            pause(session, elsewhere.site_id, elsewhere.id, [elsewhere.person("2")], Because(clock(), "sync"))
        self.look(elsewhere)
        clock.move(days=46)
        self.look(elsewhere)
        assert stored(select(PeerOffer.person_id)) == []

    def test_many_are_asked_in_batches_by_a_worker(
        self, elsewhere: Any, house: Any, clock: Any, stored: Any, monkeypatch: pytest.MonkeyPatch, at_work: Any
    ) -> None:
        from lms_plc import jobs

        monkeypatch.setattr(quiet, "AT_ONCE", 1)
        visitor = elsewhere.joined("61")
        visitor.name = "V"
        teaches(visitor, "physics")
        quiet.note_contacts(house)
        clock.move(days=46)

        def register(open_house: Any) -> None:
            quiet.register(open_house)
            with open_house.database.write() as session:
                jobs.enqueue(session, "notice-quiet-members")

        at_work(register)
        assert {row.person_id for row in stored(select(PeerOffer.person_id))} == {
            elsewhere.person("2"),
            elsewhere.person("61"),
        }

    def test_an_old_installation_knows_from_its_log_who_was_here(self, elsewhere: Any, house: Any, stored: Any) -> None:
        with house.database.write() as session:
            session.execute(delete(LastContact))
        quiet.note_contacts(house)
        last = dict(tuple(row) for row in stored(select(LastContact.person_id, LastContact.at)))
        known = stored(
            select(Event.actor_id, func.max(Event.at)).where(Event.actor_id.is_not(None)).group_by(Event.actor_id)
        )
        assert {person: at for person, at in known if last[person] < at} == {}
        assert timedelta(0) <= max(last.values()) - min(last.values())
