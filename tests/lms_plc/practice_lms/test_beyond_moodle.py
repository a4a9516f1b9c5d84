"""What Moodle has not: absent while a switch is off, there while it is on."""

import json
from typing import Any

import pytest

from lms_plc.practice_lms import Practice, Settings
from lms_plc.practice_lms.course_groups import GROUPS_TYPE, SETS_TYPE
from lms_plc.practice_lms.differences import Mark
from lms_plc.practice_lms.memberships import MEMBERS_TYPE
from lms_plc.practice_lms.people import ADMIN, CONNECTOR, MENTOR
from lms_plc.practice_lms.school_year import DAY, staff_ids
from lms_plc.practice_lms.scopes import GROUP_SCOPE, NRPS_SCOPE
from lms_plc.practice_lms.switches import SWITCHES
from tests.lms_plc.practice_lms.forms import form_of, opened

NOW = 1_795_323_264
VELES = 5
LEADER, _, _, TEACHER, LAST, *_ = staff_ids("veles")
GROUPS_CLAIM = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
LAUNCH = f"/as/{TEACHER}/mod/lti/launch.php?id=65"
SERVICES = "http://127.0.0.1:8001/mod/lti/services.php"


def launch(practice: Practice) -> dict[str, Any]:
    return opened(practice, practice.browser(TEACHER), LAUNCH)


# Switches


def test_everything_is_off_until_the_admin_ticks_it_and_stays_so_after_a_restart(practice: Practice):
    browser = practice.browser(ADMIN)
    assert not any(map(practice.state.is_on, SWITCHES))
    page = browser.get(f"/as/{ADMIN}/admin/").text
    assert all(what.replace("'", "&#39;") in page for what in SWITCHES.values())
    browser.post(f"/as/{ADMIN}/admin/switches", data={"storage": "1", "groups": "1"})
    assert [name for name in SWITCHES if practice.state.is_on(name)] == ["storage", "groups"]
    browser.post(f"/as/{ADMIN}/admin/switches", data={"groups": "1"})
    again = Practice(practice.settings.data_dir, beyond=["storage", "privacy"])
    assert [name for name in SWITCHES if again.state.is_on(name)] == ["groups", "privacy"]


def test_only_the_admin_turns_switches_and_only_known_ones_exist(practice: Practice, tmp_path):
    browser = practice.browser(TEACHER)
    assert browser.post(f"/as/{TEACHER}/admin/switches", data={"storage": "1"}).status_code == 403
    assert not practice.state.is_on("storage")
    with pytest.raises(ValueError, match="there is no switch magic"):
        Settings(tmp_path, beyond=frozenset({"magic"}))
    with pytest.raises(KeyError, match="magic"):
        practice.turn("magic", on=True)


# Platform storage


def test_the_page_around_the_tool_answers_it_only_with_storage_on(practice: Practice):
    browser = practice.browser(LEADER)
    pages = (f"/as/{LEADER}/mod/lti/view.php?id=65", f"/as/{LEADER}/course/{VELES}/add/1")
    for page in pages:
        assert "lti.put_data" not in browser.get(page).text
    practice.turn("storage", on=True)
    for page in pages:
        text = browser.get(page).text
        assert "lti.put_data" in text
        assert 'const origins = ["http://localhost:8000"]' in text
        assert 'id="contentframe"' in text


def test_a_login_in_a_frame_names_the_storage_and_one_in_a_window_does_not(practice: Practice):
    browser = practice.browser(TEACHER)
    assert "lti_storage_target" not in form_of(browser.get(LAUNCH).text)[1]
    practice.turn("storage", on=True)
    assert form_of(browser.get(LAUNCH).text)[1]["lti_storage_target"] == "_parent"
    assert "lti_storage_target" not in form_of(browser.get(f"{LAUNCH}&container=4").text)[1]


# Course groups


def test_without_the_switch_there_are_no_groups(practice: Practice, tool):
    assert GROUPS_CLAIM not in launch(practice)
    assert json.loads(tool.ask_token(GROUP_SCOPE).text) == {"error": "invalid_scope"}
    members = tool.client.get(
        f"{SERVICES}/CourseSection/5/bindings/1/memberships?groups=true", headers=tool.bearer(NRPS_SCOPE)
    ).json["members"]
    assert not any("group_enrollments" in one for one in members)


def test_the_tool_reads_the_groups_of_the_school_year(practice: Practice, tool):
    practice.turn("groups", on=True)
    claim = launch(practice)[GROUPS_CLAIM]
    assert (claim["scope"], claim["service_versions"]) == ([GROUP_SCOPE], ["1.0"])
    headers = tool.bearer(f"{GROUP_SCOPE} {NRPS_SCOPE}")

    def get(url: str, accept: str) -> Any:
        return tool.client.get(url, headers=headers | {"Accept": accept})

    answer = get(claim["context_groups_url"], GROUPS_TYPE)
    assert answer.content_type == f"{GROUPS_TYPE}; charset=utf-8"
    assert answer.json["groups"] == [
        {"id": "111", "name": "Languages", "tag": "G-5-2", "set_id": "5-1"},
        {"id": "110", "name": "Mathematics & Science", "tag": "G-5-1", "set_id": "5-1"},
    ]
    assert get(claim["context_group_sets_url"], SETS_TYPE).json["sets"] == [{"id": "5-1", "name": "Subjects"}]
    own = [str(g.id) for g in practice.state.course_groups(VELES) if TEACHER in g.members]
    mine = get(f"{claim['context_groups_url']}?user_id={TEACHER}", GROUPS_TYPE).json["groups"]
    assert [group["id"] for group in mine] == own
    paged = get(f"{claim['context_groups_url']}?limit=1", GROUPS_TYPE)
    assert paged.headers["Link"] == f'<{claim["context_groups_url"]}?limit=1&from=1>; rel="next"'
    assert [g["id"] for g in get(f"{claim['context_groups_url']}?limit=1&from=1", GROUPS_TYPE).json["groups"]] == [
        "110"
    ]
    other = claim["context_groups_url"].replace("bindings/1", "bindings/2")
    assert get(other, GROUPS_TYPE).status_code == 401
    roster = get(f"{SERVICES}/CourseSection/5/bindings/1/memberships?groups=true", MEMBERS_TYPE).json["members"]
    enrolled = {one["user_id"]: one["group_enrollments"] for one in roster}
    assert enrolled[str(TEACHER)] == [{"group_id": number} for number in own]
    assert enrolled[str(LEADER)] == []


def test_a_course_without_groups_has_no_set(practice: Practice, tool):
    practice.turn("groups", on=True)
    copied = practice.copy_course(VELES)
    headers = tool.bearer(GROUP_SCOPE)
    sets = tool.client.get(f"{SERVICES}/CourseSection/{copied.id}/bindings/1/groupsets", headers=headers)
    assert sets.json["sets"] == []


# Differences


class Roster:
    """The tool reading the roster of Veles."""

    def __init__(self, tool: Any) -> None:
        self.client = tool.client
        self.headers = tool.bearer(NRPS_SCOPE)

    def get(self, query: str = "") -> Any:
        return self.client.get(f"{SERVICES}/CourseSection/5/bindings/1/memberships{query}", headers=self.headers)

    def changes(self, answer: Any) -> tuple[Any, dict[str, str]]:
        """The answer behind a differences link, and user id → status."""
        url, _, rel = answer.headers["Link"].partition("; ")
        assert rel == 'rel="differences"'
        again = self.client.get(url.strip("<>"), headers=self.headers)
        return again, {one["user_id"]: one["status"] for one in again.json["members"]}


@pytest.fixture
def roster(practice: Practice, tool) -> Roster:
    practice.turn("differences", on=True)
    return Roster(tool)


def test_without_the_switch_nothing_links_to_differences(practice: Practice, roster: Roster):
    linked = roster.get()
    practice.turn("differences", on=False)
    assert "Link" not in roster.get().headers
    whole = roster.client.get(linked.headers["Link"].partition(">")[0][1:], headers=roster.headers)
    assert len(whole.json["members"]) == len(roster.get().json["members"])


def test_differences_tell_who_came_went_and_changed(practice: Practice, roster: Roster):
    first = roster.get()
    again, changed = roster.changes(first)
    assert changed == {}
    practice.enrol(VELES, CONNECTOR)
    practice.unenrol(VELES, TEACHER)
    practice.suspend(VELES, LAST)
    practice.rename(MENTOR, "Нова", "Име")
    practice.rename(ADMIN, "Not", "Here")
    practice.enrol(6, ADMIN)
    again, changed = roster.changes(again)
    assert changed == {str(CONNECTOR): "Active", str(TEACHER): "Deleted", str(LAST): "Inactive", str(MENTOR): "Active"}
    assert "Нова Име" in [one["name"] for one in again.json["members"]]
    practice.reactivate(VELES, LAST)
    _, changed = roster.changes(again)
    assert changed == {str(LAST): "Active"}


def test_differences_know_enrolments_that_end_by_the_clock(practice: Practice, tool):
    practice.turn("differences", on=True)
    place = next(place for place in practice.state.roster(7) if place.starts > NOW)
    url = f"{SERVICES}/CourseSection/7/bindings/1/memberships"
    mark = Mark.of(practice.state)
    practice.state.now = lambda: place.starts + DAY
    answer = tool.client.get(f"{url}?since={mark}", headers={"Authorization": _fresh(practice)})
    assert [(one["user_id"], one["status"]) for one in answer.json["members"]] == [(str(place.user_id), "Active")]


def _fresh(practice: Practice) -> str:
    return f"Bearer {practice.state.issue_token([NRPS_SCOPE])}"


def test_the_last_page_links_to_differences_since_the_first(practice: Practice, roster: Roster):
    first = roster.get("?limit=10")
    assert 'rel="next"' in first.headers["Link"]
    practice.suspend(VELES, TEACHER)
    url = first.headers["Link"].partition(">")[0][1:]
    last = roster.client.get(url, headers=roster.headers)
    _, changed = roster.changes(last)
    assert changed == {str(TEACHER): "Inactive"}


@pytest.mark.parametrize("since", ["", "x", "1", "1-x", "-1-2", "1-2-3", "9" * 20 + "-1"])
def test_what_is_no_mark_reads_the_whole_roster(roster: Roster, since: str):
    assert len(roster.get(f"?since={since}").json["members"]) == len(roster.get().json["members"])
