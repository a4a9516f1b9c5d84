"""Does anything get into the log that should not: a token, a name, a state, a nonce, a cookie, somebody's words?"""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog

from lms_plc.logs import write_logs

TOOL, LMS = "https://plc.example.org", "https://moodle.example.org"


@pytest.fixture(autouse=True)
def _text_again() -> Iterator[None]:
    yield
    write_logs("text")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_whole_visit_leaves_no_secret_and_no_name_in_the_log(
    app: Any,
    lms: Any,
    circle: Any,
    log_format: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    write_logs(log_format)
    caplog.set_level(logging.DEBUG)
    client = app.test_client()
    login = client.post("/lti/login", data=lms.platform.login_form(), base_url=TOOL)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(login.location).query).items()}
    claims = lms.claims("1", "5", name="Canary Surname", email="canary@example.org")
    fields = lms.platform.launch_form(login.location, **claims)
    headers = {"Origin": LMS}
    entered = client.post("/lti/launch", data=fields, base_url=TOOL, headers=headers)
    assert entered.status_code == 303
    topic = circle.start(circle.member, "Canary title", "Canary words")
    token = circle.member.token()
    form = {"body": "Canary late words", "form_key": "k" * 24, "csrf_token": "wrong"}
    foreign = circle.member.post(f"/topics/{topic}", form)
    assert foreign.status_code == 403
    replayed = client.post("/lti/launch", data=fields, base_url=TOOL, headers=headers)
    assert replayed.status_code == 403
    spoiled = circle.visitor().launch("3", name="Canary Second", context=None)
    assert spoiled.status_code == 400

    cookie = client.get_cookie("__Host-plc_browser", domain="plc.example.org").value
    said = capfd.readouterr()
    log = said.err + said.out + caplog.text
    for secret in (asked["state"], asked["nonce"], fields["id_token"], cookie, token, "canary"):
        assert secret.lower() not in log.lower()
    for page in (foreign, replayed, spoiled):
        reference = re.search(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b", page.text)
        assert reference is not None
        assert reference[0] in log
    for code in ("state_unknown", "course_missing", "ForeignForm", LMS, "plc-client"):
        assert code in log
    if log_format == "json":
        assert all(json.loads(line)["timestamp"] for line in said.err.splitlines())


def test_a_field_with_a_telling_name_is_left_out(capfd: pytest.CaptureFixture[str]) -> None:
    write_logs("json")
    structlog.get_logger("x").warning("slip", token="canary", name="canary", said="this")
    line = json.loads(capfd.readouterr().err)
    assert (line["token"], line["name"], line["said"], line["level"]) == ("(left out)", "(left out)", "this", "warning")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_an_error_is_told_by_its_kinds_and_places_without_its_text(
    log_format: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write_logs(log_format)

    def inner() -> None:
        raise KeyError("canary")

    def outer() -> None:
        try:
            inner()
        except KeyError as cause:
            raise ValueError("canary too") from cause

    with pytest.raises(ValueError, match="canary too") as caught:
        outer()
    structlog.get_logger("x").error("broke", exc_info=caught.value)
    structlog.get_logger("x").error("broke quietly", exc_info=None)
    log = capfd.readouterr().err
    for told in ("builtins.ValueError", "builtins.KeyError", "outer", "inner", "test_logs.py", "broke quietly"):
        assert told in log
    assert "canary" not in log
