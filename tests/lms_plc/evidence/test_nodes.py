"""Is a thought kept with where it was said, read by its audience alone, and linked only to what it can lead to?"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.communities.audiences import name_people
from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, NotThere, Role, load
from lms_plc.core.things import keeper_of, shown
from lms_plc.evidence import actions, queries
from lms_plc.evidence.actions import NoSuchLink
from lms_plc.evidence.kinds import ANYTHING, KINDS, LINKS, NODE, WORDS, may_link
from lms_plc.evidence.models import EvidenceLink, KnowledgeNode
from tests.conftest import NOW


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


@pytest.fixture
def keep(circle: Any) -> Callable[..., UUID]:
    """``keep("Why?", "Question")``: a thought of the member's, said in the community."""

    def kept(text: str, kind: str = "Question", audience: str = "community", origin: Any = None, key: str = "") -> UUID:
        who = actor(circle, "2")
        with circle.house.database.write() as session:
            return actions.keep_node(
                session,
                who,
                community_id=circle.id,
                site_id=circle.site_id,
                kind=kind,
                text=text,
                author_id=who.person_id,
                origin=origin or Reference("community", circle.id),
                form_key=key or new_id().hex,
                audience=audience,
                seal=circle.house.seal,
            )

    return kept


def test_a_thought_has_its_page_its_place_and_what_it_led_to(
    circle: Any, keep: Any, said: Any, events: Any, statements: list[str]
) -> None:
    topic = Reference("topic", circle.start(circle.member, title="Exit tickets"))
    question, hunch = keep("Why are they silent?", origin=topic), keep("They are afraid.", "Hunch")
    assert keep("Said twice", key="k" * 24) == keep("Something else", key="k" * 24), "sent twice is once"
    with circle.house.database.write() as session:
        who = actor(circle, "2")
        ends = (Reference(NODE, question), "led_to", Reference(NODE, hunch))
        assert actions.link(session, who, *ends)
        assert not actions.link(session, who, *ends)
        assert actions.link(session, who, ends[0], "told_in", topic)
    statements.clear()
    page = said(circle.facilitator.get(f"/thoughts/{question}"))
    assert len(statements) <= 6
    assert "Why are they silent?" in page
    assert "said in Exit tickets" in page
    assert "led to They are afraid." in page
    assert "is told in Exit tickets" in page
    assert "Who reads it: My community" in page
    assert "followed from Why are they silent?" in said(circle.facilitator.get(f"/thoughts/{hunch}"))
    assert events("evidence.linked")[0].facts == {"type": "led_to", "to_kind": NODE, "to_id": str(hunch)}
    listed = said(circle.facilitator.get(f"{circle.home}/thoughts"))
    assert listed.index("They are afraid.") < listed.index("Why are they silent?")
    assert "They are afraid." not in said(circle.facilitator.get(f"{circle.home}/thoughts?kind=Question"))
    of_topic = said(circle.facilitator.get(f"{circle.home}/thoughts?from_kind=topic&from={topic.id}"))
    assert "Said in Exit tickets" in of_topic
    assert "They are afraid." not in of_topic
    assert "They are afraid." in said(circle.facilitator.get(f"{circle.home}/thoughts?from_kind=topic&from={new_id()}"))


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("named_people", {"2", "3"}),
        ("facilitator", {"1", "2"}),
        ("community", {"1", "2", "3"}),
    ],
)
def test_only_its_audience_reads_it_in_whatever_place(
    circle: Any, keep: Any, said: Any, audience: str, readers: set[str]
) -> None:
    people = {"1": circle.facilitator, "2": circle.member, "3": circle.joined("3")}
    open_one, node = keep("Everybody’s", "Finding"), keep("Zebra thought", "Hunch", audience)
    with circle.house.database.write() as session:
        if audience == "named_people":
            name_people(session, NODE, node, [circle.person("3")])
        ends = (Reference(NODE, open_one), "led_to", Reference(NODE, node))
        assert actions.link(session, actor(circle, "2"), *ends)
    for subject, browser in people.items():
        reads = subject in readers
        assert browser.get(f"/thoughts/{node}").status_code == (200 if reads else 404)
        assert ("Zebra thought" in said(browser.get(f"{circle.home}/thoughts"))) is reads
        assert ("Zebra thought" in said(browser.get("/search?q=zebra"))) is reads
        chain = said(browser.get(f"/thoughts/{open_one}"))
        assert ("led to Zebra thought" in chain) is reads
        assert ("led to something that is closed to you" in chain) is not reads
        with circle.house.database.read() as connection:
            who, reference = actor(circle, subject), Reference(NODE, node)
            assert (reference in shown(connection, who, [reference])) is reads
            of_place = queries.of_origin(connection, who, Reference("community", circle.id))
            assert (node in {one.id for one in of_place}) is reads


def test_a_thought_for_the_platform_is_read_elsewhere_without_its_community(
    circle: Any, keep: Any, said: Any, visitor: Any
) -> None:
    node = keep("For all of us", "Finding", "platform")
    neighbour = visitor()
    found = neighbour.launch("9", course="9", roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"])
    neighbour.post(found.location, {"name": "Next door"})
    page = said(neighbour.get(f"/thoughts/{node}"))
    assert "For all of us" in page
    assert "All of our thoughts" not in page


def test_it_can_be_reported_hidden_shown_again_and_removed(circle: Any, keep: Any, said: Any, stored: Any) -> None:
    node, other = keep("Zebra thought", "Hunch"), keep("Another", "Finding")
    third = circle.joined("3")
    with circle.house.database.write() as session:
        actions.link(session, actor(circle, "2"), Reference(NODE, other), "led_to", Reference(NODE, node))
    assert third.post(f"/report/{NODE}/{node}", {"text": "It hurts."}).status_code == 303
    assert f"/report/{NODE}/{node}" not in circle.member.get(f"/thoughts/{node}").text, "not one’s own"
    keeper = keeper_of(NODE)
    assert keeper is not None
    assert keeper.words is not None
    with circle.house.database.write() as session:
        assert keeper.words(session.connection(), node) == "Zebra thought"
        keeper.hide(session, node, NOW)
    assert third.get(f"/thoughts/{node}").status_code == 404
    assert "Zebra" not in said(third.get("/search?q=zebra"))
    for browser in (circle.facilitator, circle.member):
        assert "This is hidden." in said(browser.get(f"/thoughts/{node}"))
    with circle.house.database.write() as session:
        keeper.restore(session, node, NOW)
    assert "Zebra" in said(third.get("/search?q=zebra"))
    with circle.house.database.write() as session:
        keeper.remove(session, node, NOW)
    assert stored(select(EvidenceLink.type)) == []
    assert [row.id for row in stored(select(KnowledgeNode.id))] == [other]


def test_of_many_thoughts_the_last_are_shown_in_their_order(circle: Any, keep: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(queries, "OF_ONE_ORIGIN", 2)
    for text in ("One", "Two", "Three"):
        keep(text)
    keep("Perhaps", "Hunch")
    here = Reference("community", circle.id)
    with circle.house.database.read() as connection:
        for kinds, words in (((), ["Three", "Perhaps"]), ({"Question"}, ["Two", "Three"])):
            found = queries.of_origin(connection, actor(circle, "2"), here, kinds=kinds)
            assert [one.text for one in found] == words
            some = queries.of_origins(connection, actor(circle, "2"), [here], kinds=kinds)
            assert [one.text for one in some] == words


def test_a_link_says_something_or_is_refused(circle: Any, keep: Any) -> None:
    question, finding = Reference(NODE, keep("Why?")), Reference(NODE, keep("So.", "Finding"))
    wrong = (
        (question, "shown_by", finding),
        (question, "nonsense", finding),
        (question, "led_to", question),
        (question, "led_to", Reference(NODE, new_id())),
        (Reference("post", new_id()), "led_to", finding),
    )
    with circle.house.database.write() as session:
        for ends in wrong:
            with pytest.raises(NoSuchLink):
                actions.link(session, actor(circle, "2"), *ends)
    with pytest.raises(KeyError):
        keep("T", "Opinion")


def test_the_grammar_speaks_of_kinds_there_are_and_has_words_for_every_link() -> None:
    others = {"journal_entry", "practice_change", "action_item", "inquiry", "library_item", "school_item", "topic"}
    others |= {"data_set", "contribution", "section", "minutes", "portfolio", "visit", "meeting", "journal_part"}
    others |= {"data_conversation", "decision", "issue", "innovation", "feedback_request", ANYTHING}
    assert LINKS.keys() == WORDS.keys()
    assert {kind for ends in LINKS.values() for side in ends for kind in side} <= KINDS.keys() | others
    assert may_link("Concern", "led_to", "Hunch")
    assert may_link("OutcomeClaim", "cited_in", "contribution")
    assert not may_link("Hunch", "led_to", "topic")


def test_what_is_there_is_found_again_and_an_outsider_finds_nothing(circle: Any, keep: Any) -> None:
    node = keep("Why?")
    with circle.house.database.read() as connection:
        [entry] = actions.FOUND.some(connection, None)
        assert entry.reference == Reference(NODE, node)
        assert actions.FOUND.some(connection, node) == []
        first = queries.nodes(connection, actor(circle, "1"), circle.id, size=1)
        assert queries.nodes(connection, actor(circle, "1"), circle.id, before=first.items[0].id).items == []
        seen = load(connection, actor(circle, "2"), NODE, node, "node.read")
        assert Role.AUTHOR in seen.roles
        with pytest.raises(NotThere):
            load(connection, actor(circle, "2"), NODE, new_id(), "node.read")
