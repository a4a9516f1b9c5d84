"""Whatever comes in: never a server error, never an entry, and a good launch afterwards."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti.claims import LTI
from lti.testing import TOOL_URL, Spoiled

FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FIELDS = st.sampled_from(
    [
        "iss",
        "login_hint",
        "target_link_uri",
        "client_id",
        "lti_message_hint",
        "id_token",
        "state",
        "error",
        "ticket",
    ]
)
ODD = st.sampled_from(
    [
        b"",
        b"\0",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"%00",
        b"A" * 9_000,
        b"..",
        b"a.b.c",
        b"null",
        b"{}",
        b"'\"<>",
    ]
)
VALUES = ODD | st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8"))
TYPES = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/json",
        "text/plain",
        "",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**320)
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
CLAIMS = st.sampled_from(
    ["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "sub"]
    + [LTI + name for name in ("deployment_id", "target_link_uri", "roles", "version", "message_type")]
    + [LTI + name for name in ("resource_link", "context", "custom", "ext", "launch_presentation", "lis")]
    + ["name", "email", "locale"]
)


def encoded(fields: list[tuple[str, bytes]]) -> bytes:
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in fields).encode()


def a_good_launch_enters(host, lms) -> bool:
    browser = host.browser()
    redirect = browser.post("/lti/login", data=lms.login_form(), base_url=TOOL_URL).headers["Location"]
    response = browser.post("/lti/launch", data=lms.launch_form(redirect), base_url=TOOL_URL)
    return response.json == {"entered": {"person": "person-5"}}


@pytest.mark.parametrize("path", ["/lti/login", "/lti/launch"])
@FUZZ
@given(
    fields=st.lists(st.tuples(FIELDS, VALUES), max_size=6),
    content_type=TYPES,
    headers=st.fixed_dictionaries(
        {},
        optional={
            "Origin": st.sampled_from([TOOL_URL, "null", "https://[", "x" * 99]),
            "Cookie": st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30).map(
                "__Host-plc_browser=".__add__
            ),
        },
    ),
)
def test_no_form_makes_an_error_or_an_entry(host, path, fields, content_type, headers):
    response = host.browser().post(
        path, data=encoded(fields), content_type=content_type, headers=headers, base_url=TOOL_URL
    )

    assert 400 <= response.status_code < 500
    assert host.refusals[-1][0].code == response.json["refused"]
    assert host.entered == []


@settings(FUZZ, max_examples=100)
@given(body=st.binary(max_size=300), content_type=TYPES)
def test_no_body_makes_an_error_or_an_entry(host, body, content_type):
    for path in ("/lti/login", "/lti/launch", "/lti/continue"):
        response = host.browser().post(
            path, data=body, content_type=content_type, headers={"Origin": TOOL_URL}, base_url=TOOL_URL
        )
        assert 400 <= response.status_code < 500
    assert host.entered == []


@FUZZ
@given(changes=st.dictionaries(FIELDS, VALUES, max_size=3))
def test_a_changed_login_is_a_redirect_to_the_platform_or_a_refusal(host, lms, changes):
    form = {name: value.encode() for name, value in lms.login_form().items()} | changes
    query = urlencode(form)
    for response in (
        host.browser().get(f"/lti/login?{query}", base_url=TOOL_URL),
        host.browser().post("/lti/login", data=form, base_url=TOOL_URL),
    ):
        if response.status_code == 302:
            assert response.headers["Location"].startswith(lms.registration.auth_url + "?scope=openid&")
        else:
            assert 400 <= response.status_code < 500


@FUZZ
@given(claim=CLAIMS, value=JSON)
def test_a_signed_launch_with_any_claim_enters_as_the_same_person_or_is_refused(host, lms, claim, value):
    browser = host.browser()
    redirect = browser.post("/lti/login", data=lms.login_form(), base_url=TOOL_URL).headers["Location"]
    spoiled = Spoiled("", lambda draft: draft.claims.update({claim: value}))

    response = browser.post("/lti/launch", data=lms.launch_form(redirect, spoil=spoiled), base_url=TOOL_URL)

    if response.status_code == 200:
        assert response.json == {"entered": {"person": f"person-{value if claim == 'sub' else 5}"}}
    else:
        assert 400 <= response.status_code < 500


@FUZZ
@given(payload=st.binary(min_size=1, max_size=80) | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_signed_payload_of_anything_else_never_enters(host, lms, payload):
    browser = host.browser()
    redirect = browser.post("/lti/login", data=lms.login_form(), base_url=TOOL_URL).headers["Location"]
    spoiled = Spoiled("", lambda draft: setattr(draft, "payload", payload))

    response = browser.post("/lti/launch", data=lms.launch_form(redirect, spoil=spoiled), base_url=TOOL_URL)

    assert response.json["refused"] in ("claims_malformed", "issuer_differs")
    assert host.entered == []


@FUZZ
@given(data=st.data())
def test_a_token_changed_in_one_place_never_enters(host, lms, data):
    browser = host.browser()
    redirect = browser.post("/lti/login", data=lms.login_form(), base_url=TOOL_URL).headers["Location"]
    form = lms.launch_form(redirect)
    token = form["id_token"]
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("AZaz09-_.=+/ \n").filter(lambda letter: letter != token[place]))

    form["id_token"] = token[:place] + letter + token[place + 1 :]
    response = browser.post("/lti/launch", data=form, base_url=TOOL_URL)

    assert 400 <= response.status_code < 500
    assert host.entered == []


@FUZZ
@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "b64", "zip", "x"]), JSON))
def test_a_signed_header_of_anything_enters_only_with_the_right_key_and_algorithm(host, lms, header):
    browser = host.browser()
    redirect = browser.post("/lti/login", data=lms.login_form(), base_url=TOOL_URL).headers["Location"]
    spoiled = Spoiled("", lambda draft: draft.header.update(header))

    response = browser.post("/lti/launch", data=lms.launch_form(redirect, spoil=spoiled), base_url=TOOL_URL)

    is_right = header.get("alg", "RS256") == "RS256" and header.get("kid", lms.kid) == lms.kid
    if response.status_code == 200:
        assert is_right
        assert not header.keys() & {"crit", "jwk", "b64"}
    else:
        assert 400 <= response.status_code < 500


def test_after_all_of_this_a_good_launch_enters(host, lms):
    for body in (b"\0", b"id_token=" + base64.b64encode(b"\xff" * 500), b"state=%ff&state=%ff"):
        refused = host.browser().post(
            "/lti/launch", data=body, content_type="application/x-www-form-urlencoded", base_url=TOOL_URL
        )
        assert refused.status_code == 400
    assert a_good_launch_enters(host, lms)
