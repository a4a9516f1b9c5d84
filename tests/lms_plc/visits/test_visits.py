"""Do colleagues visit each other by agreement, note what they see for themselves, and show it in the talk?"""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms_plc.communities.audiences import name_people
from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, Why, hearings
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, load
from lms_plc.core.things import keeper_of, shown
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.moderation.models import ModerationCase
from lms_plc.people import blocks
from lms_plc.visits import actions, queries
from lms_plc.visits.models import ObservationNote, Visit
from lms_plc.visits.queries import KIND
from tests.lms_plc.conftest import new_key

FOCUS = "Who speaks in group work?"


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


def form(circle: Any, host: str, *people: str, **more: Any) -> dict[str, Any]:
    visitors = [str(circle.person(one)) for one in people]
    asked = {"kind": "peer_observation", "host_id": str(circle.person(host)), "people": visitors}
    return {**asked, "focus": FOCUS, "form_key": new_key(), **more}


@pytest.fixture
def propose(circle: Any) -> Callable[..., UUID]:
    """``propose(circle.member, "1", "3")``: somebody proposes to visit person 1, with person 3."""

    def proposed(who: Any, host: str, *people: str, **more: Any) -> UUID:
        answer = who.post(f"{circle.home}/visits/new", form(circle, host, *people, **more))
        assert answer.status_code == 303, answer.text
        return UUID(answer.location[-36:])

    return proposed


@pytest.fixture
def agreed(circle: Any, propose: Any) -> UUID:
    """The member visits the facilitator, who agrees."""
    visit = propose(circle.member, "1")
    assert circle.facilitator.post(f"/visits/{visit}/agree", {"focus": FOCUS}).status_code == 303
    return UUID(str(visit))


def note(who: Any, visit: UUID, text: str, sort: str = "seen", **more: str) -> Any:
    return who.post(f"/visits/{visit}/notes", {"text": text, "sort": sort, "form_key": new_key(), **more})


def _based_on(page: Any) -> str:
    [found] = re.findall(r'name="based_on" value="([^"]*)"', page.text)
    return str(found)


def state(stored: Any, visit: UUID) -> str:
    return str(stored(select(Visit.state).where(Visit.id == visit))[0].state)


def test_a_visit_goes_from_a_proposal_to_what_is_taken_along(
    circle: Any, propose: Any, said: Any, stored: Any, clock: Any, events: Any, statements: list[str]
) -> None:
    host, visitor, other = circle.facilitator, circle.member, circle.joined("4")
    assert "more eyes than two" in said(host.get(f"{circle.home}/visits"))
    key = new_key()
    visit = propose(visitor, "1", form_key=key)
    assert propose(visitor, "1", form_key=key) == visit, "sent twice is once"
    path = f"/visits/{visit}"
    assert "Person 2 would like to visit a lesson of yours." in said(host.get(circle.home))
    asked = said(host.get(path))
    assert "May they come?" in asked
    assert "never part of an appraisal" in asked
    assert visitor.post(f"{path}/agree", {"focus": "x"}).status_code == 403, "only the host agrees"
    assert host.post(f"{path}/agree", {"focus": " "}).status_code == 422
    assert host.post(f"{path}/agree", {"focus": "Who never speaks?"}).status_code == 303
    assert host.post(f"{path}/agree", {"focus": FOCUS}).status_code == 303, "and may think again"
    assert "The host agreed on Nov 22, 2026." in said(visitor.get(path))

    assert visitor.post(f"{path}/plan", {"day": "soon", "starts": "x", "minutes": "1"}).status_code == 422
    when = {"day": "2026-11-24", "starts": "09:40", "minutes": "45", "place": "Room 12"}
    assert visitor.post(f"{path}/plan", when).status_code == 303
    page = said(host.get(path))
    assert "Tuesday, November 24, 2026, 9:40" in page
    assert "45 minutes · Room 12" in page
    assert 'value="2026-11-24"' in host.get(path).text
    assert "Visit with Person 1" in said(visitor.get(circle.home))

    assert note(visitor, visit, "Four hands", place="by the window").location.endswith("place=by+the+window")
    assert note(visitor, visit, "", "heard").status_code == 422
    assert state(stored, visit) == "running"
    clock.move(minutes=3)
    note(visitor, visit, "“I do not get it”", "heard")
    note(visitor, visit, "They wait for the bell", "guess")
    written = said(visitor.get(f"{path}/notes"))
    assert written.index("They wait for the bell") < written.index("Four hands")
    assert "seen 9:00 AM · by the window · Person 2" in written
    for closed in (host.get(f"{path}/notes"), host.post(f"{path}/talk"), host.post(f"{path}/not-coming")):
        assert closed.status_code == 403
    assert "Four hands" not in said(host.get(f"{path}/talk")), "until the talk the notes are the visitors'"
    assert "Only the visitors read the notes so far" in said(visitor.get(f"{path}/talk"))

    assert visitor.post(f"{path}/talk").status_code == 303
    assert visitor.post(f"{path}/talk").status_code == 303
    statements.clear()
    talk = said(host.get(f"{path}/talk"))
    assert len(statements) <= 6
    assert talk.index("Four hands") < talk.index("I do not get it") < talk.index("Guesses, put as questions")
    assert talk.index("Guesses, put as questions") < talk.index("They wait for the bell")
    assert "visit_debrief" in host.get(f"{path}/talk").text
    late = note(visitor, visit, "Thought of later")
    assert late.status_code == 422
    assert "Thought of later" in late.text

    assert host.post(f"{path}/learned", {"learned": ""}).status_code == 422
    first = {"learned": "Ask the back row."}
    for _ in range(2):
        assert host.post(f"{path}/learned", first).status_code == 303, "sent twice is once"
    missed = visitor.post(f"{path}/learned", {"learned": "Wait three seconds."})
    assert missed.status_code == 409
    assert "What the others wrote meanwhile Ask the back row." in said(missed)
    assert "Wait three seconds." in missed.text
    empty = visitor.post(f"{path}/learned", {"learned": "", "based_on": "older"})
    assert _based_on(empty) == "older", "what was not seen is not written over"
    both = {"learned": "Ask the back row first.", "based_on": _based_on(missed)}
    assert both["based_on"] == _based_on(host.get(f"{path}/talk"))
    assert visitor.post(f"{path}/learned", both).status_code == 303
    assert other.get(path).status_code == 404
    assert "Ask the back row" not in said(other.get(f"{circle.home}/visits"))
    assert visitor.post(f"{path}/share", {"shared": "yes"}).status_code == 403, "only the host opens it"
    for _ in range(2):
        assert host.post(f"{path}/share", {"shared": "yes"}).status_code == 303
    read = said(other.get(path))
    assert "Ask the back row first." in read
    assert "Four hands" not in read
    assert "Visitors" not in read
    assert other.get(f"{path}/talk").status_code == 403
    assert FOCUS in said(other.get(f"{circle.home}/visits"))
    assert host.post(f"{path}/share", {"shared": "no"}).status_code == 303
    assert other.get(path).status_code == 404
    told = " ".join(str(one.facts) for one in events())
    assert "hands" not in told, "no words in the log"
    assert [one.verb for one in events() if one.verb.startswith("visit.")] == [
        *("visit.proposed", "visit.agreed", "visit.focus_set", "visit.planned", "visit.began"),
        *("visit.debriefed", "visit.reported", "visit.reported", "visit.shared", "visit.taken_back"),
    ]


def test_a_note_is_kept_by_either_for_both_and_stays_its_writers(
    circle: Any, agreed: UUID, said: Any, stored: Any
) -> None:
    other, path = circle.joined("4"), f"/visits/{agreed}"
    note(circle.member, agreed, "Four hands")
    note(circle.member, agreed, "They are bored", "guess")
    seen, guess = (row.id for row in stored(select(ObservationNote.id).order_by(ObservationNote.id)))
    assert circle.member.post(f"{path}/notes/{seen}/keep").status_code == 403, "not before the talk"
    circle.member.post(f"{path}/talk")
    kept = circle.facilitator.post(f"{path}/notes/{seen}/keep")
    assert kept.status_code == 303
    assert circle.member.post(f"{path}/notes/{seen}/keep").location[-36:] == kept.location[-36:]
    circle.member.post(f"{path}/notes/{guess}/keep")
    assert circle.member.post(f"{path}/notes/{new_id()}/keep").status_code == 404
    rows = stored(select(KnowledgeNode.__table__).order_by(KnowledgeNode.id))
    assert [(row.kind, row.author_id) for row in rows] == [
        ("ObservationNote", circle.person("2")),
        ("Hunch", circle.person("2")),
    ]
    node = f"/thoughts/{rows[0].id}"
    assert f"said in {FOCUS}" in said(circle.facilitator.get(node))
    assert other.get(node).status_code == 404
    with circle.house.database.write() as session:
        name_people(session, "knowledge_node", rows[0].id, [])
    again = circle.facilitator.post(f"{path}/notes/{seen}/keep")
    assert again.location.endswith(f"{path}/talk"), "its writer has chosen other readers since"
    assert circle.facilitator.get(node).status_code == 404


def test_visits_nobody_has_closed_do_not_hide_what_comes(circle: Any, propose: Any, said: Any) -> None:
    def planned(day: str, starts: str) -> None:
        visit = propose(circle.member, "2", "1")
        when = {"day": day, "starts": starts, "minutes": "45"}
        assert circle.member.post(f"/visits/{visit}/plan", when).status_code == 303

    days = ("2026-11-20", "09:00"), ("2026-11-21", "23:50"), ("2026-11-22", "00:10"), ("2026-11-26", "09:40")
    for day, starts in days:
        planned(day, starts)
    home = said(circle.facilitator.get(circle.home))
    assert "November 21" not in home
    assert "Sunday, November 22, 2026, 12:10" in home, "all day long"
    assert "Thursday, November 26, 2026, 9:40" in home


def test_ones_own_lesson_is_opened_to_whom_one_asks(circle: Any, propose: Any, stored: Any, said: Any) -> None:
    third = circle.joined("3")
    visit = propose(circle.member, "2", "1", "2", focus="")
    path = f"/visits/{visit}"
    assert state(stored, visit) == "agreed_by_host"
    assert "Visit to a lesson" in said(circle.facilitator.get(f"{circle.home}/visits"))
    assert third.get(path).status_code == 404
    brought = {"person_id": str(circle.person("3"))}
    assert circle.facilitator.post(f"{path}/visitors", brought).status_code == 303
    assert circle.facilitator.post(f"{path}/visitors", brought).status_code == 303
    assert circle.facilitator.post(f"{path}/visitors", {"person_id": str(circle.person("2"))}).status_code == 303
    assert circle.facilitator.post(f"{path}/visitors", {"person_id": "nobody"}).status_code == 422
    assert circle.facilitator.post(f"{path}/visitors", {"person_id": str(new_id())}).status_code == 303
    page = said(third.get(path))
    assert "Visitors Person 1Person 3" in page
    sheet = said(third.get(f"{path}/sheet"))
    assert "My guess, as a question" in sheet
    assert third.post(f"{path}/not-coming").status_code == 303
    assert third.get(path).status_code == 404
    circle.facilitator.post(f"{path}/not-coming")
    assert state(stored, visit) == "cancelled", "a visit without visitors is none"


def test_a_visitor_does_not_bring_whom_the_host_keeps_away(circle: Any, agreed: UUID, said: Any) -> None:
    third = circle.joined("3")
    assert "Person 3" in said(circle.member.get(f"/visits/{agreed}"))
    with circle.house.database.write() as session:
        blocks.block(session, actor(circle, "1"), circle.person("3"))
    assert "Person 3" not in said(circle.member.get(f"/visits/{agreed}"))
    circle.member.post(f"/visits/{agreed}/visitors", {"person_id": str(circle.person("3"))})
    assert third.get(f"/visits/{agreed}").status_code == 404


def test_the_host_ends_it_at_any_time_and_what_was_noted_goes(
    circle: Any, agreed: UUID, stored: Any, said: Any
) -> None:
    path = f"/visits/{agreed}"
    note(circle.member, agreed, "Four hands")
    [own] = stored(select(ObservationNote.id))
    assert circle.member.post(f"{path}/notes/{new_id()}/take-out").status_code == 303
    assert circle.member.post(f"{path}/cancel").status_code == 303
    assert state(stored, agreed) == "running", "a visitor does not end what is under way"
    assert circle.member.post(f"{path}/not-coming").status_code == 303
    brought = {"person_id": str(circle.person("1"))}
    assert circle.member.post(f"{path}/visitors", brought).status_code == 303
    circle.member.post(f"{path}/notes/{own.id}/take-out")
    assert stored(select(ObservationNote.id)) == []
    note(circle.member, agreed, "Four hands once more")
    assert circle.facilitator.post(f"{path}/cancel").status_code == 303
    assert stored(select(ObservationNote.id)) == []
    assert "called off" in said(circle.member.get(path))
    assert circle.facilitator.post(f"{path}/cancel").status_code == 303
    assert circle.member.post(f"{path}/notes/{own.id}/take-out").status_code == 303


def test_a_host_may_say_not_now_and_nobody_asks_why(circle: Any, propose: Any, said: Any, stored: Any) -> None:
    visit = propose(circle.member, "1")
    assert circle.facilitator.post(f"/visits/{visit}/not-now").status_code == 303
    assert "not now" in said(circle.member.get(f"/visits/{visit}"))
    assert note(circle.member, visit, "x").status_code == 422
    when = {"day": "2026-11-24", "starts": "09:40", "minutes": "45", "place": "Room 12"}
    for who, verb, given in (
        (circle.facilitator, "agree", {"focus": "Who speaks?"}),
        (circle.member, "plan", when),
        (circle.member, "learned", {"learned": "Ask the back row."}),
    ):
        late = who.post(f"/visits/{visit}/{verb}", given)
        assert late.status_code == 409
        assert "Something changed meanwhile. Please look again; your words are still here." in said(late)
        assert all(words in said(late) for name, words in given.items() if name != "minutes")
    called_off = propose(circle.member, "1")
    circle.member.post(f"/visits/{called_off}/cancel")
    assert state(stored, called_off) == "cancelled"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "inspection"}, "Please choose one of these"),
        ({"host_id": ""}, "could not be understood"),
        ({"host_id": str(new_id())}, "Please choose one of these"),
        ({"people": [str(new_id())]}, "Please choose one of these"),
        ({"host": "2"}, "Please choose who may come"),
    ],
)
def test_what_is_wrong_with_a_proposal_is_said(circle: Any, said: Any, wrong: Any, words: str) -> None:
    given = {**form(circle, wrong.get("host", "1"), focus="Kept words"), **wrong}
    answer = circle.member.post(f"{circle.home}/visits/new", given)
    assert answer.status_code == 422
    assert words in said(answer)
    assert "Kept words" in answer.text


def test_a_visit_belongs_to_what_it_began_with(circle: Any, propose: Any, said: Any, house: Any) -> None:
    topic = circle.start(circle.member, title="Shy pupils")
    page = said(circle.member.get(f"{circle.home}/visits/new?from_kind=topic&from={topic}"))
    assert "Belongs to Shy pupils" in page
    visit = propose(circle.member, "1", from_kind="topic", from_id=str(topic))
    assert "Belongs to Shy pupils" in said(circle.facilitator.get(f"/visits/{visit}"))
    other = circle.joined("4")
    change = circle.member.post(
        f"{circle.home}/changes/new", {"what": "I wait", "audience": "community", "form_key": new_key()}
    ).location[-36:]
    propose(circle.member, "1", from_kind="practice_change", from_id=change)
    assert f"Visits {FOCUS} · Person 1" in said(circle.facilitator.get(f"/changes/{change}"))
    assert "Visits" not in said(other.get(f"/changes/{change}"))
    project = new_id()
    with house.database.write() as session:
        session.execute(update(Visit).where(Visit.id == visit).values(origin_kind="inquiry", origin_id=project))
    with house.database.read() as connection:
        for subject, expected in (("1", [visit]), ("2", [visit]), ("4", [])):
            given = {"thing": project, "me": circle.person(subject), "at": house.clock()}
            assert [one.id for one in connection.execute(queries._of_a_thing("inquiry"), given)] == expected
            reference = Reference(KIND, visit)
            assert bool(shown(connection, actor(circle, subject), [reference])) == bool(expected)
        host = load(connection, actor(circle, "1"), KIND, visit, "visit.see")
        with pytest.raises(PermissionError):
            queries.notes(connection, actor(circle, "1"), host)


def test_there_may_be_nobody_to_visit_yet(circle: Any, said: Any, house: Any) -> None:
    with house.database.write() as session:
        blocks.block(session, actor(circle, "2"), circle.person("1"))
    assert "nobody here to visit yet" in said(circle.facilitator.get(f"{circle.home}/visits/new"))


def test_host_and_visitors_hear_of_each_other_and_nobody_else_does(
    circle: Any, propose: Any, events: Any, house: Any
) -> None:
    circle.joined("3")
    visit = propose(circle.member, "1", "3")
    circle.facilitator.post(f"/visits/{visit}/agree", {"focus": FOCUS})
    heard = [
        Heard(one.id, one.at, one.verb, None, circle.id, one.actor_id, Reference(KIND, visit), one.facts)
        for one in events("visit.proposed", "visit.agreed")
    ]
    with house.database.read() as connection:
        told = {(one.person_id, one.why) for one in hearings(connection, heard)}
    one, two, three = (circle.person(subject) for subject in "123")
    assert told == {(one, Why.ASKED), (three, Why.ASKED), (two, Why.CHANGED), (three, Why.CHANGED)}


def test_lists_are_paged_and_sharing_waits_for_something_to_share(
    circle: Any, propose: Any, agreed: UUID, monkeypatch: pytest.MonkeyPatch, house: Any
) -> None:
    propose(circle.member, "1")
    monkeypatch.setattr(queries, "A_PAGE", 1)
    [older] = re.findall(r"before=([0-9a-f-]{36})", circle.member.get(f"{circle.home}/visits").text)
    assert str(agreed) in circle.member.get(f"{circle.home}/visits?before={older}").text
    with house.database.write() as session:
        host = actor(circle, "1")
        seen = load(session.connection(), host, KIND, agreed, "visit.agree")
        assert not actions.share(session, host, seen, shared=True)


def test_a_note_that_hurts_is_reported_by_the_host_and_stays_with_who_wrote_it(
    circle: Any, agreed: UUID, said: Any, stored: Any
) -> None:
    host, visitor, talk = circle.facilitator, circle.member, f"/visits/{agreed}/talk"
    other = circle.joined("3")
    assert host.post(f"/visits/{agreed}/visitors", {"person_id": circle.person("3")}).status_code == 303
    note(visitor, agreed, "He shouts.", "guess")
    [written] = stored(select(ObservationNote.id))
    report = f"/report/observation_note/{written.id}"
    for who in (host, other):
        assert who.get(report).status_code == 404, "until the talk the notes are the visitors'"
    visitor.post(talk)
    assert report in host.get(talk).text
    assert report not in visitor.get(talk).text
    assert circle.joined("4").get(report).status_code == 404
    assert host.post(report, {"text": "I did not.", "unnamed": ""}).status_code == 303
    [case] = stored(select(ModerationCase.__table__))
    assert (case.private, case.title, case.as_seen) == (True, "Person 2", "He shouts.")

    assert host.post(f"/visits/{agreed}/notes/{written.id}/keep").status_code == 303
    [thought] = stored(select(KnowledgeNode.id))
    assert other.get(f"/thoughts/{thought.id}").status_code == 200
    keeper, at = keeper_of("observation_note"), circle.house.clock()
    assert keeper is not None
    with circle.house.database.write() as session:
        keeper.hide(session, written.id, at)
    assert "He shouts." not in said(host.get(talk))
    assert other.get(f"/thoughts/{thought.id}").status_code == 404, "what was kept of it goes with it"
    for page in (talk, f"/visits/{agreed}/notes"):
        theirs = said(visitor.get(page))
        assert "He shouts." in theirs
        assert "Hidden for now: only you see it." in theirs
    assert visitor.post(f"/visits/{agreed}/notes/{written.id}/keep").status_code == 404
    with circle.house.database.write() as session:
        keeper.restore(session, written.id, at)
    assert "He shouts." in said(host.get(talk))
    assert other.get(f"/thoughts/{thought.id}").status_code == 200
    with circle.house.database.write() as session:
        keeper.remove(session, written.id, at)
        for verb in (keeper.hide, keeper.restore, keeper.remove):
            verb(session, written.id, at)
    assert stored(select(ObservationNote.id)) == stored(select(KnowledgeNode.id)) == []
