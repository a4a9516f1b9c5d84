"""From a platform's hint to the redirect."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import fields, replace
from urllib.parse import parse_qs, urlsplit

import pytest

from lti.browser import digest
from lti.login import ToolAddress, begin_login, kept_in, origin_of
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


def test_state_and_nonce_are_256_random_bits_each(house):
    asked = parse_qs(urlsplit(house.log_in()).query)

    for name in ("state", "nonce"):
        assert len(urlsafe_b64decode(asked[name][0] + "=")) * 8 == 256


@pytest.mark.parametrize(
    "hint",
    [
        '{"cmid":24,"launchid":"ltilaunch1_1962998987"}',
        "a=b&c=d#e?f",
        "100% + spaces  and / slashes",
        "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln",
        "Сабақ «жоспар» 🌍",
        "line\nbreak\ttab",
        "x" * 8192,
    ],
)
def test_both_hints_of_the_platform_go_back_to_it_exactly_as_they_came(house, hint):
    asked = parse_qs(urlsplit(house.log_in(form=house.lms.login_form(lti_message_hint=hint, login_hint=hint))).query)

    assert asked["lti_message_hint"] == asked["login_hint"] == [hint]


def test_launches_come_to_one_fixed_address_without_a_query_whatever_the_target_is(house):
    for target in (f"{TOOL_URL}/lti/launch?page=7", f"{TOOL_URL}/lti/launch?page=8#top", f"{TOOL_URL}/elsewhere"):
        asked = parse_qs(urlsplit(house.log_in(form=house.lms.login_form(target_link_uri=target))).query)

        assert asked["redirect_uri"] == [f"{TOOL_URL}/lti/launch"]
        assert "target_link_uri" not in asked
        assert house.logins.take(asked["state"][0]).target_link_uri == target


def test_a_login_without_a_message_hint_sends_none(house):
    asked = parse_qs(urlsplit(house.log_in(form=house.lms.login_form(lti_message_hint=None))).query)

    assert "lti_message_hint" not in asked


def test_a_login_of_an_unknown_deployment_is_refused_once_another_one_is_approved(house):
    refusal = refusal_of(house, lti_deployment_id="unheard-of")

    assert (refusal.code, refusal.status) == ("deployment_unknown", 403)
    assert refusal.values == {
        "deployment_id": "unheard-of",
        "issuer": "https://lms.example.org",
        "client_id": "plc-client-1",
    }
    assert refusal.seen == LaunchContext("https://lms.example.org", "plc-client-1")
    assert (len(house.logins), house.platforms.met) == (0, [])
    assert house.log_in()


def test_a_login_of_an_unknown_deployment_goes_on_while_none_is_approved(house, lms):
    house.platforms = PlatformsInMemory(lms.registration, approved=())

    assert house.log_in(form=lms.login_form(lti_deployment_id="unheard-of"))
    house.platforms.meet_deployment("platform-1", "1")
    assert house.log_in(form=lms.login_form(lti_deployment_id="unheard-of"))
    house.platforms.approve("platform-1", "1")
    assert refusal_of(house, lti_deployment_id="unheard-of").code == "deployment_unknown"
    assert house.log_in()


def test_a_deployment_that_waits_for_approval_may_log_in(house):
    house.platforms.meet_deployment("platform-1", "2")

    assert house.log_in(form=house.lms.login_form(lti_deployment_id="2"))


def test_a_deployment_approved_for_one_registration_says_nothing_of_another(house, lms):
    second = replace(lms.registration, id="platform-2", client_id="plc-client-2")
    house.platforms = PlatformsInMemory(lms.registration, second)
    house.platforms.approve("platform-2", "7")

    assert house.log_in(form=lms.login_form(client_id="plc-client-2", lti_deployment_id="7"))
    assert refusal_of(house, lti_deployment_id="7").code == "deployment_unknown"


@pytest.mark.parametrize("deployment_id", [None, ""])
def test_a_platform_need_not_announce_its_deployment(house, deployment_id):
    assert house.log_in(form=house.lms.login_form(lti_deployment_id=deployment_id))


@pytest.mark.parametrize("field", ["iss", "login_hint", "target_link_uri"])
def test_a_login_without_a_required_field_is_refused_as_incomplete(house, field):
    for value in (None, ""):
        refusal = refusal_of(house, **{field: value})
        assert (refusal.code, refusal.values["field"]) == ("login_incomplete", field)
    assert house.log_in()


@pytest.mark.parametrize("value", ["x" * 8193, "a\0b", "half a pair \ud83c"])
@pytest.mark.parametrize(
    "field",
    [
        "iss",
        "login_hint",
        "target_link_uri",
        "client_id",
        "lti_message_hint",
        "lti_deployment_id",
        "lti_storage_target",
    ],
)
def test_a_field_no_platform_would_send_is_refused(house, field, value):
    refusal = refusal_of(house, **{field: value})

    assert (refusal.code, refusal.values["field"]) == ("form_malformed", field)
    assert len(house.logins) == 0


def test_a_target_that_is_stored_is_of_bounded_length(house):
    longest = f"{TOOL_URL}/".ljust(1024, "x")

    assert house.log_in(form=house.lms.login_form(target_link_uri=longest))
    refusal = refusal_of(house, target_link_uri=longest + "x")
    assert (refusal.code, refusal.values["field"]) == ("form_malformed", "target_link_uri")


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
        "https://plc.example.org:0/",
        "https://plc.example.org:99999/",
        "https://plc.example.org:443@example.net/",
        "https://plc.example.org%2f@example.net/",
        "https://plc.example.org\\@example.net/",
        "https:\\\\plc.example.org/",
        "https:/\\plc.example.org/",
        "https:plc.example.org/",
        "https:///plc.example.org/",
        "https://example.net/plc.example.org",
        "https://example.net?https://plc.example.org/",
        "https://example.net#https://plc.example.org/",
        "https://plc.example.org.",
        "https://plc.example.org%00.example.net/",
        "https://plc.exаmple.org/",
        "https://plc。example.org/",
        " https://plc.example.org/",
        "https://plc.example.org/ x",
        "https://plc.example.org\t/",
        "https://\u200bplc.example.org/",
        "ftp://plc.example.org/",
        "wss://plc.example.org/",
        "data:text/html,https://plc.example.org/",
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
    "target",
    [
        "https://plc.example.org",
        "https://PLC.example.org:443/a?b=c#d",
        "HTTPS://plc.example.org:/",
        "https://plc.example.org/ж",
        "https://plc.example.org/a@b:c",
    ],
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


def test_a_tool_whose_name_is_not_in_ascii_is_known_by_both_its_names():
    address = ToolAddress("https://бірлестік.қаз")

    assert address.owns("https://бірлестік.қаз/lti/launch")
    assert address.owns(f"https://{'бірлестік.қаз'.encode('idna').decode()}/lti/launch")
    assert not address.owns("https://бiрлестiк.қаз/lti/launch")
    assert not ToolAddress("https://strasse.example.org").owns("https://straße.example.org/")


STORAGE = {"lti_storage_target": "post_message_forwarding"}


def test_a_secret_is_left_in_the_frame_the_platform_names_and_only_its_digest_is_kept(house):
    redirect = house.begin(house.lms.login_form(**STORAGE))
    login = house.logins.take(parse_qs(urlsplit(redirect.url).query)["state"][0])

    assert redirect.storage.frame == login.storage_frame == "post_message_forwarding"
    assert login.storage_digest == digest(redirect.storage.value)
    assert len(urlsafe_b64decode(redirect.storage.value + "=")) * 8 == 256
    assert redirect.storage.value not in repr(login)
    assert redirect.storage.value not in {str(getattr(login, name.name)) for name in fields(login)}
    assert redirect.storage.value not in repr(redirect)


def test_the_secret_in_the_platform_is_none_of_the_others(house):
    redirect = house.begin(house.lms.login_form(**STORAGE))
    asked = parse_qs(urlsplit(redirect.url).query)

    assert redirect.storage.value not in (house.mark, asked["state"][0], asked["nonce"][0])
    assert redirect.storage.value not in redirect.url
    assert not {house.mark, asked["state"][0], asked["nonce"][0]} & {redirect.storage.key, redirect.storage.value}


def test_every_login_has_a_key_and_a_secret_of_its_own(house):
    drawers = [house.begin(house.lms.login_form(**STORAGE)).storage for _ in range(20)]

    assert len({drawer.key for drawer in drawers}) == len({drawer.value for drawer in drawers}) == 20


@pytest.mark.parametrize(
    ("auth_url", "origin"),
    [
        ("https://lms.example.org/mod/lti/auth.php", "https://lms.example.org"),
        ("https://LMS.example.org:443/auth?t=7", "https://lms.example.org"),
        ("https://sso.example.net:8443/auth", "https://sso.example.net:8443"),
        ("http://127.0.0.1:8080/auth", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/auth", "http://[::1]:8080"),
        ("https://мектеп.қаз/auth", f"https://{'мектеп.қаз'.encode('idna').decode()}"),
    ],
)
def test_a_page_speaks_to_the_origin_of_the_registered_address_only(house, lms, auth_url, origin):
    house.platforms = PlatformsInMemory(replace(lms.registration, auth_url=auth_url))
    storage = house.begin(lms.login_form(**STORAGE)).storage

    assert storage.origin == origin_of(auth_url) == origin
    assert "*" not in storage.origin


@pytest.mark.parametrize(
    "auth_url",
    [
        "https://someone@lms.example.org/auth",
        "https://*/auth",
        "https://lms.example.org;sandbox/auth",
        "https://straße.example.org/auth",
        "https://lms.example.org:99999/auth",
        "https://[half/auth",
        f"https://{'ж' * 70}.example.org/auth",
        "/auth",
    ],
)
def test_a_platform_whose_address_has_no_plain_origin_keeps_nothing_for_us(house, lms, auth_url):
    assert origin_of(auth_url) is None
    registration = replace(lms.registration, auth_url=auth_url)
    login = house.logins.take(parse_qs(urlsplit(house.begin(lms.login_form(**STORAGE)).url).query)["state"][0])

    assert kept_in(login, lms.registration).frame == "post_message_forwarding"
    assert kept_in(login, registration) is None


def test_a_login_goes_on_without_storage_at_a_platform_without_a_plain_origin(house, lms):
    house.platforms = PlatformsInMemory(replace(lms.registration, auth_url="https://someone@lms.example.org/auth"))
    redirect = house.begin(lms.login_form(**STORAGE))

    assert redirect.url.startswith("https://someone@lms.example.org/auth?")
    assert redirect.storage is None


@pytest.mark.parametrize("frame", ["_parent", "post_message_forwarding", "frame-7", "<i>&\"'"])
def test_the_frame_is_the_one_the_platform_names(house, frame):
    redirect = house.begin(house.lms.login_form(lti_storage_target=frame))
    login = house.logins.take(parse_qs(urlsplit(redirect.url).query)["state"][0])

    assert redirect.storage.frame == login.storage_frame == frame
    assert "lti_storage_target" not in redirect.url


@pytest.mark.parametrize("frame", [None, "", " ", "two words", "жақтау", "line\nbreak", "x" * 256])
def test_without_a_plain_name_of_a_frame_the_login_goes_on_without_storage(house, frame):
    redirect = house.begin(house.lms.login_form(lti_storage_target=frame))
    login = house.logins.take(parse_qs(urlsplit(redirect.url).query)["state"][0])

    assert redirect.storage is None
    assert (login.storage_digest, login.storage_frame) == (None, None)


def test_a_browser_that_has_brought_its_mark_needs_no_storage(house):
    assert house.begin(house.lms.login_form(**STORAGE), is_new_browser=False).storage is None
    assert house.begin(house.lms.login_form(**STORAGE), is_new_browser=True).storage is not None
