"""How many SQL statements does each hot page send? As many with a hundred rows as with one."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.communities.founding import found_community
from lms_plc.communities.memberships import Because, bring_in
from lms_plc.communities.models import PlacedLink
from lms_plc.core.ids import new_id
from lms_plc.people.registry import meet
from lms_plc.sites.models import Course

LAUNCH, LAUNCH_AFTER_A_WHILE, FIRST_LAUNCH = 4, 6, 12
HOME, TOPIC, TOPICS, MEMBERS, MINE, COMPLETIONS = 3, 6, 3, 6, 2, 4
PRINT = 5


class Counter:
    """Counts what one request sends."""

    def __init__(self, statements: list[str]) -> None:
        self._statements = statements

    def of(self, visitor: Any, path: str) -> int:
        self._statements.clear()
        page = visitor.get(path)
        assert page.status_code == 200, path
        return len(self._statements)


@pytest.fixture
def counted(statements: list[str]) -> Counter:
    return Counter(statements)


def crowd(circle: Any, house: Any, many: int) -> None:
    with house.database.write() as session:
        met = meet(session, circle.site_id, {f"m{n}": f"Member {n}" for n in range(many)}, house.clock())
        bring_in(session, circle.site_id, circle.id, list(met.values()), Because(house.clock(), "sync"))


def test_a_launch_that_brings_nothing_new_stays_small(circle: Any, statements: list[str]) -> None:
    circle.member.launch("2")
    statements.clear()
    circle.member.launch("2")
    assert len(statements) == LAUNCH


def test_a_launch_by_somebody_who_came_a_moment_ago_sends_what_it_must_and_no_more(
    circle: Any, statements: list[str]
) -> None:
    """Login put and taken, one look, one seat; the registration and its deployment are still remembered."""
    circle.member.launch("2")
    statements.clear()
    circle.member.launch("2")
    assert [sql.split()[0] for sql in statements] == ["INSERT", "DELETE", "SELECT", "INSERT"]


def test_a_newcomers_first_launch_writes_each_thing_once_and_looks_once(circle: Any, statements: list[str]) -> None:
    """Person, identity, enrolment, membership, two events; and somebody new at a browser changes its mark."""
    circle.member.launch("2")
    newcomer = circle.visitor()
    statements.clear()
    newcomer.launch("77")
    assert len([sql for sql in statements if sql.startswith("SELECT")]) == 1
    assert len(statements) == FIRST_LAUNCH


def test_a_launch_after_a_quiet_while_looks_up_who_sends_it_as_well(
    circle: Any, statements: list[str], clock: Any
) -> None:
    circle.member.launch("2")
    clock.move(seconds=11)
    statements.clear()
    circle.member.launch("2")
    assert len(statements) == LAUNCH_AFTER_A_WHILE
    written = [sql.split()[2] for sql in statements if not sql.startswith("SELECT")]
    assert written == ["plc_login", "plc_login", "plc_seat"]


@pytest.mark.parametrize("many", [1, 10, 100])
def test_pages_of_a_community_cost_the_same_however_many_are_in_it(
    circle: Any, house: Any, counted: Counter, many: int
) -> None:
    crowd(circle, house, many)
    assert counted.of(circle.member, circle.home) == HOME + 1  # that somebody was here is noted
    assert counted.of(circle.member, circle.home) == HOME
    assert counted.of(circle.member, f"{circle.home}/members") == MEMBERS


@pytest.mark.parametrize("many", [1, 10, 40])
def test_pages_of_what_was_placed_cost_the_same_however_much_and_many_there_are(
    circle: Any, house: Any, counted: Counter, many: int
) -> None:
    crowd(circle, house, many)
    links = place(circle, house, many)
    for who in (circle.facilitator, circle.member):
        who.get(circle.home)
        assert counted.of(who, circle.home) == HOME
    assert counted.of(circle.facilitator, f"/placed/{links[0]}/completions") == COMPLETIONS
    assert counted.of(circle.member, f"/placed/{links[0]}/completions") == COMPLETIONS


def place(circle: Any, house: Any, many: int) -> list[UUID]:
    with house.database.write() as session:
        course = session.execute(select(Course.id)).scalar_one()
        links = [
            PlacedLink(
                id=new_id(),
                course_id=course,
                part="communities.community_home",
                title="Placed",
                counts=True,
                placed_by=circle.person("1"),
                created_at=house.clock(),
            )
            for _ in range(many)
        ]
        session.add_all(links)
        session.flush()
        return [link.id for link in links]


@pytest.mark.parametrize("many", [1, 10, 100])
def test_a_topic_costs_the_same_however_much_was_said(circle: Any, counted: Counter, many: int) -> None:
    topic: UUID = circle.start(circle.facilitator)
    for number in range(many):
        post = circle.say(circle.facilitator, topic, f"Post {number}")
        if number % 20 == 0:
            circle.member.post(f"/posts/{post}/reactions", {"reaction": "tried"})
    assert counted.of(circle.member, f"/topics/{topic}") == TOPIC + 1  # the first reading is remembered
    assert counted.of(circle.member, f"/topics/{topic}") == TOPIC
    circle.member.get(f"/topics/{topic}?from={post}")
    assert counted.of(circle.member, f"/topics/{topic}?from={post}") == TOPIC + 1  # where it stands
    assert counted.of(circle.member, f"/topics/{topic}/print") == PRINT  # that it left on paper is noted
    circle.member.get(circle.home)
    assert counted.of(circle.member, circle.home) == HOME


@pytest.mark.parametrize("many", [1, 10, 45])
def test_the_list_of_topics_costs_the_same_however_many_there_are(circle: Any, counted: Counter, many: int) -> None:
    for number in range(many):
        circle.start(circle.facilitator, f"Topic {number}")
    assert counted.of(circle.member, f"{circle.home}/topics") == TOPICS
    circle.member.get(circle.home)
    assert counted.of(circle.member, circle.home) == HOME


@pytest.mark.parametrize("many", [1, 10, 100])
def test_my_communities_cost_the_same_however_many_i_have(circle: Any, house: Any, counted: Counter, many: int) -> None:
    with house.database.write() as session:
        for number in range(many):
            row = Course(
                id=(course := new_id()),
                site_id=circle.site_id,
                lms_id=f"c{number}",
                title="C",
                created_at=house.clock(),
            )
            session.add(row)
            session.flush()
            made = found_community(
                session, site_id=circle.site_id, course_id=course, name="C", at=house.clock(), via="sync"
            )
            because = Because(house.clock(), "sync")
            bring_in(session, circle.site_id, made, [circle.person("2")], because)
    assert counted.of(circle.member, "/") == MINE
