"""Launches and errors as Moodle 4.5 really sent them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lti.browser import digest
from lti.claims import LTI, MESSAGES
from lti.keysets import KeySets
from lti.launch import Launch, LaunchRules, read_launch
from lti.login import Login, ToolAddress
from lti.platforms import Platform
from lti.refusals import Refusal
from lti.testing import LoginsInMemory, PlatformsInMemory

RECORDINGS = Path(__file__).parents[1] / "recordings" / "moodle" / "lti"
LAUNCHES = sorted(path.relative_to(RECORDINGS).as_posix() for path in RECORDINGS.glob("*/*.json"))
MOODLE = Platform(
    id="moodle",
    issuer="http://127.0.0.1:8080",
    client_id="plclabclient01",
    auth_url="http://127.0.0.1:8080/mod/lti/auth.php",
    token_url="http://127.0.0.1:8080/mod/lti/token.php",
    jwks_url="http://127.0.0.1:8080/mod/lti/certs.php",
    name="Moodle 4.5",
)
MARK = "M" * 43


def recording(name: str) -> dict:
    return json.loads((RECORDINGS / name).read_text(encoding="utf-8"))


def relaunch(recorded: dict, *, seconds_later: float = 0, nonce: str | None = None) -> Launch:
    """The recorded launch at the second it was made, for a login with its own state and nonce."""
    claims = recorded["payload"]
    now = datetime.fromtimestamp(claims["iat"], UTC) + timedelta(seconds=seconds_later)
    state = next(step["state"] for step in recorded["steps"] if "state" in step)
    logins = LoginsInMemory()
    logins.put(
        Login(
            state_digest=digest(state),
            nonce_digest=digest(nonce or claims["nonce"]),
            mark_digest=digest(MARK),
            platform_id=MOODLE.id,
            target_link_uri="http://127.0.0.1:5000/lti/launch",
            expires_at=now + timedelta(minutes=10),
        )
    )
    return read_launch(
        {"id_token": recorded["id_token_raw"], "state": state},
        platforms=PlatformsInMemory(MOODLE),
        logins=logins,
        key_sets=KeySets(lambda url: json.dumps(recording("certs.json")["json"]).encode(), lambda: now),
        tool=ToolAddress("http://127.0.0.1:5000"),
        rules=LaunchRules(messages=frozenset(MESSAGES)),
        clock=lambda: now,
        mark=MARK,
    )


def test_there_are_recordings_of_fourteen_launches():
    assert len(LAUNCHES) == 14


@pytest.mark.parametrize("name", LAUNCHES)
def test_a_recorded_launch_verifies_and_says_what_moodle_said(name):
    recorded = recording(name)
    claims = recorded["payload"]

    launch = relaunch(recorded)

    assert launch.subject == claims["sub"]
    assert launch.message.message_type == claims[LTI + "message_type"]
    assert launch.context.id == claims[LTI + "context"]["id"]
    assert launch.context.title == claims[LTI + "context"]["title"]
    assert [role.uri for role in launch.roles] == claims[LTI + "roles"]
    assert (launch.name, launch.given_name) == (claims.get("name"), claims.get("given_name"))
    assert (launch.family_name, launch.email) == (claims.get("family_name"), claims.get("email"))
    assert launch.target_link_uri == claims[LTI + "target_link_uri"]
    assert launch.locale == claims[LTI + "launch_presentation"]["locale"]
    assert launch.return_url == claims[LTI + "launch_presentation"].get("return_url")
    assert dict(launch.custom) == {k: v for k, v in claims[LTI + "custom"].items() if v is not None}


@pytest.mark.parametrize("name", LAUNCHES)
def test_a_recorded_launch_is_refused_for_another_login_and_when_it_is_late(name):
    with pytest.raises(Refusal) as other_login:
        relaunch(recording(name), nonce="another")
    with pytest.raises(Refusal) as late:
        relaunch(recording(name), seconds_later=121)

    assert (other_login.value.code, late.value.code) == ("nonce_differs", "token_expired")


@pytest.mark.parametrize(
    ("name", "subject", "course", "full_name", "roles"),
    [
        (
            "launch/launch_instructor.json",
            "5",
            "5",
            "Гүлнар Әбдірахманова",
            {("context", "Instructor")},
        ),
        ("launch/launch_student.json", "8", "5", "İpek Yıldız", {("context", "Learner")}),
        ("launch/launch_big_course_student.json", "8", "14", "İpek Yıldız", {("context", "Learner")}),
        (
            "launch/launch_admin.json",
            "2",
            "5",
            "Admin User",
            {("context", "Instructor"), ("institution", "Administrator"), ("system", "Administrator")},
        ),
        (
            "launch/launch_nonediting_teacher.json",
            "7",
            "5",
            "Ömer Faruk Çağlayan",
            {("context", "Instructor")},
        ),
    ],
)
def test_recorded_people_come_with_their_course_name_and_roles(name, subject, course, full_name, roles):
    launch = relaunch(recording(name))

    assert (launch.subject, launch.context.id, launch.name) == (subject, course, full_name)
    assert {(role.scope, role.name) for role in launch.roles} == roles


def test_a_recorded_submission_review_names_the_learner():
    launch = relaunch(recording("launch/submission_review.json"))

    assert (launch.subject, launch.message.for_user.user_id) == ("5", "8")


def test_a_recorded_deep_linking_request_says_where_the_choice_goes():
    settings = relaunch(recording("deeplink/deeplink_instructor.json")).message.settings

    assert settings.accept_types == ("ltiResourceLink",)
    assert settings.accept_multiple is True
    assert settings.deep_link_return_url.startswith("http://127.0.0.1:8080/mod/lti/contentitem_return.php?")
    assert (settings.title, settings.text) == ("My title", "Some text")


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("unknown_client_id", "platform_unauthorized_client"),
        ("login_hint_mismatch", "platform_access_denied"),
        ("response_mode_query", "platform_invalid_request"),
        ("prompt_login", "platform_invalid_request"),
    ],
)
def test_errors_moodle_posts_are_told_apart(house, case, code):
    posted = recording("auth_errors.json")[case]["form_fields"]

    with pytest.raises(Refusal) as caught:
        house.launch(posted)

    assert caught.value.code == code
