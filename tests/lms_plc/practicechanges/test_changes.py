"""Is what somebody does differently kept with where it came from and what came of it, and read by nobody it is not
for?"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, NotThere, Role, load
from lms_plc.core.sealing import Seal
from lms_plc.core.things import keeper_of, shown
from lms_plc.evidence import actions as evidence
from lms_plc.evidence import queries as evidence_queries
from lms_plc.evidence.models import EvidenceLink
from lms_plc.notifications import listening
from lms_plc.practicechanges import actions, queries
from lms_plc.practicechanges.job import QUIET, ask_after_changes
from lms_plc.practicechanges.models import PracticeChange, PracticeTry, PracticeTurn
from tests.conftest import NOW
from tests.lms_plc.conftest import new_key

WHAT = "I give the question first, and the text after it"
TODAY = str(NOW.date())


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


def keep(circle: Any, who: Any, what: str = WHAT, **more: str) -> UUID:
    form = {"what": what, "audience": "community", "about": "teaching", "form_key": new_key(), **more}
    answer = who.post(f"{circle.home}/changes/new", form)
    assert answer.status_code == 303, answer.text
    return UUID(urlsplit(answer.location).path.rpartition("/")[2])


def plan(circle: Any, who: Any) -> UUID:
    form = {"title": "Wednesday", "day": "2026-11-25", "starts": "14:00", "ends": "15:15", "form_key": new_key()}
    return UUID(urlsplit(who.post(f"{circle.home}/meetings/new", form).location).path.rpartition("/")[2])


def test_s0_14_a_change_leads_back_to_its_meeting_and_forward_to_its_claim(
    circle: Any, said: Any, statements: list[str], house: Any, events: Any
) -> None:
    meeting = plan(circle, circle.member)
    begun = {"from_kind": "meeting", "from_id": str(meeting), "form_key": new_key(), "text": "Try question first"}
    circle.member.post(f"{circle.home}/actions/new", begun)
    [action] = set(re.findall(r"/actions/([0-9a-f-]{36})", circle.member.get(f"{circle.home}/actions").text))
    page = circle.member.get(f"/actions/{action}")
    assert "What I do differently" in said(page)
    form = circle.member.get(f"{circle.home}/changes/new?from_kind=action_item&from={action}")
    assert "It comes from Try question first" in said(form)
    before = len(events())
    one = keep(circle, circle.member, from_kind="action_item", from_id=action, place="Grade 6")
    [told] = events()[before:]
    facts = {"origin_kind": "action_item", "origin_id": action}
    assert (told.verb, told.facts) == ("practice_change.kept", facts), "the link belongs to it"
    with house.database.write() as session:
        who = actor(circle, "2")
        place: dict[str, Any] = {"community_id": circle.id, "site_id": circle.site_id, "author_id": who.person_id}
        claim = evidence.keep_node(
            session,
            who,
            **place,
            kind="OutcomeClaim",
            text="Nineteen of 24 read on",
            origin=Reference("practice_change", one),
            form_key=new_key(),
        )
        evidence.link(
            session, who, Reference("practice_change", one), "resulted_in", Reference("knowledge_node", claim)
        )
    statements.clear()
    page = circle.facilitator.get(f"/changes/{one}")
    assert len(statements) <= 14
    words = said(page)
    assert words.index("Where it comes from Try question first") < words.index("Wednesday")
    assert f"/meetings/{meeting}" in page.text
    assert "Outcome: Nineteen of 24 read on" in words
    assert f"/thoughts/{claim}" in page.text
    assert f"/changes/{one}" in circle.facilitator.get(f"/thoughts/{claim}").text, "and back from the claim"


def test_it_is_tried_by_its_author_and_by_readers_and_turned_by_its_author_alone(
    circle: Any, said: Any, stored: Any, events: Any, house: Any
) -> None:
    one = keep(circle, circle.member, sign="More hands", first_try="2026-11-24")
    form = {"day": TODAY, "happened": "It went quiet, then loud.", "form_key": new_key()}
    for _ in range(2):
        assert circle.facilitator.post(f"/changes/{one}/tries", form).status_code == 303
    assert len(stored(select(PracticeTry.id))) == 1, "the same form sent twice is one try"
    assert circle.facilitator.post(f"/changes/{one}/state", {"state": "adopted"}).status_code == 403
    assert circle.facilitator.get(f"/changes/{one}/edit").status_code == 403
    for state in ("dropped", "adapted"):
        refused = circle.member.post(f"/changes/{one}/state", {"state": state})
        assert (refused.status_code, "Please say why" in said(refused)) == (422, True)
    for state, why in (("adapted", "Shorter texts"), ("adopted", ""), ("adopted", ""), ("dropped", "No time")):
        assert circle.member.post(f"/changes/{one}/state", {"state": state, "why": why}).status_code == 303
    assert [row.state for row in stored(select(PracticeTurn.state).order_by(PracticeTurn.id))] == [
        "adapted",
        "adopted",
        "dropped",
    ]
    page = said(circle.facilitator.get(f"/changes/{one}"))
    for words in ("It went quiet, then loud. Person 1", "changed on the way", "Shorter texts", "let go", "No time"):
        assert words in page
    assert events("practice_change.tried")[0].facts == {"to": str(circle.person("2"))}
    listening.listen(house)
    assert "tried" in said(circle.member.get("/inbox"))
    with house.database.write() as session:
        seen = load(session.connection(), actor(circle, "2"), "practice_change", one, "practice_change.change")
        with pytest.raises(ValueError, match="nonsense"):
            actions.turn(session, actor(circle, "2"), seen, "nonsense", why="", seal=house.seal)
    assert "What we do differently" in said(circle.member.get(f"{circle.home}/changes"))
    assert "No time" in said(circle.member.get(f"{circle.home}/changes?show=mine"))
    assert "You have written nothing down yet." in said(circle.facilitator.get(f"{circle.home}/changes?show=mine"))


def test_what_is_for_me_alone_is_sealed_and_is_opened_by_its_author_only(
    circle: Any, said: Any, stored: Any, events: Any, house: Any, clock: Any
) -> None:
    circle.give_role("1", Role.FACILITATOR)
    secret = "I stop shouting at them"
    one = keep(circle, circle.member, secret, audience="only_me", place="Room 4")
    circle.member.post(f"/changes/{one}/tries", {"day": TODAY, "happened": "Hard day", "form_key": new_key()})
    circle.member.post(f"/changes/{one}/state", {"state": "adapted", "why": "I count to five"})
    words = (secret, "Room 4", "Hard day", "I count to five")

    def kept() -> str:
        tables = (PracticeChange, PracticeTry, PracticeTurn)
        return str([stored(select(table.__table__)) for table in tables])

    assert not any(word in kept() for word in words)
    page = said(circle.member.get(f"/changes/{one}"))
    assert all(word in page for word in words)
    assert secret in said(circle.member.get(f"{circle.home}/changes"))
    assert circle.facilitator.get(f"/changes/{one}").status_code == 404
    for where in (f"{circle.home}/changes", circle.home, "/search?q=shouting"):
        assert "I stop" not in said(circle.facilitator.get(where))
    assert "I stop" not in said(circle.member.get("/search?q=shouting"))
    told = [event for event in events() if event.verb.startswith("practice_change.")]
    assert [(event.community_id, event.facts) for event in told] == [(None, {})] * 3
    with house.database.read() as connection:
        reference = Reference("practice_change", one)
        for subject, expected in (("2", {reference}), ("1", set())):
            found = shown(connection, actor(circle, subject), [reference])
            assert set(found) == expected
            assert secret not in str(found)
        found_of = queries.of_origin(connection, actor(circle, "2"), Reference("community", circle.id))
        assert [row.what for row in found_of] == [""], "without the seal there are no words"
        [row] = queries.of_origin(connection, actor(circle, "2"), Reference("community", circle.id), 1, seal=house.seal)
        assert row.what == secret
    keeper = keeper_of("practice_change")
    assert keeper is not None
    assert keeper.words is not None
    with house.database.read() as connection:
        assert keeper.words(connection, one) is None
    clock.move(days=QUIET.days, minutes=1)
    assert ask_after_changes(house) == 1
    assert events("practice_change.asked_after") == [], "only its author's first page asks"
    circle.member.launch("2")
    home = said(circle.member.get(circle.home))
    assert "There is something you wanted to do differently." in home
    assert secret not in home
    form = {"what": secret, "audience": "community", "about": "teaching"}
    assert circle.member.post(f"/changes/{one}/edit", form).status_code == 303
    circle.facilitator.launch("1")
    opened = said(circle.facilitator.get(f"/changes/{one}"))
    assert all(word in opened for word in (secret, "Hard day", "I count to five"))
    assert secret in said(circle.facilitator.get("/search?q=shouting"))
    circle.member.post(f"/changes/{one}/edit", {**form, "audience": "only_me"})
    assert circle.facilitator.get(f"/changes/{one}").status_code == 404
    assert not any(word in kept() for word in words)
    assert secret not in said(circle.member.get("/search?q=shouting"))


@pytest.mark.parametrize("audience", ["only_me", "community"])
def test_what_began_in_a_notebook_or_is_private_stays_linked_and_says_so(
    circle: Any, said: Any, stored: Any, events: Any, audience: str
) -> None:
    written = circle.member.post("/journal/new", {"text": "They were afraid of me", "form_key": new_key()})
    entry = urlsplit(written.location).path.rpartition("/")[2]
    form = circle.member.get(f"{circle.home}/changes/new?from_kind=journal_entry&from={entry}")
    assert "It stays closed: others see at most that there was something." in said(form)
    one = keep(circle, circle.member, from_kind="journal_entry", from_id=entry, audience=audience)
    lines = select(EvidenceLink.from_kind, EvidenceLink.type, EvidenceLink.to_kind, EvidenceLink.to_id)
    assert stored(lines) == [("journal_entry", "prompted", "practice_change", one)]
    turned = {"what": WHAT, "about": "teaching"}
    for reader in ("only_me", "community"):
        circle.member.post(f"/changes/{one}/edit", {**turned, "audience": reader})
        assert stored(lines) == [("journal_entry", "prompted", "practice_change", one)]
    for page in (f"/changes/{one}", f"/graph/practice_change/{one}", f"/links/practice_change/{one}"):
        read = circle.facilitator.get(page)
        assert read.status_code == 200
        assert entry not in read.text
        assert "afraid" not in read.text
    assert "Closed" in said(circle.facilitator.get(f"/graph/practice_change/{one}"))
    assert entry not in str([event for event in events() if event.thing_kind != "journal_entry"])


def test_after_two_quiet_months_its_author_is_asked_once_and_again_when_it_was_touched(
    circle: Any, said: Any, events: Any, house: Any, clock: Any
) -> None:
    one = keep(circle, circle.member)
    done = keep(circle, circle.member, "Another")
    circle.member.post(f"/changes/{done}/state", {"state": "adopted"})
    assert ask_after_changes(house) == 0
    clock.move(days=QUIET.days, minutes=1)
    assert (ask_after_changes(house), ask_after_changes(house)) == (1, 0)
    [asked] = events("practice_change.asked_after")
    assert asked.facts == {"to": str(circle.person("2"))}
    listening.listen(house)
    circle.member.launch("2")
    assert "How is it going?" in said(circle.member.get(circle.home))
    assert "It has been a while." in said(circle.member.get(f"/changes/{one}"))
    circle.member.post(f"/changes/{one}/state", {"state": "trying", "why": "Still at it"})
    assert "How is it going?" not in said(circle.member.get(circle.home))
    clock.move(days=QUIET.days, minutes=1)
    assert ask_after_changes(house) == 1


INDEX = "ix_plc_practice_change_not_asked_after"


def test_those_to_ask_after_are_found_by_an_index_that_holds_no_others(house: Any, clock: Any) -> None:
    with house.database.write() as session:
        due = actions.to_ask_after(clock() - QUIET, 200)
        sql = str(due.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        if house.database.is_sqlite:
            plan = str(session.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all())
        else:  # beside no other index, so that it does not depend on what else was in the table
            made = session.execute(text(f"SELECT pg_get_indexdef('{INDEX}'::regclass)")).scalar_one()
            session.execute(text("CREATE TEMP TABLE probe (LIKE plc_practice_change) ON COMMIT DROP"))
            session.execute(text(made.replace("public.plc_practice_change", "probe")))
            session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = str(session.execute(text(f"EXPLAIN {sql.replace('plc_practice_change', 'probe')}")).all())
    assert INDEX in plan
    assert "SCAN plc_practice_change" not in plan


def test_a_change_of_somebody_else_is_adapted_and_says_from_whom(circle: Any, said: Any, house: Any) -> None:
    first = keep(circle, circle.member, audience="platform")
    page = circle.facilitator.get(f"/changes/{first}")
    assert "I do this too, in my way" in said(page)
    assert "I do this too" not in said(circle.member.get(f"/changes/{first}"))
    begun = f"{circle.home}/changes/new?from_kind=practice_change&from={first}"
    assert WHAT in said(circle.facilitator.get(begun))
    mine = keep(circle, circle.facilitator, "Two questions", from_kind="practice_change", from_id=str(first))
    assert WHAT in said(circle.facilitator.get(f"/changes/{mine}"))
    assert "was adapted in: Two questions" in said(circle.member.get(f"/changes/{first}"))
    other = circle.visitor()
    other.post(
        other.launch("41", course="9", roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]).location,
        {"name": "Next door"},
    )
    theirs = said(other.get(f"/changes/{first}"))
    assert WHAT in theirs
    assert "Two questions" not in theirs, "what came of it is their own affair"
    assert other.get(f"/changes/{mine}").status_code == 404
    with house.database.read() as connection:
        found = evidence_queries.links_of(connection, Reference("practice_change", mine))
    assert [(one.type, one.other.id, one.forwards) for one in found] == [("adapted_from", first, True)]


def test_a_thought_grows_into_a_change_and_a_moderator_hides_and_removes_it(circle: Any, said: Any, house: Any) -> None:
    with house.database.write() as session:
        who = actor(circle, "2")
        node = evidence.keep_node(
            session,
            who,
            community_id=circle.id,
            site_id=circle.site_id,
            author_id=who.person_id,
            kind="AdaptationIntent",
            text="Shorter texts",
            origin=Reference("meeting", plan(circle, circle.member)),
            form_key=new_key(),
        )
    assert "What I do differently" in said(circle.member.get(f"/thoughts/{node}"))
    one = keep(circle, circle.member, from_kind="knowledge_node", from_id=str(node))
    assert "led to" in said(circle.member.get(f"/thoughts/{node}"))
    keeper = keeper_of("practice_change")
    assert keeper is not None
    assert keeper.words is not None
    with house.database.write() as session:
        assert keeper.words(session.connection(), one) == WHAT
        keeper.hide(session, one, NOW)
    circle.give_role("1", Role.FACILITATOR)
    assert "This is hidden." in said(circle.member.get(f"/changes/{one}"))
    assert circle.joined("3").get(f"/changes/{one}").status_code == 404
    with house.database.write() as session:
        keeper.restore(session, one, NOW)
        assert [entry.reference.id for entry in actions.FOUND.some(session.connection(), None)] == [one]
        assert actions.FOUND.some(session.connection(), one) == []
        keeper.remove(session, one, NOW)
    assert circle.member.get(f"/changes/{one}").status_code == 404
    assert "led to" not in said(circle.member.get(f"/thoughts/{node}"))


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"what": " "}, "what", "Please fill this in."),
        ({"what": "x" * 2001}, "what", "This is too long"),
        ({"audience": "world"}, "audience", "Please choose one of these."),
        ({"first_try": "soon"}, "first_try", "Please give a day"),
        ({"about": "me"}, "about", ""),
    ],
)
def test_a_form_that_cannot_be_read_keeps_what_was_written(
    circle: Any, said: Any, stored: Any, changed: dict[str, str], field: str, message: str
) -> None:
    form = {"what": WHAT, "place": "Grade 6", "audience": "community", "form_key": "k" * 24, "from_kind": "x"}
    form |= {"from_id": "nonsense"} if field == "what" else {"from_id": str(new_id())}
    answer = circle.member.post(
        f"{circle.home}/changes/new", {**form, "from_id": form["from_id"] if field != "what" else "", **changed}
    )
    assert answer.status_code == 422
    assert message in said(answer)
    assert f'href="#f-{field}"' in answer.text
    assert "Grade 6" in answer.text
    assert stored(select(PracticeChange.id)) == []
    assert circle.member.post(f"{circle.home}/changes/new", form | {"from_id": ""}).status_code == 303
    one = UUID(urlsplit(circle.member.post(f"{circle.home}/changes/new", form | {"from_id": ""}).location).path[-36:])
    assert len(stored(select(PracticeChange.id))) == 1, "the same form sent twice is one change"
    assert circle.member.post(f"/changes/{one}/edit", {**form, **changed}).status_code == 422
    tomorrow = {"day": str(NOW.date() + timedelta(days=2)), "happened": "Not yet", "form_key": new_key()}
    assert "still to come" in said(circle.member.post(f"/changes/{one}/tries", tomorrow))
    assert circle.member.post(f"/changes/{one}/state", {"state": "x"}).status_code == 422


def test_the_list_is_paged_and_costs_the_same_however_long(
    circle: Any, said: Any, statements: list[str], house: Any
) -> None:
    assert "Nothing is kept yet" in said(circle.member.get(f"{circle.home}/changes"))
    made = [keep(circle, circle.member, f"Change {number}") for number in range(3)]
    with house.database.read() as connection:
        page = queries.changes(connection, actor(circle, "1"), circle.id, size=2)
        assert [one.id for one in page.items] == [made[2], made[1]]
    statements.clear()
    older = said(circle.facilitator.get(f"{circle.home}/changes?before={page.next_key}"))
    assert len(statements) <= 6
    assert "Change 0" in older
    assert "Change 2" not in older
    with house.database.write() as session:
        session.execute(update(PracticeChange).values(origin_kind="meeting", origin_id=new_id()))
    assert "Where it comes from" not in said(circle.facilitator.get(f"/changes/{made[0]}"))


def test_a_try_made_while_its_author_seals_the_change_is_sealed_too(circle: Any, stored: Any, house: Any) -> None:
    one = keep(circle, circle.member)
    with house.database.read() as connection:
        before = load(connection, actor(circle, "1"), "practice_change", one, "practice_change.try")
    form = {"what": WHAT, "audience": "only_me", "about": "teaching"}
    assert circle.member.post(f"/changes/{one}/edit", form).status_code == 303
    tried = {"day": NOW.date(), "happened": "Hard day", "seal": house.seal, "form_key": new_key()}
    with house.database.write() as session:
        actions.add_try(session, actor(circle, "1"), before, **tried)
        actions.turn(session, actor(circle, "2"), before, "adapted", why="I count", seal=house.seal)
    assert house.seal.open(stored(select(PracticeTry.happened))[0][0]) == "Hard day"
    assert WHAT not in str(stored(select(PracticeChange.__table__))), "nor do stale words come back"
    keeper = keeper_of("practice_change")
    assert keeper is not None
    with house.database.write() as session:
        keeper.remove(session, one, NOW)
        with pytest.raises(NotThere):
            actions.add_try(session, actor(circle, "1"), before, **tried)


def test_what_was_sealed_under_another_key_is_said_to_be_and_never_written_over(
    circle: Any, said: Any, stored: Any, house: Any
) -> None:
    one = keep(circle, circle.member, audience="only_me")
    circle.member.post(f"/changes/{one}/tries", {"day": TODAY, "happened": "Hard day", "form_key": new_key()})
    form = {"what": "New words", "audience": "community", "about": "teaching"}
    lost = Seal("another key, as long as it has to be").close('{"what": "Gone"}')
    with house.database.write() as session:
        session.execute(update(PracticeTry).values(happened=lost))
    assert "sealed with another key" in said(circle.member.get(f"/changes/{one}"))
    assert circle.member.post(f"/changes/{one}/edit", form).status_code == 409
    with house.database.write() as session:
        session.execute(update(PracticeChange).values(what=lost))
    for path in (f"/changes/{one}", f"{circle.home}/changes"):
        assert "sealed with another key" in said(circle.member.get(path))
    assert "Nobody can open it." in said(circle.member.get(f"/changes/{one}/edit"))
    assert circle.member.post(f"/changes/{one}/edit", form).status_code == 409
    assert circle.member.post(f"/changes/{one}/state", {"state": "dropped", "why": "W"}).status_code == 409
    assert stored(select(PracticeChange.what)) == stored(select(PracticeTry.happened)) == [(lost,)]
