"""Is what was agreed carried until it is done, and is nobody but who it concerns told that it is late?"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms_plc.actionitems import actions, queries
from lms_plc.actionitems.models import ActionItem, ActionItemUpdate
from lms_plc.communities.memberships import Because, end
from lms_plc.communities.models import RoleAssignment
from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role, load
from lms_plc.core.things import shown
from tests.conftest import NOW

TODAY = NOW.date()
TUESDAY = date(2026, 11, 24)
FRIDAY = date(2026, 11, 27)
NEXT = date(2026, 12, 9)


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


def test_what_was_agreed_in_a_meeting_is_on_the_next_one_and_is_closed_there(
    circle: Any, plan: Any, agree: Any, said: Any, stored: Any, events: Any
) -> None:
    first, second = plan(circle.member), plan(circle.member, "In two weeks", "2026-12-09")
    one = agree(circle.facilitator, "Bring three notebooks", owner="2", due=FRIDAY, meeting=first)
    page = said(circle.member.get(f"/meetings/{second}"))
    assert "Bring three notebooks Person 2 · by Nov 27, 2026 · from Nov 22, 2026" in page
    form = {"said_kind": "meeting", "said_id": str(second)}
    answer = circle.member.post(f"/actions/{one}/done", form)
    assert answer.status_code == 303
    assert answer.location.endswith(f"/meetings/{second}#carried")
    assert "Bring three notebooks" not in said(circle.member.get(f"/meetings/{second}"))
    [told] = stored(select(ActionItemUpdate.__table__))
    assert (told.became, told.said_kind, told.said_id) == ("done", "meeting", second)
    assert [one.facts for one in events("action_item.recorded")] == [
        {"origin_kind": "meeting", "origin_id": str(first), "to": str(circle.person("2"))}
    ]
    page = said(circle.facilitator.get(f"/actions/{one}"))
    assert "Person 2: done, in the meeting In two weeks" in page
    assert "Agreed in Wednesday" in page
    with circle.house.database.read() as connection:
        [record] = queries.of_origin(connection, Reference("meeting", first))
    assert (record.owner, record.state, record.moved, record.may_update) == ("Person 2", "done", None, False)
    assert circle.member.post(f"/actions/{one}/done", form).status_code == 303
    assert len(events("action_item.done")) == 1, "done once, however often it is pressed"


def test_that_a_date_was_put_off_or_has_passed_is_told_to_the_owner_and_who_facilitates_alone(
    circle: Any, agree: Any, plan: Any, said: Any, clock: Any, stored: Any
) -> None:
    third = circle.joined("3")
    meeting = plan(circle.facilitator, day="2026-12-10")
    one = agree(circle.member, owner="2", due=TUESDAY)
    for day in (FRIDAY, FRIDAY, NEXT):
        assert circle.member.post(f"/actions/{one}/date", {"due": str(day)}).status_code == 303
    assert [row.became for row in stored(select(ActionItemUpdate.became))] == ["moved", "moved"], "a day is moved once"
    clock.now = NOW.replace(day=10, month=12)
    for who, subject in ((circle.member, "2"), (circle.facilitator, "1"), (third, "3")):
        who.launch(subject)  # their sitting is long over
    own = said(circle.member.get(f"/actions/{one}"))
    assert "Put off 2 times." in own
    assert "It was meant for Wednesday, December 9, 2026. Another date?" in own
    assert "Another date?" in said(circle.member.get(f"{circle.home}/actions"))
    assert "Another date?" in said(circle.member.get("/agreed"))
    assert "was meant for Wednesday, December 9, 2026. Another date?" in said(circle.member.get(circle.home))
    leading = said(circle.facilitator.get(f"{circle.home}/actions"))
    assert "It was meant for Wednesday, December 9, 2026." in leading
    assert "Another date?" not in leading, "whoever facilitates is told, and not asked"
    assert "Put off 2 times." in said(circle.facilitator.get(f"/actions/{one}"))
    assert "put off 2 times" in said(circle.facilitator.get(f"/meetings/{meeting}"))
    for address in (f"/actions/{one}", f"{circle.home}/actions", f"/meetings/{meeting}", circle.home):
        page = said(third.get(address))
        for words in ("ut off", "meant for", "another date", "Another date"):
            assert words not in page, (address, words)
    assert "Bring three notebooks" in said(third.get(f"/meetings/{meeting}"))


def test_who_plans_a_meeting_for_another_year_is_told_nothing_of_others(
    circle: Any, agree: Any, plan: Any, said: Any, clock: Any
) -> None:
    action_id = agree(circle.facilitator, owner="1", due=FRIDAY)
    circle.facilitator.post(f"/actions/{action_id}/date", {"due": str(FRIDAY + timedelta(days=2))})
    other = circle.joined("7")
    far = plan(other, "Some day", "2199-01-02")
    for where in (f"/actions/{action_id}", f"/meetings/{far}"):
        assert "put off" not in said(other.get(where))
        assert "another date" not in said(other.get(where))
    assert other.post(f"/actions/{action_id}/done").status_code == 403
    plan(other)
    assert "another date" in said(other.get(f"/actions/{action_id}"))


def test_an_earlier_or_a_first_date_puts_nothing_off(circle: Any, agree: Any, stored: Any) -> None:
    one = agree(circle.member, owner="2")
    for day in (NEXT, FRIDAY):
        circle.member.post(f"/actions/{one}/date", {"due": str(day)})
    assert [(row.due, row.moved) for row in stored(select(ActionItem.due, ActionItem.moved))] == [(FRIDAY, 0)]


def test_what_nobody_does_is_taken_on_by_anybody_and_what_somebody_does_by_nobody(
    circle: Any, agree: Any, said: Any, house: Any
) -> None:
    third = circle.joined("3")
    free = agree(circle.facilitator)
    assert "Who does it?" in said(third.get(f"{circle.home}/actions"))
    assert third.post(f"/actions/{free}/take", {"then": "list"}).location.endswith("/actions")
    assert "What I do Bring three notebooks" in said(third.get(f"{circle.home}/actions"))
    assert circle.member.post(f"/actions/{free}/take", {}).status_code == 303
    assert "Person 3 · " not in said(circle.member.get("/agreed"))
    with house.database.write() as session:
        end(session, circle.site_id, circle.id, [circle.person("3")], Because(house.clock(), "cli"))
    page = said(circle.member.get(f"{circle.home}/actions"))
    assert "Person 3 is not here any more" in page
    circle.member.post(f"/actions/{free}/take", {})
    assert "What I do Bring three notebooks" in said(circle.member.get(f"{circle.home}/actions"))


def test_the_owner_and_who_leads_say_what_became_of_it_and_other_members_do_not(
    circle: Any, agree: Any, plan: Any, said: Any, stored: Any
) -> None:
    third = circle.joined("3")
    one = agree(third, owner="2", due=FRIDAY)
    verbs = {"done": {}, "date": {"due": str(NEXT)}, "drop": {"reason": "No time"}, "reopen": {}}
    for verb, form in (verbs | {"hand": {"person_id": str(circle.person("3"))}}).items():
        assert third.post(f"/actions/{one}/{verb}", form).status_code == 403, "not even who wrote it down"
    plan(third, day="2026-12-10")
    assert third.post(f"/actions/{one}/date", {"due": str(NEXT)}).status_code == 303, "who plans a meeting holds it"
    assert circle.facilitator.post(f"/actions/{one}/drop", {"reason": ""}).status_code == 422
    dropped = circle.facilitator.post(f"/actions/{one}/drop", {"reason": "The notebooks are at home.", "then": "list"})
    assert dropped.location.endswith("/actions")
    assert "Not after all, Nov 22, 2026 · Person 2 The notebooks are at home." in said(
        third.get(f"{circle.home}/actions")
    )
    assert circle.member.post(f"/actions/{one}/done", {}).status_code == 303, "it is closed: nothing happens"
    assert circle.member.post(f"/actions/{one}/reopen", {}).status_code == 303
    assert circle.member.post(f"/actions/{one}/reopen", {}).status_code == 303
    history = said(circle.member.get(f"/actions/{one}"))
    assert "Person 1: not after all" in history
    assert "Person 2 opened it again" in history
    assert [row.state for row in stored(select(ActionItem.state))] == ["open"]


def test_it_is_handed_to_a_member_and_to_nobody_else(
    circle: Any, agree: Any, said: Any, house: Any, stored: Any, events: Any
) -> None:
    one = agree(circle.member, owner="2")
    for wrong in ("", "nonsense", str(new_id())):
        answer = circle.member.post(f"/actions/{one}/hand", {"person_id": wrong})
        assert answer.status_code == 422
        assert "Please choose one of these." in said(answer) or "could not be understood" in said(answer)
    facilitator = circle.person("1")
    assert circle.member.post(f"/actions/{one}/hand", {"person_id": str(facilitator)}).status_code == 303
    assert events("action_item.handed")[0].facts == {"to": str(facilitator)}
    assert circle.member.post(f"/actions/{one}/done", {}).status_code == 403
    with house.database.write() as session:
        who = actor(circle, "1")
        seen = load(session.connection(), who, "action_item", one, "action_item.update")
        assert not actions.hand_over(session, who, seen, new_id())
        assert not actions.hand_over(session, who, seen, facilitator)
        for became in ("nonsense", "moved"):
            with pytest.raises(ValueError, match="action"):
                actions.update_action(session, who, seen, became)
        other = actions.record_action(
            session,
            who,
            community_id=circle.id,
            site_id=circle.site_id,
            text="x" * 600,
            owner_id=new_id(),
            due=None,
            origin=Reference("community", circle.id),
            form_key="k" * 20,
        )
    [row] = stored(select(ActionItem.owner_id, ActionItem.text).where(ActionItem.id == other))
    assert (row.owner_id, len(row.text)) == (None, 500), "who is not here has nothing to do here"


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"text": " "}, "text", "Please fill this in."),
        ({"text": "x" * 501}, "text", "This is too long"),
        ({"due": "tomorrow"}, "due", "Please give a day"),
        ({"due": "9999-12-31"}, "due", "Please give a day"),
        ({"owner_id": "me"}, "owner_id", "could not be understood"),
    ],
)
def test_a_form_that_cannot_be_read_keeps_what_was_written(
    circle: Any, said: Any, stored: Any, changed: dict[str, str], field: str, message: str
) -> None:
    form = {"text": "Ask the parents", "due": str(FRIDAY), "form_key": "k" * 24, "from_kind": "x", "from_id": ""}
    answer = circle.member.post(f"{circle.home}/actions/new", form | changed)
    assert answer.status_code == 422
    assert message in said(answer)
    assert f'href="#f-{field}"' in answer.text
    assert stored(select(ActionItem.id)) == []
    assert circle.member.post(f"{circle.home}/actions/new", form).status_code == 303
    assert circle.member.post(f"{circle.home}/actions/new", form).status_code == 303
    assert len(stored(select(ActionItem.id))) == 1, "the same form sent twice is one action"


def test_a_day_that_is_over_is_no_new_date(circle: Any, agree: Any, said: Any) -> None:
    one = agree(circle.member, owner="2", due=FRIDAY)
    answer = circle.member.post(f"/actions/{one}/date", {"due": str(TODAY - timedelta(days=1))})
    assert answer.status_code == 422
    assert "This day is over." in said(answer)
    assert circle.member.post(f"/actions/{one}/done", {"result": "x" * 1001}).status_code == 422


def test_ones_own_are_on_one_page_whichever_community_they_are_of(
    circle: Any, agree: Any, said: Any, house: Any, statements: list[str]
) -> None:
    assert "You have agreed to nothing" in said(circle.member.get("/agreed"))
    assert "Nothing is agreed yet" in said(circle.member.get(f"{circle.home}/actions"))
    one, two = agree(circle.member, "Later", owner="2", due=NEXT), agree(circle.member, "Sooner", owner="2", due=FRIDAY)
    agree(circle.member, "Mine", owner="1")
    page = said(circle.member.get("/agreed"))
    assert page.index("Sooner") < page.index("Later")
    assert "Maths circle" in page
    assert "Mine" not in page
    circle.member.post(f"/actions/{one}/done", {"result": "It helped.", "then": "mine"})
    statements.clear()
    page = said(circle.member.get("/agreed"))
    assert len(statements) <= 5
    assert "It helped." in page
    circle.member.post(f"/actions/{two}/done", {"then": "mine"})
    assert "Nothing is open. Good." in said(circle.member.get("/agreed"))
    statements.clear()
    circle.facilitator.get(f"{circle.home}/actions")
    assert len(statements) <= 6
    with house.database.read() as connection:
        who = actor(circle, "2")
        first = queries.closed_ones(connection, who, circle.id, size=1)
        assert [one.text for one in first.items] == ["Sooner"]
        rest = queries.closed_ones(connection, who, circle.id, before=first.next_key, size=1)
        assert ([one.text for one in rest.items], rest.next_key) == (["Later"], None)
    older = said(circle.member.get(f"{circle.home}/actions?before={first.next_key}"))
    assert "Later" in older
    assert "Mine" not in older


def test_it_is_found_by_its_words_and_shown_to_whoever_is_in_the_community(
    circle: Any, agree: Any, house: Any, said: Any, visitor: Any
) -> None:
    one = agree(circle.member, "Fetch the microscopes", owner="2", due=FRIDAY)
    assert "Fetch the microscopes" in said(circle.facilitator.get("/search?q=microscopes"))
    reference = Reference("action_item", one)
    with house.database.read() as connection:
        thing = shown(connection, actor(circle, "1"), [reference])[reference]
        stranger = Actor(new_id(), circle.site_id, "", house.clock())
        assert shown(connection, stranger, [reference]) == {}
        [entry] = actions.FOUND.some(connection, None)
        assert actions.FOUND.some(connection, one) == []
    assert (thing.title, thing.author, thing.day) == ("Fetch the microscopes", "Person 2", FRIDAY)
    assert entry.reference == reference
    assert visitor().get(f"/actions/{one}").status_code in (401, 404)


def test_a_mentor_whose_date_has_passed_is_told_nothing_more(
    circle: Any, agree: Any, house: Any, said: Any, clock: Any
) -> None:
    mentor = circle.joined("3")
    circle.give_role("3", Role.MENTOR, until=NOW + timedelta(days=1))
    one = agree(circle.member, owner="2", due=TUESDAY)
    circle.member.post(f"/actions/{one}/date", {"due": str(FRIDAY)})
    assert "Put off 1 time." in said(mentor.get(f"/actions/{one}"))
    clock.move(days=2)
    assert "Put off" not in said(mentor.get(f"/actions/{one}"))
    with house.database.write() as session:
        session.execute(update(RoleAssignment).values(ends_at=NOW))


def test_home_shows_ones_own_without_another_statement(
    circle: Any, agree: Any, said: Any, statements: list[str]
) -> None:
    circle.member.get(circle.home)
    statements.clear()
    circle.member.get(circle.home)
    before = len(statements)
    agree(circle.facilitator, "Bring three notebooks", owner="2")
    circle.facilitator.get(circle.home)
    statements.clear()
    page = said(circle.member.get(circle.home))
    assert "What I have agreed to Bring three notebooks" in page
    assert len(statements) == before
    assert "Bring three notebooks" not in said(circle.facilitator.get(circle.home))


def test_an_origin_that_may_not_be_seen_is_none(circle: Any, said: Any, stored: Any) -> None:
    form = {"text": "Ask", "form_key": "k" * 24, "from_kind": "meeting", "from_id": str(new_id())}
    assert circle.member.post(f"{circle.home}/actions/new", form).location.endswith("/actions")
    [row] = stored(select(ActionItem.origin_kind, ActionItem.origin_id))
    assert (row.origin_kind, row.origin_id) == ("community", UUID(str(circle.id)))
