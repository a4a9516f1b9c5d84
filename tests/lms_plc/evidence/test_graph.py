"""Is everything drawn that hangs together, and nothing said of what is closed?"""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.core.things import shown, shown_open
from lms_plc.evidence import actions, queries, tracing
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.tracing import trace
from tests.lms_plc.conftest import new_key

Keep = Callable[..., Reference]

STORY = {"page": "We waited.", "story_kind": "flop", "language": "en"}


def actor(circle: Any, subject: str = "2") -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


@pytest.fixture
def keep(circle: Any) -> Keep:
    """``keep("Hunch", "They are shy")``: a thought, evidence or an outcome of the member's."""

    def kept(kind: str, text: str, origin: Reference | None = None, **more: Any) -> Reference:
        place = {"community_id": circle.id, "site_id": circle.site_id, "form_key": new_key()}
        place |= {"origin": origin or Reference("community", circle.id), "seal": circle.house.seal}
        who = actor(circle)
        with circle.house.database.write() as session:
            if kind == "Evidence":
                return Reference(NODE, actions.keep_evidence(session, who, **place, sort="note", text=text, **more))
            if kind == "OutcomeClaim":
                return Reference(NODE, actions.state_claim(session, who, **place, level="pupils", text=text, **more))
            node = actions.keep_node(session, who, **place, kind=kind, text=text, author_id=who.person_id, **more)
            return Reference(NODE, node)

    return kept


@pytest.fixture
def join(circle: Any) -> Callable[..., None]:
    def linked(from_: Reference, type_: str, to: Reference) -> None:
        with circle.house.database.write() as session:
            actions.link(session, actor(circle), from_, type_, to)

    return linked


@pytest.fixture
def chain(keep: Keep, join: Any, circle: Any) -> dict[str, Reference]:
    """Reflection → concern → intent → evidence ← outcome; the reflection is a page of somebody's notebook."""
    circle.member.post("/journal/new", {"text": "Nobody asks", "form_key": new_key()})
    page = circle.member.get("/journal").text
    entry = Reference("journal_entry", UUID(re.findall(r"/journal/([0-9a-f-]{36})", page)[0]))
    made = {"entry": entry, "concern": keep("Concern", "The same four ask")}
    made["change"] = keep("AdaptationIntent", "I wait a minute")
    made["claim"] = keep("OutcomeClaim", "Twelve ask now", made["change"])
    made["evidence"] = keep("Evidence", "A tally", made["claim"])
    join(entry, "prompted", made["concern"])
    join(made["concern"], "led_to", made["change"])
    return made


def test_a_whole_chain_is_drawn_and_listed_from_reflection_to_outcome(
    circle: Any, chain: dict[str, Reference], said: Any, statements: list[str]
) -> None:
    statements.clear()
    page = circle.member.get(f"/graph/{NODE}/{chain['claim'].id}")
    assert len(statements) <= 8
    words = said(page)
    for title in ("The same four ask", "I wait a minute", "A tally", "Twelve ask now"):
        assert page.text.count(title) >= 2, "drawn and listed"
    assert "resulted in Twelve ask now" in words
    assert "led to I wait a minute" in words
    listed = words[words.index("As a list") :]
    assert listed.index("The same four ask") < listed.index("I wait a minute")
    assert "<title>resulted in Twelve ask now</title>" in page.text, "a line says of which sort it is"
    assert page.text.count("<marker") == page.text.count('marker-end="url(#') == 1
    assert " style=" not in page.text
    assert 'tabindex="0"' in page.text


def test_a_chain_can_be_complete_without_being_open(circle: Any, chain: dict[str, Reference], said: Any) -> None:
    page = circle.facilitator.get(f"/graph/{NODE}/{chain['claim'].id}")
    words = said(page)
    assert "What is missing" not in words
    assert "The whole chain is there" in words
    assert "Nobody asks" not in words
    assert page.text.count('class="chain-box shut"') == 1
    assert "Closed (closed to you)" in words
    assert str(chain["entry"].id) not in page.text
    for target in re.findall(r'href="#(t-\d+)"', page.text):
        assert page.text.count(f'id="{target}"') == 1


@pytest.mark.parametrize("audience", ["only_me", "named_people"])
def test_what_is_sealed_is_closed_to_others_without_its_kind(
    circle: Any, keep: Keep, join: Any, said: Any, audience: str
) -> None:
    claim = keep("OutcomeClaim", "Twelve ask now")
    hunch = keep("Hunch", "They were afraid of me", audience=audience, closed=True)
    finding = keep("Finding", "Counted twice", audience="facilitator")
    join(claim, "questioned_by", finding)
    join(hunch, "shown_by", finding)
    words = said(circle.joined("3").get(f"/graph/{NODE}/{claim.id}"))
    assert "Hunch" not in words
    assert "Finding (closed to you)" in words
    assert "afraid" not in words
    assert "Counted twice" not in words
    mine = said(circle.member.get(f"/graph/{NODE}/{claim.id}"))
    assert "Hunch: They were afraid of me" in mine, "its author reads it"
    linked = said(circle.member.get(f"/links/{NODE}/{finding.id}"))
    assert "shows They were afraid of me" in linked
    question = keep("Question", "Why do they wait?")
    assert "They were afraid of me" in said(circle.member.get(f"/links/{NODE}/{question.id}")), "to be chosen"
    assert "They were afraid of me" in said(circle.member.get(f"/thoughts/{finding.id}"))
    for path in (f"/links/{NODE}/{question.id}", f"/links/{NODE}/{finding.id}", f"/thoughts/{finding.id}"):
        assert "afraid" not in circle.facilitator.get(path).text


def test_missing_links_are_said_and_drawn_as_gaps(circle: Any, keep: Keep, said: Any) -> None:
    claim = keep("OutcomeClaim", "Twelve ask now")
    page = circle.member.get(f"/graph/{NODE}/{claim.id}")
    assert page.text.count('class="chain-box ghost"') == 3
    assert "No evidence yet" in said(page)
    assert "Nothing is kept yet that shows it. Keep what shows it" in said(page)
    assert f"evidence/new?from_kind={NODE}&amp;from={claim.id}" in page.text
    lonely = keep("Question", "Why?")
    assert "Nothing is linked to it yet" in said(circle.member.get(f"/graph/{NODE}/{lonely.id}"))


def test_a_meeting_is_an_end_and_a_community_is_none(circle: Any, keep: Keep) -> None:
    topic = Reference("topic", circle.start(circle.member))
    one, other = keep("Question", "Why?", topic), keep("Hunch", "So", topic)
    far = keep("Question", "Elsewhere")
    with circle.house.database.read() as connection:
        assert set(trace(connection, one).things) == {one, topic}
        assert set(trace(connection, topic).things) == {one, other, topic}
        assert trace(connection, far).things == [far]


def test_much_is_cut_and_the_nearest_is_shown(
    circle: Any, keep: Keep, join: Any, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "MOST", 3)
    start = keep("Concern", "The same four ask")
    for number in range(4):
        join(start, "led_to", keep("Hunch", f"Number {number}"))
    with circle.house.database.read() as connection:
        traced = trace(connection, start)
    assert len(traced.things) == 3
    assert len(traced.edges) == 2
    assert traced.things[0] == start
    assert "There is more than fits here" in said(circle.member.get(f"/graph/{NODE}/{start.id}"))


def test_what_was_made_by_offered_buttons_alone_hangs_together(circle: Any, said: Any, statements: list[str]) -> None:
    me = circle.member

    def made(path: str, form: dict[str, str]) -> str:
        answer = me.post(path, {**form, "form_key": new_key()})
        assert answer.status_code == 303, answer.text
        return re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.location)[0]

    entry = made("/journal/new", {"text": "Nobody asks anything"})
    concern = made(f"/journal/{entry}/concern", {"text": "The same four ask", "community_id": str(circle.id)})
    begun = {"from_kind": NODE, "from_id": concern}
    form = said(me.get(f"{circle.home}/projects/new?from_kind={NODE}&from={concern}"))
    assert "It stays closed: others see at most that there was something." in form
    project = made(f"{circle.home}/projects/new", {"title": "Who asks", "cycle": "tldw", **begun})
    assert me.post(f"/projects/{project}/open", {}).status_code == 303
    of_it = {"from_kind": "inquiry", "from_id": project, "audience": "only_me", "about": "teaching"}
    change = made(f"{circle.home}/changes/new", {"what": "I wait a minute", **of_it})
    story = {"title": "How we waited", **STORY, "from_kind": "inquiry", "from": project, "audience": "community"}
    made(f"{circle.home}/stories/new", story)
    statements.clear()
    page = me.get(f"/graph/inquiry/{project}")
    assert len(statements) <= 12
    words = said(page)
    for missing in ("No reflection yet", "No change yet"):
        assert missing not in words
    assert "How we waited" in words
    for thing in (f"/journal/{entry}", f"/changes/{change}", f"/thoughts/{concern}"):
        assert thing in page.text
    for own in ("The same four ask", "I wait a minute"):
        assert page.text.count(own) >= 2, "one’s own sealed words are drawn and listed for oneself"
    other = circle.facilitator.get(f"/graph/inquiry/{project}")
    assert other.text.count('class="chain-box shut"') == 3
    for closed in (entry, concern, change, "The same four ask", "I wait a minute", "Nobody asks"):
        assert closed not in other.text
    assert "How we waited" in said(other)
    assert "No change yet" not in said(other), "closed is not missing"


def made_at(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.location)[0]


def test_what_shares_a_project_is_no_chain_before_it_is_linked(circle: Any, join: Any, said: Any) -> None:
    me = circle.member

    def made(path: str, form: dict[str, str]) -> str:
        return made_at(me.post(path, {**form, "form_key": new_key()}))

    entry = made("/journal/new", {"text": "Nobody asks anything"})
    project = made(f"{circle.home}/projects/new", {"title": "Who asks", "cycle": "tldw"})
    assert me.post(f"/projects/{project}/open", {}).status_code == 303
    of_it = {"from_kind": "inquiry", "from": project, "from_id": project, "audience": "community"}
    change = made(f"{circle.home}/changes/new", {"what": "I wait a minute", "about": "teaching", **of_it})
    graph = f"/graph/inquiry/{project}"
    no_evidence = me.get(graph)
    assert f"evidence/new?from_kind=practice_change&amp;from={change}" in no_evidence.text, "where it will hang on it"
    assert 'href="/s/' in no_evidence.text
    assert "My notebook" in said(no_evidence)
    shown = made(f"{circle.home}/evidence/new", {"sort": "note", "text": "A tally", **of_it})
    claim = {"level": "pupils", "text": "Twelve ask", "strength": "impression", **of_it}
    outcome = made(f"{circle.home}/outcomes/new", claim)
    assert me.post(f"/journal/{entry}/link", {"change_id": change}).status_code == 303

    change_is, shown_is, outcome_is = (
        Reference("practice_change", UUID(change)),
        Reference(NODE, UUID(shown)),
        Reference(NODE, UUID(outcome)),
    )
    unshown = "There is evidence, but nothing links it to the change. Link “I wait a minute” to something"
    unhung = "An outcome is stated, but nothing links the evidence to it. Link “Twelve ask” to something"
    for path in (graph, f"/graph/practice_change/{change}", f"/graph/{NODE}/{outcome}"):
        page = me.get(path)
        assert "The whole chain is there" not in said(page)
        assert unshown in said(page)
        assert unhung in said(page)
        for kind, thing in (("practice_change", change), (NODE, outcome)):
            address = re.search(rf'href="(/s/[^"]*/links/{kind}/{thing})"', page.text)
            assert address is not None
            offered = me.get(f"/links/{kind}/{thing}").text
            assert f'value="shown_by.to.{NODE}.{shown}"' in offered, "the missing link is made there"
    join(outcome_is, "shown_by", shown_is)
    assert unshown in said(me.get(graph))
    assert unhung not in said(me.get(graph))
    join(change_is, "resulted_in", outcome_is)
    for path in (graph, f"/graph/practice_change/{change}", f"/graph/{NODE}/{outcome}"):
        for browser in (me, circle.facilitator):
            assert "The whole chain is there" in said(browser.get(path))


def test_the_way_to_a_missing_link_begins_at_what_the_reader_can_link(circle: Any, keep: Keep, said: Any) -> None:
    entry = made_at(circle.member.post("/journal/new", {"text": "Nobody asks", "form_key": new_key()}))
    concern = {"text": "The same four ask", "community_id": str(circle.id), "form_key": new_key()}
    concern_id = made_at(circle.member.post(f"/journal/{entry}/concern", {**concern, "audience": "community"}))
    begun = {"title": "Who asks", "cycle": "tldw", "from_kind": NODE, "from_id": concern_id, "form_key": new_key()}
    project = made_at(circle.member.post(f"{circle.home}/projects/new", begun))
    outcome = keep("OutcomeClaim", "Twelve ask", Reference("inquiry", UUID(project)))
    intent = keep("AdaptationIntent", "I wait a minute", outcome)
    page = circle.member.get(f"/graph/inquiry/{project}")
    assert "nothing links the reflection to it. Link it to a change" in said(page)
    assert f"/journal/{entry}/link" in page.text
    assert circle.member.post(f"/projects/{project}/open", {}).status_code == 303
    other = circle.facilitator.get(f"/graph/inquiry/{project}")
    assert entry not in other.text
    assert f'/links/{NODE}/{intent.id}"' in other.text


def test_the_notebook_and_the_forms_say_to_their_author_what_is_hers(circle: Any, said: Any) -> None:
    me = circle.member

    def made(path: str, form: dict[str, str]) -> str:
        return made_at(me.post(path, {**form, "form_key": new_key()}))

    entry = made("/journal/new", {"text": "Nobody asks anything"})
    for_me = {"audience": "only_me", "from_kind": "journal_entry", "from_id": entry}
    change = made(f"{circle.home}/changes/new", {"what": "I wait a minute", "about": "teaching", **for_me})
    project = made(f"{circle.home}/projects/new", {"title": "Who is afraid", "cycle": "tldw"})
    assert "I wait a minute" in said(me.get(f"/journal/{entry}"))
    hers = {("practice_change", change): "I wait a minute", ("inquiry", project): "Who is afraid"}
    for (kind, thing), words in hers.items():
        head = said(me.get(f"{circle.home}/outcomes/new?from_kind={kind}&from={thing}"))
        assert f"For {words}" in head
        assert f"For {words}" in said(me.get(f"{circle.home}/evidence/new?from_kind={kind}&from={thing}"))
        assert words in said(me.get(f"/graph/{kind}/{thing}"))
        assert words in said(me.get(f"/links/{kind}/{thing}"))
        assert circle.facilitator.get(f"/graph/{kind}/{thing}").status_code == 404
        closed = said(circle.facilitator.get(f"{circle.home}/outcomes/new?from_kind={kind}&from={thing}"))
        assert words not in closed
        own = Reference(kind, UUID(thing))
        with circle.house.database.read() as connection:
            assert words not in repr(shown(connection, actor(circle), [own])), "lists and letters do not open it"
            assert shown_open(connection, actor(circle), circle.house.seal, [own])[own].title == words
            assert shown_open(connection, actor(circle, "1"), circle.house.seal, [own]) == {}
            lost = shown_open(connection, actor(circle), Seal("another key"), [own])[own].title
            assert lost == "(sealed with another key, and cannot be opened any more)"
    for page in ("/inbox", "/search?q=wait", "/search?q=afraid"):
        assert not {*hers.values()} & {*re.findall("I wait a minute|Who is afraid", me.get(page).text)}


def test_a_story_is_not_drawn_to_whom_it_is_closed(circle: Any, keep: Keep, said: Any) -> None:
    concern = keep("Concern", "The same four ask")
    begun = {"from_kind": NODE, "from": str(concern.id), "audience": "only_me", "form_key": new_key()}
    assert circle.member.post(f"{circle.home}/stories/new", {"title": "Waited", **STORY, **begun}).status_code == 303
    assert "Waited" in said(circle.member.get(f"/graph/{NODE}/{concern.id}"))
    assert "Nothing is linked to it yet" in said(circle.facilitator.get(f"/graph/{NODE}/{concern.id}"))


def test_nobody_learns_of_a_chain_that_begins_with_what_they_may_not_know(circle: Any, chain: Any) -> None:
    for kind, thing_id in ((NODE, new_id()), ("nonsense", chain["claim"].id), ("journal_entry", chain["entry"].id)):
        assert circle.facilitator.get(f"/graph/{kind}/{thing_id}").status_code == 404


def test_a_private_project_is_neither_drawn_nor_listed_to_others_nor_what_only_it_leads_to(
    circle: Any, keep: Keep, join: Any, said: Any, events: Any
) -> None:
    form = {"title": "What I fear", "cycle": "tldw", "form_key": new_key()}
    begun = circle.member.post(f"{circle.home}/projects/new", form).location
    found = re.search(r"/projects/([0-9a-f-]{36})", begun)
    assert found is not None
    inquiry = Reference("inquiry", UUID(found[1]))
    told = keep("Concern", "The same four ask", inquiry)
    kept = keep("Hunch", "They were afraid of me", inquiry, audience="only_me")
    join(told, "led_to", inquiry)
    change = {"what": "I wait a minute", "about": "teaching", "audience": "community", "form_key": new_key()}
    begun_there = {"from_kind": "inquiry", "from_id": str(inquiry.id)}
    assert circle.member.post(f"{circle.home}/changes/new", change | begun_there).status_code == 303
    for path in (f"/graph/{NODE}/{told.id}", f"/links/{NODE}/{told.id}", f"/thoughts/{told.id}"):
        page = circle.facilitator.get(path)
        assert "The same four ask" in said(page)
        assert "closed" not in said(page).lower()
        for closed in (inquiry, kept):
            assert str(closed.id) not in page.text
        assert "closed" not in said(circle.member.get(path)).lower()
    told_of = [event for event in events() if event.community_id is not None or event.facts]
    assert str(inquiry.id) not in str([(event.thing_id, event.facts) for event in told_of])


def test_what_came_from_a_notebook_says_so_nowhere_in_the_log(
    circle: Any, chain: dict[str, Reference], events: Any
) -> None:
    [event] = [one for one in events("evidence.linked") if one.thing_kind == "journal_entry"]
    assert (event.community_id, event.facts) == (None, {})
    before = len(events())
    form = {"text": "Nobody dares", "community_id": str(circle.id), "audience": "community", "form_key": new_key()}
    assert circle.member.post(f"/journal/{chain['entry'].id}/concern", form).status_code == 303
    assert [(event.verb, event.facts) for event in events()[before:]] == [("knowledge_node.kept", {"kind": "Concern"})]


def test_what_is_offered_to_be_linked_is_looked_for_among_what_happened_last(
    circle: Any, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = keep("Concern", "The same four ask")
    topic = Reference("topic", circle.start(circle.member))

    def lately(*kinds: str) -> list[Reference]:
        with circle.house.database.read() as connection:
            return queries.lately(connection, circle.id, kinds)

    assert lately("topic", NODE) == [topic, node]
    monkeypatch.setattr(queries, "EVENTS_READ", 1)
    assert (lately("topic"), lately(NODE)) == ([topic], [])
