"""Which launches come in, and with which code each other one is refused."""

from __future__ import annotations

import ast
import inspect
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from lti import launch as checks
from lti.browser import is_same
from lti.claims import DEEP_LINKING, GROUPS, LTI, MESSAGES
from lti.keysets import KeySets
from lti.launch import CHECKS, LaunchRules
from lti.refusals import REASONS, LaunchContext, Refusal
from lti.roles import Scope
from lti.testing import SPOILED, TOOL_URL, Draft, PlatformInMemory, PlatformsInMemory, Spoiled

EVERY_MESSAGE = LaunchRules(messages=frozenset(MESSAGES))
OF_OTHER_MESSAGES = {"for_user_malformed", "deep_linking_settings_malformed"}
SETTINGS = {
    "deep_link_return_url": "https://lms.example.org/mod/lti/contentitem_return.php?course=5&id=1",
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["iframe", "window"],
    "accept_multiple": True,
}


def refusal_of(act) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_launch_is_refused_with_its_code_and_a_good_one_beside_it_comes_in(house, name):
    rules = EVERY_MESSAGE if SPOILED[name].code in OF_OTHER_MESSAGES else house.rules
    spoiled = house.lms.launch_form(house.log_in(), spoil=name)
    good = house.lms.launch_form(house.log_in())

    refusal = refusal_of(lambda: house.launch(spoiled, rules=rules))

    assert refusal.code == SPOILED[name].code
    assert house.launch(good, rules=rules).subject == "5"


def test_every_code_a_launch_can_be_refused_with_is_met_by_some_spoiled_launch():
    met = {spoiled.code for spoiled in SPOILED.values()}
    shown_elsewhere = {
        "login_incomplete",
        "platform_unknown",
        "client_unknown",
        "client_ambiguous",
        "deployment_unknown",
        "state_expired",
        "browser_changed",
        "registration_unknown",
        "keys_unavailable",
        "origin_foreign",
        "ticket_missing",
        "ticket_unknown",
        "ticket_expired",
        "proof_differs",
    }
    assert met | shown_elsewhere == REASONS.keys()
    assert not met & shown_elsewhere
    assert len(SPOILED) >= 70


def late(house, form):
    house.clock.forward(minutes=10)
    house.launch(form)


def without_its_registration(house, form):
    house.platforms.remove("platform-1")
    house.launch(form)


def with_a_silent_platform(house, form):
    house.lms.registration = replace(house.lms.registration, jwks_url="https://lms.example.org/moved")
    house.launch(form)


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("state_expired", late),
        ("browser_changed", lambda house, form: house.launch(form, mark="N" * 43)),
        ("registration_unknown", without_its_registration),
        ("keys_unavailable", with_a_silent_platform),
    ],
)
def test_a_good_form_may_still_come_at_the_wrong_moment(house, code, act):
    form = house.lms.launch_form(house.log_in())

    assert refusal_of(lambda: act(house, form)).code == code
    assert refusal_of(lambda: house.launch(form)).code == "state_unknown"


def codes_of_the_checks() -> set[str]:
    """Every code `lti.launch` refuses with, as it is written there."""
    calls = (node for node in ast.walk(ast.parse(inspect.getsource(checks))) if isinstance(node, ast.Call))
    firsts = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Refusal"]
    written = {first.value for first in firsts if isinstance(first, ast.Constant)}
    return written | set(checks._PLATFORM_ERRORS.values()) | set(checks._MISSING_CLAIMS.values())


def test_every_code_written_in_the_checks_is_met_by_a_launch_that_earns_it():
    met = {spoiled.code for spoiled in SPOILED.values()}

    assert codes_of_the_checks() - met == {
        "state_expired",
        "browser_changed",
        "registration_unknown",
        "keys_unavailable",
    }


def test_a_good_launch_says_who_comes_from_where(house):
    launch = house.log_in_and_launch()

    assert launch.platform == house.lms.registration
    assert launch.deployment_id == "1"
    assert launch.subject == "5"
    assert (launch.name, launch.given_name, launch.family_name) == ("Ada Teacher", "Ada", "Teacher")
    assert launch.email == "teacher1@example.org"
    assert launch.context.id == "5"
    assert launch.context.label == "LSFA-EN-1"
    assert launch.context.title == "Lesson Study & Formative Assessment"
    assert launch.context.type == ("CourseSection",)
    assert launch.resource_link.id == "1"
    assert [(role.scope, role.name) for role in launch.roles] == [(Scope.CONTEXT, "Instructor")]
    assert launch.locale == "en"
    assert launch.custom == {"level": "course", "PageId": "42", "pageid": "42"}
    assert launch.ext["lms"] == "moodle-2"
    assert launch.sourced_ids.person_sourcedid == "T-0001"
    assert launch.return_url.startswith("https://lms.example.org/mod/lti/return.php")
    assert launch.names_and_roles.context_memberships_url.endswith("/CourseSection/5/bindings/1/memberships")
    assert launch.grades.lineitem.endswith("/9/lineitem?type_id=1")
    assert launch.target_link_uri == f"{TOOL_URL}/lti/launch"
    assert launch.mark == house.mark


def test_a_launch_shows_nobody_in_its_repr(house):
    launch = house.log_in_and_launch()

    for shown in (repr(launch), repr(launch.message), str(launch.message), repr(launch.context)):
        assert "Ada" not in shown
        assert "example.org" not in shown
    assert repr(launch) == "<Launch LtiResourceLinkRequest from platform-1>"


def test_a_launch_asks_the_stores_once_each(house):
    form = house.lms.launch_form(house.log_in())
    house.platforms.gets = 0

    house.launch(form)

    assert (house.logins.takes, house.platforms.gets, len(house.platforms.met)) == (1, 1, 1)


def test_a_replayed_launch_is_refused_as_already_used(house):
    form = house.lms.launch_form(house.log_in())

    assert house.launch(form).subject == "5"
    assert refusal_of(lambda: house.launch(form)).code == "state_unknown"


def test_of_eight_parallel_replays_exactly_one_comes_in(house):
    form = house.lms.launch_form(house.log_in())
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def replay() -> None:
        start.wait()
        try:
            outcomes.append(house.launch(form).subject)
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=replay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["5"] + ["state_unknown"] * 7


def test_a_refused_launch_uses_up_its_login(house):
    redirect = house.log_in()
    spoiled = house.lms.launch_form(redirect, spoil="signed_by_a_stranger")
    good = house.lms.launch_form(redirect)

    assert refusal_of(lambda: house.launch(spoiled)).code == "signature_wrong"
    assert refusal_of(lambda: house.launch(good)).code == "state_unknown"


def test_a_launch_of_one_login_does_not_answer_another(house):
    first, second = house.log_in(), house.log_in()
    mixed = house.lms.launch_form(first) | {"state": house.lms.launch_form(second)["state"]}

    assert refusal_of(lambda: house.launch(mixed)).code == "nonce_differs"


@pytest.mark.parametrize(("waited", "code"), [(599, None), (600, "state_expired")])
def test_a_login_is_good_for_ten_minutes(house, waited, code):
    redirect = house.log_in()
    house.clock.forward(seconds=waited)
    form = house.lms.launch_form(redirect)

    if code is None:
        assert house.launch(form).subject == "5"
    else:
        assert refusal_of(lambda: house.launch(form)).code == code


def test_a_launch_in_another_browser_than_its_login_is_refused(house):
    form = house.lms.launch_form(house.log_in())

    assert refusal_of(lambda: house.launch(form, mark="N" * 43)).code == "browser_changed"


def test_a_launch_whose_cookie_did_not_come_is_verified_whole_and_has_no_mark(house):
    assert house.launch(house.lms.launch_form(house.log_in()), mark=None).mark is None

    spoiled = house.lms.launch_form(house.log_in(), spoil="expired")
    assert refusal_of(lambda: house.launch(spoiled, mark=None)).code == "token_expired"


def test_a_removed_registration_is_refused(house):
    form = house.lms.launch_form(house.log_in())
    house.platforms.remove(house.lms.registration.id)

    assert refusal_of(lambda: house.launch(form)).code == "registration_unknown"


def test_a_launch_is_checked_against_the_registration_its_login_began_with(house, lms):
    other = replace(lms.registration, id="platform-2", client_id="plc-client-2")
    house.platforms = PlatformsInMemory(lms.registration, other)
    other_login = house.log_in(form=lms.login_form(client_id="plc-client-2"))

    assert refusal_of(lambda: house.launch(lms.launch_form(other_login))).code == "audience_differs"
    other_login = house.log_in(form=lms.login_form(client_id="plc-client-2"))
    assert house.launch(lms.launch_form(other_login, aud="plc-client-2")).platform == other


def test_a_platform_whose_keys_were_never_read_is_refused_as_unavailable(house):
    def no_answer(url):
        raise TimeoutError

    house.key_sets = KeySets(no_answer, house.clock)
    refusal = refusal_of(house.log_in_and_launch)

    assert refusal.code == "keys_unavailable"
    assert refusal.values["failure"] == "TimeoutError"
    assert refusal.values["jwks_url"] == house.lms.registration.jwks_url


def test_an_unknown_key_causes_one_more_reading_and_then_a_minute_of_quiet(house, lms):
    house.log_in_and_launch()
    for _ in range(5):
        assert refusal_of(lambda: house.log_in_and_launch(spoil="kid_unknown")).code == "key_unknown"
    assert lms.jwks_reads == 2
    assert house.log_in_and_launch().subject == "5"

    house.clock.forward(seconds=59)
    assert refusal_of(lambda: house.log_in_and_launch(spoil="kid_unknown")).code == "key_unknown"
    assert lms.jwks_reads == 2
    house.clock.forward(seconds=1)
    assert refusal_of(lambda: house.log_in_and_launch(spoil="kid_unknown")).code == "key_unknown"
    assert lms.jwks_reads == 3


@pytest.mark.parametrize("answer", [{"keys": []}, {}, b"<html>", TimeoutError()], ids=repr)
def test_launches_go_on_with_the_last_good_keys_when_a_platform_stops_publishing_them(house, lms, answer):
    def answers(url):
        if house.clock().hour < 12:
            return lms.fetch(url)
        if isinstance(answer, Exception):
            raise answer
        return answer

    house.key_sets = KeySets(answers, house.clock)
    house.log_in_and_launch()
    house.clock.forward(hours=5)

    assert house.log_in_and_launch().subject == "5"
    assert refusal_of(lambda: house.log_in_and_launch(spoil="signed_by_a_stranger")).code == "signature_wrong"
    assert refusal_of(lambda: house.log_in_and_launch(spoil="kid_unknown")).code == "key_unknown"


def test_a_platform_may_change_its_key_without_telling_anyone(house, lms):
    before = lms.launch_form(house.log_in())
    house.log_in_and_launch()
    lms.rotate_key()

    assert house.log_in_and_launch().subject == "5"
    assert lms.jwks_reads == 2
    assert refusal_of(lambda: house.launch(before)).code == "key_unknown"


def test_keys_come_only_from_the_address_of_the_registration(house, lms):
    house.platforms = PlatformsInMemory(replace(lms.registration, jwks_url="https://lms.example.org/other"))

    assert refusal_of(house.log_in_and_launch).code == "keys_unavailable"


def test_a_key_meant_for_another_algorithm_is_refused(house, lms, monkeypatch):
    key_set = lms.jwks()
    key_set["keys"][0]["alg"] = "RS512"
    monkeypatch.setattr(lms, "jwks", lambda: key_set)

    refusal = refusal_of(house.log_in_and_launch)

    assert (refusal.code, refusal.values["key_algorithm"]) == ("algorithm_refused", "RS512")


def test_another_algorithm_is_refused_even_where_the_platforms_key_is_meant_for_it(house, lms, monkeypatch):
    key_set = lms.jwks()
    key_set["keys"][0]["alg"] = "RS384"
    monkeypatch.setattr(lms, "jwks", lambda: key_set)

    refusal = refusal_of(lambda: house.log_in_and_launch(spoil="algorithm_rs384"))

    assert refusal.code == "algorithm_refused"
    assert refusal.values == {"algorithm": "RS384", "key_algorithm": "RS256"}


def test_a_waiting_deployment_is_stored_and_comes_in_once_it_is_approved(house, lms):
    refusal = refusal_of(lambda: house.log_in_and_launch(**{LTI + "deployment_id": "2"}))
    assert refusal.code == "deployment_waiting"
    assert refusal.values == {
        "deployment_id": "2",
        "issuer": "https://lms.example.org",
        "client_id": "plc-client-1",
    }
    assert house.platforms.met == [("platform-1", "2")]

    house.platforms.approve("platform-1", "2")
    assert house.log_in_and_launch(**{LTI + "deployment_id": "2"}).deployment_id == "2"


def test_an_unverified_launch_never_stores_a_deployment(house):
    claims_two = Spoiled("", lambda draft: draft.claims.update({LTI + "deployment_id": "2"}))

    def both(draft: Draft) -> None:
        claims_two.spoil(draft)
        SPOILED["signed_by_a_stranger"].spoil(draft)

    form = house.lms.launch_form(house.log_in(), spoil=Spoiled("signature_wrong", both))

    assert refusal_of(lambda: house.launch(form)).code == "signature_wrong"
    assert house.platforms.met == []


@pytest.mark.parametrize(
    ("seconds", "comes_in"), [(0, True), (119, True), (120, False)], ids=["at once", "in the leeway", "late"]
)
def test_a_minute_of_clock_difference_is_forgiven(house, seconds, comes_in):
    form = house.lms.launch_form(house.log_in())
    house.clock.forward(seconds=seconds)

    if comes_in:
        assert house.launch(form).subject == "5"
    else:
        assert refusal_of(lambda: house.launch(form)).code == "token_expired"


def test_times_may_have_fractions_and_huge_ones_are_refused_and_shown(house):
    now = house.clock().timestamp()
    assert house.log_in_and_launch(iat=now - 0.5, exp=now + 59.5).subject == "5"

    refusal = refusal_of(lambda: house.log_in_and_launch(iat=10**30))
    assert (refusal.code, refusal.values["begins"]) == ("token_from_future", str(10**30))


ELSEWHERE = "https://elsewhere.example.net"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://LMS.example.org"}, "issuer_differs"),
        ({"iss": "http://lms.example.org"}, "issuer_differs"),
        ({"iss": " https://lms.example.org"}, "issuer_differs"),
        ({"iss": ["https://lms.example.org"]}, "issuer_differs"),
        ({"iss": {"https://lms.example.org": True}}, "issuer_differs"),
        ({"iss": ""}, "issuer_differs"),
        ({"aud": ""}, "audience_differs"),
        ({"aud": "PLC-client-1"}, "audience_differs"),
        ({"aud": "plc-client-1 "}, "audience_differs"),
        ({"aud": "plc-client-10"}, "audience_differs"),
        ({"aud": "plc-client"}, "audience_differs"),
        ({"aud": ["another-tool"]}, "audience_differs"),
        ({"aud": [["plc-client-1"]]}, "audience_differs"),
        ({"aud": {"plc-client-1": True}}, "audience_differs"),
        ({"aud": "another-tool", "azp": "plc-client-1"}, "audience_differs"),
        ({"aud": ["plc-client-1", "plc-client-1"]}, "party_differs"),
    ],
    ids=str,
)
def test_issuer_and_audience_are_compared_letter_by_letter(house, claims, code):
    assert refusal_of(lambda: house.log_in_and_launch(**claims)).code == code
    assert house.log_in_and_launch().subject == "5"


def test_the_issuer_is_the_one_the_state_belongs_to_and_not_the_one_the_token_names(house, lms):
    other = PlatformInMemory(issuer=ELSEWHERE, platform_id="platform-2", clock=house.clock)
    other.kid = "other-key"
    house.platforms = PlatformsInMemory(lms.registration, other.registration)
    by_url = {one.registration.jwks_url: one.jwks for one in (lms, other)}
    house.key_sets = KeySets(lambda url: by_url[url](), house.clock)

    # Signed well by a registered platform, for its own client id, with the nonce: and for another one's login.
    borrowed = other.launch_form(house.log_in())
    assert refusal_of(lambda: house.launch(borrowed)).code == "key_unknown"
    other.kid = lms.kid
    borrowed = other.launch_form(house.log_in())
    assert refusal_of(lambda: house.launch(borrowed)).code == "issuer_differs"

    house.key_sets = KeySets(lambda url: by_url[url](), house.clock)
    own = other.launch_form(house.log_in(form=other.login_form()))
    assert house.launch(own).platform == other.registration
    assert house.log_in_and_launch().platform == lms.registration


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iat": -660}, None),
        ({"iat": -661}, "token_too_old"),
        ({"iat": 60}, None),
        ({"iat": 61}, "token_from_future"),
        ({"iat": 61, "nbf": -10}, "token_from_future"),
        ({"nbf": 60}, None),
        ({"nbf": 61}, "token_from_future"),
        ({"nbf": -3600}, None),
        ({"exp": -59}, None),
        ({"exp": -60}, "token_expired"),
        ({"exp": 365 * 86_400}, None),
    ],
    ids=str,
)
def test_times_are_good_to_the_second_within_a_minute_of_leeway(house, claims, code):
    now = int(house.clock().timestamp())
    moved = {name: now + seconds for name, seconds in claims.items()}

    if code is None:
        assert house.log_in_and_launch(**moved).subject == "5"
    else:
        assert refusal_of(lambda: house.log_in_and_launch(**moved)).code == code


def test_a_host_may_forgive_less_of_the_clock_and_of_age(house):
    strict = LaunchRules(leeway=timedelta(0), max_age=timedelta(seconds=30))
    now = int(house.clock().timestamp())
    for claims, code in (
        ({"exp": now}, "token_expired"),
        ({"iat": now + 1}, "token_from_future"),
        ({"iat": now - 31}, "token_too_old"),
    ):
        form = house.lms.launch_form(house.log_in(), **claims)
        assert refusal_of(lambda form=form: house.launch(form, rules=strict)).code == code
    assert house.launch(house.lms.launch_form(house.log_in(), iat=now - 30), rules=strict).subject == "5"


def test_several_audiences_come_in_when_the_authorized_party_is_us(house):
    client_id = house.lms.registration.client_id

    assert house.log_in_and_launch(aud=[client_id]).subject == "5"
    assert house.log_in_and_launch(aud=["another", client_id], azp=client_id).subject == "5"


def test_an_anonymous_launch_comes_in_only_where_that_is_allowed(house):
    form = house.lms.launch_form(house.log_in(), sub=None)
    assert house.launch(form, rules=LaunchRules(anonymous=True)).subject is None

    form = house.lms.launch_form(house.log_in(), sub=None)
    assert refusal_of(lambda: house.launch(form)).code == "subject_missing"


@pytest.mark.parametrize("name", [name for name, spoiled in SPOILED.items() if spoiled.code == "subject_malformed"])
def test_a_subject_that_is_there_has_to_be_good_where_anonymous_launches_are_allowed_too(house, name):
    form = house.lms.launch_form(house.log_in(), spoil=name)

    assert refusal_of(lambda: house.launch(form, rules=LaunchRules(anonymous=True))).code == "subject_malformed"
    form = house.lms.launch_form(house.log_in(), sub="5" * 255)
    assert house.launch(form, rules=LaunchRules(anonymous=True)).subject == "5" * 255


def test_what_is_verified_is_neither_changed_nor_mixed_with_what_the_browser_says(house):
    form = house.lms.launch_form(house.log_in())
    also = {"sub": "2", "name": "Eve", LTI + "roles": "Administrator", "custom_level": "system", "iss": ELSEWHERE}
    launch = house.launch(form | also)

    assert (launch.subject, launch.name, launch.claims["iss"]) == ("5", "Ada Teacher", house.lms.registration.issuer)
    assert [role.name for role in launch.roles] == ["Instructor"]
    assert launch.custom["level"] == "course"
    assert not {"custom_level", "state", "id_token"} & launch.claims.keys()
    for change in (
        lambda: setattr(launch, "subject", "2"),
        lambda: setattr(launch.claims, "sub", "2"),
        lambda: launch.claims.update(sub="2"),
        lambda: launch.claims[LTI + "roles"].append("Administrator"),
        lambda: launch.claims[LTI + "context"].update(id="6"),
    ):
        with pytest.raises((AttributeError, TypeError)):
            change()
    assert launch.claims["sub"] == "5"
    assert launch.claims.as_json() == {name: thawed(value) for name, value in launch.claims.items()}


def thawed(value):
    if isinstance(value, Mapping):
        return {name: thawed(item) for name, item in value.items()}
    return [thawed(item) for item in value] if isinstance(value, tuple) else value


def test_the_claims_of_groups_and_notices_say_where_to_ask(house):
    base = "https://lms.example.org"
    launch = house.log_in_and_launch(
        **{
            GROUPS + "groupsservice": {
                "context_groups_url": f"{base}/groups/5",
                "context_group_sets_url": f"{base}/sets/5",
                "scope": ["https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"],
                "service_versions": ["1.0"],
            },
            LTI + "platformnotificationservice": {
                "platform_notification_service_url": f"{base}/notices/5",
                "service_versions": ["1.0"],
                "scope": ["https://purl.imsglobal.org/spec/lti/scope/noticehandlers"],
                "notice_types_supported": ["LtiHelloWorldNotice"],
            },
        }
    )

    assert launch.message.groups.context_groups_url == f"{base}/groups/5"
    assert launch.message.groups.context_group_sets_url == f"{base}/sets/5"
    assert launch.message.notices.platform_notification_service_url == f"{base}/notices/5"
    assert launch.message.notices.notice_types_supported == ("LtiHelloWorldNotice",)


@pytest.mark.parametrize("claim", [GROUPS + "groupsservice", LTI + "platformnotificationservice"])
@pytest.mark.parametrize("odd", [None, "x", [], {}, {"context_groups_url": "javascript:1"}, 7], ids=str)
def test_an_odd_service_claim_counts_as_absent_and_keeps_nobody_out(house, claim, odd):
    spoiled = Spoiled("", lambda draft: draft.claims.update({claim: odd}))
    message = house.log_in_and_launch(spoil=spoiled).message

    assert (message.groups, message.notices) == (None, None)


def test_a_launch_says_where_the_platform_keeps_the_secret_of_its_login(house):
    redirect = house.begin(house.lms.login_form(lti_storage_target="_parent"))
    launch = house.launch(house.lms.launch_form(redirect.url), mark=None)

    assert launch.storage == replace(redirect.storage, value=None)
    assert is_same(redirect.storage.value, launch.proof_digest)
    assert redirect.storage.value not in repr(launch) + repr(launch.storage)


def test_a_launch_of_a_login_without_storage_has_neither_drawer_nor_proof(house):
    launch = house.log_in_and_launch()

    assert (launch.storage, launch.proof_digest) == (None, None)


def test_a_deep_linking_request_needs_no_target_and_no_resource_link(house):
    form = house.lms.launch_form(
        house.log_in(),
        **{
            LTI + "message_type": "LtiDeepLinkingRequest",
            LTI + "resource_link": None,
            LTI + "target_link_uri": None,
            DEEP_LINKING + "deep_linking_settings": SETTINGS,
        },
    )
    launch = house.launch(form, rules=EVERY_MESSAGE)

    assert launch.message.settings.accept_types == ("ltiResourceLink",)
    assert launch.message.settings.accept_multiple is True
    assert launch.message.settings.data is None
    assert launch.resource_link is None
    assert launch.target_link_uri == f"{TOOL_URL}/lti/launch"


def test_a_submission_review_says_whose_submission_is_meant(house):
    form = house.lms.launch_form(
        house.log_in(),
        **{LTI + "message_type": "LtiSubmissionReviewRequest", LTI + "for_user": {"user_id": "8"}},
    )
    launch = house.launch(form, rules=EVERY_MESSAGE)

    assert (launch.subject, launch.message.for_user.user_id) == ("5", "8")


def test_a_data_privacy_launch_may_be_about_the_person_themselves(house):
    form = house.lms.launch_form(
        house.log_in(),
        **{LTI + "message_type": "LtiDataPrivacyLaunchRequest", LTI + "resource_link": None},
    )
    assert house.launch(form, rules=EVERY_MESSAGE).message.for_user is None


def test_the_target_may_be_any_page_of_ours(house):
    target = f"{TOOL_URL}:443/lti/launch?page=7"

    assert house.log_in_and_launch(**{LTI + "target_link_uri": target}).target_link_uri == target


def test_a_refusal_knows_the_platform_as_far_as_it_was_proved(house):
    expired = refusal_of(lambda: house.log_in_and_launch(spoil="expired"))
    stranger = refusal_of(lambda: house.log_in_and_launch(spoil="signed_by_a_stranger"))
    replay = refusal_of(lambda: house.log_in_and_launch(spoil="state_invented"))

    known = LaunchContext("https://lms.example.org", "plc-client-1")
    return_url = "https://lms.example.org/mod/lti/return.php?course=5&sesskey=EXAMPLE"
    assert expired.seen == replace(known, return_url=return_url)
    assert stranger.seen == known
    assert replay.seen == LaunchContext()
    assert "sesskey" not in repr(expired.seen)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://[half", 7, None])
def test_a_return_url_that_is_no_web_address_is_not_known_at_all(house, url):
    presentation = {"locale": "kk", "return_url": url}
    refusal = refusal_of(
        lambda: house.log_in_and_launch(spoil="expired", **{LTI + "launch_presentation": presentation})
    )
    assert refusal.seen.return_url is None

    launch = house.log_in_and_launch(**{LTI + "launch_presentation": presentation})
    assert (launch.return_url, launch.locale) == (None, "kk")


def test_a_platforms_error_is_told_even_without_a_state(house):
    with_state = refusal_of(lambda: house.log_in_and_launch(spoil="platform_says_unauthorized_client"))
    without = refusal_of(lambda: house.launch({"error": "unauthorized_client", "state": ""}))

    assert with_state.seen.client_id == "plc-client-1"
    assert without.seen == LaunchContext()
    assert with_state.code == without.code == "platform_unauthorized_client"


def test_no_refusal_holds_a_token_a_state_or_a_name(house):
    for name in SPOILED:
        form = house.lms.launch_form(house.log_in(), spoil=name)
        refusal = refusal_of(lambda form=form: house.launch(form))
        told = repr(refusal) + str(refusal) + refusal.admin % refusal.values + str(dict(refusal.values))
        assert "Ada" not in told
        assert "teacher1" not in told
        assert not form.get("id_token") or form["id_token"] not in told
        assert len(form.get("state", "")) < 40 or form["state"] not in told


def test_the_checks_stand_in_the_order_of_the_specifications():
    names = [check.__name__ for check in CHECKS]

    assert len(names) == len(set(names)) == 21
    assert names.index("the_signature_holds") < names.index("the_issuer_is_the_platform")
    assert names.index("the_nonce_is_this_logins") < names.index("the_deployment_is_approved")


def test_rules_that_would_weaken_the_checks_are_refused():
    assert LaunchRules(leeway=timedelta(0)).leeway == timedelta(0)
    with pytest.raises(ValueError, match="leeway"):
        LaunchRules(leeway=timedelta(seconds=61))
    with pytest.raises(ValueError, match="LtiSomethingRequest"):
        LaunchRules(messages=frozenset({"LtiSomethingRequest"}))
