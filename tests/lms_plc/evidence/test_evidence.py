"""Is what shows something kept with care, read by whom its author chose, and an outcome only as strong as it is?"""

import io
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role
from lms_plc.core.sealing import Seal
from lms_plc.core.things import shown
from lms_plc.evidence import actions, queries, strength
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.models import ConsentCheck, EvidenceItem, EvidenceLink, KnowledgeNode, OutcomeClaim
from lms_plc.files.actions import take_in
from lms_plc.files.arrivals import look_at
from lms_plc.files.models import File
from lms_plc.notifications import listening
from tests.lms_plc.conftest import INSTRUCTOR, new_key
from tests.scribbling import drawn

SECRET = "I shouted on Tuesday"


def kept(who: Any, circle: Any, where: str = "evidence", files: Any = None, **more: str) -> Any:
    if where == "evidence":
        form = {"sort": "note", "text": "They count aloud", "audience": "community"}
    else:
        form = {"level": "pupils", "text": "More of them ask", "strength": "impression", "audience": "community"}
    form |= {"form_key": new_key(), **more}
    return who.post(f"{circle.home}/{where}/new", form | ({"files": files} if files else {}))


def id_of(answer: Any) -> UUID:
    assert answer.status_code == 303, answer.text
    return UUID(urlsplit(answer.location).path.rpartition("/")[2])


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


@pytest.mark.parametrize("where", ["evidence", "outcomes"])
def test_what_is_for_me_alone_is_sealed_wherever_it_lies(
    circle: Any, said: Any, stored: Any, events: Any, where: str
) -> None:
    words = {"shows": SECRET, "does_not_show": SECRET, "before": SECRET, "after": SECRET, "link": "https://a.example/x"}
    node = id_of(kept(circle.member, circle, where, text=SECRET, audience="only_me", **words))
    page = said(circle.member.get(f"/thoughts/{node}"))
    assert page.count(SECRET) == 3
    assert SECRET in circle.member.get(f"/thoughts/{node}/edit").text
    assert SECRET in said(circle.member.get(f"{circle.home}/thoughts"))
    rows = [*stored(select(KnowledgeNode.__table__)), *stored(select(EvidenceItem.__table__))]
    rows += stored(select(OutcomeClaim.__table__))
    assert SECRET not in str(rows)
    assert "a.example" not in str(rows)
    assert [(event.community_id, event.facts) for event in events("knowledge_node.kept")] == [(None, {})]
    for somebody in (circle.facilitator, circle.joined("3")):
        for path in ("", "/edit", "/remove"):
            assert somebody.get(f"/thoughts/{node}{path}").status_code == 404
        assert somebody.get(f"/graph/{NODE}/{node}").status_code == 404
    assert SECRET not in said(circle.member.get("/search?q=shouted")), "not even to oneself: it is not in the index"
    with circle.house.database.read() as connection:
        reference = Reference(NODE, node)
        title = shown(connection, actor(circle, "2"), [reference])[reference].title
        assert title in ("Evidence", "Outcome")
        assert actions.FOUND.some(connection, None) == []
        own = queries.of_origin(connection, actor(circle, "2"), Reference("community", circle.id), circle.house.seal)
        assert own[0].text == SECRET

    change = {"sort": "note", "level": "pupils", "text": SECRET, "shows": "Now open", "audience": "community"}
    change |= {"strength": "impression", "form_key": new_key()}
    assert circle.member.post(f"/thoughts/{node}/edit", change).status_code == 303
    assert SECRET in said(circle.facilitator.get("/search?q=shouted"))
    assert SECRET in said(circle.facilitator.get(f"/thoughts/{node}"))
    circle.member.post(f"/thoughts/{node}/edit", change | {"audience": "only_me"})
    assert circle.facilitator.get(f"/thoughts/{node}").status_code == 404
    assert SECRET not in said(circle.facilitator.get("/search?q=shouted"))
    assert SECRET not in str(stored(select(KnowledgeNode.__table__)))


def test_what_was_sealed_with_another_key_says_so_and_loses_nothing_else(circle: Any, said: Any) -> None:
    who = actor(circle, "2")
    with circle.house.database.write() as session:
        place = {"community_id": circle.id, "site_id": circle.site_id, "origin": Reference("community", circle.id)}
        node = actions.keep_node(
            *(session, who),
            **place,
            kind="Concern",
            text=SECRET,
            author_id=who.person_id,
            form_key=new_key(),
            audience="only_me",
            seal=Seal("another key"),
        )
        with pytest.raises(ValueError, match="sealed"):
            actions.state_claim(session, who, **place, level="pupils", text="T", form_key=new_key(), audience="only_me")
    for path in ("", "/edit"):
        assert "Nobody can open it." in said(circle.member.get(f"/thoughts/{node}{path}"))


def test_a_photo_is_its_authors_alone_until_somebody_has_looked(
    circle: Any, said: Any, stored: Any, house: Any
) -> None:
    photo = lambda: (io.BytesIO(drawn()), "board.png")  # noqa: E731
    refused = kept(circle.member, circle, sort="photo", files=photo())
    assert refused.status_code == 422
    assert "Somebody could be recognised in this." in said(refused)
    assert "board.png" in refused.text, "what was brought stays"
    look = {"people_visible": "yes", "names_removed": "no"}
    node = id_of(kept(circle.member, circle, sort="photo", files=photo(), **look))
    mine = said(circle.member.get(f"/thoughts/{node}"))
    assert "Not to be used yet; only you see it. Names can still be read" in mine
    assert circle.facilitator.get(f"/thoughts/{node}").status_code == 404
    assert "They count aloud" not in said(circle.facilitator.get(f"{circle.home}/thoughts"))
    assert "They count aloud" not in said(circle.facilitator.get("/search?q=aloud"))
    assert (
        "They count aloud"
        not in circle.member.get(f"/links/{NODE}/{id_of(kept(circle.member, circle, 'outcomes'))}").text
    )

    claim = id_of(kept(circle.member, circle, "outcomes", **{"from_kind": NODE, "from": str(node)}))
    assert stored(select(EvidenceLink.type)) == [], "what is blocked cannot be chosen"
    chosen = circle.member.post(f"/links/{NODE}/{claim}", {"link": f"shown_by.to.{NODE}.{node}"})
    assert chosen.status_code == 422
    assert "Say what has changed" not in mine

    assert circle.member.post(f"/thoughts/{node}/check", {"people_visible": "no"}).status_code == 422
    circle.member.post(f"/thoughts/{node}/check", look | {"names_removed": "yes"})
    assert "nobody has allowed it" in said(circle.member.get(f"/thoughts/{node}"))
    allowed = look | {"names_removed": "yes", "permission": "Parents of 6b, on paper"}
    circle.member.post(f"/thoughts/{node}/check", allowed)
    page = said(circle.facilitator.get(f"/thoughts/{node}"))
    assert "looked on" in page
    assert "Parents of 6b, on paper" in page
    assert circle.facilitator.get(f"/thoughts/{node}").text.count("<img") == 1
    assert "They count aloud" in said(circle.facilitator.get("/search?q=aloud"))
    assert len(stored(select(ConsentCheck.id))) == 3
    question = id_of(kept(circle.member, circle, "outcomes"))
    assert circle.member.post(f"/thoughts/{question}/check", allowed).status_code == 404

    sealed = kept(circle.member, circle, sort="photo", files=photo(), audience="only_me")
    assert sealed.status_code == 422
    assert "a file cannot be" in said(sealed)


@pytest.mark.parametrize("sort", ["note", "document"])
def test_a_picture_shows_people_whatever_its_evidence_is_called(circle: Any, said: Any, stored: Any, sort: str) -> None:
    picture = lambda name: (io.BytesIO(drawn()), name)  # noqa: E731
    refused = kept(circle.member, circle, sort=sort, files=picture("board.png"))
    assert refused.status_code == 422
    assert "Somebody could be recognised in this." in said(refused)
    words = (io.BytesIO(b"words"), "words.txt")
    assert circle.facilitator.get(f"/thoughts/{id_of(kept(circle.member, circle, files=words))}").status_code == 200
    look = {"people_visible": "no", "names_removed": "yes"}
    node = id_of(kept(circle.member, circle, sort=sort, files=picture("board.png"), **look))
    assert circle.facilitator.get(f"/thoughts/{node}").status_code == 200
    [(first,)] = stored(select(File.id).where(File.thing_id == node))
    form = {"sort": sort, "text": "They count aloud", "audience": "community", "form_key": new_key()}
    same = {**form, "file_ids": str(first)}
    edit = f"/thoughts/{node}/edit"
    assert circle.member.post(edit, {**same, "text": "They count"}).status_code == 303
    assert circle.facilitator.get(f"/thoughts/{node}").status_code == 200, "it is what was looked at"
    for other in ({**same, "sort": "quote"}, {**same, "link": "https://a.example/film"}):
        assert circle.member.post(edit, other).status_code == 422
    swapped = circle.member.post(edit, {**form, "files": picture("faces.png")})
    assert swapped.status_code == 422
    assert "Somebody could be recognised in this." in said(swapped)
    assert circle.member.post(edit, {**form, **look, "files": picture("faces.png")}).status_code == 303
    assert circle.facilitator.get(f"/thoughts/{node}").status_code == 200


def test_what_is_changed_was_looked_at_by_nobody(circle: Any, said: Any, stored: Any, house: Any) -> None:
    look = {"people_visible": "no", "names_removed": "yes"}
    state = select(EvidenceItem.state, EvidenceItem.sort)
    node = id_of(kept(circle.member, circle, files=(io.BytesIO(b"words"), "words.txt"), **look))
    assert stored(state) == [("usable", "note")]
    form = {"text": "They count aloud", "audience": "community", "form_key": new_key()}
    for sort, more in (("quote", {}), ("quote", {"files": (io.BytesIO(b"others"), "others.txt")})):
        circle.member.post(f"/thoughts/{node}/check", look)
        assert circle.member.post(f"/thoughts/{node}/edit", {**form, "sort": sort, **more}).status_code == 303
        assert stored(state) == [("added", sort)]
        assert "looked on" not in said(circle.member.get(f"/thoughts/{node}"))
    circle.member.post(f"/thoughts/{node}/check", {**look, "names_removed": "no"})
    circle.member.post(f"/thoughts/{node}/edit", {**form, "sort": "document"})
    assert stored(state) == [("blocked", "document")], "what may not be used stays so until somebody looks"
    with house.database.write() as session:
        brought = look_at("board.png", drawn(), scan_command=None)
        picture = take_in(session, actor(circle, "2"), None, brought, quota=10**6, alt="")
        place = {"community_id": circle.id, "site_id": circle.site_id, "origin": Reference("community", circle.id)}
        told: dict[str, Any] = {"sort": "note", "text": "At the board", "form_key": new_key(), "file_ids": [picture]}
        unseen = actions.keep_evidence(session, actor(circle, "2"), **place, **told)
    assert circle.facilitator.get(f"/thoughts/{unseen}").status_code == 404
    assert "At the board" not in said(circle.facilitator.get("/search?q=board"))
    assert "nobody has looked yet" in said(circle.member.get(f"/thoughts/{unseen}"))


def test_evidence_is_changed_and_taken_away_by_its_author_alone(circle: Any, said: Any, stored: Any) -> None:
    node = id_of(kept(circle.member, circle, link="https://a.example/x", taken_on="2027-01-02"))
    page = circle.facilitator.get(f"/thoughts/{node}")
    assert 'href="https://a.example/x" rel="noopener' in page.text
    for path in ("edit", "remove"):
        assert circle.facilitator.get(f"/thoughts/{node}/{path}").status_code == 403
        assert circle.facilitator.post(f"/thoughts/{node}/{path}", {}).status_code == 403
    wrong = circle.member.post(f"/thoughts/{node}/edit", {"sort": "note", "text": "Kept text", "link": "javascript:1"})
    assert wrong.status_code == 422
    assert "Kept text" in wrong.text
    third = circle.joined("3")
    change = {"sort": "quote", "text": "Said aloud", "audience": "named_people", "people": str(circle.person("3"))}
    circle.member.post(f"/thoughts/{node}/edit", change | {"form_key": new_key()})
    assert "Said aloud" in said(third.get(f"/thoughts/{node}"))
    assert circle.facilitator.get(f"/thoughts/{node}").status_code == 404
    assert f'value="{circle.person("3")}" checked' in circle.member.get(f"/thoughts/{node}/edit").text
    assert "Said aloud" in said(circle.member.get(f"/thoughts/{node}/remove"))
    assert circle.member.post(f"/thoughts/{node}/remove", {}).status_code == 303
    assert circle.member.get(f"/thoughts/{node}").status_code == 404
    assert stored(select(EvidenceItem.node_id)) == []


def test_an_outcome_goes_from_stated_to_standing_and_a_colleague_looks_in_between(
    circle: Any, said: Any, events: Any, house: Any
) -> None:
    evidence = id_of(kept(circle.facilitator, circle))
    begun = {"from_kind": NODE, "from": str(evidence)}
    address = f"{circle.home}/outcomes/new?from_kind={NODE}&from={evidence}"
    assert "They count aloud" in said(circle.member.get(address))
    key = new_key()
    claim = id_of(kept(circle.member, circle, "outcomes", n="23", before="4", after="11", form_key=key, **begun))
    assert id_of(kept(circle.member, circle, "outcomes", form_key=key, **begun)) == claim, "sent twice is once"
    page = said(circle.member.get(f"/thoughts/{claim}"))
    assert "is shown by They count aloud" in page
    assert "Nobody has asked yet." in page
    assert "Of how many23" in page
    circle.member.post(f"/thoughts/{claim}/stand", {})
    assert "Stated" in said(circle.member.get(f"/thoughts/{claim}")), "nobody has looked at it yet"
    for path in ("questions", "review"):
        own = circle.member.post(f"/thoughts/{claim}/{path}", {"text": "T", "form_key": new_key()})
        assert own.status_code == 404
        assert circle.facilitator.post(f"/thoughts/{claim}/{path}", {"text": "T" * 20_001}).status_code == 422
    circle.facilitator.post(f"/thoughts/{claim}/questions", {"text": "Was it the weather?", "form_key": new_key()})
    page = said(circle.member.get(f"/thoughts/{claim}"))
    assert "Questions were asked" in page
    assert "Was it the weather?" in page
    doubt = {"text": "A smaller group", "form_key": new_key()}
    circle.facilitator.post(f"/thoughts/{claim}/review", doubt)
    page = said(circle.member.get(f"/thoughts/{claim}"))
    assert "Looked at by a colleague" in page
    assert "A smaller group" in page
    assert "Person 1 looked at it on" in page
    assert circle.facilitator.post(f"/thoughts/{claim}/stand", {}).status_code == 403
    circle.member.post(f"/thoughts/{claim}/stand", {})
    third, looked = circle.joined("3"), {"text": "", "form_key": new_key()}
    for who in (circle.facilitator, third, third):
        who.post(f"/thoughts/{claim}/review", looked | {"form_key": new_key()})
    third.post(f"/thoughts/{claim}/review", doubt)
    page = said(circle.facilitator.get(f"/thoughts/{claim}"))
    assert "Stands" in page
    assert "Person 3 looked at it on" in page
    for _ in range(2):
        circle.member.post(f"/thoughts/{claim}/withdraw", {})
    assert "Withdrawn" in said(circle.facilitator.get(f"/thoughts/{claim}"))
    assert circle.facilitator.post(f"/thoughts/{claim}/questions", doubt).status_code == 404
    one_each = ["knowledge_node.kept"] * 2 + ["claim.questioned", "claim.reviewed", "claim.stands"]
    one_each += ["claim.reviewed"] * 2 + ["claim.withdrawn"]
    mine = [event.verb for event in events() if event.thing_kind == NODE]
    assert mine == one_each, "one a verb, and of looking twice one"
    assert circle.member.post(f"/thoughts/{evidence}/stand", {}).status_code == 403
    assert circle.facilitator.post(f"/thoughts/{evidence}/stand", {}).status_code == 404
    assert circle.facilitator.post(f"/thoughts/{evidence}/withdraw", {}).status_code == 404
    listening.listen(house)
    inbox = said(circle.member.get("/inbox"))
    assert "More of them ask" in inbox


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("named_people", {"1", "2"}),
        ("facilitator", {"1", "2", "4"}),
        ("community", {"1", "2", "3", "4"}),
        ("platform", {"1", "2", "3", "4", "9"}),
    ],
)
def test_a_question_is_read_by_whoever_reads_the_outcome(
    circle: Any, said: Any, visitor: Any, audience: str, readers: set[str]
) -> None:
    people = {"1": circle.facilitator, "2": circle.member, "3": circle.joined("3"), "4": circle.joined("4")}
    circle.give_role("4", Role.FACILITATOR)
    people["9"] = visitor()
    found = people["9"].launch("9", course="9", roles=[INSTRUCTOR])
    people["9"].post(found.location, {"name": "Next door"})
    named = {"people": str(circle.person("1"))}
    claim = id_of(kept(circle.member, circle, "outcomes", audience=audience, **named))
    circle.facilitator.post(f"/thoughts/{claim}/questions", {"text": "Was it the weather?", "form_key": new_key()})
    for subject, browser in people.items():
        page = browser.get(f"/thoughts/{claim}")
        reads = subject in readers
        assert (page.status_code, "Was it the weather?" in said(page)) == (200 if reads else 404, reads)


def test_whoever_looks_and_sees_names_is_led_on_and_its_author_hears_of_it(
    circle: Any, said: Any, visitor: Any, house: Any
) -> None:
    node = id_of(kept(circle.member, circle, audience="platform"))
    look = {"people_visible": "no", "names_removed": "no"}
    for who in (circle.facilitator, circle.member):
        answer = who.post(f"/thoughts/{node}/check", look)
        assert who.get(answer.location).status_code == 200
    neighbour = visitor()
    neighbour.post(neighbour.launch("9", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    circle.member.post(f"/thoughts/{node}/check", look | {"names_removed": "yes"})
    assert neighbour.get(f"/thoughts/{node}").status_code == 200
    assert neighbour.get(neighbour.post(f"/thoughts/{node}/check", look).location).status_code == 200
    listening.listen(house)
    inbox = said(circle.member.get("/inbox"))
    assert "has looked at “They count aloud”" in inbox or "have looked at “They count aloud”" in inbox
    assert "They count aloud" not in said(circle.facilitator.get("/inbox"))


@pytest.mark.parametrize(
    ("changed", "state"),
    [({}, "standing"), ({"text": "All of them ask"}, "stated"), ({"n": "24"}, "stated"), ({"after": "20"}, "stated")],
)
def test_an_outcome_that_says_something_else_was_looked_at_by_nobody(
    circle: Any, said: Any, stored: Any, changed: dict[str, str], state: str
) -> None:
    words = {"level": "pupils", "text": "More of them ask", "n": "23", "after": "11", "strength": "impression"}
    claim = id_of(kept(circle.member, circle, "outcomes", **words))
    circle.facilitator.post(f"/thoughts/{claim}/review", {"text": "", "form_key": new_key()})
    circle.member.post(f"/thoughts/{claim}/stand", {})
    form = {**words, "audience": "community", "form_key": new_key(), **changed}
    assert circle.member.post(f"/thoughts/{claim}/edit", form).status_code == 303
    assert stored(select(OutcomeClaim.state)) == [(state,)]
    assert ("looked at it on" in said(circle.member.get(f"/thoughts/{claim}"))) is (not changed)


@pytest.mark.parametrize(
    ("how", "before", "shown_by", "says"),
    [
        ("impression", "", [], None),
        ("observed_by_two", "", ["own"], strength.NOBODY_ELSE),
        ("observed_by_two", "", ["own", "other"], None),
        ("before_after_numbers", "", ["own"], strength.NO_TWO_STATES),
        ("before_after_numbers", "4", [], strength.NO_NUMBERS),
        ("before_after_numbers", "4", ["own"], None),
        ("compared", "4", [], strength.NO_OTHER_GROUP),
        ("compared", "4", ["own"], None),
    ],
)
def test_a_strength_that_nothing_carries_is_said_kindly(how: str, before: str, shown_by: list[str], says: Any) -> None:
    people = {"own": new_id(), "other": None}
    claim = queries.ClaimSeen("pupils", before, before, None, how, "stated", None, None)
    assert strength.missing(claim, people["own"], [people[one] for one in shown_by]) == says  # type: ignore[arg-type]


def test_a_strength_without_evidence_is_never_forbidden(circle: Any, said: Any) -> None:
    claim = id_of(kept(circle.member, circle, "outcomes", strength="compared", before="4", after="11"))
    assert "keep what you saw there" in said(circle.member.get(f"/thoughts/{claim}")).lower()
    assert kept(circle.member, circle, "outcomes", n="0").status_code == 422
    assert "An impression only" not in said(circle.member.get(f"/thoughts/{claim}")), "it was compared"
    felt = id_of(kept(circle.member, circle, "outcomes"))
    assert "An impression only" in said(circle.member.get(f"/thoughts/{felt}"))


def test_who_says_that_it_was_counted_is_asked_for_the_numbers(circle: Any, said: Any, stored: Any) -> None:
    numbers = {"before": "4", "after": "11", "n": "23"}
    counted = {"text": "Eleven pupils ask now", "strength": "before_after_numbers"}
    asked = {"before": "How many was it before?", "after": "How many is it now?", "n": "Of how many was it counted?"}
    for left_out in numbers:
        given = {name: number for name, number in numbers.items() if name != left_out}
        refused = kept(circle.member, circle, "outcomes", **counted, **given)
        assert refused.status_code == 422
        assert "Eleven pupils ask now" in refused.text, "what was written stays"
        for name, question in asked.items():
            assert (question in said(refused)) is (name == left_out)
    assert stored(select(OutcomeClaim.node_id)) == []
    claim = id_of(kept(circle.member, circle, "outcomes", **counted, **numbers))
    assert "Of how many</dt><dd>23" in circle.member.get(f"/thoughts/{claim}").text
    form = {"level": "pupils", "audience": "community", **counted, **numbers, "n": "", "form_key": new_key()}
    assert circle.member.post(f"/thoughts/{claim}/edit", form).status_code == 422
    assert circle.member.post(f"/thoughts/{claim}/edit", {**form, "strength": "observed_by_two"}).status_code == 303
    page = said(circle.member.get(f"/thoughts/{claim}"))
    assert "An impression only" not in page
    assert "Of how many" not in page


def test_a_plain_thought_is_changed_too_and_who_has_left_can_still_take_it_away(
    circle: Any, said: Any, clock: Any
) -> None:
    who = actor(circle, "2")
    with circle.house.database.write() as session:
        node = actions.keep_node(
            *(session, who),
            community_id=circle.id,
            site_id=circle.site_id,
            kind="Hunch",
            text="They are shy",
            author_id=who.person_id,
            origin=Reference("community", circle.id),
            form_key=new_key(),
        )
    change = {"text": "They are tired", "audience": "community", "form_key": new_key()}
    assert circle.member.post(f"/thoughts/{node}/edit", change).status_code == 303
    assert "They are tired" in said(circle.facilitator.get(f"/thoughts/{node}"))
    third = circle.joined("3")
    people = {"audience": "named_people", "people": str(circle.person("3"))}
    circle.member.post(f"/thoughts/{node}/edit", change | people)
    clock.move(minutes=1)
    circle.member.post(f"{circle.home}/leave", {})
    gone = circle.member.get(f"/thoughts/{node}/edit")
    assert gone.status_code == 200
    assert "Person 1" not in said(gone), "nobody new can be named"
    everybody = [str(circle.person(subject)) for subject in "13"]
    circle.member.post(f"/thoughts/{node}/edit", change | people | {"text": "They are tired.", "people": everybody})
    assert "They are tired." in said(third.get(f"/thoughts/{node}"))
    assert circle.facilitator.get(f"/thoughts/{node}").status_code == 404
    assert circle.member.post(f"/thoughts/{node}/remove", {}).status_code == 303


def test_links_are_offered_drawn_and_taken_back_by_who_drew_them(circle: Any, said: Any, stored: Any) -> None:
    evidence, claim = id_of(kept(circle.member, circle)), id_of(kept(circle.facilitator, circle, "outcomes"))
    page = circle.member.get(f"/links/{NODE}/{claim}")
    word = f"shown_by.to.{NODE}.{evidence}"
    assert f'<option value="{word}">They count aloud' in page.text
    for nonsense in ("", "shown_by.to.knowledge_node", f"nonsense.to.{NODE}.{evidence}", word[:-3] + "000"):
        assert circle.member.post(f"/links/{NODE}/{claim}", {"link": nonsense}).status_code == 422
    wrong = f"prompted.to.{NODE}.{evidence}"
    assert "cannot be linked in this way" in said(circle.member.post(f"/links/{NODE}/{claim}", {"link": wrong}))
    for _ in range(2):
        assert circle.member.post(f"/links/{NODE}/{claim}", {"link": word}).status_code == 303
    assert "is shown by They count aloud" in said(circle.facilitator.get(f"/links/{NODE}/{claim}"))
    circle.facilitator.post(f"/links/{NODE}/{claim}/remove", {"link": word})
    assert len(stored(select(EvidenceLink.type))) == 1, "somebody else’s"
    back = f"shown_by.from.{NODE}.{claim}"
    assert back in circle.member.get(f"/links/{NODE}/{evidence}").text
    for what in ("nonsense", back):
        assert circle.member.post(f"/links/{NODE}/{evidence}/remove", {"link": what}).status_code == 303
    assert stored(select(EvidenceLink.type)) == []
    assert circle.member.get(f"/links/{NODE}/{new_id()}").status_code == 404
    assert circle.member.get(f"/links/nothing/{claim}").status_code == 404
