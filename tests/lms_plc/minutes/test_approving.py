"""When are minutes approved? The whole rule as a table."""

from uuid import UUID

import pytest

from lms_plc.minutes.approving import weigh

A, B, C, D, E = (UUID(int=number) for number in range(1, 6))
FIVE = {A, B, C, D, E}


@pytest.mark.parametrize(
    ("present", "scribe", "right", "wrong", "approved"),
    [
        pytest.param({A, B, C}, A, {A, B}, set(), True, id="half of those who were there, rounded up"),
        pytest.param({A, B, C}, A, {B}, set(), False, id="too few"),
        pytest.param({A, B}, A, {A}, set(), False, id="the scribe alone does not do"),
        pytest.param({A, B}, A, {B}, set(), True, id="somebody else does"),
        pytest.param({A}, A, {A}, set(), True, id="nobody else was there"),
        pytest.param({A, B}, None, {A}, set(), True, id="nobody knows who wrote them"),
        pytest.param({A, B, C}, A, {A, B, C}, {E}, False, id="a member who was not there holds it up"),
        pytest.param({A, B, C}, A, {D, E}, set(), False, id="of those who were not there nobody is asked"),
        pytest.param(set(), A, {B, C, D}, set(), True, id="nobody noted who was there: half of all members"),
        pytest.param(set(), A, {B, C}, set(), False, id="of all members, too few"),
        pytest.param({UUID(int=9)}, A, {B, C, D}, set(), True, id="only others than members were noted"),
        pytest.param({A, B, UUID(int=9)}, A, {B}, {UUID(int=9)}, True, id="who has left holds nothing up"),
    ],
)
def test_who_has_to_find_them_right(
    present: set[UUID], scribe: UUID | None, right: set[UUID], wrong: set[UUID], approved: bool
) -> None:
    assert weigh(FIVE, present, scribe, right, wrong).is_approved is approved


def test_where_nobody_is_a_member_nothing_is_approved() -> None:
    assert not weigh(set(), set(), None, {A}, set()).is_approved
