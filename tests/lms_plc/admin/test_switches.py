"""The switches of a site: what happens by the clock, whose numbers count, what may be written."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.house import House
from lms_plc.sites.actions import connect_site
from lms_plc.sites.models import Site

NOWHERE = "00000000-0000-7000-8000-000000000000"
NEVER_MIND = {"syncs": "apply", "sync_every": "", "register_name": ""}


@pytest.fixture
def site(house: House) -> UUID:
    with house.database.write() as session:
        return connect_site(
            session,
            name="Highland",
            url="https://moodle.example.org",
            connector="moodle",
            token="token",
            seal=house.seal,
            title="Moodle",
            release="4.5",
            ws_user="2",
            at=house.clock(),
        )


@pytest.fixture
def now(stored: Any) -> Any:
    def look() -> tuple[Any, ...]:
        (row,) = stored(select(Site.syncs, Site.sync_every, Site.register, Site.writes))
        return (row.syncs, row.sync_every, row.register, row.writes)

    return look


def test_at_first_the_tool_syncs_as_it_is_set_and_writes_nothing(
    operator: Any, site: UUID, said: Any, house: House
) -> None:
    page = operator.get(f"/admin/switches/{site}")
    assert 'name="syncs" value="apply" checked' in page.text
    assert page.text.count(" checked") == 1
    assert f"Empty: every {house.settings.sync_every_minutes} minutes" in said(page)
    assert "Nothing happens by the clock until there is a rule or a community" in said(page)


def test_what_is_chosen_is_kept_with_one_event_and_shown_again(
    operator: Any, site: UUID, now: Any, events: Any
) -> None:
    form = {"syncs": "ask", "sync_every": "90", "register_name": " State register ", "write_messages": "yes"}
    sent = operator.post(f"/admin/switches/{site}", form)
    assert (sent.status_code, sent.location) == (303, f"/admin/switches/{site}?done=changed")
    assert now() == ("ask", 90, "State register", ["messages"])
    page = operator.get(sent.location).text
    assert 'value="ask" checked' in page
    assert 'value="90"' in page
    assert 'name="write_messages" value="yes" checked' in page
    assert operator.post(f"/admin/switches/{site}", form).status_code == 303
    assert [(one.verb, one.via) for one in events("site.switched")] == [("site.switched", "desk")]
    assert "State register" not in str(events("site.switched")[0].facts)


def test_what_is_left_empty_or_unticked_is_off(operator: Any, site: UUID, now: Any) -> None:
    operator.post(f"/admin/switches/{site}", {**NEVER_MIND, "sync_every": "5", "write_cohorts": "yes"})
    operator.post(f"/admin/switches/{site}", NEVER_MIND)
    assert now() == ("apply", None, None, [])


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"syncs": "sometimes"}, "Please choose one of these."),
        ({"sync_every": "4"}, "Choose from 5 to 10080 minutes."),
        ({"sync_every": "10081"}, "Choose from 5 to 10080 minutes."),
        ({"sync_every": "9" * 400}, "Choose from 5 to 10080 minutes."),
        ({"sync_every": "9" * 5000}, "This could not be understood."),
        ({"sync_every": "hourly"}, "This could not be understood."),
        ({"register_name": "R" * 81}, "at most 80 characters"),
    ],
)
def test_what_cannot_be_is_said_and_the_form_keeps_its_text(
    operator: Any, site: UUID, now: Any, said: Any, form: dict[str, str], words: str
) -> None:
    page = operator.post(f"/admin/switches/{site}", {**NEVER_MIND, "write_groups": "yes", **form})
    assert page.status_code == 422
    assert words in said(page)
    assert 'name="write_groups" value="yes" checked' in page.text
    assert now() == ("apply", None, None, [])


def test_where_nothing_can_be_written_it_says_so(operator: Any, school: Any, said: Any) -> None:
    assert "Only a Moodle connected by its web services can be written into." in said(
        operator.get(f"/admin/switches/{school.site_id}")
    )


def test_a_site_that_is_not_there_is_not_there(operator: Any) -> None:
    assert operator.get(f"/admin/switches/{NOWHERE}").status_code == 404
    assert operator.post(f"/admin/switches/{NOWHERE}", NEVER_MIND).status_code == 404
