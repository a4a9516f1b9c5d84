"""Whatever comes in: a refusal with a code, never another error, never an entry, and a good launch afterwards.

Most examples call the functions below the routes, so that there can be many of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote_from_bytes, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti import registration
from lti.browser import digest, new_ticket
from lti.claims import GROUPS, LTI, is_identifier
from lti.http import Answer, Http
from lti.refusals import REASONS, Refusal
from lti.registration import (
    PLATFORM_CONFIGURATION,
    TOOL_CONFIGURATION,
    PlatformConfiguration,
    ToolMessage,
    ToolProfile,
    as_platform,
    fetch_configuration,
    register,
)
from lti.services.notices import NoticeRefused, read_notices
from lti.testing import TOOL_URL, Draft, Spoiled

T = TypeVar("T")
PLANNED: dict[str, int] = {}
"""Test → how many examples of it are run."""


def fuzz(examples: int, **strategies: st.SearchStrategy[Any]):
    """A property, tried on this many examples; every one of them is counted, see `every_example_is_run`."""

    def decorate(test):
        PLANNED[test.__name__] = examples
        patient = settings(
            max_examples=examples,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )
        return patient(given(**strategies)(test))

    return decorate


@pytest.fixture(autouse=True)
def every_example_is_run(request: pytest.FixtureRequest) -> Iterator[None]:
    """A property whose examples run out early proves less than it says."""
    property_ = getattr(request.function, "hypothesis", None)
    if property_ is None:
        yield
        return
    inner, begun, passed = property_.inner_test, 0, 0

    @wraps(inner)
    def counted(*args: Any, **kwargs: Any) -> None:
        nonlocal begun, passed
        begun += 1
        inner(*args, **kwargs)
        passed += 1

    property_.inner_test = counted
    yield
    property_.inner_test = inner
    assert passed < begun or passed >= PLANNED[request.function.__name__]


ODD_TEXTS = st.sampled_from(
    ["", "\0", "\ud83c", "A" * 9_000, "..", "a.b.c", "null", "{}", "'\"<>", "*", "A" * 43, "https://[", "%00"]
)
TEXTS = ODD_TEXTS | st.text(max_size=30) | st.text(st.characters(codec=None), max_size=6)
BYTES = TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=40)
LOGIN_FIELDS = (
    *("iss", "login_hint", "target_link_uri", "client_id", "lti_message_hint"),
    *("lti_deployment_id", "lti_storage_target"),
)
FIELDS = st.sampled_from((*LOGIN_FIELDS, "id_token", "state", "error", "ticket", "proof", "other"))
FORM = "application/x-www-form-urlencoded"
TYPES = st.sampled_from(
    [
        FORM,
        f"{FORM}; charset=utf-7",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/json",
        "text/plain",
        "",
    ]
)
COOKIES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=50).map("__Host-plc_browser=".__add__)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Origin": st.sampled_from([TOOL_URL, "null", "https://[", "x" * 99, "*"]),
        "Sec-Fetch-Site": st.sampled_from(["same-origin", "cross-site", "none", "x"]),
        "Cookie": COOKIES,
    },
)
NUMBERS = st.integers() | st.floats() | st.integers(min_value=10**300, max_value=10**320)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
JSON = SCALARS | st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
CLAIMS = st.sampled_from(
    ["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "sub", "name", "email", "locale"]
    + [LTI + name for name in ("deployment_id", "target_link_uri", "roles", "version", "message_type", "lis")]
    + [LTI + name for name in ("resource_link", "context", "custom", "ext", "launch_presentation", "notice")]
    + [GROUPS + "groupsservice", LTI + "platformnotificationservice", LTI + "role_scope_mentor"]
)
OURS = re.compile(r"https://plc\.example\.org(:(0*443)?)?([/?#][^\\\s]*)?", re.IGNORECASE)
"""Every way to write an address of this tool, and nothing else."""
URL_SAFE = st.text("ABCXYZabcxyz0189-_", min_size=1, max_size=40)
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJl"
"""The token of a registration, which no refusal may repeat."""


def outcome(act: Callable[[], T]) -> tuple[T | None, str | None]:
    """(what comes of it, no code), or (nothing, the code of the refusal). A refusal can be told, on one line; any
    other error fails the test."""
    try:
        return act(), None
    except (Refusal, NoticeRefused) as error:
        refusal = error
    assert 400 <= refusal.status < 500
    assert (refusal.admin % refusal.values).isprintable()
    assert isinstance(refusal, NoticeRefused) or refusal.person % refusal.values
    assert TOKEN not in f"{dict(refusal.values)} {refusal!r}"
    return None, refusal.code


def encoded(fields: list[tuple[str, bytes]]) -> bytes:
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in fields).encode()


def sent(host, path: str, body: bytes, content_type: str = FORM, headers: Mapping[str, str] | None = None):
    """The answer to exactly these bytes."""
    return host.browser().post(
        path,
        input_stream=BytesIO(body),
        content_length=len(body),
        content_type=content_type,
        headers=headers,
        base_url=TOOL_URL,
    )


def a_good_launch_enters(host, lms) -> bool:
    browser = host.browser()
    redirect = browser.post("/lti/login", data=lms.login_form(), base_url=TOOL_URL).headers["Location"]
    response = browser.post("/lti/launch", data=lms.launch_form(redirect), base_url=TOOL_URL)
    return response.json == {"entered": {"person": "person-5"}, "in_frame": False}


def launched(house, spoil: Callable[[Draft], None]) -> str | None:
    """Who comes in with a launch that is changed before it is signed; None when it is refused."""
    form = house.lms.launch_form(house.log_in(), spoil=Spoiled("", spoil))
    launch, code = outcome(lambda: house.launch(form))
    assert code is None or code in REASONS
    return launch.subject if launch else None


# Login


@fuzz(2_000, form=st.dictionaries(st.sampled_from(LOGIN_FIELDS), TEXTS, max_size=7))
def test_no_invented_login_is_sent_anywhere_or_kept(house, form):
    assert outcome(lambda: house.begin(form))[1] in REASONS
    assert len(house.logins) == 0


@fuzz(1_500, changes=st.dictionaries(st.sampled_from(LOGIN_FIELDS), TEXTS, min_size=1, max_size=3))
def test_a_changed_login_is_a_redirect_to_the_registered_platform_or_a_refusal(house, lms, changes):
    form = lms.login_form() | changes
    redirect, code = outcome(lambda: house.begin(form))
    if redirect is None:
        assert code in REASONS
        return
    asked = parse_qs(urlsplit(redirect.url).query, keep_blank_values=True)
    login = house.logins.take(asked["state"][0])
    assert redirect.url.startswith(lms.registration.auth_url + "?scope=openid&")
    assert asked["redirect_uri"] == [house.address.redirect_uri]
    assert asked["login_hint"] == [form["login_hint"]]
    assert (form["iss"], form["target_link_uri"]) == (lms.registration.issuer, login.target_link_uri)
    assert OURS.fullmatch(login.target_link_uri)
    assert redirect.storage is None or redirect.storage.origin == lms.registration.issuer


PIECES = st.lists(
    st.sampled_from([*"@:/\\?#.;% \t", "443", "0", "%2f", "example.net", "https:", "\u3002", "ß"]), max_size=5
).map("".join)


@fuzz(
    2_000,
    head=st.just("") | TEXTS | PIECES,
    target=st.sampled_from([TOOL_URL, TOOL_URL.upper(), f"{TOOL_URL}:443", TOOL_URL[:-1]]),
    tail=PIECES | TEXTS,
)
def test_no_address_made_of_ours_and_something_else_is_taken_for_ours(house, head, target, tail):
    url = head + target + tail

    assert OURS.fullmatch(url) or not house.address.owns(url)


# Launch


@pytest.fixture
def good(house, lms):
    """A signed launch and its login, which is put back before each use: signing anew would take most of the time."""
    form = lms.launch_form(house.log_in())
    return form, house.logins.take(form["state"])


@fuzz(2_000, form=st.dictionaries(st.sampled_from(["id_token", "state", "error", "other"]), TEXTS, max_size=4))
def test_no_invented_launch_comes_in(house, form):
    assert outcome(lambda: house.launch(form))[1] in REASONS


@fuzz(2_000, token=TEXTS | st.lists(URL_SAFE, min_size=2, max_size=5).map(".".join))
def test_no_invented_token_comes_in_with_a_good_state(house, token):
    state = parse_qs(urlsplit(house.log_in()).query)["state"][0]

    assert outcome(lambda: house.launch({"state": state, "id_token": token}))[1] in REASONS


@fuzz(2_500, place=st.integers(0, 10_000), letter=st.sampled_from("AZaz09-_.=+/ \n\0ж"), cut=st.integers(0, 3))
def test_a_token_changed_in_one_place_never_comes_in(house, good, place, letter, cut):
    form, login = good
    token = form["id_token"]
    place %= len(token)
    changed = token[:place] + letter + token[place + cut :]
    house.logins.put(login)

    _, code = outcome(lambda: house.launch(form | {"id_token": changed}))

    assert code in REASONS or (code is None and changed == token)


@fuzz(1_200, changes=st.dictionaries(CLAIMS, JSON, min_size=1, max_size=3))
def test_a_signed_launch_with_any_claims_comes_in_as_whom_it_names_or_is_refused(house, changes):
    subject = launched(house, lambda draft: draft.claims.update(changes))

    if subject is not None:
        assert subject == changes.get("sub", "5")
        right = house.lms.claims("")
        compared = {"iss", LTI + "deployment_id", LTI + "version", LTI + "message_type"}
        assert all(changes[name] == right[name] for name in compared & changes.keys())
        assert "nonce" not in changes


@fuzz(400, claims=st.dictionaries(CLAIMS | st.text(max_size=10), JSON, max_size=6))
def test_a_signed_launch_of_nothing_but_odd_claims_never_comes_in(house, claims):
    assert launched(house, lambda draft: setattr(draft, "claims", claims)) is None


@fuzz(400, payload=st.binary(min_size=1, max_size=80) | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_signed_payload_of_anything_else_never_comes_in(house, payload):
    assert launched(house, lambda draft: setattr(draft, "payload", payload)) is None


@fuzz(400, header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "jku", "b64", "x"]), JSON))
def test_a_signed_header_of_anything_comes_in_only_with_the_right_key_and_algorithm(house, lms, header):
    if launched(house, lambda draft: draft.header.update(header)) is not None:
        assert header.get("alg", "RS256") == "RS256"
        assert header.get("kid", lms.kid) == lms.kid
        assert not header.keys() & {"crit", "jwk", "jku", "b64"}


# Going on


@fuzz(500, proof=TEXTS, cookie=st.just("") | st.just(f"__Host-plc_browser={'M' * 43}") | COOKIES)
def test_no_invented_proof_goes_on_with_a_good_ticket(host, clock, proof, cookie):
    secret, ticket = new_ticket({"person": "person-5"}, clock(), digest("P" * 43))
    host.tickets.put(ticket)
    body = encoded([("ticket", secret.encode()), ("proof", proof.encode("utf-8", "surrogatepass"))])

    response = sent(host, "/lti/continue", body, headers={"Origin": TOOL_URL, "Cookie": cookie})

    assert response.json["refused"] == "proof_differs"
    assert (host.entered, len(host.tickets)) == ([], 0)


@fuzz(500, fields=st.lists(st.tuples(st.sampled_from(["ticket", "proof", "x"]), BYTES), max_size=4), headers=HEADERS)
def test_no_invented_ticket_goes_on(host, fields, headers):
    response = sent(host, "/lti/continue", encoded(fields), headers=headers)

    assert 400 <= response.status_code < 500
    assert response.json["refused"] in ("origin_foreign", "ticket_missing", "ticket_unknown", "form_malformed")
    assert host.entered == []


# The routes


POSTS = st.sampled_from(["/lti/login", "/lti/launch", "/lti/continue"])


@fuzz(500, path=POSTS, fields=st.lists(st.tuples(FIELDS, BYTES), max_size=6), content_type=TYPES, headers=HEADERS)
def test_no_form_makes_an_error_or_an_entry(host, path, fields, content_type, headers):
    response = sent(host, path, encoded(fields), content_type, headers)

    assert 400 <= response.status_code < 500
    assert response.json["refused"] in REASONS
    assert host.entered == []


@fuzz(400, path=POSTS, body=st.binary(max_size=200), content_type=TYPES)
def test_no_body_makes_an_error_or_an_entry(host, path, body, content_type):
    response = sent(host, path, body, content_type, {"Origin": TOOL_URL})

    assert 400 <= response.status_code < 500
    assert response.json["refused"] in REASONS
    assert host.entered == []


@fuzz(100, query=st.lists(st.tuples(FIELDS, BYTES), max_size=5), method=st.sampled_from(["get", "head", "post", "put"]))
def test_no_address_makes_an_error_or_an_entry(host, query, method):
    for path in ("/lti/login", "/lti/launch", "/lti/continue", "/lti/notices", "/lti/register"):
        response = getattr(host.browser(), method)(f"{path}?{encoded(query).decode()}", base_url=TOOL_URL)
        assert response.status_code < 500
    assert host.entered == []


# Notices


@pytest.fixture
def read(house):
    return lambda body: read_notices(
        body, platforms=house.platforms, key_sets=house.key_sets, tool=house.address, clock=house.clock
    )


def posted(*tokens: str) -> bytes:
    return json.dumps({"notices": [{"jwt": token} for token in tokens]}).encode()


def signed_notice(lms, spoil: Callable[[Draft], None] = lambda draft: None) -> str:
    notice = {"id": "7a70e604", "timestamp": "2026-03-02T09:29:00Z", "type": "LtiContextCopyNotice"}
    redirect = "https://lms.example.org/?nonce=n&state=s"
    return lms.launch_form(redirect, spoil=Spoiled("", spoil), **{LTI + "notice": notice})["id_token"]


@fuzz(
    1_500,
    body=st.binary(max_size=60)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(JSON, max_size=3).map(lambda listed: json.dumps({"notices": listed}).encode())
    | st.lists(TEXTS, min_size=1, max_size=3).map(lambda tokens: posted(*tokens)),
)
def test_no_invented_post_of_notices_is_believed(read, body):
    notices, code = outcome(lambda: read(body))

    assert code or notices == ()


@fuzz(500, changes=st.dictionaries(CLAIMS, JSON, min_size=1, max_size=3))
def test_a_signed_notice_with_any_claims_is_the_registrations_or_refused(lms, read, changes):
    body = posted(signed_notice(lms, lambda draft: draft.claims.update(changes)))
    notices, _ = outcome(lambda: read(body))

    for notice in notices or ():
        assert (notice.platform, notice.deployment_id) == (lms.registration, "1")
        assert (notice.claims["iss"], notice.claims[LTI + "version"]) == (lms.registration.issuer, "1.3.0")
        assert 0 < len(notice.id) <= 255
        assert notice.timestamp.tzinfo is not None


@fuzz(200, body=st.binary(max_size=200), content_type=TYPES)
def test_no_post_of_notices_makes_an_error(host, read, body, content_type):
    def notified(came: bytes) -> int:
        assert came == body
        assert outcome(lambda: read(came))[1]
        return 403

    host.notifying = notified
    response = sent(host, "/lti/notices", body, content_type)

    assert (response.status_code, response.data) == (403, b"")


# Registration


LMS_URL = "https://lms.example.org/openid-configuration"
CONFIGURATION: Mapping[str, Any] = {
    "issuer": "https://lms.example.org",
    "authorization_endpoint": "https://lms.example.org/auth",
    "token_endpoint": "https://lms.example.org/token",
    "jwks_uri": "https://lms.example.org/jwks",
    "registration_endpoint": "https://lms.example.org/register",
    "response_types_supported": ["id_token"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    "scopes_supported": ["openid"],
    "claims_supported": ["sub"],
    "authorization_server": "https://lms.example.org",
    PLATFORM_CONFIGURATION: {
        "product_family_code": "example",
        "messages_supported": [{"type": "LtiResourceLinkRequest", "placements": ["CourseNavigation"]}],
        "variables": ["Context.id"],
    },
}
REGISTERED: Mapping[str, Any] = {
    "client_id": "plc-client-9",
    "scope": "openid",
    TOOL_CONFIGURATION: {"deployment_id": "1", "custom_parameters": {"a": "b"}},
}
PROFILE = ToolProfile(
    TOOL_URL, "Communities", (ToolMessage("LtiResourceLinkRequest", placements=("CourseNavigation",)),)
)
ADDRESSES = st.sampled_from(
    ["https://elsewhere.example.net/x", "http://lms.example.org/x", "https://[", "https://lms.example.org:99999/x"]
)
VALUES = JSON | ADDRESSES | st.lists(ADDRESSES | TEXTS, max_size=3)
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 500, 503])
ANSWERS = (
    st.binary(max_size=60)
    | VALUES.map(lambda value: json.dumps(value).encode())
    | TEXTS.map(lambda text: (text + TOKEN).encode("utf-8", "surrogatepass"))
    | TEXTS.map(lambda text: json.dumps({"error": text, "error_description": TOKEN}).encode())
)


def answering(status: int, answer: bytes) -> Http:
    """A network with one answer to every question."""
    return lambda method, url, *, headers, body=None: Answer(status, {}, answer)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def good_configuration() -> PlatformConfiguration:
    return fetch_configuration(answering(200, as_json(CONFIGURATION)), LMS_URL)


@fuzz(1_200, status=STATUSES, body=ANSWERS, url=st.just(LMS_URL) | ADDRESSES | TEXTS)
def test_no_invented_configuration_is_trusted(status, body, url):
    assert outcome(lambda: fetch_configuration(answering(status, body), url, TOKEN))[1] in registration.REASONS


@fuzz(700, changes=st.dictionaries(st.sampled_from([*CONFIGURATION]), VALUES, min_size=1, max_size=2))
def test_a_changed_configuration_speaks_for_its_own_host_by_https_or_is_refused(changes):
    http = answering(200, as_json(CONFIGURATION | changes))
    found, code = outcome(lambda: fetch_configuration(http, LMS_URL, TOKEN))
    if found is None:
        assert code in registration.REASONS
        return
    assert urlsplit(found.issuer).hostname == "lms.example.org"
    for url in (found.issuer, found.auth_url, found.token_url, found.jwks_url, found.registration_url):
        assert url.startswith("https://")
        assert url.isprintable()
    registered, code = outcome(lambda: register(answering(201, as_json(REGISTERED)), found, PROFILE, TOKEN))
    if registered is None:
        assert code == "registration_messages_unsupported"
    else:
        assert as_platform(found, registered, "platform-9").client_id == "plc-client-9"


@fuzz(
    1_200,
    status=STATUSES,
    body=ANSWERS | st.dictionaries(st.sampled_from([*REGISTERED]), VALUES, max_size=3).map(as_json),
)
def test_an_answer_to_a_registration_names_a_usable_client_or_is_refused(status, body):
    http = answering(status, body)
    registered, code = outcome(lambda: register(http, good_configuration(), PROFILE, TOKEN))
    if registered is None:
        assert code in registration.REASONS
        return
    assert status in (200, 201)
    assert is_identifier(registered.client_id)
    assert registered.deployment_id is None or is_identifier(registered.deployment_id)
    assert all(isinstance(text, str) for text in (*registered.scopes, *registered.custom.values()))


# Afterwards


def test_after_all_of_this_a_good_launch_enters(host, lms, read):
    for body in (b"\0", b"id_token=" + b"/w" * 500, b"state=%ff&state=%ff"):
        assert sent(host, "/lti/launch", body).status_code == 400
    assert a_good_launch_enters(host, lms)
    assert len(read(posted(signed_notice(lms)))) == 1
    assert register(answering(201, as_json(REGISTERED)), good_configuration(), PROFILE).client_id == "plc-client-9"


def test_more_than_twenty_thousand_examples_are_run():
    assert sum(PLANNED.values()) >= 20_000
