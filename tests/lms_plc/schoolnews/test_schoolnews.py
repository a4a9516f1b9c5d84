"""Does a school hear what a community tells it, and nothing else of that community?"""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.people.models import PersonSchool, School
from lms_plc.schoolnews.models import SchoolItem
from lms_plc.schoolnews.queries import told_to
from tests.lms_plc.conftest import INSTRUCTOR, new_key


@pytest.fixture
def school(circle: Any, house: Any) -> Any:
    """``school(name, subject, …)``: these people teach there."""

    def named(name: str, *subjects: str) -> UUID:
        school_id = new_id()
        with house.database.write() as session:
            session.add(School(id=school_id, site_id=circle.site_id, name=name, folded=name.lower()))
            session.flush()
            for subject in subjects:
                session.add(PersonSchool(person_id=circle.person(subject), school_id=school_id, place=0))
        return school_id

    return named


@pytest.fixture
def neighbour(circle: Any) -> Any:
    """Of another community on the same platform."""
    somebody = circle.visitor()
    somebody.post(somebody.launch("31", "9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    return somebody


def tell(circle: Any, who: Any, school_id: UUID, title: str = "Open lesson", **more: str) -> Any:
    form = {"title": title, "body": f"{title}: **come** and see.", "schools": str(school_id), "form_key": new_key()}
    return who.post(f"{circle.home}/school/new", {**form, **more})


def told(*args: Any, **more: str) -> str:
    """The address of what was told, behind whoever's seat."""
    answer = tell(*args, **more)
    assert answer.status_code == 303, answer.text
    return str(answer.location[answer.location.index("/school/") :])


def test_a_colleague_of_the_school_sees_the_three_items_and_nothing_else(
    circle: Any, school: Any, neighbour: Any, said: Any, house: Any
) -> None:
    """S0-8, its rules; the journey has the digest."""
    here, elsewhere = school("Goce Delčev", "2", "31"), school("Another", "1")
    topic = circle.start(circle.member, "Only among us")
    items = [told(circle, circle.member, here, f"Item {number}") for number in range(3)]
    tell(circle, circle.facilitator, elsewhere, "For the other school")
    page = said(neighbour.get("/school"))
    assert [f"Item {number}" in page for number in range(3)] == [True] * 3
    assert "Maths circle, told by Person 2" in page
    for secret in ("Only among us", "For the other school"):
        assert secret not in page
    assert "<strong>come</strong>" in neighbour.get(items[0]).text
    for closed in (circle.home, f"/topics/{topic}", f"{circle.home}/school", f"{circle.home}/members"):
        assert neighbour.get(closed).status_code == 404
    who = Actor(circle.person("31"), circle.site_id, "", house.clock())
    with house.database.read() as connection:
        digest = told_to(connection, who, after=datetime(2026, 1, 1, tzinfo=UTC), size=9)
    assert [one.title for one in digest] == ["Item 2", "Item 1", "Item 0"]


def test_without_a_school_the_pages_say_what_to_do(circle: Any, school: Any, said: Any) -> None:
    assert "At which school do you teach?" in said(circle.member.get("/school"))
    assert "Which school is it?" in said(circle.member.get(f"{circle.home}/school/new"))
    school("Goce Delčev", "2")
    assert "has not been told anything yet" in said(circle.member.get("/school"))
    assert "checked" in circle.member.get(f"{circle.home}/school/new").text, "the only one is chosen already"
    assert "told the school nothing yet" in said(circle.member.get(f"{circle.home}/school"))


def test_what_is_wrong_is_said_at_its_field_and_the_text_stays(circle: Any, school: Any) -> None:
    school("Goce Delčev", "2")
    strangers = new_id()
    for form in ({"schools": ""}, {"schools": str(strangers)}, {"schools": "no id"}, {"title": ""}):
        answer = tell(circle, circle.member, strangers, body="My own words", **form)
        assert answer.status_code == 422
        assert "My own words" in answer.text


def test_the_same_form_twice_is_one_item_and_one_event(circle: Any, school: Any, stored: Any, events: Any) -> None:
    here, key = school("Goce Delčev", "2"), new_key()
    first, second = (told(circle, circle.member, here, form_key=key) for _ in range(2))
    assert first == second
    assert len(stored(select(SchoolItem.id))) == len(events("school_item.told")) == 1


def test_only_ones_own_thing_is_pointed_at_and_only_who_may_see_it_finds_the_way(
    circle: Any, school: Any, neighbour: Any, stored: Any
) -> None:
    here = school("Goce Delčev", "2", "31")
    mine, theirs = circle.start(circle.member, "Mine"), circle.start(circle.facilitator, "Theirs")
    form = circle.member.get(f"{circle.home}/school/new?from_kind=topic&from={mine}")
    assert 'value="Mine"' in form.text
    assert 'value="Theirs"' not in circle.member.get(f"{circle.home}/school/new?from_kind=topic&from={theirs}").text
    for odd in ("from_kind=topic&from=x", "from_kind=nothing&from=x"):
        assert circle.member.get(f"{circle.home}/school/new?{odd}").status_code == 200
    item = told(circle, circle.member, here, kind="topic", thing=str(mine))
    assert f"/topics/{mine}" in circle.facilitator.get(item).text
    assert f"/topics/{mine}" not in neighbour.get(item).text
    tell(circle, circle.member, here, kind="topic", thing=str(theirs))
    rows = stored(select(SchoolItem.thing_id).order_by(SchoolItem.id))
    assert [row.thing_id for row in rows] == [mine, None]


def test_its_author_or_who_leads_takes_it_back(circle: Any, school: Any, neighbour: Any, events: Any) -> None:
    here = school("Goce Delčev", "1", "2", "31")
    theirs, leads = (told(circle, circle.member, here) for _ in range(2))
    assert neighbour.post(f"{theirs}/withdraw").status_code == 403
    assert "Take it back" not in neighbour.get(theirs).text
    assert circle.member.post(f"{theirs}/withdraw").status_code == 303
    assert circle.facilitator.post(f"{leads}/withdraw").status_code == 303
    assert circle.member.post(f"{theirs}/withdraw").status_code == 404
    assert neighbour.get(theirs).status_code == 404
    assert [event.facts["by_author"] for event in events("school_item.withdrawn")] == [True, False]


def test_hidden_it_is_there_for_its_author_and_for_who_leads(
    circle: Any, school: Any, neighbour: Any, house: Any
) -> None:
    here = school("Goce Delčev", "2", "31")
    item = told(circle, circle.member, here)
    found = re.search(r"/school/([0-9a-f-]{36})", item)
    assert found is not None
    item_id, keeper = UUID(found[1]), things.keeper_of("school_item")
    assert keeper is not None
    reader = Actor(circle.person("31"), circle.site_id, "", house.clock())
    reference = Reference("school_item", item_id)

    def shown() -> bool:
        with house.database.read() as connection:
            return reference in things.shown(connection, reader, [reference])

    assert shown()
    with house.database.write() as session:
        keeper.hide(session, item_id, house.clock())
    assert not shown()
    assert (neighbour.get(item).status_code, circle.member.get(item).status_code) == (404, 200)
    assert "hidden for now" in circle.member.get(f"{circle.home}/school").text
    with house.database.write() as session:
        keeper.restore(session, item_id, house.clock())
    assert shown()
    with house.database.write() as session:
        keeper.remove(session, item_id, house.clock())
    assert not shown()


def test_pages_are_paged_and_cost_the_same(circle: Any, school: Any, neighbour: Any, statements: list[str]) -> None:
    here = school("Goce Delčev", "2", "31")
    for number in range(21):
        tell(circle, circle.member, here, f"Item {number}")
    statements.clear()
    first = neighbour.get("/school")
    assert len(statements) <= 4
    assert "Item 0<" not in first.text
    older = re.search(r'href="([^"]*/school\?before=[^"]*)"', first.text)
    assert older is not None
    assert "Item 0<" in neighbour.get(older[1]).text
