"""Is feedback asked of a few, answered in words, and read by nobody but who asked?"""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, Why, hearings
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, NotAllowed, load
from lms_plc.core.things import keeper_of, shown
from lms_plc.evidence.actions import keep_node
from lms_plc.feedback import queries, views
from lms_plc.feedback.models import FeedbackAnswer, FeedbackAsked, FeedbackRequest
from lms_plc.feedback.queries import KIND
from lms_plc.moderation.models import ModerationCase
from lms_plc.people import blocks
from lms_plc.people.models import Identity, PeerConnection
from tests.conftest import NOW
from tests.lms_plc.conftest import INSTRUCTOR, new_key


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


def form(circle: Any, *people: str, **more: Any) -> dict[str, Any]:
    asked = [str(circle.person(one)) for one in people]
    return {"question": "What would a shy pupil do?", "people": asked, "form_key": new_key(), **more}


@pytest.fixture
def ask(circle: Any, stored: Any) -> Callable[..., UUID]:
    """``ask("2", "3")``: the facilitator asks these people, as the page's form would."""

    def asked(*people: str, **more: Any) -> UUID:
        answer = circle.facilitator.post(f"{circle.home}/feedback/new", form(circle, *people, **more))
        assert answer.status_code == 303, answer.text
        return UUID(answer.location[-36:])

    return asked


def test_a_colleague_answers_in_words_and_only_who_asked_reads_them(
    circle: Any, ask: Any, said: Any, stored: Any, events: Any, statements: list[str]
) -> None:
    third = circle.joined("3")
    empty = said(circle.facilitator.get(f"{circle.home}/feedback"))
    assert "Four eyes see more" in empty
    key = new_key()
    request = ask("2", "3", text="Plan for Tuesday", due="2026-12-01", form_key=key)
    assert ask("2", form_key=key) == request, "sent twice is once"
    path = f"/feedback/{request}"
    home = said(circle.member.get(circle.home))
    assert "Person 1 asks you: “What would a shy pupil do?”" in home
    page = said(circle.member.get(path))
    assert "Plan for Tuesday" in page
    assert "It is never part of an appraisal" in page
    assert "I am asked" in said(circle.member.get(f"{circle.home}/feedback"))

    nothing = circle.member.post(f"{path}/answer", {"saw": "  "})
    assert nothing.status_code == 422
    assert "one is enough" in said(nothing)
    assert circle.member.post(f"{path}/answer", {"asks": "And the one by the door?"}).status_code == 303
    assert circle.member.post(f"{path}/answer", {"asks": "And the one by the door?"}).status_code == 303
    assert circle.member.post(f"{path}/answer", {"asks": "And who sits alone?"}).status_code == 303
    [stored_once] = stored(select(FeedbackAnswer.__table__))
    assert (stored_once.asks, stored_once.saw) == ("And who sits alone?", "")
    assert [one.verb for one in events("feedback.asked", "feedback.answered", "feedback.answer_changed")] == [
        "feedback.asked",
        "feedback.answered",
        "feedback.answer_changed",
    ]
    assert not any("alone" in str(one.facts) for one in events()), "no words in the log"
    assert "asks you: “What would" not in said(circle.member.get(circle.home))

    statements.clear()
    mine = said(circle.facilitator.get(path))
    assert len(statements) <= 8
    assert "And who sits alone?" in mine
    assert "Person 2 answered" in mine
    assert "alone" not in said(third.get(path)), "those who are asked do not see each other's answers"
    assert third.post(f"{path}/decline").status_code == 303
    assert third.post(f"{path}/decline").status_code == 303
    assert "You said: not this time" in said(third.get(path))
    assert "Person 3 not this time" in said(circle.facilitator.get(path))
    assert "not this time" in said(third.get(f"{circle.home}/feedback"))

    assert circle.facilitator.post(f"{path}/close").status_code == 303
    assert circle.facilitator.post(f"{path}/close").status_code == 303
    assert [one.facts["to"] for one in events("feedback.closed")] == [[str(circle.person("2"))]]
    assert "Person 1 thanks you." in said(circle.member.get(path))
    late = third.post(f"{path}/answer", {"saw": "Too late to say"})
    assert late.status_code == 422
    assert "Too late to say" in said(late), "nothing that was typed is lost"
    assert "There is nothing for you to do" in said(third.get(path))
    assert third.post(f"{path}/decline").status_code == 303
    assert "answered" not in said(circle.facilitator.get(f"{circle.home}/feedback")).partition("I asked")[0]


def test_an_answer_can_be_taken_back_and_given_again(circle: Any, ask: Any, stored: Any) -> None:
    path = f"/feedback/{ask('2')}"
    circle.member.post(f"{path}/answer", {"idea": "Pairs first"})
    circle.member.post(f"{path}/decline")
    assert stored(select(FeedbackAnswer.id)) == []
    circle.member.post(f"{path}/answer", {"saw": "Four hands"})
    assert stored(select(FeedbackAsked.declined_at))[0].declined_at is None


def test_nobody_else_knows_of_it_whatever_they_are_here(circle: Any, ask: Any) -> None:
    other, stranger = circle.joined("4"), circle.visitor()
    stranger.launch("8", "9", roles=[INSTRUCTOR])
    request = ask("2")
    reference = Reference(KIND, request)
    for somebody in (other, stranger):
        assert somebody.get(f"/feedback/{request}").status_code == 404
        assert somebody.post(f"/feedback/{request}/answer", {"saw": "x"}).status_code == 404
    assert circle.member.post(f"/feedback/{request}/close").status_code == 403
    assert circle.facilitator.post(f"/feedback/{request}/answer", {"saw": "x"}).status_code == 403
    with circle.house.database.read() as connection:
        assert shown(connection, actor(circle, "4"), [reference]) == {}
        assert shown(connection, actor(circle, "2"), [reference])[reference].author_id == circle.person("1")
        seen = load(connection, actor(circle, "2"), KIND, request, "feedback.read")
        with pytest.raises(PermissionError):
            queries.answers_to(connection, seen)


def test_whoever_is_host_and_asked_by_an_accident_of_accounts_has_nothing_to_answer(
    circle: Any, ask: Any, house: Any
) -> None:
    request = ask("2")
    with house.database.write() as session:
        session.add(FeedbackAsked(request_id=request, person_id=circle.person("1"), asked_at=NOW, declined_at=None))
    with house.database.read() as connection, pytest.raises(NotAllowed):
        views._to_answer(connection, actor(circle, "1"), request)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"question": " "}, "Please fill this in"),
        ({"people": []}, "Please choose one to 5 colleagues"),
        ({"people": ["nobody"]}, "Please choose one to 5 colleagues"),
        ({"people": [str(new_id()) for _ in range(6)]}, "Please choose one to 5 colleagues"),
        ({"people": [str(new_id())]}, "Please choose one of these"),
        ({"due": "tomorrow"}, "Please give a day"),
        ({"due": "2026-11-01"}, "This day is over"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_kept(circle: Any, said: Any, wrong: Any, words: str) -> None:
    given = {**form(circle, "2"), "text": "Kept words", **wrong}
    answer = circle.facilitator.post(f"{circle.home}/feedback/new", given)
    assert answer.status_code == 422
    assert words in said(answer)
    assert "Kept words" in answer.text


def test_who_cannot_open_the_thing_is_not_asked_about_it_without_words_to_read(
    circle: Any, ask: Any, said: Any, house: Any
) -> None:
    who = actor(circle, "1")
    with house.database.write() as session:
        node = keep_node(
            session,
            who,
            community_id=circle.id,
            site_id=circle.site_id,
            kind="Hunch",
            text="They are afraid",
            author_id=who.person_id,
            origin=Reference("community", circle.id),
            form_key=new_key(),
            audience="facilitator",
        )
    about = {"from_kind": "knowledge_node", "from_id": str(node)}
    page = said(circle.facilitator.get(f"{circle.home}/feedback/new?from_kind=knowledge_node&from={node}"))
    assert "About They are afraid" in page
    refused = circle.facilitator.post(f"{circle.home}/feedback/new", form(circle, "2", **about))
    assert refused.status_code == 422
    assert "Person 2 cannot open “They are afraid”. Paste the part" in said(refused)
    request = ask("2", text="A hunch: they are scared", **about)
    assert "They are afraid" not in said(circle.member.get(f"/feedback/{request}"))
    assert "About They are afraid" in said(circle.facilitator.get(f"/feedback/{request}"))
    nonsense = circle.facilitator.get(f"{circle.home}/feedback/new?from_kind=nothing&from=x")
    assert nonsense.status_code == 200


def test_a_colleague_elsewhere_whom_one_knows_can_be_asked_and_a_blocked_one_cannot(
    circle: Any, ask: Any, said: Any, house: Any, stored: Any
) -> None:
    away = circle.visitor()
    away.post(away.launch("8", "9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    person = stored(select(Identity.person_id).where(Identity.subject == "8"))[0].person_id
    assert "Person 8" not in said(circle.facilitator.get(f"{circle.home}/feedback/new"))
    with house.database.write() as session:
        session.add(PeerConnection(person_id=person, other_id=circle.person("1"), at=NOW))
    assert "Colleagues of other communities whom you know: Person 8" in said(
        circle.facilitator.get(f"{circle.home}/feedback/new")
    )
    request = ask("8")
    page = said(away.get(f"/feedback/{request}"))
    assert "What would a shy pupil do?" in page
    assert "Back to feedback" not in page, "the rooms around it are not theirs"
    assert away.post(f"/feedback/{request}/answer", {"saw": "Three hands"}).status_code == 303
    assert "Three hands" in said(circle.facilitator.get(f"/feedback/{request}"))
    with house.database.read() as connection:
        own = connection.execute(select(queries.Community.id).where(queries.Community.name == "Next door")).scalar_one()
    assert "I am asked" in said(away.get(f"/communities/{own}/feedback"))
    with house.database.write() as session:
        blocks.block(session, actor(circle, "8"), circle.person("1"))
    assert "Person 8" not in said(circle.facilitator.get(f"{circle.home}/feedback/new"))


def test_there_may_be_nobody_to_ask_yet(circle: Any, said: Any, house: Any) -> None:
    with house.database.write() as session:
        blocks.block(session, actor(circle, "2"), circle.person("1"))
    assert "nobody here to ask yet" in said(circle.facilitator.get(f"{circle.home}/feedback/new"))


def test_it_hangs_on_the_project_it_is_about_for_who_has_a_part_in_it(
    circle: Any, ask: Any, house: Any, said: Any
) -> None:
    other = circle.joined("4")
    change = circle.facilitator.post(
        f"{circle.home}/changes/new", {"what": "I wait", "audience": "community", "form_key": new_key()}
    ).location[-36:]
    request = ask("2", from_kind="practice_change", from_id=change)
    shows = "Feedback asked for What would a shy pupil do? · Person 1"
    assert shows in said(circle.member.get(f"/changes/{change}"))
    assert "Feedback asked for" not in said(other.get(f"/changes/{change}"))
    project = new_id()
    with house.database.write() as session:
        session.execute(update(FeedbackRequest).values(thing_kind="inquiry", thing_id=project))
    with house.database.read() as connection:
        for subject, expected in (("1", [request]), ("2", [request]), ("4", [])):
            given = {"thing": project, "me": circle.person(subject), "at": NOW}
            assert [one.id for one in connection.execute(queries._of_a_thing("inquiry"), given)] == expected


def test_who_is_asked_hears_and_who_asked_hears_back(circle: Any, ask: Any, house: Any, events: Any) -> None:
    path = f"/feedback/{ask('2')}"
    circle.member.post(f"{path}/answer", {"saw": "x"})
    circle.facilitator.post(f"{path}/close")
    heard = [
        Heard(
            one.id,
            one.at,
            one.verb,
            one.site_id,
            one.community_id,
            one.actor_id,
            Reference(KIND, one.thing_id),
            one.facts,
        )
        for one in events("feedback.asked", "feedback.answered", "feedback.closed")
    ]
    with house.database.read() as connection:
        told = [(one.person_id, one.why) for one in hearings(connection, heard)]
    one, two = circle.person("1"), circle.person("2")
    assert told == [(two, Why.ASKED), (one, Why.REPLY), (two, Why.CHANGED)]


def test_long_lists_are_paged(circle: Any, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "A_PAGE", 1)
    first, _ = ask("2"), ask("2")
    page = circle.facilitator.get(f"{circle.home}/feedback").text
    [older] = re.findall(r"mine=([0-9a-f-]{36})", page)
    assert str(first) in circle.facilitator.get(f"{circle.home}/feedback?mine={older}").text


def test_an_answer_that_hurts_is_reported_and_read_no_more_until_somebody_has_decided(
    circle: Any, ask: Any, said: Any, stored: Any
) -> None:
    circle.joined("3")
    path = f"/feedback/{ask('2', '3')}"
    words = {"saw": "Chaos.", "idea": "Leave it."}
    circle.member.post(f"{path}/answer", words)
    [answer] = stored(select(FeedbackAnswer.id))
    report = f"/report/feedback_answer/{answer.id}"
    assert report in circle.facilitator.get(path).text
    assert "Chaos." in said(circle.facilitator.get(report))
    assert circle.member.get(report).status_code == 403, "one's own is taken back"
    assert circle.visitor().get(report).status_code in (401, 403, 404)
    assert circle.facilitator.post(report, {"text": "It made me small.", "unnamed": ""}).status_code == 303
    [case] = stored(select(ModerationCase.__table__))
    assert (case.thing_kind, case.private, case.as_seen) == ("feedback_answer", True, "Chaos.\n\nLeave it.")

    keeper, at = keeper_of("feedback_answer"), circle.house.clock()
    assert keeper is not None
    with circle.house.database.write() as session:
        keeper.hide(session, answer.id, at)
        keeper.hide(session, answer.id, at)
    page = said(circle.facilitator.get(path))
    assert "This answer is hidden for now." in page
    assert "Chaos" not in page
    assert circle.facilitator.get(report).status_code == 404
    theirs = said(circle.member.get(path))
    assert "Your answer is hidden for now: only you see it." in theirs
    assert "Chaos." in theirs
    again = circle.member.post(f"{path}/answer", {"saw": "Loud, and alive."})
    assert again.status_code == 422
    assert "so this was not sent" in said(again)
    assert "Loud, and alive." in said(again)
    circle.facilitator.post(f"{path}/close")
    assert "Your answer is hidden for now" in said(circle.member.get(path))
    with circle.house.database.write() as session:
        keeper.restore(session, answer.id, at)
    assert "Chaos." in said(circle.facilitator.get(path))
    with circle.house.database.write() as session:
        keeper.remove(session, answer.id, at)
        assert keeper.words is not None
        assert keeper.words(session.connection(), answer.id) is None
    assert stored(select(FeedbackAnswer.id)) == []


def test_a_hidden_answer_is_not_said_once_more_past_those_who_decide(
    circle: Any, ask: Any, said: Any, stored: Any
) -> None:
    path = f"/feedback/{ask('2')}"
    circle.member.post(f"{path}/answer", {"saw": "Chaos."})
    [answer] = stored(select(FeedbackAnswer.id))
    keeper = keeper_of("feedback_answer")
    assert keeper is not None
    with circle.house.database.write() as session:
        keeper.hide(session, answer.id, circle.house.clock())
    assert circle.member.post(f"{path}/decline").status_code == 303
    assert circle.member.post(f"{path}/answer", {"saw": "Chaos."}).status_code == 422
    [row] = stored(select(FeedbackAnswer.__table__))
    assert (row.id, row.saw, row.hidden_at is None) == (answer.id, "", False)
    assert "Chaos" not in said(circle.facilitator.get(path))
