"""Do seals open with their own key alone, and does the table of rights say what it should?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_plc.communities.standing import read_roles
from lms_plc.core.paging import cut
from lms_plc.core.policy import DATED, INSIDE, PERMISSIONS, Role, allows
from lms_plc.core.sealing import CannotUnseal, Seal


@given(st.text(max_size=200))
def test_what_was_sealed_opens_again_with_the_same_key_alone(secret: str) -> None:
    seal = Seal("one key of thirty-two characters")
    sealed = seal.close(secret)
    assert Seal("one key of thirty-two characters").open(sealed) == secret
    assert sealed != seal.close(secret)
    with pytest.raises(CannotUnseal) as refused:
        Seal("another key, thirty-two characters").open(sealed)
    assert sealed not in str(refused.value)


def test_nobody_outside_may_anything() -> None:
    assert not any(allows(frozenset(), permission) for permission in PERMISSIONS)


def test_every_insider_may_read_write_and_promise() -> None:
    for role in INSIDE:
        for permission in ("community.read", "community.edit_charter", "topic.start", "post.write", "post.react"):
            assert allows(frozenset({role}), permission)
        assert not allows(frozenset({role}), "post.edit")
        assert allows(frozenset({role}), "post.delete") is (role in DATED)


@pytest.mark.parametrize(
    ("state", "assigned", "roles"),
    [
        ("active", None, {Role.MEMBER}),
        ("active", "mentor facilitator mentor", {Role.MEMBER, Role.MENTOR, Role.FACILITATOR}),
        (None, "mentor facilitator", {Role.MENTOR}),
        (None, "facilitator", set()),
        (None, None, set()),
        ("paused", "mentor facilitator", set()),
        ("left", "mentor", set()),
        ("active", "member author", {Role.MEMBER}),
    ],
)
def test_a_right_comes_from_a_membership_or_a_mentors_role(
    state: str | None, assigned: str | None, roles: set[Role]
) -> None:
    assert read_roles(state, assigned) == roles


def test_a_page_knows_where_the_next_one_begins() -> None:
    rows = list(range(3))
    assert cut(rows, 3, str).next_key is None  # type: ignore[arg-type]
    assert cut(rows, 2, str) == cut(rows, 2, str)  # type: ignore[arg-type]
    assert (cut(rows, 2, str).items, cut(rows, 2, str).next_key) == ([0, 1], "1")  # type: ignore[arg-type]
