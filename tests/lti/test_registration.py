"""How tool and platform come to know each other, and when they had better not."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from babel.messages.extract import extract
from hypothesis import given
from hypothesis import strategies as st

from lti import registration
from lti.http import Answer, NoAnswer
from lti.platforms import Platform
from lti.refusals import Refusal
from lti.registration import (
    CANVAS_PRIVACY,
    CLOSE_SUBJECT,
    PLATFORM_CONFIGURATION,
    REASONS,
    TOOL_CONFIGURATION,
    PlatformConfiguration,
    Registered,
    RegistrationRefused,
    ToolMessage,
    ToolProfile,
    as_platform,
    close_message,
    fetch_configuration,
    register,
    registration_request,
)

RECORDINGS = Path(__file__).parents[1] / "recordings"
SOURCE = Path(registration.__file__)
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
TOKEN = "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJCVTI0UzdQTnllcnhpRTAifQ.uajBoDZO2i9"
MOODLE_URL = "http://127.0.0.1:8080/mod/lti/openid-configuration.php"
LMS_URL = "https://lms.example.org/lti/openid-configuration"
LMS: Mapping[str, Any] = {
    "issuer": "https://lms.example.org",
    "authorization_endpoint": "https://lms.example.org/lti/auth",
    "token_endpoint": "https://lms.example.org/lti/token",
    "jwks_uri": "https://keys.example.net/lms",
    "registration_endpoint": "https://school.example.org/lti/registrations",
    "response_types_supported": ["id_token"],
    "id_token_signing_alg_values_supported": ["ES256", "RS256"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"],
    "scopes_supported": ["openid", SCORE],
    "claims_supported": ["sub", "name", "email"],
    PLATFORM_CONFIGURATION: {
        "product_family_code": "example",
        "version": "7.1",
        "messages_supported": [
            {"type": "LtiResourceLinkRequest", "placements": ["CourseNavigation"]},
            {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea", "RichTextEditor"]},
        ],
        "variables": ["Context.id", "$User.id"],
    },
}
PROFILE = ToolProfile(
    base_url="https://plc.example.org",
    name="Learning communities",
    messages=(
        ToolMessage("LtiResourceLinkRequest", label="Community", placements=("CourseNavigation", "Sidebar")),
        ToolMessage(
            "LtiDeepLinkingRequest",
            target_link_uri="https://plc.example.org/lti/launch?choose=1",
            label="Choose a community",
            localised_labels={"kk": "Қауымдастық таңдау"},
            placements=("RichTextEditor",),
            custom_parameters={"from": "$Context.id", "group": "$CourseGroup.id"},
            roles=("http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",),
        ),
        ToolMessage("LtiDataPrivacyLaunchRequest"),
    ),
    localised_names={"kk": "Кәсіби қауымдастық", "ru": "Сообщество"},
    description="Communities of teachers",
    localised_descriptions={"ru": "Сообщества учителей"},
    logo_url="https://plc.example.org/static/logo.svg",
    policy_uri="https://plc.example.org/privacy",
    contacts=("ops@example.org",),
    scopes=(MEMBERS, SCORE),
    claims=("sub", "name", "given_name", "email"),
    custom_parameters={"course": "$Context.id", "history": "$Context.id.history", "plain": "yes"},
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just("https://x.example"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@dataclass
class Network:
    """Answers every question with the next answer, and remembers what was asked."""

    answers: list[Answer | OSError]
    asked: list[tuple[str, str, dict[str, str], bytes | None]] = field(default_factory=list)

    def __call__(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        self.asked.append((method, url, dict(headers), body))
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer


def recorded(name: str) -> dict[str, Any]:
    return json.loads((RECORDINGS / "moodle" / "lti" / name).read_text(encoding="utf-8"))


def says(value: Any, status: int = 200) -> Network:
    """A network with one answer: bytes, plain text, or anything else as JSON."""
    body = value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
    return Network([Answer(status, {}, body)])


def replays(case: Mapping[str, Any]) -> Network:
    """A network with one recorded answer."""
    return says(case["text"] if "text" in case else case["json"], case["status"])


def configuration(**changes: Any) -> dict[str, Any]:
    """What an LMS says of itself; ... leaves a name out."""
    return {name: value for name, value in (dict(LMS) | changes).items() if value is not ...}


def lti(**changes: Any) -> dict[str, Any]:
    said = LMS[PLATFORM_CONFIGURATION] | changes
    return configuration(**{PLATFORM_CONFIGURATION: {n: value for n, value in said.items() if value is not ...}})


def fetched(said: Any = None, url: str = LMS_URL, **options: Any) -> PlatformConfiguration:
    return fetch_configuration(says(configuration() if said is None else said), url, TOKEN, **options)


def moodle() -> PlatformConfiguration:
    said = recorded("openid-configuration.json")["json"]
    return fetch_configuration(says(said), MOODLE_URL, allow_http=True)


def refusal(call: Any, *args: Any, **options: Any) -> RegistrationRefused:
    with pytest.raises(RegistrationRefused) as caught:
        call(*args, **options)
    return caught.value


# What a platform says of itself


def test_moodles_recorded_configuration_is_read():
    read = moodle()

    assert (read.issuer, read.product_family_code) == ("http://127.0.0.1:8080", "moodle")
    assert read.version == "4.5.6 (Build: 20250811)"
    assert read.auth_url == "http://127.0.0.1:8080/mod/lti/auth.php"
    assert read.token_url == "http://127.0.0.1:8080/mod/lti/token.php"
    assert read.jwks_url == "http://127.0.0.1:8080/mod/lti/certs.php"
    assert read.registration_url == "http://127.0.0.1:8080/mod/lti/openid-registration.php"
    assert read.token_audience is None
    assert dict(read.messages_supported) == {"LtiResourceLinkRequest": (), "LtiDeepLinkingRequest": ("ContentArea",)}
    assert {"Context.id.history", "Moodle.Person.userGroupIds"} < read.variables
    assert {SCORE, MEMBERS} < read.scopes_supported
    assert "email" in read.claims_supported


def test_the_practice_lms_has_a_configuration_that_is_read():
    path = RECORDINGS / "practice_lms" / "lti" / "openid-configuration.json"
    said = json.loads(path.read_text(encoding="utf-8"))["json"]

    assert fetch_configuration(says(said), MOODLE_URL, allow_http=True).issuer == said["issuer"]


def test_the_configuration_is_asked_for_with_the_token():
    with_token, without = says(configuration()), says(configuration())

    fetch_configuration(with_token, LMS_URL, TOKEN)
    fetch_configuration(without, LMS_URL)

    accepted = {"Accept": "application/json"}
    assert with_token.asked == [("GET", LMS_URL, accepted | {"Authorization": f"Bearer {TOKEN}"}, None)]
    assert without.asked == [("GET", LMS_URL, accepted, None)]


def test_endpoints_may_be_elsewhere_but_the_issuer_may_not():
    read = fetched()

    assert read.registration_url == "https://school.example.org/lti/registrations"
    refused = refusal(fetched, url="https://attacker.example.net/openid-configuration")
    assert refused.code == "registration_issuer_host_differs"
    assert refused.values["host"] == "https://attacker.example.net"
    assert refused.values["issuer"] == "https://lms.example.org"


@pytest.mark.parametrize("issuer", ["https://example.org", "https://evil.lms.example.org", "https://LMS.example.org.x"])
def test_neither_a_parent_nor_a_neighbour_of_the_issuer_speaks_for_it(issuer):
    assert refusal(fetched, configuration(issuer=issuer)).code == "registration_issuer_host_differs"


def test_a_host_is_the_same_in_capitals():
    assert fetched(configuration(issuer="https://LMS.Example.org")).issuer == "https://LMS.Example.org"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (configuration(issuer="http://lms.example.org"), "issuer"),
        (configuration(token_endpoint="http://lms.example.org/lti/token"), "token_endpoint"),
        (configuration(jwks_uri="http://lms.example.org/keys"), "jwks_uri"),
        (configuration(registration_endpoint="http://lms.example.org/r"), "registration_endpoint"),
        (configuration(authorization_endpoint="http://lms.example.org/a"), "authorization_endpoint"),
    ],
)
def test_plain_http_is_for_trials_only(said, name):
    refused = refusal(fetched, said)

    assert (refused.code, refused.values["name"]) == ("registration_configuration_insecure", name)
    url = LMS_URL.replace("https", urlsplit(said["issuer"]).scheme)
    assert fetched(said, url=url, allow_http=True).issuer == said["issuer"]


@pytest.mark.parametrize("issuer", ["https://lms.example.org:8443", "http://lms.example.org"])
def test_another_port_or_scheme_of_the_host_speaks_for_somebody_else(issuer):
    refused = refusal(lambda: fetched(configuration(issuer=issuer), allow_http=True))

    assert refused.code == "registration_issuer_host_differs"


def test_a_configuration_over_plain_http_is_not_even_asked_for():
    network = says(configuration())

    refused = refusal(fetch_configuration, network, LMS_URL.replace("https", "http"), TOKEN)

    assert refused.code == "registration_configuration_insecure"
    assert network.asked == []


@pytest.mark.parametrize("url", ["", "/openid-configuration", "file:///etc/passwd", "https://[::1", "https://a b/"])
def test_an_address_that_is_none_is_not_asked(url):
    network = says(configuration())

    assert refusal(fetch_configuration, network, url).code == "registration_address_malformed"
    assert network.asked == []


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (NoAnswer("no answer in time"), "no answer in time"),
        (ConnectionResetError("eyJ secret"), "ConnectionResetError"),
        (Answer(500, {}, b"{}"), "HTTP 500"),
        (Answer(302, {"Location": "https://elsewhere.example.net"}, b""), "HTTP 302"),
    ],
)
def test_a_platform_that_does_not_answer_is_told_apart_from_one_that_says_no(answer, failure):
    refused = refusal(fetch_configuration, Network([answer]), LMS_URL + "?registration_token=" + TOKEN, TOKEN)

    assert refused.code == "registration_configuration_unreachable"
    assert refused.values["failure"] == failure
    assert refused.values["address"] == "https://lms.example.org"


def test_a_platform_may_refuse_the_token_before_it_shows_its_configuration():
    assert refusal(fetch_configuration, says("token_already_used", 401), LMS_URL, TOKEN).code == (
        "registration_token_used"
    )
    expired = refusal(fetch_configuration, says({"error": "Access token expired"}, 401), LMS_URL, TOKEN)
    assert (expired.code, expired.values["word"]) == ("registration_token_refused", "Access token expired")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"9" * 5_000,
        [],
        configuration(padding="x" * 300_000),
        configuration(issuer=...),
        configuration(issuer=5),
        configuration(issuer="lms.example.org"),
        configuration(issuer="https://lms.example.org/?a=b"),
        configuration(issuer="https://lms.example.org/#a"),
        configuration(issuer="https://lms.example.org/" + "a" * 255),
    ],
)
def test_what_is_no_configuration_is_refused(said):
    refused = refusal(fetched, said)

    assert refused.code == "registration_configuration_malformed"
    assert refused.values["address"] == "https://lms.example.org"


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"])
@pytest.mark.parametrize(
    "address", [..., None, 5, "/lti", "javascript:alert(1)", "https://lms.example.org/" + "a" * 990]
)
def test_every_endpoint_has_to_be_there(endpoint, address):
    refused = refusal(fetched, configuration(**{endpoint: address}))

    assert (refused.code, refused.values["name"]) == ("registration_endpoint_missing", endpoint)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (configuration(response_types_supported=["code"]), "registration_response_type_unsupported"),
        (configuration(response_types_supported=...), "registration_response_type_unsupported"),
        (configuration(response_types_supported="id_token"), "registration_response_type_unsupported"),
        (configuration(id_token_signing_alg_values_supported=["HS256"]), "registration_algorithm_unsupported"),
        (configuration(id_token_signing_alg_values_supported=...), "registration_algorithm_unsupported"),
        (
            configuration(token_endpoint_auth_signing_alg_values_supported=["ES256"]),
            "registration_algorithm_unsupported",
        ),
        (
            configuration(token_endpoint_auth_methods_supported=["client_secret_basic"]),
            "registration_auth_method_unsupported",
        ),
        (configuration(**{PLATFORM_CONFIGURATION: ...}), "registration_not_lti"),
        (configuration(**{PLATFORM_CONFIGURATION: "yes"}), "registration_not_lti"),
        (lti(messages_supported=...), "registration_not_lti"),
        (lti(messages_supported={"type": "LtiResourceLinkRequest"}), "registration_not_lti"),
    ],
)
def test_a_platform_that_could_never_launch_the_tool_is_refused(said, code):
    assert refusal(fetched, said).code == code
    assert fetched().issuer == "https://lms.example.org"


def test_what_a_platform_need_not_say_may_be_missing():
    said = lti(variables=..., product_family_code=..., version=7)
    for name in ("scopes_supported", "claims_supported", "token_endpoint_auth_methods_supported"):
        del said[name]

    read = fetched(said)

    assert (read.variables, read.scopes_supported, read.claims_supported) == (None, None, None)
    assert (read.product_family_code, read.version, read.token_audience) == (None, None, None)


def test_odd_entries_of_lists_are_left_out():
    read = fetched(
        lti(
            messages_supported=[
                "LtiResourceLinkRequest",
                {"type": 5},
                {"type": "LtiDeepLinkingRequest", "placements": ["a", 1, None, "a"]},
                {"type": "LtiDeepLinkingRequest", "placements": ["b"]},
            ],
            variables=["Context.id", "$User.id", 7, "", "x" * 300, "a\0"],
        )
    )

    assert dict(read.messages_supported) == {"LtiDeepLinkingRequest": ("a", "b")}
    assert read.variables == {"Context.id", "User.id"}


@pytest.mark.parametrize(
    ("server", "family", "audience"),
    [
        ("https://api.example.com/auth/token", "desire2learn", "https://api.example.com/auth/token"),
        ("urn:authorization:example", "example", "urn:authorization:example"),
        ("https://lms.example.org/lti/token", "example", None),
        ("lms.example.org", "canvas", None),
        (["https://api.example.com"], "example", None),
    ],
)
def test_the_audience_of_token_requests_is_what_the_platform_says(server, family, audience):
    said = lti(product_family_code=family) | {"authorization_server": server}

    assert fetched(said).token_audience == audience


@given(changes=st.dictionaries(st.sampled_from([*LMS]), JSON, min_size=1), inner=JSON)
def test_no_configuration_whatever_it_holds_does_more_than_be_refused(changes, inner):
    said = configuration(**changes)
    if isinstance(said[PLATFORM_CONFIGURATION], dict):
        said[PLATFORM_CONFIGURATION] = said[PLATFORM_CONFIGURATION] | {"messages_supported": inner, "variables": inner}
    with suppress(RegistrationRefused):
        json.dumps(registration_request(fetched(said), PROFILE))


@given(body=st.binary(max_size=200), status=st.integers(min_value=100, max_value=599))
def test_no_answer_whatever_it_holds_does_more_than_be_refused(body, status):
    with suppress(RegistrationRefused):
        fetch_configuration(says(body, status), LMS_URL, TOKEN)
    with suppress(RegistrationRefused):
        register(says(body, status), fetched(), PROFILE, TOKEN)


# What the tool asks for


def test_a_platform_is_asked_only_for_what_it_has():
    asked = registration_request(fetched(), PROFILE)

    assert asked == {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": "https://plc.example.org/lti/login",
        "redirect_uris": ["https://plc.example.org/lti/launch"],
        "jwks_uri": "https://plc.example.org/lti/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": "Learning communities",
        "client_name#kk": "Кәсіби қауымдастық",
        "client_name#ru": "Сообщество",
        "logo_uri": "https://plc.example.org/static/logo.svg",
        "policy_uri": "https://plc.example.org/privacy",
        "contacts": ["ops@example.org"],
        "scope": SCORE,
        TOOL_CONFIGURATION: {
            "domain": "plc.example.org",
            "target_link_uri": "https://plc.example.org/lti/launch",
            "description": "Communities of teachers",
            "description#ru": "Сообщества учителей",
            "claims": ["sub", "name", "email"],
            "custom_parameters": {"course": "$Context.id", "plain": "yes"},
            "messages": [
                {
                    "type": "LtiResourceLinkRequest",
                    "target_link_uri": "https://plc.example.org/lti/launch",
                    "label": "Community",
                    "placements": ["CourseNavigation"],
                },
                {
                    "type": "LtiDeepLinkingRequest",
                    "target_link_uri": "https://plc.example.org/lti/launch?choose=1",
                    "label": "Choose a community",
                    "label#kk": "Қауымдастық таңдау",
                    "placements": ["RichTextEditor"],
                    "custom_parameters": {"from": "$Context.id"},
                    "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"],
                },
            ],
        },
    }


def test_a_platform_that_does_not_say_what_it_has_is_asked_for_everything():
    open_minded = replace(fetched(), variables=None, scopes_supported=None, claims_supported=None)

    asked = registration_request(open_minded, PROFILE)

    assert asked["scope"].split() == [MEMBERS, SCORE]
    assert asked[TOOL_CONFIGURATION]["claims"] == list(PROFILE.claims)
    assert asked[TOOL_CONFIGURATION]["custom_parameters"] == dict(PROFILE.custom_parameters)


def test_what_moodle_is_asked_has_everything_its_recorded_registration_needed():
    profile = replace(PROFILE, base_url="http://127.0.0.1:5000", messages=PROFILE.messages[:1])
    asked, taken = registration_request(moodle(), profile), recorded("dynamic_registration.json")

    needed = taken["registration_request"]["body"]
    same = ("application_type", "response_types", "grant_types", "token_endpoint_auth_method", "initiate_login_uri")
    assert {name: asked[name] for name in same} == {name: needed[name] for name in same}
    assert asked["jwks_uri"] == needed["jwks_uri"]
    assert set(asked["redirect_uris"]) < set(needed["redirect_uris"])
    tool, needed_of_tool = asked[TOOL_CONFIGURATION], needed[TOOL_CONFIGURATION]
    assert (tool["domain"], tool["target_link_uri"]) == (needed_of_tool["domain"], needed_of_tool["target_link_uri"])
    assert tool["custom_parameters"]["history"] == "$Context.id.history"
    assert "placements" not in tool["messages"][0]


def test_a_platform_without_a_message_of_ours_is_not_asked_for_anything():
    refused = refusal(registration_request, replace(fetched(), messages_supported={"LtiAssetNotice": ()}), PROFILE)

    assert refused.code == "registration_messages_unsupported"
    assert refused.values["offered"] == "LtiAssetNotice"


@pytest.mark.parametrize(
    ("claims", "level"),
    [
        (("sub", "name", "email"), "public"),
        (("given_name",), "name_only"),
        (("email",), "email_only"),
        (("sub", "locale"), "anonymous"),
    ],
)
def test_canvas_is_told_a_level_of_privacy_and_nobody_else_is(claims, level):
    profile = replace(PROFILE, claims=claims)
    canvas = replace(fetched(), product_family_code="canvas")

    assert registration_request(canvas, profile)[TOOL_CONFIGURATION][CANVAS_PRIVACY] == level
    assert CANVAS_PRIVACY not in registration_request(fetched(), profile)[TOOL_CONFIGURATION]


def test_a_tool_with_little_to_say_says_little():
    profile = ToolProfile("http://localhost:5000/plc/", "PLC", (ToolMessage("LtiResourceLinkRequest"),))

    asked = registration_request(fetched(), profile)

    assert not {"contacts", "logo_uri", "client_uri", "tos_uri", "policy_uri"} & asked.keys()
    assert (asked["scope"], asked["jwks_uri"]) == ("", "http://localhost:5000/plc/lti/jwks")
    assert asked[TOOL_CONFIGURATION] == {
        "domain": "localhost:5000",
        "target_link_uri": "http://localhost:5000/plc/lti/launch",
        "claims": [],
        "custom_parameters": {},
        "messages": [
            {"type": "LtiResourceLinkRequest", "target_link_uri": "http://localhost:5000/plc/lti/launch"},
        ],
    }


@pytest.mark.parametrize(
    "custom",
    [{"expr": "a=b"}, {"a=b": "c"}, {"": "x"}, {"a": "1\nb=2"}, {"a": "1\nb"}, {"a": "\0"}],
)
def test_custom_parameters_a_platform_would_not_keep_whole_are_never_asked_for(custom):
    with pytest.raises(ValueError, match="custom parameter"):
        replace(PROFILE, custom_parameters=custom)
    with pytest.raises(ValueError, match="custom parameter"):
        ToolMessage("LtiResourceLinkRequest", custom_parameters=custom)


def test_a_tool_speaks_for_its_own_addresses_only():
    elsewhere = ToolMessage("LtiResourceLinkRequest", target_link_uri="https://elsewhere.example.net/")

    with pytest.raises(ValueError, match="address of this tool"):
        replace(PROFILE, messages=(elsewhere,))
    with pytest.raises(ValueError, match="base URL"):
        replace(PROFILE, base_url="plc.example.org")


@given(
    scopes=st.lists(st.sampled_from([SCORE, MEMBERS, "openid", "x"]), unique=True).map(tuple),
    supported=st.none() | st.frozensets(st.sampled_from([SCORE, MEMBERS, "openid", "y"])),
    custom=st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["$Context.id", "$User.id", "$Other", "plain"])),
    variables=st.none() | st.frozensets(st.sampled_from(["Context.id", "User.id"])),
    types=st.lists(st.sampled_from([message.type for message in PROFILE.messages]), unique=True, min_size=1),
)
def test_no_wish_goes_to_a_platform_that_cannot_grant_it(scopes, supported, custom, variables, types):
    platform = replace(
        fetched(),
        scopes_supported=supported,
        variables=variables,
        messages_supported=dict.fromkeys(types, ()),
    )

    asked = registration_request(platform, replace(PROFILE, scopes=scopes, custom_parameters=custom))

    tool = asked[TOOL_CONFIGURATION]
    assert set(asked["scope"].split()) == set(scopes) & (set(scopes) if supported is None else supported)
    assert {message["type"] for message in tool["messages"]} == set(types)
    for name, value in custom.items():
        is_known = variables is None or not value.startswith("$") or value[1:] in variables
        assert tool["custom_parameters"].get(name) == (value if is_known else None)


# What the platform answers


def test_moodles_recorded_answer_becomes_a_registration():
    taken = recorded("dynamic_registration.json")["registration_response"]
    network = replays(taken)

    profile = replace(PROFILE, base_url="http://127.0.0.1:5000", messages=PROFILE.messages[:1])
    registered = register(network, moodle(), profile, TOKEN)

    assert (registered.client_id, registered.deployment_id) == ("BU24S7PNyerxiE0", "3")
    assert set(registered.scopes) == set(taken["json"]["scope"].split())
    assert dict(registered.custom) == {"history": "$Context.id.history", "expr": "a"}
    assert registered.answer["client_name"] == taken["json"]["client_name"]
    [(method, url, headers, body)] = network.asked
    assert (method, url) == ("POST", "http://127.0.0.1:8080/mod/lti/openid-registration.php")
    assert (headers["Authorization"], headers["Content-Type"]) == (f"Bearer {TOKEN}", "application/json")
    assert json.loads(body)["client_name"] == PROFILE.name
    assert as_platform(moodle(), registered, "platform-7") == Platform(
        id="platform-7",
        issuer="http://127.0.0.1:8080",
        client_id="BU24S7PNyerxiE0",
        auth_url="http://127.0.0.1:8080/mod/lti/auth.php",
        token_url="http://127.0.0.1:8080/mod/lti/token.php",
        jwks_url="http://127.0.0.1:8080/mod/lti/certs.php",
        name="127.0.0.1",
        token_audience=None,
    )


def test_a_repeated_registration_is_answered_as_the_first_one():
    taken = recorded("dynamic_registration.json")["update_post"]

    assert register(replays(taken), moodle(), PROFILE, TOKEN).client_id == "BU24S7PNyerxiE0"


def test_the_audience_a_platform_wants_stays_with_the_registration():
    said = configuration(authorization_server="https://api.example.com/auth/token")
    registered = register(says({"client_id": "abc"}, 201), fetched(said), PROFILE)

    assert as_platform(fetched(said), registered, "p").token_audience == "https://api.example.com/auth/token"


def test_an_answer_need_say_no_more_than_the_client_id():
    network = says({"client_id": "10000000000001"}, 201)

    registered = register(network, fetched(), PROFILE)

    assert (registered.client_id, registered.deployment_id) == ("10000000000001", None)
    assert (registered.scopes, dict(registered.custom)) == ((SCORE,), {})
    assert "Authorization" not in network.asked[0][2]


@pytest.mark.parametrize(
    ("deployment_id", "kept"),
    [("3", "3"), (3, "3"), (True, None), (None, None), ("", None), ("x" * 256, None), ({"id": "3"}, None)],
)
def test_a_deployment_id_is_kept_when_it_can_be_one(deployment_id, kept):
    answer = {"client_id": "a", TOOL_CONFIGURATION: {"deployment_id": deployment_id}}

    assert register(says(answer), fetched(), PROFILE).deployment_id == kept


def test_odd_parts_of_an_answer_count_as_absent():
    answer = {
        "client_id": "a",
        "scope": [SCORE],
        TOOL_CONFIGURATION: {"custom_parameters": {"a": 1, "b": "c\0", "d": "e"}},
    }

    registered = register(says(answer), fetched(), PROFILE)

    assert (registered.scopes, dict(registered.custom)) == ((), {"d": "e"})
    assert dict(register(says(answer | {TOOL_CONFIGURATION: []}), fetched(), PROFILE).custom) == {}


def test_secrets_in_an_answer_are_not_kept():
    answer = {"client_id": "a", "client_secret": "s3cret", "registration_access_token": TOKEN, "scope": SCORE}

    registered = register(says(answer), fetched(), PROFILE, TOKEN)

    assert dict(registered.answer) == {"client_id": "a", "scope": SCORE}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({}, 200),
        ({"client_id": ""}, 200),
        ({"client_id": 5}, 200),
        ({"client_id": "x" * 256}, 200),
        ("registered", 200),
        (b"<html>", 201),
        (["a"], 201),
        ({"client_id": "a", "padding": "x" * 300_000}, 200),
    ],
)
def test_an_answer_without_a_client_id_is_no_registration(answer, status):
    refused = refusal(register, says(answer, status), fetched(), PROFILE, TOKEN)

    assert (refused.code, refused.values["status"]) == ("registration_answer_malformed", str(status))


@pytest.mark.parametrize(
    ("case", "code", "word"),
    [
        ("post_with_used_token", "registration_token_used", None),
        ("get_with_used_token", "registration_token_used", None),
        ("post_without_token", "registration_token_missing", None),
        ("post_with_garbage_token", "registration_refused_with_a_page", None),
        ("error_no_domain", "registration_refused", "missing_domain"),
        ("error_domain_mismatch", "registration_refused", "domain_targetlinkuri_mismatch"),
        ("error_auth_method_basic", "registration_refused", "invalid_token_endpoint_auth_method"),
        ("error_no_jwks_uri", "registration_refused", "missing required attribute jwks_uri"),
        ("error_response_types_code", "registration_refused", "invalid_response_types"),
        ("error_application_type_native", "registration_refused", "invalid_application_type"),
        ("error_redirect_uris_string", "registration_refused", "invalid_redirect_uris"),
    ],
)
def test_every_recorded_error_of_moodle_is_told_with_what_to_do(case, code, word):
    answer = recorded("dynamic_registration.json")[case]

    refused = refusal(register, replays(answer), moodle(), PROFILE, TOKEN)

    assert refused.code == code
    assert refused.values.get("word") == word
    assert word is None or word in refused.admin % refused.values


@pytest.mark.parametrize(
    ("answer", "status", "code", "word"),
    [
        ({"error": "invalid_redirect_uri"}, 400, "registration_refused", "invalid_redirect_uri"),
        (
            {"error": "invalid_client_metadata", "error_description": "no name"},
            400,
            "registration_refused",
            "invalid_client_metadata: no name",
        ),
        ({"errorMessage": "JWT did not include expected contents"}, 401, "registration_token_refused", None),
        ("forbidden", 403, "registration_token_refused", "forbidden"),
        ({"error": "token_already_used"}, 401, "registration_token_used", None),
        ({"error": {"code": 1}}, 400, "registration_refused_with_a_page", None),
        ("", 500, "registration_refused_with_a_page", None),
        (b"\xff", 500, "registration_refused_with_a_page", None),
        ("<p>Sorry</p>", 502, "registration_refused_with_a_page", None),
        ("two\nlines", 400, "registration_refused_with_a_page", None),
        ("x" * 121, 400, "registration_refused_with_a_page", None),
        ("moved", 307, "registration_refused", "moved"),
    ],
)
def test_other_platforms_reasons_are_told_too(answer, status, code, word):
    refused = refusal(register, says(answer, status), fetched(), PROFILE, TOKEN)

    assert refused.code == code
    assert word is None or refused.values["word"] == word


@pytest.mark.parametrize("failure", [NoAnswer("no answer in time"), TimeoutError(TOKEN)])
def test_a_registration_that_gets_no_answer_may_have_arrived(failure):
    refused = refusal(register, Network([failure]), fetched(), PROFILE, TOKEN)

    assert refused.code == "registration_unreachable"
    assert refused.values["address"] == "https://school.example.org"
    assert "already" in refused.admin


# What may be shown


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, {}, f"unknown token {TOKEN}".encode()),
        Answer(401, {}, json.dumps({"error": f"bad {TOKEN}"}).encode()),
        Answer(401, {}, json.dumps({"error": "expired eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"}).encode()),
        Answer(400, {}, b"opaque-registration-token-1"),
        TimeoutError(TOKEN),
    ],
)
@pytest.mark.parametrize("token", [TOKEN, "opaque-registration-token-1"])
def test_no_error_shows_a_token(answer, token):
    for call in (
        lambda: register(Network([answer]), fetched(), PROFILE, token),
        lambda: fetch_configuration(Network([answer]), f"{LMS_URL}?registration_token={token}", token),
    ):
        refused = refusal(call)

        shown = repr(refused) + str(refused) + refused.admin % refused.values + refused.person % refused.values
        assert token not in shown
        assert "eyJ" not in shown
        assert refused.__cause__ is None
        assert refused.__context__ is None


def test_no_repr_shows_an_answer_or_where_registrations_go():
    registered = register(says({"client_id": "a", "client_name": "Secret name"}), fetched(), PROFILE, TOKEN)

    assert isinstance(registered, Registered)
    assert "Secret name" not in repr(registered)
    assert "school.example.org" not in repr(fetched())


def test_a_refused_registration_is_a_refusal_a_host_can_show():
    refused = refusal(fetched, [])

    assert isinstance(refused, Refusal)
    assert refused.reason is REASONS[refused.code]
    with pytest.raises(KeyError):
        RegistrationRefused("no_such_code")


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_can_be_told_without_a_single_value(code):
    refused = RegistrationRefused(code)

    assert re.fullmatch(r"registration_[a-z0-9_]+", code)
    assert 400 <= refused.status < 500
    assert refused.person % refused.values
    assert refused.admin % refused.values


@pytest.mark.parametrize("code", REASONS)
def test_what_a_person_is_told_says_what_to_do_and_holds_no_jargon(code):
    told = RegistrationRefused(code).person

    assert re.search(r"tell|start the registration", told)
    assert not re.search(r"token|state|nonce|LTI|JSON|issuer|%", told)


def test_every_text_is_found_by_the_extractor():
    found = {message for _, message, _, _ in extract("python", io.BytesIO(SOURCE.read_bytes()))}

    assert {reason.person for reason in REASONS.values()} <= found
    assert {reason.admin for reason in REASONS.values()} <= found


def test_codes_are_not_given_twice():
    assert len(REASONS) == len(registration._TABLE)


def test_the_platform_is_told_to_close_the_page_as_in_the_recording():
    assert close_message() == CLOSE_SUBJECT
    assert f'subject:"{close_message()}"' in recorded("dynamic_registration.json")["tool_page"]
