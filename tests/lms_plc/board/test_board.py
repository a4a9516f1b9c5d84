"""Can an issue be brought to a meeting and closed from its minutes, and does the board tell who and when?"""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.board.actions import FOUND
from lms_plc.board.models import Issue, IssueStep
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import keeper_of, shown

MEETING = {"title": "Wednesday", "day": "2026-11-25", "starts": "14:00", "ends": "15:15", "place": "Room 3"}


def raise_issue(circle: Any, who: Any, title: str = "The printer jams", key: str = "k" * 24) -> UUID:
    answer = who.post(f"{circle.home}/board/new", {"title": title, "body": "Every *day*.", "form_key": key})
    assert answer.status_code == 303, answer.text
    return UUID(urlsplit(answer.location).path.rpartition("/")[2])


def put_on_agenda(circle: Any, who: Any, issue: UUID) -> str:
    """Presses the button on the issue's page: it stands there, so it is two clicks from the board."""
    page = who.get(f"/issues/{issue}").text
    form = dict(re.findall(r'<input type="hidden" name="(thing_\w+|form_key)" value="([^"]+)">', page))
    answer = who.post(f"{circle.home}/agenda", form)
    assert answer.status_code == 303
    return str(answer.location)


def test_an_issue_goes_to_the_next_agenda_and_is_closed_from_the_minutes(
    circle: Any, said: Any, stored: Any, events: Any, clock: Any
) -> None:
    issue = raise_issue(circle, circle.member)
    assert raise_issue(circle, circle.member) == issue
    meeting = urlsplit(circle.facilitator.post(f"{circle.home}/meetings/new", MEETING).location).path
    assert put_on_agenda(circle, circle.member, issue).endswith("#agenda")
    page = said(circle.facilitator.get(f"/issues/{issue}"))
    assert "On the agenda: Wednesday" in page
    assert "Put it on the next agenda" not in page
    item = re.search(r"/agenda-items/([0-9a-f-]{36})/settle", circle.facilitator.get(meeting).text)
    assert item is not None
    assert circle.facilitator.get(f"/agenda-items/{item[1]}/settle").status_code == 200
    assert circle.facilitator.post(f"/agenda-items/{item[1]}/settle", {"text": "Kept"}).status_code == 422
    form = {"outcome": "solved", "text": "A new one comes on Friday."}
    assert circle.facilitator.post(f"/agenda-items/{item[1]}/settle", form).location.endswith(f"{meeting}#agenda")
    page = said(circle.member.get(f"/issues/{issue}"))
    assert "Person 2 raised it" in page
    assert "Person 1: solved, in the meeting Wednesday" in page
    assert "A new one comes on Friday." in page
    assert "solved" in said(circle.member.get(f"{circle.home}/board"))
    assert events("issue.solved")[0].facts == {"meeting_id": meeting.rpartition("/")[2]}
    assert circle.facilitator.post(f"/agenda-items/{item[1]}/settle", form).status_code == 404
    assert [row.step for row in stored(select(IssueStep.step).order_by(IssueStep.id))] == ["raised", "solved"]


def test_without_a_meeting_it_waits_and_comes_along_with_the_next(circle: Any, said: Any) -> None:
    issue = raise_issue(circle, circle.member)
    assert put_on_agenda(circle, circle.member, issue).endswith("#waiting")
    assert "It waits for the next meeting" in said(circle.member.get(f"/issues/{issue}"))
    assert "The printer jams" in said(circle.member.get(f"{circle.home}/meetings"))
    planned = urlsplit(circle.facilitator.post(f"{circle.home}/meetings/new", MEETING).location).path
    meeting = planned.partition(circle.facilitator.seat)[2]
    assert "The printer jams" in said(circle.member.get(meeting))
    again = {"thing_kind": "issue", "thing_id": str(issue), "form_key": "z" * 24}
    assert circle.member.post(f"{circle.home}/agenda", again).location.endswith("#agenda")
    assert said(circle.member.get(meeting)).count("The printer jams Organising") == 1


def test_each_step_fits_the_state_and_is_told_once(circle: Any, events: Any, stored: Any, said: Any) -> None:
    issue = raise_issue(circle, circle.member)
    for path in ("let-go", "take", "take", "let-go", "take", "reopen"):
        assert circle.member.post(f"/issues/{issue}/{path}").status_code == 303
    assert "taken on by Person 2" in said(circle.facilitator.get(f"{circle.home}/board"))
    assert circle.facilitator.post(f"/issues/{issue}/close", {"text": "Kept words"}).status_code == 422
    form = {"outcome": "set_aside", "text": "Not ours to solve"}
    assert circle.facilitator.post(f"/issues/{issue}/close", form).status_code == 303
    late = circle.member.post(f"/issues/{issue}/close", {**form, "text": "My words"})
    assert late.status_code == 409
    assert "My words</textarea>" in late.text
    circle.member.post(f"/issues/{issue}/reopen")
    told = [event.verb for event in events() if event.thing_kind == "issue"]
    steps = ["raised", "taken", "let_go", "taken", "set_aside", "reopened"]
    assert told == [f"issue.{step}" for step in steps]
    assert stored(select(Issue.state, Issue.owner_id)) == [("open", None)]


def test_only_who_raised_it_changes_its_words(circle: Any, said: Any) -> None:
    issue = raise_issue(circle, circle.member)
    assert circle.facilitator.post(f"/issues/{issue}/edit", {"title": "Theirs"}).status_code == 403
    assert "Every *day*." in circle.member.get(f"/issues/{issue}/edit").text
    assert circle.member.post(f"/issues/{issue}/edit", {"title": " ", "body": "Kept"}).status_code == 422
    assert circle.member.post(f"/issues/{issue}/edit", {"title": "The copier jams", "body": ""}).status_code == 303
    assert "changed the words" in said(circle.facilitator.get(f"/issues/{issue}"))
    refused = circle.member.post(f"{circle.home}/board/new", {"body": "Kept words", "form_key": "k" * 24})
    assert refused.status_code == 422
    assert "Kept words</textarea>" in refused.text


def test_the_board_shows_mine_and_the_rest_page_by_page(circle: Any, said: Any) -> None:
    assert "Nothing is in the way" in said(circle.member.get(f"{circle.home}/board"))
    for number in range(22):
        raise_issue(circle, circle.facilitator, f"Issue {number:02}", f"{number:024}")
    mine = raise_issue(circle, circle.member, "Mine alone")
    page = circle.member.get(f"{circle.home}/board").text
    assert page.count("topic-title") == 20
    assert "Issue 00" not in page
    way_on = re.search(r'href="/s/[^/]+([^"]+before=[^"]+)"', circle.member.get(f"{circle.home}/board?show=open").text)
    assert way_on is not None
    assert "Issue 00" in circle.member.get(way_on[1].replace("&amp;", "&")).text
    only_mine = said(circle.member.get(f"{circle.home}/board?show=mine"))
    assert "Mine alone" in only_mine
    assert "Issue 21" not in only_mine
    assert circle.member.get(f"/issues/{mine}").status_code == 200


def test_a_hidden_issue_is_there_for_who_leads_and_nobody_else(
    circle: Any, house: Any, stored: Any, clock: Any
) -> None:
    issue = raise_issue(circle, circle.member)
    keeper = keeper_of("issue")
    assert keeper is not None
    reference = Reference("issue", issue)

    def seen_by(subject: str) -> bool:
        with house.database.read() as connection:
            actor = Actor(circle.person(subject), circle.site_id, "", clock())
            return reference in shown(connection, actor, [reference])

    def found() -> int:
        with house.database.read() as connection:
            return len(FOUND.some(connection, None))

    with house.database.write() as session:
        keeper.hide(session, issue, clock())
    assert circle.member.get(f"/issues/{issue}").status_code == 404
    assert "The printer jams" not in circle.facilitator.get(f"{circle.home}/board").text
    assert "This is hidden" in circle.facilitator.get(f"/issues/{issue}").text
    assert (seen_by("1"), seen_by("2"), found()) == (True, False, 0)
    with house.database.write() as session:
        keeper.restore(session, issue, clock())
    assert (circle.member.get(f"/issues/{issue}").status_code, seen_by("2"), found()) == (200, True, 1)
    with house.database.write() as session:
        keeper.remove(session, issue, clock())
    assert circle.facilitator.get(f"/issues/{issue}").status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_the_board_costs_the_same_however_much_stands_on_it(circle: Any, statements: list[str], many: int) -> None:
    for number in range(many):
        issue = raise_issue(circle, circle.facilitator, f"Issue {number}", f"{number:024}")
    statements.clear()
    circle.member.get(f"{circle.home}/board")
    assert len(statements) == 5
    put_on_agenda(circle, circle.member, issue)
    statements.clear()
    circle.member.get(f"/issues/{issue}")
    assert len(statements) == 5
