"""How is each finding judged? Values in, lines out; nothing is called."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lms_plc.admin.checks import Line, Outside, State, judge, look_outside
from lms_plc.admin.queries import DeploymentLine, RegistrationSeen, Traces
from lms_plc.sites.registration import CUSTOM_PARAMETERS, RARE_SCOPES, SCOPES
from lti.services import grades, memberships
from lti.testing import PlatformInMemory

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LMS = "https://moodle.example.org"
APPROVED = DeploymentLine(UUID(int=2), "1", NOW, NOW)
WAITING = DeploymentLine(UUID(int=3), "2", NOW, None)
SEEN = RegistrationSeen(
    id=UUID(int=1),
    site_id=UUID(int=9),
    site_name="School",
    issuer=LMS,
    client_id="c",
    auth_url=f"{LMS}/auth",
    token_url=f"{LMS}/token",
    jwks_url=f"{LMS}/keys",
    token_audience=None,
    family="moodle",
    registered_by="link",
    granted=list(SCOPES),
    custom=dict(CUSTOM_PARAMETERS),
    proved_at=NOW,
    deployments=[APPROVED],
)
TRACES = Traces(
    persons=10, nameless=0, courses=2, with_memberships=2, with_line_items=1, with_groups=1, scopes=frozenset()
)
OUTSIDE = Outside(2, "", timedelta(seconds=3))


def lines(
    seen: RegistrationSeen = SEEN, traces: Traces = TRACES, outside: Outside = OUTSIDE, allow_http: bool = False
) -> dict[str, Line]:
    return {line.asked: line for line in judge(seen, traces, outside, allow_http=allow_http)}


def the(question: str, **given: Any) -> Line:
    [line] = [line for asked, line in lines(**given).items() if question in asked]
    return line


def test_a_registration_that_is_well_has_nothing_to_do() -> None:
    assert {line.state for line in lines().values()} == {State.OK}
    assert len(lines()) == 10
    assert not any(line.todo for line in lines().values())


def test_every_line_that_is_not_well_says_what_to_do() -> None:
    worst = replace(
        SEEN,
        issuer="http://other.example.org",
        custom={},
        granted=[],
        deployments=[WAITING],
    )
    traces = replace(TRACES, nameless=10, with_memberships=0, with_line_items=0, with_groups=0)
    found = lines(worst, traces, Outside(None, "NoAnswer", None))
    assert {asked for asked, line in found.items() if line.state is State.OK} == {"Has somebody come in this way?"}
    assert all(line.todo for line in found.values() if line.state is not State.OK)


@pytest.mark.parametrize(("allow_http", "state"), [(False, State.WRONG), (True, State.LOOK)])
def test_plain_http_is_wrong_unless_it_is_a_trial(allow_http: bool, state: State) -> None:
    seen = replace(SEEN, token_url="http://moodle.example.org/token")
    assert the("safe", seen=seen, allow_http=allow_http).state is state


def test_a_sign_in_at_another_host_is_looked_at() -> None:
    line = the("belong together", seen=replace(SEEN, auth_url="https://sso.example.org/auth"))
    assert line.state is State.LOOK
    assert "sso.example.org" in line.seen


@pytest.mark.parametrize(
    ("deployments", "state", "words"),
    [
        ([], State.LOOK, "No deployment is known"),
        ([WAITING], State.WRONG, "1 deployment waits"),
        ([WAITING, APPROVED], State.LOOK, "1 deployment waits"),
        ([APPROVED], State.OK, "1 is approved"),
    ],
)
def test_deployments_wait_or_are_approved(deployments: list[DeploymentLine], state: State, words: str) -> None:
    line = the("deployment", seen=replace(SEEN, deployments=deployments))
    assert (line.state, words in line.seen) == (state, True)


def test_before_the_first_launch_nothing_is_asked_that_only_launches_tell() -> None:
    found = lines(replace(SEEN, proved_at=None))
    assert found["Has somebody come in this way?"].state is State.LOOK
    assert "Does it share names?" not in found
    assert "Do its launches name its services?" not in found


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (timedelta(0), State.OK, "1 second"),
        (timedelta(seconds=-20), State.OK, "20 seconds"),
        (timedelta(seconds=21), State.WRONG, "ahead of ours: 21 seconds"),
        (timedelta(hours=-1), State.WRONG, "behind ours: 1 hour"),
        (None, State.LOOK, "does not say"),
    ],
)
def test_clocks_may_differ_by_twenty_seconds(ahead: timedelta | None, state: State, words: str) -> None:
    line = the("clocks", outside=Outside(2, "", ahead))
    assert (line.state, words in line.seen) == (state, True)


def test_custom_parameters_are_compared_with_what_the_platform_took() -> None:
    rare = {name: value for name, value in CUSTOM_PARAMETERS.items() if name != "resource_link_id_history"}
    assert the("custom", seen=replace(SEEN, custom=rare)).state is State.OK
    cut = {**CUSTOM_PARAMETERS, "context_id_history": "$Context"}
    line = the("custom", seen=replace(SEEN, custom=cut))
    assert (line.state, "context_id_history" in line.seen) == (State.LOOK, True)
    assert "a copied course is known as a copy" in line.todo
    assert the("custom", seen=replace(SEEN, registered_by="hand", custom={})).state is State.LOOK


def test_scopes_are_compared_with_what_the_platform_granted() -> None:
    rare = [scope for scope in SCOPES if scope not in RARE_SCOPES]
    assert the("services be used", seen=replace(SEEN, granted=rare)).state is State.OK
    line = the("services be used", seen=replace(SEEN, granted=[grades.SCOPE_SCORE]))
    assert (line.state, "reading who is in a course" in line.seen) == (State.LOOK, True)
    assert the("services be used", seen=replace(SEEN, granted=[])).state is State.WRONG


def test_by_hand_the_launches_say_which_scopes_there_are() -> None:
    by_hand = replace(SEEN, registered_by="hand", granted=[])
    assert the("services be used", seen=by_hand, traces=replace(TRACES, with_memberships=0)).state is State.LOOK
    ags = frozenset(scope for scope in SCOPES if scope not in RARE_SCOPES | {memberships.SCOPE})
    line = the("services be used", seen=by_hand, traces=replace(TRACES, scopes=ags))
    assert line.state is State.OK


@pytest.mark.parametrize(
    ("nameless", "state", "words"),
    [(0, State.OK, "Everybody"), (1, State.LOOK, "1 %"), (400, State.LOOK, "40 %"), (500, State.WRONG, "50 %")],
)
def test_names_are_counted(nameless: int, state: State, words: str) -> None:
    line = the("share names", traces=replace(TRACES, persons=1000, nameless=nameless))
    assert (line.state, words in line.seen) == (state, True)


def test_services_that_launches_name() -> None:
    assert the("name its services").seen == "In 2 courses: who is in the course, the grade book, and groups"
    assert the("name its services", traces=replace(TRACES, courses=0)).state is State.LOOK
    without = replace(TRACES, with_memberships=0)
    assert the("name its services", traces=without).state is State.LOOK


class TestLookingOutside:
    class Answers:
        def __init__(self, body: bytes | OSError, date: str | None | OSError = None) -> None:
            self.body, self.date = body, date

        def __call__(self, url: str) -> bytes:
            if isinstance(self.body, OSError):
                raise self.body
            return self.body

        def date_of(self, url: str) -> str | None:
            if isinstance(self.date, OSError):
                raise self.date
            return self.date

    @pytest.fixture
    def keys(self) -> bytes:
        import json

        platform = PlatformInMemory(issuer=LMS, client_id="c", tool_url="https://plc.example.org", clock=lambda: NOW)
        return json.dumps(platform.fetch(platform.registration.jwks_url)).encode()

    def test_keys_are_counted_and_the_clock_is_read(self, keys: bytes) -> None:
        fetch = self.Answers(keys, "Sun, 22 Nov 2026 09:00:30 GMT")
        assert look_outside(SEEN, fetch, lambda: NOW) == Outside(1, "", timedelta(seconds=30))

    @pytest.mark.parametrize("date", [None, "", "yesterday", OSError("gone")])
    def test_a_clock_that_says_nothing_is_no_failure(self, keys: bytes, date: Any) -> None:
        assert look_outside(SEEN, self.Answers(keys, date), lambda: NOW) == Outside(1, "", None)

    def test_a_date_without_a_zone_is_utc(self, keys: bytes) -> None:
        fetch = self.Answers(keys, "Sun, 22 Nov 2026 09:00:30 -0000")
        assert look_outside(SEEN, fetch, lambda: NOW).ahead == timedelta(seconds=30)

    @pytest.mark.parametrize(
        ("body", "failure"),
        [(OSError("x"), "OSError"), (b"<html>", "KeySetMalformed"), (b'{"keys": []}', "KeySetMalformed")],
    )
    def test_a_key_set_that_cannot_be_used_is_named(self, body: Any, failure: str) -> None:
        assert look_outside(SEEN, self.Answers(body), lambda: NOW) == Outside(None, failure, None)
