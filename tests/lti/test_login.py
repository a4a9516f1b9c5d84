"""From a platform's hint to the redirect."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from lti.browser import digest
from lti.login import ToolAddress, begin_login
from lti.refusals import LaunchContext, Refusal
from lti.testing import TOOL_URL, PlatformsInMemory


def refusal_of(house, **changes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        house.log_in(form=house.lms.login_form(**changes))
    return caught.value


def test_the_redirect_asks_the_platform_as_the_specification_says(house):
    url = urlsplit(house.log_in())
    asked = parse_qs(url.query)

    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://lms.example.org/mod/lti/auth.php"
    state, nonce = asked.pop("state")[0], asked.pop("nonce")[0]
    assert asked == {
        "scope": ["openid"],
        "response_type": ["id_token"],
        "response_mode": ["form_post"],
        "prompt": ["none"],
        "client_id": ["plc-client-1"],
        "redirect_uri": [f"{TOOL_URL}/lti/launch"],
        "login_hint": ["5"],
        "lti_message_hint": ['{"cmid":24,"launchid":"ltilaunch1_1962998987"}'],
    }
    assert len(state) == len(nonce) == 43
    assert state != nonce


def test_no_two_logins_share_a_state_or_a_nonce(house):
    asked = [parse_qs(urlsplit(house.log_in()).query) for _ in range(20)]

    assert len({secret for one in asked for secret in (one["state"][0], one["nonce"][0])}) == 40


def test_the_login_is_kept_by_digests_only_with_its_target_and_its_end(house):
    target = f"{TOOL_URL}/lti/launch?page=7"
    asked = parse_qs(urlsplit(house.log_in(form=house.lms.login_form(target_link_uri=target))).query)

    login = house.logins.take(asked["state"][0])

    assert login.state_digest == digest(asked["state"][0])
    assert login.nonce_digest == digest(asked["nonce"][0])
    assert login.mark_digest == digest(house.mark)
    assert login.target_link_uri == target
    assert login.platform_id == "platform-1"
    assert (login.expires_at - house.clock()).total_seconds() == 600
    assert asked["redirect_uri"] == [f"{TOOL_URL}/lti/launch"]


def test_a_redirect_shows_no_state_in_its_repr(house):
    redirect = begin_login(
        house.lms.login_form(), house.platforms, house.logins, house.clock, house.mark, house.address
    )
    assert "state" in redirect.url
    assert "state" not in repr(redirect)


def test_a_query_the_platforms_address_has_stays(house, lms):
    house.platforms = PlatformsInMemory(replace(lms.registration, auth_url="https://lms.example.org/auth?t=7"))

    asked = parse_qs(urlsplit(house.log_in()).query)

    assert asked["t"] == ["7"]
    assert asked["scope"] == ["openid"]


def test_a_login_without_a_message_hint_sends_none(house):
    asked = parse_qs(urlsplit(house.log_in(form=house.lms.login_form(lti_message_hint=None))).query)

    assert "lti_message_hint" not in asked


def test_an_unknown_deployment_is_no_reason_to_refuse_a_login(house):
    assert house.log_in(form=house.lms.login_form(lti_deployment_id="unheard-of")).startswith("https://lms.")
    assert house.platforms.met == []


@pytest.mark.parametrize("field", ["iss", "login_hint", "target_link_uri"])
def test_a_login_without_a_required_field_is_refused_as_incomplete(house, field):
    for value in (None, ""):
        refusal = refusal_of(house, **{field: value})
        assert (refusal.code, refusal.values["field"]) == ("login_incomplete", field)
    assert house.log_in()


@pytest.mark.parametrize("value", ["x" * 8193, "a\0b", "half a pair \ud83c"])
def test_a_field_no_platform_would_send_is_refused(house, value):
    refusal = refusal_of(house, login_hint=value)

    assert (refusal.code, refusal.values["field"]) == ("form_malformed", "login_hint")


def test_what_a_malformed_login_says_of_itself_fits_on_a_log_line(house):
    seen = refusal_of(house, iss="x\n" * 9000, client_id=None).seen

    assert seen.issuer.isprintable()
    assert len(seen.issuer) == 201
    assert seen.client_id is None


def test_an_unknown_issuer_is_refused_by_its_name(house):
    refusal = refusal_of(house, iss="https://elsewhere.example.net")

    assert (refusal.code, refusal.status) == ("platform_unknown", 403)
    assert refusal.values == {"issuer": "https://elsewhere.example.net"}
    assert refusal.seen == LaunchContext("https://elsewhere.example.net", "plc-client-1")


def test_a_client_id_that_is_not_registered_is_refused(house):
    refusal = refusal_of(house, client_id="someone-elses")

    assert refusal.code == "client_unknown"
    assert refusal.values["client_id"] == "someone-elses"


def test_one_registration_needs_no_client_id(house):
    assert "client_id=plc-client-1" in house.log_in(form=house.lms.login_form(client_id=None))


def test_among_several_registrations_of_an_issuer_the_client_id_chooses(house, lms):
    second = replace(lms.registration, id="platform-2", client_id="plc-client-2")
    house.platforms = PlatformsInMemory(lms.registration, second)

    assert "client_id=plc-client-2" in house.log_in(form=lms.login_form(client_id="plc-client-2"))
    refusal = refusal_of(house, client_id=None)
    assert (refusal.code, refusal.values["count"]) == ("client_ambiguous", "2")


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example.net/lti/launch",
        "http://plc.example.org/lti/launch",
        "https://plc.example.org:8443/lti/launch",
        "https://plc.example.org.example.net/",
        "https://plc.example.org@example.net/",
        "https://someone@plc.example.org/",
        "https://plc.example.org\\.example.net/",
        "https://plc.example.org:port/",
        "//plc.example.org/",
        "/lti/launch",
        "javascript:alert(1)",
        "https://[plc.example.org/",
        "https://plc.example.org/\nx",
    ],
)
def test_a_target_that_is_not_ours_is_refused_before_anything_is_kept(house, target):
    refusal = refusal_of(house, target_link_uri=target)

    assert (refusal.code, refusal.values["ours"]) == ("target_foreign", TOOL_URL)
    assert len(house.logins) == 0


@pytest.mark.parametrize(
    "target", ["https://plc.example.org", "https://PLC.example.org:443/a?b=c#d", "https://plc.example.org/ж"]
)
def test_any_page_of_our_own_is_a_target(house, target):
    assert house.log_in(form=house.lms.login_form(target_link_uri=target))


def test_the_tool_may_live_below_a_path_and_on_a_port():
    address = ToolAddress("http://127.0.0.1:5000/plc/")

    assert address.redirect_uri == "http://127.0.0.1:5000/plc/lti/launch"
    assert address.origin == "http://127.0.0.1:5000"
    assert address.owns("http://127.0.0.1:5000/lti/launch")
    assert not address.owns("http://127.0.0.1/lti/launch")


@pytest.mark.parametrize("url", ["plc.example.org", "ftp://plc.example.org", "https://a/?b=c", "https://a/#b", ""])
def test_a_tool_without_a_proper_address_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="base URL"):
        ToolAddress(url)
