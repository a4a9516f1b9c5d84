"""Is everybody an LMS speaks of met once?"""

from typing import Any

from sqlalchemy import select

from lms_plc.people.models import Identity, Person
from lms_plc.people.registry import meet


def test_people_are_made_once_and_known_again(lms: Any, house: Any, stored: Any) -> None:
    names = {str(number): f"Person {number}" for number in range(1100)}
    with house.database.write() as session:
        first = meet(session, lms.site_id, names, house.clock())
    with house.database.write() as session:
        again = meet(session, lms.site_id, {**names, "new": "New"}, house.clock())
    assert len(set(first.values())) == 1100
    assert {subject: again[subject] for subject in names} == first
    assert len(stored(select(Person.id))) == 1101


def test_a_changed_name_is_taken_over_and_an_empty_one_is_not(lms: Any, house: Any, stored: Any) -> None:
    for name in ("Ana Before", "Ana After", ""):
        with house.database.write() as session:
            meet(session, lms.site_id, {"1": name}, house.clock())
    assert [row.display_name for row in stored(select(Person.display_name))] == ["Ana After"]


def test_a_name_too_long_is_cut_once(lms: Any, house: Any, statements: list[str], stored: Any) -> None:
    for _ in range(2):
        with house.database.write() as session:
            meet(session, lms.site_id, {"1": "N" * 400}, house.clock())
    assert stored(select(Person.display_name))[0][0] == "N" * 300


def test_the_same_subject_at_two_sites_is_two_people(lms: Any, house: Any, stored: Any) -> None:
    from lms_plc.core.ids import new_id
    from lms_plc.sites.models import Site

    with house.database.write() as session:
        session.add(Site(id=(other := new_id()), name="o", url="https://o.example.org", created_at=house.clock()))
        session.flush()
        here = meet(session, lms.site_id, {"1": "Ana"}, house.clock())
        there = meet(session, other, {"1": "Ana"}, house.clock())
    assert here["1"] != there["1"]
    assert len(stored(select(Identity.id))) == 2
