"""Reading the pages of the practice LMS, answering them as a tool would, and registering one."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from joserfc import jwt

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import ADMIN
from lms_plc.practice_lms.registration import TOOL_CONFIGURATION, new_token

FORM = re.compile(r'<form action="([^"]*)"')
FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Action and hidden fields of the one form that posts itself."""
    action = FORM.search(page)
    assert action is not None
    return unescape(action[1]), {name: unescape(value) for name, value in FIELD.findall(page)}


def asked(login: dict[str, str], redirect_uri: str = "http://localhost:8000/lti/launch") -> dict[str, str]:
    """The query with which a tool sends the browser on to the authorisation endpoint."""
    return {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": redirect_uri,
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "state": "S",
        "nonce": "N",
    }


def opened(practice: Practice, browser: FlaskClient, path: str, **redirect: str) -> dict[str, Any]:
    """The verified claims of the message that begins at this address of the LMS."""
    _, login = form_of(browser.get(path).text)
    _, fields = form_of(browser.get("/mod/lti/auth.php", query_string=asked(login, **redirect)).text)
    return jwt.decode(fields["id_token"], practice.state.key, algorithms=["RS256"]).claims


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


def register(practice: Practice, body: Any, token: str | None = "new") -> Any:
    """The answer to a registration, with a fresh token unless told otherwise."""
    token = new_token(practice.state) if token == "new" else token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return practice.app.test_client().post("/mod/lti/openid-registration.php", json=body, headers=headers)


def activated(practice: Practice, body: dict[str, Any]) -> int:
    """Registers a tool and says yes to it as the admin; the number of the tool."""
    number = int(register(practice, body).json[TOOL_CONFIGURATION]["deployment_id"])
    practice.browser(ADMIN).post(f"/as/{ADMIN}/admin/tools/{number}/activate")
    return number
