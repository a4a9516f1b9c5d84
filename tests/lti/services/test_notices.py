"""Notices: asked for, and believed only as a launch is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti.claims import LTI
from lti.keysets import KeySets
from lti.login import ToolAddress
from lti.services.errors import BadAnswer, Refused
from lti.services.notices import (
    CONTEXT_COPY,
    HELLO_WORLD,
    LARGEST_BODY,
    MOST_NOTICES,
    ContextCopy,
    HelloWorld,
    Notice,
    NoticeRefused,
    handlers,
    read_notices,
    subscribe,
    unsubscribe,
)
from lti.testing import SPOILED, TOOL_URL, PlatformInMemory, PlatformsInMemory

SERVICE = "https://lms.example.org/notice-handlers/5"
HANDLER = f"{TOOL_URL}/lti/notices"
NOTICE = {"id": "7a70e604", "timestamp": "2026-03-02T09:29:00Z", "type": HELLO_WORLD}
NOT_IN_A_NOTICE = dict.fromkeys(
    ["sub", "name", "given_name", "family_name", "email"]
    + [LTI + name for name in ("message_type", "roles", "resource_link", "target_link_uri", "lis", "ext", "custom")]
)


def notice(lms, spoil=None, **changes):
    """A notice signed by the platform; `changes` are claims by name, one that is None is left out."""
    claims = NOT_IN_A_NOTICE | {LTI + "notice": NOTICE} | changes
    return lms.launch_form("https://lms.example.org/?nonce=n&state=s", spoil=spoil, **claims)["id_token"]


def copy_of(lms, **changes):
    return notice(lms, **({LTI + "notice": NOTICE | {"type": CONTEXT_COPY}} | changes))


def posted(*tokens):
    return json.dumps({"notices": [{"jwt": token} for token in tokens]}).encode()


@pytest.fixture
def platforms(lms):
    return PlatformsInMemory(lms.registration)


@pytest.fixture
def read(lms, platforms, clock):
    key_sets = KeySets(lms.fetch, clock)

    def read_them(body, **options):
        given = {"platforms": platforms, "key_sets": key_sets, "tool": ToolAddress(TOOL_URL), "clock": clock}
        return read_notices(body, **(given | options))

    return read_them


def refusal(read, body, **options):
    with pytest.raises(NoticeRefused) as caught:
        read(body, **options)
    return caught.value


def test_a_hello_is_read_with_where_it_comes_from(read, lms):
    (hello,) = read(posted(notice(lms)))

    assert type(hello) is HelloWorld
    assert (hello.platform, hello.deployment_id, hello.id) == (lms.registration, "1", "7a70e604")
    assert (hello.type, hello.timestamp) == (HELLO_WORLD, datetime(2026, 3, 2, 9, 29, tzinfo=UTC))


def test_a_copied_course_is_read_with_the_courses_it_came_from(read, lms):
    (copied,) = read(posted(copy_of(lms, **{LTI + "origin_contexts": ["4", 5, "3"]})))

    assert type(copied) is ContextCopy
    assert (copied.context.id, copied.context.title) == ("5", "Lesson Study & Formative Assessment")
    assert copied.origin_contexts == ("4", "3")


def test_a_platform_need_not_say_where_a_copy_came_from(read, lms):
    assert read(posted(copy_of(lms)))[0].origin_contexts == ()


def test_a_notice_of_an_unknown_type_is_kept_with_its_claims(read, lms):
    (unknown,) = read(posted(notice(lms, **{LTI + "notice": NOTICE | {"type": "LtiSomethingNotice"}, "own": [1]})))

    assert type(unknown) is Notice
    assert (unknown.type, unknown.claims["own"]) == ("LtiSomethingNotice", (1,))


def test_several_notices_are_read_in_their_order_and_none_is_no_error(read, lms, clock):
    bodies = [notice(lms, **{LTI + "notice": NOTICE | {"id": str(number)}}) for number in range(3)]

    assert [one.id for one in read(posted(*bodies))] == ["0", "1", "2"]
    assert read(posted()) == ()


def test_a_notice_half_an_hour_on_its_way_is_read_and_after_an_hour_it_is_not(read, lms, clock):
    now = int(clock().timestamp())
    assert read(posted(notice(lms, iat=now - 1800, exp=now + 1800)))
    assert read(posted(notice(lms, iat=now - 3660, exp=now + 10)))
    assert refusal(read, posted(notice(lms, iat=now - 3661, exp=now + 10))).code == "token_too_old"


def test_clocks_may_differ_by_the_leeway_and_that_is_a_minute_at_most(read, lms, clock):
    now = int(clock().timestamp())
    late = posted(notice(lms, iat=now - 90, exp=now - 30))

    assert read(late)
    assert refusal(read, late, leeway=timedelta(seconds=30)).code == "token_expired"
    with pytest.raises(ValueError, match="leeway"):
        read(late, leeway=timedelta(seconds=61))


NOT_OF_NOTICES = {"request_too_large", "form_malformed", "token_missing", "nonce_differs", "message_unknown"} | {
    spoiled.code
    for spoiled in SPOILED.values()
    if spoiled.code.split("_")[0] in {"platform", "state", "subject", "message", "roles", "resource", "target", "for"}
    or spoiled.code.startswith("deep_linking")
}
DIFFERENT = {
    "issuer_of_another_platform": "platform_unknown",
    "issuer_missing": "platform_unknown",
    "issuer_with_a_slash": "platform_unknown",
    "audience_of_another_tool": "client_unknown",
    "audience_missing": "client_unknown",
    "audience_a_number": "client_unknown",
    "audience_empty": "client_unknown",
    "payload_with_nan": "platform_unknown",
    "payload_with_a_name_twice": "platform_unknown",
    "made_long_ago": "",
}
SPOILED_NOTICES = {
    name: DIFFERENT.get(name, spoiled.code) for name, spoiled in SPOILED.items() if spoiled.code not in NOT_OF_NOTICES
}


@pytest.mark.parametrize("way", [way for way, code in SPOILED_NOTICES.items() if code])
def test_every_way_to_spoil_a_launch_is_refused_in_a_notice_too(read, lms, way):
    refused = refusal(read, posted(notice(lms, spoil=way)))

    assert refused.code == SPOILED_NOTICES[way]
    assert 400 <= refused.status < 500
    assert "%(" not in refused.admin % refused.values
    assert str(refused) == refused.code


def test_there_are_enough_ways_to_spoil_a_notice():
    assert sum(bool(code) for code in SPOILED_NOTICES.values()) > 40


def test_one_notice_that_is_not_believed_spoils_its_whole_post(read, lms):
    good, bad = notice(lms), notice(lms, spoil="signed_by_a_stranger")

    refused = refusal(read, posted(good, bad))
    assert (refused.code, refused.seen.issuer) == ("signature_wrong", lms.registration.issuer)
    assert read(posted(good, good))


def test_a_launch_is_no_notice(read, lms):
    launch = lms.launch_form("https://lms.example.org/?nonce=n&state=s")["id_token"]

    refused = refusal(read, posted(launch))
    assert (refused.code, refused.values["place"]) == ("notice_malformed", "notice")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({LTI + "notice": None}, "notice"),
        ({LTI + "notice": {}}, "notice.id"),
        ({LTI + "notice": NOTICE | {"id": ""}}, "notice.id"),
        ({LTI + "notice": NOTICE | {"type": 5}}, "notice.type"),
        ({LTI + "notice": NOTICE | {"timestamp": "yesterday"}}, "notice.timestamp"),
        ({LTI + "notice": NOTICE | {"timestamp": "2026-03-02T09:29:00"}}, "notice.timestamp"),
        ({LTI + "notice": NOTICE | {"type": CONTEXT_COPY}, LTI + "context": None}, "context"),
        ({LTI + "notice": NOTICE | {"type": CONTEXT_COPY}, LTI + "context": {"title": "x"}}, "context.id"),
    ],
)
def test_a_notice_that_lacks_what_its_type_needs_is_refused(read, lms, changes, place):
    refused = refusal(read, posted(notice(lms, **changes)))

    assert (refused.code, refused.status, refused.values["place"]) == ("notice_malformed", 400, place)


def test_a_new_deployment_waits_and_is_met_only_when_its_notice_was_proved(read, lms, platforms):
    forged = notice(lms, spoil="signed_by_a_stranger", **{LTI + "deployment_id": "9"})
    refusal(read, posted(forged))
    assert platforms.met == []

    genuine = posted(notice(lms, **{LTI + "deployment_id": "9"}))
    assert refusal(read, genuine).code == "deployment_waiting"
    platforms.approve(lms.registration.id, "9")
    assert read(genuine)[0].deployment_id == "9"


def test_the_registration_is_the_one_that_issuer_and_audience_name(read, lms, clock):
    other = PlatformInMemory(client_id="plc-client-2", platform_id="platform-2", clock=clock)
    both = PlatformsInMemory(lms.registration, other.registration)

    assert read(posted(notice(other)), platforms=both)[0].platform.id == "platform-2"
    assert read(posted(notice(lms, aud=["plc-client-1"])), platforms=both)[0].platform.id == "platform-1"
    mine = {"aud": ["plc-client-1", "elsewhere"], "azp": "plc-client-1"}
    assert read(posted(notice(lms, **mine)), platforms=both)[0].platform.id == "platform-1"
    two = posted(notice(lms, aud=["plc-client-1", "plc-client-2"], azp="plc-client-1"))
    assert refusal(read, two, platforms=both).code == "client_ambiguous"


def test_a_platform_whose_keys_cannot_be_read_is_refused_for_now(read, lms, clock):
    elsewhere = replace(lms.registration, jwks_url="https://lms.example.org/gone")

    refused = refusal(read, posted(notice(lms)), platforms=PlatformsInMemory(elsewhere))
    assert (refused.code, refused.status) == ("keys_unavailable", 424)


@pytest.mark.parametrize("issuer", ["a\0b", "\ud800", 5, None, ["https://lms.example.org"]])
def test_an_issuer_no_database_could_hold_is_nobodys(lms, platforms, read, issuer):
    refused = refusal(read, posted(lms.sign(lms.claims("n") | {"iss": issuer})))

    assert refused.code == "platform_unknown"


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        (b" " * (LARGEST_BODY + 1), "body_too_large", 413),
        (b"", "body_malformed", 400),
        (b"[]", "body_malformed", 400),
        (b'{"notices": {}}', "body_malformed", 400),
        (b'{"notices": [{"jwt": 5}]}', "body_malformed", 400),
        (b'{"notices": ["a.b.c"]}', "body_malformed", 400),
        (b"\xff", "body_malformed", 400),
        (b'{"notices": ' + b"[" * 5000, "body_malformed", 400),
        (posted(*["a.b.c"] * (MOST_NOTICES + 1)), "notices_too_many", 413),
        (posted(""), "token_missing", 400),
        (posted("a.b.c"), "token_malformed", 400),
    ],
)
def test_a_post_that_is_no_list_of_notices_is_refused(read, body, code, status):
    refused = refusal(read, body)

    assert (refused.code, refused.status) == (code, status)
    assert "%(" not in refused.admin % refused.values


def test_a_hundred_notices_at_once_are_read(read, lms):
    assert len(read(posted(*[notice(lms)] * MOST_NOTICES))) == MOST_NOTICES


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    claim=st.sampled_from(["iss", "aud", "azp", "exp", "iat", "nbf"])
    | st.sampled_from([LTI + name for name in ("notice", "deployment_id", "version", "context", "origin_contexts")]),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["id", "type", "1.3.0"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "x"]), inner),
        max_leaves=5,
    ),
)
def test_a_signed_notice_with_any_claim_is_read_or_refused(read, lms, claim, value):
    claims = lms.claims("n") | {LTI + "notice": NOTICE | {"type": CONTEXT_COPY}} | {claim: value}
    try:
        read(posted(lms.sign(claims)))
    except NoticeRefused as refused:
        assert refused.code  # noqa: PT017


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=60).map(lambda text: posted(text.replace("\ud800", ""))))
def test_no_post_breaks_the_reader(read, body):
    try:
        assert read(body) == ()
    except NoticeRefused as refused:
        assert refused.status in (400, 403)  # noqa: PT017


def test_no_repr_of_a_notice_shows_its_claims(read, lms):
    assert "Ada" not in repr(read(posted(copy_of(lms, name="Ada Teacher"))))


def test_a_type_is_subscribed_to_with_our_address(services, caller, platform):
    subscribe(caller, platform, SERVICE, CONTEXT_COPY, HANDLER)
    unsubscribe(caller, platform, SERVICE, CONTEXT_COPY)

    assert [(asked.method, asked.url) for asked in services.calls] == [("PUT", SERVICE)] * 2
    assert [json.loads(asked.body) for asked in services.calls] == [
        {"notice_type": CONTEXT_COPY, "handler": HANDLER},
        {"notice_type": CONTEXT_COPY, "handler": ""},
    ]
    assert {asked.headers["Content-Type"] for asked in services.calls} == {"application/json"}
    assert b"noticehandlers" in services.token_calls[0].body


def test_a_subscription_that_is_not_taken_is_an_error(services, caller, platform):
    services.answers((400, {}, {"errors": []}))

    with pytest.raises(Refused):
        subscribe(caller, platform, SERVICE, CONTEXT_COPY, HANDLER)


def test_it_can_be_seen_which_notices_go_where(services, caller, platform):
    services.answers(
        (
            200,
            {},
            {
                "client_id": 10000000000068,
                "deployment_id": "1",
                "notice_handlers": [
                    {"notice_type": CONTEXT_COPY, "handler": HANDLER, "max_batch_size": 100},
                    {"notice_type": HELLO_WORLD, "handler": ""},
                    {"notice_type": "LtiOther", "handler": None},
                ],
            },
        )
    )
    assert dict(handlers(caller, platform, SERVICE)) == {CONTEXT_COPY: HANDLER}

    services.answers((200, {}, {"notice_handlers": "none"}))
    with pytest.raises(BadAnswer):
        handlers(caller, platform, SERVICE)
