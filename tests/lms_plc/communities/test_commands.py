"""Can an admin see the communities and appoint who leads them, until a day, by name or number?"""

import json
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.communities.models import RoleAssignment


@pytest.fixture
def name(circle: Any, house: Any, installed: Any) -> str:
    """The name of the circle's community."""
    with house.database.read() as connection:
        from lms_plc.communities.queries import everywhere

        return everywhere(connection)[0].name


def test_every_community_is_listed_with_its_members(typed: Any, name: str) -> None:
    listed = typed("communities", "list")
    assert (listed.code, listed.err) == (0, "")
    assert name in listed.out
    [one] = json.loads(typed("communities", "list", "--json").out)
    assert (one["name"], one["members"] > 0) == (name, True)


def test_a_mentor_is_appointed_until_a_day_and_the_day_before_is_over_by_itself(
    typed: Any, name: str, stored: Any, events: Any
) -> None:
    before = len(events("role.assigned"))
    appointed = typed("communities", "appoint", name, "2", "mentor", "--until", "2027-06-30")
    assert (appointed.code, appointed.err) == (0, "")
    assert f"is mentor of {name} until 2027-06-30." in appointed.out
    given = stored(select(RoleAssignment.role, RoleAssignment.ends_at).where(RoleAssignment.role == "mentor"))
    assert [(role, f"{ends:%Y-%m-%d %H:%M}") for role, ends in given][-1] == ("mentor", "2027-06-30 23:59")
    assert len(events("role.assigned")) == before + 1


@pytest.mark.parametrize(
    ("community", "person", "said"),
    [
        ("Nowhere", "2", "There is no community called Nowhere."),
        ("00000000-0000-7000-8000-000000000000", "2", "There is no community called 00000000"),
        (None, "Nobody", "There is no person called Nobody."),
    ],
)
def test_whom_or_what_is_not_there_is_said_in_one_sentence(
    typed: Any, name: str, community: str | None, person: str, said: str
) -> None:
    answer = typed("communities", "appoint", community or name, person, "facilitator")
    assert answer.code == 1
    assert said in answer.err


def test_a_role_that_is_none_is_wrong_usage(typed: Any, name: str) -> None:
    assert typed("communities", "appoint", name, "2", "owner").code == 2
