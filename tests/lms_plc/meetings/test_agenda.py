"""Can members fill an agenda, keep it in order and say what came of it, and is nothing of it lost?"""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms_plc.core.policy import Actor, Role, load
from lms_plc.core.things import keeper_of
from lms_plc.meetings.models import AgendaItem, Meeting, Paperwork
from lms_plc.protocols.actions import adapt
from lms_plc.protocols.content import shipped
from lms_plc.protocols.queries import ProtocolSeen
from tests.lms_plc.meetings.conftest import id_of, plan


def propose(circle: Any, who: Any, where: str, title: str, **more: str) -> UUID:
    form = {"title": title, "kind": "learning", "minutes": "10", "form_key": title.ljust(24, "-").replace(" ", "-")}
    assert who.post(f"{where}/agenda", {**form, **more}).status_code == 303
    with circle.house.database.read() as connection:
        return connection.execute(select(AgendaItem.id).where(AgendaItem.title == title)).scalar_one()


def raised(circle: Any, who: Any, title: str) -> UUID:
    key = title.replace(" ", "-").ljust(24, "-")
    answer = who.post(f"{circle.home}/board/new", {"title": title, "body": "", "form_key": key})
    issue = UUID(urlsplit(answer.location).path.rpartition("/")[2])
    thing = {"thing_kind": "issue", "thing_id": str(issue), "form_key": f"a{key}"}
    who.post(f"{circle.home}/agenda", thing)
    return issue


def copy_of_ours(circle: Any, house: Any) -> str:
    """A protocol the community has made its own."""
    known = shipped()["useful_flop"]
    who = Actor(circle.person("1"), circle.site_id, "", house.clock())
    with house.database.write() as session:
        community = load(session.connection(), who, "community", circle.id, "protocol.adapt")
        return str(adapt(session, who, community, ProtocolSeen(known.id, 1, known.content), known.content, "k" * 24))


def test_s3_1_the_page_shows_what_its_time_is_for(circle: Any, said: Any, stored: Any, events: Any) -> None:
    where = plan(circle, circle.member)
    tickets = {"title": "Exit tickets in 6a", "kind": "learning", "minutes": "25", "form_key": "i" * 24}
    for form in (
        tickets,
        tickets,
        {**tickets, "title": "Keys", "kind": "notice", "minutes": "5", "form_key": "j" * 24},
    ):
        assert circle.facilitator.post(f"{where}/agenda", form).status_code == 303
    page = said(circle.member.get(where))
    assert "Learning 25 minutes Organising 0 minutes Notice 5 minutes" in page
    assert "can be read" not in page
    assert page.index("Exit tickets in 6a") < page.index("Keys")
    propose(circle, circle.member, where, "Trip", kind="notice", minutes="80")
    page = said(circle.member.get(where))
    assert "More than half of the time goes to notices." in page
    assert "That is 110 minutes in all, and the meeting has 75." in page
    assert circle.member.post(f"{where}/agenda", {**tickets, "minutes": "0"}).status_code == 422
    assert len(events("agenda.item_added")) == 3


def test_time_for_the_agenda_is_counted_for_the_meeting_only(circle: Any, stored: Any, clock: Any) -> None:
    where = plan(circle, circle.member)
    shown = str(int(clock().timestamp()) - 60)
    propose(circle, circle.member, where, "Trip", took="42", shown_at=shown)
    assert stored(select(Paperwork.form, Paperwork.seconds)) == [("agenda", 42)]


def test_points_go_up_and_down(circle: Any, stored: Any, events: Any) -> None:
    where = plan(circle, circle.member)
    one, two, three = (propose(circle, circle.member, where, title) for title in ("One", "Two", "Three"))
    for item, step in ((three, "up"), (one, "up"), (two, "down"), (one, "down"), (one, "sideways")):
        assert circle.facilitator.post(f"/agenda-items/{item}/move", {"step": step}).status_code == 303
    order = stored(select(AgendaItem.title).order_by(AgendaItem.position))
    assert [row.title for row in order] == ["Three", "One", "Two"]
    assert len(events("agenda.item_changed")) == 2


def test_who_proposed_it_or_holds_the_meeting_changes_it_or_takes_it_off(
    circle: Any, stored: Any, events: Any, said: Any
) -> None:
    other = circle.joined("3")
    where = plan(circle, circle.member)
    item = propose(circle, other, where, "Keys")
    another = circle.joined("4")
    words = {"title": "Keys of the lab", "kind": "notice", "minutes": "5"}
    assert another.post(f"/agenda-items/{item}", words).status_code == 403
    assert another.post(f"/agenda-items/{item}/remove").status_code == 403
    assert "Whoever proposed it, or leads the meeting, can change it." in said(another.get(f"/agenda-items/{item}"))
    assert f"/agenda-items/{item}" not in another.get(where).text.replace(f"/agenda-items/{item}/", "")
    assert circle.member.post(f"/agenda-items/{item}", {**words, "title": ""}).status_code == 422
    for _ in range(2):
        assert circle.member.post(f"/agenda-items/{item}", words).status_code == 303
    assert stored(select(AgendaItem.title, AgendaItem.kind, AgendaItem.minutes)) == [("Keys of the lab", "notice", 5)]
    assert [event.facts["changed"] for event in events("agenda.item_changed")] == [["kind", "minutes", "title"]]
    assert other.post(f"/agenda-items/{item}/remove").status_code == 303
    assert other.post(f"/agenda-items/{item}/remove").status_code == 404
    assert len(events("agenda.item_removed")) == 1
    assert other.get(f"/agenda-items/{item}/settle").status_code == 404


def test_what_came_of_it_is_noted_and_the_rest_goes_to_the_next_meeting(
    circle: Any, stored: Any, events: Any, said: Any, clock: Any
) -> None:
    where = plan(circle, circle.member)
    one, two = propose(circle, circle.member, where, "One"), propose(circle, circle.member, where, "Two")
    issue = raised(circle, circle.member, "The printer jams")
    clock.move(days=4)
    circle.member.launch("2")
    assert circle.member.post(f"{where}/carry-over").status_code == 303, "nothing, before it is over"
    circle.member.post(f"{where}/state", {"state": "held"})
    assert circle.member.post(f"/agenda-items/{one}/outcome", {"outcome": "x" * 2001}).status_code == 422
    circle.member.post(f"/agenda-items/{one}/outcome", {"outcome": "We try it"})
    circle.member.post(f"/agenda-items/{one}/outcome", {"dealt_with": "yes"})
    circle.member.post(f"/agenda-items/{one}/outcome", {"dealt_with": "yes"})
    assert stored(select(AgendaItem.outcome).where(AgendaItem.id == one)) == [("We try it",)]
    circle.facilitator.launch("1")
    meanwhile = circle.facilitator.post(f"/agenda-items/{one}/outcome", {"outcome": "Mine", "saw": ""})
    words = {"title": "Another", "kind": "learning", "minutes": "5"}
    for verb, form in (("", words), ("/remove", {}), ("/move", {"step": "down"})):
        assert circle.member.post(f"/agenda-items/{one}{verb}", form).status_code == 409, "what was held is a record"
    assert meanwhile.status_code == 409, "two wrote at once, and nothing is lost"
    assert "“We try it” Yours is below" in said(meanwhile)
    assert ">\nMine</textarea>" in meanwhile.text
    assert len(events("agenda.item_closed")) == 1
    page = said(circle.member.get(where))
    assert "We try it" in page
    assert "2 points were not dealt with." in page
    assert circle.member.get(f"/agenda-items/{one}").text.count("checked") == 1
    [settled] = stored(select(AgendaItem.id).where(AgendaItem.thing_id == issue))
    circle.member.post(f"/agenda-items/{settled.id}/settle", {"outcome": "solved", "text": "A new one"})
    assert "1 point was not dealt with." in said(circle.member.get(where))
    waiting = circle.member.post(f"{where}/carry-over").location
    assert waiting.endswith("/meetings#waiting")
    assert circle.member.post(f"/agenda-items/{two}/outcome", {"outcome": "Nothing yet"}).status_code == 404
    later = plan(circle, circle.member, day="2026-12-09")
    assert stored(select(AgendaItem.title).where(AgendaItem.meeting_id == id_of(later))) == [("Two",)]
    late = circle.member.post(f"{where}/agenda", {"title": "Too late", "form_key": "l" * 24})
    assert late.status_code == 409
    assert 'value="Too late"' in late.text


def test_what_a_cancelled_meeting_was_to_speak_of_goes_behind_what_the_next_one_has(
    circle: Any, stored: Any, events: Any
) -> None:
    where = plan(circle, circle.member)
    propose(circle, circle.member, where, "First here")
    raised(circle, circle.member, "Closed on the board")
    issue = raised(circle, circle.member, "Open on the board")
    closed = stored(select(AgendaItem.thing_id).where(AgendaItem.title == "Closed on the board"))[0].thing_id
    circle.member.post(f"/issues/{closed}/close", {"outcome": "solved", "text": ""})
    circle.member.post(f"{where}/state", {"state": "cancelled"})
    later = plan(circle, circle.member, day="2026-12-09")
    propose(circle, circle.member, later, "First there")
    for _ in range(2):
        assert circle.member.post(f"{where}/carry-over").location.endswith("#agenda")
    there = stored(select(AgendaItem.title).where(AgendaItem.meeting_id == id_of(later)).order_by(AgendaItem.position))
    assert [row.title for row in there] == ["First there", "First here", "Open on the board"]
    assert [event.facts["items"] for event in events("agenda.carried_over")] == [2]
    assert issue is not None


@pytest.mark.parametrize("thing", [("nothing", "0"), ("issue", "x"), ("issue", "00000000-0000-7000-8000-000000000000")])
def test_only_a_thing_of_this_community_comes_onto_an_agenda(circle: Any, stored: Any, thing: tuple[str, str]) -> None:
    form = {"thing_kind": thing[0], "thing_id": thing[1], "form_key": "k" * 24}
    assert circle.member.post(f"{circle.home}/agenda", form).status_code == 404
    assert stored(select(AgendaItem.id)) == []


@pytest.mark.parametrize(("many", "adapted"), [(1, False), (40, False), (1, True)])
def test_a_meeting_costs_the_same_however_much_it_speaks_of(
    circle: Any, house: Any, statements: list[str], many: int, adapted: bool
) -> None:
    where = plan(circle, circle.member, protocol=copy_of_ours(circle, house) if adapted else "useful_flop")
    for number in range(many):
        raised(circle, circle.member, f"T{number}")
    statements.clear()
    circle.member.get(where)
    assert len(statements) == (8 if adapted else 7)
    statements.clear()
    circle.member.get(f"{circle.home}/meetings")
    assert len(statements) == 5


@pytest.mark.parametrize("planned", [True, False], ids=["on an agenda", "waiting for one"])
def test_the_title_of_what_was_hidden_stands_on_no_agenda(
    circle: Any, house: Any, said: Any, stored: Any, planned: bool
) -> None:
    where = plan(circle, circle.facilitator) if planned else f"{circle.home}/meetings"
    issue = raised(circle, circle.facilitator, "A name to hurt")
    [item] = stored(select(AgendaItem.id))
    pages = [where, f"/agenda-items/{item.id}"]
    assert all("A name to hurt" in said(circle.member.get(page)) for page in pages)
    keeper = keeper_of("issue")
    assert keeper is not None
    with house.database.write() as session:
        keeper.hide(session, issue, house.clock())
    for page in pages:
        assert "A name to hurt" not in circle.member.get(page).text
        assert "Something that cannot be seen any more" in said(circle.member.get(page))
    assert "A name to hurt" in said(circle.facilitator.get(where)), "who leads decides about it"


def test_a_part_is_taken_with_one_press_and_given_back(circle: Any, said: Any, events: Any, stored: Any) -> None:
    where = plan(circle, circle.member, protocol="useful_flop")
    page = said(circle.facilitator.get(where))
    assert "(planned it, and leads it unless somebody else does)" in page
    role = re.findall(r'name="role" value="([a-z_]+)"', circle.facilitator.get(where).text)[-1]
    assert role not in ("facilitator", "scribe", "timekeeper"), "a role of the protocol"
    for one in ("scribe", "scribe", role, "admiral"):
        status = circle.facilitator.post(f"{where}/roles", {"role": one}).status_code
        assert status == (404 if one == "admiral" else 303)
    assert "Not me after all: Scribe" in said(circle.facilitator.get(where))
    assert "I’ll do it: Scribe" not in said(circle.member.get(where))
    other, nobody = str(circle.person("1")), "00000000-0000-7000-8000-000000000000"
    assert circle.member.post(f"{where}/roles", {"role": "timekeeper", "person_id": nobody}).status_code == 404
    assert circle.member.post(f"{where}/roles", {"role": "Facilitator"}).status_code == 404
    assert circle.member.post(f"{where}/roles", {"role": "scribe", "person_id": ""}).location.endswith("?role=scribe")
    circle.member.post(f"{where}/roles", {"role": "timekeeper", "person_id": other})
    asking = said(circle.member.get(f"{where}/roles"))
    assert "Timekeeper: Person 1" in asking
    for _ in range(2):
        circle.facilitator.post(f"{where}/roles/back", {"role": "scribe"})
    given = [(event.facts["role"], event.facts["person_id"]) for event in events("role.given")]
    assert given == [("scribe", other), (role, other), ("timekeeper", other)]
    assert len(events("role.given_back")) == 1


def test_who_is_given_the_lead_holds_the_meeting(circle: Any, stored: Any) -> None:
    other = circle.joined("3")
    where = plan(circle, circle.member)
    item = propose(circle, circle.facilitator, where, "Keys")
    assert other.post(f"/agenda-items/{item}/remove").status_code == 403
    other.post(f"{where}/roles", {"role": "facilitator"})
    assert circle.member.post(f"/agenda-items/{item}/remove").status_code == 403, "no longer"
    assert other.post(f"/agenda-items/{item}/remove").status_code == 303


def test_a_waiting_point_stays_its_proposers(circle: Any, house: Any) -> None:
    raised(circle, circle.member, "Waits")
    with house.database.write() as session:
        session.execute(update(Meeting).values(title="x"))
    with house.database.read() as connection:
        item = connection.execute(select(AgendaItem.id)).scalar_one()
    other = circle.joined("3")
    assert other.post(f"/agenda-items/{item}/remove").status_code == 403
    circle.give_role("3", Role.MENTOR)
    assert other.post(f"/agenda-items/{item}/remove").location.endswith("#waiting")
