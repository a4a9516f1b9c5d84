"""Our own connector finds in the practice LMS everything it calls, over a real socket."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from connectors.errors import NotAllowed
from connectors.moodle import calendar, changing_cohorts, changing_enrolments, changing_groups, functions, messages
from connectors.moodle import progress as moodle_progress
from connectors.moodle.client import MoodleClient
from connectors.moodle.needs import NEEDS
from connectors.moodle.probing import probe_functions
from connectors.moodle.source import MoodleSource
from connectors.transport import Transport
from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import ADMIN, MENTOR
from lms_plc.practice_lms.school_year import staff_ids

VELES = 5
LEARNER, OTHER = staff_ids("veles")[4:6]
STRANGER = staff_ids("konya")[0]


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture
def client(practice: Practice) -> Iterator[MoodleClient]:
    server = make_server("127.0.0.1", 0, practice.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with Transport(allow_private_hosts=True) as transport:
        yield MoodleClient(f"http://127.0.0.1:{server.server_port}", practice.web_service_token, transport)
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_token_may_call_everything_the_connector_needs(client: MoodleClient):
    assert {one.function for one in probe_functions(client)} == set(NEEDS)
    assert {one.state for one in probe_functions(client)} == {"callable"}
    assert MoodleSource(client).probe().ready


def test_a_function_taken_away_is_missed_by_the_probe_and_refused(client: MoodleClient, practice: Practice):
    practice.allow_function("core_cohort_get_cohorts", allowed=False)
    practice.allow_function("core_message_send_instant_messages", allowed=False)
    states = {one.function: one.state for one in probe_functions(client)}
    assert {name for name, state in states.items() if state != "callable"} == {
        "core_cohort_get_cohorts",
        "core_message_send_instant_messages",
    }
    assert states["core_cohort_get_cohorts"] == "not_in_service"
    assert [one.function for one in MoodleSource(client).probe().missing] == ["core_cohort_get_cohorts"]
    with pytest.raises(NotAllowed):
        functions.get_cohorts(client)


def test_the_source_reads_categories_groupings_cohorts_and_people(client: MoodleClient):
    source = MoodleSource(client)
    parents = {one.id: one.parent_id for one in source.categories()}
    assert (parents["7"], parents["3"], parents["8"]) == (None, "7", "6")
    assert {one.name: one.group_ids for one in source.groupings("5")} == {
        "Pairs for visits": (),
        "Subjects & languages": ("110", "111"),
    }
    assert [one.name for one in source.groups("5")] == ["Languages", "Mathematics & Science"]
    assert [one.id_number for one in source.cohorts()] == ["COH-MK", "COH-SUPPORT", None]
    assert [one.id_number for one in source.people(["5", "9999"])] == ["MENTOR-1"]
    assert any(row.person.id_number == "MENTOR-1" for page in source.enrolment_pages("5") for row in page.rows)


def test_the_connector_makes_groups_and_cohorts_once_and_moves_people(client: MoodleClient, practice: Practice):
    new = changing_groups.NewGroup(VELES, "Readers & co", id_number="R")
    (group,) = changing_groups.create_groups(client, [new]).records
    assert [one.existing_id for one in changing_groups.create_groups(client, [new]).left_out] == [group.id]
    people = [changing_groups.GroupMember(group.id, one) for one in (LEARNER, STRANGER)]
    assert [one.why for one in changing_groups.add_group_members(client, VELES, people).left_out] == ["not_enrolled"]
    assert practice.state.groups[group.id].members == (LEARNER,)
    changing_groups.delete_group_members(client, people)
    assert practice.state.groups[group.id].members == ()

    wanted = changing_cohorts.NewCohort("Readers", "PLC-1", category="CAT-MK")
    (cohort,) = changing_cohorts.create_cohorts(client, [wanted]).records
    assert [one.existing_id for one in changing_cohorts.create_cohorts(client, [wanted]).left_out] == [cohort.id]
    entries = [changing_cohorts.CohortMember(cohort.id, one) for one in (LEARNER, LEARNER, 99_999)]
    answer = changing_cohorts.add_cohort_members(client, entries)
    assert ([one.why for one in answer.left_out], [one.warningcode for one in answer.warnings]) == (
        ["already_member"],
        ["2"],
    )
    changing_cohorts.delete_cohort_members(client, entries[:1])
    assert practice.state.cohorts[cohort.id].members == ()


def test_the_connector_enrols_writes_dates_and_sends_messages(client: MoodleClient, practice: Practice):
    enrolment = changing_enrolments.NewEnrolment(VELES, STRANGER, 5, suspended=False)
    assert changing_enrolments.enrol_users(client, [enrolment]).left_out == ()
    assert [one.why for one in changing_enrolments.enrol_users(client, [enrolment]).left_out] == ["already_enrolled"]
    changing_enrolments.unenrol_users(client, VELES, [STRANGER])
    assert practice.state.enrolment(VELES, STRANGER) is None

    date = calendar.NewEvent("Тea & talk", 1_796_000_000, "course", course_id=VELES, seconds=4500)
    (made,) = calendar.create_calendar_events(client, [date]).records
    (read,) = calendar.get_calendar_events(client, [VELES]).events
    assert (made.id, read.name) == (read.id, "Тea &amp; talk")

    words = [messages.NewMessage(one, "Come & see") for one in (MENTOR, 12)]
    assert [one.sent for one in messages.send_instant_messages(client, words).records] == [True, False]


def test_the_connector_reads_contents_courses_and_progress(client: MoodleClient):
    (section,) = functions.get_course_contents(client, VELES, module_name="lti")
    assert [module.instance for module in section.modules] == [25]
    assert [course.id for course in functions.get_users_courses(client, MENTOR)] == [5, 8, 13]
    assert moodle_progress.get_activities_completion_status(client, VELES, LEARNER).statuses == []
    assert [one.userid for one in moodle_progress.get_grade_items(client, VELES, user_id=OTHER).usergrades] == [OTHER]


def test_the_connector_adds_up_made_up_grades_group_by_group(client: MoodleClient, practice: Practice):
    admin = practice.browser(ADMIN)
    page = admin.get(f"/as/{ADMIN}/admin/course/{VELES}")
    assert "Make up grades of a test" in page.text
    assert admin.post(f"/as/{ADMIN}/admin/course/{VELES}/grades").status_code == 303
    source = MoodleSource(client)
    groups = [group.id for group in source.groups(str(VELES))]
    found = [one for one in source.outcomes(str(VELES), groups) if one.item == "Exit ticket"]
    (whole,) = (one for one in source.outcomes(str(VELES)) if one.item == "Exit ticket")
    assert [one.group_id for one in found] == groups
    assert all(one.n == sum(one.levels) and one.mean is not None for one in found)
    assert whole.n >= max(one.n for one in found)
    assert whole.ungraded
    (column,) = (item for item in practice.state.line_items(VELES) if item.label == "Exit ticket")
    assert whole.n == len(practice.state.grades(column.id))
