"""A tool registers itself: what it is told, what it may send, and what the admin has to say to it."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest
from joserfc import jwt

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import ADMIN
from lms_plc.practice_lms.registration import TOOL_CONFIGURATION, new_token
from lms_plc.practice_lms.school_year import staff_ids
from tests.lms_plc.practice_lms.forms import activated, query_of, register

NOW = 1_795_323_264
TOOLS = f"/as/{ADMIN}/admin/tools"
URL = "http://127.0.0.1:5000/lti/register?site=1"
LEADER = staff_ids("veles")[0]
ENDPOINT = "/mod/lti/openid-registration.php"


def test_the_admin_opens_the_tools_page_in_a_frame_that_waits_for_its_end(practice: Practice):
    browser = practice.browser(ADMIN)
    assert f'href="{TOOLS}/"' in browser.get(f"/as/{ADMIN}/admin/").text
    page = browser.get(f"{TOOLS}/register", query_string={"url": URL})
    assert "org.imsglobal.lti.close" in page.text
    assert "frame-src 'self' http://localhost:8000 http://127.0.0.1:5000;" in page.headers["Content-Security-Policy"]
    assert "127.0.0.1:5000" not in browser.get(f"{TOOLS}/").headers["Content-Security-Policy"]


def test_the_tool_is_opened_with_our_description_and_a_token_for_an_hour(practice: Practice, recorded):
    real = recorded("lti/dynamic_registration.json")["registration_token"]
    answer = practice.browser(ADMIN).get(f"{TOOLS}/start", query_string={"url": URL})
    assert answer.status_code == 302
    assert answer.location.startswith("http://127.0.0.1:5000/lti/register?site=1&openid_configuration=")
    query = query_of(answer.location)
    assert query["openid_configuration"] == "http://127.0.0.1:8001/mod/lti/openid-configuration.php"
    token = jwt.decode(query["registration_token"], practice.state.key)
    assert list(token.claims) == list(real["payload"])
    assert list(token.header) == list(real["header"])
    assert token.claims["exp"] - token.claims["iat"] == 3600
    assert token.claims["scope"] == "reg"


@pytest.mark.parametrize("url", ["", "tool.example.org", "javascript:alert(1)", "http://", "http://a b/", "http://[x/"])
def test_what_is_no_web_address_is_said_at_the_field(practice: Practice, url: str):
    page = practice.browser(ADMIN).get(f"{TOOLS}/register", query_string={"url": url})
    assert page.status_code == 400
    assert "That is no web address." in page.text
    assert practice.browser(ADMIN).get(f"{TOOLS}/start", query_string={"url": url}).status_code == 404


def test_a_domain_that_is_known_is_asked_about_first(practice: Practice, sent, recorded):
    browser = practice.browser(ADMIN)
    number = activated(practice, sent)
    page = browser.get(f"{TOOLS}/register", query_string={"url": URL}).text
    assert "There are already tools of that domain here" in page
    assert "Register as a new external tool" in page
    assert f"tool={number}" in page
    framed = browser.get(f"{TOOLS}/register", query_string={"url": URL, "tool": number}).text
    assert f"tool={number}" in framed
    answer = browser.get(f"{TOOLS}/start", query_string={"url": URL, "tool": number})
    claims = jwt.decode(query_of(answer.location)["registration_token"], practice.state.key).claims
    real = recorded("lti/dynamic_registration.json")["update_registration_token_payload"]
    assert (list(claims), claims["scope"], claims["sub"]) == (list(real), real["scope"], str(number))
    assert browser.get(f"{TOOLS}/start", query_string={"url": URL, "tool": 99}).status_code == 404


def test_a_registration_is_answered_as_recorded(practice: Practice, sent, recorded):
    real = recorded("lti/dynamic_registration.json")["registration_response"]
    answer = register(practice, sent)
    assert answer.status_code == real["status"] == 200
    assert answer.content_type == real["headers"]["Content-Type"]
    assert b"http:\\/\\/" in answer.data
    ours, theirs = answer.json, deepcopy(real["json"])
    assert list(ours) == list(theirs)
    assert list(ours[TOOL_CONFIGURATION]) == list(theirs[TOOL_CONFIGURATION])
    theirs["client_id"] = ours["client_id"]
    theirs[TOOL_CONFIGURATION]["deployment_id"] = "2"
    assert ours == theirs
    assert len(ours["client_id"]) == 15


def test_a_new_tool_waits_until_the_admin_says_yes(practice: Practice, sent):
    browser = practice.browser(ADMIN, LEADER)
    number = int(register(practice, sent).json[TOOL_CONFIGURATION]["deployment_id"])
    name = sent["client_name"]
    assert "Pending" in browser.get(f"{TOOLS}/").text
    assert f"Add {name}" not in browser.get(f"/as/{LEADER}/course/5").text
    assert browser.post(f"/as/{LEADER}/course/5/add/{number}").status_code == 404

    browser.post(f"{TOOLS}/{number}/activate")

    assert "Pending" not in browser.get(f"{TOOLS}/").text
    assert f"Add {name}" in browser.get(f"/as/{LEADER}/course/5").text
    assert browser.post(f"/as/{LEADER}/course/5/add/{number}").status_code == 303
    (added,) = practice.state.added_activities(5)
    assert (added.title, added.tool_id) == (name, number)


def test_a_token_for_a_new_tool_works_once(practice: Practice, sent):
    token = new_token(practice.state)
    assert register(practice, sent, token).status_code == 200
    again = register(practice, sent, token)
    assert (again.status_code, again.text) == (401, "token_already_used")
    read = practice.app.test_client().get(ENDPOINT, headers={"Authorization": f"Bearer {token}"})
    assert (read.status_code, read.text) == (401, "token_already_used")
    assert len(practice.state.registered) == 1


def test_of_eight_at_once_one_uses_the_token(practice: Practice, sent):
    token = new_token(practice.state)
    with ThreadPoolExecutor(8) as at_once:
        answers = list(at_once.map(lambda _: register(practice, sent, token).status_code, range(8)))
    assert sorted(answers) == [200] + [401] * 7
    assert len(practice.state.registered) == 1


def test_a_registration_can_be_read_and_changed_and_stays_active(practice: Practice, sent, recorded):
    number = activated(practice, sent)
    before = practice.state.tool(number)
    token = new_token(practice.state, before)
    headers = {"Authorization": f"Bearer {token}"}
    read = practice.app.test_client().get(ENDPOINT, headers=headers).json
    assert list(read) == list(recorded("lti/dynamic_registration.json")["update_get_current"]["json"])
    changed = register(practice, sent | {"client_name": "Another name"}, token)
    assert (changed.status_code, changed.json["client_id"]) == (200, before.client_id)
    after = practice.state.tool(number)
    assert (after.name, after.active) == ("Another name", True)


def test_without_a_token_or_with_a_made_up_one_nothing_is_registered(practice: Practice, sent, recorded):
    real = recorded("lti/dynamic_registration.json")
    missing = register(practice, sent, None)
    expected = real["post_without_token"]
    assert (missing.status_code, missing.content_type, missing.text) == (
        expected["status"],
        expected["content_type"],
        expected["text"],
    )
    garbage = register(practice, sent, "garbage")
    assert garbage.status_code == real["post_with_garbage_token"]["status"]
    assert "Wrong number of segments" in garbage.text
    assert practice.state.registered == {}


def test_an_expired_a_foreign_and_an_unfit_token_are_refused(practice: Practice, sent, sign):
    token = new_token(practice.state)
    practice.state.now = lambda: NOW + 3_600
    assert "Expired token" in register(practice, sent, token).text
    assert "Signature verification failed" in register(practice, sent, sign({"sub": "x", "scope": "reg"})).text
    header = {"alg": "RS256", "kid": practice.state.key.kid}
    for claims, words in (({"scope": "other"}, "Incorrect scope"), ({"scope": "reg-update"}, "Unknown client")):
        unfit = jwt.encode(header, claims | {"sub": "77", "exp": NOW + 9_999}, practice.state.key)
        assert register(practice, sent, unfit).text == words
    fresh = new_token(practice.state)
    assert practice.app.test_client().get(ENDPOINT, headers={"Authorization": f"Bearer {fresh}"}).status_code == 400
    assert register(practice, sent, fresh).status_code == 200


WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"domain": None}, "missing_domain"),
    ({}, {"domain": "example.org"}, "domain_targetlinkuri_mismatch"),
    ({}, {"target_link_uri": "nonsense"}, "domain_targetlinkuri_mismatch"),
    ({"token_endpoint_auth_method": "client_secret_basic"}, {}, "invalid_token_endpoint_auth_method"),
    ({"jwks_uri": None}, {}, "missing required attribute jwks_uri"),
    ({"jwks_uri": "ftp://x/"}, {}, "invalid_jwks_uri"),
    ({"initiate_login_uri": ["x"]}, {}, "invalid_initiate_login_uri"),
    ({"client_name": ""}, {}, "missing required attribute client_name"),
    ({"response_types": ["code"]}, {}, "invalid_response_types"),
    ({"application_type": "native"}, {}, "invalid_application_type"),
    ({"redirect_uris": "http://127.0.0.1:5000/lti/launch"}, {}, "invalid_redirect_uris"),
    ({"redirect_uris": ["javascript:x"]}, {}, "invalid_redirect_uris"),
    ({TOOL_CONFIGURATION: None}, {}, f"missing required attribute {TOOL_CONFIGURATION}"),
]


@pytest.mark.parametrize(("changed", "about", "words"), WRONG)
def test_a_wrong_registration_is_refused_in_plain_words(practice: Practice, sent, changed, about, words: str):
    good = deepcopy(sent)
    sent[TOOL_CONFIGURATION] |= about
    answer = register(practice, sent | changed)
    assert (answer.status_code, answer.text) == (400, words)
    assert practice.state.registered == {}
    assert register(practice, good).status_code == 200


@pytest.mark.parametrize("body", [None, [], "x", 7, {TOOL_CONFIGURATION: []}])
def test_what_is_no_registration_at_all_is_refused(practice: Practice, body: Any):
    assert register(practice, body).text == "missing required attribute response_types"


def test_odd_optional_values_are_left_out(practice: Practice, sent):
    sent |= {"scope": 7, "logo_uri": None}
    sent[TOOL_CONFIGURATION] |= {
        "messages": [7, {"type": "LtiDeepLinkingRequest", "target_link_uri": "nowhere"}, {"no": "type"}],
        "custom_parameters": {"n": 7, "t": "x"},
        "claims": "all",
        "description": {},
    }
    answer = register(practice, sent).json
    about = answer[TOOL_CONFIGURATION]
    assert (answer["scope"], answer["logo_uri"], about["description"]) == ("", "", "")
    assert (about["messages"], about["custom_parameters"]) == ([{"type": "LtiDeepLinkingRequest"}], {"t": "x"})
    sent[TOOL_CONFIGURATION] |= {"messages": {}, "custom_parameters": [], "target_link_uri": None}
    about = register(practice, sent).json[TOOL_CONFIGURATION]
    assert (about["messages"], about["target_link_uri"]) == ([], "https://127.0.0.1:5000")


def test_only_the_admin_manages_tools(practice: Practice, sent):
    browser = practice.browser(LEADER)
    at = f"/as/{LEADER}/admin/tools"
    number = int(register(practice, sent).json[TOOL_CONFIGURATION]["deployment_id"])
    assert browser.get(f"{at}/").status_code == 403
    assert browser.get(f"{at}/start", query_string={"url": URL}).status_code == 403
    assert browser.post(f"{at}/{number}/activate").status_code == 403
    assert not practice.state.tool(number).active
