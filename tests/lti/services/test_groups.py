"""Groups of a course and the sets they are in."""

from __future__ import annotations

import pytest

from lti.services.errors import BadAnswer
from lti.services.groups import GROUP_SETS, GROUPS, SCOPE, Group, GroupSet, read_group_sets, read_groups

URL = "https://lms.example.org/groups"


def test_groups_are_read_from_all_pages_with_their_sets(services, caller, platform):
    services.answers(
        (
            200,
            {"Link": "<?limit=2&from=2>; rel=next"},
            {"groups": [{"id": "1", "name": "Almaty", "set_id": 7}, {"id": 2, "name": "Шымкент", "tag": "south"}]},
        ),
        (200, {}, {"groups": [{"id": "3", "name": "Astana", "set_ids": ["7", "8"], "set_id": "7", "hidden": True}]}),
    )

    assert list(read_groups(caller, platform, URL, limit=2, user_id="5")) == [
        Group("1", "Almaty", ("7",)),
        Group("2", "Шымкент", (), "south"),
        Group("3", "Astana", ("7", "8"), None, is_hidden=True),
    ]
    assert [asked.url for asked in services.calls] == [
        f"{URL}?user_id=5&limit=2",
        f"{URL}?limit=2&from=2&user_id=5",
    ]
    assert {asked.headers["Accept"] for asked in services.calls} == {GROUPS}
    assert f"scope={SCOPE}".split("/")[-1] in services.token_calls[0].body.decode()


def test_group_sets_are_read(services, caller, platform):
    services.answers((200, {}, {"sets": [{"id": "7", "name": "Regions", "hidden": False, "tag": "r"}]}))

    assert list(read_group_sets(caller, platform, URL)) == [GroupSet("7", "Regions", "r")]
    assert services.calls[0].headers["Accept"] == GROUP_SETS


@pytest.mark.parametrize("body", [{}, {"groups": {}}, {"groups": [{"id": "1"}]}, {"groups": [{"name": "x"}]}])
def test_groups_of_another_shape_are_refused(services, caller, platform, body):
    services.answers((200, {}, body))

    with pytest.raises(BadAnswer) as caught:
        list(read_groups(caller, platform, URL))
    assert caught.value.code == "odd_shape"
