"""Two verbs on one project at the same moment: the second begins before the first is done, and finds what that made."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from lms_plc.communities.audiences import Audience
from lms_plc.core.policy import Actor, load
from lms_plc.evidence.actions import change_node
from lms_plc.evidence.forms import NodeForm
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.house import House
from lms_plc.inquiry import actions, taking_part
from lms_plc.inquiry.forms import Part
from lms_plc.inquiry.models import EvidencePlan, Inquiry, InquiryNote, InquiryPerson
from lms_plc.inquiry.queries import InquirySeen
from lms_plc.inquiry.telling import held
from tests.lms_plc.conftest import new_key
from tests.lms_plc.inquiry.test_inquiry import begin, bring_in, its_id, put

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def meanwhile(circle: Any, house: House) -> Callable[..., Any]:
    """``meanwhile(project, subject, verb, second)``: the verb is done by the subject, and ``second`` is called before
    that is committed; what it answers."""

    def both(project: str, subject: str, verb: Callable[..., Any], second: Callable[[], Any]) -> Any:
        who, inquiry_id = Actor(circle.person(subject), circle.site_id, "", house.clock()), its_id(project)
        with ThreadPoolExecutor(1) as pool:
            with house.database.write() as session:
                seen = load(held(session, inquiry_id), who, "inquiry", inquiry_id, "inquiry.lead").opened(house.seal)
                verb(session, who, seen)
                going = pool.submit(second)
                _until_it_waits(house, going)
            return going.result()

    return both


def _until_it_waits(house: House, going: Future[Any]) -> None:
    """SQLite lets one writer in at a time by itself, and does not say who waits."""
    while not house.database.is_sqlite and not going.done():
        with house.database.read() as connection:
            if connection.execute(text(WAITS)).scalar_one():
                return
        Event().wait(0.01)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/stages/priority/notes", {"text": "Waiting time"}),
        ("/stages/plan/evidence-plan", {"what": "Slips", "protection": "No names"}),
        ("/edit", {"title": "Waiting time"}),
        ("/conclude", {"decision": "keep", "learned": "Waiting time"}),
    ],
)
def test_what_is_written_while_it_is_opened_is_not_sealed_in_an_open_row(
    circle: Any, house: House, said: Any, stored: Any, meanwhile: Any, path: str, form: dict[str, str]
) -> None:
    project = begin(circle, circle.member)
    put(circle.member, f"{project}/stages/concerns/leave")

    def open_it(session: Any, who: Actor, seen: InquirySeen) -> None:
        assert actions.open_to_community(session, who, house.seal, seen, ["1-priority"])

    answer = meanwhile(
        project, "2", open_it, lambda: circle.member.post(f"{project}{path}", {**form, "form_key": new_key()})
    )
    assert answer.status_code == 303, answer.text
    written = [*stored(select(Inquiry.title, Inquiry.learned)), *stored(select(InquiryNote.text))]
    written += stored(select(EvidencePlan.what))
    assert {*form.values()} & {word for row in written for word in row}
    assert "gAAAA" not in str(written)
    assert "gAAAA" not in said(circle.facilitator.get(project))


def test_of_two_leads_who_take_each_other_off_one_stays(circle: Any, stored: Any, meanwhile: Any) -> None:
    project = begin(circle, circle.member)
    bring_in(circle, circle.member, project, "1", circle.facilitator, Part.LEAD.value)

    def take_off(session: Any, who: Actor, seen: InquirySeen) -> None:
        assert taking_part.take_off(session, who, seen, circle.person("1"))

    form = {"person_id": str(circle.person("2"))}
    answer = meanwhile(project, "2", take_off, lambda: circle.facilitator.post(f"{project}/people/take-off", form))
    assert answer.status_code == 404
    active: list[tuple[UUID]] = stored(select(InquiryPerson.person_id).where(InquiryPerson.state == "active"))
    assert active == [(circle.person("2"),)]


def test_a_thought_taken_back_while_its_stage_is_opened_stays_ones_own(circle: Any, house: House, stored: Any) -> None:
    project = begin(circle, circle.member, "Exit tickets", "reflect_improve_repeat")
    bring_in(circle, circle.member, project, "3", circle.joined("3"), Part.CO_WORKER.value)
    put(circle.member, f"{project}/stages/unpack/enter")
    thought = {"kind": "Hunch", "thought": "Quince", "form_key": new_key()}
    put(circle.member, f"{project}/stages/unpack/thoughts", **thought)
    [[node_id]] = stored(select(KnowledgeNode.id))
    who = Actor(circle.person("2"), circle.site_id, "", house.clock())
    with ThreadPoolExecutor(1) as pool:
        with house.database.write() as session:
            seen = load(session.connection(), who, "knowledge_node", node_id, "node.change").opened(house.seal)
            form = NodeForm(text="Quince", audience=Audience.ONLY_ME, form_key=new_key())
            change_node(session, who, seen, form, house.seal)
            going = pool.submit(circle.member.post, f"{project}/open", {"shown": ["1-unpack"]})
            _until_it_waits(house, going)
        assert going.result().status_code == 303
    assert stored(select(KnowledgeNode.audience, KnowledgeNode.sealed)) == [("only_me", True)]
