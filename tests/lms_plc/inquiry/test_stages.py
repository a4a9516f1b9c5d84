"""Does a stage say truly what is missing, and does what was thought in it go where the stage goes, and no further?"""

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.communities.audiences import AudiencePerson
from lms_plc.communities.memberships import Because
from lms_plc.communities.memberships import bring_in as bring_in_again
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.search import SearchEntry
from lms_plc.core.things import shown
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.inquiry.models import Consultation, EvidencePlan, InquiryNote
from lms_plc.library.models import Item
from tests.lms_plc.conftest import new_key
from tests.lms_plc.inquiry.test_inquiry import SECRET, begin, bring_in, its_id, put, share, write
from tests.lms_plc.library.conftest import FORMS

LOOP = "reflect_improve_repeat"
OUTCOME = {"level": "pupils", "text": "More of them ask", "before": "Two asked", "after": "Nine ask"}
LINE = "Before: Two asked → Now: Nine ask · Of how many: 24"


def id_in(answer: Any) -> UUID:
    assert answer.status_code == 303, answer.text[:2000]
    found = re.search(r"/(?:thoughts|changes)/([0-9a-f-]{36})", answer.location)
    assert found is not None
    return UUID(found[1])


def think(who: Any, project: str, stage: str, kind: str, text: str) -> None:
    put(who, f"{project}/stages/{stage}/thoughts", kind=kind, thought=text, form_key=new_key())


def kept(circle: Any, path: str, kind: str, thing: Any, **form: str) -> UUID:
    """By the form of another room, of this thing."""
    words = {"audience": "community", "from_kind": kind, "from": str(thing), "from_id": str(thing), **form}
    return id_in(circle.member.post(f"{circle.home}{path}", {**words, "form_key": new_key()}))


@pytest.mark.parametrize("audience", ["community", "only_me"])
def test_outcomes_and_evidence_of_its_changes_count_and_stand_in_their_stage_and_round(
    circle: Any, said: Any, audience: str
) -> None:
    project = begin(circle, circle.member, "Exit tickets", LOOP)

    def keep(path: str, kind: str, thing: Any, **form: str) -> UUID:
        return kept(circle, path, kind, thing, **form, audience=audience)

    words = {"what": "I wait a minute", "first_try": "2026-11-20"}
    keep("/changes/new", "inquiry", its_id(project), **words)
    assert "still missing" in said(circle.member.get(f"{project}/stages/improve"))
    change = keep("/changes/new", "inquiry", its_id(project), **words, sign="More hands")
    assert "still missing" not in said(circle.member.get(f"{project}/stages/improve"))
    compare = f"{project}/stages/compare"
    assert "still missing" in said(circle.member.get(compare))
    keep("/outcomes/new", "inquiry", its_id(project), level="pupils", text="Hm", strength="impression")
    assert "still missing" in said(circle.member.get(compare)), "nothing is said of before"
    shown = keep("/evidence/new", "practice_change", change, sort="note", text="A tally of a week")
    stated = {**OUTCOME, "strength": "before_after_numbers", "n": "24"}
    keep("/outcomes/new", "practice_change", change, **stated)
    keep("/outcomes/new", "knowledge_node", shown, level="pupils", text="Calmer, too", strength="impression")
    elsewhere = begin(circle, circle.member, "Another", LOOP)
    keep("/outcomes/new", "inquiry", its_id(elsewhere), level="pupils", text="Strange", strength="impression")
    for path in (compare, f"{project}/rounds"):
        page = said(circle.member.get(path))
        for words in ("A tally of a week", "More of them ask", LINE, "Calmer, too", "An impression only"):
            assert words in page, path
        assert "Strange" not in page
    assert "still missing" not in said(circle.member.get(compare))


def test_what_was_done_elsewhere_is_ticked_and_what_the_tool_sees_is_not_unticked(circle: Any, said: Any) -> None:
    project = begin(circle, circle.member, "Exit tickets", LOOP)
    put(circle.member, f"{project}/stages/unpack/enter")
    for stage, number in (("notice", 0), ("unpack", 1)):
        page = f"{project}/stages/{stage}"
        put(circle.member, f"{page}/exits/{number}", met="yes")
        assert said(circle.member.get(page)).count("so it is") == 1
        assert "Not so after all" in said(circle.member.get(page))
        put(circle.member, f"{page}/exits/{number}", met="no")
        assert "so it is" not in said(circle.member.get(page))
    put(circle.member, f"{project}/stages/unpack/exits/0", 404, met="yes")
    write(circle.member, project, "notice", "Nobody asked")
    page = said(circle.member.get(f"{project}/stages/notice"))
    assert "so it is" in page
    assert "Not so after all" not in page


def test_what_is_thought_in_a_stage_is_read_by_who_reads_the_stage(
    circle: Any, said: Any, stored: Any, events: Any
) -> None:
    project, friend = begin(circle, circle.member, "Exit tickets", LOOP), circle.joined("3")
    put(circle.member, f"{project}/stages/unpack/enter")
    think(circle.member, project, "unpack", "Hunch", "Quince alone")
    assert "It stays yours alone as long as this stage does." in said(circle.member.get(f"{project}/stages/unpack"))
    assert "Quince" not in str(stored(select(KnowledgeNode.text)))
    bring_in(circle, circle.member, project, "3", friend, "co_worker")
    think(circle.member, project, "unpack", "Hunch", "Quince of us")
    think(friend, project, "unpack", "Hunch", "Quince of hers")
    page = said(circle.member.get(f"{project}/stages/unpack"))
    assert "It stays yours alone" not in page
    for who in (circle.member, friend):
        for words in ("Quince alone", "Quince of us", "Quince of hers"):
            assert words in said(who.get(f"{project}/stages/unpack"))
    told = events("knowledge_node.kept")
    assert {one.community_id for one in told} == {None}, "nobody is told that there is one"
    assert "Quince" not in str(stored(select(KnowledgeNode.text)))
    assert "Quince" not in circle.facilitator.get(f"{circle.home}/thoughts").text
    put(friend, f"{project}/people/leave")
    assert "Quince of us" not in friend.get(f"{circle.home}/thoughts").text
    share(circle.member, project, "unpack")
    assert said(circle.facilitator.get(f"{project}/stages/unpack")).count("Quince") == 3
    assert {row.audience for row in stored(select(KnowledgeNode.audience))} == {"community"}
    think(circle.member, project, "unpack", "Hunch", "Quince for all")
    assert "Quince for all" in circle.facilitator.get(f"{circle.home}/thoughts").text


def test_a_concern_stays_its_writers_until_that_stage_is_opened(circle: Any, said: Any, stored: Any) -> None:
    project, friend = begin(circle, circle.member), circle.joined("3")
    concern = f"{project}/stages/concerns"
    think(circle.member, project, "concerns", "Concern", SECRET)
    put(circle.member, f"{project}/stages/priority/enter")
    think(circle.member, project, "priority", "FocusStatement", "Quince for the year")
    bring_in(circle, circle.member, project, "3", friend, "critical_friend")
    share(circle.member, project)
    columns = (KnowledgeNode.id, KnowledgeNode.kind, KnowledgeNode.text, KnowledgeNode.audience)
    rows = {row.kind: row for row in stored(select(*columns))}
    assert (rows["Concern"].audience, "Krakatoa" in rows["Concern"].text) == ("only_me", False)
    assert rows["FocusStatement"].audience == "named_people", "that stage was not ticked"
    assert "Quince for the year" in said(friend.get(f"{project}/stages/priority"))
    assert "Quince" not in circle.facilitator.get(f"{circle.home}/thoughts").text
    put(circle.member, f"{concern}/audience", audience="named_people")
    assert "Krakatoa" in said(friend.get(concern))
    assert "Krakatoa" in said(friend.get(f"/thoughts/{rows['Concern'].id}"))
    assert "Krakatoa" not in circle.facilitator.get(f"{circle.home}/thoughts").text
    put(circle.member, f"{concern}/audience", audience="community")
    assert "Krakatoa" in said(circle.facilitator.get(concern))
    assert any("Krakatoa" in row.text for row in stored(select(SearchEntry.text)))


def test_what_is_for_its_author_alone_counts_for_nobody_else(circle: Any, said: Any, stored: Any) -> None:
    project, friend = begin(circle, circle.member, "Exit tickets", LOOP), circle.joined("3")
    bring_in(circle, circle.member, project, "3", friend, "co_worker")
    share(circle.member, project, "unpack", "improve")
    unpack = f"{project}/stages/unpack"
    hunch = {"kind": "Hunch", "audience": "only_me"}
    for text in ("Quince", "Medlar"):
        think(circle.member, project, "unpack", "Hunch", text)
    for (node,) in stored(select(KnowledgeNode.id)):
        put(circle.member, f"/thoughts/{node}/edit", text="Quince", form_key=new_key(), **hunch)
    assert "two hunches · so it is" in said(circle.member.get(unpack))
    change = {"what": "I wait", "first_try": "2026-11-20", "sign": "More hands", "audience": "only_me"}
    kept(circle, "/changes/new", "inquiry", its_id(project), **change)
    for who in (friend, circle.facilitator):
        assert "two hunches · still missing" in said(who.get(unpack))


def test_the_log_does_not_say_what_private_thing_something_began_with(circle: Any, events: Any, stored: Any) -> None:
    project = begin(circle, circle.member, "Exit tickets", LOOP)
    share(circle.member, project)
    began = {"from_kind": "inquiry", "from": str(its_id(project)), "from_id": str(its_id(project))}
    put(circle.member, f"{circle.home}/actions/new", text="Ask the head", form_key=new_key(), **began)
    story = {**FORMS["stories"], "language": "en", "audience": "community", **began}
    put(circle.member, f"{circle.home}/stories/new", form_key=new_key(), **story)
    assert {row.origin_kind for row in stored(select(Item.origin_kind))} == {"inquiry"}
    for one in events("action_item.recorded", "library_item.added"):
        assert "origin_id" not in one.facts
    assert len(events("action_item.recorded", "library_item.added")) == 2


@pytest.mark.parametrize("chosen", ["only_me", "facilitator"])
def test_who_reads_a_thought_is_its_authors_word_before_it_is_the_stages(
    circle: Any, said: Any, stored: Any, chosen: str
) -> None:
    project = begin(circle, circle.member, "Exit tickets", LOOP)
    think(circle.member, project, "unpack", "Hunch", "Quince")
    node = stored(select(KnowledgeNode.id))[0].id
    put(circle.member, f"/thoughts/{node}/edit", text="Quince", audience=chosen, form_key=new_key())
    share(circle.member, project, "unpack")
    assert stored(select(KnowledgeNode.audience)) == [(chosen,)]


@pytest.mark.parametrize("is_open", [False, True])
def test_whoever_left_the_community_reads_no_thought_of_its_projects_until_they_are_back(
    circle: Any, said: Any, stored: Any, house: Any, clock: Any, is_open: bool
) -> None:
    project, friend = begin(circle, circle.member, "Exit tickets", LOOP), circle.joined("3")
    bring_in(circle, circle.member, project, "3", friend, "co_worker")
    put(circle.member, f"{project}/stages/unpack/enter")
    if is_open:
        share(circle.member, project)
    think(circle.member, project, "unpack", "Hunch", "Quince before")

    def reads() -> list[bool]:
        found = []
        for row in stored(select(KnowledgeNode.id).order_by(KnowledgeNode.id)):
            page = friend.get(f"/thoughts/{row.id}")
            found.append(page.status_code == 200 and "Quince" in page.text)
            reference = Reference("knowledge_node", row.id)
            with house.database.read() as connection:
                who = Actor(circle.person("3"), circle.site_id, "", clock())
                assert (reference in shown(connection, who, [reference])) is found[-1]
        return found

    assert reads() == [True]
    clock.move(minutes=1)
    put(friend, f"{circle.home}/leave")
    clock.move(minutes=1)
    think(circle.member, project, "unpack", "Hunch", "Quince after")
    assert reads() == [False, False]
    assert "Quince" not in friend.get("/search?q=quince").text.replace("q=quince", "")
    with house.database.write() as session:
        bring_in_again(session, circle.site_id, circle.id, [circle.person("3")], Because(clock(), "cli"))
    assert reads() == [True, True]


def test_a_word_put_right_neither_opens_a_thought_of_a_private_project_nor_chooses_its_readers(
    circle: Any, said: Any, stored: Any, events: Any
) -> None:
    project, friend, third = begin(circle, circle.member, "Exit tickets", LOOP), circle.joined("3"), circle.joined("4")
    bring_in(circle, circle.member, project, "3", friend, "co_worker")
    put(circle.member, f"{project}/stages/unpack/enter")
    think(circle.member, project, "unpack", "Hunch", "Quinse")
    think(circle.member, project, "unpack", "Hunch", "Quince for her")
    typo, chosen = (row.id for row in stored(select(KnowledgeNode.id).order_by(KnowledgeNode.id)))
    named = {"audience": "named_people", "form_key": new_key()}
    put(circle.member, f"/thoughts/{typo}/edit", text="Quince", people=str(circle.person("3")), **named)
    both = [str(circle.person(one)) for one in "13"]
    put(circle.member, f"/thoughts/{chosen}/edit", text="Quince for her", people=both, **named)
    assert "Quin" not in str(stored(select(KnowledgeNode.text)))
    assert stored(select(SearchEntry.text).where(SearchEntry.kind == "knowledge_node")) == []
    told = [(event.thing_id, event.community_id, event.facts) for event in events("knowledge_node.changed")]
    assert told == [(typo, None, {}), (chosen, None, {"readers": True})]
    assert "Quince" in said(friend.get(f"/thoughts/{typo}"))
    put(circle.member, f"{project}/people/take-off", person_id=str(circle.person("3")))
    bring_in(circle, circle.member, project, "4", third, "co_worker")
    assert [who.get(f"/thoughts/{typo}").status_code for who in (friend, third, circle.facilitator)] == [404, 200, 404]
    assert [who.get(f"/thoughts/{chosen}").status_code for who in (friend, third, circle.facilitator)] == [
        200,
        404,
        200,
    ]


def test_what_begins_with_a_sealed_thought_says_nothing_of_it_in_the_log(circle: Any, stored: Any, events: Any) -> None:
    project = begin(circle, circle.member, "Exit tickets", LOOP)
    bring_in(circle, circle.member, project, "3", circle.joined("3"), "co_worker")
    put(circle.member, f"{project}/stages/unpack/enter")
    think(circle.member, project, "unpack", "Hunch", "Quince")
    hunch = stored(select(KnowledgeNode.id))[0].id
    kept(circle, "/evidence/new", "knowledge_node", hunch, sort="note", text="A tally")
    kept(circle, "/changes/new", "knowledge_node", hunch, what="I wait", about="teaching")
    told = [event for event in events() if event.community_id is not None and "evidence" not in event.verb]
    assert str(hunch) not in str([(event.verb, event.facts) for event in told])


@pytest.mark.parametrize("opening", ["project", "stage"])
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("notes", {"text": "Quince", "prompt": "0"}),
        ("notes", {"text": "Quince"}),
        ("thoughts", {"kind": "Concern", "thought": "Quince"}),
        ("talks", {"who": "Quince", "need": "agree"}),
        ("evidence-plan", {"what": "Quince", "protection": "No names"}),
    ],
)
def test_words_for_few_are_not_kept_for_many_without_asking(
    circle: Any, stored: Any, path: str, form: dict[str, str], opening: str
) -> None:
    project, friend = begin(circle, circle.member), circle.joined("3")
    bring_in(circle, circle.member, project, "3", friend, "co_worker")
    stage = {"notes": "consult", "thoughts": "concerns", "talks": "consult"}.get(path, "plan")
    page = f"{project}/stages/{stage}"
    put(circle.member, f"{page}/enter")
    put(circle.member, f"{page}/audience", audience="named_people")

    def read_by(html: str) -> str:
        [found] = set(re.findall(r'<input type="hidden" name="reads" value="(\w+)">', html))
        return str(found)

    if opening == "stage":
        share(circle.member, project)
    shown_to = read_by(friend.get(page).text)
    assert shown_to == "named_people"
    if opening == "project":
        share(circle.member, project, stage)
    else:
        put(circle.member, f"{page}/audience", audience="community")
    again = put(friend, f"{page}/{path}", 409, **form, reads=shown_to, form_key=new_key())
    assert "Something changed meanwhile. Please look again; your words are still here." in again.text
    assert "Who reads this stage: My community." in again.text
    assert again.text.count("Quince") == 1
    for model in (KnowledgeNode, InquiryNote, Consultation, EvidencePlan):
        assert stored(select(model.id)) == []
    put(friend, f"{page}/{path}", **form, reads=read_by(again.text), form_key=new_key())
    assert "Quince" in circle.facilitator.get(page).text


@pytest.mark.parametrize("many", [1, 4])
def test_who_joins_or_says_no_costs_the_same_however_much_was_thought(
    circle: Any, stored: Any, statements: list[str], many: int
) -> None:
    project, friend, third = begin(circle, circle.member, "Exit tickets", LOOP), circle.joined("3"), circle.joined("4")
    put(circle.member, f"{project}/stages/unpack/enter")
    for one in range(many):
        think(circle.member, project, "unpack", "Hunch", f"Quince {one}")
    bring_in(circle, circle.member, project, "3", friend, "co_worker")
    put(circle.member, f"{project}/people", person_id=str(circle.person("4")), part="co_worker")
    statements.clear()
    put(third, f"{project}/answer", yes="no")
    assert not [one for one in statements if "plc_knowledge_node" in one]
    put(circle.member, f"{project}/people", person_id=str(circle.person("4")), part="co_worker")
    statements.clear()
    put(third, f"{project}/answer", yes="yes")
    assert len(statements) <= 16, "\n".join(statements)
    assert len([one for one in statements if "plc_audience_person" in one]) == 2
    assert len(stored(select(AudiencePerson.person_id))) == 3 * many


def test_what_begins_with_something_private_is_for_oneself_unless_one_says_otherwise(circle: Any, stored: Any) -> None:
    def preselected(path: str, kind: str, thing: Any) -> str:
        form = circle.member.get(f"{circle.home}{path}?from_kind={kind}&from={thing}").text
        found = re.findall(r'name="audience" value="(\w+)" checked', form)
        assert len(found) == 1, form
        return str(found[0])

    project = begin(circle, circle.member)
    entry = circle.member.post("/journal/new", {"text": "Quince", "form_key": new_key()}).location
    page = re.search(r"/journal/([0-9a-f-]{36})", entry)
    assert page is not None
    think(circle.member, project, "concerns", "Concern", SECRET)
    node = stored(select(KnowledgeNode.id))[0].id
    begun = {"inquiry": its_id(project), "journal_entry": page[1], "knowledge_node": node}
    begun["practice_change"] = kept(
        circle, "/changes/new", "inquiry", its_id(project), what="I wait", audience="only_me"
    )
    bring_in(circle, circle.member, project, "3", circle.joined("3"), "co_worker")
    put(circle.member, f"{project}/stages/priority/enter")
    think(circle.member, project, "priority", "FocusStatement", "Quince for the year")
    ours = stored(select(KnowledgeNode.id).where(KnowledgeNode.audience == "named_people"))[0].id
    for path in ("/changes/new", "/evidence/new", "/outcomes/new"):
        for kind, thing in (*begun.items(), ("knowledge_node", ours)):
            assert preselected(path, kind, thing) == "only_me", (path, kind)
    share(circle.member, project)
    for path in ("/changes/new", "/evidence/new", "/outcomes/new"):
        assert preselected(path, "inquiry", its_id(project)) == "community", path
