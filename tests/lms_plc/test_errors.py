"""Does every error page say what happened and what to do, with a reference the log knows, and keep what was written?"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from lms_plc.logs import write_logs

TOOL = "https://plc.example.org"
REFERENCE = re.compile(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b")


@pytest.fixture
def log(app: Any, capfd: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """``log()``: what was logged since the last call."""
    write_logs("text")
    return lambda: capfd.readouterr().err


@pytest.fixture
def broken(app: Any, circle: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Something of ours fails while a post is being stored."""

    def fall_over(*_: object, **__: object) -> None:
        raise RuntimeError("the words of Canary Person")

    monkeypatch.setattr("lms_plc.discussions.actions.write_post", fall_over)
    return circle


def test_when_we_are_at_fault_the_page_says_so_and_keeps_the_text(broken: Any, log: Callable[[], str]) -> None:
    topic = broken.start(broken.facilitator)
    form = {"body": "A long & careful text", "form_key": "k" * 24}
    page = broken.member.post(f"/topics/{topic}", form)
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert "A long &amp; careful text" in page.text
    assert "RuntimeError" not in page.text
    reference = REFERENCE.search(page.text)
    assert reference is not None
    told = log()
    assert reference[0] in told
    assert "RuntimeError" in told
    assert "fall_over" in told
    assert "Canary" not in told
    assert "careful text" not in told


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "The address leads nowhere"),
        ("GET", "/s/abcdefgh/topics/no-id", 404, "The address leads nowhere"),
        ("DELETE", "/lti/launch", 405, "cannot be opened like that"),
        ("GET", "/s/abcdefgh/new-window", 405, "cannot be opened like that"),
        ("GET", "/s/abcdefgh/", 401, "Please come in through your course"),
    ],
)
def test_pages_that_are_none_say_what_to_do(
    app: Any, lms: Any, method: str, path: str, status: int, words: str, log: Callable[[], str]
) -> None:
    page = app.test_client().open(path, method=method, base_url=TOOL)
    assert page.status_code == status
    assert words in page.text
    reference = REFERENCE.search(page.text)
    assert reference is not None
    assert reference[0] in log()


def test_a_form_too_large_is_refused_kindly(circle: Any) -> None:
    page = circle.member.post("/preview", {"text": "x" * 300_000})
    assert page.status_code == 413
    assert "Please send a shorter text." in page.text


def test_any_other_http_error_is_a_page_too(app: Any) -> None:
    from werkzeug.exceptions import BadRequest

    with app.test_request_context("/", base_url=TOOL):
        app.preprocess_request()
        answer = app.make_response(app.handle_user_exception(BadRequest()))
    assert answer.status_code == 400
    assert "could not be understood" in answer.get_data(as_text=True)


def test_a_refused_form_of_another_site_is_not_shown(circle: Any) -> None:
    topic = circle.start(circle.member)
    form = {"body": "Planted words", "form_key": "k" * 24}
    for headers in (
        {"Origin": "https://evil.example.net", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        page = circle.member.post(f"/topics/{topic}", form, headers=headers)
        assert page.status_code == 403
        assert "Planted words" not in page.text


def test_the_page_is_in_the_language_of_the_person(app: Any, circle: Any) -> None:
    somebody = circle.joined("8", launch_presentation={"locale": "de"})
    assert somebody.get("/nowhere-at-all").status_code == 404
    page = app.test_client().get("/nowhere", base_url=TOOL, headers={"Accept-Language": "mk"})
    assert 'lang="mk"' in page.text
