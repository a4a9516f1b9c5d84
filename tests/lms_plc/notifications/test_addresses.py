"""Does a launch bring the address of whoever comes, and write it only when it has changed?"""

from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.people.models import Person
from lms_plc.people.twins import join


@pytest.fixture
def reached(circle: Any, stored: Any) -> Any:
    def address(subject: str) -> tuple[str | None, str | None]:
        row = stored(select(Person.email, Person.email_source).where(Person.id == circle.person(subject)))[0]
        return row.email, row.email_source

    return address


def test_a_first_launch_and_a_changed_one_bring_the_address(circle: Any, reached: Any, statements: list[str]) -> None:
    newcomer = circle.joined("3", email="Ana@School.example")
    assert reached("3") == ("Ana@school.example", "lms")
    newcomer.launch("3", email="ana@new.example")
    assert reached("3") == ("ana@new.example", "lms")
    newcomer.launch("3", email="ana@new.example")
    statements.clear()
    newcomer.launch("3", email="ana@new.example")
    assert len(statements) == 4, "nothing new is nothing written"


@pytest.mark.parametrize("said", [None, "", "no address", "a@b.org\r\nBcc: c@d.org", 7])
def test_what_is_no_address_changes_nothing(circle: Any, reached: Any, said: object) -> None:
    newcomer = circle.joined("3", email="ana@school.example")
    newcomer.launch("3", email=said)
    assert reached("3") == ("ana@school.example", "lms")
    stranger = circle.joined("4", email=said)
    assert stranger
    assert reached("4") == (None, None)


def test_of_two_persons_who_become_one_an_address_that_was_confirmed_stays(
    circle: Any, reached: Any, house: Any
) -> None:
    circle.joined("3", email="ana@school.example")
    with house.database.write() as session:
        person = session.get(Person, circle.person("3"))
        assert person is not None
        person.email, person.email_source = "ana@home.example", "own"
    with house.database.write() as session:
        join(session, circle.person("2"), circle.person("3"), house.clock(), via="cli")
    assert reached("2") == ("ana@home.example", "own")
