"""A launch: the login form, the authorisation endpoint and its errors, the claims beside recorded ones."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.claims import LTI
from lms_plc.practice_lms.people import ADMIN, MENTOR
from lms_plc.practice_lms.school_year import staff_ids
from tests.lms_plc.practice_lms.forms import form_of

VELES = 5
LEADER, ASSISTANT, _, TEACHER, *_ = staff_ids("veles")


def answer_of_tool(practice: Practice, login: dict[str, str], **changed: str | None) -> dict[str, str]:
    """The query with which a tool sends the browser to the authorisation endpoint; None drops a field."""
    query: dict[str, str | None] = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": practice.settings.launch_url,
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "state": "S",
        "nonce": "N",
    }
    return {name: value for name, value in (query | changed).items() if value is not None}


def launch(practice: Practice, user_id: int, course_id: int = VELES) -> dict[str, Any]:
    """The verified claims of a launch; the keys are fetched as a tool fetches them."""
    login = practice.launch_form(user_id, course_id)
    fields = practice.authorise(user_id, answer_of_tool(practice, login))
    keys = KeySet.import_key_set(practice.app.test_client().get("/mod/lti/certs.php").json)
    return jwt.decode(fields["id_token"], keys, algorithms=["RS256"]).claims


def test_the_login_form_has_the_recorded_fields(practice: Practice, recorded):
    browser = practice.browser(TEACHER)
    page = browser.get(f"/as/{TEACHER}/mod/lti/launch.php?id=65")
    action, fields = form_of(page.text)
    real = recorded("lti/launch_instructor.json")["form_fields"]
    assert action == "http://localhost:8000/lti/login"
    assert list(fields) == list(real)
    assert fields["login_hint"] == str(TEACHER)
    assert json.loads(fields["lti_message_hint"]).keys() == json.loads(real["lti_message_hint"]).keys()
    assert "<noscript><button>" in page.text


def test_a_launch_through_a_browser_ends_in_a_signed_token_for_the_tool(practice: Practice):
    browser = practice.browser(TEACHER)
    _, login = form_of(browser.get(f"/as/{TEACHER}/mod/lti/launch.php?id=65").text)
    page = browser.get("/mod/lti/auth.php", query_string=answer_of_tool(practice, login))
    action, fields = form_of(page.text)
    assert action == "http://localhost:8000/lti/launch"
    assert list(fields) == ["id_token", "state"]
    keys = KeySet.import_key_set(browser.get("/mod/lti/certs.php").json)
    token = jwt.decode(fields["id_token"], keys, algorithms=["RS256"])
    assert token.header.keys() == {"typ", "alg", "kid"}
    assert (token.claims["sub"], token.claims["nonce"], fields["state"]) == (str(TEACHER), "N", "S")
    assert token.claims["exp"] - token.claims["iat"] == 60


@pytest.mark.parametrize(
    ("user_id", "recording"),
    [
        (LEADER, "launch_instructor"),
        (TEACHER, "launch_student"),
        (ADMIN, "launch_admin"),
        (ASSISTANT, "launch_nonediting_teacher"),
    ],
)
def test_the_claims_have_the_recorded_keys_and_roles(practice: Practice, recorded, user_id: int, recording: str):
    real = recorded(f"lti/{recording}.json")["payload"]
    claims = launch(practice, user_id)
    assert list(claims) == list(real)
    for name, value in real.items():
        assert type(claims[name]) is type(value), name
        if isinstance(value, dict) and name != f"{LTI}custom":
            assert list(claims[name]) == list(value), name
    assert claims[f"{LTI}roles"] == real[f"{LTI}roles"]
    assert list(claims[f"{LTI}custom"])[-4:] == list(real[f"{LTI}custom"])[-4:]


def test_a_copied_course_names_its_original_and_no_link_history(practice: Practice):
    custom = launch(practice, MENTOR, 13)[f"{LTI}custom"]
    assert custom["context_id_history"] == "5"
    assert custom["link_id_history"] == "$ResourceLink.id.history"
    assert launch(practice, MENTOR, VELES)[f"{LTI}custom"]["context_id_history"] == ""


def test_a_launch_tells_the_groups_and_the_language_of_the_person(practice: Practice):
    claims = launch(practice, staff_ids("novisad")[4], 6)
    groups = [g.id for g in practice.state.course_groups(6) if staff_ids("novisad")[4] in g.members]
    assert claims[f"{LTI}custom"]["group_ids"] == ",".join(map(str, groups))
    assert claims[f"{LTI}launch_presentation"]["locale"] == "sr_lt"
    assert claims[f"{LTI}context"]["title"] == "Zajednica učenja nastavnika – Novi Sad"


def test_a_second_column_on_the_link_hides_the_line_item(practice: Practice):
    endpoint = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    assert "lineitem" in launch(practice, LEADER)[endpoint]
    practice.state.add_line_item(course_id=VELES, label="Second", maximum=10, link_id="25")
    assert "lineitem" not in launch(practice, LEADER)[endpoint]


RECORDED_CASES: dict[str, dict[str, str | None]] = {
    "ok": {},
    "missing_nonce": {"nonce": None},
    "missing_state": {"state": None},
    "scope_openid_profile": {"scope": "openid profile"},
    "response_type_code": {"response_type": "code"},
    "response_mode_query": {"response_mode": "query"},
    "prompt_login": {"prompt": "login"},
    "prompt_missing": {"prompt": None},
    "unknown_client_id": {"client_id": "nope"},
    "login_hint_mismatch": {"login_hint": "2"},
    "redirect_uri_not_registered": {"redirect_uri": "http://localhost:8000/evil"},
    "redirect_uri_with_query": {"redirect_uri": "http://localhost:8000/lti/launch?x=1"},
    "message_hint_missing": {"lti_message_hint": None},
}


@pytest.mark.parametrize("case", RECORDED_CASES)
def test_the_authorisation_endpoint_answers_as_recorded(practice: Practice, recorded, case: str):
    real = recorded("lti/auth_errors.json")[case]
    login = practice.launch_form(TEACHER, VELES)
    query = answer_of_tool(practice, login, **RECORDED_CASES[case])
    answer = practice.browser(TEACHER, ADMIN).get("/mod/lti/auth.php", query_string=query)
    assert answer.status_code == real["status"]
    if real["form_fields"] is None:
        assert "Invalid request" in answer.text
        assert practice.settings.launch_url not in answer.text
        return
    action, fields = form_of(answer.text)
    assert action == practice.settings.launch_url
    assert fields.keys() == real["form_fields"].keys()
    assert {k: v for k, v in fields.items() if k != "id_token"} == {
        k: v for k, v in real["form_fields"].items() if k != "id_token"
    }


@pytest.mark.parametrize("hint", ["{}", "[]", "no json", '{"cmid":65,"launchid":"made-up"}'])
def test_a_made_up_message_hint_ends_on_the_error_page(practice: Practice, hint: str):
    login = practice.launch_form(TEACHER, VELES)
    browser = practice.browser(TEACHER)
    query = answer_of_tool(practice, login, lti_message_hint=hint)
    assert browser.get("/mod/lti/auth.php", query_string=query).status_code == 404
    assert browser.get("/mod/lti/auth.php", query_string=answer_of_tool(practice, login)).status_code == 200


def test_a_message_hint_works_once(practice: Practice):
    query = answer_of_tool(practice, practice.launch_form(TEACHER, VELES))
    browser = practice.browser(TEACHER)
    assert "id_token" in browser.get("/mod/lti/auth.php", query_string=query).text
    assert browser.get("/mod/lti/auth.php", query_string=query).status_code == 404


def test_without_a_session_the_page_posts_itself_once_to_get_its_cookie(practice: Practice):
    query = answer_of_tool(practice, practice.launch_form(TEACHER, VELES))
    action, fields = form_of(practice.app.test_client().get("/mod/lti/auth.php", query_string=query).text)
    assert action.startswith("/mod/lti/auth.php?")
    assert dict(parse_qsl(urlsplit(action).query)) == query
    assert fields == {"repost": "true"}
    _, answered = form_of(practice.browser(TEACHER).post(action, data=fields).text)
    assert "id_token" in answered


def test_a_browser_in_which_nobody_signed_in_gets_no_token(practice: Practice):
    query = answer_of_tool(practice, practice.launch_form(TEACHER, VELES))
    page = practice.app.test_client().post(f"/mod/lti/auth.php?{urlencode(query)}", data={"repost": "true"})
    assert form_of(page.text)[1] == {"error": "access_denied", "state": "S"}


def test_two_people_in_one_browser_launch_each_as_themselves(practice: Practice):
    browser = practice.browser(TEACHER, MENTOR)
    first = form_of(browser.get(f"/as/{TEACHER}/mod/lti/launch.php?id=65").text)[1]
    second = form_of(browser.get(f"/as/{MENTOR}/mod/lti/launch.php?id=65").text)[1]
    for user_id, login in ((MENTOR, second), (TEACHER, first)):
        page = browser.get("/mod/lti/auth.php", query_string=answer_of_tool(practice, login))
        token = form_of(page.text)[1]["id_token"]
        assert jwt.decode(token, practice.state.key, algorithms=["RS256"]).claims["sub"] == str(user_id)


def test_one_persons_hint_with_the_other_persons_login_is_denied(practice: Practice):
    browser = practice.browser(TEACHER, MENTOR)
    login = practice.launch_form(TEACHER, VELES)
    query = answer_of_tool(practice, login, login_hint=str(MENTOR))
    assert form_of(browser.get("/mod/lti/auth.php", query_string=query).text)[1]["error"] == "access_denied"


def test_a_suspended_account_gets_no_token(practice: Practice):
    gone = next(p for p in practice.state.people() if p.suspended)
    query = answer_of_tool(practice, practice.launch_form(gone.id, 3))
    assert practice.authorise(gone.id, query) == {"error": "access_denied", "state": "S"}


def test_the_description_has_the_recorded_keys(practice: Practice, recorded):
    real = recorded("lti/openid-configuration.json")["json"]
    answer = practice.app.test_client().get("/mod/lti/openid-configuration.php").json
    assert list(answer) == list(real)
    platform = "https://purl.imsglobal.org/spec/lti-platform-configuration"
    assert answer[platform].keys() == real[platform].keys()
    assert set(answer[platform]["variables"]) <= set(real[platform]["variables"])
    assert answer["authorization_endpoint"] == practice.registration["auth_url"]
    assert answer["token_endpoint"] == practice.registration["token_url"]
    assert answer["jwks_uri"] == practice.registration["jwks_url"]


def test_the_published_key_is_public(practice: Practice):
    (key,) = practice.app.test_client().get("/mod/lti/certs.php").json["keys"]
    assert key.keys() == {"kty", "alg", "kid", "e", "n", "use"}
