"""Notices to a tool: how it asks for them, what it is sent, and that nothing depends on its answer."""

import json
from typing import Any

import pytest
import requests
import responses
from joserfc import jwt
from joserfc.jwk import KeySet

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import ADMIN
from lms_plc.practice_lms.school_year import staff_ids
from lms_plc.practice_lms.scopes import NOTICE_SCOPE, NRPS_SCOPE
from tests.lms_plc.practice_lms.forms import opened

VELES = 5
TEACHER = staff_ids("veles")[3]
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
NOTICES_CLAIM = f"{LTI}platformnotificationservice"
LAUNCH = f"/as/{TEACHER}/mod/lti/launch.php?id=65"
SERVICES = "http://127.0.0.1:8001/mod/lti/services.php"
HANDLER = "http://localhost:8000/lti/notices"


def launch(practice: Practice) -> dict[str, Any]:
    return opened(practice, practice.browser(TEACHER), LAUNCH)


def put(tool: Any, headers: dict[str, str], body: Any) -> Any:
    answer = tool.client.put("/mod/lti/services.php/tool/1/noticehandlers", json=body, headers=headers)
    answer.close()
    return answer


def verified(practice: Practice, call: responses.Call) -> dict[str, Any]:
    """The claims of the one notice in a delivery, checked against the published keys."""
    (notice,) = json.loads(call.request.body)["notices"]
    assert list(notice) == ["jwt"]
    keys = KeySet.import_key_set(practice.app.test_client().get("/mod/lti/certs.php").json)
    return jwt.decode(notice["jwt"], keys, algorithms=["RS256"]).claims


def test_without_the_switch_there_is_no_notice_service(practice: Practice, tool):
    assert NOTICES_CLAIM not in launch(practice)
    assert json.loads(tool.ask_token(NOTICE_SCOPE).text) == {"error": "invalid_scope"}
    practice.turn("notices", on=True)
    headers = tool.bearer(NOTICE_SCOPE)
    practice.turn("notices", on=False)
    assert put(tool, headers, {"notice_type": "LtiHelloWorldNotice", "handler": HANDLER}).status_code == 400
    assert practice.state.handlers == {}


def test_a_launch_names_the_notice_service(practice: Practice):
    practice.turn("notices", on=True)
    assert launch(practice)[NOTICES_CLAIM] == {
        "platform_notification_service_url": f"{SERVICES}/tool/1/noticehandlers",
        "service_versions": ["1.0"],
        "scope": [NOTICE_SCOPE],
        "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
    }
    description = practice.app.test_client().get("/mod/lti/openid-configuration.php").json
    assert NOTICE_SCOPE in description["scopes_supported"]


def test_who_subscribes_is_greeted_once_they_have_their_answer(practice: Practice, tool, tool_keys):
    practice.turn("notices", on=True)
    tool_keys.post(HANDLER, status=200)
    headers = tool.bearer(NOTICE_SCOPE)
    wanted = {"notice_type": "LtiHelloWorldNotice", "handler": HANDLER}
    assert put(tool, headers, wanted).json == wanted
    claims = verified(practice, tool_keys.calls[-1])
    assert claims[f"{LTI}notice"]["type"] == "LtiHelloWorldNotice"
    assert claims[f"{LTI}notice"]["timestamp"] == "2026-11-22T04:54:24Z"
    assert (claims["iss"], claims["aud"], claims[f"{LTI}deployment_id"]) == (
        practice.settings.base_url,
        "practice-communities",
        "1",
    )
    shown = tool.client.get("/mod/lti/services.php/tool/1/noticehandlers", headers=headers).json
    assert shown == {
        "client_id": "practice-communities",
        "deployment_id": "1",
        "notice_handlers": [
            {"notice_type": "LtiHelloWorldNotice", "handler": HANDLER},
            {"notice_type": "LtiContextCopyNotice", "handler": ""},
        ],
    }
    put(tool, headers, wanted | {"handler": ""})
    assert practice.state.handlers == {}
    assert len([call for call in tool_keys.calls if call.request.url == HANDLER]) == 1


def test_a_copied_course_is_announced_to_who_asked(practice: Practice, tool, tool_keys):
    practice.turn("notices", on=True)
    tool_keys.post(HANDLER, status=202)
    practice.copy_course(VELES)
    put(tool, tool.bearer(NOTICE_SCOPE), {"notice_type": "LtiContextCopyNotice", "handler": HANDLER})
    browser = practice.browser(ADMIN)
    browser.post(f"/as/{ADMIN}/admin/course/{VELES}/copy")
    made = practice.state.courses[max(practice.state.courses)]
    claims = verified(practice, tool_keys.calls[-1])
    assert claims[f"{LTI}context"]["id"] == str(made.id)
    assert claims[f"{LTI}origin_contexts"] == [str(VELES)]
    assert "sub" not in claims
    page = browser.get(f"/as/{ADMIN}/admin/").text
    assert "Notices sent" in page
    assert "status 202" in page
    assert len([call for call in tool_keys.calls if call.request.url == HANDLER]) == 1


def test_a_tool_that_does_not_answer_stops_nothing(practice: Practice, tool, tool_keys):
    practice.turn("notices", on=True)
    tool_keys.post(HANDLER, body=requests.ConnectionError("refused"))
    put(tool, tool.bearer(NOTICE_SCOPE), {"notice_type": "LtiContextCopyNotice", "handler": HANDLER})
    assert practice.copy_course(VELES).original == VELES
    assert "no answer" in practice.browser(ADMIN).get(f"/as/{ADMIN}/admin/").text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"notice_type": "LtiOther", "handler": HANDLER}, "Unknown notice type"),
        ({"notice_type": "LtiHelloWorldNotice"}, "A handler and a notice type are needed"),
        ([], "A handler and a notice type are needed"),
        (
            {"notice_type": "LtiHelloWorldNotice", "handler": "http://127.0.0.1:9/x"},
            "The handler must be an address on the domain of the tool",
        ),
    ],
)
def test_a_wrong_subscription_is_refused_with_its_reason(practice: Practice, tool, body: Any, reason: str):
    practice.turn("notices", on=True)
    headers = tool.bearer(NOTICE_SCOPE)
    assert put(tool, headers, body).status == f"400 {reason}"
    assert practice.state.handlers == {}
    assert put(tool, headers, {"notice_type": "LtiContextCopyNotice", "handler": HANDLER}).status_code == 200


def test_notices_need_the_right_scope_and_the_tools_own_address(practice: Practice, tool):
    practice.turn("notices", on=True)
    at = "/mod/lti/services.php/tool/{}/noticehandlers"
    assert tool.client.get(at.format(1)).status_code == 401
    assert tool.client.get(at.format(1), headers=tool.bearer(NRPS_SCOPE)).status_code == 401
    headers = tool.bearer(NOTICE_SCOPE)
    assert tool.client.get(at.format(2), headers=headers).status_code == 401
    assert put(tool, {}, {"notice_type": "LtiContextCopyNotice", "handler": HANDLER}).status_code == 401
    assert tool.client.get(at.format(1), headers=headers).status_code == 200
