"""What one may not open, one does not see in a list, find, report, or come to by the address of a letter either."""

from typing import Any
from uuid import UUID

import pytest

from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from tests.lms_plc.test_access import ADMIN, FORMER_MENTOR, LEFT, MEMBER, NEIGHBOUR, PAUSED, STRANGER, Town
from tests.lms_plc.test_access import town as town

OUTSIDE = (STRANGER, NEIGHBOUR, PAUSED, LEFT, ADMIN, FORMER_MENTOR)


def everything(town: Town) -> list[UUID]:
    found = [value for value in town.values.values() if isinstance(value, UUID)]
    return [*found, town.circle.person("1"), town.circle.person("2")]


def seen_by(town: Town, house: Any, who: str) -> set[Reference]:
    me = Actor(town.circle.person(town.people_subjects[who]), town.circle.site_id, "", house.clock())
    references = [Reference(kind, one) for kind in things.kinds() for one in everything(town)]
    with house.database.read() as connection:
        return set(things.shown(connection, me, references))


def test_lists_of_other_rooms_show_outsiders_nothing(town: Town, house: Any) -> None:
    inside = seen_by(town, house, MEMBER)
    assert {"topic", "post", "issue", "meeting", "norm", "consent_round", "library_item", "person"} <= {
        one.kind for one in inside
    }
    assert not {"case", "message", "message_thread", "journal_entry"} & {one.kind for one in inside}
    assert {who: seen_by(town, house, who) for who in OUTSIDE} == {who: set() for who in OUTSIDE}
    for who in OUTSIDE:
        person = town.people[who]
        for one in sorted(inside, key=str):
            assert person.get(f"/to/{one.kind}/{one.id}").status_code == 404
            assert person.get(f"/report/{one.kind}/{one.id}").status_code == 404
        for word in ("Exit", "Printer", "listen", "T"):
            assert "<mark>" not in person.get(f"/search?q={word}").text


@pytest.mark.parametrize("word", ["Exit", "Printer"])
def test_a_member_finds_what_others_do_not(town: Town, word: str) -> None:
    assert "<mark>" in town.people[MEMBER].get(f"/search?q={word}").text
