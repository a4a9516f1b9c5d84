"""A tool that registered itself is a tool like any other: launched, given tokens, kept, and taken away."""

import json
import re

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import ADMIN
from lms_plc.practice_lms.registration import TOOL_CONFIGURATION
from lms_plc.practice_lms.school_year import staff_ids
from lms_plc.practice_lms.scopes import GRADE_SCOPES, NRPS_SCOPE
from tests.lms_plc.practice_lms.forms import activated, opened, register

NOW = 1_795_323_264
TOOLS = f"/as/{ADMIN}/admin/tools"
LEADER = staff_ids("veles")[0]


def test_an_activity_of_a_registered_tool_is_launched_as_that_tool(practice: Practice, sent):
    number = activated(practice, sent)
    browser = practice.browser(LEADER)
    browser.post(f"/as/{LEADER}/course/5/add/{number}")
    (added,) = practice.state.added_activities(5)
    page = browser.get(f"/as/{LEADER}/mod/lti/view.php?id={added.cmid}").text
    assert "camera http://127.0.0.1:5000" in page
    claims = opened(
        practice,
        browser,
        f"/as/{LEADER}/mod/lti/launch.php?id={added.cmid}",
        redirect_uri="http://127.0.0.1:5000/lti/launch",
    )
    assert claims["aud"] == practice.state.tool(number).client_id
    lti = "https://purl.imsglobal.org/spec/lti/claim/"
    assert claims[f"{lti}deployment_id"] == str(number)
    assert claims[f"{lti}target_link_uri"] == "http://127.0.0.1:5000/lti/launch"
    assert claims[f"{lti}resource_link"] == {"title": sent["client_name"], "description": "", "id": added.link_id}
    custom = claims[f"{lti}custom"]
    assert (custom["history"], custom["expr"]) == ("", "a=b")
    endpoint = claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
    assert endpoint["scope"] == [scope for scope in GRADE_SCOPES if not scope.endswith("/lineitem")]
    assert endpoint["lineitem"].endswith(f"type_id={number}")


def test_a_tool_that_asked_for_no_names_is_told_none(practice: Practice, sent, recorded):
    del sent[TOOL_CONFIGURATION]["claims"]
    sent["scope"] = ""
    number = activated(practice, sent)
    browser = practice.browser(LEADER)
    browser.post(f"/as/{LEADER}/course/5/add/{number}")
    (added,) = practice.state.added_activities(5)
    way = f"/as/{LEADER}/mod/lti/launch.php?id={added.cmid}"
    claims = opened(practice, browser, way, redirect_uri="http://127.0.0.1:5000/lti/launch")
    person = practice.state.person(LEADER)
    assert not {"name", "given_name", "family_name", "email"} & claims.keys()
    assert person.lastname not in json.dumps(claims, ensure_ascii=False)
    assert claims["https://purl.imsglobal.org/spec/lti/claim/ext"] == {"lms": "moodle-2"}
    assert not any("lti-ags" in name or "lti-nrps" in name for name in claims)
    assert practice.state.line_items(5)[1:] == []


def test_a_tool_can_be_deleted_and_its_number_is_not_given_again(practice: Practice, sent):
    browser = practice.browser(ADMIN, LEADER)
    number = activated(practice, sent)
    browser.post(f"/as/{LEADER}/course/5/add/{number}")
    (added,) = practice.state.added_activities(5)
    assert browser.post(f"{TOOLS}/{number}/delete").status_code == 303
    page = browser.get(f"/as/{LEADER}/mod/lti/view.php?id={added.cmid}")
    assert (page.status_code, "No tool is known for this activity." in page.text) == (404, True)
    assert browser.post(f"{TOOLS}/{number}/delete").status_code == 404
    assert browser.post(f"{TOOLS}/1/delete").status_code == 404
    assert activated(practice, sent) == number + 1


def test_tools_and_activities_survive_a_restart(practice: Practice, sent):
    number = activated(practice, sent)
    practice.browser(LEADER).post(f"/as/{LEADER}/course/5/add/{number}")
    again = Practice(practice.settings.data_dir)
    assert again.state.tool(number) == practice.state.tool(number)
    assert again.state.activities(5) == practice.state.activities(5)
    assert again.state.line_items(5) == practice.state.line_items(5)


def test_a_registered_tool_gets_tokens_for_what_it_may_and_sees_its_own_columns_only(
    practice: Practice, sent, sign, tool_keys, tool_key
):
    number = activated(practice, sent)
    client_id = practice.state.tool(number).client_id
    tool_keys.get(sent["jwks_uri"], json={"keys": [tool_key.as_dict(private=False)]})
    browser = practice.browser(LEADER)
    browser.post(f"/as/{LEADER}/course/5/add/{number}")
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": sign({"iss": client_id, "sub": client_id, "iat": NOW - 5, "exp": NOW + 60}),
        "scope": " ".join([*GRADE_SCOPES, NRPS_SCOPE]),
    }
    client = practice.app.test_client()
    granted = json.loads(client.post("/mod/lti/token.php", data=form).text)
    assert granted["scope"].split() == [*GRADE_SCOPES[1:], NRPS_SCOPE]
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    items = "/mod/lti/services.php/5/lineitems?type_id="
    accept = {"Accept": "application/vnd.ims.lis.v2.lineitemcontainer+json"}
    listed = client.get(f"{items}{number}", headers=headers | accept).json
    assert [item["label"] for item in listed] == [sent["client_name"]]
    assert client.get(f"{items}1", headers=headers | accept).status_code == 401
    members = "/mod/lti/services.php/CourseSection/5/bindings/{}/memberships"
    assert client.get(members.format(number), headers=headers).status_code == 200
    assert client.get(members.format(1), headers=headers).status_code == 401


def test_the_roster_names_nobody_to_a_tool_that_asked_for_no_names(practice: Practice, sent):
    del sent[TOOL_CONFIGURATION]["claims"]
    number = activated(practice, sent)
    headers = {"Authorization": f"Bearer {practice.state.issue_token([NRPS_SCOPE], number)}"}
    at = f"/mod/lti/services.php/CourseSection/5/bindings/{number}/memberships"
    members = practice.app.test_client().get(at, headers=headers).json["members"]
    assert set().union(*members) == {"status", "roles", "user_id", "lis_person_sourcedid"}


def test_a_tool_that_is_gone_has_no_valid_token(practice: Practice, sent):
    number = activated(practice, sent)
    headers = {"Authorization": f"Bearer {practice.state.issue_token([NRPS_SCOPE], number)}"}
    at = f"/mod/lti/services.php/CourseSection/5/bindings/{number}/memberships"
    client = practice.app.test_client()
    assert client.get(at, headers=headers).status_code == 200
    practice.state.delete_tool(number)
    assert client.get(at, headers=headers).status_code == 401


def test_a_pending_tool_gets_no_token(practice: Practice, sent, sign):
    client_id = register(practice, sent).json["client_id"]
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": sign({"sub": client_id, "exp": NOW + 60}),
        "scope": NRPS_SCOPE,
    }
    answer = practice.app.test_client().post("/mod/lti/token.php", data=form)
    assert json.loads(answer.text) == {"error": "invalid_client"}


def test_a_site_can_start_without_any_tool(tmp_path):
    practice = Practice(tmp_path, preset_tool=False)
    browser = practice.browser(ADMIN, LEADER)
    assert "No tool is known here yet." in browser.get(f"{TOOLS}/").text
    assert "This course has no activities yet." in browser.get(f"/as/{LEADER}/course/5").text
    assert browser.get(f"/as/{LEADER}/mod/lti/view.php?id=65").status_code == 404
    assert "localhost:8000" not in browser.get("/").headers["Content-Security-Policy"]
    assert "Connect the tool" not in browser.get(f"/as/{ADMIN}/admin/").text
    page = browser.get(f"{TOOLS}/register", query_string={"url": "http://localhost:8000/lti/register"}).text
    assert re.search(r'<iframe[^>]*src="/as/2/admin/tools/start', page)
