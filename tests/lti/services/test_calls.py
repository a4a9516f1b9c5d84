"""One call to a service: with a token that is renewed once, over a safe way, with patience but not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from lti.http import AnswerTooLarge, NoAnswer
from lti.services.calls import Caller, Patience
from lti.services.errors import BadAnswer, NotGranted, Refused, ServiceError, Unavailable
from tests.lti.services.conftest import HASTY

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
URL = "https://lms.example.org/services/members?secret=1"


def get(caller, platform, url=URL, method="GET"):
    return caller.call(platform, [SCOPE], method, url, accept="application/x-list")


def test_a_call_carries_its_token_its_type_and_its_body(caller, services, platform):
    answer = caller.call(
        platform, [SCOPE], "POST", URL, accept="application/x-a", body=b"said", content_type="application/x-b"
    )

    asked = services.calls[0]
    assert answer.status == 200
    assert (asked.method, asked.url, asked.body) == ("POST", URL, b"said")
    assert asked.headers == {
        "Authorization": "Bearer token-1",
        "Accept": "application/x-a",
        "Content-Type": "application/x-b",
    }


def test_a_token_that_is_not_taken_is_renewed_once(caller, services, platform):
    services.answer = lambda asked: (401 if asked.headers["Authorization"] == "Bearer token-1" else 200, {}, {})

    assert get(caller, platform).status == 200
    assert [asked.headers["Authorization"] for asked in services.calls] == ["Bearer token-1", "Bearer token-2"]
    get(caller, platform)
    assert len(services.token_calls) == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_is_not_renewed_a_second_time(caller, services, platform, method):
    services.answers((401, {}, {"reason": "names and secrets"}))

    with pytest.raises(Refused, match="not even a new one") as caught:
        get(caller, platform, method=method)

    assert (caught.value.code, caught.value.status, caught.value.reason) == ("unauthorized", 401, "Unauthorized")
    assert (len(services.calls), len(services.token_calls)) == (2, 2)


def test_a_token_is_renewed_once_in_all_tries_together(caller, services, platform):
    services.answers((401, {}, {}), (503, {}, {}), (401, {}, {}), (200, {}, {}))

    with pytest.raises(Refused):
        get(caller, platform)
    assert (len(services.calls), len(services.token_calls)) == (3, 2)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "trouble", [(500, {}, b""), (503, {}, b""), (408, {}, b""), (429, {"Retry-After": "0"}, b""), NoAnswer("silence")]
)
def test_what_may_be_asked_twice_is_asked_again_when_the_platform_was_away(caller, services, platform, method, trouble):
    services.answers(trouble, (200, {}, {}))

    assert get(caller, platform, method=method).status == 200
    assert len(services.calls) == 2


@pytest.mark.parametrize("trouble", [(503, {}, b""), NoAnswer("silence")])
def test_a_post_is_sent_once(caller, services, platform, trouble):
    services.answers(trouble)

    with pytest.raises(Unavailable):
        get(caller, platform, method="POST")
    assert len(services.calls) == 1


def test_a_token_endpoint_that_was_away_is_asked_again_too(caller, services, platform):
    grant, replies = services.grant, [(503, {}, b"")]
    services.token_answer = lambda asked: replies.pop() if replies else grant(asked)

    assert get(caller, platform).status == 200


def test_tries_come_to_an_end(caller, services, platform):
    services.answers((502, {}, b""))

    with pytest.raises(Unavailable, match="not working at the moment \\(HTTP 502\\)"):
        get(caller, platform)
    assert len(services.calls) == HASTY.tries


def test_no_try_begins_after_the_deadline(services, tokens, platform):
    seconds = iter(range(0, 1000, 4))
    patience = Patience(total_seconds=10, tries=50, first_wait_seconds=0.01, longest_wait_seconds=0.02)
    services.answers((503, {}, b""))

    with pytest.raises(Unavailable):
        get(Caller(services, tokens, patience=patience, clock=lambda: float(next(seconds))), platform)
    assert len(services.calls) == 3


@pytest.mark.parametrize(("said", "seconds"), [("6", 6), ("3600", 3600), ("999999999", 999_999_999)])
def test_a_platform_that_wants_more_time_than_there_is_is_not_asked_again(caller, services, platform, said, seconds):
    services.answers((429, {"Retry-After": said}, b""))

    with pytest.raises(Unavailable, match="come back later") as caught:
        get(caller, platform)

    assert (len(services.calls), caught.value.code) == (1, "busy")
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000"])
def test_a_date_to_come_back_counts_from_now_without_a_date_of_the_platform(caller, services, platform, zone):
    until = (datetime.now(UTC) + timedelta(hours=2)).strftime("%a, %d %b %Y %H:%M:%S")
    services.answers((503, {"Retry-After": f"{until} {zone}"}, b""))

    with pytest.raises(Unavailable) as caught:
        get(caller, platform)
    assert caught.value.retry_after == pytest.approx(7200, abs=60)


def test_a_date_to_come_back_counts_from_the_platforms_own_clock(caller, services, platform):
    headers = {"Retry-After": "Wed, 21 Oct 2015 08:28:00 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    services.answers((503, headers, b""))

    with pytest.raises(Unavailable) as caught:
        get(caller, platform)
    assert caught.value.retry_after == 3600


@pytest.mark.parametrize("said", ["soon", "-5", "9" * 400, "Wed, 99 Oct 2015 07:28:00 GMT"])
def test_an_odd_time_to_come_back_counts_as_none(caller, services, platform, said):
    services.answers((503, {"Retry-After": said}, b""))

    with pytest.raises(Unavailable) as caught:
        get(caller, platform)
    assert caught.value.retry_after is None


def test_a_date_in_the_past_means_now(caller, services, platform):
    services.answers((503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, b""), (200, {}, {}))

    assert get(caller, platform).status == 200


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        ((400, {}, b""), Refused, "refused"),
        ((403, {}, b""), Refused, "forbidden"),
        ((404, {}, b""), Refused, "gone"),
        ((410, {}, b""), Refused, "gone"),
        ((499, {}, b""), Refused, "refused"),
        ((301, {"Location": "https://elsewhere.example.net"}, b""), BadAnswer, "redirected"),
        ((199, {}, b""), BadAnswer, "odd_status"),
        ((600, {}, b""), BadAnswer, "odd_status"),
        (AnswerTooLarge("the answer is too large"), BadAnswer, "too_large"),
    ],
)
def test_everything_else_is_said_at_once(caller, services, platform, reply, kind, code):
    services.answers(reply)

    with pytest.raises(ServiceError) as caught:
        get(caller, platform)

    assert (type(caught.value), caught.value.code, len(services.calls)) == (kind, code, 1)
    assert "%(" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_no_error_holds_the_token_the_address_or_the_answer(caller, services, platform):
    services.answers(requests.ConnectionError(f"{URL} Bearer token-1"))

    with pytest.raises(Unavailable) as caught:
        get(caller, platform)

    assert caught.value.values == {"host": "https://lms.example.org", "failure": "ConnectionError"}
    assert caught.value.__context__ is None


def test_a_missing_grant_stops_the_call_before_it_is_made(caller, services, platform):
    services.token_answer = lambda asked: (200, {}, {"access_token": "a", "scope": "other"})

    with pytest.raises(NotGranted):
        get(caller, platform)
    assert services.calls == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://lms.example.org/members", "unprotected"),
        ("ftp://lms.example.org/members", "bad_address"),
        ("/members", "bad_address"),
        ("https://[", "bad_address"),
        ("https://someone:word@lms.example.org/", "bad_address"),
        ("https://lms.example.org/a b", "bad_address"),
    ],
)
def test_a_token_takes_no_weaker_way_than_it_came_by(caller, services, platform, url, code):
    with pytest.raises(BadAnswer) as caught:
        get(caller, platform, url)

    assert caught.value.code == code
    assert services.token_calls == services.calls == []


def test_a_platform_without_tls_may_have_services_without_it(services, caller, platform):
    plain = replace(platform, token_url="http://lms.example.org/token")
    services.platform = plain

    assert get(caller, plain, "http://lms.example.org/members").status == 200
    assert get(caller, plain, URL).status == 200
