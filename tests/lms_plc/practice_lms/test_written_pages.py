"""Where people of the practice LMS see what a tool wrote, and where the admin says what the token may call."""

import pytest

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import ADMIN, CONNECTOR, MENTOR
from lms_plc.practice_lms.school_year import staff_ids
from lms_plc.practice_lms.webservices.functions import FUNCTIONS, SITE_INFO

TEACHER = staff_ids("veles")[4]
ADMIN_PAGE = f"/as/{ADMIN}/admin/"


def test_a_date_of_the_course_is_on_its_page_and_one_of_a_group_only_for_its_people(practice: Practice):
    here = {"starts": 1_796_000_000, "user_id": CONNECTOR, "course_id": 5, "seconds": 5_400}
    own = next(group for group in practice.state.course_groups(5) if TEACHER in group.members)
    other = next(group for group in practice.state.course_groups(5) if TEACHER not in group.members)
    dates = [
        {"name": "Circle <b>five</b>", "kind": "course", "description": "<p>in the library</p>"},
        {"name": "Of my group", "kind": "group", "group_id": own.id},
        {"name": "Of the others", "kind": "group", "group_id": other.id, "seconds": 0},
        {"name": "Of an account", "kind": "user"},
        {"name": "Hidden", "kind": "course", "visible": 0},
    ]
    practice.state.change_all("add_event", [here | date for date in dates])
    page = practice.browser(TEACHER).get(f"/as/{TEACHER}/course/5").text
    assert "Circle &lt;b&gt;five&lt;/b&gt;" in page
    assert "2026-11-30" in page
    assert "90 min" in page
    assert "in the library" in page
    assert "Of my group" in page
    for unseen in ("Of the others", "Of an account", "Hidden"):
        assert unseen not in page
    for sees_all in (MENTOR, ADMIN):
        assert "Of the others" in practice.browser(sees_all).get(f"/as/{sees_all}/course/5").text
    assert "Calendar" not in practice.browser(MENTOR).get(f"/as/{MENTOR}/course/8").text


def test_a_message_is_on_the_first_page_of_whom_it_was_sent_to(practice: Practice):
    words = {"from_id": CONNECTOR, "user_id": TEACHER, "text": "<p>Come &amp; see<br />us</p>", "sent": 1_796_000_000}
    practice.state.change_all("send_message", [words])
    page = practice.browser(TEACHER).get(f"/as/{TEACHER}/").text
    assert "Come &amp; see us" in page
    assert "Roster Connector" in page
    assert "Messages" not in practice.browser(MENTOR).get(f"/as/{MENTOR}/").text


def test_the_admin_takes_functions_from_the_token_and_gives_them_back(practice: Practice):
    browser = practice.browser(ADMIN)
    assert "None of 31 taken away" in browser.get(ADMIN_PAGE).text
    ticked = {name: "1" for name in FUNCTIONS if name != "core_cohort_get_cohorts"}
    page = browser.post(f"{ADMIN_PAGE}functions", data=ticked, follow_redirects=True).text
    assert "1 of 31 taken away" in page
    assert practice.state.closed == {"core_cohort_get_cohorts"}
    browser.post(f"{ADMIN_PAGE}functions", data={})
    assert practice.state.closed == set(FUNCTIONS) - {SITE_INFO}
    browser.post(f"{ADMIN_PAGE}functions", data=dict.fromkeys(FUNCTIONS, "1"))
    assert practice.state.closed == set()
    refused = practice.browser(TEACHER).post(f"/as/{TEACHER}/admin/functions", data={})
    assert refused.status_code == 403
    assert practice.state.closed == set()


def test_the_admin_sees_cohorts_groups_and_groupings(practice: Practice):
    browser = practice.browser(ADMIN)
    page = browser.get(ADMIN_PAGE).text
    assert "Велес &amp; Битола 2026" in page
    assert "26 people · ID number COH-MK" in page
    page = browser.get(f"{ADMIN_PAGE}course/5").text
    assert "2 groups, 2 groupings" in page
    assert "Languages, Mathematics &amp; Science" in page or "Mathematics &amp; Science, Languages" in page
    assert "no groups" in page


@pytest.mark.parametrize(
    ("verb", "what"),
    [
        ("create_group", {"course_id": 99, "name": "N", "idnumber": "", "description": ""}),
        ("delete_group", {"course_id": 2, "group_id": 110}),
        ("delete_group", {"course_id": 5, "group_id": 4_711}),
        ("set_group_member", {"course_id": 5, "group_id": 110, "user_id": ADMIN, "inside": True}),
        ("update_cohort", {"cohort_id": 99, "name": "N"}),
        ("delete_cohort", {"cohort_id": 99}),
        ("delete_event", {"event_id": 99}),
    ],
)
def test_a_change_of_what_is_not_there_keeps_only_what_came_before_it(practice: Practice, verb: str, what):
    first = {"from_id": CONNECTOR, "user_id": TEACHER, "text": "<p>x</p>", "sent": 1}
    practice.state.change_all("send_message", [first])
    with pytest.raises(KeyError):
        practice.state.change_all(verb, [what])
    again = Practice(practice.settings.data_dir)
    assert again.state.changes_since(0) == [{"verb": "send_message", **first}]
