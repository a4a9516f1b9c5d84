"""Access tokens: asked for once, kept for a while, and never shown."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
import requests
import responses

from lti.http import BoundedHttp
from lti.jose import read_header, read_key_set, verify
from lti.services.errors import BadAnswer, NotGranted, Refused, ServiceError, Unavailable
from lti.services.token import ASSUMED_LIFE, LONGEST_LIFE, AccessTokens
from lti.testing import ToolKeysInMemory
from lti.toolkeys import current_key, public_jwks
from tests.lti.services.conftest import MOODLE, recorded

ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
RECORDED = recorded("token_endpoint.json")


def assertion_of(services, ring):
    form = parse_qs(services.token_calls[-1].body.decode())
    assertion = form["client_assertion"][0]
    kid = read_header(assertion).kid
    return kid, verify(assertion, read_key_set(public_jwks(ring))[kid])


def test_the_platform_is_asked_with_an_assertion_signed_by_our_current_key(tokens, services, platform, ring, clock):
    token = tokens.get(platform, [ROSTER])

    asked = services.token_calls[0]
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    kid, claims = assertion_of(services, ring)
    now = clock().timestamp()
    assert (asked.method, asked.url) == ("POST", platform.token_url)
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert form["scope"] == ROSTER
    assert kid == current_key(ring).kid
    assert (claims["iss"], claims["sub"], claims["aud"]) == (platform.client_id, platform.client_id, platform.token_url)
    assert now - 60 <= claims["iat"] < now < claims["exp"] <= claims["iat"] + 300
    assert (token.value, token.scopes) == ("token-1", {ROSTER})


def test_every_assertion_has_an_id_of_its_own(tokens, services, platform, ring):
    seen = set()
    for number in range(5):
        tokens.get(platform, [ROSTER, f"scope-{number}"])
        seen.add(assertion_of(services, ring)[1]["jti"])
    assert len(seen) == 5


def test_a_platform_that_wants_another_audience_gets_it(services, ring, clock, platform):
    wanted = replace(platform, token_audience="https://lms.example.org/issuer")
    AccessTokens(services, ToolKeysInMemory(ring), clock).get(wanted, [ROSTER])

    assert assertion_of(services, ring)[1]["aud"] == "https://lms.example.org/issuer"


def test_a_ring_without_a_current_key_says_so(services, platform, clock):
    with pytest.raises(LookupError, match="current"):
        AccessTokens(services, ToolKeysInMemory(), clock).get(platform, [ROSTER])


def test_a_token_is_kept_for_the_same_scopes_until_a_minute_before_its_end(tokens, services, platform, clock):
    first = tokens.get(platform, [ROSTER, SCORE])
    clock.forward(seconds=3539)
    assert tokens.get(platform, (SCORE, ROSTER)) == first
    clock.forward(seconds=1)
    assert tokens.get(platform, [ROSTER, SCORE]).value == "token-2"
    assert tokens.get(platform, [ROSTER]).value == "token-3"


def test_a_changed_registration_gets_a_token_of_its_own(tokens, platform):
    tokens.get(platform, [ROSTER])
    assert tokens.get(replace(platform, client_id="another"), [ROSTER]).value == "token-2"


def test_a_forgotten_token_is_not_given_again_and_a_newer_one_stays(tokens, platform):
    first = tokens.get(platform, [ROSTER])
    tokens.forget(platform, [ROSTER], first)
    second = tokens.get(platform, [ROSTER])
    tokens.forget(platform, [ROSTER], first)
    tokens.forget(platform, ["never asked for"], first)

    assert (first.value, second.value) == ("token-1", "token-2")
    assert tokens.get(platform, [ROSTER]) is second


@pytest.mark.parametrize(
    ("said", "life"),
    [
        (60, timedelta(seconds=60)),
        ("3600", timedelta(hours=1)),
        (90.5, timedelta(seconds=90.5)),
        (10**30, LONGEST_LIFE),
        (None, ASSUMED_LIFE),
        (0, ASSUMED_LIFE),
        (-5, ASSUMED_LIFE),
        (True, ASSUMED_LIFE),
        ("soon", ASSUMED_LIFE),
        ([], ASSUMED_LIFE),
    ],
)
def test_a_life_that_is_missing_or_absurd_is_a_short_one(tokens, services, platform, clock, said, life):
    services.token_answer = lambda asked: (200, {}, {"access_token": "a", "expires_in": said})

    assert tokens.get(platform, [ROSTER]).expires_at == clock() + life


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        (None, {ROSTER}),
        (f"{SCORE} {ROSTER}", {ROSTER, SCORE}),
        ([ROSTER, 5], {ROSTER}),
        (7, {ROSTER}),
    ],
)
def test_what_was_granted_is_kept_and_no_word_of_it_means_all(tokens, services, platform, scope, granted):
    services.token_answer = lambda asked: (200, {}, {"access_token": "a", "scope": scope})

    assert tokens.get(platform, [ROSTER]).scopes == granted


@pytest.mark.parametrize(
    "reply",
    [
        (200, {}, {"access_token": "a-token", "scope": SCORE}),
        (200, {}, {"access_token": "a-token", "scope": ""}),
        (400, {}, {"error": "invalid_scope"}),
    ],
)
def test_a_scope_that_was_not_granted_is_named_and_asked_for_again_the_next_time(tokens, services, platform, reply):
    services.token_answer = lambda asked: reply
    for _ in range(2):
        with pytest.raises(NotGranted, match="does not grant .*contextmembership") as caught:
            tokens.get(platform, [ROSTER, SCORE] if reply[0] == 400 else [ROSTER])
        assert ROSTER in caught.value.missing
        assert "a-token" not in str(caught.value)
    assert len(services.token_calls) == 2


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        ((200, {}, b"<html>Please log in</html>"), BadAnswer, "not_json"),
        ((200, {}, b""), BadAnswer, "not_json"),
        ((200, {}, b"[" * 5000), BadAnswer, "not_json"),
        ((200, {}, [1]), BadAnswer, "not_json"),
        ((200, {}, b"\xff\xfe"), BadAnswer, "not_json"),
        ((200, {}, {"access_token": 5}), BadAnswer, "odd_shape"),
        ((200, {}, {"token": "a"}), BadAnswer, "odd_shape"),
        ((200, {}, {"access_token": "a\r\nHost: elsewhere"}), BadAnswer, "odd_shape"),
        ((200, {}, {"access_token": ""}), BadAnswer, "odd_shape"),
        ((200, {}, {"access_token": "a", "token_type": "mac"}), BadAnswer, "odd_shape"),
        ((302, {"Location": "https://elsewhere.example.net"}, b""), BadAnswer, "redirected"),
        ((103, {}, b""), BadAnswer, "odd_status"),
        ((200, {}, {"error": "invalid_client"}), Refused, "token_client_unknown"),
        ((401, {}, {"error": "unauthorized_client"}), Refused, "token_client_unknown"),
        ((404, {}, b"<html>"), Refused, "token_refused"),
        ((499, {}, b"\xff"), Refused, "token_refused"),
        ((400, {}, {"error": ["odd"]}), Refused, "token_refused"),
        ((503, {"Retry-After": "120"}, b""), Unavailable, "broken"),
        ((429, {"Retry-After": "120"}, b""), Unavailable, "busy"),
    ],
)
def test_what_is_no_token_is_a_typed_error_with_advice(tokens, services, platform, reply, kind, code):
    services.token_answer = lambda asked: reply

    with pytest.raises(kind) as caught:
        tokens.get(platform, [ROSTER])

    error = caught.value
    assert (type(error), error.code) == (kind, code)
    assert "%(" not in str(error)
    assert "https://lms.example.org" in str(error)
    if kind is Unavailable:
        assert error.retry_after == 120


def test_a_platform_that_repeats_the_assertion_does_not_get_it_into_our_texts(tokens, services, platform):
    def repeat(asked):
        return 400, {}, {"error": "bad: " + parse_qs(asked.body.decode())["client_assertion"][0]}

    services.token_answer = repeat
    with pytest.raises(Refused) as caught:
        tokens.get(platform, [ROSTER])

    assert (caught.value.reason, repr(caught.value)) == ("Bad Request", "Refused('token_refused')")
    assert "eyJ" not in str(caught.value) + repr(caught.value.values)


def test_a_silent_platform_is_unavailable_and_its_address_is_not_said_twice(tokens, services, platform):
    def silence(asked):
        raise requests.ConnectionError(f"no {platform.token_url}?secret=1")

    services.token_answer = silence
    with pytest.raises(Unavailable, match="gave no answer: ConnectionError") as caught:
        tokens.get(platform, [ROSTER])

    assert (caught.value.code, caught.value.retry_after) == ("silent", None)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_token_is_not_in_its_repr(tokens, platform):
    assert "token-1" not in repr(tokens.get(platform, [ROSTER]))


def eight_at_once(get):
    start, found = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        try:
            found.append(get().value)
        except ServiceError as error:
            found.append(error.code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_eight_threads_at_once_fetch_one_token(tokens, services, platform):
    grant, slowly = services.grant, threading.Event()

    def answer(asked):
        slowly.wait(0.2)
        return grant(asked)

    services.token_answer = answer
    assert eight_at_once(lambda: tokens.get(platform, [ROSTER])) == ["token-1"] * 8
    assert len(services.token_calls) == 1


def test_eight_threads_at_once_share_one_failure_and_the_next_call_tries_again(tokens, services, platform):
    slowly = threading.Event()

    def answer(asked):
        slowly.wait(0.5)
        return 503, {}, b""

    services.token_answer = answer
    assert eight_at_once(lambda: tokens.get(platform, [ROSTER])) == ["broken"] * 8
    assert len(services.token_calls) == 1

    services.token_answer = None
    assert tokens.get(platform, [ROSTER]).value == "token-2"


EXPECTED = {
    "ok_all_scopes": None,
    "ok_one_scope": None,
    "unknown_scope_dropped": "scope_missing",
    "scope_not_permitted": "scope_missing",
    "no_scope_granted": "scope_missing",
    "wrong_key": "token_key",
    "unknown_client": "token_client_unknown",
    "expired_assertion": "token_clock",
    "iat_in_future": "token_clock",
    "iat_5s_in_future": "token_clock",
    "wrong_aud": None,
    "aud_array": None,
    "no_kid": "token_key",
    "unknown_kid": "token_key",
    "iss_differs_from_sub": None,
    "missing_scope": "token_refused",
    "missing_assertion": "token_refused",
    "wrong_grant_type": "token_refused",
    "json_body": "token_refused",
    "same_jti_replayed": None,
}


@pytest.mark.parametrize("case", RECORDED)
def test_every_recorded_answer_of_moodle_is_a_token_or_the_right_error(edge: responses.RequestsMock, ring, clock, case):
    exchange = RECORDED[case]
    body = exchange["text"] if "text" in exchange else json.dumps(exchange["json"])
    edge.post(MOODLE.token_url, status=exchange["status"], headers=exchange["headers"], body=body)
    scopes = exchange.get("request_body", {}).get("scope", ROSTER).split()
    tokens = AccessTokens(BoundedHttp(requests.Session), ToolKeysInMemory(ring), clock)

    code = EXPECTED[case]
    if code is None:
        token = tokens.get(MOODLE, scopes)
        assert token.value == exchange["json"]["access_token"]
        assert token.expires_at == clock() + timedelta(hours=1)
        return
    with pytest.raises(ServiceError) as caught:
        tokens.get(MOODLE, scopes)
    assert caught.value.code == code
    assert "%(" not in str(caught.value)


def test_the_words_of_a_recorded_answer_that_is_no_json_are_kept(edge, ring, clock):
    edge.post(MOODLE.token_url, status=400, body=RECORDED["unknown_kid"]["text"])

    with pytest.raises(Refused) as caught:
        AccessTokens(BoundedHttp(requests.Session), ToolKeysInMemory(ring), clock).get(MOODLE, [ROSTER])

    assert caught.value.reason == '"kid" invalid, unable to lookup correct key'
