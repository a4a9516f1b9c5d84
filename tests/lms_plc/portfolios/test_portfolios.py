"""What a teacher does with the portfolio of a project, and what its readers do; and nobody else."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from lms_plc.core import exports
from lms_plc.core.activity import Reference
from lms_plc.core.exports import Export
from lms_plc.core.hearing import Heard, Why
from lms_plc.core.policy import Actor, Role
from lms_plc.core.sealing import Seal
from lms_plc.core.things import keeper_of, shown
from lms_plc.evidence.actions import keep_evidence, keep_node, link, state_claim
from lms_plc.portfolios import hearing
from lms_plc.portfolios.models import Portfolio, PortfolioItem, PortfolioLead, PortfolioReview
from lms_plc.practicechanges.actions import keep_change

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
SAYS = {"learned": "That silence helps.", "question": "With older ones too?", "advice": "", "verdict": "read"}


CHOSEN = {"stage": "concerns", "shows": "Both of us saw it.", "does_not_show": ""}


def new_key() -> str:
    return secrets.token_urlsafe(18)


def id_in(answer: Any) -> UUID:
    assert answer.status_code == 303, answer.text
    found = re.search(r"/(?:projects|portfolios)/([0-9a-f-]{36})", answer.location)
    assert found is not None
    return UUID(found[1])


def based_on(page: Any) -> str:
    found = re.search(r'name="based_on" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


@dataclass
class Work:
    """A project of the member's, opened to its community, and its portfolio."""

    circle: Any
    inquiry: UUID
    portfolio: UUID

    @property
    def page(self) -> str:
        return f"/portfolios/{self.portfolio}"

    @property
    def member(self) -> Any:
        return self.circle.member

    def actor(self, subject: str) -> Actor:
        return Actor(self.circle.person(subject), self.circle.site_id, "", self.circle.house.clock())

    @property
    def where(self) -> dict[str, Any]:
        return {
            "community_id": self.circle.id,
            "site_id": self.circle.site_id,
            "origin": Reference("inquiry", self.inquiry),
            "form_key": new_key(),
        }

    def thought(self, text: str, **more: Any) -> UUID:
        who = self.actor("2")
        with self.circle.house.database.write() as session:
            kept: UUID = keep_node(
                session, who, kind="Concern", text=text, author_id=who.person_id, **self.where, **more
            )
        return kept

    def choose(self, thing: UUID, kind: str = "knowledge_node", **more: str) -> Any:
        form = {"stage": "concerns", "shows": "How it began.", "does_not_show": "Why.", **more}
        return self.member.post(f"{self.page}/items/{kind}/{thing}", form)

    def ask(self, *subjects: str) -> Any:
        return self.member.post(f"{self.page}/readers", {"people": [str(self.circle.person(one)) for one in subjects]})


@pytest.fixture
def work(circle: Any) -> Work:
    form = {"title": "Wait time", "cycle": "tldw", "form_key": new_key()}
    inquiry = id_in(circle.member.post(f"{circle.home}/projects/new", form))
    assert circle.member.post(f"/projects/{inquiry}/open", {}).status_code == 303
    return Work(circle, inquiry, id_in(circle.member.post(f"/projects/{inquiry}/portfolio", {})))


@pytest.fixture
def reader(work: Work) -> Any:
    return work.circle.joined("3")


def lead(work: Work, who: Any) -> None:
    """The third leads it too from now on."""
    form = {"person_id": str(work.circle.person("3")), "part": "lead"}
    assert work.member.post(f"/projects/{work.inquiry}/people", form).status_code == 303
    assert who.post(f"/projects/{work.inquiry}/answer", {"yes": "yes"}).status_code == 303


def test_a_project_has_one_portfolio_and_only_its_author_reads_it(work: Work, said: Any, events: Any) -> None:
    assert id_in(work.member.post(f"/projects/{work.inquiry}/portfolio", {})) == work.portfolio
    page = said(work.member.get(work.page))
    for words in ("Wait time", "being put together", "Is it whole?", "no administrator", "Not told yet"):
        assert words in page
    work.circle.give_role("1", Role.MENTOR)
    for path in ("", "/print", "/items", "/readers", "/foreword"):
        assert work.circle.facilitator.get(work.page + path).status_code == 404
    assert work.circle.facilitator.post(f"/projects/{work.inquiry}/portfolio", {}).status_code == 403
    assert said(work.member.get(f"/projects/{work.inquiry}/stages/portfolio")).count("· still missing") == 3
    assert len(events("portfolio.begun")) == 1
    assert "Portfolio" in said(work.member.get(f"/projects/{work.inquiry}"))
    with work.circle.house.database.read() as connection:
        thing = Reference("portfolio", work.portfolio)
        assert shown(connection, work.actor("2"), [thing])[thing].title == "Wait time"
        assert shown(connection, work.actor("1"), [thing]) == {}


def test_things_of_the_project_are_chosen_ordered_and_taken_out(
    work: Work, said: Any, stored: Any, events: Any
) -> None:
    first, second = work.thought("They do not ask"), work.thought("They copy")
    with work.circle.house.database.write() as session:
        change = keep_change(
            session, work.actor("2"), what="I wait a minute", seal=work.circle.house.seal, **work.where
        )
    offered = said(work.member.get(f"{work.page}/items"))
    for words in ("They do not ask", "Concern", "I wait a minute"):
        assert words in offered
    form = work.member.get(f"{work.page}/items/practice_change/{change}?stage=lead")
    assert '<option value="lead" selected>' in form.text
    for thing in (first, second):
        assert work.choose(thing).status_code == 303
    assert work.choose(change, "practice_change", stage="lead", shows="What I do now.").status_code == 303
    assert [one.facts.get("of_kind") for one in events("portfolio.item_chosen")] == ["knowledge_node"] * 2 + [None]
    page = said(work.member.get(work.page))
    assert page.index("They do not ask") < page.index("They copy") < page.index("I wait a minute")
    assert "They copy" not in said(work.member.get(f"{work.page}/items"))
    assert work.member.post(f"{work.page}/items/knowledge_node/{second}/move", {"way": "up"}).status_code == 303
    assert work.member.post(f"{work.page}/items/knowledge_node/{second}/move", {"way": "up"}).status_code == 303
    page = said(work.member.get(work.page))
    assert page.index("They copy") < page.index("They do not ask")
    form = work.member.get(f"{work.page}/items/knowledge_node/{second}")
    assert work.choose(second, shows="How it was.", based_on=based_on(form)).status_code == 303
    assert "How it was." in said(work.member.get(f"{work.page}/items/knowledge_node/{second}"))
    assert work.member.post(f"{work.page}/items/knowledge_node/{first}/take-out", {}).status_code == 303
    assert stored(select(PortfolioItem.thing_id).order_by(PortfolioItem.position)) == [(second,), (change,)]


def test_what_its_changes_led_to_is_offered_and_what_is_of_another_is_not(work: Work, said: Any) -> None:
    who, seal = work.actor("2"), work.circle.house.seal
    with work.circle.house.database.write() as session:
        change = Reference("practice_change", keep_change(session, who, what="I wait", seal=seal, **work.where))
        of_it = {**work.where, "origin": change}
        tally = keep_evidence(session, who, sort="note", text="A tally", **of_it)
        outcome = {**work.where, "origin": Reference("knowledge_node", tally)}
        claim = state_claim(session, who, level="pupils", text="Twelve ask now", **outcome)
        for text, other in (("A colleague counted too", claim), ("Nothing to do with it", None)):
            place = {**work.where, "origin": Reference("community", work.circle.id)}
            node = keep_node(session, who, kind="Finding", text=text, author_id=who.person_id, **place)
            if other is not None:
                ends = Reference("knowledge_node", other), Reference("knowledge_node", node)
                link(session, who, ends[0], "shown_by", ends[1])
    offered = said(work.member.get(f"{work.page}/items"))
    for words in ("I wait", "A tally", "Twelve ask now", "A colleague counted too"):
        assert words in offered
    assert "Nothing to do with it" not in offered
    assert work.choose(tally).status_code == 303
    assert "A tally" in said(work.member.get(work.page))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"shows": ""}, "What does it show? – Please fill this in."),
        ({"stage": "nowhere"}, "Please choose one of these."),
        ({"shows": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_a_wrong_form_keeps_what_was_typed(work: Work, said: Any, wrong: dict[str, str], words: str) -> None:
    answer = work.choose(work.thought("They do not ask"), **{"does_not_show": "Typed with care.", **wrong})
    assert answer.status_code == 422
    assert words in said(answer)
    assert "Typed with care." in answer.text


def test_what_is_not_there_cannot_be_chosen(work: Work) -> None:
    for kind in ("knowledge_node", "gossip", "portfolio"):
        assert work.choose(work.portfolio, kind).status_code == 404
    assert work.member.post(f"{work.page}/foreword", {"foreword": "x" * 8001}).status_code == 422
    assert work.member.get(f"/portfolios/{uuid4()}").status_code == 404


def test_it_says_what_is_missing(work: Work, said: Any) -> None:
    assert work.member.post(f"{work.page}/submit", {}).status_code == 409  # there is nothing in it
    assert "“What matters and what troubles me”" in said(work.member.get(work.page))
    with work.circle.house.database.write() as session:
        photo = keep_evidence(
            session, work.actor("2"), sort="note", text="Their tickets", shows="Twelve ask now", **work.where
        )
    assert work.choose(photo).status_code == 303
    page = said(work.member.get(work.page))
    assert "Every stage that has begun is told" in page
    assert "1 piece of evidence still needs its check" in page
    assert "Nobody outside the project has read it yet" in page
    stage = f"/projects/{work.inquiry}/stages/portfolio"
    assert said(work.member.get(stage)).count("· so it is") == 1, "the stage says what the portfolio says"
    assert work.member.post(f"{stage}/exits/1", {"met": "yes"}).status_code == 404
    look = {"people_visible": "no", "names_removed": "yes", "permission": ""}
    assert work.member.post(f"/thoughts/{photo}/check", look).status_code == 303
    assert said(work.member.get(stage)).count("· so it is") == 2
    work.member.post(f"/projects/{work.inquiry}/stages/consult/enter", {})
    assert said(work.member.get(stage)).count("· so it is") == 1, "it does not tell of that stage"


def test_a_reader_who_was_asked_reads_answers_and_approves(
    work: Work, reader: Any, said: Any, events: Any, stored: Any
) -> None:
    work.choose(work.thought("They do not ask"))
    work.choose(work.thought("What I tell nobody", audience="only_me", seal=work.circle.house.seal))
    work.member.post(f"{work.page}/foreword", {"foreword": "It began in class 6a."})
    assert reader.get(work.page).status_code == 404
    assert "Person 3" in said(work.member.get(f"{work.page}/readers?name=person"))
    assert work.ask("3").status_code == work.ask("3").status_code == 303
    [asked] = events("portfolio.reader_asked")
    assert asked.facts == {"to": [str(work.circle.person("3"))]}
    page = said(reader.get(work.page))
    for words in ("It began in class 6a.", "They do not ask", "Closed", "its author’s words", "It is being worked on"):
        assert words in page
    assert "What I tell nobody" not in page
    assert reader.post(f"{work.page}/review", SAYS).status_code == 409
    assert reader.post(f"{work.page}/submit", {}).status_code == 403
    assert work.member.post(f"{work.page}/submit", {}).status_code == 303
    assert work.choose(uuid4()).status_code == 404
    assert work.member.post(f"{work.page}/foreword", {"foreword": "Later"}).status_code == 409
    assert work.member.post(f"{work.page}/review", SAYS).status_code == 403  # nobody reads for themselves
    missing = reader.post(f"{work.page}/review", SAYS | {"verdict": "returned"})
    assert (missing.status_code, "Please say what would help." in said(missing)) == (422, True)
    assert reader.post(f"{work.page}/review", SAYS | {"verdict": "7 points"}).status_code == 422
    returned = SAYS | {"verdict": "returned", "advice": "Say what failed."}
    assert reader.post(f"{work.page}/review", returned).status_code == 303
    page = said(work.member.get(work.page))
    for words in ("came back with advice", "Say what failed.", "With older ones too?"):
        assert words in page
    assert work.member.post(f"{work.page}/submit", {}).status_code == 303
    assert events("portfolio.submitted")[-1].facts["to"] == [str(work.circle.person("3"))]
    stage, is_so = f"/projects/{work.inquiry}/stages/portfolio", "read it · so it is"
    assert is_so in said(work.member.get(stage))
    assert reader.post(f"{work.page}/review", SAYS).status_code == 303
    assert reader.post(f"{work.page}/review", SAYS | {"verdict": "certified"}).status_code == 303
    work.member.post(f"/projects/{work.inquiry}/stages/share/enter", {})
    assert "still missing" not in said(work.member.get(stage)), "what was approved is whole"
    [event] = events("portfolio.certified")
    assert event.facts == {"to": [str(work.circle.person("2"))], "inquiry_id": str(work.inquiry), "cycle": "tldw"}
    assert stored(select(Portfolio.state, Portfolio.certified_by_id)) == [("certified", work.circle.person("3"))]
    for who in (work.member, reader):
        assert "Person 3 has approved it" in said(who.get(work.page))
    assert work.member.post(f"{work.page}/take-back", {}).status_code == 409
    assert reader.post(f"{work.page}/review", SAYS).status_code == 409
    assert "SCORE" not in said(work.member.get(work.page)).upper()


def test_who_approved_by_mistake_withdraws_it_and_says_why(
    work: Work, reader: Any, said: Any, events: Any, stored: Any
) -> None:
    fourth, withdraw = work.circle.joined("4"), f"{work.page}/review/withdraw"
    lead_row, state = select(PortfolioLead.person_id), select(Portfolio.state, Portfolio.certified_by_id)
    work.choose(work.thought("They do not ask"))
    work.ask("3", "4")
    assert reader.post(withdraw, {"why": "Too early"}).status_code == 409
    work.member.post(f"{work.page}/submit", {})
    assert reader.post(withdraw, {"why": "Too early"}).status_code == 409
    assert "by mistake" not in said(reader.get(work.page))
    approval = SAYS | {"verdict": "certified", "advice": "Tell more of class 6b."}
    assert reader.post(f"{work.page}/review", approval).status_code == 303
    assert "I approved it by mistake" in said(reader.get(work.page))
    assert "by mistake" not in said(fourth.get(work.page))
    assert fourth.post(withdraw, {"why": "I would not have"}).status_code == 403
    assert work.member.post(withdraw, {"why": "I would not have"}).status_code == 403
    empty = reader.post(withdraw, {"why": " "})
    assert (empty.status_code, "I approved it by mistake" in said(empty)) == (422, True)
    assert stored(state)[0].state == "certified"
    assert len(stored(lead_row)) == 1
    assert reader.post(withdraw, {"why": "I meant another portfolio."}).status_code == 303
    [event] = events("portfolio.approval_withdrawn")
    assert event.facts == {"to": [str(work.circle.person("2"))], "inquiry_id": str(work.inquiry), "cycle": "tldw"}
    assert "another" not in str(event.facts)
    assert stored(state) == [("in_review", None)]
    assert stored(lead_row) == []
    page = said(work.member.get(work.page))
    for words in ("with its readers", "Person 3 withdrew the approval", "Tell more of class 6b.", "I meant another"):
        assert words in page
    assert "has approved it" not in page
    assert "approved by" not in said(work.member.get(f"{work.page}/print"))
    assert reader.post(withdraw, {"why": "Twice"}).status_code == 409
    assert len(events("portfolio.approval_withdrawn")) == 1
    assert work.member.post(f"{work.page}/take-back", {}).status_code == 303
    work.member.post(f"{work.page}/submit", {})
    assert fourth.post(f"{work.page}/review", SAYS | {"verdict": "certified"}).status_code == 303
    assert stored(state) == [("certified", work.circle.person("4"))]
    assert len(stored(lead_row)) == 1
    assert reader.post(withdraw, {"why": "Not mine"}).status_code == 403


def test_whoever_works_on_the_project_reads_but_does_not_approve(work: Work, reader: Any, said: Any) -> None:
    form = {"person_id": str(work.circle.person("3")), "part": "co_worker"}
    assert work.member.post(f"/projects/{work.inquiry}/people", form).status_code == 303
    assert reader.post(f"/projects/{work.inquiry}/answer", {"yes": "yes"}).status_code == 303
    work.choose(work.thought("They do not ask"))
    work.ask("3")
    work.member.post(f"{work.page}/submit", {})
    assert "I approve it" not in said(reader.get(work.page))
    assert reader.post(f"{work.page}/review", SAYS | {"verdict": "certified"}).status_code == 403
    assert reader.post(f"{work.page}/review", SAYS).status_code == 303
    assert "Nobody outside the project has read it yet" in said(work.member.get(work.page))
    assert "read it · still missing" in said(work.member.get(f"/projects/{work.inquiry}/stages/portfolio"))


def test_a_reader_from_elsewhere_sees_the_portfolio_alone_until_withdrawn(
    work: Work, said: Any, stored: Any, events: Any
) -> None:
    neighbour = work.circle.visitor()
    neighbour.post(neighbour.launch("41", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    assert work.ask("41").status_code == 422  # they share no community yet
    work.member.launch("2", course="9")
    work.choose(work.thought("They do not ask"))
    work.member.post(f"{work.page}/submit", {})
    assert stored(select(Portfolio.state)) == [("submitted",)]
    assert work.ask("41").status_code == 303
    assert stored(select(Portfolio.state)) == [("in_review",)]
    page = neighbour.get(work.page)
    assert "Maths circle" not in page.text
    assert "How it began." in said(page)
    assert "They do not ask" not in said(page)
    review_id = stored(select(PortfolioReview.id))[0][0]
    for _ in range(2):
        assert work.member.post(f"{work.page}/readers/{review_id}/withdraw", {}).status_code == 303
    assert len(events("portfolio.reader_withdrawn")) == 1
    assert neighbour.get(work.page).status_code == 404
    assert work.member.post(f"{work.page}/readers/{uuid4()}/withdraw", {}).status_code == 404
    assert work.member.post(f"{work.page}/take-back", {}).status_code == 303
    assert work.ask("41").status_code == 303
    assert neighbour.get(work.page).status_code == 200
    assert len(stored(select(PortfolioReview.id))) == 1


def test_a_private_project_has_no_readers_and_no_title_elsewhere(circle: Any, said: Any, events: Any) -> None:
    form = {"title": "What I fear", "cycle": "tldw", "form_key": new_key()}
    inquiry = id_in(circle.member.post(f"{circle.home}/projects/new", form))
    work = Work(circle, inquiry, id_in(circle.member.post(f"/projects/{inquiry}/portfolio", {})))
    assert "What I fear" in said(circle.member.get(work.page))
    assert "Open the project first" in said(circle.member.get(work.page))
    circle.joined("3")
    assert work.ask("3").status_code == 409
    assert events("portfolio.begun")[0].community_id is None
    with circle.house.database.read() as connection:
        thing = Reference("portfolio", work.portfolio)
        assert "What I fear" not in shown(connection, work.actor("2"), [thing])[thing].title


def test_paper_is_noted_for_whoever_is_told_of_it(work: Work, stored: Any, said: Any, monkeypatch: Any) -> None:
    thing = work.thought("They do not ask")
    work.choose(thing)
    assert "How it began." in said(work.member.get(f"{work.page}/print"))
    assert stored(select(Export.thing_id)) == []
    monkeypatch.setattr(exports, "_told", {"knowledge_node"})
    for _ in range(2):
        assert work.member.get(f"{work.page}/print").status_code == 200
    left = stored(select(Export.thing_kind, Export.thing_id, Export.way, Export.times))
    assert left == [("knowledge_node", thing, "print", 2)]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (hearing.asked_to_read, Why.ASKED),
        (hearing.somebody_has_read, Why.REPLY),
        (hearing.it_can_be_read, Why.CHANGED),
        (hearing.it_was_a_mistake, Why.ANSWERED),
    ],
)
def test_who_is_named_hears(rule: Callable[..., Any], why: Why) -> None:
    person, thing = uuid4(), Reference("portfolio", uuid4())
    event = Heard(uuid4(), None, "", None, None, None, thing, {"to": [str(person), "nobody"]})  # type: ignore[arg-type]
    [heard] = rule(None, [event])
    assert (heard.person_id, heard.why) == (person, why)


def test_who_leads_the_project_too_works_on_its_portfolio_and_hears_of_it(
    work: Work, reader: Any, said: Any, events: Any, stored: Any
) -> None:
    assert "the others who lead" not in said(work.member.get(work.page))
    form = {"person_id": str(work.circle.person("3")), "part": "lead"}
    assert work.member.post(f"/projects/{work.inquiry}/people", form).status_code == 303
    assert reader.get(work.page).status_code == 404, "they have not said yes"
    assert reader.post(f"/projects/{work.inquiry}/answer", {"yes": "yes"}).status_code == 303
    assert id_in(reader.post(f"/projects/{work.inquiry}/portfolio", {})) == work.portfolio
    assert f"/portfolios/{work.portfolio}" in reader.get(f"/projects/{work.inquiry}").text
    thing = work.thought("They do not ask")
    chosen = {"stage": "concerns", "shows": "Both of us saw it.", "does_not_show": ""}
    assert reader.post(f"{work.page}/items/knowledge_node/{thing}", chosen).status_code == 303
    for who in (work.member, reader):
        page = said(who.get(work.page))
        assert "Both of us saw it." in page
        assert "You and the others who lead the project read it" in page
    work.circle.joined("4")
    assert reader.post(f"{work.page}/readers", {"people": [str(work.circle.person("4"))]}).status_code == 303
    assert reader.post(f"{work.page}/submit", {}).status_code == 303
    fourth = work.circle.joined("4")
    assert fourth.post(f"{work.page}/review", SAYS | {"verdict": "certified"}).status_code == 303
    [event] = events("portfolio.certified")
    assert set(event.facts["to"]) == {str(work.circle.person(one)) for one in ("2", "3")}
    led = {(work.portfolio, work.circle.person(one)) for one in ("2", "3")}
    assert set(stored(select(PortfolioLead.portfolio_id, PortfolioLead.person_id))) == led
    with work.circle.house.database.read() as connection:
        assert set(shown(connection, work.actor("3"), [Reference("portfolio", work.portfolio)]))
    assert reader.post(f"/projects/{work.inquiry}/people/leave", {}).status_code == 303
    assert reader.get(work.page).status_code == 404
    assert work.member.get(work.page).status_code == 200


def test_who_began_it_and_leads_the_project_no_more_reads_it_no_more(work: Work, reader: Any, said: Any) -> None:
    lead(work, reader)
    thing = Reference("portfolio", work.portfolio)
    assert work.member.post(f"/projects/{work.inquiry}/people/leave", {}).status_code == 303
    for path in ("", "/print", "/foreword", "/items"):
        assert work.member.get(work.page + path).status_code == 404
    assert f"/portfolios/{work.portfolio}" not in work.member.get(f"/projects/{work.inquiry}").text
    with work.circle.house.database.read() as connection:
        assert shown(connection, work.actor("2"), [thing]) == {}
    page = said(reader.get(work.page))
    assert "You read it, and whom you ask" in page, "there is no other lead"
    reader.post(f"{work.page}/items/knowledge_node/{work.thought('They do not ask')}", CHOSEN)
    reader.post(f"{work.page}/submit", {})
    work.circle.joined("4")
    reader.post(f"{work.page}/readers", {"people": [str(work.circle.person("4"))]})
    page = said(work.circle.joined("4").get(work.page))
    assert "You were asked to read this" in page
    assert "all who lead the project see your words" in page


def test_how_it_stands_is_said_to_who_leads_the_project_alone(work: Work, reader: Any, said: Any) -> None:
    work.choose(work.thought("They do not ask"))
    stage = f"/projects/{work.inquiry}/stages/portfolio"
    assert "consents" in said(work.member.get(stage)).lower()
    assert "consents" not in said(reader.get(stage)).lower()
    assert "Time to go on when" not in said(reader.get(stage))


def test_what_another_lead_wrote_meanwhile_is_not_written_over(work: Work, reader: Any, said: Any) -> None:
    lead(work, reader)
    item = f"{work.page}/items/knowledge_node/{work.thought('They do not ask')}"
    for path, name, rest in ((f"{work.page}/foreword", "foreword", {}), (item, "shows", CHOSEN)):
        hers = {**rest, name: "Quince of hers", "based_on": based_on(work.member.get(path))}
        mine = {**rest, name: "Medlar of mine", "based_on": based_on(reader.get(path))}
        assert [work.member.post(path, hers).status_code for _ in range(2)] == [303, 303], "the same form sent twice"
        late = reader.post(path, mine)
        assert late.status_code == 409
        for words in ("Quince of hers", "Medlar of mine", "What the others wrote meanwhile", "Something changed"):
            assert words in said(late)
        assert "Quince of hers" in said(work.member.get(work.page))
        assert reader.post(path, {**mine, "based_on": based_on(late)}).status_code == 303, "having read both"
        assert "Medlar of mine" in said(work.member.get(work.page))
        assert work.member.post(path, {**hers, "based_on": ""}).status_code == 409


def test_the_page_asks_little(work: Work, statements: list[str]) -> None:
    for words in ("One", "Two", "Three"):
        work.choose(work.thought(words))
    work.member.get(work.page)
    statements.clear()
    work.member.get(work.page)
    assert len(statements) <= 8


def test_its_words_lie_sealed(work: Work, stored: Any, said: Any) -> None:
    work.choose(work.thought("They do not ask"))
    work.member.post(f"{work.page}/foreword", {"foreword": "Quince"})
    rows = stored(select(Portfolio.foreword)) + stored(select(PortfolioItem.shows, PortfolioItem.does_not_show))
    for row in rows:
        for words in row:
            assert work.circle.house.seal.open(words) in ("Quince", "How it began.", "Why.")
    assert "Quince" in said(work.member.get(f"{work.page}/print"))


def test_whoever_worked_on_it_and_left_does_not_approve_it(work: Work, reader: Any) -> None:
    form = {"person_id": str(work.circle.person("3")), "part": "lead"}
    assert work.member.post(f"/projects/{work.inquiry}/people", form).status_code == 303
    assert reader.post(f"/projects/{work.inquiry}/answer", {"yes": "yes"}).status_code == 303
    work.choose(work.thought("They do not ask"))
    work.ask("3")
    work.member.post(f"{work.page}/submit", {})
    assert reader.post(f"/projects/{work.inquiry}/people/leave", {}).status_code == 303
    assert reader.post(f"{work.page}/review", SAYS | {"verdict": "certified"}).status_code == 403


def test_whoever_worked_on_it_left_and_is_asked_in_again_does_not_approve_it(
    work: Work, reader: Any, clock: Any
) -> None:
    who, people = str(work.circle.person("3")), f"/projects/{work.inquiry}/people"
    work.choose(work.thought("They do not ask"))
    work.ask("3")
    work.member.post(f"{work.page}/submit", {})
    parts = ("co_worker", "critical_friend", "critical_friend")
    assert "I approve it" in reader.get(work.page).text, "before they work on it"
    for part in parts:
        assert work.member.post(people, {"person_id": who, "part": part}).status_code == 303
        assert reader.post(f"/projects/{work.inquiry}/answer", {"yes": "yes"}).status_code == 303
        assert reader.post(f"{work.page}/review", SAYS | {"verdict": "certified"}).status_code == 403
        clock.move(minutes=5)
        assert reader.post(f"{people}/leave", {}).status_code == 303
        page = reader.get(work.page)
        assert (page.status_code, "I approve it" in page.text) == (200, False)
        assert reader.post(f"{work.page}/review", SAYS | {"verdict": "certified"}).status_code == 403


def test_a_critical_friend_who_left_and_came_back_is_still_outside(work: Work, reader: Any, clock: Any) -> None:
    who, people = str(work.circle.person("3")), f"/projects/{work.inquiry}/people"
    for _ in range(2):
        assert work.member.post(people, {"person_id": who, "part": "critical_friend"}).status_code == 303
        assert reader.post(f"/projects/{work.inquiry}/answer", {"yes": "yes"}).status_code == 303
        clock.move(minutes=5)
        assert reader.post(f"{people}/leave", {}).status_code == 303
    work.ask("3")
    assert "I approve it" not in reader.get(work.page).text, "it is not handed in yet"
    work.choose(work.thought("They do not ask"))
    work.member.post(f"{work.page}/submit", {})
    assert reader.post(f"{work.page}/review", SAYS | {"verdict": "certified"}).status_code == 303


def test_its_readers_read_it_no_more_while_its_project_is_hidden(work: Work, reader: Any, clock: Any) -> None:
    work.ask("3")
    keeper, thing = keeper_of("inquiry"), Reference("portfolio", work.portfolio)
    assert keeper is not None
    for verb, code in ((keeper.hide, 404), (keeper.restore, 200)):
        with work.circle.house.database.write() as session:
            verb(session, work.inquiry, clock())
            assert (thing in shown(session.connection(), work.actor("3"), [thing])) is (code == 200)
        assert reader.get(work.page).status_code == reader.get(f"{work.page}/print").status_code == code
        assert work.member.get(work.page).status_code == 200


def test_what_was_sealed_under_another_key_is_said_to_be_and_never_written_over(
    work: Work, said: Any, stored: Any
) -> None:
    thing = work.thought("They do not ask")
    work.choose(thing)
    work.member.post(f"{work.page}/foreword", {"foreword": "Quince"})
    lost = Seal("another key, as long as it has to be").close("x")
    with work.circle.house.database.write() as session:
        session.execute(update(Portfolio).values(foreword=lost))
        session.execute(update(PortfolioItem).values(shows=lost))
    for path in ("", "/print"):
        assert said(work.member.get(work.page + path)).count("sealed with another key") == 2
    for path in ("/foreword", f"/items/knowledge_node/{thing}"):
        refused = work.member.get(work.page + path)
        assert (refused.status_code, "Nobody can open it." in said(refused)) == (409, True)
    assert work.member.post(f"{work.page}/foreword", {"foreword": "New"}).status_code == 409
    assert work.choose(thing).status_code == 409
    assert stored(select(Portfolio.foreword)) == stored(select(PortfolioItem.shows)) == [(lost,)]
