"""What people and the admin see and do, faults on purpose, and the headers that guard the pages."""

import re
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import pytest
import requests

from lms_plc.practice_lms import Fault, Practice, Settings, create_app
from lms_plc.practice_lms.__main__ import main
from lms_plc.practice_lms.app import SESSION_COOKIE, app_from_environment, environment
from lms_plc.practice_lms.pages import SUGGESTIONS
from lms_plc.practice_lms.people import ADMIN, MENTOR
from lms_plc.practice_lms.running import SLOT
from lms_plc.practice_lms.school_year import staff_ids

TEACHER = staff_ids("veles")[4]
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Mobile Safari/537.36"}


def test_the_first_page_suggests_people_and_finds_the_others(practice: Practice):
    browser = practice.browser()
    page = browser.get("/").text
    assert all(f'value="{one.person_id}"' in page for one in SUGGESTIONS)
    found = browser.get("/", query_string={"q": "Битола"}).text
    assert "Пелистерски" in found
    assert f'value="{TEACHER}"' not in found
    assert "0 found" in browser.get("/?q=nobody-of-that-name").text
    assert "add a word to narrow the search" in browser.get("/?q=a").text


def test_signing_in_leads_to_ones_courses_and_on_to_the_activity(practice: Practice):
    browser = practice.browser()
    page = browser.post("/signin", data={"person": TEACHER}, follow_redirects=True)
    assert page.request.path == f"/as/{TEACHER}/"
    assert "Заедница за професионално учење – Велес" in page.text
    assert "Bursa" not in page.text
    course = browser.get(f"/as/{TEACHER}/course/5").text
    assert "14 people take part" in course
    assert f"/as/{TEACHER}/mod/lti/view.php?id=65" in course


def test_the_activity_frames_the_tool_with_what_moodle_allows(practice: Practice):
    page = practice.browser(TEACHER).get(f"/as/{TEACHER}/mod/lti/view.php?id=65").text
    frame = re.search(r"<iframe[^>]*>", page)[0]
    assert 'id="contentframe"' in frame
    assert "camera http://localhost:8000" in frame
    assert "clipboard" not in frame
    assert "sandbox" not in frame
    assert 'target="_blank"' in page


def test_a_phone_gets_the_tool_in_the_whole_window(practice: Practice):
    answer = practice.browser(TEACHER).get(f"/as/{TEACHER}/mod/lti/view.php?id=65", headers=PHONE)
    assert answer.status_code == 303
    assert answer.location == f"/as/{TEACHER}/mod/lti/launch.php?id=65&container=5"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/as/{MENTOR}/", 403),
        (f"/as/{MENTOR}/course/5", 403),
        ("/as/999999/", 403),
        (f"/as/{TEACHER}/course/2", 403),
        (f"/as/{TEACHER}/course/77", 404),
        (f"/as/{TEACHER}/mod/lti/view.php?id=5", 404),
        (f"/as/{TEACHER}/mod/lti/launch.php?id=62", 403),
        (f"/as/{TEACHER}/mod/lti/launch.php?id=65&container=9", 404),
        (f"/as/{TEACHER}/admin/", 403),
        (f"/as/{TEACHER}/admin/course/5", 403),
    ],
)
def test_a_page_that_is_not_ones_own_is_refused(practice: Practice, path: str, status: int):
    browser = practice.browser(TEACHER)
    assert browser.get(path).status_code == status
    assert browser.get(f"/as/{TEACHER}/course/5").status_code == 200


def test_the_hidden_course_shows_itself_to_its_editor_only(practice: Practice):
    editor, teacher = staff_ids("izmir")[0], staff_ids("izmir")[4]
    browser = practice.browser(editor, teacher)
    assert browser.get(f"/as/{editor}/course/12").status_code == 200
    assert browser.get(f"/as/{teacher}/course/12").status_code == 403
    assert "You are in no course" in browser.get(f"/as/{teacher}/").text


def test_a_suspended_account_and_nobody_cannot_sign_in(practice: Practice):
    gone = next(p for p in practice.state.people() if p.suspended)
    browser = practice.browser()
    assert browser.post("/signin", data={"person": gone.id}).status_code == 403
    assert browser.post("/signin", data={"person": "nobody"}).status_code == 404


def test_signing_out_one_person_leaves_the_other(practice: Practice):
    browser = practice.browser(TEACHER, MENTOR)
    browser.post(f"/as/{TEACHER}/signout")
    assert browser.get(f"/as/{TEACHER}/").status_code == 403
    assert browser.get(f"/as/{MENTOR}/").status_code == 200


def test_the_admin_changes_who_takes_part_and_what_they_are_called(practice: Practice):
    browser = practice.browser(ADMIN)
    at = f"/as/{ADMIN}/admin/course/5"
    person = staff_ids("talgar")[0]
    browser.post(f"{at}/enrol", data={"person": person, "role": "teacher"})
    assert practice.state.enrolment(5, person).roles == ("teacher",)
    browser.post(f"{at}/suspend", data={"person": person})
    assert "suspended here" in browser.get(at).text
    browser.post(f"{at}/reactivate", data={"person": person})
    assert not practice.state.enrolment(5, person).suspended
    browser.post(f"{at}/rename", data={"person": person, "firstname": "Аа", "lastname": "Бб"})
    assert "Аа Бб" in browser.get(at).text
    browser.post(f"{at}/unenrol", data={"person": person})
    assert practice.state.enrolment(5, person) is None


def test_a_change_that_cannot_be_done_is_refused(practice: Practice):
    browser = practice.browser(ADMIN, TEACHER)
    at = f"/as/{ADMIN}/admin/course/5"
    assert browser.post(f"{at}/unenrol", data={"person": ADMIN}).status_code == 400
    assert browser.post(f"{at}/rename", data={"person": TEACHER}).status_code == 400
    assert browser.post(f"/as/{ADMIN}/admin/course/77/copy").status_code == 404
    assert browser.post(f"/as/{TEACHER}/admin/course/5/unenrol", data={"person": TEACHER}).status_code == 403
    assert practice.state.enrolment(5, TEACHER) is not None


def test_the_admin_copies_a_course_with_and_without_its_people(practice: Practice):
    browser = practice.browser(ADMIN)
    page = browser.post(f"/as/{ADMIN}/admin/course/13/copy", follow_redirects=True).text
    assert "Copied from course 13, before that 5" in page
    assert "0 enrolled" in page
    browser.post(f"/as/{ADMIN}/admin/course/13/copy", data={"with_people": "1"})
    assert practice.state.roster(15) == practice.state.roster(13)
    assert f"/as/{ADMIN}/course/15" in browser.get(f"/as/{ADMIN}/").text


def test_the_admin_reads_what_the_tool_and_the_connector_need(practice: Practice):
    page = practice.browser(ADMIN).get(f"/as/{ADMIN}/admin/").text
    assert all(value in page for value in practice.registration.values())
    assert practice.web_service_token in page
    assert "core_enrol_get_enrolled_users" in page


def test_a_big_course_is_shown_page_by_page(practice: Practice):
    course = practice.big_course(120)
    browser = practice.browser(ADMIN)
    at = f"/as/{ADMIN}/admin/course/{course.id}"
    assert "Next page" in browser.get(at).text
    assert "Next page" not in browser.get(f"{at}?from=100").text


def test_a_page_loads_runs_and_frames_only_its_own_and_the_tool(practice: Practice):
    page = practice.browser(TEACHER).get(f"/as/{TEACHER}/mod/lti/launch.php?id=65")
    policy = page.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    assert f'<script nonce="{nonce}">' in page.text
    assert "default-src 'none'" in policy
    assert "frame-src 'self' http://localhost:8000;" in policy
    assert "unsafe" not in policy


def test_the_cookie_is_kept_from_scripts_and_other_sites_forms(practice: Practice):
    cookie = practice.app.test_client().post("/signin", data={"person": TEACHER}).headers["Set-Cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_words_of_the_tool_are_shown_escaped_on_return(practice: Practice):
    page = practice.browser().get("/mod/lti/return.php", query_string={"lti_errormsg": "<b>no</b>"}).text
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "An error occurred" not in practice.browser().get("/mod/lti/return.php").text


# Faults


def info(practice: Practice):
    fields = {
        "wstoken": practice.web_service_token,
        "wsfunction": "core_webservice_get_site_info",
        "moodlewsrestformat": "json",
    }
    return practice.app.test_client().post("/webservice/rest/server.php", data=fields)


def test_the_second_call_fails_and_the_third_is_well(practice: Practice):
    practice.state.faults.set([Fault("core_webservice_get_site_info", "503", nth=2)])
    assert [info(practice).status_code for _ in range(3)] == [200, 503, 200]


def test_every_call_can_answer_half_its_json_or_a_page(practice: Practice):
    whole = info(practice).data
    practice.state.faults.set([Fault("*", "half", nth=0)])
    assert info(practice).data == whole[: len(whole) // 2]
    practice.state.faults.set([Fault("*", "html", nth=0)])
    assert info(practice).mimetype == "text/html"
    assert practice.browser().get("/").status_code == 200


def test_silence_ends_without_an_answer_worth_reading(practice: Practice):
    practice.state.faults.set([Fault("certs", "silence", seconds=0)])
    client = practice.app.test_client()
    assert client.get("/mod/lti/certs.php").status_code == 504
    assert client.get("/mod/lti/certs.php").status_code == 200


def test_the_services_of_the_tool_can_fail_too(practice: Practice):
    practice.state.faults.set([Fault(name, "503", nth=0) for name in ("token", "memberships", "grades")])
    client = practice.app.test_client()
    assert client.post("/mod/lti/token.php").status_code == 503
    assert client.get("/mod/lti/services.php/CourseSection/5/bindings/1/memberships").status_code == 503
    assert client.get("/mod/lti/services.php/5/lineitems").status_code == 503


def test_the_admin_sets_and_clears_faults(practice: Practice):
    browser = practice.browser(ADMIN)
    at = f"/as/{ADMIN}/admin/faults"
    browser.post(at, data={"on": "token", "kind": "503", "nth": "0", "seconds": "1"})
    assert "token: 503, every call" in browser.get(f"/as/{ADMIN}/admin/").text
    assert browser.post(at, data={"on": "token", "kind": "fire"}).status_code == 400
    assert browser.post(at, data={"on": "token", "kind": "503", "nth": "-1"}).status_code == 400
    browser.post(at, data={"clear": "1"})
    assert list(practice.state.faults) == []


# Serving


def test_a_server_process_finds_its_settings_in_the_environment(practice: Practice, monkeypatch):
    for name, value in environment(practice.settings).items():
        monkeypatch.setenv(name, value)
    client = app_from_environment().test_client()
    assert client.get("/mod/lti/certs.php").json == practice.app.test_client().get("/mod/lti/certs.php").json


def test_a_server_process_starts_without_a_tool_and_with_switches_as_it_was_told(tmp_path, monkeypatch):
    given = Settings(tmp_path, preset_tool=False, beyond=frozenset({"storage", "notices"}))
    for name, value in environment(given).items():
        monkeypatch.setenv(name, value)
    state, settings = app_from_environment().extensions[SLOT]
    assert settings == given
    assert (state.tools(), state.is_on("storage"), state.is_on("groups")) == ([], True, False)


def test_faults_and_a_measuring_course_can_be_set_from_the_start(tmp_path):
    fault = Fault("certs", "503")
    app = create_app(Settings(tmp_path, faults=(fault,), big_course=30))
    client = app.test_client()
    assert [client.get("/mod/lti/certs.php").status_code for _ in range(2)] == [503, 200]
    client.post("/signin", data={"person": ADMIN})
    assert "30 enrolled" in client.get(f"/as/{ADMIN}/admin/").text


def test_the_command_refuses_a_tool_that_is_no_origin(tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(["--data", str(tmp_path), "--tool", "localhost"])
    assert stopped.value.code == 2


def test_a_served_site_answers_and_stops_on_interrupt(practice: Practice):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lms_plc.practice_lms", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--data", str(practice.settings.data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        answer = _first_answer(f"http://127.0.0.1:{port}/mod/lti/openid-configuration.php")
        assert answer["issuer"] == f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        said, _ = server.communicate(timeout=10)
    assert server.returncode == 0
    assert said == f"Practice LMS on http://127.0.0.1:{port} for the tool at http://localhost:8000\n"


def _first_answer(url: str) -> dict[str, Any]:
    until = time.monotonic() + 10
    while True:
        try:
            return requests.get(url, timeout=2).json()
        except requests.ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
